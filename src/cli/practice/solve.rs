//! `practice solve`: brings steps to their solved state without any tool beside `stepproof`. An
//! HTTP client of the practice account; the terminal interface and `course test` use it too.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use tokio_util::sync::CancellationToken;

use super::act::{Actor, Place, Tell};
use super::app_dir::app_dir;
use super::diff::{self, Applied};
use super::manage;
use crate::account::{Account, Reader};
use crate::check::{AccountKind, Asked, History, State, StepResult, VerifyRequest, verify};
use crate::cli::{Context, Error, Exit, Outcome, app, output, server, session};
use crate::course::{Action, BlockKind, Course, CourseFiles, Part, PartId, SectionKind};

/// Arguments of `practice solve`.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// Modules (1), steps (1d), all modules (all), or the clean-up (cleanup)
    #[arg(value_name = "N", required = true)]
    targets: Vec<String>,
}

/// Why a step can't be solved.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SolveError {
    /// A step's change or action didn't work.
    #[error("step {step}: {problem}")]
    Step {
        /// The step.
        step: String,
        /// What didn't work.
        problem: String,
    },
    /// Nothing of it belongs to one step.
    #[error("{0}")]
    Place(String),
    /// It was cancelled between two steps' parts.
    #[error("cancelled")]
    Cancelled,
}

pub(super) async fn run(args: &Args, context: &Context) -> Outcome {
    let files = session::files(context)?;
    let course = session::course(context)?;
    let steps = asked(&course, &args.targets)?;
    let server = server::find_or_serve(context).await?;
    let account = session::practice_account();
    let place = Place {
        endpoint: server.endpoint(),
        region: manage::region(context),
        app: app_dir(context, &account, &course),
        names: session::names(context, &course),
        account,
    };
    let mut tell = |line: String| output::words(&output::printable(&line));
    solve(&place, &course, &files, &steps, &CancellationToken::new(), &mut tell).await.map_err(
        |error| {
            Error::unsure(output::printable(&error.to_string())).with_remedy(format!(
                "Solved steps stay solved. The copy of the app is {}; `stepproof practice reset` \
                 begins anew.",
                place.app.display()
            ))
        },
    )?;
    let what = args.targets.join(", ");
    let cleanup = args.targets.iter().any(|target| target == "cleanup").then_some(" --cleanup");
    let course = context.global.course.as_ref().map(|dir| dir.display().to_string());
    let course = course.map(|dir| format!(" --course {}", output::quoted(&dir)));
    output::words(&output::printable(&format!(
        "Solved: {what}. Now: stepproof verify --practice{}{}",
        cleanup.unwrap_or_default(),
        course.unwrap_or_default()
    )));
    Ok(Exit::Proven)
}

/// The steps that targets name, in the course's order. The clean-up is never among all.
fn asked(course: &Course, targets: &[String]) -> Result<Vec<String>, Error> {
    let mut wanted = BTreeSet::new();
    for target in targets {
        let mut named = 0;
        for part in course.parts() {
            let whole = is_named(part, target);
            for step in part.steps.iter().filter(|step| whole || step.spec.id == *target) {
                wanted.insert(step.spec.id.clone());
                named += 1;
            }
        }
        if named == 0 {
            let ids = course.parts().flat_map(|part| part.steps).map(|step| step.spec.id.as_str());
            let ids: Vec<&str> = ids.collect();
            let remedy = format!(
                "Steps: {}. Or a module's number, all (modules), or cleanup.",
                ids.join(", ")
            );
            return Err(Error::usage(format!("there is no module or step {target} to solve"))
                .with_remedy(remedy));
        }
    }
    let steps = course.parts().flat_map(|part| part.steps).map(|step| step.spec.id.clone());
    Ok(steps.filter(|id| wanted.contains(id)).collect())
}

/// Whether a target names a whole part.
fn is_named(part: Part<'_>, target: &str) -> bool {
    match part.id {
        PartId::Module(number) => target == "all" || number.to_string() == target,
        PartId::Cleanup => target == "cleanup",
    }
}

/// Brings the steps to their solved state, and before them what they rest on.
///
/// # Errors
/// The first thing that didn't work. What was done until then stays done; asked again, it goes on
/// from there.
pub async fn solve(
    place: &Place,
    course: &Course,
    files: &CourseFiles,
    steps: &[String],
    cancel: &CancellationToken,
    tell: Tell<'_>,
) -> Result<(), SolveError> {
    let fresh = copy_app(place, files, tell)?;
    let order = with_needs(course, steps);
    let proven = proven(place, course, &order).await?;
    // What is done already counts for the pages' conditions, whatever module it belongs to.
    let mut done = proven.clone();
    for id in order {
        if cancel.is_cancelled() {
            return Err(SolveError::Cancelled);
        }
        let problem = |problem| SolveError::Step { step: id.clone(), problem };
        // What is proven is in the app already; later changes may stand where its own were.
        let changed = (fresh || !proven.contains(&id))
            && apply_diffs(place, course, &id, &done, tell).await.map_err(problem)?;
        let Some((_, step)) = course.step(&id) else { continue };
        if changed || !proven.contains(&id) {
            act(place, course, &step.spec.solve, cancel, &id, tell).await?;
        } else {
            tell(format!("{id}: solved already"));
        }
        done.insert(id);
    }
    Ok(())
}

