//! The types of RDS as templates make, change and remove them.

use super::{
    CLUSTER, INSTANCE, PARAMETERS, PASSWORDS, SUBNETS, keep_password, members_of, parameters,
    running,
};
use crate::practice::properties::flag;
use crate::practice::random;
use crate::practice::resource::{self, Desired, Provider, Resource, Updated};
use crate::practice::store::Tx;
use crate::practice::wire::Fault;

/// A type of RDS: the property that names it, and what begins a resource id of it.
#[derive(Debug)]
pub struct Entity {
    kind: &'static str,
    name: &'static str,
    arn: &'static str,
}

/// Makes clusters.
pub static CLUSTERS: Entity = Entity { kind: CLUSTER, name: "DBClusterIdentifier", arn: "cluster" };
/// Makes instances.
pub static INSTANCES: Entity = Entity { kind: INSTANCE, name: "DBInstanceIdentifier", arn: "db" };
/// Makes subnet groups.
pub static SUBNET_GROUPS: Entity =
    Entity { kind: SUBNETS, name: "DBSubnetGroupName", arn: "subgrp" };
/// Makes cluster parameter groups.
pub static PARAMETER_GROUPS: Entity =
    Entity { kind: PARAMETERS, name: "DBClusterParameterGroupName", arn: "cluster-pg" };

impl Entity {
    fn check(&self, tx: &Tx<'_>, desired: &Desired<'_>) -> Result<(), Fault> {
        let references: &[(&str, &str, &str)] = match self.kind {
            CLUSTER => &[
                ("DBSubnetGroupName", SUBNETS, "DBSubnetGroupNotFoundFault"),
                ("DBClusterParameterGroupName", PARAMETERS, "DBClusterParameterGroupNotFound"),
            ],
            INSTANCE => &[("DBClusterIdentifier", CLUSTER, "DBClusterNotFoundFault")],
            _ => &[],
        };
        for (property, kind, code) in references {
            let name = desired.text(property);
            let built_in = name.is_empty() || name.starts_with("default");
            if !built_in && resource::get(tx, kind, &name.to_ascii_lowercase())?.is_none() {
                return Err(Fault::new(404, code, format!("{property} {name} not found.")));
            }
        }
        if self.kind == CLUSTER {
            parameters::fits(tx, desired.properties)?;
        }
        if self.kind == PARAMETERS {
            parameters::check(&parameters::set(desired.properties))?;
        }
        let engine = desired.text("Engine");
        if matches!(self.kind, CLUSTER | INSTANCE) && engine.is_empty() {
            return Err(Fault::new(400, "InvalidParameterCombination", "Engine is required"));
        }
        Ok(())
    }

    fn endpoints(&self, tx: &Tx<'_>, made: Resource, id: &str) -> Resource {
        let region = &tx.scope().region;
        let suffix = format!("{}.{region}.rds.amazonaws.com", random::lower(12));
        let unique = random::upper(26);
        match self.kind {
            CLUSTER => made
                .with("Endpoint.Address", format!("{id}.cluster-{suffix}"))
                .with("Endpoint.Port", "3306")
                .with("ReadEndpoint.Address", format!("{id}.cluster-ro-{suffix}"))
                .with("DBClusterArn", tx.arn("rds", &format!("{}:{id}", self.arn)))
                .with("DBClusterResourceId", format!("cluster-{unique}")),
            INSTANCE => made
                .with("Endpoint.Address", format!("{id}.{suffix}"))
                .with("Endpoint.Port", "3306")
                .with("DBInstanceArn", tx.arn("rds", &format!("{}:{id}", self.arn)))
                .with("DbiResourceId", format!("db-{unique}")),
            _ => made,
        }
    }
}

impl Provider for Entity {
    fn kind(&self) -> &'static str {
        self.kind
    }

    fn create(&self, tx: &Tx<'_>, desired: &Desired<'_>) -> Result<Resource, Fault> {
        self.check(tx, desired)?;
        let id = desired.name(self.name, 63).to_ascii_lowercase();
        if resource::get(tx, self.kind, &id)?.is_some() {
            return Err(resource::exists(&id));
        }
        let made = Resource::new(tx, self.kind, id.as_str(), desired);
        let mut made = self.endpoints(tx, made, &id);
        if self.kind == CLUSTER {
            made = keep_password(tx, None, made)?;
        }
        resource::put(tx, &made)?;
        if self.kind == INSTANCE {
            running::start(tx, &made)?;
        }
        Ok(made)
    }

    fn update(&self, tx: &Tx<'_>, old: &Resource, desired: &Desired<'_>) -> Result<Updated, Fault> {
        self.check(tx, desired)?;
        let fixed = [self.name, "Engine", "MasterUsername", "DatabaseName", "Family"];
        if fixed.iter().any(|name| old.text(name) != desired.text(name)) {
            return Ok(Updated::Replace);
        }
        let mut changed = old.changed_to(tx, desired);
        if self.kind == CLUSTER {
            changed = keep_password(tx, Some(old), changed)?;
        }
        resource::put(tx, &changed)?;
        if self.kind == PARAMETERS {
            running::apply(tx, old, &changed)?;
        }
        // Another version of the engine starts all instances anew.
        if self.kind == CLUSTER && old.text("EngineVersion") != desired.text("EngineVersion") {
            for instance in members_of(tx, &changed)? {
                running::start(tx, &instance)?;
            }
        }
        Ok(Updated::InPlace)
    }

    fn delete(&self, tx: &Tx<'_>, old: &Resource) -> Result<(), Fault> {
        if flag(&old.properties, "DeletionProtection") {
            return Err(Fault::new(
                400,
                "InvalidParameterCombination",
                "Cannot delete protected Cluster, please disable deletion protection and try again.",
            ));
        }
        match self.kind {
            CLUSTER => drop(tx.delete(PASSWORDS, &old.id)?),
            INSTANCE => running::forget(tx, old)?,
            PARAMETERS => parameters::refuse_in_use(tx, old)?,
            _ => {}
        }
        resource::forget(tx, old)
    }
}
