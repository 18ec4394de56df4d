//! What `verify`, `status` and `next` print, for people and for programs: the same
//! [`Report`](crate::check::Report) or [`Status`] in each form; and the journal to take home
//! ([`journal`]). What a sweep over many accounts came to is in [`grade`], what a room came to in
//! [`room`]; a [`Sheet`] writes the one, or one report, in the formats that graders' tools read.

#[macro_use]
mod page_words;

mod csv;
mod escape;
mod github;
pub mod grade;
mod gradescope;
mod human;
pub mod journal;
mod junit;
mod plan;
pub mod room;
mod sheet;
pub mod signature;
pub mod status;
mod svg;
mod tap;
mod weights;
mod words;

pub use csv::{csv, gradebook};
pub use github::github;
pub use gradescope::gradescope;
pub use human::{Look, human};
pub use junit::junit;
pub use plan::{End, done_by, lock_line, plan_lines};
pub use sheet::{Learner, Points, Sheet};
pub use status::Status;
pub use tap::tap;
pub use weights::{WeightFile, Weights};

use schemars::JsonSchema;
use serde::Serialize;

use crate::check::Report;

/// A report with its points: one account's result as JSON.
#[derive(Debug, Clone, Serialize, JsonSchema)]
#[schemars(rename = "Report")]
pub struct Scored<'a> {
    /// The report.
    #[serde(flatten)]
    pub report: &'a Report,
    /// What a file of weights makes of it; absent without one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub points: Option<Points>,
}

/// A report or a status as JSON, indented.
///
/// # Errors
/// It can't be written as JSON: a defect.
pub fn json(report: &impl serde::Serialize) -> serde_json::Result<String> {
    serde_json::to_string_pretty(report)
}

/// The JSON schema of [`json`].
pub fn schema() -> schemars::Schema {
    schemars::schema_for!(Scored<'_>)
}
