//! `--plain` in pipes: a page to be read elsewhere, and commands from a script.
#![expect(clippy::unwrap_used, reason = "a test says what broke by panicking")]

use std::io::Write;
use std::path::Path;
use std::process::{Command, Output, Stdio};

/// The program over a data directory, untouched by the environment that the tests run in.
fn stepproof(home: &Path, arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_stepproof"));
    command
        .args(arguments)
        .env_clear()
        .env("PATH", std::env::var("PATH").unwrap_or_default())
        .env("HOME", home)
        .env("STEPPROOF_HOME", home.join("data"))
        .env("LC_ALL", "C.UTF-8");
    command
}

/// Runs it with these lines as its input.
fn run(home: &Path, arguments: &[&str], script: &str) -> Output {
    let mut command = stepproof(home, arguments);
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().unwrap();
    // It may end before it has read all.
    let _ = child.stdin.take().unwrap().write_all(script.as_bytes());
    child.wait_with_output().unwrap()
}

fn said(output: &Output) -> String {
    String::from_utf8(output.stdout.clone()).unwrap()
}

#[track_caller]
fn ends_with(output: &Output, code: i32) -> String {
    let text = said(output);
    let words = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(code), "{words}\n{text}");
    assert!(!text.chars().any(|c| c.is_control() && c != '\n' && c != '\t'), "{text:?}");
    text
}

/// The parts stand in the text in this order.
#[track_caller]
fn holds(text: &str, parts: &[&str]) {
    let mut from = 0;
    for part in parts {
        let found = text[from..].find(part);
        assert!(found.is_some(), "no {part:?} (in this order) in\n{text}");
        from += found.unwrap_or(0) + part.len();
    }
}

#[test]
fn without_input_it_says_where_i_am_and_reads_the_next_open_step() {
    let home = tempfile::tempdir().unwrap();
    let text = ends_with(&run(home.path(), &["--plain", "--practice"], ""), 0);
    holds(
        &text,
        &[
            "Building secure serverless applications\nAccount: practice 000000000000",
            "Module 0: Initial setup\n",
            "0 of 5 steps proven.",
            "Heading: 0a",
            "State of step 0a: not checked.",
        ],
    );
    let longest = text.lines().map(|line| line.chars().count()).max().unwrap();
    assert!(longest > 120, "a pipe has no width to wrap at");
    let step = ends_with(&run(home.path(), &["--plain=1d", "--practice"], ""), 0);
    holds(&step, &["Module 1: ", "first do module 0", "Heading: 1d", "State of step 1d"]);
    let japanese = run(home.path(), &["--plain=1d", "--practice", "--lang", "ja"], "");
    holds(
        &ends_with(&japanese, 0),
        &["モジュール 1: ", "見出し: 1d", "ステップ 1d の状態: 未確認"],
    );
}

#[test]
fn without_an_account_the_page_is_there_and_how_to_choose_one() {
    let home = tempfile::tempdir().unwrap();
    let text = ends_with(&run(home.path(), &["--plain"], ""), 0);
    holds(
        &text,
        &["1. Practice account.", "no account", "Heading: 0a", "No account is chosen yet"],
    );
    let script = "verify\n1\nwhere\nquit\nnever read\n";
    let text = ends_with(&run(home.path(), &["--plain"], script), 2);
    holds(&text, &["Number: verify\nType a number", "Number: 1\n", "Account: practice", "where\n"]);
    assert!(!text.contains("never read"), "{text}");
}

#[test]
fn what_is_no_command_or_no_place_is_an_error() {
    let home = tempfile::tempdir().unwrap();
    let output = run(home.path(), &["--plain", "--practice"], "verfy\nsteps\n");
    holds(&ends_with(&output, 2), &["There is no command verfy.", "0a command: steps\nModule 0"]);
    assert!(String::from_utf8_lossy(&output.stderr).contains("lines that are no command here: 1"));
    let output = run(home.path(), &["--plain=9z", "--practice"], "");
    assert_eq!(ends_with(&output, 2), "");
    let words = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(words.contains("no step or module `9z`"), "{words}");
    let output = run(home.path(), &["--plain", "verify"], "");
    assert_eq!(ends_with(&output, 2), "");
}

#[test]
fn a_reader_that_leaves_is_no_error() {
    let home = tempfile::tempdir().unwrap();
    let mut command = stepproof(home.path(), &["--plain", "--practice"]);
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().unwrap();
    drop(child.stdout.take());
    let _ = child.stdin.take().unwrap().write_all(b"read all\nread all\nread all\n");
    let output = child.wait_with_output().unwrap();
    assert_eq!(output.status.code(), Some(0));
    assert_eq!(String::from_utf8_lossy(&output.stderr), "");
}

#[test]
fn a_script_goes_through_modules_0_and_1_on_the_practice_account() {
    let home = tempfile::tempdir().unwrap();
    let script = "\
verify module
hint
go 0e
solve
yes
verify module
code 1
next
go 1
verify module
go 1f
solve
yes
verify module
steps
search authorizer
open 1
map done
";
    let text = ends_with(&run(home.path(), &["--plain", "--practice"], script), 0);
    holds(
        &text,
        &[
            "0a command: verify module\nChecking.\n0a ",
            ": not yet.\n  not yet: ",
            "0a command: hint\nHint 1 of ",
            "0a command: go 0e\n",
            "Heading: 0e",
            "0e command: solve\nApply the solution of 0a, 0b, 0c, 0d, 0e on the practice account?",
            "yes or no: yes\nApplying the solution.\n",
            "The solution is applied. To check it: verify.",
            "0e command: verify module\nChecking.\n0a ",
            ": proven.",
            "0e command: next\n",
            "That was the last step of this module.",
            "0e command: go 1\nModule 1: Authentication",
            "1 command: verify module",
            ": not yet.",
            "1f command: solve",
            "yes or no: yes",
            "1f command: verify module",
            ": proven.",
            "1f command: steps\nModule 1: ",
            "1f command: search authorizer\nFound: ",
            "open 1\n",
            "command: map done\n2 of 13 modules done",
            "Module 0: Initial setup\n  done\n",
            "Module 1: ",
            "Heading: What fits",
        ],
    );
    let after = text.split("1f command: steps").nth(1).unwrap();
    assert!(!after.contains("not yet:"), "{after}");
    // What was proven is remembered: the next start goes on behind it.
    let again = ends_with(&run(home.path(), &["--plain"], "where\n"), 0);
    holds(&again, &["Module 2: ", "Heading: 2", " command: where\n", "Module 2: "]);
}

#[test]
fn the_help_says_how_it_goes() {
    let home = tempfile::tempdir().unwrap();
    let output = stepproof(home.path(), &["--help"]).output().unwrap();
    let text = ends_with(&output, 0);
    holds(&text, &["--plain[=<STEP>]", "Without a screen", "stepproof --plain | less"]);
    let text = ends_with(&run(home.path(), &["--plain", "--practice"], "help\n"), 0);
    holds(&text, &["verify, v, verify-step: check this step", "search TEXT", "go STEP"]);
}
