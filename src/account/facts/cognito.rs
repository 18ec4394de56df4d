//! Amazon Cognito: the user pool, its domain, resource servers and app clients.

use std::sync::Arc;

use aws_sdk_cognitoidentityprovider::types as sdk;
use futures_util::future::try_join_all;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::cloudformation::AppStack;
use super::{missing, text, time, too_many};
use crate::account::call::{CallError, Operation};
use crate::account::fact::{FactError, Known};
use crate::account::reader::{Reader, known};
use crate::account::secret::Secret;

/// A pool with more clients than this isn't read: each takes a call.
const MOST_CLIENTS: usize = 100;

/// The user pool.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
pub(crate) struct UserPool {
    /// The pool's id.
    pub(crate) id: String,
    /// Its name.
    name: String,
    /// Its ARN.
    arn: String,
    /// Prefix of its Amazon domain, or null.
    domain: Option<String>,
    /// Its custom domain, or null.
    custom_domain: Option<String>,
}

/// The user pool's domain.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
#[expect(clippy::struct_field_names, reason = "checks and pages name the field")]
pub(crate) struct Domain {
    /// The prefix, or the custom domain.
    domain: String,
    /// `ACTIVE`, `CREATING`, `UPDATING`, `DELETING`, `FAILED`.
    status: String,
    /// Whether it is a custom domain.
    custom: bool,
    /// Where tokens are issued.
    pub(crate) token_url: String,
}

/// The user pool's resource servers.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
pub(crate) struct ResourceServers {
    /// The resource servers.
    servers: Vec<ResourceServer>,
}

/// A resource server.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
pub(crate) struct ResourceServer {
    /// Its identifier, which scopes in tokens begin with.
    identifier: String,
    /// Its name; free text.
    name: String,
    /// Its scopes, without the identifier.
    scopes: Vec<String>,
}

/// The user pool's app clients.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
pub(crate) struct Clients {
    /// The clients, oldest first.
    pub(crate) clients: Vec<Client>,
}

/// An app client. Its secret is not part of the fact.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
pub(crate) struct Client {
    /// The client's id.
    pub(crate) id: String,
    /// Its name.
    pub(crate) name: String,
    /// Whether OAuth flows are switched on.
    oauth: bool,
    /// OAuth flows that it may use: `client_credentials`.
    flows: Vec<String>,
    /// Scopes that it may ask for: `WildRydes/ManagePartners`.
    pub(crate) scopes: Vec<String>,
    /// Whether it has a secret.
    pub(crate) has_secret: bool,
    /// It can get a token with its id and secret alone.
    pub(crate) machine: bool,
    /// When it was made, RFC 3339.
    pub(crate) created: Option<String>,
}

fn operation(name: &'static str) -> Operation {
    Operation("cognito-idp", name)
}

/// Id of the stack's user pool. What rests on no more than that doesn't wait for the pool itself.
fn pool(stack: &AppStack) -> Result<String, FactError> {
    Ok(stack.require("AWS::Cognito::UserPool", "CognitoUserPool")?.id.clone())
}

pub(crate) async fn user_pool(reader: &Reader, facts: &Known) -> Result<UserPool, FactError> {
    let stack: AppStack = known(facts, "app_stack")?;
    let id = &pool(&stack)?;
    let account = &reader.account;
    let request = account.clients().cognito.describe_user_pool().user_pool_id(id).send();
    let answer = account
        .call(operation("DescribeUserPool"), request)
        .await
        .map_err(|error| absent(error, id))?;
    let pool = answer.user_pool().ok_or_else(|| missing(format!("user pool {id}")))?;
    let named = |name: Option<&str>| name.filter(|name| !name.is_empty()).map(ToOwned::to_owned);
    Ok(UserPool {
        id: id.clone(),
        name: text(pool.name()),
        arn: text(pool.arn()),
        domain: named(pool.domain()),
        custom_domain: named(pool.custom_domain()),
    })
}

pub(crate) async fn domain(reader: &Reader, facts: &Known) -> Result<Domain, FactError> {
    let pool: UserPool = known(facts, "user_pool")?;
    let custom = pool.domain.is_none();
    let none = || missing(format!("domain of user pool {}", pool.id));
    let domain = pool.domain.as_ref().or(pool.custom_domain.as_ref()).ok_or_else(none)?;
    let account = &reader.account;
    let request = account.clients().cognito.describe_user_pool_domain().domain(domain).send();
    let answer = account
        .call(operation("DescribeUserPoolDomain"), request)
        .await
        .map_err(|error| absent(error, &pool.id))?;
    // An unknown domain has an empty description, not an error; a foreign one another pool's id.
    let description = answer
        .domain_description()
        .filter(|description| description.user_pool_id() == Some(&pool.id))
        .ok_or_else(none)?;
    let token_url =
        account.target().token_address(domain, account.region()).map_err(FactError::CannotLook)?;
    Ok(Domain {
        domain: domain.clone(),
        status: text(description.status().map(sdk::DomainStatusType::as_str)),
        custom,
        token_url,
    })
}

