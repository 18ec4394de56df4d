//! Lists that come a few items at a time.

use serde_json::{Value, json};
use stepproof::account::{FactKind, catalog};

use crate::state::{State, checks, on_both};

/// Fields that hold the time of reading.
const TIMES: [&str; 2] = ["read", "age_minutes"];

/// A fact without what differs from one reading to the next.
fn steady(mut fact: Value) -> Value {
    if let Some(fields) = fact.as_object_mut() {
        fields.retain(|name, _| !TIMES.contains(&name.as_str()));
    }
    fact
}

/// Every fact that is read from lists is the same, however they are cut. The account lives on: it is
/// read before and after.
pub(crate) fn assert_whole(state: &State, items: usize) {
    let names: Vec<&str> = catalog()
        .iter()
        .filter(|fact| fact.kind == FactKind::Config)
        .map(|fact| fact.name)
        .collect();
    let whole = state.read(&names);
    state.practice.fault(&json!([{ "action": "*", "fault": "small_pages", "items": items }]));
    let cut = state.read(&names);
    state.practice.fault(&json!([]));
    let after = state.read(&names);
    for (name, cut) in cut {
        let (cut, whole) = (steady(cut), steady(whole[&name].clone()));
        if cut != steady(after[&name].clone()) {
            assert_eq!(cut, whole, "{}: {name} in pages of {items}", state.name);
        }
    }
}

#[test]
#[ignore = "reads every fact again and again; CI has a step for it"]
fn a_fact_is_the_same_however_its_lists_are_cut() {
    on_both(|state| assert_whole(state, 1));
}

#[test]
#[ignore = "verifies in hundreds of calls; CI has a step for it"]
fn verdicts_and_offenders_are_the_same_in_pages_of_one() {
    for state in [State::insecure(), State::solved()] {
        let mut state = state.and_cleanup();
        let whole = state.verify(|_| ());
        let cut =
            state.under(&json!([{ "action": "*", "fault": "small_pages", "items": 1 }]), |_| ());
        state.assert_same(&cut, "in pages of one");
        assert!(cut.api_calls > whole.api_calls, "the lists are cut");
        for (cut, whole) in checks(&cut).zip(checks(&whole)) {
            assert_eq!(cut.offenders, whole.offenders, "{}: {}", state.name, cut.check);
        }
    }
}
