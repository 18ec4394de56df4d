//! What a sweep read of an account, and where the room says something else.

use jiff::Timestamp;

use super::attendee::Attendee;
use super::outline::Outline;
use crate::check::{CheckResult, State, StepResult, Verdict};
use crate::report::grade::{Record, Trouble};

/// What a sweep read of an account.
#[derive(Debug, Clone, PartialEq)]
pub struct Proof {
    /// When it was read.
    pub at: Timestamp,
    /// Why it couldn't be; what was read before stands then, with its own time.
    pub trouble: Option<Trouble>,
    /// When the steps were read; none where they never were.
    pub read: Option<Timestamp>,
    /// The steps that were judged, in the order of [`Outline::steps`].
    pub steps: Vec<StepProof>,
}

/// What a sweep read of a step.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StepProof {
    /// The step's place in [`Outline::steps`].
    pub step: usize,
    /// What its required checks came to as a whole.
    pub verdict: Verdict,
    /// The required checks that don't pass, by their places in [`Outline::checks`], with what they
    /// came to and what they say.
    pub open: Vec<(usize, Verdict, String)>,
}

/// How a claim and a proof differ. The order is the gravity: the first is the gravest.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Differs {
    /// The room says that it is done, and the account, read later, says that it isn't.
    NotProven,
    /// The same, but the room's word is newer than the look at the account: it may be true by now.
    Newer,
    /// The account proves it, and the room doesn't say so: they haven't verified it.
    NotClaimed,
}

/// A step of which the room and the sweep say different things.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Disagreement {
    /// How they differ.
    pub differs: Differs,
    /// The step's place in [`Outline::steps`].
    pub step: usize,
    /// When the room's word was judged; none where it says nothing of the step.
    pub claimed: Option<Timestamp>,
    /// When the account was read.
    pub read: Timestamp,
}

impl Proof {
    /// Of a sweep's record. `before` is what was known of the account until now: trouble takes no
    /// proof away.
    pub(super) fn new(
        record: &Record,
        before: Option<Self>,
        outline: &Outline,
        now: Timestamp,
    ) -> Self {
        let Some(report) = record.report() else {
            let (read, steps) =
                before.map_or((None, Vec::new()), |proof| (proof.read, proof.steps));
            return Self { at: now, trouble: record.trouble().cloned(), read, steps };
        };
        let at = report.started.parse::<Timestamp>().unwrap_or(now).min(now);
        let step = |result: &StepResult| {
            Some(StepProof::new(outline.step(&result.step)?, result, outline))
        };
        let mut steps: Vec<StepProof> = report.steps().filter_map(step).collect();
        steps.sort_by_key(|step| step.step);
        Self { at, trouble: None, read: Some(at), steps }
    }

    /// What was read of a step; none where it wasn't judged.
    pub fn step(&self, step: usize) -> Option<&StepProof> {
        let at = self.steps.binary_search_by_key(&step, |proof| proof.step).ok()?;
        self.steps.get(at)
    }

    /// Required steps of a module that are proven, and those of it that were judged.
    pub fn module(&self, outline: &Outline, column: usize) -> (usize, usize) {
        let of = |proof: &&StepProof| {
            let step = &outline.steps[proof.step];
            step.column == Some(column) && !step.optional
        };
        let judged = || self.steps.iter().filter(of);
        let proven = judged().filter(|proof| proof.verdict == Verdict::Pass).count();
        (proven, judged().count())
    }
}

impl StepProof {
    fn new(step: usize, result: &StepResult, outline: &Outline) -> Self {
        let required: Vec<&CheckResult> =
            result.checks.iter().filter(|check| !check.optional).collect();
        let open = required.iter().filter(|check| check.verdict != Verdict::Pass);
        let open = open.filter_map(|check| {
            Some((outline.check(&check.check)?, check.verdict, check.message.clone()))
        });
        Self { step, verdict: whole(&required), open: open.collect() }
    }
}

/// What checks came to as a whole: a failure counts before what couldn't be told.
fn whole(checks: &[&CheckResult]) -> Verdict {
    let has = |verdict| checks.iter().any(|check| check.verdict == verdict);
    if checks.is_empty() {
        return Verdict::CannotTell;
    }
    if checks.iter().any(|check| check.is_disproven()) {
        return Verdict::Fail;
    }
    let open = [Verdict::CannotTell, Verdict::Waiting, Verdict::Blocked, Verdict::Skipped];
    open.into_iter().find(|verdict| has(*verdict)).unwrap_or(Verdict::Pass)
}

/// Where the room and the sweep say different things of an attendee, the gravest first. What
/// couldn't be told contradicts nobody.
pub(super) fn disagreements(attendee: &Attendee, outline: &Outline) -> Vec<Disagreement> {
    let Some(proof) = attendee.proof.as_ref().filter(|_| attendee.is_here()) else {
        return Vec::new();
    };
    let Some(read) = proof.read else { return Vec::new() };
    let differs = |proof: &StepProof| {
        let claim = attendee.step_claim(outline, proof.step);
        let differs = match (claim.state, proof.verdict) {
            (State::Done, Verdict::Fail) if claim.at.is_some_and(|at| at > read) => Differs::Newer,
            (State::Done, Verdict::Fail) => Differs::NotProven,
            (State::NotStarted | State::InProgress | State::Regressed, Verdict::Pass) => {
                Differs::NotClaimed
            }
            _ => return None,
        };
        Some(Disagreement { differs, step: proof.step, claimed: claim.at, read })
    };
    let mut found: Vec<Disagreement> = proof.steps.iter().filter_map(differs).collect();
    found.sort_by_key(|one| (one.differs, one.step));
    found
}
