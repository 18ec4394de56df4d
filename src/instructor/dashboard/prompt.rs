//! A line of text that is typed for something.

use crossterm::event::{KeyCode, KeyEvent};

use super::model::{Draft, Model, Sheet};
use super::msg::Effect;
use super::update::{export, notify};
use super::{list, palette};
use crate::tui::kit;

/// Minutes after which a message goes by itself, where nothing else is chosen.
const LIFETIME: i64 = 15;

/// What is being typed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Prompt {
    /// What it is for.
    pub purpose: Purpose,
    /// What is typed.
    pub text: String,
}

/// What a line is typed for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Purpose {
    /// To be looked for on the map.
    Search,
    /// To narrow the map to.
    Narrow,
    /// To be said: to the account and name, or to all.
    Say(Option<(String, String)>),
    /// A file to export to.
    Export,
}

/// Begins to type.
pub(super) fn open(model: &mut Model, purpose: Purpose, text: String) -> Vec<Effect> {
    model.notice = None;
    model.prompt = Some(Prompt { purpose, text });
    model.dirty = true;
    Vec::new()
}

/// Takes a key while something is typed; none where it means something else there.
pub(super) fn press(model: &mut Model, key: &KeyEvent) -> Option<Vec<Effect>> {
    let types = model.palette.is_some() || model.prompt.is_some();
    if !types || model.keys.leaves_text(key) {
        return None;
    }
    model.dirty = true;
    if model.palette.is_some() {
        return Some(palette::press(model, key));
    }
    let prompt = model.prompt.as_mut()?;
    match key.code {
        KeyCode::Esc => {
            let purpose = prompt.purpose.clone();
            model.prompt = None;
            match purpose {
                Purpose::Narrow => list::narrow(model, String::new()),
                Purpose::Search => model.search.clear(),
                Purpose::Say(_) | Purpose::Export => {}
            }
        }
        KeyCode::Enter => return Some(take(model)),
        _ => {
            if let Some(text) = kit::edit(&prompt.text, key) {
                prompt.text = text;
                typed(model);
            }
        }
    }
    Some(Vec::new())
}

/// Text goes where text is typed, and nowhere else.
pub(super) fn paste(model: &mut Model, pasted: &str) -> Vec<Effect> {
    if let Some(palette) = &mut model.palette {
        *palette = palette::Palette { text: kit::paste(&palette.text, pasted), at: 0 };
        model.dirty = true;
    } else if let Some(prompt) = &mut model.prompt {
        prompt.text = kit::paste(&prompt.text, pasted);
        model.dirty = true;
        typed(model);
    }
    Vec::new()
}

/// What is typed works as it is typed, where it can.
fn typed(model: &mut Model) {
    let Some(prompt) = &model.prompt else { return };
    let text = prompt.text.clone();
    match prompt.purpose {
        Purpose::Search => {
            model.search = text;
            list::seek(model);
        }
        Purpose::Narrow => list::narrow(model, text),
        Purpose::Say(_) | Purpose::Export => {}
    }
}

fn take(model: &mut Model) -> Vec<Effect> {
    let Some(Prompt { purpose, text }) = model.prompt.take() else { return Vec::new() };
    let text = text.trim().to_owned();
    match purpose {
        Purpose::Search if !text.is_empty() && list::hits(model) == 0 => {
            notify(model, model.words().search_none.to_owned());
        }
        Purpose::Search | Purpose::Narrow => {}
        Purpose::Say(_) if text.is_empty() => {
            notify(model, model.words().message_empty.to_owned());
        }
        Purpose::Say(to) => {
            let draft = Draft { to, text, minutes: LIFETIME, answers: None };
            model.sheet = Some(Sheet::Send(draft));
        }
        Purpose::Export => return export(model, &text),
    }
    Vec::new()
}
