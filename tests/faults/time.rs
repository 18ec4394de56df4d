//! Services and APIs that answer late, by drips, or never.

use std::time::{Duration, Instant};

use serde_json::json;
use stepproof::check::{Report, VerifyRequest};

use crate::state::{State, on_both, services, untold};

/// How long a run may take here. A verification without faults takes a second or two.
const RUN: Duration = Duration::from_secs(8);
/// How long one fact may take here.
const FACT: Duration = Duration::from_secs(3);
/// What a busy machine may add before somebody would say that the run hangs.
const MARGIN: Duration = Duration::from_secs(30);
/// What is no service of AWS's, and may hang as well: the API, the token endpoint, a package.
const OTHERS: [&str; 3] = ["execute-api:Invoke", "oauth2:Token", "package:Download"];

fn impatient(request: &mut VerifyRequest) {
    request.fact_timeout = FACT;
    request.run_timeout = RUN;
}

/// Verifies under a fault that only time ends.
fn held(state: &mut State, action: &str, fault: &str) -> Report {
    let began = Instant::now();
    let faults = json!([{ "action": action, "fault": fault }]);
    let report = state.under(&faults, impatient);
    let took = began.elapsed();
    assert!(took < RUN + MARGIN, "{}: {fault} at {action} took {took:?}", state.name);
    let untold = untold(&report);
    println!("{}: {action} {fault}: {} untold, {took:.1?}", state.name, untold.len());
    for check in untold {
        let says = ["no answer", "no whole answer", "are over"];
        let in_time = says.iter().any(|words| check.message.contains(words));
        assert!(in_time && check.message.contains("then verify again"), "{action}: {check:#?}");
    }
    report
}

#[test]
#[ignore = "waits for time-outs; CI has a step for it"]
fn what_never_answers_holds_no_run_up() {
    on_both(|state| {
        let services = services().into_iter().map(|service| format!("{service}:*"));
        for action in services.chain(OTHERS.map(str::to_owned)) {
            held(state, &action, "hang");
        }
        for action in ["*", "execute-api:Invoke"] {
            assert!(!untold(&held(state, action, "hang")).is_empty(), "{action}");
        }
    });
}

#[test]
#[ignore = "waits for time-outs; CI has a step for it"]
fn a_byte_a_second_holds_no_run_up() {
    on_both(|state| {
        let services = ["apigateway:*", "cloudformation:*", "iam:*", "lambda:*", "*"];
        for action in services.into_iter().chain(OTHERS) {
            held(state, action, "trickle");
        }
    });
}

#[test]
#[ignore = "waits for time-outs; CI has a step for it"]
fn a_run_ends_when_its_time_is_over_though_every_answer_comes() {
    on_both(|state| {
        let late = json!([{ "action": "*", "fault": "latency", "milliseconds": 1500 }]);
        let began = Instant::now();
        let report = state.under(&late, |request| request.run_timeout = Duration::from_secs(4));
        assert!(began.elapsed() < Duration::from_secs(4) + MARGIN);
        let said = "the 4 s that a verification may take are over. Verify again, one module";
        let over = untold(&report).iter().any(|check| check.message.contains(said));
        assert!(over, "{:#?}", untold(&report));
    });
}

#[test]
#[ignore = "waits for time-outs; CI has a step for it"]
fn an_api_that_never_answers_is_named_with_what_to_do() {
    let mut state = State::insecure();
    let hang = json!([{ "action": "execute-api:Invoke", "fault": "hang" }]);
    let report = state.under(&hang, |_| ());
    let named = |check: &&stepproof::check::CheckResult| check.check == "part-lists-answer";
    let untold = untold(&report);
    let check = untold.into_iter().find(named).unwrap();
    for words in ["/_api/", "gave no whole answer in 30 s", "then verify again"] {
        assert!(check.message.contains(words), "{check:#?}");
    }
}

#[test]
#[ignore = "verifies dozens of times; CI has a step for it"]
fn late_answers_change_no_verdict() {
    on_both(|state| {
        let services = services().into_iter().map(|service| format!("{service}:*"));
        for action in services.chain(OTHERS.map(str::to_owned)) {
            let late = json!([{ "action": action, "fault": "latency", "milliseconds": 400 }]);
            let report = state.under(&late, |_| ());
            state.assert_same(&report, &action);
        }
    });
}
