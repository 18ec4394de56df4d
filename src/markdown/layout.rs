//! Blocks to rows of a given width.

use std::ops::Range;

use super::block::{Alert, Block, BlockKind, CodeBlock, Document, Inline, Item};
use super::row::{CodeRow, Face, Row, Span, Tone, width};
use super::{table, wrap};

/// Indentation stops where the text would get narrower than this.
const MIN_TEXT: usize = 12;
/// Columns of a tab in code.
const TAB: &str = "    ";

/// The words and signs that layout adds to a page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Labels {
    /// Alerts: note, tip, important, warning, caution.
    pub alerts: [&'static str; 5],
    /// Over the list of link targets.
    pub links: &'static str,
    /// On a code block that is run in a shell.
    pub shell: &'static str,
    /// On a code block that changes a file.
    pub change: &'static str,
    /// Horizontal line.
    pub line: &'static str,
    /// Vertical line.
    pub bar: &'static str,
    /// Top left and bottom left corner of a code block.
    pub corners: [&'static str; 2],
    /// Crossing of a table's lines.
    pub cross: &'static str,
    /// List bullets by depth.
    pub bullets: [&'static str; 2],
}

impl Default for Labels {
    fn default() -> Self {
        Self {
            alerts: ["Note", "Tip", "Important", "Warning", "Caution"],
            links: "Links",
            shell: "shell",
            change: "change",
            line: "─",
            bar: "│",
            corners: ["┌", "└"],
            cross: "┼",
            bullets: ["•", "-"],
        }
    }
}

/// A document laid out for one width.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Page {
    /// The rows from the top.
    pub rows: Vec<Row>,
    /// The headings with an anchor: row, anchor.
    pub anchors: Vec<(usize, String)>,
}

impl Page {
    /// The row that shows a byte of the source, or the last one before it.
    pub fn row_at(&self, source: usize) -> usize {
        self.rows.partition_point(|row| row.source.start <= source).saturating_sub(1)
    }
}

/// Lays a document out. No row is wider than `columns`, but for the part of a code block's rows
/// that scrolls sideways.
pub fn layout(document: &Document, columns: usize, labels: &Labels) -> Page {
    let columns = columns.max(1);
    let mut layout =
        Layout { document, labels, columns, prefixes: Vec::new(), page: Page::default(), depth: 0 };
    layout.blocks(&document.blocks, false);
    layout.page
}

/// What stands left of a block's rows: a list marker and its hanging indent, a quotation's bar.
struct Prefix {
    first: Option<Span>,
    rest: Span,
}

struct Layout<'a> {
    document: &'a Document,
    labels: &'a Labels,
    columns: usize,
    prefixes: Vec<Prefix>,
    page: Page,
    depth: usize,
}

