//! Colours for code, named by meaning. A lexer for the few languages that courses show, rather
//! than a grammar's regular expressions: those of bash alone filled 20 MB of memory.

mod languages;

use std::ops::Range;

use super::block::CodeBlock;
use super::row::Tone;
use languages::{Kind, Language, language};

/// A coloured stretch of a line: bytes in the line, and its meaning.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Token {
    /// Bytes in the line.
    pub range: Range<usize>,
    /// What it is.
    pub tone: Tone,
}

/// The colours of a code block, one list a line. A language that isn't known has none.
pub fn highlight(code: &CodeBlock) -> Vec<Vec<Token>> {
    if code.language() == "diff" {
        return code.text.lines().map(diff_line).collect();
    }
    let Some(language) = language(code.language()) else {
        return vec![Vec::new(); code.text.lines().count()];
    };
    let mut state = State::Plain;
    let mut continued = false;
    let lines = code.text.lines().map(|line| {
        let mut lexer = Lexer { language, line, at: 0, state, command: !continued, tokens: vec![] };
        lexer.run();
        continued = line.ends_with('\\');
        state = lexer.state;
        lexer.tokens
    });
    lines.collect()
}

/// What a line may begin in the middle of.
#[derive(Clone, Copy, PartialEq, Eq)]
enum State {
    Plain,
    String(char),
    Comment,
}

struct Lexer<'a> {
    language: &'static Language,
    line: &'a str,
    at: usize,
    state: State,
    /// Whether the next word is a command.
    command: bool,
    tokens: Vec<Token>,
}

