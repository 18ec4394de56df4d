//! The loop: one receiver for all events, effects as tasks, a frame only when something changed.

use std::io;
use std::sync::Arc;
use std::time::Duration;

use crossterm::event::{Event, EventStream};
use futures_util::StreamExt;
use jiff::ZonedDateTime;
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;

use crate::i18n::Lang;

use super::action::Action;
use super::backend::{Backend, Scope, Trouble, Work};
use super::clipboard::{self, CopyRoute};
use super::model::Model;
use super::msg::{Effect, Msg};
use super::search::IndexRequest;
use super::terminal::Screen;
use super::theme::Theme;
use super::update::{start, update};

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
pub async fn run(backend: Arc<dyn Backend>, theme: Theme, lang: Lang) -> io::Result<Ended> {
    // Before the terminal is taken over: a signal at any moment gives it back.
    let mut signals = Signals::new()?;
    let mut screen = Screen::open()?;
    let mut model = Model::new(theme, lang, screen.size()?);
    screen.draw(&model)?;
    model.dirty = false;
    let (sender, messages) = unbounded_channel();
    let mut performer = Performer::new(backend, sender);
    for effect in start() {
        performer.perform(effect, &mut screen)?;
    }
    let ended = events(&mut model, &mut screen, &mut performer, messages, &mut signals).await;
    performer.stop();
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
    loop {
        let mut first = tokio::select! {
            biased;
            number = signals.next() => return Ok(Ended::Signal(number)),
            msg = messages.recv() => msg,
            () = tokio::time::sleep(to_next_minute(&ZonedDateTime::now())) => None,
        };
        // What has arrived by now goes into the same frame, after the time of it.
        let mut next = Some(Msg::Clock(ZonedDateTime::now()));
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

/// How long the minute on the clock lasts. Counted anew each time: a machine that slept, or whose
/// clock was set, is right again within a minute, and with the next key.
pub(super) fn to_next_minute(now: &ZonedDateTime) -> Duration {
    let seconds = now.second().unsigned_abs().into();
    let into = Duration::new(seconds, now.subsec_nanosecond().unsigned_abs());
    Duration::from_mins(1).saturating_sub(into) + Duration::from_millis(1)
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
        let _ = sender.send(Msg::Act(Action::Quit));
    });
}

fn translate(event: &Event) -> Option<Msg> {
    match event {
        Event::Key(key) => Some(Msg::Key(*key)),
        Event::Resize(columns, rows) => Some(Msg::Resize(*columns, *rows)),
        Event::Paste(text) => Some(Msg::Paste(text.clone())),
        _ => None,
    }
}

/// What effects need of the terminal.
pub(super) trait Surface {
    /// Writes an escape sequence that changes nothing on the screen.
    fn send(&mut self, sequence: &str) -> io::Result<()>;

    /// Goes back to the shell until `fg`.
    fn suspend(&mut self) -> io::Result<()>;

    /// Columns and rows.
    fn size(&self) -> io::Result<(u16, u16)>;
}

/// Counts what is being done, so that its end can be waited for.
#[derive(Clone)]
struct Tasks(Arc<watch::Sender<usize>>);

/// One of them, until it is dropped.
struct Task(Tasks);

impl Tasks {
    fn begin(&self) -> Task {
        self.0.send_modify(|count| *count += 1);
        Task(self.clone())
    }
}

impl Drop for Task {
    fn drop(&mut self) {
        self.0.0.send_modify(|count| *count -= 1);
    }
}

/// Does what `update` asks for.
pub(super) struct Performer {
    backend: Arc<dyn Backend>,
    sender: UnboundedSender<Msg>,
    cancel: CancellationToken,
    tasks: Tasks,
}

impl Performer {
    /// One that sends what comes of it to `sender`.
    pub(super) fn new(backend: Arc<dyn Backend>, sender: UnboundedSender<Msg>) -> Self {
        let tasks = Tasks(Arc::new(watch::Sender::new(0)));
        Self { backend, sender, cancel: CancellationToken::new(), tasks }
    }

    /// How much is being done; what came of the rest is sent.
    pub(super) fn busy(&self) -> watch::Receiver<usize> {
        self.tasks.0.subscribe()
    }

    pub(super) fn perform(&mut self, effect: Effect, screen: &mut impl Surface) -> io::Result<()> {
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
            Effect::Record(entry) => {
                let done = self.backend.clone().record(entry);
                self.ask(done, |done| done.err().map(Msg::Journal));
            }
            Effect::Verify(number, scope, lang) => self.verify(number, scope, lang),
            Effect::Solve(number, steps) => self.solve(number, steps),
            Effect::Cancel => self.stop(),
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

    /// Cancels what can be cancelled.
    pub(super) fn stop(&self) {
        self.cancel.cancel();
    }

    /// Does some work in a task; its outcome becomes an event.
    fn ask<T: Send + 'static>(
        &self,
        work: Work<T>,
        answer: impl FnOnce(Result<T, Trouble>) -> Option<Msg> + Send + 'static,
    ) {
        let (sender, task) = (self.sender.clone(), self.tasks.begin());
        tokio::spawn(async move {
            // A panic in there is a defect, but no reason to leave the learner waiting.
            let outcome = tokio::spawn(work).await.unwrap_or_else(|_| {
                Err(Trouble::new("stepproof failed inside.", "Please report it; try again."))
            });
            if let Some(msg) = answer(outcome) {
                let _ = sender.send(msg);
            }
            drop(task);
        });
    }

    /// Reads all pages, on a thread that answers no keys.
    fn read_pages(&self, request: IndexRequest) {
        let read = tokio::task::spawn_blocking(move || request.build());
        let read = async move { read.await.map_err(|_| Trouble::new("no pages", "")) };
        self.ask(Box::pin(read), |index| Some(Msg::Index(Arc::new(index.ok()?))));
    }

    fn verify(&mut self, number: u64, scope: Scope, lang: Lang) {
        self.cancel = CancellationToken::new();
        let progress = self.forward(move |progress| Msg::Progress(number, progress));
        let report = self.backend.clone().verify(scope, lang, progress, self.cancel.clone());
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
        let (sender, task) = (self.sender.clone(), self.tasks.begin());
        tokio::spawn(async move {
            while let Some(item) = received.recv().await {
                let _ = sender.send(event(item));
            }
            drop(task);
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
pub(super) struct Signals {
    terminate: tokio::signal::unix::Signal,
    hang_up: tokio::signal::unix::Signal,
    interrupt: tokio::signal::unix::Signal,
}

#[cfg(unix)]
impl Signals {
    pub(super) fn new() -> io::Result<Self> {
        use tokio::signal::unix::{SignalKind, signal};
        Ok(Self {
            terminate: signal(SignalKind::terminate())?,
            hang_up: signal(SignalKind::hangup())?,
            interrupt: signal(SignalKind::interrupt())?,
        })
    }

    /// The number of the next one.
    pub(super) async fn next(&mut self) -> u8 {
        tokio::select! {
            _ = self.terminate.recv() => 15,
            _ = self.hang_up.recv() => 1,
            _ = self.interrupt.recv() => 2,
        }
    }
}

/// Ctrl-C, where there are no other signals.
#[cfg(not(unix))]
pub(super) struct Signals;

#[cfg(not(unix))]
impl Signals {
    pub(super) fn new() -> io::Result<Self> {
        Ok(Self)
    }

    pub(super) async fn next(&mut self) -> u8 {
        let _ = tokio::signal::ctrl_c().await;
        2
    }
}
