//! `status` and `next` from outside: what a shell gets to know without a call to the account.

use serde_json::Value;

use crate::support::{Practice, code, text};

fn json(practice: &Practice, args: &[&str]) -> Value {
    let output = practice.stepproof(args);
    assert_eq!(code(&output), 0, "{}", text(&output));
    serde_json::from_slice(&output.stdout).unwrap()
}

fn fits(value: &Value, schema: &str) {
    let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("modules/schema").join(schema);
    let schema: Value = serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap();
    let validator = jsonschema::validator_for(&schema).unwrap();
    let errors: Vec<String> = validator.iter_errors(value).map(|e| e.to_string()).collect();
    assert!(errors.is_empty(), "{errors:?}");
}

#[test]
fn status_tells_what_was_proven_last_without_asking_the_account() {
    let practice = Practice::solved(&["0"]);
    practice.verify_with(&["--module", "0"]).assert_proven();
    // Whatever is asked now fails; nothing may be asked.
    practice.fault(&serde_json::json!([{ "action": "*", "fault": "access_denied" }]));
    let args = ["status", "--practice", "--format", "json", "--ends", "2h"];
    let status = json(&practice, &args);
    fits(&status, "status.json");
    assert_eq!((&status["account"], &status["kind"]), (&"000000000000".into(), &"practice".into()));
    assert_eq!(status["modules"][0]["state"], "done");
    assert_eq!(status["modules"][1]["state"], "not_started");
    assert_eq!(status["modules"][2]["locked"], serde_json::json!({ "module": 1 }));
    assert_eq!(status["time"]["minutes_left"], 120);
    assert_eq!(status["plan"]["legs"][0]["module"], 1);
    assert_eq!(status["next"]["step"], "1a");

    let output = practice.stepproof(&["status", "--practice"]);
    let human = text(&output);
    for expected in ["practice account 000000000000", "left · ends", "✔ 0 done", "Next: 1a"] {
        assert!(human.contains(expected), "no {expected:?} in\n{human}");
    }
    assert!(!human.contains('\x1b'), "no colour in a pipe");
    let output = practice.stepproof(&["status", "--practice", "--domain", "code"]);
    assert!(text(&output).contains("Only these domains: Application code."), "{}", text(&output));
    let output = practice.stepproof(&["status", "--practice", "--lang", "ja"]);
    assert!(text(&output).contains("次: 1a"), "{}", text(&output));
}

#[test]
fn status_asks_the_account_when_it_is_told_to() {
    let practice = Practice::solved(&["0"]);
    let before = json(&practice, &["status", "--practice", "--format", "json"]);
    assert_eq!(before["modules"][0]["state"], "not_started");
    let after = json(&practice, &["status", "--practice", "--verify", "--format", "json"]);
    assert_eq!(after["modules"][0]["state"], "done");
    assert!(after["verified"].is_string());
}

#[test]
fn next_prints_one_step_for_people_programs_and_prompts() {
    let practice = Practice::start();
    let report = json(&practice, &["next", "--practice", "--format", "json"]);
    fits(&report, "next.json");
    assert_eq!((&report["next"]["step"], &report["next"]["minutes"]), (&"0a".into(), &20.into()));
    let output = practice.stepproof(&["next", "--practice", "--format", "short"]);
    assert_eq!(text(&output), "0a Deploy the setup stack · 20 min\n");
    let output = practice.stepproof(&["next", "--practice", "--ends", "15m"]);
    assert_eq!(code(&output), 0);
    let human = text(&output);
    assert!(human.starts_with("0a Deploy the setup stack · 20 min\n"), "{human}");
    assert!(human.contains("module 0 comes before the others"), "{human}");
    assert!(human.contains("can't be finished in the time that is left"), "{human}");
    // The next shell knows the end too.
    let output = practice.stepproof(&["next", "--practice", "--format", "short"]);
    assert!(text(&output).contains("min left"), "{}", text(&output));
    let files = std::fs::read_dir(practice.path()).unwrap();
    let names: Vec<_> = files.map(|file| file.unwrap().file_name()).collect();
    assert!(!names.contains(&"journal.sqlite".into()), "looking makes no journal: {names:?}");
}

#[test]
fn before_any_account_was_opened_the_course_begins_at_its_start() {
    let practice = Practice::start();
    let status = json(&practice, &["status", "--format", "json"]);
    fits(&status, "status.json");
    assert_eq!((&status["account"], &status["kind"]), (&"".into(), &Value::Null));
    let output = practice.stepproof(&["status"]);
    assert!(text(&output).contains("no account opened yet"), "{}", text(&output));
    let output = practice.stepproof(&["next", "--lang", "ja"]);
    assert!(text(&output).starts_with("0a "), "{}", text(&output));
    assert!(text(&output).contains("モジュール 0 は最初に行います"), "{}", text(&output));
}

#[test]
fn when_everything_is_done_there_is_no_next_step() {
    let practice = Practice::solved(&["all"]);
    practice.verify_with(&[]);
    let output = practice.stepproof(&["next", "--practice"]);
    assert_eq!(code(&output), 1);
    assert!(output.stdout.is_empty());
    assert!(text(&output).contains("Everything is done."), "{}", text(&output));
}

#[test]
fn wrong_words_are_refused_with_the_right_ones() {
    let practice = Practice::start();
    for (args, said) in [
        (["next", "--practice", "--domain", "nosuch"], "identity"),
        (["status", "--practice", "--domain", "nosuch"], "identity"),
        (["next", "--practice", "--ends", "soon"], "11:40"),
        (["status", "--practice", "--ends", "25:00"], "2h30m"),
        (["verify", "--practice", "--format", "nosuch"], "human"),
    ] {
        let output = practice.stepproof(&args);
        assert_eq!(code(&output), 2, "{args:?}: {}", text(&output));
        assert!(text(&output).contains(said), "{args:?}: {}", text(&output));
        assert!(output.stdout.is_empty());
    }
}

#[test]
fn a_damaged_journal_is_named_and_nothing_is_claimed() {
    let practice = Practice::start();
    practice.file("journal.sqlite", &"no journal at all".repeat(300));
    for command in ["status", "next"] {
        let output = practice.stepproof(&[command, "--practice"]);
        assert_eq!(code(&output), 3, "{}", text(&output));
        assert!(output.stdout.is_empty());
        assert!(text(&output).contains("damaged or is no journal"), "{}", text(&output));
    }
}
