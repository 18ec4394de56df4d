//! IAM: the analytics function's role, and what its policies say.

use futures_util::future::try_join_all;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::lambda::Functions;
use super::{missing, statements, text};
use crate::account::call::{CallError, Operation};
use crate::account::fact::{CannotLook, FactError, Known, Reason, clip};
use crate::account::reader::{Reader, known};

/// The function's logical id in the application's stack.
pub(super) const ANALYTICS: &str = "CustomUnicornAnalyticsFunction";

/// Policies of AWS's own that only do what the Lambda runtime needs: there is nothing to read.
const RUNTIME: [&str; 4] = [
    "service-role/AWSLambdaBasicExecutionRole",
    "service-role/AWSLambdaVPCAccessExecutionRole",
    "AWSXRayDaemonWriteAccess",
    "AWSXrayWriteOnlyAccess",
];

/// The role of the analytics function.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
pub(crate) struct AnalyticsRole {
    /// The role's name.
    pub(crate) name: String,
    /// The role's ARN.
    pub(crate) arn: String,
    /// Name of the function.
    pub(crate) function: String,
    /// Its policies, inline ones first.
    pub(crate) policies: Vec<RolePolicy>,
    /// ARN of its permissions boundary.
    pub(crate) boundary: Option<String>,
    /// It has a boundary, and that isn't too broad itself: then its policies may be.
    narrowed: bool,
    /// Statements that allow too much, unless a boundary narrows them.
    broad: Vec<BroadStatement>,
}

/// A policy of the role.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
pub(crate) struct RolePolicy {
    /// Its name.
    pub(crate) name: String,
    /// Its ARN; null for an inline policy.
    pub(crate) arn: Option<String>,
    /// Its document as JSON text; empty where it wasn't read.
    pub(crate) document: String,
}

/// A statement that allows too much.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
pub(crate) struct BroadStatement {
    /// Name of its policy.
    policy: String,
    /// Its `Sid`, or its place in the policy from 1.
    statement: String,
    /// `every_action`, `all_but_some` (`NotAction`), or `whole_service` (`dynamodb:*`).
    breadth: String,
    /// The action patterns that make it so.
    actions: String,
}

pub(crate) async fn analytics_role(
    reader: &Reader,
    facts: &Known,
) -> Result<AnalyticsRole, FactError> {
    let functions: Functions = known(facts, "functions")?;
    let function = functions
        .functions
        .into_iter()
        .find(|function| function.logical == ANALYTICS)
        .ok_or_else(|| missing(format!("function {ANALYTICS}")))?;
    let name = function.role.rsplit('/').next().unwrap_or_default().to_owned();
    let (boundary, attached, inline) =
        tokio::try_join!(boundary(reader, &name), attached(reader, &name), inline(reader, &name))?;
    let narrowing = match &boundary {
        Some(arn) => Some(managed(reader, arn).await?),
        None => None,
    };
    let narrowed = narrowing.as_ref().is_some_and(|policy| broad(policy).is_empty());
    let policies: Vec<RolePolicy> = inline.into_iter().chain(attached).collect();
    let broad = if narrowed { Vec::new() } else { policies.iter().flat_map(broad).collect() };
    Ok(AnalyticsRole {
        name,
        arn: function.role,
        function: function.name,
        policies,
        boundary,
        narrowed,
        broad,
    })
}

/// What a policy allows too much of.
fn broad(policy: &RolePolicy) -> Vec<BroadStatement> {
    let document = serde_json::from_str(&policy.document).unwrap_or_default();
    statements::broad(&document)
        .into_iter()
        .map(|broad| BroadStatement {
            policy: policy.name.clone(),
            statement: clip(&broad.statement, 60),
            breadth: broad.breadth.name().to_owned(),
            actions: clip(&broad.actions.join(", "), 120),
        })
        .collect()
}

/// ARN of the role's permissions boundary.
async fn boundary(reader: &Reader, role: &str) -> Result<Option<String>, FactError> {
    let account = &reader.account;
    let request = account.clients().iam.get_role().role_name(role).send();
    let answer = account
        .call(Operation("iam", "GetRole"), request)
        .await
        .map_err(|error| absent(error, format!("role {role}")))?;
    let boundary = answer.role().and_then(|role| role.permissions_boundary());
    Ok(boundary.and_then(|b| b.permissions_boundary_arn()).map(ToOwned::to_owned))
}

