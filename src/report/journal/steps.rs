//! Where each step stands, by the record alone.

use std::collections::BTreeMap;

use jiff::Timestamp;

use crate::check::Verdict;
use crate::course::{Course, Step};
use crate::progress::{Entry, Log};

/// Where a step stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StepState {
    /// Proven, and not contradicted since.
    Proven,
    /// Proven before; a later verification failed.
    Regressed,
    /// Skipped on purpose.
    Skipped,
    /// Verified, and not proven yet.
    Tried,
    /// Its instructions were opened.
    Opened,
    /// Nothing is recorded.
    Untouched,
}

/// What is recorded of a step.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Recorded {
    pub(super) opened: bool,
    /// When it was proven first.
    pub(super) proven: Option<Timestamp>,
    pub(super) skipped: Option<Timestamp>,
    /// When a required check of it failed first.
    pub(super) failed: Option<Timestamp>,
    /// Verifications that judged it before it was proven, and didn't prove it.
    pub(super) tries: usize,
    /// The last verification's required checks that failed, and its time, if it was proven before.
    pub(super) broken: Option<(Timestamp, Vec<String>)>,
    /// Hints open, of all its checks.
    pub(super) hints: usize,
}

impl Recorded {
    pub(super) fn state(&self) -> StepState {
        match self {
            Self { proven: Some(_), broken: Some(_), .. } => StepState::Regressed,
            Self { proven: Some(_), .. } => StepState::Proven,
            Self { skipped: Some(_), .. } => StepState::Skipped,
            Self { tries: 1.., .. } => StepState::Tried,
            Self { opened: true, .. } => StepState::Opened,
            _ => StepState::Untouched,
        }
    }
}

/// A step of a module, for the page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StepPart {
    /// `1d`.
    pub id: String,
    /// Its title.
    pub title: String,
    /// Extra credit.
    pub optional: bool,
    /// Where it stands.
    pub state: StepState,
    /// When it was proven, or skipped.
    pub at: Option<Timestamp>,
    /// Verifications before it was proven.
    pub tries: usize,
    /// Hints that were unlocked.
    pub hints: usize,
    /// Minutes that were planned.
    pub minutes: u16,
    /// What it proves, a sentence for each check that says so without an account.
    pub brings: Vec<String>,
    /// When a check failed after the proof, and which did.
    pub broken: Option<(Timestamp, Vec<String>)>,
}

impl StepPart {
    pub(super) fn new(step: &Step, recorded: &Recorded, lang: &str) -> Self {
        let state = recorded.state();
        // A template needs the account's facts; the journal has none.
        let plain = |text: &&str| !text.contains("{{") && !text.contains("{%");
        let required = step.checks.iter().filter(|check| !check.optional);
        let says = required.filter_map(|check| check.pass.as_ref()).map(|pass| pass.get(lang));
        Self {
            id: step.spec.id.clone(),
            title: step.spec.title.get(lang).to_owned(),
            optional: step.spec.optional,
            state,
            at: if state == StepState::Skipped { recorded.skipped } else { recorded.proven },
            tries: recorded.tries,
            hints: recorded.hints,
            minutes: step.spec.minutes,
            brings: says.filter(plain).map(str::to_owned).collect(),
            broken: recorded.broken.clone(),
        }
    }
}

/// What is recorded of each step of the course.
pub(super) fn recorded(course: &Course, log: &Log) -> BTreeMap<String, Recorded> {
    let steps = course.steps().map(|(_, step)| (step.spec.id.clone(), Recorded::default()));
    let mut steps: BTreeMap<String, Recorded> = steps.collect();
    let mut hints: BTreeMap<&str, usize> = BTreeMap::new();
    for (at, entry) in &log.entries {
        match entry {
            Entry::Opened { step } | Entry::HelpAsked { step } => {
                let _ = steps.get_mut(step).map(|step| step.opened = true);
            }
            Entry::Proven { step } => {
                if let Some(step) = steps.get_mut(step) {
                    step.proven.get_or_insert(*at);
                    (step.skipped, step.broken) = (None, None);
                }
            }
            Entry::Skipped { step } => {
                let _ = steps.get_mut(step).map(|step| step.skipped = Some(*at));
            }
            Entry::Resumed { step } => {
                let _ = steps.get_mut(step).map(|step| step.skipped = None);
            }
            Entry::Hint { check, open } => {
                let most = hints.entry(check).or_default();
                *most = (*most).max(*open);
            }
            Entry::Verified(verified) => judged(course, &mut steps, *at, &verified.verdicts),
            Entry::Revealed { .. } | Entry::Imported { .. } => {}
        }
    }
    for (check, open) in hints {
        if let Some((step, check)) = course.check(check) {
            let most = check.hints.values().map(Vec::len).max().unwrap_or(0);
            let _ = steps.get_mut(&step.spec.id).map(|step| step.hints += open.min(most));
        }
    }
    steps
}

/// Takes a verification's verdicts. What it proved comes as events of its own, behind it.
fn judged(
    course: &Course,
    steps: &mut BTreeMap<String, Recorded>,
    at: Timestamp,
    verdicts: &BTreeMap<String, Verdict>,
) {
    for (_, step) in course.steps() {
        let required = step.checks.iter().filter(|check| !check.optional);
        let of = |check: &crate::course::CheckSpec| {
            Some((check.check.clone(), *verdicts.get(&check.check)?))
        };
        let judged: Vec<(String, Verdict)> = required.filter_map(of).collect();
        let Some(recorded) = steps.get_mut(&step.spec.id).filter(|_| !judged.is_empty()) else {
            continue;
        };
        if judged.iter().all(|(_, verdict)| *verdict == Verdict::Pass) {
            recorded.broken = None;
            continue;
        }
        let failed = judged.into_iter().filter(|(_, verdict)| *verdict == Verdict::Fail);
        let failed: Vec<String> = failed.map(|(check, _)| check).collect();
        if recorded.proven.is_none() {
            // Blocked, waiting, or not to be told is no try.
            recorded.tries += usize::from(!failed.is_empty());
        } else if !failed.is_empty() {
            recorded.broken = Some((at, failed.clone()));
        }
        if !failed.is_empty() {
            recorded.failed.get_or_insert(at);
        }
    }
}
