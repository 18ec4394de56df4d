//! The JSON protocols: the operation in `X-Amz-Target`, members as JSON (Cognito, DynamoDB, logs).

use serde_json::{Value, json};

use crate::practice::wire::{Fault, HttpRequest};

/// Operation, members and body.
///
/// # Errors
/// No target of this service, or a body that is no JSON object.
pub fn decode(prefix: &str, request: &HttpRequest) -> Result<(String, Value, Vec<u8>), Fault> {
    let target = request.header("x-amz-target");
    // Some clients write CloudTrail's with its whole Java name before it.
    let operation = match target.rsplit_once('.') {
        Some((service, operation))
            if service.rsplit('.').next() == Some(prefix) && !operation.is_empty() =>
        {
            operation
        }
        _ => {
            return Err(Fault::new(
                400,
                "UnknownOperationException",
                format!("X-Amz-Target names no operation of {prefix}"),
            ));
        }
    };
    Ok((operation.to_owned(), object(&request.body)?, Vec::new()))
}

/// A body as a JSON object; an empty one is an empty object.
pub(super) fn object(body: &[u8]) -> Result<Value, Fault> {
    if body.is_empty() {
        return Ok(json!({}));
    }
    match serde_json::from_slice(body) {
        Ok(Value::Object(members)) => Ok(Value::Object(members)),
        Ok(_) => Err(Fault::new(400, "SerializationException", "the body is no JSON object")),
        Err(error) => {
            Err(Fault::new(400, "SerializationException", format!("the body is no JSON: {error}")))
        }
    }
}
