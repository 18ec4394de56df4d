//! People who sign in to an API whose policy store has a user pool as identity source.

use aws_sdk_cognitoidentityprovider::types as sdk;
use futures_util::future::try_join_all;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::verifiedpermissions::PolicyStore;
use super::{missing, text, too_many};
use crate::account::call::{CallError, Operation};
use crate::account::fact::{FactError, Known};
use crate::account::reader::{Reader, known};

/// Users whose groups are asked for, each with a call: those who can get a token first.
const MOST_USERS: usize = 10;
/// A pool with more users isn't read.
const MOST_LISTED: usize = 1000;
/// Clients that are read, each with a call.
const MOST_CLIENTS: usize = 20;

/// Users and clients of the identity source's user pool; empty for a store that a function asks.
#[derive(Debug, Default, Serialize, Deserialize, JsonSchema)]
pub(crate) struct StoreUsers {
    /// The users, those who can get a token first; at most 10.
    users: Vec<User>,
    /// The clients that the identity source names, at most 20.
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
    let mut listed = listed(reader, pool).await?;
    let confirmed =
        |user: &sdk::UserType| user.user_status() == Some(&sdk::UserStatusType::Confirmed);
    listed.sort_by_key(|user| !confirmed(user));
    let unread = listed.iter().skip(MOST_USERS).any(confirmed);
    let users = try_join_all(listed.iter().take(MOST_USERS).map(|user| one(reader, pool, user)));
    let named = identity.clients.len();
    let clients = identity.clients.iter().take(MOST_CLIENTS);
    let clients = try_join_all(clients.map(|id| client(reader, pool, id)));
    let (users, clients) = tokio::try_join!(users, clients)?;
    let clients: Vec<SignIn> = clients.into_iter().flatten().collect();
    if unread && users.iter().all(|user| user.groups.is_empty()) {
        return Err(too_many(
            format!(
                "User pool {pool} has more than {MOST_USERS} users; those looked at are in no group."
            ),
            "Delete the users that you don't need, then verify again.",
        ));
    }
    if named > MOST_CLIENTS && !clients.iter().any(|client| client.password) {
        return Err(too_many(
            format!("The identity source names more than {MOST_CLIENTS} app clients."),
            "Name only the clients that people sign in with, then verify again.",
        ));
    }
    Ok(StoreUsers { users, clients })
}

async fn listed(reader: &Reader, pool: &str) -> Result<Vec<sdk::UserType>, FactError> {
    let account = &reader.account;
    let mut found = Vec::new();
    let mut token: Option<String> = None;
    loop {
        let request = account.clients().cognito.list_users().user_pool_id(pool).limit(60);
        let request = request.set_pagination_token(token).send();
        let page = account
            .call(operation("ListUsers"), request)
            .await
            .map_err(|error| absent(error, pool))?;
        found.extend_from_slice(page.users());
        token = page.pagination_token().map(ToOwned::to_owned);
        if token.is_none() {
            return Ok(found);
        }
        if found.len() > MOST_LISTED {
            return Err(too_many(
                format!("User pool {pool} has more than {MOST_LISTED} users."),
                "Delete the users that you don't need, then verify again.",
            ));
        }
    }
}

async fn one(reader: &Reader, pool: &str, user: &sdk::UserType) -> Result<User, FactError> {
    let name = text(user.username());
    let account = &reader.account;
    let mut groups = Vec::new();
    let mut next: Option<String> = None;
    loop {
        let request = account
            .clients()
            .cognito
            .admin_list_groups_for_user()
            .user_pool_id(pool)
            .username(&name)
            .set_next_token(next);
        let page = match account.call(operation("AdminListGroupsForUser"), request.send()).await {
            Ok(page) => page,
            // Deleted since it was listed.
            Err(error) if error.is(&["UserNotFoundException"]) => break,
            Err(error) => return Err(error.into()),
        };
        groups.extend(page.groups().iter().map(|group| text(group.group_name())));
        next = page.next_token().map(ToOwned::to_owned);
        if next.is_none() {
            break;
        }
    }
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
