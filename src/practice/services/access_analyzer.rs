//! IAM Access Analyzer: policies generated from what a role did, as a trail recorded it. A job is
//! in progress until it was looked at once: practice is shown the waiting, and doesn't wait.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::{cloudtrail, iam};
use crate::practice::backend::access;
use crate::practice::protocol::rest::Route;
use crate::practice::random;
use crate::practice::store::Tx;
use crate::practice::wire::{Answer, Call, Fault, Reply, iso};

/// Paths and their operations.
pub const ROUTES: &[Route] = &[
    Route::new("PUT", "/policy/generation", "StartPolicyGeneration"),
    Route::new("GET", "/policy/generation", "ListPolicyGenerations"),
    Route::new("GET", "/policy/generation/{jobId}", "GetGeneratedPolicy"),
    Route::new("PUT", "/policy/generation/{jobId}", "CancelPolicyGeneration"),
    Route::new("GET", "/analyzer", "ListAnalyzers"),
];

const JOBS: &str = "policy-generation";
/// Jobs of a day.
const MOST_A_DAY: usize = 50;

/// A policy generation.
#[derive(Debug, Clone, Serialize, Deserialize)]
struct Job {
    id: String,
    principal: String,
    details: Value,
    started: Timestamp,
    completed: Option<Timestamp>,
    /// `IN_PROGRESS`, `SUCCEEDED`, `FAILED`, `CANCELED`.
    status: String,
    error: Option<(String, String)>,
    policy: Option<Value>,
}

fn invalid(message: impl Into<String>) -> Fault {
    Fault::new(400, "ValidationException", message)
}

/// Answers the service's calls.
pub fn call(tx: &Tx<'_>, call: &Call) -> Answer {
    match call.operation.as_str() {
        "StartPolicyGeneration" => start(tx, call),
        "ListPolicyGenerations" => list(tx, call),
        "GetGeneratedPolicy" => get(tx, call),
        "CancelPolicyGeneration" => cancel(tx, call),
        "ListAnalyzers" => Ok(Reply::ok(json!({ "analyzers": [] }))),
        _ => Err(call.unknown()),
    }
}

fn jobs(tx: &Tx<'_>) -> Result<Vec<Job>, Fault> {
    Ok(tx.list::<Job>(JOBS)?.into_iter().map(|(_, job)| job).collect())
}

fn start(tx: &Tx<'_>, call: &Call) -> Answer {
    let text = |pointer: &str| call.input.pointer(pointer).and_then(Value::as_str).unwrap_or("");
    let principal = text("/policyGenerationDetails/principalArn");
    if iam::role_of(tx, principal)?.is_none() {
        return Err(invalid(format!("The principal {principal} does not exist.")));
    }
    let details = call.input.get("cloudTrailDetails").cloned().unwrap_or_default();
    if details.is_null() {
        return Err(Fault::not_implemented(
            "access-analyzer",
            "StartPolicyGeneration without cloudTrailDetails",
        ));
    }
    let trails = details.get("trails").and_then(Value::as_array).map_or(0, Vec::len);
    if trails != 1 {
        return Err(invalid("cloudTrailDetails must name one trail"));
    }
    if text("/cloudTrailDetails/accessRole").is_empty() || time(&details, "startTime").is_none() {
        return Err(invalid("cloudTrailDetails must have accessRole and startTime"));
    }
    let jobs = jobs(tx)?;
    let today = |job: &&Job| tx.now().duration_since(job.started).as_hours() < 24;
    if jobs.iter().any(|job| job.status == "IN_PROGRESS")
        || jobs.iter().filter(today).count() >= MOST_A_DAY
    {
        return Err(Fault::new(
            402,
            "ServiceQuotaExceededException",
            "A policy generation is in progress, or there were too many today.",
        ));
    }
    let job = Job {
        id: random::uuid(),
        principal: principal.to_owned(),
        details,
        started: tx.now(),
        completed: None,
        status: "IN_PROGRESS".to_owned(),
        error: None,
        policy: None,
    };
    tx.put(JOBS, &job.id, &job)?;
    Ok(Reply::ok(json!({ "jobId": job.id })))
}

/// A time of the request: RFC 3339, or seconds since 1970.
fn time(details: &Value, member: &str) -> Option<Timestamp> {
    match details.get(member)? {
        Value::String(text) => text.parse().ok(),
        value => value.as_f64().and_then(|seconds| {
            #[expect(clippy::cast_possible_truncation, reason = "seconds since 1970")]
            Timestamp::from_second(seconds as i64).ok()
        }),
    }
}

