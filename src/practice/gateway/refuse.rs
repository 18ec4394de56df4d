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

/// A gateway response: its type, status, error type and message. The message member has a capital
/// where the service's own does.
struct Shape {
    kind: &'static str,
    status: u16,
    error: &'static str,
    body: Value,
}

fn shape(refusal: &Refusal) -> Shape {
    let of = |kind, status, error, body| Shape { kind, status, error, body };
    let text = |text: &str| json!({"message": text});
    match refusal {
        Refusal::MissingAuthenticationToken => of(
            "MISSING_AUTHENTICATION_TOKEN",
            403,
            "MissingAuthenticationTokenException",
            text("Missing Authentication Token"),
        ),
        Refusal::IncompleteSignature(hash) => of(
            "DEFAULT_4XX",
            403,
            "IncompleteSignatureException",
            text(&format!(
                "Invalid key=value pair (missing equal-sign) in Authorization header (hashed with \
                 SHA-256 and encoded with Base64): '{hash}'."
            )),
        ),
        Refusal::UnknownCredentials => of(
            "ACCESS_DENIED",
            403,
            "UnrecognizedClientException",
            text("The security token included in the request is invalid."),
        ),
        Refusal::ExpiredCredentials => of(
            "EXPIRED_TOKEN",
            403,
            "ExpiredTokenException",
            text("The security token included in the request is expired"),
        ),
        Refusal::NotAuthorized(why) => {
            of("ACCESS_DENIED", 403, "AccessDeniedException", json!({"Message": why}))
        }
        Refusal::Forbidden => of("ACCESS_DENIED", 403, "ForbiddenException", text("Forbidden")),
        Refusal::Unauthorized => {
            of("UNAUTHORIZED", 401, "UnauthorizedException", text("Unauthorized"))
        }
        Refusal::ExplicitDeny => of(
            "ACCESS_DENIED",
            403,
            "AccessDeniedException",
            json!({"Message": "User is not authorized to access this resource with an explicit deny"}),
        ),
        Refusal::ImplicitDeny => of(
            "ACCESS_DENIED",
            403,
            "AccessDeniedException",
            json!({"Message": "User is not authorized to access this resource"}),
        ),
        Refusal::AuthorizerConfiguration => of(
            "AUTHORIZER_CONFIGURATION_ERROR",
            500,
            "AuthorizerConfigurationException",
            json!({"message": null}),
        ),
        Refusal::MissingParameters(names) => of(
            "BAD_REQUEST_PARAMETERS",
            400,
            "BadRequestException",
            text(&format!("Missing required request parameters: [{}]", names.join(", "))),
        ),
        Refusal::InvalidBody => {
            of("BAD_REQUEST_BODY", 400, "BadRequestException", text("Invalid request body"))
        }
        Refusal::BadGateway => {
            of("DEFAULT_5XX", 502, "InternalServerErrorException", text("Internal server error"))
        }
        Refusal::IntegrationConfiguration | Refusal::Fault(_) => of(
            "API_CONFIGURATION_ERROR",
            500,
            "InternalServerErrorException",
            text("Internal server error"),
        ),
    }
}

/// The answer, with what the API's own gateway responses change about it: status, headers of fixed
/// value, and a JSON template that may name the message.
pub(super) fn answer(api: Option<&Api>, refusal: &Refusal, id: &str) -> HttpResponse {
    let shape = shape(refusal);
    let fallback = if shape.status < 500 { "DEFAULT_4XX" } else { "DEFAULT_5XX" };
    let own = api.and_then(|api| {
        api.gateway_responses.get(shape.kind).or_else(|| api.gateway_responses.get(fallback))
    });
    let status = own
        .and_then(|own| own.get("statusCode"))
        .and_then(|status| status.as_u64().or_else(|| status.as_str()?.parse().ok()))
        .and_then(|status| u16::try_from(status).ok())
        .filter(|status| (200..600).contains(status))
        .unwrap_or(shape.status);
    let template = own.and_then(|own| own.pointer("/responseTemplates/application~1json"));
    let body = match template.and_then(Value::as_str) {
        Some(template) => {
            let message = shape.body.as_object().and_then(|map| map.values().next());
            let quoted = message.unwrap_or(&Value::Null).to_string();
            template
                .replace("$context.error.messageString", &quoted)
                .replace("$context.error.message", quoted.trim_matches('"'))
        }
        None => shape.body.to_string(),
    };
    let mut response = HttpResponse::new(status, "application/json", body);
    response.headers.push(("x-amzn-requestid".to_owned(), id.to_owned()));
    response.headers.push(("x-amzn-errortype".to_owned(), shape.error.to_owned()));
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
