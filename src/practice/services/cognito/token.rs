//! The token endpoint: `POST /oauth2/token` of a pool's domain, client credentials only.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};

use super::{Client, issuer, keys, pools};
use crate::practice::random;
use crate::practice::resource;
use crate::practice::store::Tx;
use crate::practice::wire::{Fault, HttpRequest, HttpResponse};

/// A refusal as OAuth 2.0 names it.
enum Refusal {
    /// The code that the caller gets, with 400.
    Code(&'static str),
    /// Our own trouble.
    Fault(Fault),
}

impl From<Fault> for Refusal {
    fn from(fault: Fault) -> Self {
        Self::Fault(fault)
    }
}

/// Answers a request for a token at a domain.
pub fn answer(tx: &Tx<'_>, domain: &str, request: &HttpRequest) -> Result<HttpResponse, Fault> {
    if request.method != "POST" {
        let mut response = HttpResponse::json(405, &json!({"error": "method_not_allowed"}));
        response.headers.push(("allow".to_owned(), "POST".to_owned()));
        return Ok(response);
    }
    let (status, body) = match exchange(tx, domain, request) {
        Ok(body) => (200, body),
        Err(Refusal::Code(code)) => (400, json!({"error": code})),
        Err(Refusal::Fault(fault)) => return Err(fault),
    };
    let mut response =
        HttpResponse::new(status, "application/json;charset=UTF-8", body.to_string());
    response.headers.push(("cache-control".to_owned(), "no-store".to_owned()));
    response.headers.push(("pragma".to_owned(), "no-cache".to_owned()));
    Ok(response)
}

/// Id and secret of the calling client: from the header, else from the form.
fn credentials(request: &HttpRequest, form: &[(String, String)]) -> Option<(String, String)> {
    let field =
        |name: &str| form.iter().find(|(key, _)| key == name).map(|(_, value)| value.clone());
    let header = request.header("authorization");
    if header.is_empty() {
        return Some((field("client_id")?, field("client_secret").unwrap_or_default()));
    }
    let (scheme, encoded) = header.split_once(' ')?;
    if !scheme.eq_ignore_ascii_case("basic") {
        return None;
    }
    let text = String::from_utf8(STANDARD.decode(encoded.trim()).ok()?).ok()?;
    let (id, secret) = text.split_once(':')?;
    // Where the form names a client too, it must be the same.
    if field("client_id").is_some_and(|other| other != id) {
        return None;
    }
    Some((id.to_owned(), secret.to_owned()))
}

fn exchange(tx: &Tx<'_>, domain: &str, request: &HttpRequest) -> Result<Value, Refusal> {
    let form: Vec<(String, String)> = form_urlencoded::parse(&request.body).into_owned().collect();
    let field = |name: &str| form.iter().find(|(key, _)| key == name).map(|(_, value)| &**value);
    match field("grant_type") {
        Some("client_credentials") => {}
        Some("authorization_code" | "refresh_token") => return Err(Refusal::Code("invalid_grant")),
        Some(grant) if !grant.is_empty() => return Err(Refusal::Code("unsupported_grant_type")),
        _ => return Err(Refusal::Code("invalid_request")),
    }
    let Some(domain) = resource::get(tx, pools::DOMAIN, domain)? else {
        return Err(Refusal::Code("invalid_request"));
    };
    let pool = domain.text("UserPoolId");
    let (id, secret) = credentials(request, &form).ok_or(Refusal::Code("invalid_client"))?;
    let client = Client::find(tx, pool, &id)?
        .filter(|client| client.secret == secret)
        .ok_or(Refusal::Code("invalid_client"))?;
    if !client.flows.iter().any(|flow| flow == "client_credentials") {
        return Err(Refusal::Code("unauthorized_client"));
    }
    let scopes = granted(&client, field("scope").unwrap_or(""))?;
    let token = keys::sign(tx, pool, &claims(tx, &client, &scopes))?;
    Ok(json!({"access_token": token, "expires_in": client.validity, "token_type": "Bearer"}))
}

/// The scopes asked for, all of which the client must have; all that it has where none is named.
fn granted(client: &Client, asked: &str) -> Result<String, Refusal> {
    let asked: Vec<&str> = asked.split_whitespace().collect();
    let allowed = |scope: &&str| client.scopes.iter().any(|own| own == scope);
    if !asked.iter().all(allowed) || client.scopes.is_empty() {
        return Err(Refusal::Code("invalid_scope"));
    }
    Ok(if asked.is_empty() { client.scopes.join(" ") } else { asked.join(" ") })
}

fn claims(tx: &Tx<'_>, client: &Client, scopes: &str) -> Value {
    let now = tx.now().as_second();
    json!({
        "sub": client.id, "token_use": "access", "scope": scopes, "auth_time": now,
        "iss": issuer(&tx.scope().region, &client.pool), "exp": now + client.validity, "iat": now,
        "version": 2, "jti": random::uuid(), "client_id": client.id})
}

/// A pool's discovery document, with the practice account's own addresses where it serves them.
pub fn configuration(tx: &Tx<'_>, pool: &str, endpoint: &str) -> Result<Value, Fault> {
    let mut view = json!({
        "issuer": issuer(&tx.scope().region, pool),
        "jwks_uri": format!("{endpoint}/{pool}/.well-known/jwks.json"),
        "id_token_signing_alg_values_supported": ["RS256"],
        "response_types_supported": ["code", "token"],
        "scopes_supported": ["openid", "email", "phone", "profile"],
        "subject_types_supported": ["public"],
        "token_endpoint_auth_methods_supported": ["client_secret_basic", "client_secret_post"]});
    if let Some(domain) = pools::domain_of(tx, pool)? {
        view["token_endpoint"] = format!("{endpoint}/_cognito/{}/oauth2/token", domain.id).into();
    }
    Ok(view)
}
