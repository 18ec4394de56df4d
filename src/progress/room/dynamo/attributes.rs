//! Items of the table, as they are written, and as they are read when anybody may have written them.

use std::collections::HashMap;

use aws_sdk_dynamodb::types::AttributeValue;
use jiff::Timestamp;

use super::super::item::Item;
use super::super::template::EVERYONE;
use super::super::wire::{self, Body, Unreadable, decode, encode};
use super::super::{About, Message, Row};

/// `what` of an attendee's item.
pub(super) const PROGRESS: &str = "progress";
/// `what` of the room's own item.
pub(super) const ABOUT: &str = "about";
/// How `what` of a message begins.
pub(super) const MESSAGES: &str = "message#";
/// No attendee writes so often. Above it, numbers aren't exact in every language.
pub(super) const LAST_VERSION: u64 = 1 << 53;

/// An item's attributes.
pub(super) type Attributes = HashMap<String, AttributeValue>;

/// An attendee's item.
pub(super) struct Written<'a> {
    pub(super) account: &'a str,
    pub(super) version: u64,
    pub(super) changed: Timestamp,
    pub(super) expires: Timestamp,
    pub(super) item: Option<&'a Item>,
}

impl Written<'_> {
    pub(super) fn attributes(&self) -> Attributes {
        item([
            ("account", text(self.account)),
            ("what", text(PROGRESS)),
            ("version", AttributeValue::N(self.version.to_string())),
            ("shard", text(shard(self.account))),
            ("changed", number(self.changed.as_millisecond())),
            ("expires", number(self.expires.as_second())),
            ("body", text(&encode(self.item))),
        ])
    }
}

/// The part of the index that an account's changes are in: its last digit.
fn shard(account: &str) -> &str {
    account.get(account.len().saturating_sub(1)..).unwrap_or_default()
}

/// The room's own item.
pub(super) fn about(about: &About) -> Attributes {
    item([
        ("account", text(EVERYONE)),
        ("what", text(ABOUT)),
        ("body", text(&serde_json::to_string(about).unwrap_or_default())),
        ("closed", AttributeValue::Bool(false)),
        ("expires", number(about.expires.as_second())),
    ])
}

/// What the room is for, and whether it is closed.
pub(super) fn read_about(found: &Attributes) -> Option<(About, bool)> {
    let body = found.get("body")?.as_s().ok()?;
    let closed = found.get("closed")?.as_bool().ok()?;
    Some((serde_json::from_str(body).ok()?, *closed))
}

/// A message in the partition of whom it is for. Two that are sent at once are two.
pub(super) fn message(message: &Message) -> Attributes {
    let mut random = [0_u8; 4];
    // Without a random source, the sender's own clock still tells messages apart.
    let _ = aws_lc_rs::rand::fill(&mut random);
    let sent = message.sent.as_millisecond();
    let what = format!("{MESSAGES}{sent:014}#{:08x}", u32::from_be_bytes(random));
    item([
        ("account", text(message.to.as_deref().unwrap_or(EVERYONE))),
        ("what", text(&what)),
        ("text", text(&wire::shown_line(&message.text))),
        ("sent", number(sent)),
        ("until", number(message.expires.as_millisecond())),
        // Whole seconds, and DynamoDB is in no hurry: readers go by `until`.
        ("expires", number(message.expires.as_second() + 1)),
    ])
}

/// A message; none where it is something else. An attendee can write into their own partition.
pub(super) fn read_message(found: &Attributes, to: Option<&str>) -> Option<Message> {
    let time = |name| Timestamp::from_millisecond(integer(found, name)?).ok();
    Some(Message {
        to: to.map(str::to_owned),
        text: wire::shown_line(found.get("text")?.as_s().ok()?),
        sent: time("sent")?,
        expires: time("until")?,
    })
}

/// An attendee's row, whatever stands there.
pub(super) fn row(found: &Attributes) -> Row {
    let account = partition(found);
    let body = found.get("body").and_then(|body| body.as_s().ok());
    Row {
        version: version(found),
        changed: integer(found, "changed")
            .and_then(|at| Timestamp::from_millisecond(at).ok())
            .unwrap_or(Timestamp::UNIX_EPOCH),
        body: body.map_or(Body::Unreadable(Unreadable::Foreign), |body| decode(account, body)),
        account: wire::shown_name(account),
    }
}

