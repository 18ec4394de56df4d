//! What happens to the dashboard, and what it asks to be done.

use std::path::PathBuf;

use crossterm::event::{KeyEvent, MouseEvent};
use jiff::Timestamp;

use super::action::Action;
use super::backend::{Proving, Whom};
use crate::i18n::Lang;
use crate::progress::room::{About, Changes, Cursor, Message, RoomError};
use crate::tui::{Time, Trouble};

/// One event; everything that changes the model is one of these.
#[derive(Debug)]
pub enum Msg {
    /// A key was pressed.
    Key(KeyEvent),
    /// The mouse did something.
    Mouse(MouseEvent),
    /// A text was pasted.
    Paste(String),
    /// An action, without its key.
    Act(Action),
    /// The terminal has this many columns and rows.
    Resize(u16, u16),
    /// The time. Comes before every other event.
    Time(Time),
    /// When the event ends.
    Ends(Option<Timestamp>),
    /// What the room is for.
    About(Result<About, RoomError>),
    /// What changed in the room.
    Changes(Result<Changes, RoomError>),
    /// Whether this was said.
    Posted(Message, Result<(), RoomError>),
    /// Progress of the sweep with this number.
    Proving(u64, Proving),
    /// The sweep's end.
    Proved(u64, Result<(), Trouble>),
    /// Whether the export was written, and where.
    Exported(Result<PathBuf, Trouble>),
    /// Whether the page was written.
    Page(Result<(), Trouble>),
    /// The terminal is gone: nobody can answer any more.
    Gone,
}

/// Something to be done outside the model.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Effect {
    /// Ask what the room is for.
    About,
    /// Ask what changed in the room.
    Changes(Cursor),
    /// Say something to the room.
    Post(Message),
    /// Prove accounts, as the sweep with this number, with messages in this language.
    Prove(u64, Whom, Lang),
    /// Cancel the sweep.
    Cancel,
    /// Write a new file.
    Export(PathBuf, String),
    /// Write the page for the projector.
    Page(String),
    /// Go back to the shell until `fg`.
    Suspend,
    /// Leave.
    Quit,
}
