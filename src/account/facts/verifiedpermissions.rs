//! Amazon Verified Permissions: the policy store that the application asks, what it holds, and
//! what it decides.

mod decisions;
mod policies;

use std::collections::BTreeMap;

use aws_sdk_verifiedpermissions::types as sdk;
use jiff::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::cloudformation::AppStack;
use super::lambda::Functions;
use super::secrets::SECRET_VARIABLE;
use super::{missing, text, time, tls, too_many};
use crate::account::call::{CallError, Operation};
use crate::account::fact::{FactError, Known};
use crate::account::reader::{Reader, known};

pub(crate) use decisions::{Decisions, decisions};
pub(crate) use policies::{Policies, Policy, policies};

/// The function that reads and cancels customizations.
const FUNCTION: &str = "CustomizeUnicornFunction";
/// The variable that names the store.
pub(crate) const STORE_VARIABLE: &str = "AVP_POLICY_STORE_ID";
/// The variable that names the template.
const TEMPLATE_VARIABLE: &str = "AVP_POLICY_TEMPLATE_ID";
/// The namespace of the course's schema.
pub(super) const NAMESPACE: &str = "WildRydes";
/// Stores that are looked into where the function names none.
const MOST_STORES: usize = 5;

/// The policy store.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
pub(crate) struct PolicyStore {
    /// Its id.
    pub(crate) id: String,
    /// Its ARN.
    pub(crate) arn: String,
    /// Whether the store exists. False where the function names one that is gone.
    pub(crate) exists: bool,
    /// Whether the function that reads customizations names it in its environment.
    named_by_function: bool,
    /// How the application uses it: `function` (the function asks), `api` (an identity source; an
    /// authorizer asks).
    pub(crate) route: String,
    /// `STRICT` (policies must fit the schema) or `OFF`.
    mode: String,
    /// Namespaces of its schema; empty without a schema.
    pub(super) namespaces: Vec<String>,
    /// Entity types of its schema, with namespace: `WildRydes::Unicorn`.
    entity_types: Vec<String>,
    /// Actions of its schema, without namespace: `GetUnicorn`, `get /socks`.
    pub(crate) actions: Vec<String>,
    /// Where its identity source takes callers from; null without one.
    pub(crate) identity: Option<Identity>,
    /// It is protected against deletion.
    pub(super) protected: bool,
    /// When the store was last changed, RFC 3339.
    changed: Option<String>,
}

/// An identity source.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
pub(crate) struct Identity {
    /// ARN of the user pool.
    pub(crate) user_pool: String,
    /// Clients whose tokens are taken; empty: all.
    pub(crate) clients: Vec<String>,
    /// Entity type of callers: `MyApi::User`.
    pub(crate) principal_type: String,
    /// Entity type of groups: `MyApi::UserGroup`, or empty.
    pub(crate) group_type: String,
}

pub(crate) fn operation(name: &'static str) -> Operation {
    Operation("verifiedpermissions", name)
}

const GONE: [&str; 1] = ["ResourceNotFoundException"];

pub(crate) async fn store(reader: &Reader, facts: &Known) -> Result<PolicyStore, FactError> {
    let Functions { functions } = known(facts, "functions")?;
    let named = functions
        .iter()
        .filter(|function| function.logical == FUNCTION)
        .chain(functions.iter())
        .find_map(|function| function.settings.get(STORE_VARIABLE));
    if let Some(id) = named.filter(|id| !id.is_empty()) {
        let mut store = one(reader, id).await?.unwrap_or_else(|| absent(id));
        store.named_by_function = true;
        "function".clone_into(&mut store.route);
        return Ok(store);
    }
    // Nobody names one: one that the console made for an API, else one with the course's schema.
    let stores = listed(reader).await?;
    let mut fallback = None;
    for id in stores.iter().take(MOST_STORES).map(sdk::PolicyStoreItem::policy_store_id) {
        if let Some(identity) = identity(reader, id).await? {
            let store = one(reader, id).await?.unwrap_or_else(|| absent(id));
            return Ok(PolicyStore { identity: Some(identity), route: "api".to_owned(), ..store });
        }
        if fallback.is_none() && schema(reader, id).await?.namespaces.iter().any(|n| n == NAMESPACE)
        {
            fallback = one(reader, id).await?;
        }
    }
    // A store that is older than the application was made for something else.
    let stack: AppStack = known(facts, "app_stack")?;
    let created = stack.stack.created.and_then(|time| time.parse::<Timestamp>().ok());
    let since = created.map_or(i64::MIN, Timestamp::as_second);
    let unread = stores.iter().skip(MOST_STORES).any(|store| store.created_date().secs() >= since);
    if fallback.is_none() && unread {
        return Err(too_many(
            format!(
                "No function names a policy store, and more than {MOST_STORES} were made since the \
                 application."
            ),
            "Set AVP_POLICY_STORE_ID as step 3c says: then no other store is looked at.",
        ));
    }
    fallback.ok_or_else(|| missing("policy store that the application could ask"))
}

fn absent(id: &str) -> PolicyStore {
    PolicyStore {
        id: id.to_owned(),
        arn: String::new(),
        exists: false,
        named_by_function: false,
        route: "function".to_owned(),
        mode: String::new(),
        namespaces: Vec::new(),
        entity_types: Vec::new(),
        actions: Vec::new(),
        identity: None,
        protected: false,
        changed: None,
    }
}

