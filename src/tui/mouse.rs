//! The mouse: the wheel scrolls what is under it, a click goes there or marks it. Every one of these
//! has its keys too.

use crossterm::event::{MouseButton, MouseEvent, MouseEventKind};

use super::action::Action;
use super::actions::{act, travel};
use super::model::{Model, Pane};
use super::msg::Effect;
use super::page::SIDEWAYS;
use super::update::{relayout, with_page};
use super::view::{Hit, Under, hit};
use super::{palette, place, search};

/// Rows that a turn of the wheel scrolls text by.
const TURN: usize = 3;

/// Takes what the mouse did.
pub(super) fn take(model: &mut Model, event: MouseEvent) -> Vec<Effect> {
    let Some(hit) = hit(model, event.column, event.row) else { return Vec::new() };
    match event.kind {
        MouseEventKind::ScrollDown => wheel(model, &hit, Action::Down),
        MouseEventKind::ScrollUp => wheel(model, &hit, Action::Up),
        MouseEventKind::ScrollRight => wheel_sideways(model, &hit, SIDEWAYS),
        MouseEventKind::ScrollLeft => wheel_sideways(model, &hit, -SIDEWAYS),
        MouseEventKind::Down(MouseButton::Left) => {
            model.dirty = true;
            click(model, hit)
        }
        _ => Vec::new(),
    }
}

fn wheel(model: &mut Model, hit: &Hit, way: Action) -> Vec<Effect> {
    model.dirty = true;
    let step = |at: usize, last: usize| {
        if way == Action::Down { (at + 1).min(last) } else { at.saturating_sub(1) }
    };
    match hit {
        Hit::Palette(_) => {
            let last = palette::found(model).len().saturating_sub(1);
            if let Some(palette) = &mut model.palette {
                palette.at = step(palette.at, last);
            }
            Vec::new()
        }
        Hit::Search(_) => {
            if let Some(search) = &mut model.search {
                let last = search.hits.len().saturating_sub(1);
                search.at = step(search.at, last);
            }
            Vec::new()
        }
        Hit::Window => (0..TURN).flat_map(|_| act(model, way)).collect(),
        Hit::Chooser(_) | Hit::Map(_) => act(model, way),
        Hit::Pane(pane @ Pane::Modules, _) => travel(model, *pane, way),
        Hit::Pane(pane, _) => (0..TURN).flat_map(|_| travel(model, *pane, way)).collect(),
        Hit::Beside => Vec::new(),
    }
}

fn wheel_sideways(model: &mut Model, hit: &Hit, columns: isize) -> Vec<Effect> {
    if matches!(hit, Hit::Pane(Pane::Page, _)) {
        with_page(model, |page, view| page.scroll_sideways(columns, view));
    }
    Vec::new()
}

/// Marks what is clicked; what is marked already is opened.
fn click(model: &mut Model, hit: Hit) -> Vec<Effect> {
    match hit {
        Hit::Palette(Some(at)) => {
            let palette = model.palette.as_mut().filter(|palette| palette.at != at);
            let Some(palette) = palette else { return palette::go(model) };
            palette.at = at;
        }
        Hit::Search(Some(at)) => {
            let search = model.search.as_mut().filter(|search| search.at != at);
            let Some(search) = search else { return search::go(model) };
            search.at = at;
        }
        Hit::Chooser(Some(at)) => {
            let chooser = model.chooser.as_mut().filter(|chooser| chooser.cursor != at);
            let Some(chooser) = chooser else { return act(model, Action::Open) };
            chooser.cursor = at;
        }
        Hit::Map(Some(part)) => {
            let map = model.map.as_mut().filter(|map| map.marked != part);
            let Some(map) = map else { return act(model, Action::Open) };
            map.marked = part;
        }
        // Beside a window: it is left.
        Hit::Beside if model.palette.is_some() => model.palette = None,
        Hit::Beside => return act(model, Action::Close),
        Hit::Pane(pane, under) => return click_in_pane(model, pane, under),
        Hit::Palette(None)
        | Hit::Search(None)
        | Hit::Chooser(None)
        | Hit::Map(None)
        | Hit::Window => {}
    }
    Vec::new()
}

fn click_in_pane(model: &mut Model, pane: Pane, under: Under) -> Vec<Effect> {
    match under {
        Under::Part(part) => return palette::go_to_part(model, part),
        Under::Step(step) => return place::go_to_step(model, &step),
        Under::Mark(mark) => model.page.mark = Some(mark),
        Under::Nothing => {}
    }
    if model.pane != pane {
        model.pane = pane;
        relayout(model);
    }
    Vec::new()
}
