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

    proptest! {
        #[test]
        fn any_text_is_read_to_its_end(source in ".*") {
            let lines = source.matches('\n').count() + 1;
            for token in tokens(&source) {
                prop_assert!((1..=lines).contains(&token.line));
            }
        }
    }
}
