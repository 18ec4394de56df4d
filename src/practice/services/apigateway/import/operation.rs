//! Methods of a document: who may call them, and what their requests and answers look like.

use std::collections::BTreeMap;

use serde_json::{Map, Value};

use super::super::methods;
use super::super::model::{Api, Method};
use super::integration::integration;
use super::{Reader, text};
use crate::practice::properties::flag;

/// What a method asks of its caller.
#[derive(Default)]
struct Security {
    kind: Option<&'static str>,
    authorizer: Option<String>,
    scopes: Vec<String>,
    key: bool,
}

impl<'a> Reader<'a> {
    pub(super) fn method(
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
        if let Err(fault) = methods::check_references(api, &method) {
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
                require(api, &mut security, name, scheme, scopes);
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

/// The model that a schema points at: `#/definitions/Name` or `#/components/schemas/Name`.
fn model_of(schema: Option<&Value>) -> Option<String> {
    let pointer = schema?.get("$ref")?.as_str()?;
    pointer.rsplit('/').next().map(str::to_owned)
}
