//! The SAM transform (`AWS::Serverless-2016-10-31`): functions with their roles and events, APIs
//! with deployment and stage, tables, layers. Logical ids and properties are those of AWS's own
//! translator (checked against aws-sam-translator 1.115.0); what isn't offered is refused by name.

mod api;
mod auth;
mod events;
mod function;
mod globals;
mod policies;
mod references;

use aws_lc_rs::digest::{SHA1_FOR_LEGACY_USE_ONLY, digest};
use serde_json::{Map, Value, json};

use super::{functions, refuse, validate};
use crate::practice::wire::Fault;
use references::{Renamed, follow};

/// The transform's name.
pub const NAME: &str = "AWS::Serverless-2016-10-31";

/// What is wrong with one resource.
type Outcome<T> = Result<T, String>;

/// Whether the template asks for the SAM transform; a fault for any other transform.
pub fn is_asked_for(template: &Value) -> Result<bool, Fault> {
    let asked = match template.get("Transform") {
        None => return Ok(false),
        Some(Value::String(name)) => vec![name.as_str()],
        Some(Value::Array(names)) => names.iter().filter_map(Value::as_str).collect(),
        Some(_) => Vec::new(),
    };
    match asked.iter().find(|name| **name != NAME) {
        None => Ok(!asked.is_empty()),
        Some(other) => {
            Err(refuse(format!("No transform named {other} found in the practice account.")))
        }
    }
}

/// The template without SAM's types. `parameters` are the values that `Ref` gives.
pub fn transform(template: &Value, parameters: &Map<String, Value>) -> Result<Value, Fault> {
    let mut template = template.clone();
    globals::merge(&mut template).map_err(|message| failed(&[message]))?;
    let sam = Sam { resources: validate::resources(&template)?.clone(), parameters };
    let mut made = Map::new();
    let mut errors = Vec::new();
    let mut renamed = Renamed::new();
    for (id, resource) in &sam.resources {
        match sam.resource(id, resource) {
            Ok(resources) => {
                if resource["Type"] == "AWS::Serverless::LayerVersion" {
                    renamed.extend(resources.keys().map(|new| (id.clone(), new.clone())));
                }
                made.extend(resources);
            }
            Err(message) => errors.push(format!("Resource with id [{id}] is invalid. {message}")),
        }
    }
    if !errors.is_empty() {
        return Err(failed(&errors));
    }
    if let Some(top) = template.as_object_mut() {
        top.shift_remove("Transform");
        top.insert("Resources".to_owned(), Value::from(made));
    }
    if renamed.is_empty() { Ok(template) } else { Ok(follow(&template, &renamed)) }
}

fn failed(errors: &[String]) -> Fault {
    refuse(format!(
        "Transform {NAME} failed with: Invalid Serverless Application Specification document. Number of errors found: {}. {}",
        errors.len(),
        errors.join(" ")
    ))
}

/// What the transform of one template knows.
struct Sam<'a> {
    resources: Map<String, Value>,
    parameters: &'a Map<String, Value>,
}

impl Sam<'_> {
    fn resource(&self, id: &str, resource: &Value) -> Outcome<Map<String, Value>> {
        let empty = Map::new();
        let properties = resource.get("Properties").and_then(Value::as_object).unwrap_or(&empty);
        let item = Item { id, resource, properties };
        match resource["Type"].as_str().unwrap_or_default() {
            "AWS::Serverless::Function" => function::transform(self, &item),
            "AWS::Serverless::Api" => api::transform(self, &item),
            "AWS::Serverless::SimpleTable" => table(&item),
            "AWS::Serverless::LayerVersion" => layer(&item),
            kind if kind.starts_with("AWS::Serverless::") => {
                Err(format!("The practice account's transform doesn't offer {kind}."))
            }
            _ => Ok(Map::from_iter([(id.to_owned(), resource.clone())])),
        }
    }

    /// The value with references to parameters replaced, at every depth.
    fn with_parameters(&self, value: &Value) -> Value {
        match value {
            Value::Array(items) => items.iter().map(|item| self.with_parameters(item)).collect(),
            Value::Object(map) => match functions::intrinsic(map) {
                Some(("Ref", Value::String(name))) if self.parameters.contains_key(name) => {
                    self.parameters[name].clone()
                }
                _ => map
                    .iter()
                    .map(|(key, value)| (key.clone(), self.with_parameters(value)))
                    .collect(),
            },
            other => other.clone(),
        }
    }
}

