//! The palette: every action, module and step by its name.

use crossterm::event::{KeyCode, KeyEvent};

use crate::course::PartId;

use super::action::{Action, ENTRIES};
use super::actions::act;
use super::available::why_not;
use super::find::{Folded, Query};
use super::line;
use super::model::{Model, Pane};
use super::msg::Effect;
use super::place;
use super::update::{notify, open_part};

/// Lines that a page key moves by.
const PAGE: usize = 10;

/// The palette while it is open.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Palette {
    /// What is typed.
    pub text: String,
    /// The marked one of what was found.
    pub at: usize,
}

/// Something that can be gone to or done.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Choice {
    pub(super) target: Target,
    /// What it does, or its title, in the interface's language.
    pub(super) title: String,
    /// The action's name, or the number of a module or step.
    pub(super) name: String,
    /// Why it would do nothing now.
    pub(super) why: Option<&'static str>,
}

/// What Enter does.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Target {
    Do(Action),
    Part(PartId),
    Step(String),
}

/// What fits what is typed, the best first.
pub(super) fn found(model: &Model) -> Vec<Choice> {
    let Some(palette) = &model.palette else { return Vec::new() };
    let words: Vec<Query> = palette.text.split_whitespace().filter_map(Query::new).collect();
    let mut ranked: Vec<(usize, bool, Choice)> = choices(model)
        .filter_map(|choice| {
            let texts = [Folded::new(&choice.name), Folded::new(&choice.title)];
            let rank = |word| texts.iter().filter_map(|text| text.rank(word)).min();
            let rank = words.iter().map(rank).sum::<Option<usize>>()?;
            Some((rank, choice.why.is_some(), choice))
        })
        .collect();
    ranked.sort_by_key(|(rank, why, _)| (*rank, *why));
    ranked.into_iter().map(|(.., choice)| choice).collect()
}

/// All actions in the order of the help, then the course's modules with their steps.
fn choices(model: &Model) -> impl Iterator<Item = Choice> {
    let words = model.words();
    let lang = model.lang.tag();
    let actions = ENTRIES.iter().filter(|entry| entry.action != Action::Palette);
    let actions = actions.map(move |entry| Choice {
        target: Target::Do(entry.action),
        title: (entry.help)(words).to_owned(),
        name: entry.action.name().to_owned(),
        why: why_not(model, entry.action),
    });
    let parts = model.course.iter().flat_map(|course| course.parts());
    let places = parts.flat_map(move |part| {
        let name = match part.id {
            PartId::Module(number) => number.to_string(),
            PartId::Cleanup => String::new(),
        };
        let why = (!part.is_written()).then_some(words.not_written);
        let title = part.title.get(lang).to_owned();
        let module = Choice { target: Target::Part(part.id), title, name, why };
        let steps = part.steps.iter().map(move |step| Choice {
            target: Target::Step(step.spec.id.clone()),
            title: step.spec.title.get(lang).to_owned(),
            name: step.spec.id.clone(),
            why: None,
        });
        std::iter::once(module).chain(steps)
    });
    actions.chain(places)
}

/// Opens the palette.
pub(super) fn open(model: &mut Model) -> Vec<Effect> {
    model.notice = None;
    model.palette = Some(Palette::default());
    Vec::new()
}

/// Takes a key while the palette is open; none where it means something else there.
pub(super) fn press(model: &mut Model, key: &KeyEvent) -> Option<Vec<Effect>> {
    if model.keys.leaves_text(key) {
        return None;
    }
    let last = found(model).len().saturating_sub(1);
    let palette = model.palette.as_mut()?;
    model.dirty = true;
    match key.code {
        KeyCode::Esc => model.palette = None,
        KeyCode::Enter => return Some(go(model)),
        KeyCode::Down | KeyCode::Tab => palette.at = (palette.at + 1).min(last),
        KeyCode::Up | KeyCode::BackTab => palette.at = palette.at.saturating_sub(1),
        KeyCode::PageDown => palette.at = (palette.at + PAGE).min(last),
        KeyCode::PageUp => palette.at = palette.at.saturating_sub(PAGE),
        KeyCode::Home => palette.at = 0,
        KeyCode::End => palette.at = last,
        _ => {
            if let Some(text) = line::edit(&palette.text, key) {
                type_in(palette, text);
            }
        }
    }
    Some(Vec::new())
}

/// Takes what is pasted into the palette.
pub(super) fn paste(model: &mut Model, pasted: &str) -> Vec<Effect> {
    if let Some(palette) = &mut model.palette {
        let text = line::paste(&palette.text, pasted);
        type_in(palette, text);
        model.dirty = true;
    }
    Vec::new()
}

fn type_in(palette: &mut Palette, text: String) {
    if text != palette.text {
        *palette = Palette { text, at: 0 };
    }
}

/// Does what is marked, or says why not.
pub(super) fn go(model: &mut Model) -> Vec<Effect> {
    let at = model.palette.as_ref().map_or(0, |palette| palette.at);
    let Some(choice) = found(model).into_iter().nth(at) else { return Vec::new() };
    model.palette = None;
    match (choice.target, choice.why) {
        (Target::Do(_), Some(why)) => {
            notify(model, format!("{}: {why}", choice.title));
            Vec::new()
        }
        (Target::Do(action), None) => act(model, action),
        (Target::Part(part), _) => go_to_part(model, part),
        (Target::Step(step), _) => {
            leave(model);
            place::go_to_step(model, &step)
        }
    }
}

/// Goes to a module or the clean-up, from wherever the learner is.
pub(super) fn go_to_part(model: &mut Model, part: PartId) -> Vec<Effect> {
    leave(model);
    open_part(model, part)
}

fn leave(model: &mut Model) {
    place::leave(model);
    model.map = None;
    model.notice = None;
    if model.pane != Pane::Page {
        model.pane = Pane::Page;
        super::update::relayout(model);
    }
}
