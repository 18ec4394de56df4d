//! The practice account's own endpoint, `/_practice/…`: what no AWS API says or does. `cli`, tests
//! and `course test` use it.
//!
//! - `GET /_practice/status`: who serves, and which accounts hold anything
//! - `GET|POST|DELETE /_practice/faults`: the [`faults`](super::faults) in force
//! - `GET|DELETE /_practice/calls`: how often each account was sent which call, by IAM action
//! - `POST /_practice/clock` with `{"ahead": 61}`: sets the accounts' clock so many seconds ahead,
//!   until the server ends
//! - `POST /_practice/inspector` with `{"account": "…", "seconds": 0}`: how long Amazon Inspector's
//!   first scans take there
//! - `POST /_practice/xray` with `{"account": "…", "seconds": 20}`: how long traces take to show there
//! - `POST /_practice/guardduty` with `{"account": "…", "lambda": true}`: an organization's policy
//!   switches Lambda Protection on there, or off; null takes the policy away
//! - `POST /_practice/reset` with `{"account": "…"}`: forgets all of an account

use jiff::SignedDuration;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use super::auth::DEFAULT_REGION;
use super::faults::Spec;
use super::server::Shared;
use super::services::guardduty::{Policy, set_policy};
use super::services::inspector::{Pace, set_pace};
use super::services::xray::{Delay, set_delay};
use super::store::{Scope, Tx};
use super::wire::{Fault, HttpRequest, HttpResponse};

/// Whether the request is for this endpoint.
pub(super) fn owns(request: &HttpRequest) -> bool {
    request.path.starts_with("/_practice/") || (request.method == "GET" && is_root_visit(request))
}

/// Somebody opened the address in a browser.
fn is_root_visit(request: &HttpRequest) -> bool {
    request.path == "/" && request.query.is_empty() && request.header("authorization").is_empty()
}

/// Answers such a request.
pub(super) fn handle(shared: &Shared, request: &HttpRequest) -> HttpResponse {
    // A page in a browser can send simple requests to loopback; it can't send this type unasked.
    let changes = request.method != "GET";
    if changes && !request.header("content-type").starts_with("application/json") {
        return refuse(415, "send content-type: application/json");
    }
    let answer = match (request.method.as_str(), request.path.as_str()) {
        ("GET", "/_practice/status") => Ok(status(shared)),
        ("GET", "/_practice/faults") => Ok(faults(shared)),
        ("POST", "/_practice/faults") => set_faults(shared, &request.body),
        ("DELETE", "/_practice/faults") => {
            shared.faults.set(Vec::new());
            Ok(faults(shared))
        }
        ("GET", "/_practice/calls") => Ok(HttpResponse::json(200, &json!(shared.log.get()))),
        ("DELETE", "/_practice/calls") => {
            shared.log.clear();
            Ok(HttpResponse::json(200, &json!({})))
        }
        ("POST", "/_practice/clock") => clock(shared, &request.body),
        ("POST", "/_practice/inspector") => inspector(shared, &request.body),
        ("POST", "/_practice/xray") => xray(shared, &request.body),
        ("POST", "/_practice/guardduty") => guardduty(shared, &request.body),
        ("POST", "/_practice/reset") => reset(shared, &request.body),
        ("GET", "/") => Ok(HttpResponse::new(
            200,
            "text/plain; charset=utf-8",
            "stepproof's practice account. `stepproof practice env` points the AWS CLI here.\n",
        )),
        _ => Err(refuse(404, "no such address of the practice account")),
    };
    answer.unwrap_or_else(|refused| refused)
}

fn status(shared: &Shared) -> HttpResponse {
    match shared.store.accounts() {
        Ok(accounts) => HttpResponse::json(
            200,
            &json!({
                "stepproof": env!("CARGO_PKG_VERSION"),
                "pid": std::process::id(),
                "endpoint": shared.endpoint,
                "state": shared.store.path(),
                "accounts": accounts,
            }),
        ),
        Err(fault) => refuse(500, &fault.to_string()),
    }
}

fn set_faults(shared: &Shared, body: &[u8]) -> Result<HttpResponse, HttpResponse> {
    shared.faults.set(document::<Vec<Spec>>(body, "a list of faults")?);
    Ok(faults(shared))
}

fn faults(shared: &Shared) -> HttpResponse {
    match serde_json::to_value(shared.faults.get()) {
        Ok(specs) => HttpResponse::json(200, &specs),
        Err(error) => refuse(500, &error.to_string()),
    }
}

/// The request's document, or why it is none.
fn document<T: DeserializeOwned>(body: &[u8], what: &str) -> Result<T, HttpResponse> {
    serde_json::from_slice(body).map_err(|error| refuse(400, &format!("not {what}: {error}")))
}

/// What came of a change of the accounts' state.
fn changed(result: Result<(), Fault>, answer: &Value) -> HttpResponse {
    match result {
        Ok(()) => HttpResponse::json(200, answer),
        Err(fault) => refuse(500, &fault.to_string()),
    }
}

fn reset(shared: &Shared, body: &[u8]) -> Result<HttpResponse, HttpResponse> {
    #[derive(Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Reset {
        account: String,
    }
    let Reset { account } = document(body, "an account to reset")?;
    let result = within(shared, &account, |tx| tx.wipe(&account));
    Ok(changed(result, &json!({ "reset": account })))
}

fn clock(shared: &Shared, body: &[u8]) -> Result<HttpResponse, HttpResponse> {
    #[derive(Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Clock {
        /// Seconds.
        ahead: i32,
    }
    let Clock { ahead } = document(body, "a clock")?;
    shared.store.set_ahead(SignedDuration::from_secs(ahead.into()));
    Ok(HttpResponse::json(200, &json!({ "ahead": ahead })))
}

fn inspector(shared: &Shared, body: &[u8]) -> Result<HttpResponse, HttpResponse> {
    let pace: Pace = document(body, "a pace of Amazon Inspector")?;
    let result = within(shared, &pace.account, |tx| set_pace(tx, &pace));
    Ok(changed(result, &json!({ "seconds": pace.seconds })))
}

fn xray(shared: &Shared, body: &[u8]) -> Result<HttpResponse, HttpResponse> {
    let delay: Delay = document(body, "a delay of AWS X-Ray")?;
    let result = within(shared, &delay.account, |tx| set_delay(tx, &delay));
    Ok(changed(result, &json!({ "seconds": delay.seconds })))
}

fn guardduty(shared: &Shared, body: &[u8]) -> Result<HttpResponse, HttpResponse> {
    let policy: Policy = document(body, "an organization's policy for Amazon GuardDuty")?;
    let result = within(shared, &policy.account, |tx| set_policy(tx, &policy));
    Ok(changed(result, &json!({ "lambda": policy.lambda })))
}

/// Changes an account's state.
fn within(
    shared: &Shared,
    account: &str,
    change: impl FnOnce(&Tx<'_>) -> Result<(), Fault>,
) -> Result<(), Fault> {
    let scope = Scope { account: account.to_owned(), region: DEFAULT_REGION.to_owned() };
    shared.store.transact(&scope, change)
}

fn refuse(status: u16, message: &str) -> HttpResponse {
    HttpResponse::json(
        status,
        &Value::from(serde_json::Map::from_iter([("message".to_owned(), Value::from(message))])),
    )
}
