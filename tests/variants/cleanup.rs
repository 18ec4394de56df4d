//! The clean-up: what is left and costs, what only looks like it, and what can't be told.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};
use stepproof::account::catalog;
use stepproof::course::{Action, Course, PartId};

use crate::support::{Practice, REGION, Report, code, text};

const APP: &str = "app-stack-is-deleted";
const SETUP: &str = "setup-stack-is-deleted";
const KEPT: &str = "stacks-kept-nothing";
const SECRET: &str = "secret-goes";
const LOGS: &str = "log-groups-are-gone";
const PLANS: &str = "usage-plans-are-gone";
const KEYS: &str = "api-keys-are-gone";
const ACL: &str = "web-acl-is-gone";
const INSPECTOR: &str = "inspector-is-off";
const GUARDDUTY: &str = "guardduty-is-off";

fn delete_stack(practice: &Practice, name: &str, more: &[&str]) {
    let words = ["cloudformation", "delete-stack", "--stack-name", name];
    practice.ok(&[&words[..], more].concat());
}

fn bucket(practice: &Practice) -> String {
    practice.output("Secure-Serverless", "DeploymentS3Bucket")
}

/// A practice account on which module 0 was solved, without the stacks on the setup stack.
fn without_users() -> Practice {
    let practice = Practice::solved(&["0"]);
    delete_stack(&practice, "CustomizeUnicorns", &[]);
    delete_stack(&practice, "Secure-Serverless-Database", &[]);
    practice
}

/// Verdicts of all checks.
fn verdicts(report: &Report) -> BTreeSet<&str> {
    report.checks().iter().map(|check| check["verdict"].as_str().unwrap()).collect()
}

#[test]
fn where_the_course_never_was_nothing_is_praised() {
    let report = Practice::start().verify(&["cleanup"]);
    assert_eq!(report.code, 3, "{:#?}", report.not_passing());
    assert_eq!(verdicts(&report), BTreeSet::from(["cannot_tell"]));
    assert!(report.message(APP).contains("none of the course's stacks in region us-east-1"));
    // Nor in another region than the one that was cleaned up, or under other names.
    let practice = Practice::solved(&["0", "cleanup"]);
    practice.verify(&["cleanup"]).assert_proven();
    let elsewhere = practice.verify_with(&["--cleanup", "--region", "eu-west-1"]);
    assert_eq!((elsewhere.code, elsewhere.passing().len()), (3, 0));
    assert!(elsewhere.message(SETUP).contains("eu-west-1"), "{}", elsewhere.message(SETUP));
    let names = ["--stack-init", "A", "--stack-database", "B", "--stack-app", "C"];
    let report = practice.verify_with(&[&["--cleanup"], &names[..]].concat());
    assert_eq!(report.code, 3, "{:#?}", report.passing());
}

#[test]
fn what_still_costs_is_named_and_all_modules_are_not_told() {
    let practice = Practice::solved(&["all"]);
    let all = practice.verify(&[]);
    all.assert_proven();
    assert!(all.json.get("cleanup").is_none());
    let report = practice.verify(&["cleanup"]);
    assert_eq!(report.code, 1);
    assert_eq!(report.json["modules"], json!([]));
    assert!(report.passing().is_empty(), "{:?}", report.passing());
    for (check, says) in [
        (SETUP, "3 US dollars a day"),
        (ACL, "5 US dollars a month"),
        (SECRET, "40 cents a month"),
        (LOGS, "what is stored costs"),
        (INSPECTOR, "costs money for each function"),
    ] {
        // Log groups come after the stacks.
        let blocked = report.verdict(check) == "blocked";
        assert!(blocked || report.message(check).contains(says), "{}", report.check(check));
    }
    assert!(report.message(SETUP).contains("Secure-Serverless (UPDATE_COMPLETE)"));
}

#[test]
fn everything_that_was_made_goes_and_then_no_module_holds() {
    let practice = Practice::solved(&["all", "cleanup"]);
    let report = practice.verify(&["cleanup"]);
    report.assert_proven();
    assert_eq!(report.json["cleanup"]["state"], "done");
    assert_eq!(report.passing().len(), report.checks().len(), "{:#?}", report.not_passing());
    assert!(report.message(SECRET).contains("its name is taken"), "{}", report.message(SECRET));
    let calls = report.json["api_calls"].as_u64().unwrap();
    assert!(calls <= 25, "{calls} calls");
    assert_eq!(practice.verify(&[]).code, 1);
    let shown = practice.stepproof(&["verify", "--practice", "--cleanup"]);
    assert!(text(&shown).contains("Clean-up · done"), "{}", text(&shown));
    let listed = practice.aws(&["cloudformation", "describe-stacks"]).json();
    assert_eq!(listed["Stacks"], json!([]));
    assert_eq!(practice.aws(&["s3api", "list-buckets"]).json()["Buckets"], json!([]));
}

