//! Windows that are read, and may ask something: commands before they run, changes and solutions
//! before they are made, the evidence of a verdict, what a room is told, every key.

mod edit;
mod evidence;
mod keys;
mod room;
mod run;

use ratatui::layout::Rect;

use crate::i18n::fill;
use crate::markdown::{CodeRow, Face, Row, Span, Tone, width, wrap_text};
use crate::tui::model::{Model, Sheet, SheetKind};
use crate::tui::proof::clip;
use crate::tui::update::path_line;
use crate::tui::work::{EditKind, Fit};

use super::paint::Painter;

/// Wider windows are hard to read.
const MAX_COLUMNS: u16 = 112;

/// How far a sheet reaches, and how much of it is seen.
pub(in crate::tui) struct Extent {
    /// Rows in all.
    pub(in crate::tui) rows: usize,
    /// Rows seen at once.
    pub(in crate::tui) height: usize,
    /// Columns that its code can be scrolled sideways by.
    pub(in crate::tui) sideways: usize,
}

/// How far a sheet reaches on the model's screen.
pub(in crate::tui) fn extent(model: &Model, sheet: &Sheet) -> Extent {
    let screen = Rect::new(0, 0, model.size.0, model.size.1);
    let rows = rows(model, sheet, columns(screen));
    let columns = usize::from(columns(screen));
    let over = |row: &Row| {
        let fixed = row.width() - row.scroll_width();
        row.scroll_width().saturating_sub(columns.saturating_sub(fixed))
    };
    let sideways = rows.iter().map(over).max().unwrap_or(0);
    Extent { height: usize::from(height(screen, rows.len())), rows: rows.len(), sideways }
}

/// Whether a sheet asks something, rather than only telling.
pub(in crate::tui) fn asks(sheet: &Sheet) -> bool {
    match &sheet.kind {
        SheetKind::Edit(plan) => matches!(plan.fit, Fit::Fits(_)),
        SheetKind::Keys | SheetKind::Evidence { .. } | SheetKind::Room => false,
        SheetKind::Solve { .. }
        | SheetKind::NoApp(..)
        | SheetKind::Run(_)
        | SheetKind::Help(_)
        | SheetKind::HelpOpen
        | SheetKind::Join(_)
        | SheetKind::LeaveRoom
        | SheetKind::Leave => true,
    }
}

/// What a sheet says, as lines without drawing.
pub(in crate::tui) fn lines(model: &Model, sheet: &Sheet) -> Vec<String> {
    let words = model.words();
    let line = |row: Row| {
        let text = |spans: &[Span]| spans.iter().map(|span| &*span.text).collect::<String>();
        let Some(code) = row.code else { return text(&row.spans) };
        let (fixed, said) = row.spans.split_at(code.fixed.min(row.spans.len()));
        let tone = said.first().map(|span| span.face.tone);
        let word = match tone {
            Some(Tone::Added) => words.p_diff_add,
            Some(Tone::Removed) => words.p_diff_remove,
            _ => return format!("{}{}", text(fixed).replace(['│', '|'], ""), text(said)),
        };
        format!("{word}{}", text(said))
    };
    let rows = rows(model, sheet, u16::MAX).into_iter().map(line);
    std::iter::once(title(model, sheet))
        .chain(rows)
        .map(|line| line.trim_end().to_owned())
        .collect()
}

/// Columns for text.
pub(crate) fn columns(screen: Rect) -> u16 {
    screen.width.saturating_sub(2).min(MAX_COLUMNS).saturating_sub(4).max(1)
}

/// Rows for text: as many as there are, where the screen has them.
pub(crate) fn height(screen: Rect, rows: usize) -> u16 {
    u16::try_from(rows).unwrap_or(u16::MAX).min(screen.height.saturating_sub(4)).max(1)
}

/// Draws a sheet in the middle of the screen.
pub(super) fn draw(painter: &mut Painter<'_>, model: &Model, sheet: &Sheet, screen: Rect) {
    let rows = rows(model, sheet, columns(screen));
    let more = usize::from(height(screen, rows.len())) < rows.len();
    let texts = (title(model, sheet), keys(model, sheet, more));
    window(painter, screen, (&texts.0, &texts.1), &rows, (sheet.scroll, sheet.sideways));
}

/// A window with its title and its keys in the middle of the screen, and of its rows those that are
/// scrolled to.
pub(crate) fn window(
    painter: &mut Painter<'_>,
    screen: Rect,
    (title, keys): (&str, &str),
    rows: &[Row],
    (scroll, sideways): (usize, usize),
) {
    let area = place(screen, rows.len());
    let inner = area.width - 4;
    let height = area.height - 2;
    painter.clear(area);
    frame(painter, area, title, keys);
    let scroll = scroll.min(rows.len().saturating_sub(height.into()));
    for (y, row) in (area.y + 1..area.bottom() - 1).zip(rows.iter().skip(scroll)) {
        painter.row(Rect::new(area.x + 2, y, inner, 1), row, sideways);
    }
    let below = rows.len() > scroll + usize::from(height);
    painter.more(area.right() - 1, area.y + 1..area.bottom() - 1, scroll > 0, below);
}

