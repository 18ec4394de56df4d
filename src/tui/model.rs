//! The interface's whole state.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;

use crate::check::{CheckResult, State};
use crate::course::{Course, Part, PartId, Step, Values};
use crate::i18n::{Lang, Words};

use super::backend::{AccountInfo, Choice, Past, Scope, Trouble};
use super::clock::Clock;
use super::keymap::KeyMap;
use super::map::{Goals, MapView};
use super::page::PageView;
use super::palette::Palette;
use super::place::Spot;
use super::room::{HelpPlan, JoinForm, JoinPlan, RoomView};
use super::search::Search;
use super::shell::Shell;
use super::theme::Theme;
use super::time::Time;
use super::work::{EditPlan, Job, RunPlan};

/// The interface's state. Changed by [`super::update()`] alone.
#[derive(Debug)]
pub struct Model {
    /// Colours and signs.
    pub theme: Theme,
    /// The interface's language.
    pub lang: Lang,
    /// Columns and rows of the terminal.
    pub size: (u16, u16),
    /// The course, once it is read.
    pub course: Option<Arc<Course>>,
    /// Where the account stands.
    pub account: Account,
    /// The choice of the account, while it is open.
    pub chooser: Option<Chooser>,
    /// The pane that keys move in.
    pub pane: Pane,
    /// Index in the module list that is marked.
    pub cursor: usize,
    /// The open module, or the clean-up.
    pub part: PartId,
    /// Its page.
    pub page: PageView,
    /// Rows that the proof pane is scrolled by.
    pub proof_scroll: usize,
    /// The account's values.
    pub values: Values,
    /// The checks' last results in this session, by step.
    pub results: BTreeMap<String, Vec<CheckResult>>,
    /// Where steps stand by the last report.
    pub states: BTreeMap<String, State>,
    /// What the journal knew.
    pub past: Past,
    /// What runs.
    pub run: Option<Run>,
    /// The last run's number.
    pub runs: u64,
    /// The learner's copy of the app, where it is known.
    pub app: Option<PathBuf>,
    /// The command that runs, or ran last.
    pub shell: Option<Shell>,
    /// The last command's number.
    pub shells: u64,
    /// Checks whose settle window is open, by name.
    pub waits: BTreeMap<String, Wait>,
    /// When the learner's app was last deployed, where that was read.
    pub deployed: Option<Timestamp>,
    /// The time.
    pub time: Time,
    /// The address that is being copied.
    pub copying: Option<String>,
    /// Whether to leave once the command has ended.
    pub leaving: bool,
    /// One line above the footer.
    pub notice: Option<Notice>,
    /// Trouble with the journal; stays until it is gone.
    pub journal_trouble: Option<String>,
    /// What stands over the panes.
    pub sheet: Option<Sheet>,
    /// The time that is left.
    pub clock: Clock,
    /// The map, while it is open.
    pub map: Option<MapView>,
    /// What the learner wants to plan for.
    pub goals: Goals,
    /// Minutes worked on each module and on the clean-up, by the journal.
    pub spent: BTreeMap<PartId, u32>,
    /// The search, while it lasts.
    pub search: Option<Search>,
    /// The palette, while it is open.
    pub palette: Option<Palette>,
    /// The learner's room.
    pub room: RoomView,
    /// The form to join one, while it is open.
    pub join: Option<JoinForm>,
    /// Which key does what.
    pub keys: KeyMap,
    /// Places to go back to, the last one last.
    pub spots: Vec<Spot>,
    /// Read and written as lines of text (`--plain`): words name commands, not keys.
    pub plain: bool,
    /// Set when the screen no longer shows the state.
    pub dirty: bool,
}

/// Where the account stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Account {
    /// None is chosen.
    None,
    /// It is being opened.
    Opening(Choice),
    /// It is open.
    Open(AccountInfo),
    /// It could not be opened.
    Failed(Trouble),
}

/// The choice of the account.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Chooser {
    /// AWS profiles, or credentials of the environment; none until they are listed.
    pub profiles: Option<Vec<Option<String>>>,
    /// The marked line; 0 is the practice account.
    pub cursor: usize,
}

impl Chooser {
    /// The marked line's choice.
    pub fn choice(&self) -> Choice {
        match (self.cursor, &self.profiles) {
            (0, _) | (_, None) => Choice::Practice,
            (index, Some(profiles)) => match profiles.get(index - 1) {
                Some(name) => Choice::Profile(name.clone()),
                None => Choice::Practice,
            },
        }
    }

    /// How many lines there are.
    pub fn len(&self) -> usize {
        1 + self.profiles.as_ref().map_or(0, Vec::len)
    }

    /// Never: the practice account is always there.
    pub fn is_empty(&self) -> bool {
        false
    }
}

/// The panes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Pane {
    /// The module list.
    Modules,
    /// The instructions.
    Page,
    /// Steps and verdicts.
    Proof,
    /// What a command prints; stands there while it is shown.
    Output,
}

/// What decides which pane stands where.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Focus {
    /// The pane that keys move in.
    pub pane: Pane,
    /// Whether a command's output is shown.
    pub output: bool,
}

/// An open settle window.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wait {
    /// The check's step.
    pub step: String,
    /// When the window closes, by the interface's clock.
    pub ends: Duration,
    /// When to verify again.
    pub again: Duration,
}

/// Something that runs and can be cancelled.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Run {
    /// Events of other runs are late and don't count.
    pub number: u64,
    /// What it is.
    pub kind: RunKind,
    /// Checks judged so far.
    pub judged: usize,
    /// Checks to judge; 0 while unknown.
    pub total: usize,
    /// What it does now.
    pub detail: String,
    /// Nobody asked for it: a settle window is open.
    pub by_itself: bool,
}

