//! The practice account as its callers see it: the unmodified AWS CLI, the typed SDK, and requests
//! that no client would send.

use serde_json::json;

use crate::support::{Practice, signature};

#[test]
fn the_access_key_is_the_account_and_state_outlives_a_restart() {
    let practice = Practice::start();
    let identity = practice.aws(&["sts", "get-caller-identity"]).json();
    assert_eq!(identity["Account"], "000000000000");
    let other = practice.aws_as("111122223333", &["sts", "get-caller-identity"]).json();
    assert_eq!(other["Account"], "111122223333");

    practice.aws(&["s3", "mb", "s3://practice-one"]);
    let taken = practice.aws_as("111122223333", &["s3", "mb", "s3://practice-one"]);
    assert!(taken.text.contains("BucketAlreadyExists"), "{}", taken.text);
    practice.aws_as("111122223333", &["s3", "mb", "s3://practice-two"]);

    let practice = practice.restart();
    let listed = |key: &str| {
        let answer = practice.aws_as(key, &["s3api", "list-buckets"]).json();
        answer["Buckets"].as_array().unwrap().iter().map(|b| b["Name"].clone()).collect::<Vec<_>>()
    };
    assert_eq!(listed("test"), ["practice-one"]);
    assert_eq!(listed("111122223333"), ["practice-two"]);
}

#[test]
fn the_cli_moves_objects_whole_and_in_parts() {
    let practice = Practice::start();
    let file = |name: &str| practice.path().join(name);
    std::fs::write(file("small.txt"), "small").unwrap();
    // Over the CLI's threshold of 8 MB: it uploads in parts and downloads in ranges.
    let large: Vec<u8> = (0..9_500_000_u32).map(|n| n.to_le_bytes()[n as usize % 3]).collect();
    std::fs::write(file("large.bin"), &large).unwrap();
    assert!(practice.aws(&["s3", "mb", "s3://practice"]).good());
    for (from, to) in
        [("small.txt", "s3://practice/a b/small.txt"), ("large.bin", "s3://practice/large.bin")]
    {
        let ended = practice.aws(&["s3", "cp", from, to]);
        assert!(ended.good(), "{}", ended.text);
    }
    let ended = practice.aws(&["s3", "cp", "s3://practice/large.bin", "back.bin"]);
    assert!(ended.good(), "{}", ended.text);
    assert!(std::fs::read(file("back.bin")).unwrap() == large);

    let head =
        practice.aws(&["s3api", "head-object", "--bucket", "practice", "--key", "a b/small.txt"]);
    assert_eq!(head.json()["ContentLength"], 5);
    let listed = practice
        .aws(&["s3api", "list-objects-v2", "--bucket", "practice", "--delimiter", "/"])
        .json();
    assert_eq!(listed["CommonPrefixes"][0]["Prefix"], "a b/");
    assert_eq!(listed["Contents"].as_array().unwrap().len(), 1);
    let missing =
        practice.aws(&["s3api", "get-object", "--bucket", "practice", "--key", "no", "x"]);
    assert!(missing.text.contains("NoSuchKey"), "{}", missing.text);
    let full = practice.aws(&["s3", "rb", "s3://practice"]);
    assert!(full.text.contains("BucketNotEmpty"), "{}", full.text);
    assert!(practice.aws(&["s3", "rb", "s3://practice", "--force"]).good());
}

const TEMPLATE: &str = r#"{"Resources": {
  "Role": {"Type": "AWS::IAM::Role", "Properties": {
    "AssumeRolePolicyDocument": {"Version": "2012-10-17", "Statement": [{"Effect": "Allow",
      "Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole"}]},
    "ManagedPolicyArns": ["arn:aws:iam::aws:policy/AdministratorAccess"],
    "Policies": [{"PolicyName": "Inline", "PolicyDocument": {"Version": "2012-10-17",
      "Statement": [{"Effect": "Allow", "Action": "s3:GetObject", "Resource": "*"}]}}],
    "RoleName": "practice-role"}},
  "Function": {"Type": "AWS::Lambda::Function", "Properties": {
    "FunctionName": "practice-function", "Runtime": "nodejs22.x", "Handler": "index.handler",
    "Role": {"Fn::GetAtt": ["Role", "Arn"]}, "Code": {"ZipFile": "exports.handler = 1"},
    "Environment": {"Variables": {"NAME": "value"}}}},
  "Allow": {"Type": "AWS::Lambda::Permission", "Properties": {
    "FunctionName": {"Ref": "Function"}, "Action": "lambda:InvokeFunction",
    "Principal": "apigateway.amazonaws.com"}},
  "Table": {"Type": "AWS::DynamoDB::Table", "Properties": {
    "TableName": "partners", "BillingMode": "PAY_PER_REQUEST",
    "AttributeDefinitions": [{"AttributeName": "ClientID", "AttributeType": "S"}],
    "KeySchema": [{"AttributeName": "ClientID", "KeyType": "HASH"}]}},
  "Cluster": {"Type": "AWS::RDS::DBCluster", "Properties": {
    "Engine": "aurora-mysql", "MasterUsername": "admin", "MasterUserPassword": "Very-secret-1"}}
}}"#;

