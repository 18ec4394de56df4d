//! Who may invoke a function, and what a function's role allows.

use serde_json::Value;

use crate::practice::gateway::policy::{self, Decision};
use crate::practice::resource::{self, Resource};
use crate::practice::store::Tx;
use crate::practice::wire::Fault;

const FUNCTION: &str = "AWS::Lambda::Function";

/// The function's name in its ARN, without version or alias.
fn name(arn: &str) -> Option<&str> {
    arn.split(':').nth(6)
}

/// The function, when API Gateway may invoke it: with the role that it was given, which must trust
/// it and allow the call; without one by a permission of the function for this source.
pub fn function(
    tx: &Tx<'_>,
    arn: &str,
    credentials: Option<&str>,
    source: &str,
) -> Result<Option<Resource>, Fault> {
    let Some(name) = name(arn) else { return Ok(None) };
    let Some(function) = resource::get(tx, FUNCTION, name)? else { return Ok(None) };
    let own = tx.arn("lambda", &format!("function:{name}"));
    let may = match credentials {
        Some(role) => {
            trusts(tx, role, "apigateway.amazonaws.com")?
                && allows(tx, role, "lambda:InvokeFunction", &own)?
        }
        None => permitted(tx, name, "apigateway.amazonaws.com", source)?,
    };
    Ok(may.then_some(function))
}

fn role(tx: &Tx<'_>, arn: &str) -> Result<Option<Resource>, Fault> {
    let Some((_, path)) = arn.split_once(":role/") else { return Ok(None) };
    resource::get(tx, "AWS::IAM::Role", path.rsplit('/').next().unwrap_or(path))
}

/// Whether the role may be assumed by a service.
fn trusts(tx: &Tx<'_>, arn: &str, service: &str) -> Result<bool, Fault> {
    let Some(role) = role(tx, arn)? else { return Ok(false) };
    let document = document(role.properties.get("AssumeRolePolicyDocument"));
    let trusted = policy::statements(&document).into_iter().any(|statement| {
        let allow = statement.get("Effect").is_some_and(|effect| effect == "Allow");
        let named = match statement.pointer("/Principal/Service") {
            Some(Value::String(one)) => one == service,
            Some(Value::Array(many)) => many.iter().any(|one| one == service),
            _ => false,
        };
        allow && named
    });
    Ok(trusted)
}

/// Whether a permission of the function lets a service invoke it for this source.
fn permitted(tx: &Tx<'_>, function: &str, service: &str, source: &str) -> Result<bool, Fault> {
    for permission in resource::all(tx, "AWS::Lambda::Permission")? {
        let whose = permission.text("FunctionName");
        let own = whose == function || name(whose) == Some(function);
        let action = policy::fits(permission.text("Action"), "lambda:InvokeFunction");
        let principal = [service, "*"].contains(&permission.text("Principal"));
        let wanted = permission.text("SourceArn");
        if own && action && principal && (wanted.is_empty() || policy::fits(wanted, source)) {
            return Ok(true);
        }
    }
    Ok(false)
}

/// A policy document, also where it is kept as text.
fn document(value: Option<&Value>) -> Value {
    match value {
        Some(Value::String(text)) => serde_json::from_str(text).unwrap_or_default(),
        Some(value) => value.clone(),
        None => Value::Null,
    }
}

/// Whether the role's policies allow an action on a resource.
pub fn allows(tx: &Tx<'_>, arn: &str, action: &str, on: &str) -> Result<bool, Fault> {
    let Some(role) = role(tx, arn)? else { return Ok(false) };
    let mut documents = Vec::new();
    let inline = role.properties.get("Policies").and_then(Value::as_array);
    for policy in inline.into_iter().flatten() {
        documents.push(document(policy.get("PolicyDocument")));
    }
    for kind in ["AWS::IAM::Policy", "AWS::IAM::RolePolicy", "AWS::IAM::ManagedPolicy"] {
        for policy in resource::all(tx, kind)? {
            let roles = policy.properties.get("Roles").and_then(Value::as_array);
            let listed = roles.into_iter().flatten().any(|name| *name == *role.id);
            if listed || policy.text("RoleName") == role.id {
                documents.push(document(policy.properties.get("PolicyDocument")));
            }
        }
    }
    let managed = role.properties.get("ManagedPolicyArns").and_then(Value::as_array);
    for managed in managed.into_iter().flatten().filter_map(Value::as_str) {
        documents.push(managed_policy(tx, managed)?);
    }
    Ok(policy::decide(&documents, action, on) == Decision::Allow)
}

/// A managed policy's document: the account's own, or what AWS's own comes to for the actions that
/// the starter app's functions need.
fn managed_policy(tx: &Tx<'_>, arn: &str) -> Result<Value, Fault> {
    let actions: &[&str] = match arn.rsplit('/').next().unwrap_or("") {
        _ if !arn.contains(":iam::aws:policy/") => {
            let own = resource::get(tx, "AWS::IAM::ManagedPolicy", arn)?;
            return Ok(
                own.map_or(Value::Null, |own| document(own.properties.get("PolicyDocument")))
            );
        }
        "AdministratorAccess" => &["*"],
        "PowerUserAccess" => &["cognito-idp:*", "dynamodb:*", "lambda:*", "secretsmanager:*"],
        "AmazonDynamoDBFullAccess" | "AmazonDynamoDBFullAccess_v2" => &["dynamodb:*"],
        "AmazonDynamoDBReadOnlyAccess" => &["dynamodb:Get*", "dynamodb:Query", "dynamodb:Scan"],
        "AmazonCognitoPowerUser" => &["cognito-idp:*"],
        "AWSLambda_FullAccess" | "AWSLambdaRole" => &["lambda:InvokeFunction"],
        _ => &[],
    };
    Ok(serde_json::json!({"Statement": {"Effect": "Allow", "Action": actions, "Resource": "*"}}))
}
