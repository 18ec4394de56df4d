//! A secret's versions and the labels on them.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use super::{invalid_parameter, invalid_request, named, secret, token};
use crate::practice::resource::Resource;
use crate::practice::store::Tx;
use crate::practice::wire::{Answer, Call, Fault, epoch};

/// Collection of the versions, by the secret's name.
const VERSIONS: &str = "secret-versions";
/// The label of the version that counts.
pub(super) const CURRENT: &str = "AWSCURRENT";
/// The label of the version that a rotation is making.
pub(super) const PENDING: &str = "AWSPENDING";
const PREVIOUS: &str = "AWSPREVIOUS";

/// A version. No `Debug`: it holds the value.
#[derive(Clone, Serialize, Deserialize)]
pub(super) struct Version {
    pub(super) id: String,
    pub(super) stages: Vec<String>,
    /// None until a rotation has made one.
    pub(super) value: Option<String>,
    created: Timestamp,
}

impl Version {
    pub(super) fn has(&self, stage: &str) -> bool {
        self.stages.iter().any(|own| own == stage)
    }
}

/// All versions of a secret, oldest first.
pub(super) fn all(tx: &Tx<'_>, secret: &str) -> Result<Vec<Version>, Fault> {
    Ok(tx.get(VERSIONS, secret)?.unwrap_or_default())
}

pub(super) fn forget(tx: &Tx<'_>, secret: &str) -> Result<(), Fault> {
    tx.delete(VERSIONS, secret).map(|_| ())
}

/// Labels by version, for versions that have any.
pub(super) fn stages(tx: &Tx<'_>, secret: &str) -> Result<Value, Fault> {
    let labelled = all(tx, secret)?.into_iter().filter(|version| !version.stages.is_empty());
    Ok(labelled.map(|version| (version.id, json!(version.stages))).collect::<Map<_, _>>().into())
}

/// Writes a value into a version, new or made empty by a rotation, and moves labels to it.
pub(super) fn write(
    tx: &Tx<'_>,
    secret: &str,
    id: &str,
    value: Option<&str>,
    labels: &[String],
) -> Result<(), Fault> {
    let mut versions = all(tx, secret)?;
    match versions.iter_mut().find(|version| version.id == id) {
        Some(known) if known.value.is_some() && known.value.as_deref() != value => {
            return Err(Fault::new(
                400,
                "ResourceExistsException",
                format!(
                    "You can't use ClientRequestToken {id} because that value is already in \
                         use for a version of secret {secret}."
                ),
            ));
        }
        Some(known) => known.value = value.map(str::to_owned),
        None => versions.push(Version {
            id: id.to_owned(),
            stages: Vec::new(),
            value: value.map(str::to_owned),
            created: tx.now(),
        }),
    }
    for label in labels {
        relabel(&mut versions, label, Some(id));
    }
    // The newest hundred of those that nothing names are kept.
    let unnamed = versions.iter().filter(|version| version.stages.is_empty()).count();
    let mut surplus = unnamed.saturating_sub(100);
    versions.retain(|version| {
        let goes = version.stages.is_empty() && version.id != id && surplus > 0;
        surplus -= usize::from(goes);
        !goes
    });
    tx.put(VERSIONS, secret, &versions)
}

/// Moves a label to a version, or takes it off. `AWSCURRENT` leaves `AWSPREVIOUS` behind.
fn relabel(versions: &mut [Version], label: &str, to: Option<&str>) {
    let from = versions.iter().position(|version| version.has(label));
    if from.is_some_and(|at| Some(versions[at].id.as_str()) == to) {
        return;
    }
    if let Some(at) = from {
        versions[at].stages.retain(|own| own != label);
    }
    if label == CURRENT
        && let Some(at) = from
    {
        for version in versions.iter_mut() {
            version.stages.retain(|own| own != PREVIOUS);
        }
        versions[at].stages.push(PREVIOUS.to_owned());
    }
    if let Some(version) = versions.iter_mut().find(|version| Some(version.id.as_str()) == to) {
        version.stages.push(label.to_owned());
    }
}

/// The value with `AWSCURRENT`.
pub(super) fn current(tx: &Tx<'_>, secret: &str) -> Result<Option<String>, Fault> {
    Ok(all(tx, secret)?.into_iter().find(|version| version.has(CURRENT)).and_then(|v| v.value))
}

