//! Amazon RDS: the course's Aurora cluster.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::cloudformation::Stack;
use super::{missing, text};
use crate::account::call::Operation;
use crate::account::fact::{FactError, Known};
use crate::account::reader::{Reader, known};

/// The Aurora cluster.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
pub(crate) struct DbCluster {
    /// The cluster's identifier.
    id: String,
    /// Its status: `available`.
    status: String,
    /// Its engine: `aurora-mysql`.
    pub(super) engine: String,
    /// The engine's version.
    pub(super) engine_version: String,
    /// The writer's host name.
    endpoint: String,
    /// The port.
    port: i32,
    /// The cluster's parameter group.
    pub(super) parameter_group: String,
    /// ARN of the secret in which RDS keeps the master user's password; null where it doesn't.
    managed_secret: Option<String>,
    /// Whether an instance takes writes.
    has_writer: bool,
    /// Its instances, the one that takes writes first.
    pub(super) members: Vec<Member>,
}

/// An instance of the cluster.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
pub(crate) struct Member {
    /// Its identifier.
    pub(super) id: String,
    /// Whether it takes writes.
    writer: bool,
    /// Whether it runs with what the cluster's parameter group says: `in-sync`, `pending-reboot`.
    pub(super) parameters: String,
}

pub(crate) async fn db_cluster(reader: &Reader, facts: &Known) -> Result<DbCluster, FactError> {
    let stack: Stack = known(facts, "init_stack")?;
    let endpoint = stack
        .outputs
        .get("AuroraEndpoint")
        .filter(|endpoint| !endpoint.is_empty())
        .ok_or_else(|| missing(format!("output AuroraEndpoint of stack {}", stack.name)))?;
    let account = &reader.account;
    let mut marker: Option<String> = None;
    loop {
        let request = account.clients().rds.describe_db_clusters().set_marker(marker);
        let page = account.call(Operation("rds", "DescribeDBClusters"), request.send()).await?;
        let is_ours =
            |cluster: &&aws_sdk_rds::types::DbCluster| cluster.endpoint() == Some(endpoint);
        if let Some(cluster) = page.db_clusters().iter().find(is_ours) {
            let mut members: Vec<Member> = cluster
                .db_cluster_members()
                .iter()
                .map(|member| Member {
                    id: text(member.db_instance_identifier()),
                    writer: member.is_cluster_writer().unwrap_or_default(),
                    parameters: text(member.db_cluster_parameter_group_status()),
                })
                .collect();
            members.sort_by_key(|member| !member.writer);
            return Ok(DbCluster {
                id: text(cluster.db_cluster_identifier()),
                status: text(cluster.status()),
                engine: text(cluster.engine()),
                engine_version: text(cluster.engine_version()),
                endpoint: endpoint.clone(),
                port: cluster.port().unwrap_or_default(),
                parameter_group: text(cluster.db_cluster_parameter_group()),
                managed_secret: cluster
                    .master_user_secret()
                    .and_then(|secret| secret.secret_arn())
                    .map(ToOwned::to_owned),
                has_writer: members.iter().any(|member| member.writer),
                members,
            });
        }
        marker = page.marker().map(ToOwned::to_owned);
        if marker.is_none() {
            return Err(missing(format!("Aurora cluster at {endpoint}")));
        }
    }
}
