//! Writes a snapshot as Swagger 2.0 or OpenAPI 3, as `GetExport` does.

use serde_json::{Map, Value, json};

use super::model::{Api, Authorizer, Integration, Method, PathResource, Stage, bad_request};
use crate::practice::store::Tx;
use crate::practice::wire::Fault;

/// What an export holds beside the plain document.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Extensions {
    /// Authorizers and validators.
    authorizers: bool,
    /// Integrations.
    integrations: bool,
    /// Everything.
    all: bool,
}

impl Extensions {
    /// From the parameter `extensions`: `integrations`, `authorizers`, `apigateway`.
    pub(super) fn parse(text: &str) -> Self {
        let has = |name: &str| text.split(',').any(|part| part.trim() == name);
        let all = has("apigateway");
        Self {
            authorizers: all || has("authorizers"),
            integrations: all || has("integrations"),
            all,
        }
    }
}

struct Writer<'a> {
    api: &'a Api,
    three: bool,
    extensions: Extensions,
}

/// The document of what a stage serves.
pub(super) fn export(
    tx: &Tx<'_>,
    api: &Api,
    stage: &Stage,
    kind: &str,
    extensions: Extensions,
) -> Result<Value, Fault> {
    let three = match kind {
        "swagger" => false,
        "oas30" => true,
        _ => return Err(bad_request("Invalid export type. Valid values: swagger, oas30")),
    };
    let writer = Writer { api, three, extensions };
    let host = format!("{}.execute-api.{}.amazonaws.com", api.id, tx.scope().region);
    let mut document = writer.head(&host, &stage.stage_name);
    document.insert("paths".to_owned(), writer.paths());
    writer.components(&mut document);
    if extensions.all {
        writer.extras(&mut document);
    }
    Ok(document.into())
}

