//! What can be wrong with the journal's file, and what to do about it.

use std::path::{Path, PathBuf};

use rusqlite::ErrorCode;

/// The journal can't be read or written. What the account says is not affected.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum JournalError {
    /// Another program holds it, for longer than was waited.
    #[error("the journal {} is locked by another program", path.display())]
    Locked {
        /// The file.
        path: PathBuf,
    },
    /// It isn't a journal, or is damaged. It is left as it is.
    #[error("the journal {} is damaged or is no journal", path.display())]
    Corrupt {
        /// The file.
        path: PathBuf,
    },
    /// A newer version of stepproof wrote it.
    #[error("the journal {} was written by a newer stepproof (format {found})", path.display())]
    Newer {
        /// The file.
        path: PathBuf,
        /// The file's format.
        found: i64,
    },
    /// The file can't be opened or written.
    #[error("the journal {} can't be written: {message}", path.display())]
    Unwritable {
        /// The file.
        path: PathBuf,
        /// What the system says.
        message: String,
    },
}

impl JournalError {
    /// What to do next. Nothing that the journal holds is ever thrown away by stepproof.
    pub fn advice(&self) -> String {
        match self {
            Self::Locked { .. } => "Close the other program and try again.".to_owned(),
            Self::Corrupt { path } => format!(
                "Move the file away (mv {0} {0}.old) and a new journal is begun.",
                path.display()
            ),
            Self::Newer { .. } => "Update stepproof, or set another STEPPROOF_HOME.".to_owned(),
            Self::Unwritable { .. } => "Check the disk, or set another STEPPROOF_HOME.".to_owned(),
        }
    }

    /// The same where something else was to be recorded.
    pub fn remedy(&self) -> String {
        format!("This run is not recorded. {}", self.advice())
    }

    pub(super) fn of(path: &Path, error: &rusqlite::Error) -> Self {
        let path = path.to_owned();
        match error.sqlite_error_code() {
            Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => Self::Locked { path },
            // The last two: a table of another shape, or none, as in somebody else's database.
            Some(ErrorCode::NotADatabase | ErrorCode::DatabaseCorrupt | ErrorCode::Unknown)
            | None => Self::Corrupt { path },
            Some(_) => Self::Unwritable { path, message: error.to_string() },
        }
    }
}
