//! Markdown as plain lines: what is said, and that nothing is lost or invented.

use std::collections::BTreeSet;

use proptest::prelude::*;

use super::super::{
    Block, BlockKind, CodeBlock, Document, Inline, PlainLine, parse, plain, sanitize,
};
use super::properties::{markdown_like, solid};
use crate::course::Course;
use crate::i18n::{Lang, Words};

fn lines(markdown: &str) -> Vec<String> {
    let text = |line: PlainLine| format!("{}{}", " ".repeat(line.indent), line.text);
    plain(&parse(markdown), Lang::En.words(), 1).into_iter().map(text).collect()
}

#[track_caller]
fn says(markdown: &str, expected: &[&str]) {
    assert_eq!(lines(markdown), expected);
}

#[test]
fn headings_lists_and_alerts_say_what_they_are() {
    says(
        "## Deploy {#1d}\n\nRun `aws s3 ls` *now*.\n\n### Why\n\n1. one\n2. two\n   - deep\n",
        &[
            "Heading: Deploy",
            "",
            "Run aws s3 ls now.",
            "",
            "Subheading: Why",
            "",
            "1. one",
            "2. two",
            "  - deep",
        ],
    );
    says("- [x] a\n- [ ] b", &["- done: a", "- to do: b"]);
    says("> [!WARNING]\n> It costs money.", &["Warning: It costs money."]);
    says("> [!TIP]\n> one\n>\n> two", &["Tip:", "one", "", "two", "End: Tip."]);
    says("> quoted", &["Quote: quoted"]);
    says("a\n\n---\n\nb", &["a", "", "b"]);
    says("- ```sh\n  ls\n  ```", &["-", "  Code block 1, shell:", "ls", "  End of code block 1."]);
}

#[test]
fn code_is_announced_and_a_diff_is_said_in_words() {
    says(
        "```diff apply=template.yaml\n--- a/template.yaml\n+++ b/template.yaml\n@@ -3,2 +3,3 @@ Resources:\n keep\n--- it\n+++ that\n+  new\n```",
        &[
            "Code block 1, change to template.yaml:",
            "file before: a/template.yaml",
            "file after: b/template.yaml",
            "at line 3: Resources:",
            "keep: keep",
            // A header in the middle of a hunk is one only where both lines of it stand together.
            "file before: it",
            "file after: that",
            "add:   new",
            "End of code block 1.",
        ],
    );
    says(
        "```diff\n@@ -1 +1 @@\n--- it\n-x\n+++ y\n```",
        &[
            "Code block 1, diff:",
            "at line 1:",
            "remove: -- it",
            "remove: x",
            "add: ++ y",
            "End of code block 1.",
        ],
    );
    says(
        "```json file=a.json\n{}\n```",
        &["Code block 1, file a.json:", "{}", "End of code block 1."],
    );
    says("```\n\tx\n```", &["Code block 1:", "\tx", "End of code block 1."]);
}

#[test]
fn tables_are_said_a_row_at_a_time() {
    says(
        "| Route | Answer | |\n|---|---|---|\n| GET /capes | 200 | x |\n| DELETE /it | | |\n",
        &[
            "Table, rows: 2, columns: 3.",
            "Row 1:",
            "  Route: GET /capes",
            "  Answer: 200",
            "  Column 3: x",
            "Row 2:",
            "  Route: DELETE /it",
            "  Answer: empty",
            "  Column 3: empty",
            "End of table.",
        ],
    );
}

#[test]
fn links_footnotes_and_unknown_values_are_words() {
    says(
        "See [the docs](https://a.example)[^1].\n\n[^1]: A note.",
        &[
            "See the docs (link 1) (footnote 1).",
            "",
            "Footnote 1: A note.",
            "",
            "Link 1: https://a.example",
        ],
    );
    says("Call \u{e000}⟨api_url: step 0d⟩\u{e001}.", &["Call (not known yet: api_url: step 0d)."]);
}

