//! The journal on another machine: exported as JSON, and merged into another journal.

use std::collections::BTreeSet;
use std::sync::{LazyLock, PoisonError};

use jiff::Timestamp;
use rusqlite::{Connection, TransactionBehavior};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::error::JournalError;
use super::journal::{Entry, Journal, Learner, append, rows};
use super::order::in_order;
use crate::check::AccountKind;

/// The version of an export's shape.
const SCHEMA: u64 = 1;
/// What is longer than this was not written by stepproof.
const LONGEST: usize = 256 * 1024;

/// A learner's journal as JSON: `stepproof journal --export`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Export {
    /// Version of this shape: 1.
    pub schema: u64,
    /// `stepproof 0.1.0`.
    pub tool: String,
    /// The course's id.
    pub course: String,
    /// `practice` or `aws`.
    pub kind: AccountKind,
    /// The account's 12 digits.
    pub account: String,
    /// All that was recorded, oldest first.
    pub events: Vec<Event>,
}

/// An event and its time.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Event {
    /// When it happened, RFC 3339, UTC.
    #[schemars(with = "String", extend("format" = "date-time"))]
    pub at: Timestamp,
    /// What happened. A kind of event that this version doesn't know is kept as it is.
    #[schemars(with = "Entry")]
    pub what: Value,
}

/// What an import did.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Merged {
    /// Events that are new here.
    pub added: usize,
    /// Events that were here already.
    pub known: usize,
}

/// A file that can't be imported. Nothing of it is.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ImportError {
    /// It is something else, or damaged.
    #[error("this is no export of a journal, or it is damaged: {why}")]
    Foreign {
        /// What is wrong with it, and where.
        why: String,
    },
    /// A newer version of stepproof wrote it.
    #[error("this export was written by a newer stepproof (format {found})")]
    Newer {
        /// Its format.
        found: u64,
    },
    /// It tells of another course.
    #[error("this is a journal of the course `{found}`, not of `{course}`")]
    OtherCourse {
        /// The file's course.
        found: String,
        /// The course that is meant.
        course: String,
    },
}

impl ImportError {
    /// What to do next.
    pub fn remedy(&self) -> &'static str {
        match self {
            Self::Foreign { .. } => {
                "Nothing was imported. Make the file with `stepproof journal --export F`, and copy it whole."
            }
            Self::Newer { .. } => "Nothing was imported. Update stepproof on this machine.",
            Self::OtherCourse { .. } => {
                "Nothing was imported. Name that course's directory with --course."
            }
        }
    }
}

/// The JSON schema of an export.
pub fn export_schema() -> schemars::Schema {
    schemars::schema_for!(Export)
}

impl Export {
    /// Reads an export of a course's journal.
    ///
    /// # Errors
    /// It is something else, damaged, newer, or of another course. Nothing is read in part.
    pub fn parse(text: &str, course: &str) -> Result<Self, ImportError> {
        #[derive(Deserialize)]
        struct Format {
            schema: u64,
        }
        let json = |error: serde_json::Error| ImportError::Foreign { why: error.to_string() };
        let Format { schema } = serde_json::from_str(text).map_err(json)?;
        if schema > SCHEMA {
            return Err(ImportError::Newer { found: schema });
        }
        let export: Self = serde_json::from_str(text).map_err(json)?;
        if export.course != course {
            let (found, course) = (export.course, course.to_owned());
            return Err(ImportError::OtherCourse { found, course });
        }
        let digits = export.account.bytes().all(|byte| byte.is_ascii_digit());
        if export.schema != SCHEMA || export.account.len() != 12 || !digits {
            return Err(ImportError::Foreign { why: "it names no account".to_owned() });
        }
        for (number, event) in export.events.iter().enumerate() {
            event.check().map_err(|why| ImportError::Foreign {
                why: format!("event {}: {why}", number + 1),
            })?;
        }
        Ok(export)
    }

    /// Whose journal it is.
    pub fn learner(&self) -> Learner {
        let (course, account) = (self.course.clone(), self.account.clone());
        Learner { course, kind: self.kind, account }
    }
}

