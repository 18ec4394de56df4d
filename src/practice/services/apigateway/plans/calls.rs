//! The operations on usage plans, API keys and usage.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use super::super::model::{bad_request, not_found};
use super::super::patch::{self, Kind};
use super::super::{created, page, typed};
use super::{ApiStage, KEYS, Key, Plan, Throttle, days, join, part, period_start};
use crate::practice::random;
use crate::practice::store::Tx;
use crate::practice::wire::{Answer, Call, Fault, Reply};

/// Answers an operation on plans, keys and usage.
pub(in crate::practice::services::apigateway) fn call(tx: &Tx<'_>, call: &Call) -> Answer {
    let plan = call.text("usageplanId");
    let key = call.text("keyId");
    match call.operation.as_str() {
        "CreateUsagePlan" => {
            let made = Plan { id: random::lower(6), keys: Vec::new(), ..typed(&call.input)? };
            made.save(tx)?;
            created(made.view()?)
        }
        "GetUsagePlan" => Ok(Reply::ok(Plan::load(tx, plan)?.view()?)),
        "GetUsagePlans" => {
            let plans = Plan::all(tx)?
                .into_iter()
                .filter(|plan| key.is_empty() || plan.keys.iter().any(|known| known == key));
            page(call, &plans.map(|plan| plan.view()).collect::<Result<Vec<_>, _>>()?)
        }
        "UpdateUsagePlan" => {
            let mut changed = Plan::load(tx, plan)?;
            for operation in call.input["patchOperations"].as_array().into_iter().flatten() {
                patch_plan(&mut changed, operation)?;
            }
            changed.save(tx)?;
            Ok(Reply::ok(changed.view()?))
        }
        "DeleteUsagePlan" => {
            // CloudFormation takes the stages out first; who calls must do so himself.
            if let Some(own) = Plan::load(tx, plan)?.api_stages.first() {
                return Err(bad_request(format!(
                    "Cannot delete Usage Plan {plan} because there are API Stages associated with \
                     it, including {}:{}",
                    own.api_id, own.stage
                )));
            }
            Plan::remove(tx, plan)?;
            Ok(Reply::empty(202))
        }
        "CreateUsagePlanKey" => {
            if call.text("keyType") != "API_KEY" {
                return Err(bad_request("Invalid key type specified: it must be API_KEY"));
            }
            join(tx, plan, key)?;
            created(plan_key(&Key::load(tx, key)?))
        }
        "GetUsagePlanKeys" => {
            let ids = Plan::load(tx, plan)?.keys;
            let keys = ids.iter().map(|id| Ok(plan_key(&Key::load(tx, id)?)));
            page(call, &keys.collect::<Result<Vec<_>, Fault>>()?)
        }
        "GetUsagePlanKey" => {
            let known = Plan::load(tx, plan)?.keys.iter().any(|known| known == key);
            if !known {
                return Err(not_found("Invalid Usage Plan Key identifier specified"));
            }
            Ok(Reply::ok(plan_key(&Key::load(tx, key)?)))
        }
        "DeleteUsagePlanKey" => {
            part(tx, plan, key)?;
            Ok(Reply::empty(202))
        }
        "GetUsage" => usage(tx, call),
        _ => keys(tx, call),
    }
}

fn plan_key(key: &Key) -> Value {
    json!({"id": key.id, "type": "API_KEY", "value": key.value, "name": key.name})
}

fn keys(tx: &Tx<'_>, call: &Call) -> Answer {
    let id = call.text("api_Key");
    match call.operation.as_str() {
        "CreateApiKey" => created(Key::make(tx, typed(&call.input)?)?.view(true)?),
        "GetApiKey" => Ok(Reply::ok(Key::load(tx, id)?.view(call.flag("includeValue"))?)),
        "GetApiKeys" => {
            let start = call.text("name");
            let found = Key::all(tx)?.into_iter().filter(|key| key.name.starts_with(start));
            let views = found.map(|key| key.view(call.flag("includeValues")));
            page(call, &views.collect::<Result<Vec<_>, _>>()?)
        }
        "UpdateApiKey" => {
            let allowed = [
                ("name", Kind::Text),
                ("description", Kind::Text),
                ("enabled", Kind::Flag),
                ("customerId", Kind::Text),
            ];
            let mut key: Key =
                patch::apply(&Key::load(tx, id)?, &call.input["patchOperations"], &allowed)?;
            key.last_updated_date = tx.now().as_second();
            tx.put(KEYS, &key.id, &key)?;
            Ok(Reply::ok(key.view(false)?))
        }
        "DeleteApiKey" => {
            Key::load(tx, id)?;
            Key::remove(tx, id)?;
            Ok(Reply::empty(202))
        }
        operation => Err(Fault::not_implemented("apigateway", operation)),
    }
}

