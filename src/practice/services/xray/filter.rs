//! Filter expressions: `service("CustomizeUnicorns/dev") AND http.status = 401`. Conditions side by
//! side must all hold; `OR` binds less than `AND`. Of functions, `service` is known, with a name or
//! `id(name: "…", type: "…")`.

use serde_json::Value;

use super::invalid;
use crate::practice::wire::Fault;

/// An expression: alternatives of conditions.
#[derive(Debug)]
pub(super) struct Filter(Vec<Vec<Condition>>);

#[derive(Debug)]
struct Condition {
    negated: bool,
    test: Test,
}

#[derive(Debug)]
enum Test {
    /// `ok`, `error`, `fault`, `throttle`, `partial`.
    Flag(String),
    Text(String, String, String),
    Number(String, String, f64),
    Service {
        name: Option<String>,
        kind: Option<String>,
    },
}

#[derive(Debug, Clone, PartialEq)]
enum Token {
    Word(String),
    Text(String),
    Symbol(String),
}

const FLAGS: [&str; 5] = ["ok", "error", "fault", "throttle", "partial"];
const TEXTS: [&str; 4] = ["http.url", "http.method", "http.useragent", "http.clientip"];
const NUMBERS: [&str; 3] = ["http.status", "responsetime", "duration"];
const SYMBOLS: [&str; 11] = ["!=", "<=", ">=", "=", "<", ">", "!", "(", ")", ":", ","];

impl Filter {
    /// The expression of a text; an empty one holds for all.
    ///
    /// # Errors
    /// What the service answers to a text that is none.
    pub(super) fn parse(text: &str) -> Result<Self, Fault> {
        let mut parser = Parser { tokens: tokens(text)?, at: 0 };
        let mut alternatives = vec![Vec::new()];
        while parser.peek().is_some() {
            if parser.takes("OR") {
                alternatives.push(Vec::new());
                continue;
            }
            if parser.takes("AND") {
                continue;
            }
            let condition = parser.condition()?;
            if let Some(all) = alternatives.last_mut() {
                all.push(condition);
            }
        }
        Ok(Self(alternatives))
    }

    /// Whether it holds for a trace's summary.
    pub(super) fn holds(&self, summary: &Value) -> bool {
        self.0.iter().any(|all| all.iter().all(|one| one.test.holds(summary) != one.negated))
    }
}

impl Test {
    fn holds(&self, summary: &Value) -> bool {
        let flag = |name: &str| summary[name] == true;
        match self {
            Self::Flag(name) => match name.as_str() {
                "ok" => !["HasError", "HasFault", "HasThrottle"].iter().any(|name| flag(name)),
                "error" => flag("HasError"),
                "fault" => flag("HasFault"),
                "throttle" => flag("HasThrottle"),
                _ => flag("IsPartial"),
            },
            Self::Text(keyword, operator, wanted) => {
                texts(summary, keyword).iter().any(|text| match operator.as_str() {
                    "=" => text == wanted,
                    "!=" => text != wanted,
                    "CONTAINS" => text.contains(wanted.as_str()),
                    "BEGINSWITH" => text.starts_with(wanted.as_str()),
                    _ => text.ends_with(wanted.as_str()),
                })
            }
            Self::Number(keyword, operator, wanted) => {
                let Some(number) = number(summary, keyword) else { return false };
                let equal = (number - wanted).abs() < f64::EPSILON;
                match operator.as_str() {
                    "=" => equal,
                    "!=" => !equal,
                    "<" => number < *wanted,
                    "<=" => number <= *wanted,
                    ">" => number > *wanted,
                    _ => number >= *wanted,
                }
            }
            Self::Service { name, kind } => {
                let fits = |wanted: &Option<String>, value: &Value| {
                    wanted.as_ref().is_none_or(|wanted| value.as_str() == Some(wanted))
                };
                let services = summary["ServiceIds"].as_array();
                services
                    .into_iter()
                    .flatten()
                    .any(|one| fits(name, &one["Name"]) && fits(kind, &one["Type"]))
            }
        }
    }
}

