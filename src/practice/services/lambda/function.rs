//! Functions: their configuration is the resource's properties, as CloudFormation names them.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Map, Value, json};

use super::{code, layer, runtime};
use crate::practice::backend::access;
use crate::practice::properties::number;
use crate::practice::random;
use crate::practice::resource::{self, Desired, Provider, Resource, Updated};
use crate::practice::store::Tx;
use crate::practice::wire::Fault;

/// The type of functions.
pub const FUNCTION: &str = "AWS::Lambda::Function";

/// Properties that the API's configuration calls have under the same name.
const CONFIGURATION: [&str; 12] = [
    "Role",
    "Handler",
    "Description",
    "Timeout",
    "MemorySize",
    "VpcConfig",
    "Environment",
    "Runtime",
    "TracingConfig",
    "Layers",
    "EphemeralStorage",
    "LoggingConfig",
];

/// Makes functions.
#[derive(Debug)]
pub struct Function;

impl Provider for Function {
    fn kind(&self) -> &'static str {
        FUNCTION
    }

    fn create(&self, tx: &Tx<'_>, desired: &Desired<'_>) -> Result<Resource, Fault> {
        runtime::check(desired.text("Runtime"), None)?;
        check(tx, desired.properties)?;
        let name = desired.name("FunctionName", 64);
        if resource::get(tx, FUNCTION, &name)?.is_some() {
            return Err(resource::exists(&name));
        }
        let arn = tx.arn("lambda", &format!("function:{name}"));
        let made = Resource::new(tx, FUNCTION, &name, desired).with("Arn", arn);
        let code = desired.properties.get("Code").unwrap_or(&Value::Null);
        let made = stamped(made, code::store(tx, &name, code)?);
        resource::put(tx, &made)?;
        Ok(made)
    }

    fn update(&self, tx: &Tx<'_>, old: &Resource, desired: &Desired<'_>) -> Result<Updated, Fault> {
        if old.text("FunctionName") != desired.text("FunctionName") {
            return Ok(Updated::Replace);
        }
        runtime::check(desired.text("Runtime"), Some(old.text("Runtime")))?;
        check(tx, desired.properties)?;
        let mut changed = old.changed_to(tx, desired).with("RevisionId", random::uuid());
        let code = desired.properties.get("Code").unwrap_or(&Value::Null);
        if old.properties.get("Code") != Some(code) {
            changed = stamped(changed, code::store(tx, &old.id, code)?);
        }
        resource::put(tx, &changed)?;
        Ok(Updated::InPlace)
    }

    fn delete(&self, tx: &Tx<'_>, old: &Resource) -> Result<(), Fault> {
        code::forget(tx, &old.id)?;
        resource::forget(tx, old)
    }
}

/// The function with its package's hash and size.
fn stamped(function: Resource, (sha256, size): (String, usize)) -> Resource {
    function.with("CodeSha256", sha256).with("CodeSize", size).with("RevisionId", random::uuid())
}

/// What Lambda refuses at once: no role that it can take, tracing with a role that may not write
/// traces, limits out of bounds.
fn check(tx: &Tx<'_>, properties: &Value) -> Result<(), Fault> {
    let invalid = |message: String| Fault::new(400, "InvalidParameterValueException", message);
    let role = properties.get("Role").and_then(Value::as_str).unwrap_or("");
    if !role.starts_with("arn:") {
        return Err(invalid(format!("Role: {role:?} is no role's ARN")));
    }
    let own = format!(":{}:role/", tx.scope().account);
    if let Some((_, path)) = role.split_once(&own) {
        let name = path.rsplit('/').next().unwrap_or("");
        if resource::get(tx, "AWS::IAM::Role", name)?.is_none() {
            return Err(invalid(
                "The role defined for the function cannot be assumed by Lambda.".to_owned(),
            ));
        }
    }
    let traced = properties.pointer("/TracingConfig/Mode").is_some_and(|mode| mode == "Active");
    if traced && !access::allows(tx, role, "xray:PutTraceSegments", "*")? {
        return Err(invalid(
            "The provided execution role does not have permissions to call PutTraceSegments on XRAY"
                .to_owned(),
        ));
    }
    layer::check(tx, properties.get("Layers"))?;
    for (property, least, most) in [("Timeout", 1, 900), ("MemorySize", 128, 10_240)] {
        if properties.get(property).is_none() {
            continue;
        }
        let number = number(properties, property);
        if !number.is_some_and(|number| (least..=most).contains(&number)) {
            return Err(invalid(format!("{property} must be between {least} and {most}")));
        }
    }
    Ok(())
}

