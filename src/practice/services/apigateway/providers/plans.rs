//! Usage plans and API keys.

use serde_json::{Map, Value};

use super::super::plans::{self, ApiStage, Key, Plan, Quota, Throttle};
use super::{changed, differs, flag, made, number, owned, required, text};
use crate::practice::random;
use crate::practice::resource::{Desired, Provider, Resource, Updated, forget, put};
use crate::practice::store::Tx;
use crate::practice::wire::Fault;

/// `AWS::ApiGateway::UsagePlan`.
#[derive(Debug)]
pub(super) struct UsagePlans;
/// `AWS::ApiGateway::ApiKey`.
#[derive(Debug)]
pub(super) struct ApiKeys;
/// `AWS::ApiGateway::UsagePlanKey`.
#[derive(Debug)]
pub(super) struct UsagePlanKeys;

/// A number that may have a fraction; text where a parameter brought it.
fn fraction(value: &Value) -> f64 {
    value.as_f64().or_else(|| value.as_str()?.parse().ok()).unwrap_or_default()
}

fn throttle(value: &Value) -> Throttle {
    Throttle {
        burst_limit: number(value, "BurstLimit").unwrap_or_default(),
        rate_limit: value.get("RateLimit").map(fraction).unwrap_or_default(),
    }
}

fn stage(value: &Value) -> ApiStage {
    let limits = value.get("Throttle").and_then(Value::as_object);
    ApiStage {
        api_id: text(value, "ApiId").to_owned(),
        stage: text(value, "Stage").to_owned(),
        throttle: limits.into_iter().flatten().map(|(m, t)| (m.clone(), throttle(t))).collect(),
    }
}

/// The plan as its properties say; its id and keys stay.
fn plan_of(id: &str, name: String, keys: Vec<String>, properties: &Value) -> Plan {
    let stages = properties.get("ApiStages").and_then(Value::as_array);
    Plan {
        id: id.to_owned(),
        name,
        description: owned(properties, "Description"),
        api_stages: stages.into_iter().flatten().map(stage).collect(),
        throttle: properties.get("Throttle").map(throttle),
        quota: properties.get("Quota").map(|quota| Quota {
            limit: number(quota, "Limit").unwrap_or_default(),
            offset: number(quota, "Offset").unwrap_or_default(),
            period: text(quota, "Period").to_owned(),
        }),
        tags: std::collections::BTreeMap::new(),
        keys,
    }
}

impl Provider for UsagePlans {
    fn kind(&self) -> &'static str {
        "AWS::ApiGateway::UsagePlan"
    }

    fn create(&self, tx: &Tx<'_>, desired: &Desired<'_>) -> Result<Resource, Fault> {
        let id = random::lower(6);
        let name = desired.name("UsagePlanName", 128);
        plan_of(&id, name, Vec::new(), desired.properties).save(tx)?;
        let attributes = Map::from_iter([("Id".to_owned(), id.as_str().into())]);
        let made = made(tx, self.kind(), id, desired, attributes);
        put(tx, &made)?;
        Ok(made)
    }

    fn update(&self, tx: &Tx<'_>, old: &Resource, desired: &Desired<'_>) -> Result<Updated, Fault> {
        let known = Plan::load(tx, &old.id)?;
        let name = owned(desired.properties, "UsagePlanName").unwrap_or(known.name);
        plan_of(&old.id, name, known.keys, desired.properties).save(tx)?;
        changed(tx, old, desired)
    }

    fn delete(&self, tx: &Tx<'_>, old: &Resource) -> Result<(), Fault> {
        Plan::remove(tx, &old.id)?;
        forget(tx, old)
    }
}

impl Provider for ApiKeys {
    fn kind(&self) -> &'static str {
        "AWS::ApiGateway::ApiKey"
    }

    fn create(&self, tx: &Tx<'_>, desired: &Desired<'_>) -> Result<Resource, Fault> {
        let properties = desired.properties;
        let key = Key {
            name: desired.name("Name", 128),
            value: text(properties, "Value").to_owned(),
            description: owned(properties, "Description"),
            customer_id: owned(properties, "CustomerId"),
            enabled: flag(properties, "Enabled"),
            ..Key::default()
        };
        let id = Key::make(tx, key)?.id;
        let attributes = Map::from_iter([("APIKeyId".to_owned(), id.as_str().into())]);
        let made = made(tx, self.kind(), id, desired, attributes);
        put(tx, &made)?;
        Ok(made)
    }

    fn update(&self, tx: &Tx<'_>, old: &Resource, desired: &Desired<'_>) -> Result<Updated, Fault> {
        if differs(old, desired, &["Name", "Value", "GenerateDistinctId"]) {
            return Ok(Updated::Replace);
        }
        plans::set_enabled(tx, &old.id, flag(desired.properties, "Enabled"))?;
        changed(tx, old, desired)
    }

    fn delete(&self, tx: &Tx<'_>, old: &Resource) -> Result<(), Fault> {
        Key::remove(tx, &old.id)?;
        forget(tx, old)
    }
}

impl Provider for UsagePlanKeys {
    fn kind(&self) -> &'static str {
        "AWS::ApiGateway::UsagePlanKey"
    }

    fn create(&self, tx: &Tx<'_>, desired: &Desired<'_>) -> Result<Resource, Fault> {
        let plan = required(desired.properties, "UsagePlanId")?;
        let key = required(desired.properties, "KeyId")?;
        plans::join(tx, plan, key)?;
        let id = format!("{key}:{plan}");
        let attributes = Map::from_iter([("Id".to_owned(), id.as_str().into())]);
        let made = made(tx, self.kind(), id, desired, attributes);
        put(tx, &made)?;
        Ok(made)
    }

    /// All that it has is fixed.
    fn update(&self, _: &Tx<'_>, _: &Resource, _: &Desired<'_>) -> Result<Updated, Fault> {
        Ok(Updated::Replace)
    }

    fn delete(&self, tx: &Tx<'_>, old: &Resource) -> Result<(), Fault> {
        // Plan or key may be gone already.
        let _ =
            plans::part(tx, text(&old.properties, "UsagePlanId"), text(&old.properties, "KeyId"));
        forget(tx, old)
    }
}
