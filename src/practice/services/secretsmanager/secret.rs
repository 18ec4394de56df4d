//! Secrets themselves: made, described, listed, changed, deleted with a time to think again.

use jiff::{SignedDuration, Timestamp};
use serde_json::{Map, Value, json};

use super::version::{self, CURRENT};
use super::{date, invalid_parameter, invalid_request, named, token};
use crate::practice::random;
use crate::practice::resource::{self, Desired, Resource};
use crate::practice::services::rds;
use crate::practice::store::Tx;
use crate::practice::wire::{Answer, Call, Fault, Reply, epoch};

/// The type of secrets. A secret's id is its name.
pub const SECRET: &str = "AWS::SecretsManager::Secret";

pub(super) fn not_found(message: &str) -> Fault {
    Fault::new(400, "ResourceNotFoundException", message)
}

/// The secret of that name, ARN, or ARN without its six characters; deleted ones too, until
/// their time has come.
pub(super) fn any(tx: &Tx<'_>, id: &str) -> Result<Resource, Fault> {
    find(tx, id)?.ok_or_else(|| not_found("Secrets Manager can't find the specified secret."))
}

fn find(tx: &Tx<'_>, id: &str) -> Result<Option<Resource>, Fault> {
    let own = tx.arn("secretsmanager", "secret:");
    let found = match id.strip_prefix(&own) {
        None => resource::get(tx, SECRET, id)?,
        Some(name) => resource::all(tx, SECRET)?
            .into_iter()
            .find(|secret| secret.attribute("Ref") == id || secret.id == name),
    };
    let Some(secret) = found else { return Ok(None) };
    if deleted(&secret).is_some_and(|at| at <= tx.now()) {
        forget(tx, &secret)?;
        return Ok(None);
    }
    Ok(Some(secret))
}

/// The secret, when it isn't scheduled for deletion.
pub(super) fn usable(tx: &Tx<'_>, id: &str) -> Result<Resource, Fault> {
    let secret = any(tx, id)?;
    match deleted(&secret) {
        None => Ok(secret),
        Some(_) => Err(invalid_request(
            "You can't perform this operation on the secret because it was marked for deletion.",
        )),
    }
}

/// Refuses what only the service may do that owns the secret.
pub(super) fn not_owned(secret: &Resource) -> Result<(), Fault> {
    match secret.attribute("OwningService") {
        "" => Ok(()),
        owner => Err(invalid_request(format!(
            "The secret is managed by {owner}; change it through that service."
        ))),
    }
}

fn deleted(secret: &Resource) -> Option<Timestamp> {
    secret.attribute("DeletedDate").parse().ok()
}

/// The ARN of a secret that a caller names, also of one that doesn't exist.
pub fn arn_of(tx: &Tx<'_>, id: &str) -> Result<String, Fault> {
    Ok(match find(tx, id)? {
        Some(secret) => secret.attribute("Ref").to_owned(),
        None if id.starts_with("arn:") => id.to_owned(),
        None => tx.arn("secretsmanager", &format!("secret:{id}")),
    })
}

/// Notes that something happened now.
pub(super) fn touch(tx: &Tx<'_>, secret: &Resource, date: &str) -> Result<(), Fault> {
    let now = tx.now().to_string();
    resource::put(tx, &secret.clone().with(date, now))
}

/// Makes a secret with its first version.
pub(super) fn make(
    tx: &Tx<'_>,
    name: &str,
    desired: &Desired<'_>,
    value: Option<&str>,
    version: &str,
) -> Result<Resource, Fault> {
    let fits = |c: char| c.is_ascii_alphanumeric() || "/_+=.@-!".contains(c);
    if name.is_empty() || name.len() > 512 || !name.chars().all(fits) {
        return Err(Fault::new(
            400,
            "ValidationException",
            "Invalid name. Must be a valid name containing alphanumeric characters, or any of \
             the following: -/_+=.@!",
        ));
    }
    if let Some(taken) = find(tx, name)? {
        return Err(if deleted(&taken).is_some() {
            invalid_request(
                "You can't create this secret because a secret with this name is already \
                 scheduled for deletion.",
            )
        } else {
            Fault::new(
                400,
                "ResourceExistsException",
                format!("The operation failed because the secret {name} already exists."),
            )
        });
    }
    let arn = tx.arn("secretsmanager", &format!("secret:{name}-{}", random::letters(6)));
    let made = Resource::new(tx, SECRET, name, desired)
        .with("Ref", arn.as_str())
        .with("Id", arn)
        .with("LastChangedDate", tx.now().to_string());
    resource::put(tx, &made)?;
    if value.is_some() {
        version::write(tx, name, version, value, &[CURRENT.to_owned()])?;
    }
    Ok(made)
}

