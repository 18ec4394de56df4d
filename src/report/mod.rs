//! What `verify`, `status` and `next` print, for people and for programs: the same
//! [`Report`](crate::check::Report) or [`Status`] in each form; and the journal to take home
//! ([`journal`]). What a sweep over many accounts came to is in [`grade`], what a room came to in
//! [`room`].

#[macro_use]
mod page_words;

mod escape;
pub mod grade;
mod human;
pub mod journal;
mod plan;
pub mod room;
pub mod status;
mod svg;
mod words;

pub use human::{Look, human};
pub use plan::{End, done_by, lock_line, plan_lines};
pub use status::Status;

use crate::check::Report;

/// A report or a status as JSON, indented.
///
/// # Errors
/// It can't be written as JSON: a defect.
pub fn json(report: &impl serde::Serialize) -> serde_json::Result<String> {
    serde_json::to_string_pretty(report)
}

/// The JSON schema of [`json`].
pub fn schema() -> schemars::Schema {
    schemars::schema_for!(Report)
}
