//! Making a stack what a template says: create or replace, update, and at the end delete. All of it
//! happens inside one transaction; a failure is undone by the store, not by compensating calls.

use std::collections::BTreeSet;

use serde_json::{Map, Value};

use super::change::{Change, differences};
use super::live::{Live, check_exports, environment, imports};
use super::model::{Event, Member, Output, Request, Stack};
use crate::practice::registry;
use crate::practice::resource::{self, Desired, Updated};
use crate::practice::services::rds;
use crate::practice::store::Tx;
use crate::practice::template::evaluate::{Environment, Evaluator};
use crate::practice::template::functions::as_text;
use crate::practice::template::{refuse, validate};
use crate::practice::wire::Fault;

/// Why a deployment stopped.
#[derive(Debug)]
pub(super) struct Failure {
    /// The resource that failed; none for the stack's outputs.
    pub(super) logical: Option<String>,
    pub(super) reason: String,
}

/// A deployment on its way.
pub(super) struct Deployment<'t, 's> {
    tx: &'t Tx<'t>,
    stack: &'s mut Stack,
    template: &'s Value,
    environment: Environment,
    /// Goes on after failures, to see what would be done.
    rehearsal: bool,
    pub(super) changes: Vec<Change>,
    pub(super) events: Vec<Event>,
    /// Replaced and removed resources, deleted once the rest is made.
    leftovers: Vec<Member>,
}

impl<'t, 's> Deployment<'t, 's> {
    /// Gets ready to make `stack` what `request` asks for.
    pub(super) fn new(
        tx: &'t Tx<'t>,
        stack: &'s mut Stack,
        request: &'s Request,
        rehearsal: bool,
    ) -> Result<Self, Fault> {
        let environment = environment(tx, stack, request)?;
        Ok(Self {
            tx,
            stack,
            template: &request.processed,
            environment,
            rehearsal,
            changes: Vec::new(),
            events: Vec::new(),
            leftovers: Vec::new(),
        })
    }

    /// Creates, replaces and updates in the order of dependencies, then sets the outputs. Nothing
    /// is deleted yet.
    pub(super) fn make(&mut self) -> Result<Result<(), Failure>, Fault> {
        let resources = validate::resources(self.template)?;
        let needs = validate::dependencies(self.template)?;
        let mut made = BTreeSet::new();
        let order = validate::order(self.template)?;
        for logical in order.iter().cloned() {
            let body = &resources[&logical];
            if !self.environment.wants(body) {
                continue;
            }
            made.insert(logical.clone());
            let outcome = self.one(&logical, body, &needs[&logical]);
            if let Err(fault) = outcome {
                if fault.status >= 500 {
                    return Err(fault);
                }
                if !self.rehearsal {
                    return Ok(Err(Failure { logical: Some(logical), reason: reason(&fault) }));
                }
            }
        }
        // What is deleted later goes in the reverse of this order: a stage before its deployment.
        self.stack.members.sort_by_key(|member| {
            order.iter().position(|logical| *logical == member.logical).unwrap_or(usize::MAX)
        });
        let removed: Vec<Member> = self
            .stack
            .members
            .iter()
            .filter(|member| !made.contains(&member.logical))
            .cloned()
            .collect();
        for member in &removed {
            self.changes.push(Change {
                action: "Remove",
                logical: member.logical.clone(),
                kind: member.kind.clone(),
                physical: member.reference.clone(),
                replaced: None,
                details: Vec::new(),
            });
        }
        self.leftovers.extend(removed);
        match self.outputs() {
            Ok(()) => Ok(Ok(())),
            Err(fault) if fault.status >= 500 => Err(fault),
            Err(fault) => Ok(Err(Failure { logical: None, reason: fault.message })),
        }
    }

    fn event(&mut self, member: &Member, status: &str, reason: Option<&str>) {
        self.events.push(Event::new(
            self.tx,
            &member.logical,
            &member.reference,
            &member.kind,
            status,
            reason,
        ));
    }

