//! Takes secrets out of text that others wrote: what a command prints.

use std::borrow::Cow;
use std::sync::LazyLock;

use regex::{Captures, Regex, RegexSet};

/// What stands for a secret.
const SECRET: &str = "[secret]";
/// A known secret that is shorter could be a word.
const SHORTEST: usize = 16;

/// What secrets look like: the name of a field, or a form that nothing else has. The group `keep`
/// stays.
const LOOKS: &[&str] = &[
    // JSON, as the AWS CLI prints it.
    r#"(?i)(?P<keep>"(?:client_?secret|secret_?access_?key|session_?token|secret_?string|secret_?binary|(?:master_?user_?)?password|access_?token|id_?token|refresh_?token|api_?key|x-api-key|authorization)"\s*:\s*")(?:[^"\\]|\\.)+"#,
    // Columns of `--output text` and `--output table`, YAML, forms, variables.
    r#"(?P<keep>\b(?:ClientSecret|SecretAccessKey|SessionToken|SecretString|client_secret|access_token|refresh_token|AWS_SECRET_ACCESS_KEY|AWS_SESSION_TOKEN)\b["']?[\s|:=]+["']?)[^\s"'|&]+"#,
    // Headers.
    r"(?i)(?P<keep>\b(?:authorization|x-api-key)\s*:\s*)\S.*",
    // Presigned addresses.
    r"(?P<keep>X-Amz-(?:Signature|Security-Token|Credential)=)[^&\s]+",
    // Tokens.
    r"\beyJ[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]{8,}(?:\.[A-Za-z0-9_-]*)?",
];

static ANY: LazyLock<Option<RegexSet>> = LazyLock::new(|| RegexSet::new(LOOKS).ok());
static EACH: LazyLock<Vec<Regex>> =
    LazyLock::new(|| LOOKS.iter().filter_map(|look| Regex::new(look).ok()).collect());

/// A line without what looks like a secret, and without these known ones.
pub fn redact<'a>(line: &'a str, known: &[String]) -> Cow<'a, str> {
    let mut line = Cow::Borrowed(line);
    for secret in known.iter().filter(|secret| secret.len() >= SHORTEST) {
        if line.contains(secret.as_str()) {
            line = Cow::Owned(line.replace(secret.as_str(), SECRET));
        }
    }
    let Some(any) = ANY.as_ref() else { return line };
    for index in any.matches(&line) {
        let replaced = EACH[index].replace_all(&line, |found: &Captures<'_>| {
            let keep = found.name("keep").map_or("", |keep| keep.as_str());
            format!("{keep}{SECRET}")
        });
        line = Cow::Owned(replaced.into_owned());
    }
    line
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_looks_like_a_secret_is_taken_out() {
        let token = "eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiJhIn0.c2lnbmF0dXJl";
        for (line, expected) in [
            (r#"    "ClientSecret": "s3cr3t/+=","#, r#"    "ClientSecret": "[secret]","#),
            (
                r#"{"access_token":"abc\"def","expires_in":3600}"#,
                r#"{"access_token":"[secret]","expires_in":3600}"#,
            ),
            ("|  ClientSecret |  s3cr3t  |", "|  ClientSecret |  [secret]  |"),
            ("AWS_SECRET_ACCESS_KEY=wJalr/x", "AWS_SECRET_ACCESS_KEY=[secret]"),
            ("> Authorization: Bearer abc", "> Authorization: [secret]"),
            (
                "GET /code.zip?X-Amz-Signature=ab12&a=b",
                "GET /code.zip?X-Amz-Signature=[secret]&a=b",
            ),
            (&format!("token {token}, 200"), "token [secret], 200"),
        ] {
            assert_eq!(redact(line, &[]), expected);
        }
    }

    #[test]
    fn what_is_known_is_taken_out_wherever_it_stands() {
        let known = ["0123456789abcdef".to_owned(), "practice".to_owned()];
        let line = redact("x0123456789abcdefx on the practice account", &known);
        assert_eq!(line, "x[secret]x on the practice account");
    }

    #[test]
    fn everything_else_stays() {
        for line in [
            "401 GET /socks",
            r#"  "SecretName": "unicorn-db","#,
            r#"  "PasswordPolicy": { "MinimumLength": 8 }"#,
            "Successfully packaged artifacts and wrote output template to file packaged.yaml.",
        ] {
            assert!(matches!(redact(line, &[]), Cow::Borrowed(_)), "{line}");
        }
    }

    #[test]
    fn every_look_is_a_regular_expression() {
        assert_eq!((EACH.len(), ANY.is_some()), (LOOKS.len(), true));
    }
}