/// Makes the copy of the app where there is none yet. Whether it did.
fn copy_app(place: &Place, files: &CourseFiles, tell: Tell<'_>) -> Result<bool, SolveError> {
    if place.app.is_dir() {
        return Ok(false);
    }
    app::write_from(files, &place.app).map_err(|error| SolveError::Place(error.to_string()))?;
    tell(format!("Copied the app to {}", place.app.display()));
    Ok(true)
}

/// The steps and what comes before them: earlier steps of the same module (a diff fits the file as
/// the diffs before left it), and what they need of other modules, with what comes before that.
fn with_needs(course: &Course, steps: &[String]) -> Vec<String> {
    let mut wanted: BTreeSet<String> = BTreeSet::new();
    let mut open: Vec<String> = steps.to_vec();
    while let Some(id) = open.pop() {
        if !wanted.insert(id.clone()) {
            continue;
        }
        let Some((part, step)) = course.step(&id) else { continue };
        open.extend(step.spec.needs.iter().cloned());
        let earlier = part.steps.iter().take_while(|other| other.spec.id != id);
        open.extend(earlier.filter(|step| !step.spec.optional).map(|step| step.spec.id.clone()));
    }
    let all = course.parts().flat_map(|part| part.steps).map(|step| step.spec.id.clone());
    all.filter(|id| wanted.contains(id)).collect()
}

/// The steps that are proven now: of the modules, and of the clean-up where it is to be solved.
async fn proven(
    place: &Place,
    course: &Course,
    steps: &[String],
) -> Result<BTreeSet<String>, SolveError> {
    let of_cleanup = |id: &String| course.step(id).is_some_and(|(p, _)| p.id == PartId::Cleanup);
    let mut asked = Asked::all(course);
    if steps.iter().any(of_cleanup) {
        asked = asked.and_cleanup(course).map_err(|error| SolveError::Place(error.to_string()))?;
    }
    let account = Account::connect(place.target())
        .await
        .map_err(|cannot| SolveError::Place(cannot.message.clone()))?;
    let request = VerifyRequest::new(
        asked,
        &place.account,
        "practice solve",
        AccountKind::Practice,
        account.region(),
    );
    let reader = Arc::new(Reader::new(&account, true));
    let (events, _) = tokio::sync::mpsc::unbounded_channel();
    let cancel = CancellationToken::new();
    let report = verify(request, reader, course, &History::default(), events, cancel).await;
    // A step without a check proves nothing.
    let proven = |step: &&StepResult| step.state == State::Done && !step.checks.is_empty();
    Ok(report.steps().filter(proven).map(|step| step.step.clone()).collect())
}

/// Applies a step's diffs. Whether one changed a file now.
async fn apply_diffs(
    place: &Place,
    course: &Course,
    id: &str,
    done: &BTreeSet<String>,
    tell: Tell<'_>,
) -> Result<bool, String> {
    let Some((part, _)) = course.step(id) else { return Ok(false) };
    let mut values = course.values(&BTreeMap::new());
    let done = with_modules(course, done);
    let mut changed = false;
    let mut fresh = false;
    loop {
        let page = course.render(part.id, "en", &values, &done).map_err(|e| e.to_string())?;
        let Some(page) = page else { return Ok(changed) };
        let blocks = page
            .sections
            .iter()
            .filter(|section| matches!(&section.kind, SectionKind::Step(step) if step == id))
            .flat_map(|section| &section.blocks);
        let diffs: Vec<_> = blocks
            .filter_map(|block| match &block.kind {
                BlockKind::DiffApply { file } => Some((file, block)),
                _ => None,
            })
            .collect();
        if let Some(unknown) = diffs.iter().find_map(|(_, block)| block.unknown()) {
            if fresh {
                return Err(format!("its diff needs a value that isn't known: {unknown}"));
            }
            values = place.values(course).await?;
            fresh = true;
            continue;
        }
        for (file, block) in diffs {
            match diff::apply(&place.app.join(file), &block.source)? {
                Applied::Now => {
                    changed = true;
                    tell(format!("{id}: changed {file}"));
                }
                Applied::Before => {}
            }
        }
        return Ok(changed);
    }
}

/// The steps that are done, and the numbers of the modules whose required steps all are: what
/// `done("…")` of a page asks for.
pub fn with_modules(course: &Course, steps: &BTreeSet<String>) -> BTreeSet<String> {
    let mut done = steps.clone();
    for module in course.modules.iter().filter(|module| module.is_written()) {
        let mut required = module.steps.iter().filter(|step| !step.spec.optional);
        if required.all(|step| steps.contains(&step.spec.id)) {
            done.insert(module.entry.number.to_string());
        }
    }
    done
}

async fn act(
    place: &Place,
    course: &Course,
    actions: &[Action],
    cancel: &CancellationToken,
    step: &str,
    tell: Tell<'_>,
) -> Result<(), SolveError> {
    let mut actor = Actor::new(place, course, format!("{step}: "), tell);
    for action in actions {
        if cancel.is_cancelled() {
            return Err(SolveError::Cancelled);
        }
        actor
            .act(action)
            .await
            .map_err(|problem| SolveError::Step { step: step.to_owned(), problem })?;
    }
    Ok(())
}
