//! Verifies steps: reads what they need, judges each check as soon as it can be judged.
//!
//! A step can only be judged once the steps that it `needs` are: they are judged in the same run,
//! asked for or not, from the account itself. What the journal says is no proof.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Instant;

use jiff::Timestamp;
use tokio::sync::mpsc::UnboundedSender;
use tokio_util::sync::CancellationToken;

use super::basis::{self, SharedRead};
use super::judge::judge;
use super::read::Reader;
use super::request::{Event, History, VerifyRequest};
use super::verdict::{
    BlockedBy, CheckResult, CleanupResult, CourseId, ModuleResult, Report, Score, State,
    StepResult, Verdict,
};
use crate::account::Facts;
use crate::course::{CheckSpec, Course, Part, PartId, Step};

/// Verifies the asked-for steps of an account.
///
/// Every asked-for check has a verdict in the report, also when the run is cancelled (then those
/// that weren't judged yet "cannot tell"), its time is over, or nobody listens to the events. Must be
/// called inside a tokio runtime. The future is `Send`, and nothing is shared between two runs.
pub async fn verify(
    request: VerifyRequest,
    facts: Arc<dyn Facts>,
    course: &Course,
    history: &History,
    events: UnboundedSender<Event>,
    cancel: CancellationToken,
) -> Report {
    let begun = Instant::now();
    let started = (request.clock)();
    let calls_before = facts.api_calls();
    let clock = Started { at: begun, time: started };
    let mut run = Run::new(&request, course, history, events, clock);
    let mut wanted = run.facts();
    wanted.extend(request.also_read.iter().cloned());
    let mut reader = Reader::new(Arc::clone(&facts), wanted, request.fact_timeout, cancel);
    reader.end_after(request.run_timeout);
    let checks = run.pending.iter().filter(|p| p.asked).count();
    run.tell(Event::Started { facts: reader.total(), checks });
    run.judge_ready(&reader);
    loop {
        let fresh = reader.next().await;
        if fresh.is_empty() {
            break;
        }
        for fact in fresh {
            let seconds = reader.times.get(&fact).map_or(0.0, |(_, took)| took.as_secs_f64());
            let outcome = reader.outcomes[&fact].clone();
            run.tell(Event::Read { fact, outcome, seconds });
        }
        run.judge_ready(&reader);
    }
    run.judge_rest(&reader);
    let (modules, cleanup) = run.parts();
    let mut report = Report {
        schema: 1,
        tool: concat!("stepproof ", env!("CARGO_PKG_VERSION")).to_owned(),
        course: CourseId { id: course.index.id.clone(), sha256: course.sha256.clone() },
        account: request.account.clone(),
        caller: request.caller.clone(),
        kind: request.kind,
        region: request.region.clone(),
        started: started.to_string(),
        seconds: begun.elapsed().as_secs_f64(),
        api_calls: facts.api_calls().saturating_sub(calls_before),
        probed: facts.probed(),
        score: Score::default(),
        modules,
        cleanup,
    };
    report.score = score(&report);
    report
}

/// A check that waits for its verdict.
struct Pending<'a> {
    part: PartId,
    step: &'a Step,
    check: &'a CheckSpec,
    asked: bool,
}

/// When the run began, by the computer's two clocks: the time of day may jump while it goes on.
#[derive(Clone, Copy)]
struct Started {
    at: Instant,
    time: Timestamp,
}

impl Started {
    /// The time of day of a moment of the run.
    fn time_of(self, moment: Instant) -> Timestamp {
        self.time.checked_add(moment.duration_since(self.at)).unwrap_or(self.time)
    }
}

/// One verification under way.
struct Run<'a> {
    started: Started,
    request: &'a VerifyRequest,
    course: &'a Course,
    history: &'a History,
    events: UnboundedSender<Event>,
    pending: Vec<Pending<'a>>,
    /// Results by check name.
    results: BTreeMap<&'a str, CheckResult>,
    /// How the facts were read that results rest on.
    reads: BTreeMap<String, SharedRead>,
}

