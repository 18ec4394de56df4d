//! What a deployment does to one resource, as change sets show it.

use serde_json::{Map, Value, json};

use super::model::Member;

/// What a deployment does to one resource.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Change {
    /// `Add`, `Modify` or `Remove`.
    pub(super) action: &'static str,
    pub(super) logical: String,
    pub(super) kind: String,
    /// Empty for one that is added.
    pub(super) physical: String,
    /// For a modification: whether it is replaced.
    pub(super) replaced: Option<bool>,
    /// Changed properties; `Metadata` alone when nothing else is.
    pub(super) details: Vec<String>,
}

impl Change {
    /// As `DescribeChangeSet` shows it.
    pub(super) fn members(&self) -> Value {
        let recreation = match self.replaced {
            Some(true) => "Always",
            Some(false) => "Never",
            None => "Conditionally",
        };
        let details: Vec<Value> = self
            .details
            .iter()
            .map(|name| {
                let target = if name == "Metadata" {
                    json!({"Attribute": "Metadata", "RequiresRecreation": "Never"})
                } else {
                    json!({"Attribute": "Properties", "Name": name, "RequiresRecreation": recreation})
                };
                json!({"Target": target, "Evaluation": "Static", "ChangeSource": "DirectModification"})
            })
            .collect();
        let modified = self.action == "Modify";
        let scope = match self.details.first() {
            Some(name) if name == "Metadata" => vec!["Metadata"],
            Some(_) => vec!["Properties"],
            None => Vec::new(),
        };
        let replacement = match self.replaced {
            Some(true) => "True",
            Some(false) => "False",
            None => "Conditional",
        };
        json!({"Type": "Resource", "ResourceChange": {
            "Action": self.action,
            "LogicalResourceId": self.logical,
            "PhysicalResourceId": Some(&self.physical).filter(|id| !id.is_empty()),
            "ResourceType": self.kind,
            "Replacement": modified.then_some(replacement),
            "Scope": scope,
            "Details": details,
        }})
    }
}

/// Names of the properties that differ; `Metadata` when only that does.
pub(super) fn differences(old: &Member, new: &Member) -> Vec<String> {
    let empty = Map::new();
    let (left, right) = (
        old.properties.as_object().unwrap_or(&empty),
        new.properties.as_object().unwrap_or(&empty),
    );
    let mut names: Vec<String> = left
        .keys()
        .chain(right.keys().filter(|key| !left.contains_key(*key)))
        .filter(|key| left.get(*key) != right.get(*key))
        .cloned()
        .collect();
    if names.is_empty() {
        names.push("Metadata".to_owned());
    }
    names
}
