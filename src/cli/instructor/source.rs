//! What the dashboard shows: a room, a roster's accounts, or a demonstration.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use futures_util::future::BoxFuture;
use jiff::Timestamp;
use tokio::sync::mpsc::{UnboundedSender, unbounded_channel};
use tokio_util::sync::CancellationToken;

use super::super::grade::{ACCOUNT_TIMEOUT, place, read_roster};
use super::super::room::{self, Who};
use super::super::server::{self, Server};
use super::super::verify::PATIENCE;
use super::super::whole;
use super::super::{Context, Error};
use super::Args;
use crate::check::Asked;
use crate::course::Course;
use crate::i18n::Lang;
use crate::instructor::dashboard::{Backend, Proving, Whom};
use crate::instructor::demo::{Demo, DemoClock};
use crate::instructor::sweep::{Accounts, Event, Place, Sweep};
use crate::progress::room::{About, Changes, Cursor, Message, Room, RoomError};
use crate::tui::Trouble;

/// How long a demonstration's account takes to be read.
const MOMENT: Duration = Duration::from_millis(20);

/// Where the dashboard has its data from.
pub(super) struct Source {
    /// How the room is called.
    pub(super) name: Option<String>,
    room: Option<Arc<dyn Room>>,
    prover: Prover,
    /// The page for the projector.
    page: Option<PathBuf>,
    /// The demonstration's time.
    pub(super) clock: Option<DemoClock>,
}

/// What can prove claims.
enum Prover {
    None,
    /// A sweep over a roster.
    Roster(Roster),
    /// The demonstration's own records.
    Demo(Arc<Demo>),
}

/// A roster, ready to be read.
struct Roster {
    sweep: Sweep,
    places: Vec<Arc<Place>>,
    accounts: Accounts,
    /// Serves the practice accounts as long as the dashboard is open.
    _server: Option<Server>,
}

impl Source {
    /// Opens what the arguments name.
    ///
    /// # Errors
    /// The room can't be had, or something in the roster is wrong.
    pub(super) async fn open(
        args: &Args,
        context: &Context,
        course: &Arc<Course>,
    ) -> Result<Self, Error> {
        let page = args
            .html
            .as_ref()
            .map(|page| std::path::absolute(page).unwrap_or_else(|_| page.clone()));
        if let Some(attendees) = args.demo {
            let clock = DemoClock::new(Timestamp::now(), args.minute.into(), args.speed);
            let now = move || clock.at(Timestamp::now());
            let course = Arc::clone(course);
            let demo = Demo::new(course, attendees.into(), args.seed, clock.began(), now);
            let demo = Arc::new(demo);
            let room: Arc<dyn Room> = Arc::clone(&demo) as _;
            let name = Some("demo".to_owned());
            let prover = Prover::Demo(demo);
            return Ok(Self { name, room: Some(room), prover, page, clock: Some(clock) });
        }
        let prover = match &args.roster {
            Some(_) => Prover::Roster(roster(args, context, course).await?),
            None => Prover::None,
        };
        let (mut name, mut room) = (None, None);
        if let Some(text) = &args.room {
            let (opened, _) = room::open(text, Who::Instructor, context).await?;
            let about = opened.about().await?;
            if about.course != course.index.id {
                let message = format!("the room is for the course `{}`", about.course);
                return Err(Error::usage(crate::markdown::sanitize::clean_line(&message))
                    .with_remedy("Name that course's directory with --course."));
            }
            (name, room) = (Some(text.clone()), Some(Arc::from(opened)));
        }
        Ok(Self { name, room, prover, page, clock: None })
    }

    /// Names and accounts of the roster.
    pub(super) fn roster(&self) -> Vec<(String, String)> {
        match &self.prover {
            Prover::None => Vec::new(),
            Prover::Roster(roster) => {
                let one = |place: &Arc<Place>| (place.name.clone(), place.account.clone());
                roster.places.iter().map(one).collect()
            }
            Prover::Demo(demo) => demo.roster(),
        }
    }

    /// Whether claims can be proven.
    pub(super) fn proves(&self) -> bool {
        !matches!(self.prover, Prover::None)
    }

    fn room(&self) -> Result<Arc<dyn Room>, RoomError> {
        // Nothing is asked of a room that isn't there.
        self.room.clone().ok_or(RoomError::Closed)
    }
}

async fn roster(args: &Args, context: &Context, course: &Arc<Course>) -> Result<Roster, Error> {
    let Some(path) = &args.roster else { return Err(Error::usage("there is no roster")) };
    let entries = read_roster(path, context, course)?;
    let server =
        if context.global.practice { Some(server::find_or_serve(context).await?) } else { None };
    let places = entries
        .into_iter()
        .map(|entry| Arc::new(place(entry, context, course, server.as_ref())))
        .collect();
    let sweep = Sweep {
        asked: Asked::all(course),
        course: Arc::clone(course),
        lang: context.lang.clone(),
        jobs: usize::from(args.jobs),
        account_timeout: ACCOUNT_TIMEOUT,
        fact_timeout: PATIENCE,
    };
    let accounts = Accounts::new(!args.no_probes);
    Ok(Roster { sweep, places, accounts, _server: server })
}

