//! One control-plane call: its limits, and what its failure means for the one who asked.

use std::error::Error;

use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
use aws_smithy_runtime_api::client::result::SdkError;
use aws_smithy_types::error::metadata::ProvideErrorMetadata;

use super::fact::{CannotLook, FactError, Reason};

/// A service's operation: `cloudformation`, `DescribeStacks`.
#[derive(Debug, Clone, Copy)]
pub(super) struct Operation(pub(super) &'static str, pub(super) &'static str);

impl Operation {
    /// The IAM action that allows it. API Gateway's actions are HTTP verbs, and a batch of decisions
    /// has no action of its own.
    fn action(self) -> String {
        match self {
            Self("apigateway", _) => "apigateway:GET".to_owned(),
            Self(service, "BatchIsAuthorized") => format!("{service}:IsAuthorized"),
            Self(service, operation) => format!("{service}:{operation}"),
        }
    }

    /// The action, with the operation where the action alone doesn't say it.
    fn title(self) -> String {
        match self.0 {
            "apigateway" => format!("apigateway:GET ({})", self.1),
            _ => self.action(),
        }
    }
}

/// A call that failed: the service's own error code, and what it means.
#[derive(Debug)]
pub(super) struct CallError {
    /// The service's code (`ValidationError`), empty where the service did not answer.
    pub(super) code: String,
    /// The service's message.
    pub(super) message: String,
    cannot: CannotLook,
}

impl CallError {
    /// Whether the service answered with one of these codes.
    pub(super) fn is(&self, codes: &[&str]) -> bool {
        codes.contains(&self.code.as_str())
    }
}

impl From<CallError> for FactError {
    fn from(error: CallError) -> Self {
        Self::CannotLook(error.cannot)
    }
}

impl From<CallError> for CannotLook {
    fn from(error: CallError) -> Self {
        error.cannot
    }
}

/// Says what a failed call means.
pub(super) fn explain<E>(
    operation: Operation,
    region: &str,
    error: &SdkError<E, HttpResponse>,
) -> CallError
where
    E: ProvideErrorMetadata + Error + 'static,
{
    let plain = |cannot| CallError { code: String::new(), message: String::new(), cannot };
    let title = operation.title();
    match error {
        SdkError::ServiceError(service) => {
            let code = service.err().code().unwrap_or_default();
            let message = clip(service.err().message().unwrap_or_default());
            let status = service.raw().status().as_u16();
            let cannot = answered(operation, region, code, &message, status);
            CallError { code: code.to_owned(), message, cannot }
        }
        SdkError::TimeoutError(_) => plain(no_answer(&title)),
        SdkError::DispatchFailure(failure) if failure.is_timeout() => plain(no_answer(&title)),
        SdkError::DispatchFailure(failure) if failure.is_io() => plain(no_network(&title, region)),
        SdkError::ResponseError(response) => {
            let status = response.raw().status().as_u16();
            plain(answered(operation, region, "", "the answer can't be read", status))
        }
        // No request was sent: credentials could not be had, or the configuration is incomplete.
        other => plain(not_sent(&chain(other))),
    }
}

/// What an answer with an error means.
fn answered(
    operation: Operation,
    region: &str,
    code: &str,
    message: &str,
    status: u16,
) -> CannotLook {
    let title = operation.title();
    let (reason, message, remedy) = match code {
        "ExpiredToken" | "ExpiredTokenException" | "RequestExpired" => (
            Reason::BadCredentials,
            "The credentials have expired.".to_owned(),
            "Get fresh credentials (sign in again, or copy them from the event's page), then verify again.".to_owned(),
        ),
        "InvalidClientTokenId" | "UnrecognizedClientException" | "InvalidAccessKeyId"
        | "AuthFailure" | "InvalidSignatureException" | "SignatureDoesNotMatch"
        | "IncompleteSignature" | "MissingAuthenticationToken"
        | "MissingAuthenticationTokenException" => (
            Reason::BadCredentials,
            format!("AWS doesn't accept the credentials ({code})."),
            format!("Check the credentials, that region {region} is enabled in the account, and the computer's clock."),
        ),
        "OptInRequired" | "RegionDisabledException" | "UnknownEndpoint" => (
            Reason::Region,
            format!("Region {region} isn't enabled in this account ({title}: {code})."),
            "Give the workshop's region with --region or AWS_REGION.".to_owned(),
        ),
        _ if is_denied(code) => (
            Reason::AccessDenied { action: operation.action() },
            format!("The caller isn't allowed to do {title}."),
            format!("Allow {} for the caller; `stepproof policy` prints all that is needed.", operation.action()),
        ),
        _ if status == 429 || code.contains("Throttl") || is_throttled(code) => (
            Reason::Throttled,
            format!("AWS asked for slower calls ({title}: {code})."),
            "Wait a minute, then verify again.".to_owned(),
        ),
        "NotImplemented" | "NotImplementedException" => (
            Reason::Service,
            format!("This account doesn't offer {title}."),
            "Look at an account that does, or skip the step.".to_owned(),
        ),
        _ => (
            Reason::Service,
            format!("{title} failed: {}", said(code, status, message)),
            "Verify again in a minute. If it stays, look at AWS Health for this region.".to_owned(),
        ),
    };
    CannotLook { reason, message, remedy }
}

