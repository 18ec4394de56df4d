//! The map's list: which attendees, in which order, which one is marked.

use super::action::Action;
use super::model::Model;
use super::update::{moved, notify};
use crate::instructor::crowd::{Filter, Only, Order};

/// The map's list.
#[derive(Debug, Default)]
pub struct List {
    /// The order.
    pub order: Order,
    /// Who is shown.
    pub filter: Filter,
    /// Those who are shown, by their places in the crowd.
    pub shown: Vec<usize>,
    /// The marked one, by the place in the crowd: the mark stays with them, wherever they go.
    pub marked: Option<usize>,
    /// The first line that is seen, as far as the mark is seen then.
    pub top: usize,
    /// Whether somebody changed since the list was put in order.
    pub stale: bool,
}

impl List {
    /// The line of the marked attendee.
    pub fn at(&self) -> usize {
        let marked = self.marked;
        self.shown.iter().position(|at| Some(*at) == marked).unwrap_or(0)
    }

    /// The first line that is seen, of some.
    pub fn first(&self, height: usize) -> usize {
        let at = self.at();
        let last = self.shown.len().saturating_sub(height);
        self.top.min(at).max((at + 1).saturating_sub(height)).min(last)
    }
}

/// Puts the list in order again; the mark stays with whom it marks, on the same row where it can.
pub(super) fn order_anew(model: &mut Model) {
    let mut names = model.crowd.attendees().iter().map(|one| &one.name);
    model.joined = names.any(|name| super::view::said::is_joined(name));
    let list = &mut model.list;
    let before = list.at();
    list.shown = model.crowd.listed(list.order, &list.filter);
    let stays = list.marked.is_some_and(|marked| list.shown.contains(&marked));
    if stays {
        // Who is at the top stays at the top, and sees who comes there.
        list.top = if list.top == 0 && before == 0 {
            0
        } else {
            (list.at() + list.top).saturating_sub(before)
        };
    } else {
        list.marked = list.shown.get(before.min(list.shown.len().saturating_sub(1))).copied();
    }
    if list.top == 0 && before == 0 {
        list.marked = list.shown.first().copied();
    }
}

/// Another order, from its top.
pub(super) fn sort(model: &mut Model, forward: bool) {
    let all = Order::ALL;
    let at = all.iter().position(|order| *order == model.list.order).unwrap_or(0);
    let by = if forward { 1 } else { all.len() - 1 };
    model.list.order = all[(at + by) % all.len()];
    from_top(model);
}

fn from_top(model: &mut Model) {
    (model.list.top, model.list.marked) = (0, None);
    order_anew(model);
}

/// Shows the next part of the attendees.
pub(super) fn next_filter(model: &mut Model) {
    model.list.filter.only = match model.list.filter.only {
        None => Some(Only::Stuck),
        Some(Only::Stuck) => Some(Only::Help),
        Some(Only::Help) => Some(Only::Disagree),
        Some(Only::Disagree) if model.roster.is_some() => Some(Only::Expected),
        Some(Only::Disagree | Only::Expected | Only::Module(_)) => None,
    };
    from_top(model);
}

/// Shows who works on the next module, or on the one before.
pub(super) fn step_module(model: &mut Model, forward: bool) {
    let count = model.crowd.outline().columns.len();
    let only = match (model.list.filter.only, forward) {
        (Some(Only::Module(at)), true) => Some(at + 1).filter(|at| *at < count),
        (Some(Only::Module(at)), false) => at.checked_sub(1),
        (_, true) => (count > 0).then_some(0),
        (_, false) => count.checked_sub(1),
    };
    model.list.filter.only = only.map(Only::Module);
    from_top(model);
}

/// Shows only whose name, account or step has this text.
pub(super) fn narrow(model: &mut Model, text: String) {
    model.list.filter.text = text;
    from_top(model);
}

/// Shows everybody.
pub(super) fn show_all(model: &mut Model) {
    if model.list.filter != Filter::default() {
        model.list.filter = Filter::default();
        order_anew(model);
    }
}

/// Moves the mark.
pub(super) fn travel(model: &mut Model, action: Action, height: usize) {
    let list = &mut model.list;
    let to = moved(list.at(), list.shown.len(), height, action);
    mark(model, to, height);
}

/// Marks a line, and shows it.
pub(super) fn mark(model: &mut Model, to: usize, height: usize) {
    let list = &mut model.list;
    let first = list.first(height);
    list.marked = list.shown.get(to).copied();
    list.top = first.min(to).max((to + 1).saturating_sub(height));
}

/// The lines of who is found by the search.
fn found(model: &Model) -> Vec<usize> {
    let filter = Filter { text: model.search.clone(), only: model.list.filter.only };
    let hits: std::collections::HashSet<usize> =
        model.crowd.listed(Order::Account, &filter).into_iter().collect();
    let lines = model.list.shown.iter().enumerate();
    lines.filter(|(_, at)| hits.contains(at)).map(|(line, _)| line).collect()
}

/// How many are found.
pub(super) fn hits(model: &Model) -> usize {
    found(model).len()
}

/// Marks the first who is found, from the mark on.
pub(super) fn seek(model: &mut Model) {
    if model.search.trim().is_empty() {
        return;
    }
    let (lines, at) = (found(model), model.list.at());
    let next = lines.iter().find(|line| **line >= at).or(lines.first()).copied();
    go_to(model, next);
}

/// Marks the next who is found, or the one before.
pub(super) fn step_hit(model: &mut Model, forward: bool) {
    let (lines, at) = (found(model), model.list.at());
    if model.search.trim().is_empty() || lines.is_empty() {
        notify(model, model.words().search_none.to_owned());
        return;
    }
    let next = if forward {
        lines.iter().find(|line| **line > at).or(lines.first())
    } else {
        lines.iter().rev().find(|line| **line < at).or(lines.last())
    };
    go_to(model, next.copied());
}

fn go_to(model: &mut Model, line: Option<usize>) {
    let height = super::view::areas::list_height(model.size, super::Screen::Map);
    if let Some(line) = line {
        mark(model, line, height);
    }
}
