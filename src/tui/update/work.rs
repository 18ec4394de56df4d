//! Blocks of the page that do something: asked about, shown, done after a yes.

use std::path::Path;

use crate::course::BlockKind;
use crate::i18n::{Words, fill};
use crate::markdown::sanitize::clean_line;

use super::{complain, notify, one_line, shell};
use crate::tui::backend::Entry;
use crate::tui::model::{Account, Model, Notice, Sheet, SheetKind};
use crate::tui::msg::Effect;
use crate::tui::work::{EditKind, EditPlan, Job, JobKind, Plan, Refusal, WorkEffect, WorkMsg};

/// What the marked block does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::tui) enum Kind {
    /// Runs commands.
    Run,
    /// Changes a file.
    Change,
    /// Writes a file.
    Write,
}

/// What the marked block does; none where it is only shown.
pub(in crate::tui) fn marked_kind(model: &Model) -> Option<Kind> {
    match BlockKind::parse(&model.page.marked_code()?.info).ok()? {
        BlockKind::ShRun => Some(Kind::Run),
        BlockKind::DiffApply { .. } => Some(Kind::Change),
        BlockKind::JsonFile { .. } => Some(Kind::Write),
        BlockKind::Sh | BlockKind::Shown(_) => None,
    }
}

/// Asks what the marked block would do, so that it can be shown.
pub(in crate::tui) fn perform(model: &mut Model) -> Vec<Effect> {
    let words = model.words();
    let Some(code) = model.page.marked_code() else {
        notify(model, words.copy_none.to_owned());
        return Vec::new();
    };
    let Some(kind) = job(code) else {
        notify(model, words.only_shown.to_owned());
        return Vec::new();
    };
    if let Some(missing) = code.missing.first() {
        let text = placeholder(words, words.not_done_unknown, &code.text[missing.clone()]);
        notify(model, text);
        return Vec::new();
    }
    if matches!(kind, JobKind::Run(_)) {
        if shell::runs(model) || model.run.as_ref().is_some_and(|run| !run.by_itself) {
            notify(model, words.busy.to_owned());
            return Vec::new();
        }
        match model.account.clone() {
            Account::Open(_) => {}
            Account::Failed(trouble) => {
                complain(model, &trouble);
                return Vec::new();
            }
            Account::None | Account::Opening(_) => {
                notify(model, words.no_account_yet.to_owned());
                return Vec::new();
            }
        }
    }
    let step = model.page.marked_step().unwrap_or_default().to_owned();
    vec![Effect::Work(WorkEffect::Prepare(Job { step, kind }))]
}

fn job(code: &crate::markdown::CodeBlock) -> Option<JobKind> {
    let text = code.text.clone();
    match BlockKind::parse(&code.info).ok()? {
        BlockKind::ShRun => Some(JobKind::Run(text)),
        BlockKind::DiffApply { file } => Some(JobKind::Change { file, diff: text }),
        BlockKind::JsonFile { file } => Some(JobKind::Write { file, contents: text }),
        BlockKind::Sh | BlockKind::Shown(_) => None,
    }
}

/// Says which value isn't known yet, and which step brings it: `⟨api_url: step 0d⟩`.
pub(super) fn placeholder(words: &Words, unknown: &str, shown: &str) -> String {
    let inner = shown.trim_matches(['⟨', '⟩']);
    let (name, step) = inner.split_once(": step ").unwrap_or((inner, ""));
    let text = fill(unknown, &[name.trim_end_matches(": ?")]);
    match step {
        "" => text,
        step => format!("{text} {}", fill(words.step_brings_it, &[step])),
    }
}

/// Asks what taking the last change back would do: of the marked block's file, where it is one.
pub(in crate::tui) fn undo(model: &mut Model) -> Vec<Effect> {
    let file = match model.page.marked_code().and_then(job) {
        Some(JobKind::Change { file, .. } | JobKind::Write { file, .. }) => Some(file),
        _ => None,
    };
    vec![Effect::Work(WorkEffect::PrepareUndo(file))]
}

