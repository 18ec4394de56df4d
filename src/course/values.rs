//! Values of the learner's account that instructions name: `{{ api_url }}`.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use jiff::Timestamp;
use serde_json::Value;

use super::diagnostic::visible;
use super::expression::{Expression, Variable};
use super::model::Course;

/// The longest value that is filled into instructions.
const MAX_LEN: usize = 2_048;

/// What is known of one value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ValueState {
    /// Known, and safe in Markdown and in a shell command as it is (see [`is_safe`]).
    Known(String),
    /// Not there yet.
    Unknown {
        /// The step that brings it.
        step: String,
    },
    /// There is something, but it can't be used.
    Unusable {
        /// Why, in a sentence.
        why: String,
    },
}

/// All values of the course, by name.
pub type Values = BTreeMap<String, ValueState>;

impl Course {
    /// The facts that the course's values rest on.
    pub fn value_facts(&self) -> BTreeSet<&str> {
        self.index.values.values().flat_map(|v| v.facts.iter().map(String::as_str)).collect()
    }

    /// When the learner's app was last deployed; none where the course doesn't say how to find
    /// out, or the facts that it rests on aren't known.
    pub fn deployed(&self, known: &BTreeMap<String, Arc<Value>>) -> Option<Timestamp> {
        let spec = self.index.deployed.as_ref()?;
        let fact = |name: &String| Some(Variable::new(Arc::clone(known.get(name)?)));
        let facts: Vec<Variable> = spec.facts.iter().map(fact).collect::<Option<_>>()?;
        let facts = spec.facts.iter().map(String::as_str).zip(&facts);
        let value = Expression::compile(&spec.value).and_then(|e| e.evaluate(facts)).ok()?;
        value.as_str()?.parse().ok()
    }

    /// Evaluates every value over the facts that are known. A fact that isn't known leaves its
    /// values unknown: instructions never wait for an account.
    pub fn values(&self, known: &BTreeMap<String, Arc<Value>>) -> Values {
        let all = known.iter().map(|(name, value)| (name, Variable::new(Arc::clone(value))));
        let all: BTreeMap<&String, Variable> = all.collect();
        let value = |spec: &super::model::ValueSpec| {
            let unknown = || ValueState::Unknown { step: spec.step.clone() };
            if !spec.facts.iter().all(|fact| known.contains_key(fact)) {
                return unknown();
            }
            let facts = spec.facts.iter().filter_map(|fact| Some((fact.as_str(), all.get(fact)?)));
            match Expression::compile(&spec.value).and_then(|e| e.evaluate(facts)) {
                Ok(Value::Null) => unknown(),
                Ok(Value::String(text)) if text.is_empty() => unknown(),
                Ok(Value::String(text)) => usable(&text),
                Ok(Value::Number(number)) => ValueState::Known(number.to_string()),
                Ok(_) => ValueState::Unusable { why: "it is no text".to_owned() },
                Err(error) => ValueState::Unusable { why: visible(&error.to_string()) },
            }
        };
        self.index.values.iter().map(|(name, spec)| (name.clone(), value(spec))).collect()
    }
}

fn usable(text: &str) -> ValueState {
    if is_safe(text) {
        return ValueState::Known(text.to_owned());
    }
    let shown: String = visible(text).chars().take(40).collect();
    ValueState::Unusable { why: format!("`{shown}` holds characters that a command can't carry") }
}

/// Whether a value may be filled into instructions and commands: only letters, digits and
/// `. _ : / @ % + = , -`, not starting with `-` (an option) and no longer than 2,048 characters.
///
/// Addresses, ARNs, ids and names of AWS are made of these. None of them means anything to a shell
/// or to Markdown, so a value needs no quoting in either, and an account that holds something else
/// (`$(…)`, a back-tick, an escape sequence, a line end) can't write into a command.
pub fn is_safe(text: &str) -> bool {
    let plain = |c: char| c.is_ascii_alphanumeric() || "._:/@%+=,-".contains(c);
    !text.is_empty() && text.len() <= MAX_LEN && !text.starts_with('-') && text.chars().all(plain)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::course::CourseFiles;

    fn value(fact: &Value) -> ValueState {
        let index = "id: t\ntitle: {}\nlanguages: []\npages: []\nstacks: {}\nstage: dev\nfirst: []\n\
                     domains: []\nmodules: []\nvalues:\n  v: { facts: [f], value: f.v, step: 0d }\n";
        let files = CourseFiles::from_pairs([("modules/course.yaml", index)]);
        let course = Course::from_files(files).unwrap();
        let known = BTreeMap::from([("f".to_owned(), Arc::new(fact.clone()))]);
        course.values(&known)["v"].clone()
    }

    #[test]
    fn a_value_is_known_once_its_step_brought_it() {
        let unknown = ValueState::Unknown { step: "0d".to_owned() };
        assert_eq!(value(&json!({ "v": null })), unknown);
        assert_eq!(value(&json!({ "v": "" })), unknown);
        let url = "https://abc.execute-api.us-east-1.amazonaws.com/dev/";
        assert_eq!(value(&json!({ "v": url })), ValueState::Known(url.to_owned()));
        assert_eq!(value(&json!({ "v": 7 })), ValueState::Known("7".to_owned()));
    }

    #[test]
    fn a_deployment_is_known_once_its_fact_is() {
        let index = "id: t\ntitle: {}\nlanguages: []\npages: []\nstacks: {}\nstage: dev\nfirst: []\n\
                     domains: []\nmodules: []\ndeployed: { facts: [f], value: f.at }\n";
        let files = CourseFiles::from_pairs([("modules/course.yaml", index)]);
        let course = Course::from_files(files).unwrap();
        assert_eq!(course.deployed(&BTreeMap::new()), None);
        for (at, known) in [(json!("2026-01-01T12:00:00Z"), true), (json!(null), false)] {
            let known_facts = BTreeMap::from([("f".to_owned(), Arc::new(json!({ "at": at })))]);
            assert_eq!(course.deployed(&known_facts).is_some(), known);
        }
    }

    #[test]
    fn a_value_can_write_neither_into_a_command_nor_into_markdown_nor_to_the_terminal() {
        for bad in [
            "a b",
            "$(reboot)",
            "`id`",
            "a;b",
            "a\nb",
            "a'b",
            "\u{1b}[2J",
            "-rf",
            "*x*",
            "[a](b)",
            "a|b",
            "é",
            "a&b",
            "<b>",
        ] {
            let state = value(&json!({ "v": bad }));
            let ValueState::Unusable { why } = state else { panic!("{bad:?} is {state:?}") };
            assert!(!why.contains('\u{1b}') && !why.contains('\n'));
        }
        assert!(matches!(value(&json!({ "v": "a".repeat(3000) })), ValueState::Unusable { .. }));
        assert!(
            matches!(value(&json!({})), ValueState::Unusable { .. }),
            "a wrong field is the course's error"
        );
    }
}
