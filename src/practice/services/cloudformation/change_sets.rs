//! Change sets: what a deployment would do, and doing it.

use serde_json::{Value, json};

use super::change::Change;
use super::live::{Live, environment, imports};
use super::model::{ChangeSet, Request, Stack};
use super::operations::{keep_tags, rehearse, run, stack_name, updatable};
use super::request::prepare;
use crate::practice::random;
use crate::practice::store::Tx;
use crate::practice::template::evaluate::Source;
use crate::practice::template::refuse;
use crate::practice::wire::{Answer, Call, Fault, Reply, iso};

/// What the status says of a change set that would change nothing; AWS's tools look for it.
const EMPTY: &str = "The submitted information didn't contain changes. Submit different information to create a change set.";

pub(super) fn create(tx: &Tx<'_>, call: &Call) -> Answer {
    let name = stack_name(call)?;
    let set = call.required("ChangeSetName").map_err(|_| refuse("ChangeSetName is required"))?;
    let creates = match call.text("ChangeSetType") {
        "CREATE" => true,
        "" | "UPDATE" => false,
        other => {
            return Err(refuse(format!(
                "The practice account doesn't offer change sets of type {other}"
            )));
        }
    };
    let mut stack = target(tx, name, set, creates)?;
    free_name(tx, &stack, set)?;
    let mut prepared = prepare(tx, call, (!creates).then_some(&stack))?;
    if !creates {
        keep_tags(call, &stack, &mut prepared.request);
    }
    if stack.status == "REVIEW_IN_PROGRESS" {
        stack.turn(tx, "REVIEW_IN_PROGRESS", Some("User Initiated"))?;
        stack.save(tx)?;
    }
    let outcome = match prepared.fault {
        Some(fault) => Err(fault),
        None => exports_exist(tx, &stack, &prepared.request)
            .and_then(|()| rehearse(tx, &stack, &prepared.request)),
    };
    let (status, reason, execution, changes) = match outcome {
        Ok(Some(changes)) => ("CREATE_COMPLETE", None, "AVAILABLE", changes),
        Ok(None) => ("FAILED", Some(EMPTY.to_owned()), "UNAVAILABLE", Vec::new()),
        Err(fault) if fault.status >= 500 => return Err(fault),
        Err(fault) => ("FAILED", Some(fault.message), "UNAVAILABLE", Vec::new()),
    };
    let change_set = ChangeSet {
        id: tx.arn("cloudformation", &format!("changeSet/{set}/{}", random::uuid())),
        name: set.to_owned(),
        stack: stack.id.clone(),
        description: Some(call.text("Description").to_owned()).filter(|text| !text.is_empty()),
        creates,
        status: status.to_owned(),
        reason,
        execution: execution.to_owned(),
        created: tx.now(),
        changes: changes.iter().map(Change::members).collect(),
        request: prepared.request,
    };
    change_set.save(tx)?;
    Ok(Reply::ok(json!({"Id": change_set.id, "StackId": stack.id})))
}

/// A change set that waits keeps its name from others; one that was executed gives it back. `aws
/// cloudformation deploy` names its change sets by the second, so two quick deployments meet this.
fn free_name(tx: &Tx<'_>, stack: &Stack, name: &str) -> Result<(), Fault> {
    let Some(other) = ChangeSet::of(tx, stack)?.into_iter().find(|other| other.name == name) else {
        return Ok(());
    };
    if other.execution == "EXECUTE_COMPLETE" {
        return other.forget(tx);
    }
    Err(Fault::new(
        400,
        "AlreadyExistsException",
        format!(
            "ChangeSet {name} cannot be created due to a mismatch with existing attribute Template"
        ),
    ))
}

/// The stack that a change set is for.
fn target(tx: &Tx<'_>, name: &str, set: &str, creates: bool) -> Result<Stack, Fault> {
    match (Stack::find(tx, name)?.filter(|stack| stack.deleted.is_none()), creates) {
        (Some(stack), true) if stack.status == "REVIEW_IN_PROGRESS" => Ok(stack),
        (Some(stack), true) => Err(refuse(format!(
            "Stack [{}] already exists and cannot be created again with the changeSet [{set}].",
            stack.name
        ))),
        (None, true) => Ok(Stack::new(tx, name, "REVIEW_IN_PROGRESS")),
        (Some(stack), false) => updatable(&stack).map(|()| stack),
        (None, false) => Err(refuse(format!("Stack [{name}] does not exist"))),
    }
}

