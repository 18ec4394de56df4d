//! Resource servers and their scopes.

use serde_json::{Value, json};

use super::{constraint, copy, invalid, not_found, page, pools, required, rewrite};
use crate::practice::resource::{self, Desired, Provider, Resource, Updated};
use crate::practice::store::Tx;
use crate::practice::wire::{Answer, Call, Fault, Reply};

pub(super) const SERVER: &str = "AWS::Cognito::UserPoolResourceServer";

/// `AWS::Cognito::UserPoolResourceServer`.
#[derive(Debug)]
pub struct UserPoolResourceServer;

fn server(tx: &Tx<'_>, pool: &str, identifier: &str) -> Result<Resource, Fault> {
    resource::get(tx, SERVER, &format!("{pool}/{identifier}"))?
        .ok_or_else(|| not_found(format!("Resource server {identifier} does not exist.")))
}

/// All scopes of the pool's servers: `WildRydes/CustomizeUnicorn`.
pub(super) fn scopes(tx: &Tx<'_>, pool: &str) -> Result<Vec<String>, Fault> {
    let mut all = Vec::new();
    for server in resource::all(tx, SERVER)? {
        if server.text("UserPoolId") != pool {
            continue;
        }
        let scopes = server.properties.get("Scopes").and_then(Value::as_array);
        for scope in scopes.into_iter().flatten() {
            let name = scope.get("ScopeName").and_then(Value::as_str).unwrap_or("");
            all.push(format!("{}/{name}", server.text("Identifier")));
        }
    }
    Ok(all)
}

fn view(server: &Resource) -> Value {
    let mut view = json!({});
    copy(&server.properties, &mut view, &["UserPoolId", "Identifier", "Name", "Scopes"]);
    view
}

/// Refuses names and scopes that the service refuses.
fn check(properties: &Value) -> Result<(), Fault> {
    for member in ["Identifier", "Name"] {
        if properties.get(member).and_then(Value::as_str).unwrap_or("").is_empty() {
            return Err(constraint("null", &super::lower_first(member), "not be null"));
        }
    }
    let mut known = Vec::new();
    let scopes = properties.get("Scopes").and_then(Value::as_array);
    for scope in scopes.into_iter().flatten() {
        let member = |name: &str| scope.get(name).and_then(Value::as_str).unwrap_or("");
        let name = member("ScopeName");
        let allowed = |c: char| c.is_ascii_graphic() && !['"', '/', '\\'].contains(&c);
        if name.is_empty() || !name.chars().all(allowed) {
            return Err(constraint(
                &format!("'{name}'"),
                "scopes.1.member.scopeName",
                "satisfy regular expression pattern: [\\x21\\x23-\\x2E\\x30-\\x5B\\x5D-\\x7E]+",
            ));
        }
        if member("ScopeDescription").is_empty() {
            return Err(constraint("null", "scopes.1.member.scopeDescription", "not be null"));
        }
        if known.contains(&name) {
            return Err(invalid(format!("Duplicate scope name: {name}")));
        }
        known.push(name);
    }
    Ok(())
}

impl Provider for UserPoolResourceServer {
    fn kind(&self) -> &'static str {
        SERVER
    }

    fn create(&self, tx: &Tx<'_>, desired: &Desired<'_>) -> Result<Resource, Fault> {
        let pool = pools::pool(tx, desired.text("UserPoolId"))?;
        check(desired.properties)?;
        let identifier = desired.text("Identifier");
        let id = format!("{}/{identifier}", pool.id);
        if resource::get(tx, SERVER, &id)?.is_some() {
            return Err(invalid(format!("{identifier} already exists in user pool {}.", pool.id)));
        }
        let made = Resource::new(tx, SERVER, id, desired).with("Ref", identifier);
        resource::put(tx, &made)?;
        Ok(made)
    }

    fn update(&self, tx: &Tx<'_>, old: &Resource, desired: &Desired<'_>) -> Result<Updated, Fault> {
        if old.text("Identifier") != desired.text("Identifier")
            || old.text("UserPoolId") != desired.text("UserPoolId")
        {
            return Ok(Updated::Replace);
        }
        check(desired.properties)?;
        resource::put(tx, &old.changed_to(tx, desired))?;
        Ok(Updated::InPlace)
    }

    fn delete(&self, tx: &Tx<'_>, old: &Resource) -> Result<(), Fault> {
        resource::forget(tx, old)
    }
}

pub(super) fn create(tx: &Tx<'_>, call: &Call) -> Answer {
    required(call, "UserPoolId")?;
    let desired = Desired { properties: &call.input, stack: None, logical: None };
    let made = UserPoolResourceServer.create(tx, &desired)?;
    Ok(Reply::ok(json!({"ResourceServer": view(&made)})))
}

pub(super) fn describe(tx: &Tx<'_>, call: &Call) -> Answer {
    let pool = pools::pool(tx, required(call, "UserPoolId")?)?;
    let server = server(tx, &pool.id, required(call, "Identifier")?)?;
    Ok(Reply::ok(json!({"ResourceServer": view(&server)})))
}

pub(super) fn list(tx: &Tx<'_>, call: &Call) -> Answer {
    let pool = pools::pool(tx, required(call, "UserPoolId")?)?;
    let all = resource::all(tx, SERVER)?;
    let own = all.iter().filter(|server| server.text("UserPoolId") == pool.id);
    page(call, "ResourceServers", &own.map(view).collect::<Vec<_>>(), Some(50))
}

pub(super) fn update(tx: &Tx<'_>, call: &Call) -> Answer {
    let pool = pools::pool(tx, required(call, "UserPoolId")?)?;
    let old = server(tx, &pool.id, required(call, "Identifier")?)?;
    check(&call.input)?;
    let next = rewrite(tx, &old, call.input.clone())?;
    Ok(Reply::ok(json!({"ResourceServer": view(&next)})))
}

pub(super) fn delete(tx: &Tx<'_>, call: &Call) -> Answer {
    let pool = pools::pool(tx, required(call, "UserPoolId")?)?;
    let server = server(tx, &pool.id, required(call, "Identifier")?)?;
    resource::forget(tx, &server)?;
    Ok(Reply::ok(json!({})))
}
