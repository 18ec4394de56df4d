//! Exit codes, and errors that say what to do next.

use std::fmt;
use std::process::ExitCode;

use crate::account::{CannotLook, FactError};
use crate::progress::room::RoomError;

/// What a command came to, as an exit code (the contract of `verify`; other commands use the same).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[must_use]
pub enum Exit {
    /// 0: every required check passes, or the command did its work.
    Proven,
    /// 1: at least one check fails, or is blocked by one that fails.
    NotProven,
    /// 1: there is no next step, because everything is done.
    NothingLeft,
    /// 2: wrong usage, or an error in the course.
    Usage,
    /// 3: nothing failed, but something is waiting or could not be told.
    Unsure,
    /// 128 and the number of the signal that ended the program.
    Signal(u8),
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        match exit {
            Exit::Proven => Self::SUCCESS,
            Exit::NotProven | Exit::NothingLeft => Self::from(1),
            Exit::Usage => Self::from(2),
            Exit::Unsure => Self::from(3),
            Exit::Signal(number) => Self::from(128_u8.saturating_add(number)),
        }
    }
}

/// What a subcommand gives back.
pub type Outcome = Result<Exit, Error>;

/// A command that could not do its work: what, and what to do next.
#[derive(Debug, Clone)]
pub struct Error {
    /// What happened and where, in a sentence.
    pub message: String,
    /// What to do next; may be empty.
    pub remedy: String,
    /// The exit code.
    pub exit: Exit,
}

impl Error {
    /// Wrong usage or an error in the course: exit code 2.
    pub fn usage(message: impl Into<String>) -> Self {
        Self { message: message.into(), remedy: String::new(), exit: Exit::Usage }
    }

    /// Could not look or could not act: exit code 3.
    pub fn unsure(message: impl Into<String>) -> Self {
        Self { message: message.into(), remedy: String::new(), exit: Exit::Unsure }
    }

    /// The same with what to do next.
    #[must_use]
    pub fn with_remedy(mut self, remedy: impl Into<String>) -> Self {
        self.remedy = remedy.into();
        self
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)?;
        if self.remedy.is_empty() { Ok(()) } else { write!(f, "\n{}", self.remedy) }
    }
}

impl std::error::Error for Error {}

impl From<CannotLook> for Error {
    fn from(cannot: CannotLook) -> Self {
        Self::unsure(cannot.message).with_remedy(cannot.remedy)
    }
}

impl From<RoomError> for Error {
    fn from(error: RoomError) -> Self {
        Self::unsure(error.to_string()).with_remedy(error.advice())
    }
}

impl From<FactError> for Error {
    fn from(error: FactError) -> Self {
        match error {
            FactError::Missing { .. } => {
                Self { message: error.to_string(), remedy: String::new(), exit: Exit::NotProven }
            }
            FactError::CannotLook(cannot) => cannot.into(),
        }
    }
}
