//! `stepproof practice`: the embedded practice account.

use super::{Context, Error, Outcome};

/// Arguments of `practice`.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, clap::Subcommand)]
enum Command {
    /// Serve the practice account on loopback until Ctrl-C
    Start {
        /// Port to listen on; a free one without it
        #[arg(long, value_name = "P")]
        port: Option<u16>,
    },
    /// Print shell commands that point the AWS CLI at the practice account
    Env,
    /// Say whether the practice account is served, and what it holds
    Status,
    /// Empty the practice account
    Reset,
    /// Bring steps, modules or the whole course to their solved state
    Solve {
        /// Modules (1) or steps (1d); the whole course without any
        #[arg(value_name = "N")]
        targets: Vec<String>,
    },
}

#[expect(clippy::unused_async, reason = "the server is awaited")]
pub(super) async fn run(args: Args, _context: &Context) -> Outcome {
    match args.command {
        Command::Start { port: _ }
        | Command::Env
        | Command::Status
        | Command::Reset
        | Command::Solve { targets: _ } => Err(Error::usage("practice is not built yet")),
    }
}
