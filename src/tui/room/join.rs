//! The form to join a room: its code, and the name to be shown.

use crossterm::event::{KeyCode, KeyEvent};

use crate::progress::room::shown_name;
use crate::tui::backend::Trouble;
use crate::tui::line;
use crate::tui::model::{Model, Sheet, SheetKind};
use crate::tui::msg::Effect;
use crate::tui::update::{complain, notify};

use super::{JoinPlan, RoomEffect};

/// The form while it is open.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct JoinForm {
    /// The room's code, or its file.
    pub code: String,
    /// The name to be shown.
    pub name: String,
    /// Where text is typed.
    pub field: Field,
    /// Whether the room is being looked for.
    pub looking: bool,
    /// What is missing or wrong.
    pub wrong: Option<String>,
}

/// A line of the form.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Field {
    /// The room's code.
    #[default]
    Code,
    /// The name.
    Name,
}

/// A line of text that asks for the same: code and name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct JoinAsk {
    /// The room's code, or its file.
    pub code: String,
    /// The name to be shown; may be empty.
    pub name: String,
}

impl JoinForm {
    fn typed(&mut self) -> &mut String {
        match self.field {
            Field::Code => &mut self.code,
            Field::Name => &mut self.name,
        }
    }
}

/// Takes a key while the form is open; none where it means something else there.
pub(in crate::tui) fn press(model: &mut Model, key: &KeyEvent) -> Option<Vec<Effect>> {
    if model.keys.leaves_text(key) {
        return None;
    }
    let form = model.join.as_mut()?;
    model.dirty = true;
    match key.code {
        KeyCode::Esc => model.join = None,
        KeyCode::Enter => return Some(go(model)),
        KeyCode::Tab | KeyCode::BackTab | KeyCode::Down | KeyCode::Up => {
            form.field = if form.field == Field::Code { Field::Name } else { Field::Code };
        }
        _ => {
            if let Some(text) = line::edit(form.typed(), key).filter(|_| !form.looking) {
                *form.typed() = text;
                form.wrong = None;
            }
        }
    }
    Some(Vec::new())
}

/// Takes what is pasted into the form.
pub(in crate::tui) fn paste(model: &mut Model, pasted: &str) -> Vec<Effect> {
    if let Some(form) = model.join.as_mut().filter(|form| !form.looking) {
        let text = line::paste(form.typed(), pasted);
        *form.typed() = text;
        form.wrong = None;
        model.dirty = true;
    }
    Vec::new()
}

/// Goes on: to the line that is missing, or to what the room would be told.
fn go(model: &mut Model) -> Vec<Effect> {
    let words = model.words();
    let Some(form) = model.join.as_mut().filter(|form| !form.looking) else { return Vec::new() };
    let (code, name) = (form.code.trim().to_owned(), form.name.trim().to_owned());
    let on_code = form.field == Field::Code;
    if code.is_empty() {
        (form.field, form.wrong) = (Field::Code, Some(words.join_no_code.to_owned()));
    } else if !is_name(&name) {
        // From the code it is the next line, and nothing is wrong yet.
        let wrong = (!on_code || !name.is_empty()).then(|| words.join_no_name.to_owned());
        (form.field, form.wrong) = (Field::Name, wrong);
    } else {
        (form.looking, form.wrong) = (true, None);
        return vec![Effect::Room(RoomEffect::Preview(code, name))];
    }
    Vec::new()
}

fn is_name(name: &str) -> bool {
    !name.is_empty() && shown_name(name) == name
}

/// Takes code and name at once, as `--plain` does.
pub(in crate::tui) fn submit(model: &mut Model, ask: JoinAsk) -> Vec<Effect> {
    let JoinAsk { code, name } = ask;
    if super::is_in_room(model) {
        return super::open(model);
    }
    if !is_name(&name) {
        notify(model, model.words().p_room_needs.to_owned());
        return Vec::new();
    }
    notify(model, format!("{}.", model.words().join_looking));
    vec![Effect::Room(RoomEffect::Preview(code, name))]
}

/// Shows what the room would be told. What was closed meanwhile stays closed.
pub(in crate::tui) fn previewed(model: &mut Model, plan: Result<JoinPlan, Trouble>) {
    model.dirty = true;
    match (plan, &mut model.join) {
        (Ok(plan), form) if form.is_some() || model.plain => {
            (model.join, model.notice) = (None, None);
            model.sheet = Some(Sheet::new(SheetKind::Join(plan)));
        }
        (Err(trouble), Some(form)) => {
            form.looking = false;
            form.wrong = Some(format!("{}. {}", trouble.message, trouble.remedy));
        }
        (Err(trouble), None) if model.plain => complain(model, &trouble),
        (Ok(_), _) | (Err(_), None) => {}
    }
}