/// The region's policy stores, the newest first: it is the likeliest.
pub(super) async fn listed(reader: &Reader) -> Result<Vec<sdk::PolicyStoreItem>, FactError> {
    let account = &reader.account;
    let mut stores = Vec::new();
    let mut next: Option<String> = None;
    loop {
        let request = account.clients().verifiedpermissions.list_policy_stores().max_results(50);
        let request = request.set_next_token(next).send();
        let page = account.call(operation("ListPolicyStores"), request).await?;
        stores.extend_from_slice(page.policy_stores());
        next = page.next_token().map(ToOwned::to_owned);
        if next.is_none() {
            break;
        }
    }
    stores.sort_by_key(|store| std::cmp::Reverse(store.created_date().secs()));
    Ok(stores)
}

/// The store; none where there is none of that id.
pub(super) async fn one(reader: &Reader, id: &str) -> Result<Option<PolicyStore>, FactError> {
    let account = &reader.account;
    let get = account.clients().verifiedpermissions.get_policy_store().policy_store_id(id).send();
    let (store, schema) =
        tokio::join!(account.call(operation("GetPolicyStore"), get), schema(reader, id));
    let store = match store {
        Ok(store) => store,
        Err(error) if error.is(&GONE) => return Ok(None),
        Err(error) => return Err(error.into()),
    };
    let Schema { namespaces, entity_types, actions } = schema?;
    let mode = store.validation_settings().map_or("", |settings| settings.mode().as_str());
    Ok(Some(PolicyStore {
        id: id.to_owned(),
        arn: store.arn().to_owned(),
        exists: true,
        mode: mode.to_owned(),
        namespaces,
        entity_types,
        actions,
        protected: store.deletion_protection() == Some(&sdk::DeletionProtection::Enabled),
        changed: time(Some(store.last_updated_date())),
        ..absent(id)
    }))
}

#[derive(Debug, Default, PartialEq, Eq)]
struct Schema {
    namespaces: Vec<String>,
    entity_types: Vec<String>,
    actions: Vec<String>,
}

/// The store's schema; without one it defines nothing.
async fn schema(reader: &Reader, store: &str) -> Result<Schema, FactError> {
    let account = &reader.account;
    let request = account.clients().verifiedpermissions.get_schema().policy_store_id(store).send();
    match account.call(operation("GetSchema"), request).await {
        Ok(answer) => Ok(read_schema(&serde_json::from_str(answer.schema()).unwrap_or_default())),
        Err(error) if error.is(&GONE) => Ok(Schema::default()),
        Err(error) => Err(error.into()),
    }
}

/// What a schema in Cedar's JSON form defines.
fn read_schema(schema: &Value) -> Schema {
    let mut read = Schema::default();
    for (namespace, body) in schema.as_object().into_iter().flatten() {
        read.namespaces.push(namespace.clone());
        let keys = |name: &str| {
            body.get(name).and_then(Value::as_object).into_iter().flatten().map(|(key, _)| key)
        };
        let full = |name: &String| match namespace.as_str() {
            "" => name.clone(),
            namespace => format!("{namespace}::{name}"),
        };
        read.entity_types.extend(keys("entityTypes").map(full));
        read.actions.extend(keys("actions").cloned());
    }
    read
}

/// The store's identity source; none where there is none, or the store was deleted since it was listed.
async fn identity(reader: &Reader, store: &str) -> Result<Option<Identity>, FactError> {
    let account = &reader.account;
    let mut next: Option<String> = None;
    let source = loop {
        let request =
            account.clients().verifiedpermissions.list_identity_sources().policy_store_id(store);
        let request = request.set_next_token(next).send();
        let page = match account.call(operation("ListIdentitySources"), request).await {
            Ok(page) => page,
            Err(error) if error.is(&GONE) => return Ok(None),
            Err(error) => return Err(error.into()),
        };
        if let Some(source) = page.identity_sources().first() {
            break source.clone();
        }
        next = page.next_token().map(ToOwned::to_owned);
        if next.is_none() {
            return Ok(None);
        }
    };
    let pool = match source.configuration() {
        Some(sdk::ConfigurationItem::CognitoUserPoolConfiguration(pool)) => Some(pool),
        _ => None,
    };
    let group = pool.and_then(sdk::CognitoUserPoolConfigurationItem::group_configuration);
    let group = group.and_then(sdk::CognitoGroupConfigurationItem::group_entity_type);
    Ok(Some(Identity {
        user_pool: text(pool.map(sdk::CognitoUserPoolConfigurationItem::user_pool_arn)),
        clients: pool.map(|pool| pool.client_ids().to_vec()).unwrap_or_default(),
        principal_type: source.principal_entity_type().to_owned(),
        group_type: text(group),
    }))
}

fn gone(error: CallError, store: &str) -> FactError {
    if error.is(&GONE) {
        return missing(format!("policy store {store}"));
    }
    error.into()
}

/// Settings of a function that are identifiers, not secrets, by name.
pub(crate) fn settings<'a>(
    variables: impl Iterator<Item = (&'a String, &'a String)>,
) -> BTreeMap<String, String> {
    let wanted = [STORE_VARIABLE, TEMPLATE_VARIABLE, "POLICY_STORE_ID", SECRET_VARIABLE];
    variables
        .filter(|(name, value)| wanted.contains(&name.as_str()) || tls::is_setting(name, value))
        .map(|(name, value)| (name.clone(), value.clone()))
        .collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_schema_tells_namespaces_types_and_actions() {
        let schema = json!({"WildRydes": {"entityTypes": {"User": {}, "Unicorn": {}},
            "actions": {"GetUnicorn": {}}}});
        let read = read_schema(&schema);
        assert_eq!(read.namespaces, ["WildRydes"]);
        assert_eq!(read.entity_types, ["WildRydes::User", "WildRydes::Unicorn"]);
        assert_eq!(read.actions, ["GetUnicorn"]);
        assert_eq!(read_schema(&json!("no schema")), Schema::default());
    }
}
