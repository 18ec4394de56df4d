//! Whatever goes wrong between stepproof and an account: no verdict turns to pass or to fail. At most
//! it can't be told, or waits for one that can't.
//!
//! Every action that the checks need is refused, and every service fails in each other way, on an
//! account where all is solved and on one where nothing but the first module is.
#![expect(clippy::unwrap_used, clippy::panic, reason = "a test says what broke by panicking")]

#[expect(clippy::allow_attributes, reason = "whether a part is used differs by test program")]
#[allow(dead_code, unused_imports, unreachable_pub, reason = "each test program uses its own part")]
mod support;

use std::collections::{BTreeMap, BTreeSet};
use std::ops::RangeInclusive;
use std::sync::Arc;
use std::time::{Duration, Instant};

use serde_json::json;
use stepproof::account::{Account, Names, Reader, Target, catalog};
use stepproof::check::{
    self, AccountKind, Asked, CheckResult, Facts, History, Report, Verdict, VerifyRequest,
};
use stepproof::course::Course;
use support::{ACCOUNT, Practice, REGION};
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

/// What a whole service does wrong. Refusals are tried action by action.
const FAULTS: [&str; 6] =
    ["throttling", "server_error", "unavailable", "expired_token", "malformed", "reset"];
/// How long one fact may take here.
const FACT_TIMEOUT: Duration = Duration::from_secs(20);

/// More verifications in five minutes are a flood to the rule of module 10.
const MOST_RUNS: usize = 40;

/// An account in a known state, and what is true of it.
struct State {
    name: &'static str,
    solved: Vec<String>,
    practice: Practice,
    runs: usize,
    course: Course,
    asked: Asked,
    truth: BTreeMap<String, Verdict>,
}

impl State {
    /// Without module 9: its proof sends a burst that uses up the quota and waits.
    fn new(name: &'static str, modules: RangeInclusive<u8>) -> Self {
        let course = Course::embedded().unwrap();
        let all = course.modules.iter().map(|module| module.entry.number);
        let asked =
            Asked::select(&course, &all.filter(|n| *n != 9).collect::<Vec<_>>(), &[]).unwrap();
        let solved: Vec<String> = modules.map(|number| number.to_string()).collect();
        let practice = account(&solved);
        let mut state =
            Self { name, solved, practice, runs: 0, course, asked, truth: BTreeMap::new() };
        let report = state.verify();
        state.truth = verdicts(&report);
        let told = state.truth.values().all(|verdict| *verdict != Verdict::CannotTell);
        assert!(told, "{name}: without a fault everything can be told: {:#?}", state.truth);
        assert_eq!(report.exit_code(), state.exit_code(), "{name}: {:#?}", state.truth);
        state
    }

    /// What `verify` ends with where nothing goes wrong.
    fn exit_code(&self) -> u8 {
        u8::from(self.name != "solved")
    }

    fn verify(&self) -> Report {
        let names = Names {
            stacks: self.course.index.stacks.clone(),
            stage: self.course.index.stage.clone(),
        };
        let target = Target::practice(&self.practice.endpoint(), ACCOUNT, names);
        let mut request =
            VerifyRequest::new(self.asked.clone(), ACCOUNT, "me", AccountKind::Practice, REGION);
        request.fact_timeout = FACT_TIMEOUT;
        self.practice.block_on(async {
            let account = Account::connect(target).await.unwrap();
            let facts: Arc<dyn Facts> = Arc::new(Reader::new(&account, true));
            let (events, _) = mpsc::unbounded_channel();
            let history = History::default();
            let never = CancellationToken::new();
            check::verify(request, facts, &self.course, &history, events, never).await
        })
    }

    /// Verifies under a fault. Gives how many checks can't be told for it.
    fn under(&mut self, action: &str, fault: &str) -> usize {
        self.runs += 1;
        if self.runs.is_multiple_of(MOST_RUNS) {
            self.practice = account(&self.solved);
        }
        self.practice.fault(&json!([{ "action": action, "fault": fault }]));
        let report = self.verify();
        self.practice.fault(&json!([]));
        let at = format!("{}, {fault} at {action}", self.name);
        for check in checks(&report) {
            let truth = self.truth[&check.check];
            let honest = check.verdict == truth
                || matches!(check.verdict, Verdict::CannotTell | Verdict::Blocked);
            assert!(honest, "{at}: {} is {truth:?}, not {check:#?}", check.check);
        }
        let exit = report.exit_code();
        assert!([self.exit_code(), 3].contains(&exit), "{at}: exit code {exit}");
        checks(&report).filter(|check| check.verdict == Verdict::CannotTell).count()
    }
}

fn checks(report: &Report) -> impl Iterator<Item = &CheckResult> {
    report.steps().flat_map(|step| &step.checks)
}

fn verdicts(report: &Report) -> BTreeMap<String, Verdict> {
    checks(report).map(|check| (check.check.clone(), check.verdict)).collect()
}

/// The actions that reading an account needs.
fn actions() -> BTreeSet<&'static str> {
    catalog().iter().flat_map(|fact| fact.actions).copied().collect()
}

fn services() -> BTreeSet<&'static str> {
    actions().iter().filter_map(|action| action.split(':').next()).collect()
}

/// An account on which these modules are solved; made once, then copied.
fn account(solved: &[String]) -> Practice {
    Practice::solved(&solved.iter().map(String::as_str).collect::<Vec<_>>())
}

/// Both states, side by side.
fn on_both(look: impl Fn(&mut State) + Send + Copy) {
    std::thread::scope(|scope| {
        scope.spawn(move || look(&mut State::new("insecure", 0..=0)));
        look(&mut State::new("solved", 0..=12));
    });
}

#[test]
#[ignore = "verifies hundreds of times, and takes minutes; run by hand"]
fn every_action_may_be_refused() {
    on_both(|state| {
        let untold: Vec<&str> =
            actions().into_iter().filter(|a| state.under(a, "access_denied") == 0).collect();
        println!("{}: refused, and everything could be told: {untold:?}", state.name);
    });
}

#[test]
#[ignore = "verifies hundreds of times, and takes minutes; run by hand"]
fn every_service_may_fail_in_every_way() {
    on_both(|state| {
        for service in services() {
            for fault in FAULTS {
                let began = Instant::now();
                let untold = state.under(&format!("{service}:*"), fault);
                let seconds = began.elapsed().as_secs_f64();
                println!("{}: {service} {fault}: {untold} untold, {seconds:.1} s", state.name);
            }
        }
        for fault in FAULTS {
            let untold = state.under("*", fault);
            assert!(untold > 0, "{}: {fault} everywhere, and nothing is missing", state.name);
        }
    });
}
