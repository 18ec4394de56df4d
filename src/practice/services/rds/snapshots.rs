//! Snapshots of clusters: those that somebody takes, and the last one that CloudFormation takes
//! before it deletes a cluster.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::{CLUSTER, engine_version};
use crate::practice::random;
use crate::practice::resource::{self, Resource};
use crate::practice::store::Tx;
use crate::practice::wire::{Answer, Call, Fault, Reply, iso};

/// Collection of snapshots, by id.
const SNAPSHOTS: &str = "rds-snapshot";

/// A snapshot of a cluster. Its data isn't kept: nothing restores it.
#[derive(Debug, Serialize, Deserialize)]
struct Snapshot {
    cluster: String,
    engine: String,
    engine_version: String,
    encrypted: bool,
    created: Timestamp,
}

/// Answers the calls about snapshots.
pub(super) fn call(tx: &Tx<'_>, call: &Call) -> Answer {
    let id = call.text("DBClusterSnapshotIdentifier").to_ascii_lowercase();
    match call.operation.as_str() {
        "DescribeDBClusterSnapshots" => describe(tx, call, &id),
        "CreateDBClusterSnapshot" => {
            call.required("DBClusterSnapshotIdentifier")?;
            let name = call.required("DBClusterIdentifier")?.to_ascii_lowercase();
            let cluster = resource::get(tx, CLUSTER, &name)?.ok_or_else(|| {
                Fault::new(404, "DBClusterNotFoundFault", format!("DBCluster {name} not found."))
            })?;
            if tx.get::<Snapshot>(SNAPSHOTS, &id)?.is_some() {
                return Err(Fault::new(
                    400,
                    "DBClusterSnapshotAlreadyExistsFault",
                    format!(
                        "Cannot create the snapshot because one with the identifier {id} already exists."
                    ),
                ));
            }
            let taken = take(tx, &cluster, &id)?;
            Ok(Reply::ok(json!({ "DBClusterSnapshot": view(tx, &id, &taken) })))
        }
        _ => {
            let found = tx.get::<Snapshot>(SNAPSHOTS, &id)?.ok_or_else(|| not_found(&id))?;
            tx.delete(SNAPSHOTS, &id)?;
            Ok(Reply::ok(json!({ "DBClusterSnapshot": view(tx, &id, &found) })))
        }
    }
}

fn not_found(id: &str) -> Fault {
    let message = format!("DBClusterSnapshot {id} not found.");
    Fault::new(404, "DBClusterSnapshotNotFoundFault", message)
}

fn describe(tx: &Tx<'_>, call: &Call, id: &str) -> Answer {
    let cluster = call.text("DBClusterIdentifier").to_ascii_lowercase();
    // Without a type, both kinds; all that are kept here are manual ones.
    let kind = ["", "manual"].contains(&call.text("SnapshotType"));
    let all: Vec<(String, Snapshot)> = tx.list(SNAPSHOTS)?;
    let wanted = |(own, snapshot): &&(String, Snapshot)| {
        kind && (id.is_empty() || own == id) && (cluster.is_empty() || snapshot.cluster == cluster)
    };
    let views: Vec<Value> =
        all.iter().filter(wanted).map(|(id, snapshot)| view(tx, id, snapshot)).collect();
    if views.is_empty() && !id.is_empty() {
        return Err(not_found(id));
    }
    Ok(Reply::ok(json!({ "DBClusterSnapshots": views })))
}

fn take(tx: &Tx<'_>, cluster: &Resource, id: &str) -> Result<Snapshot, Fault> {
    let taken = Snapshot {
        cluster: cluster.id.clone(),
        engine: cluster.text("Engine").to_owned(),
        engine_version: engine_version(&cluster.properties).to_owned(),
        encrypted: super::flag(&cluster.properties, "StorageEncrypted"),
        created: tx.now(),
    };
    tx.put(SNAPSHOTS, id, &taken)?;
    Ok(taken)
}

fn view(tx: &Tx<'_>, id: &str, snapshot: &Snapshot) -> Value {
    json!({
        "DBClusterSnapshotIdentifier": id,
        "DBClusterSnapshotArn": tx.arn("rds", &format!("cluster-snapshot:{id}")),
        "DBClusterIdentifier": snapshot.cluster, "SnapshotType": "manual",
        "Status": "available", "PercentProgress": 100, "Engine": snapshot.engine,
        "EngineVersion": snapshot.engine_version, "StorageEncrypted": snapshot.encrypted,
        "AllocatedStorage": 1, "SnapshotCreateTime": iso(snapshot.created),
    })
}

/// The snapshot that CloudFormation takes of a cluster that it is about to delete.
///
/// # Errors
/// The practice account's own.
pub fn final_snapshot(tx: &Tx<'_>, cluster: &Resource) -> Result<(), Fault> {
    let stack = cluster.stack.as_deref().unwrap_or("practice");
    let logical = cluster.logical.as_deref().unwrap_or("cluster");
    let id = format!("{stack}-snapshot-{logical}-{}", random::lower(12)).to_ascii_lowercase();
    take(tx, cluster, &id).map(|_| ())
}
