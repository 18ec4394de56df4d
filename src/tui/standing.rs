//! Where steps and modules stand, by this session's verdicts and by the journal.

use std::collections::BTreeSet;

use crate::check::{CheckResult, State, Verdict};
use crate::course::{Module, Step};

use super::model::Model;

/// What is known of a step.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StepStatus {
    /// Not looked at in this session, nor proven before.
    Unknown,
    /// Proven in an earlier session.
    ProvenBefore,
    /// Proven before, and failed when it was last checked.
    Regressed,
    /// The worst verdict of its required checks.
    Judged(Verdict),
}

impl Model {
    /// Where a step stands.
    pub fn status(&self, step: &Step) -> StepStatus {
        let id = &step.spec.id;
        let before = self.past.proven.contains(id);
        let Some(results) = self.results.get(id).filter(|results| !results.is_empty()) else {
            return if self.past.regressed.contains(id) {
                StepStatus::Regressed
            } else if before {
                StepStatus::ProvenBefore
            } else {
                StepStatus::Unknown
            };
        };
        let required = |result: &&CheckResult| {
            !step.checks.iter().any(|check| check.optional && check.check == result.check)
        };
        let worst = results
            .iter()
            .filter(required)
            .map(|result| result.verdict)
            .max_by_key(|&verdict| severity(verdict))
            .unwrap_or(Verdict::Pass);
        let regressed = self.states.get(id) == Some(&State::Regressed);
        if worst == Verdict::Fail && (regressed || before) {
            return StepStatus::Regressed;
        }
        StepStatus::Judged(worst)
    }

    /// Whether a step counts as done: proven now, or before and not contradicted.
    pub fn is_done(&self, step: &Step) -> bool {
        matches!(self.status(step), StepStatus::Judged(Verdict::Pass) | StepStatus::ProvenBefore)
    }

    /// Done and all required steps of a part.
    pub fn done_of(&self, steps: &[Step]) -> (usize, usize) {
        let required = || steps.iter().filter(|step| !step.spec.optional);
        (required().filter(|step| self.is_done(step)).count(), required().count())
    }

    /// Whether all required steps of a module are done.
    pub fn module_done(&self, module: &Module) -> bool {
        let (done, all) = self.done_of(&module.steps);
        all > 0 && done == all
    }

    /// The module that has to be done before this one, if there is one that isn't.
    pub fn locked_by(&self, module: &Module) -> Option<u8> {
        let course = self.course.as_ref()?;
        let first = &course.index.first;
        let before = match first.iter().position(|&number| number == module.entry.number) {
            Some(index) => &first[..index],
            None => first.as_slice(),
        };
        let open = |number: &&u8| course.module(**number).is_some_and(|m| !self.module_done(m));
        before.iter().find(open).copied()
    }

    /// What `done("…")` in a page is answered from.
    pub fn done_ids(&self) -> BTreeSet<String> {
        let Some(course) = &self.course else { return BTreeSet::new() };
        let steps = course.steps().filter(|(_, step)| self.is_done(step));
        let mut ids: BTreeSet<String> = steps.map(|(_, step)| step.spec.id.clone()).collect();
        let modules = course.modules.iter().filter(|module| self.module_done(module));
        ids.extend(modules.map(|module| module.entry.number.to_string()));
        ids
    }
}

/// How much a verdict weighs in a step.
fn severity(verdict: Verdict) -> u8 {
    match verdict {
        Verdict::Pass => 0,
        Verdict::Skipped => 1,
        Verdict::Waiting => 2,
        Verdict::CannotTell => 3,
        Verdict::Blocked => 4,
        Verdict::Fail => 5,
    }
}
