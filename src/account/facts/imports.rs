//! Which packages JavaScript code imports: read as text, never run.

/// Specifiers of all imports of a source: `import … from "x"`, `import "x"`, `export … from "x"`,
/// `import("x")`, `require("x")`, `require.resolve("x")`. Comments, texts and regular expressions
/// that merely look like imports don't count.
pub(super) fn specifiers(source: &str) -> Vec<String> {
    let mut scan = Scan { text: source, at: 0, before: Before::Operator, called: String::new() };
    let mut found = Vec::new();
    while let Some(next) = scan.rest().chars().next() {
        scan.step(next, &mut found);
    }
    found
}

/// The package of a specifier: `@aws-sdk/lib-dynamodb`, `mysql2` of `mysql2/promise`. None for a
/// path, for Node's own `node:fs` and for what is no package's name.
pub(super) fn package_of(specifier: &str) -> Option<&str> {
    if specifier.is_empty() || specifier.starts_with(['.', '/', '#']) || specifier.contains(':') {
        return None;
    }
    let slashes = usize::from(specifier.starts_with('@'));
    Some(match specifier.match_indices('/').nth(slashes) {
        Some((at, _)) => &specifier[..at],
        None => specifier,
    })
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

    fn step(&mut self, next: char, found: &mut Vec<String>) {
        match next {
            _ if next.is_whitespace() => self.at += next.len_utf8(),
            '/' if self.rest().starts_with("//") => self.skip_to("\n"),
            '/' if self.rest().starts_with("/*") => self.skip_to("*/"),
            '/' if self.value_comes() => self.regular_expression(),
            '"' | '\'' | '`' => {
                let imports = self.imports();
                let (text, plain) = self.quoted(next);
                if imports && plain {
                    found.push(text);
                }
                self.before = Before::Value;
            }
            _ if next.is_alphanumeric() || next == '_' || next == '$' => self.word(),
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

    fn word(&mut self) {
        let rest = self.rest();
        let end = rest.find(|c: char| !c.is_alphanumeric() && c != '_' && c != '$');
        let word = rest[..end.unwrap_or(rest.len())].to_owned();
        self.at += word.len();
        self.before = Before::Word(word);
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
    fn imports_are_found_in_all_forms() {
        let source = r#"
            import mysql from "mysql";
            import { a,
                     b } from 'pkg/deep';
            import "side-effect"; export * from "again";
            const c = require( "c" ), d = await import(`d`);
            require.resolve('e');
            import{f}from"@scope/f/lib";
        "#;
        let found = specifiers(source);
        assert_eq!(
            found,
            ["mysql", "pkg/deep", "side-effect", "again", "c", "d", "e", "@scope/f/lib"]
        );
        let packages: Vec<_> = found.iter().filter_map(|name| package_of(name)).collect();
        assert_eq!(packages[1], "pkg");
        assert_eq!(packages[7], "@scope/f");
        for none in ["./database.js", "node:fs", "/opt/x", "#own", ""] {
            assert_eq!(package_of(none), None, "{none}");
        }
    }

    #[test]
    fn what_only_looks_like_an_import_is_none() {
        let source = r#"
            // import a from "a";
            /* require("b") */
            const text = 'import c from "c"', ends = /require\("[/"]d/.test(x) / 2;
            const sql = `SELECT ${f("}")} from "e"`;
            Array.from("f"); const from = "g"; log("require('h')");
            const unfinished = "import i from
        "#;
        assert_eq!(specifiers(source), Vec::<String>::new());
        assert_eq!(specifiers("return /'/; import 'x'"), ["x"]);
    }

    proptest! {
        #[test]
        fn any_text_is_read_to_its_end(text in "\\PC*") {
            drop(specifiers(&text));
        }

        #[test]
        fn an_import_is_found_whatever_stands_in_a_comment_before_it(text in "[^\n]*") {
            let source = format!("//{text}\nimport 'needle';");
            prop_assert_eq!(specifiers(&source), ["needle"]);
        }
    }
}
