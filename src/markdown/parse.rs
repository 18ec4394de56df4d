//! Markdown text to blocks, over pulldown-cmark's events.

mod inline;

pub use inline::is_unspaced;

use std::ops::Range;
use std::sync::Arc;

use pulldown_cmark::{
    Alignment, BlockQuoteKind, CodeBlockKind, Event, Options, Parser, Tag, TagEnd,
};

use super::block::{Alert, Align, Block, BlockKind, CodeBlock, Document, Inline, Item, Table};
use super::row::{Face, Tone};
use super::sanitize;

/// Containers nested deeper than this are read as if they weren't there.
const MAX_DEPTH: usize = 24;

/// Parses Markdown: CommonMark with tables, task lists, strikethrough, footnotes, alerts and
/// heading anchors. Escape sequences and controls are removed first; every offset counts in the
/// text without them. Never fails: any text is Markdown.
pub fn parse(source: &str) -> Document {
    let source = sanitize::clean(source);
    let options = Options::ENABLE_TABLES
        | Options::ENABLE_FOOTNOTES
        | Options::ENABLE_STRIKETHROUGH
        | Options::ENABLE_TASKLISTS
        | Options::ENABLE_HEADING_ATTRIBUTES
        | Options::ENABLE_GFM;
    let mut builder = Builder::new(&source);
    for (event, range) in Parser::new_ext(&source, options).into_offset_iter() {
        builder.event(event, range);
    }
    builder.finish()
}

enum Container {
    Root,
    Transparent,
    Quote(Option<Alert>),
    List { first: Option<u64>, tight: bool, items: Vec<Item> },
    Item { task: Option<bool>, loose: bool },
    Footnote(String),
}

struct Open {
    container: Container,
    blocks: Vec<Block>,
    start: usize,
}

#[derive(Default)]
struct Builder<'a> {
    source: &'a str,
    stack: Vec<Open>,
    inline: Inline,
    inline_range: Option<Range<usize>>,
    bold: u32,
    italic: u32,
    strike: u32,
    links: Vec<(Arc<str>, usize)>,
    targets: Vec<Arc<str>>,
    soft_break: Option<usize>,
    heading: Option<(u8, Option<String>)>,
    code: Option<CodeBlock>,
    html: bool,
    table: Option<Table>,
    table_row: Vec<Inline>,
    codes: Vec<CodeBlock>,
}

impl<'a> Builder<'a> {
    fn new(source: &'a str) -> Self {
        let root = Open { container: Container::Root, blocks: Vec::new(), start: 0 };
        Self { source, stack: vec![root], ..Self::default() }
    }

    fn event(&mut self, event: Event<'_>, range: Range<usize>) {
        match event {
            Event::Start(tag) => self.start(tag, range),
            Event::End(tag) => self.end(tag, range),
            Event::Text(text) => self.text(&text, range),
            Event::Code(text) | Event::InlineMath(text) | Event::DisplayMath(text) => {
                self.inline_code(&text, range);
            }
            Event::Html(text) => self.html_text(&text, &range),
            Event::InlineHtml(text) => self.inline_html(&text, &range),
            Event::FootnoteReference(label) => {
                self.touch(&range);
                self.inline.push_whole(&format!("[^{label}]"), Tone::Dim.into(), None, range.start);
            }
            Event::SoftBreak => self.soft_break = Some(range.start),
            Event::HardBreak => self.inline.push("\n", Face::default(), None, range.start),
            Event::Rule => self.push(BlockKind::Rule, range),
            Event::TaskListMarker(done) => {
                if let Some(Open { container: Container::Item { task, .. }, .. }) =
                    self.stack.last_mut()
                {
                    *task = Some(done);
                }
            }
        }
    }

    fn start(&mut self, tag: Tag<'_>, range: Range<usize>) {
        match tag {
            Tag::Paragraph => {
                self.flush();
                self.mark_loose();
                self.inline_range = Some(range);
            }
            Tag::Heading { level, id, .. } => {
                self.flush();
                self.heading = Some((level as u8, id.map(|id| id.to_string())));
                self.inline_range = Some(range);
            }
            Tag::BlockQuote(kind) => self.open(Container::Quote(kind.map(alert)), range.start),
            Tag::CodeBlock(kind) => {
                self.flush();
                let info = match kind {
                    CodeBlockKind::Fenced(info) => sanitize::clean_line(&info),
                    CodeBlockKind::Indented => String::new(),
                };
                let body = range.start;
                self.code = Some(CodeBlock { info, source: range, body, ..CodeBlock::default() });
            }
            Tag::HtmlBlock => {
                self.flush();
                self.html = true;
                self.inline_range = Some(range);
            }
            Tag::List(first) => {
                self.open(Container::List { first, tight: true, items: Vec::new() }, range.start);
            }
            Tag::Item => self.open(Container::Item { task: None, loose: false }, range.start),
            Tag::FootnoteDefinition(label) => {
                self.open(Container::Footnote(label.to_string()), range.start);
            }
            Tag::Table(align) => {
                self.flush();
                let align = align.into_iter().map(alignment).collect();
                self.table = Some(Table { align, ..Table::default() });
            }
            Tag::TableCell => self.inline_range = Some(range),
            Tag::Emphasis => self.italic += 1,
            Tag::Strong => self.bold += 1,
            Tag::Strikethrough => self.strike += 1,
            Tag::Link { dest_url, .. } | Tag::Image { dest_url, .. } => {
                self.touch(&range);
                self.settle_soft_break("[");
                let target: Arc<str> = sanitize::clean_line(&dest_url).into();
                self.links.push((target, self.inline.text.len()));
            }
            _ => {}
        }
    }

