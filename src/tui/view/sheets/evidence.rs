//! The evidence of a verdict: what must hold beside what was read, and where that came from.

use serde_json::Value;

use crate::check::{CheckResult, FactRead, Must, ReadBy, Rule, Verdict};
use crate::i18n::fill;
use crate::markdown::{Face, Span, Tone};
use crate::tui::model::Model;
use crate::tui::standing::StepStatus;
use crate::tui::theme::Theme;

use super::{Rows, bold};

pub(super) fn title(model: &Model, step: &str, check: &str) -> String {
    let results = model.results.get(step).map_or(&[][..], Vec::as_slice);
    let at = results.iter().position(|result| result.check == check).map_or(0, |at| at + 1);
    let place = fill(model.words().proof_count, &[&at.to_string(), &results.len().to_string()]);
    format!("{} · {step} {check} · {place}", model.words().evidence)
}

pub(super) fn rows(model: &Model, step: &str, check: &str, page: &mut Rows) {
    let words = model.words();
    let results = model.results.get(step);
    let result = results.and_then(|all| all.iter().find(|result| result.check == check));
    let Some(result) = result else {
        // Verified again meanwhile, under another name or not at all.
        page.text(words.not_checked, Tone::Text);
        return;
    };
    let status = StepStatus::Judged(result.verdict);
    let face = bold(Theme::verdict_tone(status));
    let lead = Span::new(format!("{} ", model.theme.sign(status)), face);
    let message = result.without_countdown(model.lang.tag());
    page.hanging(&lead, &format!("{}: {message}", Theme::word(status, words)), Tone::Text);
    offenders(model, result, page);
    rules(model, result, page);
    values(model, result, page);
    sources(model, result, page);
}

fn offenders(model: &Model, result: &CheckResult, page: &mut Rows) {
    if result.offenders.is_empty() || result.verdict == Verdict::Pass {
        return;
    }
    let count = result.offenders.len().to_string();
    page.heading(&fill(model.words().evidence_offenders, &[&count]));
    for offender in &result.offenders {
        page.hanging(&Span::new("  - ", Tone::Dim), offender, Tone::Text);
    }
}

/// What must hold beside what was read of it.
fn rules(model: &Model, result: &CheckResult, page: &mut Rows) {
    let words = model.words();
    if result.basis.rules.is_empty() {
        return;
    }
    page.gap();
    let blank = Span::new("  ", Tone::Text);
    let heading = bold(Tone::Heading);
    page.beside(&blank, (words.evidence_expected, heading), (words.evidence_read, heading));
    for rule in &result.basis.rules {
        let (sign, face) = sign(model, rule);
        let demand = match rule.must {
            Must::Hold => rule.rule.clone(),
            Must::BeEmpty => fill(words.evidence_empty, &[&rule.rule]),
        };
        let read: Vec<String> = rule
            .read
            .iter()
            .map(|(path, value)| format!("{path} = {}", shown(model, value)))
            .collect();
        let lead = Span::new(format!("{sign} "), face);
        page.beside(&lead, (&demand, Face::default()), (&read.join("\n"), Face::default()));
    }
}

fn sign(model: &Model, rule: &Rule) -> (&'static str, Face) {
    let verdict = match rule.holds {
        Some(true) => Verdict::Pass,
        Some(false) => Verdict::Fail,
        None => Verdict::CannotTell,
    };
    let status = StepStatus::Judged(verdict);
    (model.theme.sign(status), bold(Theme::verdict_tone(status)))
}

/// A value as people read it.
fn shown(model: &Model, value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Object(map) if map.len() == 1 => match map.get("entries") {
            Some(count) => fill(model.words().evidence_entries, &[&count.to_string()]),
            None => value.to_string(),
        },
        other => other.to_string(),
    }
}

fn values(model: &Model, result: &CheckResult, page: &mut Rows) {
    if result.evidence.is_empty() {
        return;
    }
    page.heading(model.words().evidence_values);
    for (label, value) in &result.evidence {
        let lead = Span::new(format!("  {label}: "), Tone::Dim);
        page.hanging(&lead, &shown(model, value), Tone::Text);
    }
}

/// Which facts, by which calls, when, how long.
fn sources(model: &Model, result: &CheckResult, page: &mut Rows) {
    if result.basis.facts.is_empty() {
        return;
    }
    page.heading(model.words().evidence_sources);
    for fact in &result.basis.facts {
        let text = format!("{}  {}", source(model, fact), when(model, fact));
        page.hanging(&Span::new(format!("  {}  ", fact.fact), bold(Tone::Text)), &text, Tone::Text);
        if let Some(problem) = &fact.problem {
            page.hanging(&Span::new("    ! ", bold(Tone::Warning)), problem, Tone::Warning);
        }
    }
}

/// How a fact was read.
fn source(model: &Model, fact: &FactRead) -> String {
    let words = model.words();
    match fact.kind {
        ReadBy::Probe => words.evidence_probe.to_owned(),
        _ if fact.actions.is_empty() => fill(words.evidence_from, &[&fact.rests_on.join(", ")]),
        _ => fact.actions.join(", "),
    }
}

fn when(model: &Model, fact: &FactRead) -> String {
    let seconds = fill(model.words().seconds, &[&format!("{:.2}", fact.seconds)]);
    match fact.at.parse() {
        Ok(at) => format!("{}, {seconds}", model.time.exact(at)),
        Err(_) => seconds,
    }
}