fn deployed() -> Practice {
    let practice = Practice::start();
    practice.file("t.json", TEMPLATE);
    let named = ["--capabilities", "CAPABILITY_NAMED_IAM"];
    let ended = practice.deploy("practice", "t.json", &named);
    assert!(ended.good(), "{}", ended.text);
    practice
}

#[test]
fn the_cli_reads_what_a_template_made() {
    let practice = deployed();
    let function =
        practice.aws(&["lambda", "get-function", "--function-name", "practice-function"]).json();
    assert_eq!(function["Configuration"]["State"], "Active");
    assert_eq!(function["Configuration"]["Environment"]["Variables"]["NAME"], "value");
    let location = function["Code"]["Location"].as_str().unwrap();
    assert_eq!(practice.send("GET", location, &[], b"").0, 200);
    let forged = location.split("X-Amz-Signature").next().unwrap();
    assert_eq!(practice.send("GET", forged, &[], b"").0, 403);
    let policy =
        practice.aws(&["lambda", "get-policy", "--function-name", "practice-function"]).json();
    assert!(policy["Policy"].as_str().unwrap().contains("apigateway.amazonaws.com"));

    let role = practice.aws(&["iam", "get-role", "--role-name", "practice-role"]).json();
    assert_eq!(
        role["Role"]["AssumeRolePolicyDocument"]["Statement"][0]["Action"],
        "sts:AssumeRole"
    );
    let attached = practice
        .aws(&["iam", "list-attached-role-policies", "--role-name", "practice-role"])
        .json();
    assert_eq!(attached["AttachedPolicies"][0]["PolicyName"], "AdministratorAccess");
    let inline = practice
        .aws(&["iam", "get-role-policy", "--role-name", "practice-role", "--policy-name", "Inline"])
        .json();
    assert_eq!(inline["PolicyDocument"]["Statement"][0]["Action"], "s3:GetObject");

    let clusters = practice.aws(&["rds", "describe-db-clusters"]);
    assert_eq!(clusters.json()["DBClusters"][0]["Status"], "available");
    assert!(!clusters.text.contains("Very-secret-1"));
}

#[test]
fn a_runtime_that_lambda_blocks_is_refused_for_new_functions_and_old_ones() {
    let practice = deployed();
    let said =
        "The runtime parameter of nodejs14.x is no longer supported for creating or updating";
    let function = ["--function-name", "practice-function"];
    let update = ["lambda", "update-function-configuration", "--runtime", "nodejs14.x"];
    let refused = practice.aws(&[&update[..], &function].concat());
    assert!(refused.text.contains("(InvalidParameterValueException)"), "{}", refused.text);
    assert!(refused.text.contains(said), "{}", refused.text);
    let query = ["--query", "Runtime", "--output", "text"];
    let runtime = ["lambda", "get-function-configuration"];
    assert_eq!(practice.ok(&[&runtime[..], &function, &query].concat()), "nodejs22.x");

    let practice = Practice::start();
    practice.file("t.json", &TEMPLATE.replace("nodejs22.x", "nodejs14.x"));
    let named = ["--capabilities", "CAPABILITY_NAMED_IAM"];
    assert!(!practice.deploy("practice", "t.json", &named).good());
    assert_eq!(practice.status("practice"), "ROLLBACK_COMPLETE");
    let events = ["cloudformation", "describe-stack-events", "--stack-name", "practice"];
    let events = practice.ok(&events);
    assert!(events.contains(said), "{events}");
}

