//! Verification that teaches: evidence, countdowns, what has regressed, hints, links.

use std::time::Duration;

use jiff::Timestamp;
use serde_json::json;

use super::fixture::*;
use crate::check::{CheckResult, Verdict};
use crate::i18n::Lang;
use crate::tui::*;

fn with_basis(mut result: CheckResult, basis: serde_json::Value) -> CheckResult {
    result.basis = serde_json::from_value(basis).unwrap();
    result
}

/// A result whose settle window is open.
fn waiting(seconds: u64) -> CheckResult {
    let wait = format!("A change takes a while to show: up to {seconds} s more. Still open.");
    let basis = json!({ "settle": { "since": "2026-01-01T12:00:00Z", "seconds_left": seconds } });
    with_basis(result("stack-is-there", Verdict::Waiting, &wait, &[]), basis)
}

fn pass() -> CheckResult {
    result("stack-is-there", Verdict::Pass, "It is there.", &[])
}

fn fail() -> CheckResult {
    result("stack-is-there", Verdict::Fail, "There is no stack.", &[])
}

/// What a verification that nobody asked for comes to.
fn looks_again(learner: &mut Learner, effects: &[Effect], result: CheckResult) -> Vec<Effect> {
    let [Effect::Recheck(number, scope, Lang::En)] = effects else { panic!("{effects:?}") };
    assert_eq!(*scope, Scope::Step("0a".into()));
    learner.tell(Msg::Verified(*number, Ok(Box::new(report(vec![("0a", result)])))))
}

#[test]
fn the_evidence_shows_what_must_hold_beside_what_was_read() {
    let basis = json!({
        "rules": [
            { "rule": "app_stack.status == \"CREATE_COMPLETE\"", "must": "hold", "holds": false,
              "read": { "app_stack.status": "ROLLBACK_COMPLETE" } },
            { "rule": "api.methods.filter(m, m.open)", "must": "be_empty", "holds": true,
              "read": { "api.methods": { "entries": 12 } } },
        ],
        "facts": [
            { "fact": "app_stack", "kind": "config", "actions": ["cloudformation:DescribeStacks"],
              "rests_on": [], "at": "2026-01-01T10:32:05.1Z", "seconds": 0.214 },
            { "fact": "api_deployed", "kind": "config", "actions": [], "rests_on": ["deployment"],
              "at": "2026-01-01T10:32:06Z", "seconds": 0.0 },
            { "fact": "calls", "kind": "probe", "actions": [], "rests_on": [],
              "at": "2026-01-01T10:32:07Z", "seconds": 1.5, "problem": "No network." },
        ],
    });
    let offender = "DELETE /customizations/{id} ".repeat(6);
    let failed = result("stack-is-there", Verdict::Fail, "There is no stack.", &[&offender]);
    for size in [(140, 45), (80, 40), (60, 50)] {
        let mut learner = Learner::at_work(size);
        let other = result("bucket-is-there", Verdict::Pass, "It is there.", &[]);
        let judged = vec![("0a", with_basis(failed.clone(), basis.clone())), ("0a", other)];
        learner.verifies("v", judged);
        // The report has a result a step: both checks are the step's.
        let both = vec![with_basis(failed.clone(), basis.clone()), pass_of("bucket-is-there")];
        learner.model.results.insert("0a".into(), both);
        learner.press("e");
        for text in [
            "EVIDENCE · 0a stack-is-there · 1 of 2",
            "not yet: There is no stack.",
            "What is wrong (1)",
            "Must hold",
            "Was read",
            "app_stack.status = ",
            "api.methods = 12 entries",
            "cloudformation:DescribeStacks",
            "10:32:05",
            "0.21 s",
            "from deployment",
            "requests to your API",
            "! No network.",
        ] {
            learner.sees(text);
        }
        assert!(learner.screen().matches("DELETE").count() >= 6, "whole:\n{}", learner.screen());
        learner.press("n");
        learner.sees("bucket-is-there · 2 of 2");
        learner.press("n");
        learner.sees("2 of 2");
        learner.press("p");
        learner.sees("1 of 2");
        learner.press("e");
        learner.sees_not("EVIDENCE");
    }
}

