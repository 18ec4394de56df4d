//! A page's sections as the interface shows them.

use crate::course::{RenderedPage, SectionKind};
use crate::markdown::{Block, BlockKind, Document, Inline, Run, highlight, parse, sanitize};

use super::place::Outline;

/// A section, ready to be laid out.
#[derive(Debug)]
pub(super) struct Section {
    /// The step that it instructs; none for opening and look-back.
    pub(super) step: Option<String>,
    /// Its heading, without markup.
    pub(super) title: String,
    /// What it says.
    pub(super) document: Document,
    /// Its blocks, to find a place in it again.
    pub(super) outline: Outline,
    /// Not in the page's language.
    pub(super) foreign: bool,
}

/// The sections of a rendered page: steps numbered, the module's title off, the code in colours
/// where they are wanted.
pub(super) fn sections(page: &RenderedPage, colours: bool) -> Vec<Section> {
    let section = |section: &crate::course::Section| {
        let markdown = sanitize::clean(&section.markdown);
        let mut document = parse(&markdown);
        if colours {
            for code in &mut document.codes {
                code.tokens = Some(highlight(code));
            }
        }
        let step = match &section.kind {
            SectionKind::Step(id) => Some(id.clone()),
            SectionKind::Opening | SectionKind::LookBack => None,
        };
        match &step {
            Some(id) => number_heading(&mut document, id),
            None => drop_title(&mut document),
        }
        let outline = Outline::of(&document, &markdown);
        let title = section.title.clone();
        Section { step, title, document, outline, foreign: !section.translated }
    };
    page.sections.iter().map(section).collect()
}

/// Takes the module's title off its page: the pane has it.
fn drop_title(document: &mut Document) {
    let is_title = |block: &Block| matches!(block.kind, BlockKind::Heading { level: 1, .. });
    if document.blocks.len() > 1 && document.blocks.first().is_some_and(is_title) {
        document.blocks.remove(0);
    }
}

/// Puts a step's number before its heading, as the proof names it.
fn number_heading(document: &mut Document, id: &str) {
    if let Some(Block { kind: BlockKind::Heading { text, .. }, .. }) = document.blocks.first_mut()
        && let Some(first) = text.runs.first()
    {
        let mut numbered = Inline::default();
        numbered.push_whole(&format!("{id} "), first.face, None, first.source);
        let shift = numbered.text.len();
        numbered.text.push_str(&text.text);
        numbered.runs.extend(
            text.runs
                .drain(..)
                .map(|run| Run { range: run.range.start + shift..run.range.end + shift, ..run }),
        );
        *text = numbered;
    }
}
