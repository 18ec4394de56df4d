//! Every action that the checks need is refused, and every service fails in each other way.

use std::time::Instant;

use serde_json::json;

use crate::state::{actions, on_both, services, untold};

/// What a whole service does wrong. Refusals are tried action by action.
const FAULTS: [&str; 8] = [
    "throttling",
    "server_error",
    "unavailable",
    "expired_token",
    "invalid_token",
    "wrong_signature",
    "malformed",
    "reset",
];

#[test]
#[ignore = "verifies hundreds of times; CI has a step for it"]
fn every_action_may_be_refused() {
    on_both(|state| {
        let mut told = Vec::new();
        for action in actions() {
            let fault = json!([{ "action": action, "fault": "access_denied" }]);
            if untold(&state.under(&fault, |_| ())).is_empty() {
                told.push(action);
            }
        }
        println!("{}: refused, and everything could be told: {told:?}", state.name);
    });
}

#[test]
#[ignore = "verifies hundreds of times; CI has a step for it"]
fn every_service_may_fail_in_every_way() {
    on_both(|state| {
        for service in services() {
            for fault in FAULTS {
                let began = Instant::now();
                let faults = json!([{ "action": format!("{service}:*"), "fault": fault }]);
                let untold = untold(&state.under(&faults, |_| ())).len();
                let seconds = began.elapsed().as_secs_f64();
                println!("{}: {service} {fault}: {untold} untold, {seconds:.1} s", state.name);
            }
        }
        for fault in FAULTS {
            let report = state.under(&json!([{ "action": "*", "fault": fault }]), |_| ());
            let missing = !untold(&report).is_empty();
            assert!(missing, "{}: {fault} everywhere, and nothing is missing", state.name);
        }
    });
}
