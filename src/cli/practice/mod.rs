//! `stepproof practice`: the embedded practice account.

pub mod act;
pub(super) mod app_dir;
mod bucket;
mod deploy;
mod diff;
mod manage;
mod npm;
mod package;
mod request;
pub mod solve;
mod start;

pub(super) use manage::environment;

use super::{Context, Outcome};

/// Arguments of `practice`.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, clap::Subcommand)]
enum Command {
    /// Serve the practice account on loopback until Ctrl-C
    Start(start::Args),
    /// Print shell commands that point the AWS CLI at the practice account
    Env,
    /// Say whether the practice account is served, and what it holds
    Status,
    /// Empty the practice account
    Reset(manage::ResetArgs),
    /// Bring steps, modules or the whole course to their solved state
    Solve(solve::Args),
}

pub(super) async fn run(args: Args, context: &Context) -> Outcome {
    match args.command {
        Command::Start(args) => start::run(args, context).await,
        Command::Env => manage::env(context).await,
        Command::Status => manage::status(context).await,
        Command::Reset(args) => manage::reset(&args, context).await,
        Command::Solve(args) => solve::run(&args, context).await,
    }
}
