//! API Gateway's paths, and what its wire calls otherwise than its model.

use crate::practice::protocol::rest::Route;
use crate::practice::store::Tx;
use crate::practice::wire::{Answer, Call, ReplyBody};

/// Paths and their operations. `POST /restapis?mode=import` is [`call`]'s to tell.
pub const ROUTES: &[Route] = &[
    Route::new("POST", "/restapis", "CreateRestApi"),
    Route::new("GET", "/restapis", "GetRestApis"),
    Route::new("PUT", "/restapis/{restApiId}", "PutRestApi"),
    Route::new("PATCH", "/restapis/{restApiId}", "UpdateRestApi"),
    Route::new("DELETE", "/restapis/{restApiId}", "DeleteRestApi"),
    Route::new("GET", "/restapis/{restApiId}", "GetRestApi"),
    Route::new("POST", "/usageplans", "CreateUsagePlan"),
    Route::new("GET", "/usageplans", "GetUsagePlans"),
    Route::new("GET", "/usageplans/{usageplanId}", "GetUsagePlan"),
    Route::new("PATCH", "/usageplans/{usageplanId}", "UpdateUsagePlan"),
    Route::new("DELETE", "/usageplans/{usageplanId}", "DeleteUsagePlan"),
    Route::new("POST", "/usageplans/{usageplanId}/keys", "CreateUsagePlanKey"),
    Route::new("GET", "/usageplans/{usageplanId}/keys", "GetUsagePlanKeys"),
    Route::new("GET", "/usageplans/{usageplanId}/keys/{keyId}", "GetUsagePlanKey"),
    Route::new("DELETE", "/usageplans/{usageplanId}/keys/{keyId}", "DeleteUsagePlanKey"),
    Route::new("GET", "/usageplans/{usageplanId}/usage", "GetUsage"),
    Route::new("POST", "/apikeys", "CreateApiKey"),
    Route::new("GET", "/apikeys", "GetApiKeys"),
    Route::new("GET", "/apikeys/{api_Key}", "GetApiKey"),
    Route::new("PATCH", "/apikeys/{api_Key}", "UpdateApiKey"),
    Route::new("DELETE", "/apikeys/{api_Key}", "DeleteApiKey"),
    Route::new("GET", "/account", "GetAccount"),
    Route::new("PATCH", "/account", "UpdateAccount"),
    Route::new("GET", "/restapis/{restApiId}/authorizers", "GetAuthorizers"),
    Route::new("POST", "/restapis/{restApiId}/authorizers", "CreateAuthorizer"),
    Route::new("GET", "/restapis/{restApiId}/authorizers/{authorizerId}", "GetAuthorizer"),
    Route::new("PATCH", "/restapis/{restApiId}/authorizers/{authorizerId}", "UpdateAuthorizer"),
    Route::new("DELETE", "/restapis/{restApiId}/authorizers/{authorizerId}", "DeleteAuthorizer"),
    Route::new("GET", "/restapis/{restApiId}/models", "GetModels"),
    Route::new("POST", "/restapis/{restApiId}/models", "CreateModel"),
    Route::new("GET", "/restapis/{restApiId}/models/{modelName}", "GetModel"),
    Route::new("PATCH", "/restapis/{restApiId}/models/{modelName}", "UpdateModel"),
    Route::new("DELETE", "/restapis/{restApiId}/models/{modelName}", "DeleteModel"),
    Route::new("GET", "/restapis/{restApiId}/requestvalidators", "GetRequestValidators"),
    Route::new("POST", "/restapis/{restApiId}/requestvalidators", "CreateRequestValidator"),
    Route::new(
        "GET",
        "/restapis/{restApiId}/requestvalidators/{requestValidatorId}",
        "GetRequestValidator",
    ),
    Route::new(
        "PATCH",
        "/restapis/{restApiId}/requestvalidators/{requestValidatorId}",
        "UpdateRequestValidator",
    ),
    Route::new(
        "DELETE",
        "/restapis/{restApiId}/requestvalidators/{requestValidatorId}",
        "DeleteRequestValidator",
    ),
    Route::new("GET", "/restapis/{restApiId}/deployments", "GetDeployments"),
    Route::new("POST", "/restapis/{restApiId}/deployments", "CreateDeployment"),
    Route::new("GET", "/restapis/{restApiId}/deployments/{deploymentId}", "GetDeployment"),
    Route::new("PATCH", "/restapis/{restApiId}/deployments/{deploymentId}", "UpdateDeployment"),
    Route::new("DELETE", "/restapis/{restApiId}/deployments/{deploymentId}", "DeleteDeployment"),
    Route::new("GET", "/restapis/{restApiId}/stages", "GetStages"),
    Route::new("POST", "/restapis/{restApiId}/stages", "CreateStage"),
    Route::new("GET", "/restapis/{restApiId}/stages/{stageName}", "GetStage"),
    Route::new("PATCH", "/restapis/{restApiId}/stages/{stageName}", "UpdateStage"),
    Route::new("DELETE", "/restapis/{restApiId}/stages/{stageName}", "DeleteStage"),
    Route::new(
        "DELETE",
        "/restapis/{restApiId}/stages/{stageName}/cache/authorizers",
        "FlushStageAuthorizersCache",
    ),
    Route::new("GET", "/restapis/{restApiId}/stages/{stageName}/exports/{exportType}", "GetExport"),
    Route::new("GET", "/restapis/{restApiId}/resources", "GetResources"),
    Route::new("POST", "/restapis/{restApiId}/resources/{parentId}", "CreateResource"),
    Route::new("GET", "/restapis/{restApiId}/resources/{resourceId}", "GetResource"),
    Route::new("DELETE", "/restapis/{restApiId}/resources/{resourceId}", "DeleteResource"),
    Route::new(
        "GET",
        "/restapis/{restApiId}/resources/{resourceId}/methods/{httpMethod}",
        "GetMethod",
    ),
    Route::new(
        "PUT",
        "/restapis/{restApiId}/resources/{resourceId}/methods/{httpMethod}",
        "PutMethod",
    ),
    Route::new(
        "PATCH",
        "/restapis/{restApiId}/resources/{resourceId}/methods/{httpMethod}",
        "UpdateMethod",
    ),
    Route::new(
        "DELETE",
        "/restapis/{restApiId}/resources/{resourceId}/methods/{httpMethod}",
        "DeleteMethod",
    ),
    Route::new(
        "PUT",
        "/restapis/{restApiId}/resources/{resourceId}/methods/{httpMethod}/responses/{statusCode}",
        "PutMethodResponse",
    ),
    Route::new(
        "GET",
        "/restapis/{restApiId}/resources/{resourceId}/methods/{httpMethod}/integration",
        "GetIntegration",
    ),
    Route::new(
        "PUT",
        "/restapis/{restApiId}/resources/{resourceId}/methods/{httpMethod}/integration",
        "PutIntegration",
    ),
    Route::new(
        "PATCH",
        "/restapis/{restApiId}/resources/{resourceId}/methods/{httpMethod}/integration",
        "UpdateIntegration",
    ),
    Route::new(
        "DELETE",
        "/restapis/{restApiId}/resources/{resourceId}/methods/{httpMethod}/integration",
        "DeleteIntegration",
    ),
    Route::new(
        "PUT",
        "/restapis/{restApiId}/resources/{resourceId}/methods/{httpMethod}/integration/responses/{statusCode}",
        "PutIntegrationResponse",
    ),
];

/// Answers a call as it is on the wire: there a list is `item`, in the model `items`.
pub fn call(tx: &Tx<'_>, call: &Call) -> Answer {
    let importing = call.operation == "CreateRestApi" && call.text("mode") == "import";
    let mut reply = if importing {
        super::call(tx, &Call { operation: "ImportRestApi".to_owned(), ..call.clone() })?
    } else {
        super::call(tx, call)?
    };
    if let ReplyBody::Members(serde_json::Value::Object(members)) = &mut reply.body
        && let Some(items) = members.shift_remove("items")
    {
        members.insert("item".to_owned(), items);
    }
    Ok(reply)
}
