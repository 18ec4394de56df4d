//! The loop: one receiver for all events, effects as tasks, a frame only when something changed.

mod performer;
mod room;
mod signals;
mod watch;
mod work;

pub(super) use performer::Performer;
pub(crate) use performer::Surface;
pub(crate) use signals::Signals;
pub(crate) use watch::Watch;

use std::io;
use std::sync::Arc;

use crossterm::event::{Event, EventStream};
use futures_util::StreamExt;
use tokio::sync::mpsc::{UnboundedReceiver, unbounded_channel};

use crate::i18n::Lang;

use super::backend::Backend;
use super::keymap::KeyMap;
use super::model::Model;
use super::msg::{Effect, Msg};
use super::terminal::Screen;
use super::theme::Theme;
use super::update::{start, update};
use super::view;

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
    screen.draw(|frame| view::draw(frame, &model))?;
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
    let sender = performer.sender.clone();
    listen(move |event| {
        event.map_or(Some(Msg::Gone), translate).is_none_or(|msg| sender.send(msg).is_ok())
    });
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
            screen.draw(|frame| view::draw(frame, model))?;
            model.dirty = false;
            panic_for_a_test(model);
        }
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

/// Tells what the terminal tells, from a task of its own: polling the stream from two places would
/// lose its wake-up. None says that the terminal is gone, which means leaving. `tell` says whether
/// anybody listens.
pub(crate) fn listen(tell: impl Fn(Option<&Event>) -> bool + Send + 'static) {
    tokio::spawn(async move {
        let mut events = EventStream::new();
        while let Some(Ok(event)) = events.next().await {
            if !tell(Some(&event)) {
                return;
            }
        }
        tell(None);
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
