//! `stepproof course`: for course authors.

mod bench;
pub mod execute;
mod judge;
mod lint;
mod new;
mod outcome;
mod plan;
mod play;
mod stamp;
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
    /// Write a small course to begin from, which lints and tests at once
    New(new::Args),
    /// Say exactly what is wrong with the course's files
    Lint(lint::Args),
    /// Say that translated pages are as new as their source
    ///
    /// Under each heading of a translated page stands a stamp, `<!-- source: 1a2b3c4d -->`. It says
    /// from which text of the source that section was translated. When the source changes, `course
    /// lint` names the sections that are older. Make them say what the source says now, then stamp
    /// them. Needs --course: the stamps are written into its files.
    Stamp(stamp::Args),
    /// Prove the course on practice accounts of its own
    Test(test::Args),
}

pub(super) async fn run(args: Args, context: &Context) -> Outcome {
    match args.command {
        Command::New(args) => new::run(&args),
        Command::Lint(args) => lint::run(&args, context),
        Command::Stamp(args) => stamp::run(&args, context),
        Command::Test(args) => test::run(args, context).await,
    }
}
