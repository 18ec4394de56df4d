//! Orders that the API must refuse, and one that it must let pass, as a partner.
//!
//! Nothing is ever stored. Each order is also one that the database refuses: two of its columns
//! are missing, or its sock doesn't exist, and a batch of statements ends at the first that fails.
//! Even so, only when API Gateway refuses the first, incomplete order are the others sent.

use reqwest::Method;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::outcome::{Answer, outcome};
use super::{KEY, api_address, exchange, patiently};
use crate::account::fact::{CannotLook, FactError, Known, Reason};
use crate::account::facts::cloudformation::AppStack;
use crate::account::facts::validation::Validation;
use crate::account::reader::{Reader, known};
use crate::account::secret::Secret;

use super::tokens::Exchanges;

const JSON: &str = "application/json";

/// What came of the orders.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
pub(crate) struct Orders {
    /// The orders that were sent; none without a partner's token, and only the first where API
    /// Gateway lets that one pass.
    orders: Vec<Order>,
}

/// One order.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
pub(crate) struct Order {
    /// `incomplete`, `malformed`, `injected`, `well_formed`; `other_type` is the incomplete one as
    /// text/plain.
    kind: String,
    /// HTTP status.
    status: u16,
    /// As in `anonymous_calls`.
    outcome: String,
    /// API Gateway or a firewall before it refused the order.
    refused: bool,
    /// The order came as far as the database.
    reached_database: bool,
}

pub(crate) async fn orders(reader: &Reader, facts: &Known) -> Result<Orders, FactError> {
    reader.may_probe()?;
    let stack: AppStack = known(facts, "app_stack")?;
    let exchanges: Exchanges = known(facts, "token_exchange")?;
    let validation: Validation = known(facts, "validation")?;
    let base = api_address(reader, &stack)?;
    let client = exchanges.callers(reader).first().copied();
    let token = client.and_then(|client| reader.vault().tokens.get(client).cloned());
    let Some(token) = token else { return Ok(Orders { orders: Vec::new() }) };
    let key = client.and_then(|client| reader.key_for(client));
    let part = validation
        .methods
        .iter()
        .filter(|method| method.path == "/customizations")
        .flat_map(|method| &method.models)
        .find_map(|model| model.unknown_part.clone());
    let well_formed = order(part.as_deref().unwrap_or("9999"));
    let mut incomplete = well_formed.clone();
    if let Some(fields) = incomplete.as_object_mut() {
        fields.remove("sock");
        fields.remove("horn");
    }
    let send = |kind, content_type, body: &Value| {
        one(reader, &base, (&*token, key.as_deref()), kind, content_type, body.to_string())
    };
    let control = send("incomplete", JSON, &incomplete).await?;
    if control.outcome != "invalid" {
        return Ok(Orders { orders: vec![control] });
    }
    let mut malformed = well_formed.clone();
    malformed["imageUrl"] = "not a URL".into();
    let mut injected = well_formed.clone();
    injected["cape"] = "1); SELECT 1 -- ".into();
    let mut orders = vec![
        control,
        send("malformed", JSON, &malformed).await?,
        send("injected", JSON, &injected).await?,
        send("other_type", "text/plain", &incomplete).await?,
    ];
    if part.is_some() {
        orders.push(send("well_formed", JSON, &well_formed).await?);
    }
    Ok(Orders { orders })
}

/// A well-formed order whose sock doesn't exist: the database's foreign key refuses it.
fn order(sock: &str) -> Value {
    json!({"name": "Probe", "imageUrl": "https://example.com/probe.png",
        "sock": sock, "horn": "1", "glasses": "1", "cape": "1"})
}

async fn one(
    reader: &Reader,
    base: &str,
    (token, key): (&Secret, Option<&Secret>),
    kind: &str,
    content_type: &str,
    body: String,
) -> Result<Order, FactError> {
    let bearer = format!("Bearer {}", token.expose());
    let (bearer, body) = (bearer.as_str(), body.as_str());
    // Authorizers take the token as it is, or after `Bearer`.
    let send = async || {
        let answer = post(reader, base, (token.expose(), key), content_type, body).await?;
        match outcome(&answer) {
            "unauthorized" => post(reader, base, (bearer, key), content_type, body).await,
            _ => Ok(answer),
        }
    };
    let answer = patiently(reader, send, |answer| outcome(answer) == "throttled").await?;
    let outcome = outcome(&answer);
    if let Some(reason) = in_the_way(outcome) {
        return Err(not_told(reason));
    }
    let status = answer.status;
    Ok(Order {
        kind: kind.to_owned(),
        status,
        outcome: outcome.to_owned(),
        refused: matches!(outcome, "invalid" | "forbidden"),
        // The function answers 4xx by itself; 500 is the database's error, passed on.
        reached_database: status < 400 || status == 500,
    })
}

async fn post(
    reader: &Reader,
    base: &str,
    (token, key): (&str, Option<&Secret>),
    content_type: &str,
    body: &str,
) -> Result<Answer, FactError> {
    let mut request = reader
        .probe(Method::POST, base, "customizations")
        .header("content-type", content_type)
        .header("authorization", token)
        .body(body.to_owned());
    if let Some(key) = key {
        request = request.header(KEY, key.expose());
    }
    exchange(reader, base, request).await
}

/// What keeps an order from the validator, where something does.
fn in_the_way(outcome: &str) -> Option<&'static str> {
    match outcome {
        "quota_exceeded" => Some("the quota of the partner's API key is used up"),
        "throttled" => Some("the API asks for slower calls"),
        "backend_timeout" => Some("no answer came in time"),
        _ => None,
    }
}

fn not_told(reason: &str) -> FactError {
    FactError::CannotLook(CannotLook {
        reason: Reason::NotProbed,
        message: format!("The orders could not be tried: {reason}."),
        remedy: "Wait a minute, then verify again.".to_owned(),
    })
}
