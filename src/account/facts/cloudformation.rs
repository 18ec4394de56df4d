//! AWS CloudFormation: the course's stacks.

use std::collections::BTreeMap;

use aws_sdk_cloudformation::types as sdk;
use futures_util::future::try_join_all;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{elsewhere, missing, text, time};
use crate::account::call::{CallError, Operation};
use crate::account::fact::{FactError, Known, clip};
use crate::account::reader::Reader;

/// A stack.
#[derive(Debug, Clone, Default, Serialize, Deserialize, JsonSchema)]
pub(crate) struct Stack {
    /// The stack's name.
    pub(crate) name: String,
    /// Its status: `CREATE_COMPLETE`.
    pub(crate) status: String,
    /// Why it has this status; for a failure, the first resource that failed and its reason.
    pub(crate) reason: String,
    /// The last deployment went through.
    pub(crate) complete: bool,
    /// Nothing of it is deployed: a change set would create it, and wasn't executed.
    pub(crate) in_review: bool,
    /// A deployment is under way.
    pub(crate) in_progress: bool,
    /// The last deployment failed; what was there before it may still work.
    pub(crate) failed: bool,
    /// Its resources can be used: complete, updating, or rolled back to what was there before.
    pub(crate) usable: bool,
    /// When it was first deployed, RFC 3339.
    pub(crate) created: Option<String>,
    /// When the last deployment began, RFC 3339.
    pub(crate) changed: Option<String>,
    /// Outputs by key.
    pub(crate) outputs: BTreeMap<String, String>,
    /// Parameters by key; values that the template hides are asterisks.
    pub(crate) parameters: BTreeMap<String, String>,
}

/// The application's stack with its resources.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
pub(crate) struct AppStack {
    #[serde(flatten)]
    pub(crate) stack: Stack,
    /// Resources that exist, by logical id.
    pub(crate) resources: BTreeMap<String, Resource>,
}

/// A resource of a stack.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
pub(crate) struct Resource {
    /// Its type: `AWS::Cognito::UserPool`.
    #[serde(rename = "type")]
    pub(crate) kind: String,
    /// Its physical id.
    pub(crate) id: String,
    /// Its status: `CREATE_COMPLETE`.
    pub(crate) status: String,
}

/// All stacks that the course names.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
pub(crate) struct Stacks {
    /// The stacks by their role in `course.yaml`; also those that aren't there.
    by_role: BTreeMap<String, NamedStack>,
}

/// A stack that the course names.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
pub(crate) struct NamedStack {
    /// Whether it is there. If not, its other fields but the name are empty or false.
    exists: bool,
    #[serde(flatten)]
    stack: AppStack,
}

impl NamedStack {
    /// One that isn't there.
    fn absent(name: &str) -> Self {
        let stack = Stack { name: name.to_owned(), ..Stack::default() };
        Self { exists: false, stack: AppStack { stack, resources: BTreeMap::new() } }
    }
}

impl AppStack {
    /// The resource of a type: the one with the course's logical id, or else the first.
    pub(crate) fn find(&self, kind: &str, logical: &str) -> Option<&Resource> {
        let of_kind = |resource: &&Resource| resource.kind == kind;
        self.resources
            .get(logical)
            .filter(of_kind)
            .or_else(|| self.resources.values().find(of_kind))
    }

    /// The same, or the fact that it is missing.
    pub(crate) fn require(&self, kind: &str, logical: &str) -> Result<&Resource, FactError> {
        self.find(kind, logical)
            .ok_or_else(|| missing(format!("{logical} in stack {}", self.stack.name)))
    }
}

pub(crate) async fn init_stack(reader: &Reader, _: &Known) -> Result<Stack, FactError> {
    stack(reader, "init").await
}

pub(crate) async fn database_stack(reader: &Reader, _: &Known) -> Result<Stack, FactError> {
    stack(reader, "database").await
}

pub(crate) async fn app_stack(reader: &Reader, _: &Known) -> Result<AppStack, FactError> {
    with_resources(reader, "app").await
}

