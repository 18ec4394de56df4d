//! One check over the facts that were read: its verdict, and what to say.
//!
//! The order of the questions is what keeps a verdict honest:
//! 1. Could every fact be looked at? Else **cannot tell**, whatever the rest says.
//! 2. Are the steps proven that its step needs? Else **blocked**: a check may hold for lack of
//!    anything to offend, so it isn't judged before there is something.
//! 3. Is a thing missing that it looks at? Then it **fails**.
//! 4. Does it hold? **Pass**, else **waiting** while the settle window is open, else **fail**.
//!
//! A skipped step's checks are judged too: one that passes passes, everything else is **skipped**.

use std::collections::BTreeMap;
use std::sync::LazyLock;
use std::time::Duration;

use jiff::Timestamp;
use minijinja::{Environment, UndefinedBehavior};
use serde_json::{Map, Value, json};

use super::basis::{self, Basis, Settling};
use super::read::Reader;
use super::request::{History, VerifyRequest};
use super::verdict::{BlockedBy, CheckResult, Verdict};
use super::words;
use crate::account::{CannotLook, FactError, Reason};
use crate::course::{CheckSpec, Expression, FailCase, Step, Text, Variable, visible};

/// Clocks that differ by less are taken for equal.
const CLOCK_TOLERANCE: Duration = Duration::from_secs(30);
/// Characters of an offender or message that are shown.
const MAX_SHOWN: usize = 1_000;

/// Renders offenders and messages; a name that doesn't exist is an error.
static TEMPLATES: LazyLock<Environment<'static>> = LazyLock::new(|| {
    let mut env = Environment::new();
    env.set_undefined_behavior(UndefinedBehavior::Strict);
    env
});

/// What a check came to before the words around it.
struct Finding {
    verdict: Verdict,
    message: String,
    offenders: Vec<String>,
    basis: Basis,
    course_error: bool,
}

impl Finding {
    fn new(verdict: Verdict, message: String) -> Self {
        let basis = Basis::default();
        Self { verdict, message, offenders: Vec::new(), basis, course_error: false }
    }
}

/// Judges one check.
pub(super) fn judge(
    request: &VerifyRequest,
    history: &History,
    step: &Step,
    check: &CheckSpec,
    reader: &Reader,
    blocked_by: Option<BlockedBy>,
) -> CheckResult {
    let facts = Readings::of(check, reader);
    let lang = request.lang.as_str();
    let mut blocker = None;
    let mut finding = if let Some(trouble) = facts.cannot_look {
        let message = words::fact_error(lang, trouble);
        Finding {
            course_error: is_course_error(trouble),
            ..Finding::new(Verdict::CannotTell, message)
        }
    } else if let Some(by) = blocked_by {
        let finding = Finding::new(Verdict::Blocked, words::blocked(lang, &by.step, by.because));
        blocker = Some(by);
        finding
    } else if let Some(missing) = facts.missing {
        // What is missing is null to the cases, which can say it in the course's words.
        let said =
            case(check, &facts.with_null).map(|c| rendered(&c.fail, &facts.with_null, &[], lang));
        let message = said.flatten().unwrap_or_else(|| words::fact_error(lang, missing));
        Finding::new(Verdict::Fail, message)
    } else {
        evaluate(check, &facts.values, lang, (request.clock)())
    };
    if finding.verdict != Verdict::Pass && history.skipped.contains(&step.spec.id) {
        let Finding { course_error, mut basis, .. } = finding;
        basis.settle = None;
        finding =
            Finding { basis, course_error, ..Finding::new(Verdict::Skipped, words::skipped(lang)) };
        blocker = None;
    }
    let hint = match finding.verdict {
        Verdict::Fail => next_hint(check, lang, history),
        _ => String::new(),
    };
    CheckResult {
        check: check.check.clone(),
        verdict: finding.verdict,
        optional: check.optional,
        course_error: finding.course_error,
        message: shown(&finding.message),
        hint: shown(&hint),
        offenders: finding.offenders,
        evidence: evidence(check, &facts.values),
        basis: finding.basis,
        blocked_by: blocker,
        seconds: 0.0,
    }
}

/// Facts by name, for expressions and messages.
pub(super) type Variables<'a> = BTreeMap<&'a str, &'a Variable>;

/// The facts that a check rests on.
struct Readings<'a> {
    values: Variables<'a>,
    /// The same, with null for what is missing.
    with_null: Variables<'a>,
    missing: Option<&'a FactError>,
    cannot_look: Option<&'a FactError>,
}

