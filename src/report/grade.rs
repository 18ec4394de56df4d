//! What a sweep over many accounts came to: one [`Record`] an account, for people and for programs.

mod human;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::sheet::{Learner, Points, Sheet};
use super::weights::Weights;
use crate::check::{CannotLook, CheckResult, CourseId, Report, Verdict, cannot_look};
use crate::course::Course;

pub use human::human;

/// One account's result, or why there is none.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
pub struct Record {
    /// How the roster calls the learner.
    pub name: String,
    /// The account that the roster names.
    pub account: String,
    /// The names of the stacks that were looked for, by role.
    pub stacks: BTreeMap<String, String>,
    /// The API's stage.
    pub stage: String,
    /// `report` or `trouble`.
    #[serde(flatten)]
    pub outcome: Outcome,
}

/// What came of an account.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// It was read.
    Report(Box<Report>),
    /// It could not be read. That is never a zero.
    Trouble(Trouble),
}

/// Why an account has no report.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Trouble {
    /// The kind of trouble: `access_denied`, `wrong_account`.
    pub reason: String,
    /// What happened and what to do, in a few sentences.
    pub message: String,
}

impl Trouble {
    /// In a language.
    pub fn of(lang: &str, cannot: &CannotLook) -> Self {
        Self { reason: cannot.reason.code().to_owned(), message: cannot_look(lang, cannot) }
    }
}

impl Record {
    /// The report, where there is one.
    pub fn report(&self) -> Option<&Report> {
        match &self.outcome {
            Outcome::Report(report) => Some(report),
            Outcome::Trouble(_) => None,
        }
    }

    /// The trouble, where there is no report.
    pub fn trouble(&self) -> Option<&Trouble> {
        match &self.outcome {
            Outcome::Report(_) => None,
            Outcome::Trouble(trouble) => Some(trouble),
        }
    }

    /// What the account came to as a whole, as [`verdict_of`] its report; `cannot_tell` without one.
    pub fn verdict(&self) -> Verdict {
        self.report().map_or(Verdict::CannotTell, verdict_of)
    }

    /// As the formats for graders take it.
    pub fn learner(&self) -> Learner<'_> {
        let result = match &self.outcome {
            Outcome::Report(report) => Ok(&**report),
            Outcome::Trouble(trouble) => Err(trouble),
        };
        Learner { name: &self.name, account: &self.account, result }
    }

    /// How many required checks could not be decided yet; none where the account wasn't read.
    pub fn undecided(&self) -> Option<usize> {
        let report = self.report()?;
        Some(report.required().filter(|check| !check.is_decided()).count())
    }

    /// Whether reading the account again could only say something else because it was changed.
    pub fn is_final(&self) -> bool {
        self.undecided() == Some(0)
    }

    /// As [`Report::exit_code`].
    fn exit_code(&self) -> u8 {
        self.report().map_or(3, Report::exit_code)
    }
}

/// What a report came to as a whole: `pass` when every required check passes, `fail` when one fails or
/// is blocked by one that fails, `waiting` when some only need time, else `cannot_tell`.
pub fn verdict_of(report: &Report) -> Verdict {
    let time = |check: &CheckResult| check.verdict == Verdict::Waiting || check.is_decided();
    match report.exit_code() {
        0 => Verdict::Pass,
        1 => Verdict::Fail,
        3 if report.required().all(time) => Verdict::Waiting,
        _ => Verdict::CannotTell,
    }
}

/// The result of a sweep.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub struct Grades<'a> {
    /// Version of this shape: 1.
    pub schema: u32,
    /// `stepproof 0.1.0`.
    pub tool: String,
    /// The course that was verified against.
    pub course: CourseId,
    /// When the sweep began, RFC 3339, UTC.
    pub started: String,
    /// How long it took.
    pub seconds: f64,
    /// Percent of the possible points that must be earned; absent where there is no mark.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub pass_mark: Option<f64>,
    /// How many accounts came to what.
    pub summary: Summary,
    /// One an account, in the roster's order.
    pub accounts: Vec<Graded<'a>>,
}

/// One account's result with its points.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub struct Graded<'a> {
    /// The result.
    #[serde(flatten)]
    pub record: &'a Record,
    /// Absent where the account was not read: that is never a zero.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub points: Option<Points>,
}

/// How many accounts came to what.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Summary {
    /// Every required check passes.
    pub proven: usize,
    /// A check fails.
    pub not_proven: usize,
    /// Nothing fails, and a change takes time to show.
    pub waiting: usize,
    /// Could not be told.
    pub cannot_tell: usize,
}

impl Summary {
    /// Counts records.
    pub fn of<'a>(records: impl IntoIterator<Item = &'a Record>) -> Self {
        let mut summary = Self::default();
        for record in records {
            *match record.verdict() {
                Verdict::Pass => &mut summary.proven,
                Verdict::Fail => &mut summary.not_proven,
                Verdict::Waiting => &mut summary.waiting,
                _ => &mut summary.cannot_tell,
            } += 1;
        }
        summary
    }
}

impl<'a> Grades<'a> {
    /// The records of a sweep over a course, with their points.
    pub fn new(
        course: &Course,
        started: String,
        seconds: f64,
        weights: &Weights,
        records: impl IntoIterator<Item = &'a Record> + Clone,
    ) -> Self {
        let graded = |record: &'a Record| {
            let points = record.learner().points(weights);
            Graded { record, points }
        };
        Self {
            schema: 1,
            tool: concat!("stepproof ", env!("CARGO_PKG_VERSION")).to_owned(),
            course: CourseId { id: course.index.id.clone(), sha256: course.sha256.clone() },
            started,
            seconds,
            pass_mark: weights.pass_mark,
            summary: Summary::of(records.clone()),
            accounts: records.into_iter().map(graded).collect(),
        }
    }

    /// Writes it as JSON, a line for each account: of hundreds of accounts it is too large to hold as
    /// a text beside them.
    ///
    /// # Errors
    /// It can't be written.
    pub fn write_json(&self, to: &mut dyn std::io::Write) -> std::io::Result<()> {
        let head = serde_json::to_string(&Grades { accounts: Vec::new(), ..self.clone() })?;
        to.write_all(head.strip_suffix("]}").unwrap_or(&head).as_bytes())?;
        for (at, account) in self.accounts.iter().enumerate() {
            to.write_all(if at == 0 { b"\n" } else { b",\n" })?;
            serde_json::to_writer(&mut *to, account)?;
        }
        to.write_all(b"\n]}\n")
    }

    /// As the formats for graders take them.
    pub fn sheet<'s>(
        &'s self,
        course: &'s Course,
        weights: &'s Weights,
        lang: &'s str,
    ) -> Sheet<'s> {
        Sheet {
            course,
            id: &self.course,
            tool: &self.tool,
            started: &self.started,
            seconds: self.seconds,
            weights,
            lang,
            learners: self.accounts.iter().map(|one| one.record.learner()).collect(),
        }
    }

    /// The exit code of `grade`: 2 where the course is wrong; 1 where an account fails; 3 where none
    /// fails and one waits or could not be told; 0 where every account is proven.
    pub fn exit_code(&self) -> u8 {
        let codes: Vec<u8> = self.accounts.iter().map(|one| one.record.exit_code()).collect();
        [2, 1, 3].into_iter().find(|code| codes.contains(code)).unwrap_or(0)
    }
}
