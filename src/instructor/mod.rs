//! What an instructor and a grader work with: a roster, the sweep over its accounts, a room's crowd,
//! and the dashboard that shows them.
//!
//! - [`crowd`]: what an instructor knows of a room: who is where, who is stuck, what is proven
//! - [`dashboard`]: the terminal interface over all of it
//! - [`demo`]: an event that never happened, to rehearse with
//! - [`roster`]: the file that says whose accounts are read, and how they are reached
//! - [`sweep`]: verifies many accounts at the same time, each for itself

pub mod crowd;
pub mod dashboard;
pub mod demo;
pub mod roster;
pub mod sweep;
