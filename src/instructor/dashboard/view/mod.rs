//! Views: the state as cells. No view reads or writes anything but its buffer.

pub(super) mod areas;
mod attendee;
mod claims;
mod hit;
mod map;
mod queue;
mod room;
pub(super) mod said;
mod sheet;

use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::style::Modifier;

use super::action::{Action, ENTRIES, Entry};
use super::model::{Model, Screen};
use super::prompt::Purpose;
use super::{palette, polling};
use crate::i18n::{clock, fill};
use crate::instructor::crowd::Filter;
use crate::markdown::{Face, Row, Tone, width, wrap_text};
use crate::tui::kit::{self, Painter, clip};

pub(super) use hit::{Hit, hit};
pub(super) use sheet::extent as sheet_extent;

/// Draws the whole state.
pub fn draw(frame: &mut Frame<'_>, model: &Model) {
    let screen = frame.area();
    let mut painter = Painter { buffer: frame.buffer_mut(), theme: &model.theme };
    let Some(areas) = areas::areas((screen.width, screen.height)) else {
        too_small(&mut painter, model, screen);
        return;
    };
    header(&mut painter, model, areas.header);
    tabs(&mut painter, model, areas.tabs);
    match model.screen {
        Screen::Map => map::draw(&mut painter, model, areas.body),
        Screen::Queue => queue::draw(&mut painter, model, areas.body),
        Screen::Claims => claims::draw(&mut painter, model, areas.body),
        Screen::Room | Screen::Attendee => page(&mut painter, model, areas.body),
    }
    status(&mut painter, model, areas.status);
    footer(&mut painter, model, areas.footer);
    if let Some(sheet) = &model.sheet {
        sheet::draw(&mut painter, model, sheet, screen);
    }
    if let Some(open) = &model.palette {
        let lines: Vec<kit::Line> =
            palette::found(model).into_iter().map(|(_, line)| line).collect();
        kit::window(&mut painter, model.common(), (&open.text, open.at), screen, &lines);
    }
}

fn too_small(painter: &mut Painter<'_>, model: &Model, screen: Rect) {
    let lines = model.common().too_small.lines();
    let wrapped = lines.flat_map(|line| wrap_text(line, screen.width.into()));
    for (y, line) in (screen.y..screen.bottom()).zip(wrapped) {
        painter.face(screen.x, y, screen.width, &line, Tone::Text);
    }
}

/// The course and the room, how many are there, and the time, which goes before the others where
/// room is short.
fn header(painter: &mut Painter<'_>, model: &Model, area: Rect) {
    let bold = Face { bold: true, ..Face::default() };
    let time = time(model);
    let totals = model.crowd.totals();
    let words = model.words();
    let mut counts = vec![fill(words.count_here, &[&totals.here.to_string()])];
    let more = [
        (totals.stuck, words.count_stuck),
        (totals.help, words.count_help),
        (totals.disagree, words.count_differ),
    ];
    for (count, words) in more.into_iter().filter(|(count, _)| *count > 0) {
        counts.push(fill(words, &[&count.to_string()]));
    }
    let mut end =
        right(painter, area, area.right() - 1, &time, Face { tone: Tone::Notice, ..bold });
    // The numbers before the names.
    while counts.len() > 1 && width(&counts.join("  ")) + 2 > end.into() {
        counts.pop();
    }
    end = right(painter, area, end.saturating_sub(3), &counts.join("  "), bold);
    let title = model.course.index.title.get(model.lang.tag());
    let place = match &model.room {
        Some(room) => fill(words.room_named, &[room]),
        None => words.roster_alone.to_owned(),
    };
    let room = usize::from(end.saturating_sub(4));
    // The start of a title says less than none.
    let left = room.saturating_sub(width(&place) + 2);
    let title = if left >= TITLE.min(width(title)) { title } else { "" };
    let both = format!("{place}  {title}");
    painter.face(
        area.x + 1,
        area.y,
        end.saturating_sub(4),
        &clip(both.trim_end(), room),
        Tone::Text,
    );
}

