//! The choice of the account.

use ratatui::layout::Rect;
use ratatui::style::Modifier;

use crate::i18n::fill;
use crate::markdown::{Face, Tone, wrap_text};
use crate::tui::model::{Chooser, Model};

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

pub(super) fn draw(painter: &mut Painter<'_>, model: &Model, area: Rect) {
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
