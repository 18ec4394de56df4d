//! What a sweep over many accounts came to: one [`Record`] an account, for people and for programs.

pub(super) mod csv;
mod human;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::check::{CannotLook, CheckResult, CourseId, Report, Verdict, cannot_look};

pub use csv::csv;
pub use human::human;

/// One account's result, or why there is none.
#[derive(Debug, Clone, Serialize, Deserialize)]
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
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// It was read.
    Report(Box<Report>),
    /// It could not be read. That is never a zero.
    Trouble(Trouble),
}

/// Why an account has no report.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
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

    /// What the account came to as a whole: `pass` when every required check passes, `fail` when one
    /// fails or is blocked by one that fails, `waiting` when some only need time, else `cannot_tell`.
    pub fn verdict(&self) -> Verdict {
        let Some(report) = self.report() else { return Verdict::CannotTell };
        let time = |check: &CheckResult| check.verdict == Verdict::Waiting || decided(check);
        match report.exit_code() {
            0 => Verdict::Pass,
            1 => Verdict::Fail,
            3 if report.required().all(time) => Verdict::Waiting,
            _ => Verdict::CannotTell,
        }
    }

    /// How many required checks could not be decided yet; none where the account wasn't read.
    pub fn undecided(&self) -> Option<usize> {
        let report = self.report()?;
        Some(report.required().filter(|check| !decided(check)).count())
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

/// Whether a check is proven or disproven.
fn decided(check: &CheckResult) -> bool {
    match check.verdict {
        Verdict::Pass | Verdict::Fail => true,
        Verdict::Blocked => check.blocked_by.as_ref().is_some_and(|by| by.because == Verdict::Fail),
        Verdict::Waiting | Verdict::CannotTell | Verdict::Skipped => false,
    }
}

/// The result of a sweep.
#[derive(Debug, Clone, Serialize)]
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
    /// How many accounts came to what.
    pub summary: Summary,
    /// One an account, in the roster's order.
    pub accounts: Vec<&'a Record>,
}

/// How many accounts came to what.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
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

impl Grades<'_> {
    /// The exit code of `grade`: 2 where the course is wrong; 1 where an account fails; 3 where none
    /// fails and one waits or could not be told; 0 where every account is proven.
    pub fn exit_code(&self) -> u8 {
        let codes: Vec<u8> = self.accounts.iter().map(|record| record.exit_code()).collect();
        [2, 1, 3].into_iter().find(|code| codes.contains(code)).unwrap_or(0)
    }
}
