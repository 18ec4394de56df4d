//! The time that is left.

use super::fixture::*;
use crate::tui::{Effect, Msg};

fn learner_until(ends: &str, now: &str) -> super::fixture::Learner {
    let mut learner = Learner::at_work((100, 30));
    learner.at(now);
    learner.tell(Msg::Ends(Some(instant(ends))));
    learner
}

#[test]
fn the_header_counts_down_to_the_end() {
    let mut learner = learner_until("11:40", "09:26");
    assert!(learner.lines()[0].ends_with("2:14 left · ends 11:40"), "{}", learner.lines()[0]);
    learner.at("10:41");
    assert!(learner.lines()[0].ends_with("59 min left · ends 11:40"), "{}", learner.lines()[0]);
    learner.at("11:45");
    assert!(learner.lines()[0].ends_with("! over since 11:40"), "{}", learner.lines()[0]);
}

#[test]
fn without_an_end_nothing_is_counted() {
    let mut learner = Learner::at_work((100, 30));
    learner.at("09:26");
    assert!(learner.lines()[0].trim_end().ends_with("us-east-1"), "{}", learner.lines()[0]);
}

#[test]
fn a_narrow_window_keeps_the_time() {
    for columns in [40, 60, 80] {
        let mut learner = learner_until("11:40", "09:26");
        learner.tell(Msg::Resize(columns, 24));
        let header = &learner.lines()[0];
        assert!(header.contains("2:14 left"), "{columns}: {header}");
    }
}

#[test]
fn only_another_minute_draws() {
    let mut learner = learner_until("11:40", "09:26");
    learner.model.dirty = false;
    learner.at("09:26");
    assert!(!learner.model.dirty, "the same minute");
    let before = learner.lines();
    learner.at("09:27");
    assert!(learner.model.dirty);
    let after = learner.lines();
    let changed: Vec<usize> = (0..30).filter(|&row| before[row] != after[row]).collect();
    assert_eq!(changed, [0], "only the header");
}

#[test]
fn half_an_hour_ten_and_five_minutes_before_the_end_it_says_so_for_a_while() {
    let mut learner = learner_until("11:40", "11:09");
    learner.sees_not("m shows what still fits");
    learner.at("11:10");
    learner.sees("! 30 min left, until 11:40. m shows what still fits.");
    learner.at("11:13");
    learner.sees_not("m shows what still fits");
    learner.at("11:30");
    learner.sees("! 10 min left, until 11:40. Finish this step");
    learner.at("11:35");
    learner.sees("! 5 min left, until 11:40.");
    learner.at("11:40");
    learner.sees("The time is over since 11:40. Your progress is kept.");
}

#[test]
fn a_warning_takes_no_key_and_leaves_with_esc() {
    let mut learner = learner_until("11:40", "11:09");
    learner.searches("dep");
    learner.at("11:10");
    learner.press("loy");
    learner.sees("/ deploy");
    learner.press("\u{1b}");
    learner.sees("30 min left, until");
    learner.press("n");
    assert_eq!(learner.model.page.step.as_deref(), Some("0a"), "keys mean what they meant");
    learner.press("\u{1b}");
    learner.sees_not("30 min left, until");
}

#[test]
fn a_clock_that_jumps_is_right_at_once() {
    let mut learner = learner_until("11:40", "09:26");
    learner.at("11:32");
    learner.sees("! 8 min left, until 11:40.");
    learner.at("09:30");
    learner.sees_not("until 11:40.");
    assert!(learner.lines()[0].contains("2:10 left"), "{}", learner.lines()[0]);
    learner.at("11:31");
    learner.sees("! 9 min left, until 11:40.");
}

#[test]
fn the_provider_is_asked_again_before_it_is_said_that_credentials_expire() {
    let mut learner = Learner::at_work((100, 30));
    learner.at("09:00");
    assert_eq!(learner.tell(Msg::Expiry(Some(instant("10:00")), false)), []);
    assert!(learner.lines()[0].ends_with("credentials 1:00"), "{}", learner.lines()[0]);
    assert_eq!(learner.at("09:44"), []);
    assert_eq!(learner.at("09:45"), [Effect::ReadExpiry(true)]);
    learner.sees_not("expire");
    assert_eq!(learner.at("09:46"), [], "once is enough");
    learner.tell(Msg::Expiry(Some(instant("10:00")), true));
    learner.sees("! The account's credentials expire in 14 min, at 10:00.");
    learner.at("09:55");
    learner.sees("! The account's credentials expire in 5 min, at 10:00.");
    learner.at("10:00");
    learner.sees("! The account's credentials expired at 10:00. Get new ones, then press a.");
    assert!(learner.lines()[0].contains("credentials expired"), "{}", learner.lines()[0]);
}

#[test]
fn credentials_that_renew_themselves_are_no_trouble() {
    let mut learner = Learner::at_work((100, 30));
    learner.at("09:46");
    let effects = learner.tell(Msg::Expiry(Some(instant("10:00")), false));
    assert_eq!(effects, [Effect::ReadExpiry(true)]);
    learner.tell(Msg::Expiry(Some(instant("10:46")), true));
    learner.sees_not("expire");
    assert!(!learner.lines()[0].contains('!'), "{}", learner.lines()[0]);
    assert_eq!(learner.at("09:50"), []);
    assert_eq!(learner.at("10:31"), [Effect::ReadExpiry(true)]);
}

#[test]
fn the_event_may_end_later_than_was_said() {
    let mut learner = learner_until("11:40", "11:31");
    learner.sees("9 min left, until 11:40");
    learner.tell(Msg::Ends(Some(instant("12:40"))));
    learner.sees_not("left, until");
    assert!(learner.lines()[0].contains("1:09 left"), "{}", learner.lines()[0]);
    learner.tell(Msg::Ends(None));
    assert!(!learner.lines()[0].contains("left"), "{}", learner.lines()[0]);
}

#[test]
fn the_countdown_is_japanese_too() {
    let mut learner = learner_until("11:40", "11:30");
    learner.press("l");
    learner.at("11:30");
    assert!(learner.lines()[0].contains("残り 10 分"), "{}", learner.lines()[0]);
}