/// A secret that RDS keeps for a cluster, with a new password: its ARN.
///
/// # Errors
/// The practice account's own.
pub fn managed(tx: &Tx<'_>, cluster: &Resource, user: &str) -> Result<String, Fault> {
    let name = format!("rds!cluster-{}", random::uuid());
    let properties = json!({
        "Name": name,
        "Description": format!("Secret associated with primary RDS DB cluster: {}", cluster.id),
    });
    let desired = Desired { properties: &properties, stack: None, logical: None };
    let password = super::random(&json!({ "PasswordLength": 28, "ExcludeCharacters": "/@\"'\\" }))?;
    let value = json!({ "username": user, "password": password }).to_string();
    let made = make(tx, &name, &desired, Some(&value), &random::uuid())?
        .with("OwningService", "rds")
        .with("Cluster", cluster.id.as_str())
        .with("RotationEnabled", true)
        .with("RotationRules", json!({ "AutomaticallyAfterDays": 7 }));
    resource::put(tx, &made)?;
    rds::set_password(tx, &cluster.id, &password)?;
    Ok(made.attribute("Ref").to_owned())
}

/// `CreateSecret`.
pub(super) fn create(tx: &Tx<'_>, call: &Call) -> Answer {
    let name = call.required("Name")?;
    for member in ["AddReplicaRegions", "Type"] {
        if call.input.get(member).is_some_and(|value| !value.is_null()) {
            return Err(Fault::not_implemented("secretsmanager", member));
        }
    }
    let mut properties = Map::new();
    for member in ["Name", "Description", "KmsKeyId", "Tags"] {
        if let Some(value) = call.input.get(member) {
            properties.insert(member.to_owned(), value.clone());
        }
    }
    let properties = Value::Object(properties);
    let desired = Desired { properties: &properties, stack: None, logical: None };
    let (value, id) = (version::text_of(call)?, token(call)?);
    let made = make(tx, name, &desired, value, &id)?;
    Ok(named(&made, json!({ "VersionId": value.map(|_| id) })))
}

/// What `DescribeSecret` says, and `ListSecrets` but for the name of one member.
pub(super) fn described(tx: &Tx<'_>, secret: &Resource) -> Result<Value, Fault> {
    let mut answer = json!({
        "ARN": secret.attribute("Ref"), "Name": secret.id, "CreatedDate": epoch(secret.created),
        "VersionIdsToStages": version::stages(tx, &secret.id)?,
    });
    for member in ["Description", "KmsKeyId", "Tags"] {
        if let Some(value) = secret.properties.get(member) {
            answer[member] = value.clone();
        }
    }
    for member in ["RotationEnabled", "RotationLambdaARN", "RotationRules", "OwningService"] {
        if let Some(value) = secret.attributes.get(member) {
            answer[member] = value.clone();
        }
    }
    let dates = ["LastRotatedDate", "LastChangedDate", "LastAccessedDate", "DeletedDate"];
    for member in dates {
        if let Some(value) = date(secret, member) {
            answer[member] = value;
        }
    }
    if let Some(next) = next_rotation(secret) {
        answer["NextRotationDate"] = epoch(next);
    }
    Ok(answer)
}

/// When the schedule's next rotation is due.
fn next_rotation(secret: &Resource) -> Option<Timestamp> {
    if secret.attributes.get("RotationEnabled") != Some(&Value::Bool(true)) {
        return None;
    }
    let days = secret.attributes.get("RotationRules")?.get("AutomaticallyAfterDays")?.as_i64()?;
    let last: Timestamp = secret.attribute("LastRotatedDate").parse().unwrap_or(secret.created);
    last.checked_add(SignedDuration::from_hours(24 * days)).ok()
}

/// `ListSecrets`.
pub(super) fn list(tx: &Tx<'_>, call: &Call) -> Answer {
    let mut wanted = Vec::new();
    for secret in resource::all(tx, SECRET)? {
        let gone = deleted(&secret);
        let shown = match gone {
            None => true,
            Some(at) => at > tx.now() && call.flag("IncludePlannedDeletion"),
        };
        if shown && matches(call, &secret)? {
            let mut entry = described(tx, &secret)?;
            if let Some(entry) = entry.as_object_mut()
                && let Some(stages) = entry.remove("VersionIdsToStages")
            {
                entry.insert("SecretVersionsToStages".to_owned(), stages);
            }
            wanted.push(entry);
        }
    }
    if call.text("SortOrder") != "asc" {
        wanted.reverse();
    }
    let number = |member: &str| call.number(member).and_then(|n| usize::try_from(n).ok());
    let start = number("NextToken").unwrap_or(0).min(wanted.len());
    let end = (start + number("MaxResults").unwrap_or(100).clamp(1, 100)).min(wanted.len());
    let mut answer = json!({ "SecretList": wanted[start..end] });
    if end < wanted.len() {
        answer["NextToken"] = json!(end.to_string());
    }
    Ok(Reply::ok(answer))
}

