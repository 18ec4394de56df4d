//! The loop: one receiver for all events, effects as tasks, a frame only when something changed.

use std::io;
use std::sync::Arc;
use std::time::Duration;

use crossterm::event::Event;
use ratatui::Frame;
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};
use tokio_util::sync::CancellationToken;

use super::backend::{Backend, Whom};
use super::model::{Model, Setting};
use super::msg::{Effect, Msg};
use super::update::{settle, update};
use super::{Bindings, polling, view};
use crate::i18n::Lang;
use crate::instructor::demo::DemoClock;
use crate::tui::kit::{Screen, Signals, Surface as _, Watch, listen};
use crate::tui::{Ended, KeyMap, Theme, Time};

/// Runs the dashboard until the instructor leaves or a signal ends it. The terminal is given back in
/// every case.
///
/// # Errors
/// The terminal can't be read or written.
pub async fn run(
    backend: Arc<dyn Backend>,
    setting: Setting,
    theme: Theme,
    lang: Lang,
    keys: KeyMap,
) -> io::Result<Ended> {
    // Before the terminal is taken over: a signal at any moment gives it back.
    let mut signals = Signals::new()?;
    let mut screen = Screen::open(keys.mouse)?;
    let dial = Dial { watch: Watch::new(), clock: setting.clock };
    let mut model = Model::new(setting, theme, lang, screen.size()?, Bindings::new(keys));
    model.time = dial.now();
    screen.draw(|frame| view::draw(frame, &model))?;
    model.dirty = false;
    let (sender, messages) = unbounded_channel();
    let told = sender.clone();
    listen(move |event| {
        let msg = event.map_or(Some(Msg::Gone), translate);
        msg.is_none_or(|msg| told.send(msg).is_ok())
    });
    let mut performer = Performer::new(backend, sender);
    let ended =
        events(&mut model, &dial, &mut screen, &mut performer, messages, &mut signals).await;
    performer.cancel.cancel();
    ended
}

/// Keeps the page for the projector up to date without a terminal, until a signal ends it. Trouble
/// is told by `say`, each once.
///
/// # Errors
/// Signals can't be waited for.
pub async fn run_without_screen(
    backend: Arc<dyn Backend>,
    setting: Setting,
    lang: Lang,
    say: impl Fn(&str),
) -> io::Result<Ended> {
    let mut signals = Signals::new()?;
    let theme = Theme { colour: false, ascii: false, hyperlinks: false };
    let keys = Bindings::new(KeyMap::default());
    let dial = Dial { watch: Watch::new(), clock: setting.clock };
    let mut model = Model::new(setting, theme, lang, (80, 24), keys);
    let (sender, mut messages) = unbounded_channel();
    let mut performer = Performer::new(backend, sender);
    let mut said = None;
    loop {
        let first = match next(&model, &dial, &mut messages, &mut signals).await {
            Next::Signal(number) => return Ok(Ended::Signal(number)),
            Next::Msg(msg) => msg,
        };
        take(&mut model, &dial, first, &mut messages, |effect| {
            performer.perform(effect);
            Ok(true)
        })?;
        let state = polling::state(&model);
        let notice = model.notice.as_ref().filter(|notice| notice.trouble);
        let now = state.or_else(|| notice.map(|notice| notice.text.clone()));
        if now != said {
            if let Some(now) = &now {
                say(now);
            }
            said = now;
        }
    }
}

/// The dashboard's clock. In a demonstration it shows the demonstration's time.
struct Dial {
    watch: Watch,
    clock: Option<DemoClock>,
}

impl Dial {
    fn now(&self) -> Time {
        let time = self.watch.now();
        match self.clock {
            Some(clock) => Time { wall: clock.at(time.wall), ..time },
            None => time,
        }
    }

    /// How long until the time has to be told again.
    fn pause(&self) -> Duration {
        self.watch.pause(self.clock.is_some())
    }
}

/// What woke the loop.
enum Next {
    Signal(u8),
    Msg(Option<Msg>),
}

