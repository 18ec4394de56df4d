//! Deleting stacks.

use std::collections::BTreeSet;

use serde_json::Value;

use super::engine::{delete, reason};
use super::live::users;
use super::model::{ChangeSet, Event, Member, Stack, record};
use super::operations::stack_name;
use crate::practice::store::Tx;
use crate::practice::template::refuse;
use crate::practice::wire::{Answer, Call, Fault, Reply};

pub(super) fn delete_stack(tx: &Tx<'_>, call: &Call) -> Answer {
    let name = stack_name(call)?;
    let found = Stack::find(tx, name)?.filter(|stack| stack.deleted.is_none());
    if let Some(mut stack) = found {
        let retain: BTreeSet<String> = call.texts("RetainResources").into_iter().collect();
        if !retain.is_empty() && stack.status != "DELETE_FAILED" {
            return Err(refuse(
                "Invalid operation on stack: specify which resources to retain only when the stack is in the DELETE_FAILED state.",
            ));
        }
        remove(tx, &mut stack, &retain)?;
    }
    Ok(Reply::ok(Value::Null))
}

/// Deletes the stack, or says why it stays.
pub(super) fn remove(
    tx: &Tx<'_>,
    stack: &mut Stack,
    retain: &BTreeSet<String>,
) -> Result<(), Fault> {
    stack.turn(tx, "DELETE_IN_PROGRESS", Some("User Initiated"))?;
    if let Some(why) = exports_in_use(tx, stack)? {
        stack.turn(tx, "DELETE_FAILED", Some(&why))?;
        return stack.save(tx);
    }
    let failed = remove_members(tx, stack, retain)?;
    if failed.is_empty() {
        stack.turn(tx, "DELETE_COMPLETE", None)?;
        stack.deleted = Some(tx.now());
        for change_set in ChangeSet::of(tx, stack)? {
            change_set.forget(tx)?;
        }
    } else {
        let why = format!("The following resource(s) failed to delete: [{}]. ", failed.join(", "));
        stack.turn(tx, "DELETE_FAILED", Some(&why))?;
    }
    stack.save(tx)
}

fn exports_in_use(tx: &Tx<'_>, stack: &Stack) -> Result<Option<String>, Fault> {
    let all = Stack::all(tx)?;
    Ok(stack.outputs.iter().filter_map(|output| output.export.as_deref()).find_map(|export| {
        let users: Vec<_> =
            users(&all, export).into_iter().filter(|user| *user != stack.name).collect();
        (!users.is_empty()).then(|| {
            format!("Export {export} cannot be deleted as it is in use by {}", users.join(" and "))
        })
    }))
}

/// Deletes the resources, last made first; logical ids of those that refuse. What such a resource
/// rests on stays as well.
fn remove_members(
    tx: &Tx<'_>,
    stack: &mut Stack,
    retain: &BTreeSet<String>,
) -> Result<Vec<String>, Fault> {
    let mut failed = Vec::new();
    let mut needed: BTreeSet<String> = BTreeSet::new();
    let mut kept = Vec::new();
    let mut events = Vec::new();
    let event = |member: &Member, status: &str, why: Option<&str>| {
        Event::new(tx, &member.logical, &member.reference, &member.kind, status, why)
    };
    for mut member in std::mem::take(&mut stack.members).into_iter().rev() {
        if needed.contains(&member.logical) {
            needed.extend(member.needs.iter().cloned());
            kept.push(member);
            continue;
        }
        if member.retain || retain.contains(&member.logical) {
            events.push(event(&member, "DELETE_SKIPPED", None));
            stack.removed.push(turned(tx, member, "DELETE_SKIPPED"));
            continue;
        }
        events.push(event(&member, "DELETE_IN_PROGRESS", None));
        match delete(tx, &member) {
            Ok(()) => {
                events.push(event(&member, "DELETE_COMPLETE", None));
                stack.removed.push(turned(tx, member, "DELETE_COMPLETE"));
            }
            Err(fault) if fault.status >= 500 => return Err(fault),
            Err(fault) => {
                let why = reason(&fault);
                events.push(event(&member, "DELETE_FAILED", Some(&why)));
                member.reason = Some(why);
                failed.push(member.logical.clone());
                needed.extend(member.needs.iter().cloned());
                kept.push(turned(tx, member, "DELETE_FAILED"));
            }
        }
    }
    kept.reverse();
    stack.members = kept;
    record(tx, stack, events)?;
    Ok(failed)
}

/// The resource with another status.
fn turned(tx: &Tx<'_>, member: Member, status: &str) -> Member {
    Member { status: status.to_owned(), changed: tx.now(), ..member }
}
