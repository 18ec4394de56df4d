//! The practice account's own endpoint, `/_practice/…`: what no AWS API says or does. `cli`, tests
//! and `course test` use it.
//!
//! - `GET /_practice/status`: who serves, and which accounts hold anything
//! - `GET|POST|DELETE /_practice/faults`: the [`faults`](super::faults) in force
//! - `POST /_practice/clock` with `{"ahead": 61}`: sets the accounts' clock so many seconds ahead,
//!   until the server ends
//! - `POST /_practice/inspector` with `{"account": "…", "seconds": 0}`: how long Amazon Inspector's
//!   first scans take there
//! - `POST /_practice/reset` with `{"account": "…"}`: forgets all of an account

use jiff::SignedDuration;
use serde::Deserialize;
use serde_json::{Value, json};

use super::auth::DEFAULT_REGION;
use super::faults::Spec;
use super::server::Shared;
use super::services::inspector::{Pace, set_pace};
use super::store::Scope;
use super::wire::{HttpRequest, HttpResponse};

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
    match (request.method.as_str(), request.path.as_str()) {
        ("GET", "/_practice/status") => status(shared),
        ("GET", "/_practice/faults") => faults(shared),
        ("POST", "/_practice/faults") => match serde_json::from_slice::<Vec<Spec>>(&request.body) {
            Ok(specs) => {
                shared.faults.set(specs);
                faults(shared)
            }
            Err(error) => refuse(400, &format!("not a list of faults: {error}")),
        },
        ("DELETE", "/_practice/faults") => {
            shared.faults.set(Vec::new());
            faults(shared)
        }
        ("POST", "/_practice/clock") => clock(shared, &request.body),
        ("POST", "/_practice/inspector") => inspector(shared, &request.body),
        ("POST", "/_practice/reset") => reset(shared, &request.body),
        ("GET", "/") => HttpResponse::new(
            200,
            "text/plain; charset=utf-8",
            "stepproof's practice account. `stepproof practice env` points the AWS CLI here.\n",
        ),
        _ => refuse(404, "no such address of the practice account"),
    }
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

fn faults(shared: &Shared) -> HttpResponse {
    match serde_json::to_value(shared.faults.get()) {
        Ok(specs) => HttpResponse::json(200, &specs),
        Err(error) => refuse(500, &error.to_string()),
    }
}

fn reset(shared: &Shared, body: &[u8]) -> HttpResponse {
    #[derive(Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Reset {
        account: String,
    }
    let account = match serde_json::from_slice::<Reset>(body) {
        Ok(reset) => reset.account,
        Err(error) => return refuse(400, &format!("not an account to reset: {error}")),
    };
    let scope = Scope { account, region: DEFAULT_REGION.to_owned() };
    match shared.store.transact(&scope, |tx| tx.wipe(&scope.account)) {
        Ok(()) => HttpResponse::json(200, &json!({ "reset": scope.account })),
        Err(fault) => refuse(500, &fault.to_string()),
    }
}

fn clock(shared: &Shared, body: &[u8]) -> HttpResponse {
    #[derive(Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Clock {
        /// Seconds.
        ahead: i32,
    }
    match serde_json::from_slice::<Clock>(body) {
        Ok(clock) => {
            shared.store.set_ahead(SignedDuration::from_secs(clock.ahead.into()));
            HttpResponse::json(200, &json!({ "ahead": clock.ahead }))
        }
        Err(error) => refuse(400, &format!("not a clock: {error}")),
    }
}

fn inspector(shared: &Shared, body: &[u8]) -> HttpResponse {
    let pace = match serde_json::from_slice::<Pace>(body) {
        Ok(pace) => pace,
        Err(error) => return refuse(400, &format!("not a pace of Amazon Inspector: {error}")),
    };
    let scope = Scope { account: pace.account.clone(), region: DEFAULT_REGION.to_owned() };
    match shared.store.transact(&scope, |tx| set_pace(tx, &pace)) {
        Ok(()) => HttpResponse::json(200, &json!({ "seconds": pace.seconds })),
        Err(fault) => refuse(500, &fault.to_string()),
    }
}

fn refuse(status: u16, message: &str) -> HttpResponse {
    HttpResponse::json(
        status,
        &Value::from(serde_json::Map::from_iter([("message".to_owned(), Value::from(message))])),
    )
}
