//! What an attendee lets a room know: derived from the journal, so that what was missed while
//! offline is in what is sent next.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::super::journal::{Entry, Failure, Learner};
use super::super::spent::part_of;
use super::super::standing::Standing;
use super::wire::{shown_evidence, shown_line};
use crate::check::{AccountKind, State, Verdict};
use crate::course::{Course, Module, PartId};

/// Offenders of a check that a room is told.
pub(super) const MOST_OFFENDERS: usize = 3;

/// Under which name an attendee joined, and when.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Name {
    /// The name that the attendee chose.
    pub name: String,
    /// When it was chosen.
    pub joined: Timestamp,
}

/// An attendee's item. A claim: whoever has the account can write anything here.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Item {
    /// The name that the attendee chose.
    #[serde(flatten)]
    pub name: Name,
    /// The account's 12 digits.
    pub account: String,
    /// `practice` or `aws`.
    pub kind: AccountKind,
    /// The course's id.
    pub course: String,
    /// The step whose instructions were opened last.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub here: Option<Here>,
    /// Modules that something happened in, by number.
    #[serde(default)]
    pub modules: BTreeMap<u8, ModuleNews>,
    /// Checks that were judged or that have a hint open, by name.
    #[serde(default)]
    pub checks: BTreeMap<String, CheckNews>,
    /// The last request for help.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub help: Option<Help>,
}

/// Where an attendee is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Here {
    /// The step: `1d`.
    pub step: String,
    /// Since when.
    pub since: Timestamp,
}

/// What is new of a module.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ModuleNews {
    /// Where it stands.
    pub state: State,
    /// Required steps that are done.
    pub done: usize,
    /// Minutes worked on it, without pauses.
    pub minutes: u32,
    /// When something last happened in it.
    pub at: Timestamp,
}

/// What is new of a check.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CheckNews {
    /// What it came to when it was last judged; none where only a hint was opened.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub verdict: Option<Verdict>,
    /// How often it has failed since it last passed.
    #[serde(default)]
    pub failed: u32,
    /// How often it has failed at all.
    #[serde(default)]
    pub failed_ever: u32,
    /// What it said when it last failed; empty once it passes.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub message: String,
    /// What was wrong then, one line each: the first few.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub offenders: Vec<String>,
    /// How often in a row the first offender was the same.
    #[serde(default)]
    pub same: u32,
    /// Hints that are open.
    #[serde(default)]
    pub hints: usize,
    /// When it was last judged, or its last hint opened.
    pub at: Timestamp,
}

/// A request for help. One that is over stays, so that another writer doesn't bring it back.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Help {
    /// The step that it is about.
    pub step: String,
    /// When help was asked for.
    pub asked: Timestamp,
    /// When the step was proven after all, or help was no longer needed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub over: Option<Timestamp>,
    /// What fails, as far as the attendee agreed to show it; empty where they didn't.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub evidence: Vec<String>,
}

impl Item {
    /// Derives it from the journal's entries, oldest first.
    pub fn new(
        course: &Course,
        learner: &Learner,
        name: Name,
        entries: &[(Timestamp, Entry)],
    ) -> Self {
        let mut seen = Seen::default();
        for (at, entry) in entries {
            seen.take(course, *at, entry);
        }
        let standing = Standing::new(course, entries);
        let done = standing.done();
        let module = |module: &Module| {
            let number = module.entry.number;
            let at = *seen.touched.get(&PartId::Module(number))?;
            let news = ModuleNews {
                state: standing.module(module),
                done: module.count(&done).0,
                minutes: standing.spent.get(&PartId::Module(number)).copied().unwrap_or(0),
                at,
            };
            Some((number, news))
        };
        // What was asked for in an earlier room was asked of another instructor.
        let help = seen.help.filter(|help| help.asked >= name.joined);
        Self {
            name,
            account: learner.account.clone(),
            kind: learner.kind,
            course: learner.course.clone(),
            modules: course.modules.iter().filter_map(module).collect(),
            here: seen.here,
            checks: seen.checks,
            help,
        }
    }

