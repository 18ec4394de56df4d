//! What happens to the interface, and what it asks to be done.

use std::collections::BTreeMap;
use std::sync::Arc;

use crossterm::event::{KeyEvent, MouseEvent};
use jiff::Timestamp;

use crate::check::Report;
use crate::course::{Course, PartId, Values};
use crate::i18n::Lang;

use super::action::Action;
use super::ask::Ask;
use super::backend::{AccountInfo, Choice, Entry, Past, Progress, Scope, Trouble};
use super::clipboard::CopyRoute;
use super::room::{RoomEffect, RoomMsg};
use super::search::{Index, IndexRequest};
use super::time::Time;
use super::work::{WorkEffect, WorkMsg};

/// One event; everything that changes the model is one of these.
#[derive(Debug)]
pub enum Msg {
    /// A key was pressed.
    Key(KeyEvent),
    /// The mouse did something.
    Mouse(MouseEvent),
    /// A text was pasted.
    Paste(String),
    /// When the event ends.
    Ends(Option<Timestamp>),
    /// When the credentials expire, and whether their provider was asked for it once more.
    Expiry(Option<Timestamp>, bool),
    /// Minutes worked on each module and on the clean-up.
    Spent(BTreeMap<PartId, u32>),
    /// What all pages say.
    Index(Arc<Index>),
    /// An action, without its key.
    Act(Action),
    /// What a line of text asks for and a key can't.
    Ask(Ask),
    /// The terminal has this many columns and rows.
    Resize(u16, u16),
    /// The course is read.
    Course(Result<Arc<Course>, Trouble>),
    /// The account chosen by flag or earlier.
    Chosen(Option<Choice>),
    /// The machine's AWS profiles.
    Profiles(Vec<Option<String>>),
    /// The account is open, or not.
    Account(Result<AccountInfo, Trouble>),
    /// The account's values.
    Values(Values),
    /// The journal was read.
    Past(Past),
    /// The journal could not be read or written.
    Journal(Trouble),
    /// Progress of the run with this number.
    Progress(u64, Progress),
    /// The run's end.
    Verified(u64, Result<Box<Report>, Trouble>),
    /// What the solution does now.
    Solving(u64, String),
    /// The solution's end.
    Solved(u64, Result<(), Trouble>),
    /// A copy's outcome: lines, and the way that it took.
    Copied(usize, CopyRoute),
    /// What came of something on the learner's machine.
    Work(WorkMsg),
    /// What came of something with rooms, or what is new in the learner's.
    Room(RoomMsg),
    /// The time. Comes before every other event, and each second while something counts.
    Time(Time),
    /// The terminal is gone: nobody can answer any more.
    Gone,
}

/// Something to be done outside the model.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Effect {
    /// Read the course.
    LoadCourse,
    /// Look up flag and earlier choice.
    FindChoice,
    /// List AWS profiles.
    ListProfiles,
    /// Open an account.
    OpenAccount(Choice),
    /// Read the account's values.
    ReadValues,
    /// Read the journal.
    ReadPast,
    /// Look up when the event ends.
    ReadEnds,
    /// Look up when the credentials expire; or ask their provider once more.
    ReadExpiry(bool),
    /// Read the time worked on each module.
    ReadSpent,
    /// Read all pages, to search them.
    Index(IndexRequest),
    /// Write to the journal.
    Record(Entry),
    /// Verify, as the run with this number, with messages in this language.
    Verify(u64, Scope, Lang),
    /// Verify again without being asked, because a settle window is open.
    Recheck(u64, Scope, Lang),
    /// Apply the solution of these steps, as the run with this number.
    Solve(u64, Vec<String>),
    /// Cancel what runs.
    Cancel,
    /// Copy a text.
    Copy(String),
    /// Something on the learner's machine.
    Work(WorkEffect),
    /// Something with rooms.
    Room(RoomEffect),
    /// Go back to the shell until `fg`.
    Suspend,
    /// Leave.
    Quit,
}
