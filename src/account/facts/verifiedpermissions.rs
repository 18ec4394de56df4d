//! Amazon Verified Permissions: the policy store that the application asks, what it holds, and
//! what it decides.

use std::collections::BTreeMap;

use aws_sdk_verifiedpermissions::types as sdk;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::lambda::Functions;
use super::{missing, text, time};
use crate::account::call::{CallError, Operation};
use crate::account::fact::{FactError, Known};
use crate::account::reader::{Reader, known};

/// The function that reads and cancels customizations.
const FUNCTION: &str = "CustomizeUnicornFunction";
/// The variable that names the store.
pub(crate) const STORE_VARIABLE: &str = "AVP_POLICY_STORE_ID";
/// The variable that names the template.
const TEMPLATE_VARIABLE: &str = "AVP_POLICY_TEMPLATE_ID";
/// Stores that are looked into where the function names none.
const MOST_STORES: usize = 5;
/// Policies that are read.
const MOST_POLICIES: usize = 200;

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
    namespaces: Vec<String>,
    /// Entity types of its schema, with namespace: `WildRydes::Unicorn`.
    entity_types: Vec<String>,
    /// Actions of its schema, without namespace: `GetUnicorn`, `get /socks`.
    pub(crate) actions: Vec<String>,
    /// Where its identity source takes callers from; null without one.
    pub(crate) identity: Option<Identity>,
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

/// What a policy store holds.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[expect(
    clippy::struct_field_names,
    reason = "checks read policies.policies and policies.templates"
)]
pub(crate) struct Policies {
    /// Its templates.
    templates: Vec<Template>,
    /// The template that the function names, or empty.
    named_template: String,
    /// When the newest policy was made, RFC 3339, or null.
    newest: Option<String>,
    /// Its policies, at most 200.
    pub(crate) policies: Vec<Policy>,
}

/// A policy template.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
pub(crate) struct Template {
    /// Its id.
    id: String,
    /// Its text has both places to fill in, `?principal` and `?resource`.
    for_owner: bool,
    /// Actions that its text names, without namespace.
    actions: Vec<String>,
    /// It permits; false: it forbids.
    permits: bool,
}

/// A policy.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
pub(crate) struct Policy {
    /// Its id.
    id: String,
    /// It was made from a template.
    pub(crate) linked: bool,
    /// The template that it was made from, or empty.
    template: String,
    /// It permits; false: it forbids.
    pub(crate) permits: bool,
    /// Type of the principal in its scope, or empty: anyone.
    pub(crate) principal_type: String,
    /// Id of the principal in its scope.
    pub(crate) principal: String,
    /// Type of the resource in its scope, or empty: anything.
    pub(crate) resource_type: String,
    /// Id of the resource in its scope.
    pub(crate) resource: String,
    /// Actions in its scope, without namespace; empty: all.
    pub(crate) actions: Vec<String>,
    /// When it was made, RFC 3339.
    created: Option<String>,
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
    let mut fallback = None;
    for id in listed(reader).await?.into_iter().take(MOST_STORES) {
        let Some(mut store) = one(reader, &id).await? else { continue };
        store.identity = identity(reader, &id).await?;
        if store.identity.is_some() {
            "api".clone_into(&mut store.route);
            return Ok(store);
        }
        if store.namespaces.iter().any(|name| name == "WildRydes") {
            fallback.get_or_insert(store);
        }
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
        changed: None,
    }
}

async fn listed(reader: &Reader) -> Result<Vec<String>, FactError> {
    let account = &reader.account;
    let request = account.clients().verifiedpermissions.list_policy_stores().max_results(50).send();
    let answer = account.call(operation("ListPolicyStores"), request).await?;
    let mut stores: Vec<_> = answer.policy_stores().iter().collect();
    // The newest is the likeliest.
    stores.sort_by_key(|store| std::cmp::Reverse(store.created_date().secs()));
    Ok(stores.iter().map(|store| store.policy_store_id().to_owned()).collect())
}

