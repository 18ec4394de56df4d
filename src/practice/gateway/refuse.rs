//! Answers that API Gateway gives itself: gateway responses.

use serde_json::{Value, json};

use crate::practice::services::apigateway::model::Api;
use crate::practice::wire::{Fault, HttpResponse};

/// Why a request doesn't reach its backend, or what went wrong there.
#[derive(Debug)]
pub(super) enum Refusal {
    /// No such path or method, or no signature where one is needed.
    MissingAuthenticationToken,
    /// An `Authorization` header that is no signature: its SHA-256 in base64.
    IncompleteSignature(String),
    /// Credentials that nobody handed out.
    UnknownCredentials,
    /// An assumed role's credentials past their time.
    ExpiredCredentials,
    /// A signature of somebody who may not: who, what and where.
    NotAuthorized(String),
    /// No such stage.
    Forbidden,
    /// No token, or one that the authorizer doesn't accept.
    Unauthorized,
    /// The authorizer's policy denies it in so many words.
    ExplicitDeny,
    /// The authorizer's policy doesn't allow it.
    ImplicitDeny,
    /// The authorizer may not be invoked, failed, or answered something that is no policy.
    AuthorizerConfiguration,
    /// No API key, one that is disabled, or one that no usage plan of the stage holds.
    InvalidApiKey,
    /// Faster than the usage plan allows.
    Throttled,
    /// More than the usage plan's quota.
    QuotaExceeded,
    /// The web ACL's doing.
    Filtered,
    /// Required parameters that the request lacks, by name.
    MissingParameters(Vec<String>),
    /// The body isn't what the method's model describes.
    InvalidBody,
    /// The function may not be invoked, or the integration isn't usable.
    IntegrationConfiguration,
    /// The function failed or its answer has the wrong shape.
    BadGateway,
    /// The practice account's own trouble.
    Fault(Fault),
}

impl From<Fault> for Refusal {
    fn from(fault: Fault) -> Self {
        Self::Fault(fault)
    }
}

/// A gateway response's type, its status, and the error's type.
fn kind(refusal: &Refusal) -> (&'static str, u16, &'static str) {
    match refusal {
        Refusal::MissingAuthenticationToken => {
            ("MISSING_AUTHENTICATION_TOKEN", 403, "MissingAuthenticationTokenException")
        }
        Refusal::IncompleteSignature(_) => ("DEFAULT_4XX", 403, "IncompleteSignatureException"),
        Refusal::UnknownCredentials => ("ACCESS_DENIED", 403, "UnrecognizedClientException"),
        Refusal::ExpiredCredentials => ("EXPIRED_TOKEN", 403, "ExpiredTokenException"),
        Refusal::Forbidden => ("ACCESS_DENIED", 403, "ForbiddenException"),
        Refusal::Unauthorized => ("UNAUTHORIZED", 401, "UnauthorizedException"),
        Refusal::NotAuthorized(_) | Refusal::ExplicitDeny | Refusal::ImplicitDeny => {
            ("ACCESS_DENIED", 403, "AccessDeniedException")
        }
        Refusal::AuthorizerConfiguration => {
            ("AUTHORIZER_CONFIGURATION_ERROR", 500, "AuthorizerConfigurationException")
        }
        Refusal::InvalidApiKey => ("INVALID_API_KEY", 403, "ForbiddenException"),
        Refusal::Throttled => ("THROTTLED", 429, "TooManyRequestsException"),
        Refusal::QuotaExceeded => ("QUOTA_EXCEEDED", 429, "LimitExceededException"),
        Refusal::Filtered => ("WAF_FILTERED", 403, "ForbiddenException"),
        Refusal::MissingParameters(_) => ("BAD_REQUEST_PARAMETERS", 400, "BadRequestException"),
        Refusal::InvalidBody => ("BAD_REQUEST_BODY", 400, "BadRequestException"),
        Refusal::BadGateway => ("DEFAULT_5XX", 502, "InternalServerErrorException"),
        Refusal::IntegrationConfiguration | Refusal::Fault(_) => {
            ("API_CONFIGURATION_ERROR", 500, "InternalServerErrorException")
        }
    }
}

