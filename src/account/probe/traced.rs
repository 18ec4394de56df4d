//! A request to the API's traced stage, and what AWS X-Ray then knows of this program's requests.
//!
//! Which requests a stage records, its sampling rule decides: by default the first one in each second
//! and some more. So a trace of any request that this program sent counts. They are known by the
//! trace id that they were sent with, or by the program's name in the user agent.

use std::hash::{BuildHasher, RandomState};
use std::time::Duration;

use aws_sdk_xray::types as sdk;
use aws_smithy_types::DateTime;
use jiff::{SignedDuration, Timestamp};
use reqwest::Method;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{AGENT, api_address, unanswered};
use crate::account::call::Operation;
use crate::account::fact::{FactError, Known};
use crate::account::facts::apigateway::Stage;
use crate::account::facts::cloudformation::AppStack;
use crate::account::facts::sampling::{self, STAGE};
use crate::account::facts::{missing, text, time, too_many};
use crate::account::reader::{Reader, known};

/// Where the request goes: reading a list changes nothing, whoever is let in.
const PATH: &str = "/socks";
/// How long a trace is waited for before the next request is sent: X-Ray shows one after some
/// seconds, often half a minute.
const PAUSES: [Duration; 3] =
    [Duration::from_secs(2), Duration::from_secs(8), Duration::from_secs(15)];
/// Older traces prove nothing of today.
const OLDEST: SignedDuration = SignedDuration::from_mins(30);
/// Summaries of traces of the API that are read: whose they are, only this program can tell.
const MOST_SUMMARIES: usize = 2000;
/// Traces that are shown.
const MOST_TRACES: usize = 5;

/// What X-Ray knows of this program's requests to the stage.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
pub(crate) struct Traces {
    /// Id of the trace that the last request was sent with.
    asked: String,
    /// When that request was sent, RFC 3339.
    sent: String,
    /// Traces of this program's requests since the stage was last changed, the newest first.
    found: Vec<Trace>,
    /// Name of the sampling rule that records none of the stage's requests, or null.
    left_out: Option<String>,
}

/// A trace.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
pub(crate) struct Trace {
    /// Its id.
    id: String,
    /// When it began, RFC 3339.
    at: Option<String>,
    /// HTTP status of the answer.
    status: Option<i32>,
    /// What took part in it: the stage, and functions that are traced.
    services: Vec<String>,
}

/// A request that was sent.
struct Sent {
    id: String,
    at: Timestamp,
}

pub(crate) async fn traces(reader: &Reader, facts: &Known) -> Result<Traces, FactError> {
    reader.may_probe()?;
    let stack: AppStack = known(facts, "app_stack")?;
    let stage: Stage = known(facts, "stage")?;
    if !stage.tracing {
        return Err(missing(format!("tracing on stage {}", stage.name)));
    }
    let base = api_address(reader, &stack)?;
    let from = since(&stage);
    let mut sent: Vec<Sent> = Vec::new();
    for pause in PAUSES.iter().map(Some).chain([None]) {
        sent.push(send(reader, &base).await?);
        let traces = search(reader, &stage, from, &sent).await?;
        let own = traces.iter().any(|trace| sent.iter().any(|sent| sent.id == trace.id));
        // Without a trace of today's request, an older one proves nothing where a rule leaves
        // requests out by now.
        let left_out = if own || sent.len() > 1 {
            None
        } else {
            let service = traces.first().and_then(|trace| trace.services.first());
            sampling::left_out(reader, &stage, PATH, service.map(String::as_str)).await?
        };
        if !traces.is_empty() || left_out.is_some() {
            return Ok(seen(&sent, traces, left_out));
        }
        if sent.len() == 1 {
            sampling::must_be_shown(reader).await?;
        }
        if let Some(pause) = pause {
            tokio::time::sleep(*pause).await;
        }
    }
    Ok(seen(&sent, Vec::new(), None))
}

fn seen(sent: &[Sent], traces: Vec<Trace>, left_out: Option<String>) -> Traces {
    let last = sent.last();
    Traces {
        asked: last.map(|sent| sent.id.clone()).unwrap_or_default(),
        sent: last.map(|sent| sent.at.to_string()).unwrap_or_default(),
        found: traces,
        left_out,
    }
}

/// From when on traces count.
fn since(stage: &Stage) -> Timestamp {
    let now = Timestamp::now();
    let oldest = now.saturating_sub(OLDEST).unwrap_or(now);
    let changed = stage.changed.as_deref().and_then(|time| time.parse::<Timestamp>().ok());
    // The stage's clock may be ahead of this one.
    changed.map_or(oldest, |changed| changed.max(oldest).min(now))
}

/// A new trace's id: `1-58406520-a006649127e371903a2de979`.
fn trace_id(at: Timestamp) -> String {
    let state = RandomState::new();
    let digits = format!("{:016x}{:016x}", state.hash_one(at), state.hash_one("trace"));
    format!("1-{:08x}-{}", at.as_second(), &digits[..24])
}

