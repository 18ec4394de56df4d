//! Readings of the account, one file per service area. Things are found through the stack's
//! resources, never by a hoped-for name.

pub(super) mod access_analyzer;
pub(super) mod apigateway;
mod archive;
pub(super) mod cloudformation;
pub(super) mod cloudtrail;
pub(super) mod cognito;
pub(super) mod connections;
pub(super) mod dependencies;
pub(super) mod dynamodb;
pub(super) mod elsewhere;
pub(super) mod guardduty;
pub(super) mod iam;
mod imports;
pub(super) mod inspector;
pub(super) mod lambda;
pub(super) mod leftovers;
pub(super) mod logins;
pub(super) mod packages;
pub(super) mod permission_callers;
pub(super) mod rds;
pub(super) mod rds_parameters;
pub(super) mod role_drift;
pub(super) mod role_simulation;
pub(super) mod sampling;
pub(super) mod secret_readers;
pub(super) mod secrets;
mod simulator;
mod source;
mod statements;
pub(super) mod store_users;
pub(super) mod sts;
mod tls;
mod trust;
pub(super) mod usage_plans;
pub(super) mod validation;
pub(super) mod verifiedpermissions;
pub(super) mod web_acl;

use aws_smithy_types::date_time::Format;

use super::call::CallError;
use super::fact::{CannotLook, FactError, Reason};
use super::reader::Reader;

/// RFC 3339 text of a time that the SDK returned.
pub(super) fn time(time: Option<&aws_smithy_types::DateTime>) -> Option<String> {
    time.and_then(|time| time.fmt(Format::DateTime).ok())
}

pub(super) fn text(text: Option<&str>) -> String {
    text.unwrap_or_default().to_owned()
}

pub(super) fn missing(what: impl Into<String>) -> FactError {
    FactError::Missing { what: what.into() }
}

/// There is more of something than is read, and what was read doesn't tell.
pub(super) fn too_many(message: String, remedy: &str) -> FactError {
    let remedy = remedy.to_owned();
    FactError::CannotLook(CannotLook { reason: Reason::Service, message, remedy })
}

/// What a failed call to a service means that not every region offers. Without an endpoint there, it
/// looks like a broken network. The other services tell a broken network too, so it is no reason to
/// stop asking them.
fn regional(reader: &Reader, error: CallError, service: &str) -> FactError {
    match FactError::from(error) {
        FactError::CannotLook(CannotLook { reason: Reason::Network, .. }) => {
            let region = reader.account.region();
            FactError::CannotLook(CannotLook {
                reason: Reason::Region,
                message: format!("{service} can't be reached in region {region}."),
                remedy: format!("Check the network. Perhaps the region doesn't offer {service}."),
            })
        }
        other => other,
    }
}
