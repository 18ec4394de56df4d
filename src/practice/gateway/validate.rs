//! The request validator: required parameters, then the body against the method's model.

use serde_json::Value;

use super::Exchange;
use super::refuse::Refusal;

/// The content type of a request that names none.
const JSON: &str = "application/json";
/// The model for content types that have none of their own.
const DEFAULT: &str = "$default";

/// Lets the request through, or refuses what it lacks. A method without a validator checks nothing,
/// whatever models it names.
pub(super) fn check(exchange: &mut Exchange<'_, '_>) -> Result<(), Refusal> {
    let Some(id) = exchange.method.request_validator_id.as_deref() else { return Ok(()) };
    let Some(validator) = exchange.api.validators.iter().find(|known| known.id == id) else {
        return Ok(());
    };
    if validator.validate_request_parameters {
        let missing = missing(exchange);
        if !missing.is_empty() {
            return Err(Refusal::MissingParameters(missing));
        }
    }
    if validator.validate_request_body { body(exchange) } else { Ok(()) }
}

/// Required parameters that the request doesn't have, or has empty.
fn missing(exchange: &Exchange<'_, '_>) -> Vec<String> {
    let required = exchange.method.request_parameters.iter().filter(|(_, required)| **required);
    required
        .filter_map(|(name, _)| {
            let (place, name) = name.strip_prefix("method.request.")?.split_once('.')?;
            let present = match place {
                "header" => !exchange.request.header(&name.to_ascii_lowercase()).trim().is_empty(),
                "querystring" => {
                    exchange.request.query_value(name).is_some_and(|value| !value.is_empty())
                }
                _ => exchange.parameters.iter().any(|(known, _)| known == name),
            };
            (!present).then(|| name.to_owned())
        })
        .collect()
}

/// The body against the model of its content type. A content type without a model isn't looked at:
/// that is the service's behaviour, and a gap that `$default` closes.
fn body(exchange: &Exchange<'_, '_>) -> Result<(), Refusal> {
    let header = exchange.request.header("content-type");
    let kind = header.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    let kind = if kind.is_empty() { JSON } else { kind.as_str() };
    let models = &exchange.method.request_models;
    let named = models
        .iter()
        .find_map(|(known, model)| known.eq_ignore_ascii_case(kind).then_some(model))
        .or_else(|| models.get(DEFAULT));
    let Some(name) = named else { return Ok(()) };
    let Some(model) = exchange.api.models.iter().find(|model| model.name == *name) else {
        return Ok(());
    };
    // Schemas are compiled when they are made, so this one is fit.
    let schema = model.compile(&exchange.api.models).map_err(|_| Refusal::InvalidBody)?;
    let body: Value =
        serde_json::from_slice(&exchange.request.body).map_err(|_| Refusal::InvalidBody)?;
    if schema.is_valid(&body) { Ok(()) } else { Err(Refusal::InvalidBody) }
}
