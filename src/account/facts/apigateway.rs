//! Amazon API Gateway: the API as drafted, its stage, the API as deployed, its authorizers.

use std::collections::{BTreeMap, BTreeSet};

use aws_sdk_apigateway::types as sdk;
use futures_util::future::try_join_all;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::cloudformation::AppStack;
use super::lambda::{self, Functions};
use super::{missing, text, time};
use crate::account::call::Operation;
use crate::account::fact::{CannotLook, FactError, Known, Reason};
use crate::account::reader::{Reader, known};

/// The API as drafted.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
pub(crate) struct Api {
    /// The API's id.
    pub(crate) id: String,
    /// Where its stage answers, with a slash at the end.
    url: String,
    /// Its methods, by path and verb.
    methods: Vec<Method>,
}

/// A drafted method.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
pub(crate) struct Method {
    /// `GET`; OPTIONS are the CORS mocks that stay open.
    verb: String,
    /// `/customizations/{id}`
    path: String,
    /// `NONE`, `CUSTOM`, `COGNITO_USER_POOLS`, `AWS_IAM`, `JWT`.
    authorization: String,
    /// Id of the authorizer, or null.
    authorizer: Option<String>,
    /// Scopes that the method asks an access token for.
    scopes: Vec<String>,
    /// Whether it asks for an API key.
    api_key_required: bool,
    /// Id of the request validator, or null.
    validator: Option<String>,
    /// Content types whose bodies the method has a model for; `$default` stands for all others.
    body_models: Vec<String>,
}

/// The API's stage.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
pub(crate) struct Stage {
    /// The API's id.
    pub(in crate::account) api: String,
    /// The stage's name.
    pub(in crate::account) name: String,
    /// Id of the deployment that it points at.
    deployment: String,
    /// When the stage was last changed, RFC 3339.
    pub(in crate::account) changed: Option<String>,
    /// Whether requests are traced.
    pub(in crate::account) tracing: bool,
    /// ARN of its web ACL, or null.
    pub(super) web_acl: Option<String>,
}

/// The deployment on the API's stage, as far as API Gateway tells.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
pub(crate) struct Deployment {
    /// Its id.
    id: String,
    /// When it was made, RFC 3339.
    created: Option<String>,
    /// Its methods, by path and verb.
    methods: Vec<SummedMethod>,
}

impl Deployment {
    /// Whether a deployed method asks for an API key.
    pub(crate) fn asks_for_a_key(&self, verb: &str, path: &str) -> bool {
        self.methods.iter().any(|m| m.verb == verb && m.path == path && m.api_key_required)
    }
}

/// A method of a deployment's summary.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
pub(crate) struct SummedMethod {
    /// `GET`; OPTIONS are the CORS mocks that stay open.
    verb: String,
    /// `/customizations/{id}`
    path: String,
    /// `NONE`, `CUSTOM`, `COGNITO_USER_POOLS`, `AWS_IAM`, `JWT`; null where the summary has none.
    authorization: Option<String>,
    /// Whether it asks for an API key.
    api_key_required: bool,
}

/// The API as deployed to its stage.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
pub(crate) struct DeployedApi {
    /// Id of the deployment.
    deployment: String,
    /// When it was made, RFC 3339.
    created: Option<String>,
    /// Its methods, by path and verb.
    methods: Vec<DeployedMethod>,
}

/// A deployed method.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
pub(crate) struct DeployedMethod {
    /// `GET`; OPTIONS are the CORS mocks that stay open.
    verb: String,
    /// `/customizations/{id}`
    path: String,
    /// `NONE`, `CUSTOM`, `COGNITO_USER_POOLS`, `AWS_IAM`, `JWT`.
    authorization: String,
}

/// The API's authorizers.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
pub(crate) struct Authorizers {
    /// The authorizers, in the API's order.
    authorizers: Vec<Authorizer>,
}

/// An authorizer.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
pub(crate) struct Authorizer {
    /// Its id, as methods name it.
    id: String,
    /// Its name.
    name: String,
    /// `TOKEN` or `REQUEST` (a function decides), `COGNITO_USER_POOLS`, `JWT`.
    #[serde(rename = "type")]
    kind: String,
    /// ARN of the function that decides, or null.
    function: Option<String>,
    /// Whether that function exists; true where no function is needed.
    function_exists: bool,
    /// Whether API Gateway may invoke it: by a role, or by the function's own policy; true where no
    /// function is needed.
    invocable: bool,
    /// ARN of the role that API Gateway invokes the function with, or null.
    role: Option<String>,
    /// Seconds that an answer is kept for the same token; 0 keeps none.
    ttl: i32,
    /// Where the token is: `method.request.header.Authorization`.
    identity_source: String,
    /// ARNs of the user pools of a Cognito authorizer.
    user_pools: Vec<String>,
}