/// Completes a job that was looked at; what was seen is its state before.
fn look(tx: &Tx<'_>, job: Job) -> Result<Job, Fault> {
    if job.status == "IN_PROGRESS" {
        let mut done = job.clone();
        done.completed = Some(tx.now());
        match generate(tx, &job)? {
            Ok(policy) => {
                "SUCCEEDED".clone_into(&mut done.status);
                done.policy = Some(policy);
            }
            Err(error) => {
                "FAILED".clone_into(&mut done.status);
                done.error = Some(error);
            }
        }
        tx.put(JOBS, &done.id, &done)?;
    }
    Ok(job)
}

type Generated = Result<Value, (String, String)>;

/// The policy for what the role did, or why there is none.
fn generate(tx: &Tx<'_>, job: &Job) -> Result<Generated, Fault> {
    let failed = |code: &str, message: String| Ok(Err((code.to_owned(), message)));
    let text = |pointer: &str| job.details.pointer(pointer).and_then(Value::as_str).unwrap_or("");
    let arn = text("/trails/0/cloudTrailArn");
    let Ok(trail) = cloudtrail::find(tx, arn) else {
        return failed("RESOURCE_NOT_FOUND_ERROR", format!("Trail {arn} does not exist."));
    };
    let access_role = text("/accessRole");
    let logs = format!("arn:aws:s3:::{}/AWSLogs/x", trail.text("S3BucketName"));
    let last_accessed = "iam:GetServiceLastAccessedDetails";
    let needs = [("cloudtrail:GetTrail", arn), (last_accessed, "*"), ("s3:GetObject", &logs)];
    if !access::trusts(tx, access_role, "access-analyzer.amazonaws.com")? {
        let message = format!("Access Analyzer can't assume {access_role}.");
        return failed("AUTHORIZATION_ERROR", message);
    }
    for (action, on) in needs {
        if !access::allows(tx, access_role, action, on)? {
            let message = format!("{access_role} is not authorized to perform: {action} on {on}");
            return failed("AUTHORIZATION_ERROR", message);
        }
    }
    let since = time(&job.details, "startTime").unwrap_or(job.started);
    let mut services: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for event in cloudtrail::events(tx, &job.principal, since)? {
        let service = event.action.split(':').next().unwrap_or_default().to_owned();
        services.entry(service).or_default().insert(event.action);
    }
    let statements: Vec<Value> = services
        .values()
        .map(|actions| json!({ "Effect": "Allow", "Action": actions, "Resource": "*" }))
        .collect();
    Ok(Ok(json!({ "Version": "2012-10-17", "Statement": statements })))
}

fn summary(job: &Job) -> Value {
    let mut view = json!({
        "jobId": job.id, "status": job.status, "startedOn": iso(job.started),
    });
    if let Some(completed) = job.completed {
        view["completedOn"] = iso(completed).into();
    }
    view
}

fn list(tx: &Tx<'_>, call: &Call) -> Answer {
    let mut views = Vec::new();
    for job in jobs(tx)?.into_iter().rev() {
        let wanted = call.text("principalArn");
        if wanted.is_empty() || wanted == job.principal {
            let job = look(tx, job)?;
            let mut view = summary(&job);
            view["principalArn"] = json!(job.principal);
            views.push(view);
        }
    }
    Ok(Reply::ok(json!({ "policyGenerations": views })))
}

fn job(tx: &Tx<'_>, call: &Call) -> Result<Job, Fault> {
    let id = call.required("jobId")?;
    tx.get(JOBS, id)?.ok_or_else(|| invalid(format!("The job {id} does not exist.")))
}

fn get(tx: &Tx<'_>, call: &Call) -> Answer {
    for member in ["includeServiceLevelTemplate", "includeResourcePlaceholders"] {
        if call.flag(member) {
            let what = format!("GetGeneratedPolicy with {member}");
            return Err(Fault::not_implemented("access-analyzer", &what));
        }
    }
    let job = look(tx, job(tx, call)?)?;
    let mut details = summary(&job);
    if let Some((code, message)) = &job.error {
        details["jobError"] = json!({ "code": code, "message": message });
    }
    let trails = job.details.get("trails").cloned().unwrap_or_default();
    let mut result = json!({ "properties": {
        "isComplete": true, "principalArn": job.principal,
        "cloudTrailProperties": {
            "trailProperties": trails,
            "startTime": iso(time(&job.details, "startTime").unwrap_or(job.started)),
            "endTime": iso(time(&job.details, "endTime").unwrap_or(job.started)),
        },
    }});
    if let Some(policy) = &job.policy {
        result["generatedPolicies"] = json!([{ "policy": policy.to_string() }]);
    }
    Ok(Reply::ok(json!({ "jobDetails": details, "generatedPolicyResult": result })))
}

fn cancel(tx: &Tx<'_>, call: &Call) -> Answer {
    let mut job = job(tx, call)?;
    if job.status == "IN_PROGRESS" {
        "CANCELED".clone_into(&mut job.status);
        job.completed = Some(tx.now());
        tx.put(JOBS, &job.id, &job)?;
    }
    Ok(Reply::ok(json!({})))
}
