//! Conditions of statements: IAM's operators over a request's context.

use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;

use jiff::Timestamp;
use serde_json::Value;

use super::fits;

/// What is known about a request: condition keys with their values. Keys know no case.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Context(BTreeMap<String, Vec<String>>);

/// What conditions asked for in vain.
#[derive(Debug, Default)]
pub(super) struct Asked {
    pub(super) missing: BTreeSet<String>,
    pub(super) unknown: BTreeSet<String>,
}

impl Context {
    /// A context of keys with one value each.
    pub fn of<'a>(entries: impl IntoIterator<Item = (&'a str, &'a str)>) -> Self {
        let mut context = Self::default();
        for (key, value) in entries {
            context.set(key, vec![value.to_owned()]);
        }
        context
    }

    /// Sets a key's values.
    pub fn set(&mut self, key: &str, values: Vec<String>) {
        self.0.insert(key.to_ascii_lowercase(), values);
    }

    fn values(&self, key: &str) -> Option<&[String]> {
        self.0.get(&key.to_ascii_lowercase()).map(Vec::as_slice)
    }

    /// The text with its policy variables replaced: `${aws:PrincipalAccount}`, `${aws:x, 'default'}`,
    /// and `${*}`, `${?}`, `${$}` for the characters themselves. None where one has no value.
    pub(super) fn fill(&self, text: &str) -> Option<String> {
        let mut out = String::new();
        let mut rest = text;
        while let Some(start) = rest.find("${") {
            let Some(length) = rest[start..].find('}') else { break };
            out.push_str(&rest[..start]);
            let inside = &rest[start + 2..start + length];
            match inside {
                "*" | "?" | "$" => out.push_str(inside),
                _ => {
                    let (key, default) = match inside.split_once(',') {
                        Some((key, default)) => {
                            (key.trim(), Some(default.trim().trim_matches('\'')))
                        }
                        None => (inside.trim(), None),
                    };
                    match self.values(key) {
                        Some([one]) => out.push_str(one),
                        _ => out.push_str(default?),
                    }
                }
            }
            rest = &rest[start + length + 1..];
        }
        out.push_str(rest);
        Some(out)
    }
}

/// Whether all operators of a condition hold. None when one of them isn't known here and no other
/// settles it.
pub(super) fn holds(condition: &Value, context: &Context, asked: &mut Asked) -> Option<bool> {
    let mut undecided = false;
    for (operator, keys) in condition.as_object().into_iter().flatten() {
        for (key, wanted) in keys.as_object().into_iter().flatten() {
            match one(operator, key, wanted, context, asked) {
                Some(true) => {}
                Some(false) => return Some(false),
                None => undecided = true,
            }
        }
    }
    (!undecided).then_some(true)
}

fn one(
    operator: &str,
    key: &str,
    wanted: &Value,
    context: &Context,
    asked: &mut Asked,
) -> Option<bool> {
    let (set, name) = match operator.split_once(':') {
        Some((set, name)) => (set, name),
        None => ("", operator),
    };
    let (name, if_exists) = match name.strip_suffix("IfExists") {
        Some(name) => (name, true),
        None => (name, false),
    };
    let wanted = texts(wanted);
    let actual = context.values(key).filter(|values| !values.is_empty());
    if name == "Null" {
        let absent = actual.is_none();
        return Some(wanted.iter().any(|value| value.eq_ignore_ascii_case("true") == absent));
    }
    let Some((test, negated)) = Test::named(name) else {
        asked.unknown.insert(operator.to_owned());
        return None;
    };
    let Some(actual) = actual else {
        asked.missing.insert(key.to_owned());
        // A negated operator holds for what isn't there; so does a set of which all must do it.
        return Some(if_exists || negated || set == "ForAllValues");
    };
    let filled: Vec<String> = wanted.iter().filter_map(|text| context.fill(text)).collect();
    let fits_one =
        |value: &String| filled.iter().any(|wanted| test.holds(wanted, value)) != negated;
    match set {
        "ForAllValues" => Some(actual.iter().all(fits_one)),
        "ForAnyValue" | "" => Some(actual.iter().any(fits_one)),
        _ => {
            asked.unknown.insert(operator.to_owned());
            None
        }
    }
}

fn texts(value: &Value) -> Vec<String> {
    let text = |value: &Value| match value {
        Value::String(text) => text.clone(),
        other => other.to_string(),
    };
    match value {
        Value::Array(list) => list.iter().map(text).collect(),
        other => vec![text(other)],
    }
}

