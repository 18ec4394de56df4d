//! Reading a role: what it is, and which policies it has.

use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::{Value, json};

use super::{INLINE, MANAGED, managed, named, no_such};
use crate::practice::resource::{self, Resource};
use crate::practice::store::Tx;
use crate::practice::wire::{Answer, Call, Fault, Reply, iso};

/// An inline policy.
pub(super) struct Inline {
    pub(super) name: String,
    pub(super) document: Value,
    /// The resource that it is, where it isn't the role's own property.
    pub(super) owner: Option<Resource>,
}

/// A policy document as IAM's answers hold it: JSON, percent-encoded.
pub(super) fn encoded(document: &Value) -> String {
    let text = match document {
        Value::String(text) => text.clone(),
        other => other.to_string(),
    };
    utf8_percent_encode(&text, NON_ALPHANUMERIC).to_string()
}

/// A policy document, also where a template keeps it as text.
pub fn document(value: &Value) -> Value {
    match value {
        Value::String(text) => serde_json::from_str(text).unwrap_or_default(),
        other => other.clone(),
    }
}

pub(super) fn view(role: &Resource) -> Value {
    let property = |name: &str| role.properties.get(name).cloned();
    json!({
        "Path": property("Path").unwrap_or_else(|| json!("/")),
        "RoleName": role.id,
        "RoleId": role.attribute("RoleId"),
        "Arn": role.attribute("Arn"),
        "CreateDate": iso(role.created),
        "AssumeRolePolicyDocument": encoded(&property("AssumeRolePolicyDocument").unwrap_or_default()),
        "Description": property("Description"),
        "MaxSessionDuration": property("MaxSessionDuration").unwrap_or_else(|| json!(3600)),
        "PermissionsBoundary": property("PermissionsBoundary").map(|arn| json!({
            "PermissionsBoundaryType": "Policy", "PermissionsBoundaryArn": arn,
        })),
    })
}

/// The ARNs of the role's managed policies.
pub(super) fn attached(tx: &Tx<'_>, role: &Resource) -> Result<Vec<String>, Fault> {
    let mut arns = role.texts("ManagedPolicyArns");
    for policy in resource::all(tx, MANAGED)? {
        if policy.texts("Roles").contains(&role.id) && !arns.contains(&policy.id) {
            arns.push(policy.id);
        }
    }
    Ok(arns)
}

pub(super) fn attached_view(tx: &Tx<'_>, role: &Resource) -> Result<Vec<Value>, Fault> {
    let view = |arn: String| json!({ "PolicyName": arn.rsplit('/').next().unwrap_or(&arn), "PolicyArn": arn });
    Ok(attached(tx, role)?.into_iter().map(view).collect())
}

/// The role's inline policies.
pub(super) fn inline(tx: &Tx<'_>, role: &Resource) -> Result<Vec<Inline>, Fault> {
    let read = |policy: &Value, owner| Inline {
        name: policy.get("PolicyName").and_then(Value::as_str).unwrap_or("").to_owned(),
        document: policy.get("PolicyDocument").cloned().unwrap_or_default(),
        owner,
    };
    let own = role.properties.get("Policies").and_then(Value::as_array);
    let mut found: Vec<Inline> =
        own.into_iter().flatten().map(|policy| read(policy, None)).collect();
    for (kind, roles) in INLINE {
        for policy in resource::all(tx, kind)? {
            if policy.texts(roles).contains(&role.id) {
                found.push(read(&policy.properties.clone(), Some(policy)));
            }
        }
    }
    Ok(found)
}

pub(super) fn policy(tx: &Tx<'_>, call: &Call) -> Answer {
    let role = named(tx, call)?;
    let name = call.required("PolicyName")?;
    let found = inline(tx, &role)?
        .into_iter()
        .find(|policy| policy.name == name)
        .ok_or_else(|| no_such(format!("The role policy with name {name} cannot be found.")))?;
    Ok(Reply::ok(json!({
        "RoleName": role.id, "PolicyName": name, "PolicyDocument": encoded(&found.document),
    })))
}

/// All the role's policies with what they are called: inline ones first. A policy of AWS's own
/// that isn't known here allows nothing.
pub(super) fn policies(tx: &Tx<'_>, role: &Resource) -> Result<Vec<(String, Value)>, Fault> {
    let mut all: Vec<(String, Value)> = inline(tx, role)?
        .into_iter()
        .map(|policy| (format!("role_{}_{}", role.id, policy.name), document(&policy.document)))
        .collect();
    for arn in attached(tx, role)? {
        match managed::find(tx, &arn) {
            Ok(found) => all.push((found.name, document(&found.document))),
            Err(fault) if fault.status == 404 => {}
            Err(fault) => return Err(fault),
        }
    }
    Ok(all)
}
