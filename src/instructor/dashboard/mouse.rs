//! The mouse: the wheel moves, a click marks, and opens what is marked already. Every one of these
//! has its keys too.

use crossterm::event::{MouseButton, MouseEvent, MouseEventKind};

use super::action::Action;
use super::list;
use super::model::{Model, Screen};
use super::msg::Effect;
use super::update::act;
use super::view::areas;
use super::view::{Hit, hit};

/// Rows that a turn of the wheel moves by.
const TURN: usize = 3;

/// Takes what the mouse did. What stands over the body is answered by keys.
pub(super) fn take(model: &mut Model, event: MouseEvent) -> Vec<Effect> {
    if model.palette.is_some() || model.prompt.is_some() {
        return Vec::new();
    }
    let way = match event.kind {
        MouseEventKind::ScrollDown => Action::Down,
        MouseEventKind::ScrollUp => Action::Up,
        MouseEventKind::Down(MouseButton::Left) if model.sheet.is_none() => {
            return click(model, event.column, event.row);
        }
        _ => return Vec::new(),
    };
    // A wheel that is turned by accident doesn't change what a sheet asks about.
    let asks = model.sheet.as_ref().is_some_and(|sheet| *sheet != super::model::Sheet::Keys);
    if asks {
        return Vec::new();
    }
    model.dirty = true;
    (0..TURN).flat_map(|_| act(model, way)).collect()
}

fn click(model: &mut Model, x: u16, y: u16) -> Vec<Effect> {
    let Some(Hit::Line(Some(at))) = hit(model, x, y) else { return Vec::new() };
    model.dirty = true;
    let marked = match model.screen {
        Screen::Map => model.list.at(),
        Screen::Queue => model.marks[0],
        _ => model.marks[1],
    };
    if marked == at {
        return act(model, Action::Open);
    }
    match model.screen {
        Screen::Map => {
            let height = areas::list_height(model.size, Screen::Map);
            list::mark(model, at, height);
        }
        Screen::Queue => model.marks[0] = at,
        _ => model.marks[1] = at,
    }
    Vec::new()
}
