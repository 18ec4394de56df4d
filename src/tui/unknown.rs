//! Values that aren't known yet, as they stand on a page: stepped through, and the way to the step
//! that brings them.

use std::ops::Range;

use crate::course::ValueState;
use crate::i18n::fill;
use crate::markdown::{Row, Span, Tone};

use super::model::Model;
use super::msg::Effect;
use super::page::{PageView, Viewport};
use super::place::go_to_step;
use super::update::{notify, with_page};

/// A placeholder on a page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Unknown {
    /// Its row.
    pub(super) row: usize,
    /// Its spans in the row: the colours of code may cut it.
    pub(super) spans: Range<usize>,
    /// The value's name.
    pub(super) name: String,
}

/// The placeholders of a page's rows. One that is broken over rows stands where it begins.
pub(super) fn unknowns(rows: &[Row]) -> Vec<Unknown> {
    let unknown = |row: usize, spans: &[Span], span: usize| {
        let of = |span: &&Span| span.face.tone == Tone::Placeholder;
        spans.get(span).filter(of)?.text.strip_prefix('⟨')?;
        let mut text = String::new();
        let mut end = span;
        for part in spans[span..].iter().take_while(of) {
            text.push_str(&part.text);
            end += 1;
            if part.text.ends_with('⟩') {
                break;
            }
        }
        let name = text.trim_start_matches('⟨').split([':', '⟩']).next()?.trim().to_owned();
        Some(Unknown { row, spans: span..end, name })
    };
    let lines = rows.iter().enumerate();
    let found = lines.flat_map(|(row, line)| {
        (0..line.spans.len()).filter_map(move |span| unknown(row, &line.spans, span))
    });
    found.collect()
}

impl PageView {
    /// Finds them on the rows as they are laid out; the marked one stays, while it isn't known.
    pub(super) fn find_unknowns(&mut self) {
        let marked = self.unknown.zip(self.marked_unknown().map(|one| one.name.clone()));
        self.unknowns = unknowns(&self.rows);
        self.unknown = marked.and_then(|(at, name)| {
            let same = self.unknowns.iter().enumerate().filter(|(_, one)| one.name == name);
            same.map(|(other, _)| other).min_by_key(|other| other.abs_diff(at))
        });
    }

    /// Marks the next or the previous value that isn't known yet, and brings it into view.
    pub(super) fn step_unknown(&mut self, forward: bool, view: &Viewport<'_>) -> Option<&Unknown> {
        let next = match self.unknown {
            Some(at) if forward => (at + 1).min(self.unknowns.len() - 1),
            Some(at) => at.saturating_sub(1),
            None if forward => {
                let below = self.unknowns.iter().position(|one| one.row >= self.scroll);
                below.or(self.unknowns.len().checked_sub(1))?
            }
            None => {
                let above = self.unknowns.iter().rposition(|one| one.row < self.scroll);
                above.or((!self.unknowns.is_empty()).then_some(0))?
            }
        };
        let row = self.unknowns.get(next)?.row;
        self.show_row(row, view);
        self.track(view);
        self.unknown = Some(next);
        self.unknowns.get(next)
    }

    /// The marked value that isn't known yet.
    pub(super) fn marked_unknown(&self) -> Option<&Unknown> {
        self.unknowns.get(self.unknown?)
    }
}

/// Marks the next or the previous value that isn't known yet, and says which step brings it.
pub(super) fn step(model: &mut Model, forward: bool) -> Vec<Effect> {
    let mut found = None;
    with_page(model, |page, view| found = page.step_unknown(forward, view).cloned());
    let Some(Unknown { name, .. }) = found else {
        notify(model, model.words().value_none.to_owned());
        return Vec::new();
    };
    notify(model, said(model, &name));
    Vec::new()
}

/// What is to be said of a value that isn't known yet: the step that brings it.
pub(super) fn said(model: &Model, name: &str) -> String {
    let words = model.words();
    match model.values.get(name) {
        Some(ValueState::Unusable { why }) => fill(words.value_unusable, &[name, why]),
        _ => match bringer(model, name) {
            Some(step) => fill(words.value_step, &[name, &step]),
            None => name.to_owned(),
        },
    }
}

/// Goes to the step that brings the marked value; none where no value is marked.
pub(super) fn open(model: &mut Model) -> Option<Vec<Effect>> {
    let name = model.page.marked_unknown()?.name.clone();
    let step = bringer(model, &name)?;
    super::place::leave(model);
    model.notice = None;
    Some(go_to_step(model, &step))
}

/// The step that brings a value.
fn bringer(model: &Model, name: &str) -> Option<String> {
    Some(model.course.as_ref()?.index.values.get(name)?.step.clone())
}