/// Whether a secret passes the call's filters.
fn matches(call: &Call, secret: &Resource) -> Result<bool, Fault> {
    for filter in call.input.get("Filters").and_then(Value::as_array).into_iter().flatten() {
        let key = filter["Key"].as_str().unwrap_or_default();
        let compared = match key {
            "name" => secret.id.as_str(),
            "description" => secret.text("Description"),
            "owning-service" => secret.attribute("OwningService"),
            _ => {
                let what = format!("ListSecrets with the filter {key}");
                return Err(Fault::not_implemented("secretsmanager", &what));
            }
        };
        let mut values = filter["Values"].as_array().into_iter().flatten();
        let fits = |value: &str| match value.strip_prefix('!') {
            Some(not) => !compared.starts_with(not),
            None => compared.starts_with(value),
        };
        if !values.any(|value| value.as_str().is_some_and(fits)) {
            return Ok(false);
        }
    }
    Ok(true)
}

/// `UpdateSecret`.
pub(super) fn update(tx: &Tx<'_>, call: &Call) -> Answer {
    let mut secret = usable(tx, call.required("SecretId")?)?;
    not_owned(&secret)?;
    for member in ["Description", "KmsKeyId"] {
        if let Some(value) = call.input.get(member) {
            secret.properties[member] = value.clone();
        }
    }
    let value = version::text_of(call)?;
    let id = token(call)?;
    if value.is_some() {
        version::write(tx, &secret.id, &id, value, &[CURRENT.to_owned()])?;
    }
    touch(tx, &secret, "LastChangedDate")?;
    Ok(named(&secret, json!({ "VersionId": value.map(|_| id) })))
}

/// Removes a secret and its versions for good.
pub(super) fn forget(tx: &Tx<'_>, secret: &Resource) -> Result<(), Fault> {
    version::forget(tx, &secret.id)?;
    resource::forget(tx, secret)
}

/// `DeleteSecret`.
pub(super) fn delete(tx: &Tx<'_>, call: &Call) -> Answer {
    let secret = any(tx, call.required("SecretId")?)?;
    not_owned(&secret)?;
    let force = call.flag("ForceDeleteWithoutRecovery");
    let days = call.number("RecoveryWindowInDays");
    if force && days.is_some() {
        return Err(invalid_parameter(
            "You can't use ForceDeleteWithoutRecovery in conjunction with RecoveryWindowInDays.",
        ));
    }
    let days = days.unwrap_or(30);
    if !(7..=30).contains(&days) {
        return Err(invalid_parameter(
            "The RecoveryWindowInDays value must be between 7 and 30 days (inclusive).",
        ));
    }
    let wait = if force { SignedDuration::ZERO } else { SignedDuration::from_hours(24 * days) };
    let at = tx.now().checked_add(wait).unwrap_or(tx.now());
    let answer = named(&secret, json!({ "DeletionDate": epoch(at) }));
    if force {
        forget(tx, &secret)?;
    } else {
        resource::put(tx, &secret.with("DeletedDate", at.to_string()))?;
    }
    Ok(answer)
}

/// `RestoreSecret`.
pub(super) fn restore(tx: &Tx<'_>, call: &Call) -> Answer {
    let mut secret = any(tx, call.required("SecretId")?)?;
    secret.attributes.remove("DeletedDate");
    resource::put(tx, &secret)?;
    Ok(named(&secret, Value::Null))
}

/// `TagResource` and `UntagResource`.
pub(super) fn tag(tx: &Tx<'_>, call: &Call) -> Answer {
    let mut secret = usable(tx, call.required("SecretId")?)?;
    let given = call.input.get("Tags").and_then(Value::as_array).cloned().unwrap_or_default();
    let keys = call.texts("TagKeys");
    let mut tags =
        secret.properties.get("Tags").and_then(Value::as_array).cloned().unwrap_or_default();
    tags.retain(|tag| {
        !given.iter().any(|new| new["Key"] == tag["Key"])
            && !keys.iter().any(|key| tag["Key"] == **key)
    });
    tags.extend(given);
    secret.properties["Tags"] = tags.into();
    resource::put(tx, &secret)?;
    Ok(Reply::ok(json!({})))
}
