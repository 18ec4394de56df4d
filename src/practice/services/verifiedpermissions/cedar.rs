//! Cedar: schemas, policies and templates as the service takes them.

use std::collections::HashMap;

use cedar_policy::{
    ActionConstraint, Effect, EntityUid, Policy, PolicyId, PolicySet, PrincipalConstraint,
    ResourceConstraint, Schema, SlotId, Template, ValidationMode, Validator,
};
use serde_json::{Value, json};

use super::{invalid, not_found, policies, stores, templates};
use crate::practice::resource::Resource;
use crate::practice::store::Tx;
use crate::practice::wire::Fault;

/// An error of the crate with its causes, on one line.
fn words(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(cause) = source {
        text = format!("{text}: {cause}");
        source = cause.source();
    }
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// A schema in Cedar's JSON form, and its namespaces.
pub(super) fn schema(text: &str) -> Result<(Schema, Vec<String>), Fault> {
    let fault = |problem: String| invalid(format!("The schema is not valid: {problem}"));
    let value: Value = serde_json::from_str(text).map_err(|error| fault(error.to_string()))?;
    let namespaces: Vec<String> =
        value.as_object().map(|all| all.keys().cloned().collect()).unwrap_or_default();
    let schema = Schema::from_json_value(value).map_err(|error| fault(words(&error)))?;
    Ok((schema, namespaces))
}

/// An entity of the API: `{entityType, entityId}`.
pub(super) fn entity(value: &Value) -> Result<EntityUid, Fault> {
    uid(&value["entityType"], &value["entityId"])
}

/// An action of the API: `{actionType, actionId}`.
pub(super) fn action(value: &Value) -> Result<EntityUid, Fault> {
    uid(&value["actionType"], &value["actionId"])
}

fn uid(kind: &Value, id: &Value) -> Result<EntityUid, Fault> {
    let (Some(kind), Some(id)) = (kind.as_str(), id.as_str()) else {
        return Err(invalid("An entity needs a type and an id"));
    };
    if id.is_empty() {
        return Err(invalid("An entity's id must have at least one character"));
    }
    EntityUid::from_json(json!({"type": kind, "id": id}))
        .map_err(|_| invalid(format!("{kind} is not the name of an entity type")))
}

fn entity_json(uid: &EntityUid) -> Value {
    json!({"entityType": uid.type_name().to_string(), "entityId": uid.id().unescaped()})
}

fn action_json(uid: &EntityUid) -> Value {
    json!({"actionType": uid.type_name().to_string(), "actionId": uid.id().unescaped()})
}

/// A static policy's text.
pub(super) fn policy(id: &str, text: &str) -> Result<Policy, Fault> {
    Policy::parse(Some(PolicyId::new(id)), text)
        .map_err(|error| invalid(format!("The policy is not valid: {}", words(&error))))
}

/// A template's text.
pub(super) fn template(id: &str, text: &str) -> Result<Template, Fault> {
    Template::parse(Some(PolicyId::new(id)), text)
        .map_err(|error| invalid(format!("The policy template is not valid: {}", words(&error))))
}

/// What lists say of a policy: effect, and what its scope names.
pub(super) fn scope(policy: &Policy) -> Value {
    let mut view = json!({
        "effect": if policy.effect() == Effect::Permit { "Permit" } else { "Forbid" }});
    if let PrincipalConstraint::Eq(uid)
    | PrincipalConstraint::In(uid)
    | PrincipalConstraint::IsIn(_, uid) = policy.principal_constraint()
    {
        view["principal"] = entity_json(&uid);
    }
    if let ResourceConstraint::Eq(uid)
    | ResourceConstraint::In(uid)
    | ResourceConstraint::IsIn(_, uid) = policy.resource_constraint()
    {
        view["resource"] = entity_json(&uid);
    }
    match policy.action_constraint() {
        ActionConstraint::Any => {}
        ActionConstraint::Eq(uid) => view["actions"] = json!([action_json(&uid)]),
        ActionConstraint::In(uids) => view["actions"] = uids.iter().map(action_json).collect(),
    }
    view
}

/// Puts one of a store's policies into a set, and its template where it has one.
pub(super) fn add(tx: &Tx<'_>, set: &mut PolicySet, one: &Resource) -> Result<(), Fault> {
    let id = one.attribute("PolicyId");
    let fault = |error: cedar_policy::PolicySetError| invalid(words(&error));
    if let Some(text) = one.properties.pointer("/Definition/Static/Statement") {
        return set.add(policy(id, text.as_str().unwrap_or(""))?).map_err(fault);
    }
    let linked = one.properties.pointer("/Definition/TemplateLinked").unwrap_or(&Value::Null);
    let template_id = linked["PolicyTemplateId"].as_str().unwrap_or("");
    let kept = templates::find(tx, one.text("PolicyStoreId"), template_id)?;
    let key = PolicyId::new(template_id);
    if set.template(&key).is_none() {
        set.add_template(template(template_id, kept.text("Statement"))?).map_err(fault)?;
    }
    let mut slots = HashMap::new();
    for (slot, name) in [(SlotId::principal(), "Principal"), (SlotId::resource(), "Resource")] {
        if let Some(value) = linked.get(name).filter(|value| !value.is_null()) {
            slots.insert(slot, entity(&super::camel(value))?);
        }
    }
    set.link(key, PolicyId::new(id), slots).map_err(fault)
}

/// All policies of a store. One whose template is gone decides nothing.
pub(super) fn policy_set(tx: &Tx<'_>, store: &str) -> Result<PolicySet, Fault> {
    let mut set = PolicySet::new();
    for one in policies::of(tx, store)? {
        match add(tx, &mut set, &one) {
            Ok(()) => {}
            Err(fault) if fault.status < 500 => {}
            Err(fault) => return Err(fault),
        }
    }
    Ok(set)
}

/// Refuses what the store's schema doesn't allow, where the store validates.
pub(super) fn validate(store: &Resource, set: &PolicySet) -> Result<(), Fault> {
    if stores::mode(store) != "STRICT" {
        return Ok(());
    }
    let schema = match stores::schema_text(store) {
        Some(text) => schema(text)?.0,
        None => schema("{}")?.0,
    };
    let result = Validator::new(schema).validate(set, ValidationMode::Strict);
    if result.validation_passed() {
        return Ok(());
    }
    let problems: Vec<String> = result.validation_errors().map(|error| words(error)).collect();
    Err(invalid(format!("The policy does not fit the schema: {}", problems.join("; "))))
}

/// The store's policy in Cedar's own form, for lists.
pub(super) fn parsed(tx: &Tx<'_>, one: &Resource) -> Result<Policy, Fault> {
    let mut set = PolicySet::new();
    add(tx, &mut set, one)?;
    let id = PolicyId::new(one.attribute("PolicyId"));
    set.policy(&id).cloned().ok_or_else(|| not_found("policy", one.attribute("PolicyId")))
}