/// What a keyword stands for in a summary.
fn texts(summary: &Value, keyword: &str) -> Vec<String> {
    let one = |value: &Value| value.as_str().map(str::to_owned);
    if let Some(key) = annotation(keyword) {
        let values = summary["Annotations"][key].as_array().into_iter().flatten();
        return values.filter_map(|value| one(&value["AnnotationValue"]["StringValue"])).collect();
    }
    let member = match keyword {
        "http.url" => "HttpURL",
        "http.method" => "HttpMethod",
        "http.useragent" => "UserAgent",
        _ => "ClientIp",
    };
    one(&summary["Http"][member]).into_iter().collect()
}

/// The key in `annotation[key]` or `annotation.key`.
fn annotation(keyword: &str) -> Option<&str> {
    let rest = keyword.strip_prefix("annotation")?;
    rest.strip_prefix('.').or_else(|| rest.strip_prefix('[')?.strip_suffix(']'))
}

fn number(summary: &Value, keyword: &str) -> Option<f64> {
    match keyword {
        "http.status" => summary["Http"]["HttpStatus"].as_f64(),
        "duration" => summary["Duration"].as_f64(),
        _ => summary["ResponseTime"].as_f64(),
    }
}

fn wrong(at: &str) -> Fault {
    invalid(format!("Invalid filter expression at: {at}"))
}

fn tokens(text: &str) -> Result<Vec<Token>, Fault> {
    let mut tokens = Vec::new();
    let mut rest = text.trim_start();
    while let Some(first) = rest.chars().next() {
        let taken = if first == '"' {
            let end = rest[1..].find('"').ok_or_else(|| wrong(rest))?;
            tokens.push(Token::Text(rest[1..=end].to_owned()));
            end + 2
        } else if let Some(symbol) = SYMBOLS.iter().find(|symbol| rest.starts_with(**symbol)) {
            tokens.push(Token::Symbol((*symbol).to_owned()));
            symbol.len()
        } else {
            // A colon belongs to the word only within brackets: annotation[aws:api_id].
            let mut inside = false;
            let part = |c: char| {
                inside = (inside || c == '[') && c != ']';
                inside || c.is_ascii_alphanumeric() || "._-[]".contains(c)
            };
            let length: usize =
                rest.chars().scan(part, |part, c| part(c).then(|| c.len_utf8())).sum();
            if length == 0 {
                return Err(wrong(rest));
            }
            tokens.push(Token::Word(rest[..length].to_owned()));
            length
        };
        rest = rest[taken..].trim_start();
    }
    Ok(tokens)
}

struct Parser {
    tokens: Vec<Token>,
    at: usize,
}

impl Parser {
    fn peek(&self) -> Option<&Token> {
        self.tokens.get(self.at)
    }

    fn next(&mut self) -> Option<Token> {
        let token = self.peek().cloned();
        self.at += 1;
        token
    }

    /// Takes the word or symbol, where it comes next.
    fn takes(&mut self, wanted: &str) -> bool {
        let found = match self.peek() {
            Some(Token::Word(word)) => word.eq_ignore_ascii_case(wanted),
            Some(Token::Symbol(symbol)) => symbol == wanted,
            _ => false,
        };
        self.at += usize::from(found);
        found
    }

    fn expects(&mut self, wanted: &str) -> Result<(), Fault> {
        if self.takes(wanted) { Ok(()) } else { Err(wrong(&format!("{:?}", self.peek()))) }
    }

    fn condition(&mut self) -> Result<Condition, Fault> {
        let negated = self.takes("!");
        let Some(Token::Word(keyword)) = self.next() else {
            return Err(wrong("a keyword is missing"));
        };
        if keyword == "service" {
            return Ok(Condition { negated, test: self.service()? });
        }
        if FLAGS.contains(&keyword.as_str()) {
            // `error = true` and `error = false` are the same flag spelled out.
            let off = self.takes("=")
                && matches!(self.next(), Some(Token::Word(word)) if word == "false");
            return Ok(Condition { negated: negated != off, test: Test::Flag(keyword) });
        }
        let operator = match self.next() {
            Some(Token::Symbol(symbol)) => symbol,
            Some(Token::Word(word)) => word.to_ascii_uppercase(),
            _ => return Err(wrong(&keyword)),
        };
        let test = match self.next() {
            Some(Token::Text(text)) if is_text(&keyword, &operator) => {
                Test::Text(keyword, operator, text)
            }
            Some(Token::Word(word)) if is_number(&keyword, &operator) => {
                let number = word.parse().map_err(|_| wrong(&word))?;
                Test::Number(keyword, operator, number)
            }
            _ => return Err(wrong(&keyword)),
        };
        Ok(Condition { negated, test })
    }