/// Columns of the course's title without which it isn't shown.
const TITLE: usize = 16;

/// Writes a text that ends at a column; where it begins.
fn right(painter: &mut Painter<'_>, area: Rect, end: u16, text: &str, face: Face) -> u16 {
    let text = clip(text, usize::from(end.saturating_sub(1)));
    let columns = u16::try_from(width(&text)).unwrap_or(0);
    painter.face(end - columns, area.y, columns, &text, face);
    end - columns
}

/// What is left, and what the clock shows.
fn time(model: &Model) -> String {
    let now = model.time.zoned();
    let shown = clock(model.time.wall, &now);
    match model.left() {
        None => shown,
        Some(0) => format!("{}  {shown}", model.words().over),
        Some(left) => {
            let common = model.common();
            format!("{}  {shown}", fill(common.time_left, &[&common.span(left)]))
        }
    }
}

/// The screens with their keys; the one that is shown is reversed. At the right, what it shows.
fn tabs(painter: &mut Painter<'_>, model: &Model, area: Rect) {
    let words = model.words();
    let totals = model.crowd.totals();
    let count = |count: usize| if count > 0 { format!(" {count}") } else { String::new() };
    let tabs = [
        (Screen::Map, Action::Map, words.tab_map, String::new()),
        (Screen::Room, Action::Room, words.tab_room, String::new()),
        (Screen::Queue, Action::Queue, words.tab_queue, count(totals.help)),
        (
            Screen::Claims,
            Action::Claims,
            words.tab_claims,
            count(model.crowd.disagreements().len()),
        ),
    ];
    let mut x = area.x + 1;
    for (screen, action, name, count) in tabs {
        let key = model.keys.first(action).unwrap_or_default();
        let text = format!(" {key} {name}{count} ");
        let mut style = painter.theme.face(Face { bold: true, ..Face::default() });
        if screen == model.screen {
            style = style.add_modifier(Modifier::REVERSED);
        }
        x += painter.text(x, area.y, area.right().saturating_sub(x), &text, style);
    }
    let about = match model.screen {
        Screen::Map => {
            let order = said::order(words, model.list.order);
            format!("{}: {}, {order}", said::filter(model), model.list.shown.len())
        }
        Screen::Attendee => model.marked().map_or(String::new(), |one| one.name.clone()),
        Screen::Room | Screen::Queue | Screen::Claims => String::new(),
    };
    let room = area.right().saturating_sub(x + 2);
    let about = clip(&about, room.into());
    let columns = u16::try_from(width(&about)).unwrap_or(0);
    painter.face(area.right() - 1 - columns, area.y, columns, &about, Tone::Text);
}

/// What is typed, else what runs, else what just happened, else the room's state while there is
/// something to be said of it.
fn status(painter: &mut Painter<'_>, model: &Model, area: Rect) {
    let room = area.width - 2;
    let x = area.x + 1;
    let warning = Face { bold: true, ..Tone::Warning.into() };
    if let Some(prompt) = &model.prompt {
        let words = model.words();
        let label = match &prompt.purpose {
            Purpose::Search => words.type_search.to_owned(),
            Purpose::Narrow => words.type_narrow.to_owned(),
            Purpose::Say(None) => words.type_all.to_owned(),
            Purpose::Say(Some((_, name))) => fill(words.type_one, &[name]),
            Purpose::Export => words.type_export.to_owned(),
        };
        let label = clip(&label, usize::from(room / 2));
        let used = painter.face(x, area.y, room, &label, Tone::Notice) + 1;
        let row = Rect { x: x + used, width: room.saturating_sub(used), ..area };
        kit::prompt(painter, ":", &prompt.text, row);
    } else if let Some(notice) = &model.notice {
        let (sign, face) = if notice.trouble { ("! ", warning) } else { ("", Face::default()) };
        kit::in_full(painter, &[(format!("{sign}{}", notice.text), face)], area);
    } else if let Some(text) = sweep(model) {
        let face = Face { bold: true, ..Tone::Notice.into() };
        painter.face(x, area.y, room, &clip(&text, room.into()), face);
    } else if let Some(state) = polling::state(model) {
        kit::in_full(painter, &[(format!("! {state}"), warning)], area);
    } else if let Some(said) = model.said.iter().rev().find(|said| said.expires > model.time.wall) {
        let until = model.time.shown(said.expires);
        let text = fill(model.words().shown_until, &[&until, &said.text]);
        painter.face(x, area.y, room, &clip(&text, room.into()), Tone::Dim);
    }
}

