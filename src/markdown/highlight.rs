//! Colours for code, named by meaning. Loading the syntax definitions takes milliseconds, so it
//! happens off the first frame and off the interface's thread.

use std::ops::Range;

use syntect::parsing::{ParseState, Scope, ScopeStack, SyntaxReference, SyntaxSet};

use super::block::CodeBlock;
use super::row::Tone;

/// A coloured stretch of a line: bytes in the line, and its meaning.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Token {
    /// Bytes in the line.
    pub range: Range<usize>,
    /// What it is.
    pub tone: Tone,
}

/// The syntax definitions.
pub struct Highlighter {
    syntaxes: SyntaxSet,
    rules: Vec<(Scope, Tone)>,
}

/// Scopes and what they mean; the longest prefix of the innermost scope wins.
const RULES: &[(&str, Tone)] = &[
    ("comment", Tone::Comment),
    ("string", Tone::Literal),
    ("constant", Tone::Number),
    ("constant.character.escape", Tone::Number),
    ("keyword", Tone::Keyword),
    ("keyword.operator", Tone::Text),
    ("storage", Tone::Keyword),
    ("entity.name.tag", Tone::Name),
    ("entity.name", Tone::Name),
    ("support.function", Tone::Name),
    ("support.type", Tone::Name),
    ("variable.function", Tone::Name),
    ("variable.parameter", Tone::Text),
    ("markup.inserted", Tone::Added),
    ("markup.deleted", Tone::Removed),
];

impl Highlighter {
    /// Loads the syntax definitions; some milliseconds.
    pub fn load() -> Self {
        let rules =
            RULES.iter().filter_map(|&(name, tone)| Some((Scope::new(name).ok()?, tone))).collect();
        Self { syntaxes: two_face::syntax::extra_newlines(), rules }
    }

    /// The colours of a code block, one list a line. A language that isn't known has none.
    pub fn tokens(&self, code: &CodeBlock) -> Vec<Vec<Token>> {
        if code.language() == "diff" {
            return code.text.lines().map(diff_line).collect();
        }
        let Some(syntax) = self.syntax(code.language()) else {
            return vec![Vec::new(); code.text.lines().count()];
        };
        let mut state = ParseState::new(syntax);
        let mut stack = ScopeStack::new();
        code.text
            .split_inclusive('\n')
            .map(|line| self.line(line, &mut state, &mut stack))
            .collect()
    }

    fn syntax(&self, language: &str) -> Option<&SyntaxReference> {
        let name = match language {
            "" | "text" | "txt" | "console" => return None,
            "shell" => "sh",
            "javascript" | "mjs" | "cjs" => "js",
            other => other,
        };
        self.syntaxes.find_syntax_by_token(name)
    }

    fn line(&self, line: &str, state: &mut ParseState, stack: &mut ScopeStack) -> Vec<Token> {
        let Ok(ops) = state.parse_line(line, &self.syntaxes) else { return Vec::new() };
        let end = line.trim_end_matches('\n').len();
        let mut tokens: Vec<Token> = Vec::new();
        let mut at = 0;
        let mut push = |range: Range<usize>, tone: Tone| {
            if range.is_empty() || tone == Tone::Text {
                return;
            }
            match tokens.last_mut() {
                Some(last) if last.tone == tone && last.range.end == range.start => {
                    last.range.end = range.end;
                }
                _ => tokens.push(Token { range, tone }),
            }
        };
        for (offset, op) in ops {
            let offset = offset.min(end);
            push(at..offset.max(at), self.tone(stack));
            at = offset.max(at);
            if stack.apply(&op).is_err() {
                return tokens;
            }
        }
        push(at..end.max(at), self.tone(stack));
        tokens
    }

    fn tone(&self, stack: &ScopeStack) -> Tone {
        for scope in stack.as_slice().iter().rev() {
            let rule = self
                .rules
                .iter()
                .filter(|(prefix, _)| prefix.is_prefix_of(*scope))
                .max_by_key(|(prefix, _)| prefix.len());
            if let Some(&(_, tone)) = rule {
                return tone;
            }
        }
        Tone::Text
    }
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