/// The API's id in the stack.
fn api_id(stack: &AppStack) -> Result<&str, FactError> {
    stack.require("AWS::ApiGateway::RestApi", "UnicornApi").map(|resource| resource.id.as_str())
}

pub(crate) async fn api(reader: &Reader, facts: &Known) -> Result<Api, FactError> {
    let stack: AppStack = known(facts, "app_stack")?;
    let id = api_id(&stack)?;
    let account = &reader.account;
    let url = account.target().api_address(id, account.region()).map_err(FactError::CannotLook)?;
    let mut methods = Vec::new();
    let mut position: Option<String> = None;
    loop {
        // 500 is the most that a page may hold; `methods` spares a call for each method.
        let request = account
            .clients()
            .apigateway
            .get_resources()
            .rest_api_id(id)
            .embed("methods")
            .limit(500)
            .set_position(position);
        let page = account
            .call(Operation("apigateway", "GetResources"), request.send())
            .await
            .map_err(|error| absent(error, &format!("API {id}")))?;
        methods.extend(page.items().iter().flat_map(drafted));
        position = page.position().map(ToOwned::to_owned);
        if position.is_none() {
            break;
        }
    }
    methods.sort_by(|a, b| (&a.path, &a.verb).cmp(&(&b.path, &b.verb)));
    Ok(Api { id: id.to_owned(), url, methods })
}

fn drafted(resource: &sdk::Resource) -> Vec<Method> {
    let methods = resource.resource_methods().into_iter().flatten();
    methods
        .map(|(verb, method)| Method {
            verb: verb.clone(),
            path: text(resource.path()),
            authorization: authorization(method.authorization_type()),
            authorizer: method.authorizer_id().map(ToOwned::to_owned),
            scopes: method.authorization_scopes().to_vec(),
            api_key_required: method.api_key_required().unwrap_or_default(),
            validator: method
                .request_validator_id()
                .filter(|id| !id.is_empty())
                .map(ToOwned::to_owned),
            body_models: method
                .request_models()
                .into_iter()
                .flatten()
                .filter(|(_, model)| !matches!(model.as_str(), "Empty" | "Error"))
                .map(|(kind, _)| kind.clone())
                .collect::<BTreeSet<_>>()
                .into_iter()
                .collect(),
        })
        .collect()
}

/// No type at all means open.
fn authorization(kind: Option<&str>) -> String {
    kind.filter(|kind| !kind.is_empty()).unwrap_or("NONE").to_owned()
}

pub(crate) async fn stage(reader: &Reader, facts: &Known) -> Result<Stage, FactError> {
    let stack: AppStack = known(facts, "app_stack")?;
    let id = api_id(&stack)?;
    let account = &reader.account;
    let name = &account.target().names.stage;
    let request = account.clients().apigateway.get_stage().rest_api_id(id).stage_name(name).send();
    let stage = account
        .call(Operation("apigateway", "GetStage"), request)
        .await
        .map_err(|error| absent(error, &format!("stage {name} of API {id}")))?;
    Ok(Stage {
        api: id.to_owned(),
        name: name.clone(),
        deployment: text(stage.deployment_id()),
        changed: time(stage.last_updated_date()),
        tracing: stage.tracing_enabled(),
        web_acl: stage.web_acl_arn().filter(|arn| !arn.is_empty()).map(ToOwned::to_owned),
    })
}

pub(crate) async fn deployment(reader: &Reader, facts: &Known) -> Result<Deployment, FactError> {
    let stage: Stage = known(facts, "stage")?;
    let account = &reader.account;
    let request = account
        .clients()
        .apigateway
        .get_deployment()
        .rest_api_id(&stage.api)
        .deployment_id(&stage.deployment)
        .embed("apisummary")
        .send();
    let deployment = account
        .call(Operation("apigateway", "GetDeployment"), request)
        .await
        .map_err(|error| absent(error, &format!("deployment on stage {}", stage.name)))?;
    let sorted: BTreeMap<_, BTreeMap<_, _>> = deployment
        .api_summary()
        .into_iter()
        .flatten()
        .map(|(path, methods)| (path, methods.iter().collect()))
        .collect();
    let mut methods = Vec::new();
    for (path, summary) in sorted {
        for (verb, method) in summary {
            let authorization = method.authorization_type().filter(|kind| !kind.is_empty());
            methods.push(SummedMethod {
                verb: verb.clone(),
                path: path.clone(),
                authorization: authorization.map(ToOwned::to_owned),
                api_key_required: method.api_key_required(),
            });
        }
    }
    let created = time(deployment.created_date());
    Ok(Deployment { id: stage.deployment, created, methods })
}

