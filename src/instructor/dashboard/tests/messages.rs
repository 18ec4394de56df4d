//! Messages to all and to one: asked about, sent, shown, gone.

use super::fixture::*;
use crate::instructor::dashboard::*;
use crate::progress::room::{Message, RoomError};

#[track_caller]
fn posted(effects: &[Effect]) -> Message {
    match effects {
        [Effect::Post(message)] => message.clone(),
        other => panic!("nothing is posted: {other:?}"),
    }
}

#[test]
fn a_message_to_all_is_shown_before_it_is_sent_and_until_it_goes() {
    let mut instructor = Instructor::at_work((80, 24));
    assert_eq!(instructor.press("MBreak until 10:50"), []);
    instructor.sees("To all");
    assert_eq!(instructor.press("\n"), []);
    instructor.sees("Send to all (4)?");
    instructor.sees("Break until 10:50");
    instructor.sees("It goes by itself after 15 min.");
    instructor.press("↑");
    instructor.sees("after 30 min");
    let message = posted(&instructor.press("\n"));
    assert_eq!((message.to.clone(), message.expires), (None, minute(130)));
    instructor.tell(Msg::Posted(message, Ok(())));
    instructor.sees("Sent to all. It goes by itself at 11:10.");
    instructor.press("\u{1b}");
    instructor.sees("Shown until 11:10: Break until 10:50");
    instructor.at(131);
    instructor.sees_not("Break until");
}

#[test]
fn what_is_left_is_not_sent() {
    let mut instructor = Instructor::at_work((80, 24));
    assert_eq!(instructor.press("MOh no\u{1b}"), []);
    assert_eq!(instructor.press("MOh no\n\u{1b}"), []);
    assert_eq!(instructor.press("M  \n"), []);
    instructor.sees("Nothing was typed");
}

#[test]
fn a_message_to_one_goes_to_who_is_marked() {
    let mut instructor = Instructor::at_work((80, 24));
    instructor.press("/kai\ntLook at the template\n");
    instructor.sees("Send to Kai?");
    let message = posted(&instructor.press("\n"));
    assert_eq!(message.to.as_deref(), Some(account(1).as_str()));
    instructor.tell(Msg::Posted(message, Ok(())));
    instructor.sees("Sent to Kai.");
    instructor.press("/noor\nt");
    instructor.sees("Noor is not in the room.");
}

#[test]
fn who_asks_for_help_is_told_that_somebody_comes() {
    let mut instructor = Instructor::at_work((80, 24));
    instructor.press("ho");
    instructor.sees("Send to 山田 花子?");
    instructor.sees("Help is coming to you.");
    let message = posted(&instructor.press("\n"));
    instructor.tell(Msg::Posted(message.clone(), Ok(())));
    assert!(instructor.line("4 min").contains("on the way"), "{}", instructor.screen());
    // It could not be sent after all: they still wait.
    instructor.tell(Msg::Posted(message, Err(RoomError::Busy)));
    assert!(!instructor.line("4 min").contains("on the way"), "{}", instructor.screen());
    instructor.press("m/ola\no");
    instructor.sees("They don't ask for help.");
}

#[test]
fn a_closed_room_says_so_and_keeps_saying_it() {
    let mut instructor = Instructor::at_work((80, 24));
    instructor.press("MHello\n");
    let message = posted(&instructor.press("\n"));
    instructor.tell(Msg::Posted(message, Err(RoomError::Closed)));
    instructor.sees("Not sent. The room is closed");
    instructor.press("\u{1b}");
    instructor.sees("The room is closed");
    instructor.sees_not("Not sent");
}

#[test]
fn without_a_room_there_is_nobody_to_speak_to() {
    let mut instructor = Instructor::at_work((80, 24));
    instructor.model.room = None;
    assert_eq!(instructor.press("M"), []);
    instructor.sees("There is no room to speak to");
    instructor.sees("roster");
}