/// `[used, remaining]` of each day, by key.
fn usage(tx: &Tx<'_>, call: &Call) -> Answer {
    let plan = Plan::load(tx, call.text("usageplanId"))?;
    let (start, end) = (call.text("startDate"), call.text("endDate"));
    if start.is_empty() || end.is_empty() || start > end {
        return Err(bad_request("Invalid startDate or endDate specified"));
    }
    let Some(quota) = &plan.quota else {
        return Err(bad_request("Usage Plan has no quota, so its usage isn't recorded"));
    };
    let mut values = Map::new();
    for key in &plan.keys {
        if !call.text("keyId").is_empty() && call.text("keyId") != key {
            continue;
        }
        let mut pairs = Vec::new();
        let mut used_so_far: i64 = 0;
        let first = period_start(tx, &quota.period);
        for (day, used) in days(tx, &plan.id, key)? {
            let current = day >= first;
            used_so_far = if current { used_so_far + used } else { used };
            if (start..=end).contains(&day.as_str()) {
                pairs.push(json!([used, (quota.limit - used_so_far).max(0)]));
            }
            if !current {
                used_so_far = 0;
            }
        }
        if !pairs.is_empty() {
            values.insert(key.clone(), pairs.into());
        }
    }
    Ok(Reply::ok(json!({"usagePlanId": plan.id, "startDate": start, "endDate": end,
        "values": values})))
}

/// One change of a plan: `/throttle/rateLimit`, `/quota/limit`, `/apiStages` with `{api}:{stage}`,
/// `/apiStages/{api}:{stage}/throttle/{path}/{verb}/burstLimit`.
fn patch_plan(plan: &mut Plan, operation: &Value) -> Result<(), Fault> {
    let member = |name: &str| operation.get(name).and_then(Value::as_str).unwrap_or("");
    let (verb, path, value) = (member("op"), member("path"), member("value"));
    let invalid = || bad_request(format!("Invalid patch path '{path}' specified for op '{verb}'"));
    let remove = verb == "remove";
    let parts: Vec<String> = path
        .trim_start_matches('/')
        .split('/')
        .map(|part| part.replace("~1", "/").replace("~0", "~"))
        .collect();
    let parts: Vec<&str> = parts.iter().map(String::as_str).collect();
    match parts[..] {
        ["name"] => value.clone_into(&mut plan.name),
        ["description"] => plan.description = Some(value.to_owned()),
        ["throttle"] if remove => plan.throttle = None,
        ["quota"] if remove => plan.quota = None,
        ["throttle", name] => {
            limit(plan.throttle.get_or_insert_default(), name, value).ok_or_else(invalid)?
        }
        ["quota", "limit"] => {
            plan.quota.get_or_insert_default().limit = value.parse().map_err(|_| invalid())?;
        }
        ["quota", "offset"] => {
            plan.quota.get_or_insert_default().offset = value.parse().map_err(|_| invalid())?;
        }
        ["quota", "period"] => value.clone_into(&mut plan.quota.get_or_insert_default().period),
        ["apiStages"] => {
            let (api, stage) = value.split_once(':').ok_or_else(invalid)?;
            plan.api_stages.retain(|own| own.api_id != api || own.stage != stage);
            if !remove {
                plan.api_stages.push(ApiStage {
                    api_id: api.to_owned(),
                    stage: stage.to_owned(),
                    throttle: BTreeMap::new(),
                });
            }
        }
        ["apiStages", own, "throttle", ref rest @ ..] => {
            let (api, stage) = own.split_once(':').ok_or_else(invalid)?;
            let own = plan.api_stages.iter_mut().find(|s| s.api_id == api && s.stage == stage);
            let own = own.ok_or_else(invalid)?;
            match rest {
                [] if remove => own.throttle.clear(),
                [path, verb] if remove => {
                    own.throttle.remove(&format!("{path}/{verb}"));
                }
                [path, verb, name] => {
                    let held = own.throttle.entry(format!("{path}/{verb}")).or_default();
                    limit(held, name, value).ok_or_else(invalid)?;
                }
                _ => return Err(invalid()),
            }
        }
        _ => return Err(invalid()),
    }
    Ok(())
}

/// Sets one limit; none where there is no such limit, or the value is no number.
fn limit(throttle: &mut Throttle, name: &str, value: &str) -> Option<()> {
    match name {
        "rateLimit" => throttle.rate_limit = value.parse().ok()?,
        "burstLimit" => throttle.burst_limit = value.parse().ok()?,
        _ => return None,
    }
    Some(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn plans_are_changed_as_the_console_changes_them() {
        let mut plan = Plan::default();
        for (op, path, value) in [
            ("add", "/apiStages", "a1:dev"),
            ("replace", "/throttle/rateLimit", "1.5"),
            ("replace", "/quota/period", "DAY"),
            ("replace", "/apiStages/a1:dev/throttle/~1capes/GET/burstLimit", "2"),
        ] {
            let operation = json!({"op": op, "path": path, "value": value});
            patch_plan(&mut plan, &operation).expect("patched");
        }
        let stage = plan.stage("a1", "dev").expect("attached");
        assert_eq!(stage.throttle["/capes/GET"].burst_limit, 2);
        assert_eq!(plan.throttle.map(|throttle| throttle.rate_limit), Some(1.5));
        let gone = json!({"op": "remove", "path": "/apiStages", "value": "a1:dev"});
        patch_plan(&mut plan, &gone).expect("patched");
        assert!(plan.api_stages.is_empty());
        let unknown = json!({"op": "replace", "path": "/throttle/speed", "value": "1"});
        assert_eq!(patch_plan(&mut plan, &unknown).expect_err("refused").status, 400);
    }
}
