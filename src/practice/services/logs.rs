//! CloudWatch Logs: log groups, as templates and running functions make them, and as the clean-up
//! removes them.

use serde_json::{Value, json};

use crate::practice::backend::access;
use crate::practice::resource::{self, Desired, Provider, Resource, Updated};
use crate::practice::store::Tx;
use crate::practice::wire::{Answer, Call, Fault, Reply};

const GROUP: &str = "AWS::Logs::LogGroup";

/// Answers the service's calls.
pub fn call(tx: &Tx<'_>, call: &Call) -> Answer {
    match call.operation.as_str() {
        "DescribeLogGroups" => {
            let prefix = call.text("logGroupNamePrefix");
            let groups: Vec<Value> = resource::all(tx, GROUP)?
                .iter()
                .filter(|group| group.id.starts_with(prefix))
                .map(view)
                .collect();
            Ok(Reply::ok(json!({ "logGroups": groups })))
        }
        "CreateLogGroup" => {
            let name = call.required("logGroupName")?;
            if resource::get(tx, GROUP, name)?.is_some() {
                let message = "The specified log group already exists";
                return Err(Fault::new(400, "ResourceAlreadyExistsException", message));
            }
            open(tx, name)?;
            Ok(Reply::empty(200))
        }
        "DeleteLogGroup" => {
            let group = resource::get(tx, GROUP, call.required("logGroupName")?)?;
            let group = group.ok_or_else(|| {
                let message = "The specified log group does not exist.";
                Fault::new(400, "ResourceNotFoundException", message)
            })?;
            resource::forget(tx, &group)?;
            Ok(Reply::empty(200))
        }
        _ => Err(call.unknown()),
    }
}

/// Makes a log group that no stack owns, where there is none of that name yet.
fn open(tx: &Tx<'_>, name: &str) -> Result<(), Fault> {
    if resource::get(tx, GROUP, name)?.is_none() {
        let properties = json!({ "LogGroupName": name });
        LogGroup.create(tx, &Desired { properties: &properties, stack: None, logical: None })?;
    }
    Ok(())
}

/// What a running function does first: it opens its log group, if its role lets it. The group
/// outlives the function.
///
/// # Errors
/// The practice account's own.
pub fn open_for(tx: &Tx<'_>, function: &Resource) -> Result<(), Fault> {
    let own = function.properties.pointer("/LoggingConfig/LogGroup").and_then(Value::as_str);
    let name = own.map_or_else(|| format!("/aws/lambda/{}", function.id), ToOwned::to_owned);
    let arn = tx.arn("logs", &format!("log-group:{name}:*"));
    if access::allows(tx, function.text("Role"), "logs:CreateLogGroup", &arn)? {
        open(tx, &name)?;
    }
    Ok(())
}

fn view(group: &Resource) -> Value {
    let mut view = json!({
        "logGroupName": group.id,
        "arn": group.attribute("Arn"),
        "creationTime": group.created.as_millisecond(),
        "storedBytes": 0,
    });
    if let Some(days) = group.properties.get("RetentionInDays") {
        view["retentionInDays"] = days.clone();
    }
    view
}

/// Makes log groups.
#[derive(Debug)]
pub struct LogGroup;

impl Provider for LogGroup {
    fn kind(&self) -> &'static str {
        GROUP
    }

    fn create(&self, tx: &Tx<'_>, desired: &Desired<'_>) -> Result<Resource, Fault> {
        let name = desired.name("LogGroupName", 512);
        if resource::get(tx, GROUP, &name)?.is_some() {
            return Err(resource::exists(&name));
        }
        let arn = tx.arn("logs", &format!("log-group:{name}:*"));
        let made = Resource::new(tx, GROUP, name, desired).with("Arn", arn);
        resource::put(tx, &made)?;
        Ok(made)
    }

    fn update(&self, tx: &Tx<'_>, old: &Resource, desired: &Desired<'_>) -> Result<Updated, Fault> {
        if old.text("LogGroupName") != desired.text("LogGroupName") {
            return Ok(Updated::Replace);
        }
        resource::put(tx, &old.changed_to(tx, desired))?;
        Ok(Updated::InPlace)
    }

    fn delete(&self, tx: &Tx<'_>, old: &Resource) -> Result<(), Fault> {
        resource::forget(tx, old)
    }
}