/// A comparison, without its negation.
#[derive(Debug, Clone, Copy)]
enum Test {
    Equal,
    EqualIgnoringCase,
    Like,
    Arn,
    Truth,
    Address,
    Number(Order),
    Date(Order),
}

#[derive(Debug, Clone, Copy)]
enum Order {
    Equal,
    Less,
    AtMost,
    Greater,
    AtLeast,
}

impl Order {
    fn named(name: &str) -> Option<(Self, bool)> {
        Some(match name {
            "Equals" => (Self::Equal, false),
            "NotEquals" => (Self::Equal, true),
            "LessThan" => (Self::Less, false),
            "LessThanEquals" => (Self::AtMost, false),
            "GreaterThan" => (Self::Greater, false),
            "GreaterThanEquals" => (Self::AtLeast, false),
            _ => return None,
        })
    }

    fn holds(self, found: std::cmp::Ordering) -> bool {
        match self {
            Self::Equal => found.is_eq(),
            Self::Less => found.is_lt(),
            Self::AtMost => found.is_le(),
            Self::Greater => found.is_gt(),
            Self::AtLeast => found.is_ge(),
        }
    }
}

impl Test {
    /// The test of an operator, and whether the operator negates it.
    fn named(name: &str) -> Option<(Self, bool)> {
        if let Some(order) = name.strip_prefix("Numeric") {
            return Order::named(order).map(|(order, negated)| (Self::Number(order), negated));
        }
        if let Some(order) = name.strip_prefix("Date") {
            return Order::named(order).map(|(order, negated)| (Self::Date(order), negated));
        }
        Some(match name {
            "StringEquals" => (Self::Equal, false),
            "StringNotEquals" => (Self::Equal, true),
            "StringEqualsIgnoreCase" => (Self::EqualIgnoringCase, false),
            "StringNotEqualsIgnoreCase" => (Self::EqualIgnoringCase, true),
            "StringLike" => (Self::Like, false),
            "StringNotLike" => (Self::Like, true),
            "ArnEquals" | "ArnLike" => (Self::Arn, false),
            "ArnNotEquals" | "ArnNotLike" => (Self::Arn, true),
            "Bool" => (Self::Truth, false),
            "IpAddress" => (Self::Address, false),
            "NotIpAddress" => (Self::Address, true),
            _ => return None,
        })
    }

    fn holds(self, wanted: &str, actual: &str) -> bool {
        match self {
            Self::Equal => wanted == actual,
            Self::EqualIgnoringCase | Self::Truth => wanted.eq_ignore_ascii_case(actual),
            Self::Like => fits(wanted, actual),
            Self::Arn => arn_fits(wanted, actual),
            Self::Address => within(wanted, actual),
            Self::Number(order) => match (wanted.parse::<f64>(), actual.parse::<f64>()) {
                (Ok(wanted), Ok(actual)) => {
                    actual.partial_cmp(&wanted).is_some_and(|found| order.holds(found))
                }
                _ => false,
            },
            Self::Date(order) => match (date(wanted), date(actual)) {
                (Some(wanted), Some(actual)) => order.holds(actual.cmp(&wanted)),
                _ => false,
            },
        }
    }
}

/// Each of an ARN's six parts is compared by itself.
fn arn_fits(pattern: &str, arn: &str) -> bool {
    let (wanted, actual): (Vec<&str>, Vec<&str>) =
        (pattern.splitn(6, ':').collect(), arn.splitn(6, ':').collect());
    wanted.len() == actual.len() && wanted.iter().zip(&actual).all(|(w, a)| fits(w, a))
}

fn date(text: &str) -> Option<Timestamp> {
    if let Ok(seconds) = text.parse::<i64>() {
        return Timestamp::from_second(seconds).ok();
    }
    text.parse().ok().or_else(|| format!("{text}T00:00:00Z").parse().ok())
}