/// What runs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RunKind {
    /// A verification.
    Verify(Scope),
    /// A solution.
    Solve(Vec<String>),
}

/// A line for the learner.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Notice {
    /// Trouble, rather than news.
    pub trouble: bool,
    /// The line.
    pub text: String,
}

/// A window to be read, which may ask something.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sheet {
    /// What it shows.
    pub kind: SheetKind,
    /// Rows scrolled by.
    pub scroll: usize,
    /// Columns that code is scrolled sideways by.
    pub sideways: usize,
}

impl Sheet {
    /// A window from its top.
    pub fn new(kind: SheetKind) -> Self {
        Self { kind, scroll: 0, sideways: 0 }
    }
}

/// The windows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SheetKind {
    /// Every key.
    Keys,
    /// A solution that would be applied.
    Solve {
        /// The steps, in order.
        steps: Vec<String>,
        /// One line for each thing that is done.
        lines: Vec<String>,
    },
    /// There is no copy of the app: where one would be written, and for what.
    NoApp(PathBuf, Job),
    /// Commands that would be run.
    Run(RunPlan),
    /// A change to a file.
    Edit(EditPlan),
    /// What a check's verdict rests on.
    Evidence {
        /// The step.
        step: String,
        /// The check.
        check: String,
    },
    /// A request for help, before it is made.
    Help(HelpPlan),
    /// The request for help that was made.
    HelpOpen,
    /// The room that the learner is in, and its messages.
    Room,
    /// What a room would be told.
    Join(JoinPlan),
    /// Leaving the room takes back what it was told.
    LeaveRoom,
    /// Leaving would end the command that runs.
    Leave,
}

impl Model {
    /// The state before anything is known.
    ///
    /// Where the terminal shows ASCII only, Japanese is told of instead of shown.
    pub fn new(theme: Theme, lang: Lang, size: (u16, u16)) -> Self {
        let shown = if theme.ascii { Lang::En } else { lang };
        let said = (shown != lang).then(|| shown.words().ascii_only.to_owned());
        let notice = said.map(|text| Notice { trouble: false, text });
        let lang = shown;
        Self {
            theme,
            lang,
            size,
            course: None,
            account: Account::None,
            chooser: None,
            pane: Pane::Page,
            cursor: 0,
            part: PartId::Module(0),
            page: PageView::default(),
            proof_scroll: 0,
            values: Values::new(),
            results: BTreeMap::new(),
            states: BTreeMap::new(),
            past: Past::default(),
            run: None,
            runs: 0,
            app: None,
            shell: None,
            shells: 0,
            waits: BTreeMap::new(),
            deployed: None,
            time: Time::default(),
            copying: None,
            leaving: false,
            notice,
            journal_trouble: None,
            sheet: None,
            clock: Clock::default(),
            map: None,
            goals: Goals::default(),
            spent: BTreeMap::new(),
            search: None,
            palette: None,
            room: RoomView::default(),
            join: None,
            keys: KeyMap::default(),
            spots: Vec::new(),
            plain: false,
            dirty: true,
        }
    }

    /// The interface's words.
    pub fn words(&self) -> &'static Words {
        if self.plain { super::plain::words(self.lang) } else { self.keys.words(self.lang) }
    }

    /// The open module, or the clean-up.
    pub fn open_part(&self) -> Option<Part<'_>> {
        self.course.as_ref()?.part(self.part)
    }

    /// The step whose instructions are read; above them the open part's first one, below its last.
    pub fn step(&self) -> Option<&Step> {
        let steps = self.open_part()?.steps;
        let id = self.page.step.as_deref();
        let read = id.and_then(|id| steps.iter().find(|step| step.spec.id == id));
        let nearest = if self.page.is_behind_steps() { steps.last() } else { steps.first() };
        read.or(nearest)
    }

    /// Whether the account is the practice account.
    pub fn is_practice(&self) -> bool {
        matches!(&self.account, Account::Open(info)
            if info.kind == crate::check::AccountKind::Practice)
    }

    /// What decides which pane stands where.
    pub fn focus(&self) -> Focus {
        let output = self.shell.as_ref().is_some_and(|shell| shell.shown);
        Focus { pane: self.pane, output }
    }

    /// The settle windows that are open on the page that is open.
    pub fn open_waits(&self) -> impl Iterator<Item = &Wait> {
        let steps = self.open_part().map_or(&[][..], |part| part.steps);
        let open = matches!(self.account, Account::Open(_));
        let here = move |wait: &&Wait| steps.iter().any(|step| step.spec.id == wait.step);
        self.waits.values().filter(move |_| open).filter(here)
    }

    /// Whether something on the screen counts seconds.
    pub fn counts(&self) -> bool {
        self.shell.as_ref().is_some_and(Shell::runs) || self.open_waits().next().is_some()
    }

    /// Hints of a check that the learner has unlocked.
    pub fn open_hints(&self, check: &str) -> usize {
        self.past.hints.get(check).copied().unwrap_or(0)
    }

    /// What the list holds, in order: modules by domain, and last the clean-up.
    pub fn listed(&self) -> Vec<PartId> {
        let Some(course) = &self.course else { return Vec::new() };
        let of = |domain: &str| {
            let domain = domain.to_owned();
            course.modules.iter().filter(move |module| module.entry.domain == domain)
        };
        let domains = course.index.domains.iter();
        let modules = domains.flat_map(|domain| of(&domain.id).map(|m| m.part().id));
        modules.chain(course.cleanup.iter().map(|cleanup| cleanup.part().id)).collect()
    }
}
