//! Progress: the journal, and what is derived from it.
//!
//! The journal is the learner's own record, not a proof: verdicts always come from the account.

mod error;
mod journal;
mod spent;
mod standing;

pub use error::JournalError;
pub use journal::{Entry, Journal, Learner, Verified};
pub use spent::{PAUSE, spent};
pub use standing::{Standing, StepStanding};
