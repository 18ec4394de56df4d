//! Reading members of properties and documents. CloudFormation makes text of numbers and flags that
//! a parameter brings.

use serde_json::Value;

/// A text member, or empty.
pub(super) fn text<'a>(properties: &'a Value, name: &str) -> &'a str {
    properties.get(name).and_then(Value::as_str).unwrap_or("")
}

/// Whether the member is true.
pub(super) fn flag(properties: &Value, name: &str) -> bool {
    properties.get(name).is_some_and(|value| value == true || value == "true")
}

/// An integer member.
pub(super) fn number(properties: &Value, name: &str) -> Option<i64> {
    let value = properties.get(name)?;
    value.as_i64().or_else(|| value.as_str()?.parse().ok())
}

/// Texts of a list member, or the one text that stands in its place.
pub(super) fn texts(properties: &Value, name: &str) -> Vec<String> {
    match properties.get(name) {
        Some(Value::String(text)) => vec![text.clone()],
        Some(Value::Array(items)) => {
            items.iter().filter_map(Value::as_str).map(str::to_owned).collect()
        }
        _ => Vec::new(),
    }
}
