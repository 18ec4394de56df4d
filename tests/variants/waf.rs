//! Module 10: web ACLs that the instructions don't teach, and ones that look like protection.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use crate::support::{Practice, REGION};

const RULES: &str = "Resources.ProtectUnicorn.Properties.Rules";

fn visibility(name: &str) -> Value {
    json!({ "MetricName": name, "CloudWatchMetricsEnabled": true, "SampledRequestsEnabled": true })
}

/// A rule with one of AWS's managed groups.
fn managed(priority: u8, group: &str, counted: bool, overrides: &Value) -> Value {
    json!({ "Name": group, "Priority": priority, "VisibilityConfig": visibility(group),
        "OverrideAction": if counted { json!({ "Count": {} }) } else { json!({ "None": {} }) },
        "Statement": { "ManagedRuleGroupStatement": {
            "VendorName": "AWS", "Name": group, "RuleActionOverrides": overrides } } })
}

fn rate(priority: u8) -> Value {
    json!({ "Name": "Rate", "Priority": priority, "Action": { "Block": {} },
        "VisibilityConfig": visibility("Rate"),
        "Statement": { "RateBasedStatement": { "Limit": 400, "EvaluationWindowSec": 60,
            "AggregateKeyType": "IP" } } })
}

/// Makes a web ACL by the service's own operation: its ARN.
fn acl(practice: &Practice, rules: &Value) -> String {
    let input = json!({ "Name": "ByHand", "Scope": "REGIONAL", "DefaultAction": { "Allow": {} },
        "VisibilityConfig": visibility("ByHand"), "Rules": rules });
    let made = practice.target("wafv2", "AWSWAF_20190729.CreateWebACL", &input);
    made["Summary"]["ARN"].as_str().unwrap().to_owned()
}

fn associate(practice: &Practice, acl: &str, stage: &str) {
    let api = practice.api_id();
    let at = format!("arn:aws:apigateway:{REGION}::/restapis/{api}/stages/{stage}");
    let input = json!({ "WebACLArn": acl, "ResourceArn": at });
    practice.target("wafv2", "AWSWAF_20190729.AssociateWebACL", &input);
}

/// Whether the firewall refuses an attack of that kind.
fn blocked(practice: &Practice, kind: &str) -> bool {
    let calls = practice.fact("firewall_calls");
    let attacks = calls["attacks"].as_array().unwrap();
    attacks.iter().find(|attack| attack["kind"] == kind).unwrap()["blocked"] == true
}

#[test]
fn managed_groups_of_aws_in_a_web_acl_made_by_hand_pass() {
    let practice = Practice::solved(&["0", "1"]);
    practice.verify(&["10"]).assert_fails("web-acl-on-the-stage", "No web ACL");
    let rules = json!([
        managed(0, "AWSManagedRulesCommonRuleSet", false, &json!([])),
        managed(1, "AWSManagedRulesSQLiRuleSet", false, &json!([])),
        rate(2),
    ]);
    let acl = acl(&practice, &rules);
    practice.verify(&["10"]).assert_fails("web-acl-on-the-stage", "No web ACL");
    associate(&practice, &acl, "dev");
    practice.verify(&["10"]).assert_proven();
}

#[test]
fn a_web_acl_before_another_stage_protects_nothing_here() {
    let practice = Practice::solved(&["0", "1"]);
    let api = practice.api_id();
    practice.ok(&[
        "apigateway",
        "create-deployment",
        "--rest-api-id",
        &api,
        "--stage-name",
        "test",
    ]);
    let rules = json!([managed(1, "AWSManagedRulesSQLiRuleSet", false, &json!([]))]);
    let acl = acl(&practice, &rules);
    associate(&practice, &acl, "test");
    let report = practice.verify(&["10"]);
    report.assert_fails("web-acl-on-the-stage", "another stage");
    assert!(!blocked(&practice, "SQL in the path"));
}

#[test]
fn a_managed_group_that_counts_blocks_nothing() {
    let practice = Practice::solved(&["0", "1", "10"]);
    let sql = format!("{RULES}.1");
    let counted = managed(2, "AWSManagedRulesSQLiRuleSet", true, &json!([]));
    practice.deploy_app(&BTreeMap::from([(sql.clone(), counted)]));
    let report = practice.verify(&["10"]);
    report.assert_fails("sql-injection-is-blocked", "only count");
    assert!(!blocked(&practice, "SQL in the path"));

    // One rule of it that counts is enough for a hole.
    let names = ["SQLi_URIPATH", "SQLiExtendedPatterns_URIPATH"];
    let overrides = names.map(|name| json!({ "Name": name, "ActionToUse": { "Count": {} } }));
    let holed = managed(2, "AWSManagedRulesSQLiRuleSet", false, &json!(overrides));
    practice.deploy_app(&BTreeMap::from([(sql, holed)]));
    let report = practice.verify(&["10"]);
    assert_eq!(report.offenders("sql-injection-is-blocked"), ["path"]);
    assert!(blocked(&practice, "SQL in the body"));
    assert!(!blocked(&practice, "SQL in the path"));
}

