//! A parsed document: blocks of text, each with its place in the source.

use std::ops::Range;
use std::sync::Arc;

use super::highlight::Token;
use super::row::Face;

/// Text with looks: the content of a paragraph, a heading or a table cell.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Inline {
    /// The text; `\n` is a hard line break.
    pub text: String,
    /// Covers the text without gaps, in order.
    pub runs: Vec<Run>,
}

/// A stretch of text of one look.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Run {
    /// Bytes in [`Inline::text`].
    pub range: Range<usize>,
    /// The look.
    pub face: Face,
    /// Where it leads.
    pub link: Option<Arc<str>>,
    /// Byte in the source where it begins.
    pub source: usize,
    /// Not to be broken while it fits on a row.
    pub whole: bool,
}

impl Inline {
    /// Appends text, joining it with a run of the same look that ends where it begins.
    pub fn push(&mut self, text: &str, face: Face, link: Option<&Arc<str>>, source: usize) {
        if text.is_empty() {
            return;
        }
        let start = self.text.len();
        self.text.push_str(text);
        let range = start..self.text.len();
        if let Some(last) = self.runs.last_mut()
            && !last.whole
            && last.face == face
            && last.link.as_ref() == link
            && last.source + last.range.len() == source
        {
            last.range.end = range.end;
            return;
        }
        self.runs.push(Run { range, face, link: link.cloned(), source, whole: false });
    }

    /// Appends text that stays on one row where it can.
    pub fn push_whole(&mut self, text: &str, face: Face, link: Option<&Arc<str>>, source: usize) {
        let start = self.text.len();
        self.text.push_str(text);
        let range = start..self.text.len();
        self.runs.push(Run { range, face, link: link.cloned(), source, whole: true });
    }

    /// The run that holds a byte of the text.
    pub fn run_at(&self, byte: usize) -> Option<&Run> {
        let index = self.runs.partition_point(|run| run.range.end <= byte);
        self.runs.get(index)
    }

    /// The source's byte for a byte of the text. Exact for text that stands in the source as it
    /// is, close for entities and escapes.
    pub fn source_at(&self, byte: usize) -> usize {
        match self.run_at(byte) {
            Some(run) => run.source + byte.saturating_sub(run.range.start),
            None => self.runs.last().map_or(0, |run| run.source + run.range.len()),
        }
    }
}

/// A block and its bytes in the source.
#[derive(Debug, Clone, PartialEq)]
pub struct Block {
    /// What it is.
    pub kind: BlockKind,
    /// Its bytes in the source.
    pub source: Range<usize>,
}

/// The kinds of blocks.
#[derive(Debug, Clone, PartialEq)]
pub enum BlockKind {
    /// A heading of level 1 to 6, with its anchor (`{#1d}`).
    Heading {
        /// 1 to 6.
        level: u8,
        /// The anchor.
        id: Option<String>,
        /// The title.
        text: Inline,
    },
    /// Running text.
    Paragraph(Inline),
    /// A code block: its index in [`Document::codes`].
    Code(usize),
    /// A list, with the first number of an ordered one.
    List {
        /// The first number, or none for bullets.
        first: Option<u64>,
        /// No blank row between the items.
        tight: bool,
        /// The items.
        items: Vec<Item>,
    },
    /// A quotation, or an alert.
    Quote {
        /// Set on alerts: `> [!WARNING]`.
        alert: Option<Alert>,
        /// What it holds.
        blocks: Vec<Block>,
    },
    /// A table.
    Table(Table),
    /// A thematic break.
    Rule,
    /// A footnote's text.
    Footnote {
        /// Its label.
        label: String,
        /// What it says.
        blocks: Vec<Block>,
    },
    /// The page's link targets, in the order of their numbers.
    Links(Vec<Arc<str>>),
}

/// A list item.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Item {
    /// Set on task list items: done or not.
    pub task: Option<bool>,
    /// What it holds.
    pub blocks: Vec<Block>,
}

/// The five alerts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Alert {
    /// Useful to know.
    Note,
    /// Makes it easier.
    Tip,
    /// Needed to succeed.
    Important,
    /// May do harm.
    Warning,
    /// Does harm.
    Caution,
}

/// A table.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Table {
    /// One for each column.
    pub align: Vec<Align>,
    /// Column titles.
    pub head: Vec<Inline>,
    /// Rows of cells.
    pub rows: Vec<Vec<Inline>>,
}

/// How a column is aligned.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Align {
    /// At its left edge.
    #[default]
    Left,
    /// In the middle.
    Center,
    /// At its right edge.
    Right,
}

/// A code block.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct CodeBlock {
    /// The words after the fence: `sh run`, `diff apply=template.yaml`.
    pub info: String,
    /// The code, exactly as it stands in the source (placeholders' marks removed), with its last
    /// newline.
    pub text: String,
    /// Bytes of `text` that stand for values that aren't known yet.
    pub missing: Vec<Range<usize>>,
    /// Its bytes in the source, fences included.
    pub source: Range<usize>,
    /// Byte in the source where the code's first line begins.
    pub body: usize,
    /// Colours, one list a line, once they are computed.
    pub tokens: Option<Vec<Vec<Token>>>,
}

impl CodeBlock {
    /// The language: the info string's first word.
    pub fn language(&self) -> &str {
        self.info.split([' ', ',', '\t']).next().unwrap_or_default()
    }

    /// The value of `key=…` in the info string.
    pub fn option(&self, key: &str) -> Option<&str> {
        self.info
            .split_whitespace()
            .find_map(|word| word.strip_prefix(key).and_then(|rest| rest.strip_prefix('=')))
    }

    /// Whether the info string holds this word.
    pub fn has(&self, word: &str) -> bool {
        self.info.split_whitespace().skip(1).any(|other| other == word)
    }
}

/// A parsed Markdown text.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Document {
    /// Top-level blocks in order.
    pub blocks: Vec<Block>,
    /// All code blocks, wherever they stand.
    pub codes: Vec<CodeBlock>,
}
