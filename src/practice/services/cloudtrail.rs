//! CloudTrail: trails, and what functions' roles did. Management events alone are recorded, as
//! trails do by default: reading and writing items of a table are data events, and stay unseen.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::practice::policy::{Context, Decision, evaluate};
use crate::practice::resource::{self, Desired, Provider, Resource, Updated};
use crate::practice::services::s3;
use crate::practice::store::Tx;
use crate::practice::wire::{Answer, Call, Fault, Reply, epoch, iso};

/// The type of trails.
pub const TRAIL: &str = "AWS::CloudTrail::Trail";
const EVENTS: &str = "cloudtrail-event";

/// What a role did, one kind of call.
#[derive(Debug, Serialize, Deserialize)]
pub struct Event {
    /// The role's ARN.
    pub role: String,
    /// `logs:CreateLogStream`.
    pub action: String,
    /// On what.
    pub resource: String,
    /// When it was last done.
    pub last: Timestamp,
}

/// Calls that CloudTrail counts as data events.
const DATA: [&str; 9] = [
    "dynamodb:PutItem",
    "dynamodb:GetItem",
    "dynamodb:UpdateItem",
    "dynamodb:DeleteItem",
    "dynamodb:Query",
    "dynamodb:Scan",
    "s3:GetObject",
    "s3:PutObject",
    "lambda:InvokeFunction",
];

/// Records what a role did, when a trail is logging and the call is a management event.
///
/// # Errors
/// The practice account's own.
pub fn record(tx: &Tx<'_>, role: &str, action: &str, on: &str) -> Result<(), Fault> {
    let mut logging = trails(tx)?;
    logging.retain(is_logging);
    if DATA.contains(&action) || logging.is_empty() {
        return Ok(());
    }
    let event = Event {
        role: role.to_owned(),
        action: action.to_owned(),
        resource: on.to_owned(),
        last: tx.now(),
    };
    for trail in logging {
        deliver(tx, &trail, &event)?;
    }
    tx.put(EVENTS, &format!("{role} {action} {on}"), &event)
}

/// Adds the event to the hour's file in the trail's bucket. AWS delivers some minutes later, and
/// packs its files.
fn deliver(tx: &Tx<'_>, trail: &Resource, event: &Event) -> Result<(), Fault> {
    let (bucket, scope) = (trail.text("S3BucketName"), tx.scope());
    let (account, region) = (&scope.account, &scope.region);
    let (day, hour) = (event.last.strftime("%Y/%m/%d"), event.last.strftime("%Y%m%dT%H00Z"));
    let key = format!(
        "AWSLogs/{account}/CloudTrail/{region}/{day}/{account}_CloudTrail_{region}_{hour}.json"
    );
    let before = s3::object(tx, bucket, &key).unwrap_or_default();
    let before: Option<Value> = serde_json::from_slice(&before).ok();
    let records = before.as_ref().and_then(|file| file.get("Records")?.as_array());
    let mut records = records.cloned().unwrap_or_default();
    let (service, name) = event.action.split_once(':').unwrap_or(("", &event.action));
    records.push(json!({
        "eventVersion": "1.11", "eventTime": iso(event.last), "eventName": name,
        "eventSource": format!("{service}.amazonaws.com"), "awsRegion": region,
        "userIdentity": { "type": "AssumedRole", "arn": event.role },
        "resources": [{ "ARN": event.resource }],
    }));
    s3::deliver(tx, bucket, &key, json!({ "Records": records }).to_string().as_bytes())
}

/// What a role did since a time, as far as it was recorded.
///
/// # Errors
/// The practice account's own.
pub fn events(tx: &Tx<'_>, role: &str, since: Timestamp) -> Result<Vec<Event>, Fault> {
    let all: Vec<(String, Event)> = tx.list(EVENTS)?;
    let of_role = |event: &Event| event.role == role && event.last >= since;
    Ok(all.into_iter().map(|(_, event)| event).filter(of_role).collect())
}

fn trails(tx: &Tx<'_>) -> Result<Vec<Resource>, Fault> {
    resource::all(tx, TRAIL)
}

