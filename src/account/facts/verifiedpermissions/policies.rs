//! What the policy store holds: policies and templates.

use aws_sdk_verifiedpermissions::types as sdk;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{FUNCTION, GONE, PolicyStore, TEMPLATE_VARIABLE, gone, operation};
use crate::account::fact::{FactError, Known};
use crate::account::facts::lambda::Functions;
use crate::account::facts::{missing, text, time, too_many};
use crate::account::reader::{Reader, known};

/// A store with more policies isn't read.
const MOST_POLICIES: usize = 1000;
/// Templates whose text is read, the one that the function names first; the course has one.
const MOST_TEMPLATES: usize = 10;

/// What a policy store holds.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[expect(
    clippy::struct_field_names,
    reason = "checks read policies.policies and policies.templates"
)]
pub(crate) struct Policies {
    /// Its templates, the one that the function names first; at most 10.
    templates: Vec<Template>,
    /// The template that the function names, or empty.
    named_template: String,
    /// When the newest policy was made, RFC 3339, or null.
    newest: Option<String>,
    /// Its policies.
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
    pub(super) created: Option<String>,
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
    let named_template = text(named.map(String::as_str));
    let (templates, policies) = tokio::try_join!(
        read_templates(reader, &store.id, &named_template),
        read_policies(reader, &store.id)
    )?;
    let newest = policies.iter().filter_map(|policy| policy.created.clone()).max();
    Ok(Policies { templates, named_template, newest, policies })
}

async fn read_templates(
    reader: &Reader,
    store: &str,
    named: &str,
) -> Result<Vec<Template>, FactError> {
    let account = &reader.account;
    let client = &account.clients().verifiedpermissions;
    let mut ids: Vec<String> = Vec::new();
    let mut next: Option<String> = None;
    loop {
        let request = client.list_policy_templates().policy_store_id(store).max_results(40);
        let request = request.set_next_token(next).send();
        let page = account
            .call(operation("ListPolicyTemplates"), request)
            .await
            .map_err(|error| gone(error, store))?;
        ids.extend(page.policy_templates().iter().map(|item| item.policy_template_id().to_owned()));
        next = page.next_token().map(ToOwned::to_owned);
        if next.is_none() {
            break;
        }
    }
    ids.sort_by_key(|id| id != named);
    let mut templates = Vec::new();
    for id in ids.iter().take(MOST_TEMPLATES) {
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
        if next.is_none() {
            return Ok(policies);
        }
        if policies.len() > MOST_POLICIES {
            return Err(too_many(
                format!("Policy store {store} holds more than {MOST_POLICIES} policies."),
                "Delete policies of cancelled orders, then verify again.",
            ));
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

#[cfg(test)]
mod tests {
    use super::*;

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
}
