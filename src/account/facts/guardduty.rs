//! Amazon GuardDuty: the region's detector, and whether it watches what functions connect to.

use aws_sdk_guardduty::types as sdk;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{missing, regional, text};
use crate::account::call::Operation;
use crate::account::fact::{CannotLook, FactError, Known, Reason};
use crate::account::reader::{Reader, known};

const SERVICE: &str = "Amazon GuardDuty";

/// The region's detector. There is one at most.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
pub(crate) struct Detector {
    /// Its id.
    id: String,
    /// `ENABLED`; `DISABLED` when it is suspended.
    status: String,
    /// It is on: not suspended.
    pub(super) enabled: bool,
    /// Lambda Protection: `ENABLED` or `DISABLED`. Null where the detector knows no such plan.
    lambda: Option<String>,
    /// A policy of the organization manages Lambda Protection; the account can't change it.
    pub(super) managed: bool,
}

/// Lambda Protection: GuardDuty watches what functions connect to.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
pub(crate) struct LambdaProtection {
    /// `ENABLED` or `DISABLED`.
    status: String,
    /// It is on, and its detector isn't suspended.
    enabled: bool,
    /// The detector is suspended.
    suspended: bool,
    /// A policy of the organization manages it; the account can't change it.
    managed: bool,
}

pub(crate) async fn detector(reader: &Reader, _: &Known) -> Result<Detector, FactError> {
    let found = find(reader).await?;
    found.ok_or_else(|| missing(format!("GuardDuty detector in {}", reader.account.region())))
}

/// The region's detector, if there is one.
pub(super) async fn find(reader: &Reader) -> Result<Option<Detector>, FactError> {
    let account = &reader.account;
    let away = |error| regional(reader, error, SERVICE);
    let mut next: Option<String> = None;
    let id = loop {
        let request = account.clients().guardduty.list_detectors().set_next_token(next).send();
        let operation = Operation("guardduty", "ListDetectors");
        let page = account.call(operation, request).await.map_err(away)?;
        if let Some(id) = page.detector_ids().first() {
            break id.clone();
        }
        next = page.next_token().filter(|token| !token.is_empty()).map(ToOwned::to_owned);
        if next.is_none() {
            return Ok(None);
        }
    };
    let request = account.clients().guardduty.get_detector().detector_id(&id).send();
    let operation = Operation("guardduty", "GetDetector");
    let found = account.call(operation, request).await.map_err(away)?;
    let status = text(found.status().map(sdk::DetectorStatus::as_str));
    let lambda = found
        .features()
        .iter()
        .find(|feature| feature.name() == Some(&sdk::DetectorFeatureResult::LambdaNetworkLogs));
    Ok(Some(Detector {
        id,
        enabled: status == "ENABLED",
        status,
        lambda: lambda.map(|feature| text(feature.status().map(sdk::FeatureStatus::as_str))),
        managed: lambda.is_some_and(|feature| feature.managed_by().is_some()),
    }))
}

pub(crate) async fn protection(
    reader: &Reader,
    facts: &Known,
) -> Result<LambdaProtection, FactError> {
    let Detector { enabled, lambda, managed, .. } = known(facts, "detector")?;
    let Some(status) = lambda else {
        return Err(FactError::CannotLook(CannotLook {
            reason: Reason::Region,
            message: format!(
                "The GuardDuty detector in region {} knows no Lambda Protection.",
                reader.account.region()
            ),
            remedy: "Skip the step, or work in another region.".to_owned(),
        }));
    };
    Ok(LambdaProtection {
        enabled: enabled && status == "ENABLED",
        status,
        suspended: !enabled,
        managed,
    })
}