#[test]
fn rules_in_a_rule_group_of_ones_own_are_seen() {
    let practice = Practice::solved(&["0", "1", "10"]);
    let template = json!({ "Resources": { "Group": { "Type": "AWS::WAFv2::RuleGroup", "Properties": {
        "Name": "Own", "Scope": "REGIONAL", "Capacity": 100, "VisibilityConfig": visibility("Own"),
        "Rules": [rate(0)] } } },
        "Outputs": { "Arn": { "Value": { "Fn::GetAtt": ["Group", "Arn"] } } } });
    practice.file("group.json", &template.to_string());
    assert!(practice.deploy("Group", "group.json", &[]).good());
    let arn = practice.output("Group", "Arn");
    let rule = |action: &str| {
        json!({ "Name": "Own", "Priority": 3,
        "VisibilityConfig": visibility("Own"), "OverrideAction": { action: {} },
        "Statement": { "RuleGroupReferenceStatement": { "Arn": arn } } })
    };
    let place = format!("{RULES}.2");
    practice.deploy_app(&BTreeMap::from([(place.clone(), rule("None"))]));
    practice.verify(&["10"]).assert_proven();
    practice.deploy_app(&BTreeMap::from([(place, rule("Count"))]));
    practice.verify(&["10"]).assert_fails("floods-are-blocked", "only counts");
}

#[test]
fn a_rule_under_a_condition_is_not_taken_for_protection() {
    let practice = Practice::solved(&["0", "1", "10"]);
    let sqli = json!({ "SqliMatchStatement": { "FieldToMatch": { "UriPath": {} },
        "TextTransformations": [{ "Priority": 0, "Type": "URL_DECODE" }] } });
    let geo = json!({ "GeoMatchStatement": { "CountryCodes": ["AQ"] } });
    let both = json!({ "AndStatement": { "Statements": [sqli, geo] } });
    practice.deploy_app(&BTreeMap::from([(format!("{RULES}.1.Statement"), both)]));
    let report = practice.verify(&["10"]);
    report.assert_fails("sql-injection-is-blocked", "condition");
    assert!(!blocked(&practice, "SQL in the path"));
}

#[test]
fn a_rate_rule_blocks_and_forgets() {
    let practice = Practice::solved(&["0", "1", "10"]);
    let limit = format!("{RULES}.2.Statement.RateBasedStatement.Limit");
    practice.deploy_app(&BTreeMap::from([(limit, json!(10))]));
    let url = practice.address("socks");
    let statuses: Vec<u16> = (0..14).map(|_| practice.exchange("GET", &url, &[], b"").0).collect();
    assert_eq!(statuses[0], 401);
    assert_eq!(statuses[13], 403, "{statuses:?}");
    practice.set_ahead(301);
    assert_eq!(practice.exchange("GET", &url, &[], b"").0, 401);
}

/// After a flood of one's own the answers are the firewall's, whatever the API would say.
#[test]
fn who_is_shut_out_by_a_rate_rule_is_told_so_and_nothing_fails() {
    let practice = Practice::solved(&["0", "1", "10"]);
    let limit = format!("{RULES}.2.Statement.RateBasedStatement.Limit");
    practice.deploy_app(&BTreeMap::from([(limit, json!(10))]));
    let url = practice.address("socks");
    let last = (0..14).map(|_| practice.exchange("GET", &url, &[], b"").0).last();
    assert_eq!(last, Some(403));
    let report = practice.verify(&["0", "1", "10"]);
    assert_eq!(report.code, 3, "{:#?}", report.not_passing());
    for check in ["anonymous-calls-are-refused", "attacks-are-refused"] {
        assert_eq!(report.verdict(check), "cannot_tell", "{}", report.check(check));
        assert!(report.message(check).contains("wait five minutes"), "{}", report.check(check));
    }
}

#[test]
fn nothing_is_sent_where_no_authorizer_stands_behind() {
    // Without module 1 an attack would reach the database.
    let practice = Practice::solved(&["0"]);
    let calls = practice.fact("firewall_calls");
    assert_eq!(calls["attacks"], json!([]));
}
