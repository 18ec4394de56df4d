//! The file of `--results`: a line of JSON for each account, added as soon as it is there, so that a
//! sweep that is killed loses nothing that it finished. At the end the file is written anew, in the
//! roster's order.

use std::fs::{File, OpenOptions, TryLockError};
use std::io::{Read as _, Write as _};
use std::path::{Path, PathBuf};

use super::super::{Error, whole};
use crate::report::grade::Record;

/// How every line begins.
const BEGIN: &[u8] = b"{\"name\":";

/// The open file. Nobody else writes it meanwhile.
#[derive(Debug)]
pub(super) struct Results {
    path: PathBuf,
    file: File,
    /// Whether every line so far was written; if not, the end of the sweep tries once more.
    whole: bool,
}

impl Results {
    /// Opens a file, to go on with it or new, and gives what it holds.
    ///
    /// # Errors
    /// It holds results and isn't to be gone on with, holds something else, can't be written, or
    /// another sweep writes it.
    pub(super) fn open(path: &Path, resume: bool) -> Result<(Self, Vec<Record>), Error> {
        let shown = path.display();
        let failed = |error: std::io::Error| Error::usage(format!("cannot write {shown}: {error}"));
        let mut options = OpenOptions::new();
        options.read(true).append(true).create(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        let mut file = options.open(path).map_err(failed)?;
        match file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => {
                return Err(Error::usage(format!("another `stepproof grade` writes {shown}"))
                    .with_remedy("Wait until it has ended, or name another file."));
            }
            Err(TryLockError::Error(error)) => return Err(failed(error)),
        }
        let mut bytes = Vec::new();
        file.read_to_end(&mut bytes).map_err(failed)?;
        if !bytes.is_empty() && !resume {
            return Err(Error::usage(format!("{shown} isn't empty")).with_remedy(
                "Give --resume to go on with the results in it, or name another file.",
            ));
        }
        let end = bytes.iter().rposition(|byte| *byte == b'\n').map_or(0, |at| at + 1);
        let (lines, torn) = bytes.split_at(end);
        let records = records(path, lines)?;
        if !torn.is_empty() {
            check_torn(path, torn)?;
            file.set_len(u64::try_from(end).unwrap_or(u64::MAX)).map_err(failed)?;
        }
        Ok((Self { path: path.to_owned(), file, whole: true }, records))
    }

    /// Adds a result. Where that isn't possible, [`Results::finish`] writes all of them or complains.
    pub(super) fn keep(&mut self, record: &Record) {
        self.whole = self.whole && self.add(record).is_ok();
    }

    fn add(&mut self, record: &Record) -> std::io::Result<()> {
        let mut line = serde_json::to_vec(record)?;
        line.push(b'\n');
        self.file.write_all(&line)?;
        self.file.sync_data()
    }

    /// Writes all results, in their order.
    ///
    /// # Errors
    /// The file can't be written; it holds then what was added.
    pub(super) fn finish(self, records: &[&Record]) -> Result<(), Error> {
        let failed = |error: std::io::Error| {
            let shown = self.path.display();
            let holds = if self.whole { "the results as they came" } else { "some of the results" };
            Error::usage(format!("cannot write {shown} in the roster's order: {error}"))
                .with_remedy(format!("It holds {holds}."))
        };
        let mut text = Vec::new();
        for record in records {
            serde_json::to_writer(&mut text, record).map_err(|error| failed(error.into()))?;
            text.push(b'\n');
        }
        whole::write(&self.path, &text).map_err(failed)
    }
}

fn records(path: &Path, lines: &[u8]) -> Result<Vec<Record>, Error> {
    let lines = lines.split(|byte| *byte == b'\n').enumerate();
    let record = |(at, line): (usize, &[u8])| {
        serde_json::from_slice(line).map_err(|error| {
            no_result(&format!("{}:{}: this line is no result: {error}", path.display(), at + 1))
        })
    };
    lines.filter(|(_, line)| !line.is_empty()).map(record).collect()
}

/// A line without an end was being written when a sweep was killed; any other isn't ours to drop.
fn check_torn(path: &Path, line: &[u8]) -> Result<(), Error> {
    if line.starts_with(BEGIN) || BEGIN.starts_with(line) {
        return Ok(());
    }
    Err(no_result(&format!("{}: its last line is no result", path.display())))
}

fn no_result(message: &str) -> Error {
    Error::usage(message).with_remedy("Name the file that an earlier sweep wrote, or a new one.")
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;
    use crate::report::grade::{Outcome, Trouble};

    fn record(account: &str) -> Record {
        let trouble = Trouble { reason: "network".to_owned(), message: "No network.".to_owned() };
        Record {
            name: "佐藤".to_owned(),
            account: account.to_owned(),
            stacks: BTreeMap::new(),
            stage: "dev".to_owned(),
            outcome: Outcome::Trouble(trouble),
        }
    }

    fn accounts(records: &[Record]) -> Vec<&str> {
        records.iter().map(|record| record.account.as_str()).collect()
    }

    #[test]
    fn what_was_kept_before_a_kill_is_there_and_a_torn_line_is_not() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("r.jsonl");
        let (mut results, before) = Results::open(&path, false).unwrap();
        assert!(before.is_empty());
        results.keep(&record("2"));
        results.keep(&record("1"));
        drop(results);
        let kept = std::fs::read_to_string(&path).unwrap();
        assert!(kept.as_bytes().starts_with(BEGIN), "{kept}");
        // Killed in the middle of a letter.
        let torn = [kept.as_bytes(), b"{\"name\":\"\xe4\xbd"].concat();
        std::fs::write(&path, torn).unwrap();

        let (mut results, before) = Results::open(&path, true).unwrap();
        assert_eq!(accounts(&before), ["2", "1"]);
        results.keep(&record("3"));
        results.finish(&[&record("1"), &record("2"), &record("3")]).unwrap();
        let (_, after) = Results::open(&path, true).unwrap();
        assert_eq!(accounts(&after), ["1", "2", "3"], "in the roster's order");
        assert_eq!(std::fs::read_dir(dir.path()).unwrap().count(), 1, "nothing is left beside it");
    }

    #[test]
    fn a_file_with_something_else_in_it_is_left_alone() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("notes.txt");
        for notes in ["My notes", "My notes\n"] {
            refuses_to_touch(&path, notes);
        }
    }

    fn refuses_to_touch(path: &Path, notes: &str) {
        std::fs::write(path, notes).unwrap();
        let error = Results::open(path, false).unwrap_err();
        assert!(error.remedy.contains("--resume"), "{error}");
        let error = Results::open(path, true).unwrap_err();
        assert!(error.message.contains("line is no result"), "{error}");
        assert_eq!(std::fs::read_to_string(path).unwrap(), notes);
    }

    #[test]
    fn two_sweeps_do_not_share_a_file() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("r.jsonl");
        let (first, _) = Results::open(&path, false).unwrap();
        let error = Results::open(&path, true).unwrap_err();
        assert!(error.message.contains("another"), "{error}");
        drop(first);
        assert!(Results::open(&path, true).is_ok());
    }
}
