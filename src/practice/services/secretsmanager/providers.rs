//! Secrets, rotation schedules, policies and attachments as templates make them.

use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use super::version::{self, CURRENT};
use super::{policy, random, rotation, secret};
use crate::practice::properties::{flag, text};
use crate::practice::random::{lower_hex, uuid};
use crate::practice::resource::{self, Desired, Provider, Resource, Updated};
use crate::practice::store::Tx;
use crate::practice::wire::Fault;

const SCHEDULE: &str = "AWS::SecretsManager::RotationSchedule";
const POLICY: &str = "AWS::SecretsManager::ResourcePolicy";
const ATTACHMENT: &str = "AWS::SecretsManager::SecretTargetAttachment";
const CLUSTER: &str = "AWS::RDS::DBCluster";

/// All providers of the service.
pub static PROVIDERS: [&dyn Provider; 4] = [
    &Secret,
    &Belonging { kind: SCHEDULE },
    &Belonging { kind: POLICY },
    &Belonging { kind: ATTACHMENT },
];

/// Makes secrets.
#[derive(Debug)]
struct Secret;

/// The value that a template gives, or has made up.
fn value(properties: &Value) -> Result<Option<String>, Fault> {
    let Some(generate) = properties.get("GenerateSecretString") else {
        return Ok(properties.get("SecretString").and_then(Value::as_str).map(str::to_owned));
    };
    let password = random(generate)?;
    let (frame, key) =
        (text(generate, "SecretStringTemplate"), text(generate, "GenerateStringKey"));
    if frame.is_empty() && key.is_empty() {
        return Ok(Some(password));
    }
    let mut frame: Value = serde_json::from_str(frame).unwrap_or_default();
    match frame.as_object_mut() {
        Some(members) if !key.is_empty() => {
            members.insert(key.to_owned(), password.into());
            Ok(Some(frame.to_string()))
        }
        _ => Err(super::invalid_parameter(
            "SecretStringTemplate must be a JSON object, with GenerateStringKey.",
        )),
    }
}

/// Properties as they may be kept: the value's hash in its place.
fn kept(properties: &Value) -> Value {
    let mut kept = properties.clone();
    if let Some(given) = properties.get("SecretString").and_then(Value::as_str) {
        kept["SecretString"] = lower_hex(&Sha256::digest(given)).into();
    }
    kept
}

impl Provider for Secret {
    fn kind(&self) -> &'static str {
        secret::SECRET
    }

    fn create(&self, tx: &Tx<'_>, desired: &Desired<'_>) -> Result<Resource, Fault> {
        let value = value(desired.properties)?;
        let properties = kept(desired.properties);
        let desired = Desired { properties: &properties, ..desired.clone() };
        let name = desired.name("Name", 256);
        secret::make(tx, &name, &desired, value.as_deref(), &uuid())
    }

    fn update(&self, tx: &Tx<'_>, old: &Resource, desired: &Desired<'_>) -> Result<Updated, Fault> {
        let name = desired.text("Name");
        if !name.is_empty() && name != old.id {
            return Ok(Updated::Replace);
        }
        let properties = kept(desired.properties);
        let value_changed = ["SecretString", "GenerateSecretString"]
            .iter()
            .any(|member| old.properties.get(member) != properties.get(member));
        if value_changed && let Some(value) = value(desired.properties)? {
            version::write(tx, &old.id, &uuid(), Some(&value), &[CURRENT.to_owned()])?;
        }
        let desired = Desired { properties: &properties, ..desired.clone() };
        resource::put(tx, &old.changed_to(tx, &desired))?;
        Ok(Updated::InPlace)
    }

    fn delete(&self, tx: &Tx<'_>, old: &Resource) -> Result<(), Fault> {
        // CloudFormation deletes secrets without a time to think again.
        secret::forget(tx, old)
    }
}

/// What belongs to a secret: its schedule, its policy, what it is the login of.
#[derive(Debug)]
struct Belonging {
    kind: &'static str,
}

