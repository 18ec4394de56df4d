//! What a manifest says for looking back: the module's attack, and the questions at its end.

use std::collections::BTreeSet;

use pulldown_cmark::{Event, Parser, Tag};

use super::{is_slug, text};
use crate::course::lint::{File, Linter, PartFiles};
use crate::course::model::{CourseIndex, Manifest, Text};
use crate::course::part::PartId;

pub(super) fn check(
    linter: &mut Linter<'_>,
    index: &CourseIndex,
    part: &PartFiles<'_>,
    file: &File<'_, Manifest>,
) {
    if part.id == PartId::Cleanup {
        let fields = [
            ("attack", file.value.attack.is_some()),
            ("questions", !file.value.questions.is_empty()),
        ];
        for (field, _) in fields.into_iter().filter(|(_, is_there)| *is_there) {
            let message = format!("the clean-up has no {field}");
            linter.out.push(file.at_key(&[field], message, "move it to a module"));
        }
    }
    if let Some(attack) = &file.value.attack {
        paragraph(linter, index, file, &["attack", "before"], &attack.before);
        paragraph(linter, index, file, &["attack", "after"], &attack.after);
    }
    let mut seen = BTreeSet::new();
    for (n, question) in file.value.questions.iter().enumerate() {
        let n = n.to_string();
        let at = |field| ["questions", n.as_str(), field];
        if !is_slug(&question.id) {
            let message = format!("`{}` is no id", question.id);
            linter.out.push(file.at(&at("id"), message, "use a-z, 0-9 and -"));
        }
        if !seen.insert(question.id.as_str()) {
            let message = format!("question `{}` is there twice", question.id);
            linter.out.push(file.at(&at("id"), message, "rename one"));
        }
        paragraph(linter, index, file, &at("ask"), &question.ask);
        paragraph(linter, index, file, &at("answer"), &question.answer);
    }
}

/// A text that stands in lists and tables: one paragraph in each language.
fn paragraph(
    linter: &mut Linter<'_>,
    index: &CourseIndex,
    file: &File<'_, Manifest>,
    path: &[&str],
    words: &Text,
) {
    text(linter, file, path, words, &index.languages);
    for (language, _) in words.0.iter().filter(|(_, words)| !is_paragraph(words)) {
        let message = format!("this is more than a paragraph in `{language}`");
        let remedy = "write plain sentences, without headings, lists, blocks and empty lines";
        linter.out.push(file.at(&[path, &[language]].concat(), message, remedy));
    }
}

fn is_paragraph(words: &str) -> bool {
    let starts = |event: Event<'_>| match event {
        Event::Start(tag) if !is_inline(&tag) => Some(matches!(tag, Tag::Paragraph)),
        Event::Html(_) | Event::InlineHtml(_) | Event::Rule => Some(false),
        _ => None,
    };
    let blocks: Vec<bool> = Parser::new(words).filter_map(starts).collect();
    words.trim().is_empty() || blocks == [true]
}

fn is_inline(tag: &Tag<'_>) -> bool {
    matches!(tag, Tag::Emphasis | Tag::Strong | Tag::Strikethrough | Tag::Link { .. })
}
