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
    let Some(palette) = &model.palette else { return };
    let lines: Vec<Line> = found(model).into_iter().map(|choice| line(model, choice)).collect();
    window(painter, model.words(), (&palette.text, palette.at), screen, &lines);
}

/// A choice of a palette, as it is shown.
pub(crate) struct Line {
    /// What it does or where it leads.
    pub(crate) title: String,
    /// Its name.
    pub(crate) name: String,
    /// Its key, or what kind of place it is.
    pub(crate) key: String,
    /// Why it would do nothing now.
    pub(crate) why: Option<&'static str>,
}

/// A palette's window: what is typed and which line is marked, and the lines.
pub(crate) fn window(
    painter: &mut Painter<'_>,
    words: &Words,
    (typed, at): (&str, usize),
    screen: Rect,
    lines: &[Line],
) {
    let Some(area) = area(screen) else { return };
    painter.clear(area);
    sheets::frame(painter, area, words.palette_title, words.palette_keys);
    let list = list(area);
    search::prompt(painter, ":", typed, Rect { y: area.y + 1, height: 1, ..list });
    if lines.is_empty() {
        painter.face(list.x, list.y, list.width, words.palette_none, Tone::Dim);
    }
    let first = first(at, list);
    for (y, (index, line)) in (list.y..list.bottom()).zip(lines.iter().enumerate().skip(first)) {
        draw_line(painter, line, index == at, Rect { y, height: 1, ..list });
    }
}

fn line(model: &Model, choice: Choice) -> Line {
    let words = model.words();
    let Choice { target, title, name, why } = choice;
    let key = match target {
        Target::Do(action) => model.keys.first(action).unwrap_or_default(),
        Target::Part(_) => words.palette_module.to_owned(),
        Target::Step(_) => words.palette_step.to_owned(),
    };
    match target {
        Target::Do(_) => Line { title, name, key, why },
        Target::Part(_) | Target::Step(_) => {
            let title = format!("{name} {title}").trim_start().to_owned();
            Line { title, name: String::new(), key, why }
        }
    }
}

/// A line: what it does, its name or why it would do nothing now, its key.
fn draw_line(painter: &mut Painter<'_>, line: &Line, marked: bool, row: Rect) {
    let tone = if line.why.is_some() { Tone::Dim } else { Tone::Text };
    let style = painter.theme.face(tone.into());
    let style = if marked { style.add_modifier(Modifier::REVERSED) } else { style };
    painter.text(row.x, row.y, row.width, &" ".repeat(row.width.into()), style);
    painter.text(row.x, row.y, MARK, if marked { "> " } else { "  " }, style);
    let mut end = row.right();
    let mut right = |painter: &mut Painter<'_>, text: &str| {
        let columns = u16::try_from(width(text)).unwrap_or(0);
        end = end.saturating_sub(columns);
        painter.text(end, row.y, columns, text, style);
        end = end.saturating_sub(2);
        end
    };
    let mut left = if line.key.is_empty() { row.right() } else { right(painter, &line.key) };
    let mut title = line.title.clone();
    let aside = line.why.unwrap_or(&line.name);
    let room = usize::from(left.saturating_sub(row.x + MARK));
    if width(aside) + 2 + TITLE.min(width(&title)) <= room {
        left = right(painter, aside);
    } else if let Some(why) = line.why {
        title = format!("{title}: {why}");
    }
    let room = left.saturating_sub(row.x + MARK);
    painter.text(row.x + MARK, row.y, room, &clip(&title, room.into()), style);
}
