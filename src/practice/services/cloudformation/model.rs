//! Stacks, their resources, events and change sets, as they are kept.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::practice::random;
use crate::practice::store::Tx;
use crate::practice::template::refuse;
use crate::practice::wire::{Fault, iso};

const STACKS: &str = "cloudformation:stack";
const EVENTS: &str = "cloudformation:events";
const CHANGE_SETS: &str = "cloudformation:change-set";

/// A stack; a deleted one is kept under its id.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Stack {
    pub(super) id: String,
    pub(super) name: String,
    pub(super) status: String,
    pub(super) reason: Option<String>,
    pub(super) created: Timestamp,
    pub(super) updated: Option<Timestamp>,
    pub(super) deleted: Option<Timestamp>,
    /// The template as it was sent.
    pub(super) original: String,
    /// The template after its transform.
    pub(super) processed: Value,
    pub(super) parameters: BTreeMap<String, String>,
    pub(super) tags: Vec<Value>,
    pub(super) capabilities: Vec<String>,
    pub(super) role: Option<String>,
    pub(super) disable_rollback: bool,
    pub(super) outputs: Vec<Output>,
    /// In the order in which they were made.
    pub(super) members: Vec<Member>,
    /// What its deletion removed, or left where it is.
    #[serde(default)]
    pub(super) removed: Vec<Member>,
    /// Names of other stacks' exports in use.
    pub(super) imports: BTreeSet<String>,
    /// The change set that was executed last.
    pub(super) change_set: Option<String>,
}

/// When a stack was made and changed: read without its templates and resources.
#[derive(Debug, Deserialize)]
pub(super) struct Dates {
    created: Timestamp,
    updated: Option<Timestamp>,
    deleted: Option<Timestamp>,
}

impl Dates {
    /// Id and dates of the stack with this name; of none that is deleted.
    pub(super) fn find(tx: &Tx<'_>, name: &str) -> Result<Option<(String, Self)>, Fault> {
        // An id ends in the stack's name and a number of its own.
        let named = |id: &String| id.rsplit('/').nth(1) == Some(name);
        for id in tx.ids(STACKS)?.into_iter().filter(named) {
            if let Some(dates) = tx.get::<Self>(STACKS, &id)?.filter(|one| one.deleted.is_none()) {
                return Ok(Some((id, dates)));
            }
        }
        Ok(None)
    }

    /// When the stack was last deployed.
    pub(super) fn deployed(&self) -> Timestamp {
        self.updated.unwrap_or(self.created)
    }
}

/// A resource of a stack.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Member {
    pub(super) logical: String,
    pub(super) kind: String,
    /// Key of the resource's document.
    pub(super) id: String,
    /// Physical id: what `Ref` gives.
    pub(super) reference: String,
    /// As last deployed, intrinsics resolved.
    pub(super) properties: Value,
    pub(super) metadata: Value,
    pub(super) retain: bool,
    /// A snapshot is taken before it is deleted.
    #[serde(default)]
    pub(super) snapshot: bool,
    /// Logical ids of what it rests on.
    pub(super) needs: BTreeSet<String>,
    pub(super) status: String,
    pub(super) reason: Option<String>,
    pub(super) changed: Timestamp,
}

/// An output of a stack.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Output {
    pub(super) key: String,
    pub(super) value: String,
    pub(super) description: Option<String>,
    pub(super) export: Option<String>,
}

/// What happened to a stack or one of its resources.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Event {
    id: String,
    logical: String,
    physical: String,
    kind: String,
    status: String,
    reason: Option<String>,
    time: Timestamp,
}

/// A change set.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct ChangeSet {
    pub(super) id: String,
    pub(super) name: String,
    pub(super) stack: String,
    pub(super) description: Option<String>,
    pub(super) creates: bool,
    pub(super) status: String,
    pub(super) reason: Option<String>,
    pub(super) execution: String,
    pub(super) created: Timestamp,
    pub(super) changes: Vec<Value>,
    pub(super) request: Request,
}

/// What a deployment asks for, kept so that a change set can be executed later.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub(super) struct Request {
    pub(super) original: String,
    pub(super) processed: Value,
    pub(super) parameters: BTreeMap<String, String>,
    pub(super) tags: Vec<Value>,
    pub(super) capabilities: Vec<String>,
    pub(super) role: Option<String>,
    pub(super) disable_rollback: bool,
}

