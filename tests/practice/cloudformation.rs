//! `aws cloudformation package` and `deploy` of the unmodified AWS CLI against the practice account.

use std::path::{Path, PathBuf};

use crate::support::Practice;

const NETWORK: &str = "
Resources:
  Vpc: {Type: 'AWS::EC2::VPC', Properties: {CidrBlock: 10.0.0.0/16}}
  Subnet: {Type: 'AWS::EC2::Subnet', Properties: {VpcId: !Ref Vpc, CidrBlock: 10.0.1.0/24}}
  Group: {Type: 'AWS::EC2::SecurityGroup', Properties: {VpcId: !Ref Vpc, GroupDescription: functions}}
Outputs:
  Subnet: {Value: !Ref Subnet, Export: {Name: !Sub '${AWS::StackName}-PrivateSubnet'}}
  Group: {Value: !Ref Group, Export: {Name: !Sub '${AWS::StackName}-FunctionSecurityGroup'}}
";

/// The constructs of the public workshop's template: globals, an import with a substitution inside,
/// policies of every kind, an API whose definition names functions, simple tables, a schedule.
const KITES: &str = include_str!("../fixtures/templates/kites.yaml");

#[test]
fn a_packaged_application_is_deployed_changed_rolled_back_and_deleted() {
    let practice = Practice::start();
    practice.file("network.yaml", NETWORK);
    practice.file("template.yaml", KITES);
    practice.file(
        "app/kites.js",
        "export const handler = async () => ({statusCode: 200, body: '[]'});\n",
    );
    practice.file("app/package.json", "{\"type\": \"module\"}\n");
    practice.ok(&["s3", "mb", "s3://kites-deploy"]);

    // Without the network's exports nothing is made, and the message says which one is missing.
    practice.package("template.yaml", "kites-deploy", "packaged.yaml");
    let early = practice.deploy("Kites", "packaged.yaml", &[]);
    assert!(!early.good());
    assert!(early.text.contains("No export named Kite-Network-"), "{}", early.text);

    assert!(practice.deploy("Kite-Network", "network.yaml", &[]).good());
    let refused = practice.aws(&[
        "cloudformation",
        "deploy",
        "--stack-name",
        "Kites",
        "--template-file",
        "packaged.yaml",
    ]);
    assert!(refused.text.contains("Requires capabilities : [CAPABILITY_IAM]"), "{}", refused.text);
    let created = practice.deploy("Kites", "packaged.yaml", &[]);
    assert!(created.good(), "{}", created.text);
    assert_eq!(practice.status("Kites"), "CREATE_COMPLETE");
    let made = practice.physical("Kites");
    for logical in [
        "KiteApi",
        "KiteApidevStage",
        "KitesFunction",
        "KitesFunctionRole",
        "KitesFunctionListKitesPermissiondev",
        "RenterTable",
        "ReportScheduler",
    ] {
        assert!(
            made.iter().any(|line| line.starts_with(&format!("{logical}\t"))),
            "{logical} in {made:?}"
        );
    }

    // The same again changes nothing, and the CLI says so with an exit code of its own choosing.
    practice.package("template.yaml", "kites-deploy", "packaged.yaml");
    let again = practice.deploy("Kites", "packaged.yaml", &["--no-fail-on-empty-changeset"]);
    assert!(again.good(), "{}", again.text);
    assert!(again.text.contains("No changes to deploy"), "{}", again.text);
    assert!(!practice.deploy("Kites", "packaged.yaml", &["--fail-on-empty-changeset"]).good());
    assert_eq!(practice.physical("Kites"), made);

    let now = redeploys(&practice, &made);
    fails_and_rolls_back(&practice, &now);
    deletes(&practice);
}

/// A changed definition: the resources afterwards.
fn redeploys(practice: &Practice, made: &[String]) -> Vec<String> {
    // A changed definition brings a new deployment of the same API.
    practice.file(
        "changed.yaml",
        &KITES.replace("        info:", "        x-changed: yes\n        info:"),
    );
    practice.package("changed.yaml", "kites-deploy", "packaged.yaml");
    let changed = practice.deploy("Kites", "packaged.yaml", &[]);
    assert!(changed.good(), "{}", changed.text);
    assert_eq!(practice.status("Kites"), "UPDATE_COMPLETE");
    let now = practice.physical("Kites");
    let line = |lines: &[String], start: &str| {
        lines.iter().find(|line| line.starts_with(start)).unwrap().clone()
    };
    assert_eq!(line(&now, "KiteApi\t"), line(made, "KiteApi\t"));
    assert_ne!(line(&now, "KiteApiDeployment"), line(made, "KiteApiDeployment"));
    now
}

