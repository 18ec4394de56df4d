//! The attendee's terminal interface.
//!
//! One state ([`Model`]), one closed list of events ([`Msg`]), one pure function between them
//! ([`update()`]), whose effects a runtime does as tasks. Views turn the state into cells and do
//! nothing else. The rest of the program stands behind [`Backend`].

mod action;
mod actions;
mod backend;
mod clipboard;
mod model;
mod msg;
mod page;
mod proof;
mod questions;
mod runtime;
mod terminal;
#[cfg(test)]
mod tests;
mod theme;
mod update;
mod view;

pub use action::{Action, ENTRIES, action_of};
pub use backend::*;
pub use clipboard::{CopyRoute, osc52};
pub use model::*;
pub use msg::{Effect, Msg};
pub use page::{PageView, Viewport};
pub use runtime::{Ended, run};
pub use terminal::restore;
pub use theme::Theme;
pub use update::{is_available, start, update};
pub use view::draw;