/// `GetSecretValue`.
pub(super) fn value(tx: &Tx<'_>, call: &Call) -> Answer {
    let secret = secret::usable(tx, call.required("SecretId")?)?;
    let (id, stage) = (call.text("VersionId"), call.text("VersionStage"));
    let label = if stage.is_empty() { CURRENT } else { stage };
    let by_id = |version: &&Version| version.id == id;
    let by_stage = |version: &&Version| version.has(label);
    let versions = all(tx, &secret.id)?;
    let found = if id.is_empty() {
        versions.iter().find(by_stage)
    } else {
        let found = versions.iter().find(by_id);
        if !stage.is_empty() && found.is_some_and(|version| !version.has(stage)) {
            return Err(invalid_request(
                "You provided a VersionStage that is not associated to the provided VersionId.",
            ));
        }
        found
    };
    let missing = || {
        let what = if id.is_empty() {
            format!("staging label: {label}")
        } else {
            format!("VersionId: {id}")
        };
        secret::not_found(&format!(
            "Secrets Manager can't find the specified secret value for {what}"
        ))
    };
    let version = found.ok_or_else(missing)?;
    let value = version.value.as_ref().ok_or_else(missing)?;
    secret::touch(tx, &secret, "LastAccessedDate")?;
    Ok(named(
        &secret,
        json!({
            "VersionId": version.id, "VersionStages": version.stages, "SecretString": value,
            "CreatedDate": epoch(version.created),
        }),
    ))
}

/// `PutSecretValue`.
pub(super) fn put_value(tx: &Tx<'_>, call: &Call) -> Answer {
    let secret = secret::usable(tx, call.required("SecretId")?)?;
    secret::not_owned(&secret)?;
    let value = text_of(call)?.ok_or_else(|| {
        invalid_parameter("You must provide either SecretString or SecretBinary.")
    })?;
    let id = token(call)?;
    let mut labels = call.texts("VersionStages");
    if labels.is_empty() {
        labels.push(CURRENT.to_owned());
    }
    write(tx, &secret.id, &id, Some(value), &labels)?;
    secret::touch(tx, &secret, "LastChangedDate")?;
    Ok(named(&secret, json!({ "VersionId": id, "VersionStages": labels })))
}

/// The text that a call brings for a version.
pub(super) fn text_of(call: &Call) -> Result<Option<&str>, Fault> {
    if call.input.get("SecretBinary").is_some() {
        return Err(Fault::not_implemented("secretsmanager", "SecretBinary"));
    }
    Ok(call.input.get("SecretString").and_then(Value::as_str))
}

/// `ListSecretVersionIds`.
pub(super) fn list(tx: &Tx<'_>, call: &Call) -> Answer {
    let secret = secret::any(tx, call.required("SecretId")?)?;
    let all_of_them = call.flag("IncludeDeprecated");
    let versions: Vec<Value> = all(tx, &secret.id)?
        .iter()
        .filter(|version| all_of_them || !version.stages.is_empty())
        .map(|version| {
            json!({
                "VersionId": version.id, "VersionStages": version.stages,
                "CreatedDate": epoch(version.created),
            })
        })
        .collect();
    Ok(named(&secret, json!({ "Versions": versions })))
}

/// `UpdateSecretVersionStage`.
pub(super) fn move_stage(tx: &Tx<'_>, call: &Call) -> Answer {
    let secret = secret::usable(tx, call.required("SecretId")?)?;
    secret::not_owned(&secret)?;
    let label = call.required("VersionStage")?;
    let mut versions = all(tx, &secret.id)?;
    let holder = versions.iter().find(|version| version.has(label)).map(|v| v.id.clone());
    let (from, to) = (call.text("RemoveFromVersionId"), call.text("MoveToVersionId"));
    if !to.is_empty() && !versions.iter().any(|version| version.id == to) {
        return Err(secret::not_found(&format!(
            "Secrets Manager can't find the specified secret version: {to}."
        )));
    }
    match holder.as_deref() {
        Some(holder) if from != holder && holder != to => {
            return Err(invalid_parameter(format!(
                "The parameter RemoveFromVersionId can't be empty. Staging label {label} is \
                 currently attached to version {holder}, so you must explicitly reference that \
                 version in RemoveFromVersionId."
            )));
        }
        None if !from.is_empty() => {
            return Err(invalid_parameter(format!(
                "Staging label {label} isn't attached to version {from}."
            )));
        }
        _ => {}
    }
    if label == CURRENT && to.is_empty() {
        return Err(invalid_parameter(format!(
            "You can't remove staging label {CURRENT} from version {from} without moving it to \
             another version."
        )));
    }
    relabel(&mut versions, label, Some(to).filter(|to| !to.is_empty()));
    tx.put(VERSIONS, &secret.id, &versions)?;
    secret::touch(tx, &secret, "LastChangedDate")?;
    Ok(named(&secret, Value::Null))
}

/// Takes the label `AWSPENDING` off, from whichever version has it.
pub(super) fn give_up_pending(tx: &Tx<'_>, secret: &Resource) -> Result<(), Fault> {
    let mut versions = all(tx, &secret.id)?;
    relabel(&mut versions, PENDING, None);
    tx.put(VERSIONS, &secret.id, &versions)
}
