//! Tokens: can the clients get them, and what do they open.

use std::sync::Arc;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use futures_util::future::try_join_all;
use reqwest::Method;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::outcome::Answer;
use super::{Probe, answer, api_address, calls::Call, patient, unanswered, unreachable};
use crate::account::fact::{CannotLook, FactError, Known, Reason, clip};
use crate::account::facts::cloudformation::AppStack;
use crate::account::facts::cognito::{Client, Clients, Domain};
use crate::account::facts::dynamodb::Partners;
use crate::account::reader::{Reader, known};
use crate::account::secret::Secret;

/// The administrator's scope.
const ADMIN: &str = "WildRydes/ManagePartners";
/// A partner's scope.
const PARTNER: &str = "WildRydes/CustomizeUnicorn";
/// Partners that are tried, newest first.
const MOST_PARTNERS: usize = 3;

/// Client credentials exchanged for access tokens.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
pub(crate) struct Exchanges {
    /// The newest client with the scope WildRydes/ManagePartners, or null where there is none.
    admin: Option<Exchange>,
    /// The newest clients with the scope WildRydes/CustomizeUnicorn, at most three; registered
    /// partners first.
    pub(super) partners: Vec<Exchange>,
}

impl Exchanges {
    /// Client ids of the partners that got a token: those with an API key of their own first. Where
    /// the authorizer names the key, nobody else comes in.
    pub(super) fn callers(&self, reader: &Reader) -> Vec<&String> {
        let issued = self.partners.iter().filter(|exchange| exchange.ok);
        let mut callers: Vec<&String> = issued.map(|exchange| &exchange.client).collect();
        callers.sort_by_key(|client| !reader.has_own_key(client));
        callers
    }
}

/// One exchange.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
pub(crate) struct Exchange {
    /// The client's id.
    pub(super) client: String,
    /// The client's name.
    name: String,
    /// Whether the partners' table holds the client.
    registered: bool,
    /// Whether an access token was issued.
    pub(super) ok: bool,
    /// HTTP status of the token endpoint.
    status: u16,
    /// The endpoint's error code, such as `invalid_client`, or empty.
    error: String,
    /// Scopes in the token.
    scopes: Vec<String>,
}

/// What tokens open.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
pub(crate) struct ScopedCalls {
    /// Calls with the administrator's token: GET /socks, GET /customizations.
    admin: Vec<Call>,
    /// Calls with the first partner's token: GET /socks, GET /customizations, POST /partners (with
    /// a body that is no JSON).
    partner: Vec<Call>,
    /// The most customizations that one of the partners has.
    customizations: usize,
}

pub(crate) async fn exchange(reader: &Reader, facts: &Known) -> Result<Exchanges, FactError> {
    reader.may_probe()?;
    let domain: Domain = known(facts, "user_pool_domain")?;
    let Clients { clients } = known(facts, "user_pool_clients")?;
    let table: Partners = known(facts, "partners")?;
    let is_registered = |client: &Client| table.partners.iter().any(|row| row.client == client.id);
    let holding = |scope: &str| {
        let mut found: Vec<&Client> = clients
            .iter()
            .filter(|client| client.machine && client.scopes.iter().any(|held| held == scope))
            .collect();
        found.sort_by_key(|client| {
            (std::cmp::Reverse(is_registered(client)), std::cmp::Reverse(client.created.clone()))
        });
        found
    };
    let ask = |client: &Client| {
        one_exchange(reader, &domain.token_url, client.clone(), is_registered(client))
    };
    let admin = try_join_all(holding(ADMIN).into_iter().take(1).map(ask));
    let partners = try_join_all(holding(PARTNER).into_iter().take(MOST_PARTNERS).map(ask));
    let (admin, partners) = tokio::try_join!(admin, partners)?;
    Ok(Exchanges { admin: admin.into_iter().next(), partners })
}