pub(crate) async fn api_deployed(_: &Reader, facts: &Known) -> Result<DeployedApi, FactError> {
    let Deployment { id, created, methods } = known(facts, "deployment")?;
    let methods = methods.into_iter().map(|method| {
        let SummedMethod { verb, path, authorization, .. } = method;
        // API Gateway always names it. Without it, nobody knows whether the method is open.
        let authorization = authorization.ok_or_else(|| unsaid(&verb, &path))?;
        Ok(DeployedMethod { verb, path, authorization })
    });
    Ok(DeployedApi { deployment: id, created, methods: methods.collect::<Result<_, FactError>>()? })
}

pub(crate) async fn authorizers(reader: &Reader, facts: &Known) -> Result<Authorizers, FactError> {
    let stack: AppStack = known(facts, "app_stack")?;
    let functions: Functions = known(facts, "functions")?;
    let id = api_id(&stack)?;
    let found = all_authorizers(reader, id).await?;
    let readings = found.iter().map(|authorizer| read(reader, &functions, authorizer));
    Ok(Authorizers { authorizers: try_join_all(readings).await? })
}

/// The authorizers of an API, in its order.
pub(super) async fn all_authorizers(
    reader: &Reader,
    api: &str,
) -> Result<Vec<sdk::Authorizer>, FactError> {
    let account = &reader.account;
    let mut found = Vec::new();
    let mut position: Option<String> = None;
    loop {
        let request = account.clients().apigateway.get_authorizers().rest_api_id(api).limit(500);
        let page = account
            .call(Operation("apigateway", "GetAuthorizers"), request.set_position(position).send())
            .await
            .map_err(|error| absent(error, &format!("API {api}")))?;
        found.extend_from_slice(page.items());
        position = page.position().map(ToOwned::to_owned);
        if position.is_none() {
            return Ok(found);
        }
    }
}

async fn read(
    reader: &Reader,
    functions: &Functions,
    authorizer: &sdk::Authorizer,
) -> Result<Authorizer, FactError> {
    let function = authorizer.authorizer_uri().and_then(function_of).map(ToOwned::to_owned);
    let role = authorizer.authorizer_credentials().filter(|role| !role.is_empty());
    let kind = text(authorizer.r#type().map(sdk::AuthorizerType::as_str));
    let (function_exists, invocable) = match &function {
        Some(arn) if role.is_some() => {
            let in_stack = functions.functions.iter().any(|function| is_of(arn, &function.arn));
            (in_stack || lambda::exists(reader, arn).await?, true)
        }
        Some(arn) => {
            let admitted = lambda::invocable(reader, arn).await?;
            (admitted.is_some(), admitted.unwrap_or_default())
        }
        None => {
            let needs_none = !matches!(kind.as_str(), "TOKEN" | "REQUEST");
            (needs_none, needs_none)
        }
    };
    Ok(Authorizer {
        id: text(authorizer.id()),
        name: text(authorizer.name()),
        kind,
        function,
        function_exists,
        invocable,
        role: role.map(ToOwned::to_owned),
        // API Gateway's own default.
        ttl: authorizer.authorizer_result_ttl_in_seconds().unwrap_or(300),
        identity_source: text(authorizer.identity_source()),
        user_pools: authorizer.provider_arns().to_vec(),
    })
}

/// The function's ARN in
/// `arn:aws:apigateway:R:lambda:path/2015-03-31/functions/ARN/invocations`.
pub(super) fn function_of(uri: &str) -> Option<&str> {
    let (_, rest) = uri.split_once("/functions/")?;
    rest.strip_suffix("/invocations").filter(|arn| !arn.is_empty())
}

/// Whether an ARN names the function, with or without a version or alias.
fn is_of(arn: &str, function: &str) -> bool {
    arn.strip_prefix(function).is_some_and(|rest| rest.is_empty() || rest.starts_with(':'))
}

fn unsaid(verb: &str, path: &str) -> FactError {
    FactError::CannotLook(CannotLook {
        reason: Reason::Service,
        message: format!("API Gateway doesn't say how {verb} {path} is authorized as deployed."),
        remedy: "Look at the stage in the API Gateway console.".to_owned(),
    })
}

pub(super) fn absent(error: crate::account::call::CallError, what: &str) -> FactError {
    if error.is(&["NotFoundException"]) { missing(what) } else { error.into() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_function_of_an_authorizer_is_read_from_its_uri() {
        let arn = "arn:aws:lambda:us-east-1:000000000000:function:auth";
        let uri = format!(
            "arn:aws:apigateway:us-east-1:lambda:path/2015-03-31/functions/{arn}/invocations"
        );
        assert_eq!(function_of(&uri), Some(arn));
        assert_eq!(
            function_of("arn:aws:apigateway:us-east-1:lambda:path/functions//invocations"),
            None
        );
        assert!(is_of(&format!("{arn}:live"), arn) && is_of(arn, arn));
        assert!(!is_of(&format!("{arn}2"), arn));
    }
}
