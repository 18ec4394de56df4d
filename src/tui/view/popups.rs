//! What stands over the panes: the choice of the account, the keys, the question before a solution.

use ratatui::layout::Rect;
use ratatui::style::Modifier;
use ratatui::widgets::{Clear, Widget};

use crate::i18n::fill;
use crate::markdown::{Face, Tone, width, wrap_text};
use crate::tui::action::{Action, ENTRIES};
use crate::tui::model::{Chooser, Model, Popup};
use crate::tui::proof::clip;

use super::paint::Painter;

const BOLD: Face = Face { tone: Tone::Text, bold: true, italic: false, strike: false };

/// Columns of the list of the account's choices.
const CHOICE_COLUMNS: u16 = 64;

/// A line of the list of choices: its text and look, and which choice it belongs to.
type ChoiceLine = (String, Face, Option<usize>);

/// The lines of the list of choices that are seen, and where the first one stands.
fn choice_lines(model: &Model, chooser: &Chooser, area: Rect) -> (Vec<ChoiceLine>, Rect) {
    let words = model.words();
    let columns = area.width.saturating_sub(4).min(CHOICE_COLUMNS);
    let mut lines: Vec<ChoiceLine> = Vec::new();
    let mut say = |text: &str, face: Face, choice: Option<usize>| {
        let indent = if choice.is_some() { "  " } else { "" };
        let room = usize::from(columns).saturating_sub(indent.len());
        for line in wrap_text(text, room.max(1)) {
            lines.push((format!("{indent}{line}"), face, choice));
        }
    };
    say(words.choose_title, Face { tone: Tone::Heading, ..BOLD }, None);
    say(words.choose_intro, Tone::Text.into(), None);
    say("", Tone::Text.into(), None);
    say(words.choose_practice, BOLD, Some(0));
    say(words.choose_practice_note, Tone::Text.into(), Some(0));
    let profiles = chooser.profiles.as_deref();
    for (index, name) in profiles.unwrap_or_default().iter().enumerate() {
        let title = match name {
            Some(name) => fill(words.choose_profile, &[name]),
            None => words.choose_environment.to_owned(),
        };
        say(&title, BOLD, Some(index + 1));
        if index == 0 || chooser.cursor == index + 1 {
            say(words.choose_profile_note, Tone::Text.into(), Some(index + 1));
        }
    }
    if profiles.is_some_and(<[_]>::is_empty) {
        say("", Tone::Text.into(), None);
        say(words.choose_no_profiles, Tone::Dim.into(), None);
    }
    let height = usize::from(area.height.saturating_sub(2));
    let at = lines.iter().rposition(|(_, _, choice)| *choice == Some(chooser.cursor)).unwrap_or(0);
    let first = (at + 1).saturating_sub(height);
    let x = area.x + (area.width - columns) / 2;
    let spare = u16::try_from(height.saturating_sub(lines.len())).unwrap_or(0);
    let top = area.y + 1 + spare / 4;
    lines.drain(..first.min(lines.len()));
    (lines, Rect::new(x, top, columns, area.bottom().saturating_sub(top)))
}

/// The choice at a row of the screen.
pub(super) fn choice_at(model: &Model, area: Rect, y: u16) -> Option<usize> {
    let (lines, list) = choice_lines(model, model.chooser.as_ref()?, area);
    let row = y.checked_sub(list.y).filter(|_| y < list.bottom())?;
    lines.get(usize::from(row))?.2
}

pub(super) fn chooser(painter: &mut Painter<'_>, model: &Model, area: Rect) {
    let Some(chooser) = &model.chooser else { return };
    let (lines, list) = choice_lines(model, chooser, area);
    let (x, columns, keys) = (list.x, list.width, area.bottom());
    let mut marked = false;
    for (y, (line, face, choice)) in (list.y..keys).zip(lines) {
        let here = choice == Some(chooser.cursor);
        let mut style = painter.theme.face(face);
        if here && !marked {
            marked = true;
            style = style.add_modifier(Modifier::REVERSED);
            painter.face(x, y, 2, "> ", BOLD);
            let text = line.trim_start();
            painter.text(x + 2, y, columns - 2, text, style);
        } else {
            painter.text(x, y, columns, &line, style);
        }
    }
    painter.face(area.x + 1, keys, area.width - 2, model.words().choose_keys, Tone::Text);
}

