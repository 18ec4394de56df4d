//! An AWS account as named facts: session, clients, HTTP probes. Knows no check.

mod fact;

pub use fact::*;
