//! The scenarios of the course's test, one after the other: the empty account, the modules that
//! come first, each other module alone, all of them in several orders, the clean-up, and every
//! break.

use std::collections::BTreeSet;
use std::time::Instant;

use crate::check::Verdict;
use crate::cli::Error;
use crate::course::{Break, Course, CourseFiles, PartId};

use super::bench::{ACCOUNT, Bench, REGION, Trouble};
use super::execute::{self, Workplace};
use super::judge::{self, Ask, Asks, Done, Finding};
use super::outcome::{Kind, Scenario};
use super::plan::Plan;
use super::test::written;
use super::values::AccountValues;

/// Called with each scenario as it ends.
pub(super) type Tell<'a> = &'a mut dyn FnMut(&Scenario) -> Result<(), Error>;

/// The test under way.
pub(super) struct Play<'a> {
    course: &'a Course,
    files: &'a CourseFiles,
    plan: Plan,
    scenarios: Vec<Scenario>,
}

impl<'a> Play<'a> {
    pub(super) fn new(course: &'a Course, files: &'a CourseFiles, plan: Plan) -> Self {
        Self { course, files, plan, scenarios: Vec::new() }
    }

    /// Plays everything; the scenarios. A state that can't be reached ends what rests on it.
    pub(super) async fn run(mut self, tell: Tell<'_>) -> Result<Vec<Scenario>, Error> {
        Box::pin(self.play(tell)).await?;
        Ok(self.scenarios)
    }

    fn note(&mut self, scenario: Scenario, tell: Tell<'_>) -> Result<bool, Error> {
        tell(&scenario)?;
        let reached = scenario.error.is_none();
        self.scenarios.push(scenario);
        Ok(reached)
    }

    async fn play(&mut self, tell: Tell<'_>) -> Result<(), Error> {
        let began = Instant::now();
        let base = match Bench::new(self.files).await {
            Ok(bench) => bench,
            Err(trouble) => {
                self.note(failed(Kind::Empty, trouble, began), tell)?;
                return Ok(());
            }
        };
        let asks = judge::solved(self.course, Done::Nothing);
        let empty = scenario(self.course, Kind::Empty, &base, &asks, began).await;
        self.note(empty, tell)?;
        let first = self.plan.first.clone();
        if !self.advance(&base, &[], &first, tell).await? {
            return Ok(());
        }
        for module in self.plan.alone.clone() {
            // One of the orders may begin like this.
            if self.plan.orders.iter().any(|order| order.starts_with(&module)) {
                continue;
            }
            if let Some(copy) = self.copy(&base, &first, tell).await? {
                self.advance(&copy, &first, &module, tell).await?;
            }
        }
        let mut whole = None;
        for order in self.plan.orders.clone() {
            let Some(copy) = self.copy(&base, &first, tell).await? else { continue };
            let reached = self.advance(&copy, &first, &order, tell).await?;
            if whole.is_none() && reached {
                whole = Some((copy, [first.clone(), order].concat()));
            }
        }
        let Some((bench, done)) = whole else { return Ok(()) };
        let asks = judge::solved(self.course, Done::Modules(&done));
        let wanted = self.plan.breaks.iter().copied().filter(|module| done.contains(module));
        let wanted = wanted.map(PartId::Module).collect();
        self.breaks(&bench, &asks, &wanted, tell).await?;
        if self.plan.cleanup { self.cleanup(&bench, &done, tell).await } else { Ok(()) }
    }

