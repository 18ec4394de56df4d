//! Amazon DynamoDB: the partners' table, and the demand's.

use aws_sdk_dynamodb::types::AttributeValue;
use jiff::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::cloudformation::AppStack;
use super::missing;
use crate::account::call::Operation;
use crate::account::fact::{FactError, Known};
use crate::account::reader::{Reader, known};

/// Rows that are read; the workshop's table holds a handful.
const MOST_ROWS: i32 = 100;

/// The partners' table.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
pub(crate) struct Partners {
    /// The table's name.
    table: String,
    /// Rows of the table, at most 100.
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
    let account = &reader.account;
    let request = account.clients().dynamodb.scan().table_name(table).limit(MOST_ROWS).send();
    let scan = Box::pin(account.call(Operation("dynamodb", "Scan"), request));
    let answer = scan.await.map_err(|error| {
        if error.is(&["ResourceNotFoundException"]) {
            missing(format!("table {table}"))
        } else {
            error.into()
        }
    })?;
    let partners = answer
        .items()
        .iter()
        .map(|row| Partner {
            client: shown(row.get("ClientID")),
            company: shown(row.get("CompanyID")),
        })
        .collect();
    Ok(Partners { table: table.to_owned(), partners })
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
    /// How many rows were seen, at most 3000.
    rows: usize,
    /// When the newest of them was written, RFC 3339.
    newest: Option<String>,
    /// How long ago that was, in whole minutes.
    age_minutes: Option<i64>,
    /// It was written after the stack's last deployment began.
    after_deployment: bool,
}

/// Pages of 1000 rows: one row every two minutes makes one page in 33 hours.
const DEMAND_PAGES: usize = 3;

pub(crate) async fn demand_rows(reader: &Reader, facts: &Known) -> Result<DemandRows, FactError> {
    let stack: AppStack = known(facts, "app_stack")?;
    let table = table(&stack, "DemandForecastDDBTable")?;
    let account = &reader.account;
    let (mut rows, mut newest): (usize, Option<Timestamp>) = (0, None);
    let mut start = None;
    for _ in 0..DEMAND_PAGES {
        let request = account.clients().dynamodb.scan().table_name(table).limit(1000);
        let request =
            request.projection_expression("RecordTimeStamp").set_exclusive_start_key(start);
        let scan = Box::pin(account.call(Operation("dynamodb", "Scan"), request.send()));
        let answer = scan.await.map_err(|error| {
            if error.is(&["ResourceNotFoundException"]) {
                missing(format!("table {table}"))
            } else {
                error.into()
            }
        })?;
        rows += answer.items().len();
        let times = answer.items().iter().filter_map(|row| written(row.get("RecordTimeStamp")));
        newest = newest.into_iter().chain(times).max();
        start = answer.last_evaluated_key().cloned();
        if start.is_none() {
            break;
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
