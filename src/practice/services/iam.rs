//! iam

use crate::practice::store::Tx;
use crate::practice::wire::{Answer, Call};

/// Answers the service's calls.
pub fn call(_tx: &Tx<'_>, call: &Call) -> Answer {
    Err(call.unknown())
}