impl Belonging {
    fn apply(&self, tx: &Tx<'_>, desired: &Desired<'_>) -> Result<(), Fault> {
        let secret = secret::usable(tx, desired.text("SecretId"))?;
        let properties = desired.properties;
        match self.kind {
            SCHEDULE => {
                if properties.get("HostedRotationLambda").is_some() {
                    return Err(Fault::not_implemented("secretsmanager", "HostedRotationLambda"));
                }
                let function =
                    Some(desired.text("RotationLambdaARN")).filter(|arn| !arn.is_empty());
                let rules = properties.get("RotationRules");
                let secret = rotation::schedule(tx, &secret, function, rules)?;
                let later = properties.get("RotateImmediatelyOnUpdate").is_some()
                    && !flag(properties, "RotateImmediatelyOnUpdate");
                if !later {
                    rotation::rotate(tx, &secret)?;
                }
            }
            POLICY => {
                let document = properties.get("ResourcePolicy").cloned().unwrap_or_default();
                policy::put(tx, &secret.id, &document.to_string())?;
            }
            _ => attach(tx, &secret, desired)?,
        }
        Ok(())
    }
}

/// Adds to the secret where its login is valid.
fn attach(tx: &Tx<'_>, secret: &Resource, desired: &Desired<'_>) -> Result<(), Fault> {
    if desired.text("TargetType") != CLUSTER {
        let what = format!("SecretTargetAttachment to {}", desired.text("TargetType"));
        return Err(Fault::not_implemented("secretsmanager", &what));
    }
    let target = desired.text("TargetId");
    let cluster = resource::get(tx, CLUSTER, target)?.ok_or_else(|| {
        Fault::new(404, "DBClusterNotFoundFault", format!("DBCluster {target} not found."))
    })?;
    let current = version::current(tx, &secret.id)?.unwrap_or_default();
    let mut login: Value = serde_json::from_str(&current).unwrap_or_default();
    if !login.is_object() {
        return Err(super::invalid_parameter("The secret's value must be a JSON object."));
    }
    login["engine"] = "mysql".into();
    login["host"] = cluster.attribute("Endpoint.Address").into();
    login["port"] = json!(3306);
    login["dbClusterIdentifier"] = target.into();
    version::write(tx, &secret.id, &uuid(), Some(&login.to_string()), &[CURRENT.to_owned()])
}

impl Provider for Belonging {
    fn kind(&self) -> &'static str {
        self.kind
    }

    fn create(&self, tx: &Tx<'_>, desired: &Desired<'_>) -> Result<Resource, Fault> {
        let secret = secret::usable(tx, desired.text("SecretId"))?;
        if resource::get(tx, self.kind, &secret.id)?.is_some() {
            return Err(resource::exists(&secret.id));
        }
        self.apply(tx, desired)?;
        let made = Resource::new(tx, self.kind, secret.id.as_str(), desired)
            .with("Ref", secret.attribute("Ref"))
            .with("Id", secret.attribute("Ref"));
        resource::put(tx, &made)?;
        Ok(made)
    }

    fn update(&self, tx: &Tx<'_>, old: &Resource, desired: &Desired<'_>) -> Result<Updated, Fault> {
        if old.text("SecretId") != desired.text("SecretId") {
            return Ok(Updated::Replace);
        }
        self.apply(tx, desired)?;
        resource::put(tx, &old.changed_to(tx, desired))?;
        Ok(Updated::InPlace)
    }

    fn delete(&self, tx: &Tx<'_>, old: &Resource) -> Result<(), Fault> {
        if let Ok(secret) = secret::any(tx, &old.id) {
            match self.kind {
                SCHEDULE => resource::put(tx, &secret.with("RotationEnabled", false))?,
                POLICY => policy::forget(tx, &old.id)?,
                _ => {}
            }
        }
        resource::forget(tx, old)
    }
}