/// CloudFormation looks for imported exports before anything else.
fn exports_exist(tx: &Tx<'_>, stack: &Stack, request: &Request) -> Result<(), Fault> {
    let environment = environment(tx, stack, request)?;
    let live = Live { tx, stack };
    let names = imports(&environment, &live, &request.processed)?;
    names.iter().try_for_each(|name| live.import(name).map(|_| ()))
}

fn required(tx: &Tx<'_>, call: &Call) -> Result<ChangeSet, Fault> {
    let name = call.required("ChangeSetName").map_err(|_| refuse("ChangeSetName is required"))?;
    let stack = call.text("StackName");
    if stack.is_empty() && !name.starts_with("arn:") {
        return Err(refuse(
            "StackName must be specified if ChangeSetName is not specified as an ARN.",
        ));
    }
    ChangeSet::find(tx, name, stack)?.ok_or_else(|| {
        Fault::new(404, "ChangeSetNotFound", format!("ChangeSet [{name}] does not exist"))
    })
}

pub(super) fn describe(tx: &Tx<'_>, call: &Call) -> Answer {
    let set = required(tx, call)?;
    let stack = Stack::required(tx, &set.stack)?;
    let parameters = super::describe::parameters(
        &set.request.processed,
        &set.request.original,
        &set.request.parameters,
    );
    Ok(Reply::ok(json!({
        "ChangeSetId": set.id, "ChangeSetName": set.name, "Description": set.description,
        "StackId": stack.id, "StackName": stack.name, "CreationTime": iso(set.created),
        "ChangeSetType": if set.creates { "CREATE" } else { "UPDATE" },
        "ExecutionStatus": set.execution, "Status": set.status, "StatusReason": set.reason,
        "Capabilities": set.request.capabilities, "Tags": set.request.tags, "NotificationARNs": [],
        "RollbackConfiguration": {}, "IncludeNestedStacks": false, "Parameters": parameters,
        "Changes": set.changes,
    })))
}

pub(super) fn list(tx: &Tx<'_>, call: &Call) -> Answer {
    let stack = Stack::required(tx, stack_name(call)?)?;
    let summaries: Vec<Value> = ChangeSet::of(tx, &stack)?
        .iter()
        .map(|set| {
            json!({
                "StackId": stack.id, "StackName": stack.name, "ChangeSetId": set.id, "ChangeSetName": set.name,
                "ExecutionStatus": set.execution, "Status": set.status, "StatusReason": set.reason,
                "CreationTime": iso(set.created), "Description": set.description, "IncludeNestedStacks": false,
            })
        })
        .collect();
    Ok(Reply::ok(json!({"Summaries": summaries})))
}

pub(super) fn delete(tx: &Tx<'_>, call: &Call) -> Answer {
    let found = match required(tx, call) {
        Err(fault) if fault.code == "ChangeSetNotFound" => None,
        other => Some(other?),
    };
    if let Some(set) = found {
        set.forget(tx)?;
    }
    Ok(Reply::ok(json!({})))
}

pub(super) fn execute(tx: &Tx<'_>, call: &Call) -> Answer {
    let mut set = required(tx, call)?;
    if set.execution != "AVAILABLE" {
        return Err(Fault::new(
            400,
            "InvalidChangeSetStatus",
            format!(
                "ChangeSet [{}] cannot be executed in its current status of [{}]",
                set.id, set.status
            ),
        ));
    }
    let mut stack = Stack::required(tx, &set.stack)?;
    set.request.disable_rollback |= call.flag("DisableRollback");
    stack.change_set = Some(set.id.clone());
    run(tx, &mut stack, &set.request, set.creates, "User Initiated")?;
    // AWS keeps what was executed, and no change set that the execution made out of date.
    for other in ChangeSet::of(tx, &stack)? {
        if other.id != set.id {
            other.forget(tx)?;
        }
    }
    "EXECUTE_COMPLETE".clone_into(&mut set.execution);
    set.save(tx)?;
    Ok(Reply::ok(json!({})))
}
