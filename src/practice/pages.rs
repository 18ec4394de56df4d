//! Small pages: lists a few items at a time, as [`Kind::SmallPages`](super::faults::Kind) asks. So a
//! test can see whether somebody reads a list to its end.
//!
//! Tokens of the services are the place where the next page begins, and so are these: a service that
//! pages by itself starts there, and its answer is cut; one that doesn't gives all it has.

use serde_json::{Value, json};

use super::services::{self, Service};
use super::store::Tx;
use super::wire::{Answer, Call, Fault, Reply, ReplyBody};

/// A list operation: where it has its items, and how its tokens are called.
#[derive(Debug)]
struct List {
    service: &'static str,
    operation: &'static str,
    items: &'static str,
    /// The token in the request.
    from: &'static str,
    /// The token in the answer.
    next: &'static str,
    /// The service begins where the token says; else it gives all.
    pages: bool,
}

const fn list(
    (service, operation): (&'static str, &'static str),
    items: &'static str,
    from: &'static str,
    next: &'static str,
    pages: bool,
) -> List {
    List { service, operation, items, from, next, pages }
}

/// The lists that can be asked for in pages, but for DynamoDB's, whose tokens are keys.
static LISTS: &[List] = &[
    list(
        ("access-analyzer", "ListPolicyGenerations"),
        "policyGenerations",
        "nextToken",
        "nextToken",
        false,
    ),
    list(("apigateway", "GetApiKeys"), "items", "position", "position", true),
    list(("apigateway", "GetAuthorizers"), "items", "position", "position", true),
    list(("apigateway", "GetResources"), "items", "position", "position", true),
    list(("apigateway", "GetRestApis"), "items", "position", "position", true),
    list(("apigateway", "GetUsage"), "values", "position", "position", false),
    list(("apigateway", "GetUsagePlanKeys"), "items", "position", "position", true),
    list(("apigateway", "GetUsagePlans"), "items", "position", "position", true),
    list(("cloudformation", "DescribeStackEvents"), "StackEvents", "NextToken", "NextToken", true),
    list(("cloudformation", "DescribeStacks"), "Stacks", "NextToken", "NextToken", true),
    list(
        ("cloudformation", "ListStackResources"),
        "StackResourceSummaries",
        "NextToken",
        "NextToken",
        true,
    ),
    list(("cloudformation", "ListStacks"), "StackSummaries", "NextToken", "NextToken", true),
    list(("cognito-idp", "AdminListGroupsForUser"), "Groups", "NextToken", "NextToken", true),
    list(("cognito-idp", "ListResourceServers"), "ResourceServers", "NextToken", "NextToken", true),
    list(("cognito-idp", "ListUserPoolClients"), "UserPoolClients", "NextToken", "NextToken", true),
    list(("cognito-idp", "ListUserPools"), "UserPools", "NextToken", "NextToken", true),
    list(("cognito-idp", "ListUsers"), "Users", "PaginationToken", "PaginationToken", true),
    list(("guardduty", "ListDetectors"), "detectorIds", "nextToken", "nextToken", false),
    list(("iam", "ListAttachedRolePolicies"), "AttachedPolicies", "Marker", "Marker", true),
    list(("iam", "ListRoles"), "Roles", "Marker", "Marker", true),
    list(("iam", "ListRolePolicies"), "PolicyNames", "Marker", "Marker", true),
    list(("iam", "SimulatePrincipalPolicy"), "EvaluationResults", "Marker", "Marker", true),
    list(("inspector2", "ListCoverage"), "coveredResources", "nextToken", "nextToken", false),
    list(("inspector2", "ListFindings"), "findings", "nextToken", "nextToken", true),
    list(("logs", "DescribeLogGroups"), "logGroups", "nextToken", "nextToken", false),
    list(
        ("rds", "DescribeDBClusterParameterGroups"),
        "DBClusterParameterGroups",
        "Marker",
        "Marker",
        false,
    ),
    list(("rds", "DescribeDBClusterParameters"), "Parameters", "Marker", "Marker", true),
    list(("rds", "DescribeDBClusterSnapshots"), "DBClusterSnapshots", "Marker", "Marker", false),
    list(("rds", "DescribeDBClusters"), "DBClusters", "Marker", "Marker", false),
    list(("rds", "DescribeDBInstances"), "DBInstances", "Marker", "Marker", false),
    list(("secretsmanager", "ListSecrets"), "SecretList", "NextToken", "NextToken", true),
    list(
        ("verifiedpermissions", "ListIdentitySources"),
        "identitySources",
        "nextToken",
        "nextToken",
        true,
    ),
    list(("verifiedpermissions", "ListPolicies"), "policies", "nextToken", "nextToken", true),
    list(
        ("verifiedpermissions", "ListPolicyStores"),
        "policyStores",
        "nextToken",
        "nextToken",
        true,
    ),
    list(
        ("verifiedpermissions", "ListPolicyTemplates"),
        "policyTemplates",
        "nextToken",
        "nextToken",
        true,
    ),
    list(("wafv2", "ListWebACLs"), "WebACLs", "NextMarker", "NextMarker", false),
    list(("xray", "GetSamplingRules"), "SamplingRuleRecords", "NextToken", "NextToken", false),
    list(("xray", "GetTraceSummaries"), "TraceSummaries", "NextToken", "NextToken", true),
];

/// Answers a call; a list with at most so many items.
///
/// # Errors
/// The service's fault.
pub(super) fn answer(service: &Service, tx: &Tx<'_>, call: &Call, most: usize) -> Answer {
    if call.service == "dynamodb" && ["Query", "Scan"].contains(&call.operation.as_str()) {
        let mut call = call.clone();
        call.input["Limit"] = json!(most);
        return services::answer(service, tx, &call);
    }
    let known = |list: &&List| list.service == call.service && list.operation == call.operation;
    let Some(list) = LISTS.iter().find(known) else { return services::answer(service, tx, call) };
    let start = start(call.text(list.from))?;
    let mut reply = services::answer(service, tx, call)?;
    cut(&mut reply, list, start, most);
    Ok(reply)
}

fn start(token: &str) -> Result<usize, Fault> {
    let wrong = || Fault::new(400, "ValidationException", "no such page");
    if token.is_empty() { Ok(0) } else { token.parse().map_err(|_| wrong()) }
}

/// Leaves one page of the list that begins at `start`.
fn cut(reply: &mut Reply, list: &List, start: usize, most: usize) {
    let ReplyBody::Members(members) = &mut reply.body else { return };
    let skipped = if list.pages { 0 } else { start };
    let more = match members.get_mut(list.items) {
        Some(Value::Array(items)) => {
            let more = items.len() > skipped + most;
            *items = items.drain(..).skip(skipped).take(most).collect();
            more
        }
        // What keys used of their quotas stands by key.
        Some(Value::Object(items)) => {
            let more = items.len() > skipped + most;
            *items = std::mem::take(items).into_iter().skip(skipped).take(most).collect();
            more
        }
        _ => return,
    };
    if more {
        members[list.next] = json!((start + most).to_string());
        if members.get("IsTruncated").is_some() {
            members["IsTruncated"] = json!(true);
        }
    }
}
