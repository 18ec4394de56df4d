//! `stepproof instructor`: the dashboard over a room, a roster, or a demonstration.

mod source;

use std::collections::BTreeSet;
use std::io::IsTerminal;
use std::path::PathBuf;
use std::sync::Arc;

use jiff::Timestamp;

use super::attendee::{check_terminal, exit, lang};
use super::{Context, Error, Exit, Outcome, ends, keys, output, session};
use crate::course::Course;
use crate::i18n::Lang;
use crate::instructor::crowd::Crowd;
use crate::instructor::dashboard::{self, Backend as _, Setting};
use crate::progress::room::Cursor;
use crate::tui::Theme;
use source::Source;

/// What does without a screen.
const WITHOUT: &str =
    "Without one, use --html FILE, which keeps a page up to date, or --export FILE.";

/// Arguments of `instructor`.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// The room's code, or the file of a room on this machine
    #[arg(long, value_name = "ID", required_unless_present_any = ["roster", "demo"])]
    room: Option<String>,
    /// The attendees and how their accounts are reached, to prove what they claim: as `grade` takes it
    #[arg(long, value_name = "F")]
    roster: Option<PathBuf>,
    /// Rehearse: plays an event of so many attendees
    #[arg(long, value_name = "N", conflicts_with_all = ["room", "roster"], value_parser = clap::value_parser!(u16).range(1..=5000))]
    demo: Option<u16>,
    /// How many times faster than an event the demonstration plays
    #[arg(long, value_name = "X", requires = "demo", default_value_t = 1.0, value_parser = speed)]
    speed: f64,
    /// Which event the demonstration plays: the same number, the same event
    #[arg(long, value_name = "N", requires = "demo", default_value_t = 1)]
    seed: u64,
    /// Begin the demonstration so many minutes into the event
    #[arg(long, value_name = "M", requires = "demo", default_value_t = 0, value_parser = clap::value_parser!(u16).range(0..=600))]
    minute: u16,
    /// Keep a page for the projector up to date in this file, with or without a terminal
    #[arg(long, value_name = "F")]
    html: Option<PathBuf>,
    /// Show names on the page
    #[arg(long, requires = "html")]
    names: bool,
    /// Write what the room says to a new .csv or .json file, and end
    #[arg(long, value_name = "F", conflicts_with = "html")]
    export: Option<PathBuf>,
    /// How many accounts are read at the same time
    #[arg(long, value_name = "N", default_value_t = 16, value_parser = clap::value_parser!(u16).range(1..=128))]
    jobs: u16,
    /// Send no requests to the APIs: checks that need them cannot tell
    #[arg(long)]
    no_probes: bool,
}

fn speed(text: &str) -> Result<f64, String> {
    let speed: f64 = text.parse().map_err(|_| "give a number, such as 20".to_owned())?;
    if (0.1..=3600.0).contains(&speed) {
        return Ok(speed);
    }
    Err("a demonstration plays 0.1 to 3600 times as fast as an event".to_owned())
}

pub(super) async fn run(args: Args, context: &Context) -> Outcome {
    let course = Arc::new(session::course(context)?);
    // What can't be understood is said before the terminal is taken over.
    let keys = keys::read(context)?;
    ends::check(context)?;
    if let Some(page) = &args.html {
        output::check(page)?;
    }
    let screen = std::io::stdout().is_terminal() && std::io::stdin().is_terminal();
    if args.export.is_none() && (screen || args.html.is_none()) {
        check_terminal(WITHOUT)?;
    }
    let source = Source::open(&args, context, &course).await?;
    let setting = setting(&args, context, course, &source)?;
    if let Some(path) = args.export {
        return export(setting, Arc::new(source), path, lang(context)).await;
    }
    let backend = Arc::new(source);
    let lang = lang(context);
    let ended = if screen {
        dashboard::run(backend, setting, Theme::from_env(), lang, keys).await
    } else {
        dashboard::run_without_screen(backend, setting, lang, output::words).await
    };
    let ended =
        ended.map_err(|error| Error::usage(format!("the terminal can't be used: {error}")))?;
    Ok(exit(ended))
}

/// What the dashboard begins with.
fn setting(
    args: &Args,
    context: &Context,
    course: Arc<Course>,
    source: &Source,
) -> Result<Setting, Error> {
    let mut crowd = Crowd::new(Arc::clone(&course));
    let entries = source.roster();
    crowd.expect(entries.iter().map(|(name, account)| (name.as_str(), account.as_str())));
    let roster = source
        .proves()
        .then(|| entries.iter().map(|(_, account)| account.clone()).collect::<BTreeSet<String>>());
    Ok(Setting {
        course,
        room: source.name.clone(),
        roster,
        crowd,
        page: args.html.is_some().then_some(args.names),
        ends: ends::ends(context)?,
        clock: source.clock,
    })
}

/// Writes what the room says now.
async fn export(mut setting: Setting, source: Arc<Source>, path: PathBuf, lang: Lang) -> Outcome {
    if setting.room.is_some() {
        let changes = Arc::clone(&source).changes(Cursor::default()).await?;
        let now = Timestamp::now();
        let now = setting.clock.map_or(now, |clock| clock.at(now));
        setting.crowd.take(changes.rows, now);
    }
    let text = dashboard::export(&setting.crowd, &path, lang).map_err(Error::usage)?;
    let path = source
        .export(path, text)
        .await
        .map_err(|trouble| Error::usage(trouble.message).with_remedy(trouble.remedy))?;
    output::words(&format!("Written: {}", path.display()));
    Ok(Exit::Proven)
}
