//! Who could call and who was allowed what: user pools with their domains, policy stores.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::stacks::{CourseStacks, POLICY_STORE, USER_POOL};
use crate::account::call::Operation;
use crate::account::fact::{FactError, Known};
use crate::account::facts::{text, verifiedpermissions};
use crate::account::reader::{Reader, known};

/// User pools of the course.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
pub(crate) struct LeftPools {
    /// Pools that its stack made, and pools named like that one.
    pools: Vec<LeftPool>,
}

/// A user pool.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
pub(crate) struct LeftPool {
    /// Its id.
    id: String,
    /// Its name.
    name: String,
    /// Its domain, which must go first; null where it has none.
    domain: Option<String>,
}

/// Policy stores of the course.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
pub(crate) struct LeftStores {
    /// Stores that its stack made, stores with its schema, and stores made for its API.
    stores: Vec<LeftStore>,
}

/// A policy store.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
pub(crate) struct LeftStore {
    /// Its id.
    id: String,
    /// It is protected against deletion, which must be switched off first.
    protected: bool,
}

pub(crate) async fn user_pools(reader: &Reader, facts: &Known) -> Result<LeftPools, FactError> {
    let stacks: CourseStacks = known(facts, "course_stacks")?;
    let made = stacks.made(USER_POOL);
    let named = stacks.name("app").map(|app| format!("{app}-users"));
    let account = &reader.account;
    let mut ids = Vec::new();
    let mut next: Option<String> = None;
    loop {
        let request = account.clients().cognito.list_user_pools().max_results(60);
        let request = request.set_next_token(next).send();
        let page = account.call(Operation("cognito-idp", "ListUserPools"), request).await?;
        let ours = page.user_pools().iter().filter(|pool| {
            pool.id().is_some_and(|id| made.contains(&id)) || pool.name() == named.as_deref()
        });
        ids.extend(ours.map(|pool| text(pool.id())));
        next = page.next_token().map(ToOwned::to_owned);
        if next.is_none() {
            break;
        }
    }
    let mut pools = Vec::new();
    for id in ids {
        pools.extend(pool(reader, &id).await?);
    }
    Ok(LeftPools { pools })
}

/// The pool; none where it was deleted since it was listed.
async fn pool(reader: &Reader, id: &str) -> Result<Option<LeftPool>, FactError> {
    let account = &reader.account;
    let request = account.clients().cognito.describe_user_pool().user_pool_id(id).send();
    let answer = match account.call(Operation("cognito-idp", "DescribeUserPool"), request).await {
        Ok(answer) => answer,
        Err(error) if error.is(&["ResourceNotFoundException"]) => return Ok(None),
        Err(error) => return Err(error.into()),
    };
    let Some(pool) = answer.user_pool() else { return Ok(None) };
    let domains = [pool.domain(), pool.custom_domain()].into_iter().flatten();
    Ok(Some(LeftPool {
        id: id.to_owned(),
        name: text(pool.name()),
        domain: domains.filter(|name| !name.is_empty()).map(ToOwned::to_owned).next(),
    }))
}

pub(crate) async fn policy_stores(reader: &Reader, facts: &Known) -> Result<LeftStores, FactError> {
    let stacks: CourseStacks = known(facts, "course_stacks")?;
    let made = stacks.made(POLICY_STORE);
    // The console names a store's schema after the API that it makes the store for.
    let namespaces = [Some(verifiedpermissions::NAMESPACE), stacks.name("app")];
    let mut stores = Vec::new();
    for listed in verifiedpermissions::listed(reader).await? {
        // Each takes two calls: one that is older than the course is none of its stores.
        if !stacks.may_have_made(listed.created_date()) {
            continue;
        }
        let id = listed.policy_store_id();
        let Some(store) = verifiedpermissions::one(reader, id).await? else { continue };
        let speaks = store.namespaces.iter().any(|name| namespaces.contains(&Some(name.as_str())));
        if speaks || made.contains(&id) {
            stores.push(LeftStore { id: id.to_owned(), protected: store.protected });
        }
    }
    Ok(LeftStores { stores })
}
