//! Module 2: other routes to a narrow role, and roles that only look narrow.

use serde_json::{Value, json};

use crate::support::{ACCOUNT, Practice, REGION, Report};

const AWS: &str = "arn:aws:iam::aws:policy/";
/// What each way to a narrow role must make pass; the steps with extra credit don't count.
const REQUIRED: [&str; 4] = [
    "no-admin-in-disguise",
    "dangerous-actions-are-denied",
    "needed-actions-are-allowed",
    "rows-still-come",
];

/// Modules 0 and 1: the role has AdministratorAccess.
fn wide() -> Practice {
    Practice::solved(&["0", "1"])
}

fn role(practice: &Practice) -> String {
    practice.fact("analytics_role")["name"].as_str().unwrap().to_owned()
}

fn table() -> String {
    let name = "CustomizeUnicorns-CustomizationDemandAnalytics";
    format!("arn:aws:dynamodb:{REGION}:{ACCOUNT}:table/{name}")
}

fn allow(action: &Value, resource: &str) -> String {
    json!({ "Version": "2012-10-17", "Statement": [
        { "Effect": "Allow", "Action": action, "Resource": resource }] })
    .to_string()
}

/// Does something to the function's role: `aws iam WHAT --role-name ROLE …`.
fn change(practice: &Practice, what: &str, more: &[&str]) {
    let role = role(practice);
    practice.ok(&[&["iam", what, "--role-name", &role], more].concat());
}

fn put(practice: &Practice, name: &str, document: &str) {
    let more = ["--policy-name", name, "--policy-document", document];
    change(practice, "put-role-policy", &more);
}

fn attach(practice: &Practice, arn: &str) {
    change(practice, "attach-role-policy", &["--policy-arn", arn]);
}

fn detach_administrator(practice: &Practice) {
    let arn = format!("{AWS}AdministratorAccess");
    change(practice, "detach-role-policy", &["--policy-arn", &arn]);
}

fn bound(practice: &Practice, arn: &str) {
    change(practice, "put-role-permissions-boundary", &["--permissions-boundary", arn]);
}

/// A policy of the account's own; its ARN.
fn create(practice: &Practice, name: &str, document: &str) -> String {
    let words = ["iam", "create-policy", "--policy-name", name, "--policy-document", document];
    practice.ok(&[&words[..], &["--query", "Policy.Arn", "--output", "text"]].concat())
}

/// The module is done, without a trail and a generated policy.
fn assert_narrow(practice: &Practice) -> Report {
    let report = practice.verify(&["2"]);
    for check in REQUIRED {
        assert_eq!(report.verdict(check), "pass", "{}", report.check(check));
    }
    assert_eq!(report.verdict("policy-was-generated"), "fail");
    report
}

#[test]
fn a_hand_written_policy_on_the_role_passes_and_is_noted_as_drift() {
    let practice = wide();
    detach_administrator(&practice);
    put(&practice, "Rows", &allow(&json!("dynamodb:PutItem"), &table()));
    let report = assert_narrow(&practice);
    let drift = "AdministratorAccess (removed), Rows (added)";
    report.assert_fails("role-is-as-deployed", drift);
}

#[test]
fn a_managed_policy_counts_by_its_default_version() {
    let practice = wide();
    detach_administrator(&practice);
    let arn = create(&practice, "Everything", &allow(&json!("*"), "*"));
    attach(&practice, &arn);
    practice.verify(&["2"]).assert_fails("no-admin-in-disguise", "Everything, statement 1 (*)");
    let narrow = allow(&json!(["dynamodb:PutItem"]), &table());
    let words = ["iam", "create-policy-version", "--policy-arn", &arn, "--set-as-default"];
    practice.ok(&[&words[..], &["--policy-document", &narrow]].concat());
    assert_narrow(&practice);
}

#[test]
fn a_boundary_that_narrows_administrator_access_passes() {
    let practice = wide();
    let everywhere = [
        "ec2:CreateNetworkInterface",
        "ec2:DeleteNetworkInterface",
        "ec2:DescribeNetworkInterfaces",
        "logs:CreateLogStream",
        "logs:PutLogEvents",
    ];
    let document = json!({ "Version": "2012-10-17", "Statement": [
        { "Effect": "Allow", "Action": everywhere, "Resource": "*" },
        { "Effect": "Allow", "Action": "dynamodb:PutItem", "Resource": table() },
    ]});
    bound(&practice, &create(&practice, "Boundary", &document.to_string()));
    let report = assert_narrow(&practice);
    report.assert_fails("role-is-as-deployed", "Boundary (boundary added)");
}

