//! The map, and what fits.

use super::fixture::*;
use crate::check::Verdict;
use crate::tui::{Effect, Entry, Msg, Past};

fn with_end(size: (u16, u16), ends: &str) -> Learner {
    let mut learner = Learner::at_work(size);
    learner.at("09:00");
    learner.tell(Msg::Ends(Some(instant(ends))));
    learner
}

#[track_caller]
fn row(learner: &Learner, text: &str) -> String {
    let lines = learner.lines();
    let found = lines.iter().find(|line| line.contains(text));
    found.unwrap_or_else(|| panic!("no {text:?} in\n{}", lines.join("\n"))).clone()
}

#[test]
fn the_map_shows_each_module_with_its_domain_state_and_minutes() {
    for size in [(80, 24), (140, 45)] {
        let mut learner = with_end(size, "10:30");
        assert_eq!(learner.press("m"), [Effect::ReadSpent]);
        learner.tell(Msg::Spent([(0.into(), 12)].into()));
        learner.sees("MAP: all modules");
        let setup = row(&learner, "Initial setup");
        for field in ["Base", " 0 ", "0 of 2", " 40 ", " 15 ", " 12 ", "09:15"] {
            assert!(setup.contains(field), "no {field:?} in {setup}");
        }
        let auth = row(&learner, "Authentication");
        for field in [" 1 ", "after 0", " 50 ", " 15 ", "09:30"] {
            assert!(auth.contains(field), "no {field:?} in {auth}");
        }
        assert!(row(&learner, "Dependencies").contains("not written"));
        learner.sees("In this order: 0, 1. Done by 09:30; 50 min to spare, 10 min kept");
        learner.sees("Not written yet: 4.");
    }
}

#[test]
fn what_does_not_fit_is_too_long_by_so_much() {
    let mut learner = with_end((80, 24), "09:35");
    learner.press("m");
    assert!(row(&learner, "Authentication").contains("too long"));
    learner.sees("Too long, by so many minutes: 1 (5).");
    learner.press("f");
    learner.press("f");
    learner.sees("MAP: what fits");
    learner.sees_not("Authentication");
}

#[test]
fn the_marked_module_says_why_it_has_to_wait() {
    let mut learner = with_end((80, 24), "10:30");
    learner.press("mj");
    learner.sees("50 min planned, 15 left, 0 spent, first do module 0");
}

#[test]
fn enter_opens_the_marked_module_and_b_comes_back() {
    let mut learner = with_end((80, 24), "10:30");
    learner.press("nn");
    assert_eq!(learner.model.page.step.as_deref(), Some("0b"));
    assert_eq!(learner.press("mj\n").last(), Some(&Effect::Record(Entry::Opened("1a".into()))));
    learner.sees_not("MAP");
    assert_eq!(learner.model.part, 1.into());
    learner.press("b");
    assert_eq!(learner.model.part, 0.into());
    assert_eq!(learner.model.page.step.as_deref(), Some("0b"));
    learner.press("b");
    learner.sees("There is no place to go back to.");
}

#[test]
fn m_and_esc_close_the_map() {
    for key in ["m", "\u{1b}"] {
        let mut learner = with_end((80, 24), "10:30");
        learner.press("m");
        learner.press(key);
        learner.sees_not("MAP:");
        learner.sees("PROOF");
    }
}

#[test]
fn modules_can_be_filtered_by_state_and_domain() {
    let mut learner = with_end((80, 24), "10:30");
    let pass = |check| result(check, Verdict::Pass, "Done.", &[]);
    learner.press("m");
    learner.verifies("A", vec![("0a", pass("stack-is-there")), ("0b", pass("api-answers"))]);
    let setup = row(&learner, "Initial setup");
    assert!(setup.contains('✓') && setup.contains("done"), "{setup}");
    learner.press("f");
    learner.sees("MAP: to do");
    learner.sees_not("0 Initial setup");
    learner.press("ff");
    learner.sees("MAP: done");
    learner.sees_not("Authentication");
    learner.press("ff");
    learner.sees("MAP: all modules");
    learner.press("Gt");
    learner.sees("*Code");
    learner.sees("Only these domains: Code.");
    learner.press("ffff");
    learner.sees("MAP: chosen domains");
    learner.sees_not("Authentication");
    learner.press("t");
    learner.sees("Authentication");
}

