//! Text within a paragraph, heading or cell: faces, links, placeholders, line ends, HTML.

use std::ops::Range;

use super::Builder;
use crate::course::{UNKNOWN_CLOSE, UNKNOWN_OPEN};
use crate::markdown::block::{CodeBlock, Inline};
use crate::markdown::row::{Face, Tone};
use crate::markdown::sanitize;

impl Builder<'_> {
    /// Numbers the link, unless its text already is the address or it leads within the page.
    pub(super) fn end_link(&mut self, range: &Range<usize>) {
        let Some((target, from)) = self.links.pop() else { return };
        let shown = self.inline.text.get(from..).unwrap_or_default();
        if target.is_empty() || target.starts_with('#') || *shown == *target {
            return;
        }
        let known = self.targets.iter().position(|other| *other == target);
        let number = known.unwrap_or(self.targets.len()) + 1;
        if known.is_none() {
            self.targets.push(target.clone());
        }
        let text = format!("[{number}]");
        self.inline.push_whole(&text, Tone::Dim.into(), Some(&target), range.end);
    }

    /// Opens a paragraph for text that stands in a list item without one.
    pub(super) fn touch(&mut self, range: &Range<usize>) {
        match &mut self.inline_range {
            Some(open) => open.end = open.end.max(range.end),
            none => *none = Some(range.clone()),
        }
    }

    fn face(&self) -> Face {
        let tone = if !self.links.is_empty() {
            Tone::Link
        } else if self.heading.is_some() {
            Tone::Heading
        } else {
            Tone::Text
        };
        let bold = self.bold > 0;
        Face { tone, bold, italic: self.italic > 0, strike: self.strike > 0 }
    }

    pub(super) fn text(&mut self, text: &str, range: Range<usize>) {
        if let Some(code) = &mut self.code {
            if code.text.is_empty() {
                code.body = range.start;
            }
            push_code(code, text);
            return;
        }
        self.touch(&range);
        self.settle_soft_break(text);
        self.push_marked(text, self.face(), false, range.start);
    }

    pub(super) fn inline_code(&mut self, text: &str, range: Range<usize>) {
        self.touch(&range);
        self.settle_soft_break(text);
        let face = Face { tone: Tone::Code, ..self.face() };
        let ticks = self.source[range.start..].bytes().take_while(|&b| b == b'`').count();
        self.push_marked(text, face, true, range.start + ticks);
    }

    /// Appends text; what stands between the placeholder's marks gets its look.
    fn push_marked(&mut self, text: &str, face: Face, whole: bool, source: usize) {
        // Entities (`&#27;`) bring controls back that the source didn't hold as such.
        let text = &sanitize::clean_line(text);
        let link = self.links.last().map(|(target, _)| target.clone());
        let mut at = 0;
        for (part, missing) in split_marked(text) {
            let source = source + at;
            at += part.len();
            let shown = part.trim_matches([UNKNOWN_OPEN, UNKNOWN_CLOSE]);
            if missing {
                let face = Face { tone: Tone::Placeholder, ..face };
                self.inline.push_whole(&bracketed(shown), face, None, source);
            } else if whole {
                self.inline.push_whole(shown, face, link.as_ref(), source);
            } else {
                self.inline.push(shown, face, link.as_ref(), source);
            }
        }
    }

    /// A line end in the source is a space, but not between two characters of a script that is
    /// written without spaces, nor beside its punctuation.
    pub(super) fn settle_soft_break(&mut self, next: &str) {
        let Some(source) = self.soft_break.take() else { return };
        let before = self.inline.text.chars().next_back();
        let after = next.chars().next();
        let joined = before.is_some_and(is_unspaced) && after.is_some_and(is_unspaced)
            || before.is_some_and(is_wide_punctuation)
            || after.is_some_and(is_wide_punctuation);
        if !joined {
            self.inline.push(" ", self.face(), None, source);
        }
    }

    pub(super) fn html_text(&mut self, text: &str, range: &Range<usize>) {
        self.touch(range);
        let text = text.trim_end_matches('\n').replace('\t', " ");
        if !self.inline.text.is_empty() {
            self.inline.push("\n", Tone::Dim.into(), None, range.start);
        }
        self.inline.push(&text, Tone::Dim.into(), None, range.start);
        // A comment is for authors; what stands beside it isn't.
        if let Some(rest) = without_comment(&self.inline.text) {
            let source = self.inline.source_at(0);
            self.inline = Inline::default();
            self.inline.push(&rest, Tone::Dim.into(), None, source);
        }
    }

    pub(super) fn inline_html(&mut self, text: &str, range: &Range<usize>) {
        if text.starts_with("<!--") {
            return;
        }
        self.touch(range);
        self.settle_soft_break(text);
        if matches!(text, "<br>" | "<br/>" | "<br />") {
            self.inline.push("\n", self.face(), None, range.start);
        } else {
            let text = text.replace(['\t', '\n'], " ");
            self.inline.push(&text, Tone::Dim.into(), None, range.start);
        }
    }
}

/// HTML without its comments; none where it has none that ends.
fn without_comment(html: &str) -> Option<String> {
    let (before, rest) = html.split_once("<!--")?;
    let (_, after) = rest.split_once("-->")?;
    let rest = format!("{before}{after}").trim().to_owned();
    Some(without_comment(&rest).unwrap_or(rest))
}

/// Appends code, noting where placeholders stand.
fn push_code(code: &mut CodeBlock, text: &str) {
    for (part, missing) in split_marked(text) {
        let shown = part.trim_matches([UNKNOWN_OPEN, UNKNOWN_CLOSE]);
        let start = code.text.len();
        if missing {
            code.text.push_str(&bracketed(shown));
            code.missing.push(start..code.text.len());
        } else {
            code.text.push_str(shown);
        }
    }
}

fn bracketed(text: &str) -> String {
    if text.starts_with(['<', '⟨']) { text.to_owned() } else { format!("<{text}>") }
}

/// Splits at the placeholder's marks; the parts keep them.
fn split_marked(text: &str) -> Vec<(&str, bool)> {
    let mut parts = Vec::new();
    let mut rest = text;
    while let Some(open) = rest.find(UNKNOWN_OPEN) {
        let Some(length) = rest[open..].find(UNKNOWN_CLOSE) else { break };
        let end = open + length + UNKNOWN_CLOSE.len_utf8();
        parts.push((&rest[..open], false));
        parts.push((&rest[open..end], true));
        rest = &rest[end..];
    }
    parts.push((rest, false));
    parts.retain(|(part, _)| !part.is_empty());
    parts
}

/// Punctuation that brings its own space: 、 。 「 （
fn is_wide_punctuation(c: char) -> bool {
    matches!(c, '\u{3001}'..='\u{3003}' | '\u{3008}'..='\u{3011}' | '\u{3014}'..='\u{301f}'
        | '\u{ff01}' | '\u{ff08}' | '\u{ff09}' | '\u{ff0c}' | '\u{ff0e}' | '\u{ff1a}' | '\u{ff1b}'
        | '\u{ff1f}')
}

/// Written without spaces between words: Chinese and Japanese, not Korean.
pub fn is_unspaced(c: char) -> bool {
    matches!(c, '\u{2e80}'..='\u{312f}' | '\u{3190}'..='\u{9fff}' | '\u{f900}'..='\u{faff}'
        | '\u{fe30}'..='\u{fe4f}' | '\u{ff00}'..='\u{ffef}' | '\u{20000}'..='\u{3ffff}')
}
