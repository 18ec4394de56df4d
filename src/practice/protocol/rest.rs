//! The REST JSON protocol: a route table from method and path to the operation (Lambda, API
//! Gateway).

use percent_encoding::percent_decode_str;
use serde_json::{Map, Value};

use super::json;
use crate::practice::services::Service;
use crate::practice::wire::{Fault, HttpRequest};

/// A path of an operation.
#[derive(Debug, Clone, Copy)]
pub struct Route {
    /// `GET`.
    pub method: &'static str,
    /// `/restapis/{restApiId}/stages/{stageName}`: labels become members; `{name+}` takes the rest
    /// of the path.
    pub path: &'static str,
    /// `GetStage`.
    pub operation: &'static str,
}

impl Route {
    /// A route.
    pub const fn new(method: &'static str, path: &'static str, operation: &'static str) -> Self {
        Self { method, path, operation }
    }
}

/// Operation, members (labels, query, JSON body) and the body as sent.
///
/// # Errors
/// A path that isn't in the table, or a body that is no JSON.
pub fn decode(service: &Service, request: &HttpRequest) -> Result<(String, Value, Vec<u8>), Fault> {
    let best = service
        .routes
        .iter()
        .filter(|route| route.method == request.method)
        .filter_map(|route| Some((route, labels(route.path, &request.path)?)))
        .min_by_key(|(_, labels)| labels.len());
    let Some((route, labels)) = best else {
        let asked = format!("{} {}", request.method, request.path);
        return Err(Fault::not_implemented(service.signing, &asked));
    };
    // A payload is the caller's own: only the operation knows what it is.
    let payload = service.payloads.contains(&route.operation)
        || request.query_value("mode").is_some_and(|mode| mode == "import");
    let body: &[u8] = if payload { &[] } else { &request.body };
    let Value::Object(mut members) = json::object(body)? else {
        return Err(Fault::new(400, "SerializationException", "the body is no JSON object"));
    };
    for (name, value) in request.query_pairs() {
        add(&mut members, name, value);
    }
    // The one member whose name on the wire is also its path's label.
    if route.operation == "PutIntegration"
        && let Some(verb) = members.remove("httpMethod")
    {
        members.insert("integrationHttpMethod".to_owned(), verb);
    }
    for (name, value) in labels {
        members.insert(name, Value::String(value));
    }
    Ok((route.operation.to_owned(), Value::Object(members), request.body.clone()))
}

/// Adds a query parameter; a repeated one becomes a list.
fn add(members: &mut Map<String, Value>, name: String, value: String) {
    match members.get_mut(&name) {
        Some(Value::Array(items)) => items.push(Value::String(value)),
        Some(first) => {
            let items = vec![first.take(), Value::String(value)];
            *first = Value::Array(items);
        }
        None => {
            members.insert(name, Value::String(value));
        }
    }
}

/// The labels' values when `path` has the template's shape.
fn labels(template: &str, path: &str) -> Option<Vec<(String, String)>> {
    let mut found = Vec::new();
    let mut parts = path.trim_matches('/').split('/');
    let decode = |text: &str| percent_decode_str(text).decode_utf8_lossy().into_owned();
    for expected in template.trim_matches('/').split('/') {
        let label = expected.strip_prefix('{').and_then(|rest| rest.strip_suffix('}'));
        match label {
            Some(label) if label.ends_with('+') => {
                let rest: Vec<String> = parts.by_ref().map(decode).collect();
                found.push((label.trim_end_matches('+').to_owned(), rest.join("/")));
            }
            Some(label) => {
                let part = parts.next().filter(|part| !part.is_empty())?;
                found.push((label.to_owned(), decode(part)));
            }
            None if parts.next() == Some(expected) => {}
            None => return None,
        }
    }
    parts.next().is_none().then_some(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn labels_are_decoded_and_other_shapes_refused() {
        let path = "/2015-03-31/functions/arn%3Aaws%3Alambda/code";
        assert_eq!(
            labels("/2015-03-31/functions/{FunctionName}/code", path),
            Some(vec![("FunctionName".to_owned(), "arn:aws:lambda".to_owned())])
        );
        assert_eq!(labels("/2015-03-31/functions/{FunctionName}", path), None);
        assert_eq!(labels("/2015-03-31/functions/{FunctionName}", "/2015-03-31/functions/"), None);
        assert_eq!(
            labels("/tags/{ResourceArn+}", "/tags/a/b"),
            Some(vec![("ResourceArn".to_owned(), "a/b".to_owned())])
        );
    }
}