/// What a service said: its code, or the status where it gave none, and its message.
fn said(code: &str, status: u16, message: &str) -> String {
    let code = if code.is_empty() { format!("HTTP {status}") } else { code.to_owned() };
    let message = message.trim().trim_end_matches('.');
    if message.is_empty() { format!("{code}.") } else { format!("{code}: {message}.") }
}

fn is_denied(code: &str) -> bool {
    matches!(
        code,
        "AccessDenied"
            | "AccessDeniedException"
            | "UnauthorizedOperation"
            | "UnauthorizedException"
            | "NotAuthorizedException"
            | "AuthorizationError"
            | "ForbiddenException"
    )
}

fn is_throttled(code: &str) -> bool {
    matches!(
        code,
        "TooManyRequestsException"
            | "RequestLimitExceeded"
            | "SlowDown"
            | "LimitExceededException"
            | "ProvisionedThroughputExceededException"
            | "BandwidthLimitExceeded"
    )
}

fn no_answer(title: &str) -> CannotLook {
    CannotLook {
        reason: Reason::Timeout,
        message: format!("AWS gave no answer in time ({title})."),
        remedy: "Check the network, then verify again.".to_owned(),
    }
}

fn no_network(title: &str, region: &str) -> CannotLook {
    CannotLook {
        reason: Reason::Network,
        message: format!("AWS can't be reached ({title} in region {region})."),
        remedy: "Check the network and the spelling of the region, then verify again.".to_owned(),
    }
}

/// What it means that the SDK could not send a request: nearly always credentials.
fn not_sent(chain: &str) -> CannotLook {
    let text = chain.to_lowercase();
    let expired = text.contains("expired") || text.contains("sso");
    if expired {
        return CannotLook {
            reason: Reason::BadCredentials,
            message: "The credentials have expired, or the sign-in session has ended.".to_owned(),
            remedy: "Sign in again (`aws sso login` for a profile with single sign-on), then verify again.".to_owned(),
        };
    }
    if let Some(cannot) = role_refused(&text) {
        return cannot;
    }
    if text.contains("profile") && text.contains("not defined") {
        return CannotLook {
            reason: Reason::NoCredentials,
            message: "There is no such AWS profile.".to_owned(),
            remedy: "`aws configure list-profiles` names the profiles; give one with --profile."
                .to_owned(),
        };
    }
    CannotLook {
        reason: Reason::NoCredentials,
        message: "No AWS credentials were found.".to_owned(),
        remedy: "Give a profile with --profile, set AWS_ACCESS_KEY_ID and its companions, or use --practice.".to_owned(),
    }
}

/// What it means that no role's credentials could be had: the error's code says it.
fn role_refused(text: &str) -> Option<CannotLook> {
    let (reason, message, remedy) = if text.contains("accessdenied") {
        (
            Reason::AccessDenied { action: "sts:AssumeRole".to_owned() },
            "The role can't be assumed: there is no such role, or it doesn't trust the caller (sts:AssumeRole).",
            "Check the role's ARN, its trust policy and the external id.",
        )
    } else if text.contains("invalidclienttokenid") || text.contains("signaturedoesnotmatch") {
        (
            Reason::BadCredentials,
            "AWS doesn't accept the credentials that the role is assumed with.",
            "Check these credentials, and the computer's clock.",
        )
    } else if text.contains("throttl") {
        (
            Reason::Throttled,
            "AWS asked for slower calls (sts:AssumeRole).",
            "Wait a minute, then verify again.",
        )
    } else {
        return None;
    };
    Some(CannotLook { reason, message: message.to_owned(), remedy: remedy.to_owned() })
}

/// An error and all that caused it, as one text.
fn chain(error: &dyn Error) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(cause) = source {
        text.push_str(": ");
        text.push_str(&cause.to_string());
        source = cause.source();
    }
    text
}

/// A service's message, short enough for one screen line or three.
fn clip(message: &str) -> String {
    super::fact::clip(message, 240)
}
