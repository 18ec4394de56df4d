//! A room at a time, as programs read it.

use jiff::Timestamp;
use schemars::JsonSchema;
use serde::Serialize;

use crate::check::{AccountKind, CourseId, State};

/// A room at a time. What it says of attendees are their claims, but for what a sweep has read.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub struct Snapshot {
    /// Version of this shape: 1.
    pub schema: u32,
    /// `stepproof 0.1.0`.
    pub tool: String,
    /// The course.
    pub course: CourseId,
    /// The course's title.
    pub title: String,
    /// The time that it tells of, RFC 3339, UTC.
    #[schemars(with = "String")]
    pub at: Timestamp,
    /// How many attendees are where, as the room says.
    pub totals: Totals,
    /// Required steps of the whole course.
    pub steps: usize,
    /// The modules in order.
    pub modules: Vec<ModuleLine>,
    /// The checks that fail now, the most frequent first.
    pub failing: Vec<FailingLine>,
    /// Progress over time, oldest first.
    pub series: Vec<Point>,
    /// One each.
    pub attendees: Vec<AttendeeLine>,
}

/// How many attendees are where, as the room says.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Totals {
    /// In the room.
    pub here: usize,
    /// In the room, with something that can't be read, or of another course.
    pub unreadable: usize,
    /// Left.
    pub left: usize,
    /// On the roster and not in the room.
    pub expected: usize,
    /// Have begun.
    pub begun: usize,
    /// Stuck.
    pub stuck: usize,
    /// Wait for help.
    pub help: usize,
    /// Required steps that are done, of all in the room together.
    pub steps_done: usize,
    /// Modules that are done, of all in the room together.
    pub modules_done: usize,
    /// Of whom the room and the sweep say different things.
    pub disagree: usize,
    /// Accounts that a sweep has read.
    pub swept: usize,
}

/// Where attendees stand in a module.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct ModuleLine {
    /// Number.
    pub module: u8,
    /// Slug.
    pub slug: String,
    /// Title.
    pub title: String,
    /// Minutes that are planned.
    pub minutes: u32,
    /// Required steps.
    pub steps: usize,
    /// Attendees who haven't begun it.
    pub not_begun: usize,
    /// Attendees who have, and aren't done.
    pub working: usize,
    /// Attendees who are done.
    pub done: usize,
    /// Attendees for whom it fails, and passed before.
    pub regressed: usize,
}

/// A check that fails now.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct FailingLine {
    /// Its name.
    pub check: String,
    /// Its step.
    pub step: String,
    /// Its step's title.
    pub title: String,
    /// For how many attendees.
    pub attendees: usize,
    /// What is wrong most often.
    pub offender: Option<String>,
    /// For how many that is wrong.
    pub times: usize,
    /// What it says most often.
    pub message: Option<String>,
}

/// The room at a time before.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Point {
    /// When, RFC 3339, UTC.
    #[schemars(with = "String")]
    pub at: Timestamp,
    /// Attendees in the room.
    pub here: usize,
    /// Modules that were done.
    pub modules_done: usize,
    /// Required steps that were done; null before the dashboard was opened.
    pub steps_done: Option<usize>,
    /// Attendees who were stuck; null before the dashboard was opened.
    pub stuck: Option<usize>,
}

/// An attendee.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub struct AttendeeLine {
    /// The name: their own, the roster's, or the account.
    pub name: String,
    /// The account's 12 digits.
    pub account: String,
    /// The roster's name.
    pub roster: Option<String>,
    /// `here`, `expected`, `left`, `unreadable`, `other_course`.
    pub presence: String,
    /// `practice` or `aws`.
    pub kind: Option<AccountKind>,
    /// The step whose instructions they opened last.
    pub step: Option<String>,
    /// Since when, RFC 3339, UTC.
    #[schemars(with = "Option<String>")]
    pub since: Option<Timestamp>,
    /// When the room last heard of them, RFC 3339, UTC.
    #[schemars(with = "Option<String>")]
    pub news: Option<Timestamp>,
    /// Why they are stuck, the most severe first.
    pub stuck: Vec<StuckLine>,
    /// Their last request for help.
    pub help: Option<HelpLine>,
    /// Required steps that are done, as they say.
    pub steps_done: usize,
    /// Modules that are done, as they say.
    pub modules_done: usize,
    /// Minutes worked, without pauses.
    pub minutes: u32,
    /// Hints that are open.
    pub hints: usize,
    /// The modules in order.
    pub modules: Vec<CellLine>,
    /// When a sweep read the account, RFC 3339, UTC.
    #[schemars(with = "Option<String>")]
    pub swept: Option<Timestamp>,
    /// Why the last sweep could not.
    pub trouble: Option<String>,
    /// Where the room and the sweep say different things.
    pub disagreements: Vec<Differing>,
}

/// Why somebody is stuck.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct StuckLine {
    /// `help`, `same_offender`, `failing`, `long`, `silent`.
    pub reason: String,
    /// The same in a line, with its numbers.
    pub text: String,
}

/// A request for help.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct HelpLine {
    /// The step.
    pub step: String,
    /// When it was asked for, RFC 3339, UTC.
    #[schemars(with = "String")]
    pub asked: Timestamp,
    /// When it was over, RFC 3339, UTC.
    #[schemars(with = "Option<String>")]
    pub over: Option<Timestamp>,
    /// What they agreed to show.
    pub evidence: Vec<String>,
}

/// An attendee's module.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, JsonSchema)]
pub struct CellLine {
    /// Number.
    pub module: u8,
    /// Where it stands, as they say.
    pub state: State,
    /// Whether anything was done in it.
    pub begun: bool,
    /// Required steps that are done, as they say.
    pub done: usize,
    /// Required steps.
    pub required: usize,
    /// Minutes worked on it.
    pub minutes: u32,
    /// Required steps that a sweep found proven; null where it read none of them.
    pub proven: Option<usize>,
}

/// A step of which the room and a sweep say different things.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Differing {
    /// The step.
    pub step: String,
    /// `not_proven`: claimed, and the account disproves it; `newer`: the same, but claimed after the
    /// account was read; `not_claimed`: proven, and not claimed.
    pub differs: String,
    /// When it was claimed, RFC 3339, UTC.
    #[schemars(with = "Option<String>")]
    pub claimed: Option<Timestamp>,
    /// When the account was read, RFC 3339, UTC.
    #[schemars(with = "String")]
    pub read: Timestamp,
}