/// What came of something on the learner's machine.
pub(super) fn answered(model: &mut Model, msg: WorkMsg) -> Vec<Effect> {
    match msg {
        WorkMsg::App(dir) => {
            model.app = dir;
            Vec::new()
        }
        WorkMsg::Prepared(Ok(plan)) => {
            show(model, plan);
            Vec::new()
        }
        WorkMsg::Edited(plan, Ok(())) => edited(model, plan),
        WorkMsg::AppWritten(dir, job, Ok(())) => {
            notify(model, fill(model.words().app_written, &[&path_line(&dir)]));
            model.app = Some(dir);
            vec![Effect::Work(WorkEffect::Prepare(job))]
        }
        WorkMsg::Prepared(Err(refusal))
        | WorkMsg::Edited(_, Err(refusal))
        | WorkMsg::AppWritten(_, _, Err(refusal)) => {
            refuse(model, &refusal);
            Vec::new()
        }
        WorkMsg::Output(number, batch) => shell::printed(model, number, batch),
        WorkMsg::Ended(number, outcome) => shell::ended(model, number, outcome),
    }
}

/// Shows what would be done. What the learner has opened meanwhile stays.
fn show(model: &mut Model, plan: Plan) {
    if model.sheet.is_some() || model.chooser.is_some() || model.join.is_some() {
        return;
    }
    let kind = match plan {
        Plan::NoApp { job, dir } => SheetKind::NoApp(dir, job),
        Plan::Run(plan) => {
            model.app = Some(plan.dir.clone());
            SheetKind::Run(plan)
        }
        Plan::Edit(plan) => SheetKind::Edit(plan),
    };
    model.notice = None;
    model.sheet = Some(Sheet::new(kind));
    model.dirty = true;
}

fn edited(model: &mut Model, plan: EditPlan) -> Vec<Effect> {
    let words = model.words();
    let said = match plan.kind {
        EditKind::Change => words.edit_changed,
        EditKind::Write => words.edit_written,
        EditKind::Undo => words.edit_undone,
    };
    notify(model, fill(said, &[&clean_line(&plan.file)]));
    if !matches!(model.account, Account::Open(_)) {
        return Vec::new();
    }
    let undone = plan.kind == EditKind::Undo;
    vec![Effect::Record(Entry::Changed { step: plan.step, file: plan.file, undone })]
}

/// Tells the learner why something isn't done.
pub(super) fn refuse(model: &mut Model, refusal: &Refusal) {
    match refusal {
        Refusal::Other(trouble) => complain(model, trouble),
        refusal => {
            let text = refusal_text(model.words(), refusal);
            model.notice = Some(Notice { trouble: true, text });
        }
    }
    model.dirty = true;
}

/// Why something isn't done, and what to do.
fn refusal_text(words: &Words, refusal: &Refusal) -> String {
    let at = |words: &str, path: &Path| fill(words, &[&path_line(path)]);
    let system =
        |words: &str, path: &Path, why: &str| fill(words, &[&path_line(path), &clean_line(why)]);
    match refusal {
        Refusal::NoBash => words.no_bash.to_owned(),
        Refusal::NothingToUndo => words.undo_nothing.to_owned(),
        Refusal::NoDirectory(path) => at(words.no_directory, path),
        Refusal::NoFile(path) => at(words.no_file, path),
        Refusal::NotText(path) => at(words.not_text, path),
        Refusal::Outside(path) => at(words.outside, path),
        Refusal::Changed(path) => at(words.edit_stale, path),
        Refusal::ChangedSince(path) => at(words.undo_stale, path),
        Refusal::CannotRead(path, why) => system(words.cannot_read, path, why),
        Refusal::CannotWrite(path, why) => system(words.cannot_write, path, why),
        Refusal::Other(trouble) => one_line(trouble),
    }
}

/// A path on one line, without anything that a terminal would obey.
pub(in crate::tui) fn path_line(path: &Path) -> String {
    clean_line(&path.display().to_string())
}
