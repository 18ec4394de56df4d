//! What the learner sees and does, without a terminal.

mod behaviour;
mod cleanup;
mod clock;
mod fixture;
mod map;
mod screens;
mod search;
mod values;
