//! What a verdict rests on, and how long its window is open.

use super::*;

#[tokio::test]
async fn a_verdict_says_what_it_rests_on_and_when_that_was_read() {
    let report = simple(&[("stack", give(json!({"status": "ROLLBACK"})))]).await;
    let basis = &result(&report, "stack-up").basis;
    let rule = &basis.rules[0];
    assert_eq!(
        (rule.rule.as_str(), rule.holds),
        ("stack.status == \"CREATE_COMPLETE\"", Some(false))
    );
    assert_eq!(rule.read["stack.status"], "ROLLBACK");
    let fact = &basis.facts[0];
    assert_eq!((fact.fact.as_str(), fact.kind), ("stack", ReadBy::Config));
    assert!(fact.at.starts_with("2026-01-01T12:00:0"), "{}", fact.at);
    assert!(fact.problem.is_none() && fact.seconds < 10.0);
}

#[tokio::test]
async fn facts_that_others_rest_on_are_named_once() {
    let report = simple(&[]).await;
    let facts: Vec<&str> =
        result(&report, "pool").basis.facts.iter().map(|fact| fact.fact.as_str()).collect();
    assert_eq!(facts, ["pool", "rests"]);
    assert_eq!(result(&report, "pool").basis.facts[1].rests_on, ["pool"]);
}

#[tokio::test]
async fn what_could_not_be_looked_at_says_so_beside_its_fact() {
    let report = simple(&[("pool", denied("cognito-idp:DescribeUserPool"))]).await;
    let basis = &result(&report, "pool").basis;
    assert!(basis.rules.is_empty(), "nothing was judged");
    let problem = basis.facts[0].problem.as_deref().unwrap();
    assert!(problem.contains("cognito-idp:DescribeUserPool"), "{problem}");
}

#[tokio::test]
async fn an_open_window_tells_its_seconds_apart_from_the_message() {
    let mut open = open_method();
    open["deployed"] = json!("2026-01-01T11:59:30Z");
    let report = simple(&[("api", give(open))]).await;
    let found = result(&report, "methods-closed");
    assert_eq!(found.verdict, Verdict::Waiting);
    assert_eq!(found.basis.settle.as_ref().map(|settle| settle.seconds_left), Some(30));
    assert!(found.message.contains("up to 30 s more"), "{}", found.message);
    assert_eq!(found.without_countdown("en"), "Open: GET /capes");
}

#[tokio::test]
async fn a_computers_clock_that_is_behind_is_named() {
    for (deployed, behind) in [("2026-01-01T12:58:00Z", true), ("2026-01-01T12:00:05Z", false)] {
        let mut open = open_method();
        open["deployed"] = json!(deployed);
        let report = simple(&[("api", give(open))]).await;
        let found = result(&report, "methods-closed");
        assert_eq!(found.verdict, Verdict::Waiting);
        assert_eq!(found.message.contains("clock is about 58 min behind"), behind, "{deployed}");
    }
}
