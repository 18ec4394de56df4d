//! The cluster's database: SQLite in memory, kept as a blob of the account.
//!
//! It is in memory on purpose: injected SQL has no file system to reach. Statements, rows and
//! database are bounded, and what could attach another database is refused twice over.

use std::io::Cursor;

use rusqlite::hooks::{AuthAction, AuthContext, Authorization};
use rusqlite::limits::Limit;
use rusqlite::types::ValueRef;
use rusqlite::{Connection, ErrorCode, MAIN_DB};
use serde_json::{Map, Value};

use super::dialect::{self, Statement};
use crate::practice::store::Tx;
use crate::practice::wire::Fault;

/// Collection of databases, by the cluster's id.
const DATABASES: &str = "backend:database";
/// Most rows that one statement may answer with.
const MOST_ROWS: usize = 10_000;
/// Callbacks of [`OPERATIONS`] virtual machine operations each: some seconds of work.
const MOST_CALLBACKS: u32 = 20_000;
const OPERATIONS: i32 = 1_000;
/// Pages of 4096 bytes: 16 MB.
const MOST_PAGES: i32 = 4_096;

/// What a statement answers.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Outcome {
    /// Rows by column.
    Rows(Vec<Map<String, Value>>),
    /// A change.
    Done {
        /// The new row's id, or 0.
        insert_id: i64,
        /// Rows changed.
        affected: u64,
    },
}

/// An error as the MySQL driver reports it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct SqlError {
    /// `ER_DUP_ENTRY`.
    pub(super) code: &'static str,
    /// The text.
    pub(super) message: String,
}

impl SqlError {
    pub(super) fn new(code: &'static str, message: impl Into<String>) -> Self {
        Self { code, message: message.into() }
    }
}

/// An open database.
pub(super) struct Database {
    connection: Connection,
    cluster: String,
    /// Whether the setup function ran.
    exists: bool,
    /// Whether a statement that changes something ran.
    touched: bool,
}

