//! What each action does to the state.

use crate::course::{Action as Deed, Course, PartId, Step};
use crate::i18n::fill;

use super::action::Action;
use super::backend::{Entry, Scope};
use super::language::next_language;
use super::model::{Account, Model, Pane, Popup, Run, RunKind};
use super::msg::Effect;
use super::page::SIDEWAYS;
use super::update::{
    choose_account, complain, next_hint, notify, open_account, open_part, relayout, with_page,
};
use super::view::areas;
use super::{map, place, search, unknown};

/// Takes an action: what stands over the panes takes it first.
pub(super) fn act(model: &mut Model, action: Action) -> Vec<Effect> {
    match action {
        Action::Quit => return vec![Effect::Cancel, Effect::Quit],
        Action::Suspend => return vec![Effect::Suspend],
        Action::Language => return next_language(model),
        _ => {}
    }
    if model.chooser.is_some() {
        return act_in_chooser(model, action);
    }
    if model.popup.is_some() {
        return act_in_popup(model, action);
    }
    let cancels = action == Action::Close && model.run.is_some();
    let through = matches!(action, Action::VerifyAll | Action::Search | Action::Help);
    if model.map.is_some() && !through && !cancels {
        return map::act(model, action);
    }
    act_in_panes(model, action)
}

fn act_in_panes(model: &mut Model, action: Action) -> Vec<Effect> {
    match action {
        Action::Map
        | Action::Search
        | Action::PreviousHit
        | Action::NextValue
        | Action::PreviousValue
        | Action::Back => place::go(model, action),
        Action::NextStep if search::is_active(model) => search::step(model, true),
        Action::VerifyStep => verify_step(model),
        Action::VerifyModule => {
            let scope = match model.part {
                PartId::Module(number) => Scope::Module(number),
                PartId::Cleanup => Scope::Cleanup,
            };
            if model.step().is_some() { verify(model, scope) } else { Vec::new() }
        }
        Action::VerifyAll => verify(model, Scope::All),
        Action::NextStep => move_step(model, true),
        Action::PreviousStep => move_step(model, false),
        Action::Hint => unlock_hint(model),
        Action::Solve => ask_to_solve(model),
        Action::Copy => copy(model),
        Action::NextCode => on_page(model, |page, view| page.step_code(true, view)),
        Action::PreviousCode => on_page(model, |page, view| page.step_code(false, view)),
        Action::Left => on_page(model, |page, view| page.scroll_sideways(-SIDEWAYS, view)),
        Action::Right => on_page(model, |page, view| page.scroll_sideways(SIDEWAYS, view)),
        Action::NextPane => focus(model, true),
        Action::PreviousPane => focus(model, false),
        Action::Open => open_marked(model),
        Action::Close => close(model),
        Action::Account => {
            if model.run.is_some() {
                notify(model, model.words().busy.to_owned());
                return Vec::new();
            }
            choose_account(model)
        }
        Action::Help => {
            model.popup = Some(Popup::Help(0));
            Vec::new()
        }
        Action::Down
        | Action::Up
        | Action::HalfDown
        | Action::HalfUp
        | Action::PageDown
        | Action::PageUp
        | Action::Top
        | Action::Bottom => travel(model, action),
        Action::Quit | Action::Suspend | Action::Language | Action::Filter | Action::Domain => {
            Vec::new()
        }
    }
}

fn act_in_chooser(model: &mut Model, action: Action) -> Vec<Effect> {
    let Some(chooser) = &mut model.chooser else { return Vec::new() };
    let last = chooser.len() - 1;
    match action {
        Action::Down | Action::NextPane => chooser.cursor = (chooser.cursor + 1).min(last),
        Action::Up | Action::PreviousPane => chooser.cursor = chooser.cursor.saturating_sub(1),
        Action::Top => chooser.cursor = 0,
        Action::Bottom => chooser.cursor = last,
        Action::Open => {
            let choice = chooser.choice();
            return open_account(model, choice);
        }
        Action::Close if model.account != Account::None => model.chooser = None,
        _ => {}
    }
    Vec::new()
}

