//! Keys in a window that is read, and may ask something.

use super::{evidence, notify, shell};
use crate::tui::action::Action;
use crate::tui::actions::solve;
use crate::tui::model::{Model, Sheet, SheetKind};
use crate::tui::msg::Effect;
use crate::tui::page::SIDEWAYS;
use crate::tui::room::{self, RoomEffect};
use crate::tui::view::{areas, sheets};
use crate::tui::work::{Fit, WorkEffect};

/// Takes an action while a sheet is open.
pub(in crate::tui) fn act_in_sheet(model: &mut Model, action: Action) -> Vec<Effect> {
    let Some(sheet) = &model.sheet else { return Vec::new() };
    match (action, &sheet.kind) {
        (Action::Close, _)
        | (Action::Help, SheetKind::Keys)
        | (Action::Room, SheetKind::Room)
        | (Action::AskHelp, SheetKind::Help(_) | SheetKind::HelpOpen)
        | (Action::Evidence, SheetKind::Evidence { .. }) => {
            model.sheet = None;
            Vec::new()
        }
        (Action::Open, _) => confirm(model),
        (Action::Evidence, SheetKind::Help(plan)) => {
            let kind = SheetKind::Help(room::show_or_hide(plan));
            model.sheet = Some(Sheet::new(kind));
            Vec::new()
        }
        (Action::Copy, SheetKind::Run(plan)) => vec![Effect::Copy(plan.script.clone())],
        (Action::NextStep | Action::PreviousStep, SheetKind::Evidence { step, check }) => {
            let forward = action == Action::NextStep;
            if let Some(other) = evidence::beside(model, step, check, forward) {
                let kind = SheetKind::Evidence { step: step.clone(), check: other };
                model.sheet = Some(Sheet::new(kind));
            }
            Vec::new()
        }
        _ => {
            scroll(model, action);
            Vec::new()
        }
    }
}

/// Does what the sheet asks about. What isn't seen can't be agreed to.
fn confirm(model: &mut Model) -> Vec<Effect> {
    if areas::areas(model.size, model.focus()).is_none() {
        return Vec::new();
    }
    let Some(sheet) = model.sheet.take() else { return Vec::new() };
    match sheet.kind {
        SheetKind::Solve { steps, .. } => solve(model, steps),
        SheetKind::NoApp(dir, job) => vec![Effect::Work(WorkEffect::WriteApp(dir, job))],
        SheetKind::Run(plan) => shell::begin(model, plan),
        SheetKind::Edit(plan) if matches!(plan.fit, Fit::Fits(_)) => {
            vec![Effect::Work(WorkEffect::Edit(plan))]
        }
        SheetKind::Help(plan) => room::ask(model, plan),
        SheetKind::HelpOpen => room::take_back(model),
        SheetKind::Join(plan) => vec![Effect::Room(RoomEffect::Join(plan))],
        SheetKind::LeaveRoom => room::leave(model),
        SheetKind::Keys | SheetKind::Edit(_) | SheetKind::Evidence { .. } | SheetKind::Room => {
            Vec::new()
        }
        SheetKind::Leave => {
            if !shell::runs(model) {
                return vec![Effect::Cancel, Effect::Quit];
            }
            model.leaving = true;
            notify(model, model.words().leaving.to_owned());
            shell::end_shell(model)
        }
    }
}

fn scroll(model: &mut Model, action: Action) {
    let Some(sheet) = &model.sheet else { return };
    let extent = sheets::extent(model, sheet);
    let Some(sheet) = &mut model.sheet else { return };
    let last = extent.rows.saturating_sub(extent.height);
    let at = sheet.scroll.min(last);
    let half = (extent.height / 2).max(1);
    let page = extent.height.saturating_sub(1).max(1);
    match action {
        Action::Down => sheet.scroll = at + 1,
        Action::Up => sheet.scroll = at.saturating_sub(1),
        Action::HalfDown => sheet.scroll = at + half,
        Action::HalfUp => sheet.scroll = at.saturating_sub(half),
        Action::PageDown => sheet.scroll = at + page,
        Action::PageUp => sheet.scroll = at.saturating_sub(page),
        Action::Top => sheet.scroll = 0,
        Action::Bottom => sheet.scroll = last,
        Action::Left | Action::Right => {
            let by = if action == Action::Left { -SIDEWAYS } else { SIDEWAYS };
            sheet.sideways = sheet.sideways.saturating_add_signed(by).min(extent.sideways);
        }
        _ => {}
    }
    sheet.scroll = sheet.scroll.min(last);
}
