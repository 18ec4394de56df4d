//! The room: asked when it is due, and what is known when it can't be asked.

use std::path::PathBuf;

use super::fixture::*;
use crate::i18n::Lang;
use crate::instructor::dashboard::*;
use crate::progress::room::{About, Cursor, RoomError};

fn missing() -> RoomError {
    RoomError::Missing { path: PathBuf::from("/rooms/K7QM3XPT.sqlite") }
}

#[test]
fn the_room_is_asked_every_two_seconds_and_never_twice_at_once() {
    let mut instructor = Instructor::new((80, 24), COLOUR, Lang::En);
    // Asked at the first tick, in the fixture.
    assert_eq!(instructor.waits(10), [], "it hasn't answered yet");
    instructor.hears(people());
    assert_eq!(instructor.waits(1), []);
    let asked = instructor.waits(1);
    assert_eq!(asked, [Effect::About, Effect::Changes(Cursor::default())]);
    let about = About { course: course().index.id.clone(), expires: minute(600), ends: None };
    instructor.tell(Msg::About(Ok(about)));
    instructor.hears(Vec::new());
    assert_eq!(instructor.waits(2), [Effect::Changes(Cursor::default())]);
}

#[test]
fn nothing_is_drawn_while_nothing_changes_but_the_minute() {
    let mut instructor = Instructor::at_work((80, 24));
    instructor.model.dirty = false;
    for _ in 0..10 {
        instructor.waits(2);
        // Told again, as tables do.
        instructor.hears(people());
        assert!(!instructor.model.dirty);
    }
    instructor.at(101);
    assert!(instructor.model.dirty);
    instructor.sees("41 min");
}

#[test]
fn the_last_known_state_stays_with_its_age() {
    let mut instructor = Instructor::at_work((80, 24));
    instructor.tell(Msg::Changes(Err(missing())));
    instructor.sees("The room is gone");
    instructor.at(111);
    instructor.sees("Kai");
    let said = instructor.screen().replace('\n', " ");
    assert!(said.contains("as of 10:40, 11 min ago"), "{said}");
    instructor.hears(Vec::new());
    instructor.sees_not("The room is gone");
}

#[test]
fn a_room_that_was_never_reached_says_that_nothing_is_known() {
    let mut instructor = Instructor::new((80, 24), COLOUR, Lang::Ja);
    instructor.press("Fx\u{1b}");
    instructor.model.roster = None;
    instructor.model.crowd = crate::instructor::crowd::Crowd::new(course());
    instructor.model.list = List::default();
    instructor.tell(Msg::Changes(Err(RoomError::Busy)));
    instructor.sees("ルームが混み合っています");
    instructor.sees("まだわかりません");
}

#[test]
fn a_room_with_nobody_in_it_says_how_to_enter() {
    let mut instructor = Instructor::new((80, 24), COLOUR, Lang::En);
    instructor.model.crowd = crate::instructor::crowd::Crowd::new(course());
    instructor.model.list = List::default();
    instructor.sees("Asking the room");
    instructor.hears(Vec::new());
    instructor.sees("Nobody is in the room yet.");
    instructor.sees("stepproof room join K7QM3XPT --name NAME");
    for key in ["r", "h", "c", "m", "\n", "t", "p", "o", "j", "G"] {
        instructor.press(key);
        instructor.screen();
    }
}

#[test]
fn a_room_of_another_course_and_an_expired_one_are_told_of() {
    let mut instructor = Instructor::at_work((80, 24));
    let about = |course: &str, expires| About {
        course: course.into(),
        expires: minute(expires),
        ends: None,
    };
    instructor.tell(Msg::About(Ok(about("queues", 600))));
    instructor.sees("for the course queues");
    instructor.press("\u{1b}");
    let id = course().index.id.clone();
    instructor.tell(Msg::About(Ok(about(&id, 50))));
    instructor.sees("The room has expired");
}

#[test]
fn the_rooms_page_counts() {
    let mut instructor = Instructor::at_work((140, 45));
    instructor.press("r");
    for text in [
        "4 here",
        "1 of the roster not here",
        "1 left",
        "1 can't be read",
        "1 ask for help",
        "1:20 left, until 12:00",
        CHECK,
        "Still open to anyone.",
        "Most often: GET /capes (1)",
    ] {
        instructor.sees(text);
    }
    let line = instructor.line("  0 ");
    assert!(
        line.contains('#') && line.contains('x') && line.ends_with("3    0    1    0"),
        "{line}"
    );
}
