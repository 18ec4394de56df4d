//! Traces: kept, found by time and filter expression, read whole.

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use super::filter::Filter;
use super::{destination, invalid};
use crate::practice::store::Tx;
use crate::practice::wire::{Answer, Call, Fault, Reply, epoch};

const TRACES: &str = "xray:trace";
const DELAY: &str = "xray-delay";
/// Traces that are kept.
const MOST: usize = 300;
/// Longest time that one search may look at.
const LONGEST: SignedDuration = SignedDuration::from_hours(6);
/// Summaries in a page.
const PAGE: usize = 100;
/// Traces that are read at once.
const BATCH: usize = 5;

/// A trace.
#[derive(Debug, Serialize, Deserialize)]
struct Trace {
    /// When its last segment came.
    at: Timestamp,
    segments: Vec<Value>,
}

/// How long traces take to show in an account: what a test or a rehearsal sets.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Delay {
    /// The account.
    pub account: String,
    /// Seconds until a trace shows. On AWS it is half a minute, here nothing by default.
    pub seconds: u32,
}

/// Sets an account's delay.
///
/// # Errors
/// The practice account's own.
pub fn set_delay(tx: &Tx<'_>, delay: &Delay) -> Result<(), Fault> {
    tx.global().put(DELAY, "delay", delay)
}

/// Keeps segments of a trace, where X-Ray gets to see them.
///
/// # Errors
/// The practice account's own.
pub(super) fn keep(tx: &Tx<'_>, id: &str, segments: Vec<Value>) -> Result<(), Fault> {
    if !destination::indexes(tx)? {
        return Ok(());
    }
    let known: Option<Trace> = tx.get(TRACES, id)?;
    if known.is_none() {
        let all: Vec<(String, Trace)> = tx.list(TRACES)?;
        let over = (all.len() + 1).saturating_sub(MOST);
        for (old, _) in &all[..over] {
            tx.delete(TRACES, old)?;
        }
    }
    let mut trace = known.unwrap_or_else(|| Trace { at: tx.now(), segments: Vec::new() });
    trace.at = tx.now();
    trace.segments.extend(segments);
    tx.put(TRACES, id, &trace)
}

/// The traces that show by now, with their ids.
fn shown(tx: &Tx<'_>) -> Result<Vec<(String, Trace)>, Fault> {
    let delay: Option<Delay> = tx.global().get(DELAY, "delay")?;
    let delay = SignedDuration::from_secs(delay.map_or(0, |delay| delay.seconds.into()));
    let mut traces: Vec<(String, Trace)> = tx.list(TRACES)?;
    traces.retain(|(_, trace)| tx.now().duration_since(trace.at) >= delay);
    Ok(traces)
}

/// A time as calls give it: seconds since 1970.
fn time(call: &Call, member: &str) -> Result<Timestamp, Fault> {
    let seconds = call.input.get(member).and_then(Value::as_f64);
    #[expect(clippy::cast_possible_truncation, reason = "milliseconds since 1970")]
    let time = seconds.and_then(|s| Timestamp::from_millisecond((s * 1000.0) as i64).ok());
    time.ok_or_else(|| invalid(format!("{member} is required")))
}

pub(super) fn summaries(tx: &Tx<'_>, call: &Call) -> Answer {
    let (from, until) = (time(call, "StartTime")?, time(call, "EndTime")?);
    if until < from {
        return Err(invalid("End time must be after the start time."));
    }
    if until.duration_since(from) > LONGEST {
        return Err(invalid("Time range cannot be longer than 6 hours."));
    }
    let filter = Filter::parse(call.text("FilterExpression"))?;
    let account = &tx.scope().account;
    let within: Vec<Value> = shown(tx)?
        .iter()
        .filter(|(_, trace)| (from..=until).contains(&trace.at))
        .map(|(id, trace)| summary(account, id, trace))
        .collect();
    let processed = within.len();
    let found: Vec<Value> = within.into_iter().filter(|one| filter.holds(one)).collect();
    let start = call.text("NextToken").parse().unwrap_or(0_usize).min(found.len());
    let end = (start + PAGE).min(found.len());
    let mut answer = json!({
        "TraceSummaries": found[start..end], "ApproximateTime": epoch(tx.now()),
        "TracesProcessedCount": processed,
    });
    if end < found.len() {
        answer["NextToken"] = end.to_string().into();
    }
    Ok(Reply::ok(answer))
}

