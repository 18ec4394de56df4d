//! YAML with CloudFormation's short tags. Scalars follow YAML 1.1, as AWS's own reader does:
//! `yes` and `on` are booleans; dates, however, stay text.

use std::collections::HashMap;

use granit_parser::{Event, Parser, ScalarStyle, Span, Tag};
use serde_json::{Map, Number, Value};

use super::ParseError;

/// Functions that have a short tag with the prefix `Fn::` in their long form.
const FUNCTIONS: [&str; 15] = [
    "And",
    "Base64",
    "Cidr",
    "Equals",
    "FindInMap",
    "GetAZs",
    "GetAtt",
    "If",
    "ImportValue",
    "Join",
    "Not",
    "Or",
    "Select",
    "Split",
    "Sub",
];
/// Nesting beyond this is refused: readers of the value recurse.
const DEPTH: usize = 200;
/// Nodes, aliases expanded: beyond this a template is a bomb.
const NODES: usize = 200_000;

enum Frame {
    Sequence { anchor: usize, tag: Option<Short>, items: Vec<Value> },
    Mapping { anchor: usize, tag: Option<Short>, map: Map<String, Value>, key: Option<String> },
}

/// A short tag, by its name.
struct Short(String);

#[derive(Default)]
struct Builder {
    frames: Vec<Frame>,
    anchors: HashMap<usize, Value>,
    nodes: usize,
    root: Option<Value>,
}

/// Reads one YAML document.
pub(super) fn parse(text: &str) -> Result<Value, ParseError> {
    let mut builder = Builder::default();
    let mut documents = 0;
    for next in Parser::new_from_str(text) {
        let (event, span) = next.map_err(|error| {
            let marker = error.marker();
            fault(marker.line(), marker.col(), error.info())
        })?;
        if matches!(event, Event::DocumentStart(..)) {
            documents += 1;
            if documents > 1 {
                return Err(at(&span, "a template is one document"));
            }
        }
        builder.event(event).map_err(|message| at(&span, &message))?;
    }
    builder.root.ok_or_else(|| fault(1, 0, "the template is empty".to_owned()))
}

fn fault(line: usize, column: usize, message: String) -> ParseError {
    ParseError { language: "YAML", message, line: line.max(1), column: column + 1 }
}

fn at(span: &Span, message: &str) -> ParseError {
    fault(span.start.line(), span.start.col(), message.to_owned())
}

impl Builder {
    fn event(&mut self, event: Event<'_>) -> Result<(), String> {
        match event {
            Event::Scalar(text, style, anchor, tag) => {
                self.scalar(&text, style, anchor, tag.as_deref())
            }
            Event::SequenceStart(_, anchor, tag) => {
                self.not_a_key()?;
                let tag = short(tag.as_deref())?;
                self.open(Frame::Sequence { anchor, tag, items: Vec::new() })
            }
            Event::MappingStart(_, anchor, tag) => {
                self.not_a_key()?;
                let tag = short(tag.as_deref())?;
                self.open(Frame::Mapping { anchor, tag, map: Map::new(), key: None })
            }
            Event::SequenceEnd | Event::MappingEnd => self.close(),
            Event::Alias(id) => {
                let value = self.anchors.get(&id).cloned().ok_or("the alias has no anchor")?;
                self.not_a_key()?;
                let (nodes, depth) = measure(&value);
                self.nodes += nodes;
                if self.nodes > NODES || self.frames.len() + depth > DEPTH {
                    return Err(
                        "the template is too large once its aliases are expanded".to_owned()
                    );
                }
                self.add(value)
            }
            _ => Ok(()),
        }
    }

    fn open(&mut self, frame: Frame) -> Result<(), String> {
        self.count()?;
        if self.frames.len() >= DEPTH {
            return Err(format!("nested more than {DEPTH} levels deep"));
        }
        self.frames.push(frame);
        Ok(())
    }

    fn count(&mut self) -> Result<(), String> {
        self.nodes += 1;
        if self.nodes > NODES { Err("the template is too large".to_owned()) } else { Ok(()) }
    }

    /// A mapping or an alias can't stand where a key is expected.
    fn not_a_key(&self) -> Result<(), String> {
        match self.frames.last() {
            Some(Frame::Mapping { key: None, .. }) => Err("a key must be plain text".to_owned()),
            _ => Ok(()),
        }
    }

    fn scalar(
        &mut self,
        text: &str,
        style: ScalarStyle,
        anchor: usize,
        tag: Option<&Tag>,
    ) -> Result<(), String> {
        self.count()?;
        if let Some(Frame::Mapping { key: key @ None, map, .. }) = self.frames.last_mut() {
            if text == "<<" && style == ScalarStyle::Plain {
                return Err("CloudFormation doesn't know merge keys (<<)".to_owned());
            }
            if map.contains_key(text) {
                return Err(format!("the key {text} stands there twice"));
            }
            *key = Some(text.to_owned());
            return Ok(());
        }
        let value = match short(tag)? {
            Some(tag) => tag.expand(Value::from(text))?,
            None => match tag.and_then(Tag::core_suffix) {
                Some("str") => Value::from(text),
                Some(core) => typed(core, text)?,
                None if style == ScalarStyle::Plain => plain(text),
                None => Value::from(text),
            },
        };
        if anchor > 0 {
            self.anchors.insert(anchor, value.clone());
        }
        self.add(value)
    }

