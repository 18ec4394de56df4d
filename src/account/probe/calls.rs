//! Calls of the API without a token, and with a forged one.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use futures_util::{StreamExt, TryStreamExt, stream};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::outcome::{Answer, message, outcome};
use super::{Probe, api_address};
use crate::account::fact::{FactError, Known};
use crate::account::facts::cloudformation::AppStack;
use crate::account::reader::{Reader, known};

/// Requests in flight: a fresh AWS account runs no more than ten functions at once.
const IN_FLIGHT: usize = 4;

const LISTS: [Probe; 4] = [
    Probe { verb: "GET", path: "/socks" },
    Probe { verb: "GET", path: "/horns" },
    Probe { verb: "GET", path: "/glasses" },
    Probe { verb: "GET", path: "/capes" },
];
const OTHERS: [Probe; 5] = [
    Probe { verb: "GET", path: "/customizations" },
    Probe { verb: "POST", path: "/customizations" },
    Probe { verb: "GET", path: "/customizations/{id}" },
    Probe { verb: "DELETE", path: "/customizations/{id}" },
    Probe { verb: "POST", path: "/partners" },
];

/// What came of a set of requests.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
pub(crate) struct Calls {
    /// The requests, in the order of the application's definition.
    calls: Vec<Call>,
}

/// A request and what came of it.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
pub(crate) struct Call {
    /// `GET`
    verb: String,
    /// `/customizations/{id}`
    path: String,
    /// HTTP status.
    status: u16,
    /// `answered`; refused by API Gateway: `unauthorized`, `denied` (by the authorizer's policy),
    /// `forbidden` (API key or firewall), `throttled`, `quota_exceeded`, `no_route` (no such path), `invalid` (body
    /// validation), `authorizer_error` (the authorizer can't run); from behind it: `app_error`,
    /// `backend_error` (the function failed), `backend_timeout`.
    outcome: String,
    /// API Gateway or its authorizer sent the caller away for want of a right.
    refused: bool,
    /// The request went past the authorizer.
    admitted: bool,
    /// Rows in the answer, where it is a list.
    rows: Option<usize>,
    /// The message in the answer, clipped.
    message: String,
}

impl Call {
    pub(super) fn new(verb: &str, path: &str, answer: Answer) -> Self {
        let outcome = outcome(&answer);
        let Answer { status, json, .. } = answer;
        let refused = matches!(outcome, "unauthorized" | "denied");
        Self {
            verb: verb.to_owned(),
            path: path.to_owned(),
            status,
            outcome: outcome.to_owned(),
            refused,
            admitted: !refused && !matches!(outcome, "authorizer_error" | "no_route"),
            rows: json.as_ref().and_then(|body| body.as_array()).map(Vec::len),
            message: message(json.as_ref()),
        }
    }

    /// Rows in the answer, where it is a list.
    pub(super) fn rows(&self) -> Option<usize> {
        self.rows
    }

    /// What came of it, in a word.
    pub(super) fn outcome(&self) -> &str {
        &self.outcome
    }

    pub(super) fn is_unauthorized(&self) -> bool {
        self.outcome == "unauthorized"
    }
}

pub(crate) async fn lists(reader: &Reader, facts: &Known) -> Result<Calls, FactError> {
    send(reader, facts, &LISTS, None).await
}

/// The four lists are known already; the other five are sent.
pub(crate) async fn anonymous(reader: &Reader, facts: &Known) -> Result<Calls, FactError> {
    let Calls { mut calls } = known(facts, "open_api_calls")?;
    calls.extend(send(reader, facts, &OTHERS, None).await?.calls);
    Ok(Calls { calls })
}

pub(crate) async fn garbage_token(reader: &Reader, facts: &Known) -> Result<Calls, FactError> {
    let all = [&LISTS[..], &OTHERS[..]].concat();
    send(reader, facts, &all, Some(&forged_token())).await
}

async fn send(
    reader: &Reader,
    facts: &Known,
    probes: &[Probe],
    token: Option<&str>,
) -> Result<Calls, FactError> {
    reader.may_probe()?;
    let stack: AppStack = known(facts, "app_stack")?;
    let base = api_address(reader, &stack)?;
    let sent: Vec<_> = probes.iter().map(|probe| probe.send(reader, &base, token, None)).collect();
    let calls = stream::iter(sent).buffered(IN_FLIGHT).try_collect().await?;
    Ok(Calls { calls })
}

/// A token that claims every scope and is signed by nobody: an authorizer that only decodes lets
/// it in. It is no secret.
fn forged_token() -> String {
    let part = |json: &str| URL_SAFE_NO_PAD.encode(json);
    let header = r#"{"alg":"RS256","kid":"stepproof","typ":"JWT"}"#;
    let claims = r#"{"sub":"stepproof","client_id":"stepproof","token_use":"access","scope":"WildRydes/ManagePartners WildRydes/CustomizeUnicorn","exp":4102444800}"#;
    format!("{}.{}.{}", part(header), part(claims), part("signed by nobody"))
}