fn pass_of(check: &str) -> CheckResult {
    result(check, Verdict::Pass, "It is there.", &[])
}

#[test]
fn without_a_verification_there_is_no_evidence() {
    let mut learner = Learner::at_work((80, 24));
    learner.press("e");
    learner.sees_not("EVIDENCE");
    learner.sees("Not checked yet. Press v.");
}

#[test]
fn evidence_scrolls_and_follows_a_new_verdict() {
    let mut learner = Learner::at_work((80, 24));
    let many: Vec<String> = (0..40).map(|n| format!("offender {n}")).collect();
    let many: Vec<&str> = many.iter().map(String::as_str).collect();
    learner.verifies("v", vec![("0a", result("stack-is-there", Verdict::Fail, "No.", &many))]);
    learner.press("e");
    learner.sees("j k scroll");
    learner.sees_not("offender 39");
    learner.press("G");
    learner.sees("offender 39");
    learner.press("g");
    learner.sees("offender 0");
    learner.model.results.clear();
    learner.sees("Not checked yet.");
}

#[test]
fn a_settle_window_counts_down_and_is_looked_at_again_at_its_end() {
    let mut learner = Learner::at_work((140, 45));
    learner.verifies("v", vec![("0a", waiting(45))]);
    learner.sees("waiting, 0:45 left: Still open.");
    learner.sees_not("A change takes a while");
    learner.press("\u{1b}");
    assert_eq!(learner.waits(1), []);
    learner.sees("waiting, 0:44 left");
    assert_eq!(learner.waits(9), [], "not every second");
    let effects = learner.waits(2);
    assert_eq!(looks_again(&mut learner, &effects, waiting(33)), [], "no news, no word");
    learner.sees("waiting, 0:33 left");
    learner.sees_not("Proven:");
    let effects = learner.waits(36);
    assert_eq!(looks_again(&mut learner, &effects, pass()), [Effect::ReadValues]);
    learner.sees("0a: the change shows now. Proven.");
    learner.sees("✓ 0a");
    assert!(!learner.model.counts());
    assert_eq!(learner.waits(600), [], "nothing waits any more");
}

#[test]
fn a_window_that_ends_without_the_change_says_so() {
    let mut learner = Learner::at_work((140, 45));
    learner.verifies("v", vec![("0a", waiting(5))]);
    let effects = learner.waits(7);
    looks_again(&mut learner, &effects, fail());
    learner.sees("0a: the time is over, and it doesn't hold.");
    learner.sees("not yet: There is no stack.");
}

#[test]
fn nothing_is_looked_at_again_behind_a_window_or_on_another_page() {
    let mut learner = Learner::at_work((140, 45));
    learner.verifies("v", vec![("0a", waiting(30))]);
    learner.press("?");
    assert_eq!(learner.waits(100), []);
    learner.press("\u{1b}");
    learner.press("\t\tj\n");
    assert!(!learner.model.counts(), "another page is open");
    assert_eq!(learner.waits(1), []);
    learner.press("\t\tk\n");
    learner.sees("waiting, looking again");
    let effects = learner.waits(1);
    assert!(matches!(effects[..], [Effect::Recheck(..)]), "{effects:?}");
    assert_eq!(learner.waits(100), [], "one at a time");
    // What is asked for goes first.
    let effects = learner.press("v");
    assert!(matches!(effects[..], [Effect::Cancel, Effect::Verify(..)]), "{effects:?}");
}

#[test]
fn a_look_that_comes_to_nothing_is_not_repeated_at_once() {
    let mut learner = Learner::at_work((140, 45));
    learner.verifies("v", vec![("0a", waiting(12))]);
    let effects = learner.waits(12);
    let [Effect::Recheck(number, ..)] = effects[..] else { panic!("{effects:?}") };
    learner.tell(Msg::Verified(number, Err(Trouble::new("No network.", ""))));
    assert_eq!(learner.waits(1), []);
    assert!(matches!(learner.waits(10)[..], [Effect::Recheck(..)]));
}

