//! Tables as resources.

use serde_json::{Value, json};

use super::items;
use crate::practice::random;
use crate::practice::resource::{self, Desired, Provider, Resource, Updated};
use crate::practice::store::Tx;
use crate::practice::wire::{Answer, Call, Fault, Reply, epoch};

/// The type of tables.
pub const TABLE: &str = "AWS::DynamoDB::Table";

/// Makes tables.
#[derive(Debug)]
pub struct Table;

impl Provider for Table {
    fn kind(&self) -> &'static str {
        TABLE
    }

    fn create(&self, tx: &Tx<'_>, desired: &Desired<'_>) -> Result<Resource, Fault> {
        check(desired.properties)?;
        let name = desired.name("TableName", 255);
        if resource::get(tx, TABLE, &name)?.is_some() {
            return Err(resource::exists(&name));
        }
        let arn = tx.arn("dynamodb", &format!("table/{name}"));
        let made = Resource::new(tx, TABLE, name, desired)
            .with("Arn", arn)
            .with("TableId", random::uuid());
        resource::put(tx, &made)?;
        Ok(made)
    }

    fn update(&self, tx: &Tx<'_>, old: &Resource, desired: &Desired<'_>) -> Result<Updated, Fault> {
        check(desired.properties)?;
        let differs = |name: &str| old.properties.get(name) != desired.properties.get(name);
        if differs("TableName") || differs("KeySchema") {
            return Ok(Updated::Replace);
        }
        resource::put(tx, &old.changed_to(tx, desired))?;
        Ok(Updated::InPlace)
    }

    fn delete(&self, tx: &Tx<'_>, old: &Resource) -> Result<(), Fault> {
        items::forget_all(tx, &old.id)?;
        resource::forget(tx, old)
    }
}

fn check(properties: &Value) -> Result<(), Fault> {
    let keys = key_names(properties);
    let defined = properties.get("AttributeDefinitions").and_then(Value::as_array);
    let known = |key: &String| {
        defined.is_some_and(|all| all.iter().any(|one| one["AttributeName"] == key.as_str()))
    };
    if (1..=2).contains(&keys.len()) && keys.iter().all(known) {
        return Ok(());
    }
    Err(Fault::new(
        400,
        "ValidationException",
        "One or more parameter values were invalid: KeySchema needs one or two keys that \
         AttributeDefinitions define",
    ))
}

/// The key's attributes: partition key first.
pub(super) fn key_names(properties: &Value) -> Vec<String> {
    let schema = properties.get("KeySchema").and_then(Value::as_array);
    let mut keys: Vec<(&str, String)> = schema
        .into_iter()
        .flatten()
        .filter_map(|key| {
            Some((key.get("KeyType")?.as_str()?, key.get("AttributeName")?.as_str()?.to_owned()))
        })
        .collect();
    keys.sort_by_key(|(kind, _)| *kind != "HASH");
    keys.into_iter().map(|(_, name)| name).collect()
}

/// The table by its name or ARN.
pub(super) fn find(tx: &Tx<'_>, reference: &str) -> Result<Resource, Fault> {
    let name = reference.rsplit_once(":table/").map_or(reference, |(_, name)| name);
    resource::get(tx, TABLE, name)?.ok_or_else(|| {
        Fault::new(
            400,
            "ResourceNotFoundException",
            format!("Requested resource not found: Table: {name} not found"),
        )
    })
}

pub(super) fn describe(tx: &Tx<'_>, call: &Call) -> Answer {
    let table = find(tx, call.required("TableName")?)?;
    let property = |name: &str| table.properties.get(name).cloned();
    let mode = property("BillingMode").unwrap_or_else(|| json!("PROVISIONED"));
    // AWS brings the count up to date every six hours: a new table's stays 0.
    Ok(Reply::ok(json!({ "Table": {
        "TableName": table.id,
        "TableArn": table.attribute("Arn"),
        "TableId": table.attribute("TableId"),
        "TableStatus": "ACTIVE",
        "CreationDateTime": epoch(table.created),
        "AttributeDefinitions": property("AttributeDefinitions"),
        "KeySchema": property("KeySchema"),
        "ItemCount": 0,
        "TableSizeBytes": 0,
        "BillingModeSummary": { "BillingMode": mode },
        "ProvisionedThroughput": {
            "NumberOfDecreasesToday": 0, "ReadCapacityUnits": 0, "WriteCapacityUnits": 0,
        },
        "DeletionProtectionEnabled": property("DeletionProtectionEnabled").unwrap_or_else(|| json!(false)),
    }})))
}

pub(super) fn list(tx: &Tx<'_>) -> Answer {
    let names: Vec<String> = resource::all(tx, TABLE)?.into_iter().map(|table| table.id).collect();
    Ok(Reply::ok(json!({ "TableNames": names })))
}
