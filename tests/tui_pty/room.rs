//! An attendee in a room: joining, the instructor's messages, help, trouble, leaving. Nothing of it
//! is in the way of the work.

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use jiff::{SignedDuration, Timestamp};
use stepproof::progress::room::{Body, Cursor, Item, Message, Room, SqliteRoom};
use tempfile::TempDir;
use tokio::runtime::Runtime;

use crate::pty::{Session, home};
use crate::support::{ACCOUNT, code, stepproof, text};

const WINDOW: (u16, u16) = (140, 45);
/// A machine under load is slow.
const DEADLINE: Duration = Duration::from_mins(2);

/// A data directory with a room in it, as the instructor sees it.
struct Event {
    home: TempDir,
    file: PathBuf,
    runtime: Runtime,
}

impl Event {
    fn start() -> Self {
        let home = home();
        let file = home.path().join("K7QM3XPT.sqlite");
        let event = Self { home, file, runtime: Runtime::new().unwrap() };
        event.run(&["room", "create", "--file", event.path(), "--ends", "3h"]);
        event
    }

    fn path(&self) -> &str {
        self.file.to_str().unwrap()
    }

    #[track_caller]
    fn run(&self, args: &[&str]) {
        let output = stepproof(self.home.path()).args(args).output().unwrap();
        assert_eq!(code(&output), 0, "{}", text(&output));
    }

    fn attendee(&self, args: &[&str]) -> Session {
        let data = self.home.path().display().to_string();
        let args = [&["--practice"], args].concat();
        // Without colours no code is coloured late, after the output has settled.
        let environment = [("STEPPROOF_HOME", data.as_str()), ("NO_COLOR", "1")];
        Session::start(&self.home, WINDOW, &args, &environment)
    }

    fn says(&self, text: &str, seconds: i64) {
        let sent = Timestamp::now();
        let expires = sent + SignedDuration::from_secs(seconds);
        let message = Message { to: None, text: text.to_owned(), sent, expires };
        let room = SqliteRoom::open(&self.file).unwrap();
        self.runtime.block_on(room.post(&message)).unwrap();
    }

    /// What stands at the only attendee.
    fn row(&self) -> Option<Body> {
        let room = SqliteRoom::open(&self.file).unwrap();
        let changes = self.runtime.block_on(room.changes(Cursor::default())).unwrap();
        let mut rows = changes.rows.into_iter();
        let row = rows.next()?;
        assert!(row.account == ACCOUNT && rows.next().is_none());
        Some(row.body)
    }

    /// Waits until the room was told something.
    #[track_caller]
    fn knows(&self, session: &mut Session, what: &str, told: impl Fn(&Item) -> bool) {
        until(session, what, |_| matches!(self.row(), Some(Body::Here(item)) if told(&item)));
    }
}

/// Waits for something that the screen doesn't say.
#[track_caller]
fn until(session: &mut Session, what: &str, is_so: impl Fn(&Session) -> bool) {
    let end = Instant::now() + DEADLINE;
    while !is_so(session) {
        assert!(Instant::now() < end, "not {what}:\n{}", session.screen());
        session.settle();
    }
}

/// The page's and the proof's rows.
fn panes(session: &Session) -> Vec<String> {
    session.screen().lines().skip(1).take(41).map(str::to_owned).collect()
}

#[test]
fn an_attendee_joins_hears_the_instructor_asks_for_help_and_leaves() {
    let event = Event::start();
    let mut session = event.attendee(&[]);
    session.wait_for("practice 000000000000");
    session.press("v");
    session.wait_for("hint 1 of");
    // All of it: its outcome would take the place of what is said next.
    session.wait_for("PROOF says what is open.");
    session.press("H");
    session.wait_for("You are in no room. R joins one");
    session.press("R");
    session.wait_for("JOIN A ROOM");
    session.press(event.path());
    session.wait_for("K7QM3XPT.sqlite");
    session.press("\tKai\r");
    session.wait_for("Join the room K7QM3XPT as Kai?");
    session.wait_for("\"account\": \"000000000000\"");
    assert_eq!(event.row(), None, "nothing is sent before they agree");
    session.press("\r");
    session.wait_for("You are in the room K7QM3XPT.");
    session.wait_for("room K7QM3XPT · Kai");
    session.wait_for(" left · ends");
    event.knows(&mut session, "in the room", |item| item.name.name == "Kai");

    // A message comes and goes while the learner reads.
    session.press("n");
    session.wait_for("0a ");
    session.settle();
    let before = panes(&session);
    event.says("Break until 10:40", 40);
    session.wait_for("The instructor to all: Break until 10:40");
    assert_eq!(panes(&session), before, "it moves nothing");
    until(&mut session, "gone by itself", |session| !session.screen().contains("Break until"));

    session.press("H");
    session.wait_for("Ask the instructor for help at 0a?");
    session.wait_for("not yet: ");
    session.press("\r");
    session.wait_for("Help is asked for at 0a.");
    let shown = |item: &Item| {
        let help = item.help.as_ref().filter(|help| help.over.is_none() && help.step == "0a");
        help.is_some_and(|help| help.evidence[0].starts_with("not yet: "))
    };
    event.knows(&mut session, "asked with evidence", shown);
    session.wait_for("help asked");
    session.press("H");
    session.wait_for("You asked for help at 0a");
    session.press("\r");
    session.wait_for("Taken back");
    let over = |item: &Item| item.help.as_ref().is_some_and(|help| help.over.is_some());
    event.knows(&mut session, "no longer asked", over);

    session.press("L");
    session.wait_for("Leave the room K7QM3XPT?");
    session.press("\r");
    session.wait_for("You have left the room.");
    assert_eq!(event.row(), Some(Body::Left));
    until(&mut session, "out of the room", |session| !session.screen().contains("K7QM3XPT"));
    session.press("q");
    assert_eq!(session.exit_code(), 0);
    session.is_restored();
}

