//! Body models and request validators of a draft.

use super::model::{Api, Method, Model, Validator, bad_request, not_found};
use super::patch::{self, Kind};
use super::{created, page, typed};
use crate::practice::random;
use crate::practice::store::Tx;
use crate::practice::wire::{Answer, Call, Fault, Reply};

fn draft(tx: &Tx<'_>, call: &Call) -> Result<Api, Fault> {
    Api::load(tx, call.text("restApiId"))
}

fn no_model(name: &str) -> Fault {
    not_found(format!("Invalid model name specified: {name}"))
}

fn no_validator() -> Fault {
    not_found("Invalid Request Validator identifier specified")
}

/// Refuses to take away what a method uses.
fn unused(api: &Api, what: &str, uses: impl Fn(&Method) -> bool) -> Result<(), Fault> {
    let user = api.resources.iter().find_map(|resource| {
        let (verb, _) = resource.methods.iter().find(|(_, method)| uses(method))?;
        Some(format!("{} {verb}", resource.path))
    });
    user.map_or(Ok(()), |method| {
        let message = format!("Cannot delete {what}, is referenced in method: {method}");
        Err(Fault::new(409, "ConflictException", message))
    })
}

pub(super) fn models(tx: &Tx<'_>, call: &Call) -> Answer {
    let api = draft(tx, call)?;
    page(call, &api.models.iter().map(serde_json::to_value).collect::<Result<Vec<_>, _>>()?)
}

pub(super) fn model(tx: &Tx<'_>, call: &Call) -> Answer {
    let api = draft(tx, call)?;
    let name = call.text("modelName");
    let known = api.models.iter().find(|known| known.name == name).ok_or_else(|| no_model(name))?;
    Ok(Reply::ok(serde_json::to_value(known)?))
}

pub(super) fn create_model(tx: &Tx<'_>, call: &Call) -> Answer {
    let mut api = draft(tx, call)?;
    let made = add_model(&mut api, typed(&call.input)?)?;
    api.save(tx)?;
    created(serde_json::to_value(&made)?)
}

/// Adds a model to a draft, with its new id.
pub(super) fn add_model(api: &mut Api, mut model: Model) -> Result<Model, Fault> {
    if model.name.is_empty() || !model.name.chars().all(|c| c.is_ascii_alphanumeric()) {
        return Err(bad_request(format!("Model name must be alphanumeric: {}", model.name)));
    }
    if model.content_type.is_empty() {
        return Err(bad_request("Content type cannot be null or empty"));
    }
    if api.models.iter().any(|known| known.name == model.name) {
        return Err(Fault::new(
            409,
            "ConflictException",
            format!("Model name already exists for this REST API: {}", model.name),
        ));
    }
    if model.schema.is_empty() {
        "{}".clone_into(&mut model.schema);
    }
    model.check(&api.models)?;
    model.id = random::lower(6);
    api.models.push(model.clone());
    Ok(model)
}

pub(super) fn update_model(tx: &Tx<'_>, call: &Call) -> Answer {
    let mut api = draft(tx, call)?;
    let name = call.text("modelName");
    let at = api.models.iter().position(|known| known.name == name);
    let at = at.ok_or_else(|| no_model(name))?;
    let allowed = [("schema", Kind::Text), ("description", Kind::Text)];
    let next: Model = patch::apply(&api.models[at], &call.input["patchOperations"], &allowed)?;
    next.check(&api.models)?;
    api.models[at].clone_from(&next);
    api.save(tx)?;
    Ok(Reply::ok(serde_json::to_value(&next)?))
}

pub(super) fn delete_model(tx: &Tx<'_>, call: &Call) -> Answer {
    let mut api = draft(tx, call)?;
    let name = call.text("modelName");
    if !api.models.iter().any(|known| known.name == name) {
        return Err(no_model(name));
    }
    unused(&api, &format!("model '{name}'"), |method| {
        method.request_models.values().any(|model| model == name)
    })?;
    api.models.retain(|known| known.name != name);
    api.save(tx)?;
    Ok(Reply::empty(202))
}

pub(super) fn validators(tx: &Tx<'_>, call: &Call) -> Answer {
    let api = draft(tx, call)?;
    page(call, &api.validators.iter().map(serde_json::to_value).collect::<Result<Vec<_>, _>>()?)
}

pub(super) fn validator(tx: &Tx<'_>, call: &Call) -> Answer {
    let api = draft(tx, call)?;
    let id = call.text("requestValidatorId");
    let known = api.validators.iter().find(|known| known.id == id).ok_or_else(no_validator)?;
    Ok(Reply::ok(serde_json::to_value(known)?))
}

pub(super) fn create_validator(tx: &Tx<'_>, call: &Call) -> Answer {
    let mut api = draft(tx, call)?;
    let made = Validator { id: random::lower(6), ..typed(&call.input)? };
    api.validators.push(made.clone());
    api.save(tx)?;
    created(serde_json::to_value(&made)?)
}

pub(super) fn update_validator(tx: &Tx<'_>, call: &Call) -> Answer {
    let mut api = draft(tx, call)?;
    let id = call.text("requestValidatorId");
    let known = api.validators.iter_mut().find(|known| known.id == id).ok_or_else(no_validator)?;
    let allowed = [
        ("name", Kind::Text),
        ("validateRequestBody", Kind::Flag),
        ("validateRequestParameters", Kind::Flag),
    ];
    let next: Validator = patch::apply(known, &call.input["patchOperations"], &allowed)?;
    known.clone_from(&next);
    api.save(tx)?;
    Ok(Reply::ok(serde_json::to_value(&next)?))
}

pub(super) fn delete_validator(tx: &Tx<'_>, call: &Call) -> Answer {
    let mut api = draft(tx, call)?;
    let id = call.text("requestValidatorId");
    if !api.validators.iter().any(|known| known.id == id) {
        return Err(no_validator());
    }
    unused(&api, &format!("request validator '{id}'"), |method| {
        method.request_validator_id.as_deref() == Some(id)
    })?;
    api.validators.retain(|known| known.id != id);
    api.save(tx)?;
    Ok(Reply::empty(202))
}
