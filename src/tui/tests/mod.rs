//! What the learner sees and does, without a terminal.

mod behaviour;
mod cleanup;
mod clock;
mod fixture;
mod language;
mod map;
mod questions;
mod screens;
mod search;
mod teach;
mod values;
mod work;
