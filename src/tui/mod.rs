//! The attendee's terminal interface.
//!
//! One state ([`Model`]), one closed list of events ([`Msg`]), one pure function between them
//! ([`update()`]), whose effects a runtime does as tasks. Views turn the state into cells and do
//! nothing else. The rest of the program stands behind [`Backend`]. [`plain`] is another view and
//! another reader of input over the same state, for screen readers and pipes.

mod action;
mod actions;
mod ask;
mod available;
mod backend;
mod clipboard;
mod clock;
mod edit;
mod find;
mod keymap;
mod language;
mod line;
mod map;
mod model;
mod mouse;
mod msg;
mod page;
mod palette;
mod place;
pub mod plain;
mod proof;
mod questions;
mod room;
mod runtime;
mod search;
mod section;
mod shell;
mod standing;
mod terminal;
#[cfg(test)]
pub(crate) mod tests;
mod theme;
mod time;
mod unknown;
mod update;
mod view;
mod work;

pub use action::{Action, ENTRIES};
pub use ask::{Ask, has_place};
pub use available::is_available;
pub use backend::*;
pub use clipboard::{CopyRoute, osc52};
pub use clock::Clock;
pub use keymap::{Key, KeyError, KeyFile, KeyMap};
pub use map::{Filter, Goals, MapView};
pub use model::*;
pub use msg::{Effect, Msg};
pub use page::{Mark, PageView, Viewport};
pub use palette::Palette;
pub use place::Spot;
pub use room::{
    Field, HelpPlan, JoinAsk, JoinForm, JoinPlan, Leave, Membership, RoomEffect, RoomMsg, RoomNews,
    RoomTrouble, RoomView, Rooms,
};
pub use runtime::{Ended, run};
pub use search::{Index, IndexRequest, Search};
pub use shell::{Batch, Ended as ShellEnded, KEPT_LINES, Output, Shell, ShellState};
pub use standing::StepStatus;
pub use terminal::restore;
pub use theme::Theme;
pub use time::Time;
pub use update::{start, update};
pub use view::draw;
pub use work::*;

/// Parts that the instructor's interface is made of too.
pub(crate) mod kit {
    pub(crate) use super::find::{Folded, Query};
    pub(crate) use super::line::{edit, paste};
    pub(crate) use super::proof::clip;
    pub(crate) use super::runtime::{Signals, Surface, Watch, listen};
    pub(crate) use super::terminal::Screen;
    pub(crate) use super::update::one_line;
    pub(crate) use super::view::keys_row;
    pub(crate) use super::view::paint::Painter;
    pub(crate) use super::view::palette::{Line, window};
    pub(crate) use super::view::search::prompt;
    pub(crate) use super::view::sheets::window as sheet;
    pub(crate) use super::view::sheets::{Rows, bold, columns, height};
    pub(crate) use super::view::status::in_full;
}
