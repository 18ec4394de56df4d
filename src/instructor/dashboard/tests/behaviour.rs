//! Orders, parts, search, opening: what keys do to what is shown.

use super::fixture::*;
use crate::i18n::Lang;
use crate::instructor::crowd::{Only, Order};
use crate::instructor::dashboard::*;

#[test]
fn who_asks_for_help_stands_first_and_then_who_is_stuck() {
    let instructor = Instructor::at_work((140, 45));
    let lines = instructor.lines();
    let at = |text: &str| lines.iter().position(|line| line.contains(text)).expect(text);
    assert!(at("山田 花子") < at("Kai") && at("Kai") < at("Ola"), "{}", instructor.screen());
    let asks = instructor.line("山田 花子");
    assert!(asks.contains("? ") && asks.contains("asked for help with 5a"), "{asks}");
    let stuck = instructor.line("Kai");
    assert!(stuck.contains("! ") && stuck.contains("1d") && stuck.contains("40 min"), "{stuck}");
    assert!(stuck.contains("4 times the same: GET /capes"), "{stuck}");
}

#[test]
fn nobody_is_left_out_for_what_they_wrote() {
    let instructor = Instructor::at_work((140, 45));
    assert!(
        instructor.line("11110000").contains("left the room")
            || instructor.screen().contains("left the room")
    );
    instructor.sees("their stepproof is newer");
    assert!(instructor.line("Noor").contains("not in the room"));
}

#[test]
fn orders_and_parts_are_named_and_show_what_they_say() {
    let mut instructor = Instructor::at_work((140, 45));
    instructor.sees("all: 7, stuck first");
    instructor.press("s");
    assert_eq!(instructor.model.list.order, Order::Progress);
    instructor.sees("least done first");
    instructor.press("S");
    assert_eq!(instructor.model.list.order, Order::Stuck);
    instructor.press("f");
    assert_eq!(instructor.model.list.filter.only, Some(Only::Stuck));
    instructor.sees("Kai");
    instructor.sees_not("Ola");
    instructor.press("f");
    instructor.sees("ask for help: 1");
    instructor.press("\u{1b}");
    instructor.sees("Ola");
    instructor.press("]]");
    instructor.sees("working on module 1: 1");
    instructor.press("[[");
    instructor.sees("all: 7");
}

#[test]
fn a_part_with_nobody_in_it_says_how_to_see_everybody() {
    let mut instructor = Instructor::at_work((80, 24));
    instructor.press("fff");
    instructor.sees("Nobody is like this. Esc shows everybody.");
    instructor.press("\u{1b}");
    instructor.sees("Kai");
}

#[test]
fn a_search_marks_as_it_is_typed_and_goes_on() {
    let mut instructor = Instructor::at_work((80, 24));
    for (keys, found) in [("/o", "Ola"), ("\nn", "Noor"), ("n", "Ola"), ("N", "Noor")] {
        instructor.press(keys);
        assert_eq!(instructor.model.marked().map(|one| one.name.as_str()), Some(found), "{keys}");
    }
    instructor.press("/nobody like this\n");
    instructor.sees("Nobody is found.");
    instructor.press("/5a\n");
    assert_eq!(instructor.model.marked().map(|one| one.name.as_str()), Some("山田 花子"));
}

#[test]
fn the_list_is_narrowed_to_what_is_typed_and_esc_takes_it_back() {
    let mut instructor = Instructor::at_work((80, 24));
    instructor.press("Fola\n");
    instructor.sees("all \"ola\": 1");
    instructor.sees_not("Kai");
    instructor.press("\u{1b}");
    instructor.sees("Kai");
}

#[test]
fn the_mark_stays_with_whom_it_marks() {
    let mut instructor = Instructor::at_work((80, 24));
    instructor.press("jj");
    let marked = instructor.model.marked().map(|one| one.account.clone());
    let mut ola = item(3, "Ola", "12a", 99);
    ola.help = Some(crate::progress::room::Help {
        step: "12a".into(),
        asked: minute(10),
        over: None,
        evidence: Vec::new(),
    });
    instructor.hears(vec![row(2, ola, 100)]);
    assert_eq!(instructor.model.marked().map(|one| one.account.clone()), marked);
}

