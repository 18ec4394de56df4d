//! AWS CloudTrail: what records the account.

use futures_util::future::try_join_all;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{text, too_many};
use crate::account::call::Operation;
use crate::account::fact::{FactError, Known};
use crate::account::reader::Reader;

/// Trails whose status is asked for: five of each region, and those of all regions show in each.
const MOST_TRAILS: usize = 50;

/// The trails that record this region.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
pub(crate) struct Trails {
    /// The trails: of this region, of others that record it too, and the organization's.
    trails: Vec<Trail>,
    /// At least one of them is logging.
    logging: bool,
}

/// A trail.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
pub(crate) struct Trail {
    /// Its name.
    name: String,
    /// Its ARN.
    arn: String,
    /// Its home region.
    home_region: String,
    /// It records all regions.
    multi_region: bool,
    /// It belongs to the organization.
    organization: bool,
    /// It is logging; null where only its home region or its owner can tell.
    logging: Option<bool>,
}

pub(crate) async fn trails(reader: &Reader, _: &Known) -> Result<Trails, FactError> {
    let account = &reader.account;
    let request = account.clients().cloudtrail.describe_trails().send();
    let answer = account.call(Operation("cloudtrail", "DescribeTrails"), request).await?;
    let found = answer.trail_list().iter().take(MOST_TRAILS);
    let trails = try_join_all(found.map(|trail| async move {
        let arn = text(trail.trail_arn());
        let logging = logging(reader, &arn).await?;
        Ok::<Trail, FactError>(Trail {
            name: text(trail.name()),
            arn,
            home_region: text(trail.home_region()),
            multi_region: trail.is_multi_region_trail().unwrap_or_default(),
            organization: trail.is_organization_trail().unwrap_or_default(),
            logging,
        })
    }))
    .await?;
    let logging = trails.iter().any(|trail| trail.logging == Some(true));
    let all = answer.trail_list().len();
    if !logging && all > MOST_TRAILS {
        return Err(too_many(
            format!("Of {all} trails the first {MOST_TRAILS} aren't logging."),
            "Look at the others in the CloudTrail console.",
        ));
    }
    Ok(Trails { trails, logging })
}

/// Whether the trail is logging. A trail of another region, or of the organization, may keep that
/// to itself.
async fn logging(reader: &Reader, arn: &str) -> Result<Option<bool>, FactError> {
    let account = &reader.account;
    let request = account.clients().cloudtrail.get_trail_status().name(arn).send();
    match account.call(Operation("cloudtrail", "GetTrailStatus"), request).await {
        Ok(status) => Ok(Some(status.is_logging().unwrap_or_default())),
        Err(error) if error.is(&["TrailNotFoundException", "InvalidHomeRegionException"]) => {
            Ok(None)
        }
        Err(error) => Err(error.into()),
    }
}
