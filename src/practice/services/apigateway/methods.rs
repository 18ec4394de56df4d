//! Paths, methods and integrations of a draft.

use serde_json::{Map, Value, json};

use super::import::check_integration;
use super::model::{
    Api, Integration, IntegrationResponse, Method, PathResource, bad_request, not_found,
};
use super::patch::{self, Kind};
use super::{created, page, typed};
use crate::practice::store::Tx;
use crate::practice::wire::{Answer, Call, Fault, Reply};

fn draft(tx: &Tx<'_>, call: &Call) -> Result<Api, Fault> {
    Api::load(tx, call.text("restApiId"))
}

fn resource_view(resource: &PathResource, embed: bool) -> Result<Value, Fault> {
    let mut view = serde_json::to_value(resource)?;
    let Value::Object(members) = &mut view else { return Ok(view) };
    members.shift_remove("methods");
    let mut methods = Map::new();
    for (verb, method) in &resource.methods {
        let value = if embed { serde_json::to_value(method)? } else { json!({}) };
        methods.insert(verb.clone(), value);
    }
    if !methods.is_empty() {
        members.insert("resourceMethods".to_owned(), methods.into());
    }
    Ok(view)
}

/// `embed=methods`: one text or a list of them.
fn embeds(call: &Call, what: &str) -> bool {
    match call.input.get("embed") {
        Some(Value::Array(list)) => list.iter().any(|item| item == what),
        Some(Value::String(text)) => text.split(',').any(|item| item == what),
        _ => false,
    }
}

pub(super) fn resources(tx: &Tx<'_>, call: &Call) -> Answer {
    let embed = embeds(call, "methods");
    let api = draft(tx, call)?;
    let views = api.resources.iter().map(|resource| resource_view(resource, embed));
    page(call, &views.collect::<Result<Vec<_>, _>>()?)
}

pub(super) fn resource(tx: &Tx<'_>, call: &Call) -> Answer {
    let api = draft(tx, call)?;
    let resource = api.resource(call.text("resourceId"))?;
    Ok(Reply::ok(resource_view(resource, embeds(call, "methods"))?))
}

pub(super) fn create_resource(tx: &Tx<'_>, call: &Call) -> Answer {
    let mut api = draft(tx, call)?;
    let view =
        resource_view(api.add_resource(call.text("parentId"), call.text("pathPart"))?, false)?;
    api.save(tx)?;
    created(view)
}

pub(super) fn delete_resource(tx: &Tx<'_>, call: &Call) -> Answer {
    let mut api = draft(tx, call)?;
    remove_resource(&mut api, call.text("resourceId"))?;
    api.save(tx)?;
    Ok(Reply::empty(202))
}

/// Takes a path out of a draft with everything under it.
pub(super) fn remove_resource(api: &mut Api, id: &str) -> Result<(), Fault> {
    let path = api.resource(id)?.path.clone();
    if path == "/" {
        return Err(bad_request("Cannot delete root resource."));
    }
    let below = format!("{path}/");
    api.resources.retain(|known| known.path != path && !known.path.starts_with(&below));
    Ok(())
}

pub(super) fn get(tx: &Tx<'_>, call: &Call) -> Answer {
    let api = draft(tx, call)?;
    let method = api.method(call.text("resourceId"), call.text("httpMethod"))?;
    Ok(Reply::ok(serde_json::to_value(method)?))
}

pub(super) fn put(tx: &Tx<'_>, call: &Call) -> Answer {
    let mut api = draft(tx, call)?;
    let method = put_method(&mut api, call.text("resourceId"), typed(&call.input)?)?;
    api.save(tx)?;
    created(serde_json::to_value(&method)?)
}

/// Adds a method to a path of a draft.
pub(super) fn put_method(api: &mut Api, resource: &str, method: Method) -> Result<Method, Fault> {
    let verb = method.http_method.clone();
    let verbs = ["GET", "PUT", "POST", "DELETE", "OPTIONS", "HEAD", "PATCH", "ANY"];
    if !verbs.contains(&verb.as_str()) {
        return Err(bad_request(format!("Invalid HTTP method specified: {verb}")));
    }
    method.check_authorizer(&api.authorizers)?;
    check_references(api, &method)?;
    let resource = api.resource_mut(resource)?;
    if resource.methods.contains_key(&verb) {
        return Err(Fault::new(
            409,
            "ConflictException",
            "Method already exists for this resource",
        ));
    }
    resource.methods.insert(verb, method.clone());
    Ok(method)
}

pub(super) fn update(tx: &Tx<'_>, call: &Call) -> Answer {
    let mut api = draft(tx, call)?;
    let (resource, verb) = (call.text("resourceId"), call.text("httpMethod"));
    let allowed = [
        ("authorizationType", Kind::Text),
        ("authorizerId", Kind::Text),
        ("authorizationScopes", Kind::List),
        ("apiKeyRequired", Kind::Flag),
        ("requestValidatorId", Kind::Text),
        ("operationName", Kind::Text),
        ("requestParameters", Kind::Flags),
        ("requestModels", Kind::Map),
    ];
    let known = api.method(resource, verb)?;
    let mut next: Method = patch::apply(known, &call.input["patchOperations"], &allowed)?;
    if next.authorization_type == "NONE" || next.authorization_type == "AWS_IAM" {
        next.authorizer_id = None;
    }
    next.check_authorizer(&api.authorizers)?;
    check_references(&api, &next)?;
    api.method_mut(resource, verb)?.clone_from(&next);
    api.save(tx)?;
    Ok(Reply::ok(serde_json::to_value(&next)?))
}

