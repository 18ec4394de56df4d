//! `stepproof journal`: the journal to take home, or to another machine. And the journal as other
//! commands use it: trouble with it is said once and stops nothing.

mod choose;
mod transfer;

use std::path::{Path, PathBuf};
use std::sync::Arc;

use jiff::{Timestamp, tz::TimeZone};

use super::context::Context;
use super::{Error, Exit, Outcome, output, session};
use crate::check::AccountKind;
use crate::course::Course;
use crate::progress::{Journal, JournalError, Learner};
use crate::report::journal::{JournalPage, Look, html, markdown};

/// The journal's file in the data directory.
const FILE: &str = "journal.sqlite";

/// Arguments of `journal`.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "The account is the one worked in last, or the one that --practice, --profile or --account names. No account is asked for anything."
)]
pub(super) struct Args {
    /// How the journal is written [default: md, or what the file's name says]
    #[arg(long, value_enum)]
    format: Option<Format>,
    /// Write the journal to a file instead of stdout
    #[arg(long, value_name = "F")]
    output: Option<PathBuf>,
    /// The account whose journal it is: 12 digits
    #[arg(long, value_name = "N", value_parser = account)]
    account: Option<String>,
    /// Write all that is recorded as JSON to a file, for another machine; - is stdout
    #[arg(long, value_name = "F", conflicts_with_all = ["format", "output", "import"])]
    export: Option<PathBuf>,
    /// Add what was exported on another machine; - is stdin
    #[arg(long, value_name = "F", conflicts_with_all = ["format", "output"])]
    import: Option<PathBuf>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum Format {
    /// Markdown
    Md,
    /// One self-contained HTML page
    Html,
}

pub(super) async fn run(args: Args, context: &Context) -> Outcome {
    let course = session::course(context)?;
    let context = context.clone();
    let work = tokio::task::spawn_blocking(move || {
        if let Some(file) = &args.import {
            transfer::import(&args, file, &context, &course)
        } else if let Some(file) = &args.export {
            transfer::export(&args, file, &context, &course)
        } else {
            page(&args, &context, &course)
        }
    });
    work.await.map_err(|_| Error::usage("the journal failed"))?
}

fn page(args: &Args, context: &Context, course: &Course) -> Outcome {
    if let Some(file) = &args.output {
        check_output(file, context)?;
    }
    let (journal, learner) = choose::recorded(args, context, course)?;
    let log = journal.log(&learner).map_err(|error| trouble(&error))?;
    let (lang, zone) = (context.lang.clone(), TimeZone::system());
    let look = Look { lang, zone, now: Timestamp::now() };
    let page = JournalPage::new(course, &learner, &log, look);
    let named = args.output.as_deref().and_then(Path::extension);
    let by_name = named.filter(|end| end.eq_ignore_ascii_case("html") || *end == "htm");
    let format = args.format.unwrap_or(if by_name.is_some() { Format::Html } else { Format::Md });
    let text = match format {
        Format::Md => markdown(&page),
        Format::Html => html(&page),
    };
    match &args.output {
        Some(file) => output::file(file, &text)?,
        None => output::data(&text)?,
    }
    Ok(Exit::Proven)
}

/// Refuses a file that can't be written, and the journal itself.
fn check_output(file: &Path, context: &Context) -> Result<(), Error> {
    output::check(file)?;
    let parent = file.parent().filter(|parent| !parent.as_os_str().is_empty());
    let real = |dir: &Path| dir.canonicalize().ok();
    let name = file.file_name().unwrap_or_default().to_string_lossy();
    if name.starts_with(FILE) && real(parent.unwrap_or(Path::new("."))) == real(&context.home) {
        return Err(Error::usage(format!("{} is the journal itself", file.display()))
            .with_remedy("Nothing was written. Choose another file."));
    }
    Ok(())
}

/// Trouble with the journal where it is all that was asked for.
fn trouble(error: &JournalError) -> Error {
    Error::usage(error.to_string()).with_remedy(error.advice())
}

/// An account's 12 digits, as an argument.
pub(super) fn account(text: &str) -> Result<String, String> {
    if text.len() == 12 && text.bytes().all(|byte| byte.is_ascii_digit()) {
        return Ok(text.to_owned());
    }
    Err("an account has 12 digits".to_owned())
}

/// An open journal and whose progress it takes.
#[derive(Debug, Clone)]
pub(super) struct Record {
    journal: Arc<Journal>,
    learner: Learner,
}

/// Opens the journal; none where it can't be, which is said on stderr.
pub(super) async fn open_journal(
    context: &Context,
    course: &Course,
    kind: AccountKind,
    account: &str,
) -> Option<Record> {
    if account.is_empty() {
        return None;
    }
    if let Err(error) = context.make_home() {
        output::complain(&error);
        return None;
    }
    let path = context.home.join(FILE);
    // Another run may hold it for a moment: not on the threads that answer keys.
    let opened = tokio::task::spawn_blocking(move || Journal::open(&path)).await.ok()?;
    let journal = opened.map_err(|error| say(&error)).ok()?;
    let learner = Learner { course: course.index.id.clone(), kind, account: account.to_owned() };
    Some(Record { journal: Arc::new(journal), learner })
}

impl Record {
    /// Whose progress it takes.
    pub(super) fn learner(&self) -> &Learner {
        &self.learner
    }

    /// Reads or writes; none where that failed, which is said on stderr.
    pub(super) async fn run<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Journal, &Learner) -> Result<T, JournalError> + Send + 'static,
    ) -> Option<T> {
        let Self { journal, learner } = self.clone();
        let done = tokio::task::spawn_blocking(move || work(&journal, &learner)).await.ok()?;
        done.map_err(|error| say(&error)).ok()
    }
}

fn say(error: &JournalError) {
    output::words(&format!("stepproof: {error}\n{}", error.remedy()));
}