/// Words that can be told from the page's.
fn marked() -> Words {
    let words = *Lang::En.words();
    Words {
        p_heading: "\u{f0000}H\u{f0001}",
        p_subheading: "\u{f0000}S\u{f0001}",
        p_named: "{}\u{f0000}:\u{f0001}",
        p_end: "\u{f0000}end {}\u{f0001}",
        p_quote: "\u{f0000}Q\u{f0001}",
        p_item: "\u{f0000}-\u{f0001}",
        p_number: "\u{f0000}{}.\u{f0001}",
        p_task_done: "\u{f0000}x\u{f0001}",
        p_task_open: "\u{f0000}o\u{f0001}",
        p_code: "\u{f0000}code {} {}\u{f0001}",
        p_code_bare: "\u{f0000}code {}\u{f0001}",
        p_code_end: "\u{f0000}end {}\u{f0001}",
        p_code_missing: "\u{f0000}missing {}\u{f0001}",
        p_table: "\u{f0000}table {} {}\u{f0001}",
        p_row: "\u{f0000}row {}\u{f0001}",
        p_column: "\u{f0000}column {}\u{f0001}",
        p_empty: "\u{f0000}empty\u{f0001}",
        p_table_end: "\u{f0000}end\u{f0001}",
        p_link: "\u{f0000}link {}\u{f0001}{}",
        p_link_mark: "\u{f0000}link\u{f0001}{}",
        p_footnote: "\u{f0000}note\u{f0001}{}",
        p_footnote_mark: "\u{f0000}note\u{f0001}{}",
        p_unknown: "\u{f0000}unknown\u{f0001}{}",
        p_diff_before: "\u{f0000}before\u{f0001}",
        p_diff_after: "\u{f0000}after\u{f0001}",
        p_diff_remove: "\u{f0000}-\u{f0001}",
        p_diff_add: "\u{f0000}+\u{f0001}",
        p_diff_keep: "\u{f0000}=\u{f0001}",
        m_note: "\u{f0000}N\u{f0001}",
        m_tip: "\u{f0000}T\u{f0001}",
        m_important: "\u{f0000}I\u{f0001}",
        m_warning: "\u{f0000}W\u{f0001}",
        m_caution: "\u{f0000}C\u{f0001}",
        ..words
    }
}

/// What is said of a document, but for the words that were added; without white space.
fn without_words(lines: &[PlainLine]) -> String {
    let mut depth = 0_usize;
    let mut out = String::new();
    for c in lines.iter().flat_map(|line| line.text.chars()) {
        match c {
            '\u{f0000}' => depth += 1,
            '\u{f0001}' => depth = depth.saturating_sub(1),
            c if depth == 0 => out.push(c),
            _ => {}
        }
    }
    solid(&out)
}

/// All text of a document, in the order in which it is said.
fn text_of(document: &Document) -> String {
    let mut out = String::new();
    collect(&document.blocks, &document.codes, &mut out);
    solid(&out)
}

fn collect(blocks: &[Block], codes: &[CodeBlock], out: &mut String) {
    for block in blocks {
        match &block.kind {
            BlockKind::Heading { text, .. } | BlockKind::Paragraph(text) => inline(text, out),
            BlockKind::Code(index) => out.push_str(&codes[*index].text),
            BlockKind::List { items, .. } => {
                for item in items {
                    collect(&item.blocks, codes, out);
                }
            }
            BlockKind::Quote { blocks, .. } => collect(blocks, codes, out),
            BlockKind::Footnote { label, blocks } => {
                out.push_str(label);
                collect(blocks, codes, out);
            }
            BlockKind::Table(table) => {
                if table.rows.is_empty() {
                    table.head.iter().for_each(|cell| inline(cell, out));
                }
                for row in &table.rows {
                    let columns = row.len().max(table.head.len());
                    for column in 0..columns {
                        let cells = [table.head.get(column), row.get(column)];
                        cells.into_iter().flatten().for_each(|cell| inline(cell, out));
                    }
                }
            }
            BlockKind::Rule => {}
            BlockKind::Links(targets) => targets.iter().for_each(|target| out.push_str(target)),
        }
    }
}

