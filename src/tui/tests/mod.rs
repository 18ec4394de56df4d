//! What the learner sees and does, without a terminal.

mod behaviour;
mod cleanup;
mod clock;
mod fixture;
mod language;
mod map;
mod plain;
mod screens;
mod search;
mod values;
