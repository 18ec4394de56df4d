//! Module 6: Inspector switched on by others, half switched on, coming, suspended; scans to come.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use crate::support::Practice;

const PACKAGES: &str = "inspector-scans-packages";
const CODE: &str = "inspector-scans-code";
const COVERED: &str = "functions-are-scanned";

fn start() -> Practice {
    Practice::solved(&["0", "1"])
}

/// How long first scans take, and whether AWS suspended scanning.
fn pace(practice: &Practice, seconds: u32, suspended: bool) {
    practice.pace("inspector", &json!({ "seconds": seconds, "suspended": suspended }));
}

fn enable(practice: &Practice, types: &[&str]) {
    practice.ok(&[&["inspector2", "enable", "--resource-types"], types].concat());
}

fn findings(practice: &Practice) -> Vec<Value> {
    let answer = practice.aws(&["inspector2", "list-findings"]).json();
    answer["findings"].as_array().unwrap().clone()
}

#[test]
fn the_real_cli_switches_it_on_and_the_scans_are_waited_for() {
    let practice = start();
    let report = practice.verify(&["6"]);
    report.assert_fails(PACKAGES, "DISABLED");
    pace(&practice, 600, false);
    enable(&practice, &["LAMBDA", "LAMBDA_CODE"]);
    let report = practice.verify(&["6"]);
    assert_eq!(report.verdict(PACKAGES), "waiting", "{}", report.check(PACKAGES));
    assert_eq!(report.check(CODE)["blocked_by"]["because"], "waiting", "{}", report.check(CODE));
    assert_eq!(report.code, 3, "nothing has failed");
    pace(&practice, 0, false);
    practice.verify(&["6"]).assert_proven();
}

#[test]
fn a_first_scan_to_come_is_told_from_one_that_never_comes() {
    let practice = start();
    enable(&practice, &["LAMBDA", "LAMBDA_CODE"]);
    pace(&practice, 0, false);
    let tags = json!({ "InspectorCodeExclusion": "LambdaCodeScanning" });
    let tagged = "Resources.ManagePartnerFunction.Properties.Tags".to_owned();
    practice.deploy_app(&BTreeMap::from([(tagged, tags)]));
    let report = practice.verify(&["6"]);
    assert_eq!(report.verdict(CODE), "pass");
    report.assert_fails(COVERED, "ManagePartnerFunction (EXCLUDED_BY_TAG)");
    assert_eq!(report.offenders(COVERED).len(), 1);
}

#[test]
fn standard_scanning_without_code_scanning_is_half_the_module() {
    let practice = start();
    enable(&practice, &["LAMBDA"]);
    pace(&practice, 0, false);
    let report = practice.verify(&["6"]);
    assert_eq!(report.verdict(PACKAGES), "pass");
    report.assert_fails(CODE, "DISABLED");
    assert_ne!(report.verdict(COVERED), "pass");
}

#[test]
fn suspended_scanning_fails_whoever_switched_it_on() {
    let practice = Practice::solved(&["0", "1", "6"]);
    practice.verify(&["6"]).assert_proven();
    pace(&practice, 0, true);
    let report = practice.verify(&["6"]);
    report.assert_fails(PACKAGES, "suspended");
    assert_ne!(report.verdict(CODE), "pass");
}

#[test]
fn findings_are_shown_and_go_with_their_cause_and_are_never_asked_for() {
    let practice = Practice::solved(&["0", "1", "6"]);
    let report = practice.verify(&["6"]);
    let evidence = report.check(COVERED)["evidence"].to_string();
    for found in ["CVE-2022-3517 - minimatch", "CWE-798", "CWE-89", "database.js"] {
        assert!(evidence.contains(found), "{found}: {evidence}");
    }
    let package = |one: &Value| one["type"] == "PACKAGE_VULNERABILITY";
    assert!(findings(&practice).iter().any(package));
    practice.solve(&["4"]);
    assert!(!findings(&practice).iter().any(package));
    practice.verify(&["4", "6"]).assert_proven();
}

#[test]
fn a_region_without_code_scanning_is_told_as_such() {
    let practice = Practice::start();
    let region = ["--region", "sa-east-1"];
    let enable = ["inspector2", "enable", "--resource-types", "LAMBDA"];
    let refused = practice.aws(&[&enable[..], &["LAMBDA_CODE"], &region].concat());
    assert!(refused.text.contains("not supported in sa-east-1"), "{}", refused.text);
    practice.ok(&[&enable[..], &region].concat());
    pace(&practice, 0, false);
    let args = ["facts", "inspector_code", "--practice", "--region", "sa-east-1"];
    let said = crate::support::text(&practice.stepproof(&args));
    assert!(said.contains("doesn't scan the code of functions in region sa-east-1"), "{said}");
}

#[test]
fn without_permission_each_check_cannot_tell() {
    let practice = Practice::solved(&["0", "1", "6"]);
    for (action, checks) in [
        ("inspector2:BatchGetAccountStatus", &[PACKAGES, CODE, COVERED][..]),
        ("inspector2:ListCoverage", &[COVERED][..]),
        ("inspector2:ListFindings", &[COVERED][..]),
    ] {
        practice.fault(&json!([{ "action": action, "fault": "access_denied" }]));
        let report = practice.verify(&["6"]);
        for check in [PACKAGES, CODE, COVERED] {
            let expected = if checks.contains(&check) { "cannot_tell" } else { "pass" };
            assert_eq!(report.verdict(check), expected, "{action}: {}", report.check(check));
        }
        assert!(report.message(checks[0]).contains(action), "{}", report.check(checks[0]));
    }
}
