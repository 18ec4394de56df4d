//! The journal's page as a document: everything that it says, before it is Markdown or HTML.

use std::collections::{BTreeMap, BTreeSet};

use jiff::{SignedDuration, Timestamp, tz::TimeZone};

use super::events::{Moment, moments};
use super::production::production;
use super::steps::{Recorded, StepPart, StepState, recorded};
use crate::check::{AccountKind, State};
use crate::course::{Course, Module, SectionKind, UNKNOWN_CLOSE, UNKNOWN_OPEN, Values};
use crate::progress::{Entry, Learner, Log, time_spent};

/// How the page is written.
#[derive(Debug, Clone)]
pub struct Look {
    /// Language: `en`, `ja`.
    pub lang: String,
    /// The zone that times are shown in.
    pub zone: TimeZone,
    /// The present time: what lies behind it says that a clock was wrong.
    pub now: Timestamp,
}

/// The journal's page.
#[derive(Debug, Clone)]
pub struct JournalPage {
    /// How it is written.
    pub look: Look,
    /// `stepproof 0.1.0`.
    pub tool: String,
    /// The course's title.
    pub course: String,
    /// Practice or AWS.
    pub kind: AccountKind,
    /// The account's 12 digits.
    pub account: String,
    /// The first and the last event.
    pub period: Option<(Timestamp, Timestamp)>,
    /// Time worked.
    pub spent: SignedDuration,
    /// Hints unlocked.
    pub hints: usize,
    /// Progress by domain.
    pub domains: Vec<DomainLine>,
    /// What happened, oldest first.
    pub moments: Vec<Moment>,
    /// The modules that were begun.
    pub modules: Vec<ModulePart>,
    /// Written modules that were not begun.
    pub untouched: Vec<ModuleLine>,
    /// What the reader should know of the record.
    pub notes: Vec<Note>,
}

/// A domain and its modules.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DomainLine {
    /// Its title.
    pub title: String,
    /// Its written modules.
    pub modules: Vec<ModuleLine>,
}

/// A module, in a line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ModuleLine {
    /// Its number.
    pub number: u8,
    /// Its title.
    pub title: String,
    /// Minutes that were planned.
    pub minutes: u16,
    /// Where it stands.
    pub state: State,
    /// Required steps that are proven.
    pub proven: usize,
    /// Required steps.
    pub steps: usize,
    /// What an attacker does while it isn't done. Markdown.
    pub before: Option<String>,
}

/// A module that was begun.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ModulePart {
    /// Where it stands.
    pub line: ModuleLine,
    /// Time worked on it.
    pub spent: SignedDuration,
    /// What stops the attack once it is done. Markdown.
    pub after: Option<String>,
    /// When a required check first failed.
    pub failed_at: Option<Timestamp>,
    /// When its last required step was proven.
    pub proven_at: Option<Timestamp>,
    /// Its steps.
    pub steps: Vec<StepPart>,
    /// Questions to think about.
    pub questions: Vec<QuestionPart>,
    /// What production would need. Markdown.
    pub production: Option<String>,
}

/// A question.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct QuestionPart {
    /// The question. Markdown.
    pub ask: String,
    /// The answer. Markdown.
    pub answer: String,
    /// Whether the learner revealed it.
    pub revealed: bool,
}

/// What the reader should know of the record.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Note {
    /// The clock went back between two events.
    ClockBack,
    /// An event lies behind the present time.
    Future,
    /// Events that a newer stepproof wrote.
    Unread(usize),
    /// Events that tell of steps, checks or questions which this course doesn't have.
    OtherCourse(usize),
    /// Events that were imported.
    Imported(usize),
}

