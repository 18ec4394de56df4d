//! Policy templates.

use cedar_policy::{PolicySet, Template};
use serde_json::{Value, json};

use super::{cedar, dated, invalid, merge, new_id, not_found, page, policies, stores};
use crate::practice::resource::{self, Desired, Provider, Resource, Updated};
use crate::practice::store::Tx;
use crate::practice::wire::{Answer, Call, Fault, Reply};

pub(super) const TEMPLATE: &str = "AWS::VerifiedPermissions::PolicyTemplate";

/// `AWS::VerifiedPermissions::PolicyTemplate`.
#[derive(Debug)]
pub struct PolicyTemplate;

fn key(store: &str, id: &str) -> String {
    format!("{store}|{id}")
}

/// The store's template of that id.
pub(super) fn find(tx: &Tx<'_>, store: &str, id: &str) -> Result<Resource, Fault> {
    resource::get(tx, TEMPLATE, &key(store, id))?.ok_or_else(|| not_found("policy template", id))
}

fn check(tx: &Tx<'_>, properties: &Value, id: &str) -> Result<Template, Fault> {
    let text = |name: &str| properties.get(name).and_then(Value::as_str).unwrap_or("");
    let store = stores::find(tx, text("PolicyStoreId"))?;
    let template = cedar::template(id, text("Statement"))?;
    if template.slots().next().is_none() {
        return Err(invalid("A policy template needs ?principal or ?resource"));
    }
    let mut set = PolicySet::new();
    set.add_template(template.clone()).map_err(|error| invalid(error.to_string()))?;
    cedar::validate(&store, &set)?;
    Ok(template)
}

impl Provider for PolicyTemplate {
    fn kind(&self) -> &'static str {
        TEMPLATE
    }

    fn create(&self, tx: &Tx<'_>, desired: &Desired<'_>) -> Result<Resource, Fault> {
        let id = new_id();
        check(tx, desired.properties, &id)?;
        let key = key(desired.text("PolicyStoreId"), &id);
        let made = Resource::new(tx, TEMPLATE, key, desired).with("PolicyTemplateId", id);
        resource::put(tx, &made)?;
        Ok(made)
    }

    /// Actions and conditions may change; effect, principal and resource may not.
    fn update(&self, tx: &Tx<'_>, old: &Resource, desired: &Desired<'_>) -> Result<Updated, Fault> {
        if old.text("PolicyStoreId") != desired.text("PolicyStoreId") {
            return Ok(Updated::Replace);
        }
        let id = old.attribute("PolicyTemplateId");
        let (was, now) =
            (cedar::template(id, old.text("Statement"))?, check(tx, desired.properties, id)?);
        if was.effect() != now.effect()
            || was.principal_constraint() != now.principal_constraint()
            || was.resource_constraint() != now.resource_constraint()
        {
            return Err(invalid("A template's effect, principal and resource can't be changed"));
        }
        resource::put(tx, &old.changed_to(tx, desired))?;
        Ok(Updated::InPlace)
    }

    /// With it go the policies that were made from it.
    fn delete(&self, tx: &Tx<'_>, old: &Resource) -> Result<(), Fault> {
        for policy in policies::of(tx, old.text("PolicyStoreId"))? {
            let from = policy.properties.pointer("/Definition/TemplateLinked/PolicyTemplateId");
            if from.is_some_and(|id| id == old.attribute("PolicyTemplateId")) {
                resource::forget(tx, &policy)?;
            }
        }
        resource::forget(tx, old)
    }
}

fn view(template: &Resource) -> Value {
    let mut view = dated(template);
    merge(
        &mut view,
        json!({"policyStoreId": template.text("PolicyStoreId"),
            "policyTemplateId": template.attribute("PolicyTemplateId")}),
    );
    view
}

fn described(template: &Resource) -> Value {
    let mut view = view(template);
    merge(
        &mut view,
        json!({"description": template.properties.get("Description"),
            "name": template.properties.get("Name")}),
    );
    view
}

pub(super) fn create(tx: &Tx<'_>, call: &Call) -> Answer {
    stores::of(tx, call)?;
    call.required("statement")?;
    let properties = super::pascal(&call.input);
    let desired = Desired { properties: &properties, stack: None, logical: None };
    Ok(Reply::ok(view(&PolicyTemplate.create(tx, &desired)?)))
}

fn of(tx: &Tx<'_>, call: &Call) -> Result<Resource, Fault> {
    let store = stores::of(tx, call)?;
    find(tx, &store.id, call.required("policyTemplateId")?)
}

pub(super) fn get(tx: &Tx<'_>, call: &Call) -> Answer {
    let template = of(tx, call)?;
    let mut view = described(&template);
    view["statement"] = template.text("Statement").into();
    Ok(Reply::ok(view))
}

pub(super) fn list(tx: &Tx<'_>, call: &Call) -> Answer {
    let store = stores::of(tx, call)?;
    let all = resource::all(tx, TEMPLATE)?;
    let own = all.iter().filter(|template| template.text("PolicyStoreId") == store.id);
    page(call, "policyTemplates", &own.map(described).collect::<Vec<_>>(), 50)
}

pub(super) fn update(tx: &Tx<'_>, call: &Call) -> Answer {
    let old = of(tx, call)?;
    let mut properties = old.properties.clone();
    properties["Statement"] = call.required("statement")?.into();
    merge(
        &mut properties,
        json!({"Description": call.input.get("description"), "Name": call.input.get("name")}),
    );
    let stack = old.stack.as_deref();
    let desired = Desired { properties: &properties, stack, logical: old.logical.as_deref() };
    let _ = PolicyTemplate.update(tx, &old, &desired)?;
    Ok(Reply::ok(view(&of(tx, call)?)))
}

pub(super) fn delete(tx: &Tx<'_>, call: &Call) -> Answer {
    PolicyTemplate.delete(tx, &of(tx, call)?)?;
    Ok(Reply::ok(json!({})))
}
