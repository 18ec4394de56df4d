//! The loop: one receiver for all events, effects as tasks, a frame only when something changed.

mod work;

use std::io;
use std::sync::Arc;
use std::time::{Duration, Instant};

use crossterm::event::{Event, EventStream};
use futures_util::StreamExt;
use jiff::Timestamp;
use jiff::tz::TimeZone;
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

use crate::i18n::Lang;

use super::backend::{Backend, Entry, Scope, Trouble};
use super::clipboard::{self, CopyRoute};
use super::keymap::KeyMap;
use super::model::Model;
use super::msg::{Effect, Msg};
use super::search::IndexRequest;
use super::terminal::Screen;
use super::theme::Theme;
use super::time::Time;
use super::update::{start, update};

/// How long what is being written to the journal is waited for at the end.
const LAST_WORDS: Duration = Duration::from_secs(2);

/// How the interface ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[must_use]
pub enum Ended {
    /// The learner left.
    Left,
    /// A signal asked for it: its number.
    Signal(u8),
}

/// Runs the interface until the learner leaves or a signal ends it. The terminal is given back in
/// every case.
///
/// # Errors
/// The terminal can't be read or written.
pub async fn run(
    backend: Arc<dyn Backend>,
    theme: Theme,
    lang: Lang,
    keys: KeyMap,
) -> io::Result<Ended> {
    // Before the terminal is taken over: a signal at any moment gives it back.
    let mut signals = Signals::new()?;
    let mut screen = Screen::open(keys.mouse)?;
    let mut model = Model::new(theme, lang, screen.size()?);
    model.keys = keys;
    screen.draw(&model)?;
    model.dirty = false;
    let (sender, messages) = unbounded_channel();
    let mut performer = Performer::new(backend, sender);
    for effect in start() {
        performer.perform(effect, &mut screen)?;
    }
    let ended = events(&mut model, &mut screen, &mut performer, messages, &mut signals).await;
    performer.end().await;
    ended
}

async fn events(
    model: &mut Model,
    screen: &mut Screen,
    performer: &mut Performer,
    mut messages: UnboundedReceiver<Msg>,
    signals: &mut Signals,
) -> io::Result<Ended> {
    read_keys(performer.sender.clone());
    let watch = Watch::new();
    loop {
        let mut first = tokio::select! {
            biased;
            number = signals.next() => return Ok(Ended::Signal(number)),
            msg = messages.recv() => msg,
            () = tokio::time::sleep(watch.pause(model.counts())) => None,
        };
        // What has arrived by now goes into the same frame, after the time of it.
        let mut next = Some(Msg::Time(watch.now()));
        while let Some(msg) = next {
            for effect in update(model, msg) {
                if effect == Effect::Quit {
                    return Ok(Ended::Left);
                }
                performer.perform(effect, screen)?;
            }
            next = first.take().or_else(|| messages.try_recv().ok());
        }
        if model.dirty {
            screen.draw(model)?;
            model.dirty = false;
            panic_for_a_test(model);
        }
    }
}

/// The interface's clock.
struct Watch {
    began: Instant,
    zone: TimeZone,
}

impl Watch {
    fn new() -> Self {
        Self { began: Instant::now(), zone: TimeZone::system() }
    }

    fn now(&self) -> Time {
        let (running, wall) = (self.began.elapsed(), Timestamp::now());
        Time { running, wall, zone: self.zone.clone() }
    }

    /// How long until the time has to be told again: to the next minute, or a second where seconds
    /// are counted. Counted anew each time: a machine that slept, or whose clock was set, is right
    /// again within a minute, and with the next key.
    fn pause(&self, counts: bool) -> Duration {
        if counts {
            return Duration::from_secs(1);
        }
        let now = self.now().zoned();
        let seconds = now.second().unsigned_abs().into();
        let into = Duration::new(seconds, now.subsec_nanosecond().unsigned_abs());
        Duration::from_mins(1).saturating_sub(into) + Duration::from_millis(1)
    }
}

/// Panics once an account is open, where a test asks for it; not in a release.
#[expect(clippy::panic, clippy::manual_assert, reason = "a test sees the terminal given back")]
fn panic_for_a_test(model: &Model) {
    let open = matches!(model.account, super::model::Account::Open(_));
    if cfg!(debug_assertions) && open && std::env::var_os("STEPPROOF_TEST_PANIC").is_some() {
        panic!("a test asked for this panic");
    }
}

