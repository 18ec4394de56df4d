//! What `verify` prints: the same [`Report`](crate::check::Report) for people and for programs; and
//! the journal to take home ([`journal`]).

mod human;
pub mod journal;
mod words;

pub use human::{Look, human};

use crate::check::Report;

/// The report as the contract's JSON, indented.
///
/// # Errors
/// The report can't be written as JSON: a defect.
pub fn json(report: &Report) -> serde_json::Result<String> {
    serde_json::to_string_pretty(report)
}

/// The JSON schema of [`json`].
pub fn schema() -> schemars::Schema {
    schemars::schema_for!(Report)
}
