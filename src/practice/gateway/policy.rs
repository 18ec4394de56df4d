//! Policy documents: does a list of them allow an action on a resource?

use serde_json::Value;

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

fn applies(statement: &Value, action: &str, resource: &str) -> bool {
    let any =
        |name: &str, fit: &dyn Fn(&str) -> bool| texts(statement.get(name)).into_iter().any(fit);
    let is_action = |pattern: &str| fits_action(pattern, action);
    let is_resource = |pattern: &str| fits(pattern, resource);
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

/// What the documents say about an action on a resource. A statement with conditions counts only
/// where it denies: what can't be decided isn't allowed.
pub fn decide<'a>(
    documents: impl IntoIterator<Item = &'a Value>,
    action: &str,
    resource: &str,
) -> Decision {
    let mut decision = Decision::ImplicitDeny;
    for statement in documents.into_iter().flat_map(statements) {
        if !applies(statement, action, resource) {
            continue;
        }
        match statement.get("Effect").and_then(Value::as_str) {
            Some("Deny") => return Decision::ExplicitDeny,
            Some("Allow") if statement.get("Condition").is_none() => decision = Decision::Allow,
            _ => {}
        }
    }
    decision
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
