//! `practice solve`: brings steps to their solved state without any tool beside `stepproof`. An
//! HTTP client of the practice account; the terminal interface and `course test` use it too.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use minijinja::{Environment, UndefinedBehavior};
use serde_json::Value;
use tokio_util::sync::CancellationToken;

use super::deploy::{Client, Deployment};
use super::diff::{self, Applied};
use super::manage;
use super::npm;
use super::request::{self, Request};
use crate::account::{Account, Names, Reader, Target};
use crate::check::{AccountKind, Asked, History, State, VerifyRequest, verify};
use crate::cli::course::execute::CurrentValues;
use crate::cli::course::values::AccountValues;
use crate::cli::{Context, Error, Exit, Outcome, app, output, server, session};
use crate::course::{Action, BlockKind, Course, CourseFiles, SectionKind, ValueState, Values};

/// Arguments of `practice solve`.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// Modules (1), steps (1d), or all
    #[arg(value_name = "N", required = true)]
    targets: Vec<String>,
}

/// The practice account to solve, and the copy of the app to do it with.
#[derive(Debug, Clone)]
pub struct Place {
    /// `http://127.0.0.1:PORT`
    pub endpoint: String,
    /// 12 digits.
    pub account: String,
    /// `us-east-1`
    pub region: String,
    /// The copy of the app.
    pub app: PathBuf,
    /// Names of the stacks, and the stage.
    pub names: Names,
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

/// Is told each line of progress.
pub type Tell<'a> = &'a mut (dyn FnMut(String) + Send);

pub(super) async fn run(args: &Args, context: &Context) -> Outcome {
    let files = session::files(context)?;
    let course = session::course(context)?;
    let steps = asked(&course, &args.targets)?;
    let server = server::find_or_serve(context).await?;
    let account = session::practice_account();
    let place = Place {
        endpoint: server.endpoint(),
        region: manage::region(context),
        app: manage::app_dir(context, &account),
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
    output::words(&output::printable(&format!("Solved: {what}. Now: stepproof verify --practice")));
    Ok(Exit::Proven)
}

/// The steps that targets name, in the course's order.
fn asked(course: &Course, targets: &[String]) -> Result<Vec<String>, Error> {
    let mut wanted = BTreeSet::new();
    for target in targets {
        let before = wanted.len();
        let steps = course.steps().filter(|(module, step)| {
            target == "all" || step.spec.id == *target || module.entry.number.to_string() == *target
        });
        wanted.extend(steps.map(|(_, step)| step.spec.id.clone()));
        let named = course.steps().any(|(module, step)| {
            step.spec.id == *target || module.entry.number.to_string() == *target
        });
        if wanted.len() == before && !named {
            let ids: Vec<&str> = course.steps().map(|(_, step)| step.spec.id.as_str()).collect();
            return Err(Error::usage(format!("there is no module or step {target} to solve"))
                .with_remedy(format!("Steps: {}. Or a module's number, or all.", ids.join(", "))));
        }
    }
    let steps = course.steps().map(|(_, step)| step.spec.id.clone());
    Ok(steps.filter(|id| wanted.contains(id)).collect())
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
    let proven = proven(place, course).await?;
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
            act_cancellable(place, course, &step.spec.solve, cancel, &id, tell).await?;
        } else {
            tell(format!("{id}: solved already"));
        }
        done.insert(id);
    }
    Ok(())
}

/// Does actions in order: those of a step, or of a check's break.
///
/// # Errors
/// The first that didn't work, in words.
pub async fn act(
    place: &Place,
    course: &Course,
    actions: &[Action],
    tell: Tell<'_>,
) -> Result<(), String> {
    let cancel = CancellationToken::new();
    act_cancellable(place, course, actions, &cancel, "", tell).await.map_err(|error| match error {
        SolveError::Step { problem, .. } => problem,
        error => error.to_string(),
    })
}

/// Makes the copy of the app where there is none yet. Whether it did.
fn copy_app(place: &Place, files: &CourseFiles, tell: Tell<'_>) -> Result<bool, SolveError> {
    if place.app.is_dir() {
        return Ok(false);
    }
    let list: Vec<(&Path, &[u8])> =
        files.under("content/app").map(|(path, bytes)| (Path::new(path), bytes)).collect();
    if list.is_empty() {
        return Err(SolveError::Place("the course holds no app (content/app)".to_owned()));
    }
    app::write(&place.app, &list).map_err(|error| SolveError::Place(error.to_string()))?;
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
        let Some((module, step)) = course.step(&id) else { continue };
        open.extend(step.spec.needs.iter().cloned());
        let earlier = module.steps.iter().take_while(|other| other.spec.id != id);
        open.extend(earlier.filter(|step| !step.spec.optional).map(|step| step.spec.id.clone()));
    }
    let all = course.steps().map(|(_, step)| step.spec.id.clone());
    all.filter(|id| wanted.contains(id)).collect()
}

