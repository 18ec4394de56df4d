use super::*;

fn learner(account: &str) -> Learner {
    Learner { course: "c".to_owned(), kind: AccountKind::Practice, account: account.to_owned() }
}

fn step(step: &str) -> String {
    step.to_owned()
}

#[test]
fn the_past_is_derived_per_account() {
    let home = tempfile::tempdir().unwrap();
    let journal = Journal::open(&home.path().join("j")).unwrap();
    let (me, other) = (learner("000000000001"), learner("000000000002"));
    let hint = |open| Entry::Hint { check: "c".to_owned(), open };
    journal
        .record(
            &me,
            &[
                Entry::Skipped { step: step("1a") },
                Entry::Skipped { step: step("1b") },
                Entry::Resumed { step: step("1b") },
                Entry::Skipped { step: step("1c") },
                Entry::Proven { step: step("1c") },
                hint(2),
                hint(1),
            ],
        )
        .unwrap();
    let first = journal.history(&me).unwrap().first_proof["1c"];
    journal.record(&me, &[Entry::Proven { step: step("1c") }]).unwrap();
    let history = journal.history(&me).unwrap();
    assert_eq!(history.first_proof["1c"], first, "the first proof's time stays");
    assert_eq!(history.skipped, BTreeSet::from([step("1a")]));
    assert_eq!(history.hints["c"], 2, "an unlocked hint stays unlocked");
    assert!(journal.history(&other).unwrap().first_proof.is_empty());
}

#[test]
fn what_was_recorded_can_not_be_changed() {
    let home = tempfile::tempdir().unwrap();
    let path = home.path().join("j");
    let journal = Journal::open(&path).unwrap();
    journal.record(&learner("1"), &[Entry::Opened { step: step("0a") }]).unwrap();
    let raw = Connection::open(&path).unwrap();
    assert!(raw.execute("DELETE FROM event", []).is_err());
    assert!(raw.execute("UPDATE event SET what = ''", []).is_err());
}

#[test]
fn a_file_that_is_no_journal_is_left_as_it_is() {
    let home = tempfile::tempdir().unwrap();
    let path = home.path().join("j");
    for bytes in [b"not a database, but long enough to be taken for one".repeat(40), vec![0; 9]] {
        std::fs::write(&path, &bytes).unwrap();
        let error = Journal::open(&path).unwrap_err();
        assert!(matches!(error, JournalError::Corrupt { .. }), "{error:?}");
        assert!(error.remedy().contains("mv "), "{}", error.remedy());
        assert_eq!(std::fs::read(&path).unwrap(), bytes);
    }
}

#[test]
fn another_programs_database_is_no_journal() {
    let home = tempfile::tempdir().unwrap();
    let path = home.path().join("j");
    Connection::open(&path).unwrap().execute_batch("CREATE TABLE t (x)").unwrap();
    let bytes = std::fs::read(&path).unwrap();
    assert!(matches!(Journal::open(&path), Err(JournalError::Corrupt { .. })));
    assert_eq!(std::fs::read(&path).unwrap(), bytes, "not even its mode is changed");
}

#[test]
fn a_newer_journal_is_told_from_a_damaged_one() {
    let home = tempfile::tempdir().unwrap();
    let path = home.path().join("j");
    drop(Journal::open(&path).unwrap());
    Connection::open(&path).unwrap().pragma_update(None, "user_version", 9).unwrap();
    let error = Journal::open(&path).unwrap_err();
    assert!(matches!(error, JournalError::Newer { found: 9, .. }), "{error:?}");
}

#[test]
fn a_directory_or_a_missing_parent_is_unwritable_or_so() {
    let home = tempfile::tempdir().unwrap();
    let error = Journal::open(&home.path().join("no/such/j")).unwrap_err();
    assert!(matches!(error, JournalError::Unwritable { .. }), "{error:?}");
}

#[test]
fn runs_write_at_the_same_time_and_none_is_lost() {
    let home = tempfile::tempdir().unwrap();
    let path = home.path().join("j");
    std::thread::scope(|scope| {
        for run in 0..4 {
            let path = &path;
            scope.spawn(move || {
                let journal = Journal::open(path).unwrap();
                for n in 0..20 {
                    let entry = Entry::Opened { step: format!("{run}-{n}") };
                    journal.record(&learner("1"), &[entry]).unwrap();
                }
            });
        }
    });
    let entries = Journal::open(&path).unwrap().entries(&learner("1")).unwrap();
    let steps: BTreeSet<String> = entries
        .into_iter()
        .map(|(_, entry)| match entry {
            Entry::Opened { step } => step,
            other => panic!("{other:?}"),
        })
        .collect();
    assert_eq!(steps.len(), 80);
}