/// Where a sheet stands.
pub(super) fn area(model: &Model, sheet: &Sheet, screen: Rect) -> Rect {
    place(screen, rows(model, sheet, columns(screen)).len())
}

fn place(screen: Rect, rows: usize) -> Rect {
    let (inner, height) = (columns(screen), height(screen, rows));
    Rect::new(
        screen.x + (screen.width - (inner + 4)) / 2,
        screen.y + screen.height.saturating_sub(height + 2) / 2,
        inner + 4,
        height + 2,
    )
}

/// A window's frame, with its title and its keys.
pub(super) fn frame(painter: &mut Painter<'_>, area: Rect, title: &str, keys: &str) {
    let (line, bar, corners) = if painter.theme.ascii {
        ("-", "|", ["+", "+", "+", "+"])
    } else {
        ("─", "│", ["┌", "┐", "└", "┘"])
    };
    let rule = line.repeat(usize::from(area.width - 2));
    let bold = Face { bold: true, ..Face::default() };
    let edges = [(area.y, &corners[..2], title), (area.bottom() - 1, &corners[2..], keys)];
    for (y, ends, text) in edges {
        let frame = format!("{}{rule}{}", ends[0], ends[1]);
        painter.face(area.x, y, area.width, &frame, Tone::Text);
        let text = format!(" {} ", clip(text, usize::from(area.width - 6)));
        painter.face(area.x + 2, y, area.width - 4, &text, bold);
    }
    for y in area.y + 1..area.bottom() - 1 {
        painter.face(area.x, y, 1, bar, Tone::Text);
        painter.face(area.right() - 1, y, 1, bar, Tone::Text);
    }
}

fn title(model: &Model, sheet: &Sheet) -> String {
    let words = model.words();
    match &sheet.kind {
        SheetKind::Keys => words.help_title.to_owned(),
        SheetKind::Solve { steps, .. } => fill(words.solve_title, &[&steps.join(words.comma)]),
        SheetKind::NoApp(..) => words.app_title.to_owned(),
        SheetKind::Run(_) => words.run_title.to_owned(),
        SheetKind::Edit(plan) if !matches!(plan.fit, Fit::Fits(_)) => plan.file.clone(),
        SheetKind::Edit(plan) => {
            let title = match plan.kind {
                EditKind::Change => words.edit_title,
                EditKind::Write => words.write_title,
                EditKind::Undo => words.undo_title,
            };
            fill(title, &[&plan.file])
        }
        SheetKind::Evidence { step, check } => evidence::title(model, step, check),
        SheetKind::Help(plan) => fill(words.help_title_step, &[&plan.step]),
        SheetKind::HelpOpen => {
            let step = model.past.help.as_ref().map_or("", |help| help.step.as_str());
            fill(words.help_open_title, &[step])
        }
        SheetKind::Room => fill(words.room_title, &[room::name(model)]),
        SheetKind::Join(plan) => fill(words.consent_title, &[&plan.room, &plan.name]),
        SheetKind::LeaveRoom => fill(words.leave_room_title, &[room::name(model)]),
        SheetKind::Leave => words.leave_title.to_owned(),
    }
}

/// The keys that mean something in a sheet.
fn keys(model: &Model, sheet: &Sheet, more: bool) -> String {
    let words = model.words();
    let keys = match &sheet.kind {
        SheetKind::Keys | SheetKind::Room => words.help_close,
        SheetKind::Solve { .. } => words.solve_confirm,
        SheetKind::NoApp(..) => words.app_keys,
        SheetKind::Run(_) => words.run_keys,
        SheetKind::Edit(plan) => match (&plan.fit, plan.kind) {
            (Fit::Fits(_), EditKind::Undo) => words.undo_keys,
            (Fit::Fits(_), EditKind::Change) => words.edit_keys,
            (Fit::Fits(_), EditKind::Write) => words.write_keys,
            _ => words.help_close,
        },
        SheetKind::Evidence { .. } => words.evidence_keys,
        SheetKind::Help(plan) => match (plan.evidence.is_empty(), plan.shown) {
            (true, _) => words.help_keys_nothing,
            (false, true) => words.help_keys_shown,
            (false, false) => words.help_keys_not_shown,
        },
        SheetKind::HelpOpen => words.help_open_keys,
        SheetKind::Join(_) => words.consent_keys,
        SheetKind::LeaveRoom => words.leave_room_keys,
        SheetKind::Leave => words.leave_keys,
    };
    if more { format!("{keys}   {}", words.more_keys) } else { keys.to_owned() }
}

