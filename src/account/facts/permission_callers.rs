//! Who asks the policy store, and whether its role may: the function that names the store, or the
//! authorizers of an API whose function does.

use aws_sdk_apigateway::types as gateway;
use aws_sdk_iam::types::PolicyEvaluationDecisionType;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::apigateway::{all_authorizers, function_of};
use super::lambda::Functions;
use super::simulator::{evaluate, silent};
use super::verifiedpermissions::{PolicyStore, STORE_VARIABLE};
use super::{missing, too_many};
use crate::account::call::Operation;
use crate::account::fact::{FactError, Known};
use crate::account::reader::{Reader, known};

/// What a function needs that keeps policies for what it makes.
const FUNCTION_ACTIONS: [&str; 4] = [
    "verifiedpermissions:IsAuthorized",
    "verifiedpermissions:CreatePolicy",
    "verifiedpermissions:ListPolicies",
    "verifiedpermissions:DeletePolicy",
];
/// What an authorizer of an API needs.
const AUTHORIZER_ACTIONS: [&str; 1] = ["verifiedpermissions:IsAuthorizedWithToken"];
/// APIs that are looked through for such an authorizer, those that the store was made for first.
const MOST_APIS: usize = 5;

/// Who asks the policy store.
#[derive(Debug, Default, Serialize, Deserialize, JsonSchema)]
pub(crate) struct Asker {
    /// ARN of the role of the function that asks; null where none does.
    role: Option<String>,
    /// Methods whose authorizer asks; of an API-linked store only.
    methods: Vec<Method>,
}

/// What the asking role may do.
#[derive(Debug, Default, Serialize, Deserialize, JsonSchema)]
pub(crate) struct Rights {
    /// Actions that the asking role may do on the store.
    allowed: Vec<String>,
    /// Actions that it needs and may not do.
    denied: Vec<Denied>,
}

/// A method of an API.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
pub(crate) struct Method {
    /// The API's id.
    api: String,
    /// `POST`
    verb: String,
    /// `/partners`
    path: String,
}

/// An action that a role needs and may not do.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
pub(crate) struct Denied {
    /// `verifiedpermissions:IsAuthorized`
    action: String,
    /// The role's name.
    role: String,
}

pub(crate) async fn asker(reader: &Reader, facts: &Known) -> Result<Asker, FactError> {
    let store: PolicyStore = known(facts, "policy_store")?;
    if !store.exists {
        return Err(missing(format!("policy store {}", store.id)));
    }
    if store.route == "api" {
        return Ok(authorized(reader, &store).await?.unwrap_or_default());
    }
    let Functions { functions } = known(facts, "functions")?;
    let asks = functions
        .iter()
        .find(|function| function.settings.get(STORE_VARIABLE).is_some_and(|id| *id == store.id));
    Ok(Asker { role: asks.map(|function| function.role.clone()), methods: Vec::new() })
}

pub(crate) async fn rights(reader: &Reader, facts: &Known) -> Result<Rights, FactError> {
    let store: PolicyStore = known(facts, "policy_store")?;
    let Asker { role, .. } = known(facts, "store_asker")?;
    let mut rights = Rights::default();
    let actions: &[&str] =
        if store.route == "api" { &AUTHORIZER_ACTIONS } else { &FUNCTION_ACTIONS };
    if let Some(role) = role {
        simulate(reader, &role, actions, &store.arn, &mut rights).await?;
    }
    Ok(rights)
}

async fn simulate(
    reader: &Reader,
    role: &str,
    actions: &[&str],
    store: &str,
    rights: &mut Rights,
) -> Result<(), FactError> {
    let results = evaluate(reader, role, actions, &[store]).await?;
    for action in actions {
        let mut said = results.iter().filter(|result| result.eval_action_name() == *action);
        let decision = said.next().ok_or_else(|| silent(action))?.eval_decision();
        if *decision == PolicyEvaluationDecisionType::Allowed {
            rights.allowed.push((*action).to_owned());
        } else {
            let role = role.rsplit('/').next().unwrap_or(role).to_owned();
            rights.denied.push(Denied { action: (*action).to_owned(), role });
        }
    }
    Ok(())
}

