//! Lambda: functions with their packages, who may invoke them, and invoking them.

mod code;
mod function;
mod layer;
mod permission;
mod runtime;
mod version;

use serde_json::{Value, json};

use crate::practice::backend;
use crate::practice::protocol::rest::Route;
use crate::practice::resource::{self, Provider, Resource};
use crate::practice::store::Tx;
use crate::practice::wire::{Answer, Call, Fault, Reply, ReplyBody};

pub use code::{download, owns, package};
pub use function::{FUNCTION, Function};
pub use layer::{LAYER_VERSION, LayerVersion, hashes, layers};
pub use permission::{PERMISSION, Permission};
pub use version::{ALIAS, Alias, VERSION, Version};

/// Paths and their operations.
pub const ROUTES: &[Route] = &[
    Route::new("GET", "/2015-03-31/functions", "ListFunctions"),
    Route::new("GET", "/2015-03-31/functions/{FunctionName}", "GetFunction"),
    Route::new("DELETE", "/2015-03-31/functions/{FunctionName}", "DeleteFunction"),
    Route::new(
        "GET",
        "/2015-03-31/functions/{FunctionName}/configuration",
        "GetFunctionConfiguration",
    ),
    Route::new(
        "PUT",
        "/2015-03-31/functions/{FunctionName}/configuration",
        "UpdateFunctionConfiguration",
    ),
    Route::new("PUT", "/2015-03-31/functions/{FunctionName}/code", "UpdateFunctionCode"),
    Route::new("POST", "/2015-03-31/functions/{FunctionName}/invocations", "Invoke"),
    Route::new("GET", "/2015-03-31/functions/{FunctionName}/policy", "GetPolicy"),
    Route::new("POST", "/2015-03-31/functions/{FunctionName}/policy", "AddPermission"),
    Route::new(
        "DELETE",
        "/2015-03-31/functions/{FunctionName}/policy/{StatementId}",
        "RemovePermission",
    ),
    Route::new("GET", "/2017-03-31/tags/{Resource}", "ListTags"),
    Route::new("GET", "/2018-10-31/layers/{LayerName}/versions", "ListLayerVersions"),
    Route::new("GET", "/2018-10-31/layers/{LayerName}/versions/{VersionNumber}", "GetLayerVersion"),
];

/// Answers the service's calls.
pub fn call(tx: &Tx<'_>, call: &Call) -> Answer {
    match call.operation.as_str() {
        "ListFunctions" => list(tx, call),
        "GetFunction" => {
            let function = named(tx, call)?;
            Ok(Reply::ok(json!({
                "Configuration": function::view(tx, &function),
                "Code": { "RepositoryType": "S3", "Location": code::location(tx, call, &function) },
                "Tags": function::tags(&function),
            })))
        }
        "GetFunctionConfiguration" => Ok(Reply::ok(function::view(tx, &named(tx, call)?))),
        "UpdateFunctionConfiguration" => {
            function::configure(tx, &named(tx, call)?, &call.input).map(Reply::ok)
        }
        "UpdateFunctionCode" => {
            function::replace_code(tx, &named(tx, call)?, &call.input).map(Reply::ok)
        }
        "DeleteFunction" => {
            Function.delete(tx, &named(tx, call)?)?;
            Ok(Reply::empty(204))
        }
        "Invoke" => invoke(tx, call),
        "GetPolicy" => permission::policy(tx, &named(tx, call)?),
        "AddPermission" => permission::add(tx, &named(tx, call)?, call),
        "RemovePermission" => permission::remove(tx, &named(tx, call)?, call.text("StatementId")),
        "ListTags" => {
            let function = find(tx, call.text("Resource"))?;
            Ok(Reply::ok(json!({ "Tags": function::tags(&function) })))
        }
        "ListLayerVersions" => layer::list(tx, call),
        "GetLayerVersion" => layer::get(tx, call),
        _ => Err(call.unknown()),
    }
}

/// The name in a function's name, partial ARN or ARN; a version or alias at its end is left off.
pub fn name_of(reference: &str) -> &str {
    let parts: Vec<&str> = reference.split(':').collect();
    match parts.iter().position(|part| *part == "function") {
        Some(at) => parts.get(at + 1).copied().unwrap_or(""),
        None => parts.first().copied().unwrap_or(""),
    }
}

/// The function by its name or ARN.
///
/// # Errors
/// `ResourceNotFoundException`.
pub fn find(tx: &Tx<'_>, reference: &str) -> Result<Resource, Fault> {
    let name = name_of(reference);
    resource::get(tx, FUNCTION, name)?.ok_or_else(|| {
        let arn = tx.arn("lambda", &format!("function:{name}"));
        Fault::new(404, "ResourceNotFoundException", format!("Function not found: {arn}"))
    })
}

fn named(tx: &Tx<'_>, call: &Call) -> Result<Resource, Fault> {
    find(tx, call.text("FunctionName"))
}

fn list(tx: &Tx<'_>, call: &Call) -> Answer {
    let functions = resource::all(tx, FUNCTION)?;
    let start = call.number("Marker").and_then(|n| usize::try_from(n).ok()).unwrap_or(0);
    let most = call.number("MaxItems").and_then(|n| usize::try_from(n).ok()).unwrap_or(50);
    let end = start.saturating_add(most.clamp(1, 50));
    let next = (end < functions.len()).then(|| end.to_string());
    let page: Vec<Value> = functions
        .iter()
        .skip(start)
        .take(end.saturating_sub(start))
        .map(|function| function::view(tx, function))
        .collect();
    Ok(Reply::ok(json!({ "Functions": page, "NextMarker": next })))
}

fn invoke(tx: &Tx<'_>, call: &Call) -> Answer {
    let function = named(tx, call)?;
    let payload = if call.body.is_empty() {
        Value::Null
    } else {
        serde_json::from_slice(&call.body).map_err(|error| {
            Fault::new(
                400,
                "InvalidRequestContentException",
                format!("Could not parse request body into json: {error}"),
            )
        })?
    };
    let version = ("x-amz-executed-version".to_owned(), "$LATEST".to_owned());
    match call.headers.get("x-amz-invocation-type").map(String::as_str) {
        Some("DryRun") => return Ok(Reply::empty(204)),
        Some("Event") => {
            backend::invoke(tx, &function, &payload)?;
            return Ok(Reply::empty(202));
        }
        _ => {}
    }
    let outcome = backend::invoke(tx, &function, &payload)?;
    let mut headers = vec![version];
    if let Some(error) = outcome.error {
        headers.push(("x-amz-function-error".to_owned(), error.to_owned()));
    }
    let body = ReplyBody::Raw(outcome.payload.to_string().into_bytes(), "application/json");
    Ok(Reply { status: 200, headers, body })
}

#[cfg(test)]
mod tests {
    use super::name_of;

    #[test]
    fn a_function_is_named_in_four_ways() {
        for reference in [
            "Parts",
            "Parts:dev",
            "000000000000:function:Parts",
            "arn:aws:lambda:us-east-1:000000000000:function:Parts:$LATEST",
        ] {
            assert_eq!(name_of(reference), "Parts");
        }
    }
}
