//! Cluster parameter groups of Amazon RDS: whether the cluster refuses connections without TLS, and
//! whether its instances run with that yet.

use aws_sdk_rds::types::{DbClusterParameterGroup, Filter, Parameter};
use jiff::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::rds::DbCluster;
use super::text;
use crate::account::call::Operation;
use crate::account::fact::{FactError, Known, clip};
use crate::account::reader::{Reader, known};

/// The parameter of Aurora MySQL.
const PARAMETER: &str = "require_secure_transport";
/// From this version on the engine requires TLS where no parameter group says otherwise.
const REQUIRED_FROM: (u32, u32) = (8, 4);
/// Other groups that are looked into, where the cluster's own doesn't require TLS.
const MOST_OTHERS: usize = 3;

/// Whether the cluster refuses connections without TLS.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
pub(crate) struct Requirement {
    /// The cluster's parameter group.
    group: String,
    /// It is one of the engine's own, which nobody can change.
    built_in: bool,
    /// The parameter's value as the group has it: `ON`, `1`; null where it has none.
    value: Option<String>,
    /// The group, or else the engine's version, requires TLS.
    required: bool,
    /// The engine's version requires it, and no group of one's own.
    by_default: bool,
    /// Instances that don't run with what the group says, with their status: `NAME (pending-reboot)`.
    pending: Vec<String>,
    /// When an instance was seen restarting, RFC 3339; null when none is.
    restarting: Option<String>,
    /// Where the cluster's group doesn't require TLS: other groups that do.
    elsewhere: Vec<String>,
}

pub(crate) async fn tls_requirement(
    reader: &Reader,
    facts: &Known,
) -> Result<Requirement, FactError> {
    let cluster: DbCluster = known(facts, "db_cluster")?;
    let found = parameter(reader, &cluster.parameter_group).await?;
    let value =
        found.as_ref().and_then(Parameter::parameter_value).filter(|value| !value.is_empty());
    let own = found.as_ref().is_some_and(|found| found.source() == Some("user"));
    let default = requires_by_default(&cluster.engine_version);
    let required = value.map_or(default, means_on);
    let elsewhere = if required { Vec::new() } else { elsewhere(reader, &cluster).await? };
    let behind = cluster.members.iter().filter(|member| member.parameters != "in-sync");
    let pending = behind.map(|member| format!("{} ({})", member.id, member.parameters)).collect();
    Ok(Requirement {
        built_in: cluster.parameter_group.starts_with("default."),
        value: value.map(|value| clip(value, 16)),
        required,
        by_default: required && !own,
        pending,
        restarting: restarting(reader, &cluster).await?,
        elsewhere,
        group: cluster.parameter_group,
    })
}

/// The parameter in a group.
async fn parameter(reader: &Reader, group: &str) -> Result<Option<Parameter>, FactError> {
    let account = &reader.account;
    let mut marker: Option<String> = None;
    loop {
        let request = account
            .clients()
            .rds
            .describe_db_cluster_parameters()
            .db_cluster_parameter_group_name(group)
            .filters(Filter::builder().name("parameter-name").values(PARAMETER).build())
            .set_marker(marker)
            .send();
        let page = account.call(Operation("rds", "DescribeDBClusterParameters"), request).await?;
        let is_it = |one: &&Parameter| one.parameter_name() == Some(PARAMETER);
        if let Some(found) = page.parameters().iter().find(is_it) {
            return Ok(Some(found.clone()));
        }
        marker = page.marker().map(ToOwned::to_owned);
        if marker.is_none() {
            return Ok(None);
        }
    }
}

/// Other groups for the cluster's engine in which the parameter is on.
async fn elsewhere(reader: &Reader, cluster: &DbCluster) -> Result<Vec<String>, FactError> {
    let mut names: Vec<String> = groups(reader)
        .await?
        .iter()
        .filter(|group| {
            group.db_parameter_group_family().unwrap_or_default().starts_with(&cluster.engine)
        })
        .map(|group| text(group.db_cluster_parameter_group_name()))
        .filter(|name| !name.starts_with("default.") && *name != cluster.parameter_group)
        .collect();
    names.truncate(MOST_OTHERS);
    let mut found = Vec::new();
    for name in names {
        let value = parameter(reader, &name).await?;
        if value.as_ref().and_then(Parameter::parameter_value).is_some_and(means_on) {
            found.push(clip(&name, 64));
        }
    }
    Ok(found)
}

async fn groups(reader: &Reader) -> Result<Vec<DbClusterParameterGroup>, FactError> {
    let account = &reader.account;
    let mut found = Vec::new();
    let mut marker: Option<String> = None;
    loop {
        let request = account.clients().rds.describe_db_cluster_parameter_groups();
        let request = request.set_marker(marker).send();
        let operation = Operation("rds", "DescribeDBClusterParameterGroups");
        let page = account.call(operation, request).await?;
        found.extend_from_slice(page.db_cluster_parameter_groups());
        marker = page.marker().map(ToOwned::to_owned);
        if marker.is_none() {
            return Ok(found);
        }
    }
}

/// The time now, where an instance that isn't in sync is restarting.
async fn restarting(reader: &Reader, cluster: &DbCluster) -> Result<Option<String>, FactError> {
    let account = &reader.account;
    for member in cluster.members.iter().filter(|member| member.parameters != "in-sync") {
        let request = account.clients().rds.describe_db_instances();
        let request = request.db_instance_identifier(&member.id).send();
        let answer = account.call(Operation("rds", "DescribeDBInstances"), request).await?;
        let status = answer.db_instances().first().and_then(|one| one.db_instance_status());
        if status.is_some_and(|status| status != "available") || member.parameters == "applying" {
            return Ok(Some(Timestamp::now().to_string()));
        }
    }
    Ok(None)
}

/// Clusters say ON and OFF, instances 1 and 0; a cluster takes both.
fn means_on(value: &str) -> bool {
    ["on", "1", "true"].contains(&value.to_ascii_lowercase().as_str())
}

fn requires_by_default(engine_version: &str) -> bool {
    let mut numbers = engine_version.split('.').map(|part| part.parse().unwrap_or(0));
    (numbers.next().unwrap_or(0), numbers.next().unwrap_or(0)) >= REQUIRED_FROM
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn on_and_1_are_the_same() {
        for on in ["ON", "on", "1"] {
            assert!(means_on(on), "{on}");
        }
        for off in ["OFF", "0", ""] {
            assert!(!means_on(off), "{off}");
        }
    }

    #[test]
    fn newer_engines_require_tls_by_themselves() {
        assert!(!requires_by_default("8.0.mysql_aurora.3.10.5"));
        assert!(!requires_by_default("5.7.mysql_aurora.2.11.2"));
        assert!(!requires_by_default(""));
        assert!(requires_by_default("8.4.mysql_aurora.4.1.0"));
        assert!(requires_by_default("9.0"));
    }
}
