//! What can be wrong with a room, and what to do about it.

use std::path::{Path, PathBuf};

use rusqlite::ErrorCode;

use super::dynamo::TableError;

/// A room can't be read or written. Verdicts and the journal are not affected.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum RoomError {
    /// There is none.
    #[error("there is no room at {}", path.display())]
    Missing {
        /// Where it was looked for.
        path: PathBuf,
    },
    /// There is one already.
    #[error("there is a file at {} already", path.display())]
    Taken {
        /// The file.
        path: PathBuf,
    },
    /// The file is something else, or damaged. It is left as it is.
    #[error("{} is no room, or is damaged", path.display())]
    Foreign {
        /// The file.
        path: PathBuf,
    },
    /// A newer version of stepproof made the room.
    #[error("the room {} was made by a newer stepproof (format {found})", path.display())]
    Newer {
        /// The file.
        path: PathBuf,
        /// The file's format.
        found: i64,
    },
    /// A newer version of stepproof has told the room about this account.
    #[error("a newer stepproof has told the room about this account (format {format})")]
    NewerItem {
        /// The item's format.
        format: u64,
    },
    /// The room takes no more.
    #[error("the room is closed")]
    Closed,
    /// Others write all the time.
    #[error("the room is busy")]
    Busy,
    /// Its table can't be used.
    #[error(transparent)]
    Table(#[from] TableError),
    /// The system refuses.
    #[error("the room {} can't be used: {message}", path.display())]
    Unusable {
        /// The file.
        path: PathBuf,
        /// What the system says.
        message: String,
    },
}

impl RoomError {
    /// What to do next.
    pub fn advice(&self) -> &'static str {
        match self {
            Self::Missing { .. } => "Ask the instructor for the room's code or file.",
            Self::Taken { .. } => "Choose another file. Nothing is overwritten.",
            Self::Foreign { .. } => "Ask the instructor which file the room is.",
            Self::Newer { .. } | Self::NewerItem { .. } => "Update stepproof on this machine.",
            Self::Closed => "The event is over. Your journal keeps everything.",
            Self::Busy => "Try again in a moment.",
            Self::Table(error) => error.advice(),
            Self::Unusable { .. } => "Check that you can write the file and its directory.",
        }
    }

    pub(super) fn of(path: &Path, error: &rusqlite::Error) -> Self {
        let path = path.to_owned();
        match error.sqlite_error_code() {
            Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => Self::Busy,
            // The last two: a table of another shape, or none, as in somebody else's database.
            Some(ErrorCode::NotADatabase | ErrorCode::DatabaseCorrupt | ErrorCode::Unknown)
            | None => Self::Foreign { path },
            Some(ErrorCode::CannotOpen) if !path.exists() => Self::Missing { path },
            Some(_) => Self::Unusable { path, message: error.to_string() },
        }
    }
}
