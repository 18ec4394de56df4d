//! The learner's room: what the instructor says, help, joining and leaving. Nothing of it is in the
//! way.

use super::fixture::*;
use super::plain::{Reader, holds};
use crate::check::Verdict;
use crate::i18n::Lang;
use crate::progress::room::Message;
use crate::tui::*;

pub(super) fn message(to_me: bool, text: &str, sent: &str, expires: &str) -> Message {
    Message {
        to: to_me.then(|| "000000000000".to_owned()),
        text: text.to_owned(),
        sent: instant(sent),
        expires: instant(expires),
    }
}

pub(super) fn in_room(messages: &[Message]) -> RoomNews {
    let (room, name) = ("K7QM3XPT".to_owned(), "Kai".to_owned());
    RoomNews {
        member: Some(Membership { room, name, leaving: false }),
        messages: messages.to_vec(),
        told: true,
        ..RoomNews::default()
    }
}

pub(super) fn heard(news: RoomNews) -> Msg {
    Msg::Room(RoomMsg::News(news))
}

fn trouble(trouble: RoomTrouble) -> RoomNews {
    RoomNews { trouble: Some(trouble), ..in_room(&[]) }
}

/// A learner in a room, at ten o'clock.
pub(super) fn joined(size: (u16, u16)) -> Learner {
    let mut learner = Learner::at_work(size);
    learner.at("10:00");
    learner.tell(heard(in_room(&[])));
    learner
}

fn failed() -> crate::check::CheckResult {
    let mut failed = result("stack-is-there", Verdict::Fail, "There is no stack.", &["GET /a"]);
    failed.evidence.insert("region".to_owned(), "us-east-1".into());
    failed
}

#[test]
fn a_message_takes_no_key_and_moves_nothing() {
    let mut learner = joined((100, 30));
    learner.press("jj");
    let (scroll, pane) = (learner.model.page.scroll, learner.model.pane);
    learner.searches("dep");
    learner.tell(heard(in_room(&[message(false, "Break until 10:40", "10:00", "10:15")])));
    learner.sees("The instructor to all: Break until 10:40");
    learner.press("loy");
    learner.sees("/ deploy");
    learner.press("\u{1b}");
    assert_eq!((learner.model.page.scroll, learner.model.pane), (scroll, pane));
    learner.sees("The instructor to all: Break until 10:40");
    learner.press("n");
    assert_eq!(learner.model.page.step.as_deref(), Some("0b"), "keys mean what they meant");
    learner.press("p");
    // What happens meanwhile stands below it.
    learner.verifies("v", vec![("0a", failed())]);
    learner.sees("The instructor to all: Break until 10:40");
    learner.sees("Proven: 0 of 1 checks.");
}

#[test]
fn a_message_goes_by_itself_and_is_shown_in_full_for_a_while_only() {
    let mut learner = joined((80, 24));
    let long = format!("Break until 10:40. {}", "Then we go on together. ".repeat(5));
    learner.tell(heard(in_room(&[message(true, long.trim(), "10:00", "10:15")])));
    learner.sees("The instructor to you: Break until 10:40.");
    learner.sees("we go on together.");
    assert!(learner.lines()[20].contains("instructor to you"), "{}", learner.screen());
    learner.waits(61);
    assert!(learner.lines()[22].contains("instructor to you"), "{}", learner.screen());
    learner.at("10:14");
    learner.sees("instructor to you");
    learner.model.dirty = false;
    learner.at("10:15");
    learner.sees_not("instructor");
    assert!(learner.model.dirty);
    learner.sees("room K7QM3XPT · Kai");
}

#[test]
fn several_messages_can_all_be_read() {
    let mut learner = joined((80, 24));
    let texts = ["One", "Two", "Three", "Four"];
    let all: Vec<Message> =
        texts.iter().map(|text| message(*text == "Two", text, "10:00", "10:15")).collect();
    learner.tell(heard(in_room(&all)));
    for text in ["to you: Two", "to all: Three", "to all: Four (1 more: R)"] {
        learner.sees(text);
    }
    learner.press("R");
    for text in ["until 10:15  The instructor to all: One", "to you: Two", "to all: Four"] {
        learner.sees(text);
    }
    learner.press("\u{1b}");
    // They have been read: one row says that they stand.
    assert!(learner.lines()[22].contains("to all: Four (3 more: R)"), "{}", learner.screen());
    learner.press("\u{1b}");
    learner.sees_not("instructor");
    learner.press("R");
    learner.sees("to all: One");
}

