//! Which web ACL stands before which stage: the stage knows.

use super::{WEB_ACL, invalid, nonexistent};
use crate::practice::services::apigateway::model::{Api, Stage};
use crate::practice::store::Tx;
use crate::practice::wire::Fault;

/// A stage, by its ARN.
pub(super) struct Place {
    api: String,
    stage: String,
}

impl Place {
    /// `arn:aws:apigateway:{region}::/restapis/{api}/stages/{stage}`.
    pub(super) fn of(tx: &Tx<'_>, arn: &str) -> Result<Self, Fault> {
        let start = format!("arn:aws:apigateway:{}::/restapis/", tx.scope().region);
        let path = arn.strip_prefix(&start).and_then(|rest| rest.split_once("/stages/"));
        let (api, stage) = path.ok_or_else(|| {
            invalid(
                "The ARN isn't valid. A valid ARN begins with arn: and includes other \
                 information separated by colons or slashes.",
                "RESOURCE_ARN",
            )
        })?;
        Ok(Self { api: api.to_owned(), stage: stage.to_owned() })
    }

    /// The stage.
    pub(super) fn load(&self, tx: &Tx<'_>) -> Result<Stage, Fault> {
        Stage::find(tx, &self.api, &self.stage)?.ok_or_else(nonexistent)
    }
}

/// Puts a web ACL before a stage, in place of the one that stands there.
pub(super) fn associate(tx: &Tx<'_>, acl: &str, at: &str) -> Result<(), Fault> {
    WEB_ACL.by_arn(tx, acl)?.ok_or_else(nonexistent)?;
    set(tx, at, Some(acl.to_owned()))
}

/// Takes the web ACL away, where one stands.
pub(super) fn disassociate(tx: &Tx<'_>, at: &str) -> Result<(), Fault> {
    set(tx, at, None)
}

fn set(tx: &Tx<'_>, at: &str, acl: Option<String>) -> Result<(), Fault> {
    let place = Place::of(tx, at)?;
    let mut stage = place.load(tx)?;
    stage.web_acl_arn = acl;
    stage.save(tx, &place.api)
}

/// ARNs of the stages that the web ACL stands before.
pub(super) fn of_acl(tx: &Tx<'_>, acl: &str) -> Result<Vec<String>, Fault> {
    let region = &tx.scope().region;
    let mut arns = Vec::new();
    for api in Api::all(tx)? {
        for stage in Stage::of(tx, &api.id)? {
            if stage.web_acl_arn.as_deref() == Some(acl) {
                let path = format!("/restapis/{}/stages/{}", api.id, stage.stage_name);
                arns.push(format!("arn:aws:apigateway:{region}::{path}"));
            }
        }
    }
    Ok(arns)
}
