//! The practice accounts' state: JSON documents and blobs in SQLite, by account and region.

use std::path::Path;
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Mutex, PoisonError};

use jiff::{SignedDuration, Timestamp};
use rusqlite::config::DbConfig;
use rusqlite::types::ValueRef;
use rusqlite::{Connection, OptionalExtension, TransactionBehavior, params};
use serde::{Serialize, de::DeserializeOwned};

use super::wire::Fault;

/// The region under which services without regions (IAM, S3) keep their documents.
pub const GLOBAL_REGION: &str = "aws-global";

/// An account in a region: the unit in which everything is kept apart.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Scope {
    /// 12 digits.
    pub account: String,
    /// `us-east-1`.
    pub region: String,
}

/// All practice accounts of one data directory.
#[derive(Debug)]
pub struct Store {
    connection: Mutex<Connection>,
    /// Seconds that its clock is ahead.
    ahead: AtomicI64,
}

const SCHEMA: &str = "
CREATE TABLE IF NOT EXISTS document (
  sequence INTEGER PRIMARY KEY AUTOINCREMENT,
  account TEXT NOT NULL, region TEXT NOT NULL, collection TEXT NOT NULL, id TEXT NOT NULL,
  body TEXT NOT NULL,
  UNIQUE (account, region, collection, id));
CREATE INDEX IF NOT EXISTS document_of_all ON document (collection, id);
CREATE TABLE IF NOT EXISTS blob (
  account TEXT NOT NULL, region TEXT NOT NULL, collection TEXT NOT NULL, id TEXT NOT NULL,
  body BLOB NOT NULL,
  PRIMARY KEY (account, region, collection, id));
";

impl Store {
    /// Opens the store in a file, or makes it there.
    pub fn open(path: &Path) -> rusqlite::Result<Self> {
        Self::with(Connection::open(path)?)
    }

    /// A store that lives as long as the process.
    pub fn in_memory() -> rusqlite::Result<Self> {
        Self::with(Connection::open_in_memory()?)
    }

    fn with(connection: Connection) -> rusqlite::Result<Self> {
        connection.pragma_update(None, "journal_mode", "WAL")?;
        connection.pragma_update(None, "synchronous", "NORMAL")?;
        connection.busy_timeout(std::time::Duration::from_secs(5))?;
        // Otherwise SQLite plans a kept statement anew for each account that it is bound to.
        connection.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true)?;
        connection.execute_batch(SCHEMA)?;
        Ok(Self { connection: Mutex::new(connection), ahead: AtomicI64::new(0) })
    }

    /// Runs `work` as one transaction: kept when it answers, undone when it fails.
    pub fn transact<T>(
        &self,
        scope: &Scope,
        work: impl FnOnce(&Tx<'_>) -> Result<T, Fault>,
    ) -> Result<T, Fault> {
        let mut connection = self.connection.lock().unwrap_or_else(PoisonError::into_inner);
        // Immediate: another process may share the file, and a read that turns into a write would
        // be refused at once instead of waiting.
        let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        let now = self.now();
        let value = work(&Tx { connection: &transaction, scope: scope.clone(), now })?;
        transaction.commit()?;
        Ok(value)
    }

    /// Sets the accounts' clock ahead of the machine's, until this store is closed: what expires,
    /// expires. Limited to a year.
    pub fn set_ahead(&self, ahead: SignedDuration) {
        let year = SignedDuration::from_hours(366 * 24);
        self.ahead.store(ahead.clamp(-year, year).as_secs(), Ordering::Relaxed);
    }

    fn now(&self) -> Timestamp {
        let ahead = SignedDuration::from_secs(self.ahead.load(Ordering::Relaxed));
        let now = Timestamp::now();
        now.checked_add(ahead).unwrap_or(now)
    }

    /// The file that holds the state; none when it is in memory.
    pub fn path(&self) -> Option<String> {
        let connection = self.connection.lock().unwrap_or_else(PoisonError::into_inner);
        connection.path().filter(|path| !path.is_empty()).map(str::to_owned)
    }

    /// The accounts that hold anything, in order.
    pub fn accounts(&self) -> Result<Vec<String>, Fault> {
        let connection = self.connection.lock().unwrap_or_else(PoisonError::into_inner);
        let mut statement = connection
            .prepare_cached("SELECT account FROM document UNION SELECT account FROM blob")?;
        let rows = statement.query_map([], |row| row.get(0))?;
        Ok(rows.collect::<Result<_, _>>()?)
    }
}