    fn close(&mut self) -> Result<(), String> {
        let (anchor, tag, value) = match self.frames.pop() {
            Some(Frame::Sequence { anchor, tag, items }) => (anchor, tag, Value::from(items)),
            Some(Frame::Mapping { anchor, tag, map, .. }) => (anchor, tag, Value::from(map)),
            None => return Err("unexpected end of a block".to_owned()),
        };
        let value = match tag {
            Some(tag) => tag.expand(value)?,
            None => value,
        };
        if anchor > 0 {
            self.anchors.insert(anchor, value.clone());
        }
        self.add(value)
    }

    fn add(&mut self, value: Value) -> Result<(), String> {
        match self.frames.last_mut() {
            None => self.root = Some(value),
            Some(Frame::Sequence { items, .. }) => items.push(value),
            Some(Frame::Mapping { map, key, .. }) => {
                let key = key.take().ok_or("a value without a key")?;
                map.insert(key, value);
            }
        }
        Ok(())
    }
}

/// Nodes and levels of a value.
fn measure(value: &Value) -> (usize, usize) {
    let combine = |(nodes, depth): (usize, usize), item: &Value| {
        let (n, d) = measure(item);
        (nodes + n, depth.max(d + 1))
    };
    match value {
        Value::Array(items) => items.iter().fold((1, 1), combine),
        Value::Object(map) => map.values().fold((1, 1), combine),
        _ => (1, 0),
    }
}

/// The short tag, none for YAML's own tags, or why there is no such tag.
fn short(tag: Option<&Tag>) -> Result<Option<Short>, String> {
    let Some(tag) = tag else { return Ok(None) };
    if tag.is_yaml_core_schema() || (tag.handle().is_empty() && tag.suffix() == "!") {
        return Ok(None);
    }
    let name = tag.suffix();
    if tag.handle() == "!" && name.is_empty() {
        return Ok(None);
    }
    if tag.handle() == "!"
        && (FUNCTIONS.contains(&name) || matches!(name, "Ref" | "Condition" | "Transform"))
    {
        return Ok(Some(Short(name.to_owned())));
    }
    Err(format!("there is no tag {}{name}", tag.original_handle()))
}

impl Short {
    /// The long form.
    fn expand(&self, value: Value) -> Result<Value, String> {
        let (key, value) = match (self.0.as_str(), value) {
            (name @ ("Ref" | "Condition"), value @ Value::String(_)) => (name.to_owned(), value),
            ("Ref" | "Condition", _) => return Err(format!("!{} takes one name", self.0)),
            ("GetAtt", Value::String(text)) => {
                let (resource, attribute) =
                    text.split_once('.').ok_or("!GetAtt takes Resource.Attribute")?;
                ("Fn::GetAtt".to_owned(), Value::from(vec![resource, attribute]))
            }
            (name, value) => (format!("Fn::{name}"), value),
        };
        Ok(Value::Object(Map::from_iter([(key, value)])))
    }
}

fn typed(core: &str, text: &str) -> Result<Value, String> {
    let value = plain(text);
    match (core, &value) {
        ("null", Value::Null) | ("bool", Value::Bool(_)) | ("int" | "float", Value::Number(_)) => {
            Ok(value)
        }
        _ => Err(format!("{text:?} is not of type {core}")),
    }
}

/// A plain scalar after YAML 1.1.
fn plain(text: &str) -> Value {
    match text {
        "" | "~" | "null" | "Null" | "NULL" => return Value::Null,
        "true" | "True" | "TRUE" | "yes" | "Yes" | "YES" | "on" | "On" | "ON" => {
            return Value::from(true);
        }
        "false" | "False" | "FALSE" | "no" | "No" | "NO" | "off" | "Off" | "OFF" => {
            return Value::from(false);
        }
        _ => {}
    }
    integer(text).or_else(|| float(text)).unwrap_or_else(|| Value::from(text))
}

fn integer(text: &str) -> Option<Value> {
    let (negative, digits) = match text.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, text.strip_prefix('+').unwrap_or(text)),
    };
    if digits.starts_with('_') || !digits.starts_with(|c: char| c.is_ascii_digit()) {
        return None;
    }
    let clean = digits.replace('_', "");
    let magnitude = if let Some(hex) = clean.strip_prefix("0x") {
        i64::from_str_radix(hex, 16)
    } else if let Some(binary) = clean.strip_prefix("0b") {
        i64::from_str_radix(binary, 2)
    } else if clean.len() > 1 && clean.starts_with('0') {
        // YAML 1.1 reads a leading zero as octal; an account id with an 8 or 9 stays text.
        i64::from_str_radix(&clean[1..], 8)
    } else {
        clean.parse()
    }
    .ok()?;
    Some(Value::from(if negative { -magnitude } else { magnitude }))
}

fn float(text: &str) -> Option<Value> {
    let digits = text.strip_prefix(['-', '+']).unwrap_or(text);
    let (whole, rest) = digits.split_once('.')?;
    let (fraction, exponent) = match rest.split_once(['e', 'E']) {
        Some((fraction, exponent)) => (fraction, Some(exponent)),
        None => (rest, None),
    };
    let all_digits = |part: &str| part.bytes().all(|b| b.is_ascii_digit());
    let exponent_fits = exponent
        .is_none_or(|e| e.strip_prefix(['-', '+']).is_some_and(|e| !e.is_empty() && all_digits(e)));
    if !all_digits(whole)
        || !all_digits(fraction)
        || (whole.is_empty() && fraction.is_empty())
        || !exponent_fits
    {
        return None;
    }
    Number::from_f64(text.parse().ok()?).map(Value::Number)
}

#[cfg(test)]
mod tests;
