//! `--plain` in a terminal: commands are typed, lines are appended, and nothing else is written.

use std::process::Command;

use crate::pty::{Session, home};

/// What a terminal shows that only appends lines.
#[track_caller]
fn only_lines(session: &Session) {
    let text = session.text();
    let odd = |c: char| c.is_control() && !matches!(c, '\n' | '\r' | '\t');
    let at = text.find(odd).map(|at| text[at..].chars().take(40).collect::<String>());
    assert_eq!(at, None, "an escape sequence, or another control character");
}

#[test]
fn a_first_session_writes_no_escape_sequence_at_all() {
    let home = home();
    let mut session = Session::start(&home, (80, 60), &["--plain"], &[]);
    session.wait_for("1. Practice account.");
    session.wait_for("Number: ");
    session.press("1\n");
    session.wait_for("Heading: 0a");
    session.wait_for("0a command: ");
    session.press("verify\n");
    session.wait_for("Hint 1 of");
    session.wait_for("What is open: steps.");
    session.press("hint\n");
    session.wait_for("Hint 1 of 3:");
    session.press("map\nsearch access analyzer\n");
    session.wait_for("open and its number.");
    session.press("solve\n");
    session.wait_for("yes or no: ");
    session.press("no\n");
    session.wait_for("Not applied.");
    session.press("language\n");
    session.wait_for("0a コマンド: ");
    session.press("help\nquit\n");
    assert_eq!(session.exit_code(), 0);
    only_lines(&session);
    let text = session.text();
    let prose = text.split("Code block 1").next().unwrap();
    assert!(prose.contains("You work for a ride service."), "{prose}");
    for line in prose.lines().map(str::trim_end) {
        assert!(unicode_width::UnicodeWidthStr::width(line) <= 80, "not wrapped: {line}");
    }
    // Chosen once, and remembered.
    let mut again = Session::start(&home, (80, 24), &["--plain=1"], &[("TERM", "dumb")]);
    again.wait_for("1 command: ");
    // The end of input leaves too.
    again.press("\u{4}");
    assert_eq!(again.exit_code(), 0);
    only_lines(&again);
}

#[test]
fn ctrl_c_cancels_what_runs_and_leaves_where_nothing_does() {
    let home = home();
    let mut session = Session::start(&home, (100, 40), &["--plain", "--practice"], &[]);
    session.wait_for("0a command: ");
    session.press("solve\nyes\n");
    session.wait_for("Applying the solution.");
    session.press("\u{3}");
    session.wait_for("Cancelled. Nothing was lost.");
    session.press("\u{3}");
    assert_eq!(session.exit_code(), 130);
    only_lines(&session);
}

#[test]
fn the_time_is_said_when_it_is_short() {
    let home = home();
    let arguments = ["--plain", "--practice", "--ends", "9m"];
    let mut session = Session::start(&home, (100, 40), &arguments, &[]);
    session.wait_for("Warning: 9 min left");
    session.wait_for("0a command: ");
    session.press("time\nquit\n");
    assert_eq!(session.exit_code(), 0);
    assert_eq!(session.text().matches("Finish this step").count(), 1, "{}", session.text());
}

#[test]
fn a_terminal_without_a_screen_is_told_what_to_use() {
    let home = home();
    let mut session = Session::start(&home, (80, 24), &[], &[("TERM", "dumb")]);
    assert_eq!(session.exit_code(), 2);
    assert!(session.screen().contains("this terminal has no screen"), "{}", session.screen());
    assert!(session.screen().contains("stepproof --plain"), "{}", session.screen());
    only_lines(&session);
    let always = [("TERM", "dumb"), ("STEPPROOF_PLAIN", "1")];
    let mut session = Session::start(&home, (80, 24), &["--practice"], &always);
    session.wait_for("0a command: ");
    session.press("quit\n");
    assert_eq!(session.exit_code(), 0);
}

#[test]
fn signals_end_it_too() {
    for (signal, code) in [("TERM", 143), ("HUP", 129)] {
        let home = home();
        let mut session = Session::start(&home, (80, 40), &["--plain", "--practice"], &[]);
        session.wait_for("0a command: ");
        let pid = session.pid().to_string();
        assert!(
            Command::new("kill").args([&format!("-{signal}"), &pid]).status().unwrap().success()
        );
        assert_eq!(session.exit_code(), code, "SIG{signal}");
    }
}
