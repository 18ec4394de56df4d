//! What a failed call to the table means, and which side has to do something about it.

use std::error::Error;

use aws_sdk_dynamodb::error::{ProvideErrorMetadata, SdkError};
use aws_smithy_runtime_api::client::orchestrator::HttpResponse;

use super::super::address::Place;
use super::{DynamoRoom, RoomError};
use crate::markdown::sanitize::clean_line;

/// Characters of what AWS says that are shown.
const LONGEST: usize = 240;

/// Which side of a table that is shared across accounts keeps somebody out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Side {
    /// The table's policy doesn't let this account in.
    Room,
    /// The caller's own account doesn't allow it to the caller.
    Caller,
    /// The room's role can't be taken.
    Role,
    /// AWS doesn't say.
    Unknown,
}

/// A room's table can't be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TableError {
    /// There is no such table.
    #[error("there is no table of this room in account {account}, region {region}{endpoint}")]
    Missing {
        /// The account that was looked in.
        account: String,
        /// The region that was looked in.
        region: String,
        /// Empty for AWS: what else was asked.
        endpoint: String,
    },
    /// The table is there, but nothing says what the room is for.
    #[error("the room {room} isn't open: not yet, or not any more")]
    NotOpen {
        /// The room's code.
        room: String,
    },
    /// It was opened before.
    #[error("the room {room} was opened before")]
    Opened {
        /// The room's code.
        room: String,
    },
    /// The table holds something else.
    #[error("the room {room} holds what this stepproof can't read")]
    Foreign {
        /// The room's code.
        room: String,
    },
    /// A policy says no.
    #[error("AWS refuses {action} on the room: {}", match side {
        Side::Room => "the table's policy doesn't let this account in",
        Side::Caller => "the policies of the caller's own account don't allow it",
        Side::Role => "the room's role can't be taken",
        Side::Unknown => "it doesn't say which side's policy it is",
    })]
    Refused {
        /// The IAM action.
        action: &'static str,
        /// Whose policy it is.
        side: Side,
    },
    /// There are no credentials.
    #[error("no AWS credentials were found for the room's table")]
    NoCredentials,
    /// They have expired.
    #[error("the AWS credentials for the room's table have expired")]
    Expired,
    /// AWS doesn't accept them.
    #[error("AWS doesn't accept the credentials for the room's table ({code})")]
    BadCredentials {
        /// What AWS calls it.
        code: String,
    },
    /// This machine's clock is wrong.
    #[error("AWS refuses the request because this machine's clock is wrong")]
    Clock,
    /// Too many requests.
    #[error("the room's table asks for slower calls")]
    Throttled,
    /// No connection.
    #[error("the room's table can't be reached (region {region}{endpoint})")]
    Unreachable {
        /// The table's region.
        region: String,
        /// Empty for AWS: what else was asked.
        endpoint: String,
    },
    /// No answer in time.
    #[error("the room's table gave no answer in time")]
    NoAnswer,
    /// The account may not use the region.
    #[error("region {region} isn't enabled in the account of these credentials")]
    Region {
        /// The region.
        region: String,
    },
    /// Something else.
    #[error("the room's table can't be used: {said}")]
    Other {
        /// What AWS says.
        said: String,
    },
}

impl TableError {
    /// What to do next.
    pub fn advice(&self) -> &'static str {
        match self {
            Self::Missing { endpoint, .. } | Self::Unreachable { endpoint, .. }
                if !endpoint.is_empty() =>
            {
                "The environment names another endpoint than AWS. For a table on AWS, unset AWS_ENDPOINT_URL and AWS_ENDPOINT_URL_DYNAMODB."
            }
            Self::Missing { .. } => {
                "Compare the code with the instructor's, with its account and region. Instructors: deploy the template first."
            }
            Self::NotOpen { .. } => {
                "Instructors open it with `stepproof room open CODE`. Attendees: try again when the event begins."
            }
            Self::Opened { .. } => {
                "Nothing was changed. For another event, make another room: stepproof room create --table"
            }
            Self::Foreign { .. } => "Update stepproof on this machine, or ask for a new room.",
            Self::Refused { side: Side::Room, .. } => {
                "Give the instructor your account's number, to add to the room's template. Then check that these credentials are for the account that you joined with."
            }
            Self::Refused { side: Side::Caller, .. } => {
                "Allow it on the room's table to the user or role that you work as (your organization's policies count too), or name other credentials with --profile. Attendees need dynamodb:GetItem, PutItem and Query."
            }
            Self::Refused { side: Side::Role, .. } => {
                "Two sides must allow it: the room's template must name your account (ask the instructor), and your own policies must allow sts:AssumeRole and sts:TagSession."
            }
            Self::Refused { side: Side::Unknown, .. } => {
                "Two sides must allow it: the room's template must name your account (ask the instructor), and your own policies must allow the action on the room's table."
            }
            Self::NoCredentials => {
                "Give a profile with --profile (beside --practice: with AWS_PROFILE), or set AWS_ACCESS_KEY_ID and its companions."
            }
            Self::Expired => {
                "Get fresh credentials (sign in again, or copy them from the event's page), and try again."
            }
            Self::BadCredentials { .. } => {
                "Check the credentials. A practice account's don't reach a table on AWS: set your AWS account's, or name a profile (beside --practice: with AWS_PROFILE)."
            }
            Self::Clock => "Set this machine's clock, and try again.",
            Self::Throttled => "Try again in a minute.",
            Self::Unreachable { .. } => "Check the network, and the region in the room's code.",
            Self::NoAnswer => "Check the network, and try again.",
            Self::Region { .. } => {
                "Enable the region in your account, or use the credentials of another one."
            }
            Self::Other { .. } => "Try again in a minute. If it stays, tell the instructor.",
        }
    }
}

