//! What runs, a verification or a solution: its progress and its outcome.

use crate::check::{Report, State};
use crate::i18n::fill;

use super::{complain, not_recorded, notify, render_page, settle};
use crate::tui::backend::{AccountInfo, Progress, Trouble};
use crate::tui::map;
use crate::tui::model::{Account, Model, Run, RunKind};
use crate::tui::msg::Effect;

/// The run with this number, while it is the one that runs.
fn current(model: &mut Model, number: u64) -> Option<&mut Run> {
    model.run.as_mut().filter(|run| run.number == number)
}

/// Takes what a verification says while it runs.
pub(super) fn progressed(model: &mut Model, number: u64, progress: Progress) -> Vec<Effect> {
    match progress {
        Progress::NotRecorded(trouble) => return not_recorded(model, &trouble),
        Progress::Deployed(at) => {
            model.deployed = Some(at);
            model.dirty = true;
            return Vec::new();
        }
        Progress::Started(_) | Progress::Judged(..) => {}
    }
    let Some(run) = current(model, number) else { return Vec::new() };
    match progress {
        Progress::NotRecorded(_) | Progress::Deployed(_) => {}
        Progress::Started(total) => run.total = total,
        Progress::Judged(step, result) => {
            run.judged += 1;
            let results = model.results.entry(step).or_default();
            match results.iter_mut().find(|other| other.check == result.check) {
                Some(other) => *other = *result,
                None => results.push(*result),
            }
        }
    }
    model.dirty = true;
    Vec::new()
}

/// Takes a verification's outcome.
pub(super) fn verified(
    model: &mut Model,
    number: u64,
    outcome: Result<Box<Report>, Trouble>,
) -> Vec<Effect> {
    let Some(by_itself) = current(model, number).map(|run| run.by_itself) else {
        return Vec::new();
    };
    model.run = None;
    model.dirty = true;
    let report = match outcome {
        Ok(report) => report,
        Err(trouble) => {
            complain(model, &trouble);
            return Vec::new();
        }
    };
    let proven_at = report.started.parse().unwrap_or(model.time.wall);
    let mut said = None;
    for step in report.steps() {
        if matches!(step.state, State::Done) {
            model.past.proven.insert(step.step.clone());
            model.past.regressed.remove(&step.step);
            model.past.last_proof.insert(step.step.clone(), proven_at);
            model.past.help.take_if(|help| help.step == step.step);
        }
        let news = settle::settled(model, step, by_itself);
        said = said.or(news);
        model.states.insert(step.step.clone(), step.state);
        model.results.insert(step.step.clone(), step.checks.clone());
    }
    let Report { score, account, region, kind, .. } = *report;
    if let Account::Open(info) = &mut model.account {
        *info = AccountInfo { account, kind, region };
    }
    if by_itself {
        // Nobody asked: only news is worth a word, and another look at the account.
        let Some(news) = said else { return render_page(model, true) };
        notify(model, news);
        let mut effects = render_page(model, true);
        effects.push(Effect::ReadValues);
        return effects;
    }
    let words = model.words();
    let all = score.earned == score.possible;
    let template = if all { words.verified } else { words.verified_some };
    let (earned, possible) = (score.earned.to_string(), score.possible.to_string());
    notify(model, fill(template, &[&earned, &possible]));
    let mut effects = render_page(model, true);
    map::plan_anew(model);
    effects.extend([Effect::ReadValues, Effect::ReadExpiry(false)]);
    if model.map.is_some() {
        effects.push(Effect::ReadSpent);
    }
    effects
}

/// Says what a solution does now.
pub(super) fn solving(model: &mut Model, number: u64, detail: String) -> Vec<Effect> {
    if let Some(run) = current(model, number) {
        run.detail = detail;
        model.dirty = true;
    }
    Vec::new()
}

/// Takes a solution's outcome.
pub(super) fn solved(model: &mut Model, number: u64, outcome: Result<(), Trouble>) -> Vec<Effect> {
    let Some(run) = current(model, number) else { return Vec::new() };
    let steps = match &run.kind {
        RunKind::Solve(steps) => steps.clone(),
        RunKind::Verify(_) => Vec::new(),
    };
    model.run = None;
    model.dirty = true;
    match outcome {
        Ok(()) => {
            // What was judged before no longer says how things are.
            model.waits.retain(|_, wait| !steps.contains(&wait.step));
            for step in steps {
                model.results.remove(&step);
            }
            notify(model, model.words().solved.to_owned());
            vec![Effect::ReadValues]
        }
        Err(trouble) => {
            complain(model, &trouble);
            Vec::new()
        }
    }
}