impl<'a> Run<'a> {
    fn new(
        request: &'a VerifyRequest,
        course: &'a Course,
        history: &'a History,
        events: UnboundedSender<Event>,
        started: Started,
    ) -> Self {
        let mut all: BTreeSet<&str> = request.asked.steps.iter().map(String::as_str).collect();
        let mut open: Vec<&str> = all.iter().copied().collect();
        while let Some((_, step)) = open.pop().and_then(|id| course.step(id)) {
            open.extend(step.spec.needs.iter().map(String::as_str).filter(|need| all.insert(need)));
        }
        let pending = course
            .parts()
            .flat_map(|part| part.steps.iter().map(move |step| (part.id, step)))
            .filter(|(_, step)| all.contains(step.spec.id.as_str()))
            .flat_map(|(part, step)| {
                let asked = request.asked.steps.contains(&step.spec.id);
                // Of a step that others need only what proves it matters.
                let counts = move |check: &&CheckSpec| asked || !check.optional;
                let pending = move |check| Pending { part, step, check, asked };
                step.checks.iter().filter(counts).map(pending)
            })
            .collect();
        let (results, reads) = (BTreeMap::new(), BTreeMap::new());
        Self { started, request, course, history, events, pending, results, reads }
    }

    fn facts(&self) -> BTreeSet<String> {
        self.pending.iter().flat_map(|p| p.check.facts.iter().cloned()).collect()
    }

    /// Nobody has to listen.
    fn tell(&self, event: Event) {
        let _ = self.events.send(event);
    }

    /// Judges what can be judged, until nothing more can.
    fn judge_ready(&mut self, reader: &Reader) {
        let mut before = usize::MAX;
        // What is judged may settle the step that another waits for, also one in front of it.
        while self.pending.len() < before {
            before = self.pending.len();
            let mut at = 0;
            while let Some(next) = self.pending.get(at) {
                if self.is_ready(next, reader) {
                    self.judge_at(at, reader);
                } else {
                    at += 1;
                }
            }
        }
    }

    fn is_ready(&self, pending: &Pending<'_>, reader: &Reader) -> bool {
        pending.check.facts.iter().all(|fact| reader.outcomes.contains_key(fact))
            && pending.step.spec.needs.iter().all(|need| self.is_settled(need))
    }

    /// All facts are read: what is left belongs to steps that need each other.
    fn judge_rest(&mut self, reader: &Reader) {
        while !self.pending.is_empty() {
            self.judge_at(0, reader);
            self.judge_ready(reader);
        }
    }

    fn judge_at(&mut self, at: usize, reader: &Reader) {
        let Pending { part, step, check, asked } = self.pending.remove(at);
        let blocked_by = step.spec.needs.iter().find_map(|need| self.blocker(need));
        let mut result = judge(self.request, self.history, step, check, reader, blocked_by);
        let asked_at = check.facts.iter().filter_map(|f| reader.times.get(f)).map(|t| t.0).min();
        result.seconds = asked_at.map_or(0.0, |at| at.elapsed().as_secs_f64());
        let started = self.started;
        let time_of = |moment| started.time_of(moment);
        result.basis.facts =
            basis::facts(check, reader, &mut self.reads, time_of, &self.request.lang);
        if asked && !self.events.is_closed() {
            let step = step.spec.id.clone();
            self.tell(Event::Judged { part, step, result: Box::new(result.clone()) });
        }
        self.results.insert(check.check.as_str(), result);
    }

    /// Whether everything that could prove a step is judged.
    fn is_settled(&self, step: &str) -> bool {
        !self.pending.iter().any(|p| p.step.spec.id == step && !p.check.optional)
    }

