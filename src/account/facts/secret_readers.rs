//! Who may read the database's secret: the roles of the functions that ask the database, by IAM's
//! policy simulator, and by the secret's own policy where the simulator says no.

use aws_sdk_iam::types::PolicyEvaluationDecisionType;
use futures_util::future::try_join_all;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::lambda::{Function, Functions};
use super::logins::ASKING;
use super::missing;
use super::secrets::DatabaseSecret;
use super::simulator::{evaluate, silent};
use super::statements::list;
use crate::account::call::Operation;
use crate::account::fact::{FactError, Known};
use crate::account::reader::{Reader, known};

const READ: &str = "secretsmanager:GetSecretValue";
/// What a function that reads a secret has no need of.
const CHANGE: [&str; 3] = [
    "secretsmanager:DeleteSecret",
    "secretsmanager:PutResourcePolicy",
    "secretsmanager:PutSecretValue",
];

/// The roles of the functions that ask the database.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
pub(crate) struct Readers {
    /// One role each, with the functions that have it.
    readers: Vec<RoleRights>,
}

/// What a role may do with secrets.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
pub(crate) struct RoleRights {
    /// The role's name.
    role: String,
    /// Logical ids of the functions with this role.
    functions: Vec<String>,
    /// It may read the secret.
    reads: bool,
    /// A statement denies it.
    denied: bool,
    /// It may read other secrets too.
    reads_others: bool,
    /// What it may do with the secret and needs not.
    changes: Vec<String>,
}

pub(crate) async fn readers(reader: &Reader, facts: &Known) -> Result<Readers, FactError> {
    let secret: DatabaseSecret = known(facts, "secret")?;
    if secret.arn.is_empty() {
        return Err(missing("secret for the database's login"));
    }
    let Functions { functions } = known(facts, "functions")?;
    let mut roles: Vec<(&str, Vec<&Function>)> = Vec::new();
    for function in functions.iter().filter(|one| ASKING.contains(&one.logical.as_str())) {
        match roles.iter_mut().find(|(role, _)| *role == function.role) {
            Some((_, same)) => same.push(function),
            None => roles.push((&function.role, vec![function])),
        }
    }
    let asked = roles.iter().map(|(role, same)| simulate(reader, role, same, &secret.arn));
    let mut readers = try_join_all(asked).await?;
    if readers.iter().any(|one| !one.reads && !one.denied) {
        let policy = resource_policy(reader, &secret.arn).await?;
        for (one, (role, _)) in readers.iter_mut().zip(&roles) {
            one.reads |= !one.denied && grants(&policy, role);
        }
    }
    Ok(Readers { readers })
}

async fn simulate(
    reader: &Reader,
    role: &str,
    functions: &[&Function],
    secret: &str,
) -> Result<RoleRights, FactError> {
    // Another secret of the account, one that nobody has.
    let start = secret.rsplit_once(":secret:").map_or(secret, |(start, _)| start);
    let other = format!("{start}:secret:stepproof-no-such-secret-Ab12Cd");
    let all: Vec<&str> = CHANGE.into_iter().chain([READ]).collect();
    let mut decided = decide(reader, role, &all, &[secret, &other]).await?;
    // Where several resources are too much at once, an answer is about the first alone.
    if !decided.iter().any(|(_, resource, _)| *resource == other) {
        decided.extend(decide(reader, role, &[READ], &[&other]).await?);
    }
    rights(role, functions, secret, &other, &decided)
}

/// What IAM's policy simulator decided: action, resource, decision.
type Decided = (String, String, PolicyEvaluationDecisionType);

async fn decide(
    reader: &Reader,
    role: &str,
    actions: &[&str],
    resources: &[&str],
) -> Result<Vec<Decided>, FactError> {
    let mut decided: Vec<Decided> = Vec::new();
    for result in evaluate(reader, role, actions, resources).await? {
        let action = result.eval_action_name();
        // For several resources IAM says it of each below, or in a result of its own.
        for one in result.resource_specific_results() {
            let resource = one.eval_resource_name().to_owned();
            decided.push((action.to_owned(), resource, one.eval_resource_decision().clone()));
        }
        if let Some(resource) = result.eval_resource_name() {
            let known = |(a, r, _): &Decided| a == action && r == resource;
            if !decided.iter().any(known) {
                let decision = result.eval_decision().clone();
                decided.push((action.to_owned(), resource.to_owned(), decision));
            }
        }
    }
    Ok(decided)
}

