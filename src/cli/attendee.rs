//! `stepproof`: the attendee's terminal interface, over engine, journal and practice account.

mod choice;
mod files;
mod place;
mod record;
mod room;
mod shell;
mod solver;
mod workbench;

use std::collections::BTreeMap;
use std::io::IsTerminal;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use jiff::Timestamp;
use tokio::sync::Notify;
use tokio::sync::mpsc::{UnboundedSender, unbounded_channel};
use tokio_util::sync::CancellationToken;

pub(super) use choice::chosen;
use record::Record;

use super::room::Entrance;
use super::session::{self, Session};
use super::{Context, Error, Exit, Outcome, accounts, ends, keys};
use crate::account::Reader;
use crate::check::{
    self, AccountKind, Asked, Event, Facts, History, Known, LONGEST_FACT, Report, Verdict,
    VerifyRequest,
};
use crate::course::{Course, PartId, Values};
use crate::i18n::Lang;
use crate::progress::Journal;
use crate::tui::{
    self, AccountInfo, Backend, Choice, Ended, Entry, Past, Progress, Scope, Theme, Trouble, Work,
};

/// What does without a screen.
const WITHOUT: &str =
    "Without one, use `stepproof --plain`, or `stepproof verify`; `stepproof --help` has the rest.";

pub(super) async fn run(context: &Context, app: Option<PathBuf>) -> Outcome {
    check_terminal(WITHOUT)?;
    // What can't be understood is said before the terminal is taken over.
    ends::check(context)?;
    let keys = keys::read(context)?;
    let rest = Rest::new(context, app);
    let ended = tui::run(rest, Theme::from_env(), lang(context), keys).await;
    let ended =
        ended.map_err(|error| Error::usage(format!("the terminal can't be used: {error}")))?;
    Ok(exit(ended))
}

/// The same in lines of text, beginning at a step or a module, or at the next open step.
pub(super) async fn run_plain(context: &Context, app: Option<PathBuf>, begin: &str) -> Outcome {
    ends::check(context)?;
    let rest = Rest::new(context, app);
    let begin = Some(begin.trim().to_owned()).filter(|begin| !begin.is_empty());
    // A course that can't be read is an error here, not a screen to look at.
    let course = rest
        .course_read()
        .map_err(|trouble| Error::usage(trouble.message).with_remedy(trouble.remedy))?;
    if let Some(begin) = begin.as_ref().filter(|begin| !tui::has_place(&course, begin)) {
        return Err(Error::usage(format!("the course has no step or module `{begin}`"))
            .with_remedy("`stepproof status` lists the modules."));
    }
    let streams = tui::plain::Streams {
        input: std::io::stdin().is_terminal(),
        output: std::io::stdout().is_terminal(),
    };
    let finished = tui::plain::run(rest, lang(context), begin, streams).await;
    let finished =
        finished.map_err(|error| Error::usage(format!("input or output failed: {error}")))?;
    if finished.misunderstood > 0 {
        let count = finished.misunderstood;
        return Err(Error::usage(format!("lines that are no command here: {count}"))
            .with_remedy("`help` as a line lists all commands."));
    }
    Ok(exit(finished.ended))
}

/// Complains where there is no terminal that has a screen, with what does without one.
///
/// # Errors
/// There is none.
pub(super) fn check_terminal(without: &str) -> Result<(), Error> {
    if !std::io::stdin().is_terminal() || !std::io::stdout().is_terminal() {
        return Err(Error::usage("this is no terminal").with_remedy(without));
    }
    if std::env::var_os("TERM").is_some_and(|term| term == "dumb") {
        return Err(Error::usage("this terminal has no screen (TERM=dumb)").with_remedy(without));
    }
    Ok(())
}

/// The language of the interface.
pub(super) fn lang(context: &Context) -> Lang {
    Lang::from_tag(&context.lang)
}

/// How the program ends after its interface.
pub(super) fn exit(ended: Ended) -> Exit {
    match ended {
        Ended::Left => Exit::Proven,
        Ended::Signal(number) => Exit::Signal(number),
    }
}

