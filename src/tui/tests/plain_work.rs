//! Blocks that do something, evidence and questions in lines of text.

use super::fixture::*;
use super::plain::{Reader, holds};
use super::work::{edit_plan, ended, prepared, printed, run_plan};
use crate::check::Verdict;
use crate::tui::{Effect, Entry, Plan, WorkEffect};

/// A reader who is asked about the commands of a block.
fn asked() -> Reader {
    let mut reader = Reader::at_work();
    let effects = reader.types("run 2");
    assert!(matches!(effects[..], [Effect::Work(WorkEffect::Prepare(_))]), "{effects:?}");
    reader.tell(prepared(Plan::Run(run_plan())));
    reader
}

#[test]
fn commands_are_said_before_they_run_and_their_output_is_read() {
    let mut reader = asked();
    holds(
        &reader.settles(),
        &[
            "Run these commands?",
            "In /home/me/app",
            "aws cloudformation deploy",
            "To do it: yes. To leave it: no.",
        ],
    );
    assert_eq!(reader.session.prompt(), "yes or no: ");
    assert_eq!(reader.types("yes"), [Effect::Work(WorkEffect::Run(1, run_plan()))]);
    assert!(reader.session.is_running());
    reader.tell(printed(1, &["Waiting for the stack", "Done"]));
    assert_eq!(reader.settles(), "Waiting for the stack\nDone");
    reader.tell(ended(1, Some(1), false));
    assert!(!reader.session.is_running());
    holds(&reader.settles(), &["exit code 1"]);
}

#[test]
fn what_is_not_agreed_to_does_not_run() {
    let mut reader = asked();
    reader.settles();
    assert_eq!(reader.types("no"), []);
    holds(&reader.settles(), &["Not applied."]);
    assert!(!reader.session.is_running());
    holds(&reader.hears("run 99"), &["There is no code block 99 on this page."]);
}

#[test]
fn a_change_is_read_in_words() {
    let mut reader = Reader::at_work();
    reader.types("run 1");
    reader.tell(prepared(Plan::Edit(edit_plan("Open: true\n"))));
    let said = reader.settles();
    holds(&said, &["template.yaml", "remove: Open: true", "add: Open: false", "To do it: yes."]);
    let effects = reader.types("yes");
    assert!(matches!(effects[..], [Effect::Work(WorkEffect::Edit(_))]), "{effects:?}");
}

#[test]
fn evidence_is_read_and_asks_nothing() {
    let mut reader = Reader::at_work();
    let failed = result("stack-is-there", Verdict::Fail, "There is no stack.", &["x"]);
    reader.verifies("verify", vec![("0a", failed)]);
    holds(&reader.hears("evidence"), &["There is no stack."]);
    assert_eq!(reader.session.prompt(), "0a command: ");
}

#[test]
fn an_answer_is_read_once_it_is_asked_for() {
    let mut reader = Reader::at_work();
    let effects = reader.types("answer");
    let told = |effect: &Effect| matches!(effect, Effect::Record(Entry::Revealed { .. }));
    assert!(effects.iter().any(told), "{effects:?}");
    holds(&reader.settles(), &["Answer"]);
}
