//! The heat map: a line an attendee, a column a module. Signs say all; colours only help.

use ratatui::layout::Rect;
use ratatui::style::{Modifier, Style};

use super::{areas, said};
use crate::check::State;
use crate::i18n::fill;
use crate::instructor::crowd::{Attendee, Differs, Presence, Stuck, minutes_since};
use crate::instructor::dashboard::model::{Model, Screen};
use crate::markdown::{Face, Tone, wrap_text};
use crate::tui::Theme;
use crate::tui::kit::{Painter, bold, clip};

/// Columns of mark and sign.
const SIGN: u16 = 3;
/// Columns of the step where somebody is, and of how long they have been there.
const WHERE: u16 = 5;
const SINCE: u16 = 7;
/// Fewer columns than these has no name.
const NAME: u16 = 10;
const LONGEST_NAME: u16 = 26;
/// Fewer columns than these has no reason, where cells have room for more than a sign.
const REASON: u16 = 14;

/// The signs of the map.
pub(super) struct Signs {
    pub(super) help: &'static str,
    pub(super) attended: &'static str,
    pub(super) stuck: &'static str,
    pub(super) away: &'static str,
    pub(super) unreadable: &'static str,
    pub(super) not_begun: &'static str,
    pub(super) done: &'static str,
    pub(super) regressed: &'static str,
}

impl Signs {
    pub(super) fn of(theme: Theme) -> Self {
        let [done, regressed, attended] =
            if theme.ascii { ["+", "x", ">"] } else { ["✓", "✗", "»"] };
        Self {
            help: "?",
            attended,
            stuck: "!",
            away: "-",
            unreadable: "#",
            not_begun: ".",
            done,
            regressed,
        }
    }
}

/// Where the fields of a line stand.
#[derive(Debug, Clone, Copy)]
struct Fields {
    name: u16,
    /// Columns of a module.
    cell: u16,
    /// Modules that there is room for.
    cells: usize,
    reason: u16,
}

impl Fields {
    fn of(columns: u16, modules: usize) -> Self {
        let count = u16::try_from(modules).unwrap_or(u16::MAX);
        let fixed = SIGN + WHERE + SINCE;
        let rest = |cell: u16| columns.checked_sub(fixed + NAME + 1 + count.checked_mul(cell)?);
        let mut wide = [3, 2].into_iter().filter_map(|cell| Some((cell, rest(cell)?)));
        if let Some((cell, rest)) = wide.find(|(_, rest)| *rest >= REASON) {
            let more = (rest - REASON).min(LONGEST_NAME - NAME).min(rest / 3);
            return Self { name: NAME + more, cell, cells: modules, reason: rest - more };
        }
        let cells = columns.saturating_sub(fixed + NAME + 1).min(count);
        let rest = columns.saturating_sub(fixed + NAME + 1 + cells);
        let name = NAME + rest.min(LONGEST_NAME - NAME);
        Self { name, cell: 1, cells: cells.into(), reason: 0 }
    }
}

pub(super) fn draw(painter: &mut Painter<'_>, model: &Model, body: Rect) {
    let (head, lines, about) = areas::list(body, areas::about(Screen::Map));
    let fields = Fields::of(body.width, model.crowd.outline().columns.len());
    heads(painter, model, &fields, head);
    if model.list.shown.is_empty() {
        nobody(painter, model, lines);
        return;
    }
    let height = usize::from(lines.height);
    let first = model.list.first(height);
    let (all, now) = (model.crowd.attendees(), model.time.wall);
    for (y, at) in (lines.y..lines.bottom()).zip(model.list.shown.iter().skip(first)) {
        let row = Rect { y, height: 1, ..lines };
        line(painter, model, &all[*at], &fields, (row, now));
        if Some(*at) == model.list.marked {
            let marked = Rect { width: SIGN + fields.name, ..row };
            painter.buffer.set_style(marked, Style::new().add_modifier(Modifier::REVERSED));
            painter.face(row.x, y, 1, ">", Face { bold: true, ..Face::default() });
        }
    }
    let below = model.list.shown.len() > first + height;
    painter.more(lines.right(), lines.y..lines.bottom(), first > 0, below);
    if let Some(marked) = model.marked() {
        below_list(painter, model, marked, about);
    }
}