impl JournalPage {
    /// The page of a learner's journal. Texts that name the account's values show what brings them
    /// instead: the page is written without the account.
    pub fn new(course: &Course, learner: &Learner, log: &Log, look: Look) -> Self {
        let steps = recorded(course, log);
        let (moments, foreign) = moments(course, log);
        let spent = time_spent(course, log);
        let context = Context { course, steps: &steps, spent: &spent, lang: look.lang.clone() };
        let begun = begun(course, &spent, &steps);
        let written = || course.modules.iter().filter(|module| module.is_written());
        let revealed = log.revealed().collect();
        let done = context.done();
        let parts = written().filter(|module| begun.contains(&module.entry.number));
        let modules: Vec<ModulePart> =
            parts.map(|module| context.part(module, &revealed, &done)).collect();
        let rest = written().filter(|module| !begun.contains(&module.entry.number));
        // An import says when another journal was added, not when anything was done.
        let done_here = log.entries.iter().filter(|(_, e)| !matches!(e, Entry::Imported { .. }));
        let times = || done_here.clone().map(|(at, _)| *at);
        Self {
            tool: concat!("stepproof ", env!("CARGO_PKG_VERSION")).to_owned(),
            course: course.index.title.get(&look.lang).to_owned(),
            kind: learner.kind,
            account: learner.account.clone(),
            period: times().min().zip(times().max()),
            spent: spent.values().copied().sum(),
            hints: steps.values().map(|step| step.hints).sum(),
            domains: context.domains(),
            untouched: rest.map(|module| context.line(module)).collect(),
            notes: notes(log, foreign, look.now),
            moments,
            modules,
            look,
        }
    }

    /// A time: without its day where all happened on one.
    pub(super) fn when(&self, at: Timestamp) -> String {
        let one_day = self.period.is_some_and(|(from, to)| {
            self.look.day(from) == self.look.day(to) && self.look.day(at) == self.look.day(to)
        });
        if one_day { self.look.clock(at) } else { self.look.moment(at) }
    }

    /// All steps that were begun, with the modules that they are of.
    pub fn steps(&self) -> impl Iterator<Item = &StepPart> {
        self.modules.iter().flat_map(|module| &module.steps)
    }

    /// Required steps that are proven, and all required steps of the course.
    pub fn proven(&self) -> (usize, usize) {
        let lines = || self.domains.iter().flat_map(|domain| &domain.modules);
        (lines().map(|line| line.proven).sum(), lines().map(|line| line.steps).sum())
    }

    /// Modules that are done, and all written modules of the course.
    pub fn modules_done(&self) -> (usize, usize) {
        let lines = || self.domains.iter().flat_map(|domain| &domain.modules);
        (lines().filter(|line| line.state == State::Done).count(), lines().count())
    }
}

/// Which modules have anything recorded.
fn begun(
    course: &Course,
    spent: &BTreeMap<u8, SignedDuration>,
    steps: &BTreeMap<String, Recorded>,
) -> BTreeSet<u8> {
    let touched = course.steps().filter(|(_, step)| {
        steps.get(&step.spec.id).is_some_and(|step| step.state() != StepState::Untouched)
    });
    touched.map(|(module, _)| module.entry.number).chain(spent.keys().copied()).collect()
}

fn notes(log: &Log, foreign: usize, now: Timestamp) -> Vec<Note> {
    let mut notes = Vec::new();
    if log.entries.windows(2).any(|pair| pair[1].0 < pair[0].0) {
        notes.push(Note::ClockBack);
    }
    if log.entries.iter().any(|(at, _)| *at > now) {
        notes.push(Note::Future);
    }
    let imported = log.entries.iter().filter_map(|(_, entry)| match entry {
        Entry::Imported { events, .. } => Some(*events),
        _ => None,
    });
    let imported = imported.fold(0_usize, usize::saturating_add).min(log.entries.len());
    let counted = [
        (imported, Note::Imported(imported)),
        (log.unread, Note::Unread(log.unread)),
        (foreign, Note::OtherCourse(foreign)),
    ];
    notes.extend(counted.into_iter().filter(|(count, _)| *count > 0).map(|(_, note)| note));
    notes
}

/// What parts of the page are made from.
struct Context<'a> {
    course: &'a Course,
    steps: &'a BTreeMap<String, Recorded>,
    spent: &'a BTreeMap<u8, SignedDuration>,
    lang: String,
}