#[test]
fn whoever_did_little_has_little_to_clean_up() {
    let practice = Practice::solved(&["0"]);
    let report = practice.verify(&["cleanup"]);
    assert_eq!(report.code, 1);
    for check in [PLANS, ACL, SECRET, "trail-is-deleted", "user-pool-has-no-domain"] {
        assert_eq!(report.verdict(check), "pass", "{}", report.check(check));
    }
    assert!(report.message(SECRET).contains("There is no secret"));
    practice.run_page(PartId::Cleanup, &["ca", "cb", "cc", "cd", "ce", "cf"]);
    practice.verify(&["cleanup"]).assert_proven();
}

#[test]
fn what_was_made_by_hand_holds_the_stack_until_the_page_has_detached_it() {
    let practice = Practice::solved(&["0"]);
    let api = practice.api_id();
    make_domain(&practice, "by-hand");
    let stage = format!("apiId={api},stage=dev");
    let plan = ["apigateway", "create-usage-plan", "--name", "By hand", "--api-stages", &stage];
    let plan = practice.aws(&plan).json()["id"].as_str().unwrap().to_owned();
    let refused = practice.aws(&["apigateway", "delete-usage-plan", "--usage-plan-id", &plan]);
    assert!(refused.text.contains("because there are API Stages"), "{}", refused.text);
    make_acl(&practice, "ProtectUnicorns", Some(&api));
    delete_stack(&practice, "CustomizeUnicorns", &[]);
    let report = practice.verify(&["cleanup"]);
    report.assert_fails(APP, "could not be deleted");
    report.assert_fails(APP, "UnicornApidevStage");
    report.assert_fails(APP, "usage plan");
    report.assert_fails("user-pool-has-no-domain", "by-hand");
    report.assert_fails(PLANS, "By hand");
    report.assert_fails(ACL, "ProtectUnicorns");
    practice.run_page(PartId::Cleanup, &["ca", "cb"]);
    practice.verify(&["ca", "cb"]).assert_proven();
}

#[test]
fn a_domain_holds_its_user_pool() {
    let practice = Practice::solved(&["0"]);
    make_domain(&practice, "by-hand");
    delete_stack(&practice, "CustomizeUnicorns", &[]);
    let report = practice.verify(&["cb"]);
    report.assert_fails(APP, "CognitoUserPool");
    report.assert_fails(APP, "domain configured that should be deleted first");
    report.assert_fails("user-pools-are-gone", "CustomizeUnicorns-users");
}

fn make_domain(practice: &Practice, name: &str) {
    let pool = practice.output("CustomizeUnicorns", "UserPoolId");
    let words = ["cognito-idp", "create-user-pool-domain", "--user-pool-id", &pool];
    practice.ok(&[&words[..], &["--domain", name]].concat());
}

/// A web ACL, perhaps before the API's stage.
fn make_acl(practice: &Practice, name: &str, api: Option<&str>) {
    let config =
        format!("SampledRequestsEnabled=true,CloudWatchMetricsEnabled=true,MetricName={name}");
    let words = ["wafv2", "create-web-acl", "--name", name, "--scope", "REGIONAL"];
    let more = ["--default-action", "Allow={}", "--visibility-config", &config];
    let made = practice.aws(&[&words[..], &more].concat()).json();
    let Some(api) = api else { return };
    let stage = format!("arn:aws:apigateway:{REGION}::/restapis/{api}/stages/dev");
    let arn = made["Summary"]["ARN"].as_str().unwrap();
    let words = ["wafv2", "associate-web-acl", "--web-acl-arn", arn, "--resource-arn", &stage];
    practice.ok(&words);
}

