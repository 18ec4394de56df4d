//! A room in a file: for one machine, demonstrations and tests.

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use futures_util::future::BoxFuture;
use jiff::Timestamp;
use rusqlite::types::ValueRef;
use rusqlite::{Connection, OpenFlags, OptionalExtension as _, TransactionBehavior, params};

use super::item::Item;
use super::wire::{self, decode, encode};
use super::{About, Changes, Cursor, Message, Put, Room, RoomError, Row};

/// The format of the file.
const FORMAT: i64 = 1;
/// `stpr`: tells a room from any other SQLite database.
const APPLICATION: i64 = 0x7374_7072;
/// How long another program's write is waited for.
const PATIENCE: Duration = Duration::from_secs(5);
/// `change` numbers the room's writes: no two writers' clocks have to agree.
const SCHEMA: &str = "
    CREATE TABLE room (
        id INTEGER PRIMARY KEY CHECK (id = 1),
        about TEXT NOT NULL,
        closed INTEGER NOT NULL,
        change INTEGER NOT NULL
    ) STRICT;
    CREATE TABLE attendee (
        account TEXT PRIMARY KEY,
        version INTEGER NOT NULL,
        change INTEGER NOT NULL,
        changed TEXT NOT NULL,
        body TEXT NOT NULL
    ) STRICT;
    CREATE UNIQUE INDEX attendee_change ON attendee (change);
    CREATE TABLE message (
        id INTEGER PRIMARY KEY,
        recipient TEXT,
        text TEXT NOT NULL,
        sent INTEGER NOT NULL,
        expires INTEGER NOT NULL
    ) STRICT;
";
/// A body is read a little longer than the longest, so that it is seen to be too long.
const COLUMNS: &str = "account, version, change, changed, substr(body, 1, 70000)";
/// More messages at once nobody reads.
const MOST_MESSAGES: usize = 100;

/// A room in an SQLite file. Clones share the connection.
#[derive(Debug, Clone)]
pub struct SqliteRoom {
    connection: Arc<Mutex<Connection>>,
    path: PathBuf,
}

impl SqliteRoom {
    /// Makes a room in a new file.
    ///
    /// # Errors
    /// The file is there, or can't be written.
    pub fn create(path: &Path, about: &About) -> Result<Self, RoomError> {
        let unusable = |message: String| RoomError::Unusable { path: path.to_owned(), message };
        match std::fs::File::create_new(path) {
            Ok(_) => {}
            Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => {
                return Err(RoomError::Taken { path: path.to_owned() });
            }
            Err(error) => return Err(unusable(error.to_string())),
        }
        let about = serde_json::to_string(about).map_err(|error| unusable(error.to_string()))?;
        let failed = |error: rusqlite::Error| RoomError::of(path, &error);
        let mut connection = connect(path)?;
        connection.pragma_update(None, "journal_mode", "WAL").map_err(failed)?;
        let transaction = connection.transaction().map_err(failed)?;
        transaction.execute_batch(SCHEMA).map_err(failed)?;
        transaction.execute("INSERT INTO room VALUES (1, ?, 0, 0)", [about]).map_err(failed)?;
        transaction.pragma_update(None, "application_id", APPLICATION).map_err(failed)?;
        transaction.pragma_update(None, "user_version", FORMAT).map_err(failed)?;
        transaction.commit().map_err(failed)?;
        Ok(Self::over(connection, path))
    }

    /// Opens a room. One that has expired is emptied first.
    ///
    /// # Errors
    /// There is none, the file is something else, or newer, or can't be written.
    pub fn open(path: &Path) -> Result<Self, RoomError> {
        let failed = |error: rusqlite::Error| RoomError::of(path, &error);
        let foreign = || RoomError::Foreign { path: path.to_owned() };
        let connection = connect(path)?;
        let number = |name: &str| {
            connection.pragma_query_value(None, name, |row| row.get::<_, i64>(0)).map_err(failed)
        };
        if number("application_id")? != APPLICATION {
            return Err(foreign());
        }
        match number("user_version")? {
            FORMAT => {}
            found => return Err(RoomError::Newer { path: path.to_owned(), found }),
        }
        let about = about(&connection).map_err(failed)?.ok_or_else(foreign)?;
        if about.expires <= Timestamp::now() {
            connection
                .execute_batch("DELETE FROM attendee; DELETE FROM message;")
                .map_err(failed)?;
        }
        Ok(Self::over(connection, path))
    }

