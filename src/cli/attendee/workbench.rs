//! Blocks of the page on the learner's machine: commands, and changes to files.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use tokio::sync::mpsc::UnboundedSender;
use tokio::sync::watch;

use super::{Open, Rest, files, place, shell};
use crate::account::Source;
use crate::cli::{app, bash, practice};
use crate::tui::{
    Answer, Batch, EditPlan, Job, JobKind, Plan, Refusal, RunPlan, ShellEnded, Stop, Trouble,
    Workbench,
};

/// Variables whose values are secrets that this program knows.
const SECRETS: &[&str] = &["AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN"];

impl Rest {
    fn find_app(&self) -> Result<Option<PathBuf>, Refusal> {
        let course = self.course_read()?;
        let open = self.opened().ok();
        Ok(place::find(&self.context, self.app.as_deref(), &course, open.as_deref()))
    }

    async fn plan(&self, job: Job) -> Result<Plan, Refusal> {
        let Some(app) = self.find_app()? else {
            let course = self.course_read()?;
            let dir = place::offer(&course).ok_or_else(|| {
                Trouble::new("This directory is gone.", "Go to another one, and start again.")
            })?;
            return Ok(Plan::NoApp { job, dir });
        };
        if !app.is_dir() {
            return Err(Refusal::NoDirectory(app));
        }
        let step = job.step;
        match job.kind {
            JobKind::Run(script) => {
                let open = self.opened()?;
                let missing = bash::missing(&script, &app).await.map_err(|_| Refusal::NoBash)?;
                let environment = environment(&open);
                Ok(Plan::Run(RunPlan { step, script, dir: app, environment, missing }))
            }
            JobKind::Change { file, diff } => {
                let path = files::place(&app, &file)?;
                let before = files::read(&path)?.ok_or_else(|| Refusal::NoFile(path.clone()))?;
                EditPlan::change((step, file, path), before, &diff).map(Plan::Edit)
            }
            JobKind::Write { file, contents } => {
                let path = files::place(&app, &file)?;
                let before = files::read(&path)?;
                EditPlan::write((step, file, path), before, &contents).map(Plan::Edit)
            }
        }
    }

    fn plan_undo(&self, file: Option<&str>) -> Result<Plan, Refusal> {
        let app = self.find_app()?.ok_or(Refusal::NothingToUndo)?;
        files::undo(&self.context.home, &app, file).map(Plan::Edit)
    }

    fn copy_app(&self, dir: &Path) -> Result<(), Refusal> {
        let course = self.course_read()?;
        app::write_from(&course.files, dir).map_err(Trouble::from)?;
        if let Ok(open) = self.opened() {
            place::remember(&self.context, &open, &course, dir);
        }
        Ok(())
    }
}

/// What points commands at the open account: the practice account's variables, or the profile that
/// was chosen. Everything else stays as the shell has it, so that commands find the same account as
/// the checks.
fn environment(open: &Open) -> Vec<(String, Option<String>)> {
    let account = &open.session.account;
    let region = account.region();
    let settings = match (&open.session.server, &account.target().source) {
        (Some(server), _) => practice::environment(&server.endpoint(), &open.account, region),
        (None, source) => {
            let profile = match source {
                Source::Aws { profile: Some(profile), .. } => Some(profile.clone()),
                _ => None,
            };
            let region = Some(region.to_owned());
            let profile = profile.map(|profile| ("AWS_PROFILE", Some(profile)));
            let regions = [("AWS_REGION", region.clone()), ("AWS_DEFAULT_REGION", region)];
            profile.into_iter().chain(regions).collect()
        }
    };
    settings.into_iter().map(|(name, value)| (name.to_owned(), value)).collect()
}

/// Runs commands as they were shown.
async fn run(
    plan: RunPlan,
    output: UnboundedSender<Batch>,
    stop: watch::Receiver<Stop>,
) -> Result<ShellEnded, Refusal> {
    if !plan.dir.is_dir() {
        return Err(Refusal::NoDirectory(plan.dir));
    }
    let mut command = bash::command(&plan.script, &plan.dir);
    for (name, value) in &plan.environment {
        match value {
            Some(value) => command.env(name, value),
            None => command.env_remove(name),
        };
    }
    let secrets = SECRETS.iter().filter_map(|name| std::env::var(name).ok()).collect();
    shell::run(command, secrets, output, stop).await.map_err(|error| match error.kind() {
        std::io::ErrorKind::NotFound => Refusal::NoBash,
        _ => Refusal::Other(Trouble::new(format!("bash can't be started: {error}."), "")),
    })
}

/// Work with files, off the threads that answer keys.
async fn aside<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, Refusal> + Send + 'static,
) -> Result<T, Refusal> {
    tokio::task::spawn_blocking(work).await.unwrap_or_else(|_| {
        Err(Refusal::Other(Trouble::new("stepproof failed inside.", "Please report it.")))
    })
}

impl Workbench for Rest {
    fn app(self: Arc<Self>) -> Answer<Option<PathBuf>> {
        Box::pin(async move { self.find_app() })
    }

    fn prepare(self: Arc<Self>, job: Job) -> Answer<Plan> {
        Box::pin(async move { self.plan(job).await })
    }

    fn prepare_undo(self: Arc<Self>, file: Option<String>) -> Answer<Plan> {
        Box::pin(async move { self.plan_undo(file.as_deref()) })
    }

    fn edit(self: Arc<Self>, plan: EditPlan) -> Answer<()> {
        Box::pin(aside(move || {
            self.context.make_home().map_err(Trouble::from)?;
            files::edit(&self.context.home, &plan)
        }))
    }

    fn write_app(self: Arc<Self>, dir: PathBuf) -> Answer<()> {
        Box::pin(aside(move || self.copy_app(&dir)))
    }

    fn run(
        self: Arc<Self>,
        plan: RunPlan,
        output: UnboundedSender<Batch>,
        stop: watch::Receiver<Stop>,
    ) -> Answer<ShellEnded> {
        Box::pin(run(plan, output, stop))
    }
}
