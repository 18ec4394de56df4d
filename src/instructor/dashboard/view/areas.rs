//! What stands where.

use ratatui::layout::Rect;

use crate::instructor::dashboard::model::Screen;

/// Smaller than this, a window shows only that it is too small.
const MIN: (u16, u16) = (40, 10);

/// The places of the screen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::instructor::dashboard) struct Areas {
    pub(super) header: Rect,
    /// The names of the screens.
    pub(super) tabs: Rect,
    pub(super) body: Rect,
    pub(super) status: Rect,
    pub(super) footer: Rect,
}

/// The places for a size, or none where it is too small.
pub(in crate::instructor::dashboard) fn areas((columns, rows): (u16, u16)) -> Option<Areas> {
    if columns < MIN.0 || rows < MIN.1 {
        return None;
    }
    let line = |y| Rect::new(0, y, columns, 1);
    Some(Areas {
        header: line(0),
        tabs: line(1),
        body: Rect::new(1, 2, columns - 2, rows - 4),
        status: line(rows - 2),
        footer: line(rows - 1),
    })
}

/// The parts of a list: the heads of its columns, its lines, and what is said of the marked one.
pub(super) fn list(body: Rect, about: u16) -> (Rect, Rect, Rect) {
    let about = about.min(body.height / 3);
    let lines = body.height - 1 - about;
    let part = |y, height| Rect { y, height, ..body };
    (part(body.y, 1), part(body.y + 1, lines), part(body.y + 1 + lines, about))
}

/// Rows below a list that say all of the marked line.
pub(super) fn about(screen: Screen) -> u16 {
    match screen {
        Screen::Map => 2,
        Screen::Queue => 6,
        Screen::Claims => 3,
        Screen::Room | Screen::Attendee => 0,
    }
}

/// Lines of a screen's list, or rows of its page, that are seen at once.
pub(in crate::instructor::dashboard) fn list_height(size: (u16, u16), screen: Screen) -> usize {
    let Some(areas) = areas(size) else { return 1 };
    match screen {
        Screen::Room | Screen::Attendee => areas.body.height.into(),
        list_of => list(areas.body, about(list_of)).1.height.into(),
    }
}