impl<'a> Readings<'a> {
    fn of(check: &'a CheckSpec, reader: &'a Reader) -> Self {
        let (values, with_null) = (Variables::new(), Variables::new());
        let mut this = Self { values, with_null, missing: None, cannot_look: None };
        for name in &check.facts {
            let value = reader.variables.get(name);
            match reader.outcomes.get(name) {
                Some(Ok(_)) => this.values.extend(value.map(|value| (name.as_str(), value))),
                Some(Err(e @ FactError::Missing { .. })) => this.missing = this.missing.or(Some(e)),
                Some(Err(e)) => this.cannot_look = this.cannot_look.or(Some(e)),
                None => this.cannot_look = this.cannot_look.or(Some(&*NEVER_READ)),
            }
            this.with_null.insert(name, value.unwrap_or(&*NULL));
        }
        this
    }
}

/// To a check's cases, what is missing.
static NULL: LazyLock<Variable> = LazyLock::new(Variable::default);

/// A fact that the engine didn't even ask for. It always asks; a slip must not become a pass.
static NEVER_READ: LazyLock<FactError> = LazyLock::new(|| {
    FactError::CannotLook(CannotLook {
        reason: Reason::Defect,
        message: "a fact was not read".to_owned(),
        remedy: "Verify again.".to_owned(),
    })
});

fn is_course_error(error: &FactError) -> bool {
    matches!(error, FactError::CannotLook(CannotLook { reason: Reason::Course, .. }))
}

fn evaluate(check: &CheckSpec, facts: &Variables<'_>, lang: &str, now: Timestamp) -> Finding {
    let broken = |detail: String| {
        let message = words::course_error(lang, &check.check, &detail);
        Finding { course_error: true, ..Finding::new(Verdict::CannotTell, message) }
    };
    let (holds, offenders) = match holds(check, facts) {
        Ok(found) => found,
        Err(detail) => return broken(detail),
    };
    let basis = |verdict| Basis { rules: basis::rules(check, facts, verdict), ..Basis::default() };
    if holds {
        let said = check.pass.as_ref().and_then(|pass| rendered(pass, facts, &[], lang));
        let message = said.unwrap_or_else(|| words::pass(lang, &check.check));
        return Finding { basis: basis(Verdict::Pass), ..Finding::new(Verdict::Pass, message) };
    }
    let window = match window(check, facts, now) {
        Ok(window) => window,
        Err(detail) => return broken(detail),
    };
    let offenders: Vec<String> = offenders.iter().map(|one| offender(check, one)).collect();
    let message = fail_message(check, facts, &offenders, lang);
    let Some(window) = window else {
        let finding = Finding::new(Verdict::Fail, message);
        return Finding { offenders, basis: basis(Verdict::Fail), ..finding };
    };
    let settle =
        Settling { since: window.since.to_string(), seconds_left: window.left.as_secs().max(1) };
    let mut wait = words::waiting(lang, settle.seconds_left);
    if window.ahead > CLOCK_TOLERANCE {
        wait = format!("{wait} {}", words::clock_behind(lang, window.ahead));
    }
    let basis = Basis { settle: Some(settle), ..basis(Verdict::Waiting) };
    Finding { offenders, basis, ..Finding::new(Verdict::Waiting, format!("{wait} {message}")) }
}

/// Whether the check holds, and its offenders.
fn holds(check: &CheckSpec, facts: &Variables<'_>) -> Result<(bool, Vec<Value>), String> {
    let mut offenders = Vec::new();
    if let Some(source) = &check.offenders {
        match eval(source, facts)? {
            Value::Array(list) => offenders = list,
            other => return Err(format!("offenders is no list but {}", kind(&other))),
        }
    }
    let expected = match &check.expect {
        None => true,
        Some(source) => match eval(source, facts)? {
            Value::Bool(holds) => holds,
            other => return Err(format!("expect is not true or false but {}", kind(&other))),
        },
    };
    if check.offenders.is_none() && check.expect.is_none() {
        return Err("it has neither offenders nor expect".to_owned());
    }
    if check.facts.is_empty() {
        return Err("it reads no fact".to_owned());
    }
    Ok((expected && offenders.is_empty(), offenders))
}

/// An open settle window.
struct Window {
    since: Timestamp,
    left: Duration,
    /// How far the change lies in this computer's future: its clock is behind.
    ahead: Duration,
}

