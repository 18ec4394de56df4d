//! Rows into cells. The only place where text reaches the screen; it holds no control characters
//! by then, and what slipped through is dropped here.

use std::num::NonZeroU16;

use ratatui::buffer::{Buffer, CellDiffOption, CellWidth as _};
use ratatui::layout::Rect;
use ratatui::style::{Color, Modifier, Style};
use ratatui::widgets::{Clear, Widget as _};
use unicode_segmentation::UnicodeSegmentation as _;

use crate::markdown::{Face, Row, Span, Tone, width};
use crate::tui::theme::Theme;

/// Paints onto a buffer in a theme.
pub(crate) struct Painter<'a> {
    pub(crate) buffer: &'a mut Buffer,
    pub(crate) theme: &'a Theme,
}

impl Painter<'_> {
    /// Writes text from a cell on, within `room` columns; gives the columns used. What stood there
    /// leaves nothing of its look: a title over a dim rule isn't dim.
    pub(crate) fn text(&mut self, x: u16, y: u16, room: u16, text: &str, style: Style) -> u16 {
        if !self.buffer.area.contains((x, y).into()) {
            return 0;
        }
        let ascii;
        let text = if self.theme.ascii && !text.is_ascii() {
            ascii = to_ascii(text);
            &ascii
        } else {
            text
        };
        let style = style.remove_modifier(Modifier::all() - style.add_modifier);
        let style = Style { fg: style.fg.or(Some(Color::Reset)), ..style };
        let (end, _) = self.buffer.set_stringn(x, y, text, room.into(), style);
        end - x
    }

    /// [`Painter::text`] in a face.
    pub(crate) fn face(
        &mut self,
        x: u16,
        y: u16,
        room: u16,
        text: &str,
        face: impl Into<Face>,
    ) -> u16 {
        let style = self.theme.face(face.into());
        self.text(x, y, room, text, style)
    }

    /// Writes a row; the part of a code block's row that scrolls is shifted by `sideways`.
    pub(crate) fn row(&mut self, area: Rect, row: &Row, sideways: usize) {
        let fixed = row.code.map_or(row.spans.len(), |code| code.fixed.min(row.spans.len()));
        let (left, right) = row.spans.split_at(fixed);
        let mut x = area.x;
        let end = area.right();
        for span in left {
            x += self.span(x, area.y, end.saturating_sub(x), span);
        }
        let start = x;
        let mut skip = sideways;
        for span in right {
            let (text, rest) = skip_columns(&span.text, skip);
            skip = rest;
            let room = end.saturating_sub(x);
            x += self.face(x, area.y, room, text, span.face);
        }
        if right.is_empty() || start >= end {
            return;
        }
        let dim = self.theme.face(Tone::Dim.into());
        if sideways > 0 && row.scroll_width() > 0 {
            self.text(start, area.y, 1, "<", dim);
        }
        if row.scroll_width() > sideways + usize::from(end - start) {
            self.text(end - 1, area.y, 1, ">", dim);
        }
    }

    /// Adds a look to some columns of a row that was written.
    pub(crate) fn look(
        &mut self,
        area: Rect,
        row: &Row,
        sideways: usize,
        columns: &std::ops::Range<usize>,
        look: Modifier,
    ) {
        let fixed = row.width() - row.scroll_width();
        let shown = |column: usize| match column.checked_sub(fixed) {
            Some(scrolled) => fixed + scrolled.saturating_sub(sideways),
            None => column,
        };
        let column = |column: usize| u16::try_from(shown(column)).unwrap_or(u16::MAX);
        let start = area.x.saturating_add(column(columns.start)).min(area.right());
        let end = area.x.saturating_add(column(columns.end)).min(area.right());
        let cells = Rect { x: start, width: end - start, ..area };
        self.buffer.set_style(cells, Style::new().add_modifier(look));
    }

    fn span(&mut self, x: u16, y: u16, room: u16, span: &Span) -> u16 {
        let used = self.face(x, y, room, &span.text, span.face);
        if let Some(target) = &span.link
            && self.theme.hyperlinks
            && usize::from(used) == width(&span.text)
            && is_plain(target)
        {
            self.link(x, y, used, target);
        }
        used
    }

    /// Turns written cells into a link that the terminal can open (OSC 8). The whole run stands
    /// in its first cell: escape sequences have no width, and a cell for each letter would repeat
    /// them.
    fn link(&mut self, x: u16, y: u16, columns: u16, target: &str) {
        let Some(forced) = NonZeroU16::new(columns) else { return };
        let mut text = String::new();
        let mut at = x;
        while at < x + columns {
            let symbol = self.buffer[(at, y)].symbol();
            text.push_str(symbol);
            at += symbol.cell_width().max(1);
        }
        let cell = &mut self.buffer[(x, y)];
        cell.set_symbol(&format!("\x1b]8;;{target}\x1b\\{text}\x1b]8;;\x1b\\"));
        cell.set_diff_option(CellDiffOption::ForcedWidth(forced));
    }

    /// A pane's title on a rule; the pane with the focus has its title reversed.
    pub(crate) fn title(&mut self, area: Rect, title: &str, right: &str, focused: bool) {
        self.rule(area);
        let style = Style::new().add_modifier(Modifier::BOLD);
        let style = if focused { style.add_modifier(Modifier::REVERSED) } else { style };
        let spare = if right.is_empty() { 0 } else { width(right) + 3 };
        let room = usize::from(area.width).saturating_sub(spare + 2);
        let title = format!(" {} ", crate::tui::proof::clip(title, room));
        self.text(area.x, area.y, area.width, &title, style);
        if !right.is_empty() {
            let right = format!(" {right} ");
            let columns = u16::try_from(width(&right)).unwrap_or(area.width).min(area.width);
            self.text(area.right() - columns, area.y, columns, &right, style_plain());
        }
    }

    /// A rule over the whole width.
    pub(crate) fn rule(&mut self, area: Rect) {
        let line = if self.theme.ascii { "-" } else { "─" };
        self.face(area.x, area.y, area.width, &line.repeat(area.width.into()), Tone::Dim);
    }

    /// Empties what a window will cover. A wide character that its left edge cuts goes too: it
    /// would hide the edge.
    pub(crate) fn clear(&mut self, area: Rect) {
        Clear.render(area, self.buffer);
        let Some(x) = area.x.checked_sub(1) else { return };
        for y in area.y..area.bottom() {
            let cell = &mut self.buffer[(x, y)];
            if cell.symbol().cell_width() > 1 {
                cell.set_symbol(" ");
            }
        }
    }

    /// Marks in a column, beside rows of text, that there is more above or below them.
    pub(crate) fn more(&mut self, x: u16, rows: std::ops::Range<u16>, above: bool, below: bool) {
        let (up, down) = if self.theme.ascii { ("^", "v") } else { ("▴", "▾") };
        if above {
            self.face(x, rows.start, 1, up, Tone::Notice);
        }
        if below {
            self.face(x, rows.end - 1, 1, down, Tone::Notice);
        }
    }

    /// Leaves a cell out, so that what follows is written at its own place, however many columns the
    /// terminal gave to what stands before it.
    pub(crate) fn apart(&mut self, x: u16, y: u16) {
        if self.buffer.area.contains((x, y).into()) {
            self.buffer[(x, y)].set_diff_option(CellDiffOption::Skip);
        }
    }

    /// A vertical rule in the middle of the gutter left of a column.
    pub(crate) fn gutter(&mut self, x: u16, y: u16, height: u16) {
        let bar = if self.theme.ascii { "|" } else { "│" };
        for row in y..y + height {
            self.face(x, row, 1, bar, Tone::Dim);
        }
    }
}

