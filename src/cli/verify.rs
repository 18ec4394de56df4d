//! `stepproof verify`: checks steps against the account.

use super::{Context, Error, Outcome};

/// Arguments of `verify`.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// Only this module; may be given several times
    #[arg(long = "module", value_name = "N")]
    modules: Vec<u8>,
    /// Only this step, such as 1d; may be given several times
    #[arg(long = "step", value_name = "ID")]
    steps: Vec<String>,
    /// How the result is written
    #[arg(long, value_enum, default_value_t)]
    format: Format,
    /// Write the result to a file instead of stdout
    #[arg(long, value_name = "F")]
    output: Option<std::path::PathBuf>,
    /// Send no requests to the API: checks that need them cannot tell
    #[arg(long)]
    no_probes: bool,
}

#[derive(Debug, Clone, Copy, Default, clap::ValueEnum)]
enum Format {
    #[default]
    Human,
    Json,
}

#[expect(clippy::unused_async, reason = "verification is awaited")]
pub(super) async fn run(_args: Args, _context: &Context) -> Outcome {
    Err(Error::usage("verify is not built yet"))
}
