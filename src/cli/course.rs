//! `stepproof course`: for course authors.

mod bench;
pub mod execute;
mod judge;
mod lint;
mod outcome;
mod play;
mod test;
pub mod values;

use super::{Context, Outcome};

/// Arguments of `course`.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, clap::Subcommand)]
enum Command {
    /// Say exactly what is wrong with the course's files
    Lint(lint::Args),
    /// Prove the course on practice accounts of its own
    Test(test::Args),
}

pub(super) async fn run(args: Args, context: &Context) -> Outcome {
    match args.command {
        Command::Lint(args) => lint::run(&args, context),
        Command::Test(args) => test::run(args, context).await,
    }
}
