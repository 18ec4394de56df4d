//! Checks: specification, engine, verdicts. Asks for facts by name, knows no service.
//!
//! [`verify`] is the only way to a verdict: it reads the facts that the asked-for steps need
//! ([`read`]: each at most once, independent ones at the same time), judges each check as soon as
//! it can be judged, and returns a [`Report`]. It holds no state of its own, so that any number of
//! accounts can be verified side by side.

mod basis;
mod engine;
mod judge;
mod read;
mod request;
#[cfg(test)]
mod tests;
mod verdict;
mod words;

// The interface that the engine works against; it lives below, where accounts implement it.
pub use crate::account::{
    CannotLook, FactError, FactKind, FactSpec, Facts, Known, Probed, Reading, Reason,
};
pub use basis::{Basis, FactRead, Must, ReadBy, Rule, Settling, SharedRead};
pub use engine::verify;
pub use read::{Outcome, read};
pub use request::{
    Asked, Clock, Event, History, LONGEST_FACT, LONGEST_RUN, UnknownSelection, VerifyRequest,
    system_clock,
};
pub use verdict::*;
pub use words::cannot_look;
