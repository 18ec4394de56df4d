//! AWS's wire protocols: out of HTTP into a [`Call`], and from an [`Answer`] back.

pub mod json;
pub mod query;
pub mod rest;
pub mod s3;
pub mod xml;

use serde_json::{Map, Value, json};

use super::auth::Caller;
use super::random;
use super::services::{self, Service};
use super::wire::{Answer, Call, Fault, HttpRequest, HttpResponse, Reply, ReplyBody, Sending};

/// How a service speaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Protocol {
    /// A form in, XML out; with the XML namespace.
    Query(&'static str),
    /// `X-Amz-Target` and JSON; with the target's prefix and the version (`1.0`, `1.1`).
    Json(&'static str, &'static str),
    /// Paths and JSON.
    RestJson,
    /// S3's paths, bodies and XML.
    S3,
}

/// Takes the call out of the request.
///
/// # Errors
/// No service that the practice account offers, or a body that can't be read.
pub fn decode(
    service: &'static Service,
    request: &HttpRequest,
    caller: &Caller,
) -> Result<Call, Fault> {
    let (operation, input, body) = match service.protocol {
        Protocol::Query(_) => query::decode(request)?,
        Protocol::Json(prefix, _) => json::decode(prefix, request)?,
        Protocol::RestJson => rest::decode(service, request)?,
        Protocol::S3 => s3::decode(request)?,
    };
    Ok(Call {
        service: service.signing.to_owned(),
        operation,
        input,
        method: request.method.clone(),
        access_key: caller.access_key.clone(),
        body,
        headers: request.headers.clone(),
        endpoint: request.endpoint.clone(),
    })
}

/// Puts the answer on the wire.
pub fn encode(service: &Service, operation: &str, answer: Answer) -> HttpResponse {
    let id = random::uuid();
    let mut response = match answer {
        Ok(reply) => success(service, operation, reply, &id),
        Err(fault) => failure(service.protocol, &fault, &id),
    };
    let header =
        if service.protocol == Protocol::S3 { "x-amz-request-id" } else { "x-amzn-requestid" };
    response.headers.push((header.to_owned(), id));
    response
}

fn success(service: &Service, operation: &str, reply: Reply, id: &str) -> HttpResponse {
    let (content_type, body) = match reply.body {
        ReplyBody::Raw(body, content_type) => (content_type, body),
        ReplyBody::Empty => match service.protocol {
            Protocol::Query(namespace) => {
                ("text/xml", query::encode(namespace, operation, &Value::Null, id).into_bytes())
            }
            _ => ("", Vec::new()),
        },
        ReplyBody::Members(members) => match service.protocol {
            Protocol::Query(namespace) => {
                ("text/xml", query::encode(namespace, operation, &members, id).into_bytes())
            }
            Protocol::Json(_, "1.0") => {
                ("application/x-amz-json-1.0", members.to_string().into_bytes())
            }
            Protocol::Json(..) => ("application/x-amz-json-1.1", members.to_string().into_bytes()),
            Protocol::RestJson => ("application/json", members.to_string().into_bytes()),
            Protocol::S3 => ("application/xml", xml::document("Result", &members).into_bytes()),
        },
    };
    let mut headers = reply.headers;
    if !content_type.is_empty() && !headers.iter().any(|(name, _)| name == "content-type") {
        headers.push(("content-type".to_owned(), content_type.to_owned()));
    }
    HttpResponse { status: reply.status, headers, body, sending: Sending::Whole }
}

/// An error in the shape that clients of the protocol recognise.
pub fn failure(protocol: Protocol, fault: &Fault, id: &str) -> HttpResponse {
    let fault = worded(protocol, fault);
    match protocol {
        Protocol::Query(namespace) => HttpResponse::new(
            fault.status,
            "text/xml",
            query::encode_fault(namespace, &fault, id).into_bytes(),
        ),
        Protocol::Json(_, version) => {
            let body = json!({ "__type": fault.code, "message": fault.message });
            let content_type = format!("application/x-amz-json-{version}");
            let mut response = HttpResponse::new(fault.status, &content_type, body.to_string());
            response.headers.push(("x-amzn-errortype".to_owned(), fault.code));
            response
        }
        Protocol::RestJson => {
            let side = if fault.status < 500 { "User" } else { "Service" };
            let body = json!({ "Type": side, "Code": fault.code, "message": fault.message });
            let mut response = HttpResponse::json(fault.status, &body);
            response.headers.push(("x-amzn-errortype".to_owned(), fault.code));
            response
        }
        Protocol::S3 => {
            let members = json!({
                "Code": fault.code, "Message": fault.message, "RequestId": id,
            });
            HttpResponse::new(fault.status, "application/xml", xml::document("Error", &members))
        }
    }
}

