//! What layout produces: rows of spans whose looks are named, not coloured.

use std::ops::Range;
use std::sync::Arc;

use ratatui::buffer::CellWidth as _;
use unicode_segmentation::UnicodeSegmentation;

/// What a span means; the theme says how that looks.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
pub enum Tone {
    /// Running text.
    #[default]
    Text,
    /// Frames, rules, list markers.
    Dim,
    /// Headings.
    Heading,
    /// Inline code.
    Code,
    /// A link's text.
    Link,
    /// A value of the account that isn't known yet.
    Placeholder,
    /// Label of a note, tip or important alert.
    Notice,
    /// Label of a warning or caution alert.
    Warning,
    /// An added line of a diff.
    Added,
    /// A removed line of a diff.
    Removed,
    /// In code: keyword or tag.
    Keyword,
    /// In code: string.
    Literal,
    /// In code: comment.
    Comment,
    /// In code: number, constant.
    Number,
    /// In code: function, key, property.
    Name,
}

/// A span's look.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
pub struct Face {
    /// What it means.
    pub tone: Tone,
    /// Strong emphasis.
    pub bold: bool,
    /// Emphasis.
    pub italic: bool,
    /// Deleted text.
    pub strike: bool,
}

impl From<Tone> for Face {
    fn from(tone: Tone) -> Self {
        Self { tone, ..Self::default() }
    }
}

/// Text of one look.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Span {
    /// The text, without control characters.
    pub text: String,
    /// The look.
    pub face: Face,
    /// Where it leads.
    pub link: Option<Arc<str>>,
}

impl Span {
    /// A span without a link.
    pub fn new(text: impl Into<String>, face: impl Into<Face>) -> Self {
        Self { text: text.into(), face: face.into(), link: None }
    }

    /// Terminal columns.
    pub fn width(&self) -> usize {
        width(&self.text)
    }
}

/// One line on the screen.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Row {
    /// What it shows, from the left.
    pub spans: Vec<Span>,
    /// Bytes of the source that it shows; empty for a blank row, at the place where it stands.
    pub source: Range<usize>,
    /// Set on rows of a code block.
    pub code: Option<CodeRow>,
}

/// A row's place in a code block.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CodeRow {
    /// Index in [`super::Document::codes`].
    pub block: usize,
    /// Leading spans that stay while the rest scrolls sideways; all of them on a frame's row.
    pub fixed: usize,
}

impl Row {
    /// Terminal columns of the whole row.
    pub fn width(&self) -> usize {
        self.spans.iter().map(Span::width).sum()
    }

    /// Columns of the part that scrolls sideways.
    pub fn scroll_width(&self) -> usize {
        let fixed = self.code.map_or(self.spans.len(), |code| code.fixed);
        self.spans.iter().skip(fixed).map(Span::width).sum()
    }

    /// The text alone.
    pub fn text(&self) -> String {
        self.spans.iter().map(|span| span.text.as_str()).collect()
    }
}

/// Terminal columns of a text: the sum over its grapheme clusters, as it is drawn.
pub fn width(text: &str) -> usize {
    if text.is_ascii() {
        return text.len();
    }
    text.graphemes(true).map(|cluster| usize::from(cluster.cell_width())).sum()
}
