//! `stepproof --plain`: the interface as lines of text, for screen readers and pipes.
//!
//! Another view and another reader of input over the same [`Model`](super::Model) and
//! [`update`](super::update()): a line of input becomes a [`Msg`](super::Msg), and what the state
//! says afterwards that it didn't say before is appended to the output. Nothing is drawn over,
//! nothing is animated, no escape sequence is written.

mod changes;
mod command;
mod lists;
mod page;
mod run;
pub(super) mod session;

pub(super) use command::words;
pub use run::{Finished, Streams, run};
