//! Module 7: secrets that RDS keeps, that have another name, that nobody rotates; rotations that get
//! stuck; passwords that stay; roles that can't read.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use crate::support::{ACCOUNT, Practice, REGION, text};

const EXISTS: &str = "secret-exists";
const READERS: &str = "functions-may-read-the-secret";
const NARROW: &str = "secret-is-for-its-readers-only";
const CODE: &str = "code-holds-no-password";
const ROTATED: &str = "rotation-has-finished";
const GOES_ON: &str = "application-goes-on";
const NAME: &str = "secure-serverless-db-secret";

fn secrets(practice: &Practice, args: &[&str]) -> String {
    practice.ok(&[&["secretsmanager"], args].concat())
}

fn on_secret(practice: &Practice, operation: &str, more: &[&str]) -> String {
    secrets(practice, &[&[operation, "--secret-id", NAME], more].concat())
}

fn deploy_app(practice: &Practice, path: &str, value: Value) {
    practice.deploy_template("template.yaml", "app", &[(path, value)]);
}

/// The roles in the policy that lets functions read the secret, without one of them.
fn readers_without(left_out: &str) -> Value {
    ["UnicornParts", "CustomizeUnicorn", "ManagePartner", "CustomUnicornAnalytics"]
        .iter()
        .filter(|name| **name != left_out)
        .map(|name| json!({ "Ref": format!("{name}FunctionRole") }))
        .collect()
}

const READERS_ROLES: &str = "Resources.DatabaseSecretReaders.Properties.Roles";

#[test]
fn a_secret_that_is_not_rotated_is_half_the_module() {
    let practice = Practice::solved(&["0", "1", "7a", "7b"]);
    let report = practice.verify(&["7"]);
    for check in [EXISTS, READERS, NARROW, CODE] {
        assert_eq!(report.verdict(check), "pass", "{}", report.check(check));
    }
    report.assert_fails(ROTATED, "isn't rotated");
    report.assert_fails(GOES_ON, "the first password still");
}

#[test]
fn a_rotation_that_never_finished_is_waited_for_and_then_named() {
    let practice = Practice::solved(&["0", "1", "7a", "7b"]);
    let arn = format!("arn:aws:lambda:{REGION}:{ACCOUNT}:function:DatabaseSetupFunction");
    let rotate = ["secretsmanager", "rotate-secret", "--secret-id", NAME];
    let rotate = [&rotate[..], &["--rotation-lambda-arn", &arn]].concat();
    let rotate = [&rotate[..], &["--rotation-rules", "AutomaticallyAfterDays=30"]].concat();
    let refused = practice.aws(&rotate);
    assert!(
        refused.text.contains("cannot invoke the specified Lambda function"),
        "{}",
        refused.text
    );
    let permit = ["lambda", "add-permission", "--function-name", "DatabaseSetupFunction"];
    let who = ["--principal", "secretsmanager.amazonaws.com", "--statement-id", "rotation"];
    practice.ok(&[&permit[..], &who, &["--action", "lambda:InvokeFunction"]].concat());
    practice.ok(&rotate);
    // The function says that all is well and rotates nothing.
    let report = practice.verify(&["7"]);
    assert_eq!(report.verdict(ROTATED), "waiting", "{}", report.check(ROTATED));
    assert!(report.message(ROTATED).contains("didn't finish"), "{}", report.message(ROTATED));
    assert_ne!(report.verdict(GOES_ON), "pass");
}

#[test]
fn a_stuck_rotation_fails_and_is_taken_up_again_when_its_cause_is_gone() {
    let practice = Practice::solved(&["0", "1", "7"]);
    let policies = "Resources.DatabaseRotationFunction.Properties.Policies";
    practice.deploy_template("database.yaml", "database", &[(policies, json!([]))]);
    on_secret(&practice, "rotate-secret", &[]);
    let report = practice.verify(&["7"]);
    report.assert_fails(ROTATED, "AWSPENDING");
    assert_eq!(report.verdict(GOES_ON), "pass", "the old password is still good");
    practice.deploy_template("database.yaml", "database", &[]);
    let again = practice.aws(&["secretsmanager", "rotate-secret", "--secret-id", NAME]);
    assert!(again.text.contains("That rotation will be reattempted"), "{}", again.text);
    practice.verify(&["7"]).assert_proven();
}