    /// Brings one resource to where the template wants it.
    fn one(&mut self, logical: &str, body: &Value, needs: &BTreeSet<String>) -> Result<(), Fault> {
        let tx = self.tx;
        let kind = body["Type"].as_str().unwrap_or_default();
        let old = self.stack.member(logical).cloned();
        let mut member = Member {
            logical: logical.to_owned(),
            kind: kind.to_owned(),
            id: String::new(),
            reference: String::new(),
            properties: Value::Null,
            metadata: body.get("Metadata").cloned().unwrap_or_default(),
            retain: body.get("DeletionPolicy").is_some_and(|policy| policy == "Retain"),
            snapshot: match body.get("DeletionPolicy") {
                // A cluster that a template says nothing of is too dear to be just deleted.
                None => kind == rds::CLUSTER,
                Some(policy) => policy == "Snapshot",
            },
            needs: needs.clone(),
            status: String::new(),
            reason: None,
            changed: tx.now(),
        };
        match self.evaluate(body) {
            Ok(properties) => member.properties = properties,
            Err(fault) => {
                let verb = if old.is_some() { "UPDATE" } else { "CREATE" };
                self.note(old.as_ref(), &member);
                self.event(&member, &format!("{verb}_FAILED"), Some(&fault.message));
                return Err(fault);
            }
        }
        match old {
            None => self.create(member),
            Some(old) if old.kind != member.kind => Err(refuse(format!(
                "Update of resource type is not permitted. The new template modifies resource type of the following resources: [{logical}]"
            ))),
            Some(old) => self.update(old, member),
        }
    }

    fn evaluate(&self, body: &Value) -> Result<Value, Fault> {
        let live = Live { tx: self.tx, stack: self.stack };
        let none = Value::Object(Map::new());
        let properties = body.get("Properties").unwrap_or(&none);
        Ok(Evaluator::new(&self.environment, &live).value(properties)?.unwrap_or(none))
    }

    /// Notes the change for the change set.
    fn note(&mut self, old: Option<&Member>, new: &Member) {
        self.changes.push(Change {
            action: if old.is_some() { "Modify" } else { "Add" },
            logical: new.logical.clone(),
            kind: new.kind.clone(),
            physical: old.map(|old| old.reference.clone()).unwrap_or_default(),
            replaced: None,
            details: old.map(|old| differences(old, new)).unwrap_or_default(),
        });
    }

    fn create(&mut self, mut member: Member) -> Result<(), Fault> {
        self.note(None, &member);
        self.make_new(&mut member, "CREATE")?;
        self.stack.members.push(member);
        Ok(())
    }

    /// Has the provider make the resource.
    fn make_new(&mut self, member: &mut Member, verb: &str) -> Result<(), Fault> {
        let tx = self.tx;
        self.event(member, &format!("{verb}_IN_PROGRESS"), None);
        let stack = self.stack.name.clone();
        let desired = Desired {
            properties: &member.properties,
            stack: Some(&stack),
            logical: Some(&member.logical),
        };
        let made = provider(&member.kind)
            .and_then(|provider| tx.attempt(|| provider.create(tx, &desired)));
        match made {
            Ok(made) => {
                made.reference().clone_into(&mut member.reference);
                member.id = made.id;
                member.status = format!("{verb}_COMPLETE");
                self.event(
                    member,
                    &format!("{verb}_IN_PROGRESS"),
                    Some("Resource creation Initiated"),
                );
                self.event(member, &format!("{verb}_COMPLETE"), None);
                Ok(())
            }
            Err(fault) => {
                self.event(member, &format!("{verb}_FAILED"), Some(&reason(&fault)));
                Err(fault)
            }
        }
    }

    fn update(&mut self, old: Member, mut member: Member) -> Result<(), Fault> {
        let tx = self.tx;
        member.id.clone_from(&old.id);
        member.reference.clone_from(&old.reference);
        if old.properties == member.properties {
            let same = old.metadata == member.metadata;
            if !same {
                self.note(Some(&old), &member);
                self.last_change().replaced = Some(false);
            }
            member.status = if same { old.status } else { "UPDATE_COMPLETE".to_owned() };
            member.changed = if same { old.changed } else { member.changed };
            self.replace_member(member);
            return Ok(());
        }
        self.note(Some(&old), &member);
        self.event(&member, "UPDATE_IN_PROGRESS", None);
        let updated = self.update_in_place(&old, &member);
        match updated {
            Ok(Updated::InPlace) => {
                self.last_change().replaced = Some(false);
                "UPDATE_COMPLETE".clone_into(&mut member.status);
                if let Some(changed) = resource::get(tx, &member.kind, &member.id)? {
                    changed.reference().clone_into(&mut member.reference);
                }
                self.event(&member, "UPDATE_COMPLETE", None);
            }
            Ok(Updated::Replace) => {
                self.last_change().replaced = Some(true);
                self.event(&member, "UPDATE_IN_PROGRESS", Some("Requested update requires the creation of a new physical resource; hence creating one."));
                self.make_new(&mut member, "UPDATE")?;
                if member.id != old.id {
                    self.leftovers.push(old);
                }
            }
            Err(fault) => {
                self.event(&member, "UPDATE_FAILED", Some(&reason(&fault)));
                return Err(fault);
            }
        }
        self.replace_member(member);
        Ok(())
    }

