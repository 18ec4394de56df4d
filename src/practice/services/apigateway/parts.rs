//! What an API's methods refer to: authorizers, body models, request validators.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::model::bad_request;
use crate::practice::wire::Fault;

/// How a model refers to another one of its API, before the name.
const MODELS: &str = "https://apigateway.amazonaws.com/restapis/";

/// Who decides about a caller.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Authorizer {
    /// 6 lower-case letters and digits.
    pub id: String,
    /// Unique in the API.
    pub name: String,
    /// `TOKEN`, `REQUEST` or `COGNITO_USER_POOLS`.
    #[serde(rename = "type")]
    pub kind: String,
    /// User pools.
    #[serde(rename = "providerARNs", skip_serializing_if = "Vec::is_empty")]
    pub provider_arns: Vec<String>,
    /// `x-amazon-apigateway-authtype`: free text for clients.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub auth_type: Option<String>,
    /// The function, wrapped in `arn:aws:apigateway:…/invocations`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub authorizer_uri: Option<String>,
    /// Role to invoke it with; without one the function's own policy must allow it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub authorizer_credentials: Option<String>,
    /// `method.request.header.Authorization`; several with commas for `REQUEST`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub identity_source: Option<String>,
    /// Regular expression that a token must match before anyone is asked.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub identity_validation_expression: Option<String>,
    /// Seconds that a decision is kept; 0 turns the cache off.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub authorizer_result_ttl_in_seconds: Option<i64>,
}

/// A body model.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Model {
    /// 6 lower-case letters and digits.
    pub id: String,
    /// Alphanumeric, unique in the API.
    pub name: String,
    /// Free text.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// JSON schema (draft 4) as text.
    pub schema: String,
    /// `application/json`.
    pub content_type: String,
}

/// What of a request is checked before the backend.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Validator {
    /// 6 lower-case letters and digits.
    pub id: String,
    /// Unique in the API.
    pub name: String,
    /// The body, against the method's model.
    pub validate_request_body: bool,
    /// Required parameters.
    pub validate_request_parameters: bool,
}

impl Authorizer {
    /// Refuses what the service refuses, in its words.
    pub fn check(&self) -> Result<(), Fault> {
        match self.kind.as_str() {
            "TOKEN" | "REQUEST" => {
                let uri = self.authorizer_uri.as_deref().unwrap_or("");
                if function_of_uri(uri).is_none() {
                    return Err(bad_request(format!(
                        "Invalid Authorizer URI: {uri}. Authorizer URI should be a valid API Gateway ARN that represents a Lambda function invocation."
                    )));
                }
            }
            "COGNITO_USER_POOLS" => {
                if self.provider_arns.is_empty() {
                    return Err(bad_request("Invalid Authorizer Provider ARN: null"));
                }
            }
            other => return Err(bad_request(format!("Invalid authorizer type: {other}"))),
        }
        if let Some(expression) = &self.identity_validation_expression
            && regex::Regex::new(expression).is_err()
        {
            return Err(bad_request("Invalid identity validation expression specified"));
        }
        if self.authorizer_result_ttl_in_seconds.is_some_and(|ttl| !(0..=3600).contains(&ttl)) {
            return Err(bad_request(
                "Invalid authorizer result TTL in seconds. It must be between 0 and 3600.",
            ));
        }
        Ok(())
    }

    /// Seconds that a decision is kept; the service's default is 300.
    pub fn ttl(&self) -> i64 {
        self.authorizer_result_ttl_in_seconds.unwrap_or(300)
    }
}

/// The function's ARN in `arn:aws:apigateway:{region}:lambda:path/2015-03-31/functions/{arn}/invocations`.
pub fn function_of_uri(uri: &str) -> Option<&str> {
    let rest = uri.strip_prefix("arn:aws:apigateway:")?;
    let (_, path) = rest.split_once(":lambda:path/")?;
    let (_, function) = path.split_once("/functions/")?;
    let arn = function.strip_suffix("/invocations")?;
    arn.starts_with("arn:aws:lambda:").then_some(arn)
}

impl Model {
    /// The schema as a validator of draft 4, with the API's other models in reach: as
    /// `#/definitions/Name`, `#/components/schemas/Name` or by the service's own address.
    ///
    /// # Errors
    /// Why the schema is none.
    pub fn compile(&self, models: &[Self]) -> Result<jsonschema::Validator, String> {
        let mut schema: Value = serde_json::from_str(&self.schema)
            .map_err(|_| "Schema must be valid JSON".to_owned())?;
        let Value::Object(root) = &mut schema else {
            return Err("Schema must be a JSON object".to_owned());
        };
        let others = models.iter().filter(|model| model.name != self.name);
        for model in others.chain([self]) {
            let Ok(other) = serde_json::from_str::<Value>(&model.schema) else { continue };
            for place in ["/definitions", "/components/schemas"] {
                let mut at = &mut *root;
                for part in place[1..].split('/') {
                    let next = at.entry(part).or_insert_with(|| json!({}));
                    match next {
                        Value::Object(next) => at = next,
                        _ => return Err(format!("{part} must be a JSON object")),
                    }
                }
                // A definition of the schema's own comes first.
                at.entry(model.name.clone()).or_insert_with(|| other.clone());
            }
        }
        point_inside(&mut schema);
        jsonschema::draft4::new(&schema).map_err(|error| error.to_string())
    }

    /// Refuses a schema that is none, in the service's words.
    pub fn check(&self, models: &[Self]) -> Result<(), Fault> {
        self.compile(models).map(|_| ()).map_err(|problem| {
            bad_request(format!(
                "Invalid model specified: Validation Result: warnings : [], errors : [{problem}]"
            ))
        })
    }
}

/// Turns references by the service's address into references inside the document.
fn point_inside(value: &mut Value) {
    match value {
        Value::Object(members) => {
            for (name, member) in members {
                match member {
                    Value::String(text) if name == "$ref" && text.starts_with(MODELS) => {
                        let model = text.rsplit('/').next().unwrap_or_default();
                        *text = format!("#/definitions/{model}");
                    }
                    member => point_inside(member),
                }
            }
        }
        Value::Array(items) => items.iter_mut().for_each(point_inside),
        _ => {}
    }
}
