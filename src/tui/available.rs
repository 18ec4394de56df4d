//! Which actions mean something at the moment.

use super::action::Action;
use super::model::{Model, Pane};
use super::shell::Shell;
use super::update::{can_explain, marked_kind, next_hint};
use super::{questions, search};

/// Whether an action means something at the moment; the footer shows only those.
pub fn is_available(model: &Model, action: Action) -> bool {
    if model.popup.is_some() || model.chooser.is_some() {
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
        Action::Solve => model.is_practice() && model.step().is_some(),
        Action::Copy => model.page.mark.is_some(),
        Action::VerifyStep | Action::VerifyModule | Action::NextStep => {
            model.step().is_some() && model.run.is_none()
        }
        _ => true,
    }
}
