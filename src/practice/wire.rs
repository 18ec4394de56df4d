//! Requests and answers as services see them, whatever the protocol.

use std::collections::BTreeMap;

use serde_json::Value;

/// An API call, taken out of its protocol.
#[derive(Debug, Clone)]
pub struct Call {
    /// Signing name: `cognito-idp`, `apigateway`, `cloudformation`.
    pub service: String,
    /// Operation as the service model names it: `DescribeUserPool`.
    pub operation: String,
    /// Members by their model names; path and query parameters of REST protocols included.
    pub input: Value,
    /// The body as sent (S3 objects, function payloads).
    pub body: Vec<u8>,
    /// Headers, names in lower case.
    pub headers: BTreeMap<String, String>,
    /// `http://127.0.0.1:4599`: where the caller reached the practice account.
    pub endpoint: String,
}

impl Call {
    /// A text member, or empty.
    pub fn text(&self, member: &str) -> &str {
        self.input.get(member).and_then(Value::as_str).unwrap_or("")
    }

    /// A required text member.
    pub fn required(&self, member: &str) -> Result<&str, Fault> {
        match self.text(member) {
            "" => Err(Fault::new(400, "ValidationException", format!("{member} is required"))),
            text => Ok(text),
        }
    }
}

/// What a service answers; the protocol layer puts it on the wire.
#[derive(Debug, Clone)]
pub struct Reply {
    /// HTTP status.
    pub status: u16,
    /// Extra headers.
    pub headers: Vec<(String, String)>,
    /// The body.
    pub body: ReplyBody,
}

/// The body of an answer.
#[derive(Debug, Clone)]
pub enum ReplyBody {
    /// Members by their model names. JSON protocols send it as it is; query protocols as XML.
    Members(Value),
    /// Sent as it is, with its content type.
    Raw(Vec<u8>, &'static str),
    /// No body.
    Empty,
}

impl Reply {
    /// 200 with members.
    pub fn ok(members: Value) -> Self {
        Self { status: 200, headers: Vec::new(), body: ReplyBody::Members(members) }
    }

    /// A status and no body.
    pub fn empty(status: u16) -> Self {
        Self { status, headers: Vec::new(), body: ReplyBody::Empty }
    }
}

/// What a handler comes to.
pub type Answer = Result<Reply, Fault>;

/// An error as AWS words it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{code}: {message}")]
pub struct Fault {
    /// HTTP status.
    pub status: u16,
    /// Error code: `ResourceNotFoundException`.
    pub code: String,
    /// The message.
    pub message: String,
}

impl Fault {
    /// An error with its HTTP status, code and message.
    pub fn new(status: u16, code: &str, message: impl Into<String>) -> Self {
        Self { status, code: code.to_owned(), message: message.into() }
    }

    /// An operation that the practice account doesn't offer.
    pub fn not_implemented(service: &str, operation: &str) -> Self {
        Self::new(
            501,
            "NotImplemented",
            format!("the practice account does not offer {service}:{operation}"),
        )
    }
}

impl From<rusqlite::Error> for Fault {
    fn from(error: rusqlite::Error) -> Self {
        Self::new(500, "InternalFailure", format!("practice store: {error}"))
    }
}

impl From<serde_json::Error> for Fault {
    fn from(error: serde_json::Error) -> Self {
        Self::new(500, "InternalFailure", format!("practice store: {error}"))
    }
}
