//! What an answer of the API means: who answered, API Gateway or the application.

use serde_json::Value;

use crate::account::fact::clip;

/// A whole answer.
#[derive(Debug)]
pub(in crate::account) struct Answer {
    /// HTTP status.
    pub(in crate::account) status: u16,
    /// API Gateway's error type, or empty.
    pub(in crate::account) error_type: String,
    /// The body, where it is JSON and not too long.
    pub(in crate::account) json: Option<Value>,
}

/// Says in one word what came of a request. Statuses alone mislead: the application answers 403
/// too, and a wrong path is a 403. API Gateway's own answers have an error type or a known text.
pub(in crate::account) fn outcome(answer: &Answer) -> &'static str {
    let Answer { status, error_type, json } = answer;
    let message = message(json.as_ref());
    let says = |kind: &str, text: &str| error_type == kind || message.contains(text);
    match status {
        200..300 => "answered",
        401 => "unauthorized",
        403 if says("MissingAuthenticationTokenException", "Missing Authentication Token") => {
            "no_route"
        }
        403 if says("AccessDeniedException", "not authorized to access this resource") => "denied",
        403 if error_type == "ForbiddenException" || message == "Forbidden" => "forbidden",
        // The rate and the quota are two limits with one status.
        429 if says("LimitExceededException", "Limit Exceeded") => "quota_exceeded",
        429 => "throttled",
        500 if error_type.starts_with("Authorizer") || is_null_message(json.as_ref()) => {
            "authorizer_error"
        }
        502 => "backend_error",
        503 | 504 => "backend_timeout",
        400 if says("BadRequestException", "Invalid request body") => "invalid",
        _ => "app_error",
    }
}

/// An authorizer that can't run answers 500 with `{"message": null}`.
fn is_null_message(json: Option<&Value>) -> bool {
    json.and_then(|body| body.get("message")).is_some_and(Value::is_null)
}

/// The `message` of a JSON body, clipped.
pub(in crate::account) fn message(json: Option<&Value>) -> String {
    let body = json.and_then(Value::as_object);
    let text = body.and_then(|body| body.get("message").or_else(|| body.get("Message")));
    clip(text.and_then(Value::as_str).unwrap_or_default(), 160)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn of(status: u16, error_type: &str, body: Value) -> &'static str {
        outcome(&Answer { status, error_type: error_type.to_owned(), json: Some(body) })
    }

    #[test]
    fn a_refusal_by_the_gateway_is_told_from_the_applications_own() {
        assert_eq!(
            of(401, "UnauthorizedException", json!({"message": "Unauthorized"})),
            "unauthorized"
        );
        let policy = "User is not authorized to access this resource with an explicit deny";
        assert_eq!(of(403, "", json!({"Message": policy})), "denied");
        assert_eq!(of(403, "AccessDeniedException", json!({})), "denied");
        assert_eq!(of(403, "", json!({"message": "You must be a partner"})), "app_error");
        assert_eq!(of(403, "", json!({"message": "Missing Authentication Token"})), "no_route");
        assert_eq!(of(403, "ForbiddenException", json!({"message": "Forbidden"})), "forbidden");
        assert_eq!(of(400, "", json!({"message": "Invalid request body"})), "invalid");
        assert_eq!(of(400, "BadRequestException", json!({"error": "own words"})), "invalid");
        assert_eq!(of(400, "", json!({"message": "The body is not a JSON object"})), "app_error");
    }

    #[test]
    fn a_used_up_quota_is_told_from_a_rate() {
        assert_eq!(of(429, "", json!({"message": "Too Many Requests"})), "throttled");
        assert_eq!(of(429, "TooManyRequestsException", json!({})), "throttled");
        assert_eq!(of(429, "", json!({"message": "Limit Exceeded"})), "quota_exceeded");
        assert_eq!(of(429, "LimitExceededException", json!({})), "quota_exceeded");
    }

    #[test]
    fn a_broken_authorizer_is_told_from_a_broken_application() {
        assert_eq!(of(500, "", json!({"message": null})), "authorizer_error");
        assert_eq!(of(500, "AuthorizerConfigurationException", json!({})), "authorizer_error");
        assert_eq!(of(500, "", json!({"message": "Error listing parts"})), "app_error");
        assert_eq!(of(502, "", json!({"message": "Internal server error"})), "backend_error");
    }
}
