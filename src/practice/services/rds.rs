//! RDS: the Aurora cluster, its instances, their groups. Reading only; templates make them. And the
//! cluster's snapshots.

mod snapshots;

use serde_json::{Value, json};

use crate::practice::properties::{self, flag};
use crate::practice::random;
use crate::practice::resource::{self, Desired, Provider, Resource, Updated};
use crate::practice::services::secretsmanager;
use crate::practice::store::Tx;
use crate::practice::wire::{Answer, Call, Fault, Reply, iso};

pub use snapshots::final_snapshot;

/// The type of clusters.
pub const CLUSTER: &str = "AWS::RDS::DBCluster";
const INSTANCE: &str = "AWS::RDS::DBInstance";
const SUBNETS: &str = "AWS::RDS::DBSubnetGroup";
const PARAMETERS: &str = "AWS::RDS::DBClusterParameterGroup";
/// Collection of the master user's passwords that were set in the database itself, by cluster.
const PASSWORDS: &str = "rds-password";

/// Answers the service's calls.
pub fn call(tx: &Tx<'_>, call: &Call) -> Answer {
    match call.operation.as_str() {
        "DescribeDBClusters" => {
            let found = asked(tx, call, CLUSTER, "DBClusterIdentifier", "DBClusterNotFoundFault")?;
            let mut views = Vec::new();
            for cluster in found {
                views.push(cluster_view(tx, &cluster)?);
            }
            Ok(Reply::ok(json!({ "DBClusters": views })))
        }
        "DescribeDBInstances" => {
            let found = asked(tx, call, INSTANCE, "DBInstanceIdentifier", "DBInstanceNotFound")?;
            let mut views = Vec::new();
            for instance in found {
                views.push(instance_view(tx, &instance)?);
            }
            Ok(Reply::ok(json!({ "DBInstances": views })))
        }
        "DescribeDBClusterSnapshots" | "CreateDBClusterSnapshot" | "DeleteDBClusterSnapshot" => {
            snapshots::call(tx, call)
        }
        _ => Err(call.unknown()),
    }
}

/// Sets the master user's password, as `ALTER USER` does.
///
/// # Errors
/// The practice account's own.
pub fn set_password(tx: &Tx<'_>, cluster: &str, password: &str) -> Result<(), Fault> {
    tx.put(PASSWORDS, cluster, &password)
}

/// Whether the database admits a login. Without a known password it admits everybody.
///
/// # Errors
/// The practice account's own.
pub fn admits(tx: &Tx<'_>, cluster: &Resource, user: &str, password: &str) -> Result<bool, Fault> {
    let set: Option<String> = tx.get(PASSWORDS, &cluster.id)?;
    let known = set.unwrap_or_else(|| cluster.text("MasterUserPassword").to_owned());
    Ok(known.is_empty() || (known == password && cluster.text("MasterUsername") == user))
}

/// Has RDS keep the password, or gives it the one that the properties now name.
fn keep_password(
    tx: &Tx<'_>,
    old: Option<&Resource>,
    cluster: Resource,
) -> Result<Resource, Fault> {
    if flag(&cluster.properties, "ManageMasterUserPassword") {
        if !cluster.attribute("MasterUserSecret.SecretArn").is_empty() {
            return Ok(cluster);
        }
        let arn = secretsmanager::managed(tx, &cluster, cluster.text("MasterUsername"))?;
        return Ok(cluster.with("MasterUserSecret.SecretArn", arn));
    }
    let given = cluster.text("MasterUserPassword");
    if old.is_some_and(|old| old.text("MasterUserPassword") != given) {
        set_password(tx, &cluster.id, given)?;
    }
    Ok(cluster)
}

/// The resource that the call names (by id or ARN), or all of them.
fn asked(
    tx: &Tx<'_>,
    call: &Call,
    kind: &str,
    member: &str,
    missing: &str,
) -> Result<Vec<Resource>, Fault> {
    if call.input.get("Filters").is_some() {
        let what = format!("{} with Filters", call.operation);
        return Err(Fault::not_implemented("rds", &what));
    }
    let name = call.text(member);
    if name.is_empty() {
        return resource::all(tx, kind);
    }
    let id = name.rsplit(':').next().unwrap_or(name).to_ascii_lowercase();
    if let Some(found) = resource::get(tx, kind, &id)? {
        return Ok(vec![found]);
    }
    let noun = kind.rsplit(':').next().unwrap_or(kind);
    Err(Fault::new(404, missing, format!("{noun} {name} not found.")))
}

fn groups(resource: &Resource) -> Vec<Value> {
    let ids = resource.properties.get("VpcSecurityGroupIds").and_then(Value::as_array);
    ids.into_iter()
        .flatten()
        .map(|id| json!({ "VpcSecurityGroupId": id, "Status": "active" }))
        .collect()
}

