//! A document as plain lines, to be heard or piped: what the eye reads from frames, colours and
//! places is said in words. No line is wrapped here: only a terminal has a width.

use std::collections::BTreeSet;

use super::block::{Alert, Block, BlockKind, CodeBlock, Document, Inline, Item, Run, Table};
use super::row::Tone;
use crate::i18n::{Words, fill};

/// Columns that the content of a list's item stands in by.
const INDENT: usize = 2;

/// A line of plain text.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct PlainLine {
    /// Columns that it stands in by.
    pub indent: usize,
    /// The text, without control characters but tabs in code.
    pub text: String,
    /// A line of code: never to be wrapped.
    pub code: bool,
}

impl PlainLine {
    /// A line of running text.
    pub fn new(text: impl Into<String>) -> Self {
        Self { text: text.into(), ..Self::default() }
    }

    /// A line of code.
    pub fn code(text: impl Into<String>) -> Self {
        Self { text: text.into(), code: true, indent: 0 }
    }
}

/// A document in words. Its first code block has the number `first_code`.
pub fn plain(document: &Document, words: &Words, first_code: usize) -> Vec<PlainLine> {
    let mut speaker =
        Speaker { document, words, first_code, indent: 0, lead: None, lines: Vec::new() };
    speaker.blocks(&document.blocks, false);
    speaker.lines
}

/// What a code block is, as its first line says it: number, language or file, what is done with it.
pub fn code_title(code: &CodeBlock, number: usize, words: &Words) -> String {
    let number = number.to_string();
    let what = if let Some(file) = code.option("apply") {
        fill(words.p_code_change, &[file])
    } else if let Some(file) = code.option("file") {
        fill(words.p_code_file, &[file])
    } else {
        let language = match code.language() {
            "sh" | "bash" | "shell" => words.m_shell,
            other => other,
        };
        let run = if code.has("run") { words.p_code_run } else { "" };
        let parts = [language, run].into_iter().filter(|part| !part.is_empty());
        parts.collect::<Vec<_>>().join(words.comma)
    };
    if what.is_empty() {
        fill(words.p_code_bare, &[&number])
    } else {
        fill(words.p_code, &[&number, &what])
    }
}

struct Speaker<'a> {
    document: &'a Document,
    words: &'a Words,
    first_code: usize,
    indent: usize,
    /// Stands before the next text: a list item's number, an alert's name; and its indentation.
    lead: Option<(usize, String)>,
    lines: Vec<PlainLine>,
}

impl Speaker<'_> {
    fn blocks(&mut self, blocks: &[Block], tight: bool) {
        for (index, block) in blocks.iter().enumerate() {
            if index > 0 && !tight {
                self.gap();
            }
            self.block(block);
        }
    }

    fn block(&mut self, block: &Block) {
        let words = self.words;
        match &block.kind {
            BlockKind::Heading { level, text, .. } => {
                let lead = if *level < 3 { words.p_heading } else { words.p_subheading };
                self.lead(lead);
                self.say(&said(text, words));
            }
            BlockKind::Paragraph(text) => self.say(&said(text, words)),
            BlockKind::Code(index) => self.code(*index),
            BlockKind::List { first, tight, items } => self.list(*first, *tight, items),
            BlockKind::Quote { alert, blocks } => self.quote(*alert, blocks),
            BlockKind::Table(table) => self.table(table),
            // A line is for the eye; the gap says the same.
            BlockKind::Rule => {}
            BlockKind::Footnote { label, blocks } => {
                self.within(&fill(words.p_footnote, &[label]), |speaker| {
                    speaker.blocks(blocks, true);
                });
            }
            BlockKind::Links(targets) => {
                for (index, target) in targets.iter().enumerate() {
                    self.say(&fill(words.p_link, &[&(index + 1).to_string(), target]));
                }
            }
        }
    }

    fn gap(&mut self) {
        if self.lines.last().is_some_and(|line| !line.text.is_empty()) {
            self.lines.push(PlainLine::default());
        }
    }

    /// Puts words before the next text.
    fn lead(&mut self, lead: &str) {
        match &mut self.lead {
            Some((_, before)) => before.push_str(lead),
            none => *none = Some((self.indent, lead.to_owned())),
        }
    }

    /// Says what stands before a text that isn't one.
    fn end_lead(&mut self) {
        if let Some((indent, lead)) = self.lead.take() {
            let text = lead.trim_end().to_owned();
            self.lines.push(PlainLine { indent, text, code: false });
        }
    }

    fn say(&mut self, text: &str) {
        for line in text.split('\n') {
            let (indent, lead) = self.lead.take().unwrap_or((self.indent, String::new()));
            let text = format!("{lead}{}", line.trim());
            self.lines.push(PlainLine { indent, text, code: false });
        }
    }

    /// Says something behind a lead; other lines of it stand in.
    fn within(&mut self, lead: &str, body: impl FnOnce(&mut Self)) {
        self.lead(lead);
        self.indent += INDENT;
        body(self);
        self.indent -= INDENT;
        self.end_lead();
    }

    fn code(&mut self, index: usize) {
        let (document, words) = (self.document, self.words);
        let Some(code) = document.codes.get(index) else { return };
        self.end_lead();
        let number = index + self.first_code;
        self.say(&code_title(code, number, words));
        let missing: BTreeSet<&str> =
            code.missing.iter().map(|bytes| unknown(&code.text[bytes.clone()])).collect();
        if !missing.is_empty() {
            let missing = missing.into_iter().collect::<Vec<_>>().join(words.comma);
            self.say(&fill(words.p_code_missing, &[&missing]));
        }
        let lines: Vec<&str> = code.text.lines().collect();
        if code.language() == "diff" {
            self.lines.extend(diff(&lines, words).into_iter().map(PlainLine::code));
        } else {
            self.lines.extend(lines.into_iter().map(PlainLine::code));
        }
        self.say(&fill(words.p_code_end, &[&number.to_string()]));
    }

    fn list(&mut self, first: Option<u64>, tight: bool, items: &[Item]) {
        let words = self.words;
        for (index, item) in items.iter().enumerate() {
            if index > 0 && !tight {
                self.gap();
            }
            let mark = match first {
                Some(first) => {
                    fill(words.p_number, &[&first.saturating_add(index as u64).to_string()])
                }
                None => words.p_item.to_owned(),
            };
            let task = match item.task {
                Some(true) => words.p_task_done,
                Some(false) => words.p_task_open,
                None => "",
            };
            self.within(&format!("{mark}{task}"), |speaker| speaker.blocks(&item.blocks, tight));
        }
    }

    fn quote(&mut self, alert: Option<Alert>, blocks: &[Block]) {
        let words = self.words;
        let alerts =
            [words.m_note, words.m_tip, words.m_important, words.m_warning, words.m_caution];
        let name = alert.map_or(words.p_quote, |alert| alerts[alert as usize]);
        self.lead(&fill(words.p_named, &[name]));
        if let [Block { kind: BlockKind::Paragraph(_), .. }] = blocks {
            self.blocks(blocks, true);
            return;
        }
        self.end_lead();
        self.blocks(blocks, false);
        self.say(&fill(words.p_end, &[name]));
    }

    fn table(&mut self, table: &Table) {
        let words = self.words;
        self.end_lead();
        let columns = table.rows.iter().map(Vec::len).chain([table.head.len()]).max().unwrap_or(0);
        let count = table.rows.len().to_string();
        self.say(&fill(words.p_table, &[&count, &columns.to_string()]));
        if table.rows.is_empty() {
            for (column, title) in table.head.iter().enumerate() {
                self.say(&column_title(title, column, words));
            }
        }
        for (index, row) in table.rows.iter().enumerate() {
            self.say(&fill(words.p_row, &[&(index + 1).to_string()]));
            self.indent += INDENT;
            for column in 0..columns {
                let title = table.head.get(column).cloned().unwrap_or_default();
                let value = row.get(column).map(|cell| said(cell, words)).unwrap_or_default();
                let value = if value.trim().is_empty() { words.p_empty } else { &value };
                let title = column_title(&title, column, words);
                self.say(&format!("{}{value}", fill(words.p_named, &[&title])));
            }
            self.indent -= INDENT;
        }
        self.say(words.p_table_end);
    }
}

