//! Policy stores and their schema.

use serde_json::{Value, json};

use super::{
    cedar, dated, invalid, merge, new_id, not_found, page, pascal, policies, sources, templates,
};
use crate::practice::resource::{self, Desired, Provider, Resource, Updated};
use crate::practice::store::Tx;
use crate::practice::wire::{Answer, Call, Fault, Reply, iso};

pub(super) const STORE: &str = "AWS::VerifiedPermissions::PolicyStore";

/// `AWS::VerifiedPermissions::PolicyStore`.
#[derive(Debug)]
pub struct PolicyStore;

/// The store of that id.
pub(super) fn find(tx: &Tx<'_>, id: &str) -> Result<Resource, Fault> {
    resource::get(tx, STORE, id)?.ok_or_else(|| not_found("policy store", id))
}

/// The store that a call names.
pub(super) fn of(tx: &Tx<'_>, call: &Call) -> Result<Resource, Fault> {
    find(tx, call.required("policyStoreId")?)
}

/// `OFF` or `STRICT`.
pub(super) fn mode(store: &Resource) -> &str {
    store.properties.pointer("/ValidationSettings/Mode").and_then(Value::as_str).unwrap_or("OFF")
}

/// The schema in Cedar's JSON form; none where there is none.
pub(super) fn schema_text(store: &Resource) -> Option<&str> {
    store.properties.pointer("/Schema/CedarJson").and_then(Value::as_str)
}

fn is_protected(store: &Resource) -> bool {
    store.properties.pointer("/DeletionProtection/Mode").is_some_and(|mode| mode == "ENABLED")
}

fn check(properties: &Value) -> Result<(), Fault> {
    let mode = properties.pointer("/ValidationSettings/Mode").and_then(Value::as_str);
    if !matches!(mode, Some("OFF" | "STRICT")) {
        return Err(invalid("validationSettings needs a mode: OFF or STRICT"));
    }
    if let Some(text) = properties.pointer("/Schema/CedarJson").and_then(Value::as_str) {
        cedar::schema(text)?;
    }
    Ok(())
}

impl Provider for PolicyStore {
    fn kind(&self) -> &'static str {
        STORE
    }

    fn create(&self, tx: &Tx<'_>, desired: &Desired<'_>) -> Result<Resource, Fault> {
        check(desired.properties)?;
        let id = new_id();
        // Policy stores have a region, their ARNs have none.
        let arn = format!("arn:aws:verifiedpermissions::{}:policy-store/{id}", tx.scope().account);
        let mut made = Resource::new(tx, STORE, id.clone(), desired)
            .with("Arn", arn)
            .with("PolicyStoreId", id);
        if schema_text(&made).is_some() {
            made = made.with("SchemaCreated", iso(tx.now())).with("SchemaChanged", iso(tx.now()));
        }
        resource::put(tx, &made)?;
        Ok(made)
    }

    fn update(&self, tx: &Tx<'_>, old: &Resource, desired: &Desired<'_>) -> Result<Updated, Fault> {
        check(desired.properties)?;
        let mut next = old.changed_to(tx, desired);
        if schema_text(&next) != schema_text(old) {
            if old.attribute("SchemaCreated").is_empty() {
                next = next.with("SchemaCreated", iso(tx.now()));
            }
            next = next.with("SchemaChanged", iso(tx.now()));
        }
        resource::put(tx, &next)?;
        Ok(Updated::InPlace)
    }

    fn delete(&self, tx: &Tx<'_>, old: &Resource) -> Result<(), Fault> {
        if is_protected(old) {
            return Err(Fault::new(
                400,
                "InvalidStateException",
                "Deletion protection is enabled: the policy store can't be deleted",
            ));
        }
        for kind in [policies::POLICY, templates::TEMPLATE, sources::SOURCE] {
            for one in resource::all(tx, kind)? {
                if one.text("PolicyStoreId") == old.id {
                    resource::forget(tx, &one)?;
                }
            }
        }
        resource::forget(tx, old)
    }
}