pub(crate) async fn stacks(reader: &Reader, _: &Known) -> Result<Stacks, FactError> {
    let names = &reader.account.target().names.stacks;
    let readings = names.iter().map(async |(role, name)| {
        let stack = match with_resources(reader, role).await {
            Ok(stack) => NamedStack { exists: true, stack },
            Err(FactError::Missing { .. }) => NamedStack::absent(name),
            Err(error) => return Err(error),
        };
        Ok((role.clone(), stack))
    });
    Ok(Stacks { by_role: try_join_all(readings).await?.into_iter().collect() })
}

async fn with_resources(reader: &Reader, role: &str) -> Result<AppStack, FactError> {
    let name = reader.account.target().names.stack(role);
    let (stack, resources) = tokio::try_join!(stack(reader, role), resources(reader, name))?;
    Ok(AppStack { stack, resources })
}

async fn stack(reader: &Reader, role: &str) -> Result<Stack, FactError> {
    let account = &reader.account;
    let name = account.target().names.stack(role);
    let request = account.clients().cloudformation.describe_stacks().stack_name(name).send();
    let answer = account.call(Operation("cloudformation", "DescribeStacks"), request).await;
    let answer = match answer {
        Ok(answer) => answer,
        Err(error) => return Err(absent(reader, name, error).await),
    };
    let found = answer.stacks().first().ok_or_else(|| no_stack(reader, name))?;
    let mut stack = read(found);
    if stack.failed
        && let Some(reason) = first_failure(reader, name).await
    {
        stack.reason = reason;
    }
    Ok(stack)
}

fn read(stack: &sdk::Stack) -> Stack {
    let status = stack.stack_status().map_or("", sdk::StackStatus::as_str);
    let cleaning_up = status == "UPDATE_COMPLETE_CLEANUP_IN_PROGRESS";
    let complete =
        cleaning_up || matches!(status, "CREATE_COMPLETE" | "UPDATE_COMPLETE" | "IMPORT_COMPLETE");
    let in_review = status == "REVIEW_IN_PROGRESS";
    let in_progress = status.ends_with("_IN_PROGRESS") && !cleaning_up && !in_review;
    Stack {
        name: text(stack.stack_name()),
        status: status.to_owned(),
        reason: clip(stack.stack_status_reason().unwrap_or_default(), 240),
        complete,
        in_review,
        in_progress,
        failed: !complete && !in_progress && !in_review,
        usable: complete
            || status.starts_with("UPDATE_ROLLBACK")
            || status.starts_with("UPDATE_IN_PROGRESS"),
        created: time(stack.creation_time()),
        changed: time(stack.last_updated_time().or(stack.creation_time())),
        outputs: stack
            .outputs()
            .iter()
            .map(|output| (text(output.output_key()), text(output.output_value())))
            .collect(),
        parameters: stack
            .parameters()
            .iter()
            .map(|parameter| (text(parameter.parameter_key()), text(parameter.parameter_value())))
            .collect(),
    }
}

/// The resource whose failure made the last deployment fail: the earliest failure since it began
/// that isn't the cancellation of another. Without it the stack's own reason has to do.
async fn first_failure(reader: &Reader, name: &str) -> Option<String> {
    let events = last_deployment(reader, name).await.ok()?;
    let failed = |event: &&sdk::StackEvent| {
        let status = event.resource_status().map_or("", sdk::ResourceStatus::as_str);
        let reason = event.resource_status_reason().unwrap_or_default();
        status.ends_with("_FAILED") && !reason.is_empty() && !reason.contains("cancelled")
    };
    let first = events.iter().rev().find(failed)?;
    let reason = clip(first.resource_status_reason().unwrap_or_default(), 240);
    Some(format!("{}: {reason}", text(first.logical_resource_id())))
}