impl Layout<'_> {
    /// Columns left for text.
    fn room(&self) -> usize {
        let used: usize = self.prefixes.iter().map(|prefix| prefix.rest.width()).sum();
        self.columns.saturating_sub(used).max(1)
    }

    fn blocks(&mut self, blocks: &[Block], tight: bool) {
        for (index, block) in blocks.iter().enumerate() {
            if index > 0 && !tight {
                self.gap(block.source.start);
            }
            self.block(block);
        }
    }

    fn block(&mut self, block: &Block) {
        match &block.kind {
            BlockKind::Heading { level, id, text } => self.heading(*level, id.as_deref(), text),
            BlockKind::Paragraph(text) => self.paragraph(text),
            BlockKind::Code(index) => self.code(*index),
            BlockKind::List { first, tight, items } => {
                self.list(*first, *tight, items, block.source.start);
            }
            BlockKind::Quote { alert, blocks } => self.quote(*alert, blocks, block.source.start),
            BlockKind::Table(table) => {
                for (spans, source) in table::layout(table, self.room(), self.labels) {
                    let at = source.unwrap_or(block.source.start);
                    self.emit(spans, at..at);
                }
            }
            BlockKind::Rule => {
                let rule = self.labels.line.repeat(self.room());
                self.emit(vec![Span::new(rule, Tone::Dim)], block.source.clone());
            }
            BlockKind::Footnote { label, blocks } => {
                let marker = Span::new(format!("[^{label}] "), Tone::Dim);
                self.within(marker, block.source.start, |layout| layout.blocks(blocks, true));
            }
            BlockKind::Links(targets) => self.links(targets, block.source.start),
        }
    }

    fn heading(&mut self, level: u8, id: Option<&str>, text: &Inline) {
        if let Some(id) = id {
            self.page.anchors.push((self.page.rows.len(), id.to_owned()));
        }
        let mut text = text.clone();
        for run in &mut text.runs {
            run.face.bold = true;
            run.face.italic |= level > 3;
        }
        let room = self.room();
        let lines = wrap::wrap(&text, room);
        let last = lines.len().saturating_sub(1);
        for (index, line) in lines.iter().enumerate() {
            let mut spans = wrap::spans(&text, line, room);
            let used: usize = spans.iter().map(Span::width).sum();
            if level == 2 && index == last && used + 3 <= room {
                let rule = format!(" {}", self.labels.line.repeat(room - used - 1));
                spans.push(Span::new(rule, Tone::Dim));
            }
            self.emit(spans, text.source_at(line.start)..text.source_at(line.end));
        }
        if level == 1 {
            let at = text.source_at(text.text.len());
            let rule = self.labels.line.repeat(room);
            self.emit(vec![Span::new(rule, Tone::Dim)], at..at);
        }
    }

    fn paragraph(&mut self, text: &Inline) {
        let room = self.room();
        for line in wrap::wrap(text, room) {
            let source = text.source_at(line.start)..text.source_at(line.end);
            self.emit(wrap::spans(text, &line, room), source);
        }
    }

    fn code(&mut self, index: usize) {
        let document = self.document;
        let Some(code) = document.codes.get(index) else { return };
        let framed = self.room() >= MIN_TEXT;
        let start = code.source.start;
        if framed {
            let [top, _] = self.labels.corners;
            let title = title(code, self.labels);
            let room = self.room();
            let mut text = format!("{top}{}", self.labels.line);
            if !title.is_empty() && width(&title) + 6 <= room {
                text = format!("{text} {title} ");
            }
            text.push_str(&self.labels.line.repeat(room - width(&text)));
            self.emit_code(index, vec![Span::new(text, Tone::Dim)], 0, start..start, true);
        }
        let mut offset = 0;
        for (number, line) in code.text.lines().enumerate() {
            let bar = framed.then(|| Span::new(format!("{} ", self.labels.bar), Tone::Dim));
            let fixed = usize::from(bar.is_some());
            let mut spans: Vec<Span> = bar.into_iter().collect();
            spans.extend(code_spans(code, number, offset..offset + line.len()));
            let at = code.body + offset;
            self.emit_code(index, spans, fixed, at..at + line.len(), false);
            offset += line.len() + 1;
        }
        if framed {
            let [_, bottom] = self.labels.corners;
            let room = self.room();
            let text = format!("{bottom}{}", self.labels.line.repeat(room - 1));
            let end = code.source.end.saturating_sub(1).max(start);
            self.emit_code(index, vec![Span::new(text, Tone::Dim)], 0, end..end, true);
        }
    }

    fn list(&mut self, first: Option<u64>, tight: bool, items: &[Item], at: usize) {
        let last = first.map(|first| first.saturating_add(items.len() as u64).saturating_sub(1));
        let digits = last.map_or(0, |last| last.to_string().len());
        self.depth += 1;
        for (index, item) in items.iter().enumerate() {
            let source = item.blocks.first().map_or(at, |block| block.source.start);
            if index > 0 && !tight {
                self.gap(source);
            }
            let bullet = match first {
                Some(first) => {
                    let number = first.saturating_add(index as u64);
                    format!("{number:>digits$}. ")
                }
                None => format!("{} ", self.labels.bullets[(self.depth - 1) % 2]),
            };
            let marker = match item.task {
                Some(true) => "[x] ".to_owned(),
                Some(false) => "[ ] ".to_owned(),
                None => bullet,
            };
            self.within(Span::new(marker, Tone::Dim), source, |layout| {
                layout.blocks(&item.blocks, tight);
            });
        }
        self.depth -= 1;
    }

    fn quote(&mut self, alert: Option<Alert>, blocks: &[Block], at: usize) {
        let bar = Span::new(format!("{} ", self.labels.bar), Tone::Dim);
        let narrow = self.room() < MIN_TEXT + bar.width();
        if !narrow {
            self.prefixes.push(Prefix { first: None, rest: bar });
        }
        if let Some(alert) = alert {
            let tone = match alert {
                Alert::Warning | Alert::Caution => Tone::Warning,
                _ => Tone::Notice,
            };
            let mut label = Inline::default();
            let face = Face { tone, bold: true, ..Face::default() };
            label.push(self.labels.alerts[alert as usize], face, None, at);
            self.paragraph(&label);
        }
        self.blocks(blocks, false);
        if !narrow {
            self.prefixes.pop();
        }
    }

    fn links(&mut self, targets: &[std::sync::Arc<str>], at: usize) {
        let mut title = Inline::default();
        title.push(self.labels.links, Face { bold: true, ..Face::default() }, None, at);
        self.paragraph(&title);
        for (index, target) in targets.iter().enumerate() {
            let mut text = Inline::default();
            text.push(target, Tone::Link.into(), Some(target), at);
            let marker = Span::new(format!("[{}] ", index + 1), Tone::Dim);
            self.within(marker, at, |layout| layout.paragraph(&text));
        }
    }

    /// Lays something out with a marker before its first row and a hanging indent; where there
    /// is no room for that, the marker gets its own rows.
    fn within(&mut self, marker: Span, at: usize, body: impl FnOnce(&mut Self)) {
        if self.room() < MIN_TEXT + marker.width() {
            let mut text = Inline::default();
            text.push(marker.text.trim_end(), marker.face, None, at);
            self.paragraph(&text);
            body(self);
            return;
        }
        let rest = Span::new(" ".repeat(marker.width()), Tone::Text);
        self.prefixes.push(Prefix { first: Some(marker), rest });
        body(self);
        if self.prefixes.last().is_some_and(|prefix| prefix.first.is_some()) {
            self.emit(Vec::new(), at..at);
        }
        self.prefixes.pop();
    }

    /// A blank row, or a bar alone within a quotation.
    fn gap(&mut self, at: usize) {
        let mut spans: Vec<Span> = self.prefixes.iter().map(|prefix| prefix.rest.clone()).collect();
        while spans.last().is_some_and(|span| span.text.trim().is_empty()) {
            spans.pop();
        }
        self.push(Row { spans, source: at..at, code: None });
    }

    /// Rows stand in the order of their source, which [`Page::row_at`] relies on.
    fn push(&mut self, mut row: Row) {
        let before = self.page.rows.last().map_or(0, |last| last.source.start);
        row.source.start = row.source.start.max(before);
        row.source.end = row.source.end.max(row.source.start);
        self.page.rows.push(row);
    }

    fn prefix(&mut self) -> Vec<Span> {
        let take = |prefix: &mut Prefix| prefix.first.take().unwrap_or(prefix.rest.clone());
        self.prefixes.iter_mut().map(take).collect()
    }

    fn emit(&mut self, spans: Vec<Span>, source: Range<usize>) {
        let mut all = self.prefix();
        all.extend(spans);
        self.push(Row { spans: all, source, code: None });
    }

    fn emit_code(
        &mut self,
        block: usize,
        spans: Vec<Span>,
        fixed: usize,
        source: Range<usize>,
        frame: bool,
    ) {
        let mut all = self.prefix();
        let fixed = if frame { all.len() + spans.len() } else { all.len() + fixed };
        all.extend(spans);
        self.push(Row { spans: all, source, code: Some(CodeRow { block, fixed }) });
    }
}

