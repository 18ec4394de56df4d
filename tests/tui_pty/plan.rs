//! Map, countdown, search and unknown values, as a learner at a terminal meets them.

use std::os::unix::fs::PermissionsExt as _;
use std::process::Command;

use jiff::{SignedDuration, Timestamp};
use stepproof::practice::store::Store;
use stepproof::practice::{Options, serve};

use crate::pty::{Session, home};

#[test]
fn a_terminal_that_is_opened_again_knows_when_the_event_ends() {
    let home = home();
    let mut session = Session::start(&home, (100, 30), &["--practice", "--ends", "2h"], &[]);
    session.wait_for("2:00 left · ends");
    session.press("q");
    assert_eq!(session.exit_code(), 0);
    let mut again = Session::start(&home, (100, 30), &["--practice"], &[]);
    again.wait_for(" left · ends");
    again.press("q");
    assert_eq!(again.exit_code(), 0);
    let none = [("STEPPROOF_ENDS", "none")];
    let mut forgotten = Session::start(&home, (100, 30), &["--practice"], &none);
    forgotten.wait_for("practice 000000000000");
    forgotten.wait_for("PROOF");
    forgotten.settle();
    assert!(!forgotten.screen().contains(" left"), "{}", forgotten.screen());
    forgotten.press("q");
    assert_eq!(forgotten.exit_code(), 0);
}

#[test]
fn an_end_that_is_no_time_is_said_before_the_terminal_is_taken_over() {
    let home = home();
    let mut session = Session::start(&home, (100, 30), &["--practice", "--ends", "noon"], &[]);
    assert_eq!(session.exit_code(), 2);
    assert!(session.screen().contains("`noon` is no time"), "{}", session.screen());
    assert!(!session.text().contains("\x1b[?1049h"), "the terminal was taken over");
}

#[test]
fn while_idle_only_the_minute_is_written() {
    let home = home();
    let arguments = ["--practice", "--ends", "3h"];
    let mut session = Session::start(&home, (100, 30), &arguments, &[("NO_COLOR", "1")]);
    session.wait_for(" left · ends");
    session.wait_for("practice 000000000000");
    session.press("n");
    // What the account knows stands on the page: nothing more comes by itself.
    session.wait_for("--stack-name Secure-Serverless");
    session.settle();
    let before = session.bytes();
    session.press("%%%");
    session.settle();
    let written = session.bytes() - before;
    // Nothing, or the digits of another minute with their place.
    assert!(written < 120, "{written} bytes while nothing changed");
    session.press("q");
    session.exit_code();
}

#[test]
fn the_map_opens_a_module_and_b_comes_back() {
    let home = home();
    let mut session = Session::start(&home, (80, 24), &["--practice", "--ends", "3h"], &[]);
    session.wait_for("practice 000000000000");
    session.press("m");
    session.wait_for("MAP: all modules");
    session.wait_for("In this order: 0, 1");
    session.wait_for("after 0");
    session.press("f");
    session.wait_for("MAP: to do");
    session.press("f");
    session.wait_for("MAP: what fits");
    session.press("j\r");
    session.wait_for("PROOF");
    session.wait_for("1 Authentication and authorization");
    session.press("b");
    session.wait_for("0 Initial setup ─");
    session.press("q");
    assert_eq!(session.exit_code(), 0);
    session.is_restored();
}

#[test]
fn a_word_is_found_on_all_pages_and_gone_through() {
    let home = home();
    let mut session = Session::start(&home, (120, 40), &["--practice"], &[]);
    session.wait_for("practice 000000000000");
    session.press("/access analyzer");
    session.wait_for("hits:");
    session.wait_for("2a ");
    session.press("\r");
    session.wait_for("/access analyzer  1 of");
    session.wait_for("n next hit");
    session.press("n");
    session.wait_for("/access analyzer  2 of");
    session.press("\x1b");
    session.settle();
    assert!(!session.screen().contains("/access analyzer"), "{}", session.screen());
    // Pasted text is typed there, and nowhere else.
    session.press("/");
    session.wait_for("Type a word.");
    session.press("\x1b[200~qq vv\n\x1b[201~");
    session.wait_for("/ qq vv");
    session.press("\x1b");
    session.settle();
    session.press("q");
    assert_eq!(session.exit_code(), 0);
}

#[test]
fn a_value_that_is_not_known_leads_to_its_step() {
    let home = home();
    let mut session = Session::start(&home, (120, 40), &["--practice"], &[]);
    session.wait_for("practice 000000000000");
    // What the account has already is filled in by then.
    session.settle();
    session.press("}");
    session.wait_for("brings it. Enter goes there");
    session.press("\r");
    session.settle();
    session.press("b");
    session.settle();
    assert!(!session.screen().contains("There is no place"), "{}", session.screen());
    session.press("b");
    session.wait_for("There is no place to go back to.");
    session.press("q");
    assert_eq!(session.exit_code(), 0);
}

/// A profile of a practice account whose credentials come from a program, with their expiry.
fn expiring(home: &tempfile::TempDir, until: Timestamp) -> String {
    let tool = home.path().join("credentials");
    let json = format!(
        r#"{{"Version":1,"AccessKeyId":"111111111111","SecretAccessKey":"never-to-be-shown","Expiration":"{until}"}}"#
    );
    std::fs::write(&tool, format!("#!/bin/sh\necho '{json}'\n")).unwrap();
    std::fs::set_permissions(&tool, std::fs::Permissions::from_mode(0o755)).unwrap();
    let config = home.path().join("config");
    let profile = format!(
        "[profile workshop]\nregion = us-east-1\ncredential_process = {}\n",
        tool.display()
    );
    std::fs::write(&config, profile).unwrap();
    config.display().to_string()
}

#[test]
fn credentials_that_run_out_are_said_to_and_status_knows_the_account() {
    let home = home();
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let store = Store::open(&home.path().join("practice.sqlite")).unwrap();
    let options = Options { store, port: 0, faults: Vec::new() };
    let server = runtime.block_on(serve(options)).unwrap();
    let endpoint = server.endpoint();
    let config = expiring(&home, Timestamp::now() + SignedDuration::from_mins(12));
    let environment =
        [("AWS_CONFIG_FILE", config.as_str()), ("AWS_ENDPOINT_URL", endpoint.as_str())];
    let arguments = ["--profile", "workshop", "--ends", "3h"];
    let mut session = Session::start(&home, (120, 30), &arguments, &environment);
    session.wait_for("AWS 111111111111");
    session.wait_for("! The account's credentials expire in 12 min");
    session.wait_for("credentials 12 min");
    // It takes no key: the first one does what it always does.
    session.press("m");
    session.wait_for("MAP");
    assert!(!session.text().contains("never-to-be-shown"));
    session.press("\x1b");
    session.settle();
    session.press("q");
    assert_eq!(session.exit_code(), 0);
    runtime.block_on(server.stop());

    // The server is gone: what is known is known without it.
    let output = Command::new(env!("CARGO_BIN_EXE_stepproof"))
        .args(["status", "--profile", "workshop"])
        .env("STEPPROOF_HOME", home.path().join("data"))
        .env("AWS_CONFIG_FILE", &config)
        .env("LC_ALL", "C")
        .output()
        .unwrap();
    let words = String::from_utf8_lossy(&output.stdout);
    assert!(words.contains("AWS account 111111111111 · not checked yet"), "{words}");
}
