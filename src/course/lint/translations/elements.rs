//! What a section of a page is made of: Markdown's elements, and the template's tags.

use pulldown_cmark::{BlockQuoteKind, CodeBlockKind, Event, Options, Parser, Tag as Start, TagEnd};

use crate::course::translation::{PageSection, is_same, same_blocks};

/// An element of Markdown.
#[derive(Debug)]
pub(super) struct Element {
    /// What it is, with its article.
    pub(super) what: String,
    /// Its byte in the page.
    pub(super) at: usize,
    /// A block's text, where it must be the same in every language.
    pub(super) code: Option<String>,
}

/// A section's elements in order, without running text and comments.
pub(super) fn elements(section: &PageSection<'_>) -> Vec<Element> {
    let options = Options::ENABLE_TABLES
        | Options::ENABLE_FOOTNOTES
        | Options::ENABLE_TASKLISTS
        | Options::ENABLE_GFM;
    let mut found: Vec<Element> = Vec::new();
    let mut inside = false;
    for (event, at) in Parser::new_ext(section.text, options).into_offset_iter() {
        match &event {
            Event::Text(text) if inside => {
                if let Some(code) = found.last_mut().and_then(|element| element.code.as_mut()) {
                    code.push_str(text);
                }
            }
            Event::End(TagEnd::CodeBlock) => inside = false,
            Event::Start(Start::HtmlBlock) if section.text[at.clone()].starts_with("<!--") => {}
            _ => {
                let Some(what) = what(&event) else { continue };
                let code = match &event {
                    Event::Start(Start::CodeBlock(kind)) => {
                        inside = true;
                        matches!(kind, CodeBlockKind::Fenced(info) if is_same(info))
                            .then(String::new)
                    }
                    _ => None,
                };
                found.push(Element { what, at: section.range.start + at.start, code });
            }
        }
    }
    found
}

/// What an event begins; none for what can be put otherwise in another language.
fn what(event: &Event<'_>) -> Option<String> {
    let Event::Start(tag) = event else {
        return match event {
            Event::Rule => Some("a rule".to_owned()),
            Event::TaskListMarker(_) => Some("a check box".to_owned()),
            _ => None,
        };
    };
    Some(match tag {
        Start::Paragraph => "a paragraph".to_owned(),
        Start::Heading { level, .. } => format!("a heading of level {}", *level as u8),
        Start::BlockQuote(kind) => quote(*kind).to_owned(),
        Start::CodeBlock(CodeBlockKind::Fenced(info)) => format!("a block `{info}`"),
        Start::CodeBlock(CodeBlockKind::Indented) => "an indented block".to_owned(),
        Start::HtmlBlock => "HTML".to_owned(),
        Start::List(Some(_)) => "a numbered list".to_owned(),
        Start::List(None) => "a list".to_owned(),
        Start::Item => "a list item".to_owned(),
        Start::FootnoteDefinition(_) => "a footnote".to_owned(),
        Start::Table(columns) => format!("a table of {} columns", columns.len()),
        Start::TableRow => "a table row".to_owned(),
        _ => return None,
    })
}

fn quote(kind: Option<BlockQuoteKind>) -> &'static str {
    match kind {
        None => "a quotation",
        Some(BlockQuoteKind::Note) => "a note",
        Some(BlockQuoteKind::Tip) => "a tip",
        Some(BlockQuoteKind::Important) => "an important note",
        Some(BlockQuoteKind::Warning) => "a warning",
        Some(BlockQuoteKind::Caution) => "a caution",
    }
}

/// A tag of the template: a value, or section of a condition.
#[derive(Debug)]
pub(super) struct Tag {
    /// As written, white space aside.
    pub(super) text: String,
    /// Its byte in the page.
    pub(super) at: usize,
}

/// The tags outside of the blocks that are compared as they stand.
pub(super) fn tags(section: &PageSection<'_>) -> Vec<Tag> {
    let blocks = same_blocks(section.text);
    let mut found = Vec::new();
    let mut from = 0;
    while let Some(open) = section.text[from..].find(['{']).map(|n| from + n) {
        let rest = &section.text[open..];
        let close = match rest.get(..2) {
            Some("{{") => rest.find("}}"),
            Some("{%") => rest.find("%}"),
            _ => None,
        };
        let Some(close) = close else {
            from = open + 1;
            continue;
        };
        from = open + close + 2;
        if !blocks.iter().any(|block| block.contains(&open)) {
            let words: Vec<&str> = section.text[open..from].split_whitespace().collect();
            found.push(Tag { text: words.join(" "), at: section.range.start + open });
        }
    }
    found
}
