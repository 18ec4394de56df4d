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
