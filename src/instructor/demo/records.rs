//! What a sweep over the demonstration's accounts would read: what its attendees really did.

use std::collections::BTreeSet;

use super::{Demo, account, people};
use crate::check::{
    AccountKind, Basis, CannotLook, CheckResult, CourseId, ModuleResult, Reason, Report, Score,
    State, StepResult, Verdict,
};
use crate::course::{Module, Step};
use crate::report::grade::{Outcome, Record, Trouble};

/// One account in so many refuses the role that reads it.
const REFUSES: usize = 40;

impl Demo {
    /// A sweep's result for each account of the [roster](Self::roster), in its order, now.
    pub fn records<'a>(&'a self, lang: &'a str) -> impl Iterator<Item = Record> + 'a {
        (0..self.roster().len()).map(move |one| self.record(one, lang))
    }

    /// A sweep's result for the account at a place of the roster, now.
    pub fn record(&self, one: usize, lang: &str) -> Record {
        let outcome = if one % REFUSES == REFUSES / 2 {
            Outcome::Trouble(Trouble::of(lang, &refused()))
        } else {
            Outcome::Report(Box::new(self.report(one, lang)))
        };
        Record {
            name: people::name(one).0,
            account: account(one),
            stacks: self.course.index.stacks.clone(),
            stage: self.course.index.stage.clone(),
            outcome,
        }
    }

    fn report(&self, one: usize, lang: &str) -> Report {
        let second = u32::try_from(self.second()).unwrap_or(0);
        let proven = self.scripts.get(one).map(|script| script.proven(second)).unwrap_or_default();
        let written = self.course.modules.iter().filter(|module| module.is_written());
        let modules: Vec<ModuleResult> =
            written.map(|module| self.module(module, &proven, lang)).collect();
        let required = || modules.iter().flat_map(ModuleResult::required);
        let earned = required().filter(|check| check.verdict == Verdict::Pass).count();
        let count = |count: usize| u32::try_from(count).unwrap_or(u32::MAX);
        let score = Score { earned: count(earned), possible: count(required().count()) };
        let account = account(one);
        Report {
            schema: 1,
            tool: concat!("stepproof ", env!("CARGO_PKG_VERSION")).to_owned(),
            course: CourseId {
                id: self.course.index.id.clone(),
                sha256: self.course.sha256.clone(),
            },
            caller: format!("arn:aws:sts::{account}:assumed-role/reader/demo"),
            account,
            kind: AccountKind::Aws,
            region: "us-east-1".to_owned(),
            started: (self.now)().to_string(),
            seconds: 1.0,
            api_calls: 40,
            probed: Vec::new(),
            score,
            modules,
            cleanup: None,
        }
    }

    fn module(&self, module: &Module, proven: &BTreeSet<usize>, lang: &str) -> ModuleResult {
        let holds = |step: &Step| {
            self.outline.step(&step.spec.id).is_some_and(|step| proven.contains(&step))
        };
        let steps: Vec<StepResult> =
            module.steps.iter().map(|step| self.step(step, holds(step), lang)).collect();
        let of = |steps: &[StepResult]| {
            let mut required = steps.iter().filter(|step| !step.optional).peekable();
            let some = steps.iter().any(|step| step.state == State::Done);
            let all = required.peek().is_some() && required.all(|step| step.state == State::Done);
            if all {
                State::Done
            } else if some {
                State::InProgress
            } else {
                State::NotStarted
            }
        };
        ModuleResult {
            module: module.entry.number,
            slug: module.entry.slug.clone(),
            state: of(&steps),
            steps,
        }
    }

    fn step(&self, step: &Step, holds: bool, lang: &str) -> StepResult {
        let at = self.outline.step(&step.spec.id);
        let faults = at.map_or(&[][..], |at| &self.faults[at]);
        let result = |check: &crate::course::CheckSpec| {
            let place = self.outline.check(&check.check);
            let fault = faults.iter().find(|fault| Some(fault.check) == place);
            let fails = fault.filter(|_| !holds).map(|fault| fault.failure(lang, 0));
            let (message, offenders) =
                fails.map(|fails| (fails.message, fails.offenders)).unwrap_or_default();
            CheckResult {
                check: check.check.clone(),
                verdict: if holds { Verdict::Pass } else { Verdict::Fail },
                optional: check.optional,
                course_error: false,
                message,
                hint: String::new(),
                offenders,
                evidence: serde_json::Map::new(),
                basis: Basis::default(),
                blocked_by: None,
                seconds: 0.1,
            }
        };
        StepResult {
            step: step.spec.id.clone(),
            optional: step.spec.optional,
            state: if holds { State::Done } else { State::NotStarted },
            checks: step.checks.iter().map(result).collect(),
        }
    }
}

fn refused() -> CannotLook {
    let action = "sts:AssumeRole".to_owned();
    CannotLook {
        reason: Reason::AccessDenied { action },
        message: "The role in the account refuses who asks.".to_owned(),
        remedy: "Look at the role's trust policy and its external id.".to_owned(),
    }
}
