//! Creating, updating and deleting stacks.

use std::collections::BTreeSet;

use serde_json::json;

use super::change::Change;
use super::engine::{Deployment, Failure};
use super::model::{Event, Request, Stack, record};
use super::removal::remove;
use super::request::{insufficient, prepare};
use crate::practice::store::Tx;
use crate::practice::template::{refuse, sam};
use crate::practice::wire::{Answer, Call, Fault, Reply};

/// Statuses in which a stack can be updated.
const UPDATABLE: [&str; 5] = [
    "CREATE_COMPLETE",
    "UPDATE_COMPLETE",
    "UPDATE_ROLLBACK_COMPLETE",
    "UPDATE_FAILED",
    "CREATE_FAILED",
];

pub(super) fn create_stack(tx: &Tx<'_>, call: &Call) -> Answer {
    let name = stack_name(call)?;
    if Stack::find(tx, name)?.is_some() {
        return Err(Fault::new(
            400,
            "AlreadyExistsException",
            format!("Stack [{name}] already exists"),
        ));
    }
    let prepared = prepare(tx, call, None)?;
    expandable(&prepared.request)?;
    if let Some(fault) = prepared.fault {
        return Err(fault);
    }
    let mut stack = Stack::new(tx, name, "CREATE_IN_PROGRESS");
    stack.save(tx)?;
    run(tx, &mut stack, &prepared.request, true, "User Initiated")?;
    if stack.status == "ROLLBACK_COMPLETE" && call.text("OnFailure") == "DELETE" {
        remove(tx, &mut stack, &BTreeSet::new())?;
    }
    Ok(Reply::ok(json!({"StackId": stack.id})))
}

pub(super) fn update_stack(tx: &Tx<'_>, call: &Call) -> Answer {
    let name = stack_name(call)?;
    let Some(mut stack) = Stack::find(tx, name)?.filter(|stack| stack.deleted.is_none()) else {
        return Err(refuse(format!("Stack [{name}] does not exist")));
    };
    updatable(&stack)?;
    let mut prepared = prepare(tx, call, Some(&stack))?;
    expandable(&prepared.request)?;
    if let Some(fault) = prepared.fault {
        return Err(fault);
    }
    keep_tags(call, &stack, &mut prepared.request);
    if rehearse(tx, &stack, &prepared.request)?.is_none() {
        return Err(refuse("No updates are to be performed."));
    }
    run(tx, &mut stack, &prepared.request, false, "User Initiated")?;
    Ok(Reply::ok(json!({"StackId": stack.id})))
}

/// Tags that a call doesn't mention stay.
pub(super) fn keep_tags(call: &Call, stack: &Stack, request: &mut Request) {
    if call.input.get("Tags").is_none() {
        request.tags.clone_from(&stack.tags);
    }
}

/// A transform needs to be acknowledged where no change set shows what comes of it.
fn expandable(request: &Request) -> Result<(), Fault> {
    let template = super::request::read(&request.original)?;
    let acknowledged = request.capabilities.iter().any(|given| given == "CAPABILITY_AUTO_EXPAND");
    if sam::is_asked_for(&template)? && !acknowledged {
        return Err(insufficient("CAPABILITY_AUTO_EXPAND"));
    }
    Ok(())
}

/// Refuses a stack whose status allows no update.
pub(super) fn updatable(stack: &Stack) -> Result<(), Fault> {
    if UPDATABLE.contains(&stack.status.as_str()) {
        return Ok(());
    }
    Err(refuse(format!("Stack:{} is in {} state and can not be updated.", stack.id, stack.status)))
}

/// The call's stack name, as CloudFormation allows it.
pub(super) fn stack_name(call: &Call) -> Result<&str, Fault> {
    let name = call.required("StackName").map_err(|_| {
        refuse("1 validation error detected: Value null at 'stackName' failed to satisfy constraint: Member must not be null")
    })?;
    let is_arn = name.starts_with("arn:");
    let is_name = name.len() <= 128
        && name.starts_with(|first: char| first.is_ascii_alphabetic())
        && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-');
    if is_arn || is_name {
        return Ok(name);
    }
    Err(refuse(format!(
        "1 validation error detected: Value '{name}' at 'stackName' failed to satisfy constraint: Member must satisfy regular expression pattern: [a-zA-Z][-a-zA-Z0-9]*|arn:[-a-zA-Z0-9:/._+]*"
    )))
}

/// What a deployment would change; none if nothing. The store is as before afterwards.
pub(super) fn rehearse(
    tx: &Tx<'_>,
    stack: &Stack,
    request: &Request,
) -> Result<Option<Vec<Change>>, Fault> {
    tx.rehearse(|| {
        let mut copy = stack.clone();
        let mut deployment = Deployment::new(tx, &mut copy, request, true)?;
        let outcome = deployment.make()?;
        let changes = std::mem::take(&mut deployment.changes);
        let same = outcome.is_ok()
            && changes.is_empty()
            && copy.outputs == stack.outputs
            && request.tags == stack.tags
            && !stack.processed.is_null();
        Ok((!same).then_some(changes))
    })
}