/// Title, lines and keys of a window that lists something.
type Listing = (String, Vec<(String, Face)>, &'static str);

fn help(model: &Model) -> Listing {
    let words = model.words();
    let rows = ENTRIES.iter().map(|entry| (model.keys.shown(entry.action), (entry.help)(words)));
    let mouse = model.keys.mouse.then(|| (words.mouse.to_owned(), words.keys_by_mouse));
    let rows: Vec<(String, &str)> = rows.chain(mouse).collect();
    let longest = rows.iter().map(|(keys, _)| width(keys)).max().unwrap_or(0);
    let line = |(keys, help): &(String, &str)| {
        let space = " ".repeat(longest + 2 - width(keys));
        (format!("{keys}{space}{help}"), Face::default())
    };
    (words.help_title.to_owned(), rows.iter().map(line).collect(), words.help_close)
}

fn question(model: &Model, steps: &[String], lines: &[String]) -> Listing {
    let words = model.words();
    let mut shown = vec![(words.solve_intro.to_owned(), BOLD)];
    shown.extend(lines.iter().map(|line| (line.clone(), Face::default())));
    (fill(words.solve_title, &[&steps.join(", ")]), shown, words.solve_confirm)
}

pub(super) fn popup(painter: &mut Painter<'_>, model: &Model, screen: Rect) {
    let more = model.keys.first(Action::Down).unwrap_or_default();
    match &model.popup {
        None => {}
        Some(Popup::Sheet(sheet)) => super::sheets::draw(painter, model, sheet, screen),
        Some(Popup::Help(scroll)) => window(painter, screen, &help(model), *scroll, &more),
        Some(Popup::ConfirmSolve { steps, lines }) => {
            window(painter, screen, &question(model, steps, lines), 0, &more);
        }
    }
}

/// Where the popup stands.
pub(super) fn area(model: &Model, screen: Rect) -> Option<Rect> {
    match model.popup.as_ref()? {
        Popup::Sheet(sheet) => Some(super::sheets::area(model, sheet, screen)),
        Popup::Help(_) => Some(place(screen, &help(model))),
        Popup::ConfirmSolve { steps, lines } => Some(place(screen, &question(model, steps, lines))),
    }
}

/// A window's place in the middle of the screen.
fn place(screen: Rect, (title, lines, keys): &Listing) -> Rect {
    let longest = lines.iter().map(|(line, _)| width(line)).max().unwrap_or(0);
    let wanted = longest.max(width(title) + 2).max(width(keys) + 2) + 4;
    let columns = u16::try_from(wanted).unwrap_or(u16::MAX).min(screen.width.saturating_sub(2));
    let rows = u16::try_from(lines.len() + 2).unwrap_or(u16::MAX).min(screen.height - 1);
    let x = screen.x + (screen.width - columns) / 2;
    let y = screen.y + (screen.height - rows) / 2;
    Rect::new(x, y, columns, rows)
}

/// A window: title, lines, and its keys on the lower frame; where there is more, the key to it.
fn window(painter: &mut Painter<'_>, screen: Rect, listing: &Listing, scroll: usize, down: &str) {
    let area = place(screen, listing);
    let (title, lines, keys) = listing;
    Clear.render(area, painter.buffer);
    super::sheets::frame(painter, area, title, keys);
    let height = usize::from(area.height - 2);
    let scroll = scroll.min(lines.len().saturating_sub(height));
    let inner = area.width - 4;
    for (y, (line, face)) in (area.y + 1..area.bottom() - 1).zip(lines.iter().skip(scroll)) {
        painter.face(area.x + 2, y, inner, &clip(line, inner.into()), *face);
    }
    if scroll + height < lines.len() {
        let down = format!("{down} ");
        let columns = u16::try_from(width(&down)).unwrap_or(0).min(inner);
        painter.face(area.right() - 1 - columns, area.bottom() - 1, columns, &down, BOLD);
    }
}
