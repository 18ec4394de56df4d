//! What still scans and watches, and who decides about it: the account itself, or its organization.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::account::call::Operation;
use crate::account::fact::{FactError, Known};
use crate::account::facts::guardduty;
use crate::account::facts::inspector::Inspector;
use crate::account::facts::sts::Caller;
use crate::account::reader::{Reader, known};

/// Amazon Inspector, as far as it costs.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
pub(crate) struct LeftScanning {
    /// It scans functions: their packages, their code, or both.
    on: bool,
    /// The account that administers it for the organization; null where there is none, or where it
    /// wasn't asked for because nothing is scanned.
    administrator: Option<String>,
    /// Another account decides about it.
    managed: bool,
}

pub(crate) async fn inspector(reader: &Reader, facts: &Known) -> Result<LeftScanning, FactError> {
    let inspector: Inspector = known(facts, "inspector")?;
    let caller: Caller = known(facts, "caller")?;
    if !inspector.scans() {
        return Ok(LeftScanning { on: false, administrator: None, managed: false });
    }
    let account = &reader.account;
    let request = account.clients().inspector.get_delegated_admin_account().send();
    let operation = Operation("inspector2", "GetDelegatedAdminAccount");
    let administrator = match account.call(operation, request).await {
        Ok(answer) => {
            answer.delegated_admin().and_then(|admin| admin.account_id().map(str::to_owned))
        }
        Err(error) if error.is(&["ResourceNotFoundException"]) => None,
        Err(error) => return Err(error.into()),
    };
    let managed = administrator.as_ref().is_some_and(|admin| *admin != caller.account);
    Ok(LeftScanning { on: true, administrator, managed })
}

/// Amazon GuardDuty, as far as it costs.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
pub(crate) struct LeftWatching {
    /// A detector is on. A suspended one costs nothing.
    on: bool,
    /// An organization decides about it.
    managed: bool,
}

pub(crate) async fn guardduty(reader: &Reader, _: &Known) -> Result<LeftWatching, FactError> {
    let detector = guardduty::find(reader).await?;
    Ok(LeftWatching {
        on: detector.as_ref().is_some_and(|detector| detector.enabled),
        managed: detector.is_some_and(|detector| detector.managed),
    })
}
