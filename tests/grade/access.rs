//! The policy of `stepproof policy` is all that a run needs, and nothing that writes.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::support::{ACCOUNT, Practice, code, text};

/// Every call that the server was sent, by action; API Gateway's with the path.
fn calls(practice: &Practice) -> BTreeSet<String> {
    let url = format!("{}/_practice/calls", practice.endpoint());
    let (status, text) = practice.http("GET", &url, &[], None);
    assert_eq!(status, 200, "{text}");
    let calls: BTreeMap<String, BTreeMap<String, u32>> = serde_json::from_str(&text).unwrap();
    calls.get(ACCOUNT).map(|calls| calls.keys().cloned().collect()).unwrap_or_default()
}

fn forget(practice: &Practice) {
    let url = format!("{}/_practice/calls", practice.endpoint());
    let (status, text) =
        practice.send("DELETE", &url, &[("content-type", "application/json")], b"");
    assert_eq!(status, 200, "{text}");
}

fn policy(practice: &Practice, args: &[&str]) -> Value {
    let output = practice.stepproof(&[&["policy"], args].concat());
    assert_eq!(code(&output), 0, "{}", text(&output));
    serde_json::from_slice(&output.stdout).unwrap()
}

/// Whether a statement allows a call.
fn allows(policy: &Value, call: &str) -> bool {
    let (action, path) = call.split_once(' ').unwrap_or((call, ""));
    policy["Statement"].as_array().unwrap().iter().any(|statement| {
        let mut actions = statement["Action"].as_array().unwrap().iter();
        let on = |resource: &Value| {
            let pattern = resource.as_str().unwrap().replace("arn:aws:apigateway:*::", "");
            match pattern.strip_suffix('*') {
                Some(begin) => path.starts_with(begin),
                None => path == pattern,
            }
        };
        let resource = &statement["Resource"];
        let reaches = path.is_empty()
            || resource == "*"
            || resource.as_array().is_some_and(|all| all.iter().any(on));
        actions.any(|allowed| allowed == action) && reaches
    })
}

#[test]
fn a_run_calls_nothing_outside_its_policy_and_nothing_that_writes() {
    let practice = Practice::solved(&["all"]);
    for modules in [&[][..], &["0"], &["10"], &["4", "9"]] {
        let args: Vec<&str> = modules.iter().flat_map(|module| ["--module", module]).collect();
        let policy = policy(&practice, &args);
        forget(&practice);
        let report = practice.verify_with(&args);
        assert!(report.json["api_calls"].as_u64().unwrap() > 0);
        let calls = calls(&practice);
        assert!(calls.contains("cloudformation:DescribeStacks"), "{calls:?}");
        for call in calls.iter().filter(|call| *call != "sts:GetCallerIdentity") {
            assert!(allows(&policy, call), "{modules:?}: {call} isn't in {policy:#}");
            let verb = call.split([':', ' ']).nth(1).unwrap();
            let reads = [
                "Get",
                "List",
                "Describe",
                "BatchGet",
                "AdminList",
                "GET",
                "IsAuthorized",
                "Simulate",
                "Scan",
            ];
            assert!(reads.iter().any(|read| verb.starts_with(read)), "{call} writes");
        }
    }
}

#[test]
fn a_module_asks_for_less_than_the_course() {
    let practice = Practice::start();
    let actions = |args: &[&str]| {
        let policy = policy(&practice, args);
        let statements = policy["Statement"].as_array().unwrap().clone();
        statements.iter().map(|one| one["Action"].as_array().unwrap().len()).sum::<usize>()
    };
    let (one, all) = (actions(&["--module", "0"]), actions(&[]));
    assert!(0 < one && one < all, "{one} of {all}");
    let output = practice.stepproof(&["policy", "--module", "77"]);
    assert_eq!(code(&output), 2, "{}", text(&output));
}

#[test]
fn the_role_is_for_one_account_with_its_external_id() {
    let practice = Practice::start();
    let args = ["--format", "cloudformation", "--principal", "999999999999"];
    let without = practice.stepproof(&[&["policy"], &args[..]].concat());
    assert_eq!(code(&without), 2, "{}", text(&without));
    let template = policy(&practice, &[&args[..], &["--external-id", "sesame-7"]].concat());
    practice.file("role.json", &template.to_string());
    let made = practice.deploy("stepproof-grader", "role.json", &["CAPABILITY_NAMED_IAM"]);
    assert!(made.good(), "{}", made.text);
    let query = ["--query", "Role.[Arn,AssumeRolePolicyDocument]", "--output", "json"];
    let role = practice
        .ok(&[&["iam", "get-role", "--role-name", "stepproof-grader"], &query[..]].concat());
    let role: Value = serde_json::from_str(&role).unwrap();
    assert_eq!(role[0], format!("arn:aws:iam::{ACCOUNT}:role/stepproof-grader"));
    let trust = &role[1]["Statement"][0];
    assert_eq!(trust["Principal"]["AWS"], "arn:aws:iam::999999999999:root");
    assert_eq!(trust["Condition"]["StringEquals"]["sts:ExternalId"], "sesame-7");
    // IAM takes 10,240 characters of inline policies, and counts no white space.
    let policy = &template["Resources"]["Grader"]["Properties"]["Policies"][0]["PolicyDocument"];
    assert!(policy.to_string().len() < 10_240);
}
