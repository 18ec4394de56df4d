//! `stepproof grade`: verifies the accounts of a roster.

mod results;

use std::io::IsTerminal;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Instant;

use jiff::Timestamp;
use tokio::sync::mpsc;

use super::grading::{self, Format};
use super::roster::Roster;
use super::signing::{self, Sign};
use super::verify::{look, on_interrupt};
use super::{Context, Error, Exit, Outcome, output, session};
use crate::check::Reason;
use crate::instructor::sweep::{Event, Place};
use crate::report::grade::{Grades, Record};
use crate::report::signature::Key;
use crate::report::{self, Sheet};
use results::Results;

/// Arguments of `grade`.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// The learners and how their accounts are reached: a .csv, .yaml or .yml file
    ///
    /// Columns: account (12 digits), name; role and external_id, or profile; region; stack_init,
    /// stack_app and so on where a stack has a name of its own. With --practice the accounts are
    /// practice accounts, and role, external_id and profile are not used.
    #[arg(long, value_name = "F")]
    roster: PathBuf,
    /// How many accounts are read at the same time
    #[arg(long, value_name = "N", default_value_t = 24, value_parser = clap::value_parser!(u16).range(1..=128))]
    jobs: u16,
    /// How the result is written
    #[arg(long, value_enum, default_value_t)]
    format: Format,
    /// Write the result to a file instead of stdout; for gradescope and github, to a new directory
    #[arg(long, value_name = "F")]
    output: Option<PathBuf>,
    /// What each check is worth and the pass mark, as YAML: { pass_mark: 70, steps: { 1d: 3 } }
    ///
    /// Keys: pass_mark (percent); default and extra (each required and each optional check; 1 and 0
    /// without them); modules, steps, checks (points by number, id and name; the narrowest counts).
    /// Its JSON schema is modules/schema/weights.json.
    #[arg(long, value_name = "F")]
    weights: Option<PathBuf>,
    #[command(flatten)]
    sign: Sign,
    /// Keep each account's result in this file as soon as it is there, a line of JSON each
    #[arg(long, value_name = "F")]
    results: Option<PathBuf>,
    /// Go on with the file of --results: accounts with a final result in it are not read again
    #[arg(long, requires = "results")]
    resume: bool,
    /// Send no requests to the APIs: checks that need them cannot tell
    #[arg(long)]
    no_probes: bool,
}

pub(super) async fn run(args: Args, context: &Context) -> Outcome {
    let course = Arc::new(session::course(context)?);
    let weights = grading::weights(args.weights.as_deref(), &course)?;
    check_files(&args)?;
    let key = args.sign.open()?;
    let jobs = args.jobs.into();
    let roster = Roster::open(&args.roster, context, &course, jobs, !args.no_probes).await?;
    let (mut results, before) = match &args.results {
        Some(path) => {
            let (results, before) = Results::open(path, args.resume)?;
            (Some(results), before)
        }
        None => (None, Vec::new()),
    };
    let (started, began) = (Timestamp::now(), Instant::now());
    let records = go(&roster, before, results.as_mut()).await;
    let read: Vec<&Record> = records.iter().map(|record| &**record).collect();
    let seconds = began.elapsed().as_secs_f64();
    let grades = Grades::new(&course, started.to_string(), seconds, &weights, read.iter().copied());
    let sheet = grades.sheet(&course, &weights, &context.lang);
    write(&args, context, &grades, &sheet, key.as_ref())?;
    if let Some(results) = results {
        results.finish(&read)?;
    }
    say_cancelled(&read, args.results.is_some());
    Ok(match grades.exit_code() {
        0 => Exit::Proven,
        1 => Exit::NotProven,
        2 => Exit::Usage,
        _ => Exit::Unsure,
    })
}

