//! `stepproof policy`: the IAM policy that a checker needs, derived from the facts.

use super::{Error, Exit, Outcome, output};
use crate::account::{catalog, policy};

/// Arguments of `policy`.
#[derive(Debug, clap::Args)]
pub(super) struct Args {}

pub(super) fn run(_args: &Args) -> Outcome {
    let text = serde_json::to_string_pretty(&policy(catalog()))
        .map_err(|error| Error::usage(format!("cannot write JSON: {error}")))?;
    output::data(&text)?;
    Ok(Exit::Proven)
}
