//! Usage plans and API keys: who is counted, how much each may call, and what each has called.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::model::{Stage, bad_request, not_found};
use crate::practice::random;
use crate::practice::store::Tx;
use crate::practice::wire::Fault;

mod calls;

pub(super) use calls::call;

/// Collection of plans, by id.
const PLANS: &str = "apigateway:plan";
/// Collection of keys, by id.
const KEYS: &str = "apigateway:key";
/// Collection of calls by day, by `{plan}/{key}`.
const USED: &str = "apigateway:used";

/// A usage plan, as on the wire.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(crate) struct Plan {
    /// 6 lower-case letters and digits.
    pub(crate) id: String,
    /// Its name; several plans may share one.
    pub(crate) name: String,
    /// Free text.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) description: Option<String>,
    /// The stages whose calls it counts.
    pub(crate) api_stages: Vec<ApiStage>,
    /// How fast each key may call.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) throttle: Option<Throttle>,
    /// How much each key may call.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) quota: Option<Quota>,
    /// Tags.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub(crate) tags: BTreeMap<String, String>,
    /// Ids of its keys; not on the wire.
    pub(crate) keys: Vec<String>,
}

/// A stage that a plan counts.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(crate) struct ApiStage {
    /// The API's id.
    pub(crate) api_id: String,
    /// The stage's name.
    pub(crate) stage: String,
    /// Limits of single methods, by `/capes/GET`.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub(crate) throttle: BTreeMap<String, Throttle>,
}

/// A bucket: how much it holds, and how much comes back each second.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(crate) struct Throttle {
    /// Requests that it holds.
    pub(crate) burst_limit: i64,
    /// Requests a second.
    pub(crate) rate_limit: f64,
}

/// The sum of a period.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(crate) struct Quota {
    /// Requests.
    pub(crate) limit: i64,
    /// Requests that the first period has less.
    pub(crate) offset: i64,
    /// `DAY`, `WEEK` or `MONTH`.
    pub(crate) period: String,
}

/// An API key, as on the wire.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(crate) struct Key {
    /// 10 lower-case letters and digits.
    pub(crate) id: String,
    /// 20 to 128 characters, unique in the account and region.
    pub(crate) value: String,
    /// Its name.
    pub(crate) name: String,
    /// Free text.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) description: Option<String>,
    /// The customer's id at the AWS Marketplace.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) customer_id: Option<String>,
    /// Whether it opens anything.
    pub(crate) enabled: bool,
    /// Unix time in seconds.
    pub(crate) created_date: i64,
    /// Unix time in seconds.
    pub(crate) last_updated_date: i64,
}

impl Plan {
    /// The plan.
    pub(crate) fn load(tx: &Tx<'_>, id: &str) -> Result<Self, Fault> {
        tx.get(PLANS, id)?.ok_or_else(|| not_found("Invalid Usage Plan ID specified"))
    }

    /// All plans, oldest first.
    pub(crate) fn all(tx: &Tx<'_>) -> Result<Vec<Self>, Fault> {
        Ok(tx.list(PLANS)?.into_iter().map(|(_, plan)| plan).collect())
    }

    /// Writes it, once it is fit.
    pub(crate) fn save(&self, tx: &Tx<'_>) -> Result<(), Fault> {
        self.check(tx)?;
        tx.put(PLANS, &self.id, self)
    }

    /// Removes it with what it counted.
    pub(crate) fn remove(tx: &Tx<'_>, id: &str) -> Result<(), Fault> {
        for (used, _) in tx.list::<Value>(USED)? {
            if used.starts_with(&format!("{id}/")) {
                tx.delete(USED, &used)?;
            }
        }
        tx.delete(PLANS, id).map(|_| ())
    }

    /// The limits of the stage, where the plan counts it.
    pub(crate) fn stage(&self, api: &str, stage: &str) -> Option<&ApiStage> {
        self.api_stages.iter().find(|own| own.api_id == api && own.stage == stage)
    }

    fn check(&self, tx: &Tx<'_>) -> Result<(), Fault> {
        if self.name.is_empty() {
            return Err(bad_request("Usage Plan name cannot be null or empty"));
        }
        for own in &self.api_stages {
            if Stage::find(tx, &own.api_id, &own.stage)?.is_none() {
                return Err(not_found(format!(
                    "API Stage not found: {}:{}",
                    own.api_id, own.stage
                )));
            }
        }
        let limits = self.api_stages.iter().flat_map(|own| own.throttle.values());
        if limits.chain(&self.throttle).any(|t| t.rate_limit < 0.0 || t.burst_limit < 0) {
            return Err(bad_request("Usage Plan throttle limits must not be negative"));
        }
        match &self.quota {
            Some(quota) if !["DAY", "WEEK", "MONTH"].contains(&quota.period.as_str()) => {
                Err(bad_request("Usage Plan quota period must be one of [DAY, WEEK, MONTH]"))
            }
            Some(quota) if quota.limit < 1 => {
                Err(bad_request("Usage Plan quota limit must be a positive number"))
            }
            _ => Ok(()),
        }
    }

    fn view(&self) -> Result<Value, Fault> {
        let mut view = serde_json::to_value(self)?;
        if let Some(members) = view.as_object_mut() {
            members.shift_remove("keys");
        }
        Ok(view)
    }

    /// Calls that a key sent since the quota's period began.
    pub(crate) fn used(&self, tx: &Tx<'_>, key: &str) -> Result<i64, Fault> {
        let Some(quota) = &self.quota else { return Ok(0) };
        let first = period_start(tx, &quota.period);
        Ok(days(tx, &self.id, key)?.into_iter().filter(|(day, _)| *day >= first).map(|d| d.1).sum())
    }