#[test]
fn an_attendees_page_says_what_is_wrong_and_esc_goes_back() {
    let mut instructor = Instructor::at_work((140, 45));
    instructor.press("/kai\n\n");
    for text in [
        "Kai  AWS 111100000001",
        "On the roster as Learner 1.",
        "since 10:00, 40 min",
        "4 times the same: GET /capes",
        "failed 5 times",
        "hints opened: 2",
        "Still open to anyone.",
        "- GET /socks",
        "The room says",
        "Not read by a sweep yet",
    ] {
        instructor.sees(text);
    }
    instructor.press("\u{1b}");
    assert_eq!(instructor.model.screen, Screen::Map);
}

#[test]
fn help_has_its_queue_with_what_they_agreed_to_show() {
    let mut instructor = Instructor::at_work((80, 24));
    instructor.sees("h Help 1");
    instructor.press("h");
    let line = instructor.line("山田 花子");
    assert!(line.contains("4 min") && line.contains("5a"), "{line}");
    instructor.sees("OR 1=1");
    instructor.press("\n");
    assert_eq!(instructor.model.screen, Screen::Attendee);
    instructor.sees("waits 4 min");
    instructor.press("\u{1b}");
    assert_eq!(instructor.model.screen, Screen::Queue);
}

#[test]
fn every_key_is_in_the_help_with_the_signs() {
    let mut instructor = Instructor::at_work((80, 24));
    instructor.press("?");
    let mut seen = instructor.screen();
    for _ in 0..80 {
        instructor.press("j");
        seen.push_str(&instructor.screen());
    }
    let words = instructor.model.words();
    for entry in ENTRIES {
        assert!(seen.contains((entry.help)(words)), "no {}", entry.name);
    }
    assert!(seen.contains("SIGNS") && seen.contains(words.sign_proven), "{seen}");
    instructor.press("\u{1b}");
    instructor.sees_not("SIGNS");
}

#[test]
fn the_palette_finds_actions_and_attendees() {
    let mut instructor = Instructor::at_work((80, 24));
    instructor.press(":queue\n");
    assert_eq!(instructor.model.screen, Screen::Queue);
    instructor.press(":花子");
    instructor.sees("attendee");
    instructor.press("\n");
    assert_eq!(instructor.model.marked().map(|one| one.name.as_str()), Some("山田 花子"));
    instructor.press(":on-my-way\u{1b}");
    assert!(instructor.model.palette.is_none());
}

#[test]
fn the_language_switches_in_place() {
    let mut instructor = Instructor::at_work((80, 24));
    instructor.press("l");
    assert_eq!(instructor.model.lang, Lang::Ja);
    instructor.sees("マップ");
    instructor.sees("参加 4 名");
    let mut ascii = Instructor::at_work_in((80, 24), ASCII, Lang::Ja);
    ascii.sees("Japanese can't be shown");
    ascii.press("l");
    assert_eq!(ascii.model.lang, Lang::En);
}

#[test]
fn the_mouse_marks_opens_and_scrolls() {
    use crossterm::event::{KeyModifiers, MouseButton, MouseEvent, MouseEventKind};
    let mut instructor = Instructor::at_work((80, 24));
    let row = instructor.lines().iter().position(|line| line.contains("Ola")).expect("Ola");
    let click = MouseEvent {
        kind: MouseEventKind::Down(MouseButton::Left),
        column: 8,
        row: u16::try_from(row).expect("a row"),
        modifiers: KeyModifiers::NONE,
    };
    instructor.tell(Msg::Mouse(click));
    assert_eq!(instructor.model.marked().map(|one| one.name.as_str()), Some("Ola"));
    instructor.tell(Msg::Mouse(click));
    assert_eq!(instructor.model.screen, Screen::Attendee);
    let wheel = MouseEvent { kind: MouseEventKind::ScrollDown, ..click };
    instructor.tell(Msg::Mouse(wheel));
    assert_eq!(instructor.model.scrolls[0], 3);
}
