//! `aws cloudformation package` and `deploy` of the unmodified AWS CLI against the practice account.

#![expect(clippy::unwrap_used, reason = "a test stops at what it did not expect")]

use std::path::{Path, PathBuf};
use std::process::Command;

use stepproof::practice::store::Store;
use stepproof::practice::{Options, Running, serve};
use tokio::runtime::Runtime;

/// A practice account of its own, and the AWS CLI pointed at it.
struct Practice {
    server: Option<Running>,
    runtime: Runtime,
    directory: tempfile::TempDir,
}

/// What a command came to.
struct Ended {
    code: Option<i32>,
    text: String,
}

/// The AWS CLI: the machine's, else the one that CI installs.
fn cli() -> PathBuf {
    let has = |name: &str| {
        Command::new(name).arg("--version").output().is_ok_and(|run| run.status.success())
    };
    if has("aws") {
        return PathBuf::from("aws");
    }
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join(".ci/venv");
    let target = Path::new(env!("CARGO_TARGET_TMPDIR")).parent().unwrap();
    let output =
        Command::new(script).env("CARGO_TARGET_DIR", target).output().expect(".ci/venv starts");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    Path::new(String::from_utf8(output.stdout).unwrap().trim()).join("aws")
}

impl Practice {
    fn start() -> Self {
        let runtime = Runtime::new().unwrap();
        let options = Options { store: Store::in_memory().unwrap(), port: 0, faults: Vec::new() };
        let server = runtime.block_on(serve(options)).unwrap();
        Self { server: Some(server), runtime, directory: tempfile::tempdir().unwrap() }
    }

    fn file(&self, name: &str, text: &str) {
        let path = self.directory.path().join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    }

    fn aws(&self, arguments: &[&str]) -> Ended {
        let port = self.server.as_ref().unwrap().port;
        let output = Command::new(cli())
            .args(arguments)
            .current_dir(self.directory.path())
            .env("AWS_ENDPOINT_URL", format!("http://127.0.0.1:{port}"))
            .env("AWS_ACCESS_KEY_ID", "000000000000")
            .env("AWS_SECRET_ACCESS_KEY", "practice")
            .env("AWS_DEFAULT_REGION", "us-east-1")
            .env("AWS_CONFIG_FILE", self.directory.path().join("none"))
            .env("AWS_SHARED_CREDENTIALS_FILE", self.directory.path().join("none"))
            .env("AWS_PAGER", "")
            .env_remove("AWS_PROFILE")
            .env_remove("AWS_SESSION_TOKEN")
            .env_remove("HTTP_PROXY")
            .env_remove("http_proxy")
            .output()
            .unwrap();
        let text = format!(
            "{}{}",
            String::from_utf8_lossy(&output.stdout),
            String::from_utf8_lossy(&output.stderr)
        );
        Ended { code: output.status.code(), text }
    }

    /// Runs the command, which must succeed; its output.
    fn ok(&self, arguments: &[&str]) -> String {
        let ended = self.aws(arguments);
        assert_eq!(ended.code, Some(0), "aws {}: {}", arguments.join(" "), ended.text);
        ended.text.trim().to_owned()
    }

    fn status(&self, stack: &str) -> String {
        self.ok(&[
            "cloudformation",
            "describe-stacks",
            "--stack-name",
            stack,
            "--query",
            "Stacks[0].StackStatus",
            "--output",
            "text",
        ])
    }

    fn package(&self, template: &str, packaged: &str) {
        self.ok(&[
            "cloudformation",
            "package",
            "--template-file",
            template,
            "--s3-bucket",
            "kites-deploy",
            "--output-template-file",
            packaged,
        ]);
    }

    fn deploy(&self, stack: &str, template: &str, more: &[&str]) -> Ended {
        let mut arguments = vec![
            "cloudformation",
            "deploy",
            "--stack-name",
            stack,
            "--template-file",
            template,
            "--capabilities",
            "CAPABILITY_IAM",
        ];
        arguments.extend(more);
        self.aws(&arguments)
    }

    fn physical(&self, stack: &str) -> Vec<String> {
        let query = "StackResourceSummaries[].[LogicalResourceId,PhysicalResourceId]";
        let text = self.ok(&[
            "cloudformation",
            "list-stack-resources",
            "--stack-name",
            stack,
            "--query",
            query,
            "--output",
            "text",
        ]);
        text.lines().map(str::to_owned).collect()
    }
}

