//! Cognito user pools: pools, domains, resource servers, app clients; the token endpoint and the
//! pools' public keys; users, groups, and signing in with a password.

mod clients;
pub mod keys;
mod pools;
mod servers;
pub mod token;
mod users;

pub use clients::{Client, UserPoolClient};
pub use pools::{UserPool, UserPoolDomain};
pub use servers::UserPoolResourceServer;

use serde_json::{Value, json};

use crate::practice::resource::{Provider, Resource};
use crate::practice::store::Tx;
use crate::practice::wire::{Answer, Call, Fault, Reply};

/// What templates make of Cognito.
pub const PROVIDERS: [&dyn Provider; 4] =
    [&UserPool, &UserPoolDomain, &UserPoolResourceServer, &UserPoolClient];

/// Answers an operation of Cognito user pools.
pub fn call(tx: &Tx<'_>, call: &Call) -> Answer {
    match call.operation.as_str() {
        "CreateUserPool" => pools::create(tx, call),
        "DescribeUserPool" => pools::describe(tx, call),
        "ListUserPools" => pools::list(tx, call),
        "UpdateUserPool" => pools::update(tx, call),
        "DeleteUserPool" => pools::delete(tx, call),
        "CreateUserPoolDomain" => pools::create_domain(tx, call),
        "DescribeUserPoolDomain" => pools::describe_domain(tx, call),
        "DeleteUserPoolDomain" => pools::delete_domain(tx, call),
        "CreateResourceServer" => servers::create(tx, call),
        "DescribeResourceServer" => servers::describe(tx, call),
        "ListResourceServers" => servers::list(tx, call),
        "UpdateResourceServer" => servers::update(tx, call),
        "DeleteResourceServer" => servers::delete(tx, call),
        "CreateUserPoolClient" => clients::create(tx, call),
        "DescribeUserPoolClient" => clients::describe(tx, call),
        "ListUserPoolClients" => clients::list(tx, call),
        "UpdateUserPoolClient" => clients::update(tx, call),
        "DeleteUserPoolClient" => clients::delete(tx, call),
        "AdminCreateUser" => users::create(tx, call),
        "AdminSetUserPassword" => users::set_password(tx, call),
        "AdminGetUser" => users::get(tx, call),
        "AdminDeleteUser" => users::delete(tx, call),
        "ListUsers" => users::list(tx, call),
        "CreateGroup" => users::create_group(tx, call),
        "ListGroups" => users::list_groups(tx, call),
        "DeleteGroup" => users::delete_group(tx, call),
        "AdminAddUserToGroup" => users::add_to_group(tx, call),
        "AdminRemoveUserFromGroup" => users::remove_from_group(tx, call),
        "AdminListGroupsForUser" => users::groups_of(tx, call),
        "InitiateAuth" => users::initiate(tx, call),
        operation => Err(Fault::not_implemented("cognito-idp", operation)),
    }
}

/// Where tokens of a pool say they come from.
pub fn issuer(region: &str, pool: &str) -> String {
    format!("https://cognito-idp.{region}.amazonaws.com/{pool}")
}

/// The pool's ARN, or none where there is no such pool.
pub fn pool_arn(tx: &Tx<'_>, pool: &str) -> Result<Option<String>, Fault> {
    let found = crate::practice::resource::get(tx, pools::POOL, pool)?;
    Ok(found.map(|pool| pool.attribute("Arn").to_owned()))
}

fn not_found(message: impl Into<String>) -> Fault {
    Fault::new(400, "ResourceNotFoundException", message)
}

fn invalid(message: impl Into<String>) -> Fault {
    Fault::new(400, "InvalidParameterException", message)
}

/// The refusal of a member that misses a constraint, as the service's framework words it.
fn constraint(value: &str, member: &str, wanted: &str) -> Fault {
    invalid(format!(
        "1 validation error detected: Value {value} at '{member}' failed to satisfy constraint: \
         Member must {wanted}"
    ))
}

/// A member that must be there.
fn required<'a>(call: &'a Call, member: &str) -> Result<&'a str, Fault> {
    let text = call.text(member);
    if text.is_empty() {
        Err(constraint("null", &lower_first(member), "not be null"))
    } else {
        Ok(text)
    }
}

fn lower_first(name: &str) -> String {
    let mut letters = name.chars();
    letters.next().map(|c| c.to_ascii_lowercase()).into_iter().chain(letters).collect()
}

/// One page of a list; the token is the index where the next begins.
fn page(call: &Call, name: &str, items: &[Value], default: Option<usize>) -> Answer {
    let asked = call.input.get("MaxResults").and_then(Value::as_i64);
    let limit = match (asked, default) {
        (Some(number), _) => {
            usize::try_from(number).ok().filter(|limit| (1..=60).contains(limit)).ok_or_else(
                || constraint(&format!("'{number}'"), "maxResults", "have value between 1 and 60"),
            )?
        }
        (None, Some(default)) => default,
        (None, None) => return Err(constraint("null", "maxResults", "not be null")),
    };
    let start = match call.text("NextToken") {
        "" => 0,
        token => token
            .parse::<usize>()
            .ok()
            .filter(|start| *start <= items.len())
            .ok_or_else(|| invalid("Invalid pagination token"))?,
    };
    let end = start.saturating_add(limit).min(items.len());
    let mut answer = json!({name: &items[start..end]});
    if end < items.len() {
        answer["NextToken"] = end.to_string().into();
    }
    Ok(Reply::ok(answer))
}

/// Copies the members that are there.
fn copy(from: &Value, to: &mut Value, names: &[&str]) {
    for name in names {
        if let Some(value) = from.get(*name).filter(|value| !value.is_null()) {
            to[*name] = value.clone();
        }
    }
}

/// Writes the resource with changed properties.
fn rewrite(tx: &Tx<'_>, old: &Resource, properties: Value) -> Result<Resource, Fault> {
    let next = Resource { properties, changed: tx.now(), ..old.clone() };
    crate::practice::resource::put(tx, &next)?;
    Ok(next)
}