impl Roster {
    async fn prove(
        &self,
        whom: Whom,
        lang: Lang,
        events: &UnboundedSender<Proving>,
        cancel: CancellationToken,
    ) {
        let places: Vec<Arc<Place>> = self
            .places
            .iter()
            .filter(|place| match &whom {
                Whom::All => true,
                Whom::One(account) => place.account == *account,
            })
            .cloned()
            .collect();
        let _ = events.send(Proving::All(places.len()));
        let mut sweep = self.sweep.clone();
        lang.tag().clone_into(&mut sweep.lang);
        let (sender, mut told) = unbounded_channel();
        let running = sweep.run(&places, Arc::new(self.accounts.clone()), sender, cancel);
        let forward = async {
            while let Some(event) = told.recv().await {
                let _ = events.send(match event {
                    Event::Began { .. } => Proving::Began,
                    Event::Done { record, .. } => Proving::Done(record),
                });
            }
        };
        tokio::join!(running, forward);
    }
}

impl Backend for Source {
    fn about(self: Arc<Self>) -> BoxFuture<'static, Result<About, RoomError>> {
        Box::pin(async move { self.room()?.about().await })
    }

    fn changes(self: Arc<Self>, since: Cursor) -> BoxFuture<'static, Result<Changes, RoomError>> {
        Box::pin(async move { self.room()?.changes(since).await })
    }

    fn post(self: Arc<Self>, message: Message) -> BoxFuture<'static, Result<(), RoomError>> {
        Box::pin(async move { self.room()?.post(&message).await })
    }

    fn prove(
        self: Arc<Self>,
        whom: Whom,
        lang: Lang,
        events: UnboundedSender<Proving>,
        cancel: CancellationToken,
    ) -> BoxFuture<'static, Result<(), Trouble>> {
        Box::pin(async move {
            match &self.prover {
                Prover::None => {
                    return Err(Trouble::new("There is no roster.", "Start again with --roster."));
                }
                Prover::Roster(roster) => roster.prove(whom, lang, &events, cancel).await,
                Prover::Demo(demo) => prove_demo(demo, &whom, lang, &events, &cancel).await,
            }
            Ok(())
        })
    }

    fn export(
        self: Arc<Self>,
        path: PathBuf,
        text: String,
    ) -> BoxFuture<'static, Result<PathBuf, Trouble>> {
        Box::pin(async move {
            let path = std::path::absolute(&path).unwrap_or(path);
            let shown = path.display().to_string();
            let write = move || {
                use std::io::Write as _;
                std::fs::File::create_new(&path)
                    .and_then(|mut file| file.write_all(text.as_bytes()))
                    .map(|()| path)
            };
            off_thread(write, &shown).await
        })
    }

    fn page(self: Arc<Self>, text: String) -> BoxFuture<'static, Result<(), Trouble>> {
        Box::pin(async move {
            let Some(path) = self.page.clone() else { return Ok(()) };
            let shown = path.display().to_string();
            off_thread(move || whole::write(&path, text.as_bytes()), &shown).await
        })
    }
}

/// Writes a file off the threads that answer keys.
async fn off_thread<T: Send + 'static>(
    write: impl FnOnce() -> std::io::Result<T> + Send + 'static,
    path: &str,
) -> Result<T, Trouble> {
    let failed = |why: String| {
        Trouble::new(format!("{path} can't be written: {why}."), "Name another file.")
    };
    let written = tokio::task::spawn_blocking(write).await;
    written.map_err(|error| failed(error.to_string()))?.map_err(|error| failed(error.to_string()))
}

/// The demonstration's accounts take a moment each, as accounts do.
async fn prove_demo(
    demo: &Demo,
    whom: &Whom,
    lang: Lang,
    events: &UnboundedSender<Proving>,
    cancel: &CancellationToken,
) {
    let asked = |account: &str| match whom {
        Whom::All => true,
        Whom::One(one) => account == one,
    };
    let places: Vec<usize> = (demo.roster().iter().enumerate())
        .filter_map(|(place, (_, account))| asked(account).then_some(place))
        .collect();
    let _ = events.send(Proving::All(places.len()));
    for place in places {
        if cancel.is_cancelled() {
            return;
        }
        let _ = events.send(Proving::Began);
        tokio::time::sleep(MOMENT).await;
        let record = Arc::new(demo.record(place, lang.tag()));
        let _ = events.send(Proving::Done(record));
    }
}
