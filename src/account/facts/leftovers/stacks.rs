//! The course's stacks, also those that are deleted: CloudFormation remembers them for 90 days, with
//! what they made.

use std::collections::BTreeMap;

use aws_sdk_cloudformation::types as sdk;
use aws_smithy_types::DateTime;
use futures_util::future::try_join_all;
use jiff::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::account::call::Operation;
use crate::account::fact::{CannotLook, FactError, Known, Reason, clip};
use crate::account::facts::{text, time};
use crate::account::reader::Reader;

/// Types of what other facts look for, also when its stack is gone.
pub(super) const API: &str = "AWS::ApiGateway::RestApi";
pub(super) const CLUSTER: &str = "AWS::RDS::DBCluster";
pub(super) const FUNCTION: &str = "AWS::Lambda::Function";
pub(super) const POLICY_STORE: &str = "AWS::VerifiedPermissions::PolicyStore";
pub(super) const USER_POOL: &str = "AWS::Cognito::UserPool";
const LOOKED_FOR: [&str; 5] = [API, CLUSTER, FUNCTION, POLICY_STORE, USER_POOL];
/// Of these, the facts that look for them say whether they are still there.
const LOOKED_AT: [&str; 3] = [CLUSTER, POLICY_STORE, USER_POOL];

/// The course's stacks.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
pub(crate) struct CourseStacks {
    /// The stacks that the course names, by role.
    pub(super) stacks: Vec<CourseStack>,
    /// When the first of them was made, also of deleted ones, RFC 3339.
    since: Option<String>,
    /// When this was read, RFC 3339.
    read: String,
}

/// What became of one of the course's stacks.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
pub(crate) struct CourseStack {
    /// Its role in the course: `init`, `database`, `app`, `trail`.
    pub(super) role: String,
    /// Its name.
    pub(super) name: String,
    /// `there`; `deleting`; `stuck`: it could not be deleted; `deleted`; `unknown`: there is none of
    /// that name, and was none in the last 90 days.
    state: String,
    /// It isn't there: `deleted` or `unknown`.
    gone: bool,
    /// CloudFormation's status: `DELETE_FAILED`; empty when it is unknown.
    status: String,
    /// Why it could not be deleted; empty unless it is `stuck`.
    reason: String,
    /// What was kept when it was deleted, and can't be looked at here: `DeploymentBucket (name)`.
    kept: Vec<String>,
    /// Physical ids of what it made, by type; only of types that the clean-up looks for.
    made: BTreeMap<String, Vec<String>>,
}

impl CourseStacks {
    /// Physical ids of what the stacks made of a type.
    pub(super) fn made(&self, kind: &str) -> Vec<&str> {
        let ids = self.stacks.iter().filter_map(|stack| stack.made.get(kind)).flatten();
        ids.map(String::as_str).collect()
    }

    /// Whether something of this age can be the course's: it is no older than its first stack.
    pub(super) fn may_have_made(&self, created: &DateTime) -> bool {
        let since = self.since.as_deref().and_then(|time| time.parse::<Timestamp>().ok());
        since.is_none_or(|since| created.secs() >= since.as_second())
    }

    /// The name of the stack with a role.
    pub(super) fn name(&self, role: &str) -> Option<&str> {
        self.stacks.iter().find(|stack| stack.role == role).map(|stack| stack.name.as_str())
    }
}

pub(crate) async fn course_stacks(reader: &Reader, _: &Known) -> Result<CourseStacks, FactError> {
    let known = summaries(reader).await?;
    let names = &reader.account.target().names.stacks;
    let stacks = names.iter().map(|(role, name)| one(reader, role, name, &known));
    let stacks = try_join_all(stacks).await?;
    if stacks.iter().all(|stack| stack.state == "unknown") {
        return Err(never_here(reader));
    }
    let of_course =
        known.iter().filter(|stack| names.values().any(|name| stack.stack_name() == Some(name)));
    let first =
        of_course.filter_map(sdk::StackSummary::creation_time).min_by_key(|at| at.as_nanos());
    Ok(CourseStacks { stacks, since: time(first), read: Timestamp::now().to_string() })
}