/// Refuses files that can't be written before accounts are read for them.
fn check_files(args: &Args) -> Result<(), Error> {
    if args.format.is_of_one() {
        let Some(dir) = &args.output else {
            return Err(Error::usage("this format holds one learner, and a roster has many")
                .with_remedy(
                    "Give --output a directory that doesn't exist yet: a file for each account.",
                ));
        };
        output::check_directory(dir)?;
    }
    let file = args.output.iter().filter(|_| !args.format.is_of_one());
    for path in file.chain(&args.results) {
        output::check(path)?;
    }
    if args.output.is_some() && args.output == args.results {
        return Err(Error::usage("--output and --results name the same file")
            .with_remedy("Give them a file each."));
    }
    Ok(())
}

/// Reads every place that no earlier record answers for; all records, in the roster's order.
async fn go(
    Roster { sweep, places, accounts, .. }: &Roster,
    before: Vec<Record>,
    results: Option<&mut Results>,
) -> Vec<Arc<Record>> {
    let mut records: Vec<Option<Arc<Record>>> = places
        .iter()
        .map(|place| {
            let found = before.iter().rev().find(|record| record.account == place.account);
            let found = found.filter(|record| sweep.is_answered_by(record, place))?;
            Some(Arc::new(Record { name: place.name.clone(), ..found.clone() }))
        })
        .collect();
    let open: Vec<usize> = (0..places.len()).filter(|at| records[*at].is_none()).collect();
    let wanted: Vec<Arc<Place>> = open.iter().map(|at| Arc::clone(&places[*at])).collect();
    let (events, told) = mpsc::unbounded_channel();
    let cancel = on_interrupt();
    let running = sweep.run(&wanted, Arc::new(accounts.clone()), events, cancel);
    let kept = keep(told, results, places.len() - open.len(), places.len());
    let (fresh, ()) = tokio::join!(running, kept);
    for (at, record) in open.into_iter().zip(fresh) {
        // What was known of an account that the cancelled sweep didn't reach stays.
        let known = before.iter().rev().find(|known| known.account == record.account);
        let known = known.filter(|_| was_cancelled(&record)).map(|known| Arc::new(known.clone()));
        records[at] = Some(known.unwrap_or(record));
    }
    records.into_iter().flatten().collect()
}

/// Keeps each result as it comes, and says on a terminal how far the sweep is.
async fn keep(
    mut told: mpsc::UnboundedReceiver<Event>,
    mut results: Option<&mut Results>,
    mut done: usize,
    all: usize,
) {
    let shown = std::io::stderr().is_terminal();
    let mut running = 0_usize;
    while let Some(event) = told.recv().await {
        match event {
            Event::Began { .. } => running += 1,
            Event::Done { record, .. } => {
                running = running.saturating_sub(1);
                done += 1;
                if let Some(results) = &mut results
                    && !was_cancelled(&record)
                {
                    results.keep(&record);
                }
            }
        }
        if shown {
            output::status(&format!("{done}/{all} (+{running})"));
        }
    }
    if shown {
        output::status("");
    }
}

fn was_cancelled(record: &Record) -> bool {
    record.trouble().is_some_and(|trouble| trouble.reason == Reason::Cancelled.code())
}

fn write(
    args: &Args,
    context: &Context,
    grades: &Grades<'_>,
    sheet: &Sheet<'_>,
    key: Option<&Key>,
) -> Result<(), Error> {
    if let (true, Some(dir)) = (args.format.is_of_one(), &args.output) {
        return args.format.write_each(sheet, dir, key);
    }
    if args.format == Format::Json {
        output::pieces(args.output.as_deref(), |to| grades.write_json(to))?;
        return args.output.as_deref().map_or(Ok(()), |path| signing::sign(key, path));
    }
    let text = match args.format.of_sheet(sheet)? {
        Some(text) => text,
        None => report::grade::human(grades, sheet.course, &look(context, args.output.is_some())),
    };
    match &args.output {
        Some(path) => {
            output::file(path, &text)?;
            signing::sign(key, path)
        }
        None => output::data(&text),
    }
}

fn say_cancelled(records: &[&Record], kept: bool) {
    let left = records.iter().filter(|record| was_cancelled(record)).count();
    if left > 0 {
        let next = if kept { "The same command with --resume goes on." } else { "Run it again." };
        output::words(&format!("Cancelled: accounts not read: {left}. {next}"));
    }
}
