//! What each action does to the state.

use crate::instructor::dashboard::action::Action;
use crate::instructor::dashboard::backend::Whom;
use crate::instructor::dashboard::model::{Model, Screen, Sheet};
use crate::instructor::dashboard::msg::Effect;
use crate::instructor::dashboard::prompt::Purpose;
use crate::instructor::dashboard::view::areas;
use crate::instructor::dashboard::{list, palette, prompt, sweeping, view};

use super::{attend, begin_to_say, notify, say};

/// The screens in the order in which one goes through them.
const SCREENS: [Screen; 4] = [Screen::Map, Screen::Room, Screen::Queue, Screen::Claims];

/// Takes an action: what stands over the body takes it first.
pub(in super::super) fn act(model: &mut Model, action: Action) -> Vec<Effect> {
    match action {
        Action::Quit | Action::Interrupt => return vec![Effect::Cancel, Effect::Quit],
        Action::Suspend => return vec![Effect::Suspend],
        Action::Language => return next_language(model),
        _ => {}
    }
    if model.sheet.is_some() {
        return act_in_sheet(model, action);
    }
    match action {
        Action::Palette => palette::open(model),
        Action::Help => show(model, Sheet::Keys),
        Action::Map => go(model, Screen::Map),
        Action::Room => go(model, Screen::Room),
        Action::Queue => go(model, Screen::Queue),
        Action::Claims => go(model, Screen::Claims),
        Action::NextScreen => beside(model, 1),
        Action::PreviousScreen => beside(model, SCREENS.len() - 1),
        Action::Open => open(model),
        Action::Close => close(model),
        Action::Down
        | Action::Up
        | Action::HalfDown
        | Action::HalfUp
        | Action::PageDown
        | Action::PageUp
        | Action::Top
        | Action::Bottom => travel(model, action),
        Action::Sort => on_map(model, |model| list::sort(model, true)),
        Action::SortBack => on_map(model, |model| list::sort(model, false)),
        Action::Filter => on_map(model, list::next_filter),
        Action::NextModule => on_map(model, |model| list::step_module(model, true)),
        Action::PreviousModule => on_map(model, |model| list::step_module(model, false)),
        Action::Narrow => {
            let text = model.list.filter.text.clone();
            go(model, Screen::Map);
            prompt::open(model, Purpose::Narrow, text)
        }
        Action::Search => {
            go(model, Screen::Map);
            model.search.clear();
            prompt::open(model, Purpose::Search, String::new())
        }
        Action::NextHit => on_map(model, |model| list::step_hit(model, true)),
        Action::PreviousHit => on_map(model, |model| list::step_hit(model, false)),
        Action::MessageAll => begin_to_say(model, true),
        Action::MessageOne => begin_to_say(model, false),
        Action::Attend => attend(model),
        Action::ProveOne => sweeping::prove_one(model),
        Action::ProveAll => sweeping::ask_for_all(model),
        Action::Export => {
            let now = model.time.zoned().strftime("%Y%m%d-%H%M").to_string();
            prompt::open(model, Purpose::Export, format!("room-{now}.csv"))
        }
        Action::Language | Action::Suspend | Action::Interrupt | Action::Quit => Vec::new(),
    }
}

fn next_language(model: &mut Model) -> Vec<Effect> {
    if model.theme.ascii {
        notify(model, model.common().ascii_only.to_owned());
    } else {
        model.lang = model.lang.next();
        model.notice = None;
    }
    Vec::new()
}

fn show(model: &mut Model, sheet: Sheet) -> Vec<Effect> {
    model.sheet = Some(sheet);
    model.sheet_scroll = 0;
    Vec::new()
}

fn go(model: &mut Model, screen: Screen) -> Vec<Effect> {
    model.screen = screen;
    model.notice = None;
    Vec::new()
}

fn beside(model: &mut Model, by: usize) -> Vec<Effect> {
    let from = if model.screen == Screen::Attendee { model.from } else { model.screen };
    let at = SCREENS.iter().position(|screen| *screen == from).unwrap_or(0);
    go(model, SCREENS[(at + by) % SCREENS.len()])
}

