//! Places in pages: the one that is read stays when the page's text changes, and the ones that were
//! left can be gone back to.

use std::hash::{DefaultHasher, Hash, Hasher};
use std::ops::Range;

use crate::course::PartId;
use crate::markdown::{Document, Row};

use super::action::Action;
use super::backend::Entry;
use super::model::{Account, Model};
use super::msg::Effect;
use super::update::{notify, open_part, with_page};
use super::{map, search, unknown};

/// Places that are kept to go back to.
const KEPT: usize = 50;

/// A place in a page that outlives other values in it, another width and another language: a block,
/// and how far into it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Anchor {
    pub(super) section: usize,
    pub(super) block: usize,
    /// The row in the block, and how many rows the block has.
    pub(super) row: usize,
    pub(super) rows: usize,
}

/// A place that was left.
#[derive(Debug, Clone)]
pub struct Spot {
    part: PartId,
    anchor: Anchor,
}

/// What each block of a section says, as far as it has to be told from others.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Outline(Vec<u64>);

impl Outline {
    pub(super) fn of(document: &Document, markdown: &str) -> Self {
        let text = |range: &Range<usize>| markdown.get(range.clone()).unwrap_or_default();
        let digest = |text: &str| {
            let mut hasher = DefaultHasher::new();
            text.hash(&mut hasher);
            hasher.finish()
        };
        Self(document.blocks.iter().map(|block| digest(text(&block.source))).collect())
    }

    /// Where a block of this outline is in another one of the same section. Blocks before and after
    /// what has changed are the same; what has changed is counted through.
    pub(super) fn find(&self, block: usize, other: &Self) -> usize {
        let (old, new) = (&self.0, &other.0);
        let before = old.iter().zip(new).take_while(|(a, b)| a == b).count();
        if block < before {
            return block;
        }
        let most = old.len().min(new.len()) - before;
        let after = old.iter().rev().zip(new.iter().rev()).take(most);
        let after = after.take_while(|(a, b)| a == b).count();
        if block >= old.len() - after {
            return new.len() - (old.len() - block);
        }
        block.min((new.len() - after).saturating_sub(1).max(before))
    }
}

/// The block of a row, the row's place in it, and how many rows it has.
pub(super) fn block_of(document: &Document, rows: &[Row], row: usize) -> (usize, usize, usize) {
    let Some(source) = rows.get(row).map(|row| row.source.start) else { return (0, 0, 0) };
    let block = document.blocks.partition_point(|block| block.source.start <= source);
    let block = block.saturating_sub(1);
    let first = first_row(document, rows, block);
    (block, row - first.min(row), first_row(document, rows, block + 1) - first)
}

/// The row of a place, as far into its block as before, however many rows the block has now.
pub(super) fn row_of(document: &Document, rows: &[Row], anchor: &Anchor) -> usize {
    let first = first_row(document, rows, anchor.block);
    let now = first_row(document, rows, anchor.block + 1).saturating_sub(first);
    let into = match anchor.row {
        0 => 0,
        // The middle of the row, so that going back and forth doesn't climb.
        row => (2 * row + 1) * now / (2 * anchor.rows).max(1),
    };
    (first + into.min(now.saturating_sub(1))).min(rows.len().saturating_sub(1))
}

fn first_row(document: &Document, rows: &[Row], block: usize) -> usize {
    match document.blocks.get(block) {
        // Whatever stands above the first block belongs to it.
        Some(_) if block == 0 => 0,
        Some(block) => rows.partition_point(|row| row.source.start < block.source.start),
        None => rows.len(),
    }
}

/// Goes to a step's instructions, on the open page or another one.
pub(super) fn go_to_step(model: &mut Model, id: &str) -> Vec<Effect> {
    let step = model.course.as_ref().and_then(|course| course.step(id));
    let Some(part) = step.map(|(part, _)| part.id) else { return Vec::new() };
    if part != model.part {
        // The step itself is recorded, not the page's first one.
        drop(open_part(model, part));
    }
    model.proof_scroll = 0;
    with_page(model, |page, view| page.go_to_step(id, view));
    match &model.account {
        Account::Open(_) => vec![Effect::Record(Entry::Opened(id.to_owned()))],
        _ => Vec::new(),
    }
}

/// Takes an action that leads to another place.
pub(super) fn go(model: &mut Model, action: Action) -> Vec<Effect> {
    match action {
        Action::Map => map::toggle(model),
        Action::Search => search::open(model),
        Action::PreviousHit => search::step(model, false),
        Action::NextValue => unknown::step(model, true),
        Action::PreviousValue => unknown::step(model, false),
        _ => back(model),
    }
}

/// Notes the place that is read, before it is left for another one.
pub(super) fn leave(model: &mut Model) {
    let spot = Spot { part: model.part, anchor: model.page.anchor() };
    if model.spots.len() == KEPT {
        model.spots.remove(0);
    }
    model.spots.push(spot);
}

/// Goes back to the place that was left last.
fn back(model: &mut Model) -> Vec<Effect> {
    let Some(Spot { part, anchor }) = model.spots.pop() else {
        notify(model, model.words().back_none.to_owned());
        return Vec::new();
    };
    model.notice = None;
    let effects = if part == model.part { Vec::new() } else { open_part(model, part) };
    with_page(model, |page, view| page.go_to_anchor(anchor, view));
    effects
}

#[cfg(test)]
mod tests {
    use super::*;

    fn outline(text: &str) -> Outline {
        Outline(text.bytes().map(u64::from).collect())
    }

    #[test]
    fn a_block_is_found_again_beside_what_has_changed() {
        let found = |old: &str, new: &str, block| outline(old).find(block, &outline(new));
        assert_eq!(found("abcd", "abcd", 2), 2);
        assert_eq!(found("abcd", "aXbcd", 3), 4, "one came in above");
        assert_eq!(found("aXbcd", "abcd", 4), 3, "one went above");
        assert_eq!(found("abcd", "aYcd", 1), 1, "the block itself says something else");
        assert_eq!(found("abcd", "AbCd", 2), 2);
        assert_eq!(found("abcd", "ABCD", 3), 3, "another language");
        assert_eq!(found("abcd", "AB", 3), 1);
        assert_eq!(found("abcd", "", 3), 0);
        assert_eq!(found("aab", "aaab", 2), 3);
    }
}
