//! The journal: an append-only SQLite database that several runs write at the same time.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use jiff::Timestamp;
use rusqlite::{Connection, OpenFlags, TransactionBehavior, params};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::error::JournalError;
use super::order::{self, Row};
use crate::check::{AccountKind, CheckResult, History, Report, State, Verdict};

/// The format of the file.
const FORMAT: i64 = 1;
/// `stpj`: tells a journal from any other SQLite database.
const APPLICATION: i64 = 0x7374_706a;
/// How long another run's write is waited for.
const PATIENCE: Duration = Duration::from_secs(5);
const SCHEMA: &str = "
    CREATE TABLE event (
        id INTEGER PRIMARY KEY,
        at TEXT NOT NULL,
        course TEXT NOT NULL,
        kind TEXT NOT NULL,
        account TEXT NOT NULL,
        what TEXT NOT NULL
    ) STRICT;
    CREATE INDEX event_learner ON event (course, kind, account, id);
    CREATE TRIGGER event_stays BEFORE DELETE ON event
        BEGIN SELECT RAISE(ABORT, 'the journal is append-only'); END;
    CREATE TRIGGER event_keeps BEFORE UPDATE ON event
        BEGIN SELECT RAISE(ABORT, 'the journal is append-only'); END;
";

/// Whose progress: one course in one account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Learner {
    /// The course's id.
    pub course: String,
    /// Practice and AWS accounts are kept apart.
    pub kind: AccountKind,
    /// The account's 12 digits.
    pub account: String,
}

/// Something that happened.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "event", rename_all = "snake_case")]
pub enum Entry {
    /// A step's instructions were opened.
    Opened {
        /// The step.
        step: String,
    },
    /// Steps were verified.
    Verified(Verified),
    /// A step was proven.
    Proven {
        /// The step.
        step: String,
    },
    /// A hint was unlocked.
    Hint {
        /// The check that it helps with.
        check: String,
        /// How many of its hints are open now.
        open: usize,
    },
    /// A step was skipped on purpose.
    Skipped {
        /// The step.
        step: String,
    },
    /// A skipped step was taken up again.
    Resumed {
        /// The step.
        step: String,
    },
    /// The learner asked for help.
    HelpAsked {
        /// The step.
        step: String,
        /// What fails, as far as the learner agreed to show it to the instructor.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        evidence: Vec<String>,
    },
    /// The learner no longer needs the help that was asked for.
    HelpOver {
        /// The step.
        step: String,
    },
    /// Commands of a page were run from it.
    Ran {
        /// The step that they stand in; empty outside of the steps.
        step: String,
        /// The first line of the commands.
        command: String,
        /// The exit code; none where a signal ended them.
        code: Option<i32>,
        /// Whether the learner ended them.
        #[serde(default, skip_serializing_if = "std::ops::Not::not")]
        stopped: bool,
        /// How long they ran.
        millis: u64,
    },
    /// A file of the learner's app was changed from a page.
    Changed {
        /// The step that the change stands in; empty outside of the steps.
        step: String,
        /// Path in the app directory.
        file: String,
        /// Whether an earlier change was taken back.
        #[serde(default, skip_serializing_if = "std::ops::Not::not")]
        undone: bool,
    },
    /// A question's answer was revealed.
    Revealed {
        /// The module's number.
        module: u8,
        /// The question's id.
        question: String,
    },
    /// The next events come from another journal.
    Imported {
        /// How many.
        events: usize,
        /// Who exported them: `stepproof 0.1.0`.
        tool: String,
    },
}

/// One verification, as far as it is worth keeping.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Verified {
    /// ARN of who looked.
    pub caller: String,
    /// SHA-256 of the course that was verified against.
    pub course_sha256: String,
    /// Verdicts by check.
    pub verdicts: BTreeMap<String, Verdict>,
    /// What the checks that failed said, by check.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub failures: BTreeMap<String, Failure>,
}

/// What a check that failed said.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Failure {
    /// Its message, in the language that the verification was made in.
    pub message: String,
    /// What is wrong, one line each: the first few.
    pub offenders: Vec<String>,
}

impl Failure {
    /// More offenders than anyone looks back at.
    const MOST: usize = 5;

    fn of(check: &CheckResult) -> Option<Self> {
        let offenders = || check.offenders.iter().take(Self::MOST).cloned().collect();
        (check.verdict == Verdict::Fail)
            .then(|| Self { message: check.message.clone(), offenders: offenders() })
    }
}

/// What the journal holds of a learner.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Log {
    /// What happened, oldest first.
    pub entries: Vec<(Timestamp, Entry)>,
    /// Events that this version can't read: a newer one wrote them.
    pub unread: usize,
}

