//! Where a learner stands by the journal, what fits into the time, and what comes next.

mod human;

use jiff::{Timestamp, ZonedDateTime};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

pub use human::{next_human, next_short, status_human};

use crate::check::{AccountKind, CourseId, State};
use crate::course::{Because, Course, Lock, Module, PartId, Plan, Step, Wish};
use crate::i18n::{Lang, fill};
use crate::progress::Standing;

/// Where a learner stands: what the account proved when it was last asked, and the plan.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
pub struct Status {
    /// Version of this shape: 1.
    pub schema: u32,
    /// `stepproof 0.1.0`.
    pub tool: String,
    /// The course.
    pub course: CourseId,
    /// The account's 12 digits; empty while none was opened.
    pub account: String,
    /// `practice` or `aws`; null while no account was opened.
    pub kind: Option<AccountKind>,
    /// When the account was last asked, RFC 3339, UTC; null if never.
    pub verified: Option<String>,
    /// What the time is about.
    pub time: Time,
    /// All modules.
    pub modules: Vec<ModuleStatus>,
    /// The clean-up, which is no module; null where the course has none.
    pub cleanup: Option<CleanupStatus>,
    /// Ids of the domains that were planned for; empty for all.
    pub domains: Vec<String>,
    /// What fits.
    pub plan: Plan,
    /// The next step; null when everything is done.
    pub next: Option<NextStep>,
}

/// The time that is left.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
pub struct Time {
    /// The clock, RFC 3339, UTC.
    pub now: String,
    /// When the event ends, RFC 3339, UTC; null while unknown.
    pub ends: Option<String>,
    /// Minutes until then.
    pub minutes_left: Option<u32>,
    /// Minutes of them that a plan keeps for the end.
    pub reserve: u32,
    /// Whether the clean-up is in these.
    pub cleanup: bool,
}

/// Where a module stands.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
pub struct ModuleStatus {
    /// Number.
    pub module: u8,
    /// Slug.
    pub slug: String,
    /// Title in the language that was asked for.
    pub title: String,
    /// The domain's id.
    pub domain: String,
    /// Whether it has instructions.
    pub written: bool,
    /// Where it stands.
    pub state: State,
    /// Required steps that are done.
    pub done: usize,
    /// All required steps.
    pub required: usize,
    /// Minutes of time.
    pub minutes: Minutes,
    /// What keeps it from being begun; null where nothing does.
    pub locked: Option<Lock>,
    /// Its steps.
    pub steps: Vec<StepStatus>,
}

/// Where the clean-up stands. It counts for nothing; what it found left may have come since.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
pub struct CleanupStatus {
    /// Slug.
    pub slug: String,
    /// Title in the language that was asked for.
    pub title: String,
    /// Required steps that are done.
    pub done: usize,
    /// All required steps.
    pub required: usize,
    /// Minutes of time.
    pub minutes: Minutes,
    /// Its steps.
    pub steps: Vec<StepStatus>,
}

/// Minutes of a module, or of the clean-up.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Minutes {
    /// By the course, optional steps included.
    pub planned: u32,
    /// Of required steps that aren't done.
    pub left: u32,
    /// Worked on it by the journal, without pauses.
    pub spent: u32,
}

/// Where a step stands.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
pub struct StepStatus {
    /// `1d`.
    pub step: String,
    /// Title in the language that was asked for.
    pub title: String,
    /// Extra credit.
    pub optional: bool,
    /// Where it stands.
    pub state: State,
    /// Left out on purpose.
    pub skipped: bool,
    /// Minutes by the course.
    pub minutes: u32,
    /// When it was first proven, RFC 3339, UTC.
    pub first_proof: Option<String>,
}

/// The next step to do.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
pub struct NextStep {
    /// `1d`.
    pub step: String,
    /// Its module's number.
    pub module: u8,
    /// Title in the language that was asked for.
    pub title: String,
    /// Minutes by the course.
    pub minutes: u32,
    /// Where it stands.
    pub state: State,
    /// Why this one, as a sentence.
    pub why: String,
    /// Why this one.
    pub because: Because,
    /// Whether its module can be finished in the time.
    pub fits: bool,
}

/// The answer of `stepproof next`.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
pub struct NextReport {
    /// Version of this shape: 1.
    pub schema: u32,
    /// `stepproof 0.1.0`.
    pub tool: String,
    /// The course.
    pub course: CourseId,
    /// The account's 12 digits; empty while none was opened.
    pub account: String,
    /// What the time is about.
    pub time: Time,
    /// The next step; null when everything is done.
    pub next: Option<NextStep>,
}

/// What a status is made of.
#[derive(Debug)]
pub struct Asked<'a> {
    /// The course.
    pub course: &'a Course,
    /// What the journal says.
    pub standing: &'a Standing,
    /// The account, where one was opened.
    pub account: Option<(AccountKind, String)>,
    /// Ids of the domains to plan for; none for all.
    pub domains: Vec<String>,
    /// Whether to keep time for the clean-up.
    pub cleanup: bool,
    /// The clock.
    pub now: &'a ZonedDateTime,
    /// When the event ends.
    pub ends: Option<Timestamp>,
    /// The language of titles and sentences.
    pub lang: Lang,
}

/// Whole minutes until a time, the last one begun included; 0 once it has passed.
pub fn minutes_until(at: Timestamp, now: Timestamp) -> u32 {
    let seconds = (at.as_millisecond() - now.as_millisecond()).max(0);
    u32::try_from((seconds + 59_999) / 60_000).unwrap_or(u32::MAX)
}