impl Context<'_> {
    fn domains(&self) -> Vec<DomainLine> {
        let modules = |domain: &str| {
            let of = self.course.modules.iter().filter(|module| module.entry.domain == domain);
            of.filter(|module| module.is_written()).map(|module| self.line(module)).collect()
        };
        let domains = self.course.index.domains.iter();
        let lines = domains.map(|domain| DomainLine {
            title: domain.title.get(&self.lang).to_owned(),
            modules: modules(&domain.id),
        });
        lines.filter(|line| !line.modules.is_empty()).collect()
    }

    fn line(&self, module: &Module) -> ModuleLine {
        let required = module.steps.iter().filter(|step| !step.spec.optional);
        let states: Vec<StepState> = required.map(|step| self.state(&step.spec.id)).collect();
        let proven = states.iter().filter(|state| **state == StepState::Proven).count();
        let any = module.steps.iter().any(|s| self.state(&s.spec.id) != StepState::Untouched);
        let state = if states.contains(&StepState::Regressed) {
            State::Regressed
        } else if proven == states.len() && proven > 0 {
            State::Done
        } else if any || self.spent.contains_key(&module.entry.number) {
            State::InProgress
        } else {
            State::NotStarted
        };
        let before = module.attack.as_ref().map(|attack| attack.before.get(&self.lang).to_owned());
        Self::of(module, &self.lang, state, (proven, states.len()), before)
    }

    fn of(
        module: &Module,
        lang: &str,
        state: State,
        (proven, steps): (usize, usize),
        before: Option<String>,
    ) -> ModuleLine {
        let entry = &module.entry;
        let title = entry.title.get(lang).to_owned();
        ModuleLine {
            number: entry.number,
            title,
            minutes: entry.minutes,
            state,
            proven,
            steps,
            before,
        }
    }

    fn state(&self, step: &str) -> StepState {
        self.steps.get(step).map_or(StepState::Untouched, Recorded::state)
    }

    /// What `done("…")` in a page is answered from.
    fn done(&self) -> BTreeSet<String> {
        let proven = self.steps.keys().filter(|step| self.state(step) == StepState::Proven);
        let modules = self.course.modules.iter();
        let done = modules.filter(|module| self.line(module).state == State::Done);
        proven.cloned().chain(done.map(|module| module.entry.number.to_string())).collect()
    }

    fn part(
        &self,
        module: &Module,
        revealed: &BTreeSet<(u8, &str)>,
        done: &BTreeSet<String>,
    ) -> ModulePart {
        let number = module.entry.number;
        let lang = self.lang.as_str();
        let recorded = |id: &str| self.steps.get(id).cloned().unwrap_or_default();
        let required = || {
            let required = module.steps.iter().filter(|step| !step.spec.optional);
            required.map(|step| recorded(&step.spec.id))
        };
        let line = self.line(module);
        let proven_at = required().map(|step| step.proven).max().flatten();
        let steps = module.steps.iter();
        let questions = module.questions.iter().map(|question| QuestionPart {
            ask: question.ask.get(lang).to_owned(),
            answer: question.answer.get(lang).to_owned(),
            revealed: revealed.contains(&(number, question.id.as_str())),
        });
        ModulePart {
            spent: self.spent.get(&number).copied().unwrap_or_default(),
            after: module.attack.as_ref().map(|attack| attack.after.get(lang).to_owned()),
            failed_at: required().filter_map(|step| step.failed).min(),
            proven_at: proven_at.filter(|_| line.state == State::Done),
            steps: steps.map(|s| StepPart::new(s, &recorded(&s.spec.id), lang)).collect(),
            questions: questions.collect(),
            production: self.production(number, done),
            line,
        }
    }

    fn production(&self, module: u8, done: &BTreeSet<String>) -> Option<String> {
        let values: Values = self.course.values(&BTreeMap::new());
        // A page that can't be rendered says so where it is read; here it just says nothing.
        let page = self.course.render(module, &self.lang, &values, done).ok().flatten()?;
        let back = page.sections.iter().find(|section| section.kind == SectionKind::LookBack)?;
        production(&back.markdown.replace([UNKNOWN_OPEN, UNKNOWN_CLOSE], ""))
    }
}
