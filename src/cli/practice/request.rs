//! Sends a course action's HTTP request, and keeps what it answers.

use std::collections::BTreeMap;

use serde_json::Value;

use super::deploy::Client;
use crate::practice::services;

/// A rendered request.
#[derive(Debug)]
pub(super) struct Request<'a> {
    pub(super) method: &'a str,
    pub(super) url: String,
    pub(super) signed: bool,
    pub(super) headers: BTreeMap<String, String>,
    pub(super) json: Option<Value>,
    pub(super) form: Option<BTreeMap<String, String>>,
    pub(super) expect: Option<u16>,
    pub(super) save: &'a BTreeMap<String, String>,
}

/// Sends it; the values to keep, by name. Answers may hold secrets: no error shows one.
pub(super) async fn send(
    client: &Client,
    request: &Request<'_>,
) -> Result<BTreeMap<String, String>, String> {
    let body = exchange(client, request).await?;
    if request.save.is_empty() {
        return Ok(BTreeMap::new());
    }
    let what = request.what();
    let body: Value =
        serde_json::from_slice(&body).map_err(|_| format!("{what} answered no JSON"))?;
    keep(&what, request.save, &body)
}

/// Sends it; of each item of the list in its answer, the values to keep, by name. One value is a
/// list of one, and none an empty list.
pub(super) async fn list(
    client: &Client,
    request: &Request<'_>,
    items: &str,
    save: &BTreeMap<String, String>,
) -> Result<Vec<BTreeMap<String, String>>, String> {
    let what = request.what();
    let body = exchange(client, request).await?;
    let body: Value =
        serde_json::from_slice(&body).map_err(|_| format!("{what} answered no JSON"))?;
    let found = match body.pointer(items) {
        None | Some(Value::Null) => &[],
        Some(Value::Array(list)) => list.as_slice(),
        Some(one) => std::slice::from_ref(one),
    };
    found.iter().map(|item| keep(&what, save, item)).collect()
}

impl Request<'_> {
    /// How progress and errors call it.
    pub(super) fn what(&self) -> String {
        format!("{} {}", self.method, self.url)
    }
}

/// Sends it; the answer's body.
async fn exchange(client: &Client, request: &Request<'_>) -> Result<Vec<u8>, String> {
    let what = request.what();
    let method = reqwest::Method::from_bytes(request.method.as_bytes())
        .map_err(|_| format!("{what}: {} is no HTTP method", request.method))?;
    let mut call = client.http().request(method, &request.url);
    for (name, value) in &request.headers {
        call = call.header(name, value);
    }
    if request.signed {
        let service = service(request)
            .ok_or_else(|| format!("{what}: it doesn't show which service it is for"))?;
        call = call.header("authorization", client.signature(service));
    }
    if let Some(json) = &request.json {
        let typed = request.headers.keys().any(|name| name.eq_ignore_ascii_case("content-type"));
        call = call.body(json.to_string());
        if !typed {
            call = call.header("content-type", "application/json");
        }
    } else if let Some(form) = &request.form {
        let body = form_urlencoded::Serializer::new(String::new()).extend_pairs(form).finish();
        call = call.header("content-type", "application/x-www-form-urlencoded").body(body);
    }
    let answer = call.send().await.map_err(|error| format!("{what}: {error}"))?;
    let status = answer.status();
    let failed = answer.headers().get("x-amz-function-error").is_some();
    let body = answer.bytes().await.map_err(|error| format!("{what}: {error}"))?;
    let good = match request.expect {
        Some(expected) => status.as_u16() == expected,
        None => status.is_success() && !failed,
    };
    if !good {
        return Err(refused(&what, status.as_u16(), failed, &body, request.expect));
    }
    Ok(body.to_vec())
}

fn refused(what: &str, status: u16, failed: bool, body: &[u8], expect: Option<u16>) -> String {
    let body: Value = serde_json::from_slice(body).unwrap_or_default();
    let said = ["message", "Message", "errorMessage", "error"]
        .iter()
        .find_map(|member| body.get(*member)?.as_str())
        .map(|said| format!(": {said}"))
        .unwrap_or_default();
    match expect {
        Some(expected) => format!("{what} answered {status}, not {expected}{said}"),
        None if failed => format!("{what}: the function failed{said}"),
        None => format!("{what} answered {status}{said}"),
    }
}

fn keep(
    what: &str,
    save: &BTreeMap<String, String>,
    body: &Value,
) -> Result<BTreeMap<String, String>, String> {
    let mut kept = BTreeMap::new();
    for (name, pointer) in save {
        let value = match body.pointer(pointer) {
            Some(Value::String(text)) => text.clone(),
            Some(Value::Null) | None => {
                return Err(format!("{what}: its answer has no {pointer} (for {name})"));
            }
            Some(value) => value.to_string(),
        };
        kept.insert(name.clone(), value);
    }
    Ok(kept)
}

/// The service that a signed request is for: by its target, by its form's version, by its path.
fn service(request: &Request<'_>) -> Option<&'static str> {
    let target = request.headers.iter().find(|(name, _)| name.eq_ignore_ascii_case("x-amz-target"));
    if let Some((_, target)) = target {
        let prefix = target.split_once('.').map_or(target.as_str(), |(prefix, _)| prefix);
        return services::by_target_prefix(prefix).map(|service| service.signing);
    }
    if let Some(version) = request.form.as_ref().and_then(|form| form.get("Version")) {
        return services::by_query_version(version).map(|service| service.signing);
    }
    let path = request.url.split_once("://")?.1.split_once('/')?.1;
    let first = path.split(['/', '?']).next()?;
    match first {
        "restapis" | "usageplans" | "apikeys" | "account" => Some("apigateway"),
        "schedules" => Some("scheduler"),
        "enable" | "disable" => Some("inspector2"),
        "policy" | "analyzer" => Some("access-analyzer"),
        "detector" => Some("guardduty"),
        "CreateSamplingRule" => Some("xray"),
        date if date.len() == 10 && date.starts_with("20") => Some("lambda"),
        "" => None,
        _ => Some("s3"),
    }
}
