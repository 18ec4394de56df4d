//! The clean-up: the last in the list, opened and checked like a module, and none.

use crate::check::{CleanupResult, State, StepResult, Verdict};
use crate::i18n::Lang;
use crate::tui::{Effect, Msg, Scope};

use super::fixture::{Learner, course_with_cleanup, result};

/// A learner who has marked the last line of the list.
fn at_the_end() -> Learner {
    let mut learner = Learner::at_work((140, 45));
    learner.tell(Msg::Course(Ok(course_with_cleanup())));
    learner.press("\t\tG");
    learner
}

#[test]
fn it_stands_last_in_the_list_without_a_number_and_waits_for_nothing() {
    let learner = at_the_end();
    let lines = learner.lines();
    let at = |text: &str| lines.iter().position(|line| line.contains(text)).unwrap();
    assert!(at(" 4 Dependencies") < at("Clean-up"));
    assert!(lines[at("Clean-up")].contains("0/1"), "{}", lines[at("Clean-up")]);
    learner.sees("30 min");
    learner.sees_not("30 min, first do");
}

#[test]
fn its_page_opens_and_the_same_keys_check_it() {
    let mut learner = at_the_end();
    learner.press("\n");
    learner.sees("What you made costs money.");
    learner.sees("ca Delete the stack");
    assert_eq!(learner.press("v"), [Effect::Verify(1, Scope::Step("ca".into()), Lang::En)]);
    learner.press("\u{1b}");
    assert_eq!(learner.press("V"), [Effect::Verify(2, Scope::Cleanup, Lang::En)]);
}

#[test]
fn what_came_of_it_is_shown_and_counts_for_no_module() {
    let mut learner = at_the_end();
    learner.press("\n");
    let effects = learner.press("V");
    let [Effect::Verify(number, ..)] = effects[..] else { panic!("{effects:?}") };
    let mut report = super::fixture::report(Vec::new());
    report.modules.clear();
    report.cleanup = Some(CleanupResult {
        slug: "cleanup".into(),
        state: State::NotStarted,
        steps: vec![StepResult {
            step: "ca".into(),
            optional: false,
            state: State::NotStarted,
            checks: vec![result("stack-is-gone", Verdict::Fail, "This still costs money.", &[])],
        }],
    });
    learner.tell(Msg::Verified(number, Ok(Box::new(report))));
    learner.sees("not yet: This still costs money.");
    assert!(learner.model.done_ids().is_empty());
}