#[test]
fn a_bucket_that_is_not_empty_is_named_and_one_that_was_kept_is_not_forgotten() {
    let practice = without_users();
    let name = bucket(&practice);
    delete_stack(&practice, "Secure-Serverless", &[]);
    let report = practice.verify(&["ce"]);
    report.assert_fails(SETUP, "DeploymentBucket");
    report.assert_fails(SETUP, "not empty");
    delete_stack(&practice, "Secure-Serverless", &["--retain-resources", "DeploymentBucket"]);
    let report = practice.verify(&["ce", "cf"]);
    assert_eq!(report.verdict(SETUP), "pass");
    report.assert_fails(KEPT, &name);
    assert_eq!(report.check(KEPT)["optional"], true, "nobody can see whether it is gone by now");
}

#[test]
fn an_export_in_use_says_who_uses_it() {
    let practice = Practice::solved(&["0"]);
    practice.ok(&["s3", "rm", "--recursive", &format!("s3://{}", bucket(&practice))]);
    delete_stack(&practice, "Secure-Serverless", &[]);
    let report = practice.verify(&["ce"]);
    report.assert_fails(SETUP, "is in use by Secure-Serverless-Database and CustomizeUnicorns");
}

#[test]
fn a_deletion_that_lasts_is_waited_for() {
    let practice = without_users();
    // On AWS the network waits for Lambda. The practice account doesn't: the state is set.
    let store = rusqlite::Connection::open(practice.path().join("practice.sqlite")).unwrap();
    let set = "UPDATE document SET body = json_set(body, '$.status', 'DELETE_IN_PROGRESS')
               WHERE collection = 'cloudformation:stack'
               AND json_extract(body, '$.name') = 'Secure-Serverless'";
    assert_eq!(store.execute(set, []).unwrap(), 1);
    let report = practice.verify(&["ce"]);
    assert_eq!(report.verdict(SETUP), "waiting", "{}", report.check(SETUP));
    assert!(report.message(SETUP).contains("20 to 40 minutes"), "{}", report.message(SETUP));
}

#[test]
fn a_final_snapshot_outlives_its_database() {
    let practice = Practice::solved(&["0", "cleanup"]);
    // A template that says nothing of it means a snapshot.
    let with = BTreeMap::from([("Resources.AuroraCluster.DeletionPolicy".to_owned(), Value::Null)]);
    practice.act(&[Action::Deploy {
        template: "setup.yaml".into(),
        stack: "init".into(),
        parameters: BTreeMap::new(),
        with,
    }]);
    delete_stack(&practice, "Secure-Serverless", &[]);
    let report = practice.verify(&["ce", "cf"]);
    assert_eq!(report.verdict(SETUP), "pass", "{}", report.check(SETUP));
    assert_eq!(report.verdict("database-cluster-is-gone"), "pass");
    report.assert_fails("snapshots-are-gone", "secure-serverless-snapshot-auroracluster");
    let query = ["--query", "DBClusterSnapshots[].DBClusterSnapshotIdentifier", "--output", "text"];
    let words = ["rds", "describe-db-cluster-snapshots", "--snapshot-type", "manual"];
    let id = practice.ok(&[&words[..], &query].concat());
    let words = ["rds", "delete-db-cluster-snapshot", "--db-cluster-snapshot-identifier", &id];
    practice.ok(&words);
    let report = practice.verify(&["cf"]);
    assert_eq!(report.verdict("snapshots-are-gone"), "pass");
}

#[test]
fn a_secret_that_is_restored_costs_again_and_one_whose_time_has_come_is_gone() {
    let practice = Practice::solved(&["0", "1", "7", "cleanup"]);
    let on_secret = |operation: &str| {
        let words = ["secretsmanager", operation, "--secret-id", "secure-serverless-db-secret"];
        practice.ok(&words);
    };
    on_secret("restore-secret");
    let report = practice.verify(&["cc"]);
    report.assert_fails(SECRET, "40 cents");
    on_secret("delete-secret");
    practice.verify(&["cc"]).assert_proven();
    practice.set_ahead(31 * 24 * 3600);
    let report = practice.verify(&["cc"]);
    assert!(report.message(SECRET).contains("There is no secret"), "{}", report.message(SECRET));
}

