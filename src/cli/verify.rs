//! `stepproof verify`: checks steps against the account.

use std::io::IsTerminal;
use std::path::PathBuf;
use std::sync::Arc;

use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

use super::grading::{self, Format};
use super::journal::{Record, open_journal};
use super::session::{self, Session};
use super::signing::{self, Sign};
use super::{Context, Error, Exit, Outcome, accounts, output, room};
use crate::account::Reader;
use crate::check::{
    self, AccountKind, Asked, Event, Facts, History, LONGEST_FACT, Report, UnknownSelection,
    VerifyRequest,
};
use crate::course::Course;
use crate::report::{self, Learner, Look, Scored, Sheet, Weights};

/// Arguments of `verify`.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// Only this module; may be given several times
    #[arg(long = "module", value_name = "N")]
    modules: Vec<u8>,
    /// Only this step, such as 1d; may be given several times
    #[arg(long = "step", value_name = "ID")]
    steps: Vec<String>,
    /// The clean-up, which is never among all modules; with --module and --step, as well as those
    #[arg(long)]
    cleanup: bool,
    /// How the result is written
    #[arg(long, value_enum, default_value_t)]
    format: Format,
    /// Write the result to a file instead of stdout
    #[arg(long, value_name = "F")]
    output: Option<PathBuf>,
    /// What each check is worth and the pass mark, as YAML: { pass_mark: 70, steps: { 1d: 3 } }
    ///
    /// `stepproof grade --help` names the keys.
    #[arg(long, value_name = "F")]
    weights: Option<PathBuf>,
    #[command(flatten)]
    sign: Sign,
    /// Send no requests to the API: checks that need them cannot tell
    #[arg(long)]
    no_probes: bool,
}

pub(super) async fn run(args: Args, context: &Context) -> Outcome {
    let course = session::course(context)?;
    let asked = asked(&args, &course).map_err(|error| Error::usage(error.to_string()))?;
    let weights = grading::weights(args.weights.as_deref(), &course)?;
    if let Some(path) = &args.output {
        output::check(path)?;
    }
    let key = args.sign.open()?;
    let session = session::open(context, &course).await?;
    let cancel = on_interrupt();
    let report = verify(context, &course, &session, asked, !args.no_probes, cancel).await;
    let text = written(&args, context, &course, &weights, &report)?;
    match &args.output {
        Some(path) => {
            output::file(path, &text)?;
            signing::sign(key.as_ref(), path)?;
        }
        None => output::data(&text)?,
    }
    Ok(match report.exit_code() {
        0 => Exit::Proven,
        1 => Exit::NotProven,
        2 => Exit::Usage,
        _ => Exit::Unsure,
    })
}

/// The report in the format that is asked for, with points where there are weights.
fn written(
    args: &Args,
    context: &Context,
    course: &Course,
    weights: &Weights,
    report: &Report,
) -> Result<String, Error> {
    let learner = Learner::alone(report);
    let points = args.weights.as_ref().and_then(|_| learner.points(weights));
    let sheet = Sheet {
        course,
        id: &report.course,
        tool: &report.tool,
        started: &report.started,
        seconds: report.seconds,
        weights,
        lang: &context.lang,
        learners: vec![learner],
    };
    match (args.format, args.format.of_sheet(&sheet)?) {
        (_, Some(text)) => Ok(text),
        (Format::Json, None) => report::json(&Scored { report, points })
            .map_err(|error| Error::usage(format!("cannot write JSON: {error}"))),
        (_, None) => {
            let look = look(context, args.output.is_some());
            Ok(report::human(&Scored { report, points }, course, &look))
        }
    }
}

/// Checks every module of an account and records it.
pub(super) async fn all(context: &Context, course: &Course, session: &Session) {
    verify(context, course, session, Asked::all(course), true, on_interrupt()).await;
}

