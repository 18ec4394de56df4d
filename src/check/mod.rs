//! Checks: specification, expressions, engine, verdicts. Asks for facts by name, knows no service.

mod fact;
mod verdict;

pub use fact::*;
pub use verdict::*;
