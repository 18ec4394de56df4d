//! What a verdict rests on: each part of a check beside what was read, and where that came from.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};
use std::ops::Deref;
use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;
use schemars::{JsonSchema, Schema, SchemaGenerator};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::{Map, Value, json};

use super::judge::Variables;
use super::read::Reader;
use super::verdict::Verdict;
use super::words;
use crate::account::{FactKind, FactSpec};
use crate::course::{CheckSpec, Expression};

/// A value that is longer than this as JSON is told by its size.
const MAX_VALUE: usize = 200;

/// What a verdict rests on.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Basis {
    /// What must hold, part by part, beside what was read. Empty where nothing was judged.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub rules: Vec<Rule>,
    /// The facts that it rests on, the check's own first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub facts: Vec<SharedRead>,
    /// The open settle window of a check that is waiting.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub settle: Option<Settling>,
}

impl Basis {
    /// Whether there is nothing in it.
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}

/// One part of what a check demands.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Rule {
    /// The CEL expression.
    pub rule: String,
    /// What it must come to.
    pub must: Must,
    /// Whether it does; absent where it can't be evaluated by itself.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub holds: Option<bool>,
    /// The fields that it names, with their values. A long list is told by its size:
    /// `{"entries": 37}`.
    pub read: Map<String, Value>,
}

/// What a rule must come to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Must {
    /// True.
    Hold,
    /// An empty list: what is in it offends.
    BeEmpty,
}

/// How a fact was read.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct FactRead {
    /// The fact's name.
    pub fact: String,
    /// How it is read.
    pub kind: ReadBy,
    /// The IAM actions of the AWS operations that it reads with. Empty for one that is derived
    /// from others, and for requests to the learner's API.
    pub actions: Vec<String>,
    /// Facts that it rests on.
    pub rests_on: Vec<String>,
    /// When it was read, RFC 3339, UTC.
    pub at: String,
    /// How long that took.
    pub seconds: f64,
    /// Why it has no value.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub problem: Option<String>,
}

/// A [`FactRead`]. The checks of a report that rest on the same fact share it: it is most of a report.
#[derive(Debug, Clone, PartialEq)]
pub struct SharedRead(Arc<FactRead>);

impl Deref for SharedRead {
    type Target = FactRead;

    fn deref(&self) -> &FactRead {
        &self.0
    }
}

impl Serialize for SharedRead {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        (**self).serialize(to)
    }
}

impl<'de> Deserialize<'de> for SharedRead {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        FactRead::deserialize(from).map(|read| Self(Arc::new(read)))
    }
}

impl JsonSchema for SharedRead {
    fn schema_name() -> Cow<'static, str> {
        FactRead::schema_name()
    }

    fn schema_id() -> Cow<'static, str> {
        FactRead::schema_id()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        FactRead::json_schema(generator)
    }
}

/// How a fact is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum ReadBy {
    /// AWS operations that only read.
    Config,
    /// A deployed function package.
    Code,
    /// HTTP requests to the learner's own API.
    Probe,
}

/// An open settle window.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Settling {
    /// When the control was last changed, RFC 3339.
    pub since: String,
    /// Seconds until the window closes.
    pub seconds_left: u64,
}

/// A check's parts over the facts that were read.
pub(super) fn rules(check: &CheckSpec, facts: &Variables<'_>, verdict: Verdict) -> Vec<Rule> {
    let holds = |source: &str| match verdict {
        Verdict::Pass => Some(true),
        _ => match value(source, facts)? {
            Value::Bool(holds) => Some(holds),
            Value::Array(list) => Some(list.is_empty()),
            _ => None,
        },
    };
    let rule = |source: &str, must| Rule {
        rule: source.split_whitespace().collect::<Vec<_>>().join(" "),
        must,
        holds: holds(source),
        read: named(source, check, facts),
    };
    let offenders = check.offenders.iter().map(|source| rule(source, Must::BeEmpty));
    let expected = check.expect.iter().flat_map(|source| parts(source));
    offenders.chain(expected.map(|source| rule(source, Must::Hold))).collect()
}

