//! App clients.

use serde_json::{Value, json};

use super::{copy, invalid, not_found, page, pools, required, rewrite, servers};
use crate::practice::properties::{flag, number, texts};
use crate::practice::random;
use crate::practice::resource::{self, Desired, Provider, Resource, Updated};
use crate::practice::store::Tx;
use crate::practice::wire::{Answer, Call, Fault, Reply, epoch};

pub(super) const CLIENT: &str = "AWS::Cognito::UserPoolClient";

/// Scopes that every pool has.
const STANDARD: [&str; 5] =
    ["phone", "email", "openid", "profile", "aws.cognito.signin.user.admin"];

/// `AWS::Cognito::UserPoolClient`.
#[derive(Debug)]
pub struct UserPoolClient;

/// An app client as the token endpoint sees it.
#[derive(Clone)]
pub struct Client {
    /// 26 lower-case letters and digits.
    pub id: String,
    /// Empty for a public client.
    pub secret: String,
    /// Its pool.
    pub pool: String,
    /// Allowed flows; none unless flows are allowed at all.
    pub flows: Vec<String>,
    /// Allowed scopes that still exist.
    pub scopes: Vec<String>,
    /// Seconds that an access token lives.
    pub validity: i64,
}

// The secret stays out of every log.
impl std::fmt::Debug for Client {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Client").field("id", &self.id).finish_non_exhaustive()
    }
}

impl Client {
    /// The client of that pool, or none.
    pub fn find(tx: &Tx<'_>, pool: &str, id: &str) -> Result<Option<Self>, Fault> {
        let Some(found) = resource::get(tx, CLIENT, id)? else { return Ok(None) };
        if found.text("UserPoolId") != pool {
            return Ok(None);
        }
        let properties = &found.properties;
        let allowed = flag(properties, "AllowedOAuthFlowsUserPoolClient");
        let existing = servers::scopes(tx, pool)?;
        let mut scopes = texts(properties, "AllowedOAuthScopes");
        scopes.retain(|scope| existing.contains(scope));
        Ok(Some(Self {
            id: found.id.clone(),
            secret: found.attribute("ClientSecret").to_owned(),
            pool: pool.to_owned(),
            flows: if allowed { texts(properties, "AllowedOAuthFlows") } else { Vec::new() },
            scopes,
            validity: validity(properties),
        }))
    }
}

/// Seconds that an access token lives: `AccessTokenValidity` in its unit, an hour by default.
fn validity(properties: &Value) -> i64 {
    let Some(amount) = number(properties, "AccessTokenValidity") else { return 3600 };
    let unit = properties.pointer("/TokenValidityUnits/AccessToken").and_then(Value::as_str);
    let seconds = match unit {
        Some("seconds") => 1,
        Some("minutes") => 60,
        Some("days") => 86_400,
        _ => 3600,
    };
    if amount == 0 { 3600 } else { amount.saturating_mul(seconds) }
}

/// Refuses what the service refuses, in its words.
fn check(tx: &Tx<'_>, pool: &str, properties: &Value, secret: bool) -> Result<(), Fault> {
    let flows = texts(properties, "AllowedOAuthFlows");
    let scopes = texts(properties, "AllowedOAuthScopes");
    let flow_fault = |text: &str| Err(Fault::new(400, "InvalidOAuthFlowException", text));
    if let Some(unknown) = flows
        .iter()
        .find(|flow| !["code", "implicit", "client_credentials"].contains(&flow.as_str()))
    {
        return Err(super::constraint(
            &format!("'[{unknown}]'"),
            "allowedOAuthFlows",
            "satisfy enum value set: [code, implicit, client_credentials]",
        ));
    }
    if flows.iter().any(|flow| flow == "client_credentials") {
        if !secret {
            return flow_fault(
                "client_credentials flow can not be selected if client does not have a client secret.",
            );
        }
        if flows.len() > 1 {
            return flow_fault(
                "client_credentials flow can not be selected along with code flow or implicit flow.",
            );
        }
    }
    if flag(properties, "AllowedOAuthFlowsUserPoolClient")
        && (flows.is_empty() || scopes.is_empty())
    {
        return Err(invalid(
            "AllowedOAuthFlows and AllowedOAuthScopes are required if user pool client is allowed to use OAuth flows.",
        ));
    }
    let existing = servers::scopes(tx, pool)?;
    match scopes.iter().find(|s| !existing.contains(s) && !STANDARD.contains(&s.as_str())) {
        Some(unknown) => Err(Fault::new(
            400,
            "ScopeDoesNotExistException",
            format!("Invalid scope requested: {unknown}"),
        )),
        None if !(300..=86_400).contains(&validity(properties)) => {
            Err(invalid("Invalid range for token validity."))
        }
        None => Ok(()),
    }
}

