//! What CloudFormation refuses before it makes anything, and the order in which it makes things.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value};

use super::functions::{Reference, references};
use super::refuse;
use crate::practice::wire::Fault;

const SECTIONS: [&str; 11] = [
    "AWSTemplateFormatVersion",
    "Description",
    "Metadata",
    "Parameters",
    "Rules",
    "Mappings",
    "Conditions",
    "Transform",
    "Globals",
    "Resources",
    "Outputs",
];
const RESOURCE_KEYS: [&str; 11] = [
    "Type",
    "Properties",
    "DependsOn",
    "Condition",
    "Metadata",
    "CreationPolicy",
    "UpdatePolicy",
    "DeletionPolicy",
    "UpdateReplacePolicy",
    "IgnoreGlobals",
    "Connectors",
];

/// The resources of a template.
pub fn resources(template: &Value) -> Result<&Map<String, Value>, Fault> {
    match template.get("Resources").and_then(Value::as_object) {
        Some(resources) if !resources.is_empty() => Ok(resources),
        _ => Err(refuse("Template format error: At least one Resources member must be defined.")),
    }
}

/// Checks the template's form: sections, resources, no nulls.
pub fn form(template: &Value) -> Result<(), Fault> {
    let Some(top) = template.as_object() else {
        return Err(refuse("Template format error: unsupported structure."));
    };
    let unknown: Vec<_> =
        top.keys().filter(|key| !SECTIONS.contains(&key.as_str())).cloned().collect();
    if !unknown.is_empty() {
        return Err(refuse(format!(
            "Invalid template property or properties [{}]",
            unknown.join(", ")
        )));
    }
    if top.get("AWSTemplateFormatVersion").is_some_and(|version| version != "2010-09-09") {
        return Err(refuse(
            "Template format error: unsupported value for AWSTemplateFormatVersion.",
        ));
    }
    for section in ["Parameters", "Mappings", "Conditions", "Resources", "Outputs"] {
        if let Some(body) = top.get(section) {
            no_nulls(body, &mut format!("/{section}"))?;
            if !body.is_object() {
                return Err(refuse(format!(
                    "Template format error: Every {section} object must be a map."
                )));
            }
        }
    }
    for (name, resource) in resources(template)? {
        if name.is_empty() || !name.bytes().all(|byte| byte.is_ascii_alphanumeric()) {
            return Err(refuse(format!(
                "Template format error: Resource name {name} is non alphanumeric."
            )));
        }
        let Some(body) = resource.as_object() else {
            return Err(refuse(format!(
                "Template format error: [/Resources/{name}] resource definition is malformed"
            )));
        };
        if !body.get("Type").is_some_and(Value::is_string) {
            return Err(refuse(format!(
                "Template format error: [/Resources/{name}] Every Resources object must contain a Type member."
            )));
        }
        if let Some(key) = body.keys().find(|key| !RESOURCE_KEYS.contains(&key.as_str())) {
            return Err(refuse(format!("Invalid template resource property '{key}'")));
        }
        if body.get("Properties").is_some_and(|properties| !properties.is_object()) {
            return Err(refuse(format!(
                "Template format error: [/Resources/{name}/Properties] Properties must be an object"
            )));
        }
    }
    outputs(template)
}

fn outputs(template: &Value) -> Result<(), Fault> {
    for (name, output) in template["Outputs"].as_object().into_iter().flatten() {
        if output.get("Value").is_none() {
            return Err(refuse(format!(
                "Template format error: Output {name} is malformed. Every Outputs member must contain a Value object"
            )));
        }
    }
    Ok(())
}

fn no_nulls(value: &Value, path: &mut String) -> Result<(), Fault> {
    let length = path.len();
    let mut visit = |key: &str, value: &Value| {
        path.push('/');
        path.push_str(key);
        let outcome = no_nulls(value, path);
        path.truncate(length);
        outcome
    };
    match value {
        Value::Null => Err(refuse(format!("[{path}] 'null' values are not allowed in templates"))),
        Value::Array(items) => {
            items.iter().enumerate().try_for_each(|(n, item)| visit(&n.to_string(), item))
        }
        Value::Object(map) => map.iter().try_for_each(|(key, value)| visit(key, value)),
        _ => Ok(()),
    }
}

