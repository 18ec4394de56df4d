//! The interface's whole state.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use crate::check::{CheckResult, State, Verdict};
use crate::course::{Course, Module, Part, PartId, Step, Values};
use crate::i18n::{Lang, Words};

use super::backend::{AccountInfo, Choice, Past, Scope, Trouble};
use super::clock::Clock;
use super::map::{Goals, MapView};
use super::page::PageView;
use super::place::Spot;
use super::search::Search;
use super::theme::Theme;

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
    /// One line above the footer.
    pub notice: Option<Notice>,
    /// Trouble with the journal; stays until it is gone.
    pub journal_trouble: Option<String>,
    /// What stands over the panes.
    pub popup: Option<Popup>,
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

/// What stands over the panes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Popup {
    /// All keys; rows scrolled by.
    Help(usize),
    /// The question before a solution runs: the steps, and what will be done.
    ConfirmSolve {
        /// The steps, in order.
        steps: Vec<String>,
        /// One line for each thing that is done.
        lines: Vec<String>,
    },
}

/// What is known of a step.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StepStatus {
    /// Not looked at in this session, nor proven before.
    Unknown,
    /// Proven in an earlier session.
    ProvenBefore,
    /// Proven before, and failed when it was last checked.
    Regressed,
    /// The worst verdict of its required checks.
    Judged(Verdict),
}

impl Model {
    /// The state before anything is known.
    pub fn new(theme: Theme, lang: Lang, size: (u16, u16)) -> Self {
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
            notice: None,
            journal_trouble: None,
            popup: None,
            clock: Clock::default(),
            map: None,
            goals: Goals::default(),
            spent: BTreeMap::new(),
            search: None,
            spots: Vec::new(),
            plain: false,
            dirty: true,
        }
    }

    /// The interface's words.
    pub fn words(&self) -> &'static Words {
        if self.plain { self.lang.plain_words() } else { self.lang.words() }
    }

    /// The open module, or the clean-up.
    pub fn open_part(&self) -> Option<Part<'_>> {
        self.course.as_ref()?.part(self.part)
    }

    /// The step whose instructions are read; the open part's first one above them.
    pub fn step(&self) -> Option<&Step> {
        let steps = self.open_part()?.steps;
        let id = self.page.step.as_deref();
        id.and_then(|id| steps.iter().find(|step| step.spec.id == id)).or_else(|| steps.first())
    }

    /// Whether the account is the practice account.
    pub fn is_practice(&self) -> bool {
        matches!(&self.account, Account::Open(info)
            if info.kind == crate::check::AccountKind::Practice)
    }

    /// Where a step stands.
    pub fn status(&self, step: &Step) -> StepStatus {
        let id = &step.spec.id;
        let before = self.past.proven.contains(id);
        let Some(results) = self.results.get(id).filter(|results| !results.is_empty()) else {
            return if self.past.regressed.contains(id) {
                StepStatus::Regressed
            } else if before {
                StepStatus::ProvenBefore
            } else {
                StepStatus::Unknown
            };
        };
        let required = |result: &&CheckResult| {
            !step.checks.iter().any(|check| check.optional && check.check == result.check)
        };
        let worst = results
            .iter()
            .filter(required)
            .map(|result| result.verdict)
            .max_by_key(|&verdict| severity(verdict))
            .unwrap_or(Verdict::Pass);
        let regressed = self.states.get(id) == Some(&State::Regressed);
        if worst == Verdict::Fail && (regressed || before) {
            return StepStatus::Regressed;
        }
        StepStatus::Judged(worst)
    }

    /// Whether a step counts as done: proven now, or before and not contradicted.
    pub fn is_done(&self, step: &Step) -> bool {
        matches!(self.status(step), StepStatus::Judged(Verdict::Pass) | StepStatus::ProvenBefore)
    }

    /// Done and all required steps of a part.
    pub fn done_of(&self, steps: &[Step]) -> (usize, usize) {
        let required = || steps.iter().filter(|step| !step.spec.optional);
        (required().filter(|step| self.is_done(step)).count(), required().count())
    }

    /// Whether all required steps of a module are done.
    pub fn module_done(&self, module: &Module) -> bool {
        let (done, all) = self.done_of(&module.steps);
        all > 0 && done == all
    }

    /// The module that has to be done before this one, if there is one that isn't.
    pub fn locked_by(&self, module: &Module) -> Option<u8> {
        let course = self.course.as_ref()?;
        let first = &course.index.first;
        let before = match first.iter().position(|&number| number == module.entry.number) {
            Some(index) => &first[..index],
            None => first.as_slice(),
        };
        let open = |number: &&u8| course.module(**number).is_some_and(|m| !self.module_done(m));
        before.iter().find(open).copied()
    }

    /// What `done("…")` in a page is answered from.
    pub fn done_ids(&self) -> BTreeSet<String> {
        let Some(course) = &self.course else { return BTreeSet::new() };
        let steps = course.steps().filter(|(_, step)| self.is_done(step));
        let mut ids: BTreeSet<String> = steps.map(|(_, step)| step.spec.id.clone()).collect();
        let modules = course.modules.iter().filter(|module| self.module_done(module));
        ids.extend(modules.map(|module| module.entry.number.to_string()));
        ids
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

/// How much a verdict weighs in a step.
fn severity(verdict: Verdict) -> u8 {
    match verdict {
        Verdict::Pass => 0,
        Verdict::Skipped => 1,
        Verdict::Waiting => 2,
        Verdict::CannotTell => 3,
        Verdict::Blocked => 4,
        Verdict::Fail => 5,
    }
}