impl Provider for UserPoolClient {
    fn kind(&self) -> &'static str {
        CLIENT
    }

    fn create(&self, tx: &Tx<'_>, desired: &Desired<'_>) -> Result<Resource, Fault> {
        let pool = pools::pool(tx, desired.text("UserPoolId"))?;
        let secret = flag(desired.properties, "GenerateSecret");
        check(tx, &pool.id, desired.properties, secret)?;
        let id = random::lower(26);
        let mut made = Resource::new(tx, CLIENT, id.clone(), desired).with("ClientId", id);
        made.properties["ClientName"] = desired.name("ClientName", 128).into();
        if secret {
            made = made.with("ClientSecret", random::lower(51));
        }
        resource::put(tx, &made)?;
        Ok(made)
    }

    fn update(&self, tx: &Tx<'_>, old: &Resource, desired: &Desired<'_>) -> Result<Updated, Fault> {
        let secret = flag(desired.properties, "GenerateSecret");
        if old.text("UserPoolId") != desired.text("UserPoolId")
            || flag(&old.properties, "GenerateSecret") != secret
        {
            return Ok(Updated::Replace);
        }
        check(tx, old.text("UserPoolId"), desired.properties, secret)?;
        let mut next = old.changed_to(tx, desired);
        if desired.text("ClientName").is_empty() {
            next.properties["ClientName"] = old.text("ClientName").into();
        }
        resource::put(tx, &next)?;
        Ok(Updated::InPlace)
    }

    fn delete(&self, tx: &Tx<'_>, old: &Resource) -> Result<(), Fault> {
        resource::forget(tx, old)
    }
}

fn client(tx: &Tx<'_>, call: &Call) -> Result<Resource, Fault> {
    let pool = pools::pool(tx, required(call, "UserPoolId")?)?;
    let id = required(call, "ClientId")?;
    resource::get(tx, CLIENT, id)?
        .filter(|client| client.text("UserPoolId") == pool.id)
        .ok_or_else(|| not_found(format!("User pool client {id} does not exist.")))
}

const SETTINGS: [&str; 17] = [
    "UserPoolId",
    "ClientName",
    "RefreshTokenValidity",
    "AccessTokenValidity",
    "IdTokenValidity",
    "TokenValidityUnits",
    "ReadAttributes",
    "WriteAttributes",
    "ExplicitAuthFlows",
    "SupportedIdentityProviders",
    "CallbackURLs",
    "LogoutURLs",
    "DefaultRedirectURI",
    "AllowedOAuthFlows",
    "AllowedOAuthScopes",
    "PreventUserExistenceErrors",
    "EnableTokenRevocation",
];

fn view(client: &Resource) -> Value {
    let mut view = json!({
        "ClientId": client.id, "CreationDate": epoch(client.created),
        "LastModifiedDate": epoch(client.changed), "RefreshTokenValidity": 30,
        "AllowedOAuthFlowsUserPoolClient":
            flag(&client.properties, "AllowedOAuthFlowsUserPoolClient"),
        "EnableTokenRevocation": true, "TokenValidityUnits": {}});
    copy(&client.properties, &mut view, &SETTINGS);
    if !client.attribute("ClientSecret").is_empty() {
        view["ClientSecret"] = client.attribute("ClientSecret").into();
    }
    view
}

pub(super) fn create(tx: &Tx<'_>, call: &Call) -> Answer {
    required(call, "UserPoolId")?;
    required(call, "ClientName")?;
    let desired = Desired { properties: &call.input, stack: None, logical: None };
    let made = UserPoolClient.create(tx, &desired)?;
    Ok(Reply::ok(json!({"UserPoolClient": view(&made)})))
}

pub(super) fn describe(tx: &Tx<'_>, call: &Call) -> Answer {
    Ok(Reply::ok(json!({"UserPoolClient": view(&client(tx, call)?)})))
}

pub(super) fn list(tx: &Tx<'_>, call: &Call) -> Answer {
    let pool = pools::pool(tx, required(call, "UserPoolId")?)?;
    let all = resource::all(tx, CLIENT)?;
    let view = |client: &Resource| {
        json!({"ClientId": client.id, "UserPoolId": pool.id,
            "ClientName": client.text("ClientName")})
    };
    let own = all.iter().filter(|client| client.text("UserPoolId") == pool.id);
    page(call, "UserPoolClients", &own.map(view).collect::<Vec<_>>(), Some(60))
}

/// The service sets every member that isn't named back to its default; the name and the secret
/// stay.
pub(super) fn update(tx: &Tx<'_>, call: &Call) -> Answer {
    let old = client(tx, call)?;
    let secret = !old.attribute("ClientSecret").is_empty();
    check(tx, old.text("UserPoolId"), &call.input, secret)?;
    let mut properties = call.input.clone();
    properties["GenerateSecret"] = secret.into();
    if call.text("ClientName").is_empty() {
        properties["ClientName"] = old.text("ClientName").into();
    }
    if let Value::Object(members) = &mut properties {
        members.shift_remove("ClientId");
    }
    let next = rewrite(tx, &old, properties)?;
    Ok(Reply::ok(json!({"UserPoolClient": view(&next)})))
}

pub(super) fn delete(tx: &Tx<'_>, call: &Call) -> Answer {
    resource::forget(tx, &client(tx, call)?)?;
    Ok(Reply::ok(json!({})))
}
