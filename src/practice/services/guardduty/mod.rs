//! Amazon GuardDuty: one detector in each region, with its protection plans, and sample findings.
//! The practice account has no network to watch: only samples are ever found.

mod detector;
mod findings;

use serde::{Deserialize, Serialize};

use crate::practice::protocol::rest::Route;
use crate::practice::store::Tx;
use crate::practice::wire::{Answer, Call, Fault};

pub use detector::Detector;

/// Paths and their operations.
pub const ROUTES: &[Route] = &[
    Route::new("GET", "/detector", "ListDetectors"),
    Route::new("POST", "/detector", "CreateDetector"),
    Route::new("GET", "/detector/{detectorId}", "GetDetector"),
    Route::new("POST", "/detector/{detectorId}", "UpdateDetector"),
    Route::new("DELETE", "/detector/{detectorId}", "DeleteDetector"),
    Route::new("POST", "/detector/{detectorId}/findings", "ListFindings"),
    Route::new("POST", "/detector/{detectorId}/findings/get", "GetFindings"),
    Route::new("POST", "/detector/{detectorId}/findings/create", "CreateSampleFindings"),
    Route::new("POST", "/detector/{detectorId}/findings/archive", "ArchiveFindings"),
];

const POLICY: &str = "guardduty-policy";

/// Answers the service's calls.
pub fn call(tx: &Tx<'_>, call: &Call) -> Answer {
    match call.operation.as_str() {
        "ListDetectors" => detector::list(tx),
        "CreateDetector" => detector::create(tx, call),
        "GetDetector" => detector::get(tx, call),
        "UpdateDetector" => detector::update(tx, call),
        "DeleteDetector" => detector::delete(tx, call),
        "ListFindings" => findings::list(tx, call),
        "GetFindings" => findings::get(tx, call),
        "CreateSampleFindings" => findings::create(tx, call),
        "ArchiveFindings" => findings::archive(tx, call),
        _ => Err(call.unknown()),
    }
}

/// What an organization's policy says about Lambda Protection in an account: what a test or a
/// rehearsal sets.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Policy {
    /// The account.
    pub account: String,
    /// Lambda Protection is on or off, whatever the account says; null leaves it to the account.
    pub lambda: Option<bool>,
}

/// Sets an organization's policy for an account.
///
/// # Errors
/// The practice account's own.
pub fn set_policy(tx: &Tx<'_>, policy: &Policy) -> Result<(), Fault> {
    tx.global().put(POLICY, "policy", policy)
}

/// Whether an organization's policy switches Lambda Protection on or off; none where none does.
fn decreed(tx: &Tx<'_>) -> Result<Option<bool>, Fault> {
    let policy: Option<Policy> = tx.global().get(POLICY, "policy")?;
    Ok(policy.and_then(|policy| policy.lambda))
}

/// The service's refusal.
fn rejected(because: impl std::fmt::Display) -> Fault {
    let message = format!("The request is rejected because {because}.");
    Fault::new(400, "BadRequestException", message)
}
