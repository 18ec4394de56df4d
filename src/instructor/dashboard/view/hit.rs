//! What stands at a place of the screen: where drawing put it.

use ratatui::layout::Position;

use super::{areas, claims, map, queue};
use crate::instructor::dashboard::model::{Model, Screen};

/// What stands at a place of the screen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::instructor::dashboard) enum Hit {
    /// A list, and which of its lines.
    Line(Option<usize>),
    /// A page that scrolls.
    Page,
}

/// What stands at a place of the screen; none where it means nothing.
pub(in crate::instructor::dashboard) fn hit(model: &Model, x: u16, y: u16) -> Option<Hit> {
    let body = areas::areas(model.size)?.body;
    if !body.contains(Position::new(x, y)) {
        return None;
    }
    Some(match model.screen {
        Screen::Map => Hit::Line(map::line_at(model, body, y)),
        Screen::Queue => Hit::Line(queue::line_at(model, body, y)),
        Screen::Claims => Hit::Line(claims::line_at(model, body, y)),
        Screen::Room | Screen::Attendee => Hit::Page,
    })
}
