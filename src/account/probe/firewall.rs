//! Attacks that a firewall must refuse, each beside a harmless twin. No token is sent: the firewall
//! is asked before the authorizer, so what passes it is answered 401.
//!
//! An attack is sent only where its twin was answered 401: then the authorizer stands between it
//! and the database. Its SQL names a table that doesn't exist all the same.

use reqwest::Method;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::outcome::{Answer, outcome};
use super::{api_address, exchange};
use crate::account::fact::{FactError, Known};
use crate::account::facts::cloudformation::AppStack;
use crate::account::reader::{Reader, known};

/// Larger than any limit that the course accepts, and within what AWS WAF reads of a body.
const LARGE: usize = 9000;

/// What came of the attacks.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
pub(crate) struct FirewallCalls {
    /// Harmless requests: to a `path`, with a `query`, with a `body`.
    harmless: Vec<Harmless>,
    /// The attacks that were sent.
    attacks: Vec<Attack>,
}

/// A harmless request without a token.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
pub(crate) struct Harmless {
    /// `path`, `query` or `body`.
    kind: String,
    /// HTTP status.
    status: u16,
    /// As in `anonymous_calls`; `unauthorized` is what it should be.
    outcome: String,
}

/// An attack without a token.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
pub(crate) struct Attack {
    /// `SQL in the path`, `SQL in the query`, `SQL in the body`, `large body`.
    kind: String,
    /// HTTP status.
    status: u16,
    /// As in `anonymous_calls`.
    outcome: String,
    /// The firewall refused it, and not its twin.
    blocked: bool,
}

pub(crate) async fn calls(reader: &Reader, facts: &Known) -> Result<FirewallCalls, FactError> {
    reader.may_probe()?;
    let stack: AppStack = known(facts, "app_stack")?;
    let base = api_address(reader, &stack)?;
    let get = |path: &str| send(reader, &base, Method::GET, path.to_owned(), None);
    let post =
        |body: String| send(reader, &base, Method::POST, "customizations".to_owned(), Some(body));
    let body = |name: &str| serde_json::json!({ "name": name }).to_string();
    let (path, query, small) =
        tokio::try_join!(get("customizations/1"), get("socks?kind=1"), post(body("Sunny")))?;
    let mut attacks = Vec::new();
    if is_guarded(&path) {
        let answer = get("customizations/1;%20drop%20table%20No_Such_Table;").await?;
        attacks.push(Attack::new("SQL in the path", &answer));
    }
    if is_guarded(&query) {
        let answer = get("socks?kind=1%27%20or%20%271%27%3D%271").await?;
        attacks.push(Attack::new("SQL in the query", &answer));
    }
    if is_guarded(&small) {
        let answer = post(body("1'); drop table No_Such_Table; -- ")).await?;
        attacks.push(Attack::new("SQL in the body", &answer));
        let answer = post(body(&"a".repeat(LARGE))).await?;
        attacks.push(Attack::new("large body", &answer));
    }
    let harmless = [("path", path), ("query", query), ("body", small)];
    let harmless = harmless.map(|(kind, answer)| Harmless {
        kind: kind.to_owned(),
        status: answer.status,
        outcome: outcome(&answer).to_owned(),
    });
    Ok(FirewallCalls { harmless: harmless.into(), attacks })
}

impl Attack {
    /// An attack whose twin was answered 401.
    fn new(kind: &str, answer: &Answer) -> Self {
        let outcome = outcome(answer);
        Self {
            kind: kind.to_owned(),
            status: answer.status,
            outcome: outcome.to_owned(),
            blocked: outcome == "forbidden",
        }
    }
}

/// Whether the authorizer answered.
fn is_guarded(answer: &Answer) -> bool {
    outcome(answer) == "unauthorized"
}

async fn send(
    reader: &Reader,
    base: &str,
    method: Method,
    path: String,
    body: Option<String>,
) -> Result<Answer, FactError> {
    let mut request = reader.probe(method, base, &path);
    if let Some(body) = body {
        request = request.header("content-type", "application/json").body(body);
    }
    exchange(reader, base, request).await
}