/// The rest of the program, as the interface needs it.
struct Rest {
    context: Context,
    /// The copy of the app that a flag names.
    app: Option<PathBuf>,
    course: OnceLock<Arc<Course>>,
    open: Mutex<Option<Arc<Open>>>,
    /// The verdicts that this run recorded last, by check.
    recorded: Mutex<BTreeMap<String, Verdict>>,
    /// Something is recorded that the room may be told, or the learner joined or left.
    news: Notify,
    /// The room that was looked at last, to be joined as it was shown.
    entrance: Mutex<Option<Entrance>>,
}

/// An open account.
struct Open {
    session: Session,
    account: String,
    caller: String,
    journal: Result<Record, Trouble>,
}

impl From<Error> for Trouble {
    fn from(error: Error) -> Self {
        Self::new(error.message, error.remedy)
    }
}

impl Rest {
    fn new(context: &Context, app: Option<PathBuf>) -> Arc<Self> {
        Arc::new(Self {
            context: context.clone(),
            app,
            course: OnceLock::new(),
            open: Mutex::default(),
            recorded: Mutex::default(),
            news: Notify::new(),
            entrance: Mutex::default(),
        })
    }

    fn course_read(&self) -> Result<Arc<Course>, Trouble> {
        if let Some(course) = self.course.get() {
            return Ok(Arc::clone(course));
        }
        let course = Arc::new(session::course(&self.context)?);
        Ok(Arc::clone(self.course.get_or_init(|| course)))
    }

    fn opened(&self) -> Result<Arc<Open>, Trouble> {
        let open = self.open.lock().unwrap_or_else(PoisonError::into_inner);
        open.clone().ok_or_else(|| Trouble::new("No account is open.", "Choose one first."))
    }

    async fn open_account(&self, choice: Choice) -> Result<AccountInfo, Trouble> {
        let course = self.course_read()?;
        let (practice, profile) = match &choice {
            Choice::Practice => (true, None),
            Choice::Profile(name) => (false, name.clone()),
        };
        let session = session::open_as(&self.context, &course, practice, profile).await?;
        let (account, caller) = who(&session).await?;
        let journal = self.open_journal(&course, &session, &account).await;
        let kind = session.kind();
        let region = session.account.region().to_owned();
        accounts::remember(&self.context, &session, &account);
        let info = AccountInfo { account: account.clone(), kind, region };
        let open = Open { session, account, caller, journal };
        *self.open.lock().unwrap_or_else(PoisonError::into_inner) = Some(Arc::new(open));
        self.recorded.lock().unwrap_or_else(PoisonError::into_inner).clear();
        choice::remember(&self.context, &choice);
        Ok(info)
    }

    async fn read_values(&self) -> Result<Values, Trouble> {
        let course = self.course_read()?;
        let open = self.opened()?;
        let wanted: Vec<String> = course.value_facts().into_iter().map(str::to_owned).collect();
        let reader: Arc<dyn Facts> = Arc::new(Reader::new(&open.session.account, false));
        let read = check::read(reader, wanted, LONGEST_FACT, CancellationToken::new()).await;
        let known: Known =
            read.into_iter().filter_map(|(name, value)| Some((name, value.ok()?))).collect();
        Ok(course.values(&known))
    }

    async fn check(
        &self,
        scope: Scope,
        lang: Lang,
        progress: UnboundedSender<Progress>,
        cancel: CancellationToken,
    ) -> Result<Report, Trouble> {
        let course = self.course_read()?;
        let open = self.opened()?;
        let asked = match scope {
            Scope::Step(id) => Asked::select(&course, &[], &[id]),
            Scope::Module(number) => Asked::select(&course, &[number], &[]),
            Scope::Cleanup => Asked::default().and_cleanup(&course),
            Scope::All => Ok(Asked::all(&course)),
        }
        .map_err(|error| Trouble::new(error.to_string(), ""))?;
        let history = match &open.journal {
            Ok(record) => record.run(Journal::history).await.unwrap_or_default(),
            Err(_) => History::default(),
        };
        let reader: Arc<dyn Facts> = Arc::new(Reader::new(&open.session.account, true));
        let kind: AccountKind = open.session.kind();
        let region = open.session.account.region();
        let mut request = VerifyRequest::new(asked, &open.account, &open.caller, kind, region);
        lang.tag().clone_into(&mut request.lang);
        let deployed = course.index.deployed.as_ref().map(|spec| spec.facts.clone());
        request.also_read.extend(deployed.into_iter().flatten());
        let (events, mut told) = unbounded_channel();
        let read_from = Arc::clone(&course);
        let forward = tokio::spawn(async move {
            let mut known = Known::new();
            while let Some(event) = told.recv().await {
                let told = match event {
                    Event::Started { checks, .. } => Progress::Started(checks),
                    Event::Judged { step, result, .. } => Progress::Judged(step, Box::new(result)),
                    Event::Read { fact, outcome, .. } => {
                        known.extend(outcome.ok().map(|value| (fact, value)));
                        continue;
                    }
                };
                let _ = progress.send(told);
            }
            if let Some(at) = read_from.deployed(&known) {
                let _ = progress.send(Progress::Deployed(at));
            }
        });
        let report = check::verify(request, reader, &course, &history, events, cancel).await;
        let _ = forward.await;
        Ok(report)
    }
}