fn number(resource: &Resource, property: &str, otherwise: i64) -> Value {
    json!(properties::number(&resource.properties, property).unwrap_or(otherwise))
}

fn cluster_view(tx: &Tx<'_>, cluster: &Resource) -> Result<Value, Fault> {
    let members: Vec<Value> = resource::all(tx, INSTANCE)?
        .iter()
        .filter(|instance| instance.text("DBClusterIdentifier") == cluster.id)
        .enumerate()
        .map(|(at, instance)| {
            json!({
                "DBInstanceIdentifier": instance.id,
                "IsClusterWriter": at == 0,
                "DBClusterParameterGroupStatus": "in-sync",
            })
        })
        .collect();
    let parameters = match cluster.text("DBClusterParameterGroupName") {
        "" => format!("default.{}", family(cluster)),
        name => name.to_owned(),
    };
    let managed = cluster.attributes.get("MasterUserSecret.SecretArn");
    // The master password is a property, and never part of an answer.
    Ok(json!({
        "DBClusterIdentifier": cluster.id,
        "DBClusterArn": cluster.attribute("DBClusterArn"),
        "DbClusterResourceId": cluster.attribute("DBClusterResourceId"),
        "Status": "available",
        "Engine": cluster.text("Engine"),
        "EngineVersion": engine_version(cluster),
        "EngineMode": "provisioned",
        "Endpoint": cluster.attribute("Endpoint.Address"),
        "ReaderEndpoint": cluster.attribute("ReadEndpoint.Address"),
        "Port": number(cluster, "Port", 3306),
        "DatabaseName": cluster.properties.get("DatabaseName"),
        "MasterUsername": cluster.properties.get("MasterUsername"),
        "DBClusterParameterGroup": parameters,
        "DBSubnetGroup": cluster.properties.get("DBSubnetGroupName"),
        "DBClusterMembers": members,
        "VpcSecurityGroups": groups(cluster),
        "StorageEncrypted": flag(&cluster.properties, "StorageEncrypted"),
        "DeletionProtection": flag(&cluster.properties, "DeletionProtection"),
        "IAMDatabaseAuthenticationEnabled": flag(&cluster.properties, "EnableIAMDatabaseAuthentication"),
        "BackupRetentionPeriod": number(cluster, "BackupRetentionPeriod", 1),
        "MultiAZ": members.len() > 1,
        "ClusterCreateTime": iso(cluster.created),
        "MasterUserSecret": managed.map(|arn| json!({
            "SecretArn": arn, "SecretStatus": "active",
            "KmsKeyId": tx.arn("kms", "alias/aws/secretsmanager"),
        })),
    }))
}

fn engine_version(resource: &Resource) -> &str {
    match resource.text("EngineVersion") {
        "" => "8.0.mysql_aurora.3.08.2",
        version => version,
    }
}

/// The parameter group family of an engine and its version: `aurora-mysql8.0`.
fn family(cluster: &Resource) -> String {
    let version: Vec<&str> = engine_version(cluster).split('.').take(2).collect();
    format!("{}{}", cluster.text("Engine"), version.join("."))
}

fn instance_view(tx: &Tx<'_>, instance: &Resource) -> Result<Value, Fault> {
    let cluster = resource::get(tx, CLUSTER, instance.text("DBClusterIdentifier"))?;
    let of_cluster = |property: &str| {
        let own = instance.properties.get(property);
        own.or_else(|| cluster.as_ref()?.properties.get(property)).cloned()
    };
    Ok(json!({
        "DBInstanceIdentifier": instance.id,
        "DBInstanceArn": instance.attribute("DBInstanceArn"),
        "DbiResourceId": instance.attribute("DbiResourceId"),
        "DBInstanceClass": instance.properties.get("DBInstanceClass"),
        "DBInstanceStatus": "available",
        "Engine": instance.text("Engine"),
        "EngineVersion": engine_version(cluster.as_ref().unwrap_or(instance)),
        "DBClusterIdentifier": instance.properties.get("DBClusterIdentifier"),
        "Endpoint": {
            "Address": instance.attribute("Endpoint.Address"), "Port": number(instance, "Port", 3306),
        },
        "MasterUsername": of_cluster("MasterUsername"),
        "PubliclyAccessible": flag(&instance.properties, "PubliclyAccessible"),
        "StorageEncrypted": cluster.as_ref().is_some_and(|c| flag(&c.properties, "StorageEncrypted")),
        "VpcSecurityGroups": groups(cluster.as_ref().unwrap_or(instance)),
        "InstanceCreateTime": iso(instance.created),
    }))
}

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
        if self.kind == CLUSTER {
            tx.delete(PASSWORDS, &old.id)?;
        }
        resource::forget(tx, old)
    }
}
