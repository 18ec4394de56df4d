//! What an instance of a cluster runs with: the parameters of its cluster's group as they were when
//! it started, and what was changed in them since and needs no restart. A cluster that gets another
//! group goes on with the old one until its instances are restarted.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::{PARAMETERS, members_of, parameters};
use crate::practice::resource::{self, Resource};
use crate::practice::store::Tx;
use crate::practice::wire::Fault;

/// Collection of what instances run with, by their id.
const RUNNING: &str = "rds-running";

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Running {
    group: String,
    parameters: BTreeMap<String, String>,
}

/// What the cluster's instances would run with if they were restarted now.
fn wanted(tx: &Tx<'_>, cluster: &Resource) -> Result<Running, Fault> {
    let group = parameters::group_of(cluster);
    let own = resource::get(tx, PARAMETERS, &group)?;
    let parameters = own.map(|group| parameters::set(&group.properties)).unwrap_or_default();
    Ok(Running { group, parameters })
}

fn current(tx: &Tx<'_>, cluster: &Resource, instance: &Resource) -> Result<Running, Fault> {
    // An instance of a state from before this was kept runs with the engine's own group.
    Ok(tx.get(RUNNING, &instance.id)?.unwrap_or_else(|| Running {
        group: parameters::default_group(&cluster.properties),
        parameters: BTreeMap::new(),
    }))
}

/// Starts an instance, or restarts it.
pub(super) fn start(tx: &Tx<'_>, instance: &Resource) -> Result<(), Fault> {
    match resource::get(tx, super::CLUSTER, instance.text("DBClusterIdentifier"))? {
        Some(cluster) => tx.put(RUNNING, &instance.id, &wanted(tx, &cluster)?),
        None => Ok(()),
    }
}

/// An instance is gone.
pub(super) fn forget(tx: &Tx<'_>, instance: &Resource) -> Result<(), Fault> {
    tx.delete(RUNNING, &instance.id).map(|_| ())
}

/// A group was changed: what needs no restart is in force at once where the group is in use.
pub(super) fn apply(tx: &Tx<'_>, old: &Resource, group: &Resource) -> Result<(), Fault> {
    let (before, after) = (parameters::set(&old.properties), parameters::set(&group.properties));
    let names = before.keys().chain(after.keys());
    let changed: Vec<&String> = names
        .filter(|name| {
            before.get(*name) != after.get(*name) && parameters::is_immediate(group, name)
        })
        .collect();
    for (instance, mut running) in tx.list::<Running>(RUNNING)? {
        if running.group != group.id {
            continue;
        }
        for name in &changed {
            match after.get(*name) {
                Some(value) => drop(running.parameters.insert((*name).clone(), value.clone())),
                None => drop(running.parameters.remove(*name)),
            }
        }
        tx.put(RUNNING, &instance, &running)?;
    }
    Ok(())
}

/// Whether an instance runs with what its cluster's group says.
pub(super) fn status(
    tx: &Tx<'_>,
    cluster: &Resource,
    instance: &Resource,
) -> Result<&'static str, Fault> {
    let in_sync = current(tx, cluster, instance)? == wanted(tx, cluster)?;
    Ok(if in_sync { "in-sync" } else { "pending-reboot" })
}

/// Whether the instance that writes refuses connections without TLS.
///
/// # Errors
/// The practice account's own.
pub fn requires_tls(tx: &Tx<'_>, cluster: &Resource) -> Result<bool, Fault> {
    let running = match members_of(tx, cluster)?.first() {
        Some(writer) => current(tx, cluster, writer)?,
        None => wanted(tx, cluster)?,
    };
    let own = running.parameters.get(parameters::TLS).map(String::as_str);
    let family = parameters::family(&cluster.properties);
    Ok(parameters::means_on(own.unwrap_or_else(|| parameters::engine_default(&family))))
}
