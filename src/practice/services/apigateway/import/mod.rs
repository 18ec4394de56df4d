//! Reads a Swagger 2.0 or OpenAPI 3 document with API Gateway's extensions into an [`Api`].
//!
//! What the service refuses is refused in its words, all findings at once; what it ignores
//! (a security requirement that nothing defines) is ignored.

mod integration;
mod operation;

use std::collections::BTreeMap;

use serde_json::{Map, Value};

pub(super) use integration::check_integration;

use super::model::{Api, Model, Validator, bad_request};
use crate::practice::properties::flag;
use crate::practice::random;
use crate::practice::wire::Fault;

const VERBS: [&str; 7] = ["get", "put", "post", "delete", "options", "head", "patch"];
const ANY: &str = "x-amazon-apigateway-any-method";

/// Replaces what the API is made of with the document's contents; ids of paths and authorizers
/// that stay keep their value. With `merge`, what the document doesn't name stays.
pub(super) fn import(api: &Api, document: &Value, merge: bool) -> Result<Api, Fault> {
    let reader = Reader::new(document)?;
    let mut next = api.clone();
    if !merge {
        next.resources.truncate(1);
        if let Some(root) = next.resources.first_mut() {
            root.methods.clear();
        }
        next.authorizers.clear();
        next.validators.clear();
        next.models.retain(|model| model.name == "Empty" || model.name == "Error");
        next.gateway_responses.clear();
    }
    let mut errors = Vec::new();
    reader.head(&mut next);
    reader.models(&mut next, &mut errors);
    reader.validators(api, &mut next);
    reader.authorizers(api, &mut next, &mut errors);
    reader.paths(&mut next, &mut errors);
    keep_ids(api, &mut next);
    if errors.is_empty() {
        return Ok(next);
    }
    Err(bad_request(format!("Errors found during import:\n\t{}", errors.join("\n\t"))))
}

/// The document of a request's body: JSON or YAML.
pub(super) fn parse(body: &[u8]) -> Result<Value, Fault> {
    let invalid = || bad_request("Invalid OpenAPI input.");
    let text = std::str::from_utf8(body).map_err(|_| invalid())?;
    serde_json::from_str(text).or_else(|_| serde_yaml::from_str(text)).map_err(|_| invalid())
}

struct Reader<'a> {
    document: &'a Map<String, Value>,
    three: bool,
}

fn text(value: &Value, name: &str) -> Option<String> {
    match value.get(name)? {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        Value::Bool(flag) => Some(flag.to_string()),
        _ => None,
    }
}

fn texts(value: &Value, name: &str) -> BTreeMap<String, String> {
    let Some(Value::Object(map)) = value.get(name) else { return BTreeMap::new() };
    map.iter()
        .map(|(key, value)| {
            (key.clone(), value.as_str().map_or_else(|| value.to_string(), str::to_owned))
        })
        .collect()
}

impl<'a> Reader<'a> {
    fn new(document: &'a Value) -> Result<Self, Fault> {
        let Value::Object(map) = document else {
            return Err(bad_request("Invalid OpenAPI input."));
        };
        let two = text(document, "swagger");
        let three = text(document, "openapi");
        let three = match (two.as_deref(), three.as_deref()) {
            (Some("2.0" | "2"), None) => false,
            (None, Some(version)) if version.starts_with("3.0") => true,
            _ => {
                return Err(bad_request(
                    "Invalid OpenAPI input. Invalid or unsupported specification version: it must be swagger 2.0 or openapi 3.0.x",
                ));
            }
        };
        Ok(Self { document: map, three })
    }