/// Whether the trail records.
pub fn is_logging(trail: &Resource) -> bool {
    match trail.properties.get("IsLogging") {
        Some(Value::String(text)) => text == "true",
        Some(value) => value.as_bool().unwrap_or(false),
        None => false,
    }
}

/// The trail by its name or ARN.
///
/// # Errors
/// `TrailNotFoundException`.
pub fn find(tx: &Tx<'_>, name: &str) -> Result<Resource, Fault> {
    let short = name.rsplit('/').next().unwrap_or(name);
    let found = resource::get(tx, TRAIL, short)?;
    found
        .filter(|trail| name == trail.id || name == trail.attribute("Arn"))
        .ok_or_else(|| Fault::new(400, "TrailNotFoundException", format!("Unknown trail: {name}")))
}

/// Answers the service's calls.
pub fn call(tx: &Tx<'_>, call: &Call) -> Answer {
    match call.operation.as_str() {
        "CreateTrail" => create(tx, call),
        "DescribeTrails" => {
            let wanted = call.texts("trailNameList");
            let list: Vec<Value> = trails(tx)?
                .iter()
                .filter(|trail| {
                    let arn = trail.attribute("Arn").to_owned();
                    wanted.is_empty() || wanted.contains(&trail.id) || wanted.contains(&arn)
                })
                .map(|trail| view(tx, trail))
                .collect();
            Ok(Reply::ok(json!({ "trailList": list })))
        }
        "ListTrails" => {
            let list: Vec<Value> = trails(tx)?
                .iter()
                .map(|trail| {
                    json!({ "Name": trail.id, "TrailARN": trail.attribute("Arn"),
                                     "HomeRegion": tx.scope().region })
                })
                .collect();
            Ok(Reply::ok(json!({ "Trails": list })))
        }
        "GetTrail" => {
            Ok(Reply::ok(json!({ "Trail": view(tx, &find(tx, call.required("Name")?)?) })))
        }
        "GetTrailStatus" => {
            let trail = find(tx, call.required("Name")?)?;
            let time = |name| trail.attributes.get(name).cloned();
            Ok(Reply::ok(json!({
                "IsLogging": is_logging(&trail),
                "StartLoggingTime": time("Started"),
                "StopLoggingTime": time("Stopped"),
            })))
        }
        "StartLogging" => switch(tx, call, true),
        "StopLogging" => switch(tx, call, false),
        "DeleteTrail" => {
            resource::forget(tx, &find(tx, call.required("Name")?)?)?;
            Ok(Reply::ok(json!({})))
        }
        _ => Err(call.unknown()),
    }
}

fn view(tx: &Tx<'_>, trail: &Resource) -> Value {
    let flag = |name: &str, otherwise: bool| match trail.properties.get(name) {
        Some(Value::String(text)) => text == "true",
        Some(value) => value.as_bool().unwrap_or(otherwise),
        None => otherwise,
    };
    json!({
        "Name": trail.id, "TrailARN": trail.attribute("Arn"), "HomeRegion": tx.scope().region,
        "S3BucketName": trail.text("S3BucketName"),
        "IncludeGlobalServiceEvents": flag("IncludeGlobalServiceEvents", true),
        "IsMultiRegionTrail": flag("IsMultiRegionTrail", false),
        "LogFileValidationEnabled": flag("EnableLogFileValidation", false),
        "IsOrganizationTrail": false, "HasCustomEventSelectors": false, "HasInsightSelectors": false,
    })
}

fn switch(tx: &Tx<'_>, call: &Call, on: bool) -> Answer {
    let mut trail = find(tx, call.required("Name")?)?;
    trail.properties["IsLogging"] = json!(on);
    let trail = trail.with(if on { "Started" } else { "Stopped" }, epoch(tx.now()));
    resource::put(tx, &trail)?;
    Ok(Reply::ok(json!({})))
}

