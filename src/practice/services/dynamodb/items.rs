//! Items: DynamoDB's own JSON (`{"ClientID": {"S": "…"}}`), by table and key.

use serde_json::{Map, Value, json};

use super::table::{find, key_names};
use crate::practice::resource::Resource;
use crate::practice::store::Tx;
use crate::practice::wire::{Answer, Call, Fault, Reply};

/// Members whose effect isn't built: a call that has one is refused.
const UNSUPPORTED: [&str; 11] = [
    "FilterExpression",
    "AttributesToGet",
    "ConditionalOperator",
    "Expected",
    "KeyConditions",
    "QueryFilter",
    "ScanFilter",
    "IndexName",
    "Segment",
    "TotalSegments",
    "UpdateExpression",
];

fn collection(table: &str) -> String {
    format!("dynamodb-item/{table}")
}

fn invalid(message: impl Into<String>) -> Fault {
    Fault::new(400, "ValidationException", message)
}

/// The table of a call that asks for nothing that isn't built.
fn table(tx: &Tx<'_>, call: &Call) -> Result<Resource, Fault> {
    if let Some(member) = UNSUPPORTED.iter().find(|member| call.input.get(**member).is_some()) {
        return Err(Fault::not_implemented(
            "dynamodb",
            &format!("{} with {member}", call.operation),
        ));
    }
    find(tx, call.required("TableName")?)
}

/// The item's id in the store: its key's attributes in the table's order.
fn id_of(table: &Resource, item: &Value) -> Result<String, Fault> {
    let names = key_names(&table.properties);
    let defined = table.properties.get("AttributeDefinitions").and_then(Value::as_array);
    let mut parts = Vec::new();
    for name in names {
        let kind = defined
            .into_iter()
            .flatten()
            .find(|one| one["AttributeName"] == name.as_str())
            .and_then(|one| one["AttributeType"].as_str())
            .unwrap_or("S");
        let value = item.get(&name).and_then(|value| value.get(kind)).and_then(Value::as_str);
        let value = value.filter(|value| !value.is_empty()).ok_or_else(|| {
            invalid(format!(
                "One or more parameter values were invalid: Missing the key {name} in the item, or \
                 it is not of type {kind}"
            ))
        })?;
        parts.push(json!({ kind: value }));
    }
    Ok(Value::Array(parts).to_string())
}

/// The item with that key, for other services.
pub fn get_item(tx: &Tx<'_>, table: &str, key: &Value) -> Result<Option<Value>, Fault> {
    let table = find(tx, table)?;
    tx.get(&collection(&table.id), &id_of(&table, key)?)
}

/// Writes an item, for other services.
pub fn put_item(tx: &Tx<'_>, table: &str, item: &Value) -> Result<(), Fault> {
    let table = find(tx, table)?;
    tx.put(&collection(&table.id), &id_of(&table, item)?, item)
}

pub(super) fn forget_all(tx: &Tx<'_>, table: &str) -> Result<(), Fault> {
    for (id, _) in tx.list::<Value>(&collection(table))? {
        tx.delete(&collection(table), &id)?;
    }
    Ok(())
}

/// Refuses the write when its condition doesn't hold: `attribute_exists(A)` and
/// `attribute_not_exists(A)`.
fn condition(call: &Call, old: Option<&Value>) -> Result<(), Fault> {
    let text = call.text("ConditionExpression").trim();
    if text.is_empty() {
        return Ok(());
    }
    let inner = text
        .split_once('(')
        .and_then(|(function, rest)| Some((function.trim(), rest.strip_suffix(')')?.trim())));
    let Some((function @ ("attribute_exists" | "attribute_not_exists"), attribute)) = inner else {
        let what = format!("{} with ConditionExpression {text}", call.operation);
        return Err(Fault::not_implemented("dynamodb", &what));
    };
    let attribute = named(call, attribute)?;
    let exists = old.is_some_and(|old| old.get(&attribute).is_some());
    if exists == (function == "attribute_exists") {
        return Ok(());
    }
    Err(Fault::new(400, "ConditionalCheckFailedException", "The conditional request failed"))
}

/// An attribute's name, `#placeholder` looked up.
fn named(call: &Call, name: &str) -> Result<String, Fault> {
    if !name.starts_with('#') {
        return Ok(name.to_owned());
    }
    let found =
        call.input.get("ExpressionAttributeNames").and_then(|names| names.get(name)?.as_str());
    found
        .map(str::to_owned)
        .ok_or_else(|| invalid(format!("An expression attribute name used in the document path is not defined; attribute name: {name}")))
}

/// The item with the attributes that `ProjectionExpression` names; all of them without one.
fn projected(call: &Call, item: Value) -> Result<Value, Fault> {
    let expression = call.text("ProjectionExpression");
    let Value::Object(mut attributes) = item else { return Ok(item) };
    if expression.is_empty() {
        return Ok(Value::Object(attributes));
    }
    if expression.contains(['.', '[']) {
        let what = format!("{} with ProjectionExpression {expression}", call.operation);
        return Err(Fault::not_implemented("dynamodb", &what));
    }
    let names: Vec<String> =
        expression.split(',').map(|name| named(call, name.trim())).collect::<Result<_, _>>()?;
    attributes.retain(|name, _| names.contains(name));
    Ok(Value::Object(attributes))
}

