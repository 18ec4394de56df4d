//! `stepproof`: the attendee's terminal interface.

use super::{Context, Error, Outcome};

#[expect(clippy::unused_async, reason = "the interface is awaited")]
pub(super) async fn run(_context: &Context) -> Outcome {
    Err(Error::usage("the terminal interface is not built yet"))
}