/// One request's view of the store, limited to one account and region.
#[derive(Debug)]
pub struct Tx<'a> {
    connection: &'a Connection,
    scope: Scope,
    now: Timestamp,
}

impl<'a> Tx<'a> {
    /// The same transaction seen from another account or region.
    #[must_use]
    pub fn within(&self, scope: Scope) -> Tx<'a> {
        Tx { connection: self.connection, scope, now: self.now }
    }

    /// The account's documents of services without regions (IAM, S3). `resource::{get, put, all,
    /// forget}` choose it themselves by the resource's type.
    #[must_use]
    pub fn global(&self) -> Tx<'a> {
        let account = self.scope.account.clone();
        self.within(Scope { account, region: GLOBAL_REGION.to_owned() })
    }

    /// The account and region.
    pub fn scope(&self) -> &Scope {
        &self.scope
    }

    /// The request's time.
    pub fn now(&self) -> Timestamp {
        self.now
    }

    /// `arn:aws:{service}:{region}:{account}:{rest}`; without region for IAM and STS.
    pub fn arn(&self, service: &str, rest: &str) -> String {
        let region = match service {
            "iam" | "sts" => "",
            _ => &self.scope.region,
        };
        format!("arn:aws:{service}:{region}:{}:{rest}", self.scope.account)
    }

    /// The document, or none.
    pub fn get<T: DeserializeOwned>(&self, collection: &str, id: &str) -> Result<Option<T>, Fault> {
        self.connection
            .prepare_cached(
                "SELECT body FROM document WHERE account=?1 AND region=?2 AND collection=?3 AND id=?4",
            )?
            .query_row(params![self.scope.account, self.scope.region, collection, id], |row| {
                Ok(read(row.get_ref(0)?))
            })
            .optional()?
            .transpose()
    }

    /// Writes the document; a new one goes last in [`Tx::list`].
    pub fn put<T: Serialize>(&self, collection: &str, id: &str, value: &T) -> Result<(), Fault> {
        self.connection
            .prepare_cached(
                "INSERT INTO document (account, region, collection, id, body) VALUES (?1,?2,?3,?4,?5)
                 ON CONFLICT (account, region, collection, id) DO UPDATE SET body = excluded.body",
            )?
            .execute(params![
                self.scope.account,
                self.scope.region,
                collection,
                id,
                serde_json::to_string(value)?
            ])?;
        Ok(())
    }

    /// Removes the document; whether it was there.
    pub fn delete(&self, collection: &str, id: &str) -> Result<bool, Fault> {
        Ok(self
            .connection
            .prepare_cached(
                "DELETE FROM document WHERE account=?1 AND region=?2 AND collection=?3 AND id=?4",
            )?
            .execute(params![self.scope.account, self.scope.region, collection, id])?
            > 0)
    }

    /// All documents of a collection with their ids, oldest first.
    pub fn list<T: DeserializeOwned>(&self, collection: &str) -> Result<Vec<(String, T)>, Fault> {
        let mut statement = self.connection.prepare_cached(
            "SELECT id, body FROM document WHERE account=?1 AND region=?2 AND collection=?3
             ORDER BY sequence",
        )?;
        let rows = statement
            .query_map(params![self.scope.account, self.scope.region, collection], |row| {
                Ok((row.get(0)?, read(row.get_ref(1)?)))
            })?;
        rows.map(|row| {
            let (id, body) = row?;
            Ok((id, body?))
        })
        .collect()
    }

    /// Ids of all documents of a collection, oldest first.
    pub fn ids(&self, collection: &str) -> Result<Vec<String>, Fault> {
        let mut statement = self.connection.prepare_cached(
            "SELECT id FROM document WHERE account=?1 AND region=?2 AND collection=?3
             ORDER BY sequence",
        )?;
        let of = params![self.scope.account, self.scope.region, collection];
        let rows = statement.query_map(of, |row| row.get(0))?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    /// The blob, or none.
    pub fn blob(&self, collection: &str, id: &str) -> Result<Option<Vec<u8>>, Fault> {
        Ok(self
            .connection
            .prepare_cached(
                "SELECT body FROM blob WHERE account=?1 AND region=?2 AND collection=?3 AND id=?4",
            )?
            .query_row(params![self.scope.account, self.scope.region, collection, id], |row| {
                row.get(0)
            })
            .optional()?)
    }

    /// Writes the blob.
    pub fn put_blob(&self, collection: &str, id: &str, body: &[u8]) -> Result<(), Fault> {
        self.connection
            .prepare_cached(
                "INSERT OR REPLACE INTO blob (account, region, collection, id, body)
                 VALUES (?1,?2,?3,?4,?5)",
            )?
            .execute(params![self.scope.account, self.scope.region, collection, id, body])?;
        Ok(())
    }

    /// Removes the blob; whether it was there.
    pub fn delete_blob(&self, collection: &str, id: &str) -> Result<bool, Fault> {
        Ok(self
            .connection
            .prepare_cached(
                "DELETE FROM blob WHERE account=?1 AND region=?2 AND collection=?3 AND id=?4",
            )?
            .execute(params![self.scope.account, self.scope.region, collection, id])?
            > 0)
    }

    /// Runs `work`; what it wrote is undone when it fails. The rest of the transaction stays.
    pub fn attempt<T>(&self, work: impl FnOnce() -> Result<T, Fault>) -> Result<T, Fault> {
        self.savepoint(work, false)
    }

    /// Runs `work` and undoes what it wrote: to see what would come of it.
    pub fn rehearse<T>(&self, work: impl FnOnce() -> Result<T, Fault>) -> Result<T, Fault> {
        self.savepoint(work, true)
    }

    fn savepoint<T>(
        &self,
        work: impl FnOnce() -> Result<T, Fault>,
        undo: bool,
    ) -> Result<T, Fault> {
        self.connection.execute_batch("SAVEPOINT attempt")?;
        let outcome = work();
        if undo || outcome.is_err() {
            self.connection.execute_batch("ROLLBACK TO attempt")?;
        }
        self.connection.execute_batch("RELEASE attempt")?;
        outcome
    }

    /// Which account and region hold the document: for names that are unique in the whole world
    /// (API ids, bucket names, domain prefixes).
    pub fn find(&self, collection: &str, id: &str) -> Result<Option<Scope>, Fault> {
        Ok(self
            .connection
            .prepare_cached("SELECT account, region FROM document WHERE collection=?1 AND id=?2")?
            .query_row(params![collection, id], |row| {
                Ok(Scope { account: row.get(0)?, region: row.get(1)? })
            })
            .optional()?)
    }

    /// Forgets everything of an account, in all regions.
    pub fn wipe(&self, account: &str) -> Result<(), Fault> {
        for table in ["document", "blob"] {
            self.connection
                .execute(&format!("DELETE FROM {table} WHERE account=?1"), params![account])?;
        }
        Ok(())
    }
}

/// A document, from its text where it lies.
fn read<T: DeserializeOwned>(body: ValueRef<'_>) -> Result<T, Fault> {
    let text = body.as_str().map_err(rusqlite::Error::from)?;
    Ok(serde_json::from_str(text)?)
}
