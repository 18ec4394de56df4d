//! Amazon DynamoDB: the partners' table.

use aws_sdk_dynamodb::types::AttributeValue;
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
    let table = table(&stack)
        .ok_or_else(|| missing(format!("table PartnerDDBTable in stack {}", stack.stack.name)))?;
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

/// The stack has other tables, so only the course's logical id will do.
fn table(stack: &AppStack) -> Option<&str> {
    let resource = stack.resources.get("PartnerDDBTable")?;
    let is_table =
        matches!(resource.kind.as_str(), "AWS::DynamoDB::Table" | "AWS::DynamoDB::GlobalTable");
    is_table.then_some(resource.id.as_str())
}

fn shown(value: Option<&AttributeValue>) -> String {
    match value {
        Some(AttributeValue::S(text) | AttributeValue::N(text)) => text.clone(),
        _ => String::new(),
    }
}
