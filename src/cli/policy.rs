//! `stepproof policy`: the IAM policy that a checker needs, derived from the facts.

use super::{Error, Outcome};

/// Arguments of `policy`.
#[derive(Debug, clap::Args)]
pub(super) struct Args {}

pub(super) fn run(_args: &Args) -> Outcome {
    Err(Error::usage("policy is not built yet"))
}