/// An open journal.
#[derive(Debug)]
pub struct Journal {
    pub(super) connection: Mutex<Connection>,
    pub(super) path: PathBuf,
}

impl Journal {
    /// Opens the journal, or begins one.
    ///
    /// # Errors
    /// The file is locked, damaged, newer, or can't be written. It is left as it is.
    pub fn open(path: &Path) -> Result<Self, JournalError> {
        let failed = |error: rusqlite::Error| JournalError::of(path, &error);
        let connection = Connection::open_with_flags(
            path,
            OpenFlags::SQLITE_OPEN_READ_WRITE
                | OpenFlags::SQLITE_OPEN_CREATE
                | OpenFlags::SQLITE_OPEN_NO_MUTEX,
        )
        .map_err(failed)?;
        connection.busy_timeout(PATIENCE).map_err(failed)?;
        let mut journal = Self { connection: Mutex::new(connection), path: path.to_owned() };
        journal.prepare()?;
        Ok(journal)
    }

    /// Checks the format, and lays the tables in a new file. Two runs may do so at once.
    fn prepare(&mut self) -> Result<(), JournalError> {
        let path = &self.path;
        let failed = |error: rusqlite::Error| JournalError::of(path, &error);
        let connection = self.connection.get_mut().unwrap_or_else(PoisonError::into_inner);
        // First look: somebody else's database must not be changed in any way.
        check_format(path, connection)?;
        // What is acknowledged is on disk, also when the computer goes off.
        connection.pragma_update(None, "journal_mode", "WAL").map_err(failed)?;
        connection.pragma_update(None, "synchronous", "FULL").map_err(failed)?;
        let transaction =
            connection.transaction_with_behavior(TransactionBehavior::Immediate).map_err(failed)?;
        if check_format(path, &transaction)? == Format::Empty {
            transaction.execute_batch(SCHEMA).map_err(failed)?;
            transaction.pragma_update(None, "application_id", APPLICATION).map_err(failed)?;
            transaction.pragma_update(None, "user_version", FORMAT).map_err(failed)?;
        }
        transaction.commit().map_err(failed)
    }

    /// Appends entries, all or none. When it returns they are on disk.
    ///
    /// # Errors
    /// The file is locked or can't be written.
    pub fn record(&self, learner: &Learner, entries: &[Entry]) -> Result<(), JournalError> {
        let failed = |error: rusqlite::Error| JournalError::of(&self.path, &error);
        let mut connection = self.connection.lock().unwrap_or_else(PoisonError::into_inner);
        let transaction =
            connection.transaction_with_behavior(TransactionBehavior::Immediate).map_err(failed)?;
        let at = Timestamp::now();
        for entry in entries {
            let what = serde_json::to_string(entry).map_err(|error| JournalError::Unwritable {
                path: self.path.clone(),
                message: error.to_string(),
            })?;
            append(&transaction, learner, at, &what).map_err(failed)?;
        }
        transaction.commit().map_err(failed)
    }

    /// Appends a verification and the steps that it proved.
    ///
    /// # Errors
    /// As [`Journal::record`].
    pub fn record_report(&self, learner: &Learner, report: &Report) -> Result<(), JournalError> {
        let checks = || report.steps().flat_map(|step| &step.checks);
        let verdicts = checks().map(|check| (check.check.clone(), check.verdict)).collect();
        let failures =
            checks().filter_map(|check| Some((check.check.clone(), Failure::of(check)?))).collect();
        let mut entries = vec![Entry::Verified(Verified {
            caller: report.caller.clone(),
            course_sha256: report.course.sha256.clone(),
            verdicts,
            failures,
        })];
        let proven = report.steps().filter(|step| step.state == State::Done);
        entries.extend(proven.map(|step| Entry::Proven { step: step.step.clone() }));
        self.record(learner, &entries)
    }

    /// All that was recorded for a learner, oldest first. Events of a kind that this version
    /// doesn't know are left out.
    ///
    /// # Errors
    /// The file is locked or damaged.
    pub fn entries(&self, learner: &Learner) -> Result<Vec<(Timestamp, Entry)>, JournalError> {
        Ok(self.log(learner)?.entries)
    }

    /// All that was recorded for a learner, and how much of it this version can't read.
    ///
    /// # Errors
    /// The file is locked or damaged.
    pub fn log(&self, learner: &Learner) -> Result<Log, JournalError> {
        let connection = self.connection.lock().unwrap_or_else(PoisonError::into_inner);
        let rows = rows(&connection, learner).map_err(|e| JournalError::of(&self.path, &e))?;
        let all = rows.len();
        let read = |row: Row| Some((row.at?, row.entry?));
        let entries: Vec<_> = order::in_order(rows).into_iter().filter_map(read).collect();
        Ok(Log { unread: all - entries.len(), entries })
    }

