//! The authorizer: who may call.

use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};
use sha2::{Digest, Sha256};

use super::refuse::Refusal;
use super::{Exchange, integrate};
use crate::practice::policy::{self, Decision};
use crate::practice::services::apigateway::model::{Authorizer, function_of_uri};
use crate::practice::services::apigateway::stages::DECISIONS;
use crate::practice::services::cognito::keys;
use crate::practice::{auth, backend};

/// What an authorizer's function decided about a token. Kept for the authorizer's time to live,
/// and for every method of the stage: it is the policy that is kept, not its outcome. A new
/// deployment starts afresh.
#[derive(Debug, Serialize, Deserialize)]
struct Judgement {
    /// Unix time in seconds.
    until: i64,
    policy: Value,
    identity: Map<String, Value>,
    /// `usageIdentifierKey`: value of the API key that the caller is counted on.
    #[serde(default)]
    usage_key: Option<String>,
}

/// Lets the request through, with its caller noted, or refuses it.
pub(super) fn check(exchange: &mut Exchange<'_, '_>) -> Result<(), Refusal> {
    match exchange.method.authorization_type.as_str() {
        "NONE" => Ok(()),
        "AWS_IAM" => signed(exchange),
        _ => {
            let id = exchange.method.authorizer_id.as_deref().unwrap_or("");
            let api = exchange.api;
            let authorizer = api.authorizer(id).ok_or(Refusal::AuthorizerConfiguration)?;
            if authorizer.kind == "COGNITO_USER_POOLS" {
                user_pool(exchange, authorizer)
            } else {
                function(exchange, authorizer)
            }
        }
    }
}

/// A signature of the API's own account. The practice account takes any secret.
fn signed(exchange: &mut Exchange<'_, '_>) -> Result<(), Refusal> {
    let header = exchange.request.header("authorization");
    let presigned = exchange.request.query_value("X-Amz-Credential").is_some();
    if header.is_empty() && !presigned {
        return Err(Refusal::MissingAuthenticationToken);
    }
    let incomplete = || Refusal::IncompleteSignature(STANDARD.encode(Sha256::digest(header)));
    if !presigned && !header.starts_with("AWS4-HMAC-SHA256") {
        return Err(incomplete());
    }
    let caller = auth::caller(exchange.request).map_err(|_| incomplete())?;
    let account = if caller.access_key.starts_with("ASIA") {
        session(exchange, &caller.access_key)?
    } else {
        caller.scope.account
    };
    let own = &exchange.tx.scope().account;
    if account == *own {
        return Ok(());
    }
    let masked = format!("********{}", own.get(8..).unwrap_or_default());
    let resource = exchange.method_arn().replacen(own.as_str(), &masked, 1);
    Err(Refusal::NotAuthorized(format!(
        "User: arn:aws:iam::{account}:root is not authorized to perform: execute-api:Invoke on \
         resource: {resource}"
    )))
}

/// The account of an assumed role's credentials.
fn session(exchange: &Exchange<'_, '_>, key: &str) -> Result<String, Refusal> {
    let home = exchange.tx.find(auth::SESSIONS, key)?.ok_or(Refusal::UnknownCredentials)?;
    let expires: Option<Timestamp> = exchange.tx.within(home.clone()).get(auth::SESSIONS, key)?;
    match expires {
        Some(expires) if expires > exchange.tx.now() => Ok(home.account),
        _ => Err(Refusal::ExpiredCredentials),
    }
}

/// What an identity source stands for in the request, or none.
fn source(exchange: &Exchange<'_, '_>, source: &str) -> Option<String> {
    let source = source.trim();
    let value = if let Some(rest) = source.strip_prefix("method.request.") {
        match rest.split_once('.')? {
            ("header" | "multivalueheader", name) => {
                exchange.request.header(&name.to_ascii_lowercase()).to_owned()
            }
            ("querystring" | "multivaluequerystring", name) => {
                exchange.request.query_value(name)?
            }
            _ => return None,
        }
    } else if let Some(name) = source.strip_prefix("stageVariables.") {
        exchange.stage.variables.get(name)?.clone()
    } else {
        let path = source.strip_prefix("context.")?.replace('.', "/");
        let context = integrate::event(exchange)["requestContext"].take();
        context.pointer(&format!("/{path}"))?.as_str()?.to_owned()
    };
    Some(value).filter(|value| !value.is_empty())
}

/// Whether a whole text fits an authorizer's validation expression; all texts do without one.
fn validates(authorizer: &Authorizer, text: &str) -> Result<bool, Refusal> {
    let Some(expression) = &authorizer.identity_validation_expression else { return Ok(true) };
    let whole = regex::Regex::new(&format!("^(?:{expression})$"))
        .map_err(|_| Refusal::AuthorizerConfiguration)?;
    Ok(whole.is_match(text))
}

/// A user pool's token: with scopes on the method an access token that has one of them, without
/// an identity token.
fn user_pool(exchange: &mut Exchange<'_, '_>, authorizer: &Authorizer) -> Result<(), Refusal> {
    let wanted =
        authorizer.identity_source.as_deref().unwrap_or("method.request.header.Authorization");
    let header = source(exchange, wanted).ok_or(Refusal::Unauthorized)?;
    let token = header.strip_prefix("Bearer ").unwrap_or(&header);
    for arn in &authorizer.provider_arns {
        let Some((_, pool)) = arn.rsplit_once("userpool/") else { continue };
        if exchange.tx.find("AWS::Cognito::UserPool", pool)?.as_ref() != Some(exchange.tx.scope()) {
            continue;
        }
        let Some(claims) = keys::verify(exchange.tx, pool, token)? else { continue };
        // For user pools the expression is about the client that the token is for.
        let audience = claims.get("aud").and_then(Value::as_str).unwrap_or("");
        if !validates(authorizer, audience)? {
            continue;
        }
        if suits(&claims, &exchange.method.authorization_scopes) {
            exchange.identity = Some(Map::from_iter([("claims".to_owned(), claims)]));
            return Ok(());
        }
    }
    Err(Refusal::Unauthorized)
}

