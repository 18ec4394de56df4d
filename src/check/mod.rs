//! Checks: specification, expressions, engine, verdicts. Asks for facts by name, knows no service.

mod verdict;

// The interface that the engine works against; it lives below, where accounts implement it.
pub use crate::account::{
    CannotLook, FactError, FactKind, FactSpec, Facts, Known, Reading, Reason,
};
pub use verdict::*;