fn fails_and_rolls_back(practice: &Practice, before: &[String]) {
    // One function's code is gone from the bucket: everything else that changed comes back too.
    practice.file(
        "broken.yaml",
        &KITES.replace("Timeout: 30", "Timeout: 12").replace(
            "  ReportFunction:\n",
            "  GoneFunction:\n    Type: AWS::Serverless::Function\n    Properties:\n      CodeUri: s3://kites-deploy/gone.zip\n      Handler: a.b\n\n  ReportFunction:\n",
        ),
    );
    practice.package("broken.yaml", "kites-deploy", "packaged.yaml");
    let failed = practice.deploy("Kites", "packaged.yaml", &[]);
    assert!(!failed.good());
    assert_eq!(practice.status("Kites"), "UPDATE_ROLLBACK_COMPLETE");
    assert_eq!(practice.physical("Kites"), before);
    let reasons = practice.ok(&[
        "cloudformation",
        "describe-stack-events",
        "--stack-name",
        "Kites",
        "--query",
        "StackEvents[?ResourceStatus=='CREATE_FAILED'].[LogicalResourceId,ResourceStatusReason]",
        "--output",
        "text",
    ]);
    assert!(reasons.starts_with("GoneFunction\t"), "{reasons}");
    let name = practice.ok(&[
        "cloudformation",
        "describe-stack-resource",
        "--stack-name",
        "Kites",
        "--logical-resource-id",
        "KitesFunction",
        "--query",
        "StackResourceDetail.PhysicalResourceId",
        "--output",
        "text",
    ]);
    let timeout = practice.ok(&[
        "lambda",
        "get-function-configuration",
        "--function-name",
        &name,
        "--query",
        "Timeout",
        "--output",
        "text",
    ]);
    assert_eq!(timeout, "30", "the function has its old time-out again");
}

fn deletes(practice: &Practice) {
    practice.ok(&["cloudformation", "delete-stack", "--stack-name", "Kite-Network"]);
    assert_eq!(practice.status("Kite-Network"), "DELETE_FAILED", "its exports are in use");
    let id = practice.described("Kites", "Stacks[0].StackId");
    practice.ok(&["cloudformation", "delete-stack", "--stack-name", "Kites"]);
    let query =
        "StackEvents[?ResourceStatus=='DELETE_FAILED'].[LogicalResourceId,ResourceStatusReason]";
    let failed = practice.ok(&[
        "cloudformation",
        "describe-stack-events",
        "--stack-name",
        &id,
        "--query",
        query,
        "--output",
        "text",
    ]);
    assert_eq!(failed, "");
    practice.ok(&["cloudformation", "wait", "stack-delete-complete", "--stack-name", "Kites"]);
    practice.ok(&["cloudformation", "delete-stack", "--stack-name", "Kite-Network"]);
    let gone = practice.aws(&["cloudformation", "describe-stacks", "--stack-name", "Kite-Network"]);
    assert!(
        gone.text.contains("(ValidationError)")
            && gone.text.contains("Stack with id Kite-Network does not exist"),
        "{}",
        gone.text
    );
}

#[test]
fn a_bucket_with_objects_keeps_its_stack() {
    let practice = Practice::start();
    practice.file("bucket.yaml", "Resources: {Deployments: {Type: 'AWS::S3::Bucket'}}\nOutputs: {Bucket: {Value: !Ref Deployments}}\n");
    assert!(practice.deploy("Setup", "bucket.yaml", &[]).good());
    let bucket = practice.described("Setup", "Stacks[0].Outputs[0].OutputValue");
    practice.file("object.txt", "text");
    practice.ok(&["s3", "cp", "object.txt", &format!("s3://{bucket}/object.txt")]);
    practice.ok(&["cloudformation", "delete-stack", "--stack-name", "Setup"]);
    assert_eq!(practice.status("Setup"), "DELETE_FAILED");
    practice.ok(&["s3", "rm", "--recursive", &format!("s3://{bucket}")]);
    let id = practice.described("Setup", "Stacks[0].StackId");
    practice.ok(&["cloudformation", "delete-stack", "--stack-name", "Setup"]);
    practice.ok(&["cloudformation", "wait", "stack-delete-complete", "--stack-name", "Setup"]);
    assert!(!practice.aws(&["cloudformation", "describe-stacks", "--stack-name", "Setup"]).good());
    // By its id it still says what it had.
    let had = practice.aws(&["cloudformation", "list-stack-resources", "--stack-name", &id]).json();
    let had = &had["StackResourceSummaries"][0];
    assert_eq!(
        (&had["ResourceStatus"], &had["PhysicalResourceId"]),
        (&"DELETE_COMPLETE".into(), &bucket.into())
    );
}

