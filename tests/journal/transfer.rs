//! `stepproof journal --export` and `--import`: from one machine to another, and what is refused.

use serde_json::{Value, json};

use super::day::{Machine, afternoon};
use super::support::{Practice, code, text};

/// All that a machine has recorded.
fn export(machine: &Machine) -> Value {
    let output = machine.run(&["journal", "--export", "-"]);
    assert_eq!(code(&output), 0, "{}", text(&output));
    serde_json::from_slice(&output.stdout).unwrap()
}

#[test]
fn another_machine_goes_on_where_this_one_stopped() {
    let practice = Practice::solved(&["0"]);
    practice.verify(&["0"]).assert_proven();
    let file = practice.path().join("journal.json");
    let file = file.to_str().unwrap();
    let exported = practice.stepproof(&["journal", "--export", file]);
    assert_eq!(code(&exported), 0, "{}", text(&exported));
    assert!(text(&exported).contains("of practice account 000000000000 to"), "{}", text(&exported));

    let machine = Machine::new();
    let imported = machine.run(&["journal", "--import", file]);
    assert_eq!(code(&imported), 0, "{}", text(&imported));
    assert!(text(&imported).starts_with("Imported 6 events of practice"), "{}", text(&imported));
    let first: Value = serde_json::from_slice(&std::fs::read(file).unwrap()).unwrap();
    assert_eq!(export(&machine)["events"], first["events"], "with their times, in their order");
    assert!(text(&machine.run(&["journal"])).contains("| 0 Initial setup | done |"));

    let again = machine.run(&["journal", "--import", file]);
    assert_eq!(code(&again), 0);
    assert!(text(&again).starts_with("Nothing new: 6 events"), "{}", text(&again));
    assert_eq!(export(&machine)["events"], first["events"]);
}

/// What is proven needs no import: it is read from the account.
#[test]
fn a_machine_without_a_journal_derives_what_is_proven_from_the_account() {
    let practice = Practice::solved(&["0"]);
    assert_eq!(code(&practice.stepproof(&["journal"])), 2, "nothing is recorded yet");
    practice.verify(&["0"]).assert_proven();
    let page = text(&practice.stepproof(&["journal"]));
    assert!(page.contains("| 0 Initial setup | done | 5 of 5 |"), "{page}");
}

#[test]
fn both_machines_work_was_kept_when_they_meet() {
    let (one, other) = (Machine::new(), Machine::new());
    let all = afternoon();
    let events = all["events"].as_array().unwrap();
    let part = |range: std::ops::Range<usize>| {
        let mut part = all.clone();
        part["events"] = json!(events[range]);
        part
    };
    // The second machine knows the middle twice over, and the end before the beginning.
    one.import(&part(0..events.len() / 2));
    other.import(&part(events.len() / 3..events.len()));
    let met = one.import(&export(&other));
    assert!(text(&met).contains("were there already"), "{}", text(&met));
    assert!(export(&one)["events"] == all["events"], "each once, in its order");
}

#[test]
fn an_export_fits_its_schema() {
    let machine = Machine::new();
    machine.import(&afternoon());
    let schema = stepproof::progress::export_schema().to_value();
    let validator = jsonschema::validator_for(&schema).unwrap();
    for document in [export(&machine), afternoon()] {
        let errors: Vec<String> = validator.iter_errors(&document).map(|e| e.to_string()).collect();
        assert!(errors.is_empty(), "{errors:?}");
    }
    assert!(!validator.is_valid(&json!({ "schema": 1, "events": [{ "at": "x" }] })));
}

#[test]
fn a_file_that_can_not_be_imported_changes_nothing() {
    let machine = Machine::new();
    machine.import(&afternoon());
    let before = export(&machine);
    let whole = afternoon().to_string();
    let change = |pointer: &str, to: Value| {
        let mut changed = afternoon();
        *changed.pointer_mut(pointer).unwrap() = to;
        changed.to_string().into_bytes()
    };
    let last = afternoon()["events"].as_array().unwrap().len() - 1;
    let last = format!("/events/{last}/what");
    let hostile = json!({ "event": "\u{1b}[31mopened", "step": 1 });
    let refused: [(Vec<u8>, &str); 10] = [
        (whole.as_bytes()[..whole.len() / 2].to_vec(), "or it is damaged"),
        (Vec::new(), "or it is damaged"),
        (vec![0xff; 100], "it is no text"),
        (b"# My notes\n".to_vec(), "this is no export of a journal"),
        (change("/schema", json!(2)), "written by a newer stepproof (format 2)"),
        (change("/course", json!("knitting")), "a journal of the course `knitting`"),
        (change("/account", json!("<b>")), "it names no account"),
        (change("/events/0/at", json!("tomorrow")), "or it is damaged"),
        (change(&last, json!({ "event": "opened" })), "missing field `step`"),
        (change(&last, json!({ "event": "proven", "step": hostile })), "invalid type"),
    ];
    for (bytes, why) in refused {
        let output = machine.run_with(&["journal", "--import", "-"], &bytes);
        let said = text(&output);
        assert_eq!(code(&output), 2, "{said}");
        assert!(said.contains(why), "no {why:?} in {said}");
        assert!(said.contains("Nothing was imported."), "{said}");
        assert!(!said.contains('\u{1b}') && said.len() < 1000, "{said}");
        assert_eq!(export(&machine), before);
    }
    let gone = machine.run(&["journal", "--import", "/no/such/file"]);
    assert_eq!(code(&gone), 2);
    assert!(text(&gone).contains("cannot read /no/such/file"), "{}", text(&gone));
}

#[test]
fn an_account_that_a_flag_names_must_be_the_files() {
    let machine = Machine::new();
    let bytes = afternoon().to_string().into_bytes();
    for flags in [&["--practice"][..], &["--account", "999999999999"]] {
        let args = [&["journal", "--import", "-"], flags].concat();
        let output = machine.run_with(&args, &bytes);
        assert_eq!(code(&output), 2);
        let said = text(&output);
        assert!(said.contains("is the journal of AWS account 111122223333"), "{said}");
        assert!(said.contains("Nothing was imported."), "{said}");
    }
    assert!(!machine.path().join("journal.sqlite").exists());
    let mut other = afternoon();
    other["account"] = json!("444455556666");
    machine.import(&afternoon());
    let output = machine.import(&other);
    let said = text(&output);
    assert!(said.contains("recorded of AWS account 111122223333 stays apart"), "{said}");
}

#[test]
fn hostile_texts_in_an_export_come_out_harmless() {
    let machine = Machine::new();
    let mut export = afternoon();
    let evil = "</svg><script>alert(1)</script>\u{1b}[2J\u{202e}";
    export["tool"] = json!(evil);
    let events = export["events"].as_array_mut().unwrap();
    let at = events[0]["at"].clone();
    events.push(json!({ "at": at, "what": { "event": "opened", "step": evil } }));
    events.push(json!({ "at": at, "what": { "event": "levitated", "why": evil } }));
    events
        .push(json!({ "at": "9999-12-30T00:00:00Z", "what": { "event": "opened", "step": "0a" } }));
    assert_eq!(code(&machine.import(&export)), 0);
    for format in ["md", "html"] {
        let page = machine.run(&["journal", "--format", format]);
        assert_eq!(code(&page), 0);
        let page = text(&page);
        assert!(!page.contains("<script>") && !page.contains(['\u{1b}', '\u{202e}']), "{page}");
    }
}