async fn next(
    model: &Model,
    dial: &Dial,
    messages: &mut UnboundedReceiver<Msg>,
    signals: &mut Signals,
) -> Next {
    let pause = dial.pause().min(polling::pause(model));
    tokio::select! {
        biased;
        number = signals.next() => Next::Signal(number),
        msg = messages.recv() => Next::Msg(msg),
        () = tokio::time::sleep(pause) => Next::Msg(None),
    }
}

/// Takes what has arrived by now, after the time of it. Whether to go on.
fn take(
    model: &mut Model,
    dial: &Dial,
    mut first: Option<Msg>,
    messages: &mut UnboundedReceiver<Msg>,
    mut perform: impl FnMut(Effect) -> io::Result<bool>,
) -> io::Result<bool> {
    let mut next = Some(Msg::Time(dial.now()));
    while let Some(msg) = next {
        for effect in update(model, msg) {
            if !perform(effect)? {
                return Ok(false);
            }
        }
        next = first.take().or_else(|| messages.try_recv().ok());
    }
    settle(model);
    Ok(true)
}

async fn events(
    model: &mut Model,
    dial: &Dial,
    screen: &mut Screen,
    performer: &mut Performer,
    mut messages: UnboundedReceiver<Msg>,
    signals: &mut Signals,
) -> io::Result<Ended> {
    loop {
        let first = match next(model, dial, &mut messages, signals).await {
            Next::Signal(number) => return Ok(Ended::Signal(number)),
            Next::Msg(msg) => msg,
        };
        let goes_on = take(model, dial, first, &mut messages, |effect| {
            match effect {
                Effect::Quit => return Ok(false),
                Effect::Suspend => {
                    screen.suspend()?;
                    let (columns, rows) = screen.size()?;
                    let _ = performer.sender.send(Msg::Resize(columns, rows));
                }
                effect => performer.perform(effect),
            }
            Ok(true)
        })?;
        if !goes_on {
            return Ok(Ended::Left);
        }
        if model.dirty {
            let view = |frame: &mut Frame<'_>| view::draw(frame, model);
            if model.joined {
                screen.draw_anew(view)?;
            } else {
                screen.draw(view)?;
            }
            model.dirty = false;
        }
    }
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

/// Does what `update` asks for, as tasks; what comes of them becomes events.
struct Performer {
    backend: Arc<dyn Backend>,
    sender: UnboundedSender<Msg>,
    cancel: CancellationToken,
}

impl Performer {
    fn new(backend: Arc<dyn Backend>, sender: UnboundedSender<Msg>) -> Self {
        Self { backend, sender, cancel: CancellationToken::new() }
    }

    fn perform(&mut self, effect: Effect) {
        let backend = Arc::clone(&self.backend);
        match effect {
            Effect::About => self.ask(backend.about(), Msg::About),
            Effect::Changes(since) => self.ask(backend.changes(since), Msg::Changes),
            Effect::Post(message) => {
                let posted = backend.post(message.clone());
                self.ask(posted, move |outcome| Msg::Posted(message, outcome));
            }
            Effect::Prove(number, whom, lang) => self.prove(number, whom, lang),
            Effect::Cancel => self.cancel.cancel(),
            Effect::Export(path, text) => self.ask(backend.export(path, text), Msg::Exported),
            Effect::Page(text) => self.ask(backend.page(text), Msg::Page),
            Effect::Suspend | Effect::Quit => {}
        }
    }

    fn ask<T: Send + 'static>(
        &self,
        work: impl Future<Output = T> + Send + 'static,
        answer: impl FnOnce(T) -> Msg + Send + 'static,
    ) {
        let sender = self.sender.clone();
        tokio::spawn(async move {
            let _ = sender.send(answer(work.await));
        });
    }

    fn prove(&mut self, number: u64, whom: Whom, lang: Lang) {
        self.cancel = CancellationToken::new();
        let (events, mut told) = unbounded_channel();
        let work = Arc::clone(&self.backend).prove(whom, lang, events, self.cancel.clone());
        let sender = self.sender.clone();
        tokio::spawn(async move {
            // The end comes behind all that was told before it.
            let forward = async {
                while let Some(proving) = told.recv().await {
                    let _ = sender.send(Msg::Proving(number, proving));
                }
            };
            let (outcome, ()) = tokio::join!(work, forward);
            let _ = sender.send(Msg::Proved(number, outcome));
        });
    }
}
