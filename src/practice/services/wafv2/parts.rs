//! Parts of a request that rules inspect, and the transformations before they do.

use std::sync::LazyLock;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use percent_encoding::percent_decode_str;
use regex::Regex;
use serde_json::Value;

use crate::practice::wire::HttpRequest;

/// Bytes of a body that are inspected, for API Gateway.
const READ: usize = 16 * 1024;

/// A request as the firewall sees it.
#[derive(Debug, Clone, Copy)]
pub struct Seen<'a> {
    /// The request.
    pub request: &'a HttpRequest,
    /// `/dev/customizations/1`, as sent.
    pub path: &'a str,
}

/// What a statement inspects.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Inspected {
    /// Texts, none where the part isn't there.
    Texts(Vec<String>),
    /// The part is too long: whether that counts as a match.
    Oversize(bool),
}

/// The part that a `FieldToMatch` names.
pub(super) fn inspect(seen: Seen<'_>, field: &Value) -> Inspected {
    let Some((name, options)) = field.as_object().and_then(|all| all.iter().next()) else {
        return Inspected::Texts(Vec::new());
    };
    let named = || options.get("Name").and_then(Value::as_str).unwrap_or("").to_ascii_lowercase();
    let texts = match name.as_str() {
        "UriPath" => vec![seen.path.to_owned()],
        "QueryString" => vec![seen.request.query.clone()],
        "AllQueryArguments" => {
            // Names and values as sent: decoding is a transformation's doing.
            let pairs = seen.request.query.split('&');
            let parts = pairs.flat_map(|pair| pair.splitn(2, '='));
            parts.map(str::to_owned).collect()
        }
        "SingleQueryArgument" => {
            let pairs = seen.request.query.split('&').filter_map(|pair| pair.split_once('='));
            pairs
                .filter(|(key, _)| key.to_ascii_lowercase() == named())
                .map(|p| p.1.to_owned())
                .collect()
        }
        "SingleHeader" => {
            let value = seen.request.headers.get(&named());
            value.into_iter().cloned().collect()
        }
        "Headers" => seen.request.headers.values().cloned().collect(),
        "Cookies" => vec![seen.request.header("cookie").to_owned()],
        "Method" => vec![seen.request.method.clone()],
        "Body" | "JsonBody" => {
            let body = &seen.request.body;
            if body.len() > READ {
                match options.get("OversizeHandling").and_then(Value::as_str) {
                    Some("MATCH") => return Inspected::Oversize(true),
                    Some("NO_MATCH") => return Inspected::Oversize(false),
                    _ => {}
                }
            }
            let read = &body[..body.len().min(READ)];
            vec![String::from_utf8_lossy(read).into_owned()]
        }
        _ => Vec::new(),
    };
    Inspected::Texts(texts)
}

/// The text after a statement's `TextTransformations`, in the order of their priorities.
pub(super) fn transform(text: &str, statement: &Value) -> String {
    let mut all: Vec<&Value> = statement
        .get("TextTransformations")
        .and_then(Value::as_array)
        .into_iter()
        .flatten()
        .collect();
    all.sort_by_key(|one| one.get("Priority").and_then(Value::as_i64));
    all.iter().fold(text.to_owned(), |text, one| {
        one.get("Type")
            .and_then(Value::as_str)
            .map_or_else(|| text.clone(), |kind| apply(&text, kind))
    })
}

/// One transformation. Those that the course and AWS's examples don't use leave the text as it is.
fn apply(text: &str, kind: &str) -> String {
    static SPACES: LazyLock<Regex> = LazyLock::new(|| pattern(r"\s+"));
    static COMMENTS: LazyLock<Regex> = LazyLock::new(|| pattern(r"(?s)/\*.*?(\*/|$)"));
    match kind {
        "LOWERCASE" => text.to_lowercase(),
        "URL_DECODE" | "URL_DECODE_UNI" => {
            let plus = text.replace('+', " ");
            percent_decode_str(&plus).decode_utf8_lossy().into_owned()
        }
        "COMPRESS_WHITE_SPACE" => SPACES.replace_all(text, " ").into_owned(),
        "REPLACE_COMMENTS" => COMMENTS.replace_all(text, " ").into_owned(),
        "HTML_ENTITY_DECODE" => text
            .replace("&lt;", "<")
            .replace("&gt;", ">")
            .replace("&quot;", "\"")
            .replace("&#39;", "'")
            .replace("&amp;", "&"),
        "REMOVE_NULLS" => text.replace('\0', ""),
        "REPLACE_NULLS" => text.replace('\0', " "),
        "CMD_LINE" => {
            let bare: String = text.chars().filter(|c| !"\\\"'^".contains(*c)).collect();
            SPACES.replace_all(&bare.replace([',', ';'], " "), " ").to_lowercase()
        }
        "BASE64_DECODE" | "BASE64_DECODE_EXT" => STANDARD
            .decode(text)
            .map_or_else(|_| text.to_owned(), |bytes| String::from_utf8_lossy(&bytes).into_owned()),
        _ => text.to_owned(),
    }
}