    fn over(connection: Connection, path: &Path) -> Self {
        Self { connection: Arc::new(Mutex::new(connection)), path: path.to_owned() }
    }

    /// Another program may hold the file for a moment: not on the threads that answer keys.
    fn run<T: Send + 'static>(
        &self,
        work: impl FnOnce(&mut Connection) -> rusqlite::Result<T> + Send + 'static,
    ) -> BoxFuture<'static, Result<T, RoomError>> {
        let Self { connection, path } = self.clone();
        Box::pin(async move {
            // What was opened can be read and written on, unseen by anybody who opens it now.
            if !path.exists() {
                return Err(RoomError::Missing { path });
            }
            let done = tokio::task::spawn_blocking(move || {
                work(&mut connection.lock().unwrap_or_else(PoisonError::into_inner))
            });
            match done.await {
                Ok(done) => done.map_err(|error| RoomError::of(&path, &error)),
                Err(error) => Err(RoomError::Unusable { path, message: error.to_string() }),
            }
        })
    }
}

impl Room for SqliteRoom {
    fn about(&self) -> BoxFuture<'_, Result<About, RoomError>> {
        Box::pin(async move {
            let found = self.run(|connection| about(connection)).await?;
            found.ok_or_else(|| RoomError::Foreign { path: self.path.clone() })
        })
    }

    fn row<'a>(&'a self, account: &'a str) -> BoxFuture<'a, Result<Option<Row>, RoomError>> {
        let account = account.to_owned();
        self.run(move |connection| row(connection, &account))
    }

    fn put<'a>(
        &'a self,
        account: &'a str,
        seen: u64,
        item: Option<&'a Item>,
    ) -> BoxFuture<'a, Result<Put, RoomError>> {
        let (account, body, leaves) = (account.to_owned(), encode(item), item.is_none());
        Box::pin(async move {
            let work = move |connection: &mut _| put(connection, &account, seen, &body, leaves);
            let put = self.run(work).await?;
            put.ok_or(RoomError::Closed)
        })
    }

    fn changes(&self, since: Cursor) -> BoxFuture<'_, Result<Changes, RoomError>> {
        self.run(move |connection| changes(connection, since))
    }

    fn post<'a>(&'a self, message: &'a Message) -> BoxFuture<'a, Result<(), RoomError>> {
        let message = message.clone();
        Box::pin(async move {
            let posted = self.run(move |connection| post(connection, &message)).await?;
            posted.ok_or(RoomError::Closed)
        })
    }

    fn messages<'a>(
        &'a self,
        account: &'a str,
        now: Timestamp,
    ) -> BoxFuture<'a, Result<Vec<Message>, RoomError>> {
        let account = account.to_owned();
        self.run(move |connection| messages(connection, &account, now))
    }

    fn close(&self) -> BoxFuture<'_, Result<(), RoomError>> {
        self.run(|connection| connection.execute("UPDATE room SET closed = 1", []).map(drop))
    }
}

fn connect(path: &Path) -> Result<Connection, RoomError> {
    let failed = |error: rusqlite::Error| RoomError::of(path, &error);
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags(path, flags).map_err(failed)?;
    connection.busy_timeout(PATIENCE).map_err(failed)?;
    Ok(connection)
}

/// What the room is for; none where that can't be read.
fn about(connection: &Connection) -> rusqlite::Result<Option<About>> {
    let text: Option<String> =
        connection.query_row("SELECT about FROM room", [], |row| row.get(0)).optional()?;
    Ok(text.and_then(|text| serde_json::from_str(&text).ok()))
}

/// Whether it takes news and messages.
fn is_open(connection: &Connection) -> rusqlite::Result<bool> {
    let closed: bool = connection.query_row("SELECT closed FROM room", [], |row| row.get(0))?;
    Ok(!closed && about(connection)?.is_some_and(|about| about.expires > Timestamp::now()))
}

fn row(connection: &Connection, account: &str) -> rusqlite::Result<Option<Row>> {
    let mut statement =
        connection.prepare_cached(&format!("SELECT {COLUMNS} FROM attendee WHERE account = ?"))?;
    statement.query_row([account], |found| read(found).map(|(_, row)| row)).optional()
}

