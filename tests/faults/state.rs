//! An account in a known state, what is true of it, and verifications of it under faults.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::RangeInclusive;
use std::sync::Arc;

use serde_json::{Value, json};
use stepproof::account::{Account, Names, Reader, Target, catalog};
use stepproof::check::{
    self, AccountKind, Asked, CheckResult, Facts, History, Report, Verdict, VerifyRequest,
};
use stepproof::course::Course;
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

use crate::support::{ACCOUNT, Practice, REGION};

/// More verifications in five minutes are a flood to the rule of module 10.
const MOST_RUNS: usize = 40;

/// An account in a known state, and what is true of it.
pub(crate) struct State {
    pub(crate) name: &'static str,
    solved: Vec<String>,
    pub(crate) practice: Practice,
    runs: usize,
    course: Course,
    asked: Asked,
    pub(crate) truth: BTreeMap<String, Verdict>,
    /// What `verify` ends with where nothing goes wrong.
    exit_code: u8,
}

impl State {
    /// Nothing but the first module is solved.
    pub(crate) fn insecure() -> Self {
        Self::new("insecure", 0..=0)
    }

    /// Everything is solved.
    pub(crate) fn solved() -> Self {
        Self::new("solved", 0..=12)
    }

    /// Without module 9: its proof sends a burst that uses up the quota and waits.
    fn new(name: &'static str, modules: RangeInclusive<u8>) -> Self {
        let course = Course::embedded().unwrap();
        let all = course.modules.iter().map(|module| module.entry.number);
        let asked =
            Asked::select(&course, &all.filter(|n| *n != 9).collect::<Vec<_>>(), &[]).unwrap();
        let solved: Vec<String> = modules.map(|number| number.to_string()).collect();
        let practice = account(&solved);
        let truth = BTreeMap::new();
        let mut state =
            Self { name, solved, practice, runs: 0, course, asked, truth, exit_code: 0 };
        state.look();
        let expected = u8::from(name != "solved");
        assert_eq!(state.exit_code, expected, "{name}: {:#?}", state.truth);
        state
    }

    /// Takes what is seen for the truth.
    fn look(&mut self) {
        let report = self.verify(|_| ());
        self.truth = verdicts(&report);
        self.exit_code = report.exit_code();
        let told = self.truth.values().all(|verdict| *verdict != Verdict::CannotTell);
        assert!(told, "{}: without a fault everything can be told: {:#?}", self.name, self.truth);
    }

    /// The same, with the clean-up asked for too.
    pub(crate) fn and_cleanup(mut self) -> Self {
        self.asked = self.asked.and_cleanup(&self.course).unwrap();
        self.look();
        self
    }

    async fn facts(&self) -> Arc<dyn Facts> {
        let names = Names {
            stacks: self.course.index.stacks.clone(),
            stage: self.course.index.stage.clone(),
        };
        let target = Target::practice(&self.practice.endpoint(), ACCOUNT, names);
        let account = Account::connect(target).await.unwrap();
        Arc::new(Reader::new(&account, true))
    }

    pub(crate) fn verify(&self, change: impl FnOnce(&mut VerifyRequest)) -> Report {
        let mut request =
            VerifyRequest::new(self.asked.clone(), ACCOUNT, "me", AccountKind::Practice, REGION);
        change(&mut request);
        self.practice.block_on(async {
            let (events, _) = mpsc::unbounded_channel();
            let history = History::default();
            let never = CancellationToken::new();
            let facts = self.facts().await;
            check::verify(request, facts, &self.course, &history, events, never).await
        })
    }

    /// Reads facts; what couldn't be read as its reason.
    pub(crate) fn read(&self, names: &[&str]) -> BTreeMap<String, Value> {
        let names = names.iter().map(|&name| name.to_owned());
        let read = self.practice.block_on(async {
            let facts = self.facts().await;
            check::read(facts, names, check::LONGEST_FACT, CancellationToken::new()).await
        });
        let value = |outcome: check::Outcome| match outcome {
            Ok(value) => value.as_ref().clone(),
            Err(error) => json!(error.to_string()),
        };
        read.into_iter().map(|(name, outcome)| (name, value(outcome))).collect()
    }

    /// Verifies under faults.
    pub(crate) fn under(
        &mut self,
        faults: &Value,
        change: impl FnOnce(&mut VerifyRequest),
    ) -> Report {
        self.runs += 1;
        if self.runs.is_multiple_of(MOST_RUNS) {
            self.practice = account(&self.solved);
        }
        self.practice.fault(faults);
        let report = self.verify(change);
        self.practice.fault(&json!([]));
        self.assert_honest(&report, &faults.to_string());
        report
    }

    /// No pass that isn't one, and no fail.
    pub(crate) fn assert_honest(&self, report: &Report, at: &str) {
        for check in checks(report) {
            let truth = self.truth[&check.check];
            let honest = check.verdict == truth
                || matches!(check.verdict, Verdict::CannotTell | Verdict::Blocked);
            assert!(honest, "{}, {at}: {} is {truth:?}, not {check:#?}", self.name, check.check);
        }
        let exit = report.exit_code();
        assert!([self.exit_code, 3].contains(&exit), "{}, {at}: exit code {exit}", self.name);
    }

    /// Every verdict is what it is without a fault.
    pub(crate) fn assert_same(&self, report: &Report, at: &str) {
        assert_eq!(verdicts(report), self.truth, "{}, {at}", self.name);
    }
}

pub(crate) fn checks(report: &Report) -> impl Iterator<Item = &CheckResult> {
    report.steps().flat_map(|step| &step.checks)
}

/// Checks that can't be told.
pub(crate) fn untold(report: &Report) -> Vec<&CheckResult> {
    checks(report).filter(|check| check.verdict == Verdict::CannotTell).collect()
}

fn verdicts(report: &Report) -> BTreeMap<String, Verdict> {
    checks(report).map(|check| (check.check.clone(), check.verdict)).collect()
}

/// The actions that reading an account needs.
pub(crate) fn actions() -> BTreeSet<&'static str> {
    catalog().iter().flat_map(|fact| fact.actions).copied().collect()
}

/// Their services.
pub(crate) fn services() -> BTreeSet<&'static str> {
    actions().iter().filter_map(|action| action.split(':').next()).collect()
}

/// An account on which these modules are solved; made once, then copied.
fn account(solved: &[String]) -> Practice {
    Practice::solved(&solved.iter().map(String::as_str).collect::<Vec<_>>())
}

/// Both states, side by side.
pub(crate) fn on_both(look: impl Fn(&mut State) + Send + Copy) {
    std::thread::scope(|scope| {
        scope.spawn(move || look(&mut State::insecure()));
        look(&mut State::solved());
    });
}
