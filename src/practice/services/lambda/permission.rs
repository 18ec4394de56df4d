//! Who may invoke a function: `AWS::Lambda::Permission`, one statement each.

use serde_json::{Map, Value, json};

use super::name_of;
use crate::practice::random;
use crate::practice::resource::{self, Desired, Provider, Resource, Updated};
use crate::practice::store::Tx;
use crate::practice::wire::{Answer, Call, Fault, Reply};

/// The type of permissions.
pub const PERMISSION: &str = "AWS::Lambda::Permission";

/// Makes permissions.
#[derive(Debug)]
pub struct Permission;

impl Provider for Permission {
    fn kind(&self) -> &'static str {
        PERMISSION
    }

    fn create(&self, tx: &Tx<'_>, desired: &Desired<'_>) -> Result<Resource, Fault> {
        super::find(tx, desired.text("FunctionName"))?;
        for required in ["Action", "Principal"] {
            if desired.text(required).is_empty() {
                let message = format!("{required} is required");
                return Err(Fault::new(400, "ValidationException", message));
            }
        }
        let id = match desired.text("StatementId") {
            "" => desired.generated_name(100),
            id => id.to_owned(),
        };
        let made = Resource::new(tx, PERMISSION, &id, desired).with("Id", id);
        resource::put(tx, &made)?;
        Ok(made)
    }

    fn update(&self, _: &Tx<'_>, old: &Resource, desired: &Desired<'_>) -> Result<Updated, Fault> {
        // Every property of a permission makes a new one.
        let same = old.properties == *desired.properties;
        Ok(if same { Updated::InPlace } else { Updated::Replace })
    }

    fn delete(&self, tx: &Tx<'_>, old: &Resource) -> Result<(), Fault> {
        resource::forget(tx, old)
    }
}

fn statements(tx: &Tx<'_>, function: &Resource) -> Result<Vec<Resource>, Fault> {
    let mut all = resource::all(tx, PERMISSION)?;
    all.retain(|permission| name_of(permission.text("FunctionName")) == function.id);
    Ok(all)
}

fn statement(function: &Resource, permission: &Resource) -> Value {
    let who = permission.text("Principal");
    let principal = if who.contains(".amazonaws.com") {
        json!({ "Service": who })
    } else if who == "*" {
        json!("*")
    } else {
        json!({ "AWS": who })
    };
    let mut condition = Map::new();
    if let Some(arn) = permission.properties.get("SourceArn") {
        condition.insert("ArnLike".to_owned(), json!({ "AWS:SourceArn": arn }));
    }
    if let Some(account) = permission.properties.get("SourceAccount") {
        condition.insert("StringEquals".to_owned(), json!({ "AWS:SourceAccount": account }));
    }
    let mut statement = json!({
        "Sid": permission.id, "Effect": "Allow", "Principal": principal,
        "Action": permission.text("Action"), "Resource": function.attribute("Arn"),
    });
    if !condition.is_empty() {
        statement["Condition"] = Value::Object(condition);
    }
    statement
}

pub(super) fn policy(tx: &Tx<'_>, function: &Resource) -> Answer {
    let all = statements(tx, function)?;
    if all.is_empty() {
        return Err(Fault::new(
            404,
            "ResourceNotFoundException",
            "The resource you requested does not exist.",
        ));
    }
    let statements: Vec<Value> = all.iter().map(|each| statement(function, each)).collect();
    let policy = json!({ "Version": "2012-10-17", "Id": "default", "Statement": statements });
    Ok(Reply::ok(json!({
        "Policy": policy.to_string(), "RevisionId": function.attribute("RevisionId"),
    })))
}

pub(super) fn add(tx: &Tx<'_>, function: &Resource, call: &Call) -> Answer {
    let id = call.required("StatementId")?;
    if statements(tx, function)?.iter().any(|known| known.id == id) {
        let message = format!("The statement id ({id}) provided already exists.");
        return Err(Fault::new(409, "ResourceConflictException", message));
    }
    let desired = Desired { properties: &call.input, stack: None, logical: None };
    let made = Permission.create(tx, &desired)?;
    let statement = statement(function, &made).to_string();
    Ok(Reply { status: 201, ..Reply::ok(json!({ "Statement": statement })) })
}

pub(super) fn remove(tx: &Tx<'_>, function: &Resource, id: &str) -> Answer {
    let all = statements(tx, function)?;
    let found = all.iter().find(|known| known.id == id).ok_or_else(|| {
        let message = format!("Statement {id} is not found in resource policy.");
        Fault::new(404, "ResourceNotFoundException", message)
    })?;
    resource::forget(tx, found)?;
    let changed = function.clone().with("RevisionId", random::uuid());
    resource::put(tx, &changed)?;
    Ok(Reply::empty(204))
}
