//! Every verdict over a table of canned facts, and what must never happen.

mod basis;
mod canned;

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use proptest::prelude::*;
use serde_json::json;
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

use super::*;
use canned::*;

#[tokio::test]
async fn everything_proven() {
    let facts = account(&[]);
    let report = run(&course(), facts.clone(), &[], &History::default()).await;
    assert_eq!(report.score, Score { earned: 3, possible: 3 }, "optional steps don't count");
    assert_eq!(report.exit_code(), 0);
    assert!(report.modules.iter().all(|m| m.state == State::Done));
    assert_eq!(result(&report, "stack-up").evidence["status"], "CREATE_COMPLETE");
    assert_eq!(facts.reads.load(Ordering::SeqCst), 5, "each needed fact once, no other");
    assert_eq!(report.api_calls, 5);
}

#[tokio::test]
async fn a_failing_check_names_offenders_and_the_next_hint() {
    let report = simple(&[("api", give(open_method()))]).await;
    let found = result(&report, "methods-closed");
    assert_eq!(found.verdict, Verdict::Fail);
    assert_eq!(found.offenders, ["GET /capes"]);
    assert_eq!(found.message, "Open: GET /capes");
    assert_eq!(found.hint, "look");
    assert_eq!(report.exit_code(), 1);
    assert_eq!(state(&report, "0b"), State::NotStarted);
}

#[tokio::test]
async fn the_hint_is_the_first_that_is_still_locked() {
    for (unlocked, hint) in [(0, "where"), (1, "what"), (2, "command"), (3, "command")] {
        let mut history = History::default();
        history.hints.insert("stack-up".to_owned(), unlocked);
        let facts = account(&[("stack", give(json!({"status": "ROLLBACK"})))]);
        let report = run(&course(), facts, &["0a"], &history).await;
        assert_eq!(result(&report, "stack-up").hint, hint, "{unlocked} unlocked");
    }
}

#[tokio::test]
async fn a_missing_thing_fails_and_what_needs_it_is_blocked_by_the_step_to_work_on() {
    let report = simple(&[("stack", missing("stack App"))]).await;
    let found = result(&report, "stack-up");
    assert_eq!((found.verdict, found.message.as_str()), (Verdict::Fail, "There is no stack App."));
    for check in ["methods-closed", "pool"] {
        let found = result(&report, check);
        assert_eq!(found.verdict, Verdict::Blocked, "{check} passes by itself, but vacuously");
        let by = BlockedBy { step: "0a".to_owned(), because: Verdict::Fail };
        assert_eq!(found.blocked_by, Some(by));
        assert!(found.message.contains("0a"), "{}", found.message);
        assert!(found.hint.is_empty());
    }
    assert_eq!(report.exit_code(), 1);
}

#[tokio::test]
async fn a_single_step_is_judged_with_the_steps_that_it_needs() {
    let facts = account(&[("stack", give(json!({"status": "ROLLBACK"})))]);
    let report = run(&course(), facts.clone(), &["1a"], &History::default()).await;
    assert_eq!(verdict(&report, "pool"), Verdict::Blocked);
    assert_eq!(report.modules.len(), 1, "only what was asked for is reported");
    assert_eq!(report.score, Score { earned: 0, possible: 1 });
    assert_eq!(report.exit_code(), 1, "blocked by a step that fails");
    assert_eq!(facts.reads.load(Ordering::SeqCst), 4, "not what optional steps read");
    let report = run(&course(), account(&[]), &["1a"], &History::default()).await;
    assert_eq!((verdict(&report, "pool"), report.exit_code()), (Verdict::Pass, 0));
}

#[tokio::test]
async fn access_denied_cannot_tell_and_names_the_action() {
    let report = simple(&[("pool", denied("cognito-idp:DescribeUserPool"))]).await;
    let found = result(&report, "pool");
    assert_eq!(found.verdict, Verdict::CannotTell);
    assert!(found.message.contains("cognito-idp:DescribeUserPool"), "{}", found.message);
    assert!(found.message.contains("stepproof policy"), "{}", found.message);
    assert_eq!(report.exit_code(), 3);
}