    /// Whose progress is recorded for a course; who worked last comes first.
    ///
    /// # Errors
    /// The file is locked or damaged.
    pub fn learners(&self, course: &str) -> Result<Vec<Learner>, JournalError> {
        let failed = |error: rusqlite::Error| JournalError::of(&self.path, &error);
        let connection = self.connection.lock().unwrap_or_else(PoisonError::into_inner);
        let mut statement = connection
            .prepare_cached(
                "SELECT kind, account FROM event WHERE course = ? GROUP BY kind, account ORDER BY max(id) DESC",
            )
            .map_err(failed)?;
        let rows = statement
            .query_map([course], |row| Ok((row.get::<_, String>(0)?, row.get::<_, String>(1)?)))
            .map_err(failed)?;
        let mut learners = Vec::new();
        for row in rows {
            let (name, account) = row.map_err(failed)?;
            let known = [AccountKind::Practice, AccountKind::Aws].into_iter();
            if let Some(kind) = known.into_iter().find(|one| kind(*one) == name) {
                learners.push(Learner { course: course.to_owned(), kind, account });
            }
        }
        Ok(learners)
    }

    /// What verdicts need of the past: first proofs, skipped steps, unlocked hints.
    ///
    /// # Errors
    /// As [`Journal::entries`].
    pub fn history(&self, learner: &Learner) -> Result<History, JournalError> {
        Ok(history(self.entries(learner)?))
    }
}

/// What a file holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Format {
    /// Nothing yet.
    Empty,
    /// A journal of this version.
    Ours,
}

fn check_format(path: &Path, connection: &Connection) -> Result<Format, JournalError> {
    let failed = |error: rusqlite::Error| JournalError::of(path, &error);
    let number = |sql: &str| connection.query_row(sql, [], |row| row.get::<_, i64>(0));
    if number("SELECT count(*) FROM sqlite_schema").map_err(failed)? == 0 {
        return Ok(Format::Empty);
    }
    if number("PRAGMA application_id").map_err(failed)? != APPLICATION {
        return Err(JournalError::Corrupt { path: path.to_owned() });
    }
    match number("PRAGMA user_version").map_err(failed)? {
        FORMAT => Ok(Format::Ours),
        found => Err(JournalError::Newer { path: path.to_owned(), found }),
    }
}

/// A learner's rows, as they were written.
pub(super) fn rows(connection: &Connection, learner: &Learner) -> rusqlite::Result<Vec<Row>> {
    let mut statement = connection.prepare_cached(
        "SELECT at, what FROM event WHERE course = ? AND kind = ? AND account = ? ORDER BY id",
    )?;
    let rows = statement
        .query_map(params![learner.course, kind(learner.kind), learner.account], |row| {
            Ok(Row::new(&row.get::<_, String>(0)?, row.get(1)?))
        })?;
    rows.collect()
}

/// Appends an event.
pub(super) fn append(
    connection: &Connection,
    learner: &Learner,
    at: Timestamp,
    what: &str,
) -> rusqlite::Result<()> {
    let mut statement = connection.prepare_cached(
        "INSERT INTO event (at, course, kind, account, what) VALUES (?, ?, ?, ?, ?)",
    )?;
    let (course, kind) = (&learner.course, kind(learner.kind));
    statement.execute(params![at.to_string(), course, kind, learner.account, what])?;
    Ok(())
}

fn kind(kind: AccountKind) -> &'static str {
    match kind {
        AccountKind::Practice => "practice",
        AccountKind::Aws => "aws",
    }
}

pub(super) fn history(entries: Vec<(Timestamp, Entry)>) -> History {
    let mut first_proof = BTreeMap::new();
    let mut last_proof = BTreeMap::new();
    let mut skipped = BTreeSet::new();
    let mut hints: BTreeMap<String, usize> = BTreeMap::new();
    for (at, entry) in entries {
        match entry {
            Entry::Proven { step } => {
                skipped.remove(&step);
                last_proof.insert(step.clone(), at);
                first_proof.entry(step).or_insert(at);
            }
            Entry::Hint { check, open } => {
                let most = hints.entry(check).or_default();
                *most = open.max(*most);
            }
            Entry::Skipped { step } => drop(skipped.insert(step)),
            Entry::Resumed { step } => drop(skipped.remove(&step)),
            Entry::Opened { .. }
            | Entry::Verified(_)
            | Entry::HelpAsked { .. }
            | Entry::HelpOver { .. }
            | Entry::Ran { .. }
            | Entry::Changed { .. }
            | Entry::Revealed { .. }
            | Entry::Imported { .. } => {}
        }
    }
    History { first_proof, last_proof, skipped, hints }
}

#[cfg(test)]
mod tests;
