//! Policy documents: does a list of them allow an action on a resource? Identity policies,
//! permission boundaries, authorizers' answers and buckets' policies are all evaluated here.

mod condition;

use std::collections::BTreeSet;

use serde_json::Value;

use condition::Asked;
pub use condition::Context;

/// What policies come to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[must_use]
pub enum Decision {
    /// Allowed, and nothing denies it.
    Allow,
    /// A statement denies it.
    ExplicitDeny,
    /// No statement allows it.
    ImplicitDeny,
}

/// One text or a list of them.
fn texts(value: Option<&Value>) -> Vec<&str> {
    match value {
        Some(Value::String(text)) => vec![text],
        Some(Value::Array(list)) => list.iter().filter_map(Value::as_str).collect(),
        _ => Vec::new(),
    }
}

/// The statements of a document: one or a list.
pub fn statements(document: &Value) -> Vec<&Value> {
    match document.get("Statement") {
        Some(Value::Array(list)) => list.iter().collect(),
        Some(statement @ Value::Object(_)) => vec![statement],
        _ => Vec::new(),
    }
}

/// Whether `text` fits a pattern with `*` and `?`.
pub fn fits(pattern: &str, text: &str) -> bool {
    let (pattern, text) = (pattern.as_bytes(), text.as_bytes());
    let (mut p, mut t) = (0, 0);
    // Where the last star stood, and how much of the text it took so far.
    let mut star: Option<(usize, usize)> = None;
    while t < text.len() {
        match pattern.get(p) {
            Some(b'*') => {
                star = Some((p, t));
                p += 1;
            }
            Some(&byte) if byte == b'?' || byte == text[t] => {
                p += 1;
                t += 1;
            }
            _ => {
                let Some((at, taken)) = star else { return false };
                star = Some((at, taken + 1));
                p = at + 1;
                t = taken + 1;
            }
        }
    }
    pattern[p..].iter().all(|byte| *byte == b'*')
}

fn fits_action(pattern: &str, action: &str) -> bool {
    fits(&pattern.to_ascii_lowercase(), &action.to_ascii_lowercase())
}

/// Whether the statement's action and resource elements name this action and resource.
fn names(statement: &Value, action: &str, resource: &str, context: Option<&Context>) -> bool {
    let any =
        |name: &str, fit: &dyn Fn(&str) -> bool| texts(statement.get(name)).into_iter().any(fit);
    let is_action = |pattern: &str| fits_action(pattern, action);
    let is_resource = |pattern: &str| match context.map(|context| context.fill(pattern)) {
        None => fits(pattern, resource),
        // A variable without a value fits nothing.
        Some(filled) => filled.is_some_and(|pattern| fits(&pattern, resource)),
    };
    let action_applies = match statement.get("NotAction") {
        Some(_) => !any("NotAction", &is_action),
        None => any("Action", &is_action),
    };
    let resource_applies = match statement.get("NotResource") {
        Some(_) => !any("NotResource", &is_resource),
        None => any("Resource", &is_resource),
    };
    action_applies && resource_applies
}

/// A statement that decided: the document's place in the list, the statement's in the document.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Matched {
    /// Place of the document, from 0.
    pub document: usize,
    /// Place of the statement in it, from 0.
    pub statement: usize,
}

/// What documents come to, and which statements made it so.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Evaluation {
    /// What they come to.
    pub decision: Decision,
    /// The denying statements where one denies, else the allowing ones.
    pub matched: Vec<Matched>,
    /// Condition keys that statements ask for and the request doesn't have.
    pub missing: BTreeSet<String>,
    /// Condition operators that the practice account doesn't know.
    pub unknown: BTreeSet<String>,
}

/// Evaluates the documents for an action on a resource. Without a context, and with an operator
/// that isn't known here, a statement with conditions counts only where it denies: what can't be
/// decided isn't allowed.
pub fn evaluate<'a>(
    documents: impl IntoIterator<Item = &'a Value>,
    action: &str,
    resource: &str,
    context: Option<&Context>,
) -> Evaluation {
    let mut allowing = Vec::new();
    let mut denying = Vec::new();
    let mut asked = Asked::default();
    for (document, content) in documents.into_iter().enumerate() {
        for (number, statement) in statements(content).into_iter().enumerate() {
            if !names(statement, action, resource, context) {
                continue;
            }
            let denies = match statement.get("Effect").and_then(Value::as_str) {
                Some("Deny") => true,
                Some("Allow") => false,
                _ => continue,
            };
            let holds = match (statement.get("Condition"), context) {
                (None, _) => Some(true),
                (Some(_), None) => None,
                (Some(condition), Some(context)) => {
                    condition::holds(condition, context, &mut asked)
                }
            };
            if holds.unwrap_or(denies) {
                let list = if denies { &mut denying } else { &mut allowing };
                list.push(Matched { document, statement: number });
            }
        }
    }
    let (decision, matched) = match (denying.is_empty(), allowing.is_empty()) {
        (false, _) => (Decision::ExplicitDeny, denying),
        (true, false) => (Decision::Allow, allowing),
        (true, true) => (Decision::ImplicitDeny, Vec::new()),
    };
    Evaluation { decision, matched, missing: asked.missing, unknown: asked.unknown }
}

