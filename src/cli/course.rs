//! `stepproof course`: for course authors.

pub mod execute;
mod judge;
mod outcome;
pub mod values;

use super::{Context, Error, Outcome};

/// Arguments of `course`.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, clap::Subcommand)]
enum Command {
    /// Say exactly what is wrong with the course's files
    Lint,
    /// Prove the course on practice accounts of its own
    Test {
        /// Reach the solved state by running the instructions with the AWS CLI
        #[arg(long)]
        execute: bool,
        /// Only this module; may be given several times
        #[arg(long = "module", value_name = "N")]
        modules: Vec<u8>,
    },
}

#[expect(clippy::unused_async, reason = "course test is awaited")]
pub(super) async fn run(args: Args, _context: &Context) -> Outcome {
    match args.command {
        Command::Lint => Err(Error::usage("course lint is not built yet")),
        Command::Test { execute: _, modules: _ } => {
            Err(Error::usage("course test is not built yet"))
        }
    }
}
