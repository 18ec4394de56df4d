//! Which pane stands where: three columns from 120 columns on, two under that with the proof
//! below the page, one under 80. What a command prints stands below page and proof, and where there
//! is no room for both, in the place of the proof that isn't read.

use ratatui::layout::Rect;

use crate::tui::model::{Focus, Pane};

/// Smaller than this, a window shows only that it is too small.
const MIN: (u16, u16) = (40, 10);
/// Columns between two panes.
pub(super) const GUTTER: u16 = 3;
/// Fewer columns than these show one pane at a time.
const TWO: u16 = 80;
/// Longer lines are hard to read.
const MAX_TEXT: u16 = 100;

/// The places of the screen. Each pane's first row is its title.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::tui) struct Areas {
    pub(super) header: Rect,
    pub(super) modules: Option<Rect>,
    pub(super) page: Option<Rect>,
    pub(super) proof: Option<Rect>,
    pub(super) output: Option<Rect>,
    pub(super) status: Rect,
    pub(super) footer: Rect,
}

/// The places for a size, or none where it is too small.
pub(in crate::tui) fn areas((columns, rows): (u16, u16), focus: Focus) -> Option<Areas> {
    if columns < MIN.0 || rows < MIN.1 {
        return None;
    }
    let line = |y| Rect::new(0, y, columns, 1);
    let body = Rect::new(1, 1, columns - 2, rows - 3);
    let Panes { modules, page, proof, output } = if columns >= 120 {
        three(body, focus)
    } else if columns >= TWO {
        two(body, focus)
    } else {
        let only = |pane| (focus.pane == pane).then_some(body);
        Panes {
            modules: only(Pane::Modules),
            page: only(Pane::Page),
            proof: only(Pane::Proof),
            output: only(Pane::Output),
        }
    };
    Some(Areas {
        header: line(0),
        modules,
        page,
        proof,
        output,
        status: line(rows - 2),
        footer: line(rows - 1),
    })
}

struct Panes {
    modules: Option<Rect>,
    page: Option<Rect>,
    proof: Option<Rect>,
    output: Option<Rect>,
}

fn three(body: Rect, focus: Focus) -> Panes {
    let left = 30;
    let right = (body.width * 3 / 10).clamp(36, 52);
    let middle = body.width - left - right - 2 * GUTTER;
    let low = if focus.output { low(body, focus.pane == Pane::Output) } else { 0 };
    let high = body.height - low;
    let column = |x, width, height| Some(Rect::new(body.x + x, body.y, width, height));
    let x = left + GUTTER;
    let output = Rect::new(body.x + x, body.y + high, body.width - x, low);
    Panes {
        modules: column(0, left, body.height),
        page: column(x, middle, high),
        proof: column(body.width - right, right, high),
        output: focus.output.then_some(output),
    }
}

/// Rows of a pane below the page.
fn low(body: Rect, focused: bool) -> u16 {
    if focused { body.height * 3 / 5 } else { (body.height / 3).max(5) }
}

fn two(body: Rect, focus: Focus) -> Panes {
    let left = if body.width >= 98 { 28 } else { 22 };
    let x = body.x + left + GUTTER;
    let width = body.width - left - GUTTER;
    let low = low(body, matches!(focus.pane, Pane::Proof | Pane::Output));
    let high = body.height - low;
    let below = Rect::new(x, body.y + high, width, low);
    let output = focus.output && focus.pane != Pane::Proof;
    Panes {
        modules: Some(Rect::new(body.x, body.y, left, body.height)),
        page: Some(Rect::new(x, body.y, width, high)),
        proof: (!output).then_some(below),
        output: output.then_some(below),
    }
}

/// Whether a window shows one pane at a time.
pub(in crate::tui) fn shows_one((columns, _): (u16, u16)) -> bool {
    columns < TWO
}

/// A pane without its title.
pub(super) fn below_title(pane: Rect) -> Rect {
    Rect::new(pane.x, pane.y + 1, pane.width, pane.height.saturating_sub(1))
}

/// Columns and rows of the page's text.
pub(in crate::tui) fn text_of_page(size: (u16, u16), focus: Focus) -> (u16, u16) {
    // A page that isn't on the screen keeps the layout that it will have.
    let page = areas(size, focus)
        .and_then(|areas| areas.page)
        .or_else(|| areas(size, Focus { pane: Pane::Page, ..focus })?.page);
    page.map_or((size.0.max(1), 1), |page| {
        let text = below_title(page);
        (text.width.min(MAX_TEXT), text.height)
    })
}

/// Columns and rows of the proof pane's text.
pub(in crate::tui) fn text_of_proof(size: (u16, u16), focus: Focus) -> (u16, u16) {
    text_of(areas(size, focus).and_then(|areas| areas.proof))
}

/// Columns and rows of the output pane's text.
pub(in crate::tui) fn text_of_output(size: (u16, u16), focus: Focus) -> (u16, u16) {
    text_of(areas(size, focus).and_then(|areas| areas.output))
}

/// Whether the proof is on the screen.
pub(in crate::tui) fn shows_proof(size: (u16, u16), focus: Focus) -> bool {
    areas(size, focus).is_some_and(|areas| areas.proof.is_some())
}

fn text_of(pane: Option<Rect>) -> (u16, u16) {
    pane.map_or((1, 1), |pane| {
        let text = below_title(pane);
        (text.width, text.height)
    })
}
