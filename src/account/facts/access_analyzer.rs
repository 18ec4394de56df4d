//! IAM Access Analyzer: policies generated for the analytics function's role.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::iam::AnalyticsRole;
use super::time;
use crate::account::call::Operation;
use crate::account::fact::{FactError, Known};
use crate::account::reader::{Reader, known};

/// Policy generations of the last seven days, newest first; older ones are not listed.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
pub(crate) struct Generations {
    /// The jobs of this region.
    jobs: Vec<Generation>,
    /// One of them succeeded.
    succeeded: bool,
    /// When the newest job that is still in progress began, RFC 3339; null where none is.
    in_progress_since: Option<String>,
}

/// A policy generation.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
pub(crate) struct Generation {
    /// The job's id.
    id: String,
    /// `IN_PROGRESS`, `SUCCEEDED`, `FAILED` or `CANCELED`.
    status: String,
    /// When it began, RFC 3339.
    started: Option<String>,
}

pub(crate) async fn generations(reader: &Reader, facts: &Known) -> Result<Generations, FactError> {
    let role: AnalyticsRole = known(facts, "analytics_role")?;
    let account = &reader.account;
    let mut jobs: Vec<Generation> = Vec::new();
    let mut next: Option<String> = None;
    loop {
        let request = account
            .clients()
            .accessanalyzer
            .list_policy_generations()
            .principal_arn(&role.arn)
            .set_next_token(next);
        let page = account
            .call(Operation("access-analyzer", "ListPolicyGenerations"), request.send())
            .await?;
        jobs.extend(page.policy_generations().iter().map(|job| Generation {
            id: job.job_id().to_owned(),
            status: job.status().as_str().to_owned(),
            started: time(Some(job.started_on())),
        }));
        next = page.next_token().map(ToOwned::to_owned);
        if next.is_none() {
            break;
        }
    }
    jobs.sort_by(|one, other| other.started.cmp(&one.started));
    let running = jobs.iter().find(|job| job.status == "IN_PROGRESS");
    Ok(Generations {
        succeeded: jobs.iter().any(|job| job.status == "SUCCEEDED"),
        in_progress_since: running.and_then(|job| job.started.clone()),
        jobs,
    })
}
