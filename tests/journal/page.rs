//! `stepproof journal`: Markdown and HTML from a real practice account's record.

use serde_json::json;

use super::day::{Machine, afternoon};
use super::support::{Practice, code, text};

#[test]
fn the_journal_tells_what_was_verified_and_holds_no_secret() {
    let practice = Practice::solved(&["0", "1"]);
    let report = practice.verify(&["0", "1"]);
    report.assert_proven();
    let markdown = practice.stepproof(&["journal"]);
    assert_eq!(code(&markdown), 0, "{}", text(&markdown));
    let markdown = String::from_utf8(markdown.stdout).unwrap();
    for said in [
        "# Workshop journal: Building secure serverless applications",
        "- practice account 000000000000",
        "| Foundation | 0 Initial setup | done | 5 of 5 |",
        "**After:** API Gateway answers 401 to a call without a valid token.",
        "## What production would need",
    ] {
        assert!(markdown.contains(said), "no {said:?} in\n{markdown}");
    }
    let file = practice.path().join("me.html");
    let written = practice.stepproof(&["journal", "--output", file.to_str().unwrap()]);
    assert_eq!(code(&written), 0, "{}", text(&written));
    let html = std::fs::read_to_string(&file).unwrap();
    assert!(html.starts_with("<!DOCTYPE html>") && html.ends_with("</html>\n"), "{html}");
    let export = text(&practice.stepproof(&["journal", "--export", "-"]));
    let pool = practice.fact("user_pool")["id"].as_str().unwrap().to_owned();
    let clients = practice.fact("user_pool_clients")["clients"].clone();
    let mut secrets = vec![practice.partner_token(), "Corp123!".to_owned()];
    for client in clients.as_array().unwrap() {
        secrets.push(practice.client_secret(&pool, client["id"].as_str().unwrap()));
    }
    assert!(secrets.len() >= 4, "{}", secrets.len());
    for secret in secrets {
        for place in [&markdown, &html, &export] {
            assert!(!place.contains(&secret), "{secret} in\n{place}");
        }
    }
}

#[test]
fn no_journal_is_no_page_and_makes_no_file() {
    let machine = Machine::new();
    for args in [&["journal"][..], &["journal", "--format", "html"], &["journal", "--export", "-"]]
    {
        let output = machine.run(args);
        assert_eq!(code(&output), 2, "{}", text(&output));
        assert!(output.stdout.is_empty());
        assert!(text(&output).contains("nothing is recorded yet"), "{}", text(&output));
    }
    assert_eq!(std::fs::read_dir(machine.path()).unwrap().count(), 0);
}

#[test]
fn the_account_worked_in_last_is_meant_unless_a_flag_says_otherwise() {
    let machine = Machine::new();
    let mut practice = afternoon();
    practice["kind"] = json!("practice");
    practice["account"] = json!("000000000000");
    assert_eq!(code(&machine.import(&practice)), 0);
    assert_eq!(code(&machine.import(&afternoon())), 0);
    let last = text(&machine.run(&["journal"]));
    assert!(last.contains("- AWS account 111122223333"), "{last}");
    assert!(last.contains("Also recorded: practice account 000000000000; --account N"), "{last}");
    let chosen = text(&machine.run(&["journal", "--practice"]));
    assert!(chosen.contains("- practice account 000000000000"), "{chosen}");
    let chosen = text(&machine.run(&["journal", "--account", "000000000000"]));
    assert!(chosen.contains("- practice account 000000000000"), "{chosen}");
    let nobody = machine.run(&["journal", "--account", "999999999999"]);
    assert_eq!(code(&nobody), 2);
    assert!(text(&nobody).contains("nothing is recorded of that account"), "{}", text(&nobody));
    let wrong = machine.run(&["journal", "--account", "12"]);
    assert!(text(&wrong).contains("an account has 12 digits"), "{}", text(&wrong));
}

#[test]
fn japanese_says_the_same() {
    let machine = Machine::new();
    machine.import(&afternoon());
    let page = text(&machine.run(&["journal", "--lang", "ja"]));
    for said in
        ["# ワークショップの学習記録", "- AWS アカウント 111122223333", "スキップしたステップ"]
    {
        assert!(page.contains(said), "no {said:?} in\n{page}");
    }
}

#[test]
fn damaged_newer_and_foreign_journals_are_named_and_left_alone() {
    let machine = Machine::new();
    let file = machine.path().join("journal.sqlite");
    std::fs::write(&file, "somebody's notes").unwrap();
    for args in [&["journal"][..], &["journal", "--export", "-"]] {
        let output = machine.run(args);
        assert_eq!(code(&output), 2);
        assert!(text(&output).contains("is damaged or is no journal"), "{}", text(&output));
        assert!(text(&output).contains("mv "), "{}", text(&output));
    }
    let output = machine.import(&afternoon());
    assert_eq!(code(&output), 2, "{}", text(&output));
    assert_eq!(std::fs::read(&file).unwrap(), b"somebody's notes");

    std::fs::remove_file(&file).unwrap();
    assert_eq!(code(&machine.import(&afternoon())), 0);
    let connection = rusqlite::Connection::open(&file).unwrap();
    connection.pragma_update(None, "user_version", 9).unwrap();
    drop(connection);
    let output = machine.run(&["journal"]);
    assert_eq!(code(&output), 2);
    assert!(text(&output).contains("written by a newer stepproof"), "{}", text(&output));
    assert!(text(&output).contains("Update stepproof"), "{}", text(&output));
}

#[test]
fn a_file_is_written_whole_and_never_over_the_journal() {
    let machine = Machine::new();
    machine.import(&afternoon());
    let journal = machine.path().join("journal.sqlite");
    let before = std::fs::read(&journal).unwrap();
    for flag in ["--output", "--export"] {
        let output = machine.run(&["journal", flag, journal.to_str().unwrap()]);
        assert_eq!(code(&output), 2, "{}", text(&output));
        assert!(text(&output).contains("is the journal itself"), "{}", text(&output));
    }
    assert_eq!(std::fs::read(&journal).unwrap(), before);
    let nowhere = machine.run(&["journal", "--output", "/no/such/place/j.md"]);
    assert_eq!(code(&nowhere), 2);
    assert!(text(&nowhere).contains("cannot write /no/such/place/j.md"), "{}", text(&nowhere));
    let file = machine.path().join("j.md");
    std::fs::write(&file, "older").unwrap();
    assert_eq!(code(&machine.run(&["journal", "--output", file.to_str().unwrap()])), 0);
    assert!(std::fs::read_to_string(&file).unwrap().starts_with("# Workshop journal"));
    let names = std::fs::read_dir(machine.path()).unwrap();
    let names = names.map(|entry| entry.unwrap().file_name().to_string_lossy().into_owned());
    assert!(names.into_iter().all(|name| !name.contains("tmp")), "nothing is left over");
}