    /// The news of both: of each thing, what happened later. The writer's own where both happened
    /// at once.
    #[must_use]
    pub fn with_news_of(mut self, other: &Self) -> Self {
        if other.name.joined > self.name.joined {
            self.name = other.name.clone();
        }
        if later(other.here.as_ref(), self.here.as_ref(), |here| here.since) {
            self.here.clone_from(&other.here);
        }
        if later(other.help.as_ref(), self.help.as_ref(), |help| help.over.unwrap_or(help.asked)) {
            self.help.clone_from(&other.help);
        }
        for (number, news) in &other.modules {
            if later(Some(news), self.modules.get(number), |news| news.at) {
                self.modules.insert(*number, news.clone());
            }
        }
        for (check, news) in &other.checks {
            let open = self.checks.get(check).map_or(0, |own| own.hints).max(news.hints);
            if later(Some(news), self.checks.get(check), |news| news.at) {
                self.checks.insert(check.clone(), news.clone());
            }
            // A hint that was opened stays open.
            if let Some(own) = self.checks.get_mut(check) {
                own.hints = open;
            }
        }
        self
    }
}

impl CheckNews {
    /// Of a check that wasn't judged yet.
    pub fn new(at: Timestamp) -> Self {
        Self {
            verdict: None,
            failed: 0,
            failed_ever: 0,
            message: String::new(),
            offenders: Vec::new(),
            same: 0,
            hints: 0,
            at,
        }
    }

    /// Takes what it said. A verdict that tells nothing of the learner's work changes nothing.
    fn said(&mut self, verdict: Verdict, failure: Option<&Failure>) {
        match (verdict, failure) {
            (Verdict::Fail, Some(failure)) => {
                let first = failure.offenders.first().map(|line| shown_line(line));
                let stays = first.is_some() && first.as_ref() == self.offenders.first();
                self.same = if stays { self.same + 1 } else { u32::from(first.is_some()) };
                self.message = shown_line(&failure.message);
                let few = failure.offenders.iter().take(MOST_OFFENDERS);
                self.offenders = few.map(|line| shown_line(line)).collect();
            }
            (Verdict::Pass, _) => {
                self.message.clear();
                self.offenders.clear();
                self.same = 0;
            }
            _ => {}
        }
    }
}

/// Whether the first happened later; what didn't happen never did.
fn later<T>(one: Option<&T>, other: Option<&T>, at: impl Fn(&T) -> Timestamp) -> bool {
    one.map(&at) > other.map(&at)
}

/// What was read of the journal so far.
#[derive(Debug, Default)]
struct Seen {
    here: Option<Here>,
    checks: BTreeMap<String, CheckNews>,
    touched: BTreeMap<PartId, Timestamp>,
    help: Option<Help>,
}

impl Seen {
    /// Steps and checks of another version of the course are left out.
    fn take(&mut self, course: &Course, at: Timestamp, entry: &Entry) {
        if let Some(part) = part_of(course, entry) {
            self.touched.insert(part, at);
        }
        match entry {
            Entry::Opened { step } => {
                let same = self.here.as_ref().is_some_and(|here| here.step == *step);
                if !same && course.step(step).is_some() {
                    self.here = Some(Here { step: step.clone(), since: at });
                }
            }
            Entry::Verified(run) => {
                for (check, verdict) in &run.verdicts {
                    self.judged(course, at, check, *verdict);
                    if let Some(news) = self.checks.get_mut(check) {
                        news.said(*verdict, run.failures.get(check));
                    }
                }
            }
            Entry::Hint { check, open } if course.check(check).is_some() => {
                let news = self.check(check, at);
                news.hints = news.hints.max(*open);
            }
            Entry::HelpAsked { step, evidence } if course.step(step).is_some() => {
                let (step, evidence) = (step.clone(), shown_evidence(evidence));
                self.help = Some(Help { step, asked: at, over: None, evidence });
            }
            Entry::Proven { step } | Entry::HelpOver { step } => {
                if let Some(help) = self.help.as_mut().filter(|help| help.step == *step) {
                    help.over.get_or_insert(at);
                }
            }
            _ => {}
        }
    }

    fn judged(&mut self, course: &Course, at: Timestamp, check: &str, verdict: Verdict) {
        let Some((step, _)) = course.check(check) else { return };
        if let Some((part, _)) = course.step(&step.spec.id) {
            self.touched.insert(part.id, at);
        }
        let news = self.check(check, at);
        news.verdict = Some(verdict);
        match verdict {
            Verdict::Fail => {
                news.failed += 1;
                news.failed_ever += 1;
            }
            Verdict::Pass => news.failed = 0,
            // Told nothing about the learner's work.
            Verdict::Waiting | Verdict::Blocked | Verdict::CannotTell | Verdict::Skipped => {}
        }
    }

    fn check(&mut self, check: &str, at: Timestamp) -> &mut CheckNews {
        let news = self.checks.entry(check.to_owned()).or_insert_with(|| CheckNews::new(at));
        news.at = at;
        news
    }
}
