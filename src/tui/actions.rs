//! What each action does to the state.

mod solve;
mod travel;

use crate::course::PartId;
use crate::i18n::fill;

use super::action::Action;
use super::backend::{Entry, Scope};
use super::language::next_language;
use super::model::{Account, Model, Pane, Run, RunKind, Sheet, SheetKind};
use super::msg::Effect;
use super::page::{PageView, SIDEWAYS};
use super::update::{
    Kind, act_in_sheet, choose_account, complain, end_shell, marked_kind, next_hint, notify,
    open_account, open_evidence, open_part, perform, relayout, toggle_output, undo, with_page,
};
use super::view::areas;
use super::{map, palette, place, room, search, unknown};

use solve::ask_to_solve;

pub(super) use solve::solve;
pub(super) use travel::{moved, travel};

/// Takes an action: what stands over the panes takes it first.
pub(super) fn act(model: &mut Model, action: Action) -> Vec<Effect> {
    match action {
        Action::Quit => return leave(model),
        Action::Interrupt => return interrupt(model),
        Action::Suspend => return vec![Effect::Suspend],
        Action::Language => return next_language(model),
        Action::Palette if model.chooser.is_none() && model.sheet.is_none() => {
            return palette::open(model);
        }
        _ => {}
    }
    if model.chooser.is_some() {
        return act_in_chooser(model, action);
    }
    if model.sheet.is_some() {
        return act_in_sheet(model, action);
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
        Action::AskHelp => room::ask_or_take_back(model),
        Action::Room => room::open(model),
        Action::LeaveRoom => room::ask_to_leave(model),
        Action::Evidence => open_evidence(model),
        Action::Reveal => super::questions::reveal(model),
        Action::Solve => ask_to_solve(model),
        Action::Perform => perform(model),
        Action::Undo => undo(model),
        Action::Output => toggle_output(model),
        Action::Copy => copy(model),
        Action::NextCode => on_page(model, |page, view| page.step_mark(true, view)),
        Action::PreviousCode => on_page(model, |page, view| page.step_mark(false, view)),
        Action::Left => on_page(model, |page, view| page.scroll_sideways(-SIDEWAYS, view)),
        Action::Right => on_page(model, |page, view| page.scroll_sideways(SIDEWAYS, view)),
        Action::NextPane => focus(model, true),
        Action::PreviousPane => focus(model, false),
        Action::Open => open_marked(model),
        Action::Close => close(model),
        Action::Account => choose_another(model),
        Action::Help => {
            model.sheet = Some(Sheet::new(SheetKind::Keys));
            Vec::new()
        }
        Action::Down
        | Action::Up
        | Action::HalfDown
        | Action::HalfUp
        | Action::PageDown
        | Action::PageUp
        | Action::Top
        | Action::Bottom => travel(model, model.pane, action),
        Action::Quit
        | Action::Interrupt
        | Action::Suspend
        | Action::Language
        | Action::Filter
        | Action::Domain
        | Action::Palette => Vec::new(),
    }
}

fn runs_command(model: &Model) -> bool {
    model.shell.as_ref().is_some_and(super::shell::Shell::runs)
}

/// Opens the choice of the account, where nothing runs in the one that is open.
fn choose_another(model: &mut Model) -> Vec<Effect> {
    if model.run.is_some() || runs_command(model) {
        notify(model, model.words().busy.to_owned());
        return Vec::new();
    }
    choose_account(model)
}

/// Leaves; asks first where that would end a command.
fn leave(model: &mut Model) -> Vec<Effect> {
    if !runs_command(model) {
        return vec![Effect::Cancel, Effect::Quit];
    }
    model.chooser = None;
    model.sheet = Some(Sheet::new(SheetKind::Leave));
    Vec::new()
}

