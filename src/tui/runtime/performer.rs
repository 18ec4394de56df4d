//! Effects, done as tasks; what comes of them becomes events.

use std::io;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::mpsc::{UnboundedSender, unbounded_channel};
use tokio::sync::{oneshot, watch};
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

use super::work;
use crate::i18n::Lang;
use crate::tui::backend::{Backend, Entry, Scope, Trouble};
use crate::tui::clipboard::{self, CopyRoute};
use crate::tui::msg::{Effect, Msg};
use crate::tui::search::IndexRequest;

/// How long what is being written to the journal is waited for at the end.
const LAST_WORDS: Duration = Duration::from_secs(2);

/// What effects need of the terminal.
pub(crate) trait Surface {
    /// Writes an escape sequence that changes nothing on the screen.
    fn send(&mut self, sequence: &str) -> io::Result<()>;

    /// Goes back to the shell until `fg`.
    fn suspend(&mut self) -> io::Result<()>;

    /// Columns and rows.
    fn size(&self) -> io::Result<(u16, u16)>;
}

/// Counts what is being done, so that its end can be waited for.
#[derive(Clone)]
pub(super) struct Tasks(Arc<watch::Sender<usize>>);

/// One of them, until it is dropped.
pub(super) struct Task(Tasks);

impl Tasks {
    pub(super) fn begin(&self) -> Task {
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
pub(in crate::tui) struct Performer {
    pub(super) backend: Arc<dyn Backend>,
    pub(super) sender: UnboundedSender<Msg>,
    cancel: CancellationToken,
    /// The command that runs.
    pub(super) command: Option<work::Command>,
    /// What is being written to the journal.
    records: JoinSet<()>,
    /// Ends when the last of the records is written.
    recorded: Option<oneshot::Receiver<()>>,
    /// What follows the open account's room; dropped with this, and never waited for.
    pub(super) watching: JoinSet<()>,
    pub(super) tasks: Tasks,
}

impl Performer {
    /// One that sends what comes of it to `sender`.
    pub(in crate::tui) fn new(backend: Arc<dyn Backend>, sender: UnboundedSender<Msg>) -> Self {
        let tasks = Tasks(Arc::new(watch::Sender::new(0)));
        let (cancel, records) = (CancellationToken::new(), JoinSet::new());
        let watching = JoinSet::new();
        Self { backend, sender, cancel, command: None, records, recorded: None, watching, tasks }
    }

    /// Ends what runs, and waits for what was said to be recorded.
    pub(in crate::tui) async fn end(&mut self) {
        self.cancel.cancel();
        if let Some(command) = &mut self.command {
            command.kill().await;
        }
        let written = async { while self.records.join_next().await.is_some() {} };
        let _ = tokio::time::timeout(LAST_WORDS, written).await;
    }

    /// How much is being done; what came of the rest is sent.
    pub(in crate::tui) fn busy(&self) -> watch::Receiver<usize> {
        self.tasks.0.subscribe()
    }

    /// Does what is asked for.
    ///
    /// # Errors
    /// The terminal can't be written.
    pub(in crate::tui) fn perform(
        &mut self,
        effect: Effect,
        screen: &mut impl Surface,
    ) -> io::Result<()> {
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
            Effect::Room(effect) => self.room(effect),
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
    /// Writes an entry after those before it: their order says where the learner was last.
    fn record(&mut self, entry: Entry) {
        let done = self.backend.clone().record(entry);
        let (sender, task) = (self.sender.clone(), self.tasks.begin());
        let (written, next) = oneshot::channel::<()>();
        let before = self.recorded.replace(next);
        self.records.spawn(async move {
            if let Some(before) = before {
                // It never says anything: it ends when the one before is written.
                let _ = before.await;
            }
            if let Err(trouble) = done.await {
                let _ = sender.send(Msg::Journal(trouble));
            }
            drop((task, written));
        });
        while self.records.try_join_next().is_some() {}
    }

    /// Does some work in a task; its outcome becomes an event.
    pub(super) fn ask<T: Send + 'static, E: From<Trouble> + Send + 'static>(
        &self,
        work: impl Future<Output = Result<T, E>> + Send + 'static,
        answer: impl FnOnce(Result<T, E>) -> Option<Msg> + Send + 'static,
    ) {
        let (sender, task) = (self.sender.clone(), self.tasks.begin());
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
            drop(task);
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
    pub(super) fn forward<T: Send + 'static>(
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
