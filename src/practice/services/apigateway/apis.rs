//! APIs with their authorizers, models and validators.

use serde_json::{Value, json};

use super::model::{Api, Authorizer, Model, bad_request, not_found};
use super::patch::{self, Kind};
use super::{created, import as reader, page, typed};
use crate::practice::random;
use crate::practice::resource::{self, Resource};
use crate::practice::store::Tx;
use crate::practice::wire::{Answer, Call, Fault, Reply};

/// CloudFormation's type; its documents make an API's id known in the whole world.
pub(super) const KIND: &str = "AWS::ApiGateway::RestApi";

/// The API as on the wire.
pub(super) fn view(api: &Api) -> Value {
    let mut view = json!({
        "id": api.id, "name": api.name, "createdDate": api.created_date,
        "apiKeySource": api.api_key_source,
        "endpointConfiguration": {"types": api.endpoint_types, "ipAddressType": "ipv4"},
        "tags": api.tags, "disableExecuteApiEndpoint": false, "rootResourceId": api.root()});
    if let Some(description) = &api.description {
        view["description"] = description.as_str().into();
    }
    if let Some(version) = &api.version {
        view["version"] = version.as_str().into();
    }
    if !api.binary_media_types.is_empty() {
        view["binaryMediaTypes"] = json!(api.binary_media_types);
    }
    if let Some(policy) = &api.policy {
        view["policy"] = policy.to_string().into();
    }
    view
}

/// Writes the draft and the document that makes its id known.
pub(super) fn register(tx: &Tx<'_>, api: &Api, made: &Resource) -> Result<(), Fault> {
    api.save(tx)?;
    resource::put(tx, made)
}

fn document(tx: &Tx<'_>, api: &Api) -> Resource {
    Resource {
        kind: KIND.to_owned(),
        id: api.id.clone(),
        properties: json!({"Name": api.name}),
        attributes: super::providers::api_attributes(api),
        stack: None,
        logical: None,
        created: tx.now(),
        changed: tx.now(),
    }
}

/// The models that a new API comes with.
fn default_models() -> Vec<Model> {
    let model = |name: &str, schema: Value| Model {
        id: random::lower(6),
        name: name.to_owned(),
        description: Some(format!("This is a default {} schema model", name.to_lowercase())),
        schema: serde_json::to_string_pretty(&schema).unwrap_or_default(),
        content_type: "application/json".to_owned(),
    };
    let draft = "http://json-schema.org/draft-04/schema#";
    vec![
        model("Empty", json!({"$schema": draft, "title": "Empty Schema", "type": "object"})),
        model(
            "Error",
            json!({"$schema": draft, "title": "Error Schema", "type": "object",
                "properties": {"message": {"type": "string"}}}),
        ),
    ]
}

pub(super) fn create(tx: &Tx<'_>, call: &Call) -> Answer {
    let name = call.text("name");
    if name.is_empty() {
        return Err(bad_request("API name cannot be null or empty"));
    }
    let mut api = Api::new(tx, name);
    api.description = Some(call.text("description").to_owned()).filter(|text| !text.is_empty());
    if let source @ ("HEADER" | "AUTHORIZER") = call.text("apiKeySource") {
        source.clone_into(&mut api.api_key_source);
    }
    if let Some(types) = call.input.pointer("/endpointConfiguration/types") {
        api.endpoint_types = typed(types)?;
    }
    if let Some(tags) = call.input.get("tags") {
        api.tags = typed(tags)?;
    }
    api.models = default_models();
    register(tx, &api, &document(tx, &api))?;
    created(view(&api))
}

/// The document to import: the body as sent, or the member that carries it.
fn body(call: &Call) -> Result<Value, Fault> {
    reader::parse(&call.body)
}

pub(super) fn import(tx: &Tx<'_>, call: &Call) -> Answer {
    let api = reader::import(&Api::new(tx, ""), &body(call)?, false)?;
    if api.name.is_empty() {
        return Err(bad_request("Invalid OpenAPI input. info.title is required"));
    }
    register(tx, &api, &document(tx, &api))?;
    created(view(&api))
}

pub(super) fn put(tx: &Tx<'_>, call: &Call) -> Answer {
    let api = Api::load(tx, call.text("restApiId"))?;
    let merge = match call.text("mode") {
        "" | "merge" => true,
        "overwrite" => false,
        other => return Err(bad_request(format!("Invalid mode: {other}"))),
    };
    let api = reader::import(&api, &body(call)?, merge)?;
    api.save(tx)?;
    Ok(Reply::ok(view(&api)))
}

pub(super) fn update(tx: &Tx<'_>, call: &Call) -> Answer {
    let api = Api::load(tx, call.text("restApiId"))?;
    let allowed = [("name", Kind::Text), ("description", Kind::Text), ("apiKeySource", Kind::Text)];
    let api = patch::apply(&api, &call.input["patchOperations"], &allowed)?;
    api.save(tx)?;
    Ok(Reply::ok(view(&api)))
}