/// Puts a file elsewhere.
fn moves(from: &Path, to: &Path) {
    std::fs::rename(from, to).unwrap();
}

#[test]
fn a_room_that_vanishes_is_said_once_and_told_everything_when_it_is_back() {
    let event = Event::start();
    let name = ["--practice", "--name", "Kai", "--yes"];
    event.run(&[&["room", "join", event.path()], &name[..]].concat());
    let mut session = event.attendee(&[]);
    session.wait_for("room K7QM3XPT · Kai");
    session.wait_for(" left · ends");
    session.press("n");
    session.wait_for("--stack-name Secure-Serverless");
    session.settle();
    let before = session.bytes();
    // Longer than it takes to visit the room: it has nothing new, and nothing is written.
    for _ in 0..9 {
        session.settle();
    }
    let written = session.bytes() - before;
    assert!(written < 120, "{written} bytes while nothing changed, but for the minute");

    let away = event.file.with_extension("away");
    moves(&event.file, &away);
    session.wait_for("The room can't be reached");
    session.press("\x1b");
    session.wait_for("room K7QM3XPT: not reached");
    session.settle();
    session.press("v");
    session.wait_for("hint 1 of");
    // All of it: its outcome would take the place of what is said next.
    session.wait_for("PROOF says what is open.");
    session.press("H");
    session.wait_for("Ask the instructor for help at 0a?");
    // Without evidence.
    session.press("e");
    session.wait_for("no more of it than the room knows already");
    session.press("\r");
    session.wait_for("it is told as soon as it can be");
    session.press("\x1b");
    session.wait_for("not sent yet");
    // Or Esc and the next key are taken for one.
    session.settle();
    moves(&away, &event.file);
    // Whatever is recorded has the room told at once.
    session.press("h");
    session.wait_for("Hint 1 of");
    let asked = |item: &Item| {
        let help = item.help.as_ref().filter(|help| help.step == "0a" && help.over.is_none());
        help.is_some_and(|help| help.evidence.is_empty()) && !item.checks.is_empty()
    };
    event.knows(&mut session, "told what was missed", asked);
    session.press("\x1b");
    session.wait_for("· room K7QM3XPT · Kai");
    // Closed: said once, and the work goes on.
    event.run(&["room", "close", event.path()]);
    session.press("h");
    session.wait_for("Hint 2 of");
    session.wait_for("The room is closed and takes nothing more.");
    session.press("q");
    assert_eq!(session.exit_code(), 0);
}

#[test]
fn in_lines_a_room_is_joined_heard_asked_and_left() {
    let event = Event::start();
    let mut session = event.attendee(&["--plain"]);
    session.wait_for("0a command: ");
    session.press(&format!("room {} Kai\n", event.path()));
    session.wait_for("This is all that the room will be told");
    session.wait_for("yes or no: ");
    session.press("yes\n");
    session.wait_for("You are in the room K7QM3XPT.");
    event.says("Look at line 3", 3_600);
    session.wait_for("The instructor to all: Look at line 3");
    session.press("verify\n");
    session.wait_for("What is open: steps.");
    session.press("ask-help\n");
    session.wait_for("To ask and show it: yes.");
    session.press("yes\n");
    session.wait_for("Help is asked for at 0a.");
    let asked = |item: &Item| item.help.as_ref().is_some_and(|help| !help.evidence.is_empty());
    event.knows(&mut session, "asked with evidence", asked);
    session.press("leave-room\n");
    session.wait_for("Leave the room K7QM3XPT?");
    session.press("yes\n");
    session.wait_for("You have left the room.");
    assert_eq!(event.row(), Some(Body::Left));
    session.press("quit\n");
    assert_eq!(session.exit_code(), 0);
}