impl Asked<'_> {
    fn wish(&self) -> Wish {
        let here = self.standing.here.as_deref().and_then(|id| self.course.step(id));
        Wish {
            done: self.standing.done(),
            skipped: self.standing.history.skipped.clone(),
            domains: self.domains.iter().cloned().collect(),
            here: here.and_then(|(part, _)| match part.id {
                PartId::Module(number) => Some(number),
                PartId::Cleanup => None,
            }),
            minutes: self.ends.map(|ends| minutes_until(ends, self.now.timestamp())),
            reserve: self.course.reserve(self.cleanup),
        }
    }

    /// Where the learner stands.
    pub fn status(&self) -> Status {
        let wish = self.wish();
        let modules = self.course.modules.iter();
        let (account, kind) = self.who();
        Status {
            schema: 1,
            tool: tool(),
            course: self.course_id(),
            account,
            kind,
            verified: self.standing.verified.map(|at| at.to_string()),
            time: self.time(&wish),
            modules: modules.map(|module| self.module(module, &wish)).collect(),
            cleanup: self.cleanup_status(),
            domains: self.domains.clone(),
            plan: self.course.plan(&wish),
            next: self.next_step(&wish),
        }
    }

    /// The next step alone.
    pub fn next(&self) -> NextReport {
        let wish = self.wish();
        NextReport {
            schema: 1,
            tool: tool(),
            course: self.course_id(),
            account: self.who().0,
            time: self.time(&wish),
            next: self.next_step(&wish),
        }
    }

    fn course_id(&self) -> CourseId {
        CourseId { id: self.course.index.id.clone(), sha256: self.course.sha256.clone() }
    }

    fn who(&self) -> (String, Option<AccountKind>) {
        let (kind, account) = self.account.clone().unzip();
        (account.unwrap_or_default(), kind)
    }

    fn time(&self, wish: &Wish) -> Time {
        Time {
            now: self.now.timestamp().to_string(),
            ends: self.ends.map(|ends| ends.to_string()),
            minutes_left: wish.minutes,
            reserve: wish.reserve,
            cleanup: self.cleanup,
        }
    }

    fn spent(&self, part: PartId) -> u32 {
        self.standing.spent.get(&part).copied().unwrap_or(0)
    }

    fn cleanup_status(&self) -> Option<CleanupStatus> {
        let part = self.course.part(PartId::Cleanup)?;
        let required = || part.steps.iter().filter(|step| !step.spec.optional);
        let open = || required().filter(|step| self.standing.step(step) != State::Done);
        let minutes = Minutes {
            planned: part.minutes.into(),
            left: open().map(|step| u32::from(step.spec.minutes)).sum(),
            spent: self.spent(PartId::Cleanup),
        };
        Some(CleanupStatus {
            slug: part.slug.to_owned(),
            title: part.title.get(self.lang.tag()).to_owned(),
            done: required().count() - open().count(),
            required: required().count(),
            minutes,
            steps: part.steps.iter().map(|step| self.step(step)).collect(),
        })
    }

    fn module(&self, module: &Module, wish: &Wish) -> ModuleStatus {
        let (done, required) = module.count(&wish.done);
        let number = module.entry.number;
        let minutes = Minutes {
            planned: module.entry.minutes.into(),
            left: module.minutes_left(wish),
            spent: self.spent(number.into()),
        };
        ModuleStatus {
            module: number,
            slug: module.entry.slug.clone(),
            title: module.entry.title.get(self.lang.tag()).to_owned(),
            domain: module.entry.domain.clone(),
            written: module.is_written(),
            state: self.standing.module(module),
            done,
            required,
            minutes,
            locked: self.course.locked(module, wish),
            steps: module.steps.iter().map(|step| self.step(step)).collect(),
        }
    }

    fn step(&self, step: &Step) -> StepStatus {
        let standing = self.standing.steps.get(&step.spec.id);
        let first_proof = standing.and_then(|standing| standing.first_proof);
        StepStatus {
            step: step.spec.id.clone(),
            title: step.spec.title.get(self.lang.tag()).to_owned(),
            optional: step.spec.optional,
            state: self.standing.step(step),
            skipped: standing.is_some_and(|standing| standing.skipped),
            minutes: step.spec.minutes.into(),
            first_proof: first_proof.map(|at| at.to_string()),
        }
    }

    fn next_step(&self, wish: &Wish) -> Option<NextStep> {
        let next = self.course.next_step(wish)?;
        let words = self.lang.words();
        let number = next.module.entry.number.to_string();
        let state = self.standing.step(next.step);
        let why = match &next.because {
            _ if state == State::Regressed => words.because_regressed.to_owned(),
            Because::ComesFirst => fill(words.because_first, &[&number]),
            Because::Begun { done, all } => {
                fill(words.because_begun, &[&number, &done.to_string(), &all.to_string()])
            }
            Because::NeededBy(id) => fill(words.because_needed, &[id]),
            Because::Order => fill(words.because_order, &[&number]),
        };
        Some(NextStep {
            step: next.step.spec.id.clone(),
            module: next.module.entry.number,
            title: next.step.spec.title.get(self.lang.tag()).to_owned(),
            minutes: next.step.spec.minutes.into(),
            state,
            why,
            because: next.because,
            fits: next.fits,
        })
    }
}

fn tool() -> String {
    concat!("stepproof ", env!("CARGO_PKG_VERSION")).to_owned()
}

#[cfg(test)]
mod tests;