/// A resource being transformed.
struct Item<'a> {
    id: &'a str,
    resource: &'a Value,
    properties: &'a Map<String, Value>,
}

impl Item<'_> {
    fn get(&self, property: &str) -> Option<&Value> {
        self.properties.get(property)
    }

    /// Refuses properties that are neither in `known` nor in `also`.
    fn only(&self, known: &[&str], also: &[&str], unsupported: &[&str]) -> Outcome<()> {
        for property in self.properties.keys() {
            let name = property.as_str();
            if unsupported.contains(&name) {
                return Err(format!("The practice account's transform doesn't offer {name}."));
            }
            if !known.contains(&name) && !also.contains(&name) {
                return Err(format!(
                    "property {name} not defined for resource of type {}",
                    self.resource["Type"].as_str().unwrap_or_default()
                ));
            }
        }
        Ok(())
    }

    /// The main resource: every attribute of the SAM resource stays, dependencies included.
    fn main(&self, kind: &str, properties: Map<String, Value>) -> Value {
        let mut resource = Map::from_iter([("Type".to_owned(), Value::from(kind))]);
        resource.insert("Properties".to_owned(), Value::from(properties));
        for (key, value) in self.resource.as_object().into_iter().flatten() {
            if !matches!(key.as_str(), "Type" | "Properties" | "IgnoreGlobals" | "Connectors") {
                resource.insert(key.clone(), value.clone());
            }
        }
        Value::from(resource)
    }

    /// A resource made beside the main one: it shares condition and deletion policy.
    fn beside(&self, kind: &str, properties: impl Into<Value>) -> Value {
        let mut resource = json!({"Type": kind, "Properties": properties.into()});
        for key in ["Condition", "DeletionPolicy", "UpdateReplacePolicy"] {
            if let Some(value) = self.resource.get(key) {
                resource[key] = value.clone();
            }
        }
        resource
    }

    /// Copies properties that CloudFormation knows by the same name.
    fn pass(&self, names: &[&str]) -> Map<String, Value> {
        names
            .iter()
            .filter_map(|name| Some(((*name).to_owned(), self.get(name)?.clone())))
            .collect()
    }
}

/// First `length` hexadecimal digits of the SHA-1 of the value's compact, sorted JSON: what SAM's
/// logical ids end in.
fn hash(value: &Value, length: usize) -> String {
    let text = value.as_str().map_or_else(|| sorted(value).to_string(), str::to_owned);
    let digest = digest(&SHA1_FOR_LEGACY_USE_ONLY, text.as_bytes());
    let mut hex = String::new();
    for byte in digest.as_ref() {
        hex.extend(
            [byte >> 4, byte & 15].map(|digit| char::from(b"0123456789abcdef"[usize::from(digit)])),
        );
    }
    hex.truncate(length);
    hex
}

fn sorted(value: &Value) -> Value {
    match value {
        Value::Array(items) => items.iter().map(sorted).collect(),
        Value::Object(map) => {
            let mut pairs: Vec<_> =
                map.iter().map(|(key, value)| (key.clone(), sorted(value))).collect();
            pairs.sort_by(|left, right| left.0.cmp(&right.0));
            pairs.into_iter().collect()
        }
        other => other.clone(),
    }
}

/// A part of a logical id: as it is if alphanumeric, else its hash.
fn id_part(text: &str) -> String {
    if text.is_empty() || text.bytes().all(|byte| byte.is_ascii_alphanumeric()) {
        text.to_owned()
    } else {
        hash(&Value::from(text), 10)
    }
}

fn tag_list(tags: Option<&Value>) -> Vec<Value> {
    tags.and_then(Value::as_object)
        .into_iter()
        .flatten()
        .map(|(key, value)| json!({"Key": key, "Value": value}))
        .collect()
}

