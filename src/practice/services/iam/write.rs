//! Changing roles and policies by API calls.

use serde_json::{Value, json};

use super::role::{self, inline};
use super::{MANAGED, MANAGED_POLICIES, ROLE, ROLES, managed, named, no_such};
use crate::practice::policy;
use crate::practice::resource::{self, Desired, Provider, Resource};
use crate::practice::store::Tx;
use crate::practice::wire::{Answer, Call, Fault, Reply, ReplyBody};

/// Answers the calls that change something.
pub(super) fn call(tx: &Tx<'_>, call: &Call) -> Answer {
    match call.operation.as_str() {
        "CreateRole" => create_role(tx, call),
        "DeleteRole" => delete_role(tx, call),
        "PutRolePolicy" => put_inline(tx, call),
        "DeleteRolePolicy" => delete_inline(tx, call),
        "AttachRolePolicy" => attach(tx, call),
        "DetachRolePolicy" => detach(tx, call),
        "PutRolePermissionsBoundary" => {
            let arn = call.required("PermissionsBoundary")?;
            managed::find(tx, arn)?;
            set(tx, named(tx, call)?, "PermissionsBoundary", Some(json!(arn)))
        }
        "DeleteRolePermissionsBoundary" => set(tx, named(tx, call)?, "PermissionsBoundary", None),
        "CreatePolicy" => create_policy(tx, call),
        "CreatePolicyVersion" => managed::new_version(tx, call, document(call)?),
        "DeletePolicy" => delete_policy(tx, call),
        _ => Err(call.unknown()),
    }
}

/// An answer of IAM's without members.
fn done() -> Reply {
    Reply { status: 200, headers: Vec::new(), body: ReplyBody::Empty }
}

/// The document in `PolicyDocument`.
fn document(call: &Call) -> Result<Value, Fault> {
    parse(call.required("PolicyDocument")?)
}

/// A policy document that IAM would take.
pub(super) fn parse(text: &str) -> Result<Value, Fault> {
    let refuse = |why: &str| Err(Fault::new(400, "MalformedPolicyDocument", why));
    let Ok(document) = serde_json::from_str::<Value>(text) else {
        return refuse("This policy contains invalid Json");
    };
    let statements = policy::statements(&document);
    if statements.is_empty() {
        return refuse("Syntax errors in policy.");
    }
    for statement in statements {
        let has = |names: [&str; 2]| names.iter().any(|name| statement.get(*name).is_some());
        let effect = statement.get("Effect").and_then(Value::as_str);
        if !matches!(effect, Some("Allow" | "Deny")) || !has(["Action", "NotAction"]) {
            return refuse("Syntax errors in policy.");
        }
        let principal = has(["Principal", "NotPrincipal"]);
        if !principal && !has(["Resource", "NotResource"]) {
            return refuse("Policy statement must contain resources.");
        }
        let actions = statement.get("Action").or_else(|| statement.get("NotAction"));
        let vendors = match actions {
            Some(Value::Array(list)) => list.iter().filter_map(Value::as_str).collect(),
            Some(Value::String(one)) => vec![one.as_str()],
            _ => Vec::new(),
        };
        if vendors.iter().any(|action| *action != "*" && !action.contains(':')) {
            return refuse(
                "Actions/Conditions must be prefaced by a vendor, e.g., iam, sdb, ec2, etc.",
            );
        }
    }
    Ok(document)
}

/// Sets or removes a property of a role.
fn set(tx: &Tx<'_>, mut role: Resource, property: &str, value: Option<Value>) -> Answer {
    if let Some(properties) = role.properties.as_object_mut() {
        match value {
            Some(value) => properties.insert(property.to_owned(), value),
            None => properties.remove(property),
        };
    }
    role.changed = tx.now();
    resource::put(tx, &role)?;
    Ok(done())
}

fn create_role(tx: &Tx<'_>, call: &Call) -> Answer {
    let name = call.required("RoleName")?;
    let trust: Value = parse(call.required("AssumeRolePolicyDocument")?)?;
    let mut properties = json!({ "RoleName": name, "AssumeRolePolicyDocument": trust });
    for member in ["Path", "Description", "PermissionsBoundary"] {
        if !call.text(member).is_empty() {
            properties[member] = json!(call.text(member));
        }
    }
    let desired = Desired { properties: &properties, stack: None, logical: None };
    let made = ROLES.create(tx, &desired).map_err(|fault| taken(fault, "Role", name))?;
    Ok(Reply::ok(json!({ "Role": role::view(&made) })))
}

fn taken(fault: Fault, what: &str, name: &str) -> Fault {
    if fault.code != "AlreadyExistsException" {
        return fault;
    }
    Fault::new(409, "EntityAlreadyExists", format!("{what} with name {name} already exists."))
}