/// Where none of the stacks ever was, nothing can be said to be cleaned up: more likely somebody
/// looks at the wrong place.
fn never_here(reader: &Reader) -> FactError {
    let region = reader.account.region();
    FactError::CannotLook(CannotLook {
        reason: Reason::Region,
        message: format!(
            "CloudFormation knows none of the course's stacks in region {region}, not even deleted \
             ones: it forgets those after 90 days."
        ),
        remedy: "If the course was elsewhere, give its --region, --profile and stack names. If it \
                 was never deployed, there is nothing to clean up."
            .to_owned(),
    })
}

/// All stacks of the region, with those that were deleted in the last 90 days.
async fn summaries(reader: &Reader) -> Result<Vec<sdk::StackSummary>, FactError> {
    let account = &reader.account;
    let mut found = Vec::new();
    let mut next: Option<String> = None;
    loop {
        let request = account.clients().cloudformation.list_stacks().set_next_token(next);
        let page = account.call(Operation("cloudformation", "ListStacks"), request.send()).await?;
        found.extend_from_slice(page.stack_summaries());
        next = page.next_token().map(ToOwned::to_owned);
        if next.is_none() {
            return Ok(found);
        }
    }
}

fn status(stack: &sdk::StackSummary) -> &str {
    stack.stack_status().map_or("", sdk::StackStatus::as_str)
}

/// The stack of a name that is there, and the one that was deleted last.
fn of_name<'a>(
    name: &str,
    all: &'a [sdk::StackSummary],
) -> (Option<&'a sdk::StackSummary>, Option<&'a sdk::StackSummary>) {
    let of_name = || all.iter().filter(|stack| stack.stack_name() == Some(name));
    let exact = |time: Option<&DateTime>| time.map(DateTime::as_nanos);
    let deleted = |stack: &&sdk::StackSummary| status(stack) == "DELETE_COMPLETE";
    let live = of_name().find(|stack| !deleted(stack));
    (live, of_name().filter(deleted).max_by_key(|stack| exact(stack.deletion_time())))
}

/// What became of a stack, by its status.
fn state(status: &str) -> &'static str {
    match status {
        "" => "unknown",
        "DELETE_COMPLETE" => "deleted",
        "DELETE_IN_PROGRESS" => "deleting",
        "DELETE_FAILED" => "stuck",
        _ => "there",
    }
}

async fn one(
    reader: &Reader,
    role: &str,
    name: &str,
    all: &[sdk::StackSummary],
) -> Result<CourseStack, FactError> {
    let (live, deleted) = of_name(name, all);
    let stack = live.or(deleted);
    let status = stack.map_or("", status);
    let mut found = CourseStack {
        role: role.to_owned(),
        name: name.to_owned(),
        state: state(status).to_owned(),
        gone: matches!(state(status), "deleted" | "unknown"),
        status: status.to_owned(),
        reason: String::new(),
        kept: Vec::new(),
        made: BTreeMap::new(),
    };
    for stack in live.into_iter().chain(deleted) {
        let resources = resources(reader, stack.stack_id().unwrap_or(name)).await?;
        for resource in &resources {
            found.note(resource);
        }
        if found.state == "stuck" && Some(stack) == live {
            found.reason = stuck(&resources)
                .unwrap_or_else(|| clip(stack.stack_status_reason().unwrap_or_default(), 400));
        }
    }
    Ok(found)
}

impl CourseStack {
    /// Takes down what matters of a resource.
    fn note(&mut self, resource: &sdk::StackResourceSummary) {
        let kind = resource.resource_type().unwrap_or_default();
        let id = resource.physical_resource_id().unwrap_or_default();
        if LOOKED_FOR.contains(&kind) && !id.is_empty() {
            let ids = self.made.entry(kind.to_owned()).or_default();
            if !ids.iter().any(|known| known == id) {
                ids.push(id.to_owned());
            }
        }
        let kept = resource.resource_status() == Some(&sdk::ResourceStatus::DeleteSkipped);
        if kept && !LOOKED_AT.contains(&kind) {
            let logical = resource.logical_resource_id().unwrap_or_default();
            self.kept.push(clip(&format!("{logical} ({id})"), 160));
        }
    }
}