#[test]
fn every_rotation_changes_the_password_and_none_is_shown() {
    let practice = Practice::solved(&["0", "1", "7"]);
    let value = || on_secret(&practice, "get-secret-value", &["--query", "SecretString"]);
    let before = value();
    on_secret(&practice, "rotate-secret", &[]);
    let after = value();
    assert_ne!(before, after);
    let login: Value = serde_json::from_str(&after).unwrap();
    let login: Value = serde_json::from_str(login.as_str().unwrap()).unwrap();
    let password = login["password"].as_str().unwrap();
    assert_eq!(password.len(), 32);
    let report = practice.verify(&["7"]);
    report.assert_proven();
    let facts = ["secret", "secret_readers", "logins", "packages", "functions", "db_cluster"];
    let mut shown = report.json.to_string();
    for fact in facts {
        shown += &text(&practice.stepproof(&["facts", fact, "--practice"]));
    }
    assert!(shown.contains(NAME), "something was looked at");
    for secret in [password, "Corp123!"] {
        assert!(!shown.contains(secret));
    }
}

#[test]
fn a_password_that_rds_keeps_is_accepted_with_its_consequence() {
    let practice = Practice::solved(&["0", "1", "7a", "7b"]);
    practice.edit("setup.yaml", |text| {
        let own = "MasterUserPassword: !Ref DatabasePassword";
        text.replace(own, "ManageMasterUserPassword: true")
    });
    practice.deploy_template("setup.yaml", "init", &[]);
    let report = practice.verify(&["7"]);
    assert_ne!(report.verdict(GOES_ON), "pass", "the password changed at once");
    let query = ["--query", "DBClusters[0].MasterUserSecret.SecretArn", "--output", "text"];
    let arn = practice.ok(&[&["rds", "describe-db-clusters"], &query[..]].concat());
    practice.edit_and_deploy(|text| {
        let arn = arn.trim();
        let start = text.find("Resource: !Sub \"arn:${AWS::Partition}:secretsmanager").unwrap();
        let end = start + text[start..].find('\n').unwrap();
        let text = format!("{}Resource: \"{arn}\"{}", &text[..start], &text[end..]);
        text.replace("SECRET_NAME: secure-serverless-db-secret", &format!("SECRET_NAME: {arn}"))
    });
    let report = practice.verify(&["7"]);
    report.assert_proven();
    assert!(report.message(EXISTS).contains("no host"), "{}", report.message(EXISTS));
    let rotate = ["secretsmanager", "rotate-secret", "--secret-id", arn.trim()];
    practice.ok(&rotate);
    practice.verify(&["7"]).assert_proven();
}

#[test]
fn a_password_is_found_in_code_comments_settings_and_variables() {
    let practice = Practice::solved(&["0", "1", "7a"]);
    let report = practice.verify(&["7"]);
    report.assert_fails(CODE, "database.js:");
    assert!(report.offenders(CODE)[0].contains("ManagePartnerFunction"));
    assert_ne!(report.verdict(GOES_ON), "pass");
    let practice = Practice::solved(&["0", "1", "7"]);
    practice.edit("api/database.js", |text| format!("// Corp123! until yesterday\n{text}"));
    practice.deploy_app(&BTreeMap::new());
    practice.verify(&["7"]).assert_fails(CODE, "database.js:1");
    practice.edit("api/database.js", |text| text.lines().skip(1).collect::<Vec<_>>().join("\n"));
    let variable = "Resources.ManagePartnerFunction.Properties.Environment.Variables.DB_PASSWORD";
    deploy_app(&practice, variable, json!("x"));
    practice.verify(&["7"]).assert_fails(CODE, "ManagePartnerFunction: DB_PASSWORD");
    practice.deploy_app(&BTreeMap::new());
    practice.verify(&["7"]).assert_proven();
}

#[test]
fn the_analytics_function_reads_the_secret_in_either_order_of_modules_2_and_7() {
    for order in [["2", "7"], ["7", "2"]] {
        let practice = Practice::solved(&[&["0", "1"], &order[..]].concat());
        practice.verify(&["2", "7"]).assert_proven();
        deploy_app(&practice, READERS_ROLES, readers_without("CustomUnicornAnalytics"));
        let report = practice.verify(&["2", "7"]);
        report.assert_fails(READERS, "The analytics function asks the database too");
        assert_eq!(report.verdict(NARROW), "pass", "{}", report.check(NARROW));
        assert_ne!(report.verdict("rows-still-come"), "pass");
    }
}

#[test]
fn an_administrator_may_read_without_a_policy_of_its_own() {
    let practice = Practice::solved(&["0", "1", "7"]);
    deploy_app(&practice, READERS_ROLES, readers_without("CustomUnicornAnalytics"));
    let report = practice.verify(&["7"]);
    report.assert_proven();
    assert_eq!(report.verdict(NARROW), "pass", "{}", report.check(NARROW));
}

