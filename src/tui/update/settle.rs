//! Settle windows: they count down while their page is open, and are looked at again by
//! themselves. A check that was proven and fails again is no window's business.

use std::time::Duration;

use crate::check::{StepResult, Verdict};
use crate::i18n::fill;

use crate::tui::backend::Scope;
use crate::tui::model::{Account, Model, Run, RunKind, Wait};
use crate::tui::msg::Effect;
use crate::tui::time::Time;

/// An open window is looked at again after a quarter of what is left, within these bounds.
const SOONEST: Duration = Duration::from_secs(10);
const LATEST: Duration = Duration::from_mins(1);

/// Takes the time; verifies again what is due.
pub(super) fn tell_time(model: &mut Model, time: Time) -> Vec<Effect> {
    let before = counters(model);
    model.time = time;
    model.dirty |= before != counters(model);
    recheck(model)
}

/// What stands on the screen and counts, in seconds.
fn counters(model: &Model) -> Vec<u64> {
    let now = model.time.running;
    let runs = model.shell.as_ref().filter(|shell| shell.runs());
    let left = model.open_waits().map(|wait| wait.ends.saturating_sub(now).as_secs());
    runs.map(|shell| shell.time(now).as_secs()).into_iter().chain(left).collect()
}

/// Begins to verify a step whose window is due. Never while a window waits for an answer, and
/// never beside another verification.
fn recheck(model: &mut Model) -> Vec<Effect> {
    let now = model.time.running;
    let open = matches!(model.account, Account::Open(_));
    if !open || model.run.is_some() || model.sheet.is_some() || model.chooser.is_some() {
        return Vec::new();
    }
    let due = model.open_waits().find(|wait| wait.again <= now).map(|wait| wait.step.clone());
    let Some(step) = due else { return Vec::new() };
    // Should it come to nothing, the next try isn't at once.
    for wait in model.waits.values_mut().filter(|wait| wait.step == step) {
        wait.again = now + pause(wait.ends.saturating_sub(now));
    }
    model.runs += 1;
    let scope = Scope::Step(step);
    model.run = Some(Run {
        number: model.runs,
        kind: RunKind::Verify(scope.clone()),
        judged: 0,
        total: 0,
        detail: String::new(),
        by_itself: true,
    });
    vec![Effect::Recheck(model.runs, scope, model.lang)]
}

/// How long until the next look: at the window's end at the latest.
fn pause(left: Duration) -> Duration {
    let quarter = (left / 4).clamp(SOONEST, LATEST);
    if left.is_zero() { quarter } else { quarter.min(left + Duration::from_secs(1)) }
}

/// Opens and closes the windows of a step that was verified. What is worth a word, where nobody
/// had asked: how a window ended.
pub(super) fn settled(model: &mut Model, step: &StepResult, by_itself: bool) -> Option<String> {
    let now = model.time.running;
    let mut news = None;
    for check in &step.checks {
        let waited = model.waits.remove(&check.check).is_some();
        if let (Verdict::Waiting, Some(settle)) = (check.verdict, &check.basis.settle) {
            let left = Duration::from_secs(settle.seconds_left);
            let wait = Wait { step: step.step.clone(), ends: now + left, again: now + pause(left) };
            model.waits.insert(check.check.clone(), wait);
        } else if waited && by_itself {
            let words = model.words();
            let said = match check.verdict {
                Verdict::Pass => words.settled_pass,
                Verdict::Fail => words.settled_fail,
                _ => words.settled_else,
            };
            news = Some(fill(said, &[&step.step]));
        }
    }
    news
}
