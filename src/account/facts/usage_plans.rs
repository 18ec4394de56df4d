//! Usage plans of the API's stage: their limits, their keys, and what is left of their quotas.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use aws_sdk_apigateway::types as sdk;
use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::apigateway::{Stage, absent};
use super::text;
use crate::account::call::Operation;
use crate::account::fact::{FactError, Known};
use crate::account::reader::{Reader, known};
use crate::account::secret::Secret;

/// Longest quota period, in days: usage of so many is asked for.
const LONGEST_PERIOD: i64 = 31;

/// The account's usage plans, those of the API's stage apart.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
pub(crate) struct UsagePlans {
    /// Plans that count calls of the stage.
    pub(in crate::account) plans: Vec<Plan>,
    /// Names of plans that count calls of other stages, or of none.
    elsewhere: Vec<String>,
}

/// A plan that counts calls of the stage.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
pub(crate) struct Plan {
    /// Its id.
    pub(in crate::account) id: String,
    /// Its name, or its id where it has none.
    name: String,
    /// Requests a second that a key may send, or null without a limit.
    rate: Option<f64>,
    /// Requests that a key may send at once, or null without a limit.
    pub(in crate::account) burst: Option<i32>,
    /// Requests that a key may send in a period, or null without a limit.
    quota: Option<i32>,
    /// `DAY`, `WEEK` or `MONTH`, or null without a quota.
    period: Option<String>,
    /// Limits of single methods of the stage.
    pub(in crate::account) methods: Vec<MethodLimit>,
}

/// A limit of one method.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
pub(crate) struct MethodLimit {
    /// `GET`
    pub(in crate::account) verb: String,
    /// `/capes`
    pub(in crate::account) path: String,
    /// Requests a second.
    rate: f64,
    /// Requests at once.
    pub(in crate::account) burst: i32,
}

/// Keys of the stage's plans. Their values stay in memory.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
pub(crate) struct PlanKeys {
    /// Ids of the stage's plans.
    plans: Vec<String>,
    /// The plans' keys.
    pub(in crate::account) keys: Vec<PlanKey>,
}

/// A key of a plan.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
pub(crate) struct PlanKey {
    /// Its id; not its value.
    pub(in crate::account) id: String,
    /// Its name.
    name: String,
    /// Id of its plan.
    pub(in crate::account) plan: String,
}

/// What is left of the keys' quotas.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
pub(crate) struct PlanUsage {
    /// The keys of plans with a quota.
    pub(in crate::account) keys: Vec<KeyUsage>,
}

/// A key's usage in the current period.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
pub(crate) struct KeyUsage {
    /// The key's id.
    pub(in crate::account) key: String,
    /// Requests that it may still send in this period.
    pub(in crate::account) remaining: i64,
}

pub(crate) async fn usage_plans(reader: &Reader, facts: &Known) -> Result<UsagePlans, FactError> {
    let stage: Stage = known(facts, "stage")?;
    let account = &reader.account;
    let mut found = UsagePlans { plans: Vec::new(), elsewhere: Vec::new() };
    let mut position: Option<String> = None;
    loop {
        let request =
            account.clients().apigateway.get_usage_plans().limit(500).set_position(position);
        let page = account.call(Operation("apigateway", "GetUsagePlans"), request.send()).await?;
        for plan in page.items() {
            match plan_of(plan, &stage) {
                Some(plan) => found.plans.push(plan),
                None => found.elsewhere.push(name(plan)),
            }
        }
        position = page.position().map(ToOwned::to_owned);
        if position.is_none() {
            return Ok(found);
        }
    }
}

fn name(plan: &sdk::UsagePlan) -> String {
    text(plan.name().filter(|name| !name.is_empty()).or(plan.id()))
}

/// The plan, where it counts calls of the stage.
fn plan_of(plan: &sdk::UsagePlan, stage: &Stage) -> Option<Plan> {
    let own = plan.api_stages().iter().find(|own| {
        own.api_id() == Some(stage.api.as_str()) && own.stage() == Some(stage.name.as_str())
    })?;
    let quota = plan.quota().filter(|quota| quota.limit() > 0);
    let sorted: BTreeMap<_, _> = own.throttle().into_iter().flatten().collect();
    let methods = sorted.into_iter().filter_map(|(method, limit)| {
        // `/capes/GET`
        let (path, verb) = method.rsplit_once('/')?;
        Some(MethodLimit {
            verb: verb.to_owned(),
            path: path.to_owned(),
            rate: limit.rate_limit(),
            burst: limit.burst_limit(),
        })
    });
    Some(Plan {
        id: text(plan.id()),
        name: name(plan),
        rate: plan.throttle().map(sdk::ThrottleSettings::rate_limit),
        burst: plan.throttle().map(sdk::ThrottleSettings::burst_limit),
        quota: quota.map(sdk::QuotaSettings::limit),
        period: quota.and_then(|quota| Some(quota.period()?.as_str().to_owned())),
        methods: methods.collect(),
    })
}