fn act_in_popup(model: &mut Model, action: Action) -> Vec<Effect> {
    match (&mut model.popup, action) {
        (Some(Popup::ConfirmSolve { steps, .. }), Action::Open) => {
            let steps = std::mem::take(steps);
            model.popup = None;
            solve(model, steps)
        }
        (Some(Popup::Help(scroll)), Action::Down | Action::HalfDown | Action::PageDown) => {
            *scroll = (*scroll + 1).min(super::action::ENTRIES.len());
            Vec::new()
        }
        (Some(Popup::Help(scroll)), Action::Up | Action::HalfUp | Action::PageUp) => {
            *scroll = scroll.saturating_sub(1);
            Vec::new()
        }
        (_, Action::Close | Action::Help) => {
            model.popup = None;
            Vec::new()
        }
        _ => Vec::new(),
    }
}

/// Whether a run may begin; says why not.
fn may_run(model: &mut Model) -> bool {
    if model.run.is_some() {
        notify(model, model.words().busy.to_owned());
        return false;
    }
    match &model.account {
        Account::Open(_) => true,
        Account::Failed(trouble) => {
            let trouble = trouble.clone();
            complain(model, &trouble);
            false
        }
        Account::None | Account::Opening(_) => {
            notify(model, model.words().no_account_yet.to_owned());
            false
        }
    }
}

fn begin(model: &mut Model, kind: RunKind) -> u64 {
    model.runs += 1;
    model.notice = None;
    let detail = String::new();
    model.run = Some(Run { number: model.runs, kind, judged: 0, total: 0, detail });
    model.runs
}

fn verify_step(model: &mut Model) -> Vec<Effect> {
    let Some(id) = model.step().map(|step| step.spec.id.clone()) else { return Vec::new() };
    verify(model, Scope::Step(id))
}

pub(super) fn verify(model: &mut Model, scope: Scope) -> Vec<Effect> {
    if !may_run(model) {
        return Vec::new();
    }
    let number = begin(model, RunKind::Verify(scope.clone()));
    vec![Effect::Verify(number, scope, model.lang)]
}

fn solve(model: &mut Model, steps: Vec<String>) -> Vec<Effect> {
    if !may_run(model) {
        return Vec::new();
    }
    let number = begin(model, RunKind::Solve(steps.clone()));
    vec![Effect::Solve(number, steps)]
}

fn move_step(model: &mut Model, forward: bool) -> Vec<Effect> {
    let Some(part) = model.open_part() else { return Vec::new() };
    let ids: Vec<String> = part.steps.iter().map(|step| step.spec.id.clone()).collect();
    let here = model.page.step.as_ref().and_then(|id| ids.iter().position(|other| other == id));
    let target = match (here, forward) {
        (None, true) => Some(0),
        (None, false) => None,
        (Some(index), true) => Some(index + 1),
        (Some(0), false) => {
            on_page(model, |page, view| page.scroll_to_end(false, view));
            return Vec::new();
        }
        (Some(index), false) => Some(index - 1),
    };
    let Some(id) = target.and_then(|index| ids.get(index)).cloned() else { return Vec::new() };
    place::go_to_step(model, &id)
}

fn unlock_hint(model: &mut Model) -> Vec<Effect> {
    let Some((check, step, open)) = next_hint(model) else {
        notify(model, model.words().hint_none.to_owned());
        return Vec::new();
    };
    let (columns, height) = areas::text_of_proof(model.size, model.pane);
    let (columns, height) = (usize::from(columns), usize::from(height));
    let before = super::proof::rows(model, columns, height);
    model.past.hints.insert(check.clone(), open);
    // In a low pane the hint may stand below what is seen.
    let after = super::proof::rows(model, columns, height);
    let new = before.iter().zip(&after).take_while(|(a, b)| a == b).count();
    if new + 4 > model.proof_scroll + height {
        model.proof_scroll = new.saturating_sub(1).min(after.len().saturating_sub(height));
    }
    vec![Effect::Record(Entry::Hint { check, step, open })]
}

