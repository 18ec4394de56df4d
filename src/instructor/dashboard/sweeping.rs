//! Proving accounts of the roster: progress, cancelling, what came of it.

use super::backend::{Proving, Whom};
use super::model::{Model, Screen, Sheet};
use super::msg::Effect;
use super::polling::changed;
use super::update::{notify, warn};
use super::view::said::sentences;
use crate::i18n::fill;
use crate::instructor::crowd::Proof;
use crate::tui::Trouble;
use crate::tui::kit;

/// What is being proven.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Sweeping {
    /// Events of other sweeps are late and don't count.
    number: u64,
    /// The one that runs.
    pub running: Option<Progress>,
}

/// How far a sweep is.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Progress {
    /// Accounts to read; 0 while unknown.
    pub all: usize,
    /// Accounts being read.
    pub open: usize,
    /// Accounts with a result.
    pub done: usize,
}

/// Proves the marked attendee, where that is possible.
pub(super) fn prove_one(model: &mut Model) -> Vec<Effect> {
    let Some(account) = model.marked().map(|attendee| attendee.account.clone()) else {
        notify(model, model.words().none_marked.to_owned());
        return Vec::new();
    };
    let words = model.words();
    match &model.roster {
        None => notify(model, words.no_roster.to_owned()),
        Some(roster) if !roster.contains(&account) => {
            notify(model, fill(words.not_on_roster, &[&account]));
        }
        Some(_) => return begin(model, Whom::One(account)),
    }
    Vec::new()
}

/// Asks whether all of the roster is to be proven.
pub(super) fn ask_for_all(model: &mut Model) -> Vec<Effect> {
    if model.roster.is_none() {
        notify(model, model.words().no_roster.to_owned());
    } else if model.sweeping.running.is_some() {
        notify(model, model.words().sweep_busy.to_owned());
    } else {
        model.sheet = Some(Sheet::ProveAll);
        model.sheet_scroll = 0;
    }
    Vec::new()
}

/// Begins to prove.
pub(super) fn begin(model: &mut Model, whom: Whom) -> Vec<Effect> {
    if model.sweeping.running.is_some() {
        notify(model, model.words().sweep_busy.to_owned());
        return Vec::new();
    }
    if whom == Whom::All {
        model.screen = Screen::Claims;
    }
    model.notice = None;
    model.sweeping.number += 1;
    model.sweeping.running = Some(Progress::default());
    model.dirty = true;
    vec![Effect::Prove(model.sweeping.number, whom, model.lang)]
}

/// Ends the sweep; what was read stays.
pub(super) fn cancel(model: &mut Model) -> Option<Vec<Effect>> {
    let progress = model.sweeping.running.take()?;
    let (done, all) = (progress.done.to_string(), progress.all.to_string());
    notify(model, fill(model.words().sweep_cancelled, &[&done, &all]));
    Some(vec![Effect::Cancel])
}

/// Takes progress of a sweep. What it has read counts also when it was cancelled since.
pub(super) fn told(model: &mut Model, number: u64, proving: Proving) -> Vec<Effect> {
    let current = number == model.sweeping.number;
    let progress = model.sweeping.running.as_mut().filter(|_| current);
    match (proving, progress) {
        (Proving::All(all), Some(progress)) => progress.all = all,
        (Proving::Began, Some(progress)) => progress.open += 1,
        (Proving::Done(record), progress) => {
            if let Some(progress) = progress {
                progress.open = progress.open.saturating_sub(1);
                progress.done += 1;
            }
            model.crowd.prove(&record);
            changed(model);
        }
        _ => return Vec::new(),
    }
    model.dirty = true;
    Vec::new()
}

/// Takes a sweep's end.
pub(super) fn ended(model: &mut Model, number: u64, outcome: Result<(), Trouble>) -> Vec<Effect> {
    if number != model.sweeping.number {
        return Vec::new();
    }
    let Some(progress) = model.sweeping.running.take() else { return Vec::new() };
    match outcome {
        Ok(()) => {
            let differ = model.crowd.disagreements().len().to_string();
            let words = model.words();
            let done = fill(words.sweep_done, &[&progress.done.to_string(), &differ]);
            let troubled = |proof: &&Proof| proof.trouble.is_some();
            let proofs = model.crowd.attendees().iter().filter_map(|one| one.proof.as_ref());
            let unread = match proofs.filter(troubled).count() {
                0 => String::new(),
                count => fill(words.sweep_unread, &[&count.to_string()]),
            };
            notify(model, sentences(&done, &unread));
        }
        Err(trouble) => warn(model, kit::one_line(&trouble)),
    }
    Vec::new()
}
