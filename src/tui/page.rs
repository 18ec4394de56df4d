//! The open page: its sections, their rows at the present width, and the place that is read.

mod marks;

use crate::course::RenderedPage;
use crate::markdown::{CodeBlock, CodeRow, Labels, Row, layout};

use super::find::{Found, Query};
use super::place::{Anchor, block_of, row_of};
use super::section::{Section, sections};
use super::unknown::Unknown;

pub use marks::Mark;
use marks::{Link, collect_links};

/// Rows of a step that have to be on the screen's top before it counts as read.
const READING_LINE: usize = 3;
/// Columns that a key scrolls code sideways by.
pub(super) const SIDEWAYS: isize = 8;

/// The open page.
#[derive(Debug, Default)]
pub struct PageView {
    pub(super) sections: Vec<Section>,
    /// All rows, top to bottom.
    pub rows: Vec<Row>,
    /// The first row of each section.
    starts: Vec<usize>,
    /// Section and index in it of each code block, in order.
    codes: Vec<(usize, usize)>,
    /// The links, in order.
    links: Vec<Link>,
    columns: usize,
    /// Rows scrolled by.
    pub scroll: usize,
    /// Columns that code is scrolled sideways by.
    pub sideways: usize,
    /// What is marked.
    pub mark: Option<Mark>,
    /// The step that is read; none above the first one.
    pub step: Option<String>,
    /// Values that aren't known yet, from the top.
    pub(super) unknowns: Vec<Unknown>,
    /// The marked one of them.
    pub(super) unknown: Option<usize>,
    /// What is searched for.
    pub(super) query: Option<Query>,
    /// Where it stands, from the top.
    pub(super) found: Vec<Found>,
    /// The one of them that was gone to.
    pub(super) found_at: Option<usize>,
}

impl PageView {
    /// Whether there is nothing to read.
    pub fn is_empty(&self) -> bool {
        self.sections.is_empty()
    }

    /// Takes a rendered page. `keep` stays at the place that is read: it is the same page with
    /// other values, or in another language.
    pub fn show(&mut self, page: &RenderedPage, keep: bool, view: &Viewport<'_>) {
        let anchor = self.anchor();
        let before = std::mem::replace(&mut self.sections, sections(page, true));
        self.lay_out(view);
        if keep {
            self.scroll = self.row_of(self.carried(anchor, &before));
            self.settle(view);
        } else {
            self.scroll = 0;
            self.sideways = 0;
            self.mark = None;
            self.step = None;
            self.track(view);
        }
    }

    /// The place that is read.
    pub(super) fn anchor(&self) -> Anchor {
        let section = self.section_at(self.scroll);
        let Some((rows, start)) = self.rows_of(section) else { return Anchor::default() };
        let document = &self.sections[section].document;
        let (block, row, rows) = block_of(document, rows, self.scroll.saturating_sub(start));
        Anchor { section, block, row, rows }
    }

    /// Goes to a place that was read before.
    pub(super) fn go_to_anchor(&mut self, anchor: Anchor, view: &Viewport<'_>) {
        self.scroll = self.row_of(anchor);
        self.track(view);
    }

    /// Where a place of other sections is in these ones, which say it with other values or in
    /// another language.
    fn carried(&self, anchor: Anchor, before: &[Section]) -> Anchor {
        let Some(old) = before.get(anchor.section) else { return Anchor::default() };
        let same = |section: &&Section| section.step == old.step;
        let section = match self.sections.get(anchor.section).filter(same) {
            Some(_) => anchor.section,
            None => self.sections.iter().position(|new| same(&new)).unwrap_or(anchor.section),
        };
        let Some(new) = self.sections.get(section) else { return Anchor::default() };
        Anchor { section, block: old.outline.find(anchor.block, &new.outline), ..anchor }
    }

    fn row_of(&self, anchor: Anchor) -> usize {
        let Some((rows, start)) = self.rows_of(anchor.section) else { return 0 };
        let document = &self.sections[anchor.section].document;
        start + row_of(document, rows, &anchor)
    }

