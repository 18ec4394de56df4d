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
mod language;
mod map;
mod marks;
mod model;
mod msg;
mod page;
mod place;
pub mod plain;
mod proof;
mod runtime;
mod search;
mod section;
mod terminal;
#[cfg(test)]
mod tests;
mod theme;
mod unknown;
mod update;
mod view;

pub use action::{Action, ENTRIES, action_of};
pub use ask::{Ask, has_place};
pub use available::is_available;
pub use backend::*;
pub use clipboard::{CopyRoute, osc52};
pub use clock::Clock;
pub use map::{Filter, Goals, MapView};
pub use model::*;
pub use msg::{Effect, Msg};
pub use page::{PageView, Viewport};
pub use place::Spot;
pub use runtime::{Ended, run};
pub use search::{Index, IndexRequest, Search};
pub use terminal::restore;
pub use theme::Theme;
pub use update::{start, update};
pub use view::draw;
