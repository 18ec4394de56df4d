//! The journal to take home: what was done, before and after, what was skipped, what production
//! would need. One page ([`JournalPage`]) from the course and the learner's own record; one writer
//! for Markdown, one for HTML.

mod build;
mod chart;
mod events;
mod html;
mod look;
mod markdown;
mod model;
mod production;
mod prose;
mod steps;
#[cfg(test)]
mod tests;
mod words;

pub use events::{Happened, Moment};
pub use html::html;
pub use markdown::markdown;
pub use model::{DomainLine, JournalPage, Look, Note, PartLine, PartPage, QuestionPart};
pub use steps::{StepPart, StepState};