#[test]
fn the_secrets_own_policy_lets_a_role_in_too() {
    let practice = Practice::solved(&["0", "1", "7"]);
    deploy_app(&practice, READERS_ROLES, readers_without("UnicornParts"));
    practice.verify(&["7"]).assert_fails(READERS, "UnicornPartsFunction");
    let functions = practice.fact("functions");
    let functions = functions["functions"].as_array().unwrap();
    let parts = functions.iter().find(|one| one["logical"] == "UnicornPartsFunction").unwrap();
    let policy = |effect: &str| {
        json!({ "Version": "2012-10-17", "Statement": [{
            "Effect": effect, "Principal": { "AWS": parts["role"] },
            "Action": "secretsmanager:GetSecretValue", "Resource": "*" }] })
        .to_string()
    };
    on_secret(&practice, "put-resource-policy", &["--resource-policy", &policy("Allow")]);
    practice.verify(&["7"]).assert_proven();
    on_secret(&practice, "put-resource-policy", &["--resource-policy", &policy("Deny")]);
    practice.verify(&["7"]).assert_fails(READERS, "UnicornPartsFunction");
}

#[test]
fn a_decoy_of_another_name_is_named_and_helps_nobody() {
    let practice = Practice::solved(&["0", "1"]);
    let value = r#"{"username":"admin","password":"Corp123!"}"#;
    secrets(&practice, &["create-secret", "--name", "my-database", "--secret-string", value]);
    let report = practice.verify(&["7"]);
    report.assert_fails(EXISTS, "my-database");
    report.assert_fails(EXISTS, NAME);
    for check in [READERS, ROTATED, GOES_ON] {
        assert_ne!(report.verdict(check), "pass", "{}", report.check(check));
    }
}

#[test]
fn a_secret_that_is_to_be_deleted_fails_until_it_is_restored() {
    let practice = Practice::solved(&["0", "1", "7"]);
    on_secret(&practice, "delete-secret", &["--recovery-window-in-days", "7"]);
    practice.verify(&["7a"]).assert_fails(EXISTS, "scheduled for deletion");
    let report = practice.verify(&["7"]);
    for check in [ROTATED, GOES_ON] {
        assert_ne!(report.verdict(check), "pass", "{}", report.check(check));
    }
    on_secret(&practice, "restore-secret", &[]);
    practice.verify(&["7"]).assert_proven();
    on_secret(&practice, "delete-secret", &["--recovery-window-in-days", "7"]);
    practice.set_ahead(8 * 24 * 3600);
    let report = practice.verify(&["7a"]);
    report.assert_fails(EXISTS, "There is no secret");
}

#[test]
fn without_permission_each_check_cannot_tell() {
    let practice = Practice::solved(&["0", "1", "7"]);
    let denied = |action: &str| json!([{ "action": action, "fault": "access_denied" }]);
    practice.fault(&denied("secretsmanager:DescribeSecret"));
    let report = practice.verify(&["7"]);
    assert_eq!(report.code, 3, "{:#?}", report.not_passing());
    for check in [EXISTS, READERS, ROTATED, GOES_ON] {
        let verdict = report.verdict(check);
        assert!(["cannot_tell", "blocked"].contains(&verdict), "{}", report.check(check));
    }
    assert!(report.message(EXISTS).contains("secretsmanager:DescribeSecret"));
    practice.fault(&denied("iam:SimulatePrincipalPolicy"));
    let report = practice.verify(&["7"]);
    assert_eq!(report.verdict(READERS), "cannot_tell", "{}", report.check(READERS));
    assert_eq!(report.verdict(CODE), "pass");
}

#[test]
fn a_hint_leads_to_the_log_of_a_function_with_any_name() {
    let practice = Practice::solved(&["0", "1", "7"]);
    let of_function =
        |property: &str| format!("Resources.UnicornPartsFunction.Properties.{property}");
    let (name, variables) = (of_function("FunctionName"), of_function("Environment"));
    let other = json!({ "Variables": { "DATABASE_HOST": "nowhere" } });
    let with = [(name.as_str(), Value::Null), (variables.as_str(), other)];
    practice.deploy_template("template.yaml", "app", &with);
    for language in ["en", "ja"] {
        let report = practice.verify_with(&["--module", "7", "--lang", language]);
        assert_eq!(report.verdict(GOES_ON), "fail", "{}", report.check(GOES_ON));
        let hint = report.check(GOES_ON)["hint"].as_str().unwrap();
        let commands: Vec<&str> = hint.split('`').skip(1).step_by(2).collect();
        let [tail, find] = commands[..] else { panic!("{hint}") };
        let name = practice.ok(&find.split(' ').skip(1).collect::<Vec<_>>());
        assert!(name.starts_with("CustomizeUnicorns-UnicornPartsFunction-"), "{name}");
        assert_eq!(tail, "aws logs tail /aws/lambda/NAME");
    }
}
