//! The web ACL before the stage.

use super::Exchange;
use super::refuse::Refusal;
use crate::practice::services::wafv2::evaluate::{self, Seen};

/// Lets the request through, or refuses it as the web ACL's rules say.
pub(super) fn check(exchange: &mut Exchange<'_, '_>) -> Result<(), Refusal> {
    let Some(arn) = &exchange.stage.web_acl_arn else { return Ok(()) };
    let path = format!("/{}{}", exchange.stage.stage_name, exchange.path);
    let seen = Seen { request: exchange.request, path: &path };
    if evaluate::blocks(exchange.tx, arn, seen)? { Err(Refusal::Filtered) } else { Ok(()) }
}
