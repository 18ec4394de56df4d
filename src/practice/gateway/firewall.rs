//! The web ACL before the stage.

use super::refuse::Refusal;
use crate::practice::services::wafv2::evaluate::{self, Seen};
use crate::practice::services::xray::Visit;
use crate::practice::store::Tx;

/// Lets the request through, or refuses it as the web ACL's rules say.
pub(super) fn check(tx: &Tx<'_>, visit: &Visit<'_>) -> Result<(), Refusal> {
    let Some(arn) = &visit.stage.web_acl_arn else { return Ok(()) };
    let path = format!("/{}{}", visit.stage.stage_name, visit.path);
    let seen = Seen { request: visit.request, path: &path };
    if evaluate::blocks(tx, arn, seen)? { Err(Refusal::Filtered) } else { Ok(()) }
}