async fn one_exchange(
    reader: &Reader,
    token_url: &str,
    client: Client,
    registered: bool,
) -> Result<Exchange, FactError> {
    let secret = reader.vault().clients.get(&client.id).cloned();
    let mut exchange = Exchange {
        client: client.id.clone(),
        name: client.name,
        registered,
        ok: false,
        status: 0,
        error: String::new(),
        scopes: Vec::new(),
    };
    let Some(secret) = secret else { return Ok(exchange) };
    let request = reader
        .probe(Method::POST, token_url, "")
        .basic_auth(&client.id, Some(secret.expose()))
        .header("content-type", "application/x-www-form-urlencoded")
        .body("grant_type=client_credentials");
    let Answer { status, json, .. } = answer(request).await.map_err(|error| {
        if error.is_connect() {
            no_token_endpoint(token_url)
        } else {
            unanswered(token_url, &error)
        }
    })?;
    exchange.status = status;
    let answer = said(token_url, status, json)?;
    exchange.error = clip(answer["error"].as_str().unwrap_or_default(), 80);
    if let Some(token) = answer["access_token"].as_str() {
        exchange.ok = exchange.status == 200;
        exchange.scopes = scopes(token);
        reader.vault().tokens.insert(client.id, Arc::new(Secret::new(token)));
    }
    Ok(exchange)
}

/// What the token endpoint said about the client. One that is busy or broken says nothing of it, nor
/// does a page of somebody else's.
fn said(token_url: &str, status: u16, json: Option<Value>) -> Result<Value, FactError> {
    let untold = |reason, what: &str| {
        Err(FactError::CannotLook(CannotLook {
            reason,
            message: format!("{token_url} {what} (HTTP {status})."),
            remedy: "Wait a minute, then verify again.".to_owned(),
        }))
    };
    match json {
        _ if status == 429 => untold(Reason::Throttled, "asks for slower calls"),
        _ if status >= 500 => untold(Reason::Service, "failed"),
        Some(answer @ Value::Object(_)) => Ok(answer),
        _ => untold(Reason::Service, "answers what no token endpoint does"),
    }
}

/// The scopes that a token claims. Its signature isn't checked: it came from its issuer.
fn scopes(token: &str) -> Vec<String> {
    let claims = token.split('.').nth(1).and_then(|part| URL_SAFE_NO_PAD.decode(part).ok());
    let claims: Value =
        claims.and_then(|bytes| serde_json::from_slice(&bytes).ok()).unwrap_or_default();
    claims["scope"].as_str().unwrap_or_default().split_whitespace().map(ToOwned::to_owned).collect()
}

/// A domain that was just made takes a minute until its name resolves.
fn no_token_endpoint(token_url: &str) -> FactError {
    FactError::CannotLook(CannotLook {
        reason: Reason::Network,
        message: format!("{token_url} can't be reached."),
        remedy:
            "A new domain takes a minute or two to answer. Check the network, then verify again."
                .to_owned(),
    })
}

pub(crate) async fn separation(reader: &Reader, facts: &Known) -> Result<ScopedCalls, FactError> {
    reader.may_probe()?;
    let stack: AppStack = known(facts, "app_stack")?;
    let exchanges: Exchanges = known(facts, "token_exchange")?;
    let base = api_address(reader, &stack)?;
    let admin = exchanges.admin.as_ref().filter(|exchange| exchange.ok);
    let admin = admin.map(|exchange| &exchange.client);
    let partners = exchanges.callers(reader);
    let socks = Probe { verb: "GET", path: "/socks" };
    let customizations = Probe { verb: "GET", path: "/customizations" };
    let register = Probe { verb: "POST", path: "/partners" };
    let for_all = [socks, customizations];
    let for_partner = [socks, customizations, register];
    let as_admin = send_all(reader, &base, admin, &for_all);
    let as_partner = send_all(reader, &base, partners.first().copied(), &for_partner);
    let others = partners.iter().skip(1);
    let lists = try_join_all(others.map(|id| send_all(reader, &base, Some(id), &for_all[1..])));
    let (admin, partner, lists) = tokio::try_join!(as_admin, as_partner, lists)?;
    let customizations =
        partner.iter().skip(1).chain(lists.iter().flatten()).filter_map(Call::rows).max();
    Ok(ScopedCalls { admin, partner, customizations: customizations.unwrap_or_default() })
}

/// Sends requests with a client's token and API key; none where the client has none.
async fn send_all(
    reader: &Reader,
    base: &str,
    client: Option<&String>,
    probes: &[Probe],
) -> Result<Vec<Call>, FactError> {
    let Some(client) = client else { return Ok(Vec::new()) };
    let token = reader.vault().tokens.get(client).cloned();
    let token = token.ok_or_else(|| unreachable(base))?;
    let (token, key) = (&token, reader.key_for(client));
    let key = key.as_deref();
    let sent = probes
        .iter()
        .map(|probe| async move { patient(probe.send_patiently(reader, base, token, key).await?) });
    try_join_all(sent).await
}