/// The role of the function that asks the store for an API, and the methods that it guards.
async fn authorized(reader: &Reader, store: &PolicyStore) -> Result<Option<Asker>, FactError> {
    let mut apis = apis(reader).await?;
    // The console names a store's schema after the API that it makes the store for.
    let made_for = |api: &gateway::RestApi| {
        store.namespaces.iter().any(|name| Some(name.as_str()) == api.name())
    };
    apis.sort_by_key(|api| !made_for(api));
    let unread = apis.len().saturating_sub(MOST_APIS);
    for api in apis.iter().take(MOST_APIS).filter_map(gateway::RestApi::id) {
        for authorizer in all_authorizers(reader, api).await? {
            let function = authorizer.authorizer_uri().and_then(function_of);
            let (Some(function), Some(id)) = (function, authorizer.id()) else { continue };
            let Some(role) = asking_role(reader, function, &store.id).await? else { continue };
            let methods = guarded(reader, api, id).await?;
            if !methods.is_empty() {
                return Ok(Some(Asker { role: Some(role), methods }));
            }
        }
    }
    // Whose store it is, the schema's name says. Without that, any API may be the one.
    if unread > 0 && !apis.iter().any(made_for) {
        return Err(too_many(
            format!(
                "None of {MOST_APIS} APIs asks policy store {}; {unread} more weren't looked at.",
                store.id
            ),
            "Work in a region with fewer APIs, or name the store's schema after the API.",
        ));
    }
    Ok(None)
}

async fn apis(reader: &Reader) -> Result<Vec<gateway::RestApi>, FactError> {
    let account = &reader.account;
    let mut found = Vec::new();
    let mut position: Option<String> = None;
    loop {
        let request =
            account.clients().apigateway.get_rest_apis().limit(500).set_position(position);
        let page = account.call(Operation("apigateway", "GetRestApis"), request.send()).await?;
        found.extend_from_slice(page.items());
        position = page.position().map(ToOwned::to_owned);
        if position.is_none() {
            return Ok(found);
        }
    }
}

/// The role of a function, when a variable of its environment names the store.
async fn asking_role(
    reader: &Reader,
    function: &str,
    store: &str,
) -> Result<Option<String>, FactError> {
    let account = &reader.account;
    let request =
        account.clients().lambda.get_function_configuration().function_name(function).send();
    let operation = Operation("lambda", "GetFunctionConfiguration");
    let answer = match account.call(operation, request).await {
        Ok(answer) => answer,
        Err(error) if error.is(&["ResourceNotFoundException"]) => return Ok(None),
        Err(error) => return Err(error.into()),
    };
    let variables = answer.environment().and_then(|environment| environment.variables());
    let names_it = variables.is_some_and(|all| all.values().any(|value| value == store));
    Ok(answer.role().filter(|_| names_it).map(ToOwned::to_owned))
}

async fn guarded(reader: &Reader, api: &str, authorizer: &str) -> Result<Vec<Method>, FactError> {
    let account = &reader.account;
    let client = &account.clients().apigateway;
    let mut methods = Vec::new();
    let mut position: Option<String> = None;
    loop {
        let request = client.get_resources().rest_api_id(api).limit(500).embed("methods");
        let request = request.set_position(position).send();
        let page = account.call(Operation("apigateway", "GetResources"), request).await?;
        for resource in page.items() {
            for (verb, method) in resource.resource_methods().into_iter().flatten() {
                let uses = method.authorization_type() != Some("NONE")
                    && method.authorizer_id() == Some(authorizer);
                if uses {
                    let path = resource.path().unwrap_or_default().to_owned();
                    methods.push(Method { api: api.to_owned(), verb: verb.clone(), path });
                }
            }
        }
        position = page.position().map(ToOwned::to_owned);
        if position.is_none() {
            break;
        }
    }
    methods.sort_by(|a, b| (&a.path, &a.verb).cmp(&(&b.path, &b.verb)));
    Ok(methods)
}
