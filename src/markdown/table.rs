//! Tables: as wide as they are, else with narrower columns, else as records of key and value.

use super::block::{Align, Inline, Table};
use super::layout::Labels;
use super::row::{Face, Span, Tone};
use super::wrap::{spans, wrap};

/// Columns between two cells: a blank, a line, a blank.
const GAP: usize = 3;
/// A column narrower than this is not worth reading.
const MIN_COLUMN: usize = 8;
/// A record's values are indented by this much.
const INDENT: usize = 2;

/// A row of spans, and the byte of the source that it begins with.
pub(super) type TableRow = (Vec<Span>, Option<usize>);

pub(super) fn layout(table: &Table, room: usize, labels: &Labels) -> Vec<TableRow> {
    match column_widths(table, room) {
        Some(widths) => grid(table, &widths, labels),
        None => records(table, room, labels),
    }
}

fn cells(table: &Table, column: usize) -> impl Iterator<Item = &Inline> {
    table.head.get(column).into_iter().chain(table.rows.iter().filter_map(move |r| r.get(column)))
}

/// The columns' widths, or none if they'd get too narrow.
fn column_widths(table: &Table, room: usize) -> Option<Vec<usize>> {
    let count = table.align.len();
    let natural: Vec<usize> = (0..count)
        .map(|column| cells(table, column).map(natural_width).max().unwrap_or(1).max(1))
        .collect();
    let room = room.checked_sub(GAP * count.saturating_sub(1))?;
    if natural.iter().sum::<usize>() <= room {
        return Some(natural);
    }
    // The widest columns give first, all to the same limit.
    let mut limit = natural.iter().copied().max()?;
    while limit >= MIN_COLUMN {
        let widths: Vec<usize> = natural.iter().map(|&wide| wide.min(limit)).collect();
        if widths.iter().sum::<usize>() <= room {
            return Some(spread(widths, &natural, room));
        }
        limit -= 1;
    }
    None
}

/// Gives the columns left over to those that were cut.
fn spread(mut widths: Vec<usize>, natural: &[usize], room: usize) -> Vec<usize> {
    let mut left = room - widths.iter().sum::<usize>();
    for (wide, &natural) in widths.iter_mut().zip(natural) {
        let more = left.min(natural - *wide).min(1);
        *wide += more;
        left -= more;
    }
    widths
}

fn natural_width(cell: &Inline) -> usize {
    let line_width = |line| spans(cell, &line, usize::MAX).iter().map(Span::width).sum();
    wrap(cell, usize::MAX / 2).into_iter().map(line_width).max().unwrap_or(0)
}

fn grid(table: &Table, widths: &[usize], labels: &Labels) -> Vec<TableRow> {
    let line = |cross: &str| {
        let parts: Vec<String> = widths.iter().map(|&wide| labels.line.repeat(wide)).collect();
        let joint = format!("{}{cross}{}", labels.line, labels.line);
        (vec![Span::new(parts.join(&joint), Tone::Dim)], None)
    };
    let head: Vec<Inline> = table.head.iter().map(bold).collect();
    let mut out = grid_row(&head, &table.align, widths, labels);
    out.push(line(labels.cross));
    let rows: Vec<Vec<TableRow>> =
        table.rows.iter().map(|row| grid_row(row, &table.align, widths, labels)).collect();
    let tall = rows.iter().any(|row| row.len() > 1);
    let count = rows.len();
    for (index, row) in rows.into_iter().enumerate() {
        out.extend(row);
        if tall && index + 1 < count {
            out.push(line(labels.cross));
        }
    }
    out
}

fn grid_row(row: &[Inline], align: &[Align], widths: &[usize], labels: &Labels) -> Vec<TableRow> {
    let empty = Inline::default();
    let columns: Vec<(&Inline, Vec<_>)> = widths
        .iter()
        .enumerate()
        .map(|(column, &wide)| {
            let cell = row.get(column).unwrap_or(&empty);
            (cell, wrap(cell, wide))
        })
        .collect();
    let height = columns.iter().map(|(_, lines)| lines.len()).max().unwrap_or(0);
    let mut out = Vec::with_capacity(height);
    for number in 0..height {
        let mut all = Vec::new();
        for (column, (cell, lines)) in columns.iter().enumerate() {
            if column > 0 {
                all.push(Span::new(format!(" {} ", labels.bar), Tone::Dim));
            }
            let text = lines.get(number).map_or_else(Vec::new, |l| spans(cell, l, widths[column]));
            let used: usize = text.iter().map(Span::width).sum();
            let free = widths[column].saturating_sub(used);
            let before = match align.get(column) {
                Some(Align::Right) => free,
                Some(Align::Center) => free / 2,
                _ => 0,
            };
            pad(&mut all, before);
            all.extend(text);
            if column + 1 < widths.len() {
                pad(&mut all, free - before);
            }
        }
        let source = row.iter().find_map(|cell| cell.runs.first()).map(|run| run.source);
        out.push((all, source));
    }
    out
}

fn pad(spans: &mut Vec<Span>, columns: usize) {
    if columns > 0 {
        spans.push(Span::new(" ".repeat(columns), Tone::Text));
    }
}

/// One record a row: each column's title, its value below with an indent where it doesn't fit.
fn records(table: &Table, room: usize, labels: &Labels) -> Vec<TableRow> {
    let mut out: Vec<TableRow> = Vec::new();
    if table.rows.is_empty() {
        for title in &table.head {
            lines(&bold(title), room, 0, &mut out);
        }
    }
    for (index, row) in table.rows.iter().enumerate() {
        if index > 0 {
            out.push((vec![Span::new(labels.line.repeat(room.min(8)), Tone::Dim)], None));
        }
        let columns = table.head.len().max(row.len());
        for column in 0..columns {
            let mut entry = table.head.get(column).map(bold).unwrap_or_default();
            let source = entry.source_at(entry.text.len());
            if let Some(cell) = row.get(column).filter(|cell| !cell.text.is_empty()) {
                entry.push(": ", Face { bold: true, ..Face::default() }, None, source);
                append(&mut entry, cell);
            }
            lines(&entry, room, INDENT, &mut out);
        }
    }
    out
}

fn lines(text: &Inline, room: usize, indent: usize, out: &mut Vec<TableRow>) {
    let indent = if room > 4 * indent { indent } else { 0 };
    // The hanging indent narrows every line, so that one wrapping serves all.
    for (number, line) in wrap(text, room - indent).iter().enumerate() {
        let mut all = Vec::new();
        if number > 0 {
            pad(&mut all, indent);
        }
        all.extend(spans(text, line, room - indent));
        out.push((all, Some(text.source_at(line.start))));
    }
}

fn append(to: &mut Inline, from: &Inline) {
    let shift = to.text.len();
    to.text.push_str(&from.text);
    to.runs.extend(from.runs.iter().cloned().map(|mut run| {
        run.range = run.range.start + shift..run.range.end + shift;
        run
    }));
}

fn bold(cell: &Inline) -> Inline {
    let mut cell = cell.clone();
    for run in &mut cell.runs {
        run.face.bold = true;
    }
    cell
}