async fn one(reader: &Reader, id: &str) -> Result<Option<PolicyStore>, FactError> {
    let account = &reader.account;
    let clients = account.clients();
    let get = clients.verifiedpermissions.get_policy_store().policy_store_id(id).send();
    let store = match account.call(operation("GetPolicyStore"), get).await {
        Ok(store) => store,
        Err(error) if error.is(&GONE) => return Ok(None),
        Err(error) => return Err(error.into()),
    };
    let get = clients.verifiedpermissions.get_schema().policy_store_id(id).send();
    let schema = match account.call(operation("GetSchema"), get).await {
        Ok(answer) => serde_json::from_str(answer.schema()).unwrap_or_default(),
        Err(error) if error.is(&GONE) => Value::Null,
        Err(error) => return Err(error.into()),
    };
    let Schema { namespaces, entity_types, actions } = read_schema(&schema);
    let mode = store.validation_settings().map_or("", |settings| settings.mode().as_str());
    Ok(Some(PolicyStore {
        id: id.to_owned(),
        arn: store.arn().to_owned(),
        exists: true,
        mode: mode.to_owned(),
        namespaces,
        entity_types,
        actions,
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

async fn identity(reader: &Reader, store: &str) -> Result<Option<Identity>, FactError> {
    let account = &reader.account;
    let request =
        account.clients().verifiedpermissions.list_identity_sources().policy_store_id(store).send();
    let answer = account.call(operation("ListIdentitySources"), request).await?;
    let Some(source) = answer.identity_sources().first() else { return Ok(None) };
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

pub(crate) async fn policies(reader: &Reader, facts: &Known) -> Result<Policies, FactError> {
    let store: PolicyStore = known(facts, "policy_store")?;
    let Functions { functions } = known(facts, "functions")?;
    let named = functions
        .iter()
        .filter(|function| function.logical == FUNCTION)
        .find_map(|function| function.settings.get(TEMPLATE_VARIABLE));
    if !store.exists {
        return Err(missing(format!("policy store {}", store.id)));
    }
    let (templates, policies) =
        tokio::try_join!(read_templates(reader, &store.id), read_policies(reader, &store.id))?;
    let newest = policies.iter().filter_map(|policy| policy.created.clone()).max();
    let named_template = text(named.map(String::as_str));
    Ok(Policies { templates, named_template, newest, policies })
}

async fn read_templates(reader: &Reader, store: &str) -> Result<Vec<Template>, FactError> {
    let account = &reader.account;
    let client = &account.clients().verifiedpermissions;
    let request = client.list_policy_templates().policy_store_id(store).max_results(40).send();
    let answer = account
        .call(operation("ListPolicyTemplates"), request)
        .await
        .map_err(|error| gone(error, store))?;
    let mut templates = Vec::new();
    // A store may hold 40; the course has one.
    for item in answer.policy_templates().iter().take(5) {
        let id = item.policy_template_id();
        let get = client.get_policy_template().policy_store_id(store).policy_template_id(id).send();
        match account.call(operation("GetPolicyTemplate"), get).await {
            Ok(template) => templates.push(read_template(id, template.statement())),
            Err(error) if error.is(&GONE) => {}
            Err(error) => return Err(error.into()),
        }
    }
    Ok(templates)
}

/// Reads a template's text as far as the course needs it; what it decides, decisions tell.
fn read_template(id: &str, statement: &str) -> Template {
    let code: Vec<&str> =
        statement.lines().map(|line| line.split("//").next().unwrap_or_default()).collect();
    let code = code.join(" ");
    let mut actions = Vec::new();
    for (at, marker) in code.match_indices("Action::\"") {
        let name = code[at + marker.len()..].split('"').next().unwrap_or_default();
        actions.push(name.to_owned());
    }
    Template {
        id: id.to_owned(),
        for_owner: code.contains("?principal") && code.contains("?resource"),
        actions,
        permits: code.trim_start().starts_with("permit") || code.contains("permit ("),
    }
}

async fn read_policies(reader: &Reader, store: &str) -> Result<Vec<Policy>, FactError> {
    let account = &reader.account;
    let mut policies = Vec::new();
    let mut next: Option<String> = None;
    loop {
        let request = account
            .clients()
            .verifiedpermissions
            .list_policies()
            .policy_store_id(store)
            .max_results(50)
            .set_next_token(next);
        let page = account
            .call(operation("ListPolicies"), request.send())
            .await
            .map_err(|error| gone(error, store))?;
        policies.extend(page.policies().iter().map(read_policy));
        next = page.next_token().map(ToOwned::to_owned);
        if next.is_none() || policies.len() >= MOST_POLICIES {
            return Ok(policies);
        }
    }
}

fn read_policy(item: &sdk::PolicyItem) -> Policy {
    let entity = |entity: Option<&sdk::EntityIdentifier>| {
        entity.map_or_else(Default::default, |entity| {
            (entity.entity_type().to_owned(), entity.entity_id().to_owned())
        })
    };
    let (principal_type, principal) = entity(item.principal());
    let (resource_type, resource) = entity(item.resource());
    let template = match item.definition() {
        Some(sdk::PolicyDefinitionItem::TemplateLinked(linked)) => linked.policy_template_id(),
        _ => "",
    };
    Policy {
        id: item.policy_id().to_owned(),
        linked: *item.policy_type() == sdk::PolicyType::TemplateLinked,
        template: template.to_owned(),
        permits: item.effect() != Some(&sdk::PolicyEffect::Forbid),
        principal_type,
        principal,
        resource_type,
        resource,
        actions: item.actions().iter().map(|action| action.action_id().to_owned()).collect(),
        created: time(Some(item.created_date())),
    }
}

/// What the store decides.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
pub(crate) struct Decisions {
    /// What was asked, and decided.
    decisions: Vec<Decision>,
}

/// A decision of the store, asked for without changing anything.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
pub(crate) struct Decision {
    /// `owner` (whom a policy names), `stranger` (whom none names).
    who: String,
    /// The principal: `WildRydes::User::"abc"`.
    principal: String,
    /// The action, without namespace.
    action: String,
    /// The resource: `WildRydes::Unicorn::"1"`.
    resource: String,
    /// Whether it is allowed.
    allowed: bool,
}

pub(crate) async fn decisions(reader: &Reader, facts: &Known) -> Result<Decisions, FactError> {
    let store: PolicyStore = known(facts, "policy_store")?;
    let Policies { policies, .. } = known(facts, "policies")?;
    let mut decisions = Vec::new();
    let asked = if store.route == "api" {
        group_questions(&store, &policies)
    } else {
        owner_questions(&policies)
    };
    for question in asked {
        decisions.push(question.ask(reader, &store.id).await?);
    }
    Ok(Decisions { decisions })
}

/// A question to the store.
struct Question {
    who: &'static str,
    principal: (String, String),
    /// The group that the principal is in.
    group: Option<(String, String)>,
    action: (String, String),
    resource: (String, String),
}

const NOBODY: &str = "stepproof-nobody";

/// For the newest unicorn that a client owns by a policy: may the owner, may anybody else?
fn owner_questions(policies: &[Policy]) -> Vec<Question> {
    let owned = |policy: &&Policy| {
        policy.linked
            && policy.permits
            && policy.principal_type == "WildRydes::User"
            && policy.resource_type == "WildRydes::Unicorn"
    };
    let Some(policy) = policies.iter().filter(owned).max_by(|a, b| a.created.cmp(&b.created))
    else {
        return Vec::new();
    };
    let who = [("owner", policy.principal.as_str()), ("stranger", NOBODY)];
    let actions = ["GetUnicorn", "DeleteUnicorn"];
    let all = who.iter().flat_map(|who| actions.iter().map(move |action| (who, action)));
    all.map(|((who, principal), action)| Question {
        who,
        principal: ("WildRydes::User".to_owned(), (*principal).to_owned()),
        group: None,
        action: ("WildRydes::Action".to_owned(), (*action).to_owned()),
        resource: ("WildRydes::Unicorn".to_owned(), policy.resource.clone()),
    })
    .collect()
}

/// For the first group that a policy permits something: may its members, may anybody else?
fn group_questions(store: &PolicyStore, policies: &[Policy]) -> Vec<Question> {
    let Some(identity) = &store.identity else { return Vec::new() };
    let for_group = |policy: &&Policy| {
        policy.permits
            && !policy.principal.is_empty()
            && policy.principal_type == identity.group_type
    };
    let Some(policy) = policies.iter().find(for_group) else { return Vec::new() };
    let Some(action) = policy.actions.first().or(store.actions.first()) else { return Vec::new() };
    let namespace = identity.principal_type.rsplit_once("::").map_or("", |(before, _)| before);
    let full = |name: &str| match namespace {
        "" => name.to_owned(),
        namespace => format!("{namespace}::{name}"),
    };
    let resource = match policy.resource.as_str() {
        "" => (full("Application"), namespace.to_owned()),
        _ => (policy.resource_type.clone(), policy.resource.clone()),
    };
    let group = (policy.principal_type.clone(), policy.principal.clone());
    [("owner", Some(group)), ("stranger", None)]
        .into_iter()
        .map(|(who, group)| Question {
            who,
            principal: (identity.principal_type.clone(), NOBODY.to_owned()),
            group,
            action: (full("Action"), action.clone()),
            resource: resource.clone(),
        })
        .collect()
}

fn entity((kind, id): &(String, String)) -> Option<sdk::EntityIdentifier> {
    sdk::EntityIdentifier::builder().entity_type(kind).entity_id(id).build().ok()
}

fn shown((kind, id): &(String, String)) -> String {
    format!("{kind}::\"{id}\"")
}

impl Question {
    async fn ask(self, reader: &Reader, store: &str) -> Result<Decision, FactError> {
        let account = &reader.account;
        let action = sdk::ActionIdentifier::builder()
            .action_type(&self.action.0)
            .action_id(&self.action.1)
            .build()
            .ok();
        let entities = self.group.as_ref().map(|group| {
            let item = sdk::EntityItem::builder()
                .set_identifier(entity(&self.principal))
                .set_parents(entity(group).map(|group| vec![group]))
                .build();
            sdk::EntitiesDefinition::EntityList(vec![item])
        });
        let request = account
            .clients()
            .verifiedpermissions
            .is_authorized()
            .policy_store_id(store)
            .set_principal(entity(&self.principal))
            .set_action(action)
            .set_resource(entity(&self.resource))
            .set_entities(entities)
            .send();
        let answer = account
            .call(operation("IsAuthorized"), request)
            .await
            .map_err(|error| gone(error, store))?;
        Ok(Decision {
            who: self.who.to_owned(),
            principal: shown(&self.principal),
            action: self.action.1,
            resource: shown(&self.resource),
            allowed: *answer.decision() == sdk::Decision::Allow,
        })
    }
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
    let wanted = [STORE_VARIABLE, TEMPLATE_VARIABLE, "POLICY_STORE_ID"];
    variables
        .filter(|(name, _)| wanted.contains(&name.as_str()))
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

    #[test]
    fn a_template_is_read_without_its_comments() {
        let text = "// ?principal\npermit(principal == ?principal, action in \
                    [WildRydes::Action::\"GetUnicorn\", WildRydes::Action::\"DeleteUnicorn\"],\n\
                    resource == ?resource);";
        let template = read_template("t", text);
        assert!(template.for_owner && template.permits);
        assert_eq!(template.actions, ["GetUnicorn", "DeleteUnicorn"]);
        let half =
            read_template("t", "permit(principal, action, resource == ?resource); // ?principal");
        assert!(!half.for_owner);
    }

    #[test]
    fn without_an_owners_policy_nothing_is_asked() {
        assert!(owner_questions(&[]).is_empty());
    }
}
