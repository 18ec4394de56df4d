//! People who sign in to an API whose policy store has a user pool as identity source.

use aws_sdk_cognitoidentityprovider::types as sdk;
use futures_util::future::try_join_all;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::verifiedpermissions::PolicyStore;
use super::{missing, text};
use crate::account::call::{CallError, Operation};
use crate::account::fact::{FactError, Known};
use crate::account::reader::{Reader, known};

/// Users that are read, each with a call for its groups.
const MOST_USERS: i32 = 10;
/// Clients that are read.
const MOST_CLIENTS: usize = 5;

/// Users and clients of the identity source's user pool; empty for a store that a function asks.
#[derive(Debug, Default, Serialize, Deserialize, JsonSchema)]
pub(crate) struct StoreUsers {
    /// The users, at most 10.
    users: Vec<User>,
    /// The clients that the identity source names, at most 5.
    clients: Vec<SignIn>,
}

/// A user.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
pub(crate) struct User {
    /// The user's name.
    name: String,
    /// `CONFIRMED`; `FORCE_CHANGE_PASSWORD`: gets no token yet.
    status: String,
    /// Names of the user's groups.
    groups: Vec<String>,
}

/// An app client that people sign in with.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
pub(crate) struct SignIn {
    /// The client's id.
    id: String,
    /// It takes a name and a password (`ALLOW_USER_PASSWORD_AUTH`), without a secret.
    password: bool,
}

fn operation(name: &'static str) -> Operation {
    Operation("cognito-idp", name)
}

pub(crate) async fn users(reader: &Reader, facts: &Known) -> Result<StoreUsers, FactError> {
    let store: PolicyStore = known(facts, "policy_store")?;
    let Some(identity) = store.identity.filter(|_| store.route == "api") else {
        return Ok(StoreUsers::default());
    };
    let (_, pool) = identity
        .user_pool
        .rsplit_once("userpool/")
        .ok_or_else(|| missing(format!("user pool of policy store {}", store.id)))?;
    let account = &reader.account;
    let request =
        account.clients().cognito.list_users().user_pool_id(pool).limit(MOST_USERS).send();
    let answer =
        account.call(operation("ListUsers"), request).await.map_err(|error| absent(error, pool))?;
    let users = try_join_all(answer.users().iter().map(|user| one(reader, pool, user)));
    let clients = identity.clients.iter().take(MOST_CLIENTS);
    let clients = try_join_all(clients.map(|id| client(reader, pool, id)));
    let (users, clients) = tokio::try_join!(users, clients)?;
    Ok(StoreUsers { users, clients: clients.into_iter().flatten().collect() })
}

async fn one(reader: &Reader, pool: &str, user: &sdk::UserType) -> Result<User, FactError> {
    let name = text(user.username());
    let account = &reader.account;
    let request = account
        .clients()
        .cognito
        .admin_list_groups_for_user()
        .user_pool_id(pool)
        .username(&name)
        .send();
    let groups = match account.call(operation("AdminListGroupsForUser"), request).await {
        Ok(answer) => answer.groups().iter().map(|group| text(group.group_name())).collect(),
        // Deleted since it was listed.
        Err(error) if error.is(&["UserNotFoundException"]) => Vec::new(),
        Err(error) => return Err(error.into()),
    };
    let status = text(user.user_status().map(sdk::UserStatusType::as_str));
    Ok(User { name, status, groups })
}

async fn client(reader: &Reader, pool: &str, id: &str) -> Result<Option<SignIn>, FactError> {
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
        Err(error) if error.is(&["ResourceNotFoundException"]) => return Ok(None),
        Err(error) => return Err(error.into()),
    };
    let Some(client) = answer.user_pool_client() else { return Ok(None) };
    let secret = client.client_secret().is_some_and(|secret| !secret.is_empty());
    let password =
        client.explicit_auth_flows().contains(&sdk::ExplicitAuthFlowsType::AllowUserPasswordAuth);
    Ok(Some(SignIn { id: id.to_owned(), password: password && !secret }))
}

fn absent(error: CallError, pool: &str) -> FactError {
    if error.is(&["ResourceNotFoundException"]) {
        return missing(format!("user pool {pool}"));
    }
    error.into()
}
