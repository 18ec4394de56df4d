//! API Gateway REST APIs: the control plane. The data plane is `gateway`.
//!
//! An API is edited as a draft; a deployment freezes it; a stage names the deployment that callers
//! reach. `GetResources` and `GetMethod` show the draft, `GetDeployment` and `GetExport` what is
//! deployed.

mod account;
mod apis;
mod deployed;
mod export;
mod import;
mod methods;
pub mod model;
mod parts;
mod patch;
pub(crate) mod plans;
pub mod providers;
pub mod routes;
mod schemas;
pub(crate) mod stages;

use serde_json::{Value, json};

use crate::practice::store::Tx;
use crate::practice::wire::{Answer, Call, Fault, Reply};

/// Answers an operation of API Gateway.
pub fn call(tx: &Tx<'_>, call: &Call) -> Answer {
    match call.operation.as_str() {
        "CreateRestApi" => apis::create(tx, call),
        "ImportRestApi" => apis::import(tx, call),
        "PutRestApi" => apis::put(tx, call),
        "UpdateRestApi" => apis::update(tx, call),
        "DeleteRestApi" => apis::delete(tx, call),
        "GetRestApi" => apis::get(tx, call),
        "GetRestApis" => apis::list(tx, call),
        "GetAuthorizers" => apis::authorizers(tx, call),
        "GetAuthorizer" => apis::authorizer(tx, call),
        "CreateAuthorizer" => apis::create_authorizer(tx, call),
        "UpdateAuthorizer" => apis::update_authorizer(tx, call),
        "DeleteAuthorizer" => apis::delete_authorizer(tx, call),
        "GetResources" => methods::resources(tx, call),
        "GetResource" => methods::resource(tx, call),
        "CreateResource" => methods::create_resource(tx, call),
        "DeleteResource" => methods::delete_resource(tx, call),
        "GetMethod" => methods::get(tx, call),
        "PutMethod" => methods::put(tx, call),
        "UpdateMethod" => methods::update(tx, call),
        "DeleteMethod" => methods::delete(tx, call),
        "PutMethodResponse" => methods::put_response(tx, call),
        "PutIntegration" => methods::put_integration(tx, call),
        "GetIntegration" => methods::integration(tx, call),
        "UpdateIntegration" => methods::update_integration(tx, call),
        "DeleteIntegration" => methods::delete_integration(tx, call),
        "PutIntegrationResponse" => methods::put_integration_response(tx, call),
        "GetModels" => schemas::models(tx, call),
        "GetModel" => schemas::model(tx, call),
        "CreateModel" => schemas::create_model(tx, call),
        "UpdateModel" => schemas::update_model(tx, call),
        "DeleteModel" => schemas::delete_model(tx, call),
        "GetRequestValidators" => schemas::validators(tx, call),
        "GetRequestValidator" => schemas::validator(tx, call),
        "CreateRequestValidator" => schemas::create_validator(tx, call),
        "UpdateRequestValidator" => schemas::update_validator(tx, call),
        "DeleteRequestValidator" => schemas::delete_validator(tx, call),
        "CreateDeployment" => stages::create_deployment(tx, call),
        "GetDeployments" => stages::deployments(tx, call),
        "GetDeployment" => stages::deployment(tx, call),
        "DeleteDeployment" => stages::delete_deployment(tx, call),
        "CreateStage" => stages::create(tx, call),
        "GetStages" => stages::list(tx, call),
        "GetStage" => stages::get(tx, call),
        "UpdateStage" => stages::update(tx, call),
        "DeleteStage" => stages::delete(tx, call),
        "FlushStageAuthorizersCache" => stages::flush_authorizers(tx, call),
        "GetExport" => stages::export(tx, call),
        "GetAccount" => account::get(tx),
        "UpdateAccount" => account::update(tx, call),
        // Plans, keys, usage; what is none of them is unknown there.
        _ => plans::call(tx, call),
    }
}

/// 201 with members.
#[expect(clippy::unnecessary_wraps, reason = "it is what operations end with")]
fn created(members: Value) -> Answer {
    Ok(Reply { status: 201, ..Reply::ok(members) })
}

/// One page of a list: `position` is the index where it starts, `limit` at most 500.
fn page(call: &Call, items: &[Value]) -> Answer {
    let number = |name: &str| match call.input.get(name) {
        Some(Value::Number(number)) => number.as_u64(),
        Some(Value::String(text)) => text.parse().ok(),
        _ => None,
    };
    let index = |value: u64| usize::try_from(value).unwrap_or(usize::MAX);
    let start = number("position").map_or(0, index).min(items.len());
    let limit = number("limit").map_or(25, index);
    if !(1..=500).contains(&limit) {
        return Err(model::bad_request("Invalid value for limit: it must be between 1 and 500"));
    }
    let end = start.saturating_add(limit).min(items.len());
    let mut answer = json!({"items": &items[start..end]});
    if end < items.len() {
        answer["position"] = end.to_string().into();
    }
    Ok(Reply::ok(answer))
}

/// Members by their model names, as a typed value; members that aren't its own are left out.
fn typed<T: serde::de::DeserializeOwned>(input: &Value) -> Result<T, Fault> {
    serde_json::from_value(input.clone()).map_err(|error| {
        Fault::new(400, "SerializationException", format!("Invalid input: {error}"))
    })
}