#[test]
fn what_belongs_to_somebody_else_is_left_alone() {
    let practice = Practice::solved(&["0", "cleanup"]);
    // Another API with a plan and a key of its own.
    let rest = |method: &str, path: &str, body: &Value| {
        practice.rest("apigateway", method, path, Some(body))
    };
    let api = rest("POST", "/restapis", &json!({ "name": "other" }));
    let api = api["id"].as_str().unwrap();
    let root = practice.rest("apigateway", "GET", &format!("/restapis/{api}/resources"), None);
    let root = root["item"][0]["id"].as_str().unwrap();
    let method = format!("/restapis/{api}/resources/{root}/methods/GET");
    rest("PUT", &method, &json!({ "authorizationType": "NONE" }));
    rest("PUT", &format!("{method}/integration"), &json!({ "type": "MOCK" }));
    rest("POST", &format!("/restapis/{api}/deployments"), &json!({ "stageName": "live" }));
    let stages = json!([{ "apiId": api, "stage": "live" }]);
    let plan = rest("POST", "/usageplans", &json!({ "name": "Other", "apiStages": stages }));
    let key = rest("POST", "/apikeys", &json!({ "name": "in use", "enabled": true }));
    let keys = format!("/usageplans/{}/keys", plan["id"].as_str().unwrap());
    rest("POST", &keys, &json!({ "keyId": key["id"], "keyType": "API_KEY" }));
    rest("POST", "/apikeys", &json!({ "name": "of no use", "enabled": true }));
    make_acl(&practice, "SomebodyElse", None);
    for group in ["/aws/lambda/UnicornPartsFunction2", "/aws/lambda/Mine", "UnicornPartsFunction"] {
        practice.target("logs", "Logs_20140328.CreateLogGroup", &json!({ "logGroupName": group }));
    }
    practice.ok(&["cognito-idp", "create-user-pool", "--pool-name", "Mine"]);
    let settings = ["--validation-settings", "mode=OFF"];
    practice.ok(&[&["verifiedpermissions", "create-policy-store"], &settings[..]].concat());
    let report = practice.verify(&["cleanup"]);
    report.assert_proven();
    // Only this one is of use to nobody.
    assert_eq!(report.offenders(KEYS).len(), 1);
    report.assert_fails(KEYS, "of no use");
}

#[test]
fn a_policy_store_that_the_console_protects_is_named_so() {
    let practice = Practice::solved(&["0", "cleanup"]);
    let words = ["verifiedpermissions", "create-policy-store", "--validation-settings", "mode=OFF"];
    let store = practice.aws(&[&words[..], &["--deletion-protection", "ENABLED"]].concat()).json();
    let id = store["policyStoreId"].as_str().unwrap();
    let schema = json!({ "cedarJson": json!({ "CustomizeUnicorns": {
        "entityTypes": {}, "actions": {} } }).to_string() });
    let words = ["verifiedpermissions", "put-schema", "--policy-store-id", id, "--definition"];
    practice.ok(&[&words[..], &[&schema.to_string()]].concat());
    let report = practice.verify(&["cb"]);
    report.assert_fails("policy-stores-are-gone", "protected against deletion");
    let delete = ["verifiedpermissions", "delete-policy-store", "--policy-store-id", id];
    assert!(!practice.aws(&delete).good());
    let words = ["verifiedpermissions", "update-policy-store", "--policy-store-id", id];
    let more = ["--validation-settings", "mode=STRICT", "--deletion-protection", "DISABLED"];
    practice.ok(&[&words[..], &more].concat());
    practice.ok(&delete);
    practice.verify(&["cb"]).assert_proven();
}

#[test]
fn guardduty_goes_with_its_stack_and_may_stay_on_where_the_organization_decides() {
    let practice = Practice::solved(&["0", "12"]);
    let still = "The stack that switched GuardDuty on is still there: UnicornDetector";
    practice.verify(&["cg"]).assert_fails(GUARDDUTY, still);
    delete_stack(&practice, "UnicornDetector", &[]);
    assert_eq!(practice.verify(&["cg"]).verdict(GUARDDUTY), "pass");

    let made = practice.aws(&["guardduty", "create-detector", "--enable"]).json();
    practice.verify(&["cg"]).assert_fails(GUARDDUTY, "still watches us-east-1");
    let id = made["DetectorId"].as_str().unwrap();
    practice.ok(&["guardduty", "update-detector", "--detector-id", id, "--no-enable"]);
    assert_eq!(practice.verify(&["cg"]).verdict(GUARDDUTY), "pass");

    practice.ok(&["guardduty", "update-detector", "--detector-id", id, "--enable"]);
    practice.pace("guardduty", &json!({ "lambda": true }));
    let report = practice.verify(&["cg"]);
    assert_eq!(report.verdict(GUARDDUTY), "pass");
    assert!(report.message(GUARDDUTY).contains("your organization decides"));
}

