//! What functions ask Amazon Verified Permissions: the starter app's `permissions.js`, and the
//! authorizer of an API-linked policy store.

use serde_json::{Value, json};

use super::context::{Context, Payload, Thrown};

/// Whether the function's code sends a command of the SDK.
fn sends(context: &Context<'_, '_>, command: &str) -> bool {
    context.package.reaches(context.function.text("Handler"), command)
}

fn ask(context: &Context<'_, '_>, operation: &str, mut input: Value) -> Payload {
    let store = context.variable("AVP_POLICY_STORE_ID");
    input["policyStoreId"] = store.into();
    call(context, operation, store, input)
}

fn call(context: &Context<'_, '_>, operation: &str, store: &str, input: Value) -> Payload {
    let account = &context.tx.scope().account;
    let arn = format!("arn:aws:verifiedpermissions::{account}:policy-store/{store}");
    context.call("verifiedpermissions", operation, &arn, input)
}

/// An entity of the type `kind` in the namespace that the function's code names.
fn entity(context: &Context<'_, '_>, kind: &str, id: &str) -> Value {
    let named = context.package.before(context.function.text("Handler"), &format!("::{kind}"));
    let namespace = named.unwrap_or("WildRydes");
    json!({"entityType": format!("{namespace}::{kind}"), "entityId": id})
}

/// Whether the caller may do this with the unicorn. Code that doesn't ask lets everybody.
pub(super) fn may(
    context: &Context<'_, '_>,
    action: &str,
    caller: &str,
    id: &str,
) -> Result<bool, Thrown> {
    if !sends(context, "IsAuthorizedCommand") {
        return Ok(true);
    }
    let answer = ask(
        context,
        "IsAuthorized",
        json!({"principal": entity(context, "User", caller), "resource": entity(context, "Unicorn", id),
            "action": {"actionType": "WildRydes::Action", "actionId": action}}),
    )?;
    Ok(answer["decision"] == "ALLOW")
}

/// Makes the caller the owner of the unicorn that an answer names.
pub(super) fn grant(context: &Context<'_, '_>, caller: &str, answer: &Value) -> Result<(), Thrown> {
    let body: Value =
        serde_json::from_str(answer["body"].as_str().unwrap_or("")).unwrap_or_default();
    let Some(id) = body.get("customUnicornId") else { return Ok(()) };
    if !sends(context, "CreatePolicyCommand") {
        return Ok(());
    }
    let linked = json!({"policyTemplateId": context.variable("AVP_POLICY_TEMPLATE_ID"),
        "principal": entity(context, "User", caller), "resource": entity(context, "Unicorn", &id.to_string())});
    ask(context, "CreatePolicy", json!({"definition": {"templateLinked": linked}})).map(|_| ())
}

/// Deletes the policies of a unicorn that is gone.
pub(super) fn revoke(context: &Context<'_, '_>, id: &str) -> Result<(), Thrown> {
    if !sends(context, "DeletePolicyCommand") {
        return Ok(());
    }
    let filter = json!({"policyType": "TEMPLATE_LINKED", "resource": {"identifier": entity(context, "Unicorn", id)}});
    let found = ask(context, "ListPolicies", json!({"filter": filter}))?;
    for policy in found["policies"].as_array().into_iter().flatten() {
        ask(context, "DeletePolicy", json!({"policyId": policy["policyId"]}))?;
    }
    Ok(())
}

/// The authorizer that the console makes for an API-linked store: it asks with the caller's token
/// whether `get /socks` is allowed, and answers with a policy for this one method.
pub(super) fn authorizer(context: &Context<'_, '_>, event: &Value) -> Payload {
    let text = |value: Option<&Value>| value.and_then(Value::as_str).unwrap_or("").to_owned();
    let headers = event.get("headers").and_then(Value::as_object);
    let header = headers.into_iter().flatten().find_map(|(name, value)| {
        name.eq_ignore_ascii_case("authorization").then(|| text(Some(value)))
    });
    let header = header.unwrap_or_else(|| text(event.get("authorizationToken")));
    let bearer = header.get(..7).is_some_and(|start| start.eq_ignore_ascii_case("bearer "));
    let token = if bearer { &header[7..] } else { &header[..] };
    let method = text(event.pointer("/requestContext/httpMethod")).to_lowercase();
    let path = text(event.pointer("/requestContext/resourcePath"));
    let namespace = context.variable("NAMESPACE");
    let kind = match context.variable("TOKEN_TYPE") {
        "identityToken" => "identityToken",
        _ => "accessToken",
    };
    let store = context.variable("POLICY_STORE_ID");
    let input = json!({
        "policyStoreId": store, kind: token,
        "action": {"actionType": format!("{namespace}::Action"),
            "actionId": format!("{method} {path}")},
        "resource": {"entityType": format!("{namespace}::Application"), "entityId": namespace}});
    // It denies whatever it can't decide.
    let (effect, principal) = match call(context, "IsAuthorizedWithToken", store, input) {
        Ok(answer) if answer["decision"] == "ALLOW" => {
            ("Allow", text(answer.pointer("/principal/entityId")))
        }
        Err(Thrown::Fault(fault)) => return Err(fault.into()),
        _ => ("Deny", String::new()),
    };
    Ok(json!({"principalId": principal, "context": {"actionId": format!("{method} {path}")},
        "policyDocument": {"Version": "2012-10-17", "Statement": [{
            "Action": "execute-api:Invoke", "Effect": effect,
            "Resource": event["methodArn"]}]}}))
}