/// The answer of a write, with the old item when the call wants it.
fn written(call: &Call, old: Option<Value>) -> Reply {
    match old {
        Some(old) if call.text("ReturnValues") == "ALL_OLD" => {
            Reply::ok(json!({ "Attributes": old }))
        }
        _ => Reply::ok(json!({})),
    }
}

pub(super) fn put(tx: &Tx<'_>, call: &Call) -> Answer {
    let table = table(tx, call)?;
    let item = call.input.get("Item").filter(|item| item.is_object());
    let item = item.ok_or_else(|| invalid("Item is required"))?;
    let id = id_of(&table, item)?;
    let old = tx.get(&collection(&table.id), &id)?;
    condition(call, old.as_ref())?;
    tx.put(&collection(&table.id), &id, item)?;
    Ok(written(call, old))
}

fn key(call: &Call) -> Result<&Value, Fault> {
    call.input.get("Key").filter(|key| key.is_object()).ok_or_else(|| invalid("Key is required"))
}

pub(super) fn get(tx: &Tx<'_>, call: &Call) -> Answer {
    let table = table(tx, call)?;
    let item: Option<Value> = tx.get(&collection(&table.id), &id_of(&table, key(call)?)?)?;
    Ok(Reply::ok(match item {
        Some(item) => json!({ "Item": projected(call, item)? }),
        None => json!({}),
    }))
}

pub(super) fn delete(tx: &Tx<'_>, call: &Call) -> Answer {
    let table = table(tx, call)?;
    let id = id_of(&table, key(call)?)?;
    let old = tx.get(&collection(&table.id), &id)?;
    condition(call, old.as_ref())?;
    tx.delete(&collection(&table.id), &id)?;
    Ok(written(call, old))
}

pub(super) fn scan(tx: &Tx<'_>, call: &Call) -> Answer {
    let table = table(tx, call)?;
    let items: Vec<Value> =
        tx.list(&collection(&table.id))?.into_iter().map(|(_, item)| item).collect();
    page(&table, call, items)
}

/// `Query` with equality on the key: `A = :a` or `A = :a AND B = :b`.
pub(super) fn query(tx: &Tx<'_>, call: &Call) -> Answer {
    let table = table(tx, call)?;
    let expression = call.required("KeyConditionExpression")?;
    let mut wanted = Map::new();
    for part in expression.split(" AND ").flat_map(|part| part.split(" and ")) {
        let (name, value) = part
            .split_once('=')
            .map(|(name, value)| (name.trim(), value.trim()))
            .filter(|(name, value)| value.starts_with(':') && !name.ends_with(['<', '>']))
            .ok_or_else(|| {
                let what = format!("Query with KeyConditionExpression {expression}");
                Fault::not_implemented("dynamodb", &what)
            })?;
        let values = call.input.get("ExpressionAttributeValues");
        let value = values.and_then(|values| values.get(value)).ok_or_else(|| {
            invalid(format!(
                "An expression attribute value used in expression is not defined: {value}"
            ))
        })?;
        wanted.insert(named(call, name)?, value.clone());
    }
    let keys = key_names(&table.properties);
    if !wanted.keys().all(|name| keys.contains(name)) || !wanted.contains_key(&keys[0]) {
        return Err(invalid("Query condition missed key schema element"));
    }
    let items = tx
        .list::<Value>(&collection(&table.id))?
        .into_iter()
        .map(|(_, item)| item)
        .filter(|item| wanted.iter().all(|(name, value)| item.get(name) == Some(value)))
        .collect();
    page(&table, call, items)
}

/// One page of items from `ExclusiveStartKey`, at most `Limit` of them.
fn page(table: &Resource, call: &Call, mut items: Vec<Value>) -> Answer {
    if let Some(start) = call.input.get("ExclusiveStartKey") {
        let start = id_of(table, start)?;
        let ids: Vec<String> =
            items.iter().map(|item| id_of(table, item)).collect::<Result<_, _>>()?;
        let from = ids.iter().position(|id| *id == start).map_or(items.len(), |at| at + 1);
        items.drain(..from);
    }
    let limit = call.number("Limit").map(|limit| usize::try_from(limit).unwrap_or(0));
    if limit == Some(0) {
        return Err(invalid("Limit must be 1 or more"));
    }
    let more = limit.is_some_and(|limit| items.len() > limit);
    items.truncate(limit.unwrap_or(usize::MAX));
    let mut answer = json!({ "Count": items.len(), "ScannedCount": items.len() });
    if let Some(last) = items.last().filter(|_| more) {
        let key: Map<String, Value> = key_names(&table.properties)
            .into_iter()
            .filter_map(|name| Some((name.clone(), last.get(&name)?.clone())))
            .collect();
        answer["LastEvaluatedKey"] = Value::Object(key);
    }
    if call.text("Select") != "COUNT" {
        let items = items.into_iter().map(|item| projected(call, item));
        answer["Items"] = Value::Array(items.collect::<Result<_, _>>()?);
    }
    Ok(Reply::ok(answer))
}