fn target(place: &Place) -> Target {
    let mut target = Target::practice(&place.endpoint, &place.account, place.names.clone());
    target.region = Some(place.region.clone());
    target
}

/// The steps that are proven now.
async fn proven(place: &Place, course: &Course) -> Result<BTreeSet<String>, SolveError> {
    let account = Account::connect(target(place))
        .await
        .map_err(|cannot| SolveError::Place(cannot.message.clone()))?;
    let request = VerifyRequest::new(
        Asked::all(course),
        &place.account,
        "practice solve",
        AccountKind::Practice,
        account.region(),
    );
    let reader = Arc::new(Reader::new(&account, true));
    let (events, _) = tokio::sync::mpsc::unbounded_channel();
    let cancel = CancellationToken::new();
    let report = verify(request, reader, course, &History::default(), events, cancel).await;
    let steps = report.modules.into_iter().flat_map(|module| module.steps);
    // A step without a check proves nothing.
    Ok(steps
        .filter(|step| step.state == State::Done && !step.checks.is_empty())
        .map(|step| step.step)
        .collect())
}

/// Applies a step's diffs. Whether one changed a file now.
async fn apply_diffs(
    place: &Place,
    course: &Course,
    id: &str,
    done: &BTreeSet<String>,
    tell: Tell<'_>,
) -> Result<bool, String> {
    let Some((module, _)) = course.step(id) else { return Ok(false) };
    let number = module.entry.number;
    let mut values = course.values(&BTreeMap::new());
    let done = with_modules(course, done);
    let mut changed = false;
    let mut fresh = false;
    loop {
        let page = course.render(number, "en", &values, &done).map_err(|e| e.to_string())?;
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
            values = read_values(place, course).await?;
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

async fn read_values(place: &Place, course: &Course) -> Result<Values, String> {
    let mut values = AccountValues::connect(course, target(place))
        .await
        .map_err(|cannot| cannot.message.clone())?;
    Ok(values.values().await)
}

async fn act_cancellable(
    place: &Place,
    course: &Course,
    actions: &[Action],
    cancel: &CancellationToken,
    step: &str,
    tell: Tell<'_>,
) -> Result<(), SolveError> {
    let mut actor = Actor {
        place,
        course,
        client: Client::new(&place.endpoint, &place.account, &place.region),
        saved: BTreeMap::new(),
        prefix: if step.is_empty() { String::new() } else { format!("{step}: ") },
        tell,
    };
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

/// Does actions, and keeps what they save for those after them.
struct Actor<'a> {
    place: &'a Place,
    course: &'a Course,
    client: Client,
    saved: BTreeMap<String, String>,
    prefix: String,
    tell: Tell<'a>,
}

/// Whether an address is the endpoint's port on loopback, under any of its names.
fn is_local(url: &str, endpoint: &str) -> bool {
    let place = |text: &str| {
        let host = text.split('/').nth(2).unwrap_or_default();
        host.rsplit_once(':').map(|(name, port)| (name.to_owned(), port.to_owned()))
    };
    let (Some((name, port)), Some((_, own))) = (place(url), place(endpoint)) else { return false };
    let loopback = name == "127.0.0.1" || name == "localhost" || name.ends_with(".localhost");
    loopback && port == own
}

impl Actor<'_> {
    fn say(&mut self, what: &str) {
        let line = format!("{}{what}", self.prefix);
        (self.tell)(line);
    }

    #[expect(clippy::too_many_lines, reason = "one arm for each action")]
    async fn act(&mut self, action: &Action) -> Result<(), String> {
        let words = Words::new(self.place, self.course, &self.saved, action).await?;
        match action {
            Action::Deploy { template, stack, parameters, with } => {
                let stack = self.stack(&words.fill(stack)?);
                let template = words.fill(template)?;
                let parameters = words.fill_all(parameters)?;
                let mut changes = BTreeMap::new();
                for (path, value) in with {
                    changes.insert(path.clone(), words.fill_value(value)?);
                }
                let bucket_stack = self.stack("init");
                let deployment = Deployment {
                    app: &self.place.app,
                    template: &inside(&template)?,
                    stack: &stack,
                    bucket_stack: &bucket_stack,
                    parameters: &parameters,
                    with: &changes,
                };
                let changed = self.client.deploy(&deployment).await?;
                self.say(&if changed {
                    format!("deployed {template} as {stack}")
                } else {
                    format!("{stack} is up to date")
                });
            }
            Action::DeleteStack(stack) => {
                let stack = self.stack(&words.fill(stack)?);
                self.client.delete(&stack).await?;
                self.say(&format!("deleted stack {stack}"));
            }
            Action::Http { method, url, signed, headers, json, form, expect, save } => {
                let request = Request {
                    method,
                    url: words.fill(url)?,
                    signed: *signed,
                    headers: words.fill_all(headers)?,
                    json: json.as_ref().map(|value| words.fill_value(value)).transpose()?,
                    form: form.as_ref().map(|form| words.fill_all(form)).transpose()?,
                    expect: *expect,
                    save,
                };
                // Course data must not make this program call anything but the practice account.
                let endpoint = &self.place.endpoint;
                if !is_local(&request.url, endpoint) {
                    let url = request.url;
                    return Err(format!("{url} is not on the practice account ({endpoint})"));
                }
                let what = format!("{method} {}", request.url);
                self.saved.extend(request::send(&self.client, request).await?);
                self.say(&what);
            }
            Action::Dependencies { dir, remove, add } => {
                let dir = inside(&words.fill(dir)?)?;
                npm::change(&self.place.app.join(&dir), remove, add)?;
                self.say(&format!("changed the dependencies of {dir}"));
            }
            Action::File { path, contents } => {
                let contents = contents.as_ref().map(|text| words.fill(text)).transpose()?;
                self.file(&inside(&words.fill(path)?)?, contents.as_deref())?;
            }
        }
        Ok(())
    }

    /// Writes a file of the app's copy, or removes it.
    fn file(&mut self, path: &str, contents: Option<&str>) -> Result<(), String> {
        let file = self.place.app.join(path);
        let done = match contents {
            Some(text) => {
                let parent = file.parent().unwrap_or(&self.place.app);
                std::fs::create_dir_all(parent).and_then(|()| diff::write(&file, text))
            }
            None => match std::fs::remove_file(&file) {
                Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(()),
                result => result,
            },
        };
        done.map_err(|error| format!("cannot change {path}: {error}"))?;
        self.say(&format!("wrote {path}"));
        Ok(())
    }

    /// The stack of a role; any other name is a stack's own.
    fn stack(&self, role: &str) -> String {
        self.place.names.stacks.get(role).map_or_else(|| role.to_owned(), Clone::clone)
    }
}

/// A relative path that stays in the app directory.
fn inside(path: &str) -> Result<String, String> {
    let plain = |part: &str| !part.is_empty() && part != "." && part != "..";
    if path.split('/').all(plain) && !path.contains('\\') {
        Ok(path.to_owned())
    } else {
        Err(format!("{path} is no path inside the app directory"))
    }
}

/// Fills in an action's texts.
struct Words {
    env: Environment<'static>,
    known: BTreeMap<String, String>,
}

impl Words {
    /// Reads the account's values only where the action names any.
    async fn new(
        place: &Place,
        course: &Course,
        saved: &BTreeMap<String, String>,
        action: &Action,
    ) -> Result<Self, String> {
        let mut env = Environment::new();
        env.set_undefined_behavior(UndefinedBehavior::Strict);
        let mut known = BTreeMap::new();
        let text = serde_json::to_string(action).unwrap_or_default();
        let names = |name: &String| text.contains(name.as_str());
        if text.contains("{{") && course.index.values.keys().any(names) {
            for (name, state) in read_values(place, course).await? {
                if let ValueState::Known(value) = state {
                    known.insert(name, value);
                }
            }
        }
        known.insert("endpoint".into(), place.endpoint.clone());
        known.insert("account".into(), place.account.clone());
        known.insert("region".into(), place.region.clone());
        known.extend(saved.clone());
        Ok(Self { env, known })
    }

    fn fill(&self, text: &str) -> Result<String, String> {
        self.env.render_str(text, &self.known).map_err(|error| {
            format!("`{text}` can't be filled in: {error}. A value that it names isn't known yet")
        })
    }

    fn fill_all(
        &self,
        texts: &BTreeMap<String, String>,
    ) -> Result<BTreeMap<String, String>, String> {
        texts.iter().map(|(name, text)| Ok((name.clone(), self.fill(text)?))).collect()
    }

    fn fill_value(&self, value: &Value) -> Result<Value, String> {
        Ok(match value {
            Value::String(text) => Value::String(self.fill(text)?),
            Value::Array(items) => {
                items.iter().map(|item| self.fill_value(item)).collect::<Result<_, _>>()?
            }
            Value::Object(members) => {
                let filled = members.iter().map(|(k, v)| Ok((k.clone(), self.fill_value(v)?)));
                Value::Object(filled.collect::<Result<_, String>>()?)
            }
            other => other.clone(),
        })
    }
}