/// The role's managed policies with their documents.
async fn attached(reader: &Reader, role: &str) -> Result<Vec<RolePolicy>, FactError> {
    let account = &reader.account;
    let mut arns = Vec::new();
    let mut marker: Option<String> = None;
    loop {
        let request =
            account.clients().iam.list_attached_role_policies().role_name(role).set_marker(marker);
        let page = account
            .call(Operation("iam", "ListAttachedRolePolicies"), request.send())
            .await
            .map_err(|error| absent(error, format!("role {role}")))?;
        arns.extend(page.attached_policies().iter().map(|policy| text(policy.policy_arn())));
        marker = page.marker().filter(|_| page.is_truncated()).map(ToOwned::to_owned);
        if marker.is_none() {
            break;
        }
    }
    try_join_all(arns.iter().map(|arn| managed(reader, arn))).await
}

/// A managed policy with the document of its default version.
async fn managed(reader: &Reader, arn: &str) -> Result<RolePolicy, FactError> {
    let name = arn.rsplit('/').next().unwrap_or(arn).to_owned();
    let runtime =
        arn.split_once(":iam::aws:policy/").is_some_and(|(_, path)| RUNTIME.contains(&path));
    if runtime {
        return Ok(RolePolicy { name, arn: Some(arn.to_owned()), document: String::new() });
    }
    let account = &reader.account;
    let gone = |error| absent(error, format!("policy {arn}"));
    let request = account.clients().iam.get_policy().policy_arn(arn).send();
    let policy = account.call(Operation("iam", "GetPolicy"), request).await.map_err(gone)?;
    let version = text(policy.policy().and_then(|policy| policy.default_version_id()));
    let request =
        account.clients().iam.get_policy_version().policy_arn(arn).version_id(version).send();
    let answer = account.call(Operation("iam", "GetPolicyVersion"), request).await.map_err(gone)?;
    let document = answer.policy_version().and_then(|version| version.document());
    let document = read(&name, document.unwrap_or_default())?;
    Ok(RolePolicy { name, arn: Some(arn.to_owned()), document })
}

/// The role's inline policies with their documents.
async fn inline(reader: &Reader, role: &str) -> Result<Vec<RolePolicy>, FactError> {
    let account = &reader.account;
    let mut names = Vec::new();
    let mut marker: Option<String> = None;
    loop {
        let request = account.clients().iam.list_role_policies().role_name(role).set_marker(marker);
        let page = account
            .call(Operation("iam", "ListRolePolicies"), request.send())
            .await
            .map_err(|error| absent(error, format!("role {role}")))?;
        names.extend(page.policy_names().iter().cloned());
        marker = page.marker().filter(|_| page.is_truncated()).map(ToOwned::to_owned);
        if marker.is_none() {
            break;
        }
    }
    try_join_all(names.into_iter().map(|name| async move {
        let request =
            account.clients().iam.get_role_policy().role_name(role).policy_name(&name).send();
        let answer = account
            .call(Operation("iam", "GetRolePolicy"), request)
            .await
            .map_err(|error| absent(error, format!("policy {name}")))?;
        let document = read(&name, answer.policy_document())?;
        Ok(RolePolicy { name, arn: None, document })
    }))
    .await
}

/// The document as plain JSON. One that can't be read can't be judged either.
fn read(policy: &str, encoded: &str) -> Result<String, FactError> {
    let document: Option<Value> = statements::document(encoded);
    document.map(|document| document.to_string()).ok_or_else(|| {
        FactError::CannotLook(CannotLook {
            reason: Reason::Service,
            message: format!("The document of policy {} can't be read.", clip(policy, 64)),
            remedy: "Look at the policy in the IAM console; save it again.".to_owned(),
        })
    })
}

fn absent(error: CallError, what: String) -> FactError {
    if error.is(&["NoSuchEntity", "NoSuchEntityException"]) { missing(what) } else { error.into() }
}