#[test]
fn inspector_may_stay_on_where_the_organization_decides() {
    let practice = Practice::solved(&["0", "6"]);
    let pace = |administrator: Value| {
        practice.pace("inspector", &json!({ "administrator": administrator }));
    };
    practice.verify(&["cg"]).assert_fails(INSPECTOR, "still scans functions");
    pace(json!("000000000000"));
    practice.verify(&["cg"]).assert_fails(INSPECTOR, "still scans functions");
    pace(json!("111122223333"));
    let report = practice.verify(&["cg"]);
    report.assert_proven();
    assert!(report.message(INSPECTOR).contains("account 111122223333 decides"));
    // Without it, the clean-up is done all the same: it is extra.
    practice.solve(&["ca", "cb", "cc", "cd", "ce", "cf"]);
    pace(Value::Null);
    let report = practice.verify(&["cleanup"]);
    report.assert_fails(INSPECTOR, "still scans functions");
    report.assert_proven();
}

#[test]
fn a_trail_fills_its_bucket_until_it_is_stopped() {
    let practice = Practice::solved(&["0", "2"]);
    delete_stack(&practice, "UnicornTrail", &[]);
    let report = practice.verify(&["cd"]);
    report.assert_fails("trail-is-deleted", "TrailBucket");
    report.assert_fails("trail-is-deleted", "not empty");
    practice.run_page(PartId::Cleanup, &["cd"]);
    practice.verify(&["cd"]).assert_proven();
}

#[test]
fn without_a_permission_nothing_is_said_to_be_gone() {
    let practice = Practice::solved(&["all"]);
    let course = Course::embedded().unwrap();
    let cleanup = course.part(PartId::Cleanup).unwrap();
    let checks: Vec<_> = cleanup.steps.iter().flat_map(|step| &step.checks).collect();
    let mut actions: Vec<&str> = catalog()
        .iter()
        .filter(|spec| checks.iter().any(|check| check.facts.iter().any(|f| needs(f, spec.name))))
        .flat_map(|spec| spec.actions.iter().copied())
        .filter(|action| *action != "sts:GetCallerIdentity")
        .collect();
    actions.sort_unstable();
    actions.dedup();
    assert!(actions.contains(&"logs:DescribeLogGroups"), "{actions:?}");
    for action in actions {
        practice.fault(&json!([{ "action": action, "fault": "access_denied" }]));
        let report = practice.verify(&["cleanup"]);
        for check in &checks {
            let rests = catalog().iter().any(|spec| {
                spec.actions.contains(&action) && check.facts.iter().any(|f| needs(f, spec.name))
            });
            let (verdict, said) = (report.verdict(&check.check), report.message(&check.check));
            let told = verdict == "cannot_tell" && said.contains(action);
            assert!(!rests || told, "{action}: {}", report.check(&check.check));
        }
    }
}

/// Whether a fact is another, or rests on it.
fn needs(fact: &str, other: &str) -> bool {
    let spec = catalog().iter().find(|spec| spec.name == fact).unwrap();
    fact == other || spec.needs.iter().any(|need| needs(need, other))
}

#[test]
fn the_clean_up_is_named_and_never_among_all() {
    let practice = Practice::solved(&["0"]);
    let both = practice.verify(&["0", "cleanup"]);
    assert_eq!(both.json["modules"].as_array().unwrap().len(), 1);
    assert_eq!(both.json["cleanup"]["slug"], "cleanup");
    let solved = practice.stepproof(&["practice", "solve", "all"]);
    assert_eq!(code(&solved), 0, "{}", text(&solved));
    assert!(!practice.aws(&["cloudformation", "describe-stacks"]).text.contains("DELETE"));
    let solved = practice.stepproof(&["practice", "solve", "cleanup"]);
    assert!(text(&solved).contains("stepproof verify --practice --cleanup"), "{}", text(&solved));
    practice.verify(&["cleanup"]).assert_proven();
    // Once more, there is nothing to do.
    let again = practice.stepproof(&["practice", "solve", "cleanup"]);
    assert!(text(&again).contains("ce: solved already"), "{}", text(&again));
}