/// The account's number and the caller. A practice account is known without asking.
async fn who(session: &Session) -> Result<(String, String), Trouble> {
    let reader: Arc<dyn Facts> = Arc::new(Reader::new(&session.account, false));
    let cancel = CancellationToken::new();
    let mut read = check::read(reader, ["caller".to_owned()], LONGEST_FACT, cancel).await;
    match read.remove("caller") {
        Some(Ok(caller)) => {
            let text = |name: &str| caller[name].as_str().unwrap_or_default().to_owned();
            Ok((text("account"), text("arn")))
        }
        _ if session.kind() == AccountKind::Practice => {
            Ok((session::practice_account(), String::new()))
        }
        Some(Err(error)) => Err(Error::from(error).into()),
        None => Err(Trouble::new("The account was not read.", "Choose it again.")),
    }
}

impl Backend for Rest {
    fn course(self: Arc<Self>) -> Work<Course> {
        Box::pin(async move {
            let read = tokio::task::spawn_blocking(move || self.course_read()).await;
            let course = read.map_err(|_| Trouble::new("The course can't be read.", ""))??;
            Ok(course.as_ref().clone())
        })
    }

    fn chosen(self: Arc<Self>) -> Work<Option<Choice>> {
        Box::pin(async move { Ok(choice::chosen(&self.context)) })
    }

    fn profiles(self: Arc<Self>) -> Work<Vec<Option<String>>> {
        Box::pin(async move { Ok(choice::profiles()) })
    }

    fn open(self: Arc<Self>, choice: Choice) -> Work<AccountInfo> {
        Box::pin(async move { self.open_account(choice).await })
    }

    fn values(self: Arc<Self>) -> Work<Values> {
        Box::pin(async move { self.read_values().await })
    }

    fn verify(
        self: Arc<Self>,
        scope: Scope,
        again: bool,
        lang: Lang,
        progress: UnboundedSender<Progress>,
        cancel: CancellationToken,
    ) -> Work<Report> {
        Box::pin(async move { self.verify_and_record(scope, again, lang, progress, cancel).await })
    }

    fn solve(
        self: Arc<Self>,
        steps: Vec<String>,
        progress: UnboundedSender<String>,
        cancel: CancellationToken,
    ) -> Work<()> {
        Box::pin(async move {
            let course = self.course_read()?;
            let open = self.opened()?;
            let app = place::find(&self.context, self.app.as_deref(), &course, Some(&open));
            solver::solve((&self.context, app), &course, &open, &steps, &progress, &cancel).await
        })
    }

    fn past(self: Arc<Self>) -> Work<Past> {
        Box::pin(async move { self.read_past().await })
    }

    fn spent(self: Arc<Self>) -> Work<BTreeMap<PartId, u32>> {
        Box::pin(async move { Ok(self.standing().await?.spent) })
    }

    fn ends(self: Arc<Self>) -> Work<Option<Timestamp>> {
        Box::pin(async move { Ok(ends::ends(&self.context)?) })
    }

    fn expiry(self: Arc<Self>, again: bool) -> Work<Option<Timestamp>> {
        Box::pin(async move {
            let open = self.opened()?;
            let account = &open.session.account;
            Ok(if again {
                account.credentials_asked_again().await
            } else {
                account.credentials_expire()
            })
        })
    }

    fn record(self: Arc<Self>, entry: Entry) -> Work<()> {
        Box::pin(async move { self.write(entry).await })
    }
}
