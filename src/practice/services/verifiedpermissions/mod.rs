//! Amazon Verified Permissions: policy stores with their schema, policy templates, policies,
//! identity sources, and decisions, which the `cedar-policy` crate makes.
//!
//! What is kept are the CloudFormation types' properties; the API's members are the same names
//! with a small first letter.

mod cedar;
mod decide;
mod policies;
mod sources;
mod stores;
mod templates;
#[cfg(test)]
mod tests;

use serde_json::{Map, Value, json};

use crate::practice::random;
use crate::practice::resource::{Provider, Resource};
use crate::practice::store::Tx;
use crate::practice::wire::{Answer, Call, Fault, Reply, iso};

pub use policies::Policy;
pub use sources::IdentitySource;
pub use stores::PolicyStore;
pub use templates::PolicyTemplate;

/// What templates make of the service.
pub const PROVIDERS: [&dyn Provider; 4] = [&PolicyStore, &PolicyTemplate, &Policy, &IdentitySource];

/// Answers the service's calls.
pub fn call(tx: &Tx<'_>, call: &Call) -> Answer {
    match call.operation.as_str() {
        "CreatePolicyStore" => stores::create(tx, call),
        "GetPolicyStore" => stores::get(tx, call),
        "ListPolicyStores" => stores::list(tx, call),
        "UpdatePolicyStore" => stores::update(tx, call),
        "DeletePolicyStore" => stores::delete(tx, call),
        "PutSchema" => stores::put_schema(tx, call),
        "GetSchema" => stores::get_schema(tx, call),
        "CreatePolicyTemplate" => templates::create(tx, call),
        "GetPolicyTemplate" => templates::get(tx, call),
        "ListPolicyTemplates" => templates::list(tx, call),
        "UpdatePolicyTemplate" => templates::update(tx, call),
        "DeletePolicyTemplate" => templates::delete(tx, call),
        "CreatePolicy" => policies::create(tx, call),
        "GetPolicy" => policies::get(tx, call),
        "BatchGetPolicy" => policies::get_many(tx, call),
        "ListPolicies" => policies::list(tx, call),
        "UpdatePolicy" => policies::update(tx, call),
        "DeletePolicy" => policies::delete(tx, call),
        "CreateIdentitySource" => sources::create(tx, call),
        "GetIdentitySource" => sources::get(tx, call),
        "ListIdentitySources" => sources::list(tx, call),
        "UpdateIdentitySource" => sources::update(tx, call),
        "DeleteIdentitySource" => sources::delete(tx, call),
        "IsAuthorized" => decide::is_authorized(tx, call),
        "BatchIsAuthorized" => decide::batch_is_authorized(tx, call),
        "IsAuthorizedWithToken" => decide::is_authorized_with_token(tx, call),
        _ => Err(call.unknown()),
    }
}

fn invalid(message: impl Into<String>) -> Fault {
    Fault::new(400, "ValidationException", message)
}

/// The refusal of a thing that isn't there, in the service's words.
fn not_found(kind: &str, id: &str) -> Fault {
    Fault::new(400, "ResourceNotFoundException", format!("The {kind} {id} was not found"))
}

/// An id of the service: 22 letters and digits.
fn new_id() -> String {
    random::letters(22)
}

/// Members of the API as a template writes them.
fn pascal(value: &Value) -> Value {
    renamed(value, char::to_ascii_uppercase)
}

/// Properties of a template as the API writes them.
fn camel(value: &Value) -> Value {
    renamed(value, char::to_ascii_lowercase)
}

fn renamed(value: &Value, first: fn(&char) -> char) -> Value {
    match value {
        Value::Object(members) => {
            let rename = |(name, value): (&String, &Value)| {
                let mut letters = name.chars();
                let start = letters.next().map(|letter| first(&letter));
                (start.into_iter().chain(letters).collect::<String>(), renamed(value, first))
            };
            Value::Object(members.iter().map(rename).collect::<Map<_, _>>())
        }
        Value::Array(items) => items.iter().map(|item| renamed(item, first)).collect(),
        other => other.clone(),
    }
}

/// The members that an answer about a thing begins with.
fn dated(thing: &Resource) -> Value {
    json!({"createdDate": iso(thing.created), "lastUpdatedDate": iso(thing.changed)})
}

/// Puts all members of `from` into `to`; nulls are left out.
fn merge(to: &mut Value, from: Value) {
    if let Value::Object(members) = from {
        for (name, value) in members.into_iter().filter(|(_, value)| !value.is_null()) {
            to[name] = value;
        }
    }
}

/// One page of a list; the token is the index where the next begins.
fn page(call: &Call, name: &str, items: &[Value], most: usize) -> Answer {
    let limit = match call.number("maxResults") {
        None => most.min(10),
        Some(number) => usize::try_from(number)
            .ok()
            .filter(|limit| (1..=most).contains(limit))
            .ok_or_else(|| invalid(format!("maxResults must be between 1 and {most}")))?,
    };
    let start = match call.text("nextToken") {
        "" => 0,
        token => token
            .parse::<usize>()
            .ok()
            .filter(|start| *start <= items.len())
            .ok_or_else(|| invalid("The nextToken is not valid"))?,
    };
    let end = start.saturating_add(limit).min(items.len());
    let mut answer = json!({name: &items[start..end]});
    if end < items.len() {
        answer["nextToken"] = end.to_string().into();
    }
    Ok(Reply::ok(answer))
}
