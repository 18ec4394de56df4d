//! Each screen as files: in two sizes, both languages, with and without colour. See
//! `tui::tests::snapshots`, whose form these files have.

use super::fixture::*;
use crate::check::Verdict;
use crate::i18n::Lang;
use crate::instructor::dashboard::*;
use crate::tui::tests::snapshots::assert_looks;

/// The way to a screen, from a room with a few people.
type Way = fn(&mut Instructor);

#[track_caller]
fn looks_like(name: &str, way: Way) {
    assert_looks(name, |size, lang, colour| {
        let theme = if colour { COLOUR } else { PLAIN };
        let mut instructor = Instructor::at_work_in(size, theme, lang);
        way(&mut instructor);
        instructor.look()
    });
}

/// After a sweep that read otherwise than the room says.
fn swept(instructor: &mut Instructor) {
    let results = [
        record(1, &[("0a", Verdict::Fail), ("0b", Verdict::Pass), ("1a", Verdict::Pass)], 99),
        record(
            3,
            &[("0a", Verdict::Pass), ("0b", Verdict::Pass), ("12a", Verdict::CannotTell)],
            99,
        ),
    ];
    for result in &results {
        instructor.model.crowd.prove(result);
    }
    instructor.model.list.stale = true;
    settle(&mut instructor.model);
}

#[test]
fn map() {
    looks_like("dashboard_map", |instructor| {
        swept(instructor);
        instructor.press("j");
    });
}

#[test]
fn attendee() {
    looks_like("dashboard_attendee", |instructor| {
        swept(instructor);
        instructor.press("/kai\n\n");
    });
}

#[test]
fn room() {
    looks_like("dashboard_room", |instructor| drop(instructor.press("r")));
}

#[test]
fn queue() {
    looks_like("dashboard_queue", |instructor| drop(instructor.press("h")));
}

#[test]
fn claims() {
    looks_like("dashboard_claims", |instructor| {
        swept(instructor);
        instructor.press("c");
    });
}

#[test]
fn message_asked() {
    looks_like("dashboard_message_asked", |instructor| {
        let text = if instructor.model.lang == Lang::Ja {
            "10:50 まで休憩"
        } else {
            "Break until 10:50"
        };
        instructor.press("M");
        instructor.press(text);
        instructor.press("\n");
    });
}

#[test]
fn help() {
    looks_like("dashboard_help", |instructor| drop(instructor.press("?")));
}

#[test]
fn unreachable() {
    looks_like("dashboard_unreachable", |instructor| {
        let path = std::path::PathBuf::from("/rooms/K7QM3XPT.sqlite");
        let missing = crate::progress::room::RoomError::Missing { path };
        instructor.tell(Msg::Changes(Err(missing)));
        instructor.at(111);
    });
}
