//! A learner's afternoon at a terminal, as they would live it: the first start, two modules, a wrong
//! turn, another language, other windows, a program that is killed, and the journal that is left.

use std::process::Command;

use crate::pty::{Session, home};
use crate::support::{Practice, code, text};

const WINDOW: (u16, u16) = (140, 45);

/// Goes to a step by its name, as the palette knows it.
fn go_to(session: &mut Session, step: &str) {
    session.press(":");
    session.wait_for("ALL ACTIONS");
    session.press(step);
    session.wait_for(&format!(": {step}"));
    session.press("\r");
    session.wait_for(&format!(">   {step} "));
}

/// Has the solution applied of the step that is read, and of what it rests on.
fn solve(session: &mut Session, steps: &str) {
    session.press("s");
    session.wait_for(&format!("Apply the solution of {steps} on the practice account?"));
    session.press("\r");
    session.wait_for("The solution is applied.");
}

/// The first start, module 0, and an answer to think about.
fn sets_up(session: &mut Session) {
    session.wait_for("Where do you want to work?");
    session.wait_for("> Practice account");
    session.press("\r");
    session.wait_for("practice 000000000000");
    session.wait_for(" left · ends");
    session.wait_for("You work for a ride service.");
    session.press("n");
    session.wait_for("0a Deploy the setup stack ─");
    go_to(session, "0e");
    solve(session, "0a, 0b, 0c, 0d, 0e");
    session.press("V");
    session.wait_for("Proven: 7 of 7 checks.");
    session.wait_for(">✓ 0 Initial setup");
    session.press("r");
    session.wait_for("Question 1. r shows the answer.");
    assert!(!session.screen().contains("The attack never connected"), "{}", session.screen());
    session.press("r");
    session.wait_for("Answer: The attack never connected");
}

/// Module 1: a step is checked too early, hints help, then everything is proven.
fn closes_the_api(session: &mut Session) {
    // The end of a module leads to the next one.
    session.press("n");
    session.wait_for("1a Give the user pool a domain ─");
    go_to(session, "1d");
    session.press("v");
    session.wait_for("not yet: The API has no");
    session.wait_for("Without an authorizer:");
    session.wait_for("- GET /capes");
    // All of it: nothing else can be begun before.
    session.wait_for("PROOF says what is open.");
    session.press("h");
    session.wait_for("Hint 1 of 3");
    session.press("h");
    session.wait_for("Hint 2 of 3");
    session.wait_for("hint 3 of 3: press h");
    go_to(session, "1f");
    solve(session, "1a, 1b, 1c, 1d, 1e, 1f");
    session.press("V");
    session.wait_for("Proven: 14 of 14 checks.");
    session.wait_for(">✓ 1 Authentication");
}

/// Another language and other windows, and back: nothing moves.
fn looks_around(session: &mut Session) {
    session.press("l");
    session.wait_for("> ✓ 1f パートナーとして");
    session.press("l");
    session.wait_for("> ✓ 1f Customize a unicorn");
    session.resize((80, 24));
    session.wait_for("✓1e  >✓1f");
    session.resize((140, 45));
    session.wait_for("> ✓ 1f Customize a unicorn");
    session.resize((5, 3));
    session.wait_for("windo");
    session.resize(WINDOW);
    session.wait_for("> ✓ 1f Customize a unicorn");
}

/// The program dies in the middle of module 5, which isn't the first that is open.
fn is_killed(session: &mut Session) {
    go_to(session, "5b");
    session.press("v");
    session.wait_for("Proven: 0 of 2 checks.");
    session.press("h");
    session.wait_for("Hint 1 of 3");
    // The screen shows a hint at once; the journal has it when nothing more is drawn.
    session.settle();
    let pid = session.pid().to_string();
    assert!(Command::new("kill").args(["-KILL", &pid]).status().unwrap().success());
    session.exit_code();
}

/// The next start asks nothing: it goes on where the last one ended.
fn goes_on(session: &mut Session) {
    session.wait_for(">   5b ");
    session.wait_for("Hint 1 of 3");
    session.wait_for(" left · ends");
    session.wait_for(" ✓ 0 Initial setup");
    session.wait_for(" ✓ 1 Authentication");
    session.press("m");
    session.wait_for("2 of 13 modules done");
    let screen = session.screen();
    for module in ["✓  0 Initial setup", "✓  1 Authentication"] {
        let row = screen.lines().find(|line| line.contains(module));
        assert!(row.is_some_and(|row| row.contains("done")), "{module}\n{screen}");
    }
    session.press("q");
    assert_eq!(session.exit_code(), 0);
    session.is_restored();
}

/// The secrets of the account's clients, which must be nowhere else.
fn secrets(practice: &Practice) -> Vec<String> {
    let pool = practice.fact("user_pool")["id"].as_str().unwrap().to_owned();
    let clients = practice.fact("user_pool_clients");
    let ids = clients["clients"].as_array().unwrap().iter();
    ids.map(|client| practice.client_secret(&pool, client["id"].as_str().unwrap())).collect()
}

/// What is written down, and all that was ever on the screen.
fn tells_no_secret(practice: &Practice, told: &[String]) {
    let secrets = secrets(practice);
    assert!(secrets.len() >= 2 && secrets.iter().all(|secret| secret.len() > 20), "{secrets:?}");
    let files = std::fs::read_dir(practice.path()).unwrap().map(|entry| entry.unwrap());
    let journal = files.filter(|e| e.file_name().to_string_lossy().starts_with("journal.sqlite"));
    let written: Vec<_> = journal.map(|file| std::fs::read(file.path()).unwrap()).collect();
    assert!(!written.is_empty());
    let written = written.iter().map(|bytes| String::from_utf8_lossy(bytes).into_owned());
    for words in written.chain(told.iter().cloned()) {
        // Every token begins so.
        for secret in secrets.iter().map(String::as_str).chain(["eyJ"]) {
            assert!(!words.contains(secret), "{secret} stands in\n{words}");
        }
    }
}

#[test]
fn an_afternoon_is_lived_through_and_the_journal_taken_home() {
    let home = home();
    let data = home.path().display().to_string();
    let environment = [("STEPPROOF_HOME", data.as_str())];
    let mut session = Session::start(&home, WINDOW, &["--ends", "3h"], &environment);
    sets_up(&mut session);
    closes_the_api(&mut session);
    looks_around(&mut session);
    is_killed(&mut session);
    let mut again = Session::start(&home, WINDOW, &[], &environment);
    goes_on(&mut again);

    let practice = Practice::over(home);
    let journal = |format: &str| {
        let output = practice.stepproof(&["journal", "--format", format]);
        assert_eq!(code(&output), 0, "{}", text(&output));
        text(&output)
    };
    let (markdown, page) = (journal("md"), journal("html"));
    for words in ["modules done: 2 of 13", "steps proven: 11 of 42", "hints used: 3"] {
        assert!(markdown.contains(words), "{words}\n{markdown}");
    }
    // The wrong turn: one check that failed, two hints, and the proof all the same.
    let row = markdown.lines().find(|line| line.starts_with("| 1d ")).unwrap();
    assert!(row.contains("| proven |") && row.ends_with("| 1 | 2 |"), "{row}");
    assert!(markdown.contains("**Answer:** The attack never connected"), "{markdown}");
    for words in ["2 of 13", "11 of 42", "Ask for a token on every method", "never connected"] {
        assert!(page.contains(words), "{words}\n{page}");
    }
    tells_no_secret(&practice, &[markdown, page, session.text(), again.text()]);
}
