//! EventBridge Scheduler: schedules, and running the functions that they target.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::{iam, lambda};
use crate::practice::backend::{self, access};
use crate::practice::protocol::rest::Route;
use crate::practice::resource::{self, Resource};
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

const RUNS: &str = "schedule-run";

/// A schedule's last run.
#[derive(Debug, Serialize, Deserialize)]
struct Run {
    at: Timestamp,
    worked: bool,
}

/// Runs each schedule of a rate whose time has come, and whose target is a function: once, however
/// many times it was due. Where the function or its role changed since the last run, or that
/// failed, it runs at once.
///
/// # Errors
/// The practice account's own.
pub fn tick(tx: &Tx<'_>) -> Result<(), Fault> {
    for schedule in resource::all(tx, "AWS::Scheduler::Schedule")? {
        let Some(minutes) = rate(schedule.text("ScheduleExpression")) else { continue };
        let target = schedule.properties.get("Target").cloned().unwrap_or_default();
        let text = |name: &str| target.get(name).and_then(Value::as_str).unwrap_or("");
        let arn = text("Arn");
        if schedule.text("State") == "DISABLED" || !arn.contains(":function:") {
            continue;
        }
        let Some(function) = resource::get(tx, lambda::FUNCTION, lambda::name_of(arn))? else {
            continue;
        };
        let due = match tx.get::<Run>(RUNS, &schedule.id)? {
            None => true,
            Some(run) => {
                !run.worked
                    || tx.now().duration_since(run.at).as_secs() >= minutes * 60
                    || changed(tx, &function)? > run.at
            }
        };
        if due && access::allows(tx, text("RoleArn"), "lambda:InvokeFunction", arn)? {
            let input = serde_json::from_str(text("Input")).unwrap_or_else(|_| json!({}));
            let worked = backend::invoke(tx, &function, &input)?.error.is_none();
            tx.put(RUNS, &schedule.id, &Run { at: tx.now(), worked })?;
        }
    }
    Ok(())
}

/// When the function, its role or its stack last changed.
fn changed(tx: &Tx<'_>, function: &Resource) -> Result<Timestamp, Fault> {
    let role = iam::role_of(tx, function.text("Role"))?;
    let stack = match &function.stack {
        Some(name) => super::cloudformation::changed(tx, name)?,
        None => None,
    };
    let times = [role.map(|role| role.changed), stack];
    Ok(times.into_iter().flatten().fold(function.changed, Timestamp::max))
}

/// The minutes of `rate(2 minutes)`.
fn rate(expression: &str) -> Option<i64> {
    let inside = expression.trim().strip_prefix("rate(")?.strip_suffix(')')?;
    let (number, unit) = inside.trim().split_once(' ')?;
    let factor = match unit.trim() {
        "minute" | "minutes" => 1,
        "hour" | "hours" => 60,
        "day" | "days" => 24 * 60,
        _ => return None,
    };
    number.parse::<i64>().ok().filter(|number| *number > 0)?.checked_mul(factor)
}

#[cfg(test)]
mod tests {
    use super::rate;

    #[test]
    fn rates_are_minutes() {
        assert_eq!(rate("rate(2 minutes)"), Some(2));
        assert_eq!(rate(" rate(1 day) "), Some(1440));
        for other in ["cron(0 10 * * ? *)", "rate(0 minutes)", "rate(2 weeks)", "rate()", ""] {
            assert_eq!(rate(other), None, "{other}");
        }
    }
}