    /// A section's rows, and the first one's place on the page.
    pub(super) fn rows_of(&self, section: usize) -> Option<(&[Row], usize)> {
        let &start = self.starts.get(section)?;
        let end = self.starts.get(section + 1).copied().unwrap_or(self.rows.len());
        Some((&self.rows[start..end], start))
    }

    /// Shows nothing.
    pub fn clear(&mut self) {
        let query = self.query.take();
        *self = Self { columns: self.columns, query, ..Self::default() };
    }

    /// Lays out again for another width, staying at the place that is read.
    pub fn resize(&mut self, view: &Viewport<'_>) {
        let place = self.place();
        let seen = self.found_row().is_some_and(|row| row >= self.scroll);
        self.lay_out(view);
        self.return_to(place);
        // What was gone to stays in view.
        if let Some(row) = self.found_row().filter(|_| seen) {
            self.show_row(row, view);
        }
        self.settle(view);
    }

    fn lay_out(&mut self, view: &Viewport<'_>) {
        self.columns = view.columns;
        self.rows.clear();
        self.starts.clear();
        self.codes.clear();
        self.links.clear();
        for (index, section) in self.sections.iter().enumerate() {
            if index > 0 {
                self.rows.push(Row::default());
                let end = self.rows.len();
                if end >= 2 {
                    self.rows[end - 1].source = self.rows[end - 2].source.clone();
                }
            }
            self.starts.push(self.rows.len());
            let shift = self.codes.len();
            self.codes.extend((0..section.document.codes.len()).map(|code| (index, code)));
            let laid = layout(&section.document, view.columns, view.labels);
            self.rows.extend(laid.rows.into_iter().map(|mut row| {
                row.code = row.code.map(|code| CodeRow { block: code.block + shift, ..code });
                row
            }));
            let from = self.starts[index];
            collect_links(&self.rows, from, &mut self.links);
        }
        self.find_unknowns();
        self.find_query();
    }

    /// The topmost row: section, byte, and how many rows before it begin at the same byte.
    fn place(&self) -> (usize, usize, usize) {
        let section = self.section_at(self.scroll);
        let Some(row) = self.rows.get(self.scroll) else { return (section, 0, 0) };
        let start = self.starts.get(section).copied().unwrap_or(0);
        let before = self.rows[start..self.scroll].iter().rev();
        let same = before.take_while(|other| other.source.start == row.source.start).count();
        (section, row.source.start, same)
    }

    fn return_to(&mut self, (section, source, same): (usize, usize, usize)) {
        let Some((rows, start)) = self.rows_of(section) else { return };
        let found = rows.partition_point(|row| row.source.start <= source).saturating_sub(1);
        // Rows can begin at the same byte: a gap over a block, a heading over its rule.
        let byte = rows.get(found).map_or(0, |row| row.source.start);
        let first = rows.partition_point(|row| row.source.start < byte);
        self.scroll = start + (first + same).min(found);
    }

    /// The steps that aren't in the page's language.
    pub fn foreign(&self) -> Vec<&str> {
        let foreign = self.sections.iter().filter(|section| section.foreign);
        foreign.filter_map(|section| section.step.as_deref()).collect()
    }

    /// Whether the section that is read isn't in the page's language.
    pub fn reads_foreign(&self) -> bool {
        self.sections.get(self.section_at(self.scroll)).is_some_and(|section| section.foreign)
    }

    fn section_at(&self, row: usize) -> usize {
        self.starts.partition_point(|&start| start <= row).saturating_sub(1)
    }

    /// The furthest that the page scrolls: the last row at the bottom, or the last section's
    /// heading at the top.
    pub(super) fn limit(&self, height: usize) -> usize {
        let last = self.sections.iter().rposition(|section| !section.title.is_empty());
        let last = last.and_then(|last| self.starts.get(last)).copied().unwrap_or(0);
        self.rows.len().saturating_sub(height).max(last)
    }

    fn settle(&mut self, view: &Viewport<'_>) {
        self.scroll = self.scroll.min(self.limit(view.height));
        self.sideways = self.sideways.min(self.widest(view));
        self.mark_visible(view);
        let seen = self.scroll..self.scroll + view.height;
        let kept = self.marked_unknown().is_some_and(|one| seen.contains(&one.row));
        self.unknown = self.unknown.filter(|_| kept);
    }

