//! What a role's policies come to: for the policy simulator, and for the calls of functions.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::role::{document, policies};
use super::write::parse;
use super::{managed, no_such, page, role_of};
use crate::practice::policy::{self, Context, Decision, Evaluation};
use crate::practice::resource::Resource;
use crate::practice::store::Tx;
use crate::practice::wire::{Answer, Call, Fault, iso};

/// The policies that are evaluated together.
#[derive(Debug, Clone, Default)]
pub struct Documents {
    /// Identity policies: what they are called, and their documents.
    policies: Vec<(String, Value)>,
    /// The permissions boundary.
    boundary: Option<Value>,
}

/// What they come to.
struct Judgement {
    decision: Decision,
    identity: Evaluation,
    /// Whether the boundary allows it; none where there is no boundary.
    within: Option<bool>,
    unknown: BTreeSet<String>,
}

/// A role's policies and its boundary. A boundary that doesn't exist any more allows nothing.
///
/// # Errors
/// The practice account's own.
pub fn documents_of(tx: &Tx<'_>, role: &Resource) -> Result<Documents, Fault> {
    let boundary = match role.text("PermissionsBoundary") {
        "" => None,
        arn => match managed::find(tx, arn) {
            Ok(found) => Some(document(&found.document)),
            Err(fault) if fault.status == 404 => Some(json!({ "Statement": [] })),
            Err(fault) => return Err(fault),
        },
    };
    Ok(Documents { policies: policies(tx, role)?, boundary })
}

/// The condition keys that a request with a role has.
pub fn context_of(tx: &Tx<'_>, role: &Resource) -> Context {
    Context::of([
        ("aws:PrincipalArn", role.attribute("Arn")),
        ("aws:PrincipalAccount", tx.scope().account.as_str()),
        ("aws:PrincipalType", "AssumedRole"),
        ("aws:RequestedRegion", tx.scope().region.as_str()),
        ("aws:CurrentTime", iso(tx.now()).as_str()),
        ("aws:EpochTime", tx.now().as_second().to_string().as_str()),
        ("aws:SecureTransport", "true"),
    ])
}

/// Whether a role's policies, within its boundary, allow an action on a resource.
pub fn decide(documents: &Documents, action: &str, on: &str, context: &Context) -> Decision {
    judge(documents, action, on, context).decision
}

fn judge(documents: &Documents, action: &str, on: &str, context: &Context) -> Judgement {
    let all = documents.policies.iter().map(|(_, document)| document);
    let identity = policy::evaluate(all, action, on, Some(context));
    let boundary = documents
        .boundary
        .as_ref()
        .map(|boundary| policy::evaluate([boundary], action, on, Some(context)));
    let decision = match (identity.decision, boundary.as_ref().map(|boundary| boundary.decision)) {
        (Decision::ExplicitDeny, _) | (_, Some(Decision::ExplicitDeny)) => Decision::ExplicitDeny,
        (Decision::Allow, None | Some(Decision::Allow)) => Decision::Allow,
        _ => Decision::ImplicitDeny,
    };
    let mut unknown = identity.unknown.clone();
    unknown.extend(boundary.iter().flat_map(|boundary| boundary.unknown.clone()));
    let within = boundary.map(|boundary| boundary.decision == Decision::Allow);
    Judgement { decision, identity, within, unknown }
}

/// `SimulatePrincipalPolicy` and `SimulateCustomPolicy`.
pub(super) fn call(tx: &Tx<'_>, call: &Call) -> Answer {
    for member in ["ResourcePolicy", "ResourceHandlingOption", "CallerArn", "ResourceOwner"] {
        if !call.text(member).is_empty() {
            let what = format!("{} with {member}", call.operation);
            return Err(Fault::not_implemented("iam", &what));
        }
    }
    let (mut documents, mut context) = subject(tx, call)?;
    for (number, text) in call.texts("PolicyInputList").iter().enumerate() {
        documents.policies.push((format!("PolicyInputList.{}", number + 1), parse(text)?));
    }
    if let Some(text) = call.texts("PermissionsBoundaryPolicyInputList").first() {
        documents.boundary = Some(parse(text)?);
    }
    for entry in call.input.get("ContextEntries").and_then(Value::as_array).into_iter().flatten() {
        let values = entry.get("ContextKeyValues").and_then(Value::as_array);
        let values = values.into_iter().flatten().filter_map(Value::as_str).map(str::to_owned);
        let key = entry.get("ContextKeyName").and_then(Value::as_str).unwrap_or_default();
        context.set(key, values.collect());
    }
    let actions = call.texts("ActionNames");
    if actions.is_empty() {
        return Err(Fault::new(400, "InvalidInput", "ActionNames must have at least one action."));
    }
    let mut on = call.texts("ResourceArns");
    if on.is_empty() {
        on.push("*".to_owned());
    }
    let mut results = Vec::new();
    for action in &actions {
        let name = action.split_once(':').is_some_and(|(service, name)| {
            !service.is_empty() && !name.is_empty() && !action.contains(['*', '?', ' '])
        });
        if !name {
            return Err(Fault::new(400, "InvalidInput", format!("Invalid Action Name: {action}")));
        }
        for resource in &on {
            results.push(result(&documents, action, resource, &context)?);
        }
    }
    page(call, "EvaluationResults", results)
}

/// Whose policies are simulated, and what is known about a request of theirs.
fn subject(tx: &Tx<'_>, call: &Call) -> Result<(Documents, Context), Fault> {
    if call.operation == "SimulateCustomPolicy" {
        if call.texts("PolicyInputList").is_empty() {
            return Err(Fault::new(400, "InvalidInput", "PolicyInputList is required."));
        }
        return Ok((Documents::default(), Context::default()));
    }
    let arn = call.required("PolicySourceArn")?;
    if !arn.contains(":role/") {
        let what = format!("{} of {arn}, which is no role", call.operation);
        return Err(Fault::not_implemented("iam", &what));
    }
    let role = role_of(tx, arn)?
        .ok_or_else(|| no_such(format!("The role with ARN {arn} cannot be found.")))?;
    // The simulator knows the principal, and nothing about the request but what the caller says.
    let context = Context::of([
        ("aws:PrincipalArn", arn),
        ("aws:PrincipalAccount", tx.scope().account.as_str()),
    ]);
    Ok((documents_of(tx, &role)?, context))
}

fn result(
    documents: &Documents,
    action: &str,
    on: &str,
    context: &Context,
) -> Result<Value, Fault> {
    let judged = judge(documents, action, on, context);
    if let Some(operator) = judged.unknown.first() {
        let what = format!("the simulation of a condition with {operator}");
        return Err(Fault::not_implemented("iam", &what));
    }
    let decision = match judged.decision {
        Decision::Allow => "allowed",
        Decision::ExplicitDeny => "explicitDeny",
        Decision::ImplicitDeny => "implicitDeny",
    };
    let matched = judged.identity.matched.iter().map(|matched| {
        let source = documents.policies.get(matched.document).map(|(name, _)| name.as_str());
        json!({ "SourcePolicyId": source, "SourcePolicyType": "IAM Policy" })
    });
    Ok(json!({
        "EvalActionName": action,
        "EvalResourceName": on,
        "EvalDecision": decision,
        "MatchedStatements": matched.collect::<Vec<_>>(),
        "MissingContextValues": judged.identity.missing,
        "PermissionsBoundaryDecisionDetail": judged.within.map(|within| json!({
            "AllowedByPermissionsBoundary": within,
        })),
    }))
}
