//! Rooms: attendees tell an instructor how far they are, and are told things.
//!
//! What a room holds are claims: whoever has an account can write its item. Only looking at the
//! account proves anything.

mod address;
#[cfg(test)]
pub(crate) mod contract;
mod dynamo;
mod error;
mod item;
mod sqlite;
mod template;
#[cfg(test)]
mod tests;
mod wire;
mod write;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

pub use address::{Address, BadAddress, Code, Place};
pub use dynamo::{DynamoRoom, Login, Side, TableError};
pub use error::RoomError;
use futures_util::future::BoxFuture;
pub use item::{CheckNews, Help, Here, Item, ModuleNews, Name};
pub use sqlite::SqliteRoom;
pub use template::{Access, Guests, Table, TooMany};
pub use wire::{
    Body, LONGEST_NAME, Unreadable, decode, encode, shown_evidence, shown_line, shown_name,
};
pub use write::{Told, join, leave, update};

/// What a room is for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct About {
    /// The course's id.
    pub course: String,
    /// When everything in it is thrown away.
    pub expires: Timestamp,
    /// When the event ends, where the instructor said so: attendees count down to it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ends: Option<Timestamp>,
}

/// One attendee in the room.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Row {
    /// The account's 12 digits: the key.
    pub account: String,
    /// Counts the writes of this row; a write names the version that it has seen.
    pub version: u64,
    /// When it was written, by the clock of who wrote it.
    pub changed: Timestamp,
    /// What it says.
    pub body: Body,
}

/// What came of a write.
#[derive(Debug, Clone, PartialEq, Eq)]
#[must_use]
pub enum Put {
    /// It stands.
    Written,
    /// Another writer was faster: this stands now.
    Stale(Option<Row>),
}

/// Up to where a reader has seen a room's changes. Its number means something to its room alone.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Cursor(i64);

impl Cursor {
    /// Of a room's number.
    pub fn at(number: i64) -> Self {
        Self(number)
    }

    /// The room's number.
    pub fn number(self) -> i64 {
        self.0
    }
}

/// What changed in a room.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Changes {
    /// Rows that changed. One that was told before may come again; none is left out.
    pub rows: Vec<Row>,
    /// Where to go on.
    pub next: Cursor,
}

/// Something that the instructor says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Message {
    /// The account that it is for; none for all.
    pub to: Option<String>,
    /// One line.
    pub text: String,
    /// When it was sent.
    pub sent: Timestamp,
    /// When it goes by itself.
    pub expires: Timestamp,
}

/// A room, wherever it is kept.
pub trait Room: std::fmt::Debug + Send + Sync {
    /// What it is for.
    fn about(&self) -> BoxFuture<'_, Result<About, RoomError>>;

    /// What stands at an account; none where it never was in the room.
    fn row<'a>(&'a self, account: &'a str) -> BoxFuture<'a, Result<Option<Row>, RoomError>>;

    /// Writes an attendee's item, or that they left, if the row's version is still `seen`: 0 where
    /// there was none.
    fn put<'a>(
        &'a self,
        account: &'a str,
        seen: u64,
        item: Option<&'a Item>,
    ) -> BoxFuture<'a, Result<Put, RoomError>>;

    /// What changed since. The default cursor asks for everything.
    fn changes(&self, since: Cursor) -> BoxFuture<'_, Result<Changes, RoomError>>;

    /// Sends a message to all, or to one.
    fn post<'a>(&'a self, message: &'a Message) -> BoxFuture<'a, Result<(), RoomError>>;

    /// The messages for an account that haven't gone at that time, oldest first.
    fn messages<'a>(
        &'a self,
        account: &'a str,
        now: Timestamp,
    ) -> BoxFuture<'a, Result<Vec<Message>, RoomError>>;

    /// Takes no more news and messages. What it holds can be read until it expires, and who wants
    /// to leave still can.
    fn close(&self) -> BoxFuture<'_, Result<(), RoomError>>;
}
