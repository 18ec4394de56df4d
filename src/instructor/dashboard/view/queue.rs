//! The help queue: who waits longest stands first.

use ratatui::layout::Rect;
use ratatui::style::{Modifier, Style};

use super::map::Signs;
use super::{areas, said};
use crate::i18n::fill;
use crate::instructor::crowd::HelpLine;
use crate::instructor::dashboard::model::{Model, Screen};
use crate::markdown::{Face, Span, Tone, wrap_text};
use crate::tui::kit::{Painter, Rows, bold, clip};

/// Columns of how long somebody waits, and of a name.
const WAITS: u16 = 9;
const NAME: u16 = 24;

pub(super) fn draw(painter: &mut Painter<'_>, model: &Model, body: Rect) {
    let words = model.words();
    let queue = model.crowd.help_queue();
    let (head, lines, about) = areas::list(body, areas::about(Screen::Queue));
    if queue.is_empty() {
        for (y, line) in
            (head.y..lines.bottom()).zip(wrap_text(words.queue_empty, body.width.into()))
        {
            painter.face(body.x, y, body.width, &line, Tone::Text);
        }
        return;
    }
    let name = NAME.min(body.width / 3);
    let heads =
        [(3, words.head_waits), (3 + WAITS, words.head_name), (4 + WAITS + name, words.head_step)];
    for (x, text) in heads {
        painter.face(head.x + x, head.y, head.width.saturating_sub(x), text, Tone::Dim);
    }
    let at = model.marks[0].min(queue.len() - 1);
    let first = super::first(at, queue.len(), lines.height.into());
    for (y, (index, one)) in (lines.y..lines.bottom()).zip(queue.iter().enumerate().skip(first)) {
        let row = Rect { y, height: 1, ..lines };
        line(painter, model, one, name, row);
        if index == at {
            painter.buffer.set_style(row, Style::new().add_modifier(Modifier::REVERSED));
            painter.text(row.x, y, 1, ">", Style::new().add_modifier(Modifier::BOLD));
        }
    }
    painter.more(
        lines.right(),
        lines.y..lines.bottom(),
        first > 0,
        queue.len() > first + usize::from(lines.height),
    );
    evidence(painter, model, &queue[at], about);
}

fn line(painter: &mut Painter<'_>, model: &Model, one: &HelpLine<'_>, name: u16, row: Rect) {
    let words = model.words();
    let attendee = &model.crowd.attendees()[one.attendee];
    let signs = Signs::of(model.theme);
    let (sign, tone) = match one.help.over {
        Some(_) => (signs.done, Tone::Dim),
        None if model.is_attended(attendee) => (signs.attended, Tone::Notice),
        None => (signs.help, Tone::Placeholder),
    };
    painter.face(row.x + 1, row.y, 1, sign, bold(tone));
    let tone = if one.help.over.is_some() { Tone::Dim } else { Tone::Text };
    let waits = model.common().span(one.minutes);
    painter.face(row.x + 3, row.y, WAITS - 1, &waits, tone);
    painter.face(row.x + 3 + WAITS, row.y, name, &clip(&attendee.name, name.into()), tone);
    let x = 4 + WAITS + name;
    if said::is_joined(&attendee.name) {
        painter.apart(row.x + 3 + WAITS + name, row.y);
    }
    let room = row.width.saturating_sub(x);
    let step = said::step(model, &one.help.step);
    let step = match one.help.over {
        Some(over) => fill(words.queue_over, &[&step, &model.time.shown(over)]),
        None if model.is_attended(attendee) => fill(words.attended, &[&step]),
        None => step,
    };
    painter.face(row.x + x, row.y, room, &clip(&step, room.into()), tone);
}

/// What the marked attendee agreed to show.
fn evidence(painter: &mut Painter<'_>, model: &Model, one: &HelpLine<'_>, area: Rect) {
    let words = model.words();
    let mut page = Rows { rows: Vec::new(), columns: area.width.into() };
    if one.help.evidence.is_empty() {
        page.text(words.queue_no_evidence, Tone::Dim);
    } else {
        page.text(words.queue_evidence, bold(Tone::Heading));
        for line in &one.help.evidence {
            page.hanging(&Span::new("  - ", Tone::Dim), line, Face::default());
        }
    }
    for (y, row) in (area.y..area.bottom()).zip(&page.rows) {
        painter.row(Rect { y, height: 1, ..area }, row, 0);
    }
}

/// The line at a row of the screen.
pub(super) fn line_at(model: &Model, body: Rect, y: u16) -> Option<usize> {
    let (_, lines, _) = areas::list(body, areas::about(Screen::Queue));
    super::line_at(lines, y, model.marks[0], model.crowd.help_queue().len())
}