/// The course's own application, template by template.
#[test]
fn the_starter_application_is_deployed() {
    let practice = Practice::start();
    let app = Path::new(env!("CARGO_MANIFEST_DIR")).join("content/app");
    let template = |name: &str| app.join(name).display().to_string();
    let setup = practice.deploy("Secure-Serverless", &template("setup.yaml"), &[]);
    assert!(setup.good(), "{}", setup.text);
    let bucket = practice.output("Secure-Serverless", "DeploymentS3Bucket");
    for (stack, file) in
        [("Secure-Serverless-Database", "database.yaml"), ("CustomizeUnicorns", "template.yaml")]
    {
        practice.package(&template(file), &bucket, "packaged.yaml");
        let deployed = practice.deploy(stack, "packaged.yaml", &[]);
        assert!(deployed.good(), "{}", deployed.text);
        assert_eq!(practice.status(stack), "CREATE_COMPLETE");
    }
    let url = practice.output("CustomizeUnicorns", "ApiURL");
    assert!(
        url.starts_with("https://") && url.ends_with(".execute-api.us-east-1.amazonaws.com/dev/"),
        "{url}"
    );
}

/// The public workshop's own templates, from a copy of its repository: it isn't ours to keep here.
#[test]
#[ignore = "needs the directory of a copy of the public workshop's repository in STEPPROOF_WORKSHOP"]
fn the_public_workshops_templates_are_deployed() {
    let workshop = PathBuf::from(std::env::var("STEPPROOF_WORKSHOP").expect("STEPPROOF_WORKSHOP"));
    let practice = Practice::start();
    let source = |name: &str| workshop.join("src").join(name).display().to_string();
    let init = source("init/init-template.yml");
    let setup = practice.deploy(
        "Secure-Serverless",
        &init,
        &["--parameter-overrides", "DbPassword=Corp123!"],
    );
    assert!(setup.good(), "{}", setup.text);
    practice.ok(&["s3", "mb", "s3://kites-deploy"]);
    practice.package(&source("template.yaml"), "kites-deploy", "packaged.yaml");
    let deployed = practice.deploy("CustomizeUnicorns", "packaged.yaml", &[]);
    assert!(deployed.good(), "{}", deployed.text);
    assert_eq!(practice.physical("CustomizeUnicorns").len(), 25);
    practice.ok(&["cloudformation", "delete-stack", "--stack-name", "CustomizeUnicorns"]);
    practice.ok(&["cloudformation", "delete-stack", "--stack-name", "Secure-Serverless"]);
    let left = practice.ok(&[
        "cloudformation",
        "describe-stacks",
        "--query",
        "Stacks[].[StackName,StackStatusReason]",
        "--output",
        "text",
    ]);
    assert_eq!(left, "");
}

const LAYER: &str = "
Transform: AWS::Serverless-2016-10-31
Resources:
  Shared:
    Type: AWS::Serverless::LayerVersion
    Properties: {LayerName: shared, ContentUri: layer, CompatibleRuntimes: [nodejs22.x]}
  Parts:
    Type: AWS::Serverless::Function
    Properties:
      FunctionName: layered
      CodeUri: app
      Handler: parts.handler
      Runtime: nodejs22.x
      Layers: [!Ref Shared]
Outputs:
  Version: {Value: !Ref Shared}
";

