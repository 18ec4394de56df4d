//! Resource policies of secrets: kept, and asked where a function reads one.

use serde_json::{Value, json};

use super::{named, secret};
use crate::practice::policy::{fits, statements};
use crate::practice::properties::texts;
use crate::practice::store::Tx;
use crate::practice::wire::{Answer, Call, Fault};

/// Collection of the policies, by the secret's name.
const POLICIES: &str = "secret-policy";

/// Answers the calls on resource policies.
pub(super) fn call(tx: &Tx<'_>, call: &Call) -> Answer {
    let secret = secret::usable(tx, call.required("SecretId")?)?;
    match call.operation.as_str() {
        "PutResourcePolicy" => {
            put(tx, &secret.id, call.required("ResourcePolicy")?)?;
            Ok(named(&secret, Value::Null))
        }
        "DeleteResourcePolicy" => {
            forget(tx, &secret.id)?;
            Ok(named(&secret, Value::Null))
        }
        _ => {
            let policy: Option<String> = tx.get(POLICIES, &secret.id)?;
            Ok(named(&secret, policy.map_or(Value::Null, |text| json!({ "ResourcePolicy": text }))))
        }
    }
}

/// Keeps a secret's policy.
pub(super) fn put(tx: &Tx<'_>, secret: &str, text: &str) -> Result<(), Fault> {
    let document: Value = serde_json::from_str(text).unwrap_or_default();
    if document.get("Statement").is_none() {
        return Err(Fault::new(
            400,
            "MalformedPolicyDocumentException",
            "This resource policy contains invalid Json.",
        ));
    }
    tx.put(POLICIES, secret, &text)
}

/// What a secret's own policy says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Said {
    /// It denies.
    Deny,
    /// It allows.
    Allow,
    /// It says nothing of it.
    Nothing,
}

/// What the policy of the secret of that ARN says about a role and an action. Conditions aren't
/// evaluated: a statement with one says nothing.
///
/// # Errors
/// The practice account's own.
pub fn said(tx: &Tx<'_>, arn: &str, role: &str, action: &str) -> Result<Said, Fault> {
    let Ok(secret) = secret::any(tx, arn) else { return Ok(Said::Nothing) };
    let policy: Option<String> = tx.get(POLICIES, &secret.id)?;
    let document: Value =
        policy.and_then(|text| serde_json::from_str(&text).ok()).unwrap_or_default();
    let mut said = Said::Nothing;
    for statement in statements(&document) {
        let anybody = statement.get("Principal").is_some_and(|principal| principal == "*");
        let principals =
            statement.get("Principal").map(|one| texts(one, "AWS")).unwrap_or_default();
        let meant = anybody || principals.iter().any(|one| one == role || one == "*");
        let actions = texts(statement, "Action");
        if statement.get("Condition").is_some()
            || !meant
            || !actions.iter().any(|one| fits(one, action))
        {
            continue;
        }
        match statement.get("Effect").and_then(Value::as_str) {
            Some("Deny") => return Ok(Said::Deny),
            Some("Allow") => said = Said::Allow,
            _ => {}
        }
    }
    Ok(said)
}

/// Forgets a secret's policy.
pub(super) fn forget(tx: &Tx<'_>, secret: &str) -> Result<(), Fault> {
    tx.delete(POLICIES, secret).map(|_| ())
}
