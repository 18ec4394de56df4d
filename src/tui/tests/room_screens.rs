//! The room's screens as files; see `snapshots`.

use super::room::{heard, in_room, message, plan};
use super::snapshots::{looks_like, said, with_verdicts};
use crate::tui::{Msg, Refusal, RoomMsg, WorkMsg};

/// In a room, with messages to all and to the learner.
fn with_messages(learner: &mut super::fixture::Learner) {
    learner.at("10:00");
    let all = said(learner, "Break until 10:40", "10:40 まで休憩です").to_owned();
    let own = said(learner, "Look at line 3", "3 行目を見てください").to_owned();
    let messages = [message(false, &all, "09:58", "10:15"), message(true, &own, "10:00", "10:30")];
    learner.tell(heard(in_room(&messages)));
}

#[test]
fn message_of_the_instructor() {
    looks_like("message_of_the_instructor", |learner| {
        with_verdicts(learner);
        with_messages(learner);
        // The outcome of the last key stands below it.
        learner.press("U");
        learner.tell(Msg::Work(WorkMsg::Prepared(Err(Refusal::NothingToUndo))));
    });
}

#[test]
fn room() {
    looks_like("room", |learner| {
        with_messages(learner);
        learner.press("R");
    });
}

#[test]
fn room_to_join() {
    looks_like("room_to_join", |learner| {
        learner.press("Rk7qm3xpt\n\n");
    });
}

#[test]
fn room_consent() {
    looks_like("room_consent", |learner| {
        learner.press("R");
        learner.tell(Msg::Room(RoomMsg::Previewed(Ok(plan()))));
    });
}

#[test]
fn help_to_ask_for() {
    looks_like("help_to_ask_for", |learner| {
        learner.tell(heard(in_room(&[])));
        with_verdicts(learner);
        learner.press("H");
    });
}

#[test]
fn help_to_ask_for_without_evidence() {
    looks_like("help_to_ask_for_without_evidence", |learner| {
        learner.tell(heard(in_room(&[])));
        with_verdicts(learner);
        learner.press("He");
    });
}

#[test]
fn help_that_is_asked_for() {
    looks_like("help_that_is_asked_for", |learner| {
        learner.at("10:00");
        learner.tell(heard(in_room(&[])));
        with_verdicts(learner);
        learner.press("H\n");
        learner.tell(heard(in_room(&[])));
        learner.at("10:05");
        learner.press("H");
    });
}

#[test]
fn room_to_leave() {
    looks_like("room_to_leave", |learner| {
        learner.tell(heard(in_room(&[])));
        learner.press("L");
    });
}