impl Stack {
    /// A stack that has nothing yet.
    pub(super) fn new(tx: &Tx<'_>, name: &str, status: &str) -> Self {
        Self {
            id: tx.arn("cloudformation", &format!("stack/{name}/{}", random::uuid())),
            name: name.to_owned(),
            status: status.to_owned(),
            reason: None,
            created: tx.now(),
            updated: None,
            deleted: None,
            original: String::new(),
            processed: Value::Null,
            parameters: BTreeMap::new(),
            tags: Vec::new(),
            capabilities: Vec::new(),
            role: None,
            disable_rollback: false,
            outputs: Vec::new(),
            members: Vec::new(),
            removed: Vec::new(),
            imports: BTreeSet::new(),
            change_set: None,
        }
    }

    /// The stack with this name or id; a deleted one only by its id.
    pub(super) fn find(tx: &Tx<'_>, name: &str) -> Result<Option<Self>, Fault> {
        if name.starts_with("arn:") {
            return tx.get(STACKS, name);
        }
        Dates::find(tx, name)?.map_or(Ok(None), |(id, _)| tx.get(STACKS, &id))
    }

    /// The stack, or the fault that the API answers.
    pub(super) fn required(tx: &Tx<'_>, name: &str) -> Result<Self, Fault> {
        Self::find(tx, name)?.ok_or_else(|| refuse(format!("Stack with id {name} does not exist")))
    }

    /// All stacks, oldest first.
    pub(super) fn all(tx: &Tx<'_>) -> Result<Vec<Self>, Fault> {
        Ok(tx.list(STACKS)?.into_iter().map(|(_, stack)| stack).collect())
    }

    pub(super) fn save(&self, tx: &Tx<'_>) -> Result<(), Fault> {
        tx.put(STACKS, &self.id, self)
    }

    /// Sets status and reason, and writes the event.
    pub(super) fn turn(
        &mut self,
        tx: &Tx<'_>,
        status: &str,
        reason: Option<&str>,
    ) -> Result<(), Fault> {
        status.clone_into(&mut self.status);
        self.reason = reason.map(str::to_owned);
        let event =
            Event::new(tx, &self.name, &self.id, "AWS::CloudFormation::Stack", status, reason);
        record(tx, self, vec![event])
    }

    pub(super) fn member(&self, logical: &str) -> Option<&Member> {
        self.members.iter().find(|member| member.logical == logical)
    }
}

impl Event {
    pub(super) fn new(
        tx: &Tx<'_>,
        logical: &str,
        physical: &str,
        kind: &str,
        status: &str,
        reason: Option<&str>,
    ) -> Self {
        Self {
            id: random::uuid(),
            logical: logical.to_owned(),
            physical: physical.to_owned(),
            kind: kind.to_owned(),
            status: status.to_owned(),
            reason: reason.map(str::to_owned),
            time: tx.now(),
        }
    }

    pub(super) fn members(&self, stack: &Stack) -> Value {
        json!({
            "StackId": stack.id, "StackName": stack.name, "EventId": self.id,
            "LogicalResourceId": self.logical, "PhysicalResourceId": self.physical,
            "ResourceType": self.kind, "Timestamp": iso(self.time),
            "ResourceStatus": self.status, "ResourceStatusReason": self.reason,
        })
    }
}

/// Appends events of the stack.
pub(super) fn record(tx: &Tx<'_>, stack: &Stack, new: Vec<Event>) -> Result<(), Fault> {
    let mut all = events(tx, stack)?;
    all.extend(new);
    tx.put(EVENTS, &stack.id, &all)
}

/// The stack's events, oldest first.
pub(super) fn events(tx: &Tx<'_>, stack: &Stack) -> Result<Vec<Event>, Fault> {
    Ok(tx.get(EVENTS, &stack.id)?.unwrap_or_default())
}

impl ChangeSet {
    /// The change set with this id, or this name in that stack.
    pub(super) fn find(tx: &Tx<'_>, name: &str, stack: &str) -> Result<Option<Self>, Fault> {
        if name.starts_with("arn:") {
            return tx.get(CHANGE_SETS, name);
        }
        let Some(stack) = Stack::find(tx, stack)? else {
            return Err(refuse(format!("Stack [{stack}] does not exist")));
        };
        Ok(Self::of(tx, &stack)?.into_iter().find(|change_set| change_set.name == name))
    }

    /// The stack's change sets, oldest first.
    pub(super) fn of(tx: &Tx<'_>, stack: &Stack) -> Result<Vec<Self>, Fault> {
        let all: Vec<(String, Self)> = tx.list(CHANGE_SETS)?;
        Ok(all.into_iter().map(|(_, one)| one).filter(|one| one.stack == stack.id).collect())
    }

    pub(super) fn save(&self, tx: &Tx<'_>) -> Result<(), Fault> {
        tx.put(CHANGE_SETS, &self.id, self)
    }

    pub(super) fn forget(&self, tx: &Tx<'_>) -> Result<(), Fault> {
        tx.delete(CHANGE_SETS, &self.id).map(|_| ())
    }
}
