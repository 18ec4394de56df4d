//! Policies: static ones, and those that are linked to a template.

use cedar_policy::PolicySet;
use serde_json::{Value, json};

use super::{camel, cedar, dated, invalid, merge, new_id, not_found, page, pascal, stores};
use crate::practice::resource::{self, Desired, Provider, Resource, Updated};
use crate::practice::store::Tx;
use crate::practice::wire::{Answer, Call, Fault, Reply};

pub(super) const POLICY: &str = "AWS::VerifiedPermissions::Policy";

/// `AWS::VerifiedPermissions::Policy`.
#[derive(Debug)]
pub struct Policy;

/// The store's policies, oldest first.
pub(super) fn of(tx: &Tx<'_>, store: &str) -> Result<Vec<Resource>, Fault> {
    let mut all = resource::all(tx, POLICY)?;
    all.retain(|policy| policy.text("PolicyStoreId") == store);
    Ok(all)
}

fn kind(policy: &Resource) -> &'static str {
    match policy.properties.pointer("/Definition/TemplateLinked") {
        Some(_) => "TEMPLATE_LINKED",
        None => "STATIC",
    }
}

/// Refuses a policy that isn't one, or that the store's schema doesn't allow.
fn check(tx: &Tx<'_>, policy: &Resource) -> Result<cedar_policy::Policy, Fault> {
    let store = stores::find(tx, policy.text("PolicyStoreId"))?;
    let definition = policy.properties.get("Definition").unwrap_or(&Value::Null);
    let is_static = definition.get("Static").is_some();
    if is_static == definition.get("TemplateLinked").is_some() {
        return Err(invalid("A policy's definition is either static or templateLinked"));
    }
    let mut set = PolicySet::new();
    cedar::add(tx, &mut set, policy)?;
    cedar::validate(&store, &set)?;
    cedar::parsed(tx, policy)
}

impl Provider for Policy {
    fn kind(&self) -> &'static str {
        POLICY
    }

    fn create(&self, tx: &Tx<'_>, desired: &Desired<'_>) -> Result<Resource, Fault> {
        let id = new_id();
        let key = format!("{}|{id}", desired.text("PolicyStoreId"));
        let made = Resource::new(tx, POLICY, key, desired).with("PolicyId", id);
        check(tx, &made)?;
        let kind = kind(&made);
        let made = made.with("PolicyType", kind);
        resource::put(tx, &made)?;
        Ok(made)
    }

    /// Only a static policy's actions and conditions may change.
    fn update(&self, tx: &Tx<'_>, old: &Resource, desired: &Desired<'_>) -> Result<Updated, Fault> {
        let next = old.changed_to(tx, desired);
        let moved = old.text("PolicyStoreId") != desired.text("PolicyStoreId");
        if moved || kind(&next) != "STATIC" || kind(old) != "STATIC" {
            return Ok(Updated::Replace);
        }
        let (was, now) = (cedar::parsed(tx, old)?, check(tx, &next)?);
        if was.effect() != now.effect()
            || was.principal_constraint() != now.principal_constraint()
            || was.resource_constraint() != now.resource_constraint()
        {
            return Err(invalid("A policy's effect, principal and resource can't be changed"));
        }
        resource::put(tx, &next)?;
        Ok(Updated::InPlace)
    }

    fn delete(&self, tx: &Tx<'_>, old: &Resource) -> Result<(), Fault> {
        resource::forget(tx, old)
    }
}

/// What every answer about a policy holds.
fn view(tx: &Tx<'_>, policy: &Resource) -> Result<Value, Fault> {
    let mut view = dated(policy);
    merge(
        &mut view,
        json!({"policyStoreId": policy.text("PolicyStoreId"),
            "policyId": policy.attribute("PolicyId"), "policyType": kind(policy)}),
    );
    merge(&mut view, cedar::scope(&cedar::parsed(tx, policy)?));
    Ok(view)
}

fn definition(policy: &Resource) -> Value {
    camel(policy.properties.get("Definition").unwrap_or(&Value::Null))
}

/// With its whole definition.
fn detail(tx: &Tx<'_>, policy: &Resource) -> Result<Value, Fault> {
    let mut view = view(tx, policy)?;
    view["definition"] = definition(policy);
    merge(&mut view, json!({"name": policy.properties.get("Name")}));
    Ok(view)
}

/// As lists show it: a static policy without its text.
fn item(tx: &Tx<'_>, policy: &Resource) -> Result<Value, Fault> {
    let mut view = detail(tx, policy)?;
    if let Some(Value::Object(shown)) = view.pointer_mut("/definition/static") {
        shown.retain(|name, _| name == "description");
    }
    Ok(view)
}

