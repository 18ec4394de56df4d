//! IAM: roles, the policies on them, and what they come to.
//!
//! Whether templates deployed them or API calls made them, they are the same resources: a role's
//! own inline policies and attachments are its properties `Policies` and `ManagedPolicyArns`.

mod aws_managed;
mod entity;
mod managed;
mod role;
mod simulate;
mod write;

use serde_json::{Value, json};

use crate::practice::resource::{self, Resource};
use crate::practice::store::Tx;
use crate::practice::wire::{Answer, Call, Fault, Reply};

pub use entity::{MANAGED_POLICIES, POLICIES, ROLE_POLICIES, ROLES};
pub use role::document;
pub use simulate::{context_of, decide, documents_of};

/// The type of roles.
pub const ROLE: &str = "AWS::IAM::Role";
const MANAGED: &str = "AWS::IAM::ManagedPolicy";
/// Inline policies as resources of their own, with the property that names their roles.
const INLINE: [(&str, &str); 2] =
    [("AWS::IAM::Policy", "Roles"), ("AWS::IAM::RolePolicy", "RoleName")];

/// Answers the service's calls.
pub fn call(tx: &Tx<'_>, call: &Call) -> Answer {
    match call.operation.as_str() {
        "GetRole" => Ok(Reply::ok(json!({ "Role": role::view(&named(tx, call)?) }))),
        "ListRoles" => {
            page(call, "Roles", resource::all(tx, ROLE)?.iter().map(role::view).collect())
        }
        "ListAttachedRolePolicies" => {
            page(call, "AttachedPolicies", role::attached_view(tx, &named(tx, call)?)?)
        }
        "ListRolePolicies" => {
            let inline = role::inline(tx, &named(tx, call)?)?;
            page(call, "PolicyNames", inline.into_iter().map(|one| one.name.into()).collect())
        }
        "GetRolePolicy" => role::policy(tx, call),
        "GetPolicy" => managed::policy(tx, call.required("PolicyArn")?),
        "GetPolicyVersion" => managed::version(tx, call),
        "ListPolicyVersions" => managed::versions(tx, call),
        "ListPolicies" => managed::list(tx, call),
        "SimulatePrincipalPolicy" | "SimulateCustomPolicy" => simulate::call(tx, call),
        _ => write::call(tx, call),
    }
}

fn no_such(message: String) -> Fault {
    Fault::new(404, "NoSuchEntity", message)
}

/// The role that a call names.
fn named(tx: &Tx<'_>, call: &Call) -> Result<Resource, Fault> {
    let name = call.required("RoleName")?;
    resource::get(tx, ROLE, name)?
        .ok_or_else(|| no_such(format!("The role with name {name} cannot be found.")))
}

/// The role of that ARN, or none.
pub fn role_of(tx: &Tx<'_>, arn: &str) -> Result<Option<Resource>, Fault> {
    let Some((_, path)) = arn.split_once(":role/") else { return Ok(None) };
    let found = resource::get(tx, ROLE, path.rsplit('/').next().unwrap_or(path))?;
    Ok(found.filter(|role| ["", arn].contains(&role.attribute("Arn"))))
}

/// One page of a list: IAM's `Marker` and `MaxItems`.
fn page(call: &Call, member: &str, mut items: Vec<Value>) -> Answer {
    let start = match call.text("Marker") {
        "" => 0,
        marker => marker
            .parse::<usize>()
            .map_err(|_| Fault::new(400, "ValidationError", format!("Invalid Marker: {marker}")))?,
    };
    let most = match call.number("MaxItems") {
        None => 100,
        Some(most) => {
            usize::try_from(most).ok().filter(|most| (1..=1000).contains(most)).ok_or_else(
                || Fault::new(400, "ValidationError", "MaxItems must be between 1 and 1000"),
            )?
        }
    };
    let end = items.len().min(start.saturating_add(most));
    let more = end < items.len();
    items.truncate(end);
    items.drain(..start.min(end));
    Ok(Reply::ok(json!({
        member: items, "IsTruncated": more, "Marker": more.then(|| end.to_string()),
    })))
}