fn suits(claims: &Value, wanted: &[String]) -> bool {
    let of = |name: &str| claims.get(name).and_then(Value::as_str).unwrap_or("");
    if wanted.is_empty() {
        return of("token_use") == "id";
    }
    of("token_use") == "access" && of("scope").split(' ').any(|own| wanted.iter().any(|w| w == own))
}

/// What identifies the caller for the cache: the token, or all sources together. Each source must
/// be there, and a token must fit the validation expression: otherwise the function isn't asked.
fn identify(exchange: &Exchange<'_, '_>, authorizer: &Authorizer) -> Result<String, Refusal> {
    let wanted = authorizer.identity_source.as_deref().unwrap_or("");
    let wanted = wanted.split(',').filter(|one| !one.trim().is_empty());
    let all: Option<Vec<String>> = wanted.map(|one| source(exchange, one)).collect();
    let identity = all.ok_or(Refusal::Unauthorized)?.join("\n");
    if authorizer.kind == "TOKEN" && !validates(authorizer, &identity)? {
        return Err(Refusal::Unauthorized);
    }
    Ok(identity)
}

fn function(exchange: &mut Exchange<'_, '_>, authorizer: &Authorizer) -> Result<(), Refusal> {
    let identity = identify(exchange, authorizer)?;
    let key = format!(
        "{}/{}/{}/{}/{}",
        exchange.api.id,
        exchange.stage.stage_name,
        exchange.stage.deployment_id,
        authorizer.id,
        URL_SAFE_NO_PAD.encode(Sha256::digest(&identity))
    );
    let now = exchange.tx.now();
    let kept =
        exchange.tx.get::<Judgement>(DECISIONS, &key)?.filter(|kept| kept.until > now.as_second());
    let judgement = if let Some(kept) = kept {
        kept
    } else {
        let fresh = ask(exchange, authorizer, &identity)?;
        if authorizer.ttl() > 0 {
            sweep(exchange, now)?;
            exchange.tx.put(DECISIONS, &key, &fresh)?;
        }
        fresh
    };
    match policy::decide([&judgement.policy], "execute-api:Invoke", &exchange.method_arn()) {
        Decision::Allow => {
            exchange.identity = Some(judgement.identity);
            exchange.usage_key = judgement.usage_key;
            Ok(())
        }
        Decision::ExplicitDeny => Err(Refusal::ExplicitDeny),
        Decision::ImplicitDeny => Err(Refusal::ImplicitDeny),
    }
}

/// Forgets decisions whose time is over, so that they don't pile up.
fn sweep(exchange: &Exchange<'_, '_>, now: Timestamp) -> Result<(), Refusal> {
    for (id, kept) in exchange.tx.list::<Judgement>(DECISIONS)? {
        if kept.until <= now.as_second() {
            exchange.tx.delete(DECISIONS, &id)?;
        }
    }
    Ok(())
}

/// Asks the authorizer's function.
fn ask(
    exchange: &Exchange<'_, '_>,
    authorizer: &Authorizer,
    identity: &str,
) -> Result<Judgement, Refusal> {
    let arn = authorizer
        .authorizer_uri
        .as_deref()
        .and_then(function_of_uri)
        .ok_or(Refusal::AuthorizerConfiguration)?;
    let source = exchange
        .tx
        .arn("execute-api", &format!("{}/authorizers/{}", exchange.api.id, authorizer.id));
    let credentials = authorizer.authorizer_credentials.as_deref();
    let function = backend::access::function(exchange.tx, arn, credentials, &source)?
        .ok_or(Refusal::AuthorizerConfiguration)?;
    let event = if authorizer.kind == "REQUEST" {
        let mut event = integrate::event(exchange);
        event["type"] = "REQUEST".into();
        event["methodArn"] = exchange.method_arn().into();
        event
    } else {
        json!({"type": "TOKEN", "authorizationToken": identity,
            "methodArn": exchange.method_arn()})
    };
    let result = exchange.invoke(&function, &event)?;
    if result.error.is_some() {
        let unauthorized = result.payload.get("errorMessage").is_some_and(|m| m == "Unauthorized");
        return Err(if unauthorized {
            Refusal::Unauthorized
        } else {
            Refusal::AuthorizerConfiguration
        });
    }
    judgement(&result.payload, exchange.tx.now().as_second() + authorizer.ttl())
        .ok_or(Refusal::AuthorizerConfiguration)
}

/// Reads a function's answer; none where it is no decision.
fn judgement(payload: &Value, until: i64) -> Option<Judgement> {
    let principal = payload.get("principalId")?.as_str()?;
    let policy = payload.get("policyDocument")?;
    if policy::statements(policy).is_empty() {
        return None;
    }
    let mut identity = Map::from_iter([("principalId".to_owned(), principal.into())]);
    let context = payload.get("context").and_then(Value::as_object);
    for (name, value) in context.into_iter().flatten() {
        let text = match value {
            Value::String(text) => text.clone(),
            Value::Number(number) => number.to_string(),
            Value::Bool(flag) => flag.to_string(),
            // Lists and maps make the whole answer invalid.
            _ => return None,
        };
        identity.insert(name.clone(), text.into());
    }
    identity.insert("integrationLatency".to_owned(), 1.into());
    let usage_key = payload.get("usageIdentifierKey").and_then(Value::as_str).map(str::to_owned);
    Some(Judgement { until, policy: policy.clone(), identity, usage_key })
}
