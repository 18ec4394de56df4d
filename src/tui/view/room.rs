//! The form to join a room.

use ratatui::layout::Rect;

use crate::markdown::{Face, Tone, sanitize, wrap_text};
use crate::tui::model::Model;
use crate::tui::room::Field;

use super::paint::Painter;
use super::{search, sheets};

/// Columns of the window, where the screen has them.
const COLUMNS: u16 = 84;

/// Draws the form while it is open.
pub(super) fn form(painter: &mut Painter<'_>, model: &Model, screen: Rect) {
    let Some(form) = &model.join else { return };
    let words = model.words();
    let columns = screen.width.min(COLUMNS);
    let inner = columns - 4;
    let intro = wrap_text(words.join_intro, inner.into());
    let looking = form.looking.then(|| words.join_looking.to_owned());
    let wrong = form.wrong.as_ref().map(|wrong| format!("! {}", sanitize::clean_line(wrong)));
    let said = looking.or(wrong).unwrap_or_default();
    let said = wrap_text(&said, inner.into());
    let rows = intro.len() + said.len() + 6;
    let height = u16::try_from(rows).unwrap_or(u16::MAX).min(screen.height);
    let x = screen.x + (screen.width - columns) / 2;
    let area = Rect::new(x, screen.y + (screen.height - height) / 3, columns, height);
    painter.clear(area);
    sheets::frame(painter, area, words.join_title, words.join_keys);
    let mut rows = (area.y + 1..area.bottom() - 1).map(|y| Rect::new(x + 2, y, inner, 1));
    // The rows come last: one that nothing is written on would be lost.
    for (line, row) in intro.iter().zip(rows.by_ref()) {
        painter.face(row.x, row.y, row.width, line, Tone::Text);
    }
    let fields =
        [(Field::Code, words.join_code, &form.code), (Field::Name, words.join_name, &form.name)];
    rows.next();
    for ((field, label, typed), row) in fields.into_iter().zip(rows.by_ref()) {
        let here = form.field == field;
        let face = Face { bold: here, ..Face::default() };
        let mark = if here { "> " } else { "  " };
        let used = painter.face(row.x, row.y, row.width, &format!("{mark}{label}"), face);
        let rest = Rect { x: row.x + used, width: row.width.saturating_sub(used), ..row };
        if here && !form.looking {
            search::prompt(painter, "", typed, Rect { x: rest.x.saturating_sub(2), ..rest });
        } else {
            painter.face(rest.x, rest.y, rest.width, typed, face);
        }
    }
    rows.next();
    let tone = if form.looking { Tone::Notice } else { Tone::Warning };
    for (line, row) in said.iter().zip(rows) {
        painter.face(row.x, row.y, row.width, line, tone);
    }
}