/// What the arguments ask for; all modules without any.
fn asked(args: &Args, course: &Course) -> Result<Asked, UnknownSelection> {
    let named = !args.modules.is_empty() || !args.steps.is_empty();
    let asked = if args.cleanup && !named {
        Asked::default()
    } else {
        Asked::select(course, &args.modules, &args.steps)?
    };
    if args.cleanup { asked.and_cleanup(course) } else { Ok(asked) }
}

/// A token that Ctrl-C cancels. What was judged until then is still reported.
pub(super) fn on_interrupt() -> CancellationToken {
    let cancel = CancellationToken::new();
    let token = cancel.clone();
    tokio::spawn(async move {
        if tokio::signal::ctrl_c().await.is_ok() {
            token.cancel();
        }
    });
    cancel
}

async fn verify(
    context: &Context,
    course: &Course,
    session: &Session,
    asked: Asked,
    probes: bool,
    cancel: CancellationToken,
) -> Report {
    let reader: Arc<dyn Facts> = Arc::new(Reader::new(&session.account, probes));
    let who = who(session, &reader, &cancel).await;
    accounts::remember(context, session, &who.account);
    let record = open_journal(context, course, session.kind(), &who.account).await;
    let history = match &record {
        Some(record) => record.history().await,
        None => History::default(),
    };
    let region = session.account.region();
    let mut request = VerifyRequest::new(asked, &who.account, &who.caller, session.kind(), region);
    request.lang = context.lang.clone();
    let (events, told) = mpsc::unbounded_channel();
    let progress = tokio::spawn(show_progress(told));
    let report = check::verify(request, reader, course, &history, events, cancel).await;
    // Ends when the last event is told.
    let _ = progress.await;
    if let Some(record) = &record {
        record.report(&report).await;
        room::after_verify(context, course, record).await;
    }
    report
}

/// Who looks; both empty where that can't be told. Then every other fact says why.
#[derive(Debug, Default)]
struct Who {
    account: String,
    caller: String,
}

async fn who(session: &Session, reader: &Arc<dyn Facts>, cancel: &CancellationToken) -> Who {
    let facts = Arc::clone(reader);
    let read = check::read(facts, ["caller".to_owned()], LONGEST_FACT, cancel.clone())
        .await
        .remove("caller");
    match read {
        Some(Ok(caller)) => {
            let text = |name: &str| caller[name].as_str().unwrap_or_default().to_owned();
            Who { account: text("account"), caller: text("arn") }
        }
        _ if session.kind() == AccountKind::Practice => {
            Who { account: session::practice_account(), caller: String::new() }
        }
        _ => Who::default(),
    }
}

/// On a terminal, one line that says how far it is; nothing anywhere else.
async fn show_progress(mut told: mpsc::UnboundedReceiver<Event>) {
    let shown = std::io::stderr().is_terminal();
    let (mut judged, mut checks) = (0_usize, 0);
    while let Some(event) = told.recv().await {
        match event {
            Event::Started { checks: all, .. } => checks = all,
            Event::Judged { .. } => judged += 1,
            Event::Read { .. } => continue,
        }
        if shown {
            output::status(&format!("{judged}/{checks}"));
        }
    }
    if shown {
        output::status("");
    }
}

/// How text for people is shown, on stdout or in a file.
pub(super) fn look(context: &Context, to_file: bool) -> Look {
    let terminal = !to_file && std::io::stdout().is_terminal();
    let columns = if terminal { crossterm::terminal::size().ok() } else { None };
    let width = columns.map_or(80, |(columns, _)| usize::from(columns)).clamp(20, 100);
    Look { lang: context.lang.clone(), width, colour: !to_file && output::coloured() }
}

impl Record {
    async fn report(&self, report: &Report) {
        let report = report.clone();
        self.run(move |journal, learner| journal.record_report(learner, &report)).await;
    }

    async fn history(&self) -> History {
        self.run(crate::progress::Journal::history).await.unwrap_or_default()
    }
}
