//! Reading stacks, resources, events, templates and exports.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::live::users;
use super::model::{ChangeSet, Member, Stack, events};
use super::operations::stack_name;
use super::request::{capabilities, declared, read, text};
use crate::practice::store::Tx;
use crate::practice::template::{parameters, parse, refuse, validate};
use crate::practice::wire::{Answer, Call, Fault, Reply, iso};

/// Items of one page.
const PAGE: usize = 100;

/// One page of a list, and the token of the next.
fn page(call: &Call, member: &str, mut items: Vec<Value>) -> Answer {
    let start = match call.text("NextToken") {
        "" => 0,
        token => token.parse().map_err(|_| refuse("Invalid NextToken"))?,
    };
    let end = usize::min(start + PAGE, items.len());
    let next = (end < items.len()).then(|| end.to_string());
    items.truncate(end);
    items.drain(..start.min(end));
    Ok(Reply::ok(json!({member: items, "NextToken": next})))
}

pub(super) fn stacks(tx: &Tx<'_>, call: &Call) -> Answer {
    let stacks = match call.text("StackName") {
        "" => Stack::all(tx)?.into_iter().filter(|stack| stack.deleted.is_none()).collect(),
        _ => vec![Stack::required(tx, stack_name(call)?)?],
    };
    page(call, "Stacks", stacks.iter().rev().map(stack).collect())
}

fn stack(stack: &Stack) -> Value {
    let outputs: Vec<Value> = stack
        .outputs
        .iter()
        .map(|output| {
            json!({"OutputKey": output.key, "OutputValue": output.value,
                   "Description": output.description, "ExportName": output.export})
        })
        .collect();
    json!({
        "StackId": stack.id, "StackName": stack.name, "ChangeSetId": stack.change_set,
        "Description": stack.processed["Description"], "CreationTime": iso(stack.created),
        "LastUpdatedTime": stack.updated.map(iso), "DeletionTime": stack.deleted.map(iso),
        "StackStatus": stack.status, "StackStatusReason": stack.reason,
        "DisableRollback": stack.disable_rollback, "NotificationARNs": [], "RollbackConfiguration": {},
        "Capabilities": stack.capabilities, "RoleARN": stack.role, "Tags": stack.tags,
        "Parameters": parameters(&stack.processed, &stack.original, &stack.parameters),
        "Outputs": outputs, "EnableTerminationProtection": false,
        "DriftInformation": {"StackDriftStatus": "NOT_CHECKED"},
    })
}

/// Parameters with their values; secret ones as asterisks.
pub(super) fn parameters(
    processed: &Value,
    original: &str,
    texts: &BTreeMap<String, String>,
) -> Vec<Value> {
    let read;
    // A template whose transform failed has no processed form.
    let template = if processed.is_null() {
        read = parse(original).unwrap_or_default();
        &read
    } else {
        processed
    };
    texts
        .iter()
        .map(|(name, text)| {
            let shown = if parameters::is_secret(template, name) { "****" } else { text };
            json!({"ParameterKey": name, "ParameterValue": shown})
        })
        .collect()
}

pub(super) fn list_stacks(tx: &Tx<'_>, call: &Call) -> Answer {
    let wanted = call.texts("StackStatusFilter");
    let summaries = Stack::all(tx)?
        .iter()
        .rev()
        .filter(|stack| wanted.is_empty() || wanted.contains(&stack.status))
        .map(|stack| {
            json!({
                "StackId": stack.id, "StackName": stack.name, "StackStatus": stack.status,
                "StackStatusReason": stack.reason, "CreationTime": iso(stack.created),
                "LastUpdatedTime": stack.updated.map(iso), "DeletionTime": stack.deleted.map(iso),
                "TemplateDescription": stack.processed["Description"],
                "DriftInformation": {"StackDriftStatus": "NOT_CHECKED"},
            })
        })
        .collect();
    page(call, "StackSummaries", summaries)
}

fn member(stack: &Stack, member: &Member) -> Value {
    json!({
        "StackId": stack.id, "StackName": stack.name, "LogicalResourceId": member.logical,
        "PhysicalResourceId": member.reference, "ResourceType": member.kind,
        "ResourceStatus": member.status, "ResourceStatusReason": member.reason,
        "DriftInformation": {"StackResourceDriftStatus": "NOT_CHECKED"},
    })
}

fn with_time(mut value: Value, key: &str, from: &Member) -> Value {
    value[key] = iso(from.changed).into();
    value
}

/// What a stack has, and what its deletion removed.
fn by_logical(stack: &Stack) -> Vec<&Member> {
    let mut members: Vec<_> = stack.members.iter().chain(&stack.removed).collect();
    members.sort_by(|left, right| left.logical.cmp(&right.logical));
    members
}

pub(super) fn list_resources(tx: &Tx<'_>, call: &Call) -> Answer {
    let stack = Stack::required(tx, stack_name(call)?)?;
    let summaries = by_logical(&stack)
        .into_iter()
        .map(|one| with_time(member(&stack, one), "LastUpdatedTimestamp", one))
        .collect();
    page(call, "StackResourceSummaries", summaries)
}