pub(crate) async fn plan_keys(reader: &Reader, facts: &Known) -> Result<PlanKeys, FactError> {
    let UsagePlans { plans, .. } = known(facts, "usage_plans")?;
    let account = &reader.account;
    let mut keys = Vec::new();
    for plan in &plans {
        let mut position: Option<String> = None;
        loop {
            let request = account
                .clients()
                .apigateway
                .get_usage_plan_keys()
                .usage_plan_id(&plan.id)
                .limit(500)
                .set_position(position);
            let page = account
                .call(Operation("apigateway", "GetUsagePlanKeys"), request.send())
                .await
                .map_err(|error| absent(error, &format!("usage plan {}", plan.name)))?;
            for key in page.items() {
                let id = text(key.id());
                if let Some(value) = key.value() {
                    let secret = Arc::new(Secret::new(value));
                    reader.vault().api_keys.push((id.clone(), secret));
                }
                keys.push(PlanKey { id, name: text(key.name()), plan: plan.id.clone() });
            }
            position = page.position().map(ToOwned::to_owned);
            if position.is_none() {
                break;
            }
        }
    }
    Ok(PlanKeys { plans: plans.into_iter().map(|plan| plan.id).collect(), keys })
}

pub(crate) async fn plan_usage(reader: &Reader, facts: &Known) -> Result<PlanUsage, FactError> {
    let UsagePlans { plans, .. } = known(facts, "usage_plans")?;
    let PlanKeys { keys, .. } = known(facts, "plan_keys")?;
    let today = Timestamp::now().to_zoned_datetime(TimeZone::UTC).date();
    let first = today.saturating_sub(LONGEST_PERIOD.days());
    let mut usage = Vec::new();
    for plan in plans {
        let Some(quota) = plan.quota else { continue };
        let own: Vec<&PlanKey> = keys.iter().filter(|key| key.plan == plan.id).collect();
        if own.is_empty() {
            continue;
        }
        let used = used(reader, &plan, &first.to_string(), &today.to_string()).await?;
        for key in own {
            // Pairs of used and remaining, a pair a day, the newest last. A key that sent nothing
            // isn't listed.
            let last = used.get(&key.id).and_then(|days| days.last()?.get(1).copied());
            let remaining = last.unwrap_or_else(|| quota.into());
            usage.push(KeyUsage { key: key.id.clone(), remaining });
        }
    }
    Ok(PlanUsage { keys: usage })
}

/// What the keys of a plan used from one day to another, by the keys' ids.
async fn used(
    reader: &Reader,
    plan: &Plan,
    first: &str,
    last: &str,
) -> Result<HashMap<String, Vec<Vec<i64>>>, FactError> {
    let account = &reader.account;
    let mut found = HashMap::new();
    let mut position: Option<String> = None;
    loop {
        let request = account
            .clients()
            .apigateway
            .get_usage()
            .usage_plan_id(&plan.id)
            .start_date(first)
            .end_date(last)
            .limit(500)
            .set_position(position);
        let page = account
            .call(Operation("apigateway", "GetUsage"), request.send())
            .await
            .map_err(|error| absent(error, &format!("usage plan {}", plan.name)))?;
        found.extend(page.items().into_iter().flatten().map(|(k, days)| (k.clone(), days.clone())));
        position = page.position().map(ToOwned::to_owned);
        if position.is_none() {
            return Ok(found);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn stage() -> Stage {
        serde_json::from_value(serde_json::json!({"api": "a1", "name": "dev", "deployment": "d",
            "changed": null, "tracing": false, "web_acl": null}))
        .expect("a stage")
    }

    fn of(api: &str, stage: &str) -> sdk::UsagePlan {
        let capes = sdk::ThrottleSettings::builder().rate_limit(1.0).burst_limit(2).build();
        sdk::UsagePlan::builder()
            .id("p1")
            .throttle(sdk::ThrottleSettings::builder().rate_limit(1.5).burst_limit(3).build())
            .api_stages(
                sdk::ApiStage::builder()
                    .api_id(api)
                    .stage(stage)
                    .throttle("/customizations/{id}/GET", capes)
                    .build(),
            )
            .build()
    }

    #[test]
    fn a_plan_of_another_stage_or_api_is_not_the_stages() {
        assert!(plan_of(&of("a1", "prod"), &stage()).is_none());
        assert!(plan_of(&of("a2", "dev"), &stage()).is_none());
        assert!(plan_of(&sdk::UsagePlan::builder().id("p").build(), &stage()).is_none());
    }

    #[test]
    fn limits_are_read_and_missing_ones_are_none() {
        let plan = plan_of(&of("a1", "dev"), &stage()).expect("the stage's");
        assert_eq!((plan.name.as_str(), plan.rate, plan.burst), ("p1", Some(1.5), Some(3)));
        assert_eq!((plan.quota, plan.period), (None, None));
        let limit = &plan.methods[0];
        let method = (limit.verb.as_str(), limit.path.as_str(), limit.burst);
        assert_eq!(method, ("GET", "/customizations/{id}", 2));
    }
}