fn value(source: &str, facts: &Variables<'_>) -> Option<Value> {
    Expression::shared(source).ok()?.evaluate(super::judge::named(source, facts)).ok()
}

/// The parts of an expression that must all hold: what stands between its outermost `&&`.
fn parts(source: &str) -> Vec<&str> {
    let mut parts = Vec::new();
    let mut from = 0;
    for (at, sign) in outermost(source) {
        match sign {
            '&' => {
                parts.push(source[from..at].trim());
                from = at + 2;
            }
            // These bind less: the whole is one part.
            _ => return vec![source],
        }
    }
    parts.push(source[from..].trim());
    let whole = |part: &&str| !part.is_empty() && Expression::shared(part).is_ok();
    if parts.iter().all(whole) { parts } else { vec![source] }
}

/// The `&&`, `||` and `?` of an expression that stand in no brackets and in no text.
fn outermost(source: &str) -> Vec<(usize, char)> {
    let mut found = Vec::new();
    let mut depth = 0_usize;
    let mut letters = source.char_indices().peekable();
    while let Some((at, letter)) = letters.next() {
        match letter {
            '"' | '\'' => skip_text(&mut letters, letter),
            '(' | '[' | '{' => depth += 1,
            ')' | ']' | '}' => depth = depth.saturating_sub(1),
            '&' | '|' if depth == 0 && letters.next_if(|(_, next)| *next == letter).is_some() => {
                found.push((at, letter));
            }
            '?' if depth == 0 => found.push((at, letter)),
            _ => {}
        }
    }
    found
}

fn skip_text(letters: &mut std::iter::Peekable<std::str::CharIndices<'_>>, quote: char) {
    while let Some((_, letter)) = letters.next() {
        if letter == '\\' {
            letters.next();
        } else if letter == quote {
            return;
        }
    }
}

/// The fields of facts that an expression names, with their values.
fn named(source: &str, check: &CheckSpec, facts: &Variables<'_>) -> Map<String, Value> {
    let is_name = |c: char| c.is_ascii_alphanumeric() || c == '_';
    let mut found = BTreeMap::new();
    let mut letters = source.char_indices().peekable();
    let mut before = ' ';
    while let Some((at, letter)) = letters.next() {
        if letter == '"' || letter == '\'' {
            skip_text(&mut letters, letter);
        } else if letter.is_ascii_alphabetic() && !is_name(before) && before != '.' {
            let mut end = at + 1;
            while let Some((next, _)) = letters.next_if(|(_, c)| is_name(*c) || *c == '.') {
                end = next + 1;
            }
            let called = letters.peek().is_some_and(|(_, next)| *next == '(');
            let path = source[at..end].trim_end_matches('.');
            // `api.methods.filter(…)` names api.methods.
            let path =
                if called { path.rsplit_once('.').map_or("", |(path, _)| path) } else { path };
            let mut steps = path.split('.');
            let fact = steps.next().unwrap_or_default();
            if check.facts.iter().any(|name| name == fact)
                && let Some(fact) = facts.get(fact)
                && let Some(value) = steps.try_fold(fact.json(), |value, step| value.get(step))
            {
                found.insert(path.to_owned(), short(value));
            }
        }
        before = letter;
    }
    found.into_iter().collect()
}

/// A value as it is, or its size.
fn short(value: &Value) -> Value {
    let fits = |value: &Value| value.to_string().len() <= MAX_VALUE;
    match value {
        Value::Array(list) if !fits(value) => json!({ "entries": list.len() }),
        Value::Object(map) if !fits(value) => json!({ "entries": map.len() }),
        other => super::judge::clean(other.clone()),
    }
}

