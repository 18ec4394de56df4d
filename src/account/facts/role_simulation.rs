//! IAM's policy simulator: what the analytics function's role may do. It honours permissions
//! boundaries and explicit denials, so it doesn't matter by which route the role was narrowed.

use aws_sdk_iam::types as sdk;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::cloudformation::AppStack;
use super::dynamodb::table;
use super::iam::AnalyticsRole;
use super::simulator::{evaluate, silent};
use super::sts::Caller;
use crate::account::fact::{FactError, Known};
use crate::account::reader::{Reader, known};

/// What nobody should be able to do through a function that counts parts.
const DANGEROUS: [&str; 12] = [
    "cloudtrail:StopLogging",
    "dynamodb:DeleteTable",
    "ec2:RunInstances",
    "iam:AttachRolePolicy",
    "iam:CreateAccessKey",
    "iam:CreateUser",
    "iam:PassRole",
    "lambda:UpdateFunctionCode",
    "rds:DeleteDBCluster",
    "s3:DeleteBucket",
    "s3:GetObject",
    "sts:AssumeRole",
];
/// What a function in a network needs of Amazon EC2: Lambda makes its network interfaces.
const NETWORK: [&str; 3] =
    ["ec2:CreateNetworkInterface", "ec2:DeleteNetworkInterface", "ec2:DescribeNetworkInterfaces"];
const LOGS: [&str; 2] = ["logs:CreateLogStream", "logs:PutLogEvents"];
const WRITE: &str = "dynamodb:PutItem";

/// What the role may do.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
pub(crate) struct Simulation {
    /// Actions that the function needs.
    needed: Vec<Simulated>,
    /// Actions that it never needs, each of which would hurt.
    dangerous: Vec<Simulated>,
    /// It may write into every table, not just into its own.
    writes_any_table: bool,
}

/// An action, and what the simulator decides.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
pub(crate) struct Simulated {
    /// The action: `iam:CreateUser`.
    action: String,
    /// On what: an ARN, or `*`.
    resource: String,
    /// The role may do it.
    allowed: bool,
    /// `allowed`, `explicitDeny` or `implicitDeny`.
    decision: String,
    /// Its policies allow it, and its permissions boundary doesn't.
    outside_boundary: bool,
    /// Policies whose statements decided.
    policies: Vec<String>,
}

pub(crate) async fn simulation(reader: &Reader, facts: &Known) -> Result<Simulation, FactError> {
    let caller: Caller = known(facts, "caller")?;
    let stack: AppStack = known(facts, "app_stack")?;
    let role: AnalyticsRole = known(facts, "analytics_role")?;
    let table = table(&stack, "DemandForecastDDBTable")?;
    let partition = role.arn.split(':').nth(1).unwrap_or("aws");
    let place = format!("{}:{}", caller.region, caller.account);
    let table = format!("arn:{partition}:dynamodb:{place}:table/{table}");
    let group = format!("/aws/lambda/{}", role.function);
    let stream =
        format!("arn:{partition}:logs:{place}:log-group:{group}:log-stream:2026/01/01/[$LATEST]a");
    let everywhere: Vec<&str> = DANGEROUS.into_iter().chain(NETWORK).chain([WRITE]).collect();
    let (everywhere, on_table, on_stream) = tokio::try_join!(
        simulate(reader, &role.arn, &everywhere, None),
        simulate(reader, &role.arn, &[WRITE, "dynamodb:DeleteTable"], Some(&table)),
        simulate(reader, &role.arn, &LOGS, Some(&stream)),
    )?;
    let of = |results: &[Simulated], actions: &[&str]| -> Vec<Simulated> {
        let wanted = |one: &&Simulated| actions.contains(&one.action.as_str());
        results.iter().filter(wanted).cloned().collect()
    };
    let mut needed = of(&on_table, &[WRITE]);
    needed.extend(on_stream);
    needed.extend(of(&everywhere, &NETWORK));
    let mut dangerous = of(&everywhere, &DANGEROUS);
    dangerous.extend(of(&on_table, &["dynamodb:DeleteTable"]));
    let writes_any_table = of(&everywhere, &[WRITE]).iter().any(|one| one.allowed);
    Ok(Simulation { needed, dangerous, writes_any_table })
}

/// Asks the simulator about actions on one resource. Each action must come back: an action that
/// the answer leaves out is not judged.
async fn simulate(
    reader: &Reader,
    role: &str,
    actions: &[&str],
    on: Option<&str>,
) -> Result<Vec<Simulated>, FactError> {
    let results = evaluate(reader, role, actions, on.as_slice()).await?;
    let found: Vec<Simulated> = results.iter().map(|result| read(result, on)).collect();
    match actions.iter().find(|action| !found.iter().any(|one| one.action == **action)) {
        None => Ok(found),
        Some(action) => Err(silent(action)),
    }
}

fn read(result: &sdk::EvaluationResult, on: Option<&str>) -> Simulated {
    let decision = result.eval_decision().as_str().to_owned();
    let mut policies: Vec<String> = result
        .matched_statements()
        .iter()
        .filter_map(|statement| statement.source_policy_id())
        .map(ToOwned::to_owned)
        .collect();
    policies.dedup();
    let boundary = result.permissions_boundary_decision_detail();
    let outside = boundary.is_some_and(|detail| !detail.allowed_by_permissions_boundary());
    Simulated {
        action: result.eval_action_name().to_owned(),
        resource: on.unwrap_or("*").to_owned(),
        allowed: decision == "allowed",
        outside_boundary: outside && !policies.is_empty(),
        decision,
        policies,
    }
}