    /// Scrolls by rows.
    pub fn scroll_by(&mut self, rows: isize, view: &Viewport<'_>) {
        self.scroll = self.scroll.saturating_add_signed(rows).min(self.limit(view.height));
        self.track(view);
    }

    /// Scrolls to the top or the bottom.
    pub fn scroll_to_end(&mut self, bottom: bool, view: &Viewport<'_>) {
        self.scroll = if bottom { self.limit(view.height) } else { 0 };
        self.track(view);
    }

    /// Scrolls code sideways by columns.
    pub fn scroll_sideways(&mut self, columns: isize, view: &Viewport<'_>) {
        self.sideways = self.sideways.saturating_add_signed(columns).min(self.widest(view));
    }

    /// How far the code in view can be scrolled sideways.
    fn widest(&self, view: &Viewport<'_>) -> usize {
        self.visible(view)
            .filter(|row| row.code.is_some())
            .map(|row| {
                let fixed = row.width() - row.scroll_width();
                row.scroll_width().saturating_sub(view.columns.saturating_sub(fixed))
            })
            .max()
            .unwrap_or(0)
    }

    fn visible(&self, view: &Viewport<'_>) -> impl Iterator<Item = &Row> {
        self.rows.iter().skip(self.scroll).take(view.height)
    }

    /// Finds the step that is read after scrolling.
    pub(super) fn track(&mut self, view: &Viewport<'_>) {
        // At the very top it is the first row, however short the opening is.
        let line = READING_LINE.min(view.height / 2).min(self.scroll);
        let section = self.section_at(self.scroll + line);
        self.step = self.sections.get(section).and_then(|section| section.step.clone());
        self.settle(view);
    }

    /// Goes to a step's heading.
    pub fn go_to_step(&mut self, id: &str, view: &Viewport<'_>) {
        let found = self.sections.iter().position(|s| s.step.as_deref() == Some(id));
        if let Some(section) = found {
            self.scroll = self.starts.get(section).copied().unwrap_or(0);
            self.settle(view);
        }
        self.step = Some(id.to_owned());
    }

    /// Goes to what stands behind the last step, if anything does.
    pub fn go_behind_steps(&mut self, view: &Viewport<'_>) {
        let last = self.sections.iter().rposition(|section| section.step.is_some());
        if let Some(&start) = last.and_then(|last| self.starts.get(last + 1)) {
            self.scroll = start;
            self.settle(view);
            self.step = None;
        }
    }

    /// Whether the part behind the last step is read.
    pub fn is_behind_steps(&self) -> bool {
        let steps = self.sections.iter().rposition(|section| section.step.is_some());
        self.step.is_none() && steps.is_some_and(|last| self.section_at(self.scroll) >= last)
    }

    /// Brings a section into view, counted from the page's end; whether it began there already.
    pub fn bring_into_view(&mut self, from_end: usize, view: &Viewport<'_>) -> bool {
        let Some(section) = self.sections.len().checked_sub(from_end) else { return false };
        let Some(&start) = self.starts.get(section) else { return false };
        let end = self.starts.get(section + 1).copied().unwrap_or(self.rows.len());
        let (top, bottom) = (self.scroll, self.scroll + view.height);
        let was_there = (top..bottom).contains(&start);
        if !was_there || end > bottom {
            self.scroll = start.min(self.limit(view.height));
        }
        self.track(view);
        was_there
    }

    /// The code blocks of a step.
    pub fn codes_of(&self, step: &str) -> impl Iterator<Item = &CodeBlock> {
        let section = self.sections.iter().find(move |s| s.step.as_deref() == Some(step));
        section.into_iter().flat_map(|section| &section.document.codes)
    }
}

/// How the page's pane sees it.
pub struct Viewport<'a> {
    /// Columns for text.
    pub columns: usize,
    /// Rows.
    pub height: usize,
    /// Words and signs of the layout.
    pub labels: &'a Labels,
}
