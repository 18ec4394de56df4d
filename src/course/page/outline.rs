//! The structure of a page: its headings and fences, marked before rendering and found again after.

use std::ops::Range;

use pulldown_cmark::{CodeBlockKind, Event, HeadingLevel, Parser, Tag, TagEnd};

use super::{Block, BlockKind, RenderedPage, Section, SectionKind};

pub(super) const MARK_OPEN: char = '\u{e002}';
pub(super) const MARK_CLOSE: char = '\u{e003}';

/// What structures a page.
pub(super) enum Outline {
    /// A `##` heading, with the id and its range (`{#1d}`) where it has one.
    Heading { at: Range<usize>, id: Option<(String, Range<usize>)> },
    /// A fenced block.
    Fence { at: Range<usize> },
}

pub(super) fn outline(source: &str) -> Vec<Outline> {
    let mut items = Vec::new();
    for (event, at) in Parser::new(source).into_offset_iter() {
        match event {
            Event::Start(Tag::Heading { level: HeadingLevel::H2, .. }) => {
                let id = heading_id(source, &at);
                items.push(Outline::Heading { at, id });
            }
            Event::Start(Tag::CodeBlock(CodeBlockKind::Fenced(_))) => {
                items.push(Outline::Fence { at });
            }
            _ => {}
        }
    }
    items
}

fn heading_id(source: &str, at: &Range<usize>) -> Option<(String, Range<usize>)> {
    let line_end = source[at.start..].find('\n').map_or(source.len(), |n| at.start + n);
    let line = source[at.start..line_end].trim_end();
    let open = line.rfind("{#")?;
    let id = line[open..].strip_prefix("{#")?.strip_suffix('}')?;
    let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
    (!id.is_empty() && id.chars().all(plain))
        .then(|| (id.to_owned(), at.start + open..at.start + line.len()))
}

/// Replaces each heading's id by a mark and adds one to each opening fence: `id:line`.
pub(super) fn mark(source: &str) -> String {
    let mut out = String::with_capacity(source.len() + 256);
    let mut from = 0;
    let mut add = |range: Range<usize>, mark: String| {
        if range.start >= from {
            out.push_str(&source[from..range.start]);
            out.push(MARK_OPEN);
            out.push_str(&mark);
            out.push(MARK_CLOSE);
            from = range.end;
        }
    };
    for item in outline(source) {
        match item {
            Outline::Heading { at, id: Some((id, range)) } => {
                add(range, format!("{id}:{}", line_of(source, at.start)));
            }
            Outline::Heading { .. } => {}
            Outline::Fence { at } => {
                let end = source[at.start..].find('\n').map_or(source.len(), |n| at.start + n);
                let end = at.start + source[at.start..end].trim_end().len();
                add(end..end, format!(":{}", line_of(source, at.start)));
            }
        }
    }
    out.push_str(&source[from..]);
    keep_line_ends(&out)
}

/// A tag alone on its line takes the line with it, but one behind words must leave the line's end,
/// which the template would take too: `words{% endif %}` ends in `+%}` then.
fn keep_line_ends(source: &str) -> String {
    let behind_words = |line: &str| {
        let Some(tags) = line.trim_end_matches(['\r', '\n']).strip_suffix("%}") else {
            return false;
        };
        let words =
            tags.split("{%").map(|part| part.rsplit_once("%}").map_or("", |(_, words)| words));
        let first = tags.split("{%").next().unwrap_or_default();
        !tags.ends_with(['+', '-'])
            && (!first.trim().is_empty() || words.skip(1).any(|words| !words.trim().is_empty()))
    };
    let mut out = String::with_capacity(source.len() + 16);
    for line in source.split_inclusive('\n') {
        match line.rfind("%}").filter(|_| behind_words(line)) {
            Some(at) => {
                out.push_str(&line[..at]);
                out.push('+');
                out.push_str(&line[at..]);
            }
            None => out.push_str(line),
        }
    }
    out
}

/// Takes the marks out of a text; the last one's contents.
fn unmark(text: &str) -> (String, Option<(String, usize)>) {
    let mut out = String::with_capacity(text.len());
    let mut found = None;
    let mut rest = text;
    while let Some(open) = rest.find(MARK_OPEN) {
        out.push_str(&rest[..open]);
        let inner = &rest[open + MARK_OPEN.len_utf8()..];
        let Some(close) = inner.find(MARK_CLOSE) else { break };
        if let Some((id, line)) = inner[..close].split_once(':') {
            found = Some((id.to_owned(), line.parse().unwrap_or(0)));
        }
        rest = &inner[close + MARK_CLOSE.len_utf8()..];
    }
    out.push_str(rest);
    (out, found)
}

/// Splits rendered, marked Markdown.
pub(super) fn split(text: &str) -> RenderedPage {
    let mut page = RenderedPage::default();
    let mut cuts: Vec<(usize, SectionKind, usize)> = vec![(0, SectionKind::Opening, 1)];
    for (event, at) in Parser::new(text).into_offset_iter() {
        if !matches!(event, Event::Start(Tag::Heading { level: HeadingLevel::H2, .. })) {
            continue;
        }
        let line = text[at.start..].lines().next().unwrap_or_default();
        match unmark(line).1 {
            Some((id, line)) if id == "look-back" => {
                cuts.push((at.start, SectionKind::LookBack, line));
            }
            Some((id, line)) => cuts.push((at.start, SectionKind::Step(id), line)),
            None => {}
        }
    }
    for (n, (start, kind, line)) in cuts.iter().enumerate() {
        let end = cuts.get(n + 1).map_or(text.len(), |next| next.0);
        let marked = &text[*start..end];
        page.sections.push(Section {
            kind: kind.clone(),
            title: first_heading(marked),
            line: *line,
            markdown: unmark(marked).0,
            blocks: marked_blocks(marked),
        });
    }
    page.title = page.sections.first().map(|s| s.title.clone()).unwrap_or_default();
    page
}

fn first_heading(marked: &str) -> String {
    let mut inside = false;
    let mut title = String::new();
    for event in Parser::new(marked) {
        match event {
            Event::Start(Tag::Heading { .. }) => inside = true,
            Event::End(TagEnd::Heading(_)) => break,
            Event::Text(text) | Event::Code(text) if inside => title.push_str(&text),
            _ => {}
        }
    }
    unmark(&title).0.trim().to_owned()
}

fn marked_blocks(marked: &str) -> Vec<Block> {
    let mut found = Vec::new();
    let mut open: Option<Block> = None;
    for event in Parser::new(marked) {
        match event {
            Event::Start(Tag::CodeBlock(CodeBlockKind::Fenced(info))) => {
                let (info, mark) = unmark(&info);
                let kind = BlockKind::parse(&info)
                    .unwrap_or_else(|_| BlockKind::Shown(info.trim().to_owned()));
                let line = mark.map_or(0, |(_, line)| line);
                open = Some(Block { kind, source: String::new(), line });
            }
            Event::Text(text) => {
                if let Some(block) = &mut open {
                    block.source.push_str(&text);
                }
            }
            Event::End(TagEnd::CodeBlock) => found.extend(open.take()),
            _ => {}
        }
    }
    found
}

pub(super) fn line_of(text: &str, offset: usize) -> usize {
    text[..offset].matches('\n').count() + 1
}
