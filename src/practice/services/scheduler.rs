//! scheduler

use crate::practice::protocol::rest::Route;
use crate::practice::store::Tx;
use crate::practice::wire::{Answer, Call};

/// Paths and their operations.
pub const ROUTES: &[Route] = &[];

/// Answers the service's calls.
pub fn call(_tx: &Tx<'_>, call: &Call) -> Answer {
    Err(call.unknown())
}
