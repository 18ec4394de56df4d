//! What the formats for graders are written from: some learners' results over a course, each check
//! with what it is worth.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::grade::Trouble;
use super::weights::Weights;
use crate::check::{AccountKind, CheckResult, CourseId, Report, StepResult, Verdict};
use crate::course::{Course, visible};

/// Some learners' results over a course.
#[derive(Debug)]
pub struct Sheet<'a> {
    /// The course: its titles.
    pub course: &'a Course,
    /// The course as it was verified against.
    pub id: &'a CourseId,
    /// `stepproof 0.1.0`.
    pub tool: &'a str,
    /// When reading began, RFC 3339, UTC.
    pub started: &'a str,
    /// How long it took.
    pub seconds: f64,
    /// What each check is worth.
    pub weights: &'a Weights,
    /// Language of titles: `en`, `ja`.
    pub lang: &'a str,
    /// At least one.
    pub learners: Vec<Learner<'a>>,
}

/// One learner's result.
#[derive(Debug, Clone, Copy)]
pub struct Learner<'a> {
    /// How the roster calls the learner; empty where there is no roster.
    pub name: &'a str,
    /// The account's 12 digits; empty where that couldn't be told.
    pub account: &'a str,
    /// The report, or why there is none.
    pub result: Result<&'a Report, &'a Trouble>,
}

/// A check of a learner's.
#[derive(Debug, Clone, Copy)]
pub(super) struct Row<'a> {
    /// None for the clean-up.
    pub(super) module: Option<u8>,
    pub(super) slug: &'a str,
    pub(super) step: &'a StepResult,
    pub(super) check: &'a CheckResult,
    /// Points when it passes.
    pub(super) worth: f64,
}

/// A learner's points.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Points {
    /// For required checks that pass.
    pub earned: f64,
    /// Of required checks that could not be decided yet: so many may still come to `earned`.
    pub undecided: f64,
    /// Of all required checks.
    pub possible: f64,
    /// For optional checks that pass: extra credit, in none of the others.
    pub extra: f64,
    /// Whether `earned` reaches the pass mark. Absent without a mark, and while checks that could
    /// not be decided yet may make the difference.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub passes: Option<bool>,
}

impl Sheet<'_> {
    /// What a learner's result rests on, for those who must trust it: by name, in a fixed order.
    pub(super) fn basis(&self, learner: &Learner<'_>) -> Vec<(&'static str, String)> {
        let mut basis = vec![
            ("tool", self.tool.to_owned()),
            ("course", self.id.id.clone()),
            ("course.sha256", self.id.sha256.clone()),
            ("account", learner.account.to_owned()),
        ];
        if let Ok(report) = learner.result {
            let kind = match report.kind {
                AccountKind::Practice => "practice",
                AccountKind::Aws => "aws",
            };
            let probed = report.probed.iter();
            let probed: Vec<String> =
                probed.map(|one| format!("{} × {}", one.requests, one.address)).collect();
            basis.extend([
                ("kind", kind.to_owned()),
                ("region", report.region.clone()),
                ("caller", report.caller.clone()),
                ("started", report.started.clone()),
                ("api_calls", report.api_calls.to_string()),
                ("probed", probed.join(", ")),
            ]);
        }
        basis
    }
}

impl<'a> Learner<'a> {
    /// Of an account that was verified by itself.
    pub fn alone(report: &'a Report) -> Self {
        Self { name: "", account: &report.account, result: Ok(report) }
    }

    /// Name and account, on one line and harmless in a terminal.
    pub(super) fn title(&self) -> String {
        let name = one_line(self.name);
        match (name.is_empty() || name == self.account, self.account) {
            (true, "") => "?".to_owned(),
            (true, account) => account.to_owned(),
            (false, account) => format!("{name} ({account})"),
        }
    }