/// None where the room is closed.
fn put(
    connection: &mut Connection,
    account: &str,
    seen: u64,
    body: &str,
    leaves: bool,
) -> rusqlite::Result<Option<Put>> {
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    if !leaves && !is_open(&transaction)? {
        return Ok(None);
    }
    let there = row(&transaction, account)?;
    if there.as_ref().map_or(0, |row| row.version) != seen {
        return Ok(Some(Put::Stale(there)));
    }
    let change: i64 = transaction.query_row(
        "UPDATE room SET change = change + 1 RETURNING change",
        [],
        |row| row.get(0),
    )?;
    transaction.execute(
        "INSERT INTO attendee VALUES (?1, 1, ?2, ?3, ?4)
         ON CONFLICT (account)
         DO UPDATE SET version = version + 1, change = ?2, changed = ?3, body = ?4",
        params![account, change, Timestamp::now().to_string(), body],
    )?;
    transaction.commit()?;
    Ok(Some(Put::Written))
}

fn changes(connection: &Connection, since: Cursor) -> rusqlite::Result<Changes> {
    let mut statement = connection.prepare_cached(&format!(
        "SELECT {COLUMNS} FROM attendee WHERE change > ? ORDER BY change"
    ))?;
    let mut next = since;
    let mut rows = Vec::new();
    for found in statement.query_map([since.0], read)? {
        let (change, row) = found?;
        next = Cursor(change);
        rows.push(row);
    }
    Ok(Changes { rows, next })
}

/// A row and the number of its change. Somebody else may have written anything there.
fn read(found: &rusqlite::Row<'_>) -> rusqlite::Result<(i64, Row)> {
    let (account, changed, body) = (text(found, 0)?, text(found, 3)?, text(found, 4)?);
    let row = Row {
        version: u64::try_from(found.get::<_, i64>(1)?).unwrap_or(0),
        changed: changed.parse().unwrap_or(Timestamp::UNIX_EPOCH),
        body: decode(&account, &body),
        account: wire::shown_name(&account),
    };
    Ok((found.get(2)?, row))
}

/// A text, also where it isn't UTF-8.
fn text(found: &rusqlite::Row<'_>, column: usize) -> rusqlite::Result<String> {
    Ok(match found.get_ref(column)? {
        ValueRef::Text(bytes) => String::from_utf8_lossy(bytes).into_owned(),
        _ => String::new(),
    })
}

/// None where the room is closed.
fn post(connection: &mut Connection, message: &Message) -> rusqlite::Result<Option<()>> {
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    if !is_open(&transaction)? {
        return Ok(None);
    }
    let Message { to, text, sent, expires } = message;
    let (sent, expires) = (sent.as_millisecond(), expires.as_millisecond());
    transaction.execute("DELETE FROM message WHERE expires <= ?", [sent])?;
    transaction.execute(
        "INSERT INTO message (recipient, text, sent, expires) VALUES (?, ?, ?, ?)",
        params![to, wire::shown_line(text), sent, expires],
    )?;
    transaction.commit()?;
    Ok(Some(()))
}

/// The newest, oldest of them first.
fn messages(
    connection: &Connection,
    account: &str,
    now: Timestamp,
) -> rusqlite::Result<Vec<Message>> {
    let mut statement = connection.prepare_cached(&format!(
        "SELECT recipient, substr(text, 1, 2000), sent, expires FROM message
         WHERE (recipient IS NULL OR recipient = ?) AND expires > ?
         ORDER BY id DESC LIMIT {MOST_MESSAGES}"
    ))?;
    let time = |at: i64| Timestamp::from_millisecond(at).unwrap_or(Timestamp::UNIX_EPOCH);
    let found = statement.query_map(params![account, now.as_millisecond()], |row| {
        Ok(Message {
            to: matches!(row.get_ref(0)?, ValueRef::Text(_)).then(|| account.to_owned()),
            text: wire::shown_line(&text(row, 1)?),
            sent: time(row.get(2)?),
            expires: time(row.get(3)?),
        })
    })?;
    let mut messages = found.collect::<rusqlite::Result<Vec<_>>>()?;
    messages.reverse();
    Ok(messages)
}
