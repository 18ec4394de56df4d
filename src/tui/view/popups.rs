//! What stands over the panes: the choice of the account, the keys, the question before a solution.

use ratatui::layout::Rect;
use ratatui::style::Modifier;
use ratatui::widgets::{Clear, Widget};

use crate::i18n::fill;
use crate::markdown::{Face, Tone, width, wrap_text};
use crate::tui::action::ENTRIES;
use crate::tui::model::{Model, Popup};
use crate::tui::proof::clip;

use super::paint::Painter;

const BOLD: Face = Face { tone: Tone::Text, bold: true, italic: false, strike: false };

/// Columns of the list of the account's choices.
const CHOICE_COLUMNS: u16 = 64;

pub(super) fn chooser(painter: &mut Painter<'_>, model: &Model, area: Rect) {
    let Some(chooser) = &model.chooser else { return };
    let words = model.words();
    let columns = area.width.saturating_sub(4).min(CHOICE_COLUMNS);
    let mut lines: Vec<(String, Face, Option<usize>)> = Vec::new();
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
    let keys = area.bottom();
    let height = usize::from(area.height.saturating_sub(2));
    let at = lines.iter().rposition(|(_, _, choice)| *choice == Some(chooser.cursor)).unwrap_or(0);
    let first = (at + 1).saturating_sub(height);
    let x = area.x + (area.width - columns) / 2;
    let spare = u16::try_from(height.saturating_sub(lines.len())).unwrap_or(0);
    let top = area.y + 1 + spare / 4;
    let mut marked = false;
    for (y, (line, face, choice)) in (top..keys).zip(lines.iter().skip(first)) {
        let here = *choice == Some(chooser.cursor);
        let mut style = painter.theme.face(*face);
        if here && !marked {
            marked = true;
            style = style.add_modifier(Modifier::REVERSED);
            painter.face(x, y, 2, "> ", BOLD);
            let text = line.trim_start();
            painter.text(x + 2, y, columns - 2, text, style);
        } else {
            painter.text(x, y, columns, line, style);
        }
    }
    painter.face(area.x + 1, keys, area.width - 2, words.choose_keys, Tone::Text);
}

pub(super) fn popup(painter: &mut Painter<'_>, model: &Model, screen: Rect) {
    let words = model.words();
    match &model.popup {
        None => {}
        Some(Popup::Sheet(sheet)) => super::sheets::draw(painter, model, sheet, screen),
        Some(Popup::Help(scroll)) => {
            let lines: Vec<(String, Face)> = ENTRIES
                .iter()
                .map(|entry| {
                    (format!("{:<12}{}", entry.keys, (entry.help)(words)), Face::default())
                })
                .collect();
            window(painter, screen, words.help_title, &lines, *scroll, words.help_close);
        }
        Some(Popup::ConfirmSolve { steps, lines }) => {
            let title = fill(words.solve_title, &[&steps.join(", ")]);
            let mut shown = vec![(words.solve_intro.to_owned(), BOLD)];
            shown.extend(lines.iter().map(|line| (line.clone(), Face::default())));
            window(painter, screen, &title, &shown, 0, words.solve_confirm);
        }
    }
}

/// A window in the middle of the screen: title, lines, and its keys on the lower frame.
fn window(
    painter: &mut Painter<'_>,
    screen: Rect,
    title: &str,
    lines: &[(String, Face)],
    scroll: usize,
    keys: &str,
) {
    let longest = lines.iter().map(|(line, _)| width(line)).max().unwrap_or(0);
    let wanted = longest.max(width(title) + 2).max(width(keys) + 2) + 4;
    let columns = u16::try_from(wanted).unwrap_or(u16::MAX).min(screen.width.saturating_sub(2));
    let rows = u16::try_from(lines.len() + 2).unwrap_or(u16::MAX).min(screen.height - 1);
    let x = screen.x + (screen.width - columns) / 2;
    let y = screen.y + (screen.height - rows) / 2;
    let area = Rect::new(x, y, columns, rows);
    Clear.render(area, painter.buffer);
    let (line, bar, corners) = if painter.theme.ascii {
        ("-", "|", ["+", "+", "+", "+"])
    } else {
        ("─", "│", ["┌", "┐", "└", "┘"])
    };
    let rule = line.repeat(usize::from(columns - 2));
    let frame = |left: &str, right: &str| format!("{left}{rule}{right}");
    painter.face(x, y, columns, &frame(corners[0], corners[1]), Tone::Text);
    painter.face(x, area.bottom() - 1, columns, &frame(corners[2], corners[3]), Tone::Text);
    let inner = usize::from(columns - 4);
    painter.face(x + 2, y, columns - 4, &format!(" {} ", clip(title, inner - 2)), BOLD);
    painter.face(x + 2, area.bottom() - 1, columns - 4, &format!(" {keys} "), BOLD);
    let height = usize::from(rows - 2);
    let scroll = scroll.min(lines.len().saturating_sub(height));
    for row in 0..rows - 2 {
        painter.face(x, y + 1 + row, 1, bar, Tone::Text);
        painter.face(area.right() - 1, y + 1 + row, 1, bar, Tone::Text);
        if let Some((line, face)) = lines.get(scroll + usize::from(row)) {
            painter.face(x + 2, y + 1 + row, columns - 4, &clip(line, inner), *face);
        }
    }
    if scroll + height < lines.len() {
        painter.face(area.right() - 3, area.bottom() - 1, 2, "j ", BOLD);
    }
}