    fn update_in_place(&self, old: &Member, member: &Member) -> Result<Updated, Fault> {
        let tx = self.tx;
        let provider = provider(&member.kind)?;
        let Some(existing) = resource::get(tx, &old.kind, &old.id)? else {
            return Err(Fault::new(
                400,
                "NotFound",
                format!(
                    "{} {} does not exist: it was deleted outside of CloudFormation",
                    old.kind, old.reference
                ),
            ));
        };
        let desired = Desired {
            properties: &member.properties,
            stack: Some(&self.stack.name),
            logical: Some(&member.logical),
        };
        tx.attempt(|| provider.update(tx, &existing, &desired))
    }

    fn last_change(&mut self) -> &mut Change {
        let last = self.changes.len() - 1;
        &mut self.changes[last]
    }

    fn replace_member(&mut self, member: Member) {
        if let Some(place) = self.stack.members.iter_mut().find(|old| old.logical == member.logical)
        {
            *place = member;
        }
    }

    /// Evaluates the outputs and imports, and checks that exports are unique and that none in use
    /// changes.
    fn outputs(&mut self) -> Result<(), Fault> {
        let tx = self.tx;
        let live = Live { tx, stack: self.stack };
        let evaluator = Evaluator::new(&self.environment, &live);
        let mut outputs = Vec::new();
        for (key, body) in self.template["Outputs"].as_object().into_iter().flatten() {
            if !self.environment.wants(body) {
                continue;
            }
            let value = evaluator.value(&body["Value"])?.and_then(|value| as_text(&value)).ok_or_else(|| {
                refuse(format!("Template format error: Output {key} is malformed. The Value field of every Outputs member must evaluate to a String."))
            })?;
            let export = body.get("Export").and_then(|export| export.get("Name"));
            let export = export.map(|name| evaluator.text(name, "Export")).transpose()?;
            outputs.push(Output {
                key: key.clone(),
                value,
                description: body.get("Description").and_then(Value::as_str).map(str::to_owned),
                export,
            });
        }
        let imports = imports(&self.environment, &live, self.template)?;
        check_exports(tx, self.stack, &outputs)?;
        self.stack.outputs = outputs;
        self.stack.imports = imports;
        Ok(())
    }

    /// Deletes what was replaced and what the template has no more. A resource that refuses stays
    /// behind: the update is complete nevertheless, as on AWS.
    pub(super) fn clean_up(&mut self) -> Result<(), Fault> {
        for member in std::mem::take(&mut self.leftovers).into_iter().rev() {
            let replaced =
                self.stack.member(&member.logical).is_some_and(|kept| kept.id != member.id);
            if !replaced {
                self.stack.members.retain(|kept| kept.logical != member.logical);
            }
            if member.retain {
                self.event(&member, "DELETE_SKIPPED", None);
                continue;
            }
            self.event(&member, "DELETE_IN_PROGRESS", None);
            match delete(self.tx, &member) {
                Ok(()) => self.event(&member, "DELETE_COMPLETE", None),
                Err(fault) if fault.status >= 500 => return Err(fault),
                Err(fault) => self.event(&member, "DELETE_FAILED", Some(&reason(&fault))),
            }
        }
        Ok(())
    }

    /// Whether anything would be deleted.
    pub(super) fn has_leftovers(&self) -> bool {
        !self.leftovers.is_empty()
    }
}

fn provider(kind: &str) -> Result<&'static dyn resource::Provider, Fault> {
    registry::provider(kind).ok_or_else(|| {
        refuse(format!("Template format error: Unrecognized resource types: [{kind}]"))
    })
}

/// Deletes a resource through its provider.
pub(super) fn delete(tx: &Tx<'_>, member: &Member) -> Result<(), Fault> {
    let provider = provider(&member.kind)?;
    match resource::get(tx, &member.kind, &member.id)? {
        Some(existing) => tx.attempt(|| {
            if member.snapshot && member.kind == rds::CLUSTER {
                rds::final_snapshot(tx, &existing)?;
            }
            provider.delete(tx, &existing)
        }),
        None => Ok(()),
    }
}

/// A resource's fault as a stack event words it.
pub(super) fn reason(fault: &Fault) -> String {
    if fault.code == "ValidationError" {
        return fault.message.clone();
    }
    format!(
        "Resource handler returned message: \"{}\" (HandlerErrorCode: {})",
        fault.message, fault.code
    )
}