#[test]
fn each_message_is_new_once() {
    let (old, new) =
        (message(false, "Old", "09:50", "10:30"), message(false, "New", "10:00", "10:30"));
    let mut learner = Learner::at_work((80, 24));
    learner.at("10:00");
    learner.tell(Msg::Journal(Trouble::new("It is gone.", "")));
    let before = RoomNews { heard: Some(instant("09:50")), ..in_room(std::slice::from_ref(&old)) };
    learner.tell(heard(before.clone()));
    learner.press("\u{1b}");
    learner.sees("to all: Old");
    assert!(learner.model.room.fresh().is_empty(), "it was shown in an earlier session");
    learner.tell(heard(RoomNews { messages: vec![old, new], ..before.clone() }));
    assert_eq!(learner.model.room.fresh().len(), 1);
    learner.sees("to all: New");
    learner.tell(heard(before));
    learner.sees_not("New");
}

#[test]
fn nothing_new_draws_nothing() {
    let mut learner = joined((80, 24));
    learner.model.dirty = false;
    learner.tell(heard(RoomNews { told: false, ..in_room(&[]) }));
    learner.tell(heard(in_room(&[])));
    learner.at("10:00");
    assert!(!learner.model.dirty);
    let mut alone = Learner::at_work((80, 24));
    alone.model.dirty = false;
    alone.tell(heard(RoomNews::default()));
    assert!(!alone.model.dirty);
}

#[test]
fn help_is_asked_for_with_exactly_what_was_shown() {
    let mut learner = joined((100, 30));
    learner.verifies("v", vec![("0a", failed())]);
    assert_eq!(learner.press("H"), []);
    let lines = ["not yet: There is no stack.", "- GET /a", "region: us-east-1"];
    learner.sees("Ask the instructor for help at 0a?");
    for line in lines {
        learner.sees(line);
    }
    let evidence = lines.map(str::to_owned).to_vec();
    let entry = Entry::HelpAsked { step: "0a".into(), evidence };
    assert_eq!(learner.press("\n"), [Effect::Record(entry)]);
    learner.sees("Help is asked for at 0a. H takes it back.");
    learner.press("\u{1b}");
    learner.sees("help asked, not sent yet · room K7QM3XPT · Kai");
    learner.tell(heard(in_room(&[])));
    learner.sees("help asked · room K7QM3XPT · Kai");
    learner.at("10:05");
    learner.sees("help asked 5 min ago · room K7QM3XPT");
    learner.press("H");
    learner.sees("You asked for help at 0a");
    learner.sees("- GET /a");
    assert_eq!(learner.press("\u{1b}"), [], "it stays");
    assert_eq!(learner.press("H\n"), [Effect::Record(Entry::HelpOver("0a".into()))]);
    learner.press("\u{1b}");
    learner.sees_not("help asked");
}

#[test]
fn help_is_asked_for_without_evidence_or_not_at_all() {
    let mut learner = joined((100, 30));
    learner.verifies("v", vec![("0a", failed())]);
    learner.press("He");
    learner.sees("no more of it than the room knows already");
    learner.sees("e show it too");
    assert_eq!(learner.press("e"), []);
    learner.sees("- GET /a");
    assert_eq!(learner.press("\u{1b}"), [], "not at all");
    let entry = Entry::HelpAsked { step: "0a".into(), evidence: vec![] };
    assert_eq!(learner.press("He\n"), [Effect::Record(entry.clone())]);
    learner.press("H");
    learner.sees("No evidence is shown.");
    let mut learner = joined((100, 30));
    learner.press("H");
    learner.sees("There is no evidence to show");
    assert_eq!(learner.press("e\n"), [Effect::Record(entry)], "there is nothing to show");
}

#[test]
fn what_looks_like_a_secret_stays_here() {
    let mut learner = joined((100, 30));
    let key = "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJtZSJ9.c2lnbmF0dXJl";
    let leak = result("stack-is-there", Verdict::Fail, &format!("{key} is open."), &[]);
    learner.verifies("v", vec![("0a", leak)]);
    learner.press("H");
    let effects = learner.press("\n");
    let [Effect::Record(Entry::HelpAsked { evidence, .. })] = &effects[..] else {
        panic!("{effects:?}")
    };
    assert!(!evidence.concat().contains(key) && evidence[0].contains("is open."), "{evidence:?}");
}

#[test]
fn help_ends_with_the_proof() {
    let mut learner = joined((100, 30));
    learner.press("H\n");
    learner.verifies("v", vec![("0a", result("stack-is-there", Verdict::Pass, "", &[]))]);
    assert_eq!(learner.model.past.help, None);
    learner.press("\u{1b}");
    learner.sees_not("help asked");
}

#[test]
fn without_a_room_it_is_said_how_to_join() {
    let mut learner = Learner::at_work((100, 30));
    assert_eq!(learner.press("H"), []);
    learner.sees("You are in no room. R joins one: ask the instructor for its code.");
    assert_eq!(learner.press("L"), []);
    learner.sees("You are in no room.");
    assert!(learner.model.sheet.is_none());
}

