//! The command line: one file a subcommand. Data goes to stdout, words to stderr, and the exit
//! code says what came of it ([`Exit`]).

mod accounts;
mod agree;
mod app;
mod attendee;
mod bash;
mod context;
pub mod course;
mod ends;
mod error;
mod facts;
mod grade;
mod grading;
mod instructor;
mod journal;
mod keys;
mod output;
mod policy;
pub mod practice;
mod profiles;
mod report;
mod room;
mod roster;
mod server;
mod session;
mod signing;
mod status;
mod verify;
mod whole;

use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Parser, Subcommand};

pub use context::{Context, Global};
pub use error::{Error, Exit, Outcome};

const ENVIRONMENT: &str = "\
Without a screen (--plain): for screen readers and pipes; nothing is drawn, lines are appended.
  In a terminal it asks for commands, a line each; `help` lists them.
  stepproof --plain | less      where you are and the next open step (=1d: that one), and ends
  stepproof --plain < FILE      takes each line as a command, when the one before is done;
                                ends with the file, or at `quit`
  Exit codes: 0, also where something isn't proven; 2 where a line was no command.

Environment:
  STEPPROOF_PLAIN      1: --plain, without having to say so
  STEPPROOF_HOME       data directory: journal, practice accounts, keys.yaml
  STEPPROOF_ENDS       when the event ends, as --ends takes it
  STEPPROOF_LOG        error, warn, info, debug or trace: write a log to STEPPROOF_HOME/stepproof.log
  AWS_PROFILE, AWS_REGION, AWS_ENDPOINT_URL and the other variables of the AWS SDKs are honoured.
  With --practice, a 12-digit AWS_ACCESS_KEY_ID names the practice account.

Exit codes of verify:
  0  every required check passes
  1  a check fails, or is blocked by one that fails
  2  wrong usage, or an error in the course
  3  nothing failed, but something is waiting or could not be told
Of grade: the same over all accounts; an account that can't be read counts as not told.
Of report verify: 0 the signature is good, 1 it isn't or isn't a signer's, 2 as above.
Of next: 0 there is a next step, 1 everything is done. Of status: 0. Of both: 2 and 3 as above.";

/// Runs a hands-on workshop in the terminal and proves each step against your own AWS account.
#[derive(Debug, Parser)]
#[command(version, after_help = ENVIRONMENT, args_conflicts_with_subcommands = false)]
pub struct Cli {
    #[command(flatten)]
    global: Global,
    /// Your copy of the starter application, for the terminal interface
    #[arg(long, value_name = "DIR", env = "STEPPROOF_APP")]
    app: Option<PathBuf>,
    /// Lines of text instead of a screen; begins at a step (1d), a module (1), or the next open step
    #[arg(long, value_name = "STEP", num_args = 0..=1, require_equals = true, default_missing_value = "")]
    plain: Option<String>,
    #[command(subcommand)]
    command: Option<Command>,
}

/// The subcommands; none opens the terminal interface.
#[derive(Debug, Subcommand)]
enum Command {
    /// Check steps against the account and say what is proven
    Verify(verify::Args),
    /// Check the accounts of a roster, and say for each what is proven
    Grade(grade::Args),
    /// Tell whether a report is what a grader signed
    Report(report::Args),
    /// Show what is proven so far, what fits into the time, and what comes next
    Status(status::Args),
    /// Print the next step to do: for people, programs, or a shell's prompt
    Next(status::NextArgs),
    /// List what checks can read of an account, or read one fact
    Facts(facts::Args),
    /// Print the IAM policy that a checker needs
    Policy(policy::Args),
    /// Print which key does what in the terminal interface, as a file to change
    ///
    /// What stands in keys.yaml in the data directory (or in the file of --keys) replaces the keys
    /// of the actions that it names. Its JSON schema is modules/schema/keys.json.
    Keys(keys::Args),
    /// The embedded practice account: start it, point tools at it, solve steps on it
    Practice(practice::Args),
    /// For course authors: begin, lint and test a course
    Course(course::Args),
    /// Write the starter application to a directory
    App(app::Args),
    /// Your journal: to read, to take home, to bring to another machine
    Journal(journal::Args),
    /// A room where an instructor sees how far everybody is, who agrees to that
    Room(room::Args),
    /// For instructors: who is stuck and on what, who asks for help, what is proven
    Instructor(instructor::Args),
}

/// Parses the arguments, runs the command, and gives its exit code.
pub fn main() -> ExitCode {
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(error) => {
            // Help and version are answers, not errors. A closed pipe is the reader's choice.
            let _ = error.print();
            return if error.use_stderr() { Exit::Usage } else { Exit::Proven }.into();
        }
    };
    match start(cli) {
        Ok(exit) => exit.into(),
        Err(error) => {
            output::complain(&error);
            error.exit.into()
        }
    }
}

fn start(cli: Cli) -> Outcome {
    let context = Context::new(cli.global)?;
    context.start_log()?;
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .map_err(|error| Error::usage(format!("cannot start: {error}")))?;
    let exit = runtime.block_on(run(cli.command, cli.app, cli.plain, &context));
    // Blocking work that was cancelled must not hold the exit back.
    runtime.shutdown_background();
    exit
}

async fn run(
    command: Option<Command>,
    app: Option<PathBuf>,
    plain: Option<String>,
    context: &Context,
) -> Outcome {
    if plain.is_some() && command.is_some() {
        return Err(Error::usage("--plain goes without a command").with_remedy(
            "What commands print is plain already: no drawing, and no colour in a pipe.",
        ));
    }
    match command {
        None => match plain.or_else(always_plain) {
            Some(begin) => attendee::run_plain(context, app, &begin).await,
            None => attendee::run(context, app).await,
        },
        Some(Command::Verify(args)) => Box::pin(verify::run(args, context)).await,
        Some(Command::Grade(args)) => grade::run(args, context).await,
        Some(Command::Report(args)) => report::run(&args, context),
        Some(Command::Status(args)) => status::run(args, context).await,
        Some(Command::Next(args)) => status::next(args, context),
        Some(Command::Facts(args)) => facts::run(args, context).await,
        Some(Command::Policy(args)) => policy::run(&args, context),
        Some(Command::Keys(args)) => keys::run(&args, context),
        Some(Command::Practice(args)) => practice::run(args, context).await,
        Some(Command::Course(args)) => course::run(args, context).await,
        Some(Command::App(args)) => app::run(&args, context),
        Some(Command::Journal(args)) => journal::run(args, context).await,
        Some(Command::Room(args)) => room::run(args, context).await,
        Some(Command::Instructor(args)) => instructor::run(args, context).await,
    }
}

/// Whether the environment asks for lines of text: where to begin isn't said there.
fn always_plain() -> Option<String> {
    let value = std::env::var("STEPPROOF_PLAIN").unwrap_or_default().to_lowercase();
    let no = matches!(value.as_str(), "" | "0" | "false" | "no" | "off");
    (!no).then(String::new)
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    #[test]
    fn the_arguments_are_well_formed() {
        super::Cli::command().debug_assert();
    }
}