/// Sends a request with a trace id of its own, and leaves it to the stage whether it is recorded.
async fn send(reader: &Reader, base: &str) -> Result<Sent, FactError> {
    let at = Timestamp::now();
    let id = trace_id(at);
    let request = reader.probe(Method::GET, base, PATH.trim_start_matches('/'));
    let request = request.header("x-amzn-trace-id", format!("Root={id}"));
    match request.send().await {
        Ok(_) => Ok(Sent { id, at }),
        // It may have been recorded all the same.
        Err(error) if error.is_timeout() && !error.is_connect() => Ok(Sent { id, at }),
        Err(error) => Err(unanswered(base, &error)),
    }
}

/// Traces of this program's requests to the stage, the newest first.
async fn search(
    reader: &Reader,
    stage: &Stage,
    from: Timestamp,
    sent: &[Sent],
) -> Result<Vec<Trace>, FactError> {
    let account = &reader.account;
    let mut found = Vec::new();
    let mut read = 0;
    let mut token: Option<String> = None;
    loop {
        let request = account
            .clients()
            .xray
            .get_trace_summaries()
            .start_time(DateTime::from_millis(from.as_millisecond()))
            .end_time(DateTime::from_millis(Timestamp::now().as_millisecond()))
            .time_range_type(sdk::TimeRangeType::Event)
            .filter_expression(format!("http.url CONTAINS \"//{}.execute-api.\"", stage.api))
            .set_next_token(token.take());
        let answer = account.call(Operation("xray", "GetTraceSummaries"), request.send()).await?;
        let summaries = answer.trace_summaries().iter();
        read += summaries.len();
        found.extend(summaries.filter(|one| is_ours(one, stage, sent)).map(trace));
        token = answer.next_token().filter(|token| !token.is_empty()).map(ToOwned::to_owned);
        if token.is_none() || (read >= MOST_SUMMARIES && !found.is_empty()) {
            break;
        }
        if read >= MOST_SUMMARIES {
            return Err(too_many(
                format!("Of {read} traces of the API none is of this program's requests."),
                "Verify again when the API is called less.",
            ));
        }
    }
    found.sort_by(|a: &Trace, b: &Trace| b.at.cmp(&a.at));
    found.truncate(MOST_TRACES);
    Ok(found)
}

/// Whether this program sent the request, and the stage recorded it.
fn is_ours(summary: &sdk::TraceSummary, stage: &Stage, sent: &[Sent]) -> bool {
    let of_stage = summary.service_ids().iter().any(|service| service.r#type() == Some(STAGE));
    let http = summary.http();
    let url = http.and_then(sdk::Http::http_url).unwrap_or_default();
    let host = format!("//{}.execute-api.", stage.api);
    let path = url.split_once(&host).and_then(|(_, rest)| rest.split_once('/'));
    let there = path.is_some_and(|(_, path)| {
        path.strip_prefix(&stage.name).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
    });
    let asked = sent.iter().any(|sent| Some(sent.id.as_str()) == summary.id());
    let named = http.and_then(sdk::Http::user_agent).is_some_and(|agent| agent.starts_with(AGENT));
    of_stage && there && (asked || named)
}

fn trace(summary: &sdk::TraceSummary) -> Trace {
    let mut services: Vec<String> = Vec::new();
    for service in summary.service_ids() {
        let name = text(service.name());
        if !services.contains(&name) {
            services.push(name);
        }
    }
    Trace {
        id: text(summary.id()),
        at: time(summary.start_time()),
        status: summary.http().and_then(sdk::Http::http_status),
        services,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn stage() -> Stage {
        let stage = serde_json::json!({ "api": "abc", "name": "dev", "deployment": "d",
            "changed": null, "tracing": true, "web_acl": null });
        serde_json::from_value(stage).expect("a stage")
    }

    fn summary(id: &str, url: &str, agent: &str, kind: &str) -> sdk::TraceSummary {
        let service = sdk::ServiceId::builder().name("Unicorns/dev").r#type(kind).build();
        let http = sdk::Http::builder().http_url(url).user_agent(agent).build();
        sdk::TraceSummary::builder().id(id).http(http).service_ids(service).build()
    }

    #[test]
    fn a_trace_is_ours_by_its_id_or_by_the_user_agent() {
        let (stage, now) = (stage(), Timestamp::now());
        let sent = [Sent { id: "1-ours".to_owned(), at: now }];
        let url = "https://abc.execute-api.us-east-1.amazonaws.com/dev/socks";
        let ours = |id: &str, url: &str, agent: &str, kind: &str| {
            is_ours(&summary(id, url, agent, kind), &stage, &sent)
        };
        assert!(ours("1-ours", url, "", STAGE));
        assert!(ours("1-other", url, "stepproof/0.1.0", STAGE));
        assert!(!ours("1-other", url, "curl/8", STAGE));
        // A function's own trace isn't the stage's.
        assert!(!ours("1-ours", url, "stepproof/0.1.0", "AWS::Lambda"));
        let elsewhere = ["/test/socks", "/developer/socks"];
        for path in elsewhere.map(|path| url.replace("/dev/socks", path)) {
            assert!(!ours("1-ours", &path, "stepproof/0.1.0", STAGE), "{path}");
        }
    }

    #[test]
    fn an_id_tells_its_time_and_differs() {
        let at: Timestamp = "2016-12-01T18:00:00Z".parse().expect("a time");
        let id = trace_id(at);
        assert!(id.starts_with("1-58406520-") && id.len() == 35, "{id}");
        assert_ne!(trace_id(at), id);
    }
}
