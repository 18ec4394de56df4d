//! AWS Lambda: the functions of the application's stack.

use std::collections::BTreeMap;
use std::sync::Arc;

use aws_sdk_lambda::types as sdk;
use futures_util::future::try_join_all;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::cloudformation::AppStack;
use super::{text, verifiedpermissions};
use crate::account::call::Operation;
use crate::account::fact::{FactError, Known, clip};
use crate::account::reader::{Reader, known};
use crate::account::secret::Secret;

/// The functions of the application's stack.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
pub(crate) struct Functions {
    /// The functions, by logical id's alphabet.
    pub(crate) functions: Vec<Function>,
}

/// A function as deployed.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
pub(crate) struct Function {
    /// Its logical id in the stack.
    pub(crate) logical: String,
    /// Its name.
    pub(crate) name: String,
    /// Its ARN.
    pub(crate) arn: String,
    /// Its runtime: `nodejs22.x`.
    pub(super) runtime: String,
    /// Its handler: `app.lambda_handler`.
    pub(super) handler: String,
    /// ARN of its execution role.
    pub(crate) role: String,
    /// `Active`, `Pending`, `Inactive` (idle for long; wakes when called) or `Failed`.
    state: String,
    /// Why it has this state.
    state_reason: String,
    /// State of the last update: `Successful`, `InProgress`, `Failed`.
    last_update: String,
    /// Why the last update has this state.
    last_update_reason: String,
    /// It can answer calls: not failed, and its last update isn't either.
    healthy: bool,
    /// Subnets that it is attached to.
    subnets: Vec<String>,
    /// Time limit in seconds.
    timeout: i32,
    /// Names of its environment variables; values may be secrets and are not read.
    pub(super) environment: Vec<String>,
    /// Values of the variables that name a policy store, a template, a secret or a file of
    /// certificates; they are no secrets.
    pub(crate) settings: BTreeMap<String, String>,
    /// Size of the deployed package in bytes.
    code_bytes: i64,
    /// SHA-256 of the deployed package, base64: equal for functions with the same code.
    pub(crate) code_sha256: String,
    /// ARNs of its layers.
    pub(crate) layers: Vec<String>,
    /// `Active` or `PassThrough`.
    tracing: String,
    /// When its code or configuration was last changed, RFC 3339.
    pub(crate) changed: Option<String>,
}

pub(crate) async fn functions(reader: &Reader, facts: &Known) -> Result<Functions, FactError> {
    let stack: AppStack = known(facts, "app_stack")?;
    let readings = stack
        .resources
        .iter()
        .filter(|(_, resource)| resource.kind == "AWS::Lambda::Function")
        .map(|(logical, resource)| function(reader, logical, &resource.id));
    // A function that was deleted behind the stack's back is simply not there.
    let functions = try_join_all(readings).await?.into_iter().flatten().collect();
    Ok(Functions { functions })
}

/// The function of that name, with the logical id that is given; none where it isn't there.
pub(super) async fn function(
    reader: &Reader,
    logical: &str,
    name: &str,
) -> Result<Option<Function>, FactError> {
    let account = &reader.account;
    let request = account.clients().lambda.get_function().function_name(name).send();
    let answer = match account.call(Operation("lambda", "GetFunction"), request).await {
        Ok(answer) => answer,
        Err(error) if error.is(&["ResourceNotFoundException"]) => return Ok(None),
        Err(error) => return Err(error.into()),
    };
    if let Some(location) = answer.code().and_then(sdk::FunctionCodeLocation::location) {
        let location = Arc::new(Secret::new(location));
        reader.vault().packages.insert(name.to_owned(), location);
    }
    Ok(answer.configuration().map(|configuration| read(logical, configuration)))
}