/// How far a sweep is.
fn sweep(model: &Model) -> Option<String> {
    let progress = model.sweeping.running?;
    let counts = [progress.done, progress.all, progress.open].map(|count| count.to_string());
    let [done, all, open] = &counts;
    Some(fill(model.words().sweep_runs, &[done, all, open]))
}

/// The keys that mean something now; help and leave are always among them.
fn footer(painter: &mut Painter<'_>, model: &Model, area: Rect) {
    let words = model.words();
    if model.prompt.is_some() {
        painter.face(area.x + 1, area.y, area.width - 2, words.type_keys, Tone::Text);
        return;
    }
    let name = |entry: &Entry| Some((model.keys.first(entry.action)?, (entry.footer?)(words)));
    let last = |entry: &&Entry| matches!(entry.action, Action::Help | Action::Quit);
    let now = |entry: &&Entry| is_offered(model, entry.action);
    let names = ENTRIES.iter().filter(|entry| !last(entry)).filter(now).filter_map(name);
    kit::keys_row(painter, area, names, ENTRIES.iter().filter(last).filter_map(name));
}

/// Whether the footer offers an action.
fn is_offered(model: &Model, action: Action) -> bool {
    if model.sheet.is_some() {
        return action == Action::Close;
    }
    let on_map = model.screen == Screen::Map;
    let here = match action {
        Action::Sort | Action::Filter | Action::Search => on_map,
        Action::Map | Action::Room | Action::Queue | Action::Claims => false,
        Action::Close => {
            !on_map || model.sweeping.running.is_some() || model.list.filter != Filter::default()
        }
        _ => true,
    };
    here && palette::why_not(model, action).is_none()
}

/// The rows of the open page.
pub(super) fn page_rows(model: &Model) -> Vec<Row> {
    let columns = areas::areas(model.size).map_or(1, |areas| usize::from(areas.body.width));
    match model.screen {
        Screen::Attendee => attendee::rows(model, columns),
        _ => room::rows(model, columns),
    }
}

fn page(painter: &mut Painter<'_>, model: &Model, area: Rect) {
    let rows = page_rows(model);
    let height = usize::from(area.height);
    let scroll = model.scrolls[usize::from(model.screen == Screen::Room)];
    let scroll = scroll.min(rows.len().saturating_sub(height));
    for (y, row) in (area.y..area.bottom()).zip(rows.iter().skip(scroll)) {
        painter.row(Rect { y, height: 1, ..area }, row, 0);
    }
    let below = rows.len() > scroll + height;
    painter.more(area.right(), area.y..area.bottom(), scroll > 0, below);
}

/// The first line that is seen of a list, so that the marked one is.
fn first(at: usize, len: usize, height: usize) -> usize {
    (at + 1).saturating_sub(height).min(len.saturating_sub(height))
}

/// The line at a row of the screen, of a list whose marked line is seen.
fn line_at(lines: Rect, y: u16, marked: usize, len: usize) -> Option<usize> {
    let row = y.checked_sub(lines.y).filter(|_| y < lines.bottom())?;
    let at = first(marked.min(len.saturating_sub(1)), len, lines.height.into());
    Some(at + usize::from(row)).filter(|at| *at < len)
}