/// Refuses a validator or model that isn't there.
pub(super) fn check_references(api: &Api, method: &Method) -> Result<(), Fault> {
    if let Some(id) = method.request_validator_id.as_deref().filter(|id| !id.is_empty())
        && !api.validators.iter().any(|known| known.id == id)
    {
        return Err(bad_request("Invalid Request Validator identifier specified"));
    }
    for model in method.request_models.values() {
        if !api.models.iter().any(|known| known.name == *model) {
            return Err(bad_request(format!("Invalid model identifier specified: {model}")));
        }
    }
    Ok(())
}

pub(super) fn delete(tx: &Tx<'_>, call: &Call) -> Answer {
    let mut api = draft(tx, call)?;
    let (resource, verb) = (call.text("resourceId"), call.text("httpMethod"));
    api.method(resource, verb)?;
    api.resource_mut(resource)?.methods.remove(verb);
    api.save(tx)?;
    Ok(Reply::empty(204))
}

pub(super) fn put_response(tx: &Tx<'_>, call: &Call) -> Answer {
    let mut api = draft(tx, call)?;
    let method = api.method_mut(call.text("resourceId"), call.text("httpMethod"))?;
    let mut view = Map::new();
    for member in ["statusCode", "responseParameters", "responseModels"] {
        if let Some(value) = call.input.get(member) {
            view.insert(member.to_owned(), value.clone());
        }
    }
    method.method_responses.insert(call.text("statusCode").to_owned(), view.clone().into());
    api.save(tx)?;
    created(view.into())
}

/// The integration of a call's members. `type`, `uri` and the like are the method's own names;
/// the verb towards the backend is `integrationHttpMethod`.
fn of_input(input: &Value) -> Result<Integration, Fault> {
    let mut input = input.clone();
    input["httpMethod"] = input.get("integrationHttpMethod").cloned().unwrap_or(Value::Null);
    let mut integration: Integration = typed(&input)?;
    integration.integration_responses.clear();
    finish(integration)
}

/// Fills in the service's defaults and refuses what it refuses.
pub(super) fn finish(mut integration: Integration) -> Result<Integration, Fault> {
    integration.kind = integration.kind.to_uppercase();
    check_integration(&integration.kind, integration.uri.as_deref()).map_err(bad_request)?;
    if integration.kind != "MOCK" && integration.http_method.is_none() {
        return Err(bad_request("Enumeration value for HttpMethod must be non-empty"));
    }
    integration.passthrough_behavior.get_or_insert_with(|| "WHEN_NO_MATCH".to_owned());
    integration.timeout_in_millis.get_or_insert(29_000);
    Ok(integration)
}

pub(super) fn put_integration(tx: &Tx<'_>, call: &Call) -> Answer {
    let mut api = draft(tx, call)?;
    let integration = of_input(&call.input)?;
    let method = api.method_mut(call.text("resourceId"), call.text("httpMethod"))?;
    method.method_integration = Some(integration.clone());
    api.save(tx)?;
    created(serde_json::to_value(&integration)?)
}

fn integration_of<'a>(api: &'a Api, call: &Call) -> Result<&'a Integration, Fault> {
    api.method(call.text("resourceId"), call.text("httpMethod"))?
        .method_integration
        .as_ref()
        .ok_or_else(|| not_found("Invalid Integration identifier specified"))
}

pub(super) fn integration(tx: &Tx<'_>, call: &Call) -> Answer {
    let api = draft(tx, call)?;
    Ok(Reply::ok(serde_json::to_value(integration_of(&api, call)?)?))
}

pub(super) fn update_integration(tx: &Tx<'_>, call: &Call) -> Answer {
    let mut api = draft(tx, call)?;
    let allowed = [
        ("uri", Kind::Text),
        ("httpMethod", Kind::Text),
        ("credentials", Kind::Text),
        ("passthroughBehavior", Kind::Text),
        ("timeoutInMillis", Kind::Number),
        ("requestParameters", Kind::Map),
        ("requestTemplates", Kind::Map),
    ];
    let known = integration_of(&api, call)?;
    let next = finish(patch::apply(known, &call.input["patchOperations"], &allowed)?)?;
    let method = api.method_mut(call.text("resourceId"), call.text("httpMethod"))?;
    method.method_integration = Some(next.clone());
    api.save(tx)?;
    Ok(Reply::ok(serde_json::to_value(&next)?))
}

pub(super) fn delete_integration(tx: &Tx<'_>, call: &Call) -> Answer {
    let mut api = draft(tx, call)?;
    integration_of(&api, call)?;
    api.method_mut(call.text("resourceId"), call.text("httpMethod"))?.method_integration = None;
    api.save(tx)?;
    Ok(Reply::empty(204))
}

pub(super) fn put_integration_response(tx: &Tx<'_>, call: &Call) -> Answer {
    let mut api = draft(tx, call)?;
    integration_of(&api, call)?;
    let response: IntegrationResponse = typed(&call.input)?;
    let method = api.method_mut(call.text("resourceId"), call.text("httpMethod"))?;
    if !method.method_responses.contains_key(&response.status_code) {
        return Err(not_found("Invalid Response status code specified"));
    }
    if let Some(integration) = &mut method.method_integration {
        integration.integration_responses.insert(response.status_code.clone(), response.clone());
    }
    api.save(tx)?;
    created(serde_json::to_value(&response)?)
}