fn inline(text: &Inline, out: &mut String) {
    out.push_str(&text.text);
}

/// Brackets around marks and placeholders are said in words.
fn without_brackets(text: &str) -> String {
    text.chars().filter(|c| !"[]^<>⟨⟩".contains(*c)).collect()
}

#[test]
fn nothing_of_the_courses_pages_is_lost_or_invented() {
    let course = Course::embedded().unwrap();
    let values = course.values(&std::collections::BTreeMap::new());
    for (part, lang) in course.parts().flat_map(|part| ["en", "ja"].map(|lang| (part, lang))) {
        let Some(page) = course.render(part.id, lang, &values, &BTreeSet::new()).unwrap() else {
            continue;
        };
        for section in page.sections {
            let mut document = parse(&section.markdown);
            // A diff's signs are words: that is tested apart.
            for code in document.codes.iter_mut().filter(|code| code.language() == "diff") {
                code.info = "text".to_owned();
            }
            let said = without_words(&plain(&document, &marked(), 1));
            assert_eq!(without_brackets(&said), without_brackets(&text_of(&document)));
        }
    }
}

proptest! {
    #[test]
    fn no_character_is_lost_or_invented(text in markdown_like()) {
        let document = parse(&text);
        let lines = plain(&document, &marked(), 1);
        let said = without_words(&lines);
        prop_assert_eq!(without_brackets(&said), without_brackets(&text_of(&document)));
        for line in &lines {
            let hidden = |c: char| c.is_control() && !(line.code && c == '\t');
            prop_assert!(!line.text.chars().any(hidden), "{:?}", line);
        }
    }

    #[test]
    fn no_line_of_code_is_changed(text in "[ -~\n\t日あ🌞]{0,80}", indented in any::<bool>()) {
        let item = if indented { "- " } else { "" };
        let inner = sanitize::clean(&text).replace("```", "");
        let body = inner.replace('\n', if indented { "\n  " } else { "\n" });
        let document = parse(&format!("{item}```sh\n{body}\n"));
        let lines = plain(&document, Lang::En.words(), 1);
        let code: Vec<String> = lines.into_iter().filter(|l| l.code).map(|l| l.text).collect();
        let whole: String = document.codes.iter().map(|code| code.text.as_str()).collect();
        prop_assert_eq!(code, whole.lines().map(str::to_owned).collect::<Vec<_>>());
    }

    #[test]
    fn a_diff_loses_its_signs_alone(
        rest in prop::collection::vec(("[-+ ]", "[a-z -~]{0,12}"), 0..12),
    ) {
        let diff: Vec<String> = rest.iter().map(|(sign, text)| format!("{sign}{text}")).collect();
        let info = "diff".to_owned();
        let text = format!("@@ -1 +1 @@\n{}", diff.join("\n"));
        let code = CodeBlock { info, text, ..CodeBlock::default() };
        let block = Block { kind: BlockKind::Code(0), source: 0..0 };
        let document = Document { blocks: vec![block], codes: vec![code] };
        let said = plain(&document, Lang::En.words(), 1);
        let said: Vec<&str> = said.iter().filter(|l| l.code).map(|l| l.text.as_str()).collect();
        prop_assert_eq!(said.len(), diff.len() + 1);
        for (line, (sign, text)) in said[1..].iter().zip(&rest) {
            let word = match sign.as_str() { "-" => "remove: ", "+" => "add: ", _ => "keep: " };
            let header = line.starts_with("file ");
            let expected = format!("{word}{text}");
            prop_assert!(header || *line == expected.as_str(), "{:?} of {:?}", line, expected);
        }
    }
}