    /// The checks in order; none where the account wasn't read.
    pub(super) fn rows(&self, weights: &Weights) -> Vec<Row<'a>> {
        let Ok(report) = self.result else { return Vec::new() };
        let modules = report.modules.iter();
        let modules = modules.map(|one| (Some(one.module), one.slug.as_str(), &one.steps));
        let cleanup = report.cleanup.iter().map(|one| (None, one.slug.as_str(), &one.steps));
        let rows = |(module, slug, steps): (Option<u8>, &'a str, &'a Vec<StepResult>)| {
            steps.iter().flat_map(move |step| {
                step.checks.iter().map(move |check| {
                    let worth = weights.worth(module, step, check);
                    Row { module, slug, step, check, worth }
                })
            })
        };
        modules.chain(cleanup).flat_map(rows).collect()
    }

    /// The points; none where the account wasn't read. That is never a zero.
    pub fn points(&self, weights: &Weights) -> Option<Points> {
        self.result.ok()?;
        let rows = self.rows(weights);
        let sum = |counts: &dyn Fn(&Row<'_>) -> bool| {
            cents(rows.iter().filter(|row| counts(row)).map(|row| row.worth).sum())
        };
        let passes = |row: &Row<'_>| row.check.verdict == Verdict::Pass;
        let (earned, undecided, possible) = (
            sum(&|row| !row.is_extra() && passes(row)),
            sum(&|row| !row.is_extra() && row.is_open()),
            sum(&|row| !row.is_extra()),
        );
        let passes = weights.pass_mark.and_then(|mark| {
            let needed = possible * mark / 100.0 - 1e-9;
            match (earned >= needed, cents(earned + undecided) >= needed) {
                (true, _) => Some(true),
                (false, true) => None,
                (false, false) => Some(false),
            }
        });
        let extra = sum(&|row| row.is_extra() && row.check.verdict == Verdict::Pass);
        Some(Points { earned, undecided, possible, extra, passes })
    }
}

impl Row<'_> {
    /// Whether it is extra credit.
    pub(super) fn is_extra(&self) -> bool {
        self.step.optional || self.check.optional
    }

    /// Whether it isn't decided, and will be once more can be seen. What the learner skipped won't.
    pub(super) fn is_open(&self) -> bool {
        let because = self.check.blocked_by.as_ref().map(|by| by.because);
        let skipped = self.check.verdict == Verdict::Skipped || because == Some(Verdict::Skipped);
        !skipped && !self.check.is_decided()
    }

    /// `1d Every method asks for a token: every-method-needs-a-token`.
    pub(super) fn title(&self, sheet: &Sheet<'_>) -> String {
        let id = &self.step.step;
        let title = sheet.course.step(id).map_or("", |(_, step)| step.spec.title.get(sheet.lang));
        one_line(&format!("{id} {title}: {}", self.check.check))
    }

    /// The course's file that holds it.
    pub(super) fn file(&self) -> String {
        match self.module {
            Some(number) => format!("checks/{number:02}-{}.yaml", self.slug),
            None => format!("checks/{}.yaml", self.slug),
        }
    }

    /// The verdict's name in JSON: `cannot_tell`.
    pub(super) fn verdict(&self) -> &'static str {
        code(self.check.verdict)
    }

    /// Offenders that the message doesn't name, and the hint, a line each.
    pub(super) fn details(&self) -> String {
        let unnamed = |one: &&String| !self.check.message.contains(one.as_str());
        let offenders = self.check.offenders.iter().filter(unnamed);
        let offenders = offenders.map(|one| format!("- {}", one_line(one)));
        let hint = Some(one_line(&self.check.hint)).filter(|hint| !hint.is_empty());
        offenders.chain(hint).collect::<Vec<_>>().join("\n")
    }
}

/// A verdict's name in JSON.
pub(super) fn code(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Pass => "pass",
        Verdict::Fail => "fail",
        Verdict::Waiting => "waiting",
        Verdict::Blocked => "blocked",
        Verdict::CannotTell => "cannot_tell",
        Verdict::Skipped => "skipped",
    }
}

/// A text on one line, without what a terminal would obey or XML can't hold.
pub(super) fn one_line(text: &str) -> String {
    let text = text.replace(['\r', '\n'], " ");
    visible(text.trim_end()).replace(['\u{fffe}', '\u{ffff}'], "·")
}

/// Points as they are written: `2`, `2.5`.
pub(super) fn number(points: f64) -> String {
    cents(points).to_string()
}

/// Sums of hundredths, without what adding binary fractions brings.
pub(super) fn cents(points: f64) -> f64 {
    // The sum of nothing is -0.0, and would be written so.
    (points * 100.0).round() / 100.0 + 0.0
}
