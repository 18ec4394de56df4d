//! RDS: the Aurora cluster, its instances, their groups, its snapshots. Templates make them; calls
//! make and change cluster parameter groups and snapshots, give a cluster another group, and restart
//! instances.

mod entity;
mod parameters;
mod running;
mod snapshots;

use serde_json::{Value, json};

use crate::practice::properties::{self, flag};
use crate::practice::resource::{self, Desired, Provider, Resource};
use crate::practice::services::secretsmanager;
use crate::practice::store::Tx;
use crate::practice::wire::{Answer, Call, Fault, Reply, iso};

pub use entity::{CLUSTERS, INSTANCES, PARAMETER_GROUPS, SUBNET_GROUPS};
pub use running::requires_tls;
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
        "ModifyDBCluster" => modify_cluster(tx, call),
        "RebootDBInstance" => {
            let name = call.required("DBInstanceIdentifier")?;
            let found = named(tx, INSTANCE, name, "DBInstanceNotFound")?;
            running::start(tx, &found)?;
            let mut view = instance_view(tx, &found)?;
            view["DBInstanceStatus"] = "rebooting".into();
            Ok(Reply::ok(json!({ "DBInstance": view })))
        }
        "DescribeDBClusterSnapshots" | "CreateDBClusterSnapshot" | "DeleteDBClusterSnapshot" => {
            snapshots::call(tx, call)
        }
        _ => parameters::call(tx, call),
    }
}

/// Gives a cluster another parameter group; nothing else of it can be changed by a call.
fn modify_cluster(tx: &Tx<'_>, call: &Call) -> Answer {
    const GROUP: &str = "DBClusterParameterGroupName";
    let known = ["DBClusterIdentifier", GROUP, "ApplyImmediately"];
    let members = call.input.as_object().into_iter().flatten();
    if let Some((other, _)) = members.into_iter().find(|(name, _)| !known.contains(&name.as_str()))
    {
        return Err(Fault::not_implemented("rds", &format!("ModifyDBCluster with {other}")));
    }
    let name = call.required("DBClusterIdentifier")?;
    let old = named(tx, CLUSTER, name, "DBClusterNotFoundFault")?;
    let mut properties = old.properties.clone();
    properties[GROUP] = call.required(GROUP)?.into();
    let desired = Desired { properties: &properties, stack: None, logical: None };
    // A group is changed in place.
    let _ = CLUSTERS.update(tx, &old, &desired)?;
    let cluster = named(tx, CLUSTER, &old.id, "DBClusterNotFoundFault")?;
    Ok(Reply::ok(json!({ "DBCluster": cluster_view(tx, &cluster)? })))
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
    match call.text(member) {
        "" => resource::all(tx, kind),
        name => Ok(vec![named(tx, kind, name, missing)?]),
    }
}

/// The resource of that id or ARN.
fn named(tx: &Tx<'_>, kind: &str, name: &str, missing: &str) -> Result<Resource, Fault> {
    let id = name.rsplit(':').next().unwrap_or(name).to_ascii_lowercase();
    let noun = kind.rsplit(':').next().unwrap_or(kind);
    resource::get(tx, kind, &id)?
        .ok_or_else(|| Fault::new(404, missing, format!("{noun} {name} not found.")))
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
    let mut members = Vec::new();
    for (at, instance) in members_of(tx, cluster)?.iter().enumerate() {
        members.push(json!({
            "DBInstanceIdentifier": instance.id,
            "IsClusterWriter": at == 0,
            "DBClusterParameterGroupStatus": running::status(tx, cluster, instance)?,
        }));
    }
    let managed = cluster.attributes.get("MasterUserSecret.SecretArn");
    // The master password is a property, and never part of an answer.
    Ok(json!({
        "DBClusterIdentifier": cluster.id,
        "DBClusterArn": cluster.attribute("DBClusterArn"),
        "DbClusterResourceId": cluster.attribute("DBClusterResourceId"),
        "Status": "available",
        "Engine": cluster.text("Engine"),
        "EngineVersion": engine_version(&cluster.properties),
        "EngineMode": "provisioned",
        "Endpoint": cluster.attribute("Endpoint.Address"),
        "ReaderEndpoint": cluster.attribute("ReadEndpoint.Address"),
        "Port": number(cluster, "Port", 3306),
        "DatabaseName": cluster.properties.get("DatabaseName"),
        "MasterUsername": cluster.properties.get("MasterUsername"),
        "DBClusterParameterGroup": parameters::group_of(cluster),
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

/// The instances of a cluster; the first one writes.
fn members_of(tx: &Tx<'_>, cluster: &Resource) -> Result<Vec<Resource>, Fault> {
    let mut instances = resource::all(tx, INSTANCE)?;
    instances.retain(|instance| instance.text("DBClusterIdentifier") == cluster.id);
    Ok(instances)
}

fn engine_version(properties: &Value) -> &str {
    match properties::text(properties, "EngineVersion") {
        "" => "8.0.mysql_aurora.3.08.2",
        version => version,
    }
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
        "EngineVersion": engine_version(&cluster.as_ref().unwrap_or(instance).properties),
        "DBClusterIdentifier": instance.properties.get("DBClusterIdentifier"),
        "Endpoint": {
            "Address": instance.attribute("Endpoint.Address"), "Port": number(instance, "Port", 3306),
        },
        "MasterUsername": of_cluster("MasterUsername"),
        "CACertificateIdentifier": "rds-ca-rsa2048-g1",
        "PubliclyAccessible": flag(&instance.properties, "PubliclyAccessible"),
        "StorageEncrypted": cluster.as_ref().is_some_and(|c| flag(&c.properties, "StorageEncrypted")),
        "VpcSecurityGroups": groups(cluster.as_ref().unwrap_or(instance)),
        "InstanceCreateTime": iso(instance.created),
    }))
}