impl Database {
    /// Opens the cluster's database as it was left.
    pub(super) fn open(tx: &Tx<'_>, cluster: &str) -> Result<Self, Fault> {
        let mut connection = Connection::open_in_memory()?;
        let kept = tx.blob(DATABASES, cluster)?;
        if let Some(bytes) = &kept {
            let length = bytes.len();
            connection.deserialize_read_exact(MAIN_DB, Cursor::new(bytes), length, false)?;
        }
        connection.pragma_update(None, "foreign_keys", true)?;
        connection.pragma_update(None, "max_page_count", MOST_PAGES)?;
        connection.set_limit(Limit::SQLITE_LIMIT_ATTACHED, 0)?;
        connection.set_limit(Limit::SQLITE_LIMIT_LENGTH, 1_000_000)?;
        connection.set_limit(Limit::SQLITE_LIMIT_SQL_LENGTH, 1_000_000)?;
        connection.authorizer(Some(|context: AuthContext<'_>| match context.action {
            AuthAction::Attach { .. }
            | AuthAction::Detach { .. }
            | AuthAction::Pragma { .. }
            | AuthAction::CreateVtable { .. }
            | AuthAction::DropVtable { .. }
            | AuthAction::Unknown { .. } => Authorization::Deny,
            AuthAction::Function { function_name: "load_extension" | "fts3_tokenizer" } => {
                Authorization::Deny
            }
            _ => Authorization::Allow,
        }))?;
        Ok(Self { connection, cluster: cluster.to_owned(), exists: kept.is_some(), touched: false })
    }

    /// Writes the database back to the account, when it may have changed.
    pub(super) fn keep(mut self, tx: &Tx<'_>) -> Result<(), Fault> {
        if !self.touched {
            return Ok(());
        }
        // Serializing asks for the page count, which callers mustn't.
        self.connection.authorizer(None::<fn(AuthContext<'_>) -> Authorization>)?;
        self.connection.progress_handler(0, None::<fn() -> bool>)?;
        let data = self.connection.serialize(MAIN_DB)?;
        tx.put_blob(DATABASES, &self.cluster, &data)
    }

    /// Makes the database known, as `CREATE DATABASE` does.
    pub(super) fn create(&mut self) {
        self.exists = true;
        self.touched = true;
    }

    /// Runs a text of one or more statements, each by itself: what ran before an error stays.
    pub(super) fn query(&mut self, sql: &str) -> Result<Vec<Outcome>, SqlError> {
        if !self.exists {
            return Err(SqlError::new(
                "ER_BAD_DB_ERROR",
                "Unknown database 'unicorn_customization'",
            ));
        }
        let mut outcomes = Vec::new();
        for statement in dialect::statements(sql) {
            let statement = statement.map_err(|error| SqlError::new("ER_PARSE_ERROR", error.0))?;
            outcomes.push(match statement {
                Statement::Nothing => Outcome::Done { insert_id: 0, affected: 0 },
                Statement::DropAll => self.drop_all()?,
                Statement::Run(sql) => self.run(&sql)?,
            });
        }
        Ok(outcomes)
    }

    fn drop_all(&mut self) -> Result<Outcome, SqlError> {
        let tables = self.run(
            "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%' \
             ORDER BY name = 'Custom_Unicorns' DESC",
        )?;
        if let Outcome::Rows(rows) = tables {
            for name in rows.iter().filter_map(|row| row.get("name")?.as_str()) {
                self.run(&format!("DROP TABLE \"{}\"", name.replace('"', "\"\"")))?;
            }
        }
        Ok(Outcome::Done { insert_id: 0, affected: 0 })
    }

    fn run(&mut self, sql: &str) -> Result<Outcome, SqlError> {
        let mut left = MOST_CALLBACKS;
        let stop = move || {
            left = left.saturating_sub(1);
            left == 0
        };
        self.connection.progress_handler(OPERATIONS, Some(stop)).map_err(error)?;
        let before = self.connection.total_changes();
        let mut statement = self.connection.prepare(sql).map_err(error)?;
        let names: Vec<String> = statement.column_names().map(str::to_owned).collect();
        let only_reads = statement.readonly();
        let mut found = Vec::new();
        let mut rows = statement.raw_query();
        while let Some(row) = rows.next().map_err(error)? {
            if found.len() == MOST_ROWS {
                return Err(SqlError::new("ER_QUERY_TIMEOUT", "too many rows"));
            }
            let mut values = Map::new();
            for (index, name) in names.iter().enumerate() {
                values.insert(name.clone(), json(row.get_ref(index).map_err(error)?));
            }
            found.push(values);
        }
        drop(rows);
        drop(statement);
        self.touched |= !only_reads;
        if !names.is_empty() {
            return Ok(Outcome::Rows(found));
        }
        // Foreign keys don't cascade here, so the total is the statement's own.
        let affected = self.connection.total_changes().saturating_sub(before);
        let inserts = sql.trim_start().get(..6).is_some_and(|v| v.eq_ignore_ascii_case("insert"));
        let insert_id =
            if inserts && affected > 0 { self.connection.last_insert_rowid() } else { 0 };
        Ok(Outcome::Done { insert_id, affected })
    }
}

/// A value as the driver gives it: whole numbers without a fraction.
fn json(value: ValueRef<'_>) -> Value {
    match value {
        ValueRef::Null => Value::Null,
        ValueRef::Integer(number) => number.into(),
        ValueRef::Real(number) => {
            let text = number.to_string();
            text.parse::<i64>().map_or_else(|_| number.into(), Value::from)
        }
        ValueRef::Text(bytes) | ValueRef::Blob(bytes) => {
            String::from_utf8_lossy(bytes).into_owned().into()
        }
    }
}

/// SQLite's error under the name that MySQL's has.
#[expect(clippy::needless_pass_by_value, reason = "maps errors by its name")]
fn error(error: rusqlite::Error) -> SqlError {
    let (kind, extended, text) = match &error {
        rusqlite::Error::SqliteFailure(inner, text) => {
            (inner.code, inner.extended_code, text.clone().unwrap_or_default())
        }
        rusqlite::Error::SqlInputError { error, msg, .. } => {
            (error.code, error.extended_code, msg.clone())
        }
        other => return SqlError::new("ER_PARSE_ERROR", other.to_string()),
    };
    let code = match (kind, extended) {
        (ErrorCode::ConstraintViolation, 1555 | 2067) => "ER_DUP_ENTRY",
        (ErrorCode::ConstraintViolation, 787) => "ER_NO_REFERENCED_ROW_2",
        (ErrorCode::ConstraintViolation, 1299) => "ER_BAD_NULL_ERROR",
        (ErrorCode::ConstraintViolation, _) => "ER_TRUNCATED_WRONG_VALUE_FOR_FIELD",
        (ErrorCode::OperationInterrupted, _) => "ER_QUERY_TIMEOUT",
        (ErrorCode::DiskFull | ErrorCode::TooBig, _) => "ER_RECORD_FILE_FULL",
        (ErrorCode::AuthorizationForStatementDenied, _) => "ER_PARSE_ERROR",
        _ if text.starts_with("no such table") => "ER_NO_SUCH_TABLE",
        _ if text.starts_with("no such column") => "ER_BAD_FIELD_ERROR",
        _ => "ER_PARSE_ERROR",
    };
    SqlError::new(code, text)
}
