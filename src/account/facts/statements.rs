//! Policy documents, judged by what they say: which statements allow more than a function needs.

use percent_encoding::percent_decode_str;
use serde_json::Value;

/// Why a statement is too broad.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Breadth {
    /// `"Action": "*"`.
    EveryAction,
    /// `NotAction`: all but a few.
    AllButSome,
    /// `"dynamodb:*"` on everything.
    WholeService,
}

impl Breadth {
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::EveryAction => "every_action",
            Self::AllButSome => "all_but_some",
            Self::WholeService => "whole_service",
        }
    }
}

/// A statement that is too broad.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Broad {
    /// Its `Sid`, or its place in the document from 1.
    pub(super) statement: String,
    pub(super) breadth: Breadth,
    /// The patterns that make it so.
    pub(super) actions: Vec<String>,
}

/// The document of an answer of IAM's: percent-encoded JSON.
pub(super) fn document(text: &str) -> Option<Value> {
    let decoded = percent_decode_str(text).decode_utf8().ok()?;
    serde_json::from_str(&decoded).ok()
}

/// One value or a list of them.
pub(super) fn list(value: Option<&Value>) -> Vec<&Value> {
    match value {
        None | Some(Value::Null) => Vec::new(),
        Some(Value::Array(items)) => items.iter().collect(),
        Some(one) => vec![one],
    }
}

fn texts<'a>(statement: &'a Value, member: &str) -> Vec<&'a str> {
    list(statement.get(member)).into_iter().filter_map(Value::as_str).collect()
}

/// The statements of a document that allow too much.
pub(super) fn broad(document: &Value) -> Vec<Broad> {
    let statements = list(document.get("Statement"));
    let judged = statements.iter().enumerate().filter_map(|(number, statement)| {
        let (breadth, actions) = breadth(statement)?;
        let sid = statement.get("Sid").and_then(Value::as_str).filter(|sid| !sid.is_empty());
        let statement = sid.map_or_else(|| (number + 1).to_string(), str::to_owned);
        Some(Broad { statement, breadth, actions })
    });
    judged.collect()
}

fn breadth(statement: &Value) -> Option<(Breadth, Vec<String>)> {
    if statement.get("Effect").and_then(Value::as_str) != Some("Allow") {
        return None;
    }
    let owned = |texts: Vec<&str>| texts.into_iter().map(str::to_owned).collect::<Vec<_>>();
    if statement.get("NotAction").is_some() {
        return Some((Breadth::AllButSome, owned(texts(statement, "NotAction"))));
    }
    let actions = texts(statement, "Action");
    let only_stars = |text: &str| !text.is_empty() && text.chars().all(|c| c == '*' || c == '?');
    let parts = |action: &'_ str| -> (String, String) {
        let (service, name) = action.split_once(':').unwrap_or((action, "*"));
        (service.to_owned(), name.to_owned())
    };
    let every: Vec<&str> =
        actions.iter().copied().filter(|action| parts(action).0.contains(['*', '?'])).collect();
    if !every.is_empty() {
        return Some((Breadth::EveryAction, owned(every)));
    }
    let everywhere = statement.get("NotResource").is_some()
        || texts(statement, "Resource").iter().any(|resource| is_everything(resource));
    let whole: Vec<&str> =
        actions.into_iter().filter(|action| only_stars(&parts(action).1)).collect();
    (everywhere && !whole.is_empty()).then(|| (Breadth::WholeService, owned(whole)))
}

/// Whether a resource pattern leaves the resource's name open: `*`, `arn:aws:s3:::*`,
/// `arn:aws:dynamodb:*:*:table/*`.
fn is_everything(pattern: &str) -> bool {
    let last = pattern.splitn(6, ':').last().unwrap_or(pattern);
    let name = last.rsplit_once('/').map_or(last, |(_, name)| name);
    name.chars().all(|c| c == '*' || c == '?')
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn why(statement: &Value) -> Option<Breadth> {
        broad(&json!({ "Statement": statement })).first().map(|broad| broad.breadth)
    }

    #[test]
    fn admin_in_disguise_is_recognised_whatever_it_wears() {
        for (statement, expected) in [
            (json!({"Effect": "Allow", "Action": "*", "Resource": "*"}), Breadth::EveryAction),
            (
                json!([{"Effect": "Allow", "Action": ["*:*"], "Resource": ["*"]}]),
                Breadth::EveryAction,
            ),
            (
                json!({"Effect": "Allow", "Action": "*", "Resource": "arn:aws:s3:::x"}),
                Breadth::EveryAction,
            ),
            (
                json!({"Effect": "Allow", "Action": "i*:Create*", "Resource": "*"}),
                Breadth::EveryAction,
            ),
            (
                json!({"Effect": "Allow", "NotAction": "iam:*", "Resource": "*"}),
                Breadth::AllButSome,
            ),
            (
                json!({"Effect": "Allow", "Action": ["dynamodb:PutItem", "dynamodb:*"],
                "Resource": "*"}),
                Breadth::WholeService,
            ),
            (
                json!({"Effect": "Allow", "Action": "s3:**", "Resource": "arn:aws:s3:::*"}),
                Breadth::WholeService,
            ),
            (
                json!({"Effect": "Allow", "Action": "ec2:*", "NotResource": "arn:x"}),
                Breadth::WholeService,
            ),
        ] {
            assert_eq!(why(&statement), Some(expected), "{statement}");
        }
    }

    #[test]
    fn what_a_function_needs_is_no_offence() {
        for statement in [
            json!({"Effect": "Deny", "Action": "*", "Resource": "*"}),
            json!({"Effect": "Deny", "NotAction": "dynamodb:PutItem", "Resource": "*"}),
            json!({"Effect": "Allow", "Action": ["logs:CreateLogStream", "logs:PutLogEvents"], "Resource": "*"}),
            json!({"Effect": "Allow", "Action": "dynamodb:*",
                "Resource": "arn:aws:dynamodb:us-east-1:0:table/Demand"}),
            json!({"Effect": "Allow"}),
            json!("no statement"),
        ] {
            assert_eq!(why(&statement), None, "{statement}");
        }
    }

    #[test]
    fn a_statement_is_named_by_its_sid_or_its_place() {
        let found = broad(&json!({"Statement": [
            {"Effect": "Allow", "Action": "a:B", "Resource": "*"},
            {"Effect": "Allow", "Action": "*", "Resource": "*"},
            {"Sid": "Rest", "Effect": "Allow", "NotAction": ["iam:*"], "Resource": "*"}]}));
        let names: Vec<&str> = found.iter().map(|broad| broad.statement.as_str()).collect();
        assert_eq!(names, ["2", "Rest"]);
    }

    #[test]
    fn documents_are_percent_encoded_json() {
        assert_eq!(document("%7B%22Statement%22%3A%5B%5D%7D"), Some(json!({"Statement": []})));
        assert_eq!(document("%7B"), None);
        assert_eq!(document("%ff"), None);
    }

    proptest::proptest! {
        #[test]
        fn no_statement_panics(action in "\\PC{0,20}", resource in "\\PC{0,20}") {
            let _ = broad(&json!({"Statement": {"Effect": "Allow", "Action": action,
                "Resource": resource}}));
        }
    }
}