/// A gateway response's body. The message member has a capital where the service's own does.
fn body(refusal: &Refusal) -> Value {
    let text = |text: &str| json!({"message": text});
    match refusal {
        Refusal::MissingAuthenticationToken => text("Missing Authentication Token"),
        Refusal::IncompleteSignature(hash) => text(&format!(
            "Invalid key=value pair (missing equal-sign) in Authorization header (hashed with \
             SHA-256 and encoded with Base64): '{hash}'."
        )),
        Refusal::UnknownCredentials => {
            text("The security token included in the request is invalid.")
        }
        Refusal::ExpiredCredentials => {
            text("The security token included in the request is expired")
        }
        Refusal::Forbidden | Refusal::InvalidApiKey | Refusal::Filtered => text("Forbidden"),
        Refusal::Throttled => text("Too Many Requests"),
        Refusal::QuotaExceeded => text("Limit Exceeded"),
        Refusal::Unauthorized => text("Unauthorized"),
        Refusal::NotAuthorized(why) => json!({"Message": why}),
        Refusal::ExplicitDeny => json!({
            "Message": "User is not authorized to access this resource with an explicit deny"
        }),
        Refusal::ImplicitDeny => {
            json!({"Message": "User is not authorized to access this resource"})
        }
        Refusal::AuthorizerConfiguration => json!({"message": null}),
        Refusal::MissingParameters(names) => {
            text(&format!("Missing required request parameters: [{}]", names.join(", ")))
        }
        Refusal::InvalidBody => text("Invalid request body"),
        Refusal::BadGateway | Refusal::IntegrationConfiguration | Refusal::Fault(_) => {
            text("Internal server error")
        }
    }
}

/// The answer, with what the API's own gateway responses change about it: status, headers of fixed
/// value, and a JSON template that may name the message.
pub(super) fn answer(api: Option<&Api>, refusal: &Refusal, id: &str) -> HttpResponse {
    let (kind, status, error) = kind(refusal);
    let body = body(refusal);
    let fallback = if status < 500 { "DEFAULT_4XX" } else { "DEFAULT_5XX" };
    let own = api.and_then(|api| {
        api.gateway_responses.get(kind).or_else(|| api.gateway_responses.get(fallback))
    });
    let status = own
        .and_then(|own| own.get("statusCode"))
        .and_then(|status| status.as_u64().or_else(|| status.as_str()?.parse().ok()))
        .and_then(|status| u16::try_from(status).ok())
        .filter(|status| (200..600).contains(status))
        .unwrap_or(status);
    let template = own.and_then(|own| own.pointer("/responseTemplates/application~1json"));
    let body = match template.and_then(Value::as_str) {
        Some(template) => {
            let message = body.as_object().and_then(|map| map.values().next());
            let quoted = message.unwrap_or(&Value::Null).to_string();
            template
                .replace("$context.error.messageString", &quoted)
                .replace("$context.error.message", quoted.trim_matches('"'))
        }
        None => body.to_string(),
    };
    let mut response = HttpResponse::new(status, "application/json", body);
    response.headers.push(("x-amzn-requestid".to_owned(), id.to_owned()));
    response.headers.push(("x-amzn-errortype".to_owned(), error.to_owned()));
    let headers = own.and_then(|own| own.get("responseParameters")).and_then(Value::as_object);
    for (name, value) in headers.into_iter().flatten() {
        if let (Some(name), Some(value)) =
            (name.strip_prefix("gatewayresponse.header."), literal(value))
        {
            response.headers.push((name.to_ascii_lowercase(), value));
        }
    }
    response
}

/// A mapping's fixed value: text in single quotes.
pub(super) fn literal(value: &Value) -> Option<String> {
    value.as_str()?.strip_prefix('\'')?.strip_suffix('\'').map(str::to_owned)
}
