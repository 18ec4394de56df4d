//! EventBridge Scheduler: schedules, which never fire here.

use serde_json::json;

use crate::practice::protocol::rest::Route;
use crate::practice::resource;
use crate::practice::store::Tx;
use crate::practice::wire::{Answer, Call, Fault, Reply, epoch};

/// Paths and their operations.
pub const ROUTES: &[Route] = &[Route::new("GET", "/schedules/{Name}", "GetSchedule")];

/// Answers the service's calls.
pub fn call(tx: &Tx<'_>, call: &Call) -> Answer {
    if call.operation != "GetSchedule" {
        return Err(call.unknown());
    }
    let name = call.required("Name")?;
    let found = resource::get(tx, "AWS::Scheduler::Schedule", name)?.ok_or_else(|| {
        let message = format!("Schedule {name} does not exist.");
        Fault::new(404, "ResourceNotFoundException", message)
    })?;
    let property = |name: &str| found.properties.get(name).cloned();
    Ok(Reply::ok(json!({
        "Name": found.id, "Arn": found.attribute("Arn"), "GroupName": "default",
        "State": property("State").unwrap_or_else(|| json!("ENABLED")),
        "ScheduleExpression": property("ScheduleExpression"),
        "FlexibleTimeWindow": property("FlexibleTimeWindow"),
        "Target": property("Target"),
        "CreationDate": epoch(found.created),
        "LastModificationDate": epoch(found.changed),
    })))
}
