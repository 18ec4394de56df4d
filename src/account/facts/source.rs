//! JavaScript source as tokens: what is code, what is a text, and no comment. Read as text, never
//! run.

/// A piece of code.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Token {
    /// The line that it begins on, from 1.
    pub(super) line: usize,
    /// What it is.
    pub(super) kind: Kind,
}

/// What a piece of code is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Kind {
    /// A name, a keyword or a number.
    Word(String),
    /// A text in quotes, escapes left out.
    Text {
        /// What stands between the quotes, without the signs of `${…}`.
        text: String,
        /// It has no `${…}`.
        plain: bool,
        /// It stands where an import names a module.
        imported: bool,
    },
    /// Any other character.
    Sign(char),
}

/// The tokens of a source, in order. Comments and regular expressions are left out.
pub(super) fn tokens(source: &str) -> Vec<Token> {
    let mut scan = Scan { text: source, at: 0, before: Before::Operator, called: String::new() };
    let mut found = Vec::new();
    let (mut line, mut counted) = (1, 0);
    while let Some(next) = scan.rest().chars().next() {
        let from = scan.at;
        if let Some(kind) = scan.step(next) {
            line += source[counted..from].matches('\n').count();
            counted = from;
            found.push(Token { line, kind });
        }
    }
    found
}

/// What is given to a name, by `name:` or `name =` (also `??=` and `||=`): the line, and the value's
/// tokens, up to the comma, the semicolon, the bracket or the line that ends it.
pub(super) fn given<'a>(tokens: &'a [Token], name: &str) -> Vec<(usize, &'a [Token])> {
    let mut found = Vec::new();
    for (at, token) in tokens.iter().enumerate() {
        let (Kind::Word(word) | Kind::Text { text: word, .. }) = &token.kind else { continue };
        if word != name {
            continue;
        }
        let mut after = &tokens[at + 1..];
        // process.env["NAME"] = …
        if let [Token { kind: Kind::Sign(']'), .. }, rest @ ..] = after {
            after = rest;
        }
        let signs: String = after.iter().map_while(Token::sign).take(4).collect();
        let operators = [":", "=", "??=", "||="];
        let begins = |operator: &&&str| {
            let rest = signs.strip_prefix(**operator);
            // No comparison and no arrow: what may follow is a value's own bracket or sign.
            rest.is_some_and(|rest| !rest.starts_with(['=', '>']))
        };
        if let Some(operator) = operators.iter().find(begins) {
            let value = &after[operator.len()..];
            found.push((token.line, &value[..end(value)]));
        }
    }
    found
}

/// How many tokens belong to the value that begins here.
fn end(tokens: &[Token]) -> usize {
    let mut depth = 0_u32;
    for (at, token) in tokens.iter().enumerate() {
        match token.sign() {
            Some('(' | '[' | '{') => depth += 1,
            Some(')' | ']' | '}') if depth == 0 => return at,
            Some(')' | ']' | '}') => depth -= 1,
            Some(',' | ';') if depth == 0 => return at,
            // A value that is complete ends where a line begins with another.
            None if depth == 0 && at > 0 && tokens[at - 1].line < token.line => {
                if !matches!(tokens[at - 1].sign(), Some(sign) if !")]}".contains(sign)) {
                    return at;
                }
            }
            _ => {}
        }
    }
    tokens.len()
}

impl Token {
    /// The sign that it is, if it is one.
    pub(super) fn sign(&self) -> Option<char> {
        match self.kind {
            Kind::Sign(sign) => Some(sign),
            _ => None,
        }
    }

    /// The name, keyword or number that it is, or nothing.
    pub(super) fn word(&self) -> &str {
        match &self.kind {
            Kind::Word(word) => word,
            _ => "",
        }
    }

    /// The text in quotes that it is, if it is one.
    pub(super) fn text(&self) -> Option<&str> {
        match &self.kind {
            Kind::Text { text, .. } => Some(text),
            _ => None,
        }
    }
}

/// What stands before the place that is read: it decides what a slash and a text mean there.
#[derive(Debug, PartialEq, Eq)]
enum Before {
    /// An operator, or nothing: a value comes next.
    Operator,
    /// `(` of a call, with the callee in [`Scan::called`].
    Call,
    /// A word.
    Word(String),
    /// The end of a value.
    Value,
}

struct Scan<'a> {
    text: &'a str,
    at: usize,
    before: Before,
    called: String,
}

