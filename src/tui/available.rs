//! Which actions mean something at the moment.

use super::action::Action;
use super::model::{Model, Pane};
use super::shell::Shell;
use super::update::{can_explain, marked_kind, next_hint};
use super::{questions, room, search};

/// Whether an action means something at the moment; the footer shows only those.
pub fn is_available(model: &Model, action: Action) -> bool {
    if model.sheet.is_some() || model.chooser.is_some() {
        return matches!(action, Action::Close | Action::Quit);
    }
    if model.map.is_some() {
        return matches!(
            action,
            Action::Open
                | Action::Filter
                | Action::Domain
                | Action::Search
                | Action::Map
                | Action::Language
                | Action::Help
                | Action::Quit
        );
    }
    match action {
        Action::Filter | Action::Domain => false,
        Action::Open => match model.pane {
            Pane::Modules => true,
            Pane::Page => model.page.marked_unknown().is_some(),
            Pane::Proof | Pane::Output => false,
        },
        Action::PreviousHit => search::is_active(model),
        Action::NextValue => !model.page.unknowns.is_empty(),
        Action::Back => !model.spots.is_empty(),
        Action::Close => {
            let run = model.run.as_ref().is_some_and(|run| !run.by_itself);
            run || model.shell.as_ref().is_some_and(Shell::runs)
        }
        Action::Perform => marked_kind(model).is_some(),
        Action::Evidence => can_explain(model),
        Action::Reveal => model.page.is_behind_steps() && questions::hidden(model).is_some(),
        Action::Hint => next_hint(model).is_some(),
        Action::AskHelp => room::is_in_room(model) && model.step().is_some(),
        Action::Solve => model.is_practice() && model.step().is_some(),
        Action::Copy => model.page.mark.is_some(),
        Action::VerifyStep | Action::VerifyModule | Action::NextStep => {
            model.step().is_some() && model.run.is_none()
        }
        _ => true,
    }
}

/// Why an action would do nothing at the moment, in the interface's language; none where it does
/// something. More exact than the footer, which leaves out what needs no reminder.
pub(super) fn why_not(model: &Model, action: Action) -> Option<&'static str> {
    let words = model.words();
    let run = model.run.as_ref().is_some_and(|run| !run.by_itself);
    let runs = run || model.shell.as_ref().is_some_and(Shell::runs);
    if model.map.is_some() {
        return why_not_on_map(model, action, run);
    }
    let (why, not) = match action {
        Action::Filter | Action::Domain => (words.why_map_closed, true),
        Action::VerifyStep | Action::VerifyModule | Action::VerifyAll if run => {
            (words.why_busy, true)
        }
        Action::Account => (words.why_busy, runs),
        Action::Solve if !model.is_practice() => (words.why_practice, true),
        Action::VerifyStep
        | Action::VerifyModule
        | Action::NextStep
        | Action::PreviousStep
        | Action::Solve => (words.why_no_step, model.step().is_none()),
        Action::Open => {
            let page = model.page.mark.is_some() || model.page.marked_unknown().is_some();
            let marked = model.pane == Pane::Modules || (model.pane == Pane::Page && page);
            (words.why_not_marked, !marked)
        }
        Action::PreviousHit => (words.why_no_search, !search::is_active(model)),
        Action::NextValue | Action::PreviousValue => {
            (words.why_no_value, model.page.unknowns.is_empty())
        }
        Action::Back => (words.why_no_place, model.spots.is_empty()),
        Action::Close => {
            let open = search::is_active(model) || model.focus().output;
            (words.why_nothing_runs, !runs && !open)
        }
        Action::Hint => (words.why_no_hint, next_hint(model).is_none()),
        Action::AskHelp | Action::LeaveRoom => (words.why_no_room, !room::is_in_room(model)),
        Action::Evidence => (words.why_not_checked, !can_explain(model)),
        Action::Perform => (words.why_not_marked, marked_kind(model).is_none()),
        Action::Copy => (words.why_not_marked, model.page.mark.is_none()),
        Action::Output => (words.why_no_output, model.shell.is_none()),
        other => (words.why_not_now, !is_available(model, other)),
    };
    not.then_some(why)
}

/// [`why_not`] for what the map takes itself, or lets through.
fn why_not_on_map(model: &Model, action: Action, run: bool) -> Option<&'static str> {
    let words = model.words();
    match action {
        Action::VerifyAll => run.then_some(words.why_busy),
        Action::Close
        | Action::Suspend
        | Action::Interrupt
        | Action::Palette
        | Action::Down
        | Action::Up
        | Action::HalfDown
        | Action::HalfUp
        | Action::PageDown
        | Action::PageUp
        | Action::Top
        | Action::Bottom => None,
        other => (!is_available(model, other)).then_some(words.why_map_open),
    }
}