/// What was asked of AWS, and where.
#[derive(Clone, Copy)]
pub(super) struct Asked<'a> {
    pub(super) action: &'static str,
    pub(super) place: &'a Place,
}

impl DynamoRoom {
    pub(super) fn trouble<E>(
        &self,
        action: &'static str,
        error: &SdkError<E, HttpResponse>,
    ) -> RoomError
    where
        E: ProvideErrorMetadata + Error + 'static,
    {
        of(Asked { action, place: &self.place }, error)
    }
}

/// What a failed call means.
pub(super) fn of<E>(asked: Asked<'_>, error: &SdkError<E, HttpResponse>) -> RoomError
where
    E: ProvideErrorMetadata + Error + 'static,
{
    let table = match error {
        SdkError::ServiceError(service) => {
            let (code, message) = (service.err().code(), service.err().message());
            let status = service.raw().status().as_u16();
            answered(asked, code.unwrap_or_default(), message.unwrap_or_default(), status)
        }
        SdkError::TimeoutError(_) => TableError::NoAnswer,
        SdkError::DispatchFailure(failure) if failure.is_timeout() => TableError::NoAnswer,
        SdkError::DispatchFailure(failure) if failure.is_io() => {
            let (region, endpoint) = (asked.place.region.clone(), endpoint());
            TableError::Unreachable { region, endpoint }
        }
        SdkError::ResponseError(response) => {
            let status = response.raw().status().as_u16();
            TableError::Other { said: format!("an answer that can't be read (HTTP {status})") }
        }
        // No request was sent: nearly always for want of credentials.
        other => not_sent(&chain(other)),
    };
    tracing::warn!(action = asked.action, error = %table, "room");
    table.into()
}

/// What an answer with an error means.
fn answered(asked: Asked<'_>, code: &str, message: &str, status: u16) -> TableError {
    let Place { account, region, .. } = asked.place;
    let lower = message.to_lowercase();
    match code {
        "ResourceNotFoundException" => TableError::Missing {
            account: account.clone(),
            region: region.clone(),
            endpoint: endpoint(),
        },
        "AccessDenied" | "AccessDeniedException" | "UnauthorizedOperation" => {
            TableError::Refused { action: asked.action, side: side(&lower) }
        }
        "RequestTimeTooSkewed" | "RequestInTheFuture" => TableError::Clock,
        // A signature that is too old or too new says so; DynamoDB has no other code for it.
        "InvalidSignatureException" | "SignatureDoesNotMatch" | "RequestExpired"
            if lower.contains("not yet current") || lower.contains("signature expired") =>
        {
            TableError::Clock
        }
        "ExpiredToken" | "ExpiredTokenException" | "RequestExpired" => TableError::Expired,
        "UnrecognizedClientException"
        | "InvalidClientTokenId"
        | "InvalidAccessKeyId"
        | "InvalidSignatureException"
        | "SignatureDoesNotMatch"
        | "IncompleteSignature"
        | "IncompleteSignatureException"
        | "MissingAuthenticationToken"
        | "MissingAuthenticationTokenException" => {
            TableError::BadCredentials { code: code.to_owned() }
        }
        "OptInRequired" | "RegionDisabledException" => {
            TableError::Region { region: region.clone() }
        }
        _ if status == 429
            || code.contains("Throttl")
            || code.contains("LimitExceeded")
            || code == "ProvisionedThroughputExceededException" =>
        {
            TableError::Throttled
        }
        _ => TableError::Other { said: said(code, message, status) },
    }
}

/// Whose policy it is: AWS mostly says so.
fn side(message: &str) -> Side {
    let says = |text: &str| message.contains(text);
    if says("assumerole") || says("tagsession") {
        Side::Role
    } else if says("no resource-based policy") || says("in a resource-based policy") {
        Side::Room
    } else if ["identity-based", "service control", "session policy", "boundary"]
        .iter()
        .any(|text| says(text))
    {
        Side::Caller
    } else {
        Side::Unknown
    }
}

/// What it means that no request could be sent.
fn not_sent(chain: &str) -> TableError {
    let text = chain.to_lowercase();
    if text.contains("accessdenied") {
        return TableError::Refused { action: "sts:AssumeRole", side: Side::Role };
    }
    if text.contains("expired") || text.contains("sso") {
        return TableError::Expired;
    }
    if text.contains("throttl") {
        return TableError::Throttled;
    }
    for code in ["InvalidClientTokenId", "SignatureDoesNotMatch"] {
        if text.contains(&code.to_lowercase()) {
            return TableError::BadCredentials { code: code.to_owned() };
        }
    }
    TableError::NoCredentials
}

/// What was asked where it isn't AWS itself.
fn endpoint() -> String {
    let named = |name: &str| std::env::var(name).ok().filter(|value| !value.is_empty());
    let endpoint = named("AWS_ENDPOINT_URL_DYNAMODB").or_else(|| named("AWS_ENDPOINT_URL"));
    endpoint.map(|endpoint| format!(", asked at {}", clip(&endpoint))).unwrap_or_default()
}

fn said(code: &str, message: &str, status: u16) -> String {
    let code = if code.is_empty() { format!("HTTP {status}") } else { clip(code) };
    let message = clip(message);
    if message.is_empty() { code } else { format!("{code}: {message}") }
}

/// One line of what somebody else says.
fn clip(text: &str) -> String {
    clean_line(text).chars().take(LONGEST).collect()
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

#[cfg(test)]
mod tests {
    use super::*;

    fn of_answer(code: &str, message: &str) -> TableError {
        let place = Place {
            account: "111122223333".to_owned(),
            region: "us-east-1".to_owned(),
            role: false,
        };
        answered(Asked { action: "dynamodb:PutItem", place: &place }, code, message, 400)
    }

    #[test]
    fn a_refusal_says_which_side_has_to_act() {
        let who = "User: arn:aws:iam::222222222222:user/kai is not authorized to perform: dynamodb:PutItem on resource: arn:aws:dynamodb:us-east-1:111122223333:table/t because";
        let sides = [
            ("no resource-based policy allows the dynamodb:PutItem action", Side::Room),
            ("no identity-based policy allows the dynamodb:PutItem action", Side::Caller),
            ("of an explicit deny in a service control policy", Side::Caller),
            ("no permissions boundary allows the dynamodb:PutItem action", Side::Caller),
            ("", Side::Unknown),
        ];
        for (why, side) in sides {
            let refused = of_answer("AccessDeniedException", &format!("{who} {why}"));
            assert_eq!(refused, TableError::Refused { action: "dynamodb:PutItem", side }, "{why}");
        }
        let role = "unhandled: AccessDenied: User is not authorized to perform: sts:AssumeRole";
        assert!(matches!(not_sent(role), TableError::Refused { side: Side::Role, .. }));
    }

    #[test]
    fn each_trouble_is_told_apart() {
        let old = "Signature expired: 20261128T100000Z is now earlier than 20261128T101500Z";
        assert_eq!(of_answer("InvalidSignatureException", old), TableError::Clock);
        let wrong = of_answer("InvalidSignatureException", "The request signature doesn't match");
        assert!(matches!(wrong, TableError::BadCredentials { .. }));
        assert_eq!(of_answer("ExpiredTokenException", "The token expired"), TableError::Expired);
        assert_eq!(of_answer("ThrottlingException", ""), TableError::Throttled);
        let slow = of_answer("ProvisionedThroughputExceededException", "");
        assert_eq!(slow, TableError::Throttled);
        assert_eq!(of_answer("RequestLimitExceeded", ""), TableError::Throttled);
        assert!(matches!(of_answer("ResourceNotFoundException", ""), TableError::Missing { .. }));
        let odd = of_answer("Odd\u{1b}[2J", &"x".repeat(900));
        let TableError::Other { said } = &odd else { panic!("something else: {odd:?}") };
        assert!(said.len() < 300 && !said.contains('\u{1b}'), "{said}");
        assert_eq!(not_sent("the credential provider was not enabled"), TableError::NoCredentials);
        assert_eq!(not_sent("the SSO session has expired"), TableError::Expired);
    }
}
