//! The instructor's dashboard in a real pseudo-terminal: an hour with the demonstration, a room with
//! nobody in it, a room that goes away, and every way out.
#![expect(clippy::unwrap_used, reason = "a test says what broke by panicking")]
#![cfg(unix)]

mod pty;

use std::path::Path;
use std::process::{Command, Output, Stdio};
use std::time::Duration;

use pty::{Session, home};

/// A rehearsal of forty attendees, an hour and a half into the event, that stands nearly still: one
/// minute of it takes ten.
const REHEARSAL: &[&str] =
    &["instructor", "--demo", "40", "--minute", "90", "--speed", "0.1", "--ends", "2h"];

fn run(home: &Path, arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_stepproof"))
        .args(arguments)
        .env("STEPPROOF_HOME", home.join("data"))
        .env("LC_ALL", "C.UTF-8")
        .output()
        .unwrap()
}

fn words(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

/// Makes a room in a file.
fn make(home: &Path) -> String {
    let file = home.join("room.sqlite").display().to_string();
    let made = run(home, &["room", "create", "--file", &file]);
    assert!(made.status.success(), "{}", words(&made));
    file
}

#[test]
fn an_instructors_hour() {
    let home = home();
    let mut session = Session::start_in(home.path(), &home, (140, 45), REHEARSAL, &[]);
    session.wait_for("room demo");
    session.wait_for("all: 42, stuck first");
    session.wait_for("asked for help with");
    // Who is stuck, and on what.
    session.press("f");
    session.wait_for("stuck: ");
    session.press("\r");
    session.wait_for("Claims and proof");
    session.wait_for("Not read by a sweep yet");
    session.press("\x1b");
    session.wait_for("Why stuck");
    session.settle();
    session.press("\x1b");
    session.wait_for("all: 42");
    session.settle();
    session.press("ss");
    session.wait_for("by name");
    // The room, and the help queue.
    session.press("r");
    session.wait_for("Fails most");
    session.press("h");
    session.wait_for("Waits");
    session.press("o");
    session.wait_for("Help is coming to you.");
    session.press("\r");
    session.wait_for("It goes by itself at");
    session.press("m");
    session.wait_for("by name");
    // A message to all.
    session.press("MBreak until 10:40\r");
    session.wait_for("Send to all");
    session.press("\r");
    session.wait_for("Sent to all. It goes by itself at");
    // Proof: one lies.
    session.press("P");
    session.wait_for("Prove all of the roster?");
    session.press("\r");
    session.wait_for("Accounts done: 42");
    session.wait_for("claimed, and not proven");
    session.resize((80, 24));
    session.wait_for("not proven");
    session.press("x\x15room.csv\r");
    session.wait_for("Written: ");
    assert!(std::fs::read_to_string(home.path().join("room.csv")).unwrap().lines().count() > 40);
    session.press("x\x15room.csv\r");
    session.wait_for("can't be written");
    session.press("l");
    session.wait_for("申告と検証");
    session.press("q");
    assert_eq!(session.exit_code(), 0);
    session.is_restored();
}

#[test]
fn a_room_with_nobody_in_it_says_how_to_enter_and_writes_nothing_while_idle() {
    let home = home();
    let file = make(home.path());
    let arguments = ["instructor", "--room", &file];
    let mut session = Session::start(&home, (100, 30), &arguments, &[]);
    session.wait_for("Nobody is in the room yet.");
    session.settle();
    let before = session.bytes();
    // Keys that mean nothing are the clock here: once they are read, whatever was due is done.
    session.press("%%%");
    session.settle();
    session.settle();
    session.settle();
    let written = session.bytes() - before;
    // The minute on the clock may pass meanwhile: a cell or two, never a screen.
    assert!(written < 200, "{written} bytes were written while nothing changed");
    session.press("q");
    assert_eq!(session.exit_code(), 0);
    session.is_restored();
}

#[test]
fn a_room_that_goes_away_keeps_its_last_state_on_the_screen_and_comes_back() {
    let home = home();
    let file = make(home.path());
    let mut session = Session::start(&home, (100, 30), &["instructor", "--room", &file], &[]);
    session.wait_for("Nobody is in the room yet.");
    let away = format!("{file}.away");
    std::fs::rename(&file, &away).unwrap();
    session.wait_for("The room is gone");
    session.wait_for("Shown as of");
    std::fs::rename(&away, &file).unwrap();
    session.press("r");
    session.wait_for("In the room");
    let back = (0..60).any(|_| {
        session.settle();
        !session.screen().contains("The room is gone")
    });
    assert!(back, "{}", session.screen());
    session.press("q");
    assert_eq!(session.exit_code(), 0);
}

#[test]
fn a_closed_room_is_told_of_when_something_is_said() {
    let home = home();
    let file = make(home.path());
    assert!(run(home.path(), &["room", "close", &file]).status.success());
    let mut session = Session::start(&home, (100, 30), &["instructor", "--room", &file], &[]);
    session.wait_for("Nobody is in the room yet.");
    session.press("MHello\r");
    session.wait_for("Send to all");
    session.press("\r");
    session.wait_for("Not sent. The room is closed");
    session.press("q");
    assert_eq!(session.exit_code(), 0);
}

#[test]
fn signals_give_the_terminal_back() {
    for (signal, code) in [("TERM", 143), ("HUP", 129), ("INT", 130)] {
        let home = home();
        let mut session = Session::start(&home, (80, 24), REHEARSAL, &[]);
        session.wait_for("room demo");
        let pid = session.pid().to_string();
        let sent = Command::new("kill").args([&format!("-{signal}"), &pid]).status().unwrap();
        assert!(sent.success());
        assert_eq!(session.exit_code(), code, "SIG{signal}");
        session.is_restored();
    }
}

#[test]
fn no_color_means_none() {
    let home = home();
    let mut session = Session::start(&home, (140, 45), REHEARSAL, &[("NO_COLOR", "1")]);
    session.wait_for("all: 42");
    session.settle();
    assert_eq!(session.coloured_cells(), 0);
    session.press("q");
    session.exit_code();
}

#[test]
fn what_can_not_be_shown_is_said_before_the_terminal_is_taken_over() {
    let home = home();
    let nothing = run(home.path(), &["instructor"]);
    assert_eq!(nothing.status.code(), Some(2));
    assert!(words(&nothing).contains("--room"), "{}", words(&nothing));
    let no_terminal = run(home.path(), REHEARSAL);
    assert_eq!(no_terminal.status.code(), Some(2));
    assert!(words(&no_terminal).contains("--html"), "{}", words(&no_terminal));
    let missing = home.path().join("none.sqlite").display().to_string();
    let mut session = Session::start(&home, (100, 30), &["instructor", "--room", &missing], &[]);
    assert_eq!(session.exit_code(), 3);
    assert!(!session.text().contains("\x1b[?1049h"), "the terminal was taken over");
    assert!(session.screen().replace('\n', "").contains("there is no room at"));
}

#[test]
fn an_export_needs_no_terminal() {
    let home = home();
    let file = home.path().join("room.json").display().to_string();
    let arguments = ["instructor", "--demo", "12", "--minute", "60", "--export", &file];
    let written = run(home.path(), &arguments);
    assert!(written.status.success(), "{}", words(&written));
    let json: serde_json::Value = serde_json::from_slice(&std::fs::read(&file).unwrap()).unwrap();
    assert!(json.is_object());
    let again = run(home.path(), &arguments);
    assert_eq!(again.status.code(), Some(2), "nothing is overwritten: {}", words(&again));
}

/// Waits for a file that is written as a whole: once it is there, all of it is.
fn wait_for(file: &Path) {
    let there = async {
        while !file.exists() {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap();
    runtime.block_on(async { tokio::time::timeout(Duration::from_mins(1), there).await }).unwrap();
}

#[test]
fn a_page_for_the_projector_is_kept_without_a_terminal_and_names_nobody() {
    for (more, named) in [(&[][..], false), (&["--names"][..], true)] {
        let home = home();
        let page = home.path().join("page.html");
        let mut child = Command::new(env!("CARGO_BIN_EXE_stepproof"))
            .args(["instructor", "--demo", "12", "--minute", "60", "--html"])
            .arg(&page)
            .args(more)
            .env("STEPPROOF_HOME", home.path().join("data"))
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .spawn()
            .unwrap();
        wait_for(&page);
        let text = std::fs::read_to_string(&page).unwrap();
        assert!(text.contains("</html>") && !text.contains("<script"), "{text}");
        // The demonstration's first attendee.
        assert_eq!(text.contains("Ana Abbott"), named, "{text}");
        let pid = child.id().to_string();
        assert!(Command::new("kill").args(["-TERM", &pid]).status().unwrap().success());
        assert_eq!(child.wait().unwrap().code(), Some(143));
    }
}
