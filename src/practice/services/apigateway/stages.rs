//! Deployments and stages: what callers reach.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use super::account;
use super::export::{self as writer, Extensions};
use super::model::{Api, Deployment, Stage, bad_request};
use super::patch::{self, Kind};
use super::plans;
use super::{created, page, typed};
use crate::practice::store::Tx;
use crate::practice::wire::{Answer, Call, Fault, Reply, ReplyBody};

/// Collection of authorizers' decisions, by `{api}/{stage}/…`.
pub(crate) const DECISIONS: &str = "gateway:decision";

pub(super) fn create_deployment(tx: &Tx<'_>, call: &Call) -> Answer {
    let api = Api::load(tx, call.text("restApiId"))?;
    let description = call.input.get("description").and_then(Value::as_str);
    let deployment = Deployment::make(tx, &api, description)?;
    let name = call.text("stageName");
    if !name.is_empty() {
        let mut stage = point(tx, &api.id, name, &deployment.id)?;
        if let Some(variables) = call.input.get("variables") {
            stage.variables = typed(variables)?;
        }
        if let Some(tracing) = call.input.get("tracingEnabled").and_then(Value::as_bool) {
            stage.tracing_enabled = tracing;
        }
        stage.save(tx, &api.id)?;
    }
    created(deployment_view(&deployment, false))
}

/// Points a stage at a deployment, making the stage where it doesn't exist.
pub(super) fn point(tx: &Tx<'_>, api: &str, name: &str, deployment: &str) -> Result<Stage, Fault> {
    let mut stage = match Stage::find(tx, api, name)? {
        Some(stage) => stage,
        None => Stage::new(tx, name, deployment)?,
    };
    deployment.clone_into(&mut stage.deployment_id);
    stage.last_updated_date = tx.now().as_second();
    stage.save(tx, api)?;
    Ok(stage)
}

fn deployment_view(deployment: &Deployment, summary: bool) -> Value {
    let mut view = json!({"id": deployment.id, "createdDate": deployment.created_date});
    if let Some(description) = &deployment.description {
        view["description"] = description.as_str().into();
    }
    if summary {
        let paths: Map<String, Value> = deployment
            .api
            .resources
            .iter()
            .filter(|resource| !resource.methods.is_empty())
            .map(|resource| {
                let methods: Map<String, Value> = resource
                    .methods
                    .iter()
                    .map(|(verb, method)| {
                        let view = json!({"authorizationType": method.authorization_type,
                            "apiKeyRequired": method.api_key_required});
                        (verb.clone(), view)
                    })
                    .collect();
                (resource.path.clone(), methods.into())
            })
            .collect();
        view["apiSummary"] = paths.into();
    }
    view
}

pub(super) fn deployments(tx: &Tx<'_>, call: &Call) -> Answer {
    let api = Api::load(tx, call.text("restApiId"))?;
    let mut all = Deployment::of(tx, &api.id)?;
    all.reverse();
    page(call, &all.iter().map(|deployment| deployment_view(deployment, false)).collect::<Vec<_>>())
}

pub(super) fn deployment(tx: &Tx<'_>, call: &Call) -> Answer {
    let api = Api::load(tx, call.text("restApiId"))?;
    let deployment = Deployment::load(tx, &api.id, call.text("deploymentId"))?;
    let summary = match call.input.get("embed") {
        Some(Value::Array(list)) => list.iter().any(|item| item == "apisummary"),
        Some(Value::String(text)) => text.split(',').any(|item| item == "apisummary"),
        _ => false,
    };
    Ok(Reply::ok(deployment_view(&deployment, summary)))
}

pub(super) fn delete_deployment(tx: &Tx<'_>, call: &Call) -> Answer {
    let api = Api::load(tx, call.text("restApiId"))?;
    let deployment = Deployment::load(tx, &api.id, call.text("deploymentId"))?;
    Deployment::remove(tx, &api.id, &deployment.id)?;
    Ok(Reply::empty(202))
}

pub(super) fn create(tx: &Tx<'_>, call: &Call) -> Answer {
    let api = Api::load(tx, call.text("restApiId"))?;
    let name = call.text("stageName");
    Deployment::load(tx, &api.id, call.text("deploymentId"))?;
    if Stage::find(tx, &api.id, name)?.is_some() {
        return Err(Fault::new(409, "ConflictException", "Stage already exists"));
    }
    let mut stage = Stage::new(tx, name, call.text("deploymentId"))?;
    stage.description = call.input.get("description").and_then(Value::as_str).map(str::to_owned);
    stage.tracing_enabled =
        call.input.get("tracingEnabled").and_then(Value::as_bool).unwrap_or(false);
    if let Some(variables) = call.input.get("variables") {
        stage.variables = typed(variables)?;
    }
    if let Some(tags) = call.input.get("tags") {
        stage.tags = typed(tags)?;
    }
    stage.save(tx, &api.id)?;
    created(serde_json::to_value(&stage)?)
}

pub(super) fn list(tx: &Tx<'_>, call: &Call) -> Answer {
    let api = Api::load(tx, call.text("restApiId"))?;
    let wanted = call.text("deploymentId");
    let stages = Stage::of(tx, &api.id)?;
    let views = stages
        .iter()
        .filter(|stage| wanted.is_empty() || stage.deployment_id == wanted)
        .map(serde_json::to_value);
    // The one list of the service whose member is `item` in the singular and has no position.
    Ok(Reply::ok(json!({"item": views.collect::<Result<Vec<_>, _>>()?})))
}

pub(super) fn get(tx: &Tx<'_>, call: &Call) -> Answer {
    let api = Api::load(tx, call.text("restApiId"))?;
    Ok(Reply::ok(serde_json::to_value(Stage::load(tx, &api.id, call.text("stageName"))?)?))
}