#[test]
fn items_are_written_read_queried_and_removed() {
    let practice = deployed();
    let item = |id: &str| json!({ "ClientID": {"S": id}, "CompanyID": {"S": "7"} }).to_string();
    let key = json!({ "ClientID": {"S": "one"} }).to_string();
    for id in ["one", "two", "three"] {
        let put = practice.aws(&[
            "dynamodb",
            "put-item",
            "--table-name",
            "partners",
            "--item",
            &item(id),
        ]);
        assert!(put.good(), "{}", put.text);
    }
    let found =
        practice.aws(&["dynamodb", "get-item", "--table-name", "partners", "--key", &key]).json();
    assert_eq!(found["Item"]["CompanyID"]["S"], "7");
    let values = json!({ ":id": {"S": "two"} }).to_string();
    let query = practice.aws(&[
        "dynamodb",
        "query",
        "--table-name",
        "partners",
        "--key-condition-expression",
        "ClientID = :id",
        "--expression-attribute-values",
        &values,
    ]);
    assert_eq!(query.json()["Count"], 1);
    let again = practice.aws(&[
        "dynamodb",
        "put-item",
        "--table-name",
        "partners",
        "--item",
        &item("one"),
        "--condition-expression",
        "attribute_not_exists(ClientID)",
    ]);
    assert!(again.text.contains("ConditionalCheckFailedException"), "{}", again.text);
    // The CLI follows the pages of one item each.
    let scan =
        practice.aws(&["dynamodb", "scan", "--table-name", "partners", "--page-size", "1"]).json();
    assert_eq!(scan["Items"].as_array().unwrap().len(), 3);
    practice.aws(&["dynamodb", "delete-item", "--table-name", "partners", "--key", &key]);
    let gone = practice.aws(&["dynamodb", "get-item", "--table-name", "partners", "--key", &key]);
    assert!(!gone.text.contains("CompanyID"), "{}", gone.text);
    let filtered = practice.aws(&[
        "dynamodb",
        "scan",
        "--table-name",
        "partners",
        "--filter-expression",
        "CompanyID = :id",
        "--expression-attribute-values",
        &values,
    ]);
    assert!(filtered.text.contains("NotImplemented"), "{}", filtered.text);
}

#[test]
fn what_is_not_offered_is_named_in_every_protocol() {
    let practice = Practice::start();
    for (words, name) in [
        (&["iam", "list-users"][..], "iam:ListUsers"),
        (
            &[
                "cognito-idp",
                "list-user-import-jobs",
                "--user-pool-id",
                "us-east-1_a",
                "--max-results",
                "1",
            ],
            "ListUserImportJobs",
        ),
        (&["dynamodb", "list-backups"], "dynamodb:ListBackups"),
        (&["lambda", "list-layers"], "/2018-10-31/layers"),
        (&["s3api", "get-bucket-acl", "--bucket", "practice"], "?acl"),
        (&["sqs", "list-queues"], "sqs:ListQueues"),
        (&["ec2", "describe-vpcs"], "ec2:DescribeVpcs"),
    ] {
        let ended = practice.aws(words);
        assert!(!ended.good());
        assert!(ended.text.contains("NotImplemented"), "{words:?}: {}", ended.text);
        assert!(ended.text.contains(name), "{words:?}: {}", ended.text);
    }
}

#[test]
fn injected_faults_reach_clients_as_aws_words_them() {
    let practice = Practice::start();
    let function = ["lambda", "get-function", "--function-name", "x"];
    for (action, fault, words, expected) in [
        (
            "lambda:GetFunction",
            "access_denied",
            &function[..],
            ["AccessDenied", "lambda:GetFunction"],
        ),
        ("lambda:*", "throttling", &function, ["TooManyRequestsException", "Rate exceeded"]),
        (
            "apigateway:GET",
            "access_denied",
            &["apigateway", "get-rest-apis"],
            ["AccessDenied", "apigateway:GET"],
        ),
        (
            "dynamodb:ListTables",
            "access_denied",
            &["dynamodb", "list-tables"],
            ["AccessDenied", "dynamodb:ListTables"],
        ),
        (
            "sts:GetCallerIdentity",
            "expired_token",
            &["sts", "get-caller-identity"],
            ["ExpiredToken", "expired"],
        ),
        (
            "iam:GetRole",
            "server_error",
            &["iam", "get-role", "--role-name", "x"],
            ["InternalFailure", "internal error"],
        ),
        (
            "s3:ListAllMyBuckets",
            "throttling",
            &["s3api", "list-buckets"],
            ["SlowDown", "Rate exceeded"],
        ),
    ] {
        practice.fault(&json!([{ "action": action, "fault": fault }]));
        let ended = practice.aws(words);
        assert!(!ended.good());
        for part in expected {
            assert!(ended.text.contains(part), "{action} {fault}: {}", ended.text);
        }
    }
    practice.fault(&json!([]));
    assert!(practice.aws(&["sts", "get-caller-identity"]).good());
}

#[test]
fn assumed_roles_act_in_their_own_account() {
    let practice = Practice::start();
    let answer = practice.aws(&[
        "sts",
        "assume-role",
        "--role-arn",
        "arn:aws:iam::111122223333:role/Reader",
        "--role-session-name",
        "sweep",
    ]);
    let answer = answer.json();
    let key = answer["Credentials"]["AccessKeyId"].as_str().unwrap();
    let identity = practice.aws_as(key, &["sts", "get-caller-identity"]).json();
    assert_eq!(identity["Account"], "111122223333");
    let unknown = practice.aws_as("ASIAUNKNOWN000000000", &["sts", "get-caller-identity"]);
    assert!(unknown.text.contains("InvalidClientTokenId"), "{}", unknown.text);
}