fn find(tx: &Tx<'_>, store: &str, id: &str) -> Result<Resource, Fault> {
    resource::get(tx, POLICY, &format!("{store}|{id}"))?.ok_or_else(|| not_found("policy", id))
}

fn named(tx: &Tx<'_>, call: &Call) -> Result<Resource, Fault> {
    let store = stores::of(tx, call)?;
    find(tx, &store.id, call.required("policyId")?)
}

pub(super) fn create(tx: &Tx<'_>, call: &Call) -> Answer {
    stores::of(tx, call)?;
    let properties = pascal(&call.input);
    let desired = Desired { properties: &properties, stack: None, logical: None };
    let made = Policy.create(tx, &desired)?;
    Ok(Reply::ok(view(tx, &made)?))
}

pub(super) fn get(tx: &Tx<'_>, call: &Call) -> Answer {
    Ok(Reply::ok(detail(tx, &named(tx, call)?)?))
}

pub(super) fn get_many(tx: &Tx<'_>, call: &Call) -> Answer {
    let requests = call.input.get("requests").and_then(Value::as_array);
    let requests = requests.filter(|all| (1..=100).contains(&all.len()));
    let requests = requests.ok_or_else(|| invalid("requests needs 1 to 100 entries"))?;
    let (mut results, mut errors) = (Vec::new(), Vec::new());
    for request in requests {
        let text = |name: &str| request.get(name).and_then(Value::as_str).unwrap_or("");
        let (store, id) = (text("policyStoreId"), text("policyId"));
        let found = stores::find(tx, store).map_err(|fault| ("POLICY_STORE_NOT_FOUND", fault));
        let found =
            found.and_then(|_| find(tx, store, id).map_err(|fault| ("POLICY_NOT_FOUND", fault)));
        match found {
            Ok(policy) => results.push(detail(tx, &policy)?),
            Err((code, fault)) => errors.push(json!({"code": code, "policyStoreId": store,
                "policyId": id, "message": fault.message})),
        }
    }
    Ok(Reply::ok(json!({"results": results, "errors": errors})))
}

/// Whether a policy's entity is what a filter asks for: this one, or none at all.
fn refers(filter: &Value, entity: Option<&Value>) -> bool {
    match filter.get("identifier") {
        Some(wanted) => entity == Some(wanted),
        None => filter["unspecified"] != true || entity.is_none(),
    }
}

fn fits(filter: &Value, policy: &Value) -> bool {
    filter.as_object().into_iter().flatten().all(|(name, wanted)| match name.as_str() {
        "principal" | "resource" => refers(wanted, policy.get(name)),
        "policyType" => policy["policyType"] == *wanted,
        "policyTemplateId" => {
            policy.pointer("/definition/templateLinked/policyTemplateId") == Some(wanted)
        }
        _ => true,
    })
}

pub(super) fn list(tx: &Tx<'_>, call: &Call) -> Answer {
    let store = stores::of(tx, call)?;
    let filter = call.input.get("filter").unwrap_or(&Value::Null);
    let mut all = Vec::new();
    for policy in of(tx, &store.id)? {
        let item = item(tx, &policy)?;
        if fits(filter, &item) {
            all.push(item);
        }
    }
    page(call, "policies", &all, 50)
}

pub(super) fn update(tx: &Tx<'_>, call: &Call) -> Answer {
    let old = named(tx, call)?;
    if kind(&old) != "STATIC" {
        return Err(invalid("Only static policies can be updated"));
    }
    let mut properties = old.properties.clone();
    if let Some(definition) = call.input.get("definition") {
        properties["Definition"] = pascal(definition);
    }
    merge(&mut properties, json!({"Name": call.input.get("name")}));
    let stack = old.stack.as_deref();
    let desired = Desired { properties: &properties, stack, logical: old.logical.as_deref() };
    let _ = Policy.update(tx, &old, &desired)?;
    Ok(Reply::ok(view(tx, &named(tx, call)?)?))
}

/// Deleting what isn't there is no fault.
pub(super) fn delete(tx: &Tx<'_>, call: &Call) -> Answer {
    let store = stores::of(tx, call)?;
    let id = call.required("policyId")?;
    if let Some(policy) = resource::get(tx, POLICY, &format!("{}|{id}", store.id))? {
        resource::forget(tx, &policy)?;
    }
    Ok(Reply::ok(json!({})))
}
