//! Verdicts, and the report of one verification (the contract's JSON).

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::basis::Basis;
use super::words;
use crate::account::Probed;

/// What a check came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// Every fact was read and the expression holds.
    Pass,
    /// Read, and it doesn't hold.
    Fail,
    /// It doesn't hold yet, and its settle window is open.
    Waiting,
    /// A step that it needs isn't proven.
    Blocked,
    /// Could not look.
    CannotTell,
    /// The learner skipped the step, recorded as such.
    Skipped,
}

/// Where a module or a step stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum State {
    /// Nothing of it is proven.
    NotStarted,
    /// Some of it is proven.
    InProgress,
    /// All required checks pass.
    Done,
    /// It was proven before and fails now.
    Regressed,
}

/// One verification of an account.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
pub struct Report {
    /// Version of this shape: 1.
    pub schema: u32,
    /// `stepproof 0.1.0`.
    pub tool: String,
    /// The course that was verified against.
    pub course: CourseId,
    /// The account's 12 digits.
    pub account: String,
    /// ARN of who looked.
    pub caller: String,
    /// `practice` or `aws`.
    pub kind: AccountKind,
    /// The region that was looked at.
    pub region: String,
    /// When it began, RFC 3339, UTC.
    pub started: String,
    /// How long it took.
    pub seconds: f64,
    /// Control-plane calls made.
    pub api_calls: u32,
    /// What requests were sent to beside the control plane: the learner's API and where its tokens
    /// are issued.
    #[serde(default)]
    pub probed: Vec<Probed>,
    /// Required checks passed, of all that were asked for.
    pub score: Score,
    /// The modules that were asked for.
    pub modules: Vec<ModuleResult>,
    /// The clean-up, when it was asked for. Asking for all modules doesn't ask for it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cleanup: Option<CleanupResult>,
}

/// A course's identity.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
pub struct CourseId {
    /// The id in `course.yaml`.
    pub id: String,
    /// SHA-256 over its files, hexadecimal.
    pub sha256: String,
}

/// What was looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum AccountKind {
    /// The embedded practice account.
    Practice,
    /// AWS, or an endpoint that the environment names.
    Aws,
}

/// Points: one for each required check.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Score {
    /// Required checks that pass.
    pub earned: u32,
    /// Required checks that were asked for.
    pub possible: u32,
}

/// One module's result.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
pub struct ModuleResult {
    /// Number.
    pub module: u8,
    /// Slug.
    pub slug: String,
    /// Where it stands.
    pub state: State,
    /// Steps in order.
    pub steps: Vec<StepResult>,
}

/// The clean-up's result.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
pub struct CleanupResult {
    /// Slug.
    pub slug: String,
    /// Where it stands.
    pub state: State,
    /// Steps in order.
    pub steps: Vec<StepResult>,
}

/// One step's result.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
pub struct StepResult {
    /// `1d`.
    pub step: String,
    /// Extra credit, unless the step was asked for by its id.
    pub optional: bool,
    /// Where it stands.
    pub state: State,
    /// Checks in order.
    pub checks: Vec<CheckResult>,
}

/// One check's result.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
pub struct CheckResult {
    /// The check's name.
    pub check: String,
    /// What it came to.
    pub verdict: Verdict,
    /// Extra credit within its step: counts neither for the score nor for the exit code.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub optional: bool,
    /// It couldn't be judged because the course is wrong: its expression can't be evaluated, or it
    /// names a fact that doesn't exist.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub course_error: bool,
    /// One or two sentences for the learner.
    pub message: String,
    /// The next hint on the ladder, or empty.
    pub hint: String,
    /// What is wrong, one line each.
    pub offenders: Vec<String>,
    /// What was looked at, by label. Never holds a secret.
    pub evidence: Map<String, Value>,
    /// What the verdict rests on: the check's parts beside what was read, and where that came from.
    #[serde(default, skip_serializing_if = "Basis::is_empty")]
    pub basis: Basis,
    /// The step to work on first, when it is blocked.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub blocked_by: Option<BlockedBy>,
    /// Time from its facts being asked for to its verdict.
    pub seconds: f64,
}

impl CheckResult {
    /// It fails, or is blocked by a step that fails.
    pub fn is_disproven(&self) -> bool {
        let because = self.blocked_by.as_ref().map(|by| by.because);
        self.verdict == Verdict::Fail
            || (self.verdict == Verdict::Blocked && because == Some(Verdict::Fail))
    }

    /// Whether it is proven or disproven: by itself, or by the step that blocks it.
    pub fn is_decided(&self) -> bool {
        match self.verdict {
            Verdict::Pass | Verdict::Fail => true,
            Verdict::Blocked => {
                self.blocked_by.as_ref().is_some_and(|by| by.because == Verdict::Fail)
            }
            Verdict::Waiting | Verdict::CannotTell | Verdict::Skipped => false,
        }
    }

    /// The message without the sentence that says how long the settle window is open: for those
    /// who count down.
    pub fn without_countdown(&self, lang: &str) -> &str {
        let message = self.message.as_str();
        let Some(settle) = &self.basis.settle else { return message };
        let wait = words::waiting(lang, settle.seconds_left);
        message.strip_prefix(&wait).map_or(message, str::trim_start)
    }
}

/// What keeps a check from being judged.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct BlockedBy {
    /// The step that isn't proven and isn't blocked itself: the one to work on.
    pub step: String,
    /// What that step's checks came to.
    pub because: Verdict,
}

impl StepResult {
    /// The results that count: of required checks, unless the whole step is extra credit.
    pub fn required(&self) -> impl Iterator<Item = &CheckResult> + Clone {
        let counts = !self.optional;
        self.checks.iter().filter(move |check| counts && !check.optional)
    }
}

impl ModuleResult {
    /// The results that count.
    pub fn required(&self) -> impl Iterator<Item = &CheckResult> + Clone {
        self.steps.iter().flat_map(StepResult::required)
    }
}

impl Report {
    /// All steps that were asked for: those of modules, then the clean-up's.
    pub fn steps(&self) -> impl Iterator<Item = &StepResult> + Clone {
        let modules = self.modules.iter().flat_map(|module| &module.steps);
        modules.chain(self.cleanup.iter().flat_map(|cleanup| &cleanup.steps))
    }

    /// The results that count.
    pub fn required(&self) -> impl Iterator<Item = &CheckResult> + Clone {
        let cleanup = self.cleanup.iter().flat_map(|cleanup| &cleanup.steps);
        let cleanup = cleanup.flat_map(StepResult::required);
        self.modules.iter().flat_map(ModuleResult::required).chain(cleanup)
    }

    /// The exit code of `verify` and `grade`: 0 every required check passes; 1 at least one fails,
    /// or is blocked by a step that fails; 2 the course is wrong, so that a check couldn't be
    /// judged; 3 nothing failed, but something is waiting, skipped, could not be told, or is blocked
    /// by such a step.
    pub fn exit_code(&self) -> u8 {
        let mut all = self.steps().flat_map(|step| &step.checks);
        if all.any(|check| check.course_error) {
            return 2;
        }
        let mut required = self.required();
        if required.clone().any(CheckResult::is_disproven) {
            1
        } else if required.all(|check| check.verdict == Verdict::Pass) {
            0
        } else {
            3
        }
    }
}