#[test]
fn the_typed_sdk_reads_errors_and_answers() {
    use aws_sdk_lambda::config::{BehaviorVersion, Credentials, Region};
    let practice = deployed();
    let config = aws_sdk_lambda::Config::builder()
        .behavior_version(BehaviorVersion::latest())
        .endpoint_url(practice.endpoint())
        .region(Region::new("us-east-1"))
        .credentials_provider(Credentials::new("test", "x", None, None, "test"))
        .build();
    let client = aws_sdk_lambda::Client::from_conf(config);
    practice.block_on(async {
        let found = client.get_function_configuration().function_name("practice-function").send();
        let found = found.await.unwrap();
        assert_eq!(found.role(), Some("arn:aws:iam::000000000000:role/practice-role"));
        let missing = client.get_function().function_name("none").send().await.unwrap_err();
        assert!(missing.into_service_error().is_resource_not_found_exception());
        let listed = client.list_functions().into_paginator().items().send();
        let names: Vec<_> = listed.collect::<Result<Vec<_>, _>>().await.unwrap();
        assert_eq!(names.len(), 1);
    });
}

/// Method, path, headers, body, and the statuses that are right.
type Malformed<'a> = (&'a str, &'a str, &'a [(&'a str, &'a str)], &'a [u8], &'a [u16]);

#[test]
fn malformed_requests_are_refused_and_the_server_goes_on() {
    let practice = Practice::start();
    let form = ("content-type", "application/x-www-form-urlencoded");
    let (iam, lambda, cognito) = (signature("iam"), signature("lambda"), signature("cognito-idp"));
    let cases: [Malformed<'_>; 12] = [
        ("POST", "/", &[form], b"Action=GetCallerIdentity", &[403]),
        ("POST", "/", &[form, ("authorization", &iam)], b"%%%&&==\xff", &[400]),
        ("POST", "/", &[form, ("authorization", "AWS4-HMAC-SHA256 nonsense")], b"", &[400]),
        ("POST", "/", &[("authorization", &cognito)], b"{}", &[400]),
        ("POST", "/", &[("x-amz-target", "nonsense")], b"{", &[400, 403, 501]),
        (
            "POST",
            "/",
            &[("x-amz-target", "AWSCognitoIdentityProviderService.DescribeUserPool")],
            b"[1",
            &[400],
        ),
        ("PUT", "/2015-03-31/functions/x/code", &[("authorization", &lambda)], b"{nope", &[400]),
        ("GET", "/%ff%fe/%00", &[], b"", &[403, 404]),
        ("PUT", "/bucket/key", &[("x-amz-content-sha256", "STREAMING-X")], b"zz", &[400]),
        ("POST", "/_practice/faults", &[], b"[]", &[415]),
        ("POST", "/_practice/faults", &[("content-type", "application/json")], b"{}", &[400]),
        ("GET", "/_lambda/../../etc/passwd", &[], b"", &[403, 404]),
    ];
    for (method, path, headers, body, statuses) in cases {
        let (status, text) =
            practice.send(method, &format!("{}{path}", practice.endpoint()), headers, body);
        assert!(statuses.contains(&status), "{method} {path}: {status} {text}");
        assert!(!text.contains("panicked"), "{text}");
    }
    assert!(practice.aws(&["sts", "get-caller-identity"]).good());
}

#[test]
fn a_running_function_opens_a_log_group_that_outlives_it() {
    let practice = Practice::solved(&["0"]);
    let groups = || {
        let words = ["logs", "describe-log-groups", "--query", "logGroups[].logGroupName"];
        practice.ok(&[&words[..], &["--output", "text"]].concat())
    };
    assert!(groups().contains("/aws/lambda/DatabaseSetupFunction"), "{}", groups());
    let delete = ["cloudformation", "delete-stack", "--stack-name", "Secure-Serverless-Database"];
    practice.ok(&delete);
    assert!(groups().contains("/aws/lambda/DatabaseSetupFunction"), "{}", groups());
    let name = "/aws/lambda/DatabaseSetupFunction";
    practice.ok(&["logs", "delete-log-group", "--log-group-name", name]);
    assert!(!groups().contains(name));
    let gone = practice.aws(&["logs", "delete-log-group", "--log-group-name", name]);
    assert!(gone.text.contains("ResourceNotFoundException"), "{}", gone.text);
}
