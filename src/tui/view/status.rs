//! The row above the footer: what runs, else what happened last, else what lasts; beside it the
//! learner's room. What the instructor says stands above it for a while.

use ratatui::layout::Rect;
use ratatui::style::Modifier;

use crate::i18n::fill;
use crate::markdown::{Face, Tone, sanitize, width, wrap_text};
use crate::tui::model::{Model, RunKind};
use crate::tui::proof::clip;
use crate::tui::room;

use super::output;
use super::paint::Painter;

pub(super) fn draw(painter: &mut Painter<'_>, model: &Model, area: Rect) {
    let (rows, columns) = line(painter, model, area);
    label(painter, model, area, columns);
    banner(painter, model, Rect { y: area.y - rows, ..area });
}

/// What the instructor says, or is wrong with the room: from this row upwards.
pub(super) fn banner(painter: &mut Painter<'_>, model: &Model, area: Rect) {
    let Some(banner) = room::banner(model) else { return };
    let tone = if banner.trouble { Tone::Warning } else { Tone::Notice };
    let sign = if banner.trouble { "! " } else { "" };
    let face = Face { bold: true, ..tone.into() };
    let text = |text: &String| (format!("{sign}{text}"), face);
    let texts: Vec<(String, Face)> = banner.texts.iter().map(text).collect();
    in_full(painter, &texts, area);
}

/// Which room the learner is in, at the row's end, where there is room for it.
fn label(painter: &mut Painter<'_>, model: &Model, area: Rect, taken: usize) {
    let free = usize::from(area.width - 2).saturating_sub(if taken > 0 { taken + 2 } else { 0 });
    let full = room::label(model).map(|label| if taken > 0 { label } else { clip(&label, free) });
    let in_room = full.is_some();
    let short = room::help_label(model).filter(|_| in_room);
    let fits = |label: &String| width(label) <= free;
    if let Some(label) = full.into_iter().chain(short).find(fits) {
        let columns = width(&label);
        let columns = u16::try_from(columns).unwrap_or(0);
        painter.face(area.right() - 1 - columns, area.y, columns, &label, Tone::Text);
    }
}

/// What runs, else what just happened, else the search, a warning, what the instructor said last,
/// lasting trouble with the journal, a command whose pane isn't seen. How many rows that takes, and
/// how many columns of the last one.
fn line(painter: &mut Painter<'_>, model: &Model, area: Rect) -> (u16, usize) {
    let words = model.words();
    if let Some(run) = model.run.as_ref().filter(|run| !run.by_itself) {
        let doing = match (&run.kind, run.total) {
            (RunKind::Solve(_), _) if run.detail.is_empty() => words.solving.to_owned(),
            (RunKind::Solve(_), _) => format!("{}: {}", words.solving, run.detail),
            (RunKind::Verify(_), 0) => words.verifying.to_owned(),
            (RunKind::Verify(_), total) => {
                fill(words.verifying_count, &[&run.judged.to_string(), &total.to_string()])
            }
        };
        let text = clip(&format!("{doing}  {}", words.cancel_key), usize::from(area.width - 2));
        let style = painter.theme.face(Tone::Notice.into()).add_modifier(Modifier::BOLD);
        painter.text(area.x + 1, area.y, area.width - 2, &text, style);
        return (1, width(&text));
    }
    if let Some(notice) = &model.notice {
        let tone = if notice.trouble { Tone::Warning } else { Tone::Text };
        let face = Face { bold: notice.trouble, ..tone.into() };
        let sign = if notice.trouble { "! " } else { "" };
        return in_full(painter, &[(format!("{sign}{}", notice.text), face)], area);
    }
    let warning = Face { bold: true, ..Tone::Warning.into() };
    let (text, face) = if let Some(search) = &model.search {
        let at = if search.hits.is_empty() { 0 } else { search.at + 1 };
        let (at, all) = (at.to_string(), search.hits.len().to_string());
        (fill(words.search_at, &[&search.text, &at, &all]), Tone::Notice.into())
    } else if let Some(text) = model.clock.warning(words) {
        (format!("! {text}"), warning)
    } else if let Some(text) = room::standing(model) {
        (text, Tone::Notice.into())
    } else if let Some(trouble) = &model.journal_trouble {
        (format!("! {}", fill(words.journal_trouble, &[trouble])), Tone::Warning.into())
    } else if let Some(text) = output::unseen(model) {
        (text, Tone::Text.into())
    } else {
        return (0, 0);
    };
    let text = clip(&text, usize::from(area.width - 2));
    painter.face(area.x + 1, area.y, area.width - 2, &text, face);
    (1, width(&text))
}

/// Texts in full, also where that takes rows of the panes: their end says what to do next. The last
/// one's end stands on the row of `area`. How many rows that takes, and how many columns of the last.
pub(crate) fn in_full(
    painter: &mut Painter<'_>,
    texts: &[(String, Face)],
    area: Rect,
) -> (u16, usize) {
    let columns = usize::from(area.width - 2);
    let wrapped = texts.iter().flat_map(|(text, face)| {
        let lines = wrap_text(&sanitize::clean_line(text), columns);
        lines.into_iter().map(move |line| (line, *face))
    });
    let lines: Vec<(String, Face)> = wrapped.collect();
    let rows = u16::try_from(lines.len()).unwrap_or(1).min(area.y.saturating_sub(1));
    let top = area.y + 1 - rows;
    if rows > 1 {
        painter.rule(Rect { y: top - 1, height: 1, ..area });
    }
    let last = lines.last().map_or(0, |(line, _)| width(line));
    for (y, (line, face)) in (top..=area.y).zip(lines) {
        painter.face(area.x, y, area.width, &" ".repeat(area.width.into()), Tone::Text);
        painter.face(area.x + 1, y, area.width - 2, &line, face);
    }
    (rows, last)
}
