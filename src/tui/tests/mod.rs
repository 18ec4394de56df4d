//! What the learner sees and does, without a terminal.

mod behaviour;
mod cleanup;
mod clock;
mod everyone;
mod fixture;
mod language;
mod map;
mod mouse;
mod palette;
mod plain;
mod plain_work;
mod questions;
mod room;
mod room_screens;
mod screens;
mod search;
pub(crate) mod snapshots;
mod teach;
mod values;
mod work;
