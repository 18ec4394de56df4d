use serde_json::json;

use super::*;

fn learner() -> Learner {
    let (course, account) = ("c".to_owned(), "000000000000".to_owned());
    Learner { course, kind: AccountKind::Practice, account }
}

fn opened(step: &str) -> Entry {
    Entry::Opened { step: step.to_owned() }
}

/// A journal that is thrown away.
struct Machine {
    journal: Journal,
    path: std::path::PathBuf,
    _home: tempfile::TempDir,
}

impl Machine {
    fn new() -> Self {
        let home = tempfile::tempdir().unwrap();
        let path = home.path().join("j");
        Self { journal: Journal::open(&path).unwrap(), path, _home: home }
    }

    fn with(entries: &[Entry]) -> Self {
        let machine = Self::new();
        for entry in entries {
            machine.journal.record(&learner(), std::slice::from_ref(entry)).unwrap();
        }
        machine
    }

    fn export(&self) -> Export {
        self.journal.export(&learner()).unwrap()
    }

    fn import(&self, export: &Export) -> Merged {
        self.journal.import(export).unwrap()
    }

    /// What happened, without the notes of imports.
    fn entries(&self) -> Vec<(Timestamp, Entry)> {
        let mut all = self.journal.entries(&learner()).unwrap();
        all.retain(|(_, entry)| !matches!(entry, Entry::Imported { .. }));
        all
    }
}

/// Through JSON, as a file would take it.
fn copied(export: &Export) -> Export {
    Export::parse(&serde_json::to_string_pretty(export).unwrap(), "c").unwrap()
}

#[test]
fn a_journal_goes_to_another_machine_and_back() {
    let first = Machine::with(&[
        opened("0a"),
        Entry::Skipped { step: "0b".to_owned() },
        Entry::Hint { check: "up".to_owned(), open: 2 },
    ]);
    let second = Machine::new();
    assert_eq!(second.import(&copied(&first.export())), Merged { added: 3, known: 0 });
    assert_eq!(second.entries(), first.entries(), "with their times");
    let resumed = Entry::Resumed { step: "0b".to_owned() };
    second.journal.record(&learner(), &[resumed, opened("0c")]).unwrap();
    assert_eq!(first.import(&copied(&second.export())), Merged { added: 2, known: 3 });
    assert_eq!(first.entries(), second.entries());
    assert!(first.journal.history(&learner()).unwrap().skipped.is_empty());
}

#[test]
fn importing_twice_changes_nothing() {
    let first = Machine::with(&[opened("0a"), opened("0b")]);
    let second = Machine::with(&[opened("0c")]);
    let export = copied(&first.export());
    second.import(&export);
    let before = second.journal.log(&learner()).unwrap();
    assert_eq!(second.import(&export), Merged { added: 0, known: 2 });
    assert_eq!(second.journal.log(&learner()).unwrap(), before);
    // Its own export holds nothing new either.
    assert_eq!(second.import(&copied(&second.export())), Merged { added: 0, known: 3 });
}

#[test]
fn the_order_of_fields_does_not_make_an_event_new() {
    let first = Machine::with(&[Entry::Hint { check: "up".to_owned(), open: 2 }]);
    let at = first.export().events[0].at;
    let text = json!({
        "events": [{ "what": { "open": 2, "check": "up", "event": "hint" }, "at": at }],
        "account": "000000000000", "kind": "practice", "course": "c", "tool": "", "schema": 1,
    });
    let export = Export::parse(&text.to_string(), "c").unwrap();
    assert_eq!(first.import(&export), Merged { added: 0, known: 1 });
}

#[test]
fn a_newer_versions_event_is_kept_and_passed_on() {
    let first = Machine::with(&[opened("0a")]);
    let mut export = first.export();
    let what = json!({ "event": "levitated", "height": 3 });
    export.events.push(Event { at: Timestamp::now(), what: what.clone() });
    first.import(&copied(&export));
    let log = first.journal.log(&learner()).unwrap();
    assert_eq!(log.unread, 1, "it is counted, and doesn't disturb");
    assert_eq!(first.export().events[1].what, what);
}

#[test]
fn nothing_is_imported_of_what_is_no_export() {
    let good = json!({
        "schema": 1, "tool": "t", "course": "c", "kind": "aws", "account": "123456789012",
        "events": [{ "at": "2026-01-01T00:00:00Z", "what": { "event": "opened", "step": "0a" } }],
    });
    assert!(Export::parse(&good.to_string(), "c").is_ok());
    let change = |pointer: &str, to: Value| {
        let mut changed = good.clone();
        *changed.pointer_mut(pointer).unwrap() = to;
        Export::parse(&changed.to_string(), "c").unwrap_err()
    };
    assert_eq!(change("/schema", json!(2)), ImportError::Newer { found: 2 });
    assert!(matches!(change("/course", json!("d")), ImportError::OtherCourse { .. }));
    let foreign = |pointer: &str, to: Value, why: &str| {
        let error = change(pointer, to);
        assert!(matches!(error, ImportError::Foreign { .. }), "{pointer}: {error:?}");
        assert!(error.to_string().contains(why), "{pointer}: {error}");
    };
    foreign("/schema", json!(0), "it names no account");
    foreign("/account", json!("1234"), "it names no account");
    foreign("/account", json!("12345678901<"), "it names no account");
    foreign("/kind", json!("azure"), "unknown variant");
    foreign("/events/0/at", json!("noon"), "line 1");
    foreign("/events/0/what", json!("opened"), "event 1: it doesn't say what happened");
    foreign("/events/0/what", json!({ "event": "opened" }), "event 1: missing field `step`");
    foreign("/events/0/what", json!({ "event": "x", "y": "z".repeat(LONGEST) }), "too long");
    let note = json!({ "event": "imported", "events": 5, "tool": "" });
    foreign("/events/0/what", note, "only a journal itself");
    for text in ["", "{}", "[]", "SQLite format 3\0", "{\"schema\": 1", &"[".repeat(100_000)] {
        let error = Export::parse(text, "c").unwrap_err();
        assert!(matches!(error, ImportError::Foreign { .. }), "{error:?}");
    }
}

#[test]
fn every_kind_of_event_is_known() {
    assert!(KINDS.len() >= 9, "{KINDS:?}");
    assert!(KINDS.contains("opened") && KINDS.contains("verified"), "{KINDS:?}");
}

#[test]
fn an_import_that_fails_leaves_the_journal_as_it_was() {
    let first = Machine::with(&[opened("0a")]);
    let second = Machine::with(&[opened("0b")]);
    let raw = Connection::open(&second.path).unwrap();
    raw.execute_batch(
        "CREATE TRIGGER no_more BEFORE INSERT ON event WHEN NEW.what LIKE '%0a%'
         BEGIN SELECT RAISE(ABORT, 'disk full'); END;",
    )
    .unwrap();
    let before = second.journal.log(&learner()).unwrap();
    second.journal.import(&first.export()).unwrap_err();
    assert_eq!(second.journal.log(&learner()).unwrap(), before);
}