    fn at(&self, name: &str) -> &'a Value {
        self.document.get(name).unwrap_or(&Value::Null)
    }

    fn components(&self, two: &str, three: &str) -> Option<&'a Map<String, Value>> {
        if self.three {
            self.at("components").get(three)?.as_object()
        } else {
            self.at(two).as_object()
        }
    }

    fn head(&self, api: &mut Api) {
        let info = self.at("info");
        if let Some(title) = text(info, "title")
            && api.name.is_empty()
        {
            api.name = title;
        }
        if let Some(description) = text(info, "description") {
            api.description = Some(description);
        }
        api.version = text(info, "version").or_else(|| api.version.take());
        if let Some(source) = self.at("x-amazon-apigateway-api-key-source").as_str() {
            source.clone_into(&mut api.api_key_source);
        }
        if let Some(Value::Object(policy)) = self.document.get("x-amazon-apigateway-policy") {
            api.policy = Some(Value::Object(policy.clone()));
        }
        if let Some(Value::Array(types)) =
            self.document.get("x-amazon-apigateway-binary-media-types")
        {
            api.binary_media_types =
                types.iter().filter_map(|t| t.as_str().map(str::to_owned)).collect();
        }
        if let Some(Value::Object(map)) = self.document.get("x-amazon-apigateway-gateway-responses")
        {
            api.gateway_responses.extend(map.clone());
        }
    }

    fn models(&self, api: &mut Api, errors: &mut Vec<String>) {
        let Some(models) = self.components("definitions", "schemas") else { return };
        for (name, schema) in models {
            if !name.chars().all(|c| c.is_ascii_alphanumeric()) {
                errors.push(format!(
                    "Unable to create model for '{name}': Model name must be alphanumeric: {name}"
                ));
                continue;
            }
            let old = api.models.iter().position(|model| model.name == *name);
            let model = Model {
                id: old.map_or_else(|| random::lower(6), |at| api.models[at].id.clone()),
                name: name.clone(),
                description: text(schema, "description"),
                schema: serde_json::to_string_pretty(schema).unwrap_or_default(),
                content_type: "application/json".to_owned(),
            };
            match old {
                Some(at) => api.models[at] = model,
                None => api.models.push(model),
            }
        }
        // Only now: models may refer to each other.
        for model in api.models.iter().filter(|model| models.contains_key(&model.name)) {
            if let Err(fault) = model.check(&api.models) {
                errors.push(format!(
                    "Unable to create model for '{}': {}",
                    model.name, fault.message
                ));
            }
        }
    }

    fn validators(&self, old: &Api, api: &mut Api) {
        let Value::Object(validators) = self.at("x-amazon-apigateway-request-validators") else {
            return;
        };
        for (name, value) in validators {
            api.validators.retain(|validator| validator.name != *name);
            let known = old.validators.iter().find(|validator| validator.name == *name);
            api.validators.push(Validator {
                id: known.map_or_else(|| random::lower(6), |validator| validator.id.clone()),
                name: name.clone(),
                validate_request_body: flag(value, "validateRequestBody"),
                validate_request_parameters: flag(value, "validateRequestParameters"),
            });
        }
    }

    fn authorizers(&self, old: &Api, api: &mut Api, errors: &mut Vec<String>) {
        let Some(schemes) = self.components("securityDefinitions", "securitySchemes") else {
            return;
        };
        for (name, scheme) in schemes {
            let Some(extension) = scheme.get("x-amazon-apigateway-authorizer") else { continue };
            let mut authorizer = integration::authorizer(name, scheme, extension);
            let known = old.authorizers.iter().find(|known| known.name == *name);
            authorizer.id = known.map_or_else(|| random::lower(6), |known| known.id.clone());
            if let Err(fault) = authorizer.check() {
                errors.push(format!("Unable to create authorizer '{name}': {}", fault.message));
                continue;
            }
            api.authorizers.retain(|known| known.name != *name);
            api.authorizers.push(authorizer);
        }
    }

    fn paths(&self, api: &mut Api, errors: &mut Vec<String>) {
        let Value::Object(paths) = self.at("paths") else { return };
        for (path, item) in paths {
            if !path.starts_with('/') {
                errors.push(format!(
                    "Unable to create resource at path '{path}': Resource's path must start with /"
                ));
                continue;
            }
            let id = api.ensure_path(path);
            let shared = item.get("parameters").cloned().unwrap_or(Value::Null);
            let Value::Object(operations) = item else { continue };
            for (verb, operation) in operations {
                let verb = match verb.as_str() {
                    ANY => "ANY".to_owned(),
                    verb if VERBS.contains(&verb) => verb.to_uppercase(),
                    _ => continue,
                };
                match self.method(api, &verb, path, operation, &shared) {
                    Ok(method) => {
                        if let Ok(resource) = api.resource_mut(&id) {
                            resource.methods.insert(verb, method);
                        }
                    }
                    Err(problem) => errors.push(problem),
                }
            }
        }
    }
}

