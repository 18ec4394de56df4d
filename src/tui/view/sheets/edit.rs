//! A change before it is made: against the learner's own file, in its own line numbers.

use crate::course::{Change, ChangedLine, Near};
use crate::i18n::fill;
use crate::markdown::{Face, Span, Tone};
use crate::tui::model::Model;
use crate::tui::update::path_line;
use crate::tui::work::{EditKind, EditPlan, Fit};

use super::run::tabs;
use super::{Rows, bold};

pub(super) fn rows(model: &Model, plan: &EditPlan, page: &mut Rows) {
    let words = model.words();
    page.text(&path_line(&plan.path), Tone::Dim);
    page.gap();
    match &plan.fit {
        Fit::Fits(places) => {
            let note = match (plan.kind, &plan.before, &plan.after) {
                (EditKind::Undo, _, Some(_)) => words.undo_note,
                (EditKind::Undo, _, None) => words.undo_removes,
                (_, None, _) => words.edit_new_file,
                (EditKind::Write, ..) => words.write_replaces,
                (EditKind::Change, ..) => words.edit_note,
            };
            page.text(note, Tone::Text);
            changes(model, places, page);
        }
        Fit::There => page.text(&fill(words.edit_there, &[&plan.file]), bold(Tone::Added)),
        Fit::Misfit { expected, near, excerpt } => {
            page.text(&fill(words.edit_misfit, &[&plan.file]), bold(Tone::Warning));
            match near {
                Some(near) => misfit(model, near, excerpt, page),
                None => nowhere(model, expected, page),
            }
            page.gap();
            page.text(words.edit_by_hand, Tone::Text);
        }
        Fit::Ambiguous(lines) => {
            let lines: Vec<String> = lines.iter().map(ToString::to_string).collect();
            let text = fill(words.edit_ambiguous, &[&plan.file, &lines.join(", ")]);
            page.text(&text, bold(Tone::Warning));
            page.gap();
            page.text(words.edit_by_hand, Tone::Text);
        }
        Fit::Broken(why) => page.text(&fill(words.edit_broken, &[why]), bold(Tone::Warning)),
    }
}

/// Columns of the largest line number.
fn digits(numbers: impl Iterator<Item = usize>) -> usize {
    numbers.max().unwrap_or(0).to_string().len()
}

fn changes(model: &Model, places: &[Vec<ChangedLine>], page: &mut Rows) {
    let digits = digits(places.iter().flatten().map(|line| line.number));
    let bar = if model.theme.ascii { "| " } else { "│ " };
    for place in places {
        page.gap();
        for line in place {
            let (sign, face) = match line.change {
                Change::None => (" ", Face::default()),
                Change::Removed => ("-", Face::from(Tone::Removed)),
                Change::Added => ("+", Face::from(Tone::Added)),
            };
            let number = Span::new(format!("{:>digits$} {bar}", line.number), Tone::Dim);
            let sign = Span::new(format!("{sign} "), Face { bold: true, ..face });
            page.code(vec![number, sign], vec![Span::new(tabs(&line.text), face)]);
        }
    }
}

/// The lines that aren't there.
fn nowhere(model: &Model, expected: &[String], page: &mut Rows) {
    page.text(model.words().edit_nowhere, Tone::Text);
    page.gap();
    let bar = if model.theme.ascii { "| " } else { "│ " };
    for line in expected {
        page.code(vec![Span::new(bar, Tone::Dim)], vec![Span::new(tabs(line), Tone::Text)]);
    }
}

/// Which line differs, and the file around it.
fn misfit(model: &Model, near: &Near, excerpt: &[(usize, String)], page: &mut Rows) {
    let words = model.words();
    page.gap();
    page.text(&fill(words.edit_line, &[&near.line.to_string()]), Tone::Text);
    let label = |text: &str| Span::new(format!("  {text} "), bold(Tone::Text));
    page.code(vec![label(words.edit_expected)], vec![Span::new(tabs(&near.expected), Tone::Added)]);
    match &near.found {
        Some(found) => {
            page.code(vec![label(words.edit_found)], vec![Span::new(tabs(found), Tone::Removed)]);
            let words_of = |line: &str| line.split_whitespace().map(str::to_owned).collect();
            let (one, other): (Vec<String>, Vec<String>) =
                (words_of(&near.expected), words_of(found));
            if one == other {
                page.text(words.edit_spaces, Tone::Text);
            }
        }
        None => page.text(&format!("  {}", words.edit_end), Tone::Removed),
    }
    page.gap();
    let digits = digits(excerpt.iter().map(|(number, _)| *number));
    for (number, line) in excerpt {
        let here = *number == near.line;
        let mark = if here { ">" } else { " " };
        let face = Face { bold: here, ..Face::default() };
        let lead = Span::new(
            format!("{mark} {number:>digits$} "),
            Face { bold: here, ..Tone::Dim.into() },
        );
        page.code(vec![lead], vec![Span::new(tabs(line), face)]);
    }
}
