//! What the interface needs from the rest of the program, behind one trait: `cli` implements it
//! over engine, journal and practice account, tests over a table.

use std::collections::{BTreeMap, BTreeSet};
use std::pin::Pin;
use std::sync::Arc;

use jiff::Timestamp;
use tokio::sync::mpsc::UnboundedSender;
use tokio_util::sync::CancellationToken;

use crate::check::{AccountKind, CheckResult, Report};
use crate::course::{Course, PartId, Values};
use crate::i18n::Lang;
use crate::progress::HelpRequest;

use super::room::Rooms;
use super::work::Workbench;

/// A running request.
pub type Work<T> = Pin<Box<dyn Future<Output = Result<T, Trouble>> + Send>>;

/// Something that went wrong: what, and what to do next.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Trouble {
    /// What happened, in a sentence. Never holds a secret.
    pub message: String,
    /// What to do next; may be empty.
    pub remedy: String,
}

impl Trouble {
    /// Trouble with what to do next.
    pub fn new(message: impl Into<String>, remedy: impl Into<String>) -> Self {
        Self { message: message.into(), remedy: remedy.into() }
    }
}

/// The account to work in.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Choice {
    /// The embedded practice account.
    Practice,
    /// A profile of the AWS configuration; none for what the environment says.
    Profile(Option<String>),
}

/// An account that is open.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AccountInfo {
    /// Its 12 digits; empty while unknown.
    pub account: String,
    /// What kind it is.
    pub kind: AccountKind,
    /// The region.
    pub region: String,
}

/// What is verified.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Scope {
    /// One step: `1d`.
    Step(String),
    /// One module.
    Module(u8),
    /// The clean-up.
    Cleanup,
    /// All modules.
    All,
}

/// Progress of a verification.
#[derive(Debug, Clone)]
pub enum Progress {
    /// So many checks will be judged.
    Started(usize),
    /// A step's check was judged.
    Judged(String, Box<CheckResult>),
    /// When the learner's app was last deployed.
    Deployed(Timestamp),
    /// The outcome could not be written to the journal.
    NotRecorded(Trouble),
}

/// What the journal knows from earlier.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Past {
    /// The step whose instructions were opened last.
    pub here: Option<String>,
    /// Steps that were proven at some time.
    pub proven: BTreeSet<String>,
    /// Those of them that failed when they were last checked.
    pub regressed: BTreeSet<String>,
    /// Steps that are left out on purpose.
    pub skipped: BTreeSet<String>,
    /// When each step was last proven.
    pub last_proof: BTreeMap<String, Timestamp>,
    /// Hints unlocked, by check.
    pub hints: BTreeMap<String, usize>,
    /// Answers revealed: module and question.
    pub revealed: BTreeSet<(u8, String)>,
    /// The request for help that isn't over.
    pub help: Option<HelpRequest>,
}

/// Something to be remembered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Entry {
    /// A step's instructions were opened.
    Opened(String),
    /// A hint of a check was unlocked: the check, its step, and how many are open now.
    Hint {
        /// The check.
        check: String,
        /// Its step.
        step: String,
        /// Hints open now.
        open: usize,
    },
    /// Commands of the page were run.
    Ran {
        /// The step that they stand in; may be empty.
        step: String,
        /// The first line of the commands.
        command: String,
        /// The exit code; none where a signal ended them.
        code: Option<i32>,
        /// Whether the learner ended them.
        stopped: bool,
        /// How long they ran.
        millis: u64,
    },
    /// A file of the app was changed from the page.
    Changed {
        /// The step that the change stands in; may be empty.
        step: String,
        /// Path in the app directory.
        file: String,
        /// Whether an earlier change was taken back.
        undone: bool,
    },
    /// The instructor was asked for help.
    HelpAsked {
        /// The step that it is about.
        step: String,
        /// What fails, as far as the learner agreed to show it.
        evidence: Vec<String>,
    },
    /// Help with this step is no longer needed.
    HelpOver(String),
    /// A question's answer was revealed.
    Revealed {
        /// The module's number.
        module: u8,
        /// The question's id.
        question: String,
    },
}

/// The rest of the program. Nothing here is called before the first frame.
pub trait Backend: Workbench + Rooms {
    /// Reads the course.
    fn course(self: Arc<Self>) -> Work<Course>;

    /// The account chosen by flag, or at an earlier start.
    fn chosen(self: Arc<Self>) -> Work<Option<Choice>>;

    /// The AWS profiles of this machine; none stands for credentials in the environment.
    fn profiles(self: Arc<Self>) -> Work<Vec<Option<String>>>;

    /// Opens an account and remembers the choice. Starts the practice server where needed.
    fn open(self: Arc<Self>, choice: Choice) -> Work<AccountInfo>;

    /// The account's values for the instructions.
    fn values(self: Arc<Self>) -> Work<Values>;

    /// Verifies, records the outcome in the journal, and gives the report. Messages are in `lang`.
    /// What is verified `again` without being asked is recorded only where it came out otherwise.
    fn verify(
        self: Arc<Self>,
        scope: Scope,
        again: bool,
        lang: Lang,
        progress: UnboundedSender<Progress>,
        cancel: CancellationToken,
    ) -> Work<Report>;

    /// Applies the solution of steps, in order, on the practice account; tells what it does.
    fn solve(
        self: Arc<Self>,
        steps: Vec<String>,
        progress: UnboundedSender<String>,
        cancel: CancellationToken,
    ) -> Work<()>;

    /// What the journal knows of the open account.
    fn past(self: Arc<Self>) -> Work<Past>;

    /// Minutes worked on each module and on the clean-up, by the journal.
    fn spent(self: Arc<Self>) -> Work<BTreeMap<PartId, u32>>;

    /// When the event ends, as far as this machine was told. A room says it too, among its news.
    fn ends(self: Arc<Self>) -> Work<Option<Timestamp>>;

    /// When the credentials expire that the open account was read with last. `again` asks their
    /// provider once more: one that renews them by itself gives others.
    fn expiry(self: Arc<Self>, again: bool) -> Work<Option<Timestamp>>;

    /// Writes to the journal.
    fn record(self: Arc<Self>, entry: Entry) -> Work<()>;
}
