//! The course is in one region, and another is looked at.

use serde_json::json;

use crate::support::Practice;

const ELSEWHERE: [&str; 2] = ["--region", "eu-west-1"];

#[test]
fn in_another_region_nothing_is_judged_and_the_region_is_named() {
    let practice = Practice::solved(&["all"]);
    let report = practice.verify_with(&ELSEWHERE);
    assert_eq!(report.code, 3, "{:#}", report.json["modules"]);
    assert_eq!(report.json["region"], "eu-west-1");
    assert_eq!(report.json["score"]["earned"], 0);
    assert!(report.passing().is_empty(), "{:?}", report.passing());
    let failing: Vec<_> = report.checks().into_iter().filter(|c| c["verdict"] == "fail").collect();
    assert!(failing.is_empty(), "{failing:#?}");
    let message = report.message("setup-stack-complete");
    assert!(message.contains("Stack Secure-Serverless isn't in eu-west-1"), "{message}");
    assert!(message.contains("Give that region with --region"), "{message}");
}

#[test]
fn where_the_course_never_was_its_first_step_fails_with_the_region() {
    let practice = Practice::start();
    let report = practice.verify_with(&ELSEWHERE);
    assert_eq!(report.code, 1);
    let message = report.message("setup-stack-complete");
    assert!(message.contains("isn't in eu-west-1") && message.contains("--region"), "{message}");
    assert!(report.passing().is_empty(), "{:?}", report.passing());
}

#[test]
fn a_stack_that_was_deleted_is_missed_and_not_looked_for_elsewhere() {
    let practice = Practice::solved(&["0"]);
    practice.ok(&["cloudformation", "delete-stack", "--stack-name", "CustomizeUnicorns"]);
    let report = practice.verify(&["0"]);
    report.assert_fails("app-stack-complete", "Stack CustomizeUnicorns isn't in us-east-1");
}

#[test]
fn who_may_not_look_for_roles_hears_that_the_stack_is_not_there() {
    let practice = Practice::solved(&["0"]);
    practice.fault(&json!([{ "action": "iam:ListRoles", "fault": "access_denied" }]));
    let report = practice.verify_with(&ELSEWHERE);
    assert_eq!(report.code, 1);
    let message = report.message("setup-stack-complete");
    assert!(message.contains("isn't in eu-west-1"), "{message}");
    assert!(report.passing().is_empty(), "{:?}", report.passing());
}