/// The function's configuration as Lambda answers it.
pub(super) fn view(tx: &Tx<'_>, function: &Resource) -> Value {
    let property = |name: &str| function.properties.get(name).cloned();
    let mode = property("TracingConfig").and_then(|config| config.get("Mode").cloned());
    let modified = function.changed.strftime("%Y-%m-%dT%H:%M:%S%.3f+0000").to_string();
    let mut view = json!({
        "FunctionName": function.id,
        "FunctionArn": function.attribute("Arn"),
        "Runtime": property("Runtime"),
        "Role": property("Role"),
        "Handler": property("Handler"),
        "CodeSize": function.attributes.get("CodeSize"),
        "Description": function.text("Description"),
        "Timeout": number(&function.properties, "Timeout").unwrap_or(3),
        "MemorySize": number(&function.properties, "MemorySize").unwrap_or(128),
        "LastModified": modified,
        "CodeSha256": function.attribute("CodeSha256"),
        "Version": "$LATEST",
        "VpcConfig": vpc(tx, property("VpcConfig")),
        "Environment": environment(property("Environment")),
        "TracingConfig": { "Mode": mode.unwrap_or_else(|| json!("PassThrough")) },
        "RevisionId": function.attribute("RevisionId"),
        "Layers": layer::of_function(tx, property("Layers")),
        "State": "Active",
        "LastUpdateStatus": "Successful",
        "PackageType": "Zip",
        "Architectures": property("Architectures").unwrap_or_else(|| json!(["x86_64"])),
        "EphemeralStorage": property("EphemeralStorage").unwrap_or_else(|| json!({"Size": 512})),
        "SnapStart": { "ApplyOn": "None", "OptimizationStatus": "Off" },
        "LoggingConfig": property("LoggingConfig").unwrap_or_else(|| json!({
            "LogFormat": "Text", "LogGroup": format!("/aws/lambda/{}", function.id),
        })),
    });
    if let Value::Object(members) = &mut view {
        members.retain(|_, value| !value.is_null());
    }
    view
}

fn vpc(tx: &Tx<'_>, config: Option<Value>) -> Value {
    let Some(config) = config else { return Value::Null };
    let subnets = config.get("SubnetIds").cloned().unwrap_or_else(|| json!([]));
    let home = subnets.get(0).and_then(Value::as_str).and_then(|id| {
        let subnet = resource::get(tx, "AWS::EC2::Subnet", id).ok()??;
        Some(subnet.text("VpcId").to_owned())
    });
    json!({
        "SubnetIds": subnets,
        "SecurityGroupIds": config.get("SecurityGroupIds").cloned().unwrap_or_else(|| json!([])),
        "VpcId": home.unwrap_or_default(),
        "Ipv6AllowedForDualStack": false,
    })
}

/// Values are text on the wire, whatever the template wrote.
fn environment(environment: Option<Value>) -> Value {
    let variables = environment.and_then(|mut e| e.get_mut("Variables").map(Value::take));
    let Some(Value::Object(variables)) = variables else { return Value::Null };
    let texts: Map<String, Value> = variables
        .into_iter()
        .map(|(name, value)| match value {
            Value::String(_) => (name, value),
            value => (name, Value::from(value.to_string())),
        })
        .collect();
    json!({ "Variables": texts })
}

/// Tags as Lambda answers them: a map.
pub(super) fn tags(function: &Resource) -> Value {
    let tags = function.properties.get("Tags").and_then(Value::as_array);
    let pairs = tags
        .into_iter()
        .flatten()
        .filter_map(|tag| Some((tag.get("Key")?.as_str()?.to_owned(), tag.get("Value")?.clone())));
    Value::Object(pairs.collect())
}

/// `UpdateFunctionConfiguration`.
pub(super) fn configure(tx: &Tx<'_>, old: &Resource, input: &Value) -> Result<Value, Fault> {
    let mut properties = old.properties.clone();
    for name in CONFIGURATION {
        if let Some(value) = input.get(name) {
            properties[name] = value.clone();
        }
    }
    let desired = Desired {
        properties: &properties,
        stack: old.stack.as_deref(),
        logical: old.logical.as_deref(),
    };
    match Function.update(tx, old, &desired)? {
        Updated::InPlace => Ok(view(tx, &super::find(tx, &old.id)?)),
        Updated::Replace => Err(resource::exists(&old.id)),
    }
}

/// `UpdateFunctionCode`. The template's `Code` stays as it was: CloudFormation doesn't see the
/// change either.
pub(super) fn replace_code(tx: &Tx<'_>, old: &Resource, input: &Value) -> Result<Value, Fault> {
    runtime::check(old.text("Runtime"), Some(old.text("Runtime")))?;
    let stored = match input.get("ZipFile").and_then(Value::as_str) {
        Some(encoded) => {
            let bytes = STANDARD
                .decode(encoded)
                .map_err(|_| Fault::new(400, "SerializationException", "ZipFile is not base64"))?;
            code::store_bytes(tx, &old.id, &bytes)?
        }
        None => code::store(tx, &old.id, input)?,
    };
    let mut changed = stamped(old.clone(), stored);
    changed.changed = tx.now();
    resource::put(tx, &changed)?;
    Ok(view(tx, &changed))
}
