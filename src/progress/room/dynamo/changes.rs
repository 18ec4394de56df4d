//! Reading only what changed, and losing none of it.
//!
//! DynamoDB numbers no writes, so changes are found by the time they are stamped with. That is the
//! table's own time: every answer holds it, and a writer reads before it writes ([`Clock`]). So a
//! stamp doesn't depend on a writer's clock. It can only be earlier than the moment when the change
//! appears in the index: by the date header's second, by the time a call may take with all its
//! tries, and by the index's own delay. [`WINDOW`] is longer than all of them together, and each
//! reading goes back by it. Of what lies in it, only rows are fetched that aren't known already.
//! An index's delay has no promised bound, and a hostile attendee may stamp their own row with any
//! time: so everything is read from time to time ([`EVERYTHING`]). Nobody's stamp moves the cursor;
//! it is the table's time when reading began.
//!
//! [`Clock`]: super::connect::Clock

use std::collections::HashMap;
use std::time::Duration;

use aws_sdk_dynamodb::types::{AttributeValue, KeysAndAttributes};
use futures_util::future::try_join_all;
use futures_util::{StreamExt as _, TryStreamExt as _, stream};
use jiff::{SignedDuration, Timestamp};

use super::super::{Changes, Cursor, RoomError};
use super::attributes::{self, Attributes, PROGRESS};
use super::connect::OPERATION;
use super::{DynamoRoom, TableError};

/// How far each reading goes back behind the one before.
pub(super) const WINDOW: SignedDuration = SignedDuration::from_secs(30);
/// How often everything is read.
const EVERYTHING: SignedDuration = SignedDuration::from_mins(10);
/// What a call may take must fit into it, and the index's delay.
const _: () = assert!(WINDOW.as_secs().unsigned_abs() > 2 * OPERATION.as_secs());
/// Keys that one request may ask for.
const BATCH: usize = 100;
/// Requests for rows in flight at once.
const IN_FLIGHT: usize = 4;
/// How often keys are asked for again that a busy table left out.
const ATTEMPTS: u32 = 6;

/// What the reader with the last cursor knows. Another reader, with another cursor, is told more
/// than it needs once.
#[derive(Debug, Default)]
pub(super) struct Seen {
    next: Cursor,
    /// When everything was read last, in milliseconds.
    everything: i64,
    /// Each account's row, by its version and stamp.
    states: HashMap<String, (u64, i64)>,
}

impl Seen {
    fn knows(&self, found: &Attributes) -> bool {
        self.states.get(attributes::partition(found)) == Some(&attributes::state(found))
    }
}

impl DynamoRoom {
    pub(super) async fn changed(&self, since: Cursor) -> Result<Changes, RoomError> {
        // Held while reading: two readers of one room take turns.
        let mut seen = self.seen.lock().await;
        if seen.next != since || since == Cursor::default() {
            *seen = Seen { next: seen.next, everything: since.0, states: HashMap::new() };
        }
        let began = Timestamp::now();
        let is_due = |now: Timestamp| {
            now.as_millisecond() - seen.everything
                > i64::try_from(EVERYTHING.as_millis()).unwrap_or(i64::MAX)
        };
        let all = since == Cursor::default() || is_due(self.clock.of(began));
        let mut found =
            if all { self.everything().await? } else { self.since(since, &seen).await? };
        found.retain(|found| !seen.knows(found));
        // The table's time when reading began. One more than any before: a cursor is one reader's.
        let began = self.clock.of(began).as_millisecond();
        seen.next = Cursor(began.max(since.0 + 1).max(seen.next.0 + 1));
        if all {
            seen.everything = began;
        }
        for found in &found {
            let account = attributes::partition(found).to_owned();
            seen.states.insert(account, attributes::state(found));
        }
        Ok(Changes { rows: found.iter().map(attributes::row).collect(), next: seen.next })
    }

    /// Every attendee's item, also one that isn't in the index because it lacks what the index
    /// goes by.
    async fn everything(&self) -> Result<Vec<Attributes>, RoomError> {
        let pages = self
            .client
            .scan()
            .table_name(&self.arn)
            .consistent_read(true)
            .filter_expression("what = :progress")
            .expression_attribute_values(":progress", AttributeValue::S(PROGRESS.to_owned()))
            .into_paginator()
            .items()
            .send();
        let found = pages.try_collect().await;
        found.map_err(|error| self.trouble("dynamodb:Scan", &error))
    }

    /// The items that the index has as changed, but for those that are known.
    async fn since(&self, since: Cursor, seen: &Seen) -> Result<Vec<Attributes>, RoomError> {
        let from = since.0.saturating_sub(i64::try_from(WINDOW.as_millis()).unwrap_or(i64::MAX));
        let shards = (0..10).map(|shard| self.shard(shard, from));
        let changed = try_join_all(shards).await?.into_iter().flatten();
        let accounts: Vec<String> = changed
            .filter(|found| !seen.knows(found))
            .map(|found| attributes::partition(&found).to_owned())
            .collect();
        let batches: Vec<_> = accounts.chunks(BATCH).map(|batch| self.items(batch)).collect();
        let found = stream::iter(batches).buffer_unordered(IN_FLIGHT).try_concat().await?;
        Ok(found)
    }

    /// A shard of the index: who changed, without what.
    async fn shard(&self, shard: u8, from: i64) -> Result<Vec<Attributes>, RoomError> {
        let pages = self
            .client
            .query()
            .table_name(&self.arn)
            .index_name("changes")
            // `shard` alone is a word of DynamoDB's own.
            .key_condition_expression("#shard = :shard AND changed >= :from")
            .expression_attribute_names("#shard", "shard")
            .projection_expression("account, #version, changed")
            .expression_attribute_names("#version", "version")
            .filter_expression("what = :progress")
            .expression_attribute_values(":shard", AttributeValue::S(shard.to_string()))
            .expression_attribute_values(":from", AttributeValue::N(from.to_string()))
            .expression_attribute_values(":progress", AttributeValue::S(PROGRESS.to_owned()))
            .into_paginator()
            .items()
            .send();
        let found = pages.try_collect().await;
        found.map_err(|error| self.trouble("dynamodb:Query", &error))
    }

    /// The items of some accounts, at least as new as the index has them.
    async fn items(&self, accounts: &[String]) -> Result<Vec<Attributes>, RoomError> {
        let key = |account: &String| {
            let text = |text: &str| AttributeValue::S(text.to_owned());
            HashMap::from([
                ("account".to_owned(), text(account)),
                ("what".to_owned(), text(PROGRESS)),
            ])
        };
        let mut keys: Vec<_> = accounts.iter().map(key).collect();
        let mut found = Vec::new();
        for attempt in 0..ATTEMPTS {
            let wanted = KeysAndAttributes::builder()
                .set_keys(Some(std::mem::take(&mut keys)))
                .consistent_read(true)
                .build()
                .map_err(|error| RoomError::from(TableError::Other { said: error.to_string() }))?;
            let answer = self.client.batch_get_item().request_items(&self.arn, wanted).send().await;
            let answer = answer.map_err(|error| self.trouble("dynamodb:BatchGetItem", &error))?;
            found.extend(answer.responses.unwrap_or_default().into_values().flatten());
            let left = answer.unprocessed_keys.unwrap_or_default();
            keys = left.into_values().flat_map(|left| left.keys).collect();
            if keys.is_empty() {
                return Ok(found);
            }
            tokio::time::sleep(Duration::from_millis(100 << attempt)).await;
        }
        Err(TableError::Throttled.into())
    }
}
