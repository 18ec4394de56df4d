//! Readings of the account, one file per service area. Things are found through the stack's
//! resources, never by a hoped-for name.

pub(super) mod access_analyzer;
pub(super) mod apigateway;
mod archive;
pub(super) mod cloudformation;
pub(super) mod cloudtrail;
pub(super) mod cognito;
pub(super) mod dependencies;
pub(super) mod dynamodb;
pub(super) mod iam;
mod imports;
pub(super) mod inspector;
pub(super) mod lambda;
pub(super) mod leftovers;
pub(super) mod logins;
pub(super) mod packages;
pub(super) mod permission_callers;
pub(super) mod rds;
pub(super) mod role_drift;
pub(super) mod role_simulation;
pub(super) mod secret_readers;
pub(super) mod secrets;
mod source;
mod statements;
pub(super) mod store_users;
pub(super) mod sts;
pub(super) mod usage_plans;
pub(super) mod validation;
pub(super) mod verifiedpermissions;
pub(super) mod web_acl;

use aws_smithy_types::date_time::Format;

use super::fact::FactError;

/// RFC 3339 text of a time that the SDK returned.
fn time(time: Option<&aws_smithy_types::DateTime>) -> Option<String> {
    time.and_then(|time| time.fmt(Format::DateTime).ok())
}

fn text(text: Option<&str>) -> String {
    text.unwrap_or_default().to_owned()
}

fn missing(what: impl Into<String>) -> FactError {
    FactError::Missing { what: what.into() }
}