pub(super) fn batch(tx: &Tx<'_>, call: &Call) -> Answer {
    let wanted = call.texts("TraceIds");
    if wanted.is_empty() || wanted.len() > BATCH {
        return Err(invalid(format!("TraceIds must be 1 to {BATCH}")));
    }
    let shown = shown(tx)?;
    let (mut traces, mut missing) = (Vec::new(), Vec::new());
    for id in wanted {
        let Some((_, trace)) = shown.iter().find(|(known, _)| *known == id) else {
            missing.push(id);
            continue;
        };
        let (start, end) = bounds(&trace.segments);
        let segments: Vec<Value> = trace
            .segments
            .iter()
            .map(|segment| json!({ "Id": segment["id"], "Document": segment.to_string() }))
            .collect();
        traces.push(json!({ "Id": id, "Duration": end - start, "LimitExceeded": false,
            "Segments": segments }));
    }
    Ok(Reply::ok(json!({ "Traces": traces, "UnprocessedTraceIds": missing })))
}

/// Start of the first segment, and end of the last.
fn bounds(segments: &[Value]) -> (f64, f64) {
    let number = |segment: &Value, name: &str| segment[name].as_f64().unwrap_or_default();
    let starts = segments.iter().map(|segment| number(segment, "start_time"));
    let ends = segments.iter().map(|segment| number(segment, "end_time"));
    (starts.fold(f64::INFINITY, f64::min), ends.fold(0.0, f64::max))
}

/// A service as summaries name it.
fn service(account: &str, segment: &Value) -> Value {
    json!({ "Name": segment["name"], "Names": [segment["name"]], "AccountId": account,
        "Type": segment["origin"] })
}

/// A trace as `GetTraceSummaries` shows it. Its first segment is the one that everything began with.
fn summary(account: &str, id: &str, trace: &Trace) -> Value {
    let root = trace.segments.first().unwrap_or(&Value::Null);
    let (start, end) = bounds(&trace.segments);
    let number = |name: &str| root[name].as_f64().unwrap_or_default();
    let has = |flag: &str| trace.segments.iter().any(|segment| segment[flag] == true);
    let own = |flag: &str| root[flag] == true;
    let (request, response) = (&root["http"]["request"], &root["http"]["response"]);
    let mut http = Map::new();
    for (name, value) in [
        ("HttpURL", &request["url"]),
        ("HttpStatus", &response["status"]),
        ("HttpMethod", &request["method"]),
        ("UserAgent", &request["user_agent"]),
        ("ClientIp", &request["client_ip"]),
    ] {
        if !value.is_null() {
            http.insert(name.to_owned(), value.clone());
        }
    }
    let annotation = |value: &Value| {
        json!([{ "AnnotationValue": { "StringValue": value },
            "ServiceIds": [service(account, root)] }])
    };
    let annotations = root["annotations"].as_object().into_iter().flatten();
    let annotations: Map<String, Value> =
        annotations.map(|(name, value)| (name.clone(), annotation(value))).collect();
    let mut arns: Vec<&Value> = trace.segments.iter().map(|one| &one["resource_arn"]).collect();
    arns.dedup();
    json!({
        "Id": id, "StartTime": start, "Duration": end - start,
        "ResponseTime": number("end_time") - number("start_time"),
        "HasFault": own("fault"), "HasError": own("error"), "HasThrottle": has("throttle"),
        "IsPartial": false, "Http": http, "Annotations": annotations, "Users": [],
        "ServiceIds": trace.segments.iter().map(|one| service(account, one)).collect::<Value>(),
        "ResourceARNs": arns.iter().map(|arn| json!({ "ARN": arn })).collect::<Value>(),
        "InstanceIds": [], "AvailabilityZones": [], "EntryPoint": service(account, root),
        "FaultRootCauses": [], "ErrorRootCauses": [], "ResponseTimeRootCauses": [],
        "Revision": 1,
    })
}