#[test]
fn trouble_is_said_once_and_stops_nothing() {
    let mut learner = joined((100, 30));
    let gone = || trouble(RoomTrouble::Unreachable("there is no room at /tmp/r".to_owned()));
    learner.tell(heard(gone()));
    learner.sees("! The room can't be reached: there is no room at /tmp/r. Your work goes on");
    learner.press("\u{1b}");
    learner.sees_not("can't be reached");
    learner.sees("room K7QM3XPT: not reached");
    learner.tell(heard(RoomNews { told: false, ..gone() }));
    learner.sees_not("can't be reached");
    learner.press("H\n");
    learner.sees("it is told as soon as it can be.");
    learner.press("\u{1b}");
    learner.tell(heard(in_room(&[])));
    learner.tell(heard(gone()));
    learner.sees("The room can't be reached");
    learner.waits(200);
    learner.sees_not("The room can't be reached");
    let all = [
        (RoomTrouble::Closed, "The room is closed"),
        (RoomTrouble::LeftElsewhere, "on another machine"),
        (RoomTrouble::Newer, "Update stepproof"),
        (RoomTrouble::Expired, "The room has expired"),
    ];
    for (what, said) in all {
        learner.tell(heard(trouble(what)));
        learner.sees(said);
    }
    let mut learner = joined((100, 30));
    learner.tell(heard(trouble(RoomTrouble::Closed)));
    assert_eq!(learner.press("\u{1b}H"), []);
    learner.sees("The room is closed and takes nothing more.");
    assert!(learner.model.sheet.is_none());
}

pub(super) fn plan() -> JoinPlan {
    let sent =
        ["{", "  \"attendee\": {", "    \"account\": \"000000000000\",", "    \"name\": \"Kai\""];
    let sent = sent.into_iter().chain(["  }", "}"]).map(str::to_owned).collect();
    JoinPlan { room: "K7QM3XPT".into(), name: "Kai".into(), sent }
}

#[test]
fn a_room_is_joined_after_what_it_is_told_was_shown() {
    let mut learner = Learner::at_work((100, 30));
    learner.press("R");
    learner.sees("JOIN A ROOM");
    assert_eq!(learner.press("\n"), []);
    learner.sees("Type the code that the instructor gave you.");
    assert_eq!(learner.tell(Msg::Paste("k7qm-3xpt\nq".into())), []);
    assert_eq!(learner.press("\nKai q⌫⌫\t\t"), []);
    let preview = RoomEffect::Preview("k7qm-3xpt".into(), "Kai".into());
    assert_eq!(learner.press("\n"), [Effect::Room(preview.clone())]);
    assert_eq!(learner.press("\n"), [], "once is enough");
    let wrong = Trouble::new("there is no room at /r", "Ask the instructor.");
    learner.tell(Msg::Room(RoomMsg::Previewed(Err(wrong))));
    learner.sees("! there is no room at /r. Ask the instructor.");
    assert_eq!(learner.press("\n"), [Effect::Room(preview)]);
    learner.tell(Msg::Room(RoomMsg::Previewed(Ok(plan()))));
    learner.sees("Join the room K7QM3XPT as Kai?");
    learner.sees("This is all that the room will be told");
    learner.sees("\"account\": \"000000000000\"");
    learner.sees("No commands and no files are sent.");
    assert_eq!(learner.press("\n"), [Effect::Room(RoomEffect::Join(plan()))]);
    learner.tell(Msg::Room(RoomMsg::Joined(plan(), Ok(()))));
    learner.sees("You are in the room K7QM3XPT. L leaves it");
    learner.press("R");
    learner.tell(Msg::Room(RoomMsg::Previewed(Ok(plan()))));
    assert_eq!(learner.press("\u{1b}"), [], "Esc sends nothing");
    learner.press("R\u{1b}");
    learner.tell(Msg::Room(RoomMsg::Previewed(Ok(plan()))));
    assert!(learner.model.sheet.is_none(), "what was closed stays closed");
}

#[test]
fn a_name_is_needed_and_shown_as_it_is() {
    let mut learner = Learner::at_work((100, 30));
    learner.press("Rk7qm3xpt\n");
    learner.sees_not("Type any name");
    learner.press("\n");
    learner.sees("Type any name that you like");
    learner.press(&"あ".repeat(41));
    assert_eq!(learner.press("\n"), [], "too long");
    assert_eq!(learner.press("⌫\n").len(), 1);
}

