//! Which pane stands where: three columns from 120 columns on, two under that with the proof
//! below the page, one under 80.

use ratatui::layout::Rect;

use crate::tui::model::Pane;

/// Smaller than this, a window shows only that it is too small.
const MIN: (u16, u16) = (40, 10);
/// Columns between two panes.
pub(super) const GUTTER: u16 = 3;
/// Longer lines are hard to read.
const MAX_TEXT: u16 = 100;

/// The places of the screen. Each pane's first row is its title.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::tui) struct Areas {
    pub(super) header: Rect,
    pub(super) modules: Option<Rect>,
    pub(super) page: Option<Rect>,
    pub(super) proof: Option<Rect>,
    pub(super) status: Rect,
    pub(super) footer: Rect,
}

/// The places for a size, or none where it is too small.
pub(in crate::tui) fn areas((columns, rows): (u16, u16), focus: Pane) -> Option<Areas> {
    if columns < MIN.0 || rows < MIN.1 {
        return None;
    }
    let line = |y| Rect::new(0, y, columns, 1);
    let body = Rect::new(1, 1, columns - 2, rows - 3);
    let (modules, page, proof) = if columns >= 120 {
        three(body)
    } else if columns >= 80 {
        two(body, focus)
    } else {
        let only = |pane| (focus == pane).then_some(body);
        (only(Pane::Modules), only(Pane::Page), only(Pane::Proof))
    };
    Some(Areas {
        header: line(0),
        modules,
        page,
        proof,
        status: line(rows - 2),
        footer: line(rows - 1),
    })
}

type Panes = (Option<Rect>, Option<Rect>, Option<Rect>);

fn three(body: Rect) -> Panes {
    let left = 30;
    let right = (body.width * 3 / 10).clamp(36, 52);
    let middle = body.width - left - right - 2 * GUTTER;
    let column = |x, width| Some(Rect::new(body.x + x, body.y, width, body.height));
    (column(0, left), column(left + GUTTER, middle), column(body.width - right, right))
}

fn two(body: Rect, focus: Pane) -> Panes {
    let left = if body.width >= 98 { 28 } else { 22 };
    let x = body.x + left + GUTTER;
    let width = body.width - left - GUTTER;
    let low = match focus {
        Pane::Proof => body.height * 3 / 5,
        Pane::Modules | Pane::Page => (body.height / 3).max(5),
    };
    let high = body.height - low;
    (
        Some(Rect::new(body.x, body.y, left, body.height)),
        Some(Rect::new(x, body.y, width, high)),
        Some(Rect::new(x, body.y + high, width, low)),
    )
}

/// A pane without its title.
pub(super) fn below_title(pane: Rect) -> Rect {
    Rect::new(pane.x, pane.y + 1, pane.width, pane.height.saturating_sub(1))
}

/// Columns and rows of the page's text.
pub(in crate::tui) fn text_of_page(size: (u16, u16), focus: Pane) -> (u16, u16) {
    // A page that isn't on the screen keeps the layout that it will have.
    let page = areas(size, focus)
        .and_then(|areas| areas.page)
        .or_else(|| areas(size, Pane::Page).and_then(|areas| areas.page));
    page.map_or((size.0.max(1), 1), |page| {
        let text = below_title(page);
        (text.width.min(MAX_TEXT), text.height)
    })
}

/// Columns and rows of the proof pane's text.
pub(in crate::tui) fn text_of_proof(size: (u16, u16), focus: Pane) -> (u16, u16) {
    let proof = areas(size, focus).and_then(|areas| areas.proof);
    proof.map_or((1, 1), |proof| {
        let text = below_title(proof);
        (text.width, text.height)
    })
}
