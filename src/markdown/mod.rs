//! Markdown to terminal rows, in three stages: [`parse`] → blocks with places in the source →
//! [`layout`] for a width. Only the last knows the size; none knows colours.
//!
//! `ratatui`'s own wrapping loses characters and breaks Japanese line-break rules, so it is not
//! used for content.

mod block;
mod highlight;
mod layout;
mod parse;
mod plain;
mod row;
pub mod sanitize;
mod table;
#[cfg(test)]
mod tests;
mod wrap;

pub use block::*;
pub use highlight::{Token, highlight};
pub use layout::{Labels, Page, layout};
pub use parse::{is_unspaced, parse};
pub use plain::{PlainLine, code_title, plain, unknown};
pub use row::*;
pub use wrap::wrap_text;