#[test]
fn leaving_takes_a_request_for_help_along() {
    let mut learner = joined((100, 30));
    learner.press("H\nL");
    learner.sees("Leave the room K7QM3XPT?");
    let over = Effect::Record(Entry::HelpOver("0a".into()));
    assert_eq!(learner.press("\n"), [over, Effect::Room(RoomEffect::Leave)]);
    learner.tell(Msg::Room(RoomMsg::Left(Ok(Leave::Done))));
    learner.tell(heard(RoomNews { told: true, ..RoomNews::default() }));
    learner.sees("You have left the room.");
    learner.sees_not("K7QM3XPT");
    let mut learner = joined((100, 30));
    assert_eq!(learner.press("L\u{1b}"), [], "Esc stays");
    learner.tell(Msg::Room(RoomMsg::Left(Ok(Leave::Later))));
    learner.sees("taken back as soon as the room can be reached");
}

#[test]
fn the_room_says_when_the_event_ends_unless_this_machine_was_told() {
    let ends = |end: &str| RoomNews { ends: Some(instant(end)), ..in_room(&[]) };
    let mut learner = joined((100, 30));
    let header = |learner: &Learner| learner.lines()[0].clone();
    learner.tell(heard(ends("11:40")));
    assert!(header(&learner).ends_with("1:40 left · ends 11:40"), "{}", header(&learner));
    learner.tell(heard(ends("12:00")));
    assert!(header(&learner).ends_with("ends 12:00"), "{}", header(&learner));
    learner.tell(Msg::Ends(Some(instant("11:00"))));
    assert!(header(&learner).ends_with("1:00 left · ends 11:00"), "{}", header(&learner));
    learner.tell(Msg::Ends(Some(instant("09:00"))));
    assert!(header(&learner).ends_with("ends 12:00"), "that was another event");
    learner.tell(Msg::Ends(None));
    learner.tell(heard(RoomNews::default()));
    assert!(!header(&learner).contains("left"), "{}", header(&learner));
}

#[test]
fn it_is_all_there_in_japanese_and_in_small_windows() {
    for size in [(44, 12), (80, 24), (140, 45)] {
        let mut learner = joined(size);
        learner.model.lang = Lang::Ja;
        learner.tell(heard(in_room(&[message(false, "休憩", "10:00", "10:15")])));
        learner.sees("講師から全員へ: 休憩");
        learner.press("R");
        learner.sees("講師からのメッセージ");
        learner.press("\u{1b}H");
        learner.sees("講師に助けを求め");
        learner.press("\n");
        learner.press("\u{1b}L");
        learner.sees("退出");
    }
}

#[test]
fn in_lines_messages_are_said_once_and_help_is_asked_for() {
    let mut reader = Reader::at_work();
    holds(&reader.hears("ask-help"), &["You are in no room. To join one: room, its code"]);
    holds(&reader.hears("room k7qm3xpt"), &["For example: room K7QM3XPT Kai."]);
    let preview = RoomEffect::Preview("k7qm3xpt".into(), "Kai".into());
    assert_eq!(reader.types("room k7qm3xpt Kai"), [Effect::Room(preview)]);
    reader.tell(Msg::Room(RoomMsg::Previewed(Ok(plan()))));
    let said = reader.settles();
    holds(&said, &["Join the room K7QM3XPT as Kai?", "\"account\": \"000000000000\"", "yes"]);
    assert_eq!(reader.types("yes"), [Effect::Room(RoomEffect::Join(plan()))]);
    reader.tell(Msg::Room(RoomMsg::Joined(plan(), Ok(()))));
    reader.settles();
    reader.tell(Msg::Time(Time { wall: instant("10:00"), ..Time::default() }));
    let news = in_room(&[message(true, "Look at line 3", "10:00", "10:15")]);
    reader.tell(heard(news.clone()));
    assert_eq!(reader.settles(), "The instructor to you: Look at line 3");
    reader.tell(heard(news));
    assert_eq!(reader.settles(), "");
    holds(&reader.hears("room"), &["Room K7QM3XPT", "until 10:15", "Look at line 3"]);

    reader.verifies("verify", vec![("0a", failed())]);
    let asked = reader.hears("ask-help");
    holds(
        &asked,
        &["help at 0a?", "  not yet: There is no stack.", "- GET /a", "evidence, then yes"],
    );
    let without = reader.hears("evidence");
    assert!(!without.contains("GET /a"), "{without}");
    holds(&reader.hears("evidence"), &["- GET /a"]);
    let effects = reader.types("yes");
    assert!(matches!(&effects[..], [Effect::Record(Entry::HelpAsked { evidence, .. })]
        if evidence.len() == 3));
    holds(&reader.settles(), &["Help is asked for at 0a. To take it back: ask-help."]);
    holds(&reader.hears("where"), &["help asked, not sent yet · room K7QM3XPT · Kai"]);
    reader.tell(heard(trouble(RoomTrouble::Closed)));
    assert_eq!(
        reader.settles(),
        "Problem: The room is closed and takes nothing more. Your journal keeps everything."
    );
    holds(&reader.hears("leave-room"), &["Leave the room K7QM3XPT?", "yes"]);
    assert_eq!(reader.types("yes").len(), 2);
}