/// The partition that an item lies in.
pub(super) fn partition(found: &Attributes) -> &str {
    found.get("account").and_then(|account| account.as_s().ok()).map_or("", String::as_str)
}

/// What tells one state of an item from any other: its version, and when it was written.
pub(super) fn state(found: &Attributes) -> (u64, i64) {
    (version(found), integer(found, "changed").unwrap_or(0))
}

/// 0 where it is none that stepproof writes.
fn version(found: &Attributes) -> u64 {
    let number = found.get("version").and_then(|version| version.as_n().ok());
    number.and_then(|number| number.parse().ok()).filter(|&n| n <= LAST_VERSION).unwrap_or(0)
}

fn integer(found: &Attributes, name: &str) -> Option<i64> {
    found.get(name)?.as_n().ok()?.parse().ok()
}

fn item<const N: usize>(attributes: [(&str, AttributeValue); N]) -> Attributes {
    attributes.into_iter().map(|(name, value)| (name.to_owned(), value)).collect()
}

fn text(text: &str) -> AttributeValue {
    AttributeValue::S(text.to_owned())
}

fn number(number: i64) -> AttributeValue {
    AttributeValue::N(number.to_string())
}

#[cfg(test)]
mod tests {
    use super::super::super::contract::{ONE, OTHER, at, item as an_item};
    use super::*;

    fn written(account: &str) -> Attributes {
        let an_item = an_item(account);
        let item = Some(&an_item);
        Written { account, version: 3, changed: at(1), expires: at(90), item }.attributes()
    }

    #[test]
    fn what_is_written_reads_the_same() {
        let body = Body::Here(Box::new(an_item(ONE)));
        let expected = Row { account: ONE.to_owned(), version: 3, changed: at(1), body };
        assert_eq!(row(&written(ONE)), expected);
        assert_eq!(written(OTHER)["shard"], text("2"), "the last digit");
        let to = |to: Option<&str>| Message {
            to: to.map(str::to_owned),
            text: "休憩".to_owned(),
            sent: at(0),
            expires: at(20),
        };
        for to in [to(None), to(Some(ONE))] {
            assert_eq!(read_message(&message(&to), to.to.as_deref()), Some(to));
        }
        assert_ne!(message(&to(None))["what"], message(&to(None))["what"], "two at once are two");
    }

    #[test]
    fn a_hostile_item_is_unreadable_and_keeps_its_account() {
        let unreadable = |name: &str, value: Option<AttributeValue>, why: Unreadable| {
            let mut bad = written(ONE);
            match value {
                Some(value) => drop(bad.insert(name.to_owned(), value)),
                None => drop(bad.remove(name)),
            }
            let row = row(&bad);
            assert_eq!((row.account.as_str(), row.body), (ONE, Body::Unreadable(why)), "{name}");
        };
        unreadable("body", None, Unreadable::Foreign);
        unreadable("body", Some(number(1)), Unreadable::Foreign);
        unreadable("body", Some(AttributeValue::Null(true)), Unreadable::Foreign);
        unreadable("body", Some(text("\u{1b}[2J")), Unreadable::Foreign);
        unreadable("body", Some(text(&"x".repeat(300_000))), Unreadable::TooLong);
        let others = written(OTHER)["body"].clone();
        unreadable("body", Some(others), Unreadable::Foreign);
    }

    #[test]
    fn odd_numbers_count_as_never_written() {
        for odd in ["-1", "1.5", "1e30", "99999999999999999999", "9007199254740993"] {
            let odd = AttributeValue::N(odd.to_owned());
            for value in [odd, text("3"), AttributeValue::L(vec![])] {
                let mut bad = written(ONE);
                bad.insert("version".to_owned(), value.clone());
                bad.insert("changed".to_owned(), text("never"));
                let row = row(&bad);
                assert_eq!((row.version, row.changed), (0, Timestamp::UNIX_EPOCH), "{value:?}");
            }
        }
        assert_eq!(row(&Attributes::new()).account, "");
        assert_eq!(read_message(&written(ONE), Some(ONE)), None);
        assert_eq!(read_about(&written(ONE)), None);
    }
}
