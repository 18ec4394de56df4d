//! The search: what is typed, and what was found on all pages.

use std::ops::Range;

use ratatui::layout::Rect;
use ratatui::style::Modifier;
use unicode_segmentation::UnicodeSegmentation as _;

use crate::i18n::fill;
use crate::markdown::{Face, Tone, width};
use crate::tui::model::Model;
use crate::tui::proof::clip;
use crate::tui::search::{Hit, MOST, Search};

use super::paint::Painter;

const BOLD: Face = Face { tone: Tone::Text, bold: true, italic: false, strike: false };
/// Columns that stand before a result.
const INDENT: u16 = 4;

/// A line of the list: a section's title, or a result with its number.
enum Line<'a> {
    Title(&'a str),
    Hit(usize, &'a Hit),
}

pub(super) fn list(painter: &mut Painter<'_>, model: &Model, search: &Search, area: Rect) {
    let words = model.words();
    let count = if search.more {
        fill(words.search_more, &[&MOST.to_string()])
    } else if search.text.trim().is_empty() {
        String::new()
    } else {
        fill(words.search_hits, &[&search.hits.len().to_string()])
    };
    painter.title(area, words.search_title, &count, true);
    prompt(painter, "/", &search.text, Rect { y: area.y + 1, height: 1, ..area });
    let list = list_area(area);
    let said = match &search.index {
        _ if search.text.trim().is_empty() => words.search_start,
        None => words.search_reading,
        Some(_) if search.hits.is_empty() => words.search_none,
        Some(_) => "",
    };
    if !said.is_empty() {
        painter.face(list.x, list.y, list.width, said, Tone::Dim);
        return;
    }
    let (lines, first) = seen(search, list);
    for (y, line) in (list.y..list.bottom()).zip(lines.iter().skip(first)) {
        let row = Rect { y, height: 1, ..list };
        match line {
            Line::Title(title) => {
                painter.face(row.x, y, row.width, &clip(title, row.width.into()), BOLD);
            }
            Line::Hit(at, hit) => result(painter, search, hit, *at == search.at, row),
        }
    }
}

fn list_area(area: Rect) -> Rect {
    Rect { y: area.y + 3, height: area.height.saturating_sub(3), ..area }
}

/// All lines of the list, and the first one that is seen.
fn seen(search: &Search, list: Rect) -> (Vec<Line<'_>>, usize) {
    let lines = lines(search);
    let at = lines.iter().position(|line| matches!(line, Line::Hit(at, _) if *at == search.at));
    let height = usize::from(list.height);
    // With the title above it, and what comes next below.
    let first = (at.unwrap_or(0) + 3).saturating_sub(height);
    let first = first.min(lines.len().saturating_sub(height));
    (lines, first)
}

/// The result at a row of the screen.
pub(super) fn hit_at(search: &Search, area: Rect, y: u16) -> Option<usize> {
    let list = list_area(area);
    let row = y.checked_sub(list.y).filter(|_| y < list.bottom())?;
    let (lines, first) = seen(search, list);
    match lines.get(first + usize::from(row))? {
        Line::Hit(at, _) => Some(*at),
        Line::Title(_) => None,
    }
}

/// The last part of what is typed, behind a sign, with a cursor behind it.
pub(crate) fn prompt(painter: &mut Painter<'_>, sign: &str, typed: &str, row: Rect) {
    let room = usize::from(row.width.saturating_sub(3));
    let start = typed
        .grapheme_indices(true)
        .map(|(at, _)| at)
        .find(|&at| width(&typed[at..]) <= room)
        .unwrap_or(typed.len());
    painter.face(row.x, row.y, 2, sign, BOLD);
    let used = painter.face(row.x + 2, row.y, row.width, &typed[start..], BOLD);
    let cursor = painter.theme.face(BOLD).add_modifier(Modifier::REVERSED);
    painter.text(row.x + 2 + used, row.y, 1, " ", cursor);
}

fn lines(search: &Search) -> Vec<Line<'_>> {
    let mut lines = Vec::new();
    let mut above = None;
    for (at, hit) in search.hits.iter().enumerate() {
        if above != Some(hit.place) {
            lines.push(Line::Title(search.place(hit).map_or("", |place| place.title.as_str())));
        }
        above = Some(hit.place);
        lines.push(Line::Hit(at, hit));
    }
    lines
}

/// A result: the words around it, itself in another look.
fn result(painter: &mut Painter<'_>, search: &Search, hit: &Hit, marked: bool, row: Rect) {
    let (text, bytes) = search.excerpt(hit);
    let room = usize::from(row.width.saturating_sub(INDENT));
    let (before, found, after) = around(text, &bytes, room);
    let mark = if marked { "  > " } else { "    " };
    painter.face(row.x, row.y, INDENT, mark, BOLD);
    let mut x = row.x + INDENT;
    let look = if marked { Modifier::REVERSED } else { Modifier::UNDERLINED };
    let style = painter.theme.face(Face { bold: true, ..Tone::Notice.into() }).add_modifier(look);
    x += painter.face(x, row.y, row.right().saturating_sub(x), &before, Tone::Text);
    x += painter.text(x, row.y, row.right().saturating_sub(x), &found, style);
    painter.face(x, row.y, row.right().saturating_sub(x), &after, Tone::Text);
}

/// A text around some bytes of it, within some columns: what comes before, they, what comes after.
fn around(text: &str, bytes: &Range<usize>, room: usize) -> (String, String, String) {
    let part = |range: Range<usize>| text.get(range).unwrap_or_default().replace('\t', " ");
    let (before, found, after) =
        (part(0..bytes.start), part(bytes.clone()), part(bytes.end..text.len()));
    let found = clip(&found, room);
    let left = room - width(&found);
    // A third of the rest before it, more where little comes after.
    let third = (left / 3).max(left.saturating_sub(width(&after)));
    let before = clip_start(before.trim_start(), third);
    let after = clip(&after, left.saturating_sub(width(&before)));
    (before, found, after)
}

/// The end of a text, with `..` where its start is missing.
fn clip_start(text: &str, room: usize) -> String {
    if width(text) <= room {
        return text.to_owned();
    }
    let starts = text.grapheme_indices(true).map(|(at, _)| at);
    let fits = |at: &usize| width(&text[*at..]) + 2 <= room;
    match starts.into_iter().find(fits) {
        Some(at) => format!("..{}", &text[at..]),
        None => String::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_result_stands_among_its_words_within_the_room() {
        let text = "First change the template, then deploy it, then look at what came of it.";
        let at = text.find("deploy").unwrap();
        for room in 0..90 {
            let (before, found, after) = around(text, &(at..at + 6), room);
            assert!(width(&before) + width(&found) + width(&after) <= room, "{room}");
        }
        let (before, found, after) = around(text, &(at..at + 6), 40);
        assert_eq!((before.as_str(), found.as_str()), ("..te, then ", "deploy"));
        assert!(after.starts_with(" it, then") && after.ends_with(".."), "{after}");
        let (before, _, after) = around(text, &(at..at + 6), 200);
        assert_eq!(format!("{before}deploy{after}"), text);
    }
}
