//! Proving: one or all, progress, cancelling, and what differs.

use std::sync::Arc;

use super::fixture::*;
use crate::check::Verdict;
use crate::instructor::dashboard::*;
use crate::report::grade::{Outcome, Record, Trouble};

#[track_caller]
fn begun(effects: &[Effect]) -> (u64, Whom) {
    match effects {
        [Effect::Prove(number, whom, _)] => (*number, whom.clone()),
        other => panic!("nothing is proven: {other:?}"),
    }
}

fn done(instructor: &mut Instructor, number: u64, of: usize, steps: &[(&str, Verdict)]) {
    instructor.tell(Msg::Proving(number, Proving::Began));
    let record = Arc::new(record(of, steps, 99));
    instructor.tell(Msg::Proving(number, Proving::Done(record)));
}

#[test]
fn all_of_the_roster_is_proven_after_asking_and_differences_are_listed() {
    let mut instructor = Instructor::at_work((140, 45));
    assert_eq!(instructor.press("P"), []);
    instructor.sees("This reads 3 accounts");
    let (number, whom) = begun(&instructor.press("\n"));
    assert_eq!(whom, Whom::All);
    instructor.tell(Msg::Proving(number, Proving::All(3)));
    done(&mut instructor, number, 1, &[("0a", Verdict::Fail), ("1a", Verdict::Pass)]);
    instructor.sees("Proving: 1 of 3 (+0)   Esc cancels");
    let line = instructor.line("claimed, and not proven");
    assert!(line.contains("Kai") && line.contains("0a"), "{line}");
    let line = instructor.line("proven, and not claimed");
    assert!(line.contains("Kai") && line.contains("1a"), "{line}");
    instructor.tell(Msg::Proved(number, Ok(())));
    instructor.sees("Accounts done: 1. Differences: 2.");
    // The map says so too, and the attendee's page puts both beside each other.
    instructor.press("m");
    assert!(instructor.line("Kai").contains("✓!"), "{}", instructor.screen());
    instructor.press("/kai\n\n");
    let line = instructor.line("0a ");
    assert!(line.contains("done") && line.contains("not proven"), "{line}");
}

#[test]
fn a_cancelled_sweep_keeps_what_was_read() {
    let mut instructor = Instructor::at_work((140, 45));
    instructor.press("P");
    let (number, _) = begun(&instructor.press("\n"));
    instructor.tell(Msg::Proving(number, Proving::All(3)));
    done(&mut instructor, number, 1, &[("0a", Verdict::Fail)]);
    assert_eq!(instructor.press("\u{1b}"), [Effect::Cancel]);
    instructor.sees("Cancelled: 1 of 3 accounts were read, and stay.");
    instructor.sees("claimed, and not proven");
    // What still comes of it is no other sweep's progress.
    instructor.tell(Msg::Proved(number, Ok(())));
    instructor.sees("Cancelled");
}

#[test]
fn one_is_proven_where_the_roster_has_them() {
    let mut instructor = Instructor::at_work((140, 45));
    let (number, whom) = begun(&instructor.press("/kai\np"));
    assert_eq!(whom, Whom::One(account(1)));
    assert_eq!(instructor.press("p"), [], "one at a time");
    instructor.sees("Accounts are being read already.");
    instructor.tell(Msg::Proved(number, Err(crate::tui::Trouble::new("No network", "Try again."))));
    instructor.sees("No network. Try again.");
    assert_eq!(instructor.press("/花子\np"), []);
    instructor.sees("is not on the roster");
    instructor.model.roster = None;
    assert_eq!(instructor.press("p"), []);
    instructor.sees("start again with --roster");
}

#[test]
fn a_proven_module_looks_proven() {
    let mut instructor = Instructor::at_work((140, 45));
    let steps: Vec<(&str, Verdict)> =
        ["0a", "0b", "0c", "0d", "0e"].map(|step| (step, Verdict::Pass)).into();
    let (number, _) = begun(&instructor.press("/ola\np"));
    done(&mut instructor, number, 3, &steps);
    assert!(instructor.line("Ola").contains("✓✓"), "{}", instructor.screen());
}

#[test]
fn an_export_is_asked_for_by_its_ending() {
    let mut instructor = Instructor::at_work((140, 45));
    instructor.press("x");
    instructor.sees("room-20261128-1040.csv");
    let effects = instructor.press("\n");
    let [Effect::Export(path, text)] = effects.as_slice() else { panic!("{effects:?}") };
    assert_eq!(path.to_str(), Some("room-20261128-1040.csv"));
    assert!(text.contains("Kai"), "{text}");
    instructor.tell(Msg::Exported(Ok("/tmp/room.csv".into())));
    instructor.sees("Written: /tmp/room.csv");
    assert_eq!(instructor.press("x.txt\n"), []);
    instructor.sees("must end in .csv or .json");
}

#[test]
fn an_account_that_can_not_be_read_is_no_failure_and_says_why() {
    let mut instructor = Instructor::at_work((140, 45));
    let (number, _) = begun(&instructor.press("/kai\np"));
    let trouble = Trouble {
        reason: "access_denied".into(),
        message: "The role can't be assumed. Check its trust policy.".into(),
    };
    let record = Record { outcome: Outcome::Trouble(trouble), ..record(1, &[], 99) };
    instructor.tell(Msg::Proving(number, Proving::Done(Arc::new(record))));
    instructor.tell(Msg::Proved(number, Ok(())));
    instructor.sees("Could not be read: 1; their pages say why.");
    instructor.sees_not("not proven");
    instructor.press("\n");
    instructor.sees("The role can't be assumed.");
}
