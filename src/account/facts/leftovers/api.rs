//! What stood around the API: usage plans with their keys, and web ACLs.

use aws_sdk_apigateway::types::{ApiKey, ApiStage, UsagePlan};
use aws_sdk_wafv2::types::Scope;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::stacks::{API, CourseStacks};
use crate::account::call::Operation;
use crate::account::fact::{FactError, Known, clip};
use crate::account::facts::text;
use crate::account::reader::{Reader, known};

/// How the course's web ACL is called; learners add to it.
const WEB_ACL: &str = "protectunicorn";

/// Usage plans that serve nothing but the course.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
pub(crate) struct LeftPlans {
    /// Plans that count the course's API alone, or no API at all.
    plans: Vec<LeftPlan>,
    /// Ids of the account's other plans.
    others: Vec<String>,
}

/// A usage plan.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
pub(crate) struct LeftPlan {
    /// Its id.
    id: String,
    /// Its name.
    name: String,
    /// The stages that it counts: `api:dev`.
    stages: Vec<String>,
}

/// API keys that open nothing but the course's API.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
pub(crate) struct LeftKeys {
    /// Keys that belong to plans of the course, or to none.
    keys: Vec<LeftKey>,
}

/// An API key; not its value.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
pub(crate) struct LeftKey {
    /// Its id.
    id: String,
    /// Its name.
    name: String,
}

/// Web ACLs of the course in the region.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
pub(crate) struct LeftWebAcls {
    /// Those that are named as the course's.
    acls: Vec<LeftWebAcl>,
}

/// A web ACL.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
pub(crate) struct LeftWebAcl {
    /// Its id.
    id: String,
    /// Its name.
    name: String,
}

pub(crate) async fn plans(reader: &Reader, facts: &Known) -> Result<LeftPlans, FactError> {
    let stacks: CourseStacks = known(facts, "course_stacks")?;
    let apis = stacks.made(API);
    let mut found = LeftPlans { plans: Vec::new(), others: Vec::new() };
    for plan in plans_of(reader, None).await? {
        let of_course = |stage: &ApiStage| stage.api_id().is_some_and(|api| apis.contains(&api));
        if plan.api_stages().iter().all(of_course) {
            let stages = plan.api_stages().iter().map(|stage| {
                format!("{}:{}", stage.api_id().unwrap_or(""), stage.stage().unwrap_or(""))
            });
            found.plans.push(LeftPlan {
                id: text(plan.id()),
                name: clip(plan.name().unwrap_or_default(), 128),
                stages: stages.collect(),
            });
        } else {
            found.others.push(text(plan.id()));
        }
    }
    Ok(found)
}

pub(crate) async fn keys(reader: &Reader, facts: &Known) -> Result<LeftKeys, FactError> {
    let stacks: CourseStacks = known(facts, "course_stacks")?;
    let LeftPlans { others, .. } = known(facts, "left_plans")?;
    let mut keys = all_keys(reader).await?;
    // To say whose a key is takes calls: one that is older than the course is none of its keys.
    keys.retain(|key| key.created_date().is_none_or(|at| stacks.may_have_made(at)));
    if keys.len() < others.len() {
        return Ok(LeftKeys { keys: without_plans(reader, &keys, &others).await? });
    }
    for plan in others {
        let in_use = keys_of(reader, &plan).await?;
        keys.retain(|key| !in_use.iter().any(|used| Some(used.as_str()) == key.id()));
    }
    Ok(LeftKeys { keys: keys.iter().map(left).collect() })
}

/// Those of the keys that belong to none of the plans.
async fn without_plans(
    reader: &Reader,
    keys: &[ApiKey],
    plans: &[String],
) -> Result<Vec<LeftKey>, FactError> {
    let mut found = Vec::new();
    for key in keys {
        let own = plans_of(reader, key.id()).await?;
        if !own.iter().filter_map(UsagePlan::id).any(|id| plans.iter().any(|plan| plan == id)) {
            found.push(left(key));
        }
    }
    Ok(found)
}

fn left(key: &ApiKey) -> LeftKey {
    LeftKey { id: text(key.id()), name: clip(key.name().unwrap_or_default(), 128) }
}

/// The usage plans: those of a key, or all.
async fn plans_of(reader: &Reader, key: Option<&str>) -> Result<Vec<UsagePlan>, FactError> {
    let account = &reader.account;
    let mut found = Vec::new();
    let mut position: Option<String> = None;
    loop {
        let request = account.clients().apigateway.get_usage_plans().limit(500);
        let request = request.set_key_id(key.map(ToOwned::to_owned)).set_position(position).send();
        let page = account.call(Operation("apigateway", "GetUsagePlans"), request).await?;
        found.extend_from_slice(page.items());
        position = page.position().map(ToOwned::to_owned);
        if position.is_none() {
            return Ok(found);
        }
    }
}

/// Ids of a plan's keys.
async fn keys_of(reader: &Reader, plan: &str) -> Result<Vec<String>, FactError> {
    let account = &reader.account;
    let mut found = Vec::new();
    let mut position: Option<String> = None;
    loop {
        let request = account.clients().apigateway.get_usage_plan_keys().usage_plan_id(plan);
        let request = request.limit(500).set_position(position).send();
        let page = account.call(Operation("apigateway", "GetUsagePlanKeys"), request).await?;
        found.extend(page.items().iter().map(|key| text(key.id())));
        position = page.position().map(ToOwned::to_owned);
        if position.is_none() {
            return Ok(found);
        }
    }
}

/// All API keys. Their values aren't asked for.
async fn all_keys(reader: &Reader) -> Result<Vec<ApiKey>, FactError> {
    let account = &reader.account;
    let mut found = Vec::new();
    let mut position: Option<String> = None;
    loop {
        let request = account.clients().apigateway.get_api_keys().limit(500);
        let request = request.include_values(false).set_position(position).send();
        let page = account.call(Operation("apigateway", "GetApiKeys"), request).await?;
        found.extend_from_slice(page.items());
        position = page.position().map(ToOwned::to_owned);
        if position.is_none() {
            return Ok(found);
        }
    }
}

pub(crate) async fn web_acls(reader: &Reader, _: &Known) -> Result<LeftWebAcls, FactError> {
    let account = &reader.account;
    let mut acls = Vec::new();
    let mut marker: Option<String> = None;
    loop {
        let request = account.clients().wafv2.list_web_acls().scope(Scope::Regional).limit(100);
        let request = request.set_next_marker(marker).send();
        let page = account.call(Operation("wafv2", "ListWebACLs"), request).await?;
        let ours = page.web_acls().iter().filter(|acl| {
            acl.name().is_some_and(|name| name.to_ascii_lowercase().starts_with(WEB_ACL))
        });
        acls.extend(ours.map(|acl| LeftWebAcl { id: text(acl.id()), name: text(acl.name()) }));
        // The last page may have a marker too; an empty one ends the list.
        marker = page.next_marker().filter(|marker| !marker.is_empty()).map(ToOwned::to_owned);
        if marker.is_none() || page.web_acls().is_empty() {
            return Ok(LeftWebAcls { acls });
        }
    }
}
