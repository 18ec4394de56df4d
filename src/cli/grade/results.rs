//! The file of `--results`: a line of JSON for each account, added as soon as it is there, so that a
//! sweep that is killed loses nothing that it finished. At the end the file is written anew, in the
//! roster's order.

use std::fs::{File, OpenOptions, TryLockError};
use std::io::{Read as _, Write as _};
use std::path::{Path, PathBuf};

use super::super::{Error, whole};
use crate::report::grade::Record;

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
        let failed =
            |error: std::io::Error| Error::usage(format!("cannot write {shown}: {error}"));
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
        let mut text = String::new();
        file.read_to_string(&mut text).map_err(failed)?;
        if !text.is_empty() && !resume {
            return Err(Error::usage(format!("{shown} isn't empty")).with_remedy(
                "Give --resume to go on with the results in it, or name another file.",
            ));
        }
        // A line without an end was being written when the sweep was killed.
        let end = text.rfind('\n').map_or(0, |at| at + 1);
        let records = records(path, &text[..end])?;
        file.set_len(u64::try_from(end).unwrap_or(u64::MAX)).map_err(failed)?;
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

fn records(path: &Path, text: &str) -> Result<Vec<Record>, Error> {
    let record = |(at, line): (usize, &str)| {
        serde_json::from_str(line).map_err(|error| {
            Error::usage(format!("{}:{}: this line is no result: {error}", path.display(), at + 1))
                .with_remedy("Name the file that an earlier sweep wrote, or a new one.")
        })
    };
    text.lines().enumerate().filter(|(_, line)| !line.trim().is_empty()).map(record).collect()
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
        std::fs::write(&path, format!("{kept}{{\"name\":\"to")).unwrap();

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
        std::fs::write(&path, "My notes\n").unwrap();
        let error = Results::open(&path, false).unwrap_err();
        assert!(error.remedy.contains("--resume"), "{error}");
        let error = Results::open(&path, true).unwrap_err();
        assert!(error.message.contains("notes.txt:1: this line is no result"), "{error}");
        assert_eq!(std::fs::read_to_string(&path).unwrap(), "My notes\n");
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