    /// Notes a call.
    pub(crate) fn count(&self, tx: &Tx<'_>, key: &str) -> Result<(), Fault> {
        let mut days = days(tx, &self.id, key)?;
        *days.entry(today(tx)).or_default() += 1;
        tx.put(USED, &format!("{}/{key}", self.id), &days)
    }
}

/// Today's date in UTC: `2026-11-24`.
fn today(tx: &Tx<'_>) -> String {
    tx.now().strftime("%Y-%m-%d").to_string()
}

/// The first day of the current period. Dates compare as texts.
fn period_start(tx: &Tx<'_>, period: &str) -> String {
    let date = tx.now().to_zoned_datetime(jiff::tz::TimeZone::UTC).date();
    let first = match period {
        "MONTH" => date.first_of_month(),
        "WEEK" => {
            let since = i64::from(date.weekday().to_sunday_zero_offset());
            date.saturating_sub(jiff::Span::new().days(since))
        }
        _ => date,
    };
    first.to_string()
}

/// Calls by day.
fn days(tx: &Tx<'_>, plan: &str, key: &str) -> Result<BTreeMap<String, i64>, Fault> {
    Ok(tx.get(USED, &format!("{plan}/{key}"))?.unwrap_or_default())
}

impl Key {
    /// The key.
    pub(crate) fn load(tx: &Tx<'_>, id: &str) -> Result<Self, Fault> {
        tx.get(KEYS, id)?.ok_or_else(|| not_found("Invalid API Key identifier specified"))
    }

    /// All keys, oldest first.
    pub(crate) fn all(tx: &Tx<'_>) -> Result<Vec<Self>, Fault> {
        Ok(tx.list(KEYS)?.into_iter().map(|(_, key)| key).collect())
    }

    /// Makes a key; one without a value gets a random one.
    pub(crate) fn make(tx: &Tx<'_>, mut key: Self) -> Result<Self, Fault> {
        if key.value.is_empty() {
            key.value = random::letters(40);
        }
        if !(20..=128).contains(&key.value.chars().count()) {
            return Err(bad_request("API Key value should be at least 20 characters"));
        }
        if Self::all(tx)?.iter().any(|known| known.value == key.value) {
            return Err(Fault::new(409, "ConflictException", "API Key already exists"));
        }
        key.id = random::lower(10);
        key.created_date = tx.now().as_second();
        key.last_updated_date = key.created_date;
        tx.put(KEYS, &key.id, &key)?;
        Ok(key)
    }

    /// Removes it, from all plans too.
    pub(crate) fn remove(tx: &Tx<'_>, id: &str) -> Result<(), Fault> {
        for mut plan in Plan::all(tx)? {
            if plan.keys.iter().any(|key| key == id) {
                plan.keys.retain(|key| key != id);
                tx.put(PLANS, &plan.id, &plan)?;
            }
        }
        tx.delete(KEYS, id).map(|_| ())
    }

    fn view(&self, with_value: bool) -> Result<Value, Fault> {
        let mut view = serde_json::to_value(self)?;
        view["stageKeys"] = json!([]);
        if let (false, Some(members)) = (with_value, view.as_object_mut()) {
            members.shift_remove("value");
        }
        Ok(view)
    }
}

/// Puts a key into a plan.
pub(crate) fn join(tx: &Tx<'_>, plan: &str, key: &str) -> Result<(), Fault> {
    let (mut plan, key) = (Plan::load(tx, plan)?, Key::load(tx, key)?);
    if plan.keys.contains(&key.id) {
        return Err(Fault::new(
            409,
            "ConflictException",
            format!("{} is already in the plan", key.id),
        ));
    }
    // A key counts for a stage in one plan alone: otherwise nobody could say which one.
    for other in Plan::all(tx)? {
        let shared = plan.api_stages.iter().any(|s| other.stage(&s.api_id, &s.stage).is_some());
        if other.keys.contains(&key.id) && shared {
            return Err(Fault::new(
                409,
                "ConflictException",
                "Usage Plan Key has already been added to a usage plan of the same API stage",
            ));
        }
    }
    plan.keys.push(key.id);
    plan.save(tx)
}

/// Takes a key out of a plan.
pub(crate) fn part(tx: &Tx<'_>, plan: &str, key: &str) -> Result<(), Fault> {
    let mut plan = Plan::load(tx, plan)?;
    if !plan.keys.iter().any(|known| known == key) {
        return Err(not_found("Invalid Usage Plan Key identifier specified"));
    }
    plan.keys.retain(|known| known != key);
    tx.put(PLANS, &plan.id, &plan)
}

/// Refuses to remove a stage that a plan counts.
pub(in crate::practice::services::apigateway) fn release(
    tx: &Tx<'_>,
    api: &str,
    stage: &str,
) -> Result<(), Fault> {
    let plans = Plan::all(tx)?;
    let Some(plan) = plans.iter().find(|plan| plan.stage(api, stage).is_some()) else {
        return Ok(());
    };
    Err(bad_request(format!(
        "Cannot delete stage '{stage}' because it is associated with usage plan {}. Remove it from \
         the plan first.",
        plan.id
    )))
}

/// Switches a key on or off.
pub(crate) fn set_enabled(tx: &Tx<'_>, key: &str, enabled: bool) -> Result<(), Fault> {
    let key = Key { enabled, last_updated_date: tx.now().as_second(), ..Key::load(tx, key)? };
    tx.put(KEYS, &key.id, &key)
}