/// Asks before the solution runs: says which steps, and what they do.
fn ask_to_solve(model: &mut Model) -> Vec<Effect> {
    if !matches!(model.account, Account::Open(_)) {
        may_run(model);
        return Vec::new();
    }
    let words = model.words();
    if !model.is_practice() {
        notify(model, words.solve_only_practice.to_owned());
        return Vec::new();
    }
    let Some((course, step)) = model.course.clone().zip(model.step()) else { return Vec::new() };
    let steps = with_needs(model, &course, step);
    let mut lines = Vec::new();
    for id in &steps {
        let Some((_, step)) = course.step(id) else { continue };
        lines.push(format!("{id} {}", step.spec.title.get(model.lang.tag())));
        let files = model.page.codes_of(id).filter(|code| code.language() == "diff");
        let files: Vec<&str> = files.filter_map(|code| code.option("apply")).collect();
        lines.extend(files.iter().map(|file| format!("  {}", fill(words.solve_apply, &[file]))));
        let deeds = step.spec.solve.iter();
        lines.extend(deeds.map(|deed| format!("  {}", deed_line(model, &course, deed))));
        if files.is_empty() && step.spec.solve.is_empty() {
            lines.push(format!("  {}", words.solve_nothing));
        }
    }
    model.popup = Some(Popup::ConfirmSolve { steps, lines });
    Vec::new()
}

/// The step, after those that it rests on and that aren't done: what it needs, and the earlier
/// steps of its module, whose changes to the template its own changes begin from.
fn with_needs(model: &Model, course: &Course, step: &Step) -> Vec<String> {
    let mut wanted = vec![step.spec.id.clone()];
    let mut at = 0;
    while let Some(id) = wanted.get(at).cloned() {
        at += 1;
        let Some((part, step)) = course.step(&id) else { continue };
        let earlier = part.steps.iter().take_while(|other| other.spec.id != id);
        let earlier = earlier.filter(|step| !step.spec.optional).map(|step| &step.spec.id);
        for need in earlier.chain(&step.spec.needs) {
            let open = course.step(need).is_some_and(|(_, step)| !model.is_done(step));
            if open && !wanted.contains(need) {
                wanted.push(need.clone());
            }
        }
    }
    let order = course.parts().flat_map(|part| part.steps).map(|step| &step.spec.id);
    order.filter(|id| wanted.contains(id)).cloned().collect()
}

fn deed_line(model: &Model, course: &Course, deed: &Deed) -> String {
    let words = model.words();
    let line = match deed {
        Deed::Deploy { template, stack, .. } => {
            let name = course.index.stacks.get(stack).unwrap_or(stack);
            fill(words.solve_deploy, &[template, name])
        }
        Deed::DeleteStack(stack) => {
            let name = course.index.stacks.get(stack).unwrap_or(stack);
            fill(words.solve_delete, &[name])
        }
        Deed::EmptyBucket { stack, bucket } => {
            let name = course.index.stacks.get(stack).unwrap_or(stack);
            fill(words.solve_empty, &[bucket, name])
        }
        Deed::Each { list, actions, .. } => {
            let inner = actions.iter().map(|deed| deed_line(model, course, deed));
            let inner: Vec<String> = inner.collect();
            fill(words.solve_each, &[&deed_line(model, course, list), &inner.join(", ")])
        }
        Deed::Http { method, url, .. } => {
            // The address that a placeholder stands for says less than the path.
            let path = url.split_once("}}").map_or(url.as_str(), |(_, path)| path);
            fill(words.solve_http, &[method, path])
        }
        Deed::Dependencies { dir, .. } => fill(words.solve_file, &[&format!("{dir}/package.json")]),
        Deed::File { path, .. } => fill(words.solve_file, &[path]),
    };
    crate::markdown::sanitize::clean_line(&line)
}

