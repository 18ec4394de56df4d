//! What an instructor and a grader work with: a roster, and the sweep over its accounts.
//!
//! - [`roster`]: the file that says whose accounts are read, and how they are reached
//! - [`sweep`]: verifies many accounts at the same time, each for itself

pub mod roster;
pub mod sweep;