/// Actions on the map lead there first.
fn on_map(model: &mut Model, change: impl FnOnce(&mut Model)) -> Vec<Effect> {
    if model.screen != Screen::Map {
        go(model, Screen::Map);
    }
    change(model);
    Vec::new()
}

/// Opens the marked attendee.
fn open(model: &mut Model) -> Vec<Effect> {
    if model.screen == Screen::Attendee {
        return Vec::new();
    }
    let account = model.marked().map(|attendee| attendee.account.clone());
    if let Some(at) = account.and_then(|account| model.crowd.find(&account)) {
        open_attendee(model, at);
    }
    Vec::new()
}

/// Opens an attendee, by their place in the crowd.
pub(in super::super) fn open_attendee(model: &mut Model, at: usize) {
    if model.screen != Screen::Attendee {
        model.from = model.screen;
    }
    model.opened = Some(at);
    model.scrolls[0] = 0;
    model.notice = None;
    model.screen = Screen::Attendee;
}

/// Takes away, one after the other, what is in the way of the whole map.
fn close(model: &mut Model) -> Vec<Effect> {
    if let Some(effects) = sweeping::cancel(model) {
        return effects;
    }
    if model.notice.take().is_some() {
        return Vec::new();
    }
    if model.screen == Screen::Attendee {
        return go(model, model.from);
    }
    if model.screen != Screen::Map {
        return go(model, Screen::Map);
    }
    if model.search.is_empty() {
        list::show_all(model);
    } else {
        model.search.clear();
    }
    Vec::new()
}

fn travel(model: &mut Model, action: Action) -> Vec<Effect> {
    let height = areas::list_height(model.size, model.screen);
    match model.screen {
        Screen::Map => list::travel(model, action, height),
        Screen::Queue => {
            let len = model.crowd.help_queue().len();
            model.marks[0] = moved(model.marks[0], len, height, action);
        }
        Screen::Claims => {
            let len = model.crowd.disagreements().len();
            model.marks[1] = moved(model.marks[1], len, height, action);
        }
        Screen::Attendee | Screen::Room => {
            let rows = view::page_rows(model).len();
            let page = usize::from(model.screen == Screen::Room);
            // As many as there are beside what is seen.
            let len = (rows + 1).saturating_sub(height).max(1);
            let at = model.scrolls[page].min(len - 1);
            model.scrolls[page] = moved(at, len, height, action);
        }
    }
    Vec::new()
}

/// Where a move leads in a list of some lines, of which some are seen.
pub(in super::super) fn moved(at: usize, len: usize, height: usize, action: Action) -> usize {
    let last = len.saturating_sub(1);
    let (half, page) = ((height / 2).max(1), height.saturating_sub(1).max(1));
    let to = match action {
        Action::Down => at + 1,
        Action::Up => at.saturating_sub(1),
        Action::HalfDown => at + half,
        Action::HalfUp => at.saturating_sub(half),
        Action::PageDown => at + page,
        Action::PageUp => at.saturating_sub(page),
        Action::Top => 0,
        Action::Bottom => last,
        _ => at,
    };
    to.min(last)
}

fn act_in_sheet(model: &mut Model, action: Action) -> Vec<Effect> {
    let Some(sheet) = &mut model.sheet else { return Vec::new() };
    match (action, sheet) {
        (Action::Close, _) | (Action::Help, Sheet::Keys) => model.sheet = None,
        (Action::Open, _) => return confirm(model),
        (Action::Up | Action::Down, Sheet::Send(draft)) => {
            say::change_lifetime(draft, action == Action::Up);
        }
        _ => {
            let (rows, height) = view::sheet_extent(model);
            let len = (rows + 1).saturating_sub(height).max(1);
            model.sheet_scroll = moved(model.sheet_scroll.min(len - 1), len, height, action);
        }
    }
    Vec::new()
}

/// Does what the sheet asks about. What isn't seen can't be agreed to.
fn confirm(model: &mut Model) -> Vec<Effect> {
    if areas::areas(model.size).is_none() {
        return Vec::new();
    }
    match model.sheet.take() {
        Some(Sheet::Send(draft)) => say::send(model, draft),
        Some(Sheet::ProveAll) => sweeping::begin(model, Whom::All),
        Some(Sheet::Keys) | None => Vec::new(),
    }
}