#[test]
fn a_boundary_that_allows_everything_narrows_nothing() {
    let practice = wide();
    bound(&practice, &format!("{AWS}AdministratorAccess"));
    let report = practice.verify(&["2"]);
    report.assert_fails("no-admin-in-disguise", "AdministratorAccess, statement 1 (*)");
    report.assert_fails("dangerous-actions-are-denied", "iam:CreateUser");
}

/// A narrow role that is disguised again: what must be named.
fn assert_named(named: &str, disguise: impl FnOnce(&Practice)) {
    let practice = wide();
    detach_administrator(&practice);
    disguise(&practice);
    let report = practice.verify(&["2"]);
    assert_eq!(report.code, 1, "{named}");
    report.assert_fails("no-admin-in-disguise", named);
    report.assert_fails("dangerous-actions-are-denied", "dynamodb:DeleteTable");
    assert_eq!(report.verdict("rows-still-come"), "blocked");
}

#[test]
fn an_inline_star_is_named() {
    let star = allow(&json!("*"), "*");
    assert_named("Helper, statement 1 (*)", |practice| put(practice, "Helper", &star));
}

#[test]
fn everything_but_some_actions_is_named() {
    let document = json!({ "Version": "2012-10-17", "Statement": [
        { "Effect": "Allow", "Action": "dynamodb:PutItem", "Resource": table() },
        { "Sid": "Rest", "Effect": "Allow", "NotAction": ["iam:*"], "Resource": ["*"] },
    ]});
    assert_named("Helper, statement Rest (NotAction iam:*)", |practice| {
        put(practice, "Helper", &document.to_string());
    });
}

#[test]
fn a_copy_of_administrator_access_is_named() {
    assert_named("Worker, statement 1 (*:*)", |practice| {
        attach(practice, &create(practice, "Worker", &allow(&json!(["*:*"]), "*")));
    });
}

#[test]
fn power_user_and_full_access_are_named() {
    assert_named("PowerUserAccess, statement 1 (NotAction iam:*", |practice| {
        attach(practice, &format!("{AWS}PowerUserAccess"));
    });
    assert_named("AmazonDynamoDBFullAccess_v2, statement 1 (dynamodb:*", |practice| {
        attach(practice, &format!("{AWS}AmazonDynamoDBFullAccess_v2"));
    });
}

#[test]
fn a_role_without_put_item_is_too_narrow_and_writes_no_row() {
    let practice = wide();
    detach_administrator(&practice);
    let words = ["lambda", "invoke", "--function-name", "CustomUnicornAnalyticsFunction"];
    let said = practice.ok(&[&words[..], &["out.json"]].concat());
    assert!(said.contains("Unhandled"), "{said}");
    let report = practice.verify(&["2"]);
    assert_eq!(report.verdict("dangerous-actions-are-denied"), "pass");
    report.assert_fails("needed-actions-are-allowed", "dynamodb:PutItem");
    report.assert_fails("rows-still-come", "not allowed to write");
}

#[test]
fn a_check_that_may_not_look_cannot_tell() {
    let practice = Practice::solved(&["0", "1", "2"]);
    let simulated = [
        "dangerous-actions-are-denied",
        "role-writes-its-table-only",
        "needed-actions-are-allowed",
        "rows-still-come",
    ];
    for (action, checks) in [
        ("iam:SimulatePrincipalPolicy", &simulated[..]),
        ("iam:GetRolePolicy", &["no-admin-in-disguise"]),
        ("iam:ListAttachedRolePolicies", &["no-admin-in-disguise", "policy-was-generated"]),
        ("cloudformation:GetTemplate", &["role-is-as-deployed"]),
        ("cloudtrail:GetTrailStatus", &["trail-is-logging"]),
        ("access-analyzer:ListPolicyGenerations", &["policy-was-generated"]),
        ("dynamodb:Scan", &["rows-still-come"]),
    ] {
        practice.fault(&json!([{ "action": action, "fault": "access_denied" }]));
        let report = practice.verify(&["2"]);
        for check in checks {
            assert_ne!(report.verdict(check), "pass", "{action}: {}", report.check(check));
            assert_ne!(report.verdict(check), "fail", "{action}: {}", report.check(check));
        }
        assert!(!report.json.to_string().contains("\"fail\""), "{action} made a check fail");
    }
}
