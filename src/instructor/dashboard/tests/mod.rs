//! What the instructor sees and does, without a terminal.

mod behaviour;
mod fixture;
mod messages;
mod properties;
mod room;
mod snapshots;
mod sweep;
