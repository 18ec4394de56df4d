//! What the engine asks for: named readings of an account, behind a trait.

use std::collections::BTreeMap;
use std::pin::Pin;
use std::sync::Arc;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// How a fact is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FactKind {
    /// Control plane, read-only.
    Config,
    /// A deployed function package.
    Code,
    /// HTTP requests to the learner's own API.
    Probe,
}

/// A fact's declaration.
#[derive(Debug, Clone)]
pub struct FactSpec {
    /// The name that checks use.
    pub name: &'static str,
    /// One sentence: what it reads.
    pub doc: &'static str,
    /// How it is read.
    pub kind: FactKind,
    /// IAM actions that it needs: `cloudformation:DescribeStacks`.
    pub actions: &'static [&'static str],
    /// Facts that it rests on; handed to [`Facts::read`].
    pub needs: &'static [&'static str],
    /// JSON schema of its value, with a description for each field.
    pub schema: fn() -> schemars::Schema,
}

/// Facts read so far, by name.
pub type Known = BTreeMap<String, Arc<Value>>;

/// A boxed future, so that [`Facts`] can be a trait object.
pub type Reading<'a> = Pin<Box<dyn Future<Output = Result<Value, FactError>> + Send + 'a>>;

/// A source of facts: an AWS account, or a table of canned readings in tests.
pub trait Facts: Send + Sync {
    /// All facts that can be asked for.
    fn catalog(&self) -> &[FactSpec];

    /// Reads one fact. `known` holds the facts that it declared as `needs`.
    fn read<'a>(&'a self, name: &'a str, known: &'a Known) -> Reading<'a>;

    /// Control-plane calls made so far, retries included.
    fn api_calls(&self) -> u32;

    /// What requests were sent to so far beside the control plane.
    fn probed(&self) -> Vec<Probed> {
        Vec::new()
    }
}

/// An address of the learner's own that requests were sent to: the API's stage, or where tokens are
/// issued.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Probed {
    /// Without what is below it, and without a query.
    pub address: String,
    /// How many requests were sent to it and to what is below it.
    pub requests: u32,
}

/// Why a fact has no value.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum FactError {
    /// Looked, and the thing isn't there: "stack CustomizeUnicorns". A check on it fails, whatever
    /// its `offenders` and `expect`; to its `cases` the fact is null, so that `when: api == null`
    /// can say what is missing in the learner's language.
    #[error("there is no {what}")]
    Missing {
        /// The thing, with its name.
        what: String,
    },
    /// Could not look. A check on it cannot tell.
    #[error("{0}")]
    CannotLook(CannotLook),
}

/// Why the account could not be looked at, and what to do about it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct CannotLook {
    /// The kind of trouble.
    pub reason: Reason,
    /// What happened, in a sentence. Never holds a secret.
    pub message: String,
    /// What to do next.
    pub remedy: String,
}

/// Kinds of trouble that keep a fact from being read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Reason {
    /// No credentials were found.
    NoCredentials,
    /// The credentials expired or are not valid.
    BadCredentials,
    /// The caller may not do this.
    AccessDenied {
        /// The IAM action: `cognito-idp:DescribeUserPool`.
        action: String,
    },
    /// The service asked for slower calls, and retries ran out.
    Throttled,
    /// The credentials lead to another account than the one that is asked for.
    WrongAccount,
    /// The region doesn't offer the service, or isn't enabled.
    Region,
    /// No answer in time.
    Timeout,
    /// No connection.
    Network,
    /// The service failed.
    Service,
    /// The probe was not sent: switched off, or it would have reached an unprotected backend.
    NotProbed,
    /// The run was cancelled.
    Cancelled,
    /// What is looked for is kept where this program doesn't read.
    Elsewhere,
    /// The course asks for something that doesn't exist or can't be evaluated.
    Course,
    /// This program is wrong.
    Defect,
}

impl Reason {
    /// The reason as programs read it: `access_denied`.
    pub fn code(&self) -> &'static str {
        match self {
            Self::NoCredentials => "no_credentials",
            Self::BadCredentials => "bad_credentials",
            Self::AccessDenied { .. } => "access_denied",
            Self::Throttled => "throttled",
            Self::WrongAccount => "wrong_account",
            Self::Region => "region",
            Self::Timeout => "timeout",
            Self::Network => "network",
            Self::Service => "service",
            Self::NotProbed => "not_probed",
            Self::Cancelled => "cancelled",
            Self::Elsewhere => "elsewhere",
            Self::Course => "course",
            Self::Defect => "defect",
        }
    }
}

/// At most `max` characters of a text that an account returned, without control characters.
pub(super) fn clip(text: &str, max: usize) -> String {
    let clean = |c: char| if c.is_control() { ' ' } else { c };
    let mut clipped: String = text.chars().take(max).map(clean).collect();
    if text.chars().nth(max).is_some() {
        clipped.push('…');
    }
    clipped.trim().to_owned()
}
