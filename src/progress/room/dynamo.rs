//! A room in a DynamoDB table: for an event.
//!
//! Each attendee has one item, in the partition of their account. `about`, and what is said to all,
//! lie in the partition `everyone`; what is said to one lies in that attendee's partition, where
//! nobody else may read. [`super::Table`] makes the table with the policy that says so.

mod attributes;
mod changes;
mod connect;
mod trouble;

use std::sync::Arc;

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::types::AttributeValue;
use futures_util::future::{BoxFuture, try_join};
use jiff::{SignedDuration, Timestamp};
use tokio::sync::Mutex;

use super::address::Place;
use super::item::Item;
use super::template::EVERYONE;
use super::{About, Changes, Cursor, Message, Put, Room, RoomError, Row};
use attributes::{ABOUT, Attributes, MESSAGES, PROGRESS, Written};
use changes::Seen;
use connect::Clock;

pub use connect::Login;
pub use trouble::{Side, TableError};

/// More messages at once nobody reads.
const MOST_MESSAGES: i32 = 100;
/// How long a row is kept that says that somebody left, where the room doesn't say when it ends.
const FAREWELL: SignedDuration = SignedDuration::from_hours(24);

/// A room in a DynamoDB table. Clones share the connection and what was read.
#[derive(Debug, Clone)]
pub struct DynamoRoom {
    client: Client,
    /// The table, as every account may name it.
    arn: String,
    /// The room's name.
    room: String,
    place: Place,
    clock: Clock,
    seen: Arc<Mutex<Seen>>,
}

/// What the table says of the room.
struct Notice {
    about: About,
    closed: bool,
}

impl DynamoRoom {
    /// Opens a table to its attendees: notes what the room is for.
    ///
    /// # Errors
    /// It was opened before, or can't be written.
    pub async fn open(&self, about: &About) -> Result<(), RoomError> {
        let request = self
            .client
            .put_item()
            .table_name(&self.arn)
            .set_item(Some(attributes::about(about)))
            .condition_expression("attribute_not_exists(account)");
        match request.send().await {
            Ok(_) => Ok(()),
            Err(error) if is_refused_by_condition(&error) => {
                Err(TableError::Opened { room: self.room.clone() }.into())
            }
            Err(error) => Err(self.trouble("dynamodb:PutItem", &error)),
        }
    }

    async fn notice(&self) -> Result<Option<Notice>, RoomError> {
        let Some(found) = self.get(EVERYONE, ABOUT).await? else { return Ok(None) };
        match attributes::read_about(&found) {
            Some((about, closed)) => Ok(Some(Notice { about, closed })),
            None => Err(TableError::Foreign { room: self.room.clone() }.into()),
        }
    }

    /// What the room is for, if it takes news and messages.
    async fn still_open(&self) -> Result<About, RoomError> {
        let Notice { about, closed } =
            self.notice().await?.ok_or_else(|| RoomError::from(self.not_open()))?;
        if closed || about.expires <= self.clock.now() {
            return Err(RoomError::Closed);
        }
        Ok(about)
    }

    async fn get(&self, account: &str, what: &str) -> Result<Option<Attributes>, RoomError> {
        let request = self
            .client
            .get_item()
            .table_name(&self.arn)
            .key("account", AttributeValue::S(account.to_owned()))
            .key("what", AttributeValue::S(what.to_owned()))
            .consistent_read(true);
        let found = request.send().await;
        Ok(found.map_err(|error| self.trouble("dynamodb:GetItem", &error))?.item)
    }

    /// Writes if the version is still `seen`. An item with a version that nobody writes counts as
    /// not there: its attendee may mend it.
    async fn write(&self, written: Written<'_>, seen: u64) -> Result<Put, RoomError> {
        let account = written.account;
        let request = self
            .client
            .put_item()
            .table_name(&self.arn)
            .set_item(Some(written.attributes()))
            .expression_attribute_names("#version", "version");
        let number = |number: u64| AttributeValue::N(number.to_string());
        let request = if seen == 0 {
            request
                .condition_expression(
                    "attribute_not_exists(#version) OR NOT attribute_type(#version, :number) \
                     OR #version < :first OR #version > :last",
                )
                .expression_attribute_values(":number", AttributeValue::S("N".to_owned()))
                .expression_attribute_values(":first", number(1))
                .expression_attribute_values(":last", number(attributes::LAST_VERSION))
        } else {
            request
                .condition_expression("#version = :seen")
                .expression_attribute_values(":seen", number(seen))
        };
        match request.send().await {
            Ok(_) => Ok(Put::Written),
            Err(error) if is_refused_by_condition(&error) => {
                Ok(Put::Stale(self.row(account).await?))
            }
            Err(error) => Err(self.trouble("dynamodb:PutItem", &error)),
        }
    }

