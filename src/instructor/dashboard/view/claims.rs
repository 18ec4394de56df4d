//! Where the room and the sweep say different things: the gravest stands first.

use ratatui::layout::Rect;
use ratatui::style::{Modifier, Style};

use super::{areas, said};
use crate::i18n::fill;
use crate::instructor::crowd::{Differs, Disagreement};
use crate::instructor::dashboard::model::{Model, Screen};
use crate::markdown::{Tone, wrap_text};
use crate::tui::kit::{Painter, bold, clip};

/// Columns of a step, and of a name.
const STEP: u16 = 10;
const NAME: u16 = 24;

pub(super) fn draw(painter: &mut Painter<'_>, model: &Model, body: Rect) {
    let words = model.words();
    let all = model.crowd.disagreements();
    let (head, lines, about) = areas::list(body, areas::about(Screen::Claims));
    if all.is_empty() {
        let text = none(model);
        for (y, line) in (head.y..lines.bottom()).zip(wrap_text(&text, body.width.into())) {
            painter.face(body.x, y, body.width, &line, Tone::Text);
        }
        return;
    }
    let name = NAME.min(body.width / 3);
    let heads =
        [(3, words.head_name), (4 + name, words.head_step), (4 + name + STEP, words.head_differs)];
    for (x, text) in heads {
        painter.face(head.x + x, head.y, head.width.saturating_sub(x), text, Tone::Dim);
    }
    let at = model.marks[1].min(all.len() - 1);
    let first = super::first(at, all.len(), lines.height.into());
    for (y, (index, one)) in (lines.y..lines.bottom()).zip(all.iter().enumerate().skip(first)) {
        let row = Rect { y, height: 1, ..lines };
        line(painter, model, one, name, row);
        if index == at {
            painter.buffer.set_style(row, Style::new().add_modifier(Modifier::REVERSED));
            painter.text(row.x, y, 1, ">", Style::new().add_modifier(Modifier::BOLD));
        }
    }
    let below = all.len() > first + usize::from(lines.height);
    painter.more(lines.right(), lines.y..lines.bottom(), first > 0, below);
    let said = said_and_read(model, &all[at].1);
    let step = said::step(model, said::step_id(model.crowd.outline(), all[at].1.step));
    let texts = [(step, bold(Tone::Text)), (said, Tone::Text.into())];
    for (y, (text, face)) in (area_rows(about)).zip(texts) {
        painter.face(about.x, y, about.width, &clip(&text, about.width.into()), face);
    }
}

fn area_rows(area: Rect) -> std::ops::Range<u16> {
    (area.y + u16::from(area.height > 2)).min(area.bottom())..area.bottom()
}

/// What there is instead of lines.
fn none(model: &Model) -> String {
    let words = model.words();
    let swept = model.crowd.totals().swept;
    if model.roster.is_none() {
        words.claims_no_roster.to_owned()
    } else if swept == 0 {
        words.claims_not_swept.to_owned()
    } else {
        fill(words.claims_agree, &[&swept.to_string()])
    }
}

fn line(
    painter: &mut Painter<'_>,
    model: &Model,
    (at, one): &(usize, Disagreement),
    name: u16,
    row: Rect,
) {
    let attendee = &model.crowd.attendees()[*at];
    let (sign, tone) = match one.differs {
        Differs::NotProven => ("!", Tone::Warning),
        Differs::Newer => ("~", Tone::Placeholder),
        Differs::NotClaimed => ("+", Tone::Added),
    };
    painter.face(row.x + 1, row.y, 1, sign, bold(tone));
    painter.face(row.x + 3, row.y, name, &clip(&attendee.name, name.into()), Tone::Text);
    if said::is_joined(&attendee.name) {
        painter.apart(row.x + 3 + name, row.y);
    }
    let step = said::step_id(model.crowd.outline(), one.step);
    painter.face(row.x + 4 + name, row.y, STEP - 1, step, Tone::Text);
    let x = 4 + name + STEP;
    let room = row.width.saturating_sub(x);
    painter.face(row.x + x, row.y, room, &clip(differs(model, one), room.into()), Tone::Text);
}

fn differs(model: &Model, one: &Disagreement) -> &'static str {
    let words = model.words();
    match one.differs {
        Differs::NotProven => words.differs_not_proven,
        Differs::Newer => words.differs_newer,
        Differs::NotClaimed => words.differs_not_claimed,
    }
}

/// When the room said so, and when the account was read.
pub(super) fn said_and_read(model: &Model, one: &Disagreement) -> String {
    let words = model.words();
    let read = model.time.shown(one.read);
    match one.claimed {
        Some(claimed) => fill(words.claimed_and_read, &[&model.time.shown(claimed), &read]),
        None => fill(words.only_read, &[&read]),
    }
}

/// The line at a row of the screen.
pub(super) fn line_at(model: &Model, body: Rect, y: u16) -> Option<usize> {
    let (_, lines, _) = areas::list(body, areas::about(Screen::Claims));
    super::line_at(lines, y, model.marks[1], model.crowd.disagreements().len())
}