/// How the facts of a check were read, and those that they rest on. `known` are those that another
/// check rested on.
pub(super) fn facts(
    check: &CheckSpec,
    reader: &Reader,
    known: &mut BTreeMap<String, SharedRead>,
    time_of: impl Fn(std::time::Instant) -> Timestamp,
    lang: &str,
) -> Vec<SharedRead> {
    let mut seen = BTreeSet::new();
    let mut open: Vec<String> = check.facts.iter().rev().cloned().collect();
    let mut reads = Vec::new();
    while let Some(name) = open.pop() {
        let Some(spec) = reader.spec(&name) else { continue };
        let Some(&(asked, took)) = reader.times.get(&name) else { continue };
        if !seen.insert(name.clone()) {
            continue;
        }
        open.extend(spec.needs.iter().rev().map(|&need| need.to_owned()));
        let read = || {
            let problem = reader.outcomes.get(&name).and_then(|outcome| outcome.as_ref().err());
            let problem = problem.map(|error| words::fact_error(lang, error));
            SharedRead(Arc::new(fact_read(spec, time_of(asked + took), took, problem)))
        };
        reads.push(known.entry(name.clone()).or_insert_with(read).clone());
    }
    reads
}

fn fact_read(spec: &FactSpec, at: Timestamp, took: Duration, problem: Option<String>) -> FactRead {
    FactRead {
        fact: spec.name.to_owned(),
        kind: match spec.kind {
            FactKind::Config => ReadBy::Config,
            FactKind::Code => ReadBy::Code,
            FactKind::Probe => ReadBy::Probe,
        },
        actions: spec.actions.iter().map(|&action| action.to_owned()).collect(),
        rests_on: spec.needs.iter().map(|&need| need.to_owned()).collect(),
        at: at.to_string(),
        seconds: took.as_secs_f64(),
        problem,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::course::Variable;

    fn check(facts: &[&str], expect: &str) -> CheckSpec {
        let spec = json!({
            "check": "c", "step": "1a", "facts": facts, "expect": expect,
            "fail": {}, "hints": {}, "breaks": [],
        });
        serde_json::from_value(spec).unwrap()
    }

    fn facts(value: Value) -> BTreeMap<String, Variable> {
        let facts: BTreeMap<String, Arc<Value>> = serde_json::from_value(value).unwrap();
        facts.into_iter().map(|(name, value)| (name, Variable::new(value))).collect()
    }

    fn borrowed(facts: &BTreeMap<String, Variable>) -> Variables<'_> {
        facts.iter().map(|(name, fact)| (name.as_str(), fact)).collect()
    }

    #[test]
    fn an_expression_falls_into_the_parts_that_must_hold() {
        assert_eq!(
            parts("a.b == 1 && c && d.all(x, x && y)"),
            ["a.b == 1", "c", "d.all(x, x && y)"]
        );
        for whole in ["a && b || c", "a ? b && c : d", "\"a && b\" == c", "x.all(y, y && z)"] {
            assert_eq!(parts(whole), [whole]);
        }
    }

    #[test]
    fn each_part_stands_beside_what_was_read() {
        let check = check(
            &["pool", "api"],
            "pool.status == \"pool.name\" && size(api.methods) > 0 && !pool.gone",
        );
        let facts = facts(json!({
            "pool": { "status": "CREATING", "name": "x", "gone": false },
            "api": { "methods": vec!["GET /a-rather-long-path-to-a-resource"; 20] },
        }));
        let rules = rules(&check, &borrowed(&facts), Verdict::Fail);
        let held: Vec<_> = rules.iter().map(|rule| rule.holds).collect();
        assert_eq!(held, [Some(false), Some(true), Some(true)]);
        assert_eq!(
            json!(rules[0].read),
            json!({ "pool.status": "CREATING" }),
            "no text is a field"
        );
        assert_eq!(json!(rules[1].read), json!({ "api.methods": { "entries": 20 } }));
        assert_eq!(json!(rules[2].read), json!({ "pool.gone": false }));
    }

    #[test]
    fn what_a_call_is_made_on_is_named_without_the_call() {
        let check = check(&["api"], "api.methods.filter(m, m.auth == \"NONE\").size() == api.open");
        let facts = facts(json!({ "api": { "methods": [], "open": 0 } }));
        assert_eq!(
            json!(rules(&check, &borrowed(&facts), Verdict::Pass)[0].read),
            json!({ "api.methods": [], "api.open": 0 })
        );
    }
}
