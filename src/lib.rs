//! stepproof: a workshop courseware runner and progress checker for the terminal.
//!
//! The map of the crate; arrows point one way:
//! `cli → tui | instructor → report → check → account`, with [`course`] under all of them.
//!
//! - [`course`]: manifests, checks and content as a typed, linted [`course::Course`]
//! - [`account`]: an AWS account as named facts; knows services, knows no check
//! - [`check`]: expressions, engine, verdicts; asks for facts, knows no service
//! - [`progress`]: the journal and what is derived from it; rooms
//! - [`markdown`]: Markdown to width-aware terminal rows
//! - [`tui`]: the attendee's terminal interface
//! - [`instructor`]: a roster, and the sweep over its accounts
//! - [`report`]: what `verify` and `grade` print, in every format
//! - [`practice`]: the embedded practice account, reached over HTTP alone
//! - [`i18n`]: the interface's own strings
//! - [`cli`]: one file a subcommand
//! - [`advisories`]: published vulnerabilities of the starter app's packages
//! - [`certificates`]: whose certificates are, and how long they are valid

pub mod account;
pub mod advisories;
pub mod certificates;
pub mod check;
pub mod cli;
pub mod course;
pub mod i18n;
pub mod instructor;
pub mod markdown;
pub mod practice;
pub mod progress;
pub mod report;
pub mod tui;