impl Event {
    /// Whether it may stand in a journal: an event of this version, or a newer one's.
    fn check(&self) -> Result<(), String> {
        let kind = self.what["event"].as_str().ok_or("it doesn't say what happened")?;
        if self.written().len() > LONGEST {
            return Err("it is too long".to_owned());
        }
        match Entry::deserialize(&self.what) {
            Ok(Entry::Imported { .. }) => Err("only a journal itself notes imports".to_owned()),
            Err(error) if KINDS.contains(kind) => Err(error.to_string()),
            Ok(_) | Err(_) => Ok(()),
        }
    }

    /// As the journal writes it, whatever the order of its fields here.
    fn written(&self) -> String {
        let known = Entry::deserialize(&self.what).ok();
        known.and_then(|entry| serde_json::to_string(&entry).ok()).unwrap_or_else(|| {
            // A newer version's event.
            self.what.to_string()
        })
    }
}

/// The kinds of events that this version knows.
static KINDS: LazyLock<BTreeSet<String>> = LazyLock::new(|| {
    let schema = schemars::schema_for!(Entry).to_value();
    let kinds = schema["oneOf"].as_array().into_iter().flatten();
    let name = |kind: &Value| Some(kind["properties"]["event"]["const"].as_str()?.to_owned());
    kinds.filter_map(name).collect()
});

impl Journal {
    /// All that was recorded for a learner, to take elsewhere. Events with a time that can't be
    /// read, which stepproof doesn't write, are left out.
    ///
    /// # Errors
    /// The file is locked or damaged.
    pub fn export(&self, learner: &Learner) -> Result<Export, JournalError> {
        let connection = self.connection.lock().unwrap_or_else(PoisonError::into_inner);
        let events = events(&connection, learner).map_err(|e| JournalError::of(&self.path, &e))?;
        Ok(Export {
            schema: SCHEMA,
            tool: concat!("stepproof ", env!("CARGO_PKG_VERSION")).to_owned(),
            course: learner.course.clone(),
            kind: learner.kind,
            account: learner.account.clone(),
            events,
        })
    }

    /// Adds what an export holds and this journal doesn't, all or nothing. Times stay as they are.
    ///
    /// # Errors
    /// The file is locked or can't be written.
    pub fn import(&self, export: &Export) -> Result<Merged, JournalError> {
        let learner = export.learner();
        let failed = |error: rusqlite::Error| JournalError::of(&self.path, &error);
        let mut connection = self.connection.lock().unwrap_or_else(PoisonError::into_inner);
        let transaction =
            connection.transaction_with_behavior(TransactionBehavior::Immediate).map_err(failed)?;
        let here = events(&transaction, &learner).map_err(failed)?;
        let mut seen: BTreeSet<(Timestamp, String)> =
            here.iter().map(|event| (event.at, event.written())).collect();
        let written = export.events.iter().map(|event| (event.at, event.written()));
        let new: Vec<_> = written.filter(|event| seen.insert(event.clone())).collect();
        if !new.is_empty() {
            let note = Entry::Imported { events: new.len(), tool: export.tool.clone() };
            let note = serde_json::to_string(&note).unwrap_or_default();
            append(&transaction, &learner, Timestamp::now(), &note).map_err(failed)?;
            for (at, what) in &new {
                append(&transaction, &learner, *at, what).map_err(failed)?;
            }
        }
        transaction.commit().map_err(failed)?;
        Ok(Merged { added: new.len(), known: export.events.len() - new.len() })
    }
}

/// A learner's events in the order in which they happened, without the notes of imports.
fn events(connection: &Connection, learner: &Learner) -> rusqlite::Result<Vec<Event>> {
    let rows = in_order(rows(connection, learner)?);
    let own = rows.into_iter().filter(|row| !matches!(row.entry, Some(Entry::Imported { .. })));
    let event = |row: super::order::Row| {
        Some(Event { at: row.at?, what: serde_json::from_str(&row.what).ok()? })
    };
    Ok(own.filter_map(event).collect())
}

#[cfg(test)]
mod tests;