fn summary(store: &Resource) -> Value {
    let mut view = dated(store);
    merge(
        &mut view,
        json!({"policyStoreId": store.id, "arn": store.attribute("Arn"),
            "description": store.properties.get("Description")}),
    );
    view
}

fn named(store: &Resource) -> Value {
    let mut view = dated(store);
    merge(&mut view, json!({"policyStoreId": store.id, "arn": store.attribute("Arn")}));
    view
}

pub(super) fn create(tx: &Tx<'_>, call: &Call) -> Answer {
    let mut properties = pascal(&call.input);
    if let Some(protection) = call.input.get("deletionProtection") {
        properties["DeletionProtection"] = json!({"Mode": protection});
    }
    let desired = Desired { properties: &properties, stack: None, logical: None };
    Ok(Reply::ok(named(&PolicyStore.create(tx, &desired)?)))
}

pub(super) fn get(tx: &Tx<'_>, call: &Call) -> Answer {
    let store = of(tx, call)?;
    let mut view = summary(&store);
    merge(
        &mut view,
        json!({"validationSettings": {"mode": mode(&store)}, "cedarVersion": "CEDAR_4",
            "encryptionState": {"default": {}},
            "deletionProtection": if is_protected(&store) { "ENABLED" } else { "DISABLED" }}),
    );
    Ok(Reply::ok(view))
}

pub(super) fn list(tx: &Tx<'_>, call: &Call) -> Answer {
    let all: Vec<Value> = resource::all(tx, STORE)?.iter().map(summary).collect();
    page(call, "policyStores", &all, 50)
}

/// Writes a store with other properties.
fn rewrite(tx: &Tx<'_>, old: &Resource, properties: &Value) -> Result<Resource, Fault> {
    let stack = old.stack.as_deref();
    let desired = Desired { properties, stack, logical: old.logical.as_deref() };
    let _ = PolicyStore.update(tx, old, &desired)?;
    find(tx, &old.id)
}

pub(super) fn update(tx: &Tx<'_>, call: &Call) -> Answer {
    let old = of(tx, call)?;
    let mut properties = old.properties.clone();
    merge(
        &mut properties,
        json!({"ValidationSettings": pascal(&call.input["validationSettings"]),
            "Description": call.input.get("description")}),
    );
    if let Some(protection) = call.input.get("deletionProtection") {
        properties["DeletionProtection"] = json!({"Mode": protection});
    }
    Ok(Reply::ok(named(&rewrite(tx, &old, &properties)?)))
}

/// Deleting what isn't there is no fault.
pub(super) fn delete(tx: &Tx<'_>, call: &Call) -> Answer {
    if let Some(store) = resource::get(tx, STORE, call.required("policyStoreId")?)? {
        PolicyStore.delete(tx, &store)?;
    }
    Ok(Reply::ok(json!({})))
}

/// Policies that are there already aren't judged again, as on AWS.
pub(super) fn put_schema(tx: &Tx<'_>, call: &Call) -> Answer {
    let old = of(tx, call)?;
    let text = call.input.pointer("/definition/cedarJson").and_then(Value::as_str);
    let text = text.ok_or_else(|| invalid("definition needs cedarJson"))?;
    let (_, namespaces) = cedar::schema(text)?;
    let mut properties = old.properties.clone();
    properties["Schema"] = json!({"CedarJson": text});
    let next = rewrite(tx, &old, &properties)?;
    Ok(Reply::ok(json!({"policyStoreId": old.id, "namespaces": namespaces,
        "createdDate": next.attribute("SchemaCreated"),
        "lastUpdatedDate": next.attribute("SchemaChanged")})))
}

pub(super) fn get_schema(tx: &Tx<'_>, call: &Call) -> Answer {
    let store = of(tx, call)?;
    let text = schema_text(&store).ok_or_else(|| not_found("schema of policy store", &store.id))?;
    let (_, namespaces) = cedar::schema(text)?;
    Ok(Reply::ok(json!({"policyStoreId": store.id, "schema": text, "namespaces": namespaces,
        "createdDate": store.attribute("SchemaCreated"),
        "lastUpdatedDate": store.attribute("SchemaChanged")})))
}
