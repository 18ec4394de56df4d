//! What held data: the secret, the database and its snapshots, log groups.

use aws_sdk_rds::types as rds;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::stacks::{CLUSTER, CourseStacks, FUNCTION};
use crate::account::call::Operation;
use crate::account::fact::{CannotLook, FactError, Known, Reason};
use crate::account::facts::secrets::COURSE_NAME;
use crate::account::facts::{text, time};
use crate::account::reader::{Reader, known};

/// Where functions log.
const FUNCTION_LOGS: &str = "/aws/lambda/";
/// Log groups of functions that are looked through.
const MOST_GROUPS: usize = 1000;

/// The course's secret.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
pub(crate) struct LeftSecret {
    /// Its name.
    name: String,
    /// It is there, also when it is scheduled for deletion.
    exists: bool,
    /// When it will be deleted, RFC 3339; null when it won't.
    deleted: Option<String>,
}

/// Log groups of the course's functions.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
pub(crate) struct LeftLogGroups {
    /// Names of log groups of functions that the course's stacks made.
    groups: Vec<String>,
}

/// The course's database.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
pub(crate) struct LeftDatabases {
    /// Clusters that its setup stack made.
    clusters: Vec<String>,
    /// Snapshots of these clusters that don't go away by themselves.
    snapshots: Vec<String>,
}

pub(crate) async fn secret(reader: &Reader, _: &Known) -> Result<LeftSecret, FactError> {
    let account = &reader.account;
    let request = account.clients().secretsmanager.describe_secret().secret_id(COURSE_NAME).send();
    let name = COURSE_NAME.to_owned();
    match account.call(Operation("secretsmanager", "DescribeSecret"), request).await {
        Ok(answer) => Ok(LeftSecret { name, exists: true, deleted: time(answer.deleted_date()) }),
        Err(error) if error.is(&["ResourceNotFoundException"]) => {
            Ok(LeftSecret { name, exists: false, deleted: None })
        }
        Err(error) => Err(error.into()),
    }
}

pub(crate) async fn log_groups(reader: &Reader, facts: &Known) -> Result<LeftLogGroups, FactError> {
    let stacks: CourseStacks = known(facts, "course_stacks")?;
    let functions = stacks.made(FUNCTION);
    let account = &reader.account;
    let mut groups = Vec::new();
    let mut read = 0;
    let mut next: Option<String> = None;
    while read < MOST_GROUPS {
        let request = account.clients().logs.describe_log_groups().limit(50);
        let request = request.log_group_name_prefix(FUNCTION_LOGS).set_next_token(next).send();
        let page = account.call(Operation("logs", "DescribeLogGroups"), request).await?;
        read += page.log_groups().len();
        let names = page.log_groups().iter().filter_map(|group| group.log_group_name());
        let ours = names.filter(|name| {
            name.strip_prefix(FUNCTION_LOGS).is_some_and(|name| functions.contains(&name))
        });
        groups.extend(ours.map(ToOwned::to_owned));
        next = page.next_token().map(ToOwned::to_owned);
        if next.is_none() {
            return Ok(LeftLogGroups { groups });
        }
    }
    Err(FactError::CannotLook(CannotLook {
        reason: Reason::Service,
        message: format!("There are more than {MOST_GROUPS} log groups of functions."),
        remedy: "Look for the course's functions in the CloudWatch console, under Log groups."
            .to_owned(),
    }))
}

pub(crate) async fn databases(reader: &Reader, facts: &Known) -> Result<LeftDatabases, FactError> {
    let stacks: CourseStacks = known(facts, "course_stacks")?;
    let made = stacks.made(CLUSTER);
    let ours = |cluster: Option<&str>| cluster.is_some_and(|id| made.contains(&id));
    let (clusters, snapshots) = tokio::try_join!(clusters(reader), snapshots(reader))?;
    let clusters = clusters.iter().map(rds::DbCluster::db_cluster_identifier);
    let snapshots = snapshots.iter().filter(|snapshot| ours(snapshot.db_cluster_identifier()));
    Ok(LeftDatabases {
        clusters: clusters.filter(|id| ours(*id)).map(text).collect(),
        snapshots: snapshots.map(|one| text(one.db_cluster_snapshot_identifier())).collect(),
    })
}

async fn clusters(reader: &Reader) -> Result<Vec<rds::DbCluster>, FactError> {
    let account = &reader.account;
    let mut found = Vec::new();
    let mut marker: Option<String> = None;
    loop {
        let request = account.clients().rds.describe_db_clusters().set_marker(marker).send();
        let page = account.call(Operation("rds", "DescribeDBClusters"), request).await?;
        found.extend_from_slice(page.db_clusters());
        marker = page.marker().map(ToOwned::to_owned);
        if marker.is_none() {
            return Ok(found);
        }
    }
}

/// Snapshots that somebody took, or CloudFormation at the end. Automatic ones go with the cluster.
async fn snapshots(reader: &Reader) -> Result<Vec<rds::DbClusterSnapshot>, FactError> {
    let account = &reader.account;
    let mut found = Vec::new();
    let mut marker: Option<String> = None;
    loop {
        let request = account.clients().rds.describe_db_cluster_snapshots();
        let request = request.snapshot_type("manual").set_marker(marker).send();
        let page = account.call(Operation("rds", "DescribeDBClusterSnapshots"), request).await?;
        found.extend_from_slice(page.db_cluster_snapshots());
        marker = page.marker().map(ToOwned::to_owned);
        if marker.is_none() {
            return Ok(found);
        }
    }
}
