//! AWS X-Ray: traces of the requests that the practice APIs answered, the sampling rules that choose
//! them, and where they are sent.
//!
//! A stage that is traced records the requests that its sampling rule chooses, and the functions that
//! they reach with `Active` tracing. What isn't traced by its stage, such functions sample themselves.
//! Functions that are invoked otherwise than through an API leave no trace here.

mod destination;
mod filter;
mod journey;
mod sampling;
mod segment;
mod traces;

use crate::practice::protocol::rest::Route;
use crate::practice::store::Tx;
use crate::practice::wire::{Answer, Call, Fault};

pub use journey::{Journey, Visit};
pub use traces::{Delay, set_delay};

/// Paths and their operations.
pub const ROUTES: &[Route] = &[
    Route::new("POST", "/TraceSummaries", "GetTraceSummaries"),
    Route::new("POST", "/Traces", "BatchGetTraces"),
    Route::new("POST", "/GetSamplingRules", "GetSamplingRules"),
    Route::new("POST", "/CreateSamplingRule", "CreateSamplingRule"),
    Route::new("POST", "/UpdateSamplingRule", "UpdateSamplingRule"),
    Route::new("POST", "/DeleteSamplingRule", "DeleteSamplingRule"),
    Route::new("POST", "/GetTraceSegmentDestination", "GetTraceSegmentDestination"),
    Route::new("POST", "/UpdateTraceSegmentDestination", "UpdateTraceSegmentDestination"),
    Route::new("POST", "/GetIndexingRules", "GetIndexingRules"),
    Route::new("POST", "/UpdateIndexingRule", "UpdateIndexingRule"),
];

/// Answers the service's calls.
pub fn call(tx: &Tx<'_>, call: &Call) -> Answer {
    match call.operation.as_str() {
        "GetTraceSummaries" => traces::summaries(tx, call),
        "BatchGetTraces" => traces::batch(tx, call),
        "GetSamplingRules" => sampling::list(tx),
        "CreateSamplingRule" => sampling::create(tx, call),
        "UpdateSamplingRule" => sampling::update(tx, call),
        "DeleteSamplingRule" => sampling::delete(tx, call),
        "GetTraceSegmentDestination" => destination::get(tx),
        "UpdateTraceSegmentDestination" => destination::update(tx, call),
        "GetIndexingRules" => destination::indexing(tx),
        "UpdateIndexingRule" => destination::update_indexing(tx, call),
        _ => Err(call.unknown()),
    }
}

/// The service's refusal.
fn invalid(message: impl Into<String>) -> Fault {
    Fault::new(400, "InvalidRequestException", message)
}
