//! Working from the page: what its blocks do to the learner's machine, and what that has to be
//! asked of the rest of the program, behind one trait.

use std::path::PathBuf;
use std::pin::Pin;
use std::sync::Arc;

use tokio::sync::mpsc::UnboundedSender;
use tokio::sync::watch;

use crate::course::{ChangedLine, Near};

use super::backend::Trouble;
use super::shell::{Batch, Ended};

/// A running request about the learner's files or commands.
pub type Answer<T> = Pin<Box<dyn Future<Output = Result<T, Refusal>> + Send>>;

/// A block of the page that does something.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Job {
    /// The step that it stands in; empty outside of the steps.
    pub step: String,
    /// What it does.
    pub kind: JobKind,
}

/// What a block does.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum JobKind {
    /// Runs commands in bash.
    Run(String),
    /// Applies a diff to a file of the app.
    Change {
        /// Path in the app directory.
        file: String,
        /// The unified diff.
        diff: String,
    },
    /// Writes a file of the app.
    Write {
        /// Path in the app directory.
        file: String,
        /// Its contents.
        contents: String,
    },
}

/// What a job would do, to be shown before it is done.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Plan {
    /// There is no copy of the app yet: one could be written first.
    NoApp {
        /// What was asked for.
        job: Job,
        /// Where the copy would be written.
        dir: PathBuf,
    },
    /// Commands.
    Run(RunPlan),
    /// A change to a file.
    Edit(EditPlan),
}

/// Commands that would be run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RunPlan {
    /// The step.
    pub step: String,
    /// The commands, exactly.
    pub script: String,
    /// Where.
    pub dir: PathBuf,
    /// Variables that are set, or taken away, for the account's sake.
    pub environment: Vec<(String, Option<String>)>,
    /// Programs that the commands name and that aren't on this machine.
    pub missing: Vec<String>,
}

/// A change to a file of the app.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EditPlan {
    /// The step.
    pub step: String,
    /// The file's path in the app directory.
    pub file: String,
    /// The file.
    pub path: PathBuf,
    /// What kind of change.
    pub kind: EditKind,
    /// What stands in it now; none where there is no such file.
    pub before: Option<Vec<u8>>,
    /// What will stand in it; none where it will be gone.
    pub after: Option<Vec<u8>>,
    /// What that means.
    pub fit: Fit,
}

/// Kinds of changes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum EditKind {
    /// A diff of the page is applied.
    Change,
    /// A file of the page is written.
    Write,
    /// The last change is taken back.
    Undo,
}

/// Whether a change fits the file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Fit {
    /// It does: the places that change.
    Fits(Vec<Vec<ChangedLine>>),
    /// The file holds it already.
    There,
    /// The lines that it changes aren't in the file.
    Misfit {
        /// Those lines.
        expected: Vec<String>,
        /// Where the file comes closest.
        near: Option<Near>,
        /// The file's lines around there, with their numbers.
        excerpt: Vec<(usize, String)>,
    },
    /// The lines that it changes are there several times: the numbers of the first ones.
    Ambiguous(Vec<usize>),
    /// The course's diff can't be read.
    Broken(String),
}

/// Why something isn't done, for the learner.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Refusal {
    /// There is no bash.
    NoBash,
    /// The directory of the app is gone.
    NoDirectory(PathBuf),
    /// There is no such file in the copy of the app.
    NoFile(PathBuf),
    /// The file isn't UTF-8 text.
    NotText(PathBuf),
    /// The file leads out of the app directory.
    Outside(PathBuf),
    /// The file isn't any more what was shown.
    Changed(PathBuf),
    /// Nothing was changed from here that could be undone.
    NothingToUndo,
    /// The file isn't any more what the change made of it: taking the change back would lose
    /// what came after.
    ChangedSince(PathBuf),
    /// The file can't be read.
    CannotRead(PathBuf, String),
    /// The file can't be written; it is as it was.
    CannotWrite(PathBuf, String),
    /// Something else.
    Other(Trouble),
}

impl From<Trouble> for Refusal {
    fn from(trouble: Trouble) -> Self {
        Self::Other(trouble)
    }
}

/// How firmly a command is told to end.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum Stop {
    /// Not at all.
    #[default]
    Not,
    /// SIGINT, as Ctrl-C sends.
    Ask,
    /// SIGTERM.
    Tell,
    /// SIGKILL, which no program can refuse.
    Kill,
}

impl Stop {
    /// The next firmer one.
    #[must_use]
    pub fn firmer(self) -> Self {
        match self {
            Self::Not => Self::Ask,
            Self::Ask => Self::Tell,
            Self::Tell | Self::Kill => Self::Kill,
        }
    }
}

/// What the interface asks to be done on the learner's machine.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum WorkEffect {
    /// Find the copy of the app.
    FindApp,
    /// Find out what a job would do.
    Prepare(Job),
    /// Find out what taking the last change back would do: of this file, where it has one.
    PrepareUndo(Option<String>),
    /// Change a file as shown.
    Edit(EditPlan),
    /// Write a copy of the app, then prepare the job.
    WriteApp(PathBuf, Job),
    /// Run commands as shown, as the command with this number.
    Run(u64, RunPlan),
    /// End the running command.
    Stop(Stop),
}

/// What came of it.
#[derive(Debug)]
pub enum WorkMsg {
    /// The copy of the app, where there is one.
    App(Option<PathBuf>),
    /// What a job would do.
    Prepared(Result<Plan, Refusal>),
    /// A file was changed, or not.
    Edited(EditPlan, Result<(), Refusal>),
    /// A copy of the app was written, or not; the job goes on.
    AppWritten(PathBuf, Job, Result<(), Refusal>),
    /// Output of the command with this number.
    Output(u64, Batch),
    /// The command's end.
    Ended(u64, Result<Ended, Refusal>),
}

/// The learner's machine.
pub trait Workbench: Send + Sync + 'static {
    /// The learner's copy of the app, where it is known.
    fn app(self: Arc<Self>) -> Answer<Option<PathBuf>>;

    /// What a job would do. Changes nothing.
    fn prepare(self: Arc<Self>, job: Job) -> Answer<Plan>;

    /// What taking a change back would do: the last one of the file, or else of any file. Changes
    /// nothing.
    fn prepare_undo(self: Arc<Self>, file: Option<String>) -> Answer<Plan>;

    /// Changes a file as shown, whole or not at all, if it still is what was shown.
    fn edit(self: Arc<Self>, plan: EditPlan) -> Answer<()>;

    /// Writes a copy of the app into a directory that holds nothing, and remembers it.
    fn write_app(self: Arc<Self>, dir: PathBuf) -> Answer<()>;

    /// Runs commands as shown until they end, or are told to.
    fn run(
        self: Arc<Self>,
        plan: RunPlan,
        output: UnboundedSender<Batch>,
        stop: watch::Receiver<Stop>,
    ) -> Answer<Ended>;
}
