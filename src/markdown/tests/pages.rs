//! The course's own pages, wrapped: every paragraph, heading, list item and cell of them.

use std::collections::{BTreeMap, BTreeSet};

use unicode_segmentation::UnicodeSegmentation;

use super::super::wrap::{spans, wrap};
use super::super::{Block, BlockKind, Inline, parse, width};
use super::properties::solid;
use crate::course::Course;

/// Narrow columns one by one, then those of usual terminals, and very wide ones.
const WIDTHS: [usize; 34] = [
    1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 14, 16, 18, 20, 24, 28, 32, 38, 44, 50, 58, 64, 72, 78,
    80, 100, 118, 120, 140, 200, 299, 300,
];

/// Closing punctuation, and small letters and marks that belong to what stands before them.
const NOT_FIRST: &str = "、。，．・：；？！）］｝〕〉》」』】ー々っゃゅょッャュョァィェ";
const NOT_LAST: &str = "（［｛〔〈《「『【";

/// The texts of the course's pages in a language, before and after everything is done.
fn texts(lang: &str) -> Vec<Inline> {
    let course = Course::embedded().unwrap();
    let values = course.values(&BTreeMap::new());
    let mut found = Vec::new();
    for module in course.modules.iter().filter(|m| m.pages.contains_key(lang)) {
        for done in [BTreeSet::new(), course.done_ids()] {
            let page = course.render(module.entry.number, lang, &values, &done).unwrap().unwrap();
            for section in page.sections {
                collect(parse(&section.markdown).blocks, &mut found);
            }
        }
    }
    found.sort_by(|a, b| a.text.cmp(&b.text));
    found.dedup_by(|a, b| a.text == b.text);
    found
}

fn collect(blocks: Vec<Block>, found: &mut Vec<Inline>) {
    for block in blocks {
        match block.kind {
            BlockKind::Heading { text, .. } | BlockKind::Paragraph(text) => found.push(text),
            BlockKind::List { items, .. } => {
                for item in items {
                    collect(item.blocks, found);
                }
            }
            BlockKind::Quote { blocks, .. } | BlockKind::Footnote { blocks, .. } => {
                collect(blocks, found);
            }
            BlockKind::Table(table) => {
                found.extend(table.head);
                found.extend(table.rows.into_iter().flatten());
            }
            BlockKind::Code(_) | BlockKind::Rule | BlockKind::Links(_) => {}
        }
    }
}

fn rows(text: &Inline, columns: usize) -> Vec<String> {
    let row = |line| spans(text, &line, columns).into_iter().map(|span| span.text).collect();
    wrap(text, columns).into_iter().map(row).collect()
}

#[test]
fn no_row_of_a_page_is_too_wide_and_no_character_is_lost_or_invented() {
    for lang in ["en", "ja"] {
        let texts = texts(lang);
        assert!(texts.len() > 300, "{lang}: {}", texts.len());
        for (text, columns) in texts.iter().flat_map(|text| WIDTHS.map(|columns| (text, columns))) {
            let rows = rows(text, columns);
            for row in &rows {
                assert!(width(row) <= columns, "{columns}: {row}");
            }
            // What is wider than the whole column is shown as one mark instead.
            if text.text.graphemes(true).all(|cluster| width(cluster) <= columns) {
                assert_eq!(solid(&rows.concat()), solid(&text.text), "{lang} at {columns}");
            }
        }
    }
}

#[test]
fn japanese_rows_begin_and_end_as_they_may() {
    for text in texts("ja") {
        // Narrower ones leave no choice.
        for columns in WIDTHS.into_iter().filter(|columns| *columns >= 8) {
            let rows = rows(&text, columns);
            for pair in rows.windows(2) {
                let last = pair[0].chars().next_back().unwrap_or('x');
                let first = pair[1].chars().next().unwrap_or('x');
                let shown = rows.join("\n");
                assert!(!NOT_LAST.contains(last), "{columns}: a row ends in {last}\n{shown}");
                assert!(
                    !NOT_FIRST.contains(first),
                    "{columns}: a row begins with {first}\n{shown}"
                );
            }
        }
    }
}

#[test]
fn a_number_stays_with_what_it_counts() {
    let document = parse("ステートメントは、全部で 2 つです。");
    let BlockKind::Paragraph(text) = &document.blocks[0].kind else { panic!("{document:?}") };
    assert_eq!(rows(text, 26), ["ステートメントは、全部で", "2 つです。"]);
    // A particle belongs to what stands before the number.
    let document = parse("次の作業は、モジュール 10 では行いません。");
    let BlockKind::Paragraph(text) = &document.blocks[0].kind else { panic!("{document:?}") };
    assert_eq!(rows(text, 26), ["次の作業は、モジュール 10", "では行いません。"]);
}

#[test]
fn a_long_name_takes_its_full_stop_along() {
    let document = parse("`abcdefghij`。「`klmnopqrst`」");
    let BlockKind::Paragraph(text) = &document.blocks[0].kind else { panic!("{document:?}") };
    assert_eq!(rows(text, 10), ["abcdefghi", "j。", "「klmnopqr", "st」"]);
}
