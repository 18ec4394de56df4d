//! Requests and answers as services see them, whatever the protocol.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde_json::Value;

use super::properties;

/// An HTTP request as it arrived.
#[derive(Debug, Clone, Default)]
pub struct HttpRequest {
    /// `GET`.
    pub method: String,
    /// The path as sent, percent-encoded.
    pub path: String,
    /// The query string as sent, without `?`.
    pub query: String,
    /// Headers, names in lower case; repeated ones joined with `, `.
    pub headers: BTreeMap<String, String>,
    /// The body as sent.
    pub body: Vec<u8>,
    /// `http://127.0.0.1:4599`: where the practice account listens.
    pub endpoint: String,
}

impl HttpRequest {
    /// A header by its lower-case name, or empty.
    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", String::as_str)
    }

    /// The `Host` header without its port.
    pub fn host(&self) -> &str {
        let host = self.header("host");
        host.rsplit_once(':').map_or(host, |(name, _)| name)
    }

    /// The query's parameters, decoded, in order.
    pub fn query_pairs(&self) -> Vec<(String, String)> {
        form_urlencoded::parse(self.query.as_bytes()).into_owned().collect()
    }

    /// The first query parameter of that name, decoded.
    pub fn query_value(&self, name: &str) -> Option<String> {
        self.query_pairs().into_iter().find(|(key, _)| key == name).map(|(_, value)| value)
    }
}

/// An HTTP answer as it is sent.
#[derive(Debug, Clone)]
pub struct HttpResponse {
    /// Status.
    pub status: u16,
    /// Headers.
    pub headers: Vec<(String, String)>,
    /// The body.
    pub body: Vec<u8>,
    /// How the body goes over the wire.
    pub sending: Sending,
}

/// How a body goes over the wire.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sending {
    /// As fast as it can.
    Whole,
    /// Half of it; then the connection breaks.
    Half,
    /// A byte a second.
    Slow,
}

impl HttpResponse {
    /// An answer with a body of the given content type.
    pub fn new(status: u16, content_type: &str, body: impl Into<Vec<u8>>) -> Self {
        let headers = vec![("content-type".to_owned(), content_type.to_owned())];
        Self { status, headers, body: body.into(), sending: Sending::Whole }
    }

    /// A JSON answer.
    pub fn json(status: u16, value: &Value) -> Self {
        Self::new(status, "application/json", value.to_string())
    }
}

/// A time as query protocols and REST JSON of API Gateway's kind write it: `2026-11-23T19:30:00.123Z`.
pub fn iso(time: Timestamp) -> String {
    time.strftime("%Y-%m-%dT%H:%M:%S%.3fZ").to_string()
}

/// A time as JSON protocols write it: seconds since 1970, with milliseconds.
pub fn epoch(time: Timestamp) -> Value {
    #[expect(clippy::cast_precision_loss, reason = "milliseconds since 1970 fit in 53 bits")]
    let seconds = time.as_millisecond() as f64 / 1000.0;
    Value::from(seconds)
}

/// An API call, taken out of its protocol.
#[derive(Debug, Clone)]
pub struct Call {
    /// Signing name: `cognito-idp`, `apigateway`, `cloudformation`.
    pub service: String,
    /// Operation as the service model names it: `DescribeUserPool`.
    pub operation: String,
    /// Members by their names on the wire; path and query parameters of REST protocols included.
    /// In query protocols every scalar is text. A REST query parameter that occurs once is text,
    /// a repeated one a list of texts.
    pub input: Value,
    /// `GET`; what API Gateway's IAM actions are named after.
    pub method: String,
    /// The access key id that signed the call; empty when nothing did.
    pub access_key: String,
    /// The body as sent (S3 objects, function payloads), chunk framing taken off.
    pub body: Vec<u8>,
    /// Headers, names in lower case.
    pub headers: BTreeMap<String, String>,
    /// `http://127.0.0.1:4599`: where the caller reached the practice account.
    pub endpoint: String,
}

impl Call {
    /// A text member, or empty.
    pub fn text(&self, member: &str) -> &str {
        properties::text(&self.input, member)
    }

    /// Texts of a list member: from a list, or from the one text of a parameter given once.
    pub fn texts(&self, member: &str) -> Vec<String> {
        properties::texts(&self.input, member)
    }

    /// A number member, also when the protocol sent it as text.
    pub fn number(&self, member: &str) -> Option<i64> {
        properties::number(&self.input, member)
    }

    /// A truth member, also when the protocol sent it as text.
    pub fn flag(&self, member: &str) -> bool {
        properties::flag(&self.input, member)
    }

    /// What `service` answers to an operation that it doesn't know.
    pub fn unknown(&self) -> Fault {
        Fault::not_implemented(&self.service, &self.operation)
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
    /// Members by their names on the wire. JSON protocols send them as they are, query protocols
    /// as XML; null members are left out of XML.
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