/// The events of the stack's last deployment, newest first.
async fn last_deployment(reader: &Reader, name: &str) -> Result<Vec<sdk::StackEvent>, CallError> {
    let account = &reader.account;
    let began = |event: &sdk::StackEvent| {
        let status = event.resource_status().map_or("", sdk::ResourceStatus::as_str);
        let is_stack = event.physical_resource_id() == event.stack_id();
        is_stack && matches!(status, "CREATE_IN_PROGRESS" | "UPDATE_IN_PROGRESS")
    };
    let mut events = Vec::new();
    let mut next: Option<String> = None;
    loop {
        let request = account.clients().cloudformation.describe_stack_events().stack_name(name);
        let request = request.set_next_token(next).send();
        let operation = Operation("cloudformation", "DescribeStackEvents");
        let page = account.call(operation, request).await?;
        // The deployment began where the stack itself entered CREATE or UPDATE.
        for event in page.stack_events() {
            if began(event) {
                return Ok(events);
            }
            events.push(event.clone());
        }
        next = page.next_token().map(ToOwned::to_owned);
        if next.is_none() {
            return Ok(events);
        }
    }
}

async fn resources(reader: &Reader, name: &str) -> Result<BTreeMap<String, Resource>, FactError> {
    let account = &reader.account;
    let mut found = BTreeMap::new();
    let mut next: Option<String> = None;
    loop {
        let request = account
            .clients()
            .cloudformation
            .list_stack_resources()
            .stack_name(name)
            .set_next_token(next);
        let operation = Operation("cloudformation", "ListStackResources");
        let page = match account.call(operation, request.send()).await {
            Ok(page) => page,
            Err(error) => return Err(absent(reader, name, error).await),
        };
        for resource in page.stack_resource_summaries() {
            let status = resource.resource_status().map_or("", sdk::ResourceStatus::as_str);
            let id = text(resource.physical_resource_id());
            if id.is_empty() || matches!(status, "DELETE_COMPLETE" | "CREATE_FAILED") {
                continue;
            }
            let kind = text(resource.resource_type());
            let resource_here = Resource { kind, id, status: status.to_owned() };
            found.insert(text(resource.logical_resource_id()), resource_here);
        }
        next = page.next_token().map(ToOwned::to_owned);
        if next.is_none() {
            return Ok(found);
        }
    }
}

/// A stack that doesn't exist is a ValidationError there, not a NotFound.
pub(super) fn is_absent(error: &CallError) -> bool {
    error.is(&["ValidationError"]) && error.message.contains("does not exist")
}

async fn absent(reader: &Reader, name: &str, error: CallError) -> FactError {
    if is_absent(&error) {
        return elsewhere::instead_of(reader, no_stack(reader, name), name).await;
    }
    error.into()
}

fn no_stack(reader: &Reader, name: &str) -> FactError {
    missing(format!("stack {name} in region {}", reader.account.region()))
}

#[cfg(test)]
mod tests {
    use super::{read, sdk};

    #[test]
    fn a_stack_is_complete_in_review_under_way_or_failed() {
        for (status, expected) in [
            ("CREATE_COMPLETE", "complete"),
            ("UPDATE_COMPLETE_CLEANUP_IN_PROGRESS", "complete"),
            ("REVIEW_IN_PROGRESS", "in review"),
            ("CREATE_IN_PROGRESS", "in progress"),
            ("UPDATE_ROLLBACK_IN_PROGRESS", "in progress"),
            ("ROLLBACK_COMPLETE", "failed"),
            ("UPDATE_ROLLBACK_COMPLETE", "failed"),
        ] {
            let stack = sdk::Stack::builder().stack_status(status.into()).build();
            let stack = read(&stack);
            let all = [
                ("complete", stack.complete),
                ("in review", stack.in_review),
                ("in progress", stack.in_progress),
                ("failed", stack.failed),
            ];
            let said: Vec<&str> = all.iter().filter(|one| one.1).map(|one| one.0).collect();
            assert_eq!(said, [expected], "{status}");
            assert!(!(stack.in_review && stack.usable));
        }
    }
}
