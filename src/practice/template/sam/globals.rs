//! `Globals`: properties that all functions, APIs or tables share. Maps merge key by key, lists are
//! joined, anything else of the resource's own wins.

use serde_json::{Map, Value};

use super::super::functions::intrinsic;

const FUNCTION: [&str; 32] = [
    "Handler",
    "Runtime",
    "CodeUri",
    "DeadLetterQueue",
    "Description",
    "MemorySize",
    "Timeout",
    "VpcConfig",
    "Environment",
    "Tags",
    "PropagateTags",
    "Tracing",
    "KmsKeyArn",
    "AutoPublishAlias",
    "AutoPublishAliasAllProperties",
    "Layers",
    "DeploymentPreference",
    "RolePath",
    "PermissionsBoundary",
    "ReservedConcurrentExecutions",
    "ProvisionedConcurrencyConfig",
    "AssumeRolePolicyDocument",
    "EventInvokeConfig",
    "FileSystemConfigs",
    "CodeSigningConfigArn",
    "Architectures",
    "SnapStart",
    "EphemeralStorage",
    "FunctionUrlConfig",
    "RuntimeManagementConfig",
    "LoggingConfig",
    "RecursiveLoop",
];
const API: [&str; 20] = [
    "Auth",
    "Name",
    "DefinitionUri",
    "CacheClusterEnabled",
    "CacheClusterSize",
    "MergeDefinitions",
    "Variables",
    "EndpointConfiguration",
    "MethodSettings",
    "BinaryMediaTypes",
    "MinimumCompressionSize",
    "Cors",
    "GatewayResponses",
    "AccessLogSetting",
    "CanarySetting",
    "TracingEnabled",
    "OpenApiVersion",
    "Domain",
    "AlwaysDeploy",
    "PropagateTags",
];

/// Merges the `Globals` section into the resources and takes it away.
pub(super) fn merge(template: &mut Value) -> Result<(), String> {
    let Some(globals) = template.as_object_mut().and_then(|top| top.shift_remove("Globals")) else {
        return Ok(());
    };
    let Value::Object(sections) = globals else {
        return Err("'Globals' section is invalid. It must be a non-empty dictionary".to_owned());
    };
    for (section, shared) in &sections {
        let known: &[&str] = match section.as_str() {
            "Function" => &FUNCTION,
            "Api" => &API,
            "SimpleTable" => &["SSESpecification"],
            "LayerVersion" => &["PublishLambdaVersion"],
            _ => {
                return Err(format!(
                    "'Globals' section is invalid. '{section}' is not supported. Must be one of the following values - ['Api', 'Function', 'LayerVersion', 'SimpleTable']"
                ));
            }
        };
        let Value::Object(properties) = shared else {
            return Err(format!(
                "'Globals' section is invalid. Value of {section} must be a dictionary"
            ));
        };
        if let Some(property) =
            properties.keys().find(|property| !known.contains(&property.as_str()))
        {
            return Err(format!(
                "'Globals' section is invalid. '{property}' is not a supported property of '{section}'. Must be one of the following values - {known:?}"
            ));
        }
        let kind = format!("AWS::Serverless::{section}");
        let Some(resources) = template.get_mut("Resources").and_then(Value::as_object_mut) else {
            continue;
        };
        for resource in resources.values_mut().filter(|resource| resource["Type"] == kind.as_str())
        {
            let wanted = not_ignored(properties, resource.get("IgnoreGlobals"));
            let own =
                resource.get("Properties").cloned().unwrap_or_else(|| Value::Object(Map::new()));
            resource["Properties"] = combine(&Value::from(wanted), &own);
        }
    }
    Ok(())
}

fn not_ignored(properties: &Map<String, Value>, ignored: Option<&Value>) -> Map<String, Value> {
    match ignored {
        Some(Value::String(all)) if all == "*" => Map::new(),
        Some(Value::Array(names)) => properties
            .iter()
            .filter(|(key, _)| !names.iter().any(|name| name == key.as_str()))
            .map(|(key, value)| (key.clone(), value.clone()))
            .collect(),
        _ => properties.clone(),
    }
}

fn combine(global: &Value, own: &Value) -> Value {
    match (global, own) {
        (Value::Object(left), Value::Object(right))
            if intrinsic(left).is_none() && intrinsic(right).is_none() =>
        {
            let mut merged = left.clone();
            for (key, value) in right {
                let value =
                    left.get(key).map_or_else(|| value.clone(), |shared| combine(shared, value));
                merged.insert(key.clone(), value);
            }
            merged.into()
        }
        (Value::Array(left), Value::Array(right)) => left.iter().chain(right).cloned().collect(),
        (_, own) => own.clone(),
    }
}
