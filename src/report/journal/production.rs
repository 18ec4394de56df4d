//! What production would need, as a page's look back says it.

use std::ops::Range;

use pulldown_cmark::{Event, Parser, Tag};

/// The end of a look back: behind its last paragraph that begins with strong words (*What would
/// production need?*), the rest of that paragraph and the list that follows. Markdown, without
/// the strong words.
pub(super) fn production(look_back: &str) -> Option<String> {
    let blocks = blocks(look_back);
    let at = blocks.iter().rposition(|block| block.question.is_some())?;
    let question = blocks[at].question.clone()?;
    let rest = look_back[question.end..blocks[at].at.end].trim();
    let list = blocks.get(at + 1).filter(|block| block.list);
    let list = list.map_or("", |block| look_back[block.at.clone()].trim_end());
    let text = [rest, list].into_iter().filter(|part| !part.is_empty());
    let text = text.collect::<Vec<_>>().join("\n\n");
    (!text.is_empty()).then_some(text)
}

/// A block of the text, not of a list or quote in it.
struct Block {
    at: Range<usize>,
    list: bool,
    /// Where a paragraph's strong beginning stands.
    question: Option<Range<usize>>,
}

fn blocks(text: &str) -> Vec<Block> {
    let mut blocks: Vec<Block> = Vec::new();
    let mut depth = 0_usize;
    let mut first = false;
    for (event, at) in Parser::new(text).into_offset_iter() {
        match event {
            Event::Start(tag) => {
                if depth == 0 {
                    let list = matches!(tag, Tag::List(_));
                    blocks.push(Block { at, list, question: None });
                    first = matches!(tag, Tag::Paragraph);
                } else if depth == 1 && first {
                    first = false;
                    if let (Tag::Strong, Some(block)) = (tag, blocks.last_mut()) {
                        block.question = Some(at);
                    }
                }
                depth += 1;
            }
            Event::End(_) => depth = depth.saturating_sub(1),
            _ => first = false,
        }
    }
    blocks
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::course::{Course, SectionKind};

    #[test]
    fn the_list_behind_the_last_question() {
        let page = "## Look back\n\n**What stops him?** This:\n\n```sh\n**x**\n```\n\n- no\n\n\
            **Production?**\n\n- One\n  more.\n- `Two`\n\nRemove it:\n\n```sh\nrm -r .secrets\n```\n";
        assert_eq!(production(page).unwrap(), "- One\n  more.\n- `Two`");
    }

    #[test]
    fn the_paragraph_itself() {
        let page = "**First?** A.\n\n**What *else*?** An account\nfor each stage.\n\nKeep it.\n";
        assert_eq!(production(page).unwrap(), "An account\nfor each stage.");
    }

    #[test]
    fn nothing_where_nothing_is_said() {
        for page in ["", "Plain **strong** words.\n", "**Alone?**\n", "- **In a list?** No.\n"] {
            assert_eq!(production(page), None, "{page}");
        }
    }

    /// The journal takes it from the pages of our course: each must say it.
    #[test]
    fn every_page_says_what_production_would_need() {
        let course = Course::embedded().unwrap();
        let values = course.values(&std::collections::BTreeMap::new());
        for module in course.modules.iter().filter(|module| module.is_written()) {
            for lang in module.pages.keys() {
                let number = module.entry.number;
                let page = course.render(number, lang, &values, &BTreeSet::new()).unwrap().unwrap();
                let back = page.sections.iter().find(|s| s.kind == SectionKind::LookBack);
                let said = back.and_then(|section| production(&section.markdown));
                assert!(said.is_some_and(|text| text.len() > 60), "module {number} in {lang}");
            }
        }
    }
}