pub(super) fn delete(tx: &Tx<'_>, call: &Call) -> Answer {
    let api = Api::load(tx, call.text("restApiId"))?;
    Api::remove(tx, &api.id)?;
    tx.delete(KIND, &api.id)?;
    Ok(Reply::empty(202))
}

pub(super) fn get(tx: &Tx<'_>, call: &Call) -> Answer {
    Ok(Reply::ok(view(&Api::load(tx, call.text("restApiId"))?)))
}

pub(super) fn list(tx: &Tx<'_>, call: &Call) -> Answer {
    page(call, &Api::all(tx)?.iter().map(view).collect::<Vec<_>>())
}

fn authorizer_view(authorizer: &Authorizer) -> Result<Value, Fault> {
    let mut view = serde_json::to_value(authorizer)?;
    if authorizer.auth_type.is_none() {
        let custom = authorizer.kind != "COGNITO_USER_POOLS";
        view["authType"] = if custom { "custom" } else { "cognito_user_pools" }.into();
    }
    if authorizer.kind != "COGNITO_USER_POOLS" {
        view["authorizerResultTtlInSeconds"] = authorizer.ttl().into();
    }
    Ok(view)
}

pub(super) fn authorizers(tx: &Tx<'_>, call: &Call) -> Answer {
    let api = Api::load(tx, call.text("restApiId"))?;
    page(call, &api.authorizers.iter().map(authorizer_view).collect::<Result<Vec<_>, _>>()?)
}

pub(super) fn authorizer(tx: &Tx<'_>, call: &Call) -> Answer {
    let api = Api::load(tx, call.text("restApiId"))?;
    let known = api
        .authorizer(call.text("authorizerId"))
        .ok_or_else(|| not_found("Invalid Authorizer identifier specified"))?;
    Ok(Reply::ok(authorizer_view(known)?))
}

pub(super) fn create_authorizer(tx: &Tx<'_>, call: &Call) -> Answer {
    let mut api = Api::load(tx, call.text("restApiId"))?;
    let made = add_authorizer(&mut api, typed(&call.input)?)?;
    let view = authorizer_view(&made)?;
    api.save(tx)?;
    created(view)
}

/// Adds an authorizer to a draft, with its new id.
pub(super) fn add_authorizer(
    api: &mut Api,
    mut authorizer: Authorizer,
) -> Result<Authorizer, Fault> {
    if authorizer.name.is_empty() {
        return Err(bad_request("Authorizer name cannot be null or empty"));
    }
    authorizer.check()?;
    if authorizer.kind != "REQUEST" && authorizer.identity_source.is_none() {
        return Err(bad_request("Identity source is required for this authorizer type"));
    }
    if api.authorizers.iter().any(|known| known.name == authorizer.name) {
        return Err(Fault::new(
            409,
            "ConflictException",
            "Authorizer name must be unique. Authorizer ".to_owned()
                + &authorizer.name
                + " already exists in this RestApi.",
        ));
    }
    authorizer.id = random::lower(6);
    api.authorizers.push(authorizer.clone());
    Ok(authorizer)
}

pub(super) fn update_authorizer(tx: &Tx<'_>, call: &Call) -> Answer {
    let mut api = Api::load(tx, call.text("restApiId"))?;
    let id = call.text("authorizerId");
    let known = api
        .authorizers
        .iter_mut()
        .find(|known| known.id == id)
        .ok_or_else(|| not_found("Invalid Authorizer identifier specified"))?;
    let allowed = [
        ("name", Kind::Text),
        ("type", Kind::Text),
        ("authType", Kind::Text),
        ("authorizerUri", Kind::Text),
        ("authorizerCredentials", Kind::Text),
        ("identitySource", Kind::Text),
        ("identityValidationExpression", Kind::Text),
        ("authorizerResultTtlInSeconds", Kind::Number),
        ("providerARNs", Kind::List),
    ];
    let next: Authorizer = patch::apply(known, &call.input["patchOperations"], &allowed)?;
    next.check()?;
    known.clone_from(&next);
    api.save(tx)?;
    Ok(Reply::ok(authorizer_view(&next)?))
}

pub(super) fn delete_authorizer(tx: &Tx<'_>, call: &Call) -> Answer {
    let mut api = Api::load(tx, call.text("restApiId"))?;
    remove_authorizer(&mut api, call.text("authorizerId"))?;
    api.save(tx)?;
    Ok(Reply::empty(202))
}

/// Takes an authorizer out of a draft, unless a method uses it.
pub(super) fn remove_authorizer(api: &mut Api, id: &str) -> Result<(), Fault> {
    if api.authorizer(id).is_none() {
        return Err(not_found("Invalid Authorizer identifier specified"));
    }
    for resource in &api.resources {
        for (verb, method) in &resource.methods {
            if method.authorizer_id.as_deref() == Some(id) {
                return Err(Fault::new(
                    409,
                    "ConflictException",
                    format!(
                        "Cannot delete authorizer '{id}', is referenced in method: {} {verb}",
                        resource.path
                    ),
                ));
            }
        }
    }
    api.authorizers.retain(|known| known.id != id);
    Ok(())
}