impl Writer<'_> {
    fn head(&self, host: &str, stage: &str) -> Map<String, Value> {
        let mut info = json!({"title": self.api.name});
        if let Some(description) = &self.api.description {
            info["description"] = description.as_str().into();
        }
        info["version"] = self.api.version.as_deref().unwrap_or("1.0").into();
        let head = if self.three {
            json!({"openapi": "3.0.1", "info": info, "servers": [{
                "url": format!("https://{host}/{{basePath}}"),
                "variables": {"basePath": {"default": stage}}}]})
        } else {
            json!({"swagger": "2.0", "info": info, "host": host, "basePath": format!("/{stage}"),
                "schemes": ["https"]})
        };
        object(head)
    }

    fn paths(&self) -> Value {
        let mut resources: Vec<&PathResource> =
            self.api.resources.iter().filter(|resource| !resource.methods.is_empty()).collect();
        resources.sort_by(|a, b| a.path.cmp(&b.path));
        let item = |resource: &PathResource| {
            let methods = resource.methods.values();
            let operations: Map<String, Value> = methods
                .map(|method| {
                    let verb = match method.http_method.as_str() {
                        "ANY" => "x-amazon-apigateway-any-method".to_owned(),
                        verb => verb.to_lowercase(),
                    };
                    (verb, self.operation(method))
                })
                .collect();
            (resource.path.clone(), operations.into())
        };
        Value::Object(resources.into_iter().map(item).collect())
    }

    fn operation(&self, method: &Method) -> Value {
        let mut view = Map::new();
        if let Some(name) = &method.operation_name {
            view.insert("operationId".to_owned(), name.as_str().into());
        }
        self.parameters(method, &mut view);
        view.insert("responses".to_owned(), self.responses(method));
        let security = self.security(method);
        if !security.is_empty() {
            view.insert("security".to_owned(), security.into());
        }
        if self.extensions.authorizers
            && let Some(id) = &method.request_validator_id
            && let Some(known) = self.api.validators.iter().find(|known| known.id == *id)
        {
            let name = "x-amazon-apigateway-request-validator".to_owned();
            view.insert(name, known.name.as_str().into());
        }
        if self.extensions.integrations
            && let Some(integration) = &method.method_integration
        {
            view.insert(
                "x-amazon-apigateway-integration".to_owned(),
                integration_view(integration),
            );
        }
        view.into()
    }

    fn parameters(&self, method: &Method, view: &mut Map<String, Value>) {
        let mut list = Vec::new();
        for (name, required) in &method.request_parameters {
            let mut parts = name.splitn(4, '.').skip(2);
            let place = match parts.next() {
                Some("querystring") => "query",
                Some(place) => place,
                None => continue,
            };
            let name = parts.next().unwrap_or_default();
            let mut parameter = json!({"name": name, "in": place, "required": required});
            if self.three {
                parameter["schema"] = json!({"type": "string"});
            } else {
                parameter["type"] = "string".into();
            }
            list.push(parameter);
        }
        if self.three && !method.request_models.is_empty() {
            let content: Map<String, Value> = method
                .request_models
                .iter()
                .map(|(kind, model)| (kind.clone(), json!({"schema": self.reference(model)})))
                .collect();
            view.insert("requestBody".to_owned(), json!({"content": content, "required": true}));
        }
        for model in method.request_models.values().filter(|_| !self.three) {
            list.push(json!({"in": "body", "name": model, "required": true,
                "schema": self.reference(model)}));
        }
        if !list.is_empty() {
            view.insert("parameters".to_owned(), list.into());
        }
    }

    fn reference(&self, model: &str) -> Value {
        let place = if self.three { "components/schemas" } else { "definitions" };
        json!({"$ref": format!("#/{place}/{model}")})
    }

    fn responses(&self, method: &Method) -> Value {
        let view = |(status, response): (&String, &Value)| {
            let mut view = json!({"description": format!("{status} response")});
            let headers = response.get("responseParameters").and_then(Value::as_object);
            let headers: Map<String, Value> = headers
                .into_iter()
                .flatten()
                .filter_map(|(name, _)| {
                    let name = name.strip_prefix("method.response.header.")?;
                    let kind = json!({"type": "string"});
                    Some((name.to_owned(), if self.three { json!({"schema": kind}) } else { kind }))
                })
                .collect();
            if !headers.is_empty() {
                view["headers"] = headers.into();
            }
            (status.clone(), view)
        };
        Value::Object(method.method_responses.iter().map(view).collect())
    }

    fn security(&self, method: &Method) -> Vec<Value> {
        let mut security = Vec::new();
        match method.authorization_type.as_str() {
            "AWS_IAM" => security.push(json!({"sigv4": []})),
            "NONE" => {}
            _ => {
                let id = method.authorizer_id.as_deref().unwrap_or("");
                if let Some(authorizer) = self.api.authorizer(id) {
                    let name = authorizer.name.clone();
                    security.push(json!({name: method.authorization_scopes}));
                }
            }
        }
        if method.api_key_required {
            security.push(json!({"api_key": []}));
        }
        security
    }

    fn components(&self, document: &mut Map<String, Value>) {
        let models: Map<String, Value> = self
            .api
            .models
            .iter()
            .map(|model| {
                let schema = serde_json::from_str(&model.schema).unwrap_or(Value::Null);
                (model.name.clone(), schema)
            })
            .collect();
        let schemes = self.schemes();
        if self.three {
            document.insert(
                "components".to_owned(),
                json!({"schemas": models, "securitySchemes": schemes}),
            );
        } else {
            document.insert("securityDefinitions".to_owned(), schemes.into());
            document.insert("definitions".to_owned(), models.into());
        }
    }

    fn schemes(&self) -> Map<String, Value> {
        let mut schemes: Map<String, Value> = self
            .api
            .authorizers
            .iter()
            .map(|authorizer| (authorizer.name.clone(), self.scheme(authorizer)))
            .collect();
        let methods = || self.api.resources.iter().flat_map(|r| r.methods.values());
        if methods().any(|method| method.api_key_required) {
            schemes.insert(
                "api_key".to_owned(),
                json!({"type": "apiKey", "name": "x-api-key", "in": "header"}),
            );
        }
        if methods().any(|method| method.authorization_type == "AWS_IAM") {
            schemes.insert(
                "sigv4".to_owned(),
                json!({"type": "apiKey", "name": "Authorization", "in": "header",
                    "x-amazon-apigateway-authtype": "awsSigv4"}),
            );
        }
        schemes
    }

    fn scheme(&self, authorizer: &Authorizer) -> Value {
        let header = authorizer
            .identity_source
            .as_deref()
            .and_then(|source| source.strip_prefix("method.request.header."))
            .unwrap_or("Authorization");
        let mut scheme = json!({"type": "apiKey", "name": header, "in": "header"});
        if self.extensions.authorizers {
            let default = if authorizer.kind == "COGNITO_USER_POOLS" {
                "cognito_user_pools"
            } else {
                "custom"
            };
            scheme["x-amazon-apigateway-authtype"] =
                authorizer.auth_type.as_deref().unwrap_or(default).into();
            let mut view = object(serde_json::to_value(authorizer).unwrap_or_default());
            for name in ["id", "name", "authType"] {
                view.shift_remove(name);
            }
            view.insert("type".to_owned(), authorizer.kind.to_lowercase().into());
            scheme["x-amazon-apigateway-authorizer"] = view.into();
        }
        scheme
    }

    fn extras(&self, document: &mut Map<String, Value>) {
        if self.api.api_key_source != "HEADER" {
            let name = "x-amazon-apigateway-api-key-source".to_owned();
            document.insert(name, self.api.api_key_source.as_str().into());
        }
        if !self.api.gateway_responses.is_empty() {
            let name = "x-amazon-apigateway-gateway-responses".to_owned();
            document.insert(name, self.api.gateway_responses.clone().into());
        }
        if let Some(policy) = &self.api.policy {
            document.insert("x-amazon-apigateway-policy".to_owned(), policy.clone());
        }
        let validators: Map<String, Value> = self
            .api
            .validators
            .iter()
            .map(|known| {
                let view = json!({"validateRequestParameters": known.validate_request_parameters,
                    "validateRequestBody": known.validate_request_body});
                (known.name.clone(), view)
            })
            .collect();
        if !validators.is_empty() {
            document.insert("x-amazon-apigateway-request-validators".to_owned(), validators.into());
        }
    }
}

fn integration_view(integration: &Integration) -> Value {
    let mut view = object(serde_json::to_value(integration).unwrap_or_default());
    view.shift_remove("integrationResponses");
    view.insert("type".to_owned(), integration.kind.to_lowercase().into());
    if let Some(behavior) = &integration.passthrough_behavior {
        view.insert("passthroughBehavior".to_owned(), behavior.to_lowercase().into());
    }
    let responses: Map<String, Value> = integration
        .integration_responses
        .values()
        .map(|response| {
            let pattern = response.selection_pattern.clone();
            let mut view = object(serde_json::to_value(response).unwrap_or_default());
            view.shift_remove("selectionPattern");
            (pattern.unwrap_or_else(|| "default".to_owned()), view.into())
        })
        .collect();
    if !responses.is_empty() {
        view.insert("responses".to_owned(), responses.into());
    }
    view.into()
}

fn object(value: Value) -> Map<String, Value> {
    match value {
        Value::Object(map) => map,
        _ => Map::new(),
    }
}
