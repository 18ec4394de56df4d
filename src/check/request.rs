//! What a verification is asked for, what it is told, and what it tells while it runs.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;

use super::read::Outcome;
use super::verdict::{AccountKind, CheckResult};
use crate::course::{Course, Part, PartId};

/// Where the time of day comes from, so that settle windows can be tested.
pub type Clock = Arc<dyn Fn() -> Timestamp + Send + Sync>;

/// The computer's clock.
pub fn system_clock() -> Clock {
    Arc::new(Timestamp::now)
}

/// How long one fact may take.
pub const LONGEST_FACT: Duration = Duration::from_secs(90);

/// How long a verification may take, whatever the account does. What isn't read by then can't be
/// told. Facts rest on facts, so that a slow account could take [`LONGEST_FACT`] many times.
pub const LONGEST_RUN: Duration = Duration::from_mins(3);

/// One verification of one account.
#[derive(Clone)]
pub struct VerifyRequest {
    /// The steps to judge.
    pub asked: Asked,
    /// Facts to read although no asked-for check needs them (for the values of a page).
    pub also_read: BTreeSet<String>,
    /// The account's 12 digits.
    pub account: String,
    /// ARN of who looks.
    pub caller: String,
    /// Practice or AWS.
    pub kind: AccountKind,
    /// The region that is looked at.
    pub region: String,
    /// Language of messages and hints: `en`, `ja`.
    pub lang: String,
    /// How long one fact may take: at most [`LONGEST_FACT`] unless it is changed.
    pub fact_timeout: Duration,
    /// How long the run may take: at most [`LONGEST_RUN`] unless it is changed.
    pub run_timeout: Duration,
    /// The time of day.
    pub clock: Clock,
}

impl VerifyRequest {
    /// A request with English messages, the longest times, and the computer's clock.
    pub fn new(asked: Asked, account: &str, caller: &str, kind: AccountKind, region: &str) -> Self {
        Self {
            asked,
            also_read: BTreeSet::new(),
            account: account.to_owned(),
            caller: caller.to_owned(),
            kind,
            region: region.to_owned(),
            lang: "en".to_owned(),
            fact_timeout: LONGEST_FACT,
            run_timeout: LONGEST_RUN,
            clock: system_clock(),
        }
    }
}

/// Steps of a course that a verification judges.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Asked {
    /// Ids of all asked-for steps.
    pub(super) steps: BTreeSet<String>,
    /// Those that were asked for by their own id: they count even when they are optional.
    pub(super) named: BTreeSet<String>,
}

/// A module or step that a course doesn't have.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct UnknownSelection(String);

impl Asked {
    /// Every step of every written module. The clean-up is none: see [`Asked::and_cleanup`].
    pub fn all(course: &Course) -> Self {
        Self {
            steps: course.steps().map(|(_, s)| s.spec.id.clone()).collect(),
            named: BTreeSet::new(),
        }
    }

    /// The steps of some modules, and some single steps; everything when both are empty.
    ///
    /// # Errors
    /// When the course has no such module or step, or the module isn't written yet.
    pub fn select(
        course: &Course,
        modules: &[u8],
        steps: &[String],
    ) -> Result<Self, UnknownSelection> {
        if modules.is_empty() && steps.is_empty() {
            return Ok(Self::all(course));
        }
        let mut asked = Self::default();
        for number in modules {
            let module = course.module(*number).ok_or_else(|| {
                let numbers: Vec<String> =
                    course.modules.iter().map(|m| m.entry.number.to_string()).collect();
                UnknownSelection(format!(
                    "there is no module {number}; there are {}",
                    numbers.join(", ")
                ))
            })?;
            if !module.is_written() {
                return Err(UnknownSelection(format!("module {number} isn't written yet")));
            }
            asked.steps.extend(module.steps.iter().map(|s| s.spec.id.clone()));
        }
        for id in steps {
            let Some((_, step)) = course.step(id) else {
                return Err(UnknownSelection(match known_steps(course, id) {
                    Some(known) => format!("there is no step {id}; there are {known}"),
                    None => format!("there is no step {id}; a step is a module and a letter: 1d"),
                }));
            };
            asked.steps.insert(step.spec.id.clone());
            asked.named.insert(step.spec.id.clone());
        }
        Ok(asked)
    }

    /// The same, and every step of the clean-up.
    ///
    /// # Errors
    /// When the course has none.
    pub fn and_cleanup(mut self, course: &Course) -> Result<Self, UnknownSelection> {
        let cleanup = course.part(PartId::Cleanup).filter(|part| part.is_written());
        let cleanup =
            cleanup.ok_or_else(|| UnknownSelection("this course has no clean-up".to_owned()))?;
        self.steps.extend(cleanup.steps.iter().map(|step| step.spec.id.clone()));
        Ok(self)
    }

    /// Ids of the asked-for steps.
    pub fn steps(&self) -> impl Iterator<Item = &str> {
        self.steps.iter().map(String::as_str)
    }
}

/// The steps of the part that an unknown step's id begins as.
fn known_steps(course: &Course, id: &str) -> Option<String> {
    let number = id.trim_end_matches(|c: char| !c.is_ascii_digit()).parse().ok();
    let part = match number {
        Some(number) => course.part(PartId::Module(number)),
        None => course.part(PartId::Cleanup).filter(|_| id.starts_with('c')),
    };
    let part = part.filter(|part: &Part<'_>| part.is_written())?;
    Some(part.steps.iter().map(|step| step.spec.id.as_str()).collect::<Vec<_>>().join(", "))
}

/// What the journal knows, as far as verdicts need it.
#[derive(Debug, Clone, Default)]
pub struct History {
    /// When a step was first proven, by step id.
    pub first_proof: BTreeMap<String, Timestamp>,
    /// When a step was last proven, by step id.
    pub last_proof: BTreeMap<String, Timestamp>,
    /// Steps that the learner skipped and hasn't taken up again.
    pub skipped: BTreeSet<String>,
    /// How many hints are unlocked, by check.
    pub hints: BTreeMap<String, usize>,
}

/// What happens during a verification, in order.
#[derive(Debug, Clone)]
pub enum Event {
    /// It is known how much there is to do.
    Started {
        /// Facts to read.
        facts: usize,
        /// Asked-for checks to judge.
        checks: usize,
    },
    /// A fact was read, or couldn't be.
    Read {
        /// Its name.
        fact: String,
        /// Its value, or why there is none.
        outcome: Outcome,
        /// How long it took.
        seconds: f64,
    },
    /// An asked-for check was judged.
    Judged {
        /// The module, or the clean-up.
        part: PartId,
        /// The step's id.
        step: String,
        /// The verdict.
        result: CheckResult,
    },
}