pub(super) fn resources(tx: &Tx<'_>, call: &Call) -> Answer {
    let physical = call.text("PhysicalResourceId");
    let stack = match call.text("StackName") {
        "" if physical.is_empty() => {
            return Err(refuse("Either StackName or PhysicalResourceId must be specified"));
        }
        "" => Stack::all(tx)?
            .into_iter()
            .find(|stack| stack.members.iter().any(|member| member.reference == physical))
            .ok_or_else(|| refuse(format!("Stack for {physical} does not exist")))?,
        _ => Stack::required(tx, stack_name(call)?)?,
    };
    let logical = call.text("LogicalResourceId");
    let resources: Vec<Value> = by_logical(&stack)
        .into_iter()
        .filter(|member| logical.is_empty() || member.logical == logical)
        .take(PAGE)
        .map(|one| with_time(member(&stack, one), "Timestamp", one))
        .collect();
    Ok(Reply::ok(json!({"StackResources": resources})))
}

pub(super) fn resource(tx: &Tx<'_>, call: &Call) -> Answer {
    let stack = Stack::required(tx, stack_name(call)?)?;
    let logical = call.text("LogicalResourceId");
    let Some(one) = stack.member(logical) else {
        return Err(refuse(format!("Resource {logical} does not exist for stack {}", stack.name)));
    };
    let mut detail = with_time(member(&stack, one), "LastUpdatedTimestamp", one);
    detail["Metadata"] =
        if one.metadata.is_null() { Value::Null } else { one.metadata.to_string().into() };
    Ok(Reply::ok(json!({"StackResourceDetail": detail})))
}

pub(super) fn stack_events(tx: &Tx<'_>, call: &Call) -> Answer {
    let name = stack_name(call)?;
    let Some(stack) = Stack::find(tx, name)? else {
        return Err(refuse(format!("Stack [{name}] does not exist")));
    };
    let events = events(tx, &stack)?;
    page(call, "StackEvents", events.iter().rev().map(|event| event.members(&stack)).collect())
}

pub(super) fn get_template(tx: &Tx<'_>, call: &Call) -> Answer {
    let (original, processed) = match call.text("ChangeSetName") {
        "" => {
            let stack = Stack::required(tx, stack_name(call)?)?;
            (stack.original, stack.processed)
        }
        name => {
            let set = ChangeSet::find(tx, name, call.text("StackName"))?.ok_or_else(|| {
                Fault::new(404, "ChangeSetNotFound", format!("ChangeSet [{name}] does not exist"))
            })?;
            (set.request.original, set.request.processed)
        }
    };
    let is_transformed = parse(&original).is_ok_and(|template| template.get("Transform").is_some());
    let body = match call.text("TemplateStage") {
        "Processed" if is_transformed => processed.to_string(),
        "" | "Original" | "Processed" => original,
        other => {
            return Err(refuse(format!("TemplateStage {other} is neither Original nor Processed")));
        }
    };
    Ok(Reply::ok(json!({"TemplateBody": body, "StagesAvailable": ["Original", "Processed"]})))
}

/// The template of `ValidateTemplate` and `GetTemplateSummary`.
fn asked(tx: &Tx<'_>, call: &Call) -> Result<Value, Fault> {
    match (text(tx, call)?, call.text("StackName")) {
        (Some(text), _) => read(&text),
        (None, "") => Err(refuse("Either Template URL or Template Body must be specified.")),
        (None, _) => read(&Stack::required(tx, stack_name(call)?)?.original),
    }
}

pub(super) fn summary(tx: &Tx<'_>, call: &Call) -> Answer {
    let template = asked(tx, call)?;
    if template.get("Transform").is_none() {
        validate::references_resolve(&template)?;
    }
    let (capability, types) = capabilities(&template);
    let mut kinds: Vec<_> =
        validate::resources(&template)?.values().map(|resource| resource["Type"].clone()).collect();
    kinds.sort_by_key(Value::to_string);
    kinds.dedup();
    let transforms = match &template["Transform"] {
        Value::String(name) => vec![Value::from(name.as_str())],
        Value::Array(names) => names.clone(),
        _ => Vec::new(),
    };
    let reason = capability
        .map(|_| format!("The following resource(s) require capabilities: [{}]", types.join(", ")));
    let mut members = json!({
        "Parameters": declared(&template), "Description": template["Description"],
        "Capabilities": capability.into_iter().collect::<Vec<_>>(), "CapabilitiesReason": reason,
        "DeclaredTransforms": transforms,
    });
    if call.operation == "GetTemplateSummary" {
        members["ResourceTypes"] = kinds.into();
        members["Version"] = template["AWSTemplateFormatVersion"].clone();
        members["Metadata"] = template.get("Metadata").map(Value::to_string).into();
    }
    Ok(Reply::ok(members))
}

pub(super) fn exports(tx: &Tx<'_>, call: &Call) -> Answer {
    let mut exports = Vec::new();
    for stack in Stack::all(tx)?.iter().filter(|stack| stack.deleted.is_none()) {
        for output in &stack.outputs {
            if let Some(name) = &output.export {
                exports.push(
                    json!({"ExportingStackId": stack.id, "Name": name, "Value": output.value}),
                );
            }
        }
    }
    exports.sort_by_key(|export| export["Name"].to_string());
    page(call, "Exports", exports)
}

pub(super) fn imports(tx: &Tx<'_>, call: &Call) -> Answer {
    let name = call.text("ExportName");
    let stacks = users(&Stack::all(tx)?, name);
    if stacks.is_empty() {
        return Err(refuse(format!("Export '{name}' is not imported by any stack.")));
    }
    page(call, "Imports", stacks.into_iter().map(Value::from).collect())
}
