//! Amazon DynamoDB: the partners' table, and the demand's.

use std::collections::HashMap;

use aws_sdk_dynamodb::operation::scan::ScanOutput;
use aws_sdk_dynamodb::types::AttributeValue;
use jiff::{SignedDuration, Timestamp};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::cloudformation::AppStack;
use super::{missing, too_many};
use crate::account::call::Operation;
use crate::account::fact::{FactError, Known};
use crate::account::reader::{Reader, known};

/// A partners' table with more rows isn't read; the workshop's holds a handful.
const MOST_PARTNERS: usize = 1000;

/// The partners' table.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
pub(crate) struct Partners {
    /// The table's name.
    table: String,
    /// Rows of the table.
    pub(crate) partners: Vec<Partner>,
}

/// A registered partner.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
pub(crate) struct Partner {
    /// Id of the partner's app client.
    pub(crate) client: String,
    /// The company's id in the database.
    company: String,
}

pub(crate) async fn partners(reader: &Reader, facts: &Known) -> Result<Partners, FactError> {
    let stack: AppStack = known(facts, "app_stack")?;
    let table = table(&stack, "PartnerDDBTable")?;
    let mut partners = Vec::new();
    let mut start = None;
    loop {
        let page = scan(reader, table, "ClientID, CompanyID", start).await?;
        partners.extend(page.items().iter().map(|row| Partner {
            client: shown(row.get("ClientID")),
            company: shown(row.get("CompanyID")),
        }));
        start = page.last_evaluated_key().cloned();
        if start.is_none() {
            return Ok(Partners { table: table.to_owned(), partners });
        }
        if partners.len() > MOST_PARTNERS {
            return Err(too_many(
                format!("Table {table} holds more than {MOST_PARTNERS} partners."),
                "Delete the partners that you don't need, then verify again.",
            ));
        }
    }
}

/// One page of a table's rows.
async fn scan(
    reader: &Reader,
    table: &str,
    columns: &str,
    start: Option<HashMap<String, AttributeValue>>,
) -> Result<ScanOutput, FactError> {
    let account = &reader.account;
    let request = account.clients().dynamodb.scan().table_name(table).limit(1000);
    let request = request.projection_expression(columns).set_exclusive_start_key(start);
    let answer = account.call(Operation("dynamodb", "Scan"), request.send()).await;
    answer.map_err(|error| {
        if error.is(&["ResourceNotFoundException"]) {
            missing(format!("table {table}"))
        } else {
            error.into()
        }
    })
}

/// The stack has several tables, so only the course's logical id will do.
pub(super) fn table<'a>(stack: &'a AppStack, logical: &str) -> Result<&'a str, FactError> {
    stack
        .resources
        .get(logical)
        .filter(|resource| {
            matches!(resource.kind.as_str(), "AWS::DynamoDB::Table" | "AWS::DynamoDB::GlobalTable")
        })
        .map(|resource| resource.id.as_str())
        .ok_or_else(|| missing(format!("table {logical} in stack {}", stack.stack.name)))
}

/// The rows that the analytics function wrote.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
pub(crate) struct DemandRows {
    /// The table's name.
    table: String,
    /// How many rows were seen, about 10,000 at most.
    rows: usize,
    /// When the newest of them was written, RFC 3339.
    newest: Option<String>,
    /// How long ago that was, in whole minutes.
    age_minutes: Option<i64>,
    /// It was written after the stack's last deployment began.
    after_deployment: bool,
}

/// A table with more rows isn't read to its end: a row every two minutes makes so many in a fortnight.
const MOST_ROWS: usize = 10_000;
/// A row as young as this was written by a function that works.
const YOUNG: SignedDuration = SignedDuration::from_mins(15);

pub(crate) async fn demand_rows(reader: &Reader, facts: &Known) -> Result<DemandRows, FactError> {
    let stack: AppStack = known(facts, "app_stack")?;
    let table = table(&stack, "DemandForecastDDBTable")?;
    let (mut rows, mut newest): (usize, Option<Timestamp>) = (0, None);
    let mut start = None;
    loop {
        let page = scan(reader, table, "RecordTimeStamp", start).await?;
        rows += page.items().len();
        let times = page.items().iter().filter_map(|row| written(row.get("RecordTimeStamp")));
        newest = newest.into_iter().chain(times).max();
        start = page.last_evaluated_key().cloned();
        if start.is_none() {
            break;
        }
        // Rows come in no order: the newest may be among those that aren't read.
        if rows >= MOST_ROWS {
            let young = |newest| Timestamp::now().duration_since(newest) < YOUNG;
            if newest.is_some_and(young) {
                break;
            }
            return Err(too_many(
                format!("Table {table} holds more than {MOST_ROWS} rows, in no order."),
                "Delete old rows, then verify again.",
            ));
        }
    }
    let deployed = stack.stack.changed.as_deref().and_then(|time| time.parse::<Timestamp>().ok());
    Ok(DemandRows {
        table: table.to_owned(),
        rows,
        newest: newest.map(|time| time.to_string()),
        age_minutes: newest.map(|time| Timestamp::now().duration_since(time).as_mins()),
        after_deployment: newest.zip(deployed).is_some_and(|(newest, since)| newest >= since),
    })
}

/// The time in a row's key. Other routes may write seconds or milliseconds since 1970.
fn written(value: Option<&AttributeValue>) -> Option<Timestamp> {
    let text = shown(value);
    match text.parse::<i64>() {
        Ok(number) if number > 100_000_000_000 => Timestamp::from_millisecond(number).ok(),
        Ok(number) => Timestamp::from_second(number).ok(),
        Err(_) => text.parse().ok(),
    }
}

fn shown(value: Option<&AttributeValue>) -> String {
    match value {
        Some(AttributeValue::S(text) | AttributeValue::N(text)) => text.clone(),
        _ => String::new(),
    }
}
