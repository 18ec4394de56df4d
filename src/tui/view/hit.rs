//! What stands at a place of the screen: where drawing put it.

use ratatui::layout::{Position, Rect};

use crate::course::PartId;
use crate::tui::model::{Model, Pane};
use crate::tui::page::Mark;
use crate::tui::proof;

use super::areas::{areas, below_title};
use super::{body_area, chooser, chooser_area, map, palette, panes, search, sheets};

/// What stands at a place of the screen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::tui) enum Hit {
    /// The palette, and which of its choices.
    Palette(Option<usize>),
    /// The search's list, and which of its results.
    Search(Option<usize>),
    /// The choice of the account, and which one.
    Chooser(Option<usize>),
    /// The map, and which module.
    Map(Option<PartId>),
    /// A window over the panes.
    Window,
    /// Beside such a window.
    Beside,
    /// A pane, and what is in it there.
    Pane(Pane, Under),
}

/// What stands at a place of a pane.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::tui) enum Under {
    /// A module or the clean-up.
    Part(PartId),
    /// A step.
    Step(String),
    /// A code block or a link.
    Mark(Mark),
    /// Nothing that can be gone to.
    Nothing,
}

/// What stands at a place of the screen; none where it means nothing.
pub(in crate::tui) fn hit(model: &Model, x: u16, y: u16) -> Option<Hit> {
    let screen = Rect::new(0, 0, model.size.0, model.size.1);
    let at = Position::new(x, y);
    if !screen.contains(at) {
        return None;
    }
    if model.join.is_some() {
        // It is typed in.
        return None;
    }
    if model.palette.is_some() {
        let area = palette::area(screen)?;
        let inside = area.contains(at);
        return Some(if inside {
            Hit::Palette(palette::choice_at(model, area, y))
        } else {
            Hit::Beside
        });
    }
    // Where nothing of it is drawn, nothing of it is clicked.
    areas(model.size, model.focus())?;
    if model.chooser.is_some() {
        return Some(Hit::Chooser(chooser::choice_at(model, chooser_area(screen), y)));
    }
    let body = body_area(screen);
    if let Some(search) = model.search.as_ref().filter(|search| search.listed) {
        return Some(Hit::Search(search::hit_at(search, body, y)));
    }
    if let Some(sheet) = &model.sheet {
        let window = sheets::area(model, sheet, screen);
        return Some(if window.contains(at) { Hit::Window } else { Hit::Beside });
    }
    if !body.contains(at) {
        return None;
    }
    if model.map.is_some() {
        return Some(Hit::Map(map::part_at(model, body, y)));
    }
    in_panes(model, at)
}

fn in_panes(model: &Model, at: Position) -> Option<Hit> {
    let areas = areas(model.size, model.focus())?;
    let all = [
        (Pane::Modules, areas.modules),
        (Pane::Page, areas.page),
        (Pane::Proof, areas.proof),
        (Pane::Output, areas.output),
    ];
    let here = |(pane, area): (Pane, Option<Rect>)| Some((pane, area.filter(|a| a.contains(at))?));
    let (pane, area) = all.into_iter().find_map(here)?;
    Some(Hit::Pane(pane, under(model, pane, area, at).unwrap_or(Under::Nothing)))
}

fn under(model: &Model, pane: Pane, area: Rect, at: Position) -> Option<Under> {
    let text = below_title(area);
    let row = usize::from(at.y.checked_sub(text.y)?);
    let column = usize::from(at.x.checked_sub(text.x)?);
    match pane {
        Pane::Modules => panes::part_at(model, area, at.y).map(Under::Part),
        Pane::Page => model.page.mark_at(model.page.scroll + row, column).map(Under::Mark),
        Pane::Proof => {
            let size = (text.width.into(), text.height.into());
            proof::step_at(model, size, (model.proof_scroll + row, column)).map(Under::Step)
        }
        Pane::Output => None,
    }
}