fn create(tx: &Tx<'_>, call: &Call) -> Answer {
    let properties = json!({
        "TrailName": call.required("Name")?,
        "S3BucketName": call.required("S3BucketName")?,
        "IsMultiRegionTrail": call.flag("IsMultiRegionTrail"),
        "EnableLogFileValidation": call.flag("EnableLogFileValidation"),
        "IsLogging": false,
    });
    let desired = Desired { properties: &properties, stack: None, logical: None };
    let made = Trail.create(tx, &desired).map_err(|fault| match fault.code.as_str() {
        "AlreadyExistsException" => {
            let name = call.text("Name");
            Fault::new(400, "TrailAlreadyExistsException", format!("Trail {name} already exists."))
        }
        _ => fault,
    })?;
    Ok(Reply::ok(view(tx, &made)))
}

/// Makes trails.
#[derive(Debug)]
pub struct Trail;

/// CloudTrail looks before it makes a trail whether it may write into the bucket.
fn bucket_admits(tx: &Tx<'_>, bucket: &str, arn: &str) -> Result<(), Fault> {
    if resource::get(tx, s3::BUCKET, bucket)?.is_none() {
        let message = format!("S3 bucket {bucket} does not exist!");
        return Err(Fault::new(400, "S3BucketDoesNotExistException", message));
    }
    let policy = resource::get(tx, s3::BUCKET_POLICY, bucket)?;
    let document = policy.and_then(|policy| policy.properties.get("PolicyDocument").cloned());
    let mut document = document.unwrap_or_default();
    if let Some(statements) = document.get_mut("Statement").and_then(Value::as_array_mut) {
        let service = json!("cloudtrail.amazonaws.com");
        statements.retain(|statement| match statement.pointer("/Principal/Service") {
            Some(Value::Array(many)) => many.contains(&service),
            Some(one) => *one == service,
            None => statement.get("Principal") == Some(&json!("*")),
        });
    }
    let account = &tx.scope().account;
    let context = Context::of([
        ("aws:SourceArn", arn),
        ("aws:SourceAccount", account.as_str()),
        ("s3:x-amz-acl", "bucket-owner-full-control"),
        ("aws:SecureTransport", "true"),
    ]);
    let object = format!("arn:aws:s3:::{bucket}/AWSLogs/{account}/CloudTrail/x");
    let asked = [("s3:GetBucketAcl", format!("arn:aws:s3:::{bucket}")), ("s3:PutObject", object)];
    let may = asked.iter().all(|(action, on)| {
        evaluate([&document], action, on, Some(&context)).decision == Decision::Allow
    });
    if may {
        return Ok(());
    }
    let message = format!("Incorrect S3 bucket policy is detected for bucket: {bucket}");
    Err(Fault::new(400, "InsufficientS3BucketPolicyException", message))
}

impl Provider for Trail {
    fn kind(&self) -> &'static str {
        TRAIL
    }

    fn create(&self, tx: &Tx<'_>, desired: &Desired<'_>) -> Result<Resource, Fault> {
        let name = desired.name("TrailName", 128);
        let arn = tx.arn("cloudtrail", &format!("trail/{name}"));
        if resource::get(tx, TRAIL, &name)?.is_some() {
            return Err(resource::exists(&name));
        }
        bucket_admits(tx, desired.text("S3BucketName"), &arn)?;
        let made = Resource::new(tx, TRAIL, &name, desired).with("Arn", arn);
        let made = if is_logging(&made) { made.with("Started", epoch(tx.now())) } else { made };
        resource::put(tx, &made)?;
        Ok(made)
    }

    fn update(&self, tx: &Tx<'_>, old: &Resource, desired: &Desired<'_>) -> Result<Updated, Fault> {
        if old.text("TrailName") != desired.text("TrailName") {
            return Ok(Updated::Replace);
        }
        bucket_admits(tx, desired.text("S3BucketName"), old.attribute("Arn"))?;
        resource::put(tx, &old.changed_to(tx, desired))?;
        Ok(Updated::InPlace)
    }

    fn delete(&self, tx: &Tx<'_>, old: &Resource) -> Result<(), Fault> {
        resource::forget(tx, old)
    }
}