/// Sends what the terminal tells on to the one receiver, from a task of its own: polling the
/// stream from two places would lose its wake-up. A terminal that is gone means leaving.
fn read_keys(sender: UnboundedSender<Msg>) {
    tokio::spawn(async move {
        let mut events = EventStream::new();
        while let Some(Ok(event)) = events.next().await {
            if let Some(msg) = translate(&event)
                && sender.send(msg).is_err()
            {
                return;
            }
        }
        let _ = sender.send(Msg::Gone);
    });
}

fn translate(event: &Event) -> Option<Msg> {
    match event {
        Event::Key(key) => Some(Msg::Key(*key)),
        Event::Resize(columns, rows) => Some(Msg::Resize(*columns, *rows)),
        Event::Paste(text) => Some(Msg::Paste(text.clone())),
        Event::Mouse(event) => Some(Msg::Mouse(*event)),
        _ => None,
    }
}

/// Does what `update` asks for.
struct Performer {
    backend: Arc<dyn Backend>,
    sender: UnboundedSender<Msg>,
    cancel: CancellationToken,
    /// The command that runs.
    command: Option<work::Command>,
    /// What is being written to the journal.
    records: JoinSet<()>,
}

impl Performer {
    fn new(backend: Arc<dyn Backend>, sender: UnboundedSender<Msg>) -> Self {
        let cancel = CancellationToken::new();
        Self { backend, sender, cancel, command: None, records: JoinSet::new() }
    }

    /// Ends what runs, and waits for what was said to be recorded.
    async fn end(&mut self) {
        self.cancel.cancel();
        if let Some(command) = &mut self.command {
            command.kill().await;
        }
        let written = async { while self.records.join_next().await.is_some() {} };
        let _ = tokio::time::timeout(LAST_WORDS, written).await;
    }

    fn perform(&mut self, effect: Effect, screen: &mut Screen) -> io::Result<()> {
        match effect {
            Effect::LoadCourse => {
                let course = self.backend.clone().course();
                self.ask(course, |course| Some(Msg::Course(course.map(Arc::new))));
            }
            Effect::FindChoice => {
                let choice = self.backend.clone().chosen();
                self.ask(choice, |choice| Some(Msg::Chosen(choice.unwrap_or(None))));
            }
            Effect::ListProfiles => {
                let profiles = self.backend.clone().profiles();
                self.ask(profiles, |list| Some(Msg::Profiles(list.unwrap_or_default())));
            }
            Effect::OpenAccount(choice) => {
                let account = self.backend.clone().open(choice);
                self.ask(account, |account| Some(Msg::Account(account)));
            }
            Effect::ReadValues => {
                // Instructions never wait for an account: without values they keep placeholders.
                let values = self.backend.clone().values();
                self.ask(values, |values| values.ok().map(Msg::Values));
            }
            Effect::ReadPast => {
                let past = self.backend.clone().past();
                self.ask(past, |past| Some(past.map_or_else(Msg::Journal, Msg::Past)));
            }
            Effect::ReadEnds => {
                let ends = self.backend.clone().ends();
                self.ask(ends, |ends| Some(Msg::Ends(ends.ok().flatten())));
            }
            Effect::ReadExpiry(again) => {
                let expiry = self.backend.clone().expiry(again);
                self.ask(expiry, move |at| Some(Msg::Expiry(at.ok().flatten(), again)));
            }
            Effect::ReadSpent => {
                let spent = self.backend.clone().spent();
                self.ask(spent, |spent| spent.ok().map(Msg::Spent));
            }
            Effect::Index(request) => self.read_pages(request),
            Effect::Record(entry) => self.record(entry),
            Effect::Verify(number, scope, lang) => self.verify(number, scope, false, lang),
            Effect::Recheck(number, scope, lang) => self.verify(number, scope, true, lang),
            Effect::Work(effect) => self.work(effect),
            Effect::Solve(number, steps) => self.solve(number, steps),
            Effect::Cancel => self.cancel.cancel(),
            Effect::Copy(text) => {
                screen.send(&clipboard::osc52(&text, clipboard::in_tmux()))?;
                self.copy(text);
            }
            Effect::Suspend => {
                screen.suspend()?;
                let (columns, rows) = screen.size()?;
                let _ = self.sender.send(Msg::Resize(columns, rows));
            }
            Effect::Quit => {}
        }
        Ok(())
    }

