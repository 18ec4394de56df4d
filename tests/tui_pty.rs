//! The interface in a real pseudo-terminal: first frame, work, every way out.

#![expect(clippy::unwrap_used, clippy::panic, reason = "a test says what broke by panicking")]
#![cfg(unix)]

#[path = "tui_pty/keys.rs"]
mod keys;
#[path = "tui_pty/plain.rs"]
mod plain;
#[path = "tui_pty/plan.rs"]
mod plan;
mod pty;
#[path = "tui_pty/room.rs"]
mod room;
#[path = "tui_pty/session.rs"]
mod session;
#[path = "tui_pty/signing.rs"]
mod signing;
#[expect(clippy::allow_attributes, reason = "whether a part is used differs by test program")]
#[allow(dead_code, unused_imports, unreachable_pub, reason = "each test program uses its own part")]
mod support;
#[path = "tui_pty/work.rs"]
mod work;

use std::os::unix::fs::PermissionsExt as _;
use std::process::Command;

use base64::Engine as _;

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
    assert!(words.contains("stepproof --plain"), "{words}");
    assert!(output.stdout.is_empty());
}

/// A home whose AWS files name one profile without credentials.
fn home_with_profile() -> (tempfile::TempDir, String) {
    let home = home();
    let config = home.path().join("config");
    std::fs::write(&config, "[profile workshop]\nregion = us-east-1\n").unwrap();
    (home, config.display().to_string())
}

#[test]
fn an_account_that_cannot_be_opened_says_what_to_do_and_another_can_be_chosen() {
    let (home, config) = home_with_profile();
    let aws = |name, value| [("AWS_CONFIG_FILE", config.as_str()), (name, value)];
    let cases = [
        (
            "nosuch",
            aws("LANG", "C.UTF-8"),
            "There is no AWS profile `nosuch`.",
            "workshop. a opens",
        ),
        (
            "workshop",
            aws("AWS_EC2_METADATA_DISABLED", "true"),
            "No AWS credentials were found.",
            "a opens",
        ),
    ];
    for (profile, environment, what, remedy) in cases {
        let mut session = Session::start(&home, (120, 30), &["--profile", profile], &environment);
        session.wait_for(what);
        session.wait_for(remedy);
        session.press("a");
        session.wait_for("AWS profile workshop");
        session.press("q");
        assert_eq!(session.exit_code(), 0);
        session.is_restored();
    }
}

#[test]
fn without_a_network_the_account_is_not_called_empty() {
    let (home, config) = home_with_profile();
    // Nothing listens on the discard port.
    let environment = [
        ("AWS_CONFIG_FILE", config.as_str()),
        ("AWS_ENDPOINT_URL", "http://127.0.0.1:9"),
        ("AWS_ACCESS_KEY_ID", "AKIDEXAMPLE"),
        ("AWS_SECRET_ACCESS_KEY", "never-to-be-shown"),
    ];
    let mut session = Session::start(&home, (120, 30), &["--profile", "workshop"], &environment);
    session.wait_for("AWS can't be reached");
    session.wait_for("Check the network");
    assert!(!session.screen().contains("never-to-be-shown"), "{}", session.screen());
    session.press("q");
    assert_eq!(session.exit_code(), 0);
}

#[test]
fn a_damaged_journal_is_named_left_alone_and_the_work_goes_on() {
    let home = home();
    let data = home.path().join("data");
    std::fs::create_dir(&data).unwrap();
    let bytes = b"no journal at all".repeat(300);
    std::fs::write(data.join("journal.sqlite"), &bytes).unwrap();
    let mut session = Session::start(&home, (140, 45), &["--practice"], &[]);
    session.wait_for("Progress is not recorded");
    session.wait_for("begun.");
    session.press("v");
    session.wait_for("not yet");
    session.press("q");
    assert_eq!(session.exit_code(), 0);
    assert_eq!(std::fs::read(data.join("journal.sqlite")).unwrap(), bytes);
}

#[test]
fn what_is_pasted_presses_no_keys() {
    let home = home();
    let mut session = Session::start(&home, (100, 30), &["--practice"], &[]);
    session.wait_for("practice 000000000000");
    session.wait_for("PROOF");
    session.press("\x1b[200~qqq v s ?\x1b[31m\n\u{7}\x1b[201~");
    session.press("?");
    session.wait_for("KEYS");
    session.press("\x1b");
    session.settle();
    session.press("q");
    assert_eq!(session.exit_code(), 0);
}

#[test]
fn a_window_that_is_too_small_says_so_and_can_be_left() {
    let home = home();
    let mut session = Session::start(&home, (20, 5), &["--practice"], &[]);
    session.wait_for("q leaves");
    session.press("q");
    assert_eq!(session.exit_code(), 0);
    session.is_restored();
}

#[test]
fn a_signal_at_the_first_frame_ends_it_too() {
    for _ in 0..5 {
        let home = home();
        let mut session = Session::start(&home, (80, 24), &["--practice"], &[]);
        session.wait_for("leave");
        let pid = session.pid().to_string();
        assert!(Command::new("kill").args(["-TERM", &pid]).status().unwrap().success());
        assert_eq!(session.exit_code(), 143);
        session.is_restored();
    }
}

#[test]
fn killed_it_has_lost_nothing_that_was_shown() {
    let home = home();
    let mut session = Session::start(&home, (140, 45), &["--practice"], &[]);
    session.wait_for("practice 000000000000");
    session.press("v");
    session.wait_for("hint 1 of");
    session.press("h");
    session.wait_for("Hint 1 of");
    // The hint is on disk once the journal has it; the screen shows it at once.
    session.settle();
    let pid = session.pid().to_string();
    assert!(Command::new("kill").args(["-KILL", &pid]).status().unwrap().success());
    session.exit_code();
    let mut again = Session::start(&home, (140, 45), &["--practice"], &[]);
    again.wait_for("Hint 1 of");
    again.press("q");
    assert_eq!(again.exit_code(), 0);
}

#[test]
fn a_block_is_copied_exactly_through_the_terminal_and_with_the_desktops_tool() {
    let home = home();
    let bin = home.path().join("bin");
    let taken = home.path().join("taken");
    std::fs::create_dir(&bin).unwrap();
    let tool = bin.join("xclip");
    std::fs::write(&tool, format!("#!/bin/sh\ncat > '{}'\n", taken.display())).unwrap();
    std::fs::set_permissions(&tool, std::fs::Permissions::from_mode(0o755)).unwrap();
    let path = format!("{}:/usr/bin:/bin", bin.display());
    let environment = [("PATH", path.as_str()), ("DISPLAY", ":0")];
    let mut session = Session::start(&home, (140, 45), &["--practice"], &environment);
    session.wait_for("practice 000000000000");
    session.press("]");
    // Before the account is open, its values aren't known, and nothing is copied.
    session.wait_for("--stack-name Secure-Serverless");
    session.press("c");
    session.wait_for("with xclip.");
    let copied = std::fs::read_to_string(&taken).unwrap();
    assert!(!copied.trim().is_empty());
    let sequence =
        format!("\x1b]52;c;{}\x07", base64::engine::general_purpose::STANDARD.encode(&copied));
    assert!(session.text().contains(&sequence), "the terminal got another text than {copied:?}");
    session.press("q");
    assert_eq!(session.exit_code(), 0);
}