impl Lexer<'_> {
    fn run(&mut self) {
        while self.at < self.line.len() {
            match self.state {
                State::Plain => self.plain(),
                State::String(quote) => self.string(self.at, quote),
                State::Comment => self.comment(self.at),
            }
        }
        if let State::String(quote) = self.state
            && !self.language.long_quotes.contains(&quote)
        {
            self.state = State::Plain;
        }
    }

    fn rest(&self) -> &str {
        &self.line[self.at..]
    }

    fn push(&mut self, start: usize, tone: Tone) {
        if start < self.at && tone != Tone::Text {
            self.tokens.push(Token { range: start..self.at, tone });
        }
    }

    fn plain(&mut self) {
        let start = self.at;
        let Some(next) = self.rest().chars().next() else { return };
        let language = self.language;
        if let Some((open, _)) = language.block.filter(|(open, _)| self.rest().starts_with(open)) {
            self.at += open.len();
            self.state = State::Comment;
            self.comment(start);
        } else if self.begins_comment() {
            self.at = self.line.len();
            self.push(start, Tone::Comment);
        } else if language.quotes.contains(&next) {
            self.at += next.len_utf8();
            self.string(start, next);
            self.command = false;
        } else if next == '$' && language.kind == Kind::Shell {
            self.expansion();
        } else if next.is_ascii_digit() {
            self.word();
            let tone = if self.number(start) { Tone::Number } else { Tone::Text };
            self.push(start, tone);
            self.command = false;
        } else if is_word(next) || (self.command && matches!(next, '/' | '.' | '!' | '{' | '}')) {
            self.word();
            self.name(start);
        } else {
            self.at += next.len_utf8();
            if matches!(next, '|' | '&' | ';' | '(' | '`') {
                self.command = true;
            } else if !next.is_whitespace() {
                self.command = false;
            }
            if next == '\\' {
                self.at += self.rest().chars().next().map_or(0, char::len_utf8);
            }
        }
    }

    /// A comment sign that stands by itself: `a#b` and `http://` hold none.
    fn begins_comment(&self) -> bool {
        let free = self.line[..self.at].chars().next_back().is_none_or(|before| {
            match self.language.kind {
                Kind::Shell | Kind::Data(_) => before.is_whitespace(),
                Kind::Code | Kind::Query => before != ':',
            }
        });
        free && self.language.comments.iter().any(|sign| self.rest().starts_with(sign))
    }

    fn comment(&mut self, start: usize) {
        let end = self.language.block.map_or("", |(_, close)| close);
        match self.rest().find(end).filter(|_| !end.is_empty()) {
            Some(found) => {
                self.at += found + end.len();
                self.state = State::Plain;
            }
            None => self.at = self.line.len(),
        }
        self.push(start, Tone::Comment);
    }

    /// The rest of a string; escaped quotes don't end it, but for the shell's single ones.
    fn string(&mut self, start: usize, quote: char) {
        let raw = quote == '\'' && matches!(self.language.kind, Kind::Shell | Kind::Data(_));
        self.state = State::String(quote);
        while let Some(next) = self.rest().chars().next() {
            self.at += next.len_utf8();
            if next == '\\' && !raw {
                self.at += self.rest().chars().next().map_or(0, char::len_utf8);
            } else if next == quote {
                self.state = State::Plain;
                break;
            }
        }
        let tone = if self.is_key() { Tone::Name } else { Tone::Literal };
        self.push(start, tone);
    }

    /// Whether what was just read is a key: the data language's sign follows.
    fn is_key(&self) -> bool {
        let Kind::Data(sign) = self.language.kind else { return false };
        let after = self.rest().trim_start();
        self.state == State::Plain
            && after.strip_prefix(sign).is_some_and(|value| {
                sign == '='
                    || value.is_empty()
                    || value.starts_with(' ')
                    || self.language.comments.is_empty()
            })
    }

    /// `$NAME`, `${…}`, `$1`; `$(` begins a command.
    fn expansion(&mut self) {
        let start = self.at;
        self.at += 1;
        self.command = false;
        if self.rest().starts_with('{') {
            self.at += self.rest().find('}').map_or(self.rest().len(), |end| end + 1);
        } else if self.rest().starts_with('(') {
            return;
        } else {
            let name = |c: char| c.is_ascii_alphanumeric() || c == '_';
            self.at += self.rest().find(|c| !name(c)).unwrap_or(self.rest().len());
        }
        self.push(start, Tone::Number);
    }

    fn word(&mut self) {
        let kind = self.language.kind;
        let part = |c: char| match kind {
            Kind::Code | Kind::Query => is_word(c),
            Kind::Shell => is_word(c) || "-./:!{}@%+,~".contains(c),
            Kind::Data(_) => is_word(c) || "-./".contains(c),
        };
        self.at += self.rest().find(|c| !part(c)).unwrap_or(self.rest().len()).max(1);
    }

    fn number(&self, start: usize) -> bool {
        let word = &self.line[start..self.at];
        word.chars().all(|c| c.is_ascii_hexdigit() || matches!(c, '.' | 'x' | '_'))
    }

    fn name(&mut self, start: usize) {
        let word = &self.line[start..self.at];
        let kind = self.language.kind;
        let keyword = if kind == Kind::Query {
            self.language.keywords.contains(&word.to_ascii_lowercase().as_str())
        } else {
            self.language.keywords.contains(&word)
        };
        let tone = match kind {
            Kind::Shell if !self.command => Tone::Text,
            Kind::Shell if keyword => Tone::Keyword,
            // `NAME=value` sets a variable; the command comes after it.
            Kind::Shell if self.rest().starts_with('=') => Tone::Text,
            Kind::Shell => Tone::Name,
            Kind::Data(_) if self.is_key() => Tone::Name,
            Kind::Data(_) if self.is_whole(start) && keyword => Tone::Number,
            Kind::Data(_) => Tone::Text,
            _ if keyword => Tone::Keyword,
            _ if self.rest().starts_with('(') => Tone::Name,
            _ => Tone::Text,
        };
        self.command = self.command && tone == Tone::Keyword;
        self.push(start, tone);
    }

    /// Whether a word is a whole value.
    fn is_whole(&self, start: usize) -> bool {
        let before = self.line[..start].trim_end();
        let after = self.rest().trim_start();
        before.ends_with([':', '=', ',', '[', '-'])
            && (after.is_empty() || after.starts_with([',', ']', '}', '#']))
    }
}

fn is_word(c: char) -> bool {
    c.is_alphanumeric() || c == '_'
}

fn diff_line(line: &str) -> Vec<Token> {
    let tone = match line.as_bytes() {
        [b'@', b'@', ..] => Tone::Comment,
        [b'+', b'+', b'+', ..] | [b'-', b'-', b'-', ..] => Tone::Dim,
        [b'+', ..] => Tone::Added,
        [b'-', ..] => Tone::Removed,
        _ => return Vec::new(),
    };
    vec![Token { range: 0..line.len(), tone }]
}
