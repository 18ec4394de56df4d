//! The command that runs: begun, followed, ended.

use std::time::Duration;

use crate::account::redact;
use crate::i18n::{Words, fill};
use crate::markdown::sanitize::clean_line;

use super::{notify, relayout, work};
use crate::tui::backend::Entry;
use crate::tui::model::{Account, Model, Pane};
use crate::tui::msg::Effect;
use crate::tui::shell::{Batch, Ended, Output, Shell, ShellState};
use crate::tui::view::areas;
use crate::tui::work::{Refusal, RunPlan, Stop, WorkEffect};

/// Characters of a command that the journal keeps.
const COMMAND: usize = 120;

/// Whether a command runs.
pub(super) fn runs(model: &Model) -> bool {
    model.shell.as_ref().is_some_and(Shell::runs)
}

/// Begins a command.
pub(super) fn begin(model: &mut Model, plan: RunPlan) -> Vec<Effect> {
    model.shells += 1;
    model.shell = Some(Shell {
        number: model.shells,
        step: plan.step.clone(),
        command: first_command(&plan.script),
        state: ShellState::Running,
        began: model.time.running,
        output: Output::default(),
        back: 0,
        shown: true,
    });
    // Where only one pane fits, it is the one with news.
    if areas::shows_one(model.size) {
        model.pane = Pane::Output;
    }
    model.notice = None;
    relayout(model);
    vec![Effect::Work(WorkEffect::Run(model.shells, plan))]
}

/// The first line of a script that does something.
fn first_command(script: &str) -> String {
    let does = |line: &&str| !line.is_empty() && !line.starts_with('#');
    let line = script.lines().map(str::trim).find(does).unwrap_or_default();
    let line = clean_line(line.trim_end_matches('\\').trim_end());
    redact(&line, &[]).chars().take(COMMAND).collect()
}

/// Tells the running command to end; each time more firmly.
pub(in crate::tui) fn end_shell(model: &mut Model) -> Vec<Effect> {
    let Some(shell) = model.shell.as_mut().filter(|shell| shell.runs()) else { return Vec::new() };
    let before = match shell.state {
        ShellState::Stopping(stop) => stop,
        _ => Stop::Not,
    };
    let stop = before.firmer();
    shell.state = ShellState::Stopping(stop);
    model.dirty = true;
    vec![Effect::Work(WorkEffect::Stop(stop))]
}

/// Shows or hides what a command printed.
pub(in crate::tui) fn toggle_output(model: &mut Model) -> Vec<Effect> {
    let Some(shell) = &mut model.shell else {
        notify(model, model.words().output_none.to_owned());
        return Vec::new();
    };
    shell.shown = !shell.shown;
    let alone = areas::shows_one(model.size);
    if shell.shown && alone {
        model.pane = Pane::Output;
    } else if !shell.shown && model.pane == Pane::Output {
        model.pane = Pane::Page;
    }
    relayout(model);
    Vec::new()
}

/// Takes output.
pub(super) fn printed(model: &mut Model, number: u64, batch: Batch) -> Vec<Effect> {
    let (columns, _) = areas::text_of_output(model.size, model.focus());
    let Some(shell) = model.shell.as_mut().filter(|shell| shell.number == number) else {
        return Vec::new();
    };
    shell.take(batch, columns.into());
    model.dirty |= shell.shown;
    Vec::new()
}

/// The command has ended, or could not begin.
pub(super) fn ended(
    model: &mut Model,
    number: u64,
    outcome: Result<Ended, Refusal>,
) -> Vec<Effect> {
    let Some(shell) = model.shell.as_mut().filter(|shell| shell.number == number) else {
        return Vec::new();
    };
    model.dirty = true;
    let mut effects = Vec::new();
    match outcome {
        Err(refusal) => {
            shell.state = ShellState::Refused(refusal.clone());
            work::refuse(model, &refusal);
        }
        Ok(ended) => {
            let entry = Entry::Ran {
                step: shell.step.clone(),
                command: shell.command.clone(),
                code: ended.code,
                stopped: ended.stopped,
                millis: u64::try_from(ended.time.as_millis()).unwrap_or(u64::MAX),
            };
            shell.state = ShellState::Ended(ended.clone());
            let text = ended_line(model, &ended);
            notify(model, text);
            if matches!(model.account, Account::Open(_)) {
                // What it did may have brought values that the page names.
                effects.extend([Effect::Record(entry), Effect::ReadValues]);
            }
        }
    }
    if model.leaving {
        effects.extend([Effect::Cancel, Effect::Quit]);
    }
    effects
}

/// How a command ended, and what to do next.
fn ended_line(model: &Model, ended: &Ended) -> String {
    let words = model.words();
    let time = time(ended.time, words);
    match ended.code {
        _ if ended.stopped => fill(words.run_stopped, &[&time]),
        Some(0) => fill(words.run_good, &[&time]),
        Some(code) => fill(words.run_failed, &[&code.to_string(), &time]),
        None => fill(words.run_killed, &[&time]),
    }
}

/// A length of time in seconds, or in minutes and seconds.
pub(in crate::tui) fn time(time: Duration, words: &Words) -> String {
    match time.as_secs() {
        seconds @ 0..60 => fill(words.seconds, &[&seconds.to_string()]),
        _ => crate::tui::time::minutes(time),
    }
}