    /// What stands behind `service`: `("name")` or `(id(name: "…", type: "…"))`.
    fn service(&mut self) -> Result<Test, Fault> {
        let (mut name, mut kind) = (None, None);
        self.expects("(")?;
        if self.takes("id") {
            self.expects("(")?;
            loop {
                let key = self.next();
                self.expects(":")?;
                match (key, self.next()) {
                    (Some(Token::Word(key)), Some(Token::Text(text))) if key == "name" => {
                        name = Some(text);
                    }
                    (Some(Token::Word(key)), Some(Token::Text(text))) if key == "type" => {
                        kind = Some(text);
                    }
                    _ => return Err(wrong("service(id(")),
                }
                if !self.takes(",") {
                    break;
                }
            }
            self.expects(")")?;
        } else if let Some(Token::Text(text)) = self.peek().cloned() {
            self.at += 1;
            name = Some(text);
        }
        self.expects(")")?;
        Ok(Test::Service { name, kind })
    }
}

fn is_text(keyword: &str, operator: &str) -> bool {
    (TEXTS.contains(&keyword) || annotation(keyword).is_some())
        && ["=", "!=", "CONTAINS", "BEGINSWITH", "ENDSWITH"].contains(&operator)
}

fn is_number(keyword: &str, operator: &str) -> bool {
    NUMBERS.contains(&keyword) && ["=", "!=", "<", "<=", ">", ">="].contains(&operator)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn holds(expression: &str) -> bool {
        let summary = json!({
            "HasError": true, "HasFault": false, "Duration": 0.25,
            "Http": { "HttpURL": "https://abc.execute-api/dev/socks", "HttpStatus": 401,
                "HttpMethod": "GET" },
            "Annotations": { "aws:api_id": [{ "AnnotationValue": { "StringValue": "abc" } }] },
            "ServiceIds": [{ "Name": "Unicorns/dev", "Type": "AWS::ApiGateway::Stage" }],
        });
        Filter::parse(expression).expect(expression).holds(&summary)
    }

    #[test]
    fn conditions_are_about_the_summary() {
        for good in [
            "",
            "error",
            "!fault",
            "error = true AND fault = false",
            "http.status = 401",
            "http.status >= 400 duration < 0.3",
            r#"http.url CONTAINS "execute-api""#,
            r#"http.url BEGINSWITH "https://abc" AND http.method = "GET""#,
            r#"service("Unicorns/dev")"#,
            r#"service(id(type: "AWS::ApiGateway::Stage"))"#,
            r#"service(id(name: "Unicorns/dev", type: "AWS::ApiGateway::Stage")) http.status = 401"#,
            r#"annotation[aws:api_id] = "abc""#,
            r#"fault OR http.status = 401"#,
        ] {
            assert!(holds(good), "{good}");
        }
        for bad in [
            "ok",
            "error = false",
            "http.status = 200",
            r#"!service("Unicorns/dev")"#,
            r#"service(id(type: "AWS::Lambda"))"#,
            r#"http.useragent BEGINSWITH "curl""#,
            r#"error AND annotation[aws:api_id] = "other""#,
        ] {
            assert!(!holds(bad), "{bad}");
        }
    }

    #[test]
    fn what_is_no_expression_is_refused() {
        for text in [
            "http.url = ",
            "\"",
            "service(",
            "service(id(name))",
            "http.status = x",
            "?",
            "colour = 1",
        ] {
            let refused = Filter::parse(text).expect_err(text);
            assert_eq!(refused.code, "InvalidRequestException", "{text}");
        }
    }
}
