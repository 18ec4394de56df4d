//! Views: the state as cells. No view reads or writes anything but its buffer.

pub(super) mod areas;
mod chooser;
mod hit;
pub(super) mod map;
mod output;
pub(crate) mod paint;
pub(crate) mod palette;
mod panes;
mod room;
pub(crate) mod search;
pub(crate) mod sheets;
pub(crate) mod status;

use ratatui::Frame;
use ratatui::layout::Rect;

use crate::markdown::{Face, Tone, width};

pub(super) use self::hit::{Hit, Under, hit};
use self::paint::Painter;
use super::action::{Action, ENTRIES};
use super::available::is_available;
use super::model::{Account, Model, Pane};
use super::proof::clip;
use super::update::{Kind, marked_kind};

/// Draws the whole state.
pub fn draw(frame: &mut Frame<'_>, model: &Model) {
    let screen = frame.area();
    let mut painter = Painter { buffer: frame.buffer_mut(), theme: &model.theme };
    let size = (screen.width, screen.height);
    let Some(areas) = areas::areas(size, model.focus()) else {
        too_small(&mut painter, model, screen);
        palette::draw(&mut painter, model, screen);
        return;
    };
    header(&mut painter, model, areas.header);
    if model.chooser.is_some() {
        chooser::draw(&mut painter, model, chooser_area(screen));
        return;
    }
    let body = body_area(screen);
    if let Some(search) = model.search.as_ref().filter(|search| search.listed) {
        search::list(&mut painter, model, search, body);
        painter.face(1, areas.footer.y, screen.width - 2, model.words().search_keys, Tone::Text);
        status::banner(&mut painter, model, areas.status);
        return;
    }
    if model.map.is_some() {
        map::map(&mut painter, model, body);
    } else {
        panes(&mut painter, model, &areas);
    }
    status::draw(&mut painter, model, areas.status);
    footer(&mut painter, model, areas.footer);
    if let Some(sheet) = &model.sheet {
        sheets::draw(&mut painter, model, sheet, screen);
    }
    palette::draw(&mut painter, model, screen);
    room::form(&mut painter, model, screen);
}

fn chooser_area(screen: Rect) -> Rect {
    Rect::new(0, 1, screen.width, screen.height - 2)
}

/// What stands between header and the two lowest rows.
fn body_area(screen: Rect) -> Rect {
    Rect::new(1, 1, screen.width - 2, screen.height - 3)
}

fn panes(painter: &mut Painter<'_>, model: &Model, areas: &areas::Areas) {
    let focused = |pane| model.pane == pane;
    if let Some(area) = areas.modules {
        panes::modules(painter, model, area, focused(Pane::Modules));
    }
    if let Some(area) = areas.page {
        panes::page(painter, model, area, focused(Pane::Page));
    }
    if let Some(area) = areas.proof {
        panes::proof(painter, model, area, focused(Pane::Proof));
    }
    if let Some(area) = areas.output {
        output::draw(painter, model, area, focused(Pane::Output));
    }
    if let (Some(_), Some(page)) = (areas.modules, areas.page) {
        let height = areas.status.y - page.y;
        painter.gutter(page.x - 2, page.y, height);
        if let Some(proof) = areas.proof.filter(|proof| proof.x > page.x) {
            painter.gutter(proof.x - 2, proof.y, proof.height);
        }
    }
}

fn too_small(painter: &mut Painter<'_>, model: &Model, screen: Rect) {
    let lines = model.words().too_small.lines();
    let wrapped = lines.flat_map(|line| crate::markdown::wrap_text(line, screen.width.into()));
    for (y, line) in (screen.y..screen.bottom()).zip(wrapped) {
        painter.face(screen.x, y, screen.width, &line, Tone::Text);
    }
}

