//! The rotation function: one step of changing the database user's password, as the starter app's
//! code does it.

use serde_json::{Value, json};

use super::context::{Context, Payload, Thrown};
use super::login::secret;
use crate::practice::properties::text;
use crate::practice::services::rds;

const PENDING: &str = "AWSPENDING";

fn error(message: &str) -> Thrown {
    Thrown::Error("Error".to_owned(), message.to_owned())
}

/// Does the step that the event names.
pub(super) fn step(context: &Context<'_, '_>, event: &Value) -> Payload {
    let (id, version) = (text(event, "SecretId"), text(event, "ClientRequestToken"));
    let described = context.secrets("DescribeSecret", id, json!({}))?;
    if described.get("RotationEnabled") != Some(&Value::Bool(true)) {
        return Err(error("The secret has no rotation"));
    }
    let stages = described.get("VersionIdsToStages").and_then(Value::as_object);
    let labels = |version: &str| stages.and_then(|all| all.get(version)).cloned();
    let has = |labels: &Value, stage: &str| {
        labels.as_array().into_iter().flatten().any(|label| label == stage)
    };
    let own = labels(version).ok_or_else(|| error("The secret has no such version"))?;
    if has(&own, "AWSCURRENT") {
        return Ok(Value::Null);
    }
    if !has(&own, PENDING) {
        return Err(error("The version is not AWSPENDING"));
    }
    let pending = json!({ "VersionStage": PENDING, "VersionId": version });
    match text(event, "Step") {
        "createSecret" => create(context, id, version, pending),
        "setSecret" => set(context, id, pending),
        "testSecret" => {
            let (user, password) = secret(context, id, pending)?;
            context.connect(&user, &password)??;
            Ok(Value::Null)
        }
        "finishSecret" => {
            let mut all = stages.into_iter().flatten();
            let before = all.find(|(_, labels)| has(labels, "AWSCURRENT")).map(|(id, _)| id);
            let moved = json!({ "VersionStage": "AWSCURRENT", "MoveToVersionId": version,
                "RemoveFromVersionId": before });
            context.secrets("UpdateSecretVersionStage", id, moved)?;
            let taken = json!({ "VersionStage": PENDING, "RemoveFromVersionId": version });
            context.secrets("UpdateSecretVersionStage", id, taken)?;
            Ok(Value::Null)
        }
        _ => Err(error("No such step")),
    }
}

fn create(context: &Context<'_, '_>, id: &str, version: &str, pending: Value) -> Payload {
    let current = context.secrets("GetSecretValue", id, json!({ "VersionStage": "AWSCURRENT" }))?;
    match context.secrets("GetSecretValue", id, pending) {
        Ok(_) => return Ok(Value::Null),
        Err(Thrown::Error(kind, _)) if kind == "ResourceNotFoundException" => {}
        Err(other) => return Err(other),
    }
    let wanted = json!({ "PasswordLength": 32, "ExcludeCharacters": "/@\"'\\" });
    let made = context.call("secretsmanager", "GetRandomPassword", "*", wanted)?;
    let mut value: Value = serde_json::from_str(text(&current, "SecretString"))
        .map_err(|_| error("The secret's value is not valid JSON"))?;
    value["password"] = text(&made, "RandomPassword").into();
    let put = json!({ "ClientRequestToken": version, "SecretString": value.to_string(),
        "VersionStages": [PENDING] });
    context.secrets("PutSecretValue", id, put)?;
    Ok(Value::Null)
}

fn set(context: &Context<'_, '_>, id: &str, pending: Value) -> Payload {
    let (user, new) = secret(context, id, pending)?;
    match context.connect(&user, &new)? {
        // Set already, by a run that broke off later.
        Ok(_) => return Ok(Value::Null),
        Err(error) if error.code == "ER_ACCESS_DENIED_ERROR" => {}
        Err(error) => return Err(error.into()),
    }
    let (current_user, password) = secret(context, id, json!({ "VersionStage": "AWSCURRENT" }))?;
    if current_user != user {
        return Err(error("The versions name different users"));
    }
    let cluster = context.connect(&user, &password)??;
    rds::set_password(context.tx, &cluster.id, &new)?;
    Ok(Value::Null)
}