/// What there is instead of lines.
fn nobody(painter: &mut Painter<'_>, model: &Model, area: Rect) {
    let words = model.words();
    let everybody = model.list.filter == crate::instructor::crowd::Filter::default();
    let text = match &model.room {
        _ if !everybody => words.map_none.to_owned(),
        Some(room) if model.polling.heard.is_some() => fill(words.map_empty, &[room]),
        Some(_) if model.polling.trouble.is_some() => words.map_unknown.to_owned(),
        Some(_) => words.map_asking.to_owned(),
        None => words.map_no_roster.to_owned(),
    };
    // What is to be typed stands on a line of its own.
    let lines = text.lines().flat_map(|line| wrap_text(line, area.width.into()));
    for (y, line) in (area.y..area.bottom()).zip(lines) {
        painter.face(area.x, y, area.width, &line, Tone::Text);
    }
}

fn heads(painter: &mut Painter<'_>, model: &Model, fields: &Fields, row: Rect) {
    let words = model.words();
    let mut x = row.x + SIGN;
    for (columns, text) in
        [(fields.name + 1, words.head_name), (WHERE, words.head_where), (SINCE, words.head_since)]
    {
        painter.face(x, row.y, columns, &clip(text, usize::from(columns - 1)), Tone::Dim);
        x += columns;
    }
    for (at, column) in model.crowd.outline().columns.iter().take(fields.cells).enumerate() {
        // Numbers that touch are told apart by their looks.
        let face = if at % 2 == 0 { bold(Tone::Text) } else { Tone::Dim.into() };
        // The last digits: the order says the rest.
        let number = column.number.to_string();
        let from = number.len().saturating_sub(fields.cell.into());
        painter.face(x, row.y, fields.cell, &number[from..], face);
        x += fields.cell;
    }
    if fields.reason > 1 {
        painter.face(x + 1, row.y, fields.reason - 1, words.head_reason, Tone::Dim);
    }
}

fn line(
    painter: &mut Painter<'_>,
    model: &Model,
    one: &Attendee,
    fields: &Fields,
    (row, now): (Rect, jiff::Timestamp),
) {
    let y = row.y;
    let (sign, tone) = sign(model, one);
    painter.face(row.x + 1, y, 1, sign, bold(tone));
    let name = clip(&one.name, fields.name.into());
    let tone = if one.is_here() { Tone::Text } else { Tone::Dim };
    painter.face(row.x + SIGN, y, fields.name, &name, tone);
    let mut x = row.x + SIGN + fields.name + 1;
    if said::is_joined(&name) {
        painter.apart(x - 1, y);
    }
    if let Some(place) = one.place {
        let step = said::step_id(model.crowd.outline(), place.step);
        painter.face(x, y, WHERE - 1, &clip(step, usize::from(WHERE - 1)), Tone::Text);
        let since = model.common().span(minutes_since(place.since, now));
        painter.face(x + WHERE, y, SINCE - 1, &since, Tone::Text);
    }
    x += WHERE + SINCE;
    for column in 0..fields.cells {
        let (text, style) = cell(*painter.theme, model, one, column, fields.cell);
        painter.text(x, y, fields.cell, &text, style);
        x += fields.cell;
    }
    if fields.reason > 1 {
        let room = fields.reason - 1;
        let (text, tone) = reason(model, one);
        painter.face(x + 1, y, room, &clip(&text, room.into()), tone);
    }
}

/// What stands before a name, and in which tone.
fn sign(model: &Model, one: &Attendee) -> (&'static str, Tone) {
    let signs = Signs::of(model.theme);
    match one.presence {
        Presence::Unreadable(_) | Presence::OtherCourse => (signs.unreadable, Tone::Warning),
        Presence::Left | Presence::Expected => (signs.away, Tone::Dim),
        Presence::Here if model.is_attended(one) => (signs.attended, Tone::Notice),
        Presence::Here => match one.stuck.first() {
            Some(Stuck::Help { .. }) => (signs.help, Tone::Placeholder),
            Some(_) => (signs.stuck, Tone::Warning),
            None => (" ", Tone::Text),
        },
    }
}