/// Whether the address is in the range: `203.0.113.0/24`, or one address.
fn within(range: &str, address: &str) -> bool {
    let (start, length) = match range.split_once('/') {
        Some((start, length)) => (start, length.parse::<u32>().ok()),
        None => (range, Some(128)),
    };
    let bits = |left: u128, right: u128, width: u32| {
        let length = length.map(|length| length.min(width));
        length.is_some_and(|length| length == 0 || (left ^ right) >> (width - length) == 0)
    };
    match (start.parse::<IpAddr>(), address.parse::<IpAddr>()) {
        (Ok(IpAddr::V4(start)), Ok(IpAddr::V4(address))) => {
            bits(u32::from(start).into(), u32::from(address).into(), 32)
        }
        (Ok(IpAddr::V6(start)), Ok(IpAddr::V6(address))) => bits(start.into(), address.into(), 128),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn decided(condition: &Value) -> (Option<bool>, Asked) {
        let mut context = Context::of([
            ("aws:PrincipalArn", "arn:aws:iam::000000000000:role/app/Analytics"),
            ("aws:SourceIp", "203.0.113.7"),
            ("aws:SecureTransport", "true"),
            ("aws:CurrentTime", "2026-11-23T20:00:00Z"),
            ("s3:max-keys", "10"),
        ]);
        context.set("aws:TagKeys", vec!["team".into(), "cost".into()]);
        let mut asked = Asked::default();
        let holds = holds(condition, &context, &mut asked);
        (holds, asked)
    }

    #[test]
    fn operators_compare_as_iam_does() {
        for (condition, expected) in [
            (json!({"StringLike": {"aws:principalarn": "arn:aws:iam::*:role/app/*"}}), true),
            (json!({"StringEquals": {"aws:PrincipalArn": ["x", "y"]}}), false),
            (json!({"StringNotEquals": {"aws:PrincipalArn": ["x", "y"]}}), true),
            (json!({"ArnLike": {"aws:PrincipalArn": "arn:aws:iam::*:role/*"}}), true),
            (json!({"ArnLike": {"aws:PrincipalArn": "arn:*:role/*"}}), false),
            (json!({"IpAddress": {"aws:SourceIp": ["198.51.100.0/24", "203.0.113.0/28"]}}), true),
            (json!({"NotIpAddress": {"aws:SourceIp": "203.0.113.0/24"}}), false),
            (json!({"Bool": {"aws:SecureTransport": true}}), true),
            (json!({"DateLessThan": {"aws:CurrentTime": "2026-11-24"}}), true),
            (json!({"DateGreaterThan": {"aws:CurrentTime": "1800000000"}}), false),
            (json!({"NumericLessThanEquals": {"s3:max-keys": 10}}), true),
            (json!({"NumericGreaterThan": {"s3:max-keys": "10"}}), false),
            (json!({"Null": {"aws:SourceVpc": "true"}}), true),
            (json!({"Null": {"aws:SourceIp": "true"}}), false),
            (json!({"ForAllValues:StringEquals": {"aws:TagKeys": ["team", "cost", "x"]}}), true),
            (json!({"ForAllValues:StringEquals": {"aws:TagKeys": ["team"]}}), false),
            (json!({"ForAnyValue:StringEquals": {"aws:TagKeys": ["team"]}}), true),
            (
                json!({"Bool": {"aws:SecureTransport": "true"},
                    "StringEquals": {"aws:SourceIp": "other"}}),
                false,
            ),
        ] {
            assert_eq!(decided(&condition).0, Some(expected), "{condition}");
        }
    }

    #[test]
    fn a_missing_key_fails_unless_the_operator_is_negated_or_allows_it() {
        let (holds, asked) = decided(&json!({"StringEquals": {"aws:SourceVpc": "vpc-1"}}));
        assert_eq!(holds, Some(false));
        assert!(asked.missing.contains("aws:SourceVpc"));
        for operator in ["StringNotEquals", "StringEqualsIfExists", "ForAllValues:StringEquals"] {
            let condition = json!({operator: {"aws:SourceVpc": "vpc-1"}});
            assert_eq!(decided(&condition).0, Some(true), "{operator}");
        }
    }

    #[test]
    fn an_operator_that_is_not_known_leaves_the_condition_undecided() {
        let (holds, asked) = decided(&json!({"BinaryEquals": {"aws:SourceIp": "eA=="}}));
        assert_eq!(holds, None);
        assert!(asked.unknown.contains("BinaryEquals"));
    }

    #[test]
    fn variables_are_filled_from_the_request() {
        let context = Context::of([("aws:username", "ana")]);
        assert_eq!(context.fill("home/${aws:username}/${*}").as_deref(), Some("home/ana/*"));
        assert_eq!(context.fill("${aws:none, 'all'}").as_deref(), Some("all"));
        assert_eq!(context.fill("${aws:none}"), None);
        assert_eq!(context.fill("left ${open").as_deref(), Some("left ${open"));
    }

    proptest::proptest! {
        #[test]
        fn no_text_panics(text in "\\PC{0,40}", range in "[0-9a-f.:/]{0,20}") {
            let context = Context::of([("a:b", text.as_str())]);
            let _ = context.fill(&text);
            let _ = within(&range, "203.0.113.7");
            let _ = within(&range, "2001:db8::1");
            let _ = date(&text);
        }
    }
}
