//! Progress: the journal, and what is derived from it.
//!
//! The journal is the learner's own record, not a proof: verdicts always come from the account.

mod error;
mod journal;
mod order;
mod time;
mod transfer;

pub use error::JournalError;
pub use journal::{Entry, Journal, Learner, Log, Verified};
pub use time::{BREAK, module_of, time_spent, worked};
pub use transfer::{Event, Export, ImportError, Merged, export_schema};