#[tokio::test]
async fn what_could_not_be_looked_at_is_told_before_blocked() {
    let changes = [("stack", denied("a:B")), ("api", denied("c:D"))];
    let report = simple(&changes).await;
    assert_eq!(verdict(&report, "stack-up"), Verdict::CannotTell);
    assert_eq!(verdict(&report, "methods-closed"), Verdict::CannotTell);
    let by = result(&report, "pool").blocked_by.clone().unwrap();
    assert_eq!((by.step.as_str(), by.because), ("0b", Verdict::CannotTell));
    assert_eq!(report.exit_code(), 3, "nothing failed");
}

#[tokio::test]
async fn panics_and_time_outs_and_unknown_facts_cannot_tell() {
    for act in [Act::Panic, Act::Hang] {
        let report = simple(&[("stack", act)]).await;
        assert_eq!(verdict(&report, "stack-up"), Verdict::CannotTell);
        assert_eq!(report.exit_code(), 3);
    }
    let course = course_with(&[("facts: [stack]", "facts: [stack, stak]")]);
    let report = run(&course, account(&[]), &[], &History::default()).await;
    let found = result(&report, "stack-up");
    assert_eq!(found.verdict, Verdict::CannotTell);
    assert!(found.message.contains("`stak`"), "{}", found.message);
}

