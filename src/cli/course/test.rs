//! `stepproof course test`: the course proves itself on practice accounts of its own.
//!
//! On the empty account nothing passes; as module after module is solved, the checks of the solved
//! ones pass and no other; and each of a check's `breaks` turns that check red, and no check that
//! doesn't rest on the same control. With `--execute` the states are reached by running the
//! instructions as written.

use std::time::Instant;

use crate::check::Verdict;
use crate::cli::{Context, Error, Exit, output, session};
use crate::course::{Break, Course, CourseFiles, Module};

use super::bench::{ACCOUNT, Bench, REGION, Trouble};
use super::execute::{self, Workplace};
use super::judge::{self, Ask, Asks, Finding};
use super::outcome::{Kind, Outcome, Scenario, line};
use super::values::AccountValues;

/// Arguments of `course test`.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// Reach the solved state by running the instructions with the AWS CLI
    #[arg(long)]
    execute: bool,
    /// Only this module's breaks, or instructions up to it; may be given several times
    #[arg(long = "module", value_name = "N")]
    modules: Vec<u8>,
    /// How the result is written
    #[arg(long, value_enum, default_value_t)]
    format: Format,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, clap::ValueEnum)]
enum Format {
    #[default]
    Human,
    Json,
}

/// Runs the test and writes what it found.
pub(super) async fn run(args: Args, context: &Context) -> crate::cli::Outcome {
    let course = session::course(context)?;
    let files = session::files(context)?;
    refuse_unknown(&course, &args.modules)?;
    let began = Instant::now();
    let human = args.format == Format::Human;
    let mut tell = |scenario: &Scenario| {
        if human { output::data(&output::printable(&line(scenario))) } else { Ok(()) }
    };
    let mut test =
        Test { course: &course, files: &files, wanted: &args.modules, scenarios: Vec::new() };
    test.play(args.execute, &mut tell).await?;
    let outcome = Outcome::new(test.scenarios, began.elapsed().as_secs_f64());
    if human {
        output::data(&outcome.summary())?;
    } else {
        output::data(&serde_json::to_string_pretty(&outcome).unwrap_or_default())?;
    }
    Ok(if outcome.holds { Exit::Proven } else { Exit::NotProven })
}

fn refuse_unknown(course: &Course, modules: &[u8]) -> Result<(), Error> {
    for number in modules {
        if course.module(*number).is_none_or(|module| !module.is_written()) {
            let written: Vec<String> =
                written(course).map(|m| m.entry.number.to_string()).collect();
            return Err(Error::usage(format!("there is no written module {number}"))
                .with_remedy(format!("Modules that can be tested: {}.", written.join(", "))));
        }
    }
    Ok(())
}

fn written(course: &Course) -> impl Iterator<Item = &Module> {
    course.modules.iter().filter(|module| module.is_written())
}

/// Called with each scenario as it ends.
type Tell<'a> = &'a mut dyn FnMut(&Scenario) -> Result<(), Error>;

struct Test<'a> {
    course: &'a Course,
    files: &'a CourseFiles,
    wanted: &'a [u8],
    scenarios: Vec<Scenario>,
}

impl Test<'_> {
    fn wants(&self, module: u8) -> bool {
        self.wanted.is_empty() || self.wanted.contains(&module)
    }

    fn note(&mut self, scenario: Scenario, tell: Tell<'_>) -> Result<(), Error> {
        tell(&scenario)?;
        self.scenarios.push(scenario);
        Ok(())
    }

    /// All scenarios in order. A state that can't be reached ends the test: later ones rest on it.
    async fn play(&mut self, execute: bool, tell: Tell<'_>) -> Result<(), Error> {
        let began = Instant::now();
        let bench = match Bench::new(self.files).await {
            Ok(bench) => bench,
            Err(trouble) => return self.note(failed(Kind::Empty, trouble, began), tell),
        };
        let asks = judge::solved(self.course, &[]);
        self.note(scenario(self.course, Kind::Empty, &bench, &asks, began).await, tell)?;
        // Breaks are done to the wholly solved account, whatever module they belong to.
        let last = written(self.course)
            .map(|module| module.entry.number)
            .filter(|module| !execute || self.wants(*module))
            .max();
        let mut done = Vec::new();
        for module in written(self.course).map(|module| module.entry.number) {
            if last.is_none_or(|last| module > last) {
                break;
            }
            let began = Instant::now();
            let kind = if execute { Kind::Executed { module } } else { Kind::Solved { module } };
            let reached = if execute {
                run_instructions(self.course, &bench, module).await
            } else {
                bench.solve(self.course, self.files, module).await
            };
            done.push(module);
            if let Err(trouble) = reached {
                return self.note(failed(kind, trouble, began), tell);
            }
            let asks = judge::solved(self.course, &done);
            self.note(scenario(self.course, kind, &bench, &asks, began).await, tell)?;
        }
        if execute { Ok(()) } else { self.breaks(&bench, &done, tell).await }
    }

    /// Each of each check's breaks, on a copy of the solved account.
    async fn breaks(&mut self, solved: &Bench, done: &[u8], tell: Tell<'_>) -> Result<(), Error> {
        for (module, check) in judge::checks(self.course) {
            let module = module.entry.number;
            if !done.contains(&module) || !self.wants(module) {
                continue;
            }
            for by in &check.breaks {
                let began = Instant::now();
                let kind = Kind::Broken { module, check: check.check.clone(), by: by.name.clone() };
                let scenario = match broken(self.course, solved, by).await {
                    Ok(bench) => {
                        let asks = judge::broken(self.course, done, check, by);
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
    for step in free.modules.iter_mut().flat_map(|module| &mut module.steps) {
        step.spec.needs.clear();
    }
    let asks = Asks::from([(check, Ask::Red)]);
    found.findings.remove(at);
    match bench.verify(&free).await {
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

/// Runs a module's instructions as written.
async fn run_instructions(course: &Course, bench: &Bench, module: u8) -> Result<(), Trouble> {
    let target = bench.target(course);
    let place = Workplace::new(&bench.app(), &bench.endpoint(), ACCOUNT, REGION);
    let mut values =
        AccountValues::connect(course, target).await.map_err(|error| error.to_string())?;
    execute::module(course, module, &place, &mut values)
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
    let report = match bench.verify(course).await {
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

fn failed(kind: Kind, trouble: Trouble, began: Instant) -> Scenario {
    let seconds = began.elapsed().as_secs_f64();
    Scenario { kind, findings: Vec::new(), error: Some(trouble), passing: 0, checks: 0, seconds }
}
