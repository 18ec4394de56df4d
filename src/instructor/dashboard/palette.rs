//! The palette: every action by its name, and every attendee.

use crossterm::event::{KeyCode, KeyEvent};

use super::action::{Action, ENTRIES};
use super::model::{Model, Screen};
use super::msg::Effect;
use super::update::{act, notify, open_attendee};
use crate::instructor::crowd::{Filter, Order};
use crate::markdown::sanitize::clean_line;
use crate::tui::kit::{self, Folded, Line, Query};

/// Lines that a page key moves by.
const PAGE: usize = 10;
/// More attendees than these aren't listed: a longer name finds fewer.
const MOST: usize = 50;

/// The palette while it is open.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Palette {
    /// What is typed.
    pub text: String,
    /// The marked one of what was found.
    pub at: usize,
}

/// What Enter does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Target {
    Do(Action),
    Attendee(usize),
}

/// Opens the palette.
pub(super) fn open(model: &mut Model) -> Vec<Effect> {
    model.notice = None;
    model.palette = Some(Palette::default());
    Vec::new()
}

/// What fits what is typed, the best first: actions, then attendees by name or account.
pub(super) fn found(model: &Model) -> Vec<(Target, Line)> {
    let Some(palette) = &model.palette else { return Vec::new() };
    let typed: Vec<Query> = palette.text.split_whitespace().filter_map(Query::new).collect();
    let rank = |texts: [&str; 2]| {
        let texts = texts.map(Folded::new);
        let rank = |word| texts.iter().filter_map(|text| text.rank(word)).min();
        typed.iter().map(rank).sum::<Option<usize>>()
    };
    let words = model.words();
    let actions = ENTRIES.iter().filter(|entry| entry.action != Action::Palette);
    let mut ranked: Vec<(usize, (Target, Line))> = actions
        .filter_map(|entry| {
            let title = (entry.help)(words).to_owned();
            let rank = rank([entry.name, &title])?;
            let why = why_not(model, entry.action);
            let key = model.keys.first(entry.action).unwrap_or_default();
            let line = Line { title, name: entry.name.to_owned(), key, why };
            Some((rank, (Target::Do(entry.action), line)))
        })
        .collect();
    ranked.sort_by_key(|(rank, (_, line))| (*rank, line.why.is_some()));
    let mut found: Vec<(Target, Line)> = ranked.into_iter().map(|(_, choice)| choice).collect();
    if !typed.is_empty() {
        found.extend(attendees(model, &palette.text));
    }
    found
}

fn attendees(model: &Model, text: &str) -> impl Iterator<Item = (Target, Line)> {
    let all = model.crowd.attendees();
    let filter = Filter { text: text.to_owned(), only: None };
    let found = model.crowd.listed(Order::Name, &filter).into_iter().take(MOST);
    let key = model.words().palette_attendee;
    found.filter_map(move |at| {
        let attendee = all.get(at)?;
        let (title, name) = (clean_line(&attendee.name), clean_line(&attendee.account));
        Some((Target::Attendee(at), Line { title, name, key: key.to_owned(), why: None }))
    })
}

/// Takes a key while the palette is open.
pub(super) fn press(model: &mut Model, key: &KeyEvent) -> Vec<Effect> {
    let last = found(model).len().saturating_sub(1);
    let Some(palette) = model.palette.as_mut() else { return Vec::new() };
    match key.code {
        KeyCode::Esc => model.palette = None,
        KeyCode::Enter => return go(model),
        KeyCode::Down | KeyCode::Tab => palette.at = (palette.at + 1).min(last),
        KeyCode::Up | KeyCode::BackTab => palette.at = palette.at.saturating_sub(1),
        KeyCode::PageDown => palette.at = (palette.at + PAGE).min(last),
        KeyCode::PageUp => palette.at = palette.at.saturating_sub(PAGE),
        KeyCode::Home => palette.at = 0,
        KeyCode::End => palette.at = last,
        _ => {
            if let Some(text) = kit::edit(&palette.text, key).filter(|text| *text != palette.text) {
                *palette = Palette { text, at: 0 };
            }
        }
    }
    Vec::new()
}

/// Does what is marked, or says why not.
fn go(model: &mut Model) -> Vec<Effect> {
    let at = model.palette.as_ref().map_or(0, |palette| palette.at);
    let Some((target, line)) = found(model).into_iter().nth(at) else { return Vec::new() };
    model.palette = None;
    match (target, line.why) {
        (Target::Do(_), Some(why)) => notify(model, format!("{}: {why}", line.title)),
        (Target::Do(action), None) => return act(model, action),
        (Target::Attendee(at), _) => open_attendee(model, at),
    }
    Vec::new()
}

/// Why an action would do nothing at the moment; none where it does something.
pub(super) fn why_not(model: &Model, action: Action) -> Option<&'static str> {
    let words = model.words();
    let (why, not) = match action {
        Action::MessageAll => (words.no_room, model.room.is_none()),
        Action::MessageOne if model.room.is_none() => (words.no_room, true),
        Action::ProveOne | Action::ProveAll if model.roster.is_none() => (words.no_roster, true),
        Action::ProveOne | Action::ProveAll if model.sweeping.running.is_some() => {
            (words.sweep_busy, true)
        }
        Action::Open => {
            (words.none_marked, model.marked().is_none() || model.screen == Screen::Attendee)
        }
        Action::MessageOne | Action::ProveOne => (words.none_marked, model.marked().is_none()),
        Action::Attend => {
            let asks = model.marked().is_some_and(|attendee| attendee.open_help().is_some());
            (words.attend_none, !asks)
        }
        Action::NextHit | Action::PreviousHit => (words.search_none, model.search.is_empty()),
        _ => return None,
    };
    not.then_some(why)
}