/// An object in S3 from `s3://bucket/key` or a map, with the three names of its parts.
fn s3_object(value: &Value, property: &str, names: [&str; 3]) -> Outcome<Value> {
    let invalid = || {
        format!(
            "'{property}' is not a valid S3 Uri of the form 's3://bucket/key' with optional versionId query parameter."
        )
    };
    let mut object = Map::new();
    match value {
        Value::String(uri) => {
            let rest = uri.strip_prefix("s3://").ok_or_else(invalid)?;
            let (bucket, key) = rest.split_once('/').ok_or_else(invalid)?;
            let (key, version) = match key.split_once("?versionId=") {
                Some((key, version)) => (key, Some(version)),
                None => (key, None),
            };
            if bucket.is_empty() || key.is_empty() {
                return Err(invalid());
            }
            object.insert(names[0].to_owned(), bucket.into());
            object.insert(names[1].to_owned(), key.into());
            if let Some(version) = version {
                object.insert(names[2].to_owned(), version.into());
            }
        }
        Value::Object(parts) => {
            let (Some(bucket), Some(key)) = (parts.get("Bucket"), parts.get("Key")) else {
                return Err(format!(
                    "'{property}' requires Bucket and Key properties to be specified."
                ));
            };
            object.insert(names[0].to_owned(), bucket.clone());
            object.insert(names[1].to_owned(), key.clone());
            if let Some(version) = parts.get("Version") {
                object.insert(names[2].to_owned(), version.clone());
            }
        }
        _ => return Err(invalid()),
    }
    Ok(object.into())
}

fn table(item: &Item<'_>) -> Outcome<Map<String, Value>> {
    let pass = [
        "PointInTimeRecoverySpecification",
        "ProvisionedThroughput",
        "SSESpecification",
        "TableName",
    ];
    item.only(&pass, &["PrimaryKey", "Tags"], &[])?;
    let (name, kind) = match item.get("PrimaryKey") {
        None => (Value::from("id"), "S"),
        Some(key) => {
            let name = key.get("Name").cloned().ok_or("PrimaryKey.Name is required.")?;
            let kind = match key
                .get("Type")
                .and_then(Value::as_str)
                .ok_or("PrimaryKey.Type is required.")?
            {
                "String" => "S",
                "Number" => "N",
                "Binary" => "B",
                other => return Err(format!("Invalid 'Type' \"{other}\".")),
            };
            (name, kind)
        }
    };
    let mut properties = Map::new();
    properties.insert(
        "AttributeDefinitions".to_owned(),
        json!([{"AttributeName": name, "AttributeType": kind}]),
    );
    properties.insert("KeySchema".to_owned(), json!([{"AttributeName": name, "KeyType": "HASH"}]));
    properties.extend(item.pass(&pass));
    if !properties.contains_key("ProvisionedThroughput") {
        properties.insert("BillingMode".to_owned(), "PAY_PER_REQUEST".into());
    }
    let tags = tag_list(item.get("Tags"));
    if !tags.is_empty() {
        properties.insert("Tags".to_owned(), tags.into());
    }
    Ok(Map::from_iter([(item.id.to_owned(), item.main("AWS::DynamoDB::Table", properties))]))
}

fn layer(item: &Item<'_>) -> Outcome<Map<String, Value>> {
    let pass = [
        "LayerName",
        "Description",
        "CompatibleArchitectures",
        "CompatibleRuntimes",
        "LicenseInfo",
    ];
    item.only(&pass, &["ContentUri", "RetentionPolicy", "PublishLambdaVersion"], &[])?;
    let content = item.get("ContentUri").ok_or("Missing required property 'ContentUri'.")?;
    let mut properties = item.pass(&pass);
    properties.entry("LayerName").or_insert_with(|| item.id.into());
    properties.insert(
        "Content".to_owned(),
        s3_object(content, "ContentUri", ["S3Bucket", "S3Key", "S3ObjectVersion"])?,
    );
    let hashed = json!({item.id: {"Type": item.resource["Type"], "Properties": item.properties}});
    let id = format!("{}{}", item.id, hash(&hashed, 10));
    let mut resource = item.main("AWS::Lambda::LayerVersion", properties);
    let retention = item.get("RetentionPolicy").and_then(Value::as_str);
    resource["DeletionPolicy"] = match retention {
        Some(policy) if policy.eq_ignore_ascii_case("delete") => "Delete".into(),
        Some(policy) if !policy.eq_ignore_ascii_case("retain") => {
            return Err(
                "'RetentionPolicy' must be one of the following options: ['Retain', 'Delete']."
                    .to_owned(),
            );
        }
        _ => "Retain".into(),
    };
    Ok(Map::from_iter([(id, resource)]))
}

#[cfg(test)]
mod tests;