/// Faults that every service words in its protocol's own way.
fn worded(protocol: Protocol, fault: &Fault) -> Fault {
    let (status, code) = match (fault.code.as_str(), protocol) {
        ("AccessDenied", Protocol::Json(..)) => (400, "AccessDeniedException"),
        ("AccessDenied", Protocol::RestJson) => (403, "AccessDeniedException"),
        ("ExpiredToken", Protocol::Json(..)) => (400, "ExpiredTokenException"),
        ("ExpiredToken", Protocol::RestJson) => (403, "ExpiredTokenException"),
        ("ExpiredToken", Protocol::S3) => (400, "ExpiredToken"),
        ("Throttling", Protocol::Json(..)) => (400, "ThrottlingException"),
        ("Throttling", Protocol::RestJson) => (429, "TooManyRequestsException"),
        ("Throttling", Protocol::S3) => (503, "SlowDown"),
        ("IncompleteSignature", Protocol::Json(..)) => (400, "IncompleteSignatureException"),
        ("InvalidClientTokenId", Protocol::Json(..) | Protocol::RestJson) => {
            (403, "UnrecognizedClientException")
        }
        ("InvalidClientTokenId", Protocol::S3) => (403, "InvalidAccessKeyId"),
        ("SignatureDoesNotMatch", Protocol::Json(..)) => (400, "InvalidSignatureException"),
        ("SignatureDoesNotMatch", Protocol::RestJson) => (403, "InvalidSignatureException"),
        ("InternalFailure", Protocol::RestJson) => (500, "ServiceException"),
        ("InternalFailure", Protocol::S3) => (500, "InternalError"),
        (code, _) => (fault.status, code),
    };
    Fault { status, code: code.to_owned(), message: fault.message.clone() }
}

/// The service that a request is for: by its signature, or by what unsigned requests show.
///
/// # Errors
/// A service that the practice account doesn't offer, or a request that names none.
pub fn service(request: &HttpRequest, caller: &Caller) -> Result<&'static Service, Fault> {
    if let Some(signing) = &caller.service {
        return services::by_signing_name(signing)
            .ok_or_else(|| Fault::not_implemented(signing, &guessed_operation(request)));
    }
    let target = request.header("x-amz-target");
    if let Some((prefix, _)) = target.split_once('.') {
        return services::by_target_prefix(prefix)
            .ok_or_else(|| Fault::not_implemented(prefix, &guessed_operation(request)));
    }
    if request.header("content-type").starts_with("application/x-www-form-urlencoded") {
        return Err(Fault::new(
            403,
            "MissingAuthenticationToken",
            "Request is missing Authentication Token; set AWS_ACCESS_KEY_ID as `stepproof \
             practice env` prints it",
        ));
    }
    services::by_signing_name("s3").ok_or_else(|| Fault::not_implemented("s3", "unsigned"))
}

/// The protocol that a request for an unknown service speaks, so that its fault can be read.
pub fn guessed_protocol(request: &HttpRequest) -> Protocol {
    if !request.header("x-amz-target").is_empty() {
        Protocol::Json("", "1.1")
    } else if request.header("content-type").starts_with("application/x-www-form-urlencoded") {
        Protocol::Query("https://stepproof.invalid/")
    } else {
        Protocol::RestJson
    }
}

fn guessed_operation(request: &HttpRequest) -> String {
    if let Some((_, operation)) = request.header("x-amz-target").split_once('.') {
        return operation.to_owned();
    }
    form_urlencoded::parse(&request.body)
        .find(|(key, _)| key == "Action")
        .map_or_else(|| format!("{} {}", request.method, request.path), |(_, v)| v.into_owned())
}

/// A member list without its nulls.
fn present(members: &Map<String, Value>) -> impl Iterator<Item = (&String, &Value)> {
    members.iter().filter(|(_, value)| !value.is_null())
}
