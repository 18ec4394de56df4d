//! What the learner sees and does, without a terminal.

mod behaviour;
mod cleanup;
mod fixture;
mod questions;
mod screens;
