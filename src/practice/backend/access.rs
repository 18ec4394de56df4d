//! Who may invoke a function, and what a function's role allows.

use serde_json::Value;

use crate::practice::policy::{self, Decision};
use crate::practice::resource::{self, Resource};
use crate::practice::services::{iam, lambda};
use crate::practice::store::Tx;
use crate::practice::wire::Fault;

/// The function, when API Gateway may invoke it: with the role that it was given, which must trust
/// it and allow the call; without one by a permission of the function for this source.
pub fn function(
    tx: &Tx<'_>,
    arn: &str,
    credentials: Option<&str>,
    source: &str,
) -> Result<Option<Resource>, Fault> {
    let name = lambda::name_of(arn);
    let Some(role) = credentials else {
        return invocable(tx, arn, "apigateway.amazonaws.com", source);
    };
    let Some(function) = resource::get(tx, lambda::FUNCTION, name)? else { return Ok(None) };
    let own = tx.arn("lambda", &format!("function:{name}"));
    let may = trusts(tx, role, "apigateway.amazonaws.com")?
        && allows(tx, role, "lambda:InvokeFunction", &own)?;
    Ok(may.then_some(function))
}

/// The function, when a permission of it lets a service invoke it for this source.
pub fn invocable(
    tx: &Tx<'_>,
    arn: &str,
    service: &str,
    source: &str,
) -> Result<Option<Resource>, Fault> {
    let name = lambda::name_of(arn);
    let Some(function) = resource::get(tx, lambda::FUNCTION, name)? else { return Ok(None) };
    Ok(permitted(tx, name, service, source)?.then_some(function))
}

/// Whether the role may be assumed by a service.
pub fn trusts(tx: &Tx<'_>, arn: &str, service: &str) -> Result<bool, Fault> {
    let Some(role) = iam::role_of(tx, arn)? else { return Ok(false) };
    let document = role.properties.get("AssumeRolePolicyDocument").map(iam::document);
    let trusted = policy::statements(&document.unwrap_or_default()).into_iter().any(|statement| {
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
    for permission in resource::all(tx, lambda::PERMISSION)? {
        let own = lambda::name_of(permission.text("FunctionName")) == function;
        let action = policy::fits(permission.text("Action"), "lambda:InvokeFunction");
        let principal = [service, "*"].contains(&permission.text("Principal"));
        let wanted = permission.text("SourceArn");
        if own && action && principal && (wanted.is_empty() || policy::fits(wanted, source)) {
            return Ok(true);
        }
    }
    Ok(false)
}

/// Whether the role's policies, within its permissions boundary, allow an action on a resource.
pub fn allows(tx: &Tx<'_>, arn: &str, action: &str, on: &str) -> Result<bool, Fault> {
    let Some(role) = iam::role_of(tx, arn)? else { return Ok(false) };
    let documents = iam::documents_of(tx, &role)?;
    Ok(iam::decide(&documents, action, on, &iam::context_of(tx, &role)) == Decision::Allow)
}
