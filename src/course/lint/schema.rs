//! JSON schemas: of the course's own files, and of facts, with the questions that lint asks them.

use serde_json::{Map, Value};

/// A schema with the definitions that it refers to.
#[derive(Debug, Clone, Copy)]
pub(super) struct Schema<'a> {
    root: &'a Value,
    at: &'a Value,
}

/// What may stand at a place.
pub(super) enum Shape<'a> {
    /// Anything.
    Any,
    /// An object: known fields, and what other fields hold (none: they are refused).
    Object { fields: Option<&'a Map<String, Value>>, other: Option<Schema<'a>> },
    /// A list of such values.
    List(Option<Schema<'a>>),
    /// One of several objects, each with one field (an action).
    OneOf(Vec<Schema<'a>>),
    /// A text, number, truth value or null, by the schema's name for it.
    Scalar(&'a str),
}

impl<'a> Schema<'a> {
    pub(super) fn new(root: &'a Value) -> Self {
        Self { root, at: root }
    }

    /// What may stand here; null is let through everywhere.
    pub(super) fn shape(self) -> Shape<'a> {
        let at = self.resolved();
        for key in ["oneOf", "anyOf"] {
            if let Some(options) = at.get(key).and_then(Value::as_array) {
                let options: Vec<Schema> = options
                    .iter()
                    .map(|at| Schema { at, ..self })
                    .filter(|s| s.resolved().get("type").and_then(Value::as_str) != Some("null"))
                    .collect();
                return match options.as_slice() {
                    [one] => one.shape(),
                    _ => Shape::OneOf(options),
                };
            }
        }
        match type_of(at) {
            Some("object") => self.object(at),
            Some("array") => Shape::List(at.get("items").map(|at| Schema { at, ..self })),
            Some(scalar) => Shape::Scalar(scalar),
            None => Shape::Any,
        }
    }

    fn object(self, at: &'a Value) -> Shape<'a> {
        let fields = at.get("properties").and_then(Value::as_object);
        let other = match at.get("additionalProperties") {
            Some(Value::Bool(false)) => None,
            Some(at) if at.is_object() => Some(Schema { at, ..self }),
            // A schema that lists fields describes them all; one that lists none is open.
            _ if fields.is_some() => None,
            _ => Some(Schema { at: &Value::Bool(true), ..self }),
        };
        Shape::Object { fields, other }
    }

    /// One field of an object; none when there is no such field.
    pub(super) fn field(self, name: &str) -> Option<Schema<'a>> {
        match self.shape() {
            Shape::Object { fields, other } => {
                fields.and_then(|f| f.get(name)).map(|at| Schema { at, ..self }).or(other)
            }
            _ => None,
        }
    }

    /// Names of the fields that must be there.
    pub(super) fn required(self) -> Vec<&'a str> {
        let list = self.resolved().get("required").and_then(Value::as_array);
        list.into_iter().flatten().filter_map(Value::as_str).collect()
    }

    fn resolved(self) -> &'a Value {
        let mut at = self.at;
        // A chain of references this long is a circle.
        for _ in 0..16 {
            let Some(target) = at.get("$ref").and_then(Value::as_str) else { break };
            match target.strip_prefix('#').and_then(|pointer| self.root.pointer(pointer)) {
                Some(next) => at = next,
                None => break,
            }
        }
        at
    }
}

fn type_of(at: &Value) -> Option<&str> {
    match at.get("type")? {
        Value::String(one) => Some(one),
        Value::Array(list) => list.iter().filter_map(Value::as_str).find(|t| *t != "null"),
        _ => None,
    }
}

/// The known name nearest to a misspelt one, when one is near.
pub(crate) fn nearest<'n>(name: &str, known: impl IntoIterator<Item = &'n str>) -> Option<&'n str> {
    known
        .into_iter()
        .map(|candidate| (distance(name, candidate), candidate))
        .filter(|(distance, candidate)| *distance <= 1 + candidate.len() / 4)
        .min()
        .map(|(_, candidate)| candidate)
}

/// Levenshtein's distance.
fn distance(a: &str, b: &str) -> usize {
    let b: Vec<char> = b.chars().collect();
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, from) in a.chars().enumerate() {
        let mut diagonal = row[0];
        row[0] = i + 1;
        for (j, to) in b.iter().enumerate() {
            let change = diagonal + usize::from(from != *to);
            diagonal = row[j + 1];
            row[j + 1] = change.min(row[j] + 1).min(row[j + 1] + 1);
        }
    }
    row[b.len()]
}