fn copy(model: &mut Model) -> Vec<Effect> {
    let Some(code) = model.page.marked_code() else {
        notify(model, model.words().copy_none.to_owned());
        return Vec::new();
    };
    if let Some(missing) = code.missing.first() {
        let name = code.text[missing.clone()].to_owned();
        notify(model, fill(model.words().copy_missing, &[&name]));
        return Vec::new();
    }
    vec![Effect::Copy(code.text.clone())]
}

fn on_page(
    model: &mut Model,
    change: impl FnOnce(&mut super::page::PageView, &super::page::Viewport<'_>),
) -> Vec<Effect> {
    with_page(model, |page, view| change(page, view));
    Vec::new()
}

fn focus(model: &mut Model, forward: bool) -> Vec<Effect> {
    const ORDER: [Pane; 3] = [Pane::Modules, Pane::Page, Pane::Proof];
    let here = ORDER.iter().position(|&pane| pane == model.pane).unwrap_or(1);
    let next = if forward { here + 1 } else { here + ORDER.len() - 1 };
    model.pane = ORDER[next % ORDER.len()];
    relayout(model);
    Vec::new()
}

fn open_marked(model: &mut Model) -> Vec<Effect> {
    match model.pane {
        Pane::Modules => {}
        Pane::Page => return unknown::open(model).unwrap_or_default(),
        Pane::Proof => return Vec::new(),
    }
    let Some(&part) = model.listed().get(model.cursor) else { return Vec::new() };
    place::leave(model);
    model.pane = Pane::Page;
    model.notice = None;
    open_part(model, part)
}

fn close(model: &mut Model) -> Vec<Effect> {
    if model.run.take().is_some() {
        notify(model, model.words().cancelled.to_owned());
        return vec![Effect::Cancel];
    }
    model.clock.dismiss();
    if search::is_active(model) {
        return search::close(model);
    }
    model.notice = None;
    Vec::new()
}

/// Moves in the pane that has the focus.
fn travel(model: &mut Model, action: Action) -> Vec<Effect> {
    match model.pane {
        Pane::Modules => {
            let last = model.listed().len().saturating_sub(1);
            model.cursor = moved(model.cursor, action, 10, last);
        }
        Pane::Proof => {
            let (columns, height) = areas::text_of_proof(model.size, model.pane);
            let rows = super::proof::rows(model, columns.into(), height.into()).len();
            let last = rows.saturating_sub(usize::from(height));
            model.proof_scroll = moved(model.proof_scroll, action, usize::from(height), last);
        }
        Pane::Page => {
            with_page(model, |page, view| {
                let height = isize::try_from(view.height).unwrap_or(1);
                match action {
                    Action::Top | Action::Bottom => {
                        page.scroll_to_end(action == Action::Bottom, view);
                    }
                    Action::Down => page.scroll_by(1, view),
                    Action::Up => page.scroll_by(-1, view),
                    Action::HalfDown => page.scroll_by((height / 2).max(1), view),
                    Action::HalfUp => page.scroll_by(-(height / 2).max(1), view),
                    Action::PageDown => page.scroll_by((height - 1).max(1), view),
                    _ => page.scroll_by(-(height - 1).max(1), view),
                }
            });
        }
    }
    Vec::new()
}

pub(super) fn moved(at: usize, action: Action, height: usize, last: usize) -> usize {
    let half = (height / 2).max(1);
    let to = match action {
        Action::Down => at + 1,
        Action::Up => at.saturating_sub(1),
        Action::HalfDown => at + half,
        Action::HalfUp => at.saturating_sub(half),
        Action::PageDown => at + height,
        Action::PageUp => at.saturating_sub(height),
        Action::Bottom => last,
        _ => 0,
    };
    to.min(last)
}