/// What the documents say about an action on a resource when nothing is known about the request.
pub fn decide<'a>(
    documents: impl IntoIterator<Item = &'a Value>,
    action: &str,
    resource: &str,
) -> Decision {
    evaluate(documents, action, resource, None).decision
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn wildcards_fit_across_separators() {
        for (pattern, text, fit) in [
            ("*", "", true),
            (
                "arn:aws:execute-api:*:*:abc/dev/GET/*",
                "arn:aws:execute-api:us-east-1:0:abc/dev/GET/a/b",
                true,
            ),
            ("a*b*c", "a-b-b-c", true),
            ("a*b", "a-b-c", false),
            ("a?c", "abc", true),
            ("a?c", "ac", false),
            ("GET/customizations", "GET/customizations/1", false),
        ] {
            assert_eq!(fits(pattern, text), fit, "{pattern} on {text}");
        }
    }

    #[test]
    fn a_denial_wins_and_silence_is_no_permission() {
        let allow = json!({"Statement": {"Effect": "Allow", "Action": "s3:*", "Resource": "*"}});
        let deny = json!({"Statement": [{"Effect": "Deny", "Action": ["S3:GetObject"],
            "Resource": "arn:x"}]});
        assert_eq!(decide([&allow], "s3:GetObject", "arn:x"), Decision::Allow);
        assert_eq!(decide([&allow, &deny], "s3:GetObject", "arn:x"), Decision::ExplicitDeny);
        assert_eq!(decide([&allow], "dynamodb:PutItem", "arn:x"), Decision::ImplicitDeny);
        let conditional = json!({"Statement": {"Effect": "Allow", "Action": "*", "Resource": "*",
            "Condition": {"Bool": {"x": "true"}}}});
        assert_eq!(decide([&conditional], "s3:GetObject", "arn:x"), Decision::ImplicitDeny);
    }

    #[test]
    fn everything_but_some_actions_is_everything_else() {
        let power = json!({"Statement": [
            {"Effect": "Allow", "NotAction": ["iam:*", "account:*"], "Resource": "*"},
            {"Effect": "Allow", "Action": "iam:ListRoles", "NotResource": "arn:aws:iam::*:role/x"}]});
        assert_eq!(decide([&power], "dynamodb:DeleteTable", "arn:x"), Decision::Allow);
        assert_eq!(decide([&power], "iam:CreateUser", "*"), Decision::ImplicitDeny);
        assert_eq!(decide([&power], "iam:ListRoles", "*"), Decision::Allow);
        let other = "arn:aws:iam::1:role/x";
        assert_eq!(decide([&power], "iam:ListRoles", other), Decision::ImplicitDeny);
    }

    #[test]
    fn an_evaluation_names_the_statements_that_decided() {
        let allow = json!({"Statement": [{"Effect": "Allow", "Action": "a:B", "Resource": "*"},
            {"Effect": "Allow", "Action": "s3:*", "Resource": "*"}]});
        let deny = json!({"Statement": {"Effect": "Deny", "Action": "s3:PutObject",
            "Resource": "arn:aws:s3:::${aws:PrincipalAccount}-logs/*"}});
        let context = Context::of([("aws:PrincipalAccount", "000000000000")]);
        let of = |resource| evaluate([&allow, &deny], "s3:PutObject", resource, Some(&context));
        let denied = of("arn:aws:s3:::000000000000-logs/a");
        assert_eq!(denied.decision, Decision::ExplicitDeny);
        assert_eq!(denied.matched, [Matched { document: 1, statement: 0 }]);
        let allowed = of("arn:aws:s3:::other/a");
        assert_eq!(allowed.matched, [Matched { document: 0, statement: 1 }]);
    }

    proptest::proptest! {
        #[test]
        fn a_text_fits_itself_with_any_part_starred(text in "[a-z/:]{0,20}", cut in 0_usize..21) {
            let cut = cut.min(text.len());
            let starred = format!("{}*{}", &text[..cut], &text[cut..]);
            proptest::prop_assert!(fits(&text, &text));
            proptest::prop_assert!(fits(&starred, &text));
        }
    }
}