fn delete_role(tx: &Tx<'_>, call: &Call) -> Answer {
    let role = named(tx, call)?;
    if !role::attached(tx, &role)?.is_empty() || !inline(tx, &role)?.is_empty() {
        return Err(Fault::new(
            409,
            "DeleteConflict",
            "Cannot delete entity, must detach all policies first.",
        ));
    }
    ROLES.delete(tx, &role)?;
    Ok(done())
}

fn put_inline(tx: &Tx<'_>, call: &Call) -> Answer {
    let role = named(tx, call)?;
    let name = call.required("PolicyName")?;
    let document = document(call)?;
    let known = inline(tx, &role)?.into_iter().find(|policy| policy.name == name);
    if let Some(mut owner) = known.and_then(|policy| policy.owner) {
        owner.properties["PolicyDocument"] = document;
        owner.changed = tx.now();
        resource::put(tx, &owner)?;
        return Ok(done());
    }
    let mut policies = own_policies(&role);
    policies.retain(|policy| policy["PolicyName"] != name);
    policies.push(json!({ "PolicyName": name, "PolicyDocument": document }));
    set(tx, role, "Policies", Some(policies.into()))
}

fn own_policies(role: &Resource) -> Vec<Value> {
    role.properties.get("Policies").and_then(Value::as_array).cloned().unwrap_or_default()
}

fn delete_inline(tx: &Tx<'_>, call: &Call) -> Answer {
    let role = named(tx, call)?;
    let name = call.required("PolicyName")?;
    let found = inline(tx, &role)?
        .into_iter()
        .find(|policy| policy.name == name)
        .ok_or_else(|| no_such(format!("The role policy with name {name} cannot be found.")))?;
    if let Some(owner) = found.owner {
        return without_role(tx, owner, &role.id);
    }
    let mut policies = own_policies(&role);
    policies.retain(|policy| policy["PolicyName"] != name);
    set(tx, role, "Policies", Some(policies.into()))
}

/// Takes a role off a policy that is a resource of its own.
fn without_role(tx: &Tx<'_>, mut owner: Resource, role: &str) -> Answer {
    if owner.kind == "AWS::IAM::RolePolicy" {
        resource::forget(tx, &owner)?;
        return Ok(done());
    }
    let mut roles = owner.texts("Roles");
    roles.retain(|one| one != role);
    owner.properties["Roles"] = json!(roles);
    owner.changed = tx.now();
    resource::put(tx, &owner)?;
    Ok(done())
}

fn attach(tx: &Tx<'_>, call: &Call) -> Answer {
    let role = named(tx, call)?;
    let arn = call.required("PolicyArn")?;
    managed::find(tx, arn)?;
    let mut arns = role.texts("ManagedPolicyArns");
    if !role::attached(tx, &role)?.iter().any(|known| known == arn) {
        arns.push(arn.to_owned());
    }
    set(tx, role, "ManagedPolicyArns", Some(json!(arns)))
}

fn detach(tx: &Tx<'_>, call: &Call) -> Answer {
    let role = named(tx, call)?;
    let arn = call.required("PolicyArn")?;
    let mut arns = role.texts("ManagedPolicyArns");
    let before = arns.len();
    arns.retain(|known| known != arn);
    if arns.len() < before {
        return set(tx, role, "ManagedPolicyArns", Some(json!(arns)));
    }
    match resource::get(tx, MANAGED, arn)? {
        Some(policy) if policy.texts("Roles").contains(&role.id) => {
            without_role(tx, policy, &role.id)
        }
        _ => Err(no_such(format!("Policy {arn} was not found."))),
    }
}

fn create_policy(tx: &Tx<'_>, call: &Call) -> Answer {
    let name = call.required("PolicyName")?;
    let mut properties = json!({ "ManagedPolicyName": name, "PolicyDocument": document(call)? });
    if !call.text("Path").is_empty() {
        properties["Path"] = json!(call.text("Path"));
    }
    let desired = Desired { properties: &properties, stack: None, logical: None };
    let made =
        MANAGED_POLICIES.create(tx, &desired).map_err(|fault| taken(fault, "A policy", name))?;
    managed::policy(tx, &made.id)
}

fn delete_policy(tx: &Tx<'_>, call: &Call) -> Answer {
    let arn = call.required("PolicyArn")?;
    let policy = resource::get(tx, MANAGED, arn)?.filter(|policy| policy.kind != ROLE);
    let policy = policy.ok_or_else(|| no_such(format!("Policy {arn} was not found.")))?;
    managed::unused(tx, &policy)?;
    MANAGED_POLICIES.delete(tx, &policy)?;
    Ok(done())
}