#[tokio::test]
async fn a_course_error_cannot_tell() {
    for wrong in ["stack.nothing == 1", "stack.status", "stack.status ==", "nofact.x"] {
        let course = course_with(&[(r#"stack.status == "CREATE_COMPLETE""#, wrong)]);
        let report = run(&course, account(&[]), &[], &History::default()).await;
        let found = result(&report, "stack-up");
        assert_eq!(found.verdict, Verdict::CannotTell, "{wrong}");
        assert!(found.message.contains("course lint"), "{}", found.message);
        assert!(found.course_error, "{wrong}");
        assert_eq!(report.exit_code(), 2, "{wrong}");
    }
}

#[tokio::test]
async fn a_fact_whose_need_failed_has_the_same_trouble_and_is_not_read() {
    let facts = account(&[("pool", missing("user pool"))]);
    let report = run(&course(), facts.clone(), &["1a"], &History::default()).await;
    assert_eq!(verdict(&report, "pool"), Verdict::Fail);
    assert_eq!(facts.reads.load(Ordering::SeqCst), 3, "`rests` isn't asked for");
}

#[tokio::test]
async fn facts_that_need_each_other_cannot_tell_and_do_not_hang() {
    let mut facts = account(&[]);
    let canned = Arc::get_mut(&mut facts).unwrap();
    canned.specs.retain(|s| s.name != "pool");
    canned.specs.push(spec("pool", &["rests"]));
    let report = run(&course(), facts, &["1a"], &History::default()).await;
    assert_eq!(verdict(&report, "pool"), Verdict::CannotTell);
}

#[tokio::test]
async fn steps_that_need_each_other_are_never_proven_and_do_not_hang() {
    let course = course_with(&[("id: 0a,", "id: 0a, needs: [1a],")]);
    let report = run(&course, account(&[]), &[], &History::default()).await;
    for check in ["stack-up", "methods-closed", "pool"] {
        assert_eq!(verdict(&report, check), Verdict::Blocked, "{check}");
    }
    assert_eq!(report.exit_code(), 3);
}

#[tokio::test]
async fn an_open_settle_window_waits_and_a_closed_one_fails() {
    let cases = [
        (json!("2026-01-01T11:59:30Z"), Verdict::Waiting, 3),
        (json!("2026-01-01T11:59:00Z"), Verdict::Fail, 1),
        (json!("2026-01-01T12:00:20Z"), Verdict::Waiting, 3),
        (json!(null), Verdict::Fail, 1),
        (json!("yesterday"), Verdict::CannotTell, 2),
        (json!(7), Verdict::CannotTell, 2),
    ];
    for (deployed, expected, exit) in cases {
        let mut api = open_method();
        api["deployed"] = deployed.clone();
        let report = simple(&[("api", give(api))]).await;
        let found = result(&report, "methods-closed");
        assert_eq!(found.verdict, expected, "{deployed}");
        assert_eq!(report.exit_code(), exit, "{deployed}");
        if deployed == json!("2026-01-01T11:59:30Z") {
            assert!(found.message.contains("30 s"), "{}", found.message);
            assert_eq!(found.offenders, ["GET /capes"]);
            assert_eq!(result(&report, "pool").verdict, Verdict::Blocked);
        }
    }
}

#[tokio::test]
async fn a_skipped_step_is_skipped_unless_it_is_proven_and_blocks_what_needs_it() {
    let mut history = History::default();
    history.skipped.insert("0a".to_owned());
    let report = run(&course(), account(&[]), &[], &history).await;
    assert_eq!(verdict(&report, "stack-up"), Verdict::Pass, "proven all the same");
    let facts = account(&[("stack", missing("stack App"))]);
    let report = run(&course(), facts, &[], &history).await;
    assert_eq!(verdict(&report, "stack-up"), Verdict::Skipped);
    let by = result(&report, "pool").blocked_by.clone().unwrap();
    assert_eq!((by.step.as_str(), by.because), ("0a", Verdict::Skipped));
    assert_eq!(state(&report, "0a"), State::NotStarted, "never counted as done");
    assert_eq!((report.exit_code(), report.score.earned), (3, 0));
}

#[tokio::test]
async fn states_follow_the_verdicts_and_the_first_proof() {
    let mut history = History::default();
    history.first_proof.insert("0b".to_owned(), now());
    history.first_proof.insert("1a".to_owned(), now());
    let facts = account(&[("api", give(open_method()))]);
    let report = run(&course(), facts, &[], &history).await;
    assert_eq!(state(&report, "0a"), State::Done);
    assert_eq!(state(&report, "0b"), State::Regressed);
    assert_eq!(state(&report, "1a"), State::Regressed, "blocked by one that fails");
    assert_eq!(report.modules[0].state, State::Regressed);
    let facts = account(&[("api", denied("a:B"))]);
    let report = run(&course(), facts, &["0b"], &history).await;
    assert_eq!(state(&report, "0b"), State::InProgress, "nobody could look");
    let report = run(&course(), account(&[]), &["0b"], &history).await;
    assert_eq!(report.modules[0].state, State::InProgress, "0a wasn't asked for");
}

#[tokio::test]
async fn an_optional_step_counts_when_it_is_asked_for_by_its_id() {
    let changes = [("extra", give(json!({"on": false})))];
    assert_eq!(simple(&changes).await.exit_code(), 0);
    let report = run(&course(), account(&changes), &["0z"], &History::default()).await;
    assert_eq!((report.exit_code(), report.score), (1, Score { earned: 0, possible: 1 }));
}

#[tokio::test]
async fn a_run_ends_within_its_time_whatever_a_fact_takes() {
    let course = course();
    let mut request = request(&course, &[]);
    request.fact_timeout = LONGEST_FACT;
    request.run_timeout = Duration::from_secs(1);
    let (events, _) = mpsc::unbounded_channel();
    let (history, never) = (History::default(), CancellationToken::new());
    let facts = account(&[("api", Act::Hang)]);
    let report = verify(request, facts, &course, &history, events, never).await;
    assert!(report.seconds < LONGEST_FACT.as_secs_f64() / 2.0, "{} s", report.seconds);
    assert_eq!(verdict(&report, "stack-up"), Verdict::Pass, "what was read before is judged");
    let open = result(&report, "methods-closed");
    assert_eq!(open.verdict, Verdict::CannotTell);
    assert!(open.message.starts_with("the 1 s that a verification may take"), "{open:?}");
}

#[tokio::test]
async fn what_cannot_be_told_makes_nothing_unproven() {
    let proven = |id: &str| (id.to_owned(), now());
    let history =
        History { first_proof: ["0a", "0b", "1a"].map(proven).into(), ..History::default() };
    let report = run(&course(), account(&[("api", Act::Hang)]), &[], &history).await;
    assert_eq!(verdict(&report, "pool"), Verdict::Blocked);
    assert_eq!(state(&report, "0b"), State::InProgress);
    assert_eq!(state(&report, "1a"), State::InProgress);
}

#[tokio::test]
async fn a_cancelled_run_tells_nothing_that_it_did_not_see() {
    let cancel = CancellationToken::new();
    let (events, mut told) = mpsc::unbounded_channel();
    let course = course();
    let mut request = request(&course, &[]);
    request.fact_timeout = Duration::from_hours(1);
    let history = History::default();
    let facts = account(&[("api", Act::Hang)]);
    let run = verify(request, facts, &course, &history, events, cancel.clone());
    let stop = async {
        while let Some(event) = told.recv().await {
            if matches!(&event, Event::Judged { result, .. } if result.check == "stack-up") {
                break;
            }
        }
        cancel.cancel();
    };
    let (report, ()) = tokio::join!(run, stop);
    assert_eq!(verdict(&report, "stack-up"), Verdict::Pass, "seen before");
    assert_eq!(verdict(&report, "methods-closed"), Verdict::CannotTell);
    assert_eq!(report.exit_code(), 3);
}

#[tokio::test]
async fn escape_sequences_of_an_account_never_come_out() {
    let api = json!({"methods": [{"verb": "\u{1b}[2J", "path": "a\nb\u{202e}", "auth": "NONE"}], "deployed": null});
    let changes = [("api", give(api)), ("stack", give(json!({"status": "CREATE_COMPLETE"})))];
    let text = serde_json::to_string(&simple(&changes).await).unwrap();
    assert!(
        !text.contains("\\u001b") && !text.contains('\u{202e}') && !text.contains("\\n"),
        "{text}"
    );
}

#[tokio::test]
async fn messages_are_in_the_language_asked_for() {
    let course = course();
    let mut request = request(&course, &["0b"]);
    request.lang = "ja".to_owned();
    let (events, _) = mpsc::unbounded_channel();
    let facts = account(&[("api", give(open_method()))]);
    let cancel = CancellationToken::new();
    let report = verify(request, facts, &course, &History::default(), events, cancel).await;
    assert_eq!(result(&report, "methods-closed").message, "公開: GET /capes");
    assert_eq!(result(&report, "methods-closed").hint, "見る");
}

#[test]
fn an_unknown_selection_says_what_there_is() {
    let course = course();
    let select = |modules: &[u8], steps: &[&str]| {
        let steps: Vec<String> = steps.iter().map(|s| (*s).to_owned()).collect();
        Asked::select(&course, modules, &steps).map(|_| ()).map_err(|e| e.to_string())
    };
    assert_eq!(select(&[9], &[]), Err("there is no module 9; there are 0, 1, 2".to_owned()));
    assert_eq!(select(&[2], &[]), Err("module 2 isn't written yet".to_owned()));
    assert_eq!(select(&[], &["0x"]), Err("there is no step 0x; there are 0a, 0b, 0z".to_owned()));
    assert_eq!(select(&[], &["cx"]), Err("there is no step cx; there are ca, cb".to_owned()));
    assert!(select(&[], &["nonsense"]).unwrap_err().contains("nonsense"));
    assert_eq!(select(&[1], &["0a"]), Ok(()));
}

#[tokio::test]
async fn the_clean_up_is_judged_when_it_is_asked_for_and_at_no_other_time() {
    let course = course();
    let all = simple(&[]).await;
    assert!(all.cleanup.is_none());
    let ask = |asked: Asked, changes: &[(&str, Act)]| {
        let mut request = request(&course, &["0a"]);
        request.asked = asked;
        let (events, _) = mpsc::unbounded_channel();
        let (facts, cancel) = (account(changes), CancellationToken::new());
        let course = &course;
        async move { verify(request, facts, course, &History::default(), events, cancel).await }
    };
    let alone = Asked::default().and_cleanup(&course).unwrap();
    let report = ask(alone.clone(), &[]).await;
    assert!(report.modules.is_empty());
    assert_eq!((report.score.earned, report.score.possible), (0, 1), "cb is extra credit");
    assert_eq!(report.exit_code(), 1);
    assert_eq!(report.cleanup.as_ref().map(|c| c.state), Some(State::NotStarted));
    let deleted = give(json!({"status": "DELETE_COMPLETE"}));
    let report = ask(alone, &[("stack", deleted.clone())]).await;
    assert_eq!(report.exit_code(), 0);
    assert_eq!(report.cleanup.as_ref().map(|c| c.state), Some(State::Done));
    // With a module, both count.
    let both = Asked::select(&course, &[0], &[]).unwrap().and_cleanup(&course).unwrap();
    let report = ask(both, &[("stack", deleted)]).await;
    assert_eq!((report.modules.len(), report.exit_code()), (1, 1));
    assert_eq!(verdict(&report, "stack-gone"), Verdict::Pass);
    // Its steps go by their ids, too.
    let report = run(&course, account(&[]), &["cb"], &History::default()).await;
    let step = &report.cleanup.unwrap().steps[0];
    assert_eq!((step.step.as_str(), step.checks[0].verdict), ("cb", Verdict::Blocked));
}

fn any_trouble() -> impl Strategy<Value = Option<Act>> {
    let reason = prop_oneof![
        Just(Reason::NoCredentials),
        Just(Reason::BadCredentials),
        Just(Reason::AccessDenied { action: "x:Y".to_owned() }),
        Just(Reason::Throttled),
        Just(Reason::Region),
        Just(Reason::Network),
        Just(Reason::Service),
        Just(Reason::NotProbed),
        Just(Reason::Elsewhere),
        Just(Reason::WrongAccount),
        Just(Reason::Course),
    ];
    let look = reason.prop_map(|reason| {
        let (message, remedy) = ("m".to_owned(), "r".to_owned());
        Some(Act::Fail(FactError::CannotLook(CannotLook { reason, message, remedy })))
    });
    prop_oneof![3 => Just(None), 2 => look, 1 => Just(Some(missing("thing")))]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, ..ProptestConfig::default() })]

    /// Whatever goes wrong while looking: a check that rests on it, or a step behind it, never passes.
    #[test]
    fn no_check_passes_that_could_not_look(
        troubles in proptest::array::uniform5(any_trouble())
    ) {
        let names = ["stack", "api", "extra", "pool", "rests"];
        let changes: Vec<(&str, Act)> = names.iter().copied().zip(troubles)
            .filter_map(|(name, act)| Some((name, act?))).collect();
        let broken: Vec<&str> = changes.iter().map(|c| c.0).collect();
        let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap();
        let report = runtime.block_on(simple(&changes));
        let rests_on = [
            ("stack-up", vec!["stack"]),
            ("methods-closed", vec!["stack", "api"]),
            ("extra", vec!["extra"]),
            ("pool", vec!["stack", "api", "pool", "rests"]),
        ];
        for (check, facts) in rests_on {
            let sound = !facts.iter().any(|fact| broken.contains(fact));
            prop_assert_eq!(verdict(&report, check) == Verdict::Pass, sound, "{}", check);
        }
        // `extra` is optional: trouble with it counts only where the course itself is wrong.
        let sound = broken.iter().all(|fact| *fact == "extra");
        let course_error = result(&report, "extra").course_error;
        prop_assert_eq!(report.exit_code() == 0, sound && !course_error);
    }
}