pub(crate) async fn resource_servers(
    reader: &Reader,
    facts: &Known,
) -> Result<ResourceServers, FactError> {
    let id = &pool(&known(facts, "app_stack")?)?;
    let account = &reader.account;
    let mut servers = Vec::new();
    let mut next: Option<String> = None;
    loop {
        let request = account
            .clients()
            .cognito
            .list_resource_servers()
            .user_pool_id(id)
            .max_results(50)
            .set_next_token(next);
        let page = account
            .call(operation("ListResourceServers"), request.send())
            .await
            .map_err(|error| absent(error, id))?;
        servers.extend(page.resource_servers().iter().map(|server| ResourceServer {
            identifier: text(server.identifier()),
            name: text(server.name()),
            scopes: server.scopes().iter().map(|scope| scope.scope_name().to_owned()).collect(),
        }));
        next = page.next_token().map(ToOwned::to_owned);
        if next.is_none() {
            return Ok(ResourceServers { servers });
        }
    }
}

pub(crate) async fn clients(reader: &Reader, facts: &Known) -> Result<Clients, FactError> {
    let pool = &pool(&known(facts, "app_stack")?)?;
    let account = &reader.account;
    let mut ids = Vec::new();
    let mut next: Option<String> = None;
    loop {
        let request = account
            .clients()
            .cognito
            .list_user_pool_clients()
            .user_pool_id(pool)
            .max_results(60)
            .set_next_token(next);
        let page = account
            .call(operation("ListUserPoolClients"), request.send())
            .await
            .map_err(|error| absent(error, pool))?;
        ids.extend(page.user_pool_clients().iter().map(|client| text(client.client_id())));
        next = page.next_token().map(ToOwned::to_owned);
        if ids.len() > MOST_CLIENTS {
            return Err(too_many(
                format!("User pool {pool} has more than {MOST_CLIENTS} app clients."),
                "Delete the clients that you don't need, then verify again.",
            ));
        }
        if next.is_none() {
            break;
        }
    }
    let readings = ids.iter().map(|id| client(reader, pool, id));
    let mut clients: Vec<Client> = try_join_all(readings).await?.into_iter().flatten().collect();
    clients.sort_by(|a, b| (&a.created, &a.id).cmp(&(&b.created, &b.id)));
    Ok(Clients { clients })
}

async fn client(reader: &Reader, pool: &str, id: &str) -> Result<Option<Client>, FactError> {
    let account = &reader.account;
    let request = account
        .clients()
        .cognito
        .describe_user_pool_client()
        .user_pool_id(pool)
        .client_id(id)
        .send();
    let answer = match account.call(operation("DescribeUserPoolClient"), request).await {
        Ok(answer) => answer,
        // Deleted since it was listed.
        Err(error) if error.is(&["ResourceNotFoundException"]) => return Ok(None),
        Err(error) => return Err(error.into()),
    };
    let Some(client) = answer.user_pool_client() else { return Ok(None) };
    let secret = client.client_secret().filter(|secret| !secret.is_empty());
    if let Some(secret) = secret {
        reader.vault().clients.insert(id.to_owned(), Arc::new(Secret::new(secret)));
    }
    let oauth = client.allowed_o_auth_flows_user_pool_client().unwrap_or_default();
    let flows: Vec<String> =
        client.allowed_o_auth_flows().iter().map(|flow| flow.as_str().to_owned()).collect();
    let has_secret = secret.is_some();
    Ok(Some(Client {
        id: id.to_owned(),
        name: text(client.client_name()),
        oauth,
        machine: oauth && has_secret && flows.iter().any(|flow| flow == "client_credentials"),
        flows,
        scopes: client.allowed_o_auth_scopes().to_vec(),
        has_secret,
        created: time(client.creation_date()),
    }))
}

fn absent(error: CallError, pool: &str) -> FactError {
    if error.is(&["ResourceNotFoundException"]) {
        return missing(format!("user pool {pool}"));
    }
    error.into()
}
