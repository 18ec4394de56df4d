//! Progress: the journal, and what is derived from it; rooms, which are told of it.
//!
//! The journal is the learner's own record, not a proof: verdicts always come from the account.

mod error;
mod journal;
mod order;
pub mod room;
mod spent;
mod standing;
mod transfer;

pub use error::JournalError;
pub use journal::{Entry, Failure, Journal, Learner, Log, Verified};
pub use spent::{PAUSE, part_of, spent, worked};
pub use standing::{HelpRequest, Standing, StepStanding};
pub use transfer::{Event, Export, ImportError, Merged, export_schema};
