//! Module 12: detectors made by others, elsewhere, suspended, without Lambda Protection, and under an
//! organization's policy.

use serde_json::{Value, json};

use crate::support::Practice;

const DETECTOR: &str = "guardduty-is-on";
const LAMBDA: &str = "lambda-protection-is-on";

/// Makes a detector with the real CLI: its id.
fn create(practice: &Practice, more: &[&str]) -> String {
    let words = ["guardduty", "create-detector", "--enable", "--query", "DetectorId"];
    practice.ok(&[&words[..], &["--output", "text"], more].concat())
}

fn update(practice: &Practice, detector: &str, more: &[&str]) -> crate::support::Ended {
    practice.aws(&[&["guardduty", "update-detector", "--detector-id", detector], more].concat())
}

/// What the organization's policy says about Lambda Protection.
fn policy(practice: &Practice, lambda: Option<bool>) {
    practice.pace("guardduty", &json!({ "lambda": lambda }));
}

#[test]
fn a_detector_that_the_real_cli_made_counts() {
    let practice = Practice::solved(&["0"]);
    let report = practice.verify(&["12"]);
    report.assert_fails(DETECTOR, "not on in us-east-1");
    assert_eq!(report.verdict(LAMBDA), "blocked");
    create(&practice, &[]);
    practice.verify(&["12"]).assert_proven();
    let again = practice.aws(&["guardduty", "create-detector", "--enable"]);
    assert!(again.text.contains("a detector already exists"), "{}", again.text);
}

#[test]
fn a_detector_in_another_region_watches_nothing_here() {
    let practice = Practice::solved(&["0"]);
    create(&practice, &["--region", "eu-west-1"]);
    practice.verify(&["12"]).assert_fails(DETECTOR, "not on in us-east-1");
    let words = ["facts", "detector", "--practice", "--region", "eu-west-1"];
    let said = crate::support::text(&practice.stepproof(&words));
    assert!(said.contains(r#""enabled": true"#), "{said}");
}

#[test]
fn a_suspended_detector_fails_though_its_plans_are_on() {
    let practice = Practice::solved(&["0"]);
    let detector = create(&practice, &[]);
    assert!(update(&practice, &detector, &["--no-enable"]).good());
    let report = practice.verify(&["12"]);
    report.assert_fails(DETECTOR, "suspended");
    assert_eq!(practice.fact("lambda_protection")["enabled"], false);
    assert!(update(&practice, &detector, &["--enable"]).good());
    practice.verify(&["12"]).assert_proven();
}

#[test]
fn a_detector_without_lambda_protection_is_half_the_module() {
    let practice = Practice::solved(&["0"]);
    let off = "Name=LAMBDA_NETWORK_LOGS,Status=DISABLED";
    let detector = create(&practice, &["--features", off]);
    let report = practice.verify(&["12"]);
    assert_eq!(report.verdict(DETECTOR), "pass");
    report.assert_fails(LAMBDA, "DISABLED");
    let on = "Name=LAMBDA_NETWORK_LOGS,Status=ENABLED";
    assert!(update(&practice, &detector, &["--features", on]).good());
    practice.verify(&["12"]).assert_proven();
}

#[test]
fn an_organizations_policy_is_accepted_and_said() {
    let practice = Practice::solved(&["0"]);
    let off = "Name=LAMBDA_NETWORK_LOGS,Status=DISABLED";
    let detector = create(&practice, &["--features", off]);
    policy(&practice, Some(true));
    let report = practice.verify(&["12"]);
    report.assert_proven();
    assert!(report.message(LAMBDA).contains("organization's policy"), "{}", report.message(LAMBDA));
    let refused = update(&practice, &detector, &["--features", off]);
    assert!(refused.text.contains("organization"), "{}", refused.text);

    policy(&practice, Some(false));
    practice.verify(&["12"]).assert_fails(LAMBDA, "Only its administrator");
}

#[test]
fn a_template_that_switches_the_plan_off_is_seen_and_a_second_detector_refused() {
    let practice = Practice::solved(&["0"]);
    practice.solve(&["12"]);
    practice.verify(&["12"]).assert_proven();
    practice.edit("guardduty.yaml", |text| text.replace("ENABLED", "DISABLED"));
    let template = practice.app().join("guardduty.yaml");
    let template = template.to_str().unwrap();
    assert!(practice.deploy("UnicornDetector", template, &[]).good());
    practice.verify(&["12"]).assert_fails(LAMBDA, "DISABLED");
    let second = practice.deploy("Second", template, &[]);
    assert!(!second.good(), "{}", second.text);
    assert_eq!(practice.status("Second"), "ROLLBACK_COMPLETE");
}

#[test]
fn without_permission_each_check_cannot_tell() {
    let practice = Practice::solved(&["0"]);
    create(&practice, &[]);
    for action in ["guardduty:ListDetectors", "guardduty:GetDetector"] {
        practice.fault(&json!([{ "action": action, "fault": "access_denied" }]));
        let report = practice.verify(&["12"]);
        for check in [DETECTOR, LAMBDA] {
            assert_eq!(report.verdict(check), "cannot_tell", "{action}");
        }
        assert!(report.message(DETECTOR).contains(action), "{}", report.message(DETECTOR));
    }
}

#[test]
fn samples_are_made_found_read_and_put_away() {
    let practice = Practice::solved(&["0"]);
    let detector = create(&practice, &[]);
    let guardduty = |words: &[&str]| {
        let id = ["--detector-id", detector.as_str()];
        practice.aws(&[&["guardduty", words[0]], &id[..], &words[1..]].concat())
    };
    let kinds = ["Backdoor:Lambda/C&CActivity.B", "UnauthorizedAccess:Lambda/TorClient"];
    assert!(guardduty(&["create-sample-findings", "--finding-types", kinds[0], kinds[1]]).good());
    let unknown = guardduty(&["create-sample-findings", "--finding-types", "Recon:EC2/Portscan"]);
    assert!(unknown.text.contains("NotImplemented"), "{}", unknown.text);
    let open = |criterion: &Value| {
        let criteria = json!({ "Criterion": criterion }).to_string();
        let list = guardduty(&["list-findings", "--finding-criteria", &criteria]).json();
        let ids = list["FindingIds"].as_array().unwrap().clone();
        ids.iter().map(|id| id.as_str().unwrap().to_owned()).collect::<Vec<_>>()
    };
    let tor = open(&json!({ "type": { "Equals": [kinds[1]] } }));
    assert_eq!(tor.len(), 1);
    let found = guardduty(&["get-findings", "--finding-ids", &tor[0]]).json();
    let finding = &found["Findings"][0];
    assert!(finding["Title"].as_str().unwrap().starts_with("[SAMPLE]"), "{finding}");
    assert_eq!(finding["Resource"]["ResourceType"], "Lambda");
    assert!(guardduty(&["archive-findings", "--finding-ids", &tor[0]]).good());
    let left = open(&json!({ "service.archived": { "Equals": ["false"] } }));
    assert_eq!(left.len(), 1);
    assert_ne!(left, tor);
}
