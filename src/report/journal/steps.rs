//! Where each step stands, by the record alone.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;

use crate::check::{State, Verdict};
use crate::course::{CheckSpec, Course, Step};
use crate::progress::{Entry, Log, Standing, StepStanding, part_of};

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
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Recorded {
    pub(super) state: StepState,
    pub(super) opened: bool,
    /// When it was proven first.
    pub(super) proven: Option<Timestamp>,
    pub(super) skipped: Option<Timestamp>,
    /// When a required check of it failed first.
    pub(super) failed: Option<Timestamp>,
    /// Verifications that found it failing before it was proven.
    pub(super) tries: usize,
    /// The last time that required checks of it failed after it was proven, and which did.
    pub(super) broken: Option<(Timestamp, Vec<String>)>,
    /// Hints open, of all its checks.
    pub(super) hints: usize,
}

impl Recorded {
    fn new(standing: &StepStanding) -> Self {
        Self {
            state: StepState::Untouched,
            opened: false,
            proven: standing.first_proof,
            skipped: None,
            failed: None,
            tries: 0,
            broken: None,
            hints: 0,
        }
    }

    /// Says where it stands, once everything else is known.
    fn settle(&mut self, standing: &StepStanding) {
        self.state = match standing.state {
            State::Done => StepState::Proven,
            State::Regressed => StepState::Regressed,
            _ if standing.skipped => StepState::Skipped,
            State::InProgress | State::NotStarted if self.tries > 0 => StepState::Tried,
            State::InProgress if self.opened || self.hints > 0 => StepState::Tried,
            State::NotStarted if self.opened => StepState::Opened,
            State::InProgress | State::NotStarted => StepState::Untouched,
        };
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
        let state = recorded.state;
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
            broken: recorded.broken.clone().filter(|_| state == StepState::Regressed),
        }
    }
}

/// What is recorded of each step of the course, the clean-up's too.
pub(super) fn recorded(
    course: &Course,
    log: &Log,
    standing: &Standing,
) -> BTreeMap<String, Recorded> {
    let steps = standing.steps.iter().map(|(id, step)| (id.clone(), Recorded::new(step)));
    let mut steps: BTreeMap<String, Recorded> = steps.collect();
    let mut proven = BTreeSet::new();
    for (at, entry) in &log.entries {
        match entry {
            Entry::Opened { step } | Entry::HelpAsked { step, .. } => {
                let _ = steps.get_mut(step).map(|step| step.opened = true);
            }
            Entry::Skipped { step } => {
                let _ = steps.get_mut(step).map(|step| step.skipped = Some(*at));
            }
            Entry::Proven { step } => drop(proven.insert(step.as_str())),
            Entry::Verified(verified) => {
                // A look at the whole course is no try at a step that wasn't begun.
                let meant = part_of(course, entry).is_some();
                for (step, failed) in failures(course, &verified.verdicts) {
                    let Some(recorded) = steps.get_mut(step) else { continue };
                    recorded.failed.get_or_insert(*at);
                    if proven.contains(step) {
                        recorded.broken = Some((*at, failed));
                    } else if meant || recorded.opened {
                        recorded.tries += 1;
                    }
                }
            }
            _ => {}
        }
    }
    for (check, open) in &standing.history.hints {
        if let Some((step, check)) = course.check(check) {
            let most = check.hints.values().map(Vec::len).max().unwrap_or(0);
            let _ = steps.get_mut(&step.spec.id).map(|step| step.hints += (*open).min(most));
        }
    }
    for (id, step) in &mut steps {
        if let Some(standing) = standing.steps.get(id) {
            step.settle(standing);
        }
    }
    steps
}

/// The steps that a verification found failing, with their required checks that did.
fn failures<'a>(
    course: &'a Course,
    verdicts: &BTreeMap<String, Verdict>,
) -> impl Iterator<Item = (&'a str, Vec<String>)> {
    course.parts().flat_map(|part| part.steps).filter_map(move |step| {
        let required = step.checks.iter().filter(|check| !check.optional);
        let fails = |check: &&CheckSpec| verdicts.get(&check.check) == Some(&Verdict::Fail);
        let failed: Vec<String> = required.filter(fails).map(|check| check.check.clone()).collect();
        (!failed.is_empty()).then_some((step.spec.id.as_str(), failed))
    })
}
