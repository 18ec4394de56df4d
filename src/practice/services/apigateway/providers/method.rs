//! Methods, with their integrations.

use serde_json::{Map, Value, json};

use super::super::methods;
use super::super::model::{Api, Integration, IntegrationResponse, Method};
use super::{Part, flag, list, number, owned, required, text};
use crate::practice::random;
use crate::practice::resource::{Desired, Resource};
use crate::practice::wire::Fault;

/// `AWS::ApiGateway::Method`.
#[derive(Debug)]
pub(super) struct Methods;

/// CloudFormation writes members in Pascal case where the service writes camel case.
pub(super) fn camel(value: &Value) -> Value {
    match value {
        Value::Object(map) => map
            .iter()
            .map(|(name, value)| {
                let mut letters = name.chars();
                let first = letters.next().map(|c| c.to_ascii_lowercase());
                let name: String = first.into_iter().chain(letters).collect();
                // Names inside of these are data.
                let inner = if name.ends_with("Parameters")
                    || name.ends_with("Templates")
                    || name.ends_with("Models")
                {
                    value.clone()
                } else {
                    camel(value)
                };
                (name, inner)
            })
            .collect::<Map<_, _>>()
            .into(),
        Value::Array(list) => list.iter().map(camel).collect(),
        other => other.clone(),
    }
}

fn method_of(properties: &Value) -> Result<Method, Fault> {
    let mut integration = None;
    if let Some(value) = properties.get("Integration") {
        let mut view = camel(value);
        let responses = view.as_object_mut().and_then(|m| m.shift_remove("integrationResponses"));
        if let Some(members) = view.as_object_mut() {
            let verb = members.shift_remove("integrationHttpMethod");
            members.insert("httpMethod".to_owned(), verb.unwrap_or(Value::Null));
            if let Some(timeout) = number(value, "TimeoutInMillis") {
                members.insert("timeoutInMillis".to_owned(), timeout.into());
            }
        }
        let mut read: Integration = list(&json!({"Integration": view}), "Integration")?;
        for mut response in
            responses.as_ref().and_then(Value::as_array).cloned().unwrap_or_default()
        {
            status_as_text(&mut response);
            let response: IntegrationResponse =
                list(&json!({"IntegrationResponses": response}), "IntegrationResponses")?;
            read.integration_responses.insert(response.status_code.clone(), response);
        }
        integration = Some(methods::finish(read)?);
    }
    let mut method = Method {
        http_method: required(properties, "HttpMethod")?.to_owned(),
        authorization_type: owned(properties, "AuthorizationType")
            .unwrap_or_else(|| "NONE".to_owned()),
        authorizer_id: owned(properties, "AuthorizerId"),
        authorization_scopes: list(properties, "AuthorizationScopes")?,
        api_key_required: flag(properties, "ApiKeyRequired"),
        request_validator_id: owned(properties, "RequestValidatorId"),
        operation_name: owned(properties, "OperationName"),
        request_parameters: list(properties, "RequestParameters")?,
        request_models: list(properties, "RequestModels")?,
        method_integration: integration,
        ..Method::default()
    };
    let responses = properties.get("MethodResponses").and_then(Value::as_array);
    for response in responses.into_iter().flatten() {
        let mut view = camel(response);
        status_as_text(&mut view);
        let status = view["statusCode"].as_str().unwrap_or("200").to_owned();
        method.method_responses.insert(status, view);
    }
    Ok(method)
}

fn status_as_text(response: &mut Value) {
    if let Some(status) = response.get("statusCode").and_then(Value::as_i64) {
        response["statusCode"] = status.to_string().into();
    }
}

impl Part for Methods {
    const KIND: &'static str = "AWS::ApiGateway::Method";
    const FIXED: &'static [&'static str] = &["ResourceId", "HttpMethod"];

    fn add(api: &mut Api, desired: &Desired<'_>) -> Result<(String, Map<String, Value>), Fault> {
        let resource = required(desired.properties, "ResourceId")?;
        methods::put_method(api, resource, method_of(desired.properties)?)?;
        let id = format!("{}-{}", desired.logical.unwrap_or("Method"), random::upper(12));
        Ok((id, Map::new()))
    }

    fn change(api: &mut Api, _: &Resource, properties: &Value) -> Result<(), Fault> {
        let method = method_of(properties)?;
        method.check_authorizer(&api.authorizers)?;
        methods::check_references(api, &method)?;
        let resource = api.resource_mut(required(properties, "ResourceId")?)?;
        resource.methods.insert(method.http_method.clone(), method);
        Ok(())
    }

    fn remove(api: &mut Api, old: &Resource) -> Result<(), Fault> {
        if let Ok(resource) = api.resource_mut(text(&old.properties, "ResourceId")) {
            resource.methods.remove(text(&old.properties, "HttpMethod"));
        }
        Ok(())
    }
}
