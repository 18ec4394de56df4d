//! The account's settings: the role that API Gateway writes logs with.

use serde::{Deserialize, Serialize};
use serde_json::json;

use super::model::bad_request;
use super::patch::{self, Kind};
use crate::practice::backend::access;
use crate::practice::store::Tx;
use crate::practice::wire::{Answer, Call, Fault, Reply};

/// Collection of the settings; there is one document an account and region.
const SETTINGS: &str = "gateway:account";

#[derive(Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Settings {
    cloudwatch_role_arn: Option<String>,
}

impl Settings {
    fn load(tx: &Tx<'_>) -> Result<Self, Fault> {
        Ok(tx.get(SETTINGS, "settings")?.unwrap_or_default())
    }

    /// Keeps them, when API Gateway can use the role.
    fn save(&self, tx: &Tx<'_>) -> Result<(), Fault> {
        if let Some(role) = &self.cloudwatch_role_arn
            && !access::trusts(tx, role, "apigateway.amazonaws.com")?
        {
            return Err(bad_request(
                "The role ARN does not have required permissions configured. Please grant trust \
                 permission for API Gateway and add the required role policy.",
            ));
        }
        tx.put(SETTINGS, "settings", self)
    }
}

pub(super) fn get(tx: &Tx<'_>) -> Answer {
    view(&Settings::load(tx)?)
}

pub(super) fn update(tx: &Tx<'_>, call: &Call) -> Answer {
    let allowed = [("cloudwatchRoleArn", Kind::Text)];
    let next: Settings =
        patch::apply(&Settings::load(tx)?, &call.input["patchOperations"], &allowed)?;
    next.save(tx)?;
    view(&next)
}

#[expect(clippy::unnecessary_wraps, reason = "it is what operations end with")]
fn view(settings: &Settings) -> Answer {
    let mut view = json!({
        "throttleSettings": {"burstLimit": 5000, "rateLimit": 10000.0},
        "features": ["UsagePlans"],
        "apiKeyVersion": "4",
    });
    if let Some(role) = &settings.cloudwatch_role_arn {
        view["cloudwatchRoleArn"] = role.as_str().into();
    }
    Ok(Reply::ok(view))
}

/// Sets the role, as a template does. Without one the setting stays as it is.
///
/// # Errors
/// `BadRequestException` for a role that API Gateway can't assume.
pub(super) fn set_role(tx: &Tx<'_>, role: &str) -> Result<(), Fault> {
    if role.is_empty() {
        return Ok(());
    }
    Settings { cloudwatch_role_arn: Some(role.to_owned()) }.save(tx)
}

/// Refuses logs while nobody may write them.
///
/// # Errors
/// `BadRequestException`.
pub(super) fn may_log(tx: &Tx<'_>) -> Result<(), Fault> {
    if Settings::load(tx)?.cloudwatch_role_arn.is_none() {
        return Err(bad_request(
            "CloudWatch Logs role ARN must be set in account settings to enable logging",
        ));
    }
    Ok(())
}