#[test]
fn a_regressed_module_is_shown_as_such_in_the_next_session_too() {
    let mut learner = with_end((80, 24), "10:30");
    let steps = || ["0a".to_owned()].into();
    learner.tell(Msg::Past(Past { proven: steps(), regressed: steps(), ..Past::default() }));
    learner.press("m");
    assert!(row(&learner, "Initial setup").contains("regressed"));
    learner.press("gg");
    learner.sees("failed when last checked: 0a");
}

#[test]
fn a_look_that_told_nothing_takes_no_proof_away() {
    let mut learner = with_end((80, 24), "10:30");
    let proven = ["0a".to_owned(), "0b".to_owned()].into();
    learner.tell(Msg::Past(Past { proven, ..Past::default() }));
    learner.press("m");
    learner.sees("In this order: 1.");
    let unsure = result("stack-is-there", Verdict::CannotTell, "Expired.", &[]);
    learner.verifies("A", vec![("0a", unsure)]);
    learner.sees("In this order: 1.");
}

#[test]
fn without_an_end_the_map_says_how_to_get_a_plan() {
    let mut learner = Learner::at_work((80, 24));
    learner.at("09:00");
    learner.press("m");
    learner.sees("In this order: 0, 1. That takes 30 min.");
    learner.sees("--ends 11:40");
}

#[test]
fn the_plan_follows_the_clock() {
    let mut learner = with_end((80, 24), "10:30");
    learner.press("m");
    learner.sees("Done by 09:30; 50 min to spare");
    learner.at("09:50");
    learner.sees("Done by 10:20; 0 min to spare");
    learner.at("09:51");
    learner.sees("Too long, by so many minutes: 1 (1).");
}

#[test]
fn the_map_is_complete_in_japanese_without_colour_and_in_ascii() {
    let mut theme = PLAIN;
    for ascii in [false, true] {
        theme.ascii = ascii;
        for size in [(40, 10), (60, 20), (80, 24), (140, 45)] {
            let mut learner = Learner::at_work_in(size, theme);
            learner.at("09:00");
            learner.tell(Msg::Ends(Some(instant("10:30"))));
            learner.press("m");
            if ascii {
                assert!(learner.screen().is_ascii(), "{}", learner.screen());
            }
            learner.press("l");
            if !ascii {
                learner.sees("マップ");
                learner.sees("0 の後");
            }
        }
    }
}

#[test]
fn esc_cancels_what_runs_before_it_closes_the_map() {
    let mut learner = with_end((80, 24), "10:30");
    learner.press("mA");
    learner.sees("Checking");
    assert_eq!(learner.press("\u{1b}"), [Effect::Cancel]);
    learner.sees("MAP: all modules");
}

#[test]
fn the_clean_up_stands_last_and_time_is_kept_for_it_on_request() {
    let mut learner = with_end((80, 24), "10:30");
    learner.tell(Msg::Course(Ok(course_with_cleanup())));
    learner.press("mG");
    assert!(row(&learner, "Clean-up").trim_end().ends_with(" 30"), "{}", learner.screen());
    learner.sees("30 min. t keeps time for it; the account of an event needs none.");
    learner.sees("50 min to spare, 10 min kept to take your");
    learner.press("t");
    learner.sees("30 min, kept in the plan.");
    learner.sees("20 min to spare, 40 min kept to clean up");
    learner.press("ff");
    learner.sees("MAP: what fits");
    learner.sees("Clean-up");
    learner.press("\n");
    learner.sees("What you made costs money.");
    learner.press("m");
    learner.sees("40 min kept to clean up");
}
