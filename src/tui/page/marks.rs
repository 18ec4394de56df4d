//! What can be marked on the page: code blocks and links.

use std::sync::Arc;

use crate::markdown::{CodeBlock, Row, Tone};

use super::{PageView, Viewport};

/// Something on the page that can be marked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mark {
    /// A code block.
    Code(usize),
    /// A link.
    Link(usize),
}

/// A link and where it stands.
#[derive(Debug)]
pub(super) struct Link {
    target: Arc<str>,
    /// Row and index in it of each of its spans.
    spans: Vec<(usize, usize)>,
}

impl PageView {
    /// Keeps the mark on what is in view, or takes the first code block in view.
    pub(super) fn mark_visible(&mut self, view: &Viewport<'_>) {
        let seen = self.scroll..self.scroll + view.height;
        let kept = self.mark.filter(|&mark| {
            self.place_of(mark).is_some_and(|rows| rows.0 < seen.end && rows.1 >= seen.start)
        });
        let first = || self.visible(view).find_map(|row| row.code.map(|code| code.block));
        self.mark = kept.or_else(|| first().map(Mark::Code));
    }

    /// The first and the last row of something that can be marked.
    fn place_of(&self, mark: Mark) -> Option<(usize, usize)> {
        match mark {
            Mark::Link(link) => {
                let spans = &self.links.get(link)?.spans;
                Some((spans.first()?.0, spans.last()?.0))
            }
            Mark::Code(code) => {
                let block = |row: &Row| row.code.is_some_and(|row| row.block == code);
                let first = self.rows.iter().position(block)?;
                Some((first, self.rows.iter().rposition(block).unwrap_or(first)))
            }
        }
    }

    /// What can be marked at a column of a row.
    pub(in crate::tui) fn mark_at(&self, row: usize, column: usize) -> Option<Mark> {
        let line = self.rows.get(row)?;
        if let Some(code) = line.code {
            return Some(Mark::Code(code.block));
        }
        let ends = line.spans.iter().scan(0, |end, span| {
            *end += span.width();
            Some(*end)
        });
        let at = ends.into_iter().position(|end| column < end)?;
        self.links.iter().position(|link| link.spans.contains(&(row, at))).map(Mark::Link)
    }

    /// All that can be marked, in the order of the page, each with its first row.
    fn marks(&self) -> Vec<(usize, Mark)> {
        let codes = (0..self.codes.len()).map(Mark::Code);
        let links = (0..self.links.len()).map(Mark::Link);
        let placed = codes.chain(links).filter_map(|mark| Some((self.place_of(mark)?.0, mark)));
        let mut marks: Vec<(usize, Mark)> = placed.collect();
        marks.sort_by_key(|(row, _)| *row);
        marks
    }

    /// Marks the next or the previous code block or link, and brings it into view.
    pub fn step_mark(&mut self, forward: bool, view: &Viewport<'_>) {
        let marks = self.marks();
        let here = self.mark.and_then(|mark| marks.iter().position(|(_, other)| *other == mark));
        let next = match (here, forward) {
            (Some(here), true) => marks.get(here + 1),
            (Some(here), false) => here.checked_sub(1).and_then(|before| marks.get(before)),
            // Nothing is marked: the nearest one below or above.
            (None, true) => marks.iter().find(|(row, _)| *row >= self.scroll),
            (None, false) => marks.iter().rev().find(|(row, _)| *row < self.scroll),
        };
        let Some(&(first, mark)) = next else { return };
        let last = self.place_of(mark).map_or(first, |rows| rows.1);
        if first < self.scroll || last >= self.scroll + view.height {
            self.scroll = first.saturating_sub(1).min(self.limit(view.height));
        }
        self.sideways = 0;
        self.track(view);
        self.mark = Some(mark);
    }

    /// The marked code block's number on the page.
    pub fn code(&self) -> Option<usize> {
        match self.mark {
            Some(Mark::Code(code)) => Some(code),
            _ => None,
        }
    }

    /// Where the marked link leads.
    pub fn marked_link(&self) -> Option<&str> {
        match self.mark {
            Some(Mark::Link(link)) => self.links.get(link).map(|link| &*link.target),
            _ => None,
        }
    }

    /// The spans of a row that belong to the marked link.
    pub fn marked_spans(&self, row: usize) -> impl Iterator<Item = usize> {
        let link = match self.mark {
            Some(Mark::Link(link)) => self.links.get(link),
            _ => None,
        };
        let spans = link.into_iter().flat_map(|link| &link.spans);
        spans.filter(move |(at, _)| *at == row).map(|(_, span)| *span)
    }

    /// The step that the marked code block stands in; none outside of the steps.
    pub fn marked_step(&self) -> Option<&str> {
        let &(section, _) = self.codes.get(self.code()?)?;
        self.sections.get(section)?.step.as_deref()
    }

    /// The marked code block.
    pub fn marked_code(&self) -> Option<&CodeBlock> {
        let &(section, index) = self.codes.get(self.code()?)?;
        self.sections.get(section)?.document.codes.get(index)
    }
}

/// Finds the links of a section's rows. Spans of one address that follow each other are one link,
/// also over a row's end; the section's list of addresses repeats them, and is left out.
pub(super) fn collect_links(rows: &[Row], from: usize, links: &mut Vec<Link>) {
    let known = links.len();
    // The span before, where it was a link's: its row, its index, and whether it ended its row.
    let mut before: Option<(usize, usize, bool)> = None;
    for (at, row) in rows.iter().enumerate().skip(from) {
        let mut blank = true;
        for (index, span) in row.spans.iter().enumerate() {
            let Some(target) = &span.link else {
                blank &= span.text.trim().is_empty() || span.face.tone == Tone::Dim;
                continue;
            };
            let follows = before.is_some_and(|(row, span, last)| {
                (row == at && span + 1 == index) || (row + 1 == at && blank && last)
            });
            blank = false;
            before = Some((at, index, index + 1 == row.spans.len()));
            let open = links.last_mut().filter(|link| follows && link.target == *target);
            if let Some(link) = open {
                link.spans.push((at, index));
            } else if target.contains(span.text.trim())
                && links[known..].iter().any(|link| link.target == *target)
            {
                before = None;
            } else {
                links.push(Link { target: Arc::clone(target), spans: vec![(at, index)] });
            }
        }
    }
}