/// The settle window; none when it is closed or never opened.
fn window(
    check: &CheckSpec,
    facts: &Variables<'_>,
    now: Timestamp,
) -> Result<Option<Window>, String> {
    let Some(settle) = &check.settle else { return Ok(None) };
    let since: Timestamp = match eval(&settle.since, facts)? {
        Value::Null => return Ok(None),
        Value::String(text) => {
            text.parse().map_err(|_| "settle.since is no RFC 3339 time".to_owned())?
        }
        other => return Err(format!("settle.since is no time but {}", kind(&other))),
    };
    // A change that lies in the future comes from clocks that differ: the window starts now.
    let passed = Duration::try_from(now.duration_since(since)).unwrap_or(Duration::ZERO);
    let ahead = Duration::try_from(since.duration_since(now)).unwrap_or(Duration::ZERO);
    let left = settle.within.checked_sub(passed).filter(|left| !left.is_zero());
    Ok(left.map(|left| Window { since, left, ahead }))
}

fn eval(source: &str, facts: &Variables<'_>) -> Result<Value, String> {
    Expression::shared(source)
        .and_then(|expression| expression.evaluate(named(source, facts)))
        .map_err(|e| e.to_string())
}

/// The facts whose names stand in an expression.
pub(super) fn named<'a>(
    source: &'a str,
    facts: &'a Variables<'_>,
) -> impl Iterator<Item = (&'a str, &'a Variable)> {
    facts.iter().filter(|(name, _)| source.contains(**name)).map(|(name, value)| (*name, *value))
}

fn kind(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "true or false",
        Value::Number(_) => "a number",
        Value::String(_) => "a text",
        Value::Array(_) => "a list",
        Value::Object(_) => "an object",
    }
}

/// One offender in a line: through `each`, or as it is.
fn offender(check: &CheckSpec, one: &Value) -> String {
    let plain = || match one {
        Value::String(text) => text.clone(),
        other => other.to_string(),
    };
    let Some(each) = &check.each else { return shown(&plain()) };
    let mut context = one.as_object().cloned().unwrap_or_default();
    context.insert("it".to_owned(), one.clone());
    let context = minijinja::Value::from(minijinja::value::Serde(&context));
    shown(&TEMPLATES.render_str(each, context).unwrap_or_else(|_| plain()))
}

/// The message of the first case that applies, or the check's own.
fn fail_message(
    check: &CheckSpec,
    facts: &Variables<'_>,
    offenders: &[String],
    lang: &str,
) -> String {
    let text = case(check, facts).map_or(&check.fail, |case| &case.fail);
    rendered(text, facts, offenders, lang).unwrap_or_else(|| words::unshown(lang, &check.check))
}

/// The first case that applies.
fn case<'a>(check: &'a CheckSpec, facts: &Variables<'_>) -> Option<&'a FailCase> {
    check.cases.iter().find(|case| eval(&case.when, facts) == Ok(Value::Bool(true)))
}

fn rendered(
    text: &Text,
    facts: &Variables<'_>,
    offenders: &[String],
    lang: &str,
) -> Option<String> {
    let (template, offenders) = (text.get(lang), json!(offenders));
    let mut context: BTreeMap<&str, &Value> =
        named(template, facts).map(|(name, fact)| (name, fact.json())).collect();
    context.insert("offenders", &offenders);
    let context = minijinja::Value::from(minijinja::value::Serde(&context));
    TEMPLATES.render_str(template, context).ok().filter(|message| !message.trim().is_empty())
}

/// The first hint that isn't unlocked yet; the last one once all are.
fn next_hint(check: &CheckSpec, lang: &str, history: &History) -> String {
    let unlocked = history.hints.get(&check.check).copied().unwrap_or(0);
    let ladder = check.hints.get(lang).or_else(|| check.hints.get("en"));
    ladder.and_then(|l| l.get(unlocked).or(l.last())).cloned().unwrap_or_default()
}

/// What was looked at. An expression that can't be evaluated leaves its label out.
fn evidence(check: &CheckSpec, facts: &Variables<'_>) -> Map<String, Value> {
    let all = check.evidence.iter();
    let seen = all.filter_map(|(label, source)| Some((label, eval(source, facts).ok()?)));
    // First a list: a map that knows how much it will hold is made no larger, and a sweep keeps many.
    let seen: Vec<_> = seen.map(|(label, value)| (label.clone(), clean(value))).collect();
    seen.into_iter().collect()
}

/// Values without control characters, and of an end.
pub(super) fn clean(value: Value) -> Value {
    match value {
        Value::String(text) => Value::String(shown(&text)),
        Value::Array(list) => list.into_iter().map(clean).collect(),
        Value::Object(map) => {
            map.into_iter().map(|(key, value)| (shown(&key), clean(value))).collect()
        }
        other => other,
    }
}

/// Text for a terminal or a report: one line, no control characters, no endless length.
fn shown(text: &str) -> String {
    let line = text.trim().lines().map(str::trim_end).collect::<Vec<_>>().join(" ");
    let cut: String = line.chars().take(MAX_SHOWN).collect();
    visible(&cut)
}
