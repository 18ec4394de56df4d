//! Moving in a pane.

use crate::tui::action::Action;
use crate::tui::model::{Model, Pane};
use crate::tui::msg::Effect;
use crate::tui::proof;
use crate::tui::update::with_page;
use crate::tui::view::areas;

/// Scrolls what a command printed; its end is where it goes on.
fn scroll_output(model: &mut Model, action: Action) {
    let (columns, height) = areas::text_of_output(model.size, model.focus());
    let (columns, height) = (usize::from(columns), usize::from(height));
    let Some(shell) = &mut model.shell else { return };
    let last = shell.output.count(columns).saturating_sub(height);
    let at = last - shell.back.min(last);
    shell.back = last - moved(at, action, height, last);
}

/// Moves in a pane.
pub(in crate::tui) fn travel(model: &mut Model, pane: Pane, action: Action) -> Vec<Effect> {
    match pane {
        Pane::Modules => {
            let last = model.listed().len().saturating_sub(1);
            model.cursor = moved(model.cursor, action, 10, last);
        }
        Pane::Proof => {
            let (columns, height) = areas::text_of_proof(model.size, model.focus());
            let rows = proof::rows(model, columns.into(), height.into()).len();
            let last = rows.saturating_sub(usize::from(height));
            model.proof_scroll = moved(model.proof_scroll, action, usize::from(height), last);
        }
        Pane::Output => scroll_output(model, action),
        Pane::Page => {
            with_page(model, |page, view| {
                let height = isize::try_from(view.height).unwrap_or(1);
                match action {
                    Action::Top | Action::Bottom => {
                        page.scroll_to_end(action == Action::Bottom, view);
                    }
                    Action::Down => page.scroll_by(1, view),
                    Action::Up => page.scroll_by(-1, view),
                    Action::HalfDown => page.scroll_by((height / 2).max(1), view),
                    Action::HalfUp => page.scroll_by(-(height / 2).max(1), view),
                    Action::PageDown => page.scroll_by((height - 1).max(1), view),
                    _ => page.scroll_by(-(height - 1).max(1), view),
                }
            });
        }
    }
    Vec::new()
}

/// Where an action leads from a place: at most to the last one.
pub(in crate::tui) fn moved(at: usize, action: Action, height: usize, last: usize) -> usize {
    let half = (height / 2).max(1);
    let to = match action {
        Action::Down => at + 1,
        Action::Up => at.saturating_sub(1),
        Action::HalfDown => at + half,
        Action::HalfUp => at.saturating_sub(half),
        Action::PageDown => at + height,
        Action::PageUp => at.saturating_sub(height),
        Action::Bottom => last,
        _ => 0,
    };
    to.min(last)
}