/// A module's cell: how far it is, whether somebody is there, and whether a sweep says otherwise.
fn cell(
    theme: Theme,
    model: &Model,
    one: &Attendee,
    column: usize,
    columns: u16,
) -> (String, Style) {
    let outline = model.crowd.outline();
    let cell = &one.cells[column];
    let signs = Signs::of(theme);
    let (sign, tone) = match cell.state {
        State::Done => (signs.done.to_owned(), Tone::Added),
        State::Regressed => (signs.regressed.to_owned(), Tone::Warning),
        State::InProgress | State::NotStarted if cell.begun => {
            (cell.done.min(9).to_string(), Tone::Notice)
        }
        State::InProgress | State::NotStarted => (signs.not_begun.to_owned(), Tone::Dim),
    };
    let contradicted = one.disagreements.iter().any(|other| {
        other.differs == Differs::NotProven
            && outline.steps.get(other.step).is_some_and(|step| step.column == Some(column))
    });
    let required = outline.columns[column].required;
    let proven = one.proof.as_ref().map(|proof| proof.module(outline, column));
    let proven = required > 0 && proven.is_some_and(|(proven, _)| proven >= required);
    let text = match (contradicted, columns) {
        (true, 1) => "!".to_owned(),
        (true, _) => format!("{sign}!"),
        (false, 1) => sign,
        (false, _) if proven => format!("{sign}{}", signs.done),
        (false, _) => format!("{sign} "),
    };
    let here = one.place.is_some_and(|place| outline.steps[place.step].column == Some(column));
    let stuck = here && !one.stuck.is_empty();
    let tone = if contradicted || stuck { Tone::Warning } else { tone };
    let begun = cell.begun || cell.state == State::Done || contradicted;
    let style = theme.face(Face { bold: begun, ..tone.into() });
    let filled = here || cell.state == State::Done || cell.state == State::Regressed;
    (text, if filled { style.add_modifier(Modifier::REVERSED) } else { style })
}

/// Why somebody is stuck, or isn't there.
fn reason(model: &Model, one: &Attendee) -> (String, Tone) {
    if let Some(why) = said::presence(model.words(), one.presence) {
        return (why.to_owned(), Tone::Dim);
    }
    match one.stuck.first() {
        Some(stuck) if model.is_attended(one) => {
            (fill(model.words().attended, &[&stuck.line(model.lang)]), Tone::Text)
        }
        Some(stuck) => (stuck.line(model.lang), Tone::Text),
        None => (String::new(), Tone::Text),
    }
}

/// All that there is to say of the marked attendee's trouble, where lines have no room for it.
fn below_list(painter: &mut Painter<'_>, model: &Model, one: &Attendee, area: Rect) {
    let place =
        one.place.map(|place| said::step(model, said::step_id(model.crowd.outline(), place.step)));
    let mut parts = vec![format!("{} {}", one.name, one.account)];
    parts.extend(place);
    let reasons: Vec<String> = one.stuck.iter().map(|stuck| stuck.line(model.lang)).collect();
    let reasons = if reasons.is_empty() { reason(model, one).0 } else { reasons.join("; ") };
    let lines = [(parts.join("  "), bold(Tone::Text)), (reasons, Face::default())];
    for (y, (text, face)) in (area.y..area.bottom()).zip(lines) {
        painter.face(area.x, y, area.width, &clip(&text, area.width.into()), face);
    }
}

/// The line at a row of the screen.
pub(super) fn line_at(model: &Model, body: Rect, y: u16) -> Option<usize> {
    let (_, lines, _) = areas::list(body, areas::about(Screen::Map));
    let row = y.checked_sub(lines.y).filter(|_| y < lines.bottom())?;
    let at = model.list.first(lines.height.into()) + usize::from(row);
    (at < model.list.shown.len()).then_some(at)
}