/// The resources that could not be deleted, with their reasons.
fn stuck(resources: &[sdk::StackResourceSummary]) -> Option<String> {
    let failed = resources
        .iter()
        .filter(|resource| resource.resource_status() == Some(&sdk::ResourceStatus::DeleteFailed));
    let said: Vec<String> = failed
        .map(|resource| {
            let reason = clip(resource.resource_status_reason().unwrap_or_default(), 200);
            format!("{}: {reason}", text(resource.logical_resource_id()))
        })
        .collect();
    (!said.is_empty()).then(|| said.join("; "))
}

async fn resources(reader: &Reader, id: &str) -> Result<Vec<sdk::StackResourceSummary>, FactError> {
    let account = &reader.account;
    let mut found = Vec::new();
    let mut next: Option<String> = None;
    loop {
        let request = account.clients().cloudformation.list_stack_resources().stack_name(id);
        let request = request.set_next_token(next).send();
        let operation = Operation("cloudformation", "ListStackResources");
        let page = account.call(operation, request).await?;
        found.extend_from_slice(page.stack_resource_summaries());
        next = page.next_token().map(ToOwned::to_owned);
        if next.is_none() {
            return Ok(found);
        }
    }
}

#[cfg(test)]
mod tests {
    use aws_smithy_types::DateTime;

    use super::*;

    fn summary(name: &str, status: sdk::StackStatus, deleted: i64) -> sdk::StackSummary {
        sdk::StackSummary::builder()
            .stack_name(name)
            .stack_id(format!("{name}/{deleted}"))
            .stack_status(status)
            .deletion_time(DateTime::from_secs(deleted))
            .build()
    }

    #[test]
    fn a_stack_that_was_made_anew_is_there_and_its_last_ancestor_is_known() {
        let gone = sdk::StackStatus::DeleteComplete;
        let all = [
            summary("App", gone.clone(), 1),
            summary("App", gone.clone(), 3),
            summary("App", gone.clone(), 2),
            summary("Other", sdk::StackStatus::CreateComplete, 0),
        ];
        let (live, deleted) = of_name("App", &all);
        assert!(live.is_none());
        assert_eq!(deleted.and_then(sdk::StackSummary::stack_id), Some("App/3"));
        let again = [&all[..], &[summary("App", sdk::StackStatus::RollbackComplete, 0)]].concat();
        let (live, deleted) = of_name("App", &again);
        assert_eq!(live.map(status), Some("ROLLBACK_COMPLETE"));
        assert_eq!(deleted.and_then(sdk::StackSummary::stack_id), Some("App/3"));
    }

    #[test]
    fn what_is_under_way_is_neither_there_nor_gone() {
        for (status, expected) in [
            ("DELETE_IN_PROGRESS", "deleting"),
            ("DELETE_FAILED", "stuck"),
            ("DELETE_COMPLETE", "deleted"),
            ("ROLLBACK_COMPLETE", "there"),
            ("REVIEW_IN_PROGRESS", "there"),
            ("", "unknown"),
        ] {
            assert_eq!(state(status), expected, "{status}");
        }
    }

    #[test]
    fn each_resource_that_stays_is_named_with_its_reason() {
        let resource = |logical: &str, status: sdk::ResourceStatus, why: &str| {
            sdk::StackResourceSummary::builder()
                .logical_resource_id(logical)
                .resource_status(status)
                .resource_status_reason(why)
                .build()
        };
        let (failed, gone) =
            (sdk::ResourceStatus::DeleteFailed, sdk::ResourceStatus::DeleteComplete);
        let all = [
            resource("Bucket", failed.clone(), "not empty"),
            resource("Vpc", gone.clone(), ""),
            resource("Pool", failed, "has a domain"),
        ];
        assert_eq!(stuck(&all).as_deref(), Some("Bucket: not empty; Pool: has a domain"));
        assert_eq!(stuck(&[resource("Vpc", gone, "")]), None);
    }
}