/// Course, account, and the time that is left, which goes before the others where room is short.
fn header(painter: &mut Painter<'_>, model: &Model, area: Rect) {
    let title = model.course.as_ref().map_or("stepproof", |course| {
        let title = course.index.title.get(model.lang.tag());
        if title.is_empty() { "stepproof" } else { title }
    });
    let bold = Face { bold: true, ..Face::default() };
    let account = account_label(model);
    let mut end = area.right() - 1;
    if let Some(time) = model.clock.label(model.words()) {
        let others = width(&account) + width(title).min(TITLE);
        let room = usize::from(area.width).saturating_sub(others + 8);
        let forms = &time.forms;
        let form = forms.iter().find(|form| width(form) <= room).or(forms.last());
        let form = clip(form.map_or("", String::as_str), usize::from(area.width - 2));
        let columns = u16::try_from(width(&form)).unwrap_or(0);
        let tone = if time.urgent { Tone::Warning } else { Tone::Notice };
        painter.face(end - columns, area.y, columns, &form, Face { tone, ..bold });
        end -= (columns + 3).min(end);
    }
    let account = clip(&account, usize::from(end.saturating_sub(1)));
    let right = u16::try_from(width(&account)).unwrap_or(0);
    painter.face(end - right, area.y, right, &account, Tone::Text);
    let room = end.saturating_sub(right + 4);
    painter.face(area.x + 1, area.y, room, &clip(title, room.into()), bold);
}

/// Columns of the course's title that shorten the time rather than the title.
const TITLE: usize = 24;

fn account_label(model: &Model) -> String {
    let words = model.words();
    match &model.account {
        Account::None | Account::Failed(_) => words.account_none.to_owned(),
        Account::Opening(_) => words.account_opening.to_owned(),
        Account::Open(info) => {
            let kind = if model.is_practice() { words.practice } else { "AWS" };
            clip(&format!("{kind} {}  {}", info.account, info.region), 60)
        }
    }
}

/// What the key for the marked block does.
fn performs(model: &Model) -> Option<&'static str> {
    let words = model.words();
    marked_kind(model).map(|kind| match kind {
        Kind::Run => words.f_run,
        Kind::Change => words.f_apply,
        Kind::Write => words.f_write,
    })
}

/// The keys that mean something now; help and leave are always among them.
fn footer(painter: &mut Painter<'_>, model: &Model, area: Rect) {
    let words = model.words();
    let name = |entry: &super::action::Entry| {
        let key = model.keys.first(entry.action)?;
        let searching = crate::tui::search::is_active(model) && entry.action == Action::NextStep;
        let leaving = model.map.is_some() && entry.action == Action::Map;
        let footer = match entry.footer {
            Some(_) if entry.action == Action::Perform => performs(model),
            Some(_) if searching => Some(words.f_next_hit),
            Some(_) if leaving => Some(words.f_back),
            other => other.map(|footer| footer(words)),
        };
        footer.map(|footer| (key, footer))
    };
    let last = |action| matches!(action, Action::Help | Action::Quit);
    let names = |keep: bool| {
        ENTRIES
            .iter()
            .filter(move |entry| last(entry.action) == keep && is_available(model, entry.action))
            .filter_map(name)
    };
    keys_row(painter, area, names(false), names(true));
}

/// Keys with what they do, as many as there is room for beside the last ones.
pub(crate) fn keys_row<'a>(
    painter: &mut Painter<'_>,
    area: Rect,
    names: impl Iterator<Item = (String, &'a str)>,
    last: impl Iterator<Item = (String, &'a str)>,
) {
    let columns = |(key, text): &(String, &str)| width(key) + width(text) + 3;
    let last: Vec<(String, &str)> = last.collect();
    let reserved: usize = last.iter().map(columns).sum();
    let mut room = usize::from(area.width).saturating_sub(reserved + 1);
    let mut shown: Vec<(String, &str)> = Vec::new();
    for name in names {
        if columns(&name) > room {
            break;
        }
        room -= columns(&name);
        shown.push(name);
    }
    shown.extend(last);
    let mut x = area.x + 1;
    for (key, text) in shown {
        let left = area.right().saturating_sub(x);
        let style = painter.theme.face(Face { bold: true, ..Tone::Notice.into() });
        x += painter.text(x, area.y, left, &key, style) + 1;
        x += painter.face(x, area.y, area.right().saturating_sub(x), text, Tone::Text) + 2;
    }
}