    /// Writes something to the journal; trouble with it becomes an event.
    fn record(&mut self, entry: Entry) {
        let done = self.backend.clone().record(entry);
        let sender = self.sender.clone();
        self.records.spawn(async move {
            if let Err(trouble) = done.await {
                let _ = sender.send(Msg::Journal(trouble));
            }
        });
        while self.records.try_join_next().is_some() {}
    }

    /// Does some work in a task; its outcome becomes an event.
    fn ask<T: Send + 'static, E: From<Trouble> + Send + 'static>(
        &self,
        work: impl Future<Output = Result<T, E>> + Send + 'static,
        answer: impl FnOnce(Result<T, E>) -> Option<Msg> + Send + 'static,
    ) {
        let sender = self.sender.clone();
        tokio::spawn(async move {
            // A panic in there is a defect, but no reason to leave the learner waiting.
            let outcome = tokio::spawn(work).await.unwrap_or_else(|_| {
                let trouble =
                    Trouble::new("stepproof failed inside.", "Please report it; try again.");
                Err(trouble.into())
            });
            if let Some(msg) = answer(outcome) {
                let _ = sender.send(msg);
            }
        });
    }

    /// Reads all pages, on a thread that answers no keys.
    fn read_pages(&self, request: IndexRequest) {
        let read = tokio::task::spawn_blocking(move || request.build());
        let read = async move { read.await.map_err(|_| Trouble::new("no pages", "")) };
        self.ask(Box::pin(read), |index| Some(Msg::Index(Arc::new(index.ok()?))));
    }

    fn verify(&mut self, number: u64, scope: Scope, again: bool, lang: Lang) {
        self.cancel = CancellationToken::new();
        let progress = self.forward(move |progress| Msg::Progress(number, progress));
        let report = self.backend.clone().verify(scope, again, lang, progress, self.cancel.clone());
        self.ask(report, move |report| Some(Msg::Verified(number, report.map(Box::new))));
    }

    fn solve(&mut self, number: u64, steps: Vec<String>) {
        self.cancel = CancellationToken::new();
        let progress = self.forward(move |detail| Msg::Solving(number, detail));
        let done = self.backend.clone().solve(steps, progress, self.cancel.clone());
        self.ask(done, move |done| Some(Msg::Solved(number, done)));
    }

    /// A channel whose items become events.
    fn forward<T: Send + 'static>(
        &self,
        event: impl Fn(T) -> Msg + Send + 'static,
    ) -> UnboundedSender<T> {
        let (items, mut received) = unbounded_channel();
        let sender = self.sender.clone();
        tokio::spawn(async move {
            while let Some(item) = received.recv().await {
                let _ = sender.send(event(item));
            }
        });
        items
    }

    fn copy(&self, text: String) {
        let sender = self.sender.clone();
        tokio::spawn(async move {
            let lines = text.lines().count();
            let route = match clipboard::with_tool(&text).await {
                Some(name) => CopyRoute::Tool(name),
                None => CopyRoute::Terminal,
            };
            let _ = sender.send(Msg::Copied(lines, route));
        });
    }
}

/// The signals that end the program in good order.
#[cfg(unix)]
struct Signals {
    terminate: tokio::signal::unix::Signal,
    hang_up: tokio::signal::unix::Signal,
    interrupt: tokio::signal::unix::Signal,
}

#[cfg(unix)]
impl Signals {
    fn new() -> io::Result<Self> {
        use tokio::signal::unix::{SignalKind, signal};
        Ok(Self {
            terminate: signal(SignalKind::terminate())?,
            hang_up: signal(SignalKind::hangup())?,
            interrupt: signal(SignalKind::interrupt())?,
        })
    }

    /// The number of the next one.
    async fn next(&mut self) -> u8 {
        tokio::select! {
            _ = self.terminate.recv() => 15,
            _ = self.hang_up.recv() => 1,
            _ = self.interrupt.recv() => 2,
        }
    }
}

/// Ctrl-C, where there are no other signals.
#[cfg(not(unix))]
struct Signals;

#[cfg(not(unix))]
impl Signals {
    fn new() -> io::Result<Self> {
        Ok(Self)
    }

    async fn next(&mut self) -> u8 {
        let _ = tokio::signal::ctrl_c().await;
        2
    }
}
