//! Roles and policies as resources: what templates deploy.

use super::{MANAGED, ROLE};
use crate::practice::random;
use crate::practice::resource::{self, Desired, Provider, Resource, Updated};
use crate::practice::store::Tx;
use crate::practice::wire::Fault;

/// A type of IAM: which property names it, and what its id and attributes are.
#[derive(Debug)]
pub struct Entity {
    kind: &'static str,
    name: &'static str,
}

/// Makes roles.
pub static ROLES: Entity = Entity { kind: ROLE, name: "RoleName" };
/// Makes managed policies.
pub static MANAGED_POLICIES: Entity = Entity { kind: MANAGED, name: "ManagedPolicyName" };
/// Makes inline policies.
pub static POLICIES: Entity = Entity { kind: "AWS::IAM::Policy", name: "" };
/// Makes a role's inline policies.
pub static ROLE_POLICIES: Entity = Entity { kind: "AWS::IAM::RolePolicy", name: "" };

impl Entity {
    fn check(&self, desired: &Desired<'_>) -> Result<(), Fault> {
        let document = match self.kind {
            ROLE => "AssumeRolePolicyDocument",
            _ => "PolicyDocument",
        };
        let statements = desired.properties.get(document).and_then(|d| d.get("Statement"));
        if statements.is_some_and(|statements| statements.is_array() || statements.is_object()) {
            return Ok(());
        }
        // An inline policy of a role may leave its document out; nothing else may.
        let optional =
            self.kind == "AWS::IAM::RolePolicy" && desired.properties.get(document).is_none();
        if optional {
            return Ok(());
        }
        Err(Fault::new(
            400,
            "MalformedPolicyDocument",
            format!("{document} is missing or has no Statement"),
        ))
    }
}

impl Provider for Entity {
    fn kind(&self) -> &'static str {
        self.kind
    }

    fn create(&self, tx: &Tx<'_>, desired: &Desired<'_>) -> Result<Resource, Fault> {
        self.check(desired)?;
        let name = match self.name {
            "" => desired.generated_name(64),
            property => desired.name(property, 64),
        };
        let path = match desired.text("Path") {
            "" => "/",
            path => path,
        };
        let (id, arn) = match self.kind {
            ROLE => (name.clone(), tx.arn("iam", &format!("role{path}{name}"))),
            MANAGED => {
                let arn = tx.arn("iam", &format!("policy{path}{name}"));
                (arn.clone(), arn)
            }
            _ => (name.clone(), String::new()),
        };
        if resource::get(tx, self.kind, &id)?.is_some() {
            return Err(resource::exists(&name));
        }
        let mut made = Resource::new(tx, self.kind, id, desired);
        match self.kind {
            ROLE => {
                let id = format!("AROA{}", random::upper(17));
                made = made.with("Arn", arn).with("RoleId", id);
            }
            MANAGED => made = made.with("PolicyArn", arn),
            _ => made = made.with("Id", name),
        }
        resource::put(tx, &made)?;
        Ok(made)
    }

    fn update(&self, tx: &Tx<'_>, old: &Resource, desired: &Desired<'_>) -> Result<Updated, Fault> {
        self.check(desired)?;
        let renamed = [self.name, "Path"]
            .iter()
            .any(|property| !property.is_empty() && old.text(property) != desired.text(property));
        if renamed {
            return Ok(Updated::Replace);
        }
        resource::put(tx, &old.changed_to(tx, desired))?;
        Ok(Updated::InPlace)
    }

    fn delete(&self, tx: &Tx<'_>, old: &Resource) -> Result<(), Fault> {
        resource::forget(tx, old)
    }
}