fn style_plain() -> Style {
    Style::new()
}

/// Only what a link needs, and nothing that could end the sequence.
fn is_plain(target: &str) -> bool {
    let scheme = ["https://", "http://", "mailto:"].iter().any(|s| target.starts_with(s));
    scheme && target.len() < 2000 && target.bytes().all(|byte| (b'!'..=b'~').contains(&byte))
}

/// The text after some columns, and the columns still to skip. A wide character that is cut leaves
/// nothing of it.
fn skip_columns(text: &str, columns: usize) -> (&str, usize) {
    let mut left = columns;
    for (at, cluster) in text.grapheme_indices(true) {
        if left == 0 {
            return (&text[at..], 0);
        }
        left = left.saturating_sub(width(cluster));
    }
    ("", left)
}

/// What stands for text where the terminal shows ASCII only: close signs, in as many columns; the
/// other language's name by its tag.
fn to_ascii(text: &str) -> String {
    let text = &text.replace("日本語", "ja");
    let mut out = String::with_capacity(text.len());
    for cluster in text.graphemes(true) {
        let sign = match cluster {
            c if c.is_ascii() => c,
            "‘" | "’" | "′" => "'",
            "“" | "”" => "\"",
            "–" | "—" | "─" | "‑" => "-",
            "│" => "|",
            "•" | "·" => "*",
            "✓" => "+",
            "✗" | "×" => "x",
            "→" | "⟩" => ">",
            "←" | "⟨" => "<",
            "…" => ".",
            "\u{a0}" => " ",
            other => {
                out.push_str(&"?".repeat(width(other)));
                continue;
            }
        };
        out.push_str(sign);
    }
    out
}