fn rights(
    role: &str,
    functions: &[&Function],
    secret: &str,
    other: &str,
    decided: &[Decided],
) -> Result<RoleRights, FactError> {
    let decision = |action: &str, on: &str| {
        let found = decided.iter().find(|(a, r, _)| a == action && r == on);
        found.map(|(.., decision)| decision).ok_or_else(|| silent(action))
    };
    let allowed = |action: &str, on: &str| {
        decision(action, on).map(|decision| *decision == PolicyEvaluationDecisionType::Allowed)
    };
    let mut changes = Vec::new();
    for action in CHANGE {
        if allowed(action, secret)? {
            changes.push(action.to_owned());
        }
    }
    Ok(RoleRights {
        role: role.rsplit('/').next().unwrap_or(role).to_owned(),
        functions: functions.iter().map(|function| function.logical.clone()).collect(),
        reads: allowed(READ, secret)?,
        denied: *decision(READ, secret)? == PolicyEvaluationDecisionType::ExplicitDeny,
        reads_others: allowed(READ, other)?,
        changes,
    })
}

/// The secret's own policy, or null.
async fn resource_policy(reader: &Reader, secret: &str) -> Result<Value, FactError> {
    let account = &reader.account;
    let request = account.clients().secretsmanager.get_resource_policy().secret_id(secret).send();
    let answer = account.call(Operation("secretsmanager", "GetResourcePolicy"), request).await?;
    let policy = answer.resource_policy().unwrap_or_default();
    Ok(serde_json::from_str(policy).unwrap_or_default())
}

/// Whether a statement without a condition names the role itself and lets it read.
fn grants(policy: &Value, role: &str) -> bool {
    let says = |value: Option<&Value>, wanted: &[&str]| {
        list(value).iter().any(|one| one.as_str().is_some_and(|one| wanted.contains(&one)))
    };
    let allows = |statement: &&Value| {
        let principal = statement.get("Principal").and_then(|principal| principal.get("AWS"));
        says(principal, &[role])
            && says(
                statement.get("Action"),
                &[READ, "secretsmanager:*", "secretsmanager:Get*", "*"],
            )
    };
    let mut meant = list(policy.get("Statement")).into_iter().filter(allows).peekable();
    meant.peek().is_some()
        && meant.all(|one| one["Effect"] == "Allow" && one.get("Condition").is_none())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    const ROLE: &str = "arn:aws:iam::1:role/R";

    fn decided(reads: PolicyEvaluationDecisionType) -> Vec<Decided> {
        let mut all = vec![
            (READ.to_owned(), "s".to_owned(), reads),
            (READ.to_owned(), "o".to_owned(), PolicyEvaluationDecisionType::ImplicitDeny),
        ];
        all.extend(CHANGE.map(|action| {
            (action.to_owned(), "s".to_owned(), PolicyEvaluationDecisionType::ImplicitDeny)
        }));
        all
    }

    #[test]
    fn what_the_simulator_leaves_out_is_not_judged() {
        let mut all = decided(PolicyEvaluationDecisionType::Allowed);
        let found = rights(ROLE, &[], "s", "o", &all).unwrap();
        assert!(found.reads && !found.reads_others && found.changes.is_empty());
        all.remove(0);
        assert!(rights(ROLE, &[], "s", "o", &all).is_err());
    }

    #[test]
    fn a_denial_is_told_from_a_missing_permission() {
        let deny = decided(PolicyEvaluationDecisionType::ExplicitDeny);
        assert!(rights(ROLE, &[], "s", "o", &deny).unwrap().denied);
        let none = decided(PolicyEvaluationDecisionType::ImplicitDeny);
        assert!(!rights(ROLE, &[], "s", "o", &none).unwrap().denied);
    }

    #[test]
    fn the_secrets_own_policy_grants_to_a_role_that_it_names() {
        let policy = |effect: &str, role: &str| {
            json!({"Statement": {"Effect": effect, "Principal": {"AWS": [role]}, "Action": READ,
                "Resource": "*"}})
        };
        assert!(grants(&policy("Allow", ROLE), ROLE));
        assert!(!grants(&policy("Deny", ROLE), ROLE));
        assert!(!grants(&policy("Allow", "arn:aws:iam::1:role/Other"), ROLE));
        assert!(!grants(&Value::Null, ROLE));
    }
}