    fn end(&mut self, tag: TagEnd, range: Range<usize>) {
        match tag {
            TagEnd::Paragraph | TagEnd::Heading(_) | TagEnd::HtmlBlock => {
                self.flush();
                self.html = false;
            }
            TagEnd::BlockQuote(_) | TagEnd::List(_) | TagEnd::Item | TagEnd::FootnoteDefinition => {
                self.close(range.end);
            }
            TagEnd::CodeBlock => {
                if let Some(code) = self.code.take() {
                    let source = code.source.clone();
                    self.codes.push(code);
                    self.push(BlockKind::Code(self.codes.len() - 1), source);
                }
            }
            TagEnd::TableCell => {
                self.inline_range = None;
                self.soft_break = None;
                self.table_row.push(std::mem::take(&mut self.inline));
            }
            TagEnd::TableHead | TagEnd::TableRow => {
                let cells = std::mem::take(&mut self.table_row);
                if let Some(table) = &mut self.table {
                    if tag == TagEnd::TableHead {
                        table.head = cells;
                    } else {
                        table.rows.push(cells);
                    }
                }
            }
            TagEnd::Table => {
                if let Some(table) = self.table.take() {
                    self.push(BlockKind::Table(table), range);
                }
            }
            TagEnd::Emphasis => self.italic = self.italic.saturating_sub(1),
            TagEnd::Strong => self.bold = self.bold.saturating_sub(1),
            TagEnd::Strikethrough => self.strike = self.strike.saturating_sub(1),
            TagEnd::Link | TagEnd::Image => self.end_link(&range),
            _ => {}
        }
    }

    fn open(&mut self, container: Container, start: usize) {
        self.flush();
        let container =
            if self.stack.len() > MAX_DEPTH { Container::Transparent } else { container };
        self.stack.push(Open { container, blocks: Vec::new(), start });
    }

    fn close(&mut self, end: usize) {
        self.flush();
        if self.stack.len() < 2 {
            return;
        }
        let Some(Open { container, blocks, start }) = self.stack.pop() else { return };
        let Some(parent) = self.stack.last_mut() else { return };
        let kind = match container {
            Container::Root | Container::Transparent => {
                parent.blocks.extend(blocks);
                return;
            }
            Container::Item { task, loose } => {
                if let Container::List { items, tight, .. } = &mut parent.container {
                    items.push(Item { task, blocks });
                    *tight &= !loose;
                } else {
                    parent.blocks.extend(blocks);
                }
                return;
            }
            Container::List { first, tight, items } => BlockKind::List { first, tight, items },
            Container::Quote(alert) => BlockKind::Quote { alert, blocks },
            Container::Footnote(label) => BlockKind::Footnote { label, blocks },
        };
        parent.blocks.push(Block { kind, source: start..end });
    }

    fn push(&mut self, kind: BlockKind, source: Range<usize>) {
        self.flush();
        if let Some(open) = self.stack.last_mut() {
            open.blocks.push(Block { kind, source });
        }
    }

    fn mark_loose(&mut self) {
        if let Some(Open { container: Container::Item { loose, .. }, .. }) = self.stack.last_mut() {
            *loose = true;
        }
    }

    /// Ends the paragraph or heading that is being collected.
    fn flush(&mut self) {
        self.soft_break = None;
        let range = self.inline_range.take();
        let heading = self.heading.take();
        let text = std::mem::take(&mut self.inline);
        let Some(source) = range else { return };
        let kind = match heading {
            Some((level, id)) => BlockKind::Heading { level, id, text },
            None if text.text.trim().is_empty() => return,
            None => BlockKind::Paragraph(text),
        };
        if let Some(open) = self.stack.last_mut() {
            open.blocks.push(Block { kind, source });
        }
    }

    fn finish(mut self) -> Document {
        while self.stack.len() > 1 {
            self.close(self.source.len());
        }
        self.flush();
        let mut blocks = self.stack.pop().map_or_else(Vec::new, |root| root.blocks);
        if !self.targets.is_empty() {
            let end = self.source.len();
            blocks.push(Block { kind: BlockKind::Links(self.targets), source: end..end });
        }
        Document { blocks, codes: self.codes }
    }
}

fn alert(kind: BlockQuoteKind) -> Alert {
    match kind {
        BlockQuoteKind::Note => Alert::Note,
        BlockQuoteKind::Tip => Alert::Tip,
        BlockQuoteKind::Important => Alert::Important,
        BlockQuoteKind::Warning => Alert::Warning,
        BlockQuoteKind::Caution => Alert::Caution,
    }
}

fn alignment(align: Alignment) -> Align {
    match align {
        Alignment::None | Alignment::Left => Align::Left,
        Alignment::Center => Align::Center,
        Alignment::Right => Align::Right,
    }
}
