//! Rotation: Secrets Manager makes a version, labels it `AWSPENDING`, and invokes the rotation
//! function for each of four steps. A step that fails ends it: the label stays behind.

use serde_json::{Value, json};

use super::version::{self, CURRENT, PENDING};
use super::{invalid_parameter, invalid_request, named, secret, token};
use crate::practice::backend::{self, access};
use crate::practice::random;
use crate::practice::resource::{self, Resource};
use crate::practice::services::{lambda, rds};
use crate::practice::store::Tx;
use crate::practice::wire::{Answer, Call, Fault, Reply, ReplyBody};

const STEPS: [&str; 4] = ["createSecret", "setSecret", "testSecret", "finishSecret"];
const UNFINISHED: &str = "A previous rotation isn't complete. That rotation will be reattempted.";

/// `RotateSecret`.
pub(super) fn start(tx: &Tx<'_>, call: &Call) -> Answer {
    let found = secret::usable(tx, call.required("SecretId")?)?;
    let function = Some(call.text("RotationLambdaARN")).filter(|arn| !arn.is_empty());
    let rules = call.input.get("RotationRules").filter(|rules| !rules.is_null());
    let at_once = call.input.get("RotateImmediately").is_none_or(|at_once| at_once != false);
    let secret = schedule(tx, &found, function, rules)?;
    if !at_once {
        return Ok(named(&secret, Value::Null));
    }
    let unfinished = pending(tx, &secret)?;
    let version = unfinished.clone().map_or_else(|| token(call), Ok)?;
    run(tx, &secret, &version)?;
    if unfinished.is_some() {
        // What the reattempt did stays, so this is no fault.
        return Ok(Reply {
            status: 400,
            headers: vec![("x-amzn-errortype".to_owned(), "InvalidRequestException".to_owned())],
            body: ReplyBody::Members(
                json!({ "__type": "InvalidRequestException", "Message": UNFINISHED }),
            ),
        });
    }
    Ok(named(&secret, json!({ "VersionId": version })))
}

/// `CancelRotateSecret`.
pub(super) fn cancel(tx: &Tx<'_>, call: &Call) -> Answer {
    let secret = secret::usable(tx, call.required("SecretId")?)?;
    secret::not_owned(&secret)?;
    if !secret.attributes.contains_key("RotationEnabled") {
        return Err(invalid_request("You tried to disable rotation on a secret that has none."));
    }
    let secret = secret.with("RotationEnabled", false);
    resource::put(tx, &secret)?;
    Ok(named(&secret, Value::Null))
}

/// Sets who rotates a secret and how often.
pub(super) fn schedule(
    tx: &Tx<'_>,
    secret: &Resource,
    function: Option<&str>,
    rules: Option<&Value>,
) -> Result<Resource, Fault> {
    let mut secret = secret.clone();
    if secret.attribute("OwningService").is_empty() {
        let function = function.unwrap_or(secret.attribute("RotationLambdaARN"));
        if function.is_empty() {
            return Err(invalid_request(
                "No Lambda rotation function ARN is associated with this secret.",
            ));
        }
        let arn = secret.attribute("Ref").to_owned();
        if access::invocable(tx, function, "secretsmanager.amazonaws.com", &arn)?.is_none() {
            return Err(Fault::new(
                400,
                "AccessDeniedException",
                "Secrets Manager cannot invoke the specified Lambda function. Ensure that the \
                 function policy grants access to the principal secretsmanager.amazonaws.com.",
            ));
        }
        let function = function.to_owned();
        secret = secret.with("RotationLambdaARN", function);
    } else if function.is_some() {
        return Err(invalid_request("A managed secret is rotated by the service that owns it."));
    }
    if let Some(rules) = rules {
        let mut rules = rules.clone();
        if let Some(days) = crate::practice::properties::number(&rules, "AutomaticallyAfterDays") {
            if !(1..=1000).contains(&days) {
                return Err(invalid_parameter(
                    "AutomaticallyAfterDays must be between 1 and 1000 days.",
                ));
            }
            rules["AutomaticallyAfterDays"] = days.into();
        }
        secret = secret.with("RotationRules", rules);
    }
    let secret = secret.with("RotationEnabled", true);
    resource::put(tx, &secret)?;
    Ok(secret)
}

/// The version of a rotation that isn't finished.
fn pending(tx: &Tx<'_>, secret: &Resource) -> Result<Option<String>, Fault> {
    let versions = version::all(tx, &secret.id)?;
    let found = versions.into_iter().find(|one| one.has(PENDING) && !one.has(CURRENT));
    Ok(found.map(|version| version.id))
}

/// Rotates now: a new version, or the one that an earlier rotation left unfinished.
pub(super) fn rotate(tx: &Tx<'_>, secret: &Resource) -> Result<(), Fault> {
    let version = pending(tx, secret)?.unwrap_or_else(random::uuid);
    run(tx, secret, &version)
}

fn run(tx: &Tx<'_>, secret: &Resource, version: &str) -> Result<(), Fault> {
    if secret.attribute("OwningService") == "rds" {
        rotate_managed(tx, secret, version)?;
    } else {
        let known = version::all(tx, &secret.id)?.into_iter().any(|one| one.id == version);
        if !known {
            version::give_up_pending(tx, secret)?;
            version::write(tx, &secret.id, version, None, &[PENDING.to_owned()])?;
        }
        let function = lambda::find(tx, secret.attribute("RotationLambdaARN"))?;
        for step in STEPS {
            let event = json!({
                "SecretId": secret.attribute("Ref"), "ClientRequestToken": version, "Step": step,
            });
            if backend::invoke(tx, &function, &event)?.error.is_some() {
                return Ok(());
            }
        }
    }
    let done =
        version::all(tx, &secret.id)?.iter().any(|one| one.id == version && one.has(CURRENT));
    if done {
        let now = tx.now().to_string();
        let secret = secret::any(tx, secret.attribute("Ref"))?;
        let secret = secret.with("LastRotatedDate", now.as_str()).with("LastChangedDate", now);
        resource::put(tx, &secret)?;
    }
    Ok(())
}

/// RDS rotates what it keeps by itself.
fn rotate_managed(tx: &Tx<'_>, secret: &Resource, version: &str) -> Result<(), Fault> {
    let current = version::current(tx, &secret.id)?.unwrap_or_default();
    let mut login: Value = serde_json::from_str(&current).unwrap_or_default();
    let password = super::random(&json!({ "PasswordLength": 28, "ExcludeCharacters": "/@\"'\\" }))?;
    login["password"] = password.as_str().into();
    rds::set_password(tx, secret.attribute("Cluster"), &password)?;
    version::write(tx, &secret.id, version, Some(&login.to_string()), &[CURRENT.to_owned()])
}
