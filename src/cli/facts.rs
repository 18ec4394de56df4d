//! `stepproof facts`: the catalogue of facts, or one fact's value.

use super::{Context, Error, Outcome};

/// Arguments of `facts`.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// The fact to read; without it, all facts are listed
    name: Option<String>,
}

#[expect(clippy::unused_async, reason = "a fact is awaited")]
pub(super) async fn run(_args: Args, _context: &Context) -> Outcome {
    Err(Error::usage("facts is not built yet"))
}
