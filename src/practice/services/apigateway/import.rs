//! Reads a Swagger 2.0 or OpenAPI 3 document with API Gateway's extensions into an [`Api`].
//!
//! What the service refuses is refused in its words, all findings at once; what it ignores
//! (a security requirement that nothing defines) is ignored.

use std::collections::BTreeMap;

use serde_json::{Map, Value};

use super::model::{
    Api, Authorizer, Integration, IntegrationResponse, Method, Model, Validator, bad_request,
};
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

/// What a method asks of its caller.
#[derive(Default)]
struct Security {
    kind: Option<&'static str>,
    authorizer: Option<String>,
    scopes: Vec<String>,
    key: bool,
}

fn text(value: &Value, name: &str) -> Option<String> {
    match value.get(name)? {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        Value::Bool(flag) => Some(flag.to_string()),
        _ => None,
    }
}

/// An integer, also where a template's parameter made it text.
fn integer(value: &Value, name: &str) -> Option<i64> {
    let member = value.get(name)?;
    member.as_i64().or_else(|| member.as_str()?.parse().ok())
}

fn flag(value: &Value, name: &str) -> bool {
    value.get(name).is_some_and(|v| v == true || v == "true")
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
            let mut authorizer = authorizer(name, scheme, extension);
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

    fn method(
        &self,
        api: &Api,
        verb: &str,
        path: &str,
        operation: &Value,
        shared: &Value,
    ) -> Result<Method, String> {
        let security = self.security(api, operation);
        let validator = operation
            .get("x-amazon-apigateway-request-validator")
            .or_else(|| self.document.get("x-amazon-apigateway-request-validator"))
            .and_then(Value::as_str);
        let mut method = Method {
            http_method: verb.to_owned(),
            authorization_type: security.kind.unwrap_or("NONE").to_owned(),
            authorizer_id: security.authorizer,
            authorization_scopes: security.scopes,
            api_key_required: security.key,
            operation_name: text(operation, "operationId"),
            request_validator_id: None,
            method_responses: Self::responses(operation),
            ..Method::default()
        };
        if let Some(name) = validator {
            let known = api.validators.iter().find(|known| known.name == name);
            let Some(known) = known else {
                return Err(format!(
                    "Unable to put method '{verb}' on resource at path '{path}': Invalid Request \
                     Validator identifier specified: {name}"
                ));
            };
            method.request_validator_id = Some(known.id.clone());
        }
        self.parameters(&mut method, operation, shared);
        if let Err(fault) = super::methods::check_references(api, &method) {
            return Err(format!(
                "Unable to put method '{verb}' on resource at path '{path}': {}",
                fault.message
            ));
        }
        if let Some(extension) = operation.get("x-amazon-apigateway-integration") {
            method.method_integration = Some(integration(extension).map_err(|problem| {
                format!(
                    "Unable to put integration on '{verb}' for resource at path '{path}': {problem}"
                )
            })?);
        }
        Ok(method)
    }

    /// The operation's own requirements, else the document's. An empty list asks for nothing.
    fn security(&self, api: &Api, operation: &Value) -> Security {
        let mut security = Security::default();
        let requirements = operation.get("security").or_else(|| self.document.get("security"));
        let schemes = self.components("securityDefinitions", "securitySchemes");
        for requirement in requirements.and_then(Value::as_array).into_iter().flatten() {
            for (name, scopes) in requirement.as_object().into_iter().flatten() {
                let scheme = schemes.and_then(|schemes| schemes.get(name));
                self::require(api, &mut security, name, scheme, scopes);
            }
        }
        security
    }

    fn parameters(&self, method: &mut Method, operation: &Value, shared: &Value) {
        let own = operation.get("parameters").unwrap_or(&Value::Null);
        let lists = [shared, own];
        for parameter in lists.iter().filter_map(|list| list.as_array()).flatten() {
            let parameter = self.resolve(parameter);
            let Some(name) = text(parameter, "name") else { continue };
            let place = match parameter.get("in").and_then(Value::as_str) {
                Some("query") => "querystring",
                Some("header") => "header",
                Some("path") => "path",
                Some("body") => {
                    if let Some(model) = model_of(parameter.get("schema")) {
                        let kinds = self.consumes(operation).into_iter();
                        method.request_models.extend(kinds.map(|kind| (kind, model.clone())));
                    }
                    continue;
                }
                _ => continue,
            };
            method
                .request_parameters
                .insert(format!("method.request.{place}.{name}"), flag(parameter, "required"));
        }
        let content = operation.get("requestBody").and_then(|body| body.get("content"));
        for (kind, media) in content.and_then(Value::as_object).into_iter().flatten() {
            if let Some(model) = model_of(media.get("schema")) {
                method.request_models.insert(kind.clone(), model);
            }
        }
    }

    /// The content types that a body's model stands for.
    fn consumes(&self, operation: &Value) -> Vec<String> {
        let list = operation.get("consumes").or_else(|| self.document.get("consumes"));
        let list = list.and_then(Value::as_array).into_iter().flatten();
        let kinds: Vec<String> = list.filter_map(|kind| kind.as_str().map(str::to_owned)).collect();
        if kinds.is_empty() { vec!["application/json".to_owned()] } else { kinds }
    }

    /// Follows one `#/…` reference.
    fn resolve(&self, value: &'a Value) -> &'a Value {
        let Some(pointer) = value.get("$ref").and_then(Value::as_str) else { return value };
        let mut parts = pointer.trim_start_matches("#/").split('/');
        let Some(first) = parts.next() else { return value };
        parts.try_fold(self.at(first), |at, part| at.get(part)).unwrap_or(value)
    }

    fn responses(operation: &Value) -> BTreeMap<String, Value> {
        let responses = operation.get("responses").and_then(Value::as_object);
        let mut all = BTreeMap::new();
        for (status, response) in responses.into_iter().flatten() {
            if status.len() != 3 || !status.bytes().all(|b| b.is_ascii_digit()) {
                continue;
            }
            let mut view = Map::new();
            view.insert("statusCode".to_owned(), status.clone().into());
            let headers = response.get("headers").and_then(Value::as_object);
            let headers: Map<String, Value> = headers
                .into_iter()
                .flatten()
                .map(|(name, _)| (format!("method.response.header.{name}"), false.into()))
                .collect();
            if !headers.is_empty() {
                view.insert("responseParameters".to_owned(), headers.into());
            }
            let models = Self::response_models(response);
            if !models.is_empty() {
                view.insert("responseModels".to_owned(), models.into());
            }
            all.insert(status.clone(), view.into());
        }
        all
    }

    fn response_models(response: &Value) -> Map<String, Value> {
        if let Some(model) = model_of(response.get("schema")) {
            return Map::from_iter([("application/json".to_owned(), model.into())]);
        }
        let content = response.get("content").and_then(Value::as_object);
        content
            .into_iter()
            .flatten()
            .filter_map(|(kind, media)| Some((kind.clone(), model_of(media.get("schema"))?.into())))
            .collect()
    }
}

fn require(api: &Api, security: &mut Security, name: &str, scheme: Option<&Value>, scopes: &Value) {
    let Some(scheme) = scheme else { return };
    let auth_type = scheme.get("x-amazon-apigateway-authtype").and_then(Value::as_str);
    if auth_type == Some("awsSigv4") {
        security.kind = Some("AWS_IAM");
    } else if let Some(authorizer) = api.authorizers.iter().find(|known| known.name == name) {
        let cognito = authorizer.kind == "COGNITO_USER_POOLS";
        security.kind = Some(if cognito { "COGNITO_USER_POOLS" } else { "CUSTOM" });
        security.authorizer = Some(authorizer.id.clone());
        let list = scopes.as_array().into_iter().flatten();
        security.scopes = list.filter_map(|scope| scope.as_str().map(str::to_owned)).collect();
    } else if scheme.get("type").is_some_and(|kind| kind == "apiKey")
        && text(scheme, "name").is_some_and(|header| header.eq_ignore_ascii_case("x-api-key"))
    {
        security.key = true;
    }
}

fn authorizer(name: &str, scheme: &Value, extension: &Value) -> Authorizer {
    let kind = text(extension, "type").unwrap_or_default().to_uppercase();
    let header = text(scheme, "name").unwrap_or_else(|| "Authorization".to_owned());
    let source = text(extension, "identitySource")
        .or_else(|| (kind != "REQUEST").then(|| format!("method.request.header.{header}")));
    let arns = extension.get("providerARNs").and_then(Value::as_array);
    Authorizer {
        id: String::new(),
        name: name.to_owned(),
        kind,
        provider_arns: arns
            .into_iter()
            .flatten()
            .filter_map(|arn| arn.as_str().map(str::to_owned))
            .collect(),
        auth_type: text(scheme, "x-amazon-apigateway-authtype"),
        authorizer_uri: text(extension, "authorizerUri"),
        authorizer_credentials: text(extension, "authorizerCredentials"),
        identity_source: source,
        identity_validation_expression: text(extension, "identityValidationExpression"),
        authorizer_result_ttl_in_seconds: integer(extension, "authorizerResultTtlInSeconds"),
    }
}

/// Reads `x-amazon-apigateway-integration`; the error is the service's reason.
fn integration(extension: &Value) -> Result<Integration, String> {
    let Value::Object(_) = extension else {
        return Err("Unable to parse API definition because of a malformed integration".to_owned());
    };
    let kind = text(extension, "type").unwrap_or_default().to_uppercase();
    let uri = text(extension, "uri");
    check_integration(&kind, uri.as_deref())?;
    let responses = extension.get("responses").and_then(Value::as_object);
    let integration_responses = responses
        .into_iter()
        .flatten()
        .map(|(pattern, response)| integration_response(pattern, response))
        .collect();
    Ok(Integration {
        http_method: text(extension, "httpMethod").filter(|_| kind != "MOCK"),
        uri,
        credentials: text(extension, "credentials"),
        passthrough_behavior: Some(
            text(extension, "passthroughBehavior")
                .map_or_else(|| "WHEN_NO_MATCH".to_owned(), |text| text.to_uppercase()),
        ),
        content_handling: text(extension, "contentHandling"),
        timeout_in_millis: integer(extension, "timeoutInMillis").or(Some(29_000)),
        request_parameters: texts(extension, "requestParameters"),
        request_templates: texts(extension, "requestTemplates"),
        integration_responses,
        kind,
    })
}

/// Refuses an integration that the service refuses, with its reason.
pub(super) fn check_integration(kind: &str, uri: Option<&str>) -> Result<(), String> {
    match (kind, uri) {
        ("MOCK", _) => Ok(()),
        ("AWS_PROXY" | "AWS", Some(uri)) if uri.starts_with("arn:aws:apigateway:") => {
            if uri.contains(":lambda:path/") && super::model::function_of_uri(uri).is_none() {
                return Err("Invalid function ARN or invalid uri".to_owned());
            }
            Ok(())
        }
        ("AWS_PROXY" | "AWS", Some(_)) => Err("Invalid ARN specified in the request".to_owned()),
        ("HTTP" | "HTTP_PROXY", Some(uri)) if uri.starts_with("http") => Ok(()),
        ("HTTP" | "HTTP_PROXY", Some(_)) => {
            Err("Invalid HTTP endpoint specified for URI".to_owned())
        }
        ("AWS_PROXY" | "AWS" | "HTTP" | "HTTP_PROXY", None) => {
            Err("Uri is required for integration type ".to_owned() + kind)
        }
        _ => Err("Integration type must be specified: HTTP, MOCK, HTTP_PROXY, AWS_PROXY or AWS"
            .to_owned()),
    }
}

fn integration_response(pattern: &str, response: &Value) -> (String, IntegrationResponse) {
    let status = text(response, "statusCode").unwrap_or_else(|| "200".to_owned());
    let templates = response.get("responseTemplates").and_then(Value::as_object);
    let value = IntegrationResponse {
        status_code: status.clone(),
        selection_pattern: (pattern != "default").then(|| pattern.to_owned()),
        response_parameters: texts(response, "responseParameters"),
        response_templates: templates
            .into_iter()
            .flatten()
            .map(|(kind, template)| (kind.clone(), template.as_str().map(str::to_owned)))
            .collect(),
        content_handling: text(response, "contentHandling"),
    };
    (status, value)
}

/// The model that a schema points at: `#/definitions/Name` or `#/components/schemas/Name`.
fn model_of(schema: Option<&Value>) -> Option<String> {
    let pointer = schema?.get("$ref")?.as_str()?;
    pointer.rsplit('/').next().map(str::to_owned)
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

    use super::*;

    const FUNCTION: &str = "arn:aws:apigateway:us-east-1:lambda:path/2015-03-31/functions/arn:aws:lambda:us-east-1:000000000000:function:F/invocations";

    fn fresh() -> Api {
        Api::default_for_tests()
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