/// A sheet's rows for some columns of text.
fn rows(model: &Model, sheet: &Sheet, columns: u16) -> Vec<Row> {
    let words = model.words();
    let mut page = Rows { rows: Vec::new(), columns: columns.into() };
    match &sheet.kind {
        SheetKind::Keys => keys::rows(model, &mut page),
        SheetKind::Solve { lines, .. } => {
            page.text(words.solve_intro, bold(Tone::Text));
            for line in lines {
                let text = line.trim_start();
                let indent = " ".repeat(line.len() - text.len());
                page.hanging(&Span::new(indent, Tone::Text), text, Tone::Text);
            }
        }
        SheetKind::NoApp(dir, _) => {
            page.text(words.app_none, Tone::Text);
            page.gap();
            page.text(&fill(words.app_offer, &[&path_line(dir)]), Tone::Text);
            page.gap();
            page.text(words.app_other, Tone::Dim);
        }
        SheetKind::Run(plan) => run::rows(model, plan, &mut page),
        SheetKind::Edit(plan) => edit::rows(model, plan, &mut page),
        SheetKind::Evidence { step, check } => evidence::rows(model, step, check, &mut page),
        SheetKind::Help(plan) => room::help(model, plan, &mut page),
        SheetKind::HelpOpen => room::help_open(model, &mut page),
        SheetKind::Room => room::rows(model, &mut page),
        SheetKind::Join(plan) => room::consent(model, plan, &mut page),
        SheetKind::LeaveRoom => page.text(words.leave_room_note, Tone::Text),
        SheetKind::Leave => {
            let command = model.shell.as_ref().map_or("", |shell| shell.command.as_str());
            page.text(&fill(words.leave_runs, &[command]), Tone::Text);
            page.gap();
            page.text(words.leave_note, Tone::Dim);
        }
    }
    page.rows
}

/// Rows that are being laid out.
pub(crate) struct Rows {
    pub(crate) rows: Vec<Row>,
    pub(crate) columns: usize,
}

impl Rows {
    /// A paragraph.
    pub(crate) fn text(&mut self, text: &str, face: impl Into<Face>) {
        self.hanging(&Span::new("", Tone::Text), text, face);
    }

    /// A paragraph with a lead before its first row, and as much indent before the others.
    pub(crate) fn hanging(&mut self, lead: &Span, text: &str, face: impl Into<Face>) {
        let face = face.into();
        let indent = lead.width();
        let room = self.columns.saturating_sub(indent).max(1);
        let text = crate::markdown::sanitize::clean_line(text);
        for (index, line) in wrap_text(&text, room).into_iter().enumerate() {
            let lead = match index {
                0 => lead.clone(),
                _ => Span::new(" ".repeat(indent), Tone::Text),
            };
            self.rows.push(Row { spans: vec![lead, Span::new(line, face)], ..Row::default() });
        }
    }

    /// A heading.
    pub(crate) fn heading(&mut self, text: &str) {
        self.gap();
        self.text(text, Face { bold: true, ..Tone::Heading.into() });
    }

    /// An empty row, but not at the top and not two in a row.
    pub(crate) fn gap(&mut self) {
        if self.rows.last().is_some_and(|row| !row.spans.is_empty()) {
            self.rows.push(Row::default());
        }
    }

    /// A line of code, which scrolls sideways behind its first spans.
    fn code(&mut self, fixed: Vec<Span>, code: Vec<Span>) {
        let row = CodeRow { block: 0, fixed: fixed.len() };
        let spans = fixed.into_iter().chain(code).collect();
        self.rows.push(Row { spans, code: Some(row), ..Row::default() });
    }

    /// Two texts beside each other; below each other where there is no room.
    pub(crate) fn beside(&mut self, lead: &Span, left: (&str, Face), right: (&str, Face)) {
        const MIN: usize = 26;
        let indent = lead.width();
        let half = self.columns.saturating_sub(indent + 3) / 2;
        if half < MIN {
            self.hanging(lead, left.0, left.1);
            let deeper = Span::new(" ".repeat(indent + 2), Tone::Text);
            for line in right.0.split('\n').filter(|line| !line.is_empty()) {
                self.hanging(&deeper, line, right.1);
            }
            return;
        }
        let lines = |text: &str| {
            let clean = |part| crate::markdown::sanitize::clean_line(part);
            text.split('\n').flat_map(|part| wrap_text(&clean(part), half)).collect::<Vec<_>>()
        };
        let (lefts, rights) = (lines(left.0), lines(right.0));
        for index in 0..lefts.len().max(rights.len()) {
            let part = |lines: &[String]| lines.get(index).cloned().unwrap_or_default();
            let mut text = part(&lefts);
            text.push_str(&" ".repeat(half.saturating_sub(width(&text)) + 3));
            let lead = match index {
                0 => lead.clone(),
                _ => Span::new(" ".repeat(indent), Tone::Text),
            };
            let spans = vec![lead, Span::new(text, left.1), Span::new(part(&rights), right.1)];
            self.rows.push(Row { spans, ..Row::default() });
        }
    }
}

pub(crate) fn bold(tone: Tone) -> Face {
    Face { bold: true, ..tone.into() }
}
