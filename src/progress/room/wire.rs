//! How an item is written, and how one is read that anybody may have written.

use serde::{Deserialize, Serialize};

use super::item::{Item, MOST_OFFENDERS};
use crate::course::is_safe;
use crate::markdown::sanitize::clean_line;

/// The version of an item's shape.
const FORMAT: u64 = 1;
/// Bytes of the longest item; one of the whole course takes a tenth.
const LARGEST: usize = 64 * 1024;
/// Characters of the longest name.
pub const LONGEST_NAME: usize = 40;
/// Characters of the longest line of evidence, and of a message.
const LONGEST_LINE: usize = 400;
/// Lines of evidence.
const MOST_LINES: usize = 20;
/// More checks has no course.
const MOST_CHECKS: usize = 500;
/// Bytes of the longest id of a step, a check, or a course.
const LONGEST_ID: usize = 100;

/// What a room holds of an attendee.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Body {
    /// What they let the room know.
    Here(Box<Item>),
    /// They left, and took all of it with them.
    Left,
    /// There is something that can't be read. The attendee is in the room all the same.
    Unreadable(Unreadable),
}

/// Why an item can't be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unreadable {
    /// A newer version of stepproof wrote it.
    Newer {
        /// Its format.
        format: u64,
    },
    /// It is longer than stepproof writes any.
    TooLong,
    /// stepproof didn't write it, or it is damaged.
    Foreign,
}

/// As it is written.
#[derive(Serialize, Deserialize)]
struct Wire<T> {
    format: u64,
    /// Null once the attendee has left.
    attendee: Option<T>,
}

/// An item as it is sent; none where the attendee leaves.
pub fn encode(item: Option<&Item>) -> String {
    // Nothing in an item can fail to be JSON: keys are texts and numbers.
    serde_json::to_string(&Wire { format: FORMAT, attendee: item }).unwrap_or_default()
}

/// Reads what stands at an account in the room.
pub fn decode(account: &str, text: &str) -> Body {
    read(account, text).unwrap_or_else(Body::Unreadable)
}

fn read(account: &str, text: &str) -> Result<Body, Unreadable> {
    #[derive(Deserialize)]
    struct Format {
        format: u64,
    }
    if text.len() > LARGEST {
        return Err(Unreadable::TooLong);
    }
    let foreign = |_| Unreadable::Foreign;
    let Format { format } = serde_json::from_str(text).map_err(foreign)?;
    if format > FORMAT {
        return Err(Unreadable::Newer { format });
    }
    let wire: Wire<Item> = serde_json::from_str(text).map_err(foreign)?;
    let Some(mut item) = wire.attendee else { return Ok(Body::Left) };
    if item.account != account || !has_sound_ids(&item) {
        return Err(Unreadable::Foreign);
    }
    item.name.name = line(&item.name.name, LONGEST_NAME);
    for check in item.checks.values_mut() {
        check.message = shown_line(&check.message);
        shorten(&mut check.offenders, MOST_OFFENDERS);
    }
    if let Some(help) = &mut item.help {
        shorten(&mut help.evidence, MOST_LINES);
    }
    Ok(Body::Here(Box::new(item)))
}

fn shorten(lines: &mut Vec<String>, most: usize) {
    lines.truncate(most);
    for text in lines {
        *text = shown_line(text);
    }
}

/// Ids are shown and looked up as they are, so they must look like ids.
fn has_sound_ids(item: &Item) -> bool {
    let id = |text: &str| text.len() <= LONGEST_ID && is_safe(text);
    let steps = item.here.iter().map(|here| &here.step);
    let mut steps = steps.chain(item.help.iter().map(|help| &help.step));
    item.checks.len() <= MOST_CHECKS
        && item.checks.keys().all(|check| id(check))
        && steps.all(|step| id(step))
        && id(&item.course)
}

/// A message, or a line of evidence, as it may be shown.
pub fn shown_line(text: &str) -> String {
    line(text, LONGEST_LINE)
}

/// Lines of evidence, exactly as a room is told them: as many as it takes, each as it may be shown.
pub fn shown_evidence(lines: &[String]) -> Vec<String> {
    let shown = lines.iter().map(|text| shown_line(text)).filter(|text| !text.is_empty());
    shown.take(MOST_LINES).collect()
}

/// A name as it may be shown.
pub fn shown_name(name: &str) -> String {
    line(name, LONGEST_NAME)
}

/// One line without escape sequences and of a bounded length.
fn line(text: &str, longest: usize) -> String {
    // Cut first: what is cleaned may be long.
    let head: String = text.chars().take(longest * 4).collect();
    clean_line(&head).trim().chars().take(longest).collect()
}
