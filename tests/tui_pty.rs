//! The interface in a real pseudo-terminal: first frame, work, every way out.

#![cfg(unix)]

mod pty;

use std::process::Command;

use pty::{Session, home};

#[test]
fn the_first_start_offers_the_practice_account_and_remembers_it() {
    let home = home();
    let mut session = Session::start(&home, (100, 30), &[], &[]);
    session.wait_for("Where do you want to work?");
    session.wait_for("No AWS profiles on this machine");
    session.press("\r");
    session.wait_for("practice 000000000000");
    session.wait_for("MODULES");
    session.press("q");
    assert_eq!(session.exit_code(), 0);
    session.is_restored();

    let mut again = Session::start(&home, (100, 30), &[], &[]);
    again.wait_for("practice 000000000000");
    again.press("q");
    assert_eq!(again.exit_code(), 0);
}

#[test]
fn a_step_is_verified_and_the_window_resized() {
    let home = home();
    let mut session = Session::start(&home, (140, 45), &["--practice"], &[]);
    session.wait_for("practice 000000000000");
    session.press("v");
    session.wait_for("not yet");
    session.wait_for("hint 1 of");
    session.press("h");
    session.wait_for("Hint 1 of");
    session.resize((80, 24));
    session.wait_for("v check step");
    session.resize((20, 5));
    session.wait_for("This window is too");
    session.resize((80, 24));
    session.wait_for("PROOF");
    session.press("?");
    session.wait_for("KEYS");
    session.press("\x1b");
    session.settle();
    session.press("q");
    assert_eq!(session.exit_code(), 0);
    session.is_restored();
}

#[test]
fn nothing_is_written_while_idle() {
    let home = home();
    // Without colours no code is coloured late, after the output has settled.
    let mut session = Session::start(&home, (100, 30), &["--practice"], &[("NO_COLOR", "1")]);
    session.wait_for("practice 000000000000");
    session.wait_for("PROOF");
    session.settle();
    let before = session.bytes();
    // Keys that mean nothing are the clock here: once they are read, whatever was due is done.
    session.press("%%%");
    session.settle();
    assert_eq!(session.bytes(), before, "written while nothing changed");
    session.press("q");
    session.exit_code();
}

#[test]
fn signals_give_the_terminal_back() {
    for (signal, code) in [("TERM", 143), ("HUP", 129), ("INT", 130)] {
        let home = home();
        let mut session = Session::start(&home, (80, 24), &["--practice"], &[]);
        session.wait_for("practice 000000000000");
        let pid = session.pid().to_string();
        let sent = Command::new("kill").args([&format!("-{signal}"), &pid]).status().unwrap();
        assert!(sent.success());
        assert_eq!(session.exit_code(), code, "SIG{signal}");
        session.is_restored();
    }
}

#[test]
fn a_panic_gives_the_terminal_back_and_then_says_what_happened() {
    let home = home();
    let mut session =
        Session::start(&home, (80, 24), &["--practice"], &[("STEPPROOF_TEST_PANIC", "1")]);
    assert_eq!(session.exit_code(), 101);
    session.is_restored();
    // On the screen that the shell goes on with, not on the one that is gone.
    assert!(session.screen().contains("a test asked for this panic"), "{}", session.screen());
}

#[test]
fn no_color_means_none() {
    let home = home();
    let mut session = Session::start(&home, (140, 45), &["--practice"], &[("NO_COLOR", "1")]);
    session.wait_for("practice 000000000000");
    session.wait_for("PROOF");
    session.settle();
    assert_eq!(session.coloured_cells(), 0);
    session.press("q");
    session.exit_code();
}

#[test]
fn without_a_terminal_it_says_what_to_use() {
    let home = home();
    let output = Command::new(env!("CARGO_BIN_EXE_stepproof"))
        .env("STEPPROOF_HOME", home.path())
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(2));
    let words = String::from_utf8_lossy(&output.stderr);
    assert!(words.contains("no terminal") && words.contains("stepproof verify"), "{words}");
    assert!(output.stdout.is_empty());
}