fn column_title(title: &Inline, column: usize, words: &Words) -> String {
    let text = said(title, words);
    if text.trim().is_empty() { fill(words.p_column, &[&(column + 1).to_string()]) } else { text }
}

/// A text in words: marks of links and footnotes, and values that aren't known yet.
fn said(text: &Inline, words: &Words) -> String {
    let part = |run: &Run| {
        let part = text.text.get(run.range.clone()).unwrap_or_default();
        match run.face.tone {
            Tone::Placeholder => fill(words.p_unknown, &[unknown(part)]),
            Tone::Dim if run.whole && run.link.is_some() => {
                fill(words.p_link_mark, &[part.trim_matches(['[', ']'])])
            }
            Tone::Dim if run.whole && part.starts_with("[^") => {
                fill(words.p_footnote_mark, &[inner(part, "[^", "]")])
            }
            _ => part.to_owned(),
        }
    };
    text.runs.iter().map(part).collect()
}

/// A placeholder without its brackets.
pub fn unknown(text: &str) -> &str {
    let open = text.strip_prefix('⟨').and_then(|text| text.strip_suffix('⟩'));
    open.unwrap_or_else(|| inner(text, "<", ">"))
}

fn inner<'t>(text: &'t str, open: &str, close: &str) -> &'t str {
    text.strip_prefix(open).and_then(|text| text.strip_suffix(close)).unwrap_or(text)
}

/// A unified diff, each line behind the word for its sign.
fn diff(lines: &[&str], words: &Words) -> Vec<String> {
    let mut out = Vec::with_capacity(lines.len());
    let mut header = true;
    for (index, line) in lines.iter().enumerate() {
        let next = lines.get(index + 1).copied().unwrap_or_default();
        let begins = line.starts_with("--- ") && next.starts_with("+++ ");
        header |= begins;
        if line.starts_with("@@") {
            header = false;
            out.push(hunk(line, words));
            continue;
        }
        let (word, rest) = match line.chars().next() {
            Some('-') if begins => (words.p_diff_before, &line[4..]),
            Some('+') if header && line.starts_with("+++ ") => (words.p_diff_after, &line[4..]),
            Some('-') => (words.p_diff_remove, &line[1..]),
            Some('+') => (words.p_diff_add, &line[1..]),
            Some(' ') => (words.p_diff_keep, &line[1..]),
            _ => ("", *line),
        };
        out.push(format!("{word}{rest}"));
    }
    out
}

/// `@@ -3,5 +3,6 @@ Resources:`, as the line that the change begins at and what stands behind it.
fn hunk(line: &str, words: &Words) -> String {
    let parts = line.strip_prefix("@@ -").and_then(|rest| rest.split_once(" @@"));
    let at = parts.and_then(|(ranges, context)| {
        let at = ranges.split([',', ' ']).next()?;
        at.parse::<u64>().ok()?;
        Some(format!("{}{context}", fill(words.p_diff_at, &[at])))
    });
    at.unwrap_or_else(|| line.to_owned())
}
