//! Secrets Manager: secrets with their versions, and rotation with its stages.
//!
//! Values leave it in the answer of `GetSecretValue` alone. They are kept apart from the resources,
//! so that nothing that lists or describes resources can hold one.

mod password;
mod policy;
mod providers;
mod rotation;
mod secret;
mod version;

use serde_json::{Value, json};

use crate::practice::resource;
use crate::practice::store::Tx;
use crate::practice::wire::{Answer, Call, Fault, Reply, epoch};

pub use password::random;
pub use policy::{Said, said};
pub use providers::PROVIDERS;
pub use secret::{SECRET, arn_of, managed};

/// Answers the service's calls.
pub fn call(tx: &Tx<'_>, call: &Call) -> Answer {
    match call.operation.as_str() {
        "CreateSecret" => secret::create(tx, call),
        "DescribeSecret" => {
            let found = secret::any(tx, call.required("SecretId")?)?;
            Ok(Reply::ok(secret::described(tx, &found)?))
        }
        "ListSecrets" => secret::list(tx, call),
        "UpdateSecret" => secret::update(tx, call),
        "DeleteSecret" => secret::delete(tx, call),
        "RestoreSecret" => secret::restore(tx, call),
        "TagResource" | "UntagResource" => secret::tag(tx, call),
        "GetSecretValue" => version::value(tx, call),
        "PutSecretValue" => version::put_value(tx, call),
        "ListSecretVersionIds" => version::list(tx, call),
        "UpdateSecretVersionStage" => version::move_stage(tx, call),
        "GetRandomPassword" => Ok(Reply::ok(json!({ "RandomPassword": random(&call.input)? }))),
        "RotateSecret" => rotation::start(tx, call),
        "CancelRotateSecret" => rotation::cancel(tx, call),
        "GetResourcePolicy" | "PutResourcePolicy" | "DeleteResourcePolicy" => {
            policy::call(tx, call)
        }
        _ => Err(call.unknown()),
    }
}

fn invalid_parameter(message: impl Into<String>) -> Fault {
    Fault::new(400, "InvalidParameterException", message)
}

fn invalid_request(message: impl Into<String>) -> Fault {
    Fault::new(400, "InvalidRequestException", message)
}

/// The token of a call: the id of the version that it makes.
fn token(call: &Call) -> Result<String, Fault> {
    match call.text("ClientRequestToken") {
        "" => Ok(crate::practice::random::uuid()),
        token if (32..=64).contains(&token.len()) => Ok(token.to_owned()),
        _ => Err(invalid_parameter("ClientRequestToken must be 32-64 characters long.")),
    }
}

/// Name, ARN and what else an answer says of a secret.
fn named(secret: &resource::Resource, more: Value) -> Reply {
    let mut answer = json!({ "ARN": secret.attribute("Ref"), "Name": secret.id });
    if let (Some(answer), Value::Object(more)) = (answer.as_object_mut(), more) {
        answer.extend(more);
    }
    Reply::ok(answer)
}

/// An attribute that holds a time, as answers write it.
fn date(secret: &resource::Resource, attribute: &str) -> Option<Value> {
    secret.attribute(attribute).parse().ok().map(epoch)
}

#[cfg(test)]
mod tests;