impl Scan<'_> {
    fn rest(&self) -> &str {
        &self.text[self.at..]
    }

    /// Reads on; the token, or none for white space, a comment or a regular expression.
    fn step(&mut self, next: char) -> Option<Kind> {
        match next {
            _ if next.is_whitespace() => self.at += next.len_utf8(),
            '/' if self.rest().starts_with("//") => self.skip_to("\n"),
            '/' if self.rest().starts_with("/*") => self.skip_to("*/"),
            '/' if self.value_comes() => self.regular_expression(),
            '"' | '\'' | '`' => {
                let imported = self.imports();
                let (text, plain) = self.quoted(next);
                self.before = Before::Value;
                return Some(Kind::Text { text, plain, imported });
            }
            _ if next.is_alphanumeric() || next == '_' || next == '$' => {
                return Some(Kind::Word(self.word()));
            }
            _ => {
                self.sign(next);
                return Some(Kind::Sign(next));
            }
        }
        None
    }

    fn sign(&mut self, next: char) {
        match next {
            '(' => {
                self.called = match &self.before {
                    Before::Word(word) => word.clone(),
                    _ => String::new(),
                };
                self.before = Before::Call;
                self.at += 1;
            }
            ')' | ']' => {
                self.before = Before::Value;
                self.at += 1;
            }
            _ => {
                self.before = Before::Operator;
                self.at += next.len_utf8();
            }
        }
    }

    fn word(&mut self) -> String {
        let rest = self.rest();
        let end = rest.find(|c: char| !c.is_alphanumeric() && c != '_' && c != '$');
        let word = rest[..end.unwrap_or(rest.len())].to_owned();
        self.at += word.len();
        self.before = Before::Word(word.clone());
        word
    }

    fn imports(&self) -> bool {
        match &self.before {
            Before::Word(word) => word == "from" || word == "import",
            Before::Call => ["require", "import", "resolve"].contains(&self.called.as_str()),
            Before::Operator | Before::Value => false,
        }
    }

    /// Whether a slash here begins a regular expression: after a value it divides.
    fn value_comes(&self) -> bool {
        const THEN_A_VALUE: [&str; 9] =
            ["case", "delete", "else", "in", "of", "return", "throw", "typeof", "void"];
        match &self.before {
            Before::Operator | Before::Call => true,
            Before::Word(word) => THEN_A_VALUE.contains(&word.as_str()),
            Before::Value => false,
        }
    }

    fn skip_to(&mut self, end: &str) {
        let rest = self.rest();
        self.at += rest.find(end).map_or(rest.len(), |at| at + end.len());
    }

    /// Reads a text from its quote; the text, and whether it is one without `${…}` in it.
    fn quoted(&mut self, quote: char) -> (String, bool) {
        let mut text = String::new();
        let mut plain = true;
        let mut depth = 0_u32;
        let mut letters = self.text[self.at + 1..].char_indices().peekable();
        let mut end = self.text.len();
        while let Some((at, letter)) = letters.next() {
            match letter {
                '\\' => drop(letters.next()),
                '\n' if quote != '`' => {
                    end = self.at + 1 + at;
                    break;
                }
                '$' if quote == '`' && letters.peek().is_some_and(|(_, next)| *next == '{') => {
                    plain = false;
                    depth += 1;
                    letters.next();
                }
                '}' if depth > 0 => depth -= 1,
                _ if letter == quote && depth == 0 => {
                    end = self.at + 2 + at;
                    break;
                }
                _ => text.push(letter),
            }
        }
        self.at = end;
        (text, plain)
    }

    fn regular_expression(&mut self) {
        let mut in_class = false;
        let mut escaped = false;
        let rest = self.rest();
        let mut end = rest.len();
        for (at, letter) in rest.char_indices().skip(1) {
            match letter {
                _ if escaped => escaped = false,
                '\\' => escaped = true,
                '[' => in_class = true,
                ']' => in_class = false,
                '/' if !in_class => {
                    end = at + 1;
                    break;
                }
                '\n' => {
                    end = at;
                    break;
                }
                _ => {}
            }
        }
        self.at += end;
        self.before = Before::Value;
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn comments_are_no_code_and_lines_are_counted() {
        let source = "// password: 'a'\nconst x = { /* b\n */ password: `c${d}` / 2 };";
        let lines: Vec<(usize, String)> = tokens(source)
            .into_iter()
            .filter_map(|token| match token.kind {
                Kind::Word(word) => Some((token.line, word)),
                _ => None,
            })
            .collect();
        let expected = [(2, "const"), (2, "x"), (3, "password"), (3, "2")];
        assert_eq!(lines, expected.map(|(line, word)| (line, word.to_owned())));
        let text = Kind::Text { text: "cd".to_owned(), plain: false, imported: false };
        assert!(tokens(source).iter().any(|token| token.kind == text));
    }

    #[test]
    fn values_end_where_they_end() {
        let source = "const ca = read('a', 1)\nconst s = { ssl: x ? { ca, b: [1, 2] } : null, port: 1 };\n\
                      s.ssl ??= off; if (ssl == 1 || ssl => 2) f(ssl); process.env['ssl'] = 3;\n\
                      ssl =\n  { a }\n;";
        let tokens = tokens(source);
        let shown = |name: &str| -> Vec<(usize, String)> {
            let text = |token: &Token| match token.sign() {
                Some(sign) => sign.to_string(),
                None => token.text().unwrap_or(token.word()).to_owned(),
            };
            let all = given(&tokens, name).into_iter();
            all.map(|(line, value)| (line, value.iter().map(text).collect())).collect()
        };
        assert_eq!(shown("ca"), [(1, "read(a,1)".to_owned())]);
        let expected = [(2, "x?{ca,b:[1,2]}:null"), (3, "off"), (3, "3"), (4, "{a}")];
        assert_eq!(shown("ssl"), expected.map(|(line, text)| (line, text.to_owned())));
    }

    proptest! {
        #[test]
        fn values_of_any_text_lie_within_it(source in ".*ssl[:=?| ]{1,4}.*") {
            let tokens = tokens(&source);
            for (_, value) in given(&tokens, "ssl") {
                prop_assert!(value.len() < tokens.len());
            }
        }

        #[test]
        fn any_text_is_read_to_its_end(source in ".*") {
            let lines = source.matches('\n').count() + 1;
            for token in tokens(&source) {
                prop_assert!((1..=lines).contains(&token.line));
            }
        }
    }
}
