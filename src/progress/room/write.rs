//! Writing an attendee's item, beside other writers of the same attendee.

use super::item::Item;
use super::wire::{Body, Unreadable};
use super::{Put, Room, RoomError, Row};

/// An attendee has few writers; who loses this often has met something else.
const ATTEMPTS: usize = 8;

/// What came of telling a room.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[must_use]
pub enum Told {
    /// The room knows it now.
    Sent,
    /// It knew already.
    Nothing,
    /// The attendee has left the room, perhaps on another machine: nothing was sent.
    HasLeft,
}

/// Enters a room, also again.
///
/// # Errors
/// The room can't be written, or holds what a newer version wrote.
pub async fn join(room: &dyn Room, news: &Item) -> Result<Told, RoomError> {
    send(room, news, true).await
}

/// Tells what is new to a room that was joined before.
///
/// # Errors
/// As [`join`].
pub async fn update(room: &dyn Room, news: &Item) -> Result<Told, RoomError> {
    send(room, news, false).await
}

/// Leaves a room and takes all that it was told.
///
/// # Errors
/// As [`join`].
pub async fn leave(room: &dyn Room, account: &str) -> Result<Told, RoomError> {
    let mut there = room.row(account).await?;
    for _ in 0..ATTEMPTS {
        let Some(row) = there.filter(|row| row.body != Body::Left) else {
            return Ok(Told::HasLeft);
        };
        match room.put(account, row.version, None).await? {
            Put::Written => return Ok(Told::Sent),
            Put::Stale(now) => there = now,
        }
    }
    Err(RoomError::Busy)
}

async fn send(room: &dyn Room, news: &Item, joins: bool) -> Result<Told, RoomError> {
    let mut there = room.row(&news.account).await?;
    for _ in 0..ATTEMPTS {
        let known = match there.as_ref().map(|row| &row.body) {
            Some(Body::Here(known)) => Some(known.as_ref()),
            Some(Body::Unreadable(Unreadable::Newer { format })) => {
                return Err(RoomError::NewerItem { format: *format });
            }
            None | Some(Body::Left) if !joins => return Ok(Told::HasLeft),
            None | Some(Body::Left | Body::Unreadable(_)) => None,
        };
        let item = known.map_or_else(|| news.clone(), |known| news.clone().with_news_of(known));
        if known == Some(&item) {
            return Ok(Told::Nothing);
        }
        let seen = there.as_ref().map_or(0, |row: &Row| row.version);
        match room.put(&news.account, seen, Some(&item)).await? {
            Put::Written => return Ok(Told::Sent),
            Put::Stale(now) => there = now,
        }
    }
    Err(RoomError::Busy)
}