#[test]
fn a_layer_brings_its_packages_and_a_new_version_takes_its_place() {
    let practice = Practice::start();
    practice.ok(&["s3", "mb", "s3://kites-deploy"]);
    practice.file("template.yaml", LAYER);
    practice.file(
        "app/parts.js",
        "import mysql from 'mysql2/promise';\nexport const handler = async () => mysql;\n",
    );
    practice.file("layer/nodejs/node_modules/other/package.json", "{}");
    let deploy = || {
        practice.package("template.yaml", "kites-deploy", "packaged.yaml");
        let deployed = practice.deploy("Layered", "packaged.yaml", &[]);
        assert!(deployed.good(), "{}", deployed.text);
        practice.output("Layered", "Version")
    };
    let invoke = || {
        let invoked =
            practice.aws(&["lambda", "invoke", "--function-name", "layered", "answer.json"]);
        assert!(invoked.good(), "{}", invoked.text);
        std::fs::read_to_string(practice.path().join("answer.json")).unwrap()
    };
    let first = deploy();
    assert_eq!(first, "arn:aws:lambda:us-east-1:000000000000:layer:shared:1");
    assert!(invoke().contains("Cannot find package 'mysql2'"), "{}", invoke());

    practice.file("layer/nodejs/node_modules/mysql2/package.json", "{}");
    let second = deploy();
    assert_eq!(second, "arn:aws:lambda:us-east-1:000000000000:layer:shared:2");
    assert!(!invoke().contains("Cannot find"), "{}", invoke());
    let function =
        practice.aws(&["lambda", "get-function-configuration", "--function-name", "layered"]);
    let layer = &function.json()["Layers"][0];
    assert_eq!(layer["Arn"], second.as_str());
    assert!(layer["CodeSize"].as_u64().unwrap() > 0, "{layer}");
    // SAM keeps the version before.
    let versions = practice.aws(&["lambda", "list-layer-versions", "--layer-name", "shared"]);
    let versions = versions.json();
    let arns: Vec<_> = versions["LayerVersions"].as_array().unwrap().iter().collect();
    let arns: Vec<_> = arns.iter().map(|one| one["LayerVersionArn"].as_str().unwrap()).collect();
    assert_eq!(arns, [second.as_str(), first.as_str()]);
    let version = ["--layer-name", "shared", "--version-number", "1"];
    let version = practice.aws(&[&["lambda", "get-layer-version"], &version[..]].concat());
    assert_eq!(version.json()["CompatibleRuntimes"][0], "nodejs22.x");

    practice.file("template.yaml", &LAYER.replace("!Ref Shared]", "!Sub '${Shared}9']"));
    practice.package("template.yaml", "kites-deploy", "packaged.yaml");
    assert!(!practice.deploy("Layered", "packaged.yaml", &[]).good());
    let events = ["cloudformation", "describe-stack-events", "--stack-name", "Layered"];
    let events = practice.ok(&events);
    assert!(events.contains("layer:shared:29 does not exist"), "{events}");
}

const LOGGING: &str = "
Resources:
  Role:
    Type: AWS::IAM::Role
    Properties:
      AssumeRolePolicyDocument:
        Version: '2012-10-17'
        Statement: [{Effect: Allow, Principal: {Service: apigateway.amazonaws.com}, Action: 'sts:AssumeRole'}]
  Account:
    Type: AWS::ApiGateway::Account
    Properties: {CloudWatchRoleArn: !GetAtt Role.Arn}
  Api:
    Type: AWS::ApiGateway::RestApi
    Properties: {Name: logged}
  Method:
    Type: AWS::ApiGateway::Method
    Properties: {RestApiId: !Ref Api, ResourceId: !GetAtt Api.RootResourceId, HttpMethod: GET, AuthorizationType: NONE, Integration: {Type: MOCK}}
  Deployment:
    Type: AWS::ApiGateway::Deployment
    DependsOn: Method
    Properties: {RestApiId: !Ref Api}
  Stage:
    Type: AWS::ApiGateway::Stage
    DependsOn: Account
    Properties:
      RestApiId: !Ref Api
      DeploymentId: !Ref Deployment
      StageName: dev
      MethodSettings: [{ResourcePath: '/*', HttpMethod: '*', LoggingLevel: ERROR}]
";

#[test]
fn an_api_logs_only_with_a_role_in_the_accounts_settings() {
    let practice = Practice::start();
    let (_, account) = LOGGING.split_once("  Account:\n").unwrap();
    let (account, _) = account.split_once("  Api:\n").unwrap();
    let without = LOGGING.replace(&format!("  Account:\n{account}"), "");
    let without = without.replace("    DependsOn: Account\n", "");
    practice.file("without.yaml", &without);
    assert!(!practice.deploy("Without", "without.yaml", &[]).good());
    let events = ["cloudformation", "describe-stack-events", "--stack-name", "Without"];
    let events = practice.ok(&events);
    let said = "CloudWatch Logs role ARN must be set in account settings to enable logging";
    assert!(events.contains(said), "{events}");

    practice.file("template.yaml", LOGGING);
    let deployed = practice.deploy("Logged", "template.yaml", &[]);
    assert!(deployed.good(), "{}", deployed.text);
    let settings = practice.aws(&["apigateway", "get-account"]).json();
    let role = settings["cloudwatchRoleArn"].as_str().unwrap();
    assert!(role.contains(":role/Logged-Role-"), "{role}");
    // The setting outlives the stack, as on AWS.
    practice.ok(&["cloudformation", "delete-stack", "--stack-name", "Logged"]);
    assert_eq!(practice.aws(&["apigateway", "get-account"]).json()["cloudwatchRoleArn"], role);
    let nobody = "op=replace,path=/cloudwatchRoleArn,value=arn:aws:iam::000000000000:role/nobody";
    let refused = practice.aws(&["apigateway", "update-account", "--patch-operations", nobody]);
    assert!(refused.text.contains("does not have required permissions"), "{}", refused.text);
}