/// Paths that were there before keep their id, and their children know it.
fn keep_ids(old: &Api, next: &mut Api) {
    for at in 0..next.resources.len() {
        let path = next.resources[at].path.clone();
        let Some(known) = old.resources.iter().find(|resource| resource.path == path) else {
            continue;
        };
        let fresh = std::mem::replace(&mut next.resources[at].id, known.id.clone());
        for resource in &mut next.resources {
            if resource.parent_id.as_deref() == Some(&fresh) {
                resource.parent_id = Some(known.id.clone());
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::super::model::PathResource;
    use super::*;

    const FUNCTION: &str = "arn:aws:apigateway:us-east-1:lambda:path/2015-03-31/functions/arn:aws:lambda:us-east-1:000000000000:function:F/invocations";

    fn fresh() -> Api {
        let root = PathResource { id: "root".into(), path: "/".into(), ..PathResource::default() };
        Api { id: "a".repeat(10), resources: vec![root], ..Api::default() }
    }

    fn proxy() -> Value {
        json!({"type": "aws_proxy", "httpMethod": "POST", "uri": FUNCTION})
    }

    #[test]
    fn an_operations_empty_security_opens_it_again() {
        let document = json!({
            "swagger": 2.0, "info": {"title": "T"},
            "securityDefinitions": {"A": {"type": "apiKey", "name": "Authorization", "in": "header",
                "x-amazon-apigateway-authtype": "custom",
                "x-amazon-apigateway-authorizer": {"type": "token", "authorizerUri": FUNCTION,
                    "authorizerResultTtlInSeconds": "60"}}},
            "security": [{"A": []}],
            "paths": {
                "/socks": {"get": {"x-amazon-apigateway-integration": proxy()}},
                "/a/{id}": {"delete": {"security": [], "x-amazon-apigateway-integration": proxy()}}}});
        let api = import(&fresh(), &document, false).expect("imports");
        let of = |path: &str, verb: &str| {
            api.resources.iter().find(|r| r.path == path).expect("path").methods[verb].clone()
        };
        assert_eq!(of("/socks", "GET").authorization_type, "CUSTOM");
        assert_eq!(of("/socks", "GET").authorizer_id, Some(api.authorizers[0].id.clone()));
        assert_eq!(of("/a/{id}", "DELETE").authorization_type, "NONE");
        assert_eq!(api.authorizers[0].ttl(), 60);
        assert_eq!(
            api.authorizers[0].identity_source.as_deref(),
            Some("method.request.header.Authorization")
        );
        let again = import(&api, &document, false).expect("imports");
        assert_eq!(again, api, "importing the same document again changes nothing, ids included");
    }

    #[test]
    fn models_validators_and_bodies_are_read_from_both_versions() {
        let schema = json!({"type": "object", "required": ["name"]});
        let two = json!({
            "swagger": "2.0", "definitions": {"Post": schema},
            "x-amazon-apigateway-request-validators": {"body": {"validateRequestBody": true}},
            "paths": {"/c": {"post": {"x-amazon-apigateway-request-validator": "body",
                "parameters": [{"in": "body", "name": "b", "schema": {"$ref": "#/definitions/Post"}}],
                "x-amazon-apigateway-integration": proxy()}}}});
        let three = json!({
            "openapi": "3.0.1", "components": {"schemas": {"Post": schema}},
            "x-amazon-apigateway-request-validators": {"body": {"validateRequestBody": true}},
            "paths": {"/c": {"post": {"x-amazon-apigateway-request-validator": "body",
                "requestBody": {"content": {"application/json":
                    {"schema": {"$ref": "#/components/schemas/Post"}}}},
                "x-amazon-apigateway-integration": proxy()}}}});
        for document in [two, three] {
            let api = import(&fresh(), &document, false).expect("imports");
            let method = &api.resources[1].methods["POST"];
            assert_eq!(method.request_models["application/json"], "Post");
            assert_eq!(method.request_validator_id.as_ref(), Some(&api.validators[0].id));
            assert!(api.validators[0].validate_request_body);
        }
    }

    #[test]
    fn every_error_is_told_at_once() {
        let document = json!({
            "swagger": "2.0", "definitions": {"Not-Good": {}},
            "paths": {"/s": {"get": {"x-amazon-apigateway-integration":
                {"type": "aws_proxy", "httpMethod": "POST", "uri": {"Fn::Sub": "x"}}}}}});
        let fault = import(&fresh(), &document, false).expect_err("refused");
        assert_eq!(
            fault.message,
            "Errors found during import:\n\tUnable to create model for 'Not-Good': Model name must \
             be alphanumeric: Not-Good\n\tUnable to put integration on 'GET' for resource at path \
             '/s': Uri is required for integration type AWS_PROXY"
        );
    }

    proptest::proptest! {
        #[test]
        fn any_document_is_imported_or_refused(body in "\\PC{0,200}") {
            if let Ok(document) = parse(body.as_bytes()) {
                let _ = import(&fresh(), &document, false);
            }
        }
    }
}