pub(super) fn update(tx: &Tx<'_>, call: &Call) -> Answer {
    let api = Api::load(tx, call.text("restApiId"))?;
    let stage = Stage::load(tx, &api.id, call.text("stageName"))?;
    let operations = call.input["patchOperations"].as_array().cloned().unwrap_or_default();
    let (settings, plain): (Vec<Value>, Vec<Value>) = operations
        .into_iter()
        .partition(|operation| setting(operation["path"].as_str().unwrap_or("")).is_some());
    let allowed = [
        ("deploymentId", Kind::Text),
        ("description", Kind::Text),
        ("tracingEnabled", Kind::Flag),
        ("variables", Kind::Map),
    ];
    let mut stage: Stage = patch::apply(&stage, &plain.into(), &allowed)?;
    for operation in &settings {
        let logs = operation["path"].as_str().is_some_and(|path| path.ends_with("/loglevel"));
        if logs && operation["value"].as_str().is_some_and(|level| level != "OFF") {
            account::may_log(tx)?;
        }
        method_setting(&mut stage, operation)?;
    }
    Deployment::load(tx, &api.id, &stage.deployment_id)?;
    stage.last_updated_date = tx.now().as_second();
    stage.save(tx, &api.id)?;
    Ok(Reply::ok(serde_json::to_value(&stage)?))
}

/// Patch path of a method setting to the key and member that it stands for:
/// `/{path}/{verb}/throttling/rateLimit`, `/*/*/logging/loglevel`.
fn setting(path: &str) -> Option<(String, &'static str)> {
    const SETTINGS: [(&str, &str); 8] = [
        ("/metrics/enabled", "metricsEnabled"),
        ("/logging/loglevel", "loggingLevel"),
        ("/logging/dataTrace", "dataTraceEnabled"),
        ("/throttling/burstLimit", "throttlingBurstLimit"),
        ("/throttling/rateLimit", "throttlingRateLimit"),
        ("/caching/enabled", "cachingEnabled"),
        ("/caching/ttlInSeconds", "cacheTtlInSeconds"),
        ("/caching/dataEncrypted", "cacheDataEncrypted"),
    ];
    SETTINGS.iter().find_map(|(suffix, member)| {
        let key = path.strip_suffix(suffix)?.trim_start_matches('/');
        Some((key.replace("~1", "/"), *member))
    })
}

fn method_setting(stage: &mut Stage, operation: &Value) -> Result<(), Fault> {
    let Some((key, member)) = setting(operation["path"].as_str().unwrap_or("")) else {
        return Ok(());
    };
    let text = operation["value"].as_str().unwrap_or("");
    let value = match text {
        "true" | "false" => (text == "true").into(),
        _ => text.parse::<f64>().map_or_else(|_| text.into(), number),
    };
    let held = stage.method_settings.entry(key).or_insert_with(|| json!({}));
    let Value::Object(settings) = held else {
        return Err(bad_request("Invalid method setting path"));
    };
    if operation["op"] == "remove" {
        settings.shift_remove(member);
    } else {
        settings.insert(member.to_owned(), value);
    }
    Ok(())
}

/// Whole numbers without a fraction, as the limits of bursts want them.
fn number(value: f64) -> Value {
    let text = value.to_string();
    text.parse::<i64>().map_or_else(|_| value.into(), Value::from)
}

pub(super) fn delete(tx: &Tx<'_>, call: &Call) -> Answer {
    let api = Api::load(tx, call.text("restApiId"))?;
    let stage = Stage::load(tx, &api.id, call.text("stageName"))?;
    plans::release(tx, &api.id, &stage.stage_name)?;
    Stage::remove(tx, &api.id, &stage.stage_name)?;
    Ok(Reply::empty(202))
}

pub(super) fn flush_authorizers(tx: &Tx<'_>, call: &Call) -> Answer {
    let api = Api::load(tx, call.text("restApiId"))?;
    let stage = Stage::load(tx, &api.id, call.text("stageName"))?;
    let prefix = format!("{}/{}/", api.id, stage.stage_name);
    for (id, _) in tx.list::<Value>(DECISIONS)? {
        if id.starts_with(&prefix) {
            tx.delete(DECISIONS, &id)?;
        }
    }
    Ok(Reply::empty(202))
}

pub(super) fn export(tx: &Tx<'_>, call: &Call) -> Answer {
    let api = Api::load(tx, call.text("restApiId"))?;
    let stage = Stage::load(tx, &api.id, call.text("stageName"))?;
    let deployment = Deployment::load(tx, &api.id, &stage.deployment_id)?;
    let accepts = call.text("accepts");
    if !["", "application/json", "*/*"].contains(&accepts) {
        return Err(bad_request(format!(
            "Invalid accepts: the practice account exports application/json, not {accepts}"
        )));
    }
    let parameters: BTreeMap<String, String> = match call.input.get("parameters") {
        Some(parameters) => typed(parameters)?,
        None => BTreeMap::new(),
    };
    // REST clients may also have left the parameter among the query's.
    let extensions = parameters.get("extensions").map_or(call.text("extensions"), String::as_str);
    let document = writer::export(
        tx,
        &deployment.api,
        &stage,
        call.text("exportType"),
        Extensions::parse(extensions),
    )?;
    let kind = call.text("exportType");
    let name = format!("attachment; filename=\"{kind}_{}.json\"", deployment.created_date);
    Ok(Reply {
        status: 200,
        headers: vec![("content-disposition".to_owned(), name)],
        body: ReplyBody::Raw(serde_json::to_vec_pretty(&document)?, "application/octet-stream"),
    })
}