/// Ctrl-C: ends the command that runs, as in a shell; else leaves.
fn interrupt(model: &mut Model) -> Vec<Effect> {
    if runs_command(model) { end_shell(model) } else { vec![Effect::Cancel, Effect::Quit] }
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

/// Whether a run may begin; says why not.
fn may_run(model: &mut Model) -> bool {
    // What began by itself gives way to what is asked for.
    if model.run.as_ref().is_some_and(|run| !run.by_itself) {
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
    let by_itself = false;
    model.run = Some(Run { number: model.runs, kind, judged: 0, total: 0, detail, by_itself });
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
    uncover_proof(model);
    let mut effects = give_way(model);
    let number = begin(model, RunKind::Verify(scope.clone()));
    effects.push(Effect::Verify(number, scope, model.lang));
    effects
}

/// Hides what an ended command printed, where it stands in the place of the proof.
fn uncover_proof(model: &mut Model) {
    let hidden = !areas::shows_one(model.size) && !areas::shows_proof(model.size, model.focus());
    let ended = model.shell.as_ref().is_some_and(|shell| !shell.runs());
    if hidden && ended && model.focus().output {
        toggle_output(model);
    }
}

/// Ends a verification that nobody asked for.
fn give_way(model: &mut Model) -> Vec<Effect> {
    model.run.take_if(|run| run.by_itself).map(|_| Effect::Cancel).into_iter().collect()
}

/// Goes to the next step, or to the one before. Behind the last step comes the look back, and
/// behind that the step that the plan goes on with.
fn move_step(model: &mut Model, forward: bool) -> Vec<Effect> {
    let Some(part) = model.open_part() else { return Vec::new() };
    let ids: Vec<String> = part.steps.iter().map(|step| step.spec.id.clone()).collect();
    let behind = model.page.is_behind_steps();
    let here = model.page.step.as_ref().and_then(|id| ids.iter().position(|other| other == id));
    let target = match (here, forward) {
        (None, true) if behind => return go_on(model),
        (None, false) if behind => ids.len().checked_sub(1),
        (None, true) => Some(0),
        (None, false) => None,
        (Some(index), true) if index + 1 == ids.len() => {
            on_page(model, PageView::go_behind_steps);
            return if model.page.is_behind_steps() { Vec::new() } else { go_on(model) };
        }
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

/// Goes to the step that the plan names next, in whichever module.
fn go_on(model: &mut Model) -> Vec<Effect> {
    let wish = model.wish();
    let next = model.course.as_ref().and_then(|course| course.next_step(&wish));
    let Some(id) = next.map(|next| next.step.spec.id.clone()) else {
        notify(model, model.words().next_none.to_owned());
        return Vec::new();
    };
    place::leave(model);
    place::go_to_step(model, &id)
}

fn unlock_hint(model: &mut Model) -> Vec<Effect> {
    let Some((check, step, open)) = next_hint(model) else {
        notify(model, model.words().hint_none.to_owned());
        return Vec::new();
    };
    if !areas::shows_proof(model.size, model.focus()) {
        model.pane = Pane::Proof;
        relayout(model);
    }
    let (columns, height) = areas::text_of_proof(model.size, model.focus());
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

fn copy(model: &mut Model) -> Vec<Effect> {
    if let Some(address) = model.page.marked_link().map(str::to_owned) {
        model.copying = Some(address.clone());
        return vec![Effect::Copy(address)];
    }
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
    change: impl FnOnce(&mut PageView, &super::page::Viewport<'_>),
) -> Vec<Effect> {
    with_page(model, |page, view| change(page, view));
    Vec::new()
}

fn focus(model: &mut Model, forward: bool) -> Vec<Effect> {
    const ORDER: [Pane; 4] = [Pane::Modules, Pane::Page, Pane::Proof, Pane::Output];
    let order = if model.focus().output { &ORDER[..] } else { &ORDER[..3] };
    let here = order.iter().position(|&pane| pane == model.pane).unwrap_or(1);
    let next = if forward { here + 1 } else { here + order.len() - 1 };
    model.pane = order[next % order.len()];
    relayout(model);
    Vec::new()
}

/// Opens what is marked: a module, or something on the page. Commands have a key of their own,
/// because Enter pressed twice would run them.
fn open_marked(model: &mut Model) -> Vec<Effect> {
    match model.pane {
        Pane::Modules => {}
        Pane::Page => return open_on_page(model),
        Pane::Proof | Pane::Output => return Vec::new(),
    }
    let Some(&part) = model.listed().get(model.cursor) else { return Vec::new() };
    place::leave(model);
    model.pane = Pane::Page;
    model.notice = None;
    open_part(model, part)
}

fn close(model: &mut Model) -> Vec<Effect> {
    if model.run.take_if(|run| !run.by_itself).is_some() {
        notify(model, model.words().cancelled.to_owned());
        return vec![Effect::Cancel];
    }
    if runs_command(model) {
        return end_shell(model);
    }
    model.clock.dismiss();
    if search::is_active(model) {
        return search::close(model);
    }
    if model.notice.take().is_some() || room::dismiss(model) {
        return Vec::new();
    }
    if model.focus().output { toggle_output(model) } else { Vec::new() }
}

/// Opens what is marked on the page: the way to a value that isn't known yet, else a link's address,
/// else a block's change.
fn open_on_page(model: &mut Model) -> Vec<Effect> {
    if let Some(effects) = unknown::open(model) {
        return effects;
    }
    if model.page.marked_link().is_some() {
        return copy(model);
    }
    match marked_kind(model) {
        Some(Kind::Change | Kind::Write) => perform(model),
        Some(Kind::Run) => {
            notify(model, model.words().run_key.to_owned());
            Vec::new()
        }
        None => Vec::new(),
    }
}
