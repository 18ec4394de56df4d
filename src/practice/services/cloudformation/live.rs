//! What a template's values rest on while its stack is made: the resources made so far, and other
//! stacks' exports.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value};

use super::model::{Member, Output, Request, Stack};
use crate::practice::resource;
use crate::practice::store::Tx;
use crate::practice::template::evaluate::{self, Environment, Evaluator, Source};
use crate::practice::template::{parameters, refuse};
use crate::practice::wire::Fault;

/// What is known before any resource is made.
pub(super) fn environment(
    tx: &Tx<'_>,
    stack: &Stack,
    request: &Request,
) -> Result<Environment, Fault> {
    let scope = tx.scope();
    let mut environment = Environment {
        account: scope.account.clone(),
        region: scope.region.clone(),
        stack_name: stack.name.clone(),
        stack_id: stack.id.clone(),
        parameters: parameters::values(&request.processed, &request.parameters),
        mappings: request.processed["Mappings"].as_object().cloned().unwrap_or_default(),
        conditions: BTreeMap::new(),
    };
    evaluate::conditions(&mut environment, &request.processed)?;
    Ok(environment)
}

/// The resources made so far, and other stacks' exports.
pub(super) struct Live<'a> {
    pub(super) tx: &'a Tx<'a>,
    pub(super) stack: &'a Stack,
}

impl Live<'_> {
    fn member(&self, logical: &str) -> Result<&Member, Fault> {
        self.stack.member(logical).ok_or_else(|| {
            refuse(format!("Template format error: Unresolved resource dependencies [{logical}] in the Resources block of the template"))
        })
    }
}

impl Source for Live<'_> {
    fn reference(&self, logical: &str) -> Result<Value, Fault> {
        Ok(Value::from(self.member(logical)?.reference.as_str()))
    }

    fn attribute(&self, logical: &str, attribute: &str) -> Result<Value, Fault> {
        let member = self.member(logical)?;
        let existing = resource::get(self.tx, &member.kind, &member.id)?.ok_or_else(|| {
            refuse(format!(
                "Resource {logical} does not exist: it was deleted outside of CloudFormation"
            ))
        })?;
        let attributes = Value::from(existing.attributes);
        let nested = attribute.split('.').try_fold(&attributes, |place, key| place.get(key));
        attributes.get(attribute).or(nested).cloned().ok_or_else(|| {
            refuse(format!("Template error: resource {logical} does not support attribute type {attribute} in Fn::GetAtt"))
        })
    }

    fn import(&self, name: &str) -> Result<Value, Fault> {
        for stack in Stack::all(self.tx)? {
            if stack.deleted.is_some() || stack.id == self.stack.id {
                continue;
            }
            if let Some(output) =
                stack.outputs.iter().find(|output| output.export.as_deref() == Some(name))
            {
                return Ok(Value::from(output.value.as_str()));
            }
        }
        Err(refuse(format!("No export named {name} found.")))
    }
}

/// Names of the exports that a template imports. What isn't made imports nothing.
pub(super) fn imports(
    environment: &Environment,
    live: &Live<'_>,
    template: &Value,
) -> Result<BTreeSet<String>, Fault> {
    let evaluator = Evaluator::new(environment, live);
    let mut names = BTreeSet::new();
    for section in ["Resources", "Outputs"] {
        let bodies = template[section].as_object().into_iter().flat_map(Map::values);
        for body in bodies.filter(|body| environment.wants(body)) {
            evaluator.imports(body, &mut names)?;
        }
    }
    Ok(names)
}

/// Refuses exports that another stack has, and changes to exports that another stack imports.
pub(super) fn check_exports(tx: &Tx<'_>, stack: &Stack, new: &[Output]) -> Result<(), Fault> {
    let others: Vec<Stack> = Stack::all(tx)?
        .into_iter()
        .filter(|other| other.id != stack.id && other.deleted.is_none())
        .collect();
    for name in new.iter().filter_map(|output| output.export.as_deref()) {
        let taken = others.iter().find(|other| {
            other.outputs.iter().any(|output| output.export.as_deref() == Some(name))
        });
        if let Some(other) = taken {
            return Err(refuse(format!(
                "Export with name {name} is already exported by stack {}",
                other.name
            )));
        }
        if new.iter().filter(|output| output.export.as_deref() == Some(name)).count() > 1 {
            return Err(refuse(format!("Duplicate Export names are not allowed: [{name}]")));
        }
    }
    for old in &stack.outputs {
        let Some(name) = old.export.as_deref() else { continue };
        let kept = new.iter().find(|output| output.export.as_deref() == Some(name));
        let users = users(&others, name);
        if users.is_empty() || kept.is_some_and(|kept| kept.value == old.value) {
            continue;
        }
        let verb = if kept.is_some() { "updated" } else { "deleted" };
        return Err(refuse(format!(
            "Export {name} cannot be {verb} as it is in use by {}",
            users.join(" and ")
        )));
    }
    Ok(())
}

/// Names of the stacks that import an export.
pub(super) fn users(stacks: &[Stack], export: &str) -> Vec<String> {
    stacks
        .iter()
        .filter(|stack| stack.deleted.is_none() && stack.imports.contains(export))
        .map(|stack| stack.name.clone())
        .collect()
}
