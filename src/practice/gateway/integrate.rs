//! The backend: a function behind a proxy integration, or a mock.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Map, Value, json};

use super::Exchange;
use super::refuse::{Refusal, literal};
use crate::practice::backend;
use crate::practice::services::apigateway::model::{Integration, function_of_uri};
use crate::practice::wire::HttpResponse;

/// The backend's answer.
pub(super) fn answer(exchange: &Exchange<'_, '_>) -> Result<HttpResponse, Refusal> {
    let integration =
        exchange.method.method_integration.as_ref().ok_or(Refusal::IntegrationConfiguration)?;
    let mut response = match integration.kind.as_str() {
        "MOCK" => mock(integration)?,
        "AWS_PROXY" => function(exchange, integration)?,
        // Other kinds of backend don't exist in the practice account.
        _ => return Err(Refusal::IntegrationConfiguration),
    };
    response.headers.push(("x-amzn-requestid".to_owned(), exchange.id.clone()));
    Ok(response)
}

/// A fixed answer: the request template names the status, the status the response.
fn mock(integration: &Integration) -> Result<HttpResponse, Refusal> {
    let template = integration.request_templates.get("application/json");
    let chosen: Value = template
        .and_then(|template| serde_json::from_str(template).ok())
        .unwrap_or_else(|| json!({"statusCode": 200}));
    let status = chosen.get("statusCode").and_then(Value::as_u64).unwrap_or(200).to_string();
    let responses = &integration.integration_responses;
    let response = responses
        .values()
        .find(|r| r.selection_pattern.as_deref().is_some_and(|pattern| pattern == status))
        .or_else(|| responses.values().find(|r| r.selection_pattern.is_none()))
        .ok_or(Refusal::IntegrationConfiguration)?;
    let code = response.status_code.parse().map_err(|_| Refusal::IntegrationConfiguration)?;
    let body = response.response_templates.get("application/json").cloned().flatten();
    let mut answer = HttpResponse::new(code, "application/json", body.unwrap_or_default());
    for (name, value) in &response.response_parameters {
        if let (Some(name), Some(value)) =
            (name.strip_prefix("method.response.header."), literal(&value.as_str().into()))
        {
            set(&mut answer, name, value);
        }
    }
    Ok(answer)
}

/// Sets a header in place of one with the same name.
fn set(response: &mut HttpResponse, name: &str, value: String) {
    let name = name.to_ascii_lowercase();
    response.headers.retain(|(known, _)| *known != name);
    response.headers.push((name, value));
}

fn function(
    exchange: &Exchange<'_, '_>,
    integration: &Integration,
) -> Result<HttpResponse, Refusal> {
    let arn = integration
        .uri
        .as_deref()
        .and_then(function_of_uri)
        .ok_or(Refusal::IntegrationConfiguration)?;
    let credentials = integration.credentials.as_deref();
    let source = exchange.method_arn();
    let function = backend::access::function(exchange.tx, arn, credentials, &source)?
        .ok_or(Refusal::IntegrationConfiguration)?;
    let result = exchange.invoke(&function, &event(exchange))?;
    if result.error.is_some() {
        return Err(Refusal::BadGateway);
    }
    proxied(&result.payload).ok_or(Refusal::BadGateway)
}

/// A function's answer as HTTP; none where it has another shape.
fn proxied(payload: &Value) -> Option<HttpResponse> {
    let status = payload.get("statusCode")?;
    let status = status.as_u64().or_else(|| status.as_str()?.parse().ok())?;
    let status = u16::try_from(status).ok().filter(|status| (100..600).contains(status))?;
    let body = match payload.get("body") {
        None | Some(Value::Null) => Vec::new(),
        Some(Value::String(text)) if payload.get("isBase64Encoded") == Some(&true.into()) => {
            STANDARD.decode(text).ok()?
        }
        Some(Value::String(text)) => text.clone().into_bytes(),
        Some(_) => return None,
    };
    let mut response = HttpResponse::new(status, "application/json", body);
    let headers = match payload.get("headers") {
        None | Some(Value::Null) => None,
        Some(headers) => Some(headers.as_object()?),
    };
    for (name, value) in headers.into_iter().flatten() {
        let value = match value {
            Value::String(text) => text.clone(),
            Value::Number(_) | Value::Bool(_) => value.to_string(),
            _ => return None,
        };
        set(&mut response, name, value);
    }
    Some(response)
}

/// The event of a proxy integration.
pub(super) fn event(exchange: &Exchange<'_, '_>) -> Value {
    let request = exchange.request;
    let or_null = |map: Map<String, Value>| if map.is_empty() { Value::Null } else { map.into() };
    let mut one = Map::new();
    let mut many: Map<String, Value> = Map::new();
    for (name, value) in request.query_pairs() {
        one.insert(name.clone(), value.clone().into());
        if let Value::Array(list) = many.entry(name).or_insert_with(|| json!([])) {
            list.push(value.into());
        }
    }
    let headers: Map<String, Value> =
        request.headers.iter().map(|(name, value)| (name.clone(), value.clone().into())).collect();
    let lists: Map<String, Value> =
        request.headers.iter().map(|(name, value)| (name.clone(), json!([value]))).collect();
    let parameters: Map<String, Value> = exchange
        .parameters
        .iter()
        .map(|(name, value)| (name.clone(), value.clone().into()))
        .collect();
    let variables: Map<String, Value> =
        exchange.stage.variables.iter().map(|(n, v)| (n.clone(), v.clone().into())).collect();
    let (body, encoded) = match std::str::from_utf8(&request.body) {
        Ok("") => (Value::Null, false),
        Ok(text) => (text.into(), false),
        Err(_) => (STANDARD.encode(&request.body).into(), true),
    };
    let stage = &exchange.stage.stage_name;
    let path = if exchange.path.is_empty() { "/" } else { exchange.path };
    let mut context = json!({
        "accountId": exchange.tx.scope().account, "apiId": exchange.api.id, "stage": stage,
        "requestId": exchange.id, "resourcePath": exchange.resource,
        "httpMethod": request.method, "path": format!("/{stage}{path}"),
        "protocol": "HTTP/1.1", "requestTimeEpoch": exchange.tx.now().as_millisecond(),
        "identity": {"sourceIp": "127.0.0.1", "userAgent": request.header("user-agent")}});
    if let Some(identity) = &exchange.identity {
        context["authorizer"] = identity.clone().into();
    }
    json!({
        "resource": exchange.resource, "path": path, "httpMethod": request.method,
        "headers": or_null(headers), "multiValueHeaders": or_null(lists),
        "queryStringParameters": or_null(one), "multiValueQueryStringParameters": or_null(many),
        "pathParameters": or_null(parameters), "stageVariables": or_null(variables),
        "requestContext": context, "body": body, "isBase64Encoded": encoded})
}
