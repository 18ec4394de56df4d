//! `update`: the only way that the state changes. Pure: what has to be done outside comes back as
//! effects.

mod act;
mod say;

use std::path::PathBuf;

use crossterm::event::{KeyEvent, KeyEventKind};

use super::model::Model;
use super::msg::{Effect, Msg};
use super::{list, mouse, polling, prompt, sweeping};
use crate::i18n::fill;
use crate::tui::{Notice, Time, Trouble, kit};

pub(super) use act::{act, moved, open_attendee};
pub(super) use say::{attend, begin_to_say};

/// Takes one event.
#[must_use]
pub fn update(model: &mut Model, msg: Msg) -> Vec<Effect> {
    match msg {
        Msg::Key(key) => press(model, &key),
        Msg::Mouse(event) => mouse::take(model, event),
        Msg::Paste(text) => prompt::paste(model, &text),
        Msg::Act(action) => {
            model.dirty = true;
            act(model, action)
        }
        Msg::Resize(columns, rows) => {
            // The terminal may have moved what stood on it, also at the same size.
            (model.size, model.dirty) = ((columns, rows), true);
            Vec::new()
        }
        Msg::Time(time) => tell_time(model, time),
        Msg::Ends(ends) => {
            model.dirty |= model.ends != ends;
            model.ends = ends;
            Vec::new()
        }
        Msg::About(about) => polling::about(model, about),
        Msg::Changes(changes) => polling::changes(model, changes),
        Msg::Posted(message, outcome) => say::said(model, message, outcome),
        Msg::Proving(number, proving) => sweeping::told(model, number, proving),
        Msg::Proved(number, outcome) => sweeping::ended(model, number, outcome),
        Msg::Exported(outcome) => exported(model, outcome),
        Msg::Page(outcome) => page_written(model, outcome),
        Msg::Gone => vec![Effect::Cancel, Effect::Quit],
    }
}

/// Puts the map in order again, where attendees changed since: once for all events of a frame.
pub fn settle(model: &mut Model) {
    if std::mem::take(&mut model.list.stale) {
        list::order_anew(model);
    }
}

fn press(model: &mut Model, key: &KeyEvent) -> Vec<Effect> {
    if key.kind != KeyEventKind::Press {
        return Vec::new();
    }
    if let Some(effects) = prompt::press(model, key) {
        return effects;
    }
    let Some(action) = model.keys.action_of(key) else { return Vec::new() };
    model.dirty = true;
    act(model, action)
}

/// Takes the time. What rests on it is told by the minute: how long somebody is where they are, and
/// whether that is too long.
fn tell_time(model: &mut Model, time: Time) -> Vec<Effect> {
    let minute = |time: &Time| time.wall.as_second().div_euclid(60);
    let passed = minute(&model.time) != minute(&time);
    model.time = time;
    if passed {
        model.crowd.tick(model.time.wall);
        polling::changed(model);
    }
    polling::ask(model)
}

/// Tells the instructor something.
pub(super) fn notify(model: &mut Model, text: String) {
    model.notice = Some(Notice { trouble: false, text });
    model.dirty = true;
}

/// Tells the instructor about trouble.
pub(super) fn warn(model: &mut Model, text: String) {
    model.notice = Some(Notice { trouble: true, text });
    model.dirty = true;
}

/// Writes all that is known of the room to a new file.
pub(super) fn export(model: &mut Model, path: &str) -> Vec<Effect> {
    let path = PathBuf::from(path);
    match super::export(&model.crowd, &path, model.lang) {
        Ok(text) => vec![Effect::Export(path, text)],
        Err(why) => {
            warn(model, why);
            Vec::new()
        }
    }
}

fn exported(model: &mut Model, outcome: Result<PathBuf, Trouble>) -> Vec<Effect> {
    match outcome {
        Ok(path) => {
            let path = crate::markdown::sanitize::clean_line(&path.display().to_string());
            notify(model, fill(model.words().exported, &[&path]));
        }
        Err(trouble) => warn(model, kit::one_line(&trouble)),
    }
    Vec::new()
}

/// Says once that the page can't be written; it is tried again with the next change.
fn page_written(model: &mut Model, outcome: Result<(), Trouble>) -> Vec<Effect> {
    if let Err(trouble) = outcome {
        let text = kit::one_line(&trouble);
        if model.notice.as_ref().is_none_or(|notice| notice.text != text) {
            warn(model, text);
        }
    }
    Vec::new()
}
