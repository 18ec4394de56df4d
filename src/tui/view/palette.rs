//! The palette: what is typed, and what it fits.

use ratatui::layout::Rect;
use ratatui::style::Modifier;

use crate::i18n::Words;
use crate::markdown::{Tone, width};
use crate::tui::model::Model;
use crate::tui::palette::{Choice, Target, found};
use crate::tui::proof::clip;

use super::paint::Painter;
use super::{search, sheets};

/// Columns and rows of the window, where the screen has them.
const SIZE: (u16, u16) = (84, 18);
/// A smaller screen has no room for it.
const MIN: (u16, u16) = (12, 4);
/// Columns before a line.
const MARK: u16 = 2;
/// Columns of a line's title that names and reasons leave it.
const TITLE: usize = 34;

/// Where the palette stands; none where there is no room.
pub(super) fn area(screen: Rect) -> Option<Rect> {
    if screen.width < MIN.0 || screen.height < MIN.1 {
        return None;
    }
    let columns = screen.width.min(SIZE.0);
    let rows = screen.height.min(SIZE.1);
    let (x, y) = (screen.x + (screen.width - columns) / 2, screen.y + (screen.height - rows) / 3);
    Some(Rect::new(x, y, columns, rows))
}

fn list(area: Rect) -> Rect {
    Rect::new(area.x + 2, area.y + 2, area.width - 4, area.height - 3)
}

/// The first choice that is seen.
fn first(at: usize, list: Rect) -> usize {
    (at + 1).saturating_sub(list.height.into())
}

/// The choice at a row of the screen.
pub(super) fn choice_at(model: &Model, area: Rect, y: u16) -> Option<usize> {
    let palette = model.palette.as_ref()?;
    let list = list(area);
    let row = y.checked_sub(list.y).filter(|_| y < list.bottom())?;
    let at = first(palette.at, list) + usize::from(row);
    (at < found(model).len()).then_some(at)
}

pub(super) fn draw(painter: &mut Painter<'_>, model: &Model, screen: Rect) {
    let (Some(palette), Some(area)) = (&model.palette, area(screen)) else { return };
    let words = model.words();
    painter.clear(area);
    sheets::frame(painter, area, words.palette_title, words.palette_keys);
    let list = list(area);
    search::prompt(painter, ":", &palette.text, Rect { y: area.y + 1, height: 1, ..list });
    let found = found(model);
    if found.is_empty() {
        painter.face(list.x, list.y, list.width, words.palette_none, Tone::Dim);
    }
    let first = first(palette.at, list);
    for (y, (at, choice)) in (list.y..list.bottom()).zip(found.iter().enumerate().skip(first)) {
        line(painter, model, choice, at == palette.at, Rect { y, height: 1, ..list });
    }
}

/// A choice: what it does, its name or why it would do nothing now, its key.
fn line(painter: &mut Painter<'_>, model: &Model, choice: &Choice, marked: bool, row: Rect) {
    let words = model.words();
    let tone = if choice.why.is_some() { Tone::Dim } else { Tone::Text };
    let style = painter.theme.face(tone.into());
    let style = if marked { style.add_modifier(Modifier::REVERSED) } else { style };
    painter.text(row.x, row.y, row.width, &" ".repeat(row.width.into()), style);
    painter.text(row.x, row.y, MARK, if marked { "> " } else { "  " }, style);
    let key = key(model, words, choice);
    let mut end = row.right();
    let mut right = |painter: &mut Painter<'_>, text: &str| {
        let columns = u16::try_from(width(text)).unwrap_or(0);
        end = end.saturating_sub(columns);
        painter.text(end, row.y, columns, text, style);
        end = end.saturating_sub(2);
        end
    };
    let mut left = if key.is_empty() { row.right() } else { right(painter, &key) };
    let mut title = match choice.target {
        Target::Do(_) => choice.title.clone(),
        Target::Part(_) | Target::Step(_) => {
            format!("{} {}", choice.name, choice.title).trim_start().to_owned()
        }
    };
    let aside = match (choice.why, &choice.target) {
        (Some(why), _) => why,
        (None, Target::Do(_)) => choice.name.as_str(),
        (None, _) => "",
    };
    let room = usize::from(left.saturating_sub(row.x + MARK));
    if width(aside) + 2 + TITLE.min(width(&title)) <= room {
        left = right(painter, aside);
    } else if let Some(why) = choice.why {
        title = format!("{title}: {why}");
    }
    let room = left.saturating_sub(row.x + MARK);
    painter.text(row.x + MARK, row.y, room, &clip(&title, room.into()), style);
}

/// An action's key; what kind of place a module or step is.
fn key(model: &Model, words: &Words, choice: &Choice) -> String {
    match choice.target {
        Target::Do(action) => model.keys.first(action).unwrap_or_default(),
        Target::Part(_) => words.palette_module.to_owned(),
        Target::Step(_) => words.palette_step.to_owned(),
    }
}
