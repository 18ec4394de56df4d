//! The journal's page as a document: everything that it says, before it is Markdown or HTML.

use jiff::{Timestamp, tz::TimeZone};

use super::build::Builder;
use super::events::{Moment, moments};
use super::steps::{StepPart, StepState, recorded};
use crate::check::{AccountKind, State};
use crate::course::{Course, PartId};
use crate::progress::{Entry, Learner, Log, Standing};

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
    /// Minutes worked.
    pub spent: u32,
    /// Hints unlocked.
    pub hints: usize,
    /// Progress by domain.
    pub domains: Vec<DomainLine>,
    /// What happened, oldest first.
    pub moments: Vec<Moment>,
    /// The modules that were begun, and the clean-up if it was.
    pub parts: Vec<PartPage>,
    /// Written modules that were not begun.
    pub untouched: Vec<PartLine>,
    /// What the reader should know of the record.
    pub notes: Vec<Note>,
}

/// A domain and its modules.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DomainLine {
    /// Its title.
    pub title: String,
    /// Its written modules.
    pub modules: Vec<PartLine>,
}

/// A module or the clean-up, in a line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PartLine {
    /// Which one it is.
    pub id: PartId,
    /// Its number, if it has one, and its title.
    pub name: String,
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

/// A module that was begun, or the clean-up.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PartPage {
    /// Where it stands.
    pub line: PartLine,
    /// Minutes worked on it.
    pub spent: u32,
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
    /// The account may still cost money.
    NotCleanedUp,
}

impl JournalPage {
    /// The page of a learner's journal. Texts that name the account's values show what brings them
    /// instead: the page is written without the account.
    pub fn new(course: &Course, learner: &Learner, log: &Log, look: Look) -> Self {
        let standing = Standing::new(course, &log.entries);
        let steps = recorded(course, log, &standing);
        let (moments, foreign) = moments(course, log);
        let builder = Builder { course, standing: &standing, steps: &steps, lang: &look.lang };
        let (parts, untouched) = builder.parts();
        let cleaned = course.cleanup.as_ref().map(|cleanup| builder.line(cleanup.part()));
        let costs = learner.kind == AccountKind::Aws
            && !log.entries.is_empty()
            && cleaned.is_some_and(|line| line.state != State::Done);
        let mut notes = notes(log, foreign, look.now);
        notes.extend(costs.then_some(Note::NotCleanedUp));
        // An import says when another journal was added, not when anything was done.
        let done_here = log.entries.iter().filter(|(_, e)| !matches!(e, Entry::Imported { .. }));
        let times = || done_here.clone().map(|(at, _)| *at);
        Self {
            tool: concat!("stepproof ", env!("CARGO_PKG_VERSION")).to_owned(),
            course: course.index.title.get(&look.lang).to_owned(),
            kind: learner.kind,
            account: learner.account.clone(),
            period: times().min().zip(times().max()),
            spent: standing.spent.values().sum(),
            hints: steps.values().map(|step| step.hints).sum(),
            domains: builder.domains(),
            notes,
            moments,
            parts,
            untouched,
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

    /// The steps of everything that was begun and that stand at a state.
    pub(super) fn steps_at(&self, state: StepState) -> Vec<&StepPart> {
        let steps = self.parts.iter().flat_map(|part| &part.steps);
        steps.filter(|step| step.state == state).collect()
    }

    /// Required steps of modules that are proven, and all of them.
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