/// A pattern of this file, which is known to be one.
fn pattern(text: &str) -> Regex {
    Regex::new(text).expect("a pattern of this file")
}

/// Whether a text looks like an injection of SQL. AWS doesn't say how it decides; these are the
/// shapes that attacks of this course, and of its readers, have.
pub(super) fn is_sql(text: &str, high: bool) -> bool {
    static SURE: LazyLock<Vec<Regex>> = LazyLock::new(|| {
        [
            r"(?i);\s*(drop|insert|delete|update|select|alter|create|truncate|exec|call|set)\b",
            r"(?i)\bunion\b(\s+all)?\s+\(?\s*select\b",
            r#"(?i)['"]\s*\)*\s*(or|and|\|\||&&)\s+['"(]*\w+['"]*\s*(=|<|>|\blike\b|\bin\b|\bis\b)"#,
            r"(?i)\b(or|and)\s+\d+\s*=\s*\d+",
            r#"['"]\s*\)*\s*(;|--|#|/\*)"#,
            r"(?i)\b(sleep|benchmark|load_file|extractvalue|updatexml)\s*\(",
        ]
        .into_iter()
        .map(pattern)
        .collect()
    });
    static LIKELY: LazyLock<Vec<Regex>> = LazyLock::new(|| {
        [
            r"(?i)\b(drop|truncate|alter)\s+(table|database)\b",
            r"(?i)\binsert\s+into\b",
            r"(?i)\bdelete\s+from\b",
            r"(?i)\bselect\b.+\bfrom\b",
        ]
        .into_iter()
        .map(pattern)
        .collect()
    });
    let bare = apply(text, "REPLACE_COMMENTS");
    SURE.iter().any(|one| one.is_match(&bare))
        || high && LIKELY.iter().any(|one| one.is_match(&bare))
}

/// Whether a text looks like a script in a page.
pub(super) fn is_script(text: &str) -> bool {
    static SCRIPT: LazyLock<Regex> = LazyLock::new(|| {
        pattern(r"(?i)<\s*script|javascript:|\bon(error|load|click)\s*=|<\s*iframe")
    });
    SCRIPT.is_match(text)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn the_courses_attacks_are_found_decoded_and_its_orders_are_not() {
        let decoded = |text: &str| apply(text, "URL_DECODE");
        let path = "/dev/customizations/1;%20drop%20table%20No_Such_Table;";
        assert!(!is_sql(path, true));
        assert!(is_sql(&decoded(path), false));
        assert!(is_sql(&decoded("kind=1%27%20or%20%271%27=%271"), false));
        assert!(is_sql(r#"{"name":"1'); drop table No_Such_Table; -- "}"#, false));
        assert!(is_sql("1); INSERT INTO Socks (NAME, PRICE) VALUES ('Bad color', 10000.00", false));
        let order =
            r#"{"name": "Cherry one", "imageUrl": "https://example.com/cherry.png", "sock": "2"}"#;
        for harmless in
            ["kind=1", "/dev/customizations/1", order, "stepproof: not JSON, on purpose"]
        {
            assert!(!is_sql(harmless, true), "{harmless}");
        }
    }

    #[test]
    fn comments_hide_nothing() {
        assert!(is_sql("1;/**/drop/**/table x", false));
    }

    #[test]
    fn a_body_that_is_too_long_is_what_its_handling_says() {
        let request = HttpRequest { body: vec![b'a'; READ + 1], ..HttpRequest::default() };
        let seen = Seen { request: &request, path: "/dev/x" };
        let of = |handling: &str| inspect(seen, &json!({"Body": {"OversizeHandling": handling}}));
        assert_eq!(of("MATCH"), Inspected::Oversize(true));
        assert_eq!(of("NO_MATCH"), Inspected::Oversize(false));
        let Inspected::Texts(texts) = of("CONTINUE") else { panic!("read on") };
        assert_eq!(texts[0].len(), READ);
    }

    #[test]
    fn transformations_follow_their_priorities() {
        let statement = json!({"TextTransformations": [
            {"Priority": 1, "Type": "LOWERCASE"}, {"Priority": 0, "Type": "URL_DECODE"}]});
        assert_eq!(transform("%41+B", &statement), "a b");
    }
}
