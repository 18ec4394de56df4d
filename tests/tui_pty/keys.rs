//! The learner's own keys, the palette and the mouse, in a terminal.

use std::process::{Command, Output};

use tempfile::TempDir;

use crate::pty::{Session, home};

/// What asks for the mouse, and gives it back.
const MOUSE: (&str, &str) = ("\x1b[?1000h", "\x1b[?1000l");

/// Writes the key file of a home.
fn write_keys(home: &TempDir, text: &str) {
    let data = home.path().join("data");
    std::fs::create_dir_all(&data).unwrap();
    std::fs::write(data.join("keys.yaml"), text).unwrap();
}

fn keys(home: &TempDir, arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_stepproof"))
        .arg("keys")
        .args(arguments)
        .env("STEPPROOF_HOME", home.path().join("data"))
        .env("LC_ALL", "C")
        .output()
        .unwrap()
}

#[test]
fn the_learners_own_keys_are_what_the_screen_says_and_does() {
    let home = home();
    write_keys(&home, "verify-step: [Ctrl-S]\nmap: [F2]\nnext-step: [+]\n");
    let mut session = Session::start(&home, (140, 45), &["--practice"], &[]);
    session.wait_for("practice 000000000000");
    session.wait_for("Press Ctrl-S.");
    session.wait_for("+ next");
    // The key of before means nothing now; the new one does it.
    session.press("vm\x13");
    session.wait_for("not yet");
    session.press("\x1bOQ");
    session.wait_for("MAP: all modules");
    session.press("q");
    assert_eq!(session.exit_code(), 0);
    session.is_restored();
}

#[test]
fn a_wrong_key_file_is_said_before_the_terminal_is_taken_over() {
    let home = home();
    write_keys(&home, "# mine\nverfy-step: [v]\nhelp: []\n");
    let mut session = Session::start(&home, (100, 30), &["--practice"], &[]);
    assert_eq!(session.exit_code(), 2);
    assert!(!session.text().contains("\x1b[?1049h"), "the terminal was taken over");
    for text in [
        "keys.yaml:2:1: there is no action `verfy-step`",
        "did you mean `verify-step`?",
        "keys.yaml:3:1: `help` needs a key",
    ] {
        assert!(session.screen().replace('\n', "").contains(text), "{text}\n{}", session.screen());
    }
    // A file that is named has to be there.
    let mut session = Session::start(&home, (100, 30), &["--keys", "/no/such/keys.yaml"], &[]);
    assert_eq!(session.exit_code(), 2);
    assert!(session.screen().contains("cannot read the key file /no/such/keys.yaml"));
}

#[test]
fn the_printed_keys_are_a_file_to_change() {
    let home = home();
    let defaults = keys(&home, &[]);
    assert!(defaults.status.success());
    let text = String::from_utf8(defaults.stdout).unwrap();
    assert!(text.contains("# check this step\nverify-step: [\"v\"]\n"), "{text}");
    write_keys(&home, &text.replace("verify-step: [\"v\"]", "verify-step: [v, Ctrl-S]"));
    let changed = String::from_utf8(keys(&home, &[]).stdout).unwrap();
    assert!(changed.contains("verify-step: [\"v\", \"Ctrl-S\"]"), "{changed}");
    let japanese = String::from_utf8(keys(&home, &["--lang", "ja"]).stdout).unwrap();
    assert!(japanese.contains("# このステップを確認\nverify-step:"), "{japanese}");
    write_keys(&home, "map: [\n");
    let wrong = keys(&home, &[]);
    assert_eq!(wrong.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&wrong.stderr).contains("keys.yaml:"));
}

#[test]
fn the_palette_finds_actions_and_steps_in_any_language() {
    let home = home();
    let mut session = Session::start(&home, (80, 24), &["--practice"], &[]);
    session.wait_for("practice 000000000000");
    session.wait_for("PROOF");
    session.press(":");
    session.wait_for("ALL ACTIONS");
    session.press("\x1b[200~1d\nq\x1b[201~");
    session.wait_for(": 1d");
    session.press("\r");
    session.wait_for("1d ");
    session.press(":japan\x15language\r");
    session.wait_for("モジュール");
    session.press(":マップ");
    session.wait_for("> マップ");
    session.press("\r");
    session.wait_for("マップ: すべて");
    session.press(":\x1b");
    session.settle();
    session.resize((20, 5));
    session.press(":quit");
    session.wait_for(": quit");
    session.press("\r");
    assert_eq!(session.exit_code(), 0);
    session.is_restored();
}

/// The bytes of a click, and of a turn of the wheel.
fn click((column, row): (u16, u16)) -> String {
    format!("\x1b[<0;{};{}M\x1b[<0;{};{}m", column + 1, row + 1, column + 1, row + 1)
}

fn wheel_down((column, row): (u16, u16)) -> String {
    format!("\x1b[<65;{};{}M", column + 1, row + 1)
}

#[test]
fn the_mouse_scrolls_and_chooses_and_is_given_back() {
    let home = home();
    let mut session = Session::start(&home, (140, 45), &["--practice"], &[]);
    session.wait_for("practice 000000000000");
    session.wait_for("%");
    session.settle();
    assert!(session.text().contains(MOUSE.0));
    let before = session.screen();
    session.press(&wheel_down((60, 20)));
    session.settle();
    assert_ne!(session.screen(), before, "the wheel scrolls the page");
    let row = session.screen().lines().position(|line| line.contains(" 1 Auth")).unwrap();
    session.press(&click((8, u16::try_from(row).unwrap())));
    session.wait_for("1 Authentication and authorization");
    session.press("b");
    session.wait_for("0 Initial setup ─");
    let pid = session.pid().to_string();
    assert!(Command::new("kill").args(["-TERM", &pid]).status().unwrap().success());
    assert_eq!(session.exit_code(), 143);
    session.is_restored();
}

#[test]
fn the_mouse_can_be_left_to_the_terminal() {
    for (file, arguments) in
        [("", &["--practice", "--no-mouse"][..]), ("mouse: false", &["--practice"])]
    {
        let home = home();
        write_keys(&home, file);
        let mut session = Session::start(&home, (100, 40), arguments, &[]);
        session.wait_for("practice 000000000000");
        session.press("?");
        session.wait_for("KEYS");
        session.press("\x1b");
        session.settle();
        assert!(!session.text().contains(MOUSE.0), "the terminal was asked for the mouse");
        session.press("q");
        assert_eq!(session.exit_code(), 0);
    }
}