impl Drop for Practice {
    fn drop(&mut self) {
        if let Some(server) = self.server.take() {
            self.runtime.block_on(server.stop());
        }
    }
}

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
const KITES: &str = include_str!("fixtures/templates/kites.yaml");

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
    practice.package("template.yaml", "packaged.yaml");
    let early = practice.deploy("Kites", "packaged.yaml", &[]);
    assert_ne!(early.code, Some(0));
    assert!(early.text.contains("No export named Kite-Network-"), "{}", early.text);

    assert_eq!(practice.deploy("Kite-Network", "network.yaml", &[]).code, Some(0));
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
    assert_eq!(created.code, Some(0), "{}", created.text);
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
    practice.package("template.yaml", "packaged.yaml");
    let again = practice.deploy("Kites", "packaged.yaml", &["--no-fail-on-empty-changeset"]);
    assert_eq!(again.code, Some(0), "{}", again.text);
    assert!(again.text.contains("No changes to deploy"), "{}", again.text);
    assert_ne!(
        practice.deploy("Kites", "packaged.yaml", &["--fail-on-empty-changeset"]).code,
        Some(0)
    );
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
    practice.package("changed.yaml", "packaged.yaml");
    let changed = practice.deploy("Kites", "packaged.yaml", &[]);
    assert_eq!(changed.code, Some(0), "{}", changed.text);
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
    practice.package("broken.yaml", "packaged.yaml");
    let failed = practice.deploy("Kites", "packaged.yaml", &[]);
    assert_ne!(failed.code, Some(0));
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
    let id = practice.ok(&[
        "cloudformation",
        "describe-stacks",
        "--stack-name",
        "Kites",
        "--query",
        "Stacks[0].StackId",
        "--output",
        "text",
    ]);
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
    assert_eq!(practice.deploy("Setup", "bucket.yaml", &[]).code, Some(0));
    let bucket = practice.ok(&[
        "cloudformation",
        "describe-stacks",
        "--stack-name",
        "Setup",
        "--query",
        "Stacks[0].Outputs[0].OutputValue",
        "--output",
        "text",
    ]);
    practice.file("object.txt", "text");
    practice.ok(&["s3", "cp", "object.txt", &format!("s3://{bucket}/object.txt")]);
    practice.ok(&["cloudformation", "delete-stack", "--stack-name", "Setup"]);
    assert_eq!(practice.status("Setup"), "DELETE_FAILED");
    practice.ok(&["s3", "rm", "--recursive", &format!("s3://{bucket}")]);
    practice.ok(&["cloudformation", "delete-stack", "--stack-name", "Setup"]);
    assert_ne!(
        practice.aws(&["cloudformation", "describe-stacks", "--stack-name", "Setup"]).code,
        Some(0)
    );
}

/// The course's own application, template by template.
#[test]
fn the_starter_application_is_deployed() {
    let practice = Practice::start();
    let app = Path::new(env!("CARGO_MANIFEST_DIR")).join("content/app");
    let template = |name: &str| app.join(name).display().to_string();
    let setup = practice.deploy("Secure-Serverless", &template("setup.yaml"), &[]);
    assert_eq!(setup.code, Some(0), "{}", setup.text);
    let bucket = practice.ok(&[
        "cloudformation",
        "describe-stacks",
        "--stack-name",
        "Secure-Serverless",
        "--query",
        "Stacks[0].Outputs[?OutputKey=='DeploymentS3Bucket'].OutputValue",
        "--output",
        "text",
    ]);
    for (stack, file) in
        [("Secure-Serverless-Database", "database.yaml"), ("CustomizeUnicorns", "template.yaml")]
    {
        practice.ok(&[
            "cloudformation",
            "package",
            "--template-file",
            &template(file),
            "--s3-bucket",
            &bucket,
            "--output-template-file",
            "packaged.yaml",
        ]);
        let deployed = practice.deploy(stack, "packaged.yaml", &[]);
        assert_eq!(deployed.code, Some(0), "{}", deployed.text);
        assert_eq!(practice.status(stack), "CREATE_COMPLETE");
    }
    let url = practice.ok(&[
        "cloudformation",
        "describe-stacks",
        "--stack-name",
        "CustomizeUnicorns",
        "--query",
        "Stacks[0].Outputs[?OutputKey=='ApiURL'].OutputValue",
        "--output",
        "text",
    ]);
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
    assert_eq!(setup.code, Some(0), "{}", setup.text);
    practice.ok(&["s3", "mb", "s3://kites-deploy"]);
    practice.package(&source("template.yaml"), "packaged.yaml");
    let deployed = practice.deploy("CustomizeUnicorns", "packaged.yaml", &[]);
    assert_eq!(deployed.code, Some(0), "{}", deployed.text);
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
