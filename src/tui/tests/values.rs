//! Instructions that know the account: values that aren't known yet, and places that stay.

use super::fixture::*;
use crate::check::Verdict;
use crate::tui::{Effect, Entry, Msg};

#[test]
fn a_value_that_is_not_known_leads_to_the_step_that_brings_it_and_back() {
    let mut learner = Learner::at_work((120, 40));
    learner.press("n}");
    learner.sees("api_url: step 0a brings it. Enter goes there, b comes back.");
    assert_eq!(learner.press("\n"), [Effect::Record(Entry::Opened("0a".into()))]);
    assert_eq!(learner.model.page.step.as_deref(), Some("0a"));
    learner.press("b");
    learner.sees("⟨api_url: step 0a⟩");
}

#[test]
fn values_are_stepped_through_and_known_ones_are_not() {
    let mut learner = Learner::at_work((80, 24));
    assert!(learner.lines()[23].contains("} value") || learner.model.size.0 < 100);
    learner.press("}");
    assert!(learner.model.page.scroll > 0, "it is brought into view");
    learner.sees("⟨api_url: step 0a⟩");
    learner.tell(Msg::Values(known_values()));
    learner.press("}");
    learner.sees("All values on this page are known.");
    assert_eq!(learner.press("\n"), []);
}

#[test]
fn what_is_scrolled_away_is_not_followed() {
    let mut learner = Learner::at_work((80, 24));
    learner.press("}g");
    let here = learner.model.page.step.clone();
    assert_eq!(learner.press("x"), learner.press("\n"), "Enter is about the block in view");
    assert_eq!(learner.model.page.step, here);
}

#[test]
fn a_long_value_above_does_not_move_what_is_read() {
    let mut learner = Learner::at_work((80, 24));
    learner.press("n");
    // The warning below the command with the value.
    while !learner.lines()[2].contains("Warning") {
        let before = learner.model.page.scroll;
        learner.press("j");
        assert!(learner.model.page.scroll > before, "{}", learner.screen());
    }
    learner.tell(Msg::Values(known_values()));
    assert!(learner.lines()[2].contains("Warning"), "{}", learner.screen());
    let pass = result("stack-is-there", Verdict::Pass, "Done.", &[]);
    learner.verifies("A", vec![("0a", pass)]);
    assert!(learner.lines()[2].contains("Warning"), "{}", learner.screen());
}

#[test]
fn the_language_keeps_the_place() {
    let mut learner = Learner::at_work((80, 24));
    learner.press("nnjj");
    let before = learner.lines();
    learner.press("ll");
    assert_eq!(learner.lines()[2..10], before[2..10]);
}

#[test]
fn a_marked_value_stays_marked_when_others_become_known() {
    let mut learner = Learner::at_work((120, 40));
    learner.press("n}");
    let pass = result("stack-is-there", Verdict::Pass, "Done.", &[]);
    learner.verifies("A", vec![("0a", pass)]);
    assert_eq!(learner.press("\n"), [Effect::Record(Entry::Opened("0a".into()))]);
}