    /// What the course's checks are asked for once these modules are done.
    fn done<'d>(&self, modules: &'d [u8]) -> Done<'d> {
        let all = written(self.course).all(|module| modules.contains(&module.entry.number));
        if all { Done::All } else { Done::Modules(modules) }
    }

    /// Cleans up a copy of the solved account, and then breaks that.
    async fn cleanup(&mut self, solved: &Bench, done: &[u8], tell: Tell<'_>) -> Result<(), Error> {
        let Some(copy) = self.copy(solved, done, tell).await? else { return Ok(()) };
        let began = Instant::now();
        let kind = Kind::CleanedUp { modules: done.to_vec(), executed: self.plan.execute };
        let played = match self.reach(&copy, PartId::Cleanup, done).await {
            Ok(()) => {
                let asks = judge::solved(self.course, Done::Cleanup);
                scenario(self.course, kind, &copy, &asks, began).await
            }
            Err(trouble) => failed(kind, trouble, began),
        };
        if self.note(played, tell)? && !self.plan.execute {
            let asks = judge::cleaned(self.course);
            self.breaks(&copy, &asks, &BTreeSet::from([PartId::Cleanup]), tell).await?;
        }
        Ok(())
    }

    /// Does a part as the plan says, on an account on which the modules `before` are done.
    async fn reach(&self, bench: &Bench, part: PartId, before: &[u8]) -> Result<(), Trouble> {
        if self.plan.execute {
            run_instructions(self.course, bench, part, before).await
        } else {
            bench.solve(self.course, self.files, part).await
        }
    }

    async fn copy(
        &mut self,
        bench: &Bench,
        done: &[u8],
        tell: Tell<'_>,
    ) -> Result<Option<Bench>, Error> {
        let began = Instant::now();
        match bench.copy().await {
            Ok(copy) => Ok(Some(copy)),
            Err(trouble) => {
                self.note(failed(self.reached(done), trouble, began), tell)?;
                Ok(None)
            }
        }
    }

    fn reached(&self, done: &[u8]) -> Kind {
        let modules = done.to_vec();
        if self.plan.execute { Kind::Executed { modules } } else { Kind::Solved { modules } }
    }

    /// Does modules one after the other, and verifies after each. Whether all could be done.
    async fn advance(
        &mut self,
        bench: &Bench,
        before: &[u8],
        modules: &[u8],
        tell: Tell<'_>,
    ) -> Result<bool, Error> {
        let mut done = before.to_vec();
        for module in modules {
            let began = Instant::now();
            let reached = self.reach(bench, PartId::Module(*module), &done).await;
            done.push(*module);
            let kind = self.reached(&done);
            let played = match reached {
                Ok(()) => {
                    let asks = judge::solved(self.course, self.done(&done));
                    scenario(self.course, kind, bench, &asks, began).await
                }
                Err(trouble) => failed(kind, trouble, began),
            };
            if !self.note(played, tell)? {
                return Ok(false);
            }
        }
        Ok(true)
    }

    /// Each of each check's breaks, on a copy of the solved account; of the wanted parts.
    async fn breaks(
        &mut self,
        solved: &Bench,
        asks: &Asks<'a>,
        wanted: &BTreeSet<PartId>,
        tell: Tell<'_>,
    ) -> Result<(), Error> {
        for (part, check) in judge::checks(self.course).filter(|(part, _)| wanted.contains(part)) {
            let module = match part {
                PartId::Module(number) => Some(number),
                PartId::Cleanup => None,
            };
            for by in &check.breaks {
                let began = Instant::now();
                let kind = Kind::Broken { module, check: check.check.clone(), by: by.name.clone() };
                let scenario = match broken(self.course, solved, by).await {
                    Ok(bench) => {
                        let asks = judge::broken(self.course, asks.clone(), check, by);
                        let found = scenario(self.course, kind, &bench, &asks, began).await;
                        judged_alone(self.course, &check.check, &bench, found).await
                    }
                    Err(trouble) => failed(kind, trouble, began),
                };
                self.note(scenario, tell)?;
            }
        }
        Ok(())
    }
}

/// A broken check that came out blocked says nothing of itself: it is judged again as if its step
/// needed no other, and must fail then.
async fn judged_alone(
    course: &Course,
    check: &str,
    bench: &Bench,
    mut found: Scenario,
) -> Scenario {
    let is_it =
        |finding: &Finding| finding.check == check && finding.found == Some(Verdict::Blocked);
    let Some(at) = found.findings.iter().position(is_it) else { return found };
    let mut free = course.clone();
    let cleanup = free.cleanup.iter_mut().flat_map(|cleanup| &mut cleanup.steps);
    for step in free.modules.iter_mut().flat_map(|module| &mut module.steps).chain(cleanup) {
        step.spec.needs.clear();
    }
    let asks = Asks::from([(check, Ask::Red)]);
    found.findings.remove(at);
    match bench.verify(&free, asks_cleanup(&free, &asks)).await {
        Ok(report) => found.findings.extend(judge::judge(&free, &asks, &report)),
        Err(trouble) => found.error = Some(trouble),
    }
    found
}

/// A copy of the solved account, broken.
async fn broken(course: &Course, solved: &Bench, by: &Break) -> Result<Bench, Trouble> {
    let bench = solved.copy().await?;
    bench.act(course, &by.actions).await?;
    Ok(bench)
}

/// Runs a part's instructions as written, on an account on which the modules `done` are.
async fn run_instructions(
    course: &Course,
    bench: &Bench,
    part: PartId,
    done: &[u8],
) -> Result<(), Trouble> {
    let target = bench.target(course);
    let place = Workplace::new(&bench.app(), &bench.endpoint(), ACCOUNT, REGION);
    let mut values =
        AccountValues::connect(course, target).await.map_err(|error| error.to_string())?;
    execute::part(course, part, done, &place, &mut values)
        .await
        .map_err(|error| error.to_string())?;
    Ok(())
}

/// Verifies the account, and compares with what is asked.
async fn scenario(
    course: &Course,
    kind: Kind,
    bench: &Bench,
    asks: &Asks<'_>,
    began: Instant,
) -> Scenario {
    let report = match bench.verify(course, asks_cleanup(course, asks)).await {
        Ok(report) => report,
        Err(trouble) => return failed(kind, trouble, began),
    };
    Scenario {
        kind,
        findings: judge::judge(course, asks, &report),
        error: None,
        passing: judge::results(&report).filter(|result| result.verdict == Verdict::Pass).count(),
        checks: judge::results(&report).count(),
        seconds: began.elapsed().as_secs_f64(),
    }
}

/// Whether anything is asked of the clean-up.
fn asks_cleanup(course: &Course, asks: &Asks<'_>) -> bool {
    judge::checks(course)
        .any(|(part, check)| part == PartId::Cleanup && asks.contains_key(check.check.as_str()))
}

fn failed(kind: Kind, trouble: Trouble, began: Instant) -> Scenario {
    let seconds = began.elapsed().as_secs_f64();
    Scenario { kind, findings: Vec::new(), error: Some(trouble), passing: 0, checks: 0, seconds }
}