    /// The step to work on first, when this one isn't proven: itself, or what blocks it.
    fn blocker(&self, id: &str) -> Option<BlockedBy> {
        let blocked = |because| Some(BlockedBy { step: id.to_owned(), because });
        let Some((_, step)) = self.course.step(id) else { return blocked(Verdict::CannotTell) };
        let required: Vec<&CheckSpec> = step.checks.iter().filter(|c| !c.optional).collect();
        let results: Vec<&CheckResult> =
            required.iter().filter_map(|c| self.results.get(c.check.as_str())).collect();
        // No check, or one that isn't judged because steps need each other: no proof.
        if required.is_empty() || results.len() < required.len() {
            return blocked(Verdict::CannotTell);
        }
        let has = |verdict| results.iter().any(|r| r.verdict == verdict);
        if let Some(root) = results.iter().find_map(|r| r.blocked_by.clone()) {
            return Some(root);
        }
        [Verdict::Fail, Verdict::Waiting, Verdict::CannotTell, Verdict::Skipped, Verdict::Blocked]
            .into_iter()
            .find(|verdict| has(*verdict))
            .and_then(blocked)
    }

    /// What came of the asked-for steps, by part.
    fn parts(&self) -> (Vec<ModuleResult>, Option<CleanupResult>) {
        let mut modules = Vec::new();
        let mut cleanup = None;
        for part in self.course.parts() {
            let steps: Vec<StepResult> = part
                .steps
                .iter()
                .filter(|step| self.request.asked.steps.contains(&step.spec.id))
                .map(|step| self.step_result(step))
                .collect();
            if steps.is_empty() {
                continue;
            }
            let (slug, state) = (part.slug.to_owned(), part_state(part, &steps));
            match part.id {
                PartId::Module(module) => {
                    modules.push(ModuleResult { module, slug, state, steps });
                }
                PartId::Cleanup => cleanup = Some(CleanupResult { slug, state, steps }),
            }
        }
        (modules, cleanup)
    }

    fn step_result(&self, step: &Step) -> StepResult {
        let checks: Vec<CheckResult> = step
            .checks
            .iter()
            .filter_map(|check| self.results.get(check.check.as_str()).cloned())
            .collect();
        let id = &step.spec.id;
        let proven = self.history.first_proof.contains_key(id);
        let optional = step.spec.optional && !self.request.asked.named.contains(id);
        StepResult { step: id.clone(), optional, state: step_state(&checks, proven), checks }
    }
}

/// Done only when all required steps were asked for and are done.
fn part_state(part: Part<'_>, steps: &[StepResult]) -> State {
    let required: Vec<&Step> = part.steps.iter().filter(|step| !step.spec.optional).collect();
    let state_of = |step: &Step| steps.iter().find(|s| s.step == step.spec.id).map(|s| s.state);
    if required.iter().any(|s| state_of(s) == Some(State::Regressed)) {
        State::Regressed
    } else if !required.is_empty() && required.iter().all(|s| state_of(s) == Some(State::Done)) {
        State::Done
    } else if steps.iter().any(|s| s.state != State::NotStarted) {
        State::InProgress
    } else {
        State::NotStarted
    }
}

/// Where a step stands by its checks of this run, and whether it was ever proven before.
fn step_state(checks: &[CheckResult], proven_before: bool) -> State {
    let required: Vec<&CheckResult> = checks.iter().filter(|c| !c.optional).collect();
    let has = |verdict| required.iter().any(|c| c.verdict == verdict);
    if !required.is_empty() && required.iter().all(|c| c.verdict == Verdict::Pass) {
        State::Done
    } else if proven_before && required.iter().any(|c| is_lost(c)) {
        State::Regressed
    } else if proven_before || has(Verdict::Pass) || has(Verdict::Waiting) {
        State::InProgress
    } else {
        State::NotStarted
    }
}

/// Whether a check shows that what was proven doesn't hold any more. One that is blocked by what
/// couldn't be looked at, or doesn't show yet, shows nothing.
fn is_lost(check: &CheckResult) -> bool {
    let open = |by: &BlockedBy| matches!(by.because, Verdict::CannotTell | Verdict::Waiting);
    match check.verdict {
        Verdict::Fail => true,
        Verdict::Blocked => !check.blocked_by.as_ref().is_some_and(open),
        _ => false,
    }
}

fn score(report: &Report) -> Score {
    let mut score = Score::default();
    for check in report.required() {
        score.possible += 1;
        score.earned += u32::from(check.verdict == Verdict::Pass);
    }
    score
}
