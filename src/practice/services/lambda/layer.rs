//! Layers: archives that several functions share. Only the Node.js packages in them matter here.

use serde_json::{Value, json};

use super::code;
use crate::practice::resource::{self, Desired, Provider, Resource, Updated};
use crate::practice::store::Tx;
use crate::practice::wire::{Answer, Call, Fault, Reply};

/// The type of a layer's versions.
pub const LAYER_VERSION: &str = "AWS::Lambda::LayerVersion";
/// Collection of the archives, by ARN of the version.
const CONTENT: &str = "lambda-layer";
/// Collection of the newest numbers, by a layer's name: no number is given twice.
const NUMBERS: &str = "lambda-layer-number";

/// Makes versions of layers.
#[derive(Debug)]
pub struct LayerVersion;

impl Provider for LayerVersion {
    fn kind(&self) -> &'static str {
        LAYER_VERSION
    }

    fn create(&self, tx: &Tx<'_>, desired: &Desired<'_>) -> Result<Resource, Fault> {
        let name = desired.name("LayerName", 140);
        let content = code::fetch(tx, desired.properties.get("Content").unwrap_or(&Value::Null))?;
        let (sha256, size) = code::stamp(&content)?;
        let number = tx.get::<u32>(NUMBERS, &name)?.unwrap_or(0) + 1;
        tx.put(NUMBERS, &name, &number)?;
        let layer = tx.arn("lambda", &format!("layer:{name}"));
        let arn = format!("{layer}:{number}");
        tx.put_blob(CONTENT, &arn, &content)?;
        let made = Resource::new(tx, LAYER_VERSION, &arn, desired)
            .with("LayerVersionArn", arn.as_str())
            .with("LayerArn", layer)
            .with("Version", number)
            .with("CodeSha256", sha256)
            .with("CodeSize", size);
        resource::put(tx, &made)?;
        Ok(made)
    }

    /// A version never changes: a new one takes its place.
    fn update(&self, _: &Tx<'_>, _: &Resource, _: &Desired<'_>) -> Result<Updated, Fault> {
        Ok(Updated::Replace)
    }

    fn delete(&self, tx: &Tx<'_>, old: &Resource) -> Result<(), Fault> {
        tx.delete_blob(CONTENT, &old.id)?;
        resource::forget(tx, old)
    }
}

/// The archives of a function's layers, in their order. Layers of other accounts aren't here.
///
/// # Errors
/// The practice account's own.
pub fn layers(tx: &Tx<'_>, function: &Resource) -> Result<Vec<Vec<u8>>, Fault> {
    arns(function).filter_map(|arn| tx.blob(CONTENT, arn).transpose()).collect()
}

/// The SHA-256 of a function's package, then of its layers: functions that have the same run the
/// same code.
///
/// # Errors
/// The practice account's own.
pub fn hashes(tx: &Tx<'_>, function: &Resource) -> Result<Vec<String>, Fault> {
    let mut hashes = vec![function.attribute("CodeSha256").to_owned()];
    for arn in arns(function) {
        let layer = resource::get(tx, LAYER_VERSION, arn)?;
        hashes.extend(layer.map(|layer| layer.attribute("CodeSha256").to_owned()));
    }
    Ok(hashes)
}

fn arns(function: &Resource) -> impl Iterator<Item = &str> {
    let arns = function.properties.get("Layers").and_then(Value::as_array);
    arns.into_iter().flatten().filter_map(Value::as_str)
}

/// Refuses a layer of this account that doesn't exist.
pub(super) fn check(tx: &Tx<'_>, layers: Option<&Value>) -> Result<(), Fault> {
    let own = tx.arn("lambda", "layer:");
    let arns = layers.and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_str);
    for arn in arns.filter(|arn| arn.starts_with(&own)) {
        if resource::get(tx, LAYER_VERSION, arn)?.is_none() {
            let message = format!("Layer version {arn} does not exist.");
            return Err(Fault::new(400, "InvalidParameterValueException", message));
        }
    }
    Ok(())
}

/// A function's layers as Lambda answers them.
pub(super) fn of_function(tx: &Tx<'_>, layers: Option<Value>) -> Value {
    let Some(Value::Array(arns)) = layers else { return Value::Null };
    let one = |arn: Value| {
        let known = arn.as_str().and_then(|arn| resource::get(tx, LAYER_VERSION, arn).ok()?);
        let size = known.and_then(|known| known.attributes.get("CodeSize").cloned());
        json!({ "Arn": arn, "CodeSize": size.unwrap_or_else(|| json!(0)) })
    };
    arns.into_iter().map(one).collect()
}

fn view(version: &Resource) -> Value {
    let mut view = json!({
        "LayerVersionArn": version.id,
        "Version": version.attributes.get("Version"),
        "CreatedDate": version.created.strftime("%Y-%m-%dT%H:%M:%S%.3f+0000").to_string(),
    });
    for name in ["Description", "CompatibleRuntimes", "CompatibleArchitectures", "LicenseInfo"] {
        if let Some(value) = version.properties.get(name) {
            view[name] = value.clone();
        }
    }
    view
}

/// A layer's name, also out of its ARN.
fn name(call: &Call) -> &str {
    let text = call.text("LayerName");
    text.rsplit_once(":layer:").map_or(text, |(_, name)| name)
}

/// `ListLayerVersions`: the newest first.
pub(super) fn list(tx: &Tx<'_>, call: &Call) -> Answer {
    let layer = tx.arn("lambda", &format!("layer:{}", name(call)));
    let mut versions = resource::all(tx, LAYER_VERSION)?;
    versions.retain(|version| version.attribute("LayerArn") == layer);
    versions.sort_by_key(|version| {
        std::cmp::Reverse(version.attributes.get("Version").and_then(Value::as_u64))
    });
    Ok(Reply::ok(json!({ "LayerVersions": versions.iter().map(view).collect::<Vec<_>>() })))
}

/// `GetLayerVersion`. Its archive isn't handed out.
pub(super) fn get(tx: &Tx<'_>, call: &Call) -> Answer {
    let number = call.text("VersionNumber");
    let arn = tx.arn("lambda", &format!("layer:{}:{number}", name(call)));
    let Some(version) = resource::get(tx, LAYER_VERSION, &arn)? else {
        let message = "The resource you requested does not exist.";
        return Err(Fault::new(404, "ResourceNotFoundException", message));
    };
    let mut view = view(&version);
    view["LayerArn"] = version.attribute("LayerArn").into();
    view["Content"] = json!({
        "CodeSha256": version.attribute("CodeSha256"),
        "CodeSize": version.attributes.get("CodeSize"),
    });
    Ok(Reply::ok(view))
}
