//! Credentials that expire, or are replaced, before a run or in the middle of it.

use serde_json::json;

use crate::state::{checks, on_both, untold};

/// What is wrong with the credentials, and what is said of it.
const FAULTS: [(&str, [&str; 2]); 3] = [
    ("expired_token", ["The credentials have expired.", "Get fresh credentials"]),
    ("invalid_token", ["doesn't accept the credentials", "Check the credentials"]),
    ("wrong_signature", ["doesn't accept the credentials", "Check the credentials"]),
];

#[test]
#[ignore = "verifies dozens of times; CI has a step for it"]
fn credentials_that_end_in_the_middle_turn_no_verdict() {
    on_both(|state| {
        for (fault, says) in FAULTS {
            let mut told = Vec::new();
            // The insecure account takes 40 calls.
            for after in [0, 1, 3, 8, 15, 25, 35] {
                let ended = json!([{ "action": "*", "fault": fault, "after": after }]);
                let report = state.under(&ended, |_| ());
                let untold = untold(&report);
                assert!(!untold.is_empty(), "{}: {fault} after {after} calls", state.name);
                for check in &untold {
                    let said = says.iter().all(|words| check.message.contains(words));
                    assert!(said, "{}: {fault} after {after}: {check:#?}", state.name);
                }
                told.push(checks(&report).count() - untold.len());
            }
            println!("{}: {fault} after more and more calls: {told:?} judged", state.name);
        }
    });
}
