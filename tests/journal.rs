//! The journal: killed at any moment it loses nothing that was acknowledged; to read and to take
//! home; on another machine; in a browser, and the projector's page of a room there too.
#![expect(clippy::unwrap_used, clippy::panic, reason = "a test says what broke by panicking")]

#[path = "journal/browser.rs"]
mod browser;
#[path = "journal/day.rs"]
mod day;
#[path = "journal/page.rs"]
mod page;
#[path = "journal/projector.rs"]
mod projector;
#[expect(clippy::allow_attributes, reason = "whether a part is used differs by test program")]
#[allow(dead_code, unused_imports, unreachable_pub, reason = "each test program uses its own part")]
mod support;
#[path = "journal/transfer.rs"]
mod transfer;

use std::collections::BTreeSet;
use std::io::{BufRead, BufReader, Write};
use std::path::PathBuf;
use std::process::{Command, Stdio};

use stepproof::check::AccountKind;
use stepproof::progress::{Entry, Journal, Learner};

const PATH: &str = "STEPPROOF_TEST_JOURNAL";

fn learner() -> Learner {
    Learner {
        course: "c".to_owned(),
        kind: AccountKind::Practice,
        account: "000000000000".to_owned(),
    }
}

/// Not a test: the program that the test below kills. Writes without end, and says each entry
/// after it is recorded.
#[test]
#[ignore = "started by killed_at_any_moment"]
fn writer() {
    let Some(path) = std::env::var_os(PATH) else { return };
    let journal = Journal::open(&PathBuf::from(path)).unwrap();
    for n in 0.. {
        let step = format!("{}-{n}", std::process::id());
        journal.record(&learner(), &[Entry::Opened { step: step.clone() }]).unwrap();
        let mut stdout = std::io::stdout().lock();
        if writeln!(stdout, "ack {step}").and_then(|()| stdout.flush()).is_err() {
            return;
        }
    }
}

#[test]
fn killed_at_any_moment_it_loses_nothing_that_was_acknowledged() {
    let home = tempfile::tempdir().unwrap();
    let path = home.path().join("journal.sqlite");
    let mut acknowledged = BTreeSet::new();
    for round in 1..=12 {
        let mut writer = Command::new(std::env::current_exe().unwrap())
            .args(["writer", "--exact", "--ignored", "--nocapture"])
            .env(PATH, &path)
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let mut lines = BufReader::new(writer.stdout.take().unwrap()).lines();
        let acks = lines
            .by_ref()
            .map_while(Result::ok)
            .filter_map(|line| line.strip_prefix("ack ").map(ToOwned::to_owned));
        acknowledged.extend(acks.take(round));
        writer.kill().unwrap();
        // What it still said before it died counts too.
        acknowledged.extend(
            lines
                .map_while(Result::ok)
                .filter_map(|line| Some(line.strip_prefix("ack ")?.to_owned())),
        );
        writer.wait().unwrap();
        let journal = Journal::open(&path).unwrap();
        let recorded: BTreeSet<String> = journal
            .entries(&learner())
            .unwrap()
            .into_iter()
            .filter_map(|(_, entry)| match entry {
                Entry::Opened { step } => Some(step),
                _ => None,
            })
            .collect();
        let lost: Vec<_> = acknowledged.difference(&recorded).collect();
        assert!(lost.is_empty(), "round {round}: {lost:?}");
    }
    assert!(acknowledged.len() >= 78, "{}", acknowledged.len());
}
