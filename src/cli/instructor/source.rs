//! What the dashboard shows: a room, a roster's accounts, or a demonstration.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use futures_util::future::BoxFuture;
use jiff::Timestamp;
use tokio::sync::mpsc::{UnboundedSender, unbounded_channel};
use tokio_util::sync::CancellationToken;

use super::super::room::{self, Who};
use super::super::roster::Roster;
use super::super::whole;
use super::super::{Context, Error};
use super::Args;
use crate::course::Course;
use crate::i18n::Lang;
use crate::instructor::dashboard::{Backend, Proving, Whom};
use crate::instructor::demo::{Demo, DemoClock};
use crate::instructor::sweep::{Event, Place};
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
            Some(path) => {
                let jobs = args.jobs.into();
                Prover::Roster(Roster::open(path, context, course, jobs, !args.no_probes).await?)
            }
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

/// Proves accounts of a roster.
async fn prove(
    roster: &Roster,
    whom: Whom,
    lang: Lang,
    events: &UnboundedSender<Proving>,
    cancel: CancellationToken,
) {
    let asked = roster.places.iter().filter(|place| whom.holds(&place.account));
    let places: Vec<Arc<Place>> = asked.cloned().collect();
    let _ = events.send(Proving::All(places.len()));
    let mut sweep = roster.sweep.clone();
    lang.tag().clone_into(&mut sweep.lang);
    let (sender, mut told) = unbounded_channel();
    let running = sweep.run(&places, Arc::new(roster.accounts.clone()), sender, cancel);
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
                Prover::Roster(roster) => prove(roster, whom, lang, &events, cancel).await,
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
            let write = move || whole::write_new(&path, text.as_bytes()).map(|()| path);
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
    let places: Vec<usize> = (demo.roster().iter().enumerate())
        .filter_map(|(place, (_, account))| whom.holds(account).then_some(place))
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