    /// The newest messages of a partition.
    async fn messages_in(&self, partition: &str) -> Result<Vec<Attributes>, RoomError> {
        let request = self
            .client
            .query()
            .table_name(&self.arn)
            .key_condition_expression("account = :account AND begins_with(what, :messages)")
            .expression_attribute_values(":account", AttributeValue::S(partition.to_owned()))
            .expression_attribute_values(":messages", AttributeValue::S(MESSAGES.to_owned()))
            .scan_index_forward(false)
            .limit(MOST_MESSAGES);
        let found = request.send().await;
        Ok(found.map_err(|error| self.trouble("dynamodb:Query", &error))?.items.unwrap_or_default())
    }

    async fn end(&self) -> Result<(), RoomError> {
        let request = self
            .client
            .update_item()
            .table_name(&self.arn)
            .key("account", AttributeValue::S(EVERYONE.to_owned()))
            .key("what", AttributeValue::S(ABOUT.to_owned()))
            .update_expression("SET closed = :closed")
            .condition_expression("attribute_exists(account)")
            .expression_attribute_values(":closed", AttributeValue::Bool(true));
        match request.send().await {
            Ok(_) => Ok(()),
            Err(error) if is_refused_by_condition(&error) => Err(self.not_open().into()),
            Err(error) => Err(self.trouble("dynamodb:UpdateItem", &error)),
        }
    }

    fn not_open(&self) -> TableError {
        TableError::NotOpen { room: self.room.clone() }
    }
}

impl Room for DynamoRoom {
    fn about(&self) -> BoxFuture<'_, Result<About, RoomError>> {
        Box::pin(async move {
            let notice = self.notice().await?;
            Ok(notice.ok_or_else(|| self.not_open())?.about)
        })
    }

    fn row<'a>(&'a self, account: &'a str) -> BoxFuture<'a, Result<Option<Row>, RoomError>> {
        Box::pin(async move {
            let found = self.get(account, PROGRESS).await?;
            Ok(found.map(|found| attributes::row(&found)))
        })
    }

    /// Whether the room is open is read before, not with the write: news that race its closing may
    /// still come in, which does no harm. It also tells the table's time, which the write is
    /// stamped with.
    fn put<'a>(
        &'a self,
        account: &'a str,
        seen: u64,
        item: Option<&'a Item>,
    ) -> BoxFuture<'a, Result<Put, RoomError>> {
        Box::pin(async move {
            let expires = match item {
                Some(_) => self.still_open().await?.expires,
                // Who wants to leave can, whatever the table says.
                None => match self.notice().await {
                    Ok(Some(notice)) => notice.about.expires,
                    _ => self.clock.now() + FAREWELL,
                },
            };
            let changed = self.clock.now();
            self.write(Written { account, version: seen + 1, changed, expires, item }, seen).await
        })
    }

    fn changes(&self, since: Cursor) -> BoxFuture<'_, Result<Changes, RoomError>> {
        Box::pin(self.changed(since))
    }

    fn post<'a>(&'a self, message: &'a Message) -> BoxFuture<'a, Result<(), RoomError>> {
        Box::pin(async move {
            self.still_open().await?;
            let request = self
                .client
                .put_item()
                .table_name(&self.arn)
                .set_item(Some(attributes::message(message)));
            let sent = request.send().await;
            sent.map(drop).map_err(|error| self.trouble("dynamodb:PutItem", &error))
        })
    }

    fn messages<'a>(
        &'a self,
        account: &'a str,
        now: Timestamp,
    ) -> BoxFuture<'a, Result<Vec<Message>, RoomError>> {
        Box::pin(async move {
            let (all, own) =
                try_join(self.messages_in(EVERYONE), self.messages_in(account)).await?;
            let of_all = all.iter().map(|found| attributes::read_message(found, None));
            let to_one = own.iter().map(|found| attributes::read_message(found, Some(account)));
            let mut messages: Vec<Message> =
                of_all.chain(to_one).flatten().filter(|message| message.expires > now).collect();
            messages.sort_by_key(|message| message.sent);
            Ok(messages)
        })
    }

    fn close(&self) -> BoxFuture<'_, Result<(), RoomError>> {
        Box::pin(self.end())
    }
}

/// Whether what was written for stands no more.
fn is_refused_by_condition<E, R>(error: &aws_sdk_dynamodb::error::SdkError<E, R>) -> bool
where
    aws_sdk_dynamodb::error::SdkError<E, R>: aws_sdk_dynamodb::error::ProvideErrorMetadata,
{
    use aws_sdk_dynamodb::error::ProvideErrorMetadata as _;
    error.code() == Some("ConditionalCheckFailedException")
}
