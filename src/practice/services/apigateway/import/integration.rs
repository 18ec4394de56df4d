//! The extensions for authorizers and integrations.

use serde_json::Value;

use super::super::model::{Authorizer, Integration, IntegrationResponse, function_of_uri};
use super::{text, texts};
use crate::practice::properties::number;

/// Reads `x-amazon-apigateway-authorizer`.
pub(super) fn authorizer(name: &str, scheme: &Value, extension: &Value) -> Authorizer {
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
        authorizer_result_ttl_in_seconds: number(extension, "authorizerResultTtlInSeconds"),
    }
}

/// Reads `x-amazon-apigateway-integration`; the error is the service's reason.
pub(super) fn integration(extension: &Value) -> Result<Integration, String> {
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
        timeout_in_millis: number(extension, "timeoutInMillis").or(Some(29_000)),
        request_parameters: texts(extension, "requestParameters"),
        request_templates: texts(extension, "requestTemplates"),
        integration_responses,
        kind,
    })
}

/// Refuses an integration that the service refuses, with its reason.
pub(in super::super) fn check_integration(kind: &str, uri: Option<&str>) -> Result<(), String> {
    match (kind, uri) {
        ("MOCK", _) => Ok(()),
        ("AWS_PROXY" | "AWS", Some(uri)) if uri.starts_with("arn:aws:apigateway:") => {
            if uri.contains(":lambda:path/") && function_of_uri(uri).is_none() {
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