#[test]
fn only_a_second_that_is_seen_draws() {
    let mut learner = Learner::at_work((140, 45));
    learner.model.dirty = false;
    learner.waits(60);
    assert!(!learner.model.dirty, "nothing counts");
    learner.verifies("v", vec![("0a", waiting(45))]);
    learner.model.dirty = false;
    let time = learner.model.time.clone();
    learner.tell(Msg::Time(time));
    assert!(!learner.model.dirty);
    learner.waits(1);
    assert!(learner.model.dirty);
}

#[test]
fn a_clock_that_jumps_changes_no_countdown() {
    let mut learner = Learner::at_work((140, 45));
    learner.verifies("v", vec![("0a", waiting(45))]);
    for wall in ["2040-01-01T00:00:00Z", "1999-01-01T00:00:00Z"] {
        let running = learner.model.time.running + Duration::from_secs(1);
        let time = Time { running, wall: wall.parse().unwrap(), ..Time::default() };
        assert_eq!(learner.tell(Msg::Time(time)), []);
    }
    learner.sees("waiting, 0:43 left");
}

fn time(text: &str) -> Timestamp {
    text.parse().unwrap()
}

#[test]
fn what_was_proven_and_fails_now_says_since_when_and_why_that_may_be() {
    let mut learner = Learner::at_work((140, 45));
    let wall = time("2026-03-01T11:00:00Z");
    learner.tell(Msg::Time(Time { wall, ..Time::default() }));
    let proven = [("0a".to_owned(), time("2026-03-01T10:32:11Z"))];
    let past =
        Past { proven: ["0a".to_owned()].into(), last_proof: proven.into(), ..Past::default() };
    learner.tell(Msg::Past(past));
    learner.verifies("v", vec![("0a", fail())]);
    learner.sees("Proven at 10:32; it fails now.");
    learner.sees_not("deployment");
    let deployed = |at| Msg::Progress(0, Progress::Deployed(time(at)));
    learner.tell(deployed("2026-03-01T10:20:00Z"));
    learner.sees_not("deployment");
    learner.tell(deployed("2026-03-01T10:41:00Z"));
    learner.sees("Your");
    learner.sees("(10:41)");
    learner.press("l");
    learner.sees("10:32 に確認済み。今は未達成です。");
}

#[test]
fn hints_stay_readable_once_the_check_passes() {
    let mut learner = Learner::at_work((140, 45));
    learner.press("\t\tj\n");
    let name = "every-method-needs-a-token";
    learner.verifies("v", vec![("1a", result(name, Verdict::Fail, "Open.", &[]))]);
    learner.press("hh");
    learner.sees("Hint 1 of 3, where to look");
    learner.sees("Hint 2 of 3, what it takes");
    learner.sees("hint 3 of 3: press h");
    learner.verifies("v", vec![("1a", result(name, Verdict::Pass, "Closed.", &[]))]);
    learner.sees("Hint 2 of 3, what it takes");
    learner.sees_not("press h");
}

#[test]
fn a_link_is_marked_shown_and_copied_never_opened() {
    let mut learner = Learner::at_work((120, 24));
    learner.press("]]]");
    let cells = learner.look().cells;
    let reversed =
        |cell: &&ratatui::buffer::Cell| cell.modifier.contains(ratatui::style::Modifier::REVERSED);
    let text: String =
        cells.content.iter().filter(reversed).map(ratatui::buffer::Cell::symbol).collect();
    assert!(text.replace(' ', "").contains("howitgoeson"), "{text}");
    let address = "https://docs.example.com/next/steps";
    assert_eq!(learner.press("\n"), [Effect::Copy(address.into())]);
    learner.tell(Msg::Copied(1, CopyRoute::Terminal));
    learner.sees("https://docs.example.com/next/steps (copied: OSC 52)");
    assert_eq!(learner.press("c"), [Effect::Copy(address.into())]);
    learner.press("]");
    assert!(learner.model.page.marked_code().is_some(), "the list of addresses is no second link");
}

#[test]
fn a_link_over_two_rows_is_one() {
    let mut learner = Learner::at_work((120, 24));
    learner.press("]]]");
    for columns in [120, 80, 60, 44, 40] {
        learner.tell(Msg::Resize(columns, 24));
        assert_eq!(learner.model.page.marked_link(), Some("https://docs.example.com/next/steps"));
    }
}
