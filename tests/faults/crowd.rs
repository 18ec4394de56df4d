//! An account that serves others too: hundreds of resources that are none of the course's, with names
//! like the course's.

use serde_json::{Value, json};

use crate::pages::assert_whole;
use crate::state::{State, on_both};
use crate::support::{Practice, signature};

/// Other stacks: more than CloudFormation lists on one page.
const STACKS: usize = 102;
/// Things of each kind in each of them.
const OF_EACH: usize = 2;
/// How long ago they were made: before the course.
const AGE: i32 = 40 * 86_400;
/// What the design allows a verification, and what asking AWS X-Ray again may add until a trace shows.
const MOST_CALLS: u32 = 60 + 6;

/// What the clean-up looks for among others' things, but for stacks: their ages differ.
const LEFT: [&str; 7] = [
    "left_user_pools",
    "left_policy_stores",
    "left_keys",
    "left_web_acls",
    "left_secret",
    "left_databases",
    "left_log_groups",
];

/// Puts the others' resources into the account, made so many seconds from now.
fn crowd(practice: &Practice, seconds: i32) {
    practice.set_ahead(seconds);
    for number in 0..STACKS {
        let name = match number % 3 {
            0 => format!("Secure-Serverless-old-{number}"),
            1 => format!("CustomizeUnicorns-old-{number}"),
            _ => format!("Shop-{number}"),
        };
        let template = json!({ "Resources": resources(number) }).to_string();
        create_stack(practice, &name, &template);
    }
    practice.set_ahead(0);
}

fn create_stack(practice: &Practice, name: &str, template: &str) {
    let form = form_urlencoded::Serializer::new(String::new())
        .append_pair("Action", "CreateStack")
        .append_pair("Version", "2010-05-15")
        .append_pair("StackName", name)
        .append_pair("TemplateBody", template)
        .append_pair("Capabilities.member.1", "CAPABILITY_NAMED_IAM")
        .finish();
    let signature = signature("cloudformation");
    let headers = [
        ("authorization", signature.as_str()),
        ("content-type", "application/x-www-form-urlencoded"),
    ];
    let (status, text) = practice.send("POST", &practice.endpoint(), &headers, form.as_bytes());
    assert_eq!(status, 200, "{name}: {text}");
}

/// The resources of one of the others' stacks.
fn resources(stack: usize) -> Value {
    let mut all = serde_json::Map::new();
    for number in 0..OF_EACH {
        let name = format!("Unicorn-old-{stack}-{number}");
        let trust = json!({ "Version": "2012-10-17", "Statement": [{ "Effect": "Allow",
            "Principal": { "Service": "lambda.amazonaws.com" }, "Action": "sts:AssumeRole" }] });
        let role = format!("Role{number}");
        let of_stack = [
            ("Role", "AWS::IAM::Role", json!({ "AssumeRolePolicyDocument": trust })),
            (
                "Function",
                "AWS::Lambda::Function",
                json!({ "FunctionName": name, "Runtime": "nodejs22.x", "Handler": "index.handler",
                    "Role": { "Fn::GetAtt": [role, "Arn"] },
                    "Code": { "ZipFile": "exports.handler = async () => 1" } }),
            ),
            (
                "Logs",
                "AWS::Logs::LogGroup",
                json!({ "LogGroupName": format!("/aws/lambda/{name}") }),
            ),
            ("Pool", "AWS::Cognito::UserPool", json!({ "UserPoolName": name })),
            ("Api", "AWS::ApiGateway::RestApi", json!({ "Name": name })),
            ("Plan", "AWS::ApiGateway::UsagePlan", json!({ "UsagePlanName": name })),
            ("Key", "AWS::ApiGateway::ApiKey", json!({ "Name": name, "Enabled": true })),
            ("Secret", "AWS::SecretsManager::Secret", json!({ "Name": name, "SecretString": "x" })),
            (
                "Store",
                "AWS::VerifiedPermissions::PolicyStore",
                json!({ "ValidationSettings": { "Mode": "OFF" } }),
            ),
            (
                "Acl",
                "AWS::WAFv2::WebACL",
                json!({ "Name": name, "Scope": "REGIONAL", "DefaultAction": { "Allow": {} },
                    "VisibilityConfig": { "SampledRequestsEnabled": false,
                        "CloudWatchMetricsEnabled": false, "MetricName": name } }),
            ),
            (
                "Parameters",
                "AWS::RDS::DBClusterParameterGroup",
                json!({ "Family": "aurora-mysql8.0", "Description": name,
                    "Parameters": { "require_secure_transport": "ON" } }),
            ),
            (
                "Table",
                "AWS::DynamoDB::Table",
                json!({ "KeySchema": [{ "AttributeName": "k", "KeyType": "HASH" }],
                    "AttributeDefinitions": [{ "AttributeName": "k", "AttributeType": "S" }],
                    "BillingMode": "PAY_PER_REQUEST" }),
            ),
        ];
        for (logical, kind, properties) in of_stack {
            let resource = json!({ "Type": kind, "Properties": properties });
            all.insert(format!("{logical}{number}"), resource);
        }
    }
    Value::Object(all)
}

#[test]
#[ignore = "makes hundreds of resources; CI has a step for it"]
fn hundreds_of_others_resources_change_no_verdict_and_take_few_calls() {
    on_both(|state| {
        let before = state.verify(|_| ()).api_calls;
        let left = state.read(&LEFT);
        crowd(&state.practice, -AGE);
        let report = state.verify(|_| ());
        state.assert_same(&report, "among others");
        println!("{}: {before} calls alone, {} among others", state.name, report.api_calls);
        assert!(report.api_calls <= MOST_CALLS, "{}: {} calls", state.name, report.api_calls);
        let among = state.read(&LEFT);
        for name in LEFT {
            assert_eq!(among[name], left[name], "{}: {name}, among others", state.name);
        }
        assert_whole(state, 30);
    });
}

#[test]
#[ignore = "makes hundreds of resources; CI has a step for it"]
fn many_policy_stores_that_nobody_names_can_not_be_told_apart() {
    let state = State::insecure();
    crowd(&state.practice, 0);
    let report = state.verify(|_| ());
    state.assert_honest(&report, "among others that are younger");
    let said = &state.read(&["policy_store"])["policy_store"];
    let said = said.as_str().unwrap();
    assert!(said.contains("more than 5 were made since the application"), "{said}");
}
