//! `stepproof app DIR`: writes the starter application.

use super::{Context, Error, Outcome};

/// Arguments of `app`.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// The directory to write; must not exist, or be empty
    dir: std::path::PathBuf,
}

pub(super) fn run(_args: &Args, _context: &Context) -> Outcome {
    Err(Error::usage("app is not built yet"))
}