/// Checks that everything that the (transformed) template refers to is there.
pub fn references_resolve(template: &Value) -> Result<(), Fault> {
    let resources = resources(template)?;
    let parameters = template.get("Parameters").and_then(Value::as_object);
    let conditions = template.get("Conditions").and_then(Value::as_object);
    for section in ["Resources", "Outputs"] {
        let mut unresolved = BTreeSet::new();
        let mut attributes = BTreeSet::new();
        let mut missing = BTreeSet::new();
        let mut see = |reference: Reference<'_>| match reference {
            Reference::Ref(name) if name.starts_with("AWS::") => {}
            Reference::Ref(name) => {
                if !resources.contains_key(name)
                    && !parameters.is_some_and(|all| all.contains_key(name))
                {
                    unresolved.insert(name.to_owned());
                }
            }
            Reference::Attribute(name) => {
                if !resources.contains_key(name) {
                    attributes.insert(name.to_owned());
                }
            }
            Reference::Condition(name) => {
                if !conditions.is_some_and(|all| all.contains_key(name)) {
                    missing.insert(name.to_owned());
                }
            }
        };
        for body in template[section].as_object().into_iter().flat_map(Map::values) {
            references(body, &mut see);
            depends_on(body).for_each(|name| see(Reference::Attribute(name)));
            if let Some(condition) = body.get("Condition").and_then(Value::as_str) {
                see(Reference::Condition(condition));
            }
        }
        if let Some(name) = missing.first() {
            return Err(refuse(format!(
                "Template format error: Unresolved condition dependency {name} in the {section} block of the template"
            )));
        }
        unresolved.extend(attributes);
        if !unresolved.is_empty() {
            let names: Vec<_> = unresolved.into_iter().collect();
            return Err(refuse(format!(
                "Template format error: Unresolved resource dependencies [{}] in the {section} block of the template",
                names.join(", ")
            )));
        }
    }
    Ok(())
}

fn depends_on(resource: &Value) -> impl Iterator<Item = &str> {
    let one = resource.get("DependsOn").and_then(Value::as_str);
    let many = resource.get("DependsOn").and_then(Value::as_array);
    one.into_iter().chain(many.into_iter().flatten().filter_map(Value::as_str))
}

/// What each resource rests on, directly.
pub fn dependencies(template: &Value) -> Result<BTreeMap<String, BTreeSet<String>>, Fault> {
    let resources = resources(template)?;
    let mut all = BTreeMap::new();
    for (name, body) in resources {
        let mut needed: BTreeSet<String> = depends_on(body).map(str::to_owned).collect();
        references(body, &mut |reference| {
            if let Reference::Ref(other) | Reference::Attribute(other) = reference
                && resources.contains_key(other)
            {
                needed.insert(other.to_owned());
            }
        });
        all.insert(name.clone(), needed);
    }
    Ok(all)
}

/// The resources in an order in which each one comes after what it rests on; the template's own
/// order where that leaves a choice.
pub fn order(template: &Value) -> Result<Vec<String>, Fault> {
    let dependencies = dependencies(template)?;
    let mut left: Vec<&String> = resources(template)?.keys().collect();
    let mut ordered: Vec<String> = Vec::with_capacity(left.len());
    let mut done: BTreeSet<&str> = BTreeSet::new();
    while !left.is_empty() {
        let (ready, waiting): (Vec<_>, Vec<_>) = left.iter().partition(|name| {
            dependencies[**name].iter().all(|needed| done.contains(needed.as_str()))
        });
        if ready.is_empty() {
            let names: Vec<_> = in_circle(&waiting, &dependencies);
            return Err(refuse(format!(
                "Circular dependency between resources: [{}]",
                names.join(", ")
            )));
        }
        done.extend(ready.iter().map(|name| name.as_str()));
        ordered.extend(ready.into_iter().cloned());
        left = waiting;
    }
    Ok(ordered)
}

/// Those of `waiting` that lie on a circle, not merely behind one.
fn in_circle(
    waiting: &[&String],
    dependencies: &BTreeMap<String, BTreeSet<String>>,
) -> Vec<String> {
    let reaches_itself = |start: &str| {
        let mut seen = BTreeSet::new();
        let mut next: Vec<&str> = dependencies[start].iter().map(String::as_str).collect();
        while let Some(name) = next.pop() {
            if name == start {
                return true;
            }
            if seen.insert(name) {
                next.extend(dependencies[name].iter().map(String::as_str));
            }
        }
        false
    };
    waiting.iter().filter(|name| reaches_itself(name)).map(|name| (*name).clone()).collect()
}
