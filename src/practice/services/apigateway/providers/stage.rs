//! Deployments and stages.

use serde_json::{Map, Value};

use super::super::model::{Api, Deployment, Stage};
use super::super::{account, plans, stages};
use super::method::camel;
use super::{changed, differs, flag, list, made, owned, required, text};
use crate::practice::resource::{Desired, Provider, Resource, Updated, forget, put};
use crate::practice::store::Tx;
use crate::practice::wire::Fault;

/// `AWS::ApiGateway::Deployment`.
#[derive(Debug)]
pub(super) struct Deployments;
/// `AWS::ApiGateway::Stage`.
#[derive(Debug)]
pub(super) struct Stages;

impl Provider for Deployments {
    fn kind(&self) -> &'static str {
        "AWS::ApiGateway::Deployment"
    }

    fn create(&self, tx: &Tx<'_>, desired: &Desired<'_>) -> Result<Resource, Fault> {
        let api = Api::load(tx, required(desired.properties, "RestApiId")?)?;
        let description = desired.properties.get("Description").and_then(Value::as_str);
        let id = Deployment::make(tx, &api, description)?.id;
        if let Some(stage) = owned(desired.properties, "StageName") {
            stages::point(tx, &api.id, &stage, &id)?;
        }
        let attributes = Map::from_iter([("DeploymentId".to_owned(), id.as_str().into())]);
        let made = made(tx, self.kind(), id, desired, attributes);
        put(tx, &made)?;
        Ok(made)
    }

    fn update(&self, tx: &Tx<'_>, old: &Resource, desired: &Desired<'_>) -> Result<Updated, Fault> {
        if differs(old, desired, &["RestApiId"]) {
            return Ok(Updated::Replace);
        }
        changed(tx, old, desired)
    }

    /// A stage that the deployment itself made goes with it, when nothing newer is served there.
    fn delete(&self, tx: &Tx<'_>, old: &Resource) -> Result<(), Fault> {
        let api = text(&old.properties, "RestApiId");
        let own = text(&old.properties, "StageName");
        if Stage::find(tx, api, own)?.is_some_and(|stage| stage.deployment_id == old.id) {
            Stage::remove(tx, api, own)?;
        }
        Deployment::remove(tx, api, &old.id)?;
        forget(tx, old)
    }
}

/// Members of a stage that its properties set; what other services set on it stays.
fn apply_stage(tx: &Tx<'_>, stage: &mut Stage, properties: &Value) -> Result<(), Fault> {
    required(properties, "DeploymentId")?.clone_into(&mut stage.deployment_id);
    stage.description = owned(properties, "Description");
    stage.tracing_enabled = flag(properties, "TracingEnabled");
    stage.variables = list(properties, "Variables")?;
    stage.access_log_settings = properties.get("AccessLogSetting").map(camel);
    if stage.access_log_settings.is_some() {
        account::may_log(tx)?;
    }
    stage.method_settings.clear();
    let settings = properties.get("MethodSettings").and_then(Value::as_array);
    for setting in settings.into_iter().flatten() {
        let path = text(setting, "ResourcePath");
        let path = if path == "/*" { "*" } else { path.trim_start_matches('/') };
        let key = format!("{}/{}", path.replace('/', "~1"), text(setting, "HttpMethod"));
        if !["", "OFF"].contains(&text(setting, "LoggingLevel")) {
            account::may_log(tx)?;
        }
        let mut view = camel(setting);
        if let Some(members) = view.as_object_mut() {
            members.shift_remove("resourcePath");
            members.shift_remove("httpMethod");
        }
        stage.method_settings.insert(key, view);
    }
    Ok(())
}

impl Provider for Stages {
    fn kind(&self) -> &'static str {
        "AWS::ApiGateway::Stage"
    }

    fn create(&self, tx: &Tx<'_>, desired: &Desired<'_>) -> Result<Resource, Fault> {
        let api = Api::load(tx, required(desired.properties, "RestApiId")?)?;
        let name = required(desired.properties, "StageName")?;
        if Stage::find(tx, &api.id, name)?.is_some() {
            return Err(Fault::new(409, "AlreadyExists", "Stage already exists"));
        }
        let mut stage = Stage::new(tx, name, "")?;
        apply_stage(tx, &mut stage, desired.properties)?;
        Deployment::load(tx, &api.id, &stage.deployment_id)?;
        stage.save(tx, &api.id)?;
        let attributes = Map::from_iter([("Ref".to_owned(), name.into())]);
        let made = made(tx, self.kind(), format!("{}/{name}", api.id), desired, attributes);
        put(tx, &made)?;
        Ok(made)
    }

    fn update(&self, tx: &Tx<'_>, old: &Resource, desired: &Desired<'_>) -> Result<Updated, Fault> {
        if differs(old, desired, &["RestApiId", "StageName"]) {
            return Ok(Updated::Replace);
        }
        let api = required(desired.properties, "RestApiId")?;
        let name = required(desired.properties, "StageName")?;
        let mut stage = match Stage::find(tx, api, name)? {
            Some(stage) => stage,
            None => Stage::new(tx, name, "")?,
        };
        apply_stage(tx, &mut stage, desired.properties)?;
        Deployment::load(tx, api, &stage.deployment_id)?;
        stage.last_updated_date = tx.now().as_second();
        stage.save(tx, api)?;
        changed(tx, old, desired)
    }

    fn delete(&self, tx: &Tx<'_>, old: &Resource) -> Result<(), Fault> {
        let name = text(&old.properties, "StageName");
        plans::release(tx, text(&old.properties, "RestApiId"), name)?;
        Stage::remove(tx, text(&old.properties, "RestApiId"), name)?;
        forget(tx, old)
    }
}