fn read(logical: &str, function: &sdk::FunctionConfiguration) -> Function {
    let state = function.state().map_or("", sdk::State::as_str);
    let last_update = function.last_update_status().map_or("", sdk::LastUpdateStatus::as_str);
    let mut environment: Vec<String> = function
        .environment()
        .and_then(sdk::EnvironmentResponse::variables)
        .into_iter()
        .flat_map(|variables| variables.keys().cloned())
        .collect();
    environment.sort();
    let settings = function.environment().and_then(sdk::EnvironmentResponse::variables);
    Function {
        logical: logical.to_owned(),
        name: text(function.function_name()),
        arn: text(function.function_arn()),
        runtime: text(function.runtime().map(sdk::Runtime::as_str)),
        handler: text(function.handler()),
        role: text(function.role()),
        state: state.to_owned(),
        state_reason: clip(function.state_reason().unwrap_or_default(), 240),
        last_update: last_update.to_owned(),
        last_update_reason: clip(function.last_update_status_reason().unwrap_or_default(), 240),
        healthy: state != "Failed" && last_update != "Failed",
        subnets: function.vpc_config().map(|vpc| vpc.subnet_ids().to_vec()).unwrap_or_default(),
        timeout: function.timeout().unwrap_or_default(),
        environment,
        settings: verifiedpermissions::settings(settings.into_iter().flatten()),
        code_bytes: function.code_size(),
        code_sha256: text(function.code_sha256()),
        layers: function.layers().iter().map(|layer| text(layer.arn())).collect(),
        tracing: text(
            function
                .tracing_config()
                .and_then(sdk::TracingConfigResponse::mode)
                .map(sdk::TracingMode::as_str),
        ),
        // Lambda writes its offset without a colon: 2026-11-23T10:00:00.000+0000.
        changed: function.last_modified().map(|time| time.replace("+0000", "Z")),
    }
}

/// Whether the function exists, and whether API Gateway may invoke it by its resource policy.
/// None where there is no function of that ARN.
pub(crate) async fn invocable(reader: &Reader, arn: &str) -> Result<Option<bool>, FactError> {
    let account = &reader.account;
    let request = account.clients().lambda.get_policy().function_name(arn).send();
    match account.call(Operation("lambda", "GetPolicy"), request).await {
        Ok(answer) => Ok(Some(admits_gateway(answer.policy().unwrap_or_default()))),
        // No policy, or no function.
        Err(error) if error.is(&["ResourceNotFoundException"]) => {
            Ok(exists(reader, arn).await?.then_some(false))
        }
        Err(error) => Err(error.into()),
    }
}

/// Whether there is a function of that ARN.
pub(crate) async fn exists(reader: &Reader, arn: &str) -> Result<bool, FactError> {
    let account = &reader.account;
    let request = account.clients().lambda.get_function_configuration().function_name(arn).send();
    match account.call(Operation("lambda", "GetFunctionConfiguration"), request).await {
        Ok(_) => Ok(true),
        Err(error) if error.is(&["ResourceNotFoundException"]) => Ok(false),
        Err(error) => Err(error.into()),
    }
}

/// Whether a resource policy lets API Gateway invoke the function.
fn admits_gateway(policy: &str) -> bool {
    let policy: serde_json::Value = serde_json::from_str(policy).unwrap_or_default();
    let statements = match &policy["Statement"] {
        serde_json::Value::Array(statements) => statements.clone(),
        other => vec![other.clone()],
    };
    statements.iter().any(|statement| {
        statement["Effect"] == "Allow"
            && statement["Principal"].to_string().contains("apigateway.amazonaws.com")
    })
}

#[cfg(test)]
pub(crate) mod tests {
    use super::{BTreeMap, Function, admits_gateway};

    /// A healthy function without layers, settings or a date.
    pub(crate) fn function(name: &str) -> Function {
        let text = String::new;
        Function {
            logical: name.to_owned(),
            name: name.to_owned(),
            arn: format!("arn:aws:lambda:us-east-1:1:function:{name}"),
            runtime: text(),
            handler: text(),
            role: text(),
            state: text(),
            state_reason: text(),
            last_update: text(),
            last_update_reason: text(),
            healthy: true,
            subnets: Vec::new(),
            timeout: 3,
            environment: Vec::new(),
            settings: BTreeMap::new(),
            code_bytes: 1,
            code_sha256: text(),
            layers: Vec::new(),
            tracing: text(),
            changed: None,
        }
    }

    #[test]
    fn a_policy_admits_the_gateway_only_by_an_allow_for_it() {
        let policy = |effect: &str, service: &str| {
            format!(
                r#"{{"Statement":{{"Effect":"{effect}","Principal":{{"Service":"{service}"}},"Action":"lambda:InvokeFunction"}}}}"#
            )
        };
        assert!(admits_gateway(&policy("Allow", "apigateway.amazonaws.com")));
        assert!(!admits_gateway(&policy("Deny", "apigateway.amazonaws.com")));
        assert!(!admits_gateway(&policy("Allow", "s3.amazonaws.com")));
        assert!(!admits_gateway("no JSON"));
    }
}
