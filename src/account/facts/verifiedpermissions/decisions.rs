//! What the policy store decides, asked for without changing anything.

use aws_sdk_verifiedpermissions::types as sdk;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Policies, Policy, PolicyStore, gone, operation};
use crate::account::fact::{CannotLook, FactError, Known, Reason};
use crate::account::reader::{Reader, known};

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
    let asked = if store.route == "api" {
        group_questions(&store, &policies)
    } else {
        owner_questions(&policies)
    };
    if asked.is_empty() {
        return Ok(Decisions { decisions: Vec::new() });
    }
    // One call for all: they ask about the same resource.
    let account = &reader.account;
    let members: Vec<_> = asked.iter().filter_map(Question::member).collect();
    let entities = (!members.is_empty()).then_some(sdk::EntitiesDefinition::EntityList(members));
    let request = account
        .clients()
        .verifiedpermissions
        .batch_is_authorized()
        .policy_store_id(&store.id)
        .set_requests(Some(asked.iter().map(Question::request).collect()))
        .set_entities(entities)
        .send();
    let answer = account
        .call(operation("BatchIsAuthorized"), request)
        .await
        .map_err(|error| gone(error, &store.id))?;
    let decisions = asked.into_iter().map(|question| question.decision(answer.results()));
    Ok(Decisions { decisions: decisions.collect::<Result<_, _>>()? })
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

/// Ids that belong to no user: whom a question puts into a group, and whom it doesn't.
const SOMEBODY: &str = "stepproof-somebody";
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
    [("owner", SOMEBODY, Some(group)), ("stranger", NOBODY, None)]
        .into_iter()
        .map(|(who, id, group)| Question {
            who,
            principal: (identity.principal_type.clone(), id.to_owned()),
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
    fn request(&self) -> sdk::BatchIsAuthorizedInputItem {
        let (kind, id) = &self.action;
        let action = sdk::ActionIdentifier::builder().action_type(kind).action_id(id).build();
        sdk::BatchIsAuthorizedInputItem::builder()
            .set_principal(entity(&self.principal))
            .set_action(action.ok())
            .set_resource(entity(&self.resource))
            .build()
    }

    /// The principal as a member of its group.
    fn member(&self) -> Option<sdk::EntityItem> {
        let group = entity(self.group.as_ref()?)?;
        let item = sdk::EntityItem::builder().set_identifier(entity(&self.principal));
        Some(item.parents(group).build())
    }

    /// The answer to this question among all of the batch.
    fn decision(self, answers: &[sdk::BatchIsAuthorizedOutputItem]) -> Result<Decision, FactError> {
        let asked = Some(self.request());
        let answer = answers.iter().find(|answer| answer.request() == asked.as_ref());
        let answer = answer.ok_or_else(unanswered)?;
        Ok(Decision {
            who: self.who.to_owned(),
            principal: shown(&self.principal),
            action: self.action.1,
            resource: shown(&self.resource),
            allowed: *answer.decision() == sdk::Decision::Allow,
        })
    }
}

fn unanswered() -> FactError {
    FactError::CannotLook(CannotLook {
        reason: Reason::Service,
        message: "Verified Permissions left a question of a batch without an answer.".to_owned(),
        remedy: "Verify again.".to_owned(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn without_an_owners_policy_nothing_is_asked() {
        assert!(owner_questions(&[]).is_empty());
    }
}