/// Deploys, or rolls back. The stack is saved in either case.
pub(super) fn run(
    tx: &Tx<'_>,
    stack: &mut Stack,
    request: &Request,
    creates: bool,
    initiated: &str,
) -> Result<(), Fault> {
    let verb = if creates { "CREATE" } else { "UPDATE" };
    stack.turn(tx, &format!("{verb}_IN_PROGRESS"), Some(initiated))?;
    if !creates {
        stack.updated = Some(tx.now());
    }
    let before = stack.clone();
    let mut failed = None;
    let outcome = tx.attempt(|| {
        let mut deployment = Deployment::new(tx, stack, request, false)?;
        let made = deployment.make()?;
        let cleaning = made.is_ok() && !creates && deployment.has_leftovers();
        let events = std::mem::take(&mut deployment.events);
        if let Err(failure) = made {
            let changes = std::mem::take(&mut deployment.changes);
            let undone = refuse(failure.reason.clone());
            if request.disable_rollback {
                record(tx, &before, events)?;
                failed = Some((failure, Vec::new(), changes));
                return Ok(());
            }
            failed = Some((failure, events, changes));
            return Err(undone);
        }
        let mut events = events;
        if cleaning {
            events.push(Event::new(
                tx,
                &before.name,
                &before.id,
                "AWS::CloudFormation::Stack",
                "UPDATE_COMPLETE_CLEANUP_IN_PROGRESS",
                None,
            ));
            deployment.clean_up()?;
            events.append(&mut deployment.events);
        }
        record(tx, &before, events)
    });
    match (outcome, failed) {
        (_, Some((failure, events, changes))) => {
            fail(tx, stack, &before, request, creates, &failure, events, &changes)
        }
        (Err(fault), None) if fault.status >= 500 => Err(fault),
        (Err(fault), None) => {
            let failure = Failure { logical: None, reason: fault.message };
            fail(tx, stack, &before, request, creates, &failure, Vec::new(), &[])
        }
        (Ok(()), None) => {
            adopt(stack, request);
            stack.turn(tx, &format!("{verb}_COMPLETE"), None)?;
            stack.save(tx)
        }
    }
}

/// The stack is now what the request asks for.
fn adopt(stack: &mut Stack, request: &Request) {
    stack.original.clone_from(&request.original);
    stack.processed.clone_from(&request.processed);
    stack.parameters.clone_from(&request.parameters);
    stack.tags.clone_from(&request.tags);
    stack.capabilities.clone_from(&request.capabilities);
    stack.role.clone_from(&request.role);
    stack.disable_rollback = request.disable_rollback;
}

/// Says what failed, and that everything is as it was.
#[expect(clippy::too_many_arguments, reason = "one call, beside the deployment it ends")]
fn fail(
    tx: &Tx<'_>,
    stack: &mut Stack,
    before: &Stack,
    request: &Request,
    creates: bool,
    failure: &Failure,
    events: Vec<Event>,
    changes: &[Change],
) -> Result<(), Fault> {
    let verb = if creates { "create" } else { "update" };
    let why = failure.logical.as_ref().map_or_else(
        || failure.reason.clone(),
        |logical| format!("The following resource(s) failed to {verb}: [{logical}]."),
    );
    if request.disable_rollback {
        adopt(stack, request);
        stack.turn(tx, &format!("{}_FAILED", verb.to_uppercase()), Some(&why))?;
        return stack.save(tx);
    }
    *stack = before.clone();
    record(tx, stack, events)?;
    let (started, ended) = if creates {
        adopt(stack, request);
        ("ROLLBACK_IN_PROGRESS", "ROLLBACK_COMPLETE")
    } else {
        ("UPDATE_ROLLBACK_IN_PROGRESS", "UPDATE_ROLLBACK_COMPLETE")
    };
    let why = if creates { format!("{why} Rollback requested by user.") } else { why };
    stack.turn(tx, started, Some(&why))?;
    let undone = changes.iter().rev().filter_map(|change| {
        let status = match change.action {
            "Add" => "DELETE_COMPLETE",
            "Modify" => "UPDATE_COMPLETE",
            _ => return None,
        };
        Some(Event::new(tx, &change.logical, &change.physical, &change.kind, status, None))
    });
    record(tx, stack, undone.collect())?;
    if !creates {
        stack.turn(tx, "UPDATE_ROLLBACK_COMPLETE_CLEANUP_IN_PROGRESS", None)?;
    }
    stack.turn(tx, ended, None)?;
    stack.reason = Some(why);
    stack.save(tx)
}