/// What stands on a code block's frame: the file, or what is done with it.
fn title(code: &CodeBlock, labels: &Labels) -> String {
    if let Some(file) = code.option("apply") {
        return format!("{}: {file}", labels.change);
    }
    if let Some(file) = code.option("file") {
        return file.to_owned();
    }
    match code.language() {
        "sh" | "bash" | "shell" => labels.shell.to_owned(),
        other => other.to_owned(),
    }
}

/// A line of code in its colours; placeholders keep theirs.
fn code_spans(code: &CodeBlock, number: usize, bytes: Range<usize>) -> Vec<Span> {
    let start = bytes.start;
    let line = &code.text[bytes];
    let tokens = code.tokens.as_ref().and_then(|lines| lines.get(number));
    let missing: Vec<Range<usize>> = code
        .missing
        .iter()
        .filter(|range| range.start < start + line.len() && range.end > start)
        .map(|range| range.start.saturating_sub(start)..(range.end - start).min(line.len()))
        .collect();
    let mut cuts: Vec<usize> = vec![0, line.len()];
    for token in tokens.into_iter().flatten() {
        cuts.extend([token.range.start, token.range.end]);
    }
    cuts.extend(missing.iter().flat_map(|range| [range.start, range.end]));
    cuts.retain(|&cut| cut <= line.len() && line.is_char_boundary(cut));
    cuts.sort_unstable();
    cuts.dedup();
    let tone = |at: usize| {
        if missing.iter().any(|range| range.contains(&at)) {
            return Tone::Placeholder;
        }
        let token = tokens.into_iter().flatten().find(|token| token.range.contains(&at));
        token.map_or(Tone::Text, |token| token.tone)
    };
    cuts.windows(2)
        .map(|cut| Span::new(line[cut[0]..cut[1]].replace('\t', TAB), tone(cut[0])))
        .collect()
}
