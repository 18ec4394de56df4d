//! The values that a deployment gives to a template's parameters.

use std::collections::BTreeMap;

use regex::Regex;
use serde_json::{Map, Number, Value};

use super::refuse;
use crate::practice::wire::Fault;

/// A value as a deployment gives it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Given {
    /// This text.
    Text(String),
    /// The value that the stack has already.
    Previous,
}

/// The texts of a template's parameters: given, else the default. Every parameter must have one
/// that its constraints allow.
pub fn resolve(
    template: &Value,
    given: &BTreeMap<String, Given>,
    previous: &BTreeMap<String, String>,
) -> Result<BTreeMap<String, String>, Fault> {
    let none = Map::new();
    let declared = template.get("Parameters").and_then(Value::as_object).unwrap_or(&none);
    let unknown: Vec<_> =
        given.keys().filter(|name| !declared.contains_key(*name)).cloned().collect();
    if !unknown.is_empty() {
        return Err(refuse(format!(
            "Parameters: [{}] do not exist in the template",
            unknown.join(", ")
        )));
    }
    let mut texts = BTreeMap::new();
    let mut missing = Vec::new();
    for (name, declaration) in declared {
        let text = match given.get(name) {
            Some(Given::Text(text)) => Some(text.clone()),
            Some(Given::Previous) => previous.get(name).cloned(),
            None => declaration.get("Default").and_then(super::functions::as_text),
        };
        match text {
            Some(text) => {
                allowed(name, declaration, &text)?;
                texts.insert(name.clone(), text);
            }
            None => missing.push(name.as_str()),
        }
    }
    if missing.is_empty() {
        Ok(texts)
    } else {
        Err(refuse(format!("Parameters: [{}] must have values", missing.join(", "))))
    }
}

/// What `Ref` gives: text, a number, or a list.
pub fn values(template: &Value, texts: &BTreeMap<String, String>) -> Map<String, Value> {
    texts
        .iter()
        .map(|(name, text)| {
            let kind = template["Parameters"][name]["Type"].as_str().unwrap_or("String");
            let value = match kind {
                "Number" => number(text).map_or_else(|| Value::from(text.as_str()), Value::Number),
                "CommaDelimitedList" => list(text),
                kind if kind.starts_with("List<") => list(text),
                _ => Value::from(text.as_str()),
            };
            (name.clone(), value)
        })
        .collect()
}

/// Whether the parameter's value is to be hidden wherever it is shown.
pub fn is_secret(template: &Value, name: &str) -> bool {
    match &template["Parameters"][name]["NoEcho"] {
        Value::Bool(secret) => *secret,
        Value::String(text) => text.eq_ignore_ascii_case("true"),
        _ => false,
    }
}

fn list(text: &str) -> Value {
    text.split(',').map(str::trim).collect::<Vec<_>>().into()
}

fn number(text: &str) -> Option<Number> {
    match text.trim().parse::<i64>() {
        Ok(whole) => Some(whole.into()),
        Err(_) => text.trim().parse().ok().and_then(Number::from_f64),
    }
}

fn allowed(name: &str, declaration: &Value, text: &str) -> Result<(), Fault> {
    let explain = |otherwise: String| {
        let description = declaration["ConstraintDescription"].as_str();
        refuse(description.map_or(otherwise, |description| {
            format!("Parameter '{name}' failed to satisfy constraint: {description}")
        }))
    };
    let is_number = declaration["Type"] == "Number";
    if is_number && number(text).is_none() {
        return Err(refuse(format!("Parameter '{name}' must be a number")));
    }
    if let Some(values) = declaration["AllowedValues"].as_array() {
        let mut texts = values.iter().filter_map(super::functions::as_text);
        let whole_list = declaration["Type"] == "CommaDelimitedList";
        let fits = if whole_list {
            let texts: Vec<_> = texts.collect();
            text.split(',').all(|part| texts.iter().any(|value| value == part.trim()))
        } else {
            texts.any(|value| value == text)
        };
        if !fits {
            return Err(explain(format!("Parameter '{name}' must be one of AllowedValues")));
        }
    }
    if let Some(pattern) = declaration["AllowedPattern"].as_str() {
        let regex = Regex::new(&format!("^(?:{pattern})$")).map_err(|_| {
            refuse(format!(
                "Template format error: AllowedPattern of parameter {name} can't be read: {pattern}"
            ))
        })?;
        if !regex.is_match(text) {
            return Err(explain(format!("Parameter '{name}' must match pattern {pattern}")));
        }
    }
    bounds(name, declaration, text, is_number).map_err(explain)
}

fn bounds(name: &str, declaration: &Value, text: &str, is_number: bool) -> Result<(), String> {
    let bound = |key: &str| {
        super::functions::as_text(&declaration[key]).and_then(|bound| bound.parse::<f64>().ok())
    };
    #[expect(clippy::cast_precision_loss, reason = "lengths of parameters are small")]
    let length = text.chars().count() as f64;
    if bound("MinLength").is_some_and(|least| length < least) {
        return Err(format!(
            "Parameter '{name}' must contain at least {} characters",
            declaration["MinLength"]
        ));
    }
    if bound("MaxLength").is_some_and(|most| length > most) {
        return Err(format!(
            "Parameter '{name}' must contain at most {} characters",
            declaration["MaxLength"]
        ));
    }
    let Some(value) = text.trim().parse::<f64>().ok().filter(|_| is_number) else { return Ok(()) };
    if bound("MinValue").is_some_and(|least| value < least) {
        return Err(format!(
            "Parameter '{name}' must be a number not less than {}",
            declaration["MinValue"]
        ));
    }
    if bound("MaxValue").is_some_and(|most| value > most) {
        return Err(format!(
            "Parameter '{name}' must be a number not greater than {}",
            declaration["MaxValue"]
        ));
    }
    Ok(())
}
