//! Whatever the text and the width: no row is too wide, no character is lost, none is invented.

use proptest::prelude::*;
use unicode_segmentation::UnicodeSegmentation;

use super::*;

/// Every width that a pane may have.
const COLUMNS: std::ops::RangeInclusive<usize> = 1..=300;

/// Markdown's own signs among text of many scripts.
pub(super) fn markdown_like() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        "\\PC{0,12}",
        "[a-z ]{0,20}",
        "[ぁ-んア-ン一-龠、。「」ー]{0,12}",
        "[가-힣 ]{0,12}",
        Just("\u{1f469}\u{200d}\u{1f4bb}e\u{301}🌞".to_owned()),
        Just("\n\n".to_owned()),
        Just("\n".to_owned()),
        prop::sample::select(vec![
            "# ",
            "## x {#1d}\n",
            "- ",
            "- [ ] ",
            "1. ",
            "> ",
            "> [!NOTE]\n> ",
            "```sh run\n",
            "```\n",
            "| a | b |\n|---|:-:|\n| c | d |\n",
            "**",
            "*",
            "~~",
            "`",
            "[x](http://y)",
            "<b>",
            "<!-- c -->",
            "---\n",
            "    ",
            "\t",
            "\\",
            "&amp;",
            "\u{1b}[1m",
            "\u{e000}v\u{e001}",
            "[^1]: ",
            "[^1]",
            "  \n",
        ])
        .prop_map(str::to_owned),
    ];
    prop::collection::vec(piece, 0..24).prop_map(|parts| parts.concat())
}

/// Markdown that was composed, and the text that a reader has to see of it.
#[derive(Debug, Clone, Default)]
struct Written {
    markdown: String,
    said: String,
}

impl Written {
    fn joined(parts: Vec<Self>, between: &str) -> Self {
        let (markdown, said): (Vec<_>, Vec<_>) =
            parts.into_iter().map(|part| (part.markdown, part.said)).unzip();
        Self { markdown: markdown.join(between), said: said.concat() }
    }

    /// With something before its first line and before the others.
    fn behind(self, first: &str, others: &str) -> Self {
        let markdown = format!("{first}{}", self.markdown.replace('\n', &format!("\n{others}")));
        Self { markdown, ..self }
    }
}

/// What only content is written in: the interface's words and signs have none of it.
fn is_content(c: char) -> bool {
    let private = '\u{e000}'..='\u{f8ff}';
    "BDFHJKLQSVXYZ\u{301}\u{200d}".contains(c) || (c >= '\u{3000}' && !private.contains(&c))
}

fn word() -> impl Strategy<Value = String> {
    prop_oneof![
        4 => "[BDFHJKLQSVXYZ]{1,12}",
        3 => "[ぁ-んァ-ヴ一-龠、。「」ー]{1,12}",
        1 => "[가-힣]{1,6}",
        1 => "[BDFHJKLQSVXYZ]{40,90}",
        1 => prop::sample::select(vec!["Z\u{301}", "か\u{301}", "👩\u{200d}💻", "🌞", "👨\u{200d}👩\u{200d}👧"])
            .prop_map(str::to_owned),
    ]
}

/// A word with Markdown around it.
fn styled() -> impl Strategy<Value = Written> {
    let around = prop::sample::select(vec![
        ("", ""),
        ("", ""),
        ("**", "**"),
        ("*", "*"),
        ("~~", "~~"),
        ("`", "`"),
        ("[", "](https://e.example/a)"),
        ("![", "](https://e.example/i.png \"t\")"),
        ("[**", "**](#a)"),
        ("<b>", "</b>"),
        ("<!-- c -->", ""),
        ("\u{e000}", "\u{e001}"),
        ("`\u{e000}", "\u{e001}`"),
        ("", "[^1]"),
        ("", "&amp;"),
        ("", "<br>"),
    ]);
    (word(), around).prop_map(|(said, (before, after))| Written {
        markdown: format!("{before}{said}{after}"),
        said,
    })
}

/// Words on one line.
fn line() -> impl Strategy<Value = Written> {
    (prop::collection::vec(styled(), 1..7), prop::sample::select(vec![" ", "  ", ""]))
        .prop_map(|(words, between)| Written::joined(words, between))
}

/// Lines of a paragraph, with soft and hard breaks.
fn paragraph() -> impl Strategy<Value = Written> {
    (prop::collection::vec(line(), 1..4), prop::sample::select(vec!["\n", "  \n", "\\\n"]))
        .prop_map(|(lines, between)| Written::joined(lines, between))
}

fn code() -> impl Strategy<Value = Written> {
    let words =
        (prop::collection::vec(word(), 0..7), prop::sample::select(vec![" ", "\t", "    "]));
    let line = words.prop_map(|(words, between)| {
        let markdown = format!("{between}{}", words.join(between));
        Written { markdown, said: words.concat() }
    });
    let info = prop::sample::select(vec!["", "sh run", "diff apply=a.yaml", "json file=b"]);
    (prop::collection::vec(line, 0..4), info).prop_map(|(lines, info)| {
        let Written { markdown, said } = Written::joined(lines, "\n");
        Written { markdown: format!("```{info}\n{markdown}\n```"), said }
    })
}

/// A block that holds no others.
fn leaf() -> impl Strategy<Value = Written> {
    let plain = |markdown: &str| Just(Written { markdown: markdown.into(), said: String::new() });
    prop_oneof![
        4 => paragraph(),
        2 => (line(), 1usize..=6).prop_map(|(text, level)| {
            text.behind(&format!("{} ", "#".repeat(level)), "")
        }),
        2 => code(),
        1 => word().prop_map(|said| {
            Written { markdown: format!("<div>\n{said}\n</div>"), said }
        }),
        1 => plain("<!-- comment -->"),
        1 => plain("---"),
    ]
}

/// Blocks in lists, task lists, quotations and alerts, some levels deep.
fn blocks() -> impl Strategy<Value = Written> {
    let deeper = |inner: BoxedStrategy<Written>| {
        let several = prop::collection::vec(inner, 1..4);
        let list = (several.clone(), prop::sample::select(vec!["- ", "* [ ] ", "- [x] ", "7. "]));
        let list = list.prop_map(|(items, marker)| {
            let indent = " ".repeat(if marker.starts_with('7') { 3 } else { 2 });
            let items = items.into_iter().map(|item| item.behind(marker, &indent)).collect();
            Written::joined(items, "\n")
        });
        let kind = prop::sample::select(vec!["", "[!NOTE]\n", "[!WARNING]\n"]);
        let quote = (several, kind).prop_map(|(blocks, kind)| {
            let Written { markdown, said } = Written::joined(blocks, "\n\n");
            Written { markdown: format!("{kind}{markdown}"), said }.behind("> ", "> ")
        });
        prop_oneof![list, quote].boxed()
    };
    let nested = leaf().boxed().prop_recursive(4, 24, 3, deeper);
    (prop::collection::vec(nested, 1..6), prop::option::of(line())).prop_map(|(blocks, note)| {
        let note = note.map(|note| note.behind("[^1]: ", "    "));
        Written::joined(blocks.into_iter().chain(note).collect(), "\n\n")
    })
}

/// A table's head and its rows.
fn table() -> impl Strategy<Value = (Vec<Written>, Vec<Vec<Written>>)> {
    (1usize..6).prop_flat_map(|columns| {
        let row = move || prop::collection::vec(line(), columns);
        (row().boxed(), prop::collection::vec(row(), 1..4))
    })
}

fn table_markdown(head: &[Written], rows: &[Vec<Written>]) -> String {
    let row = |cells: &[Written]| {
        let cells: Vec<&str> = cells.iter().map(|cell| cell.markdown.as_str()).collect();
        format!("| {} |", cells.join(" | "))
    };
    let rule = ["---", ":-:", "--:"].iter().cycle().take(head.len()).copied();
    let rule = format!("|{}|", rule.collect::<Vec<_>>().join("|"));
    let rows = rows.iter().map(|cells| row(cells));
    [row(head), rule].into_iter().chain(rows).collect::<Vec<_>>().join("\n")
}

/// The page, with no word of the interface in what content is written in.
fn page(markdown: &str, columns: usize) -> Page {
    layout(&parse(markdown), columns, &Labels { links: "links", ..Labels::default() })
}

/// What a reader sees of the content.
fn seen(page: &Page) -> Vec<String> {
    let text: Vec<String> = page.rows.iter().map(Row::text).collect();
    clusters(&text.join("\n"), usize::MAX)
}

/// The clusters of a text's content; those that are too wide for the column are left out, since a
/// sign stands for them.
fn clusters(text: &str, columns: usize) -> Vec<String> {
    let content = text.graphemes(true).filter(|cluster| cluster.chars().any(is_content));
    content.filter(|cluster| width(cluster) <= columns).map(str::to_owned).collect()
}

fn fits(page: &Page, columns: usize) -> Result<(), TestCaseError> {
    for row in &page.rows {
        let fixed = row.width() - row.scroll_width();
        prop_assert!(fixed <= columns, "{columns}: {row:?}");
        prop_assert!(!row.text().chars().any(char::is_control), "{row:?}");
    }
    prop_assert!(page.rows.is_sorted_by_key(|row| row.source.start));
    Ok(())
}

/// Characters in order, without white space and what the terminal drops.
pub(super) fn solid(text: &str) -> String {
    text.chars().filter(|c| !c.is_whitespace()).collect()
}

proptest! {
    #[test]
    fn no_row_of_any_text_is_wider_than_the_column(text in markdown_like(), columns in COLUMNS) {
        fits(&Render::of(&text).columns(columns).page(), columns)?;
    }

    #[test]
    fn a_page_shows_its_characters_each_once_and_in_order(
        written in blocks(),
        columns in prop_oneof![1 => 1usize..20, 1 => COLUMNS],
    ) {
        let page = page(&written.markdown, columns);
        fits(&page, columns)?;
        // In one column wide characters are signs, but not in code, which is never broken.
        prop_assume!(columns > 1 || page.rows.iter().all(|row| row.code.is_none()));
        prop_assert_eq!(seen(&page), clusters(&written.said, columns), "{}", written.markdown);
    }

    #[test]
    fn a_table_shows_its_characters_once_or_its_titles_in_each_record(
        (head, rows) in table(),
        columns in prop_oneof![1 => 1usize..60, 1 => COLUMNS],
    ) {
        let page = page(&table_markdown(&head, &rows), columns);
        fits(&page, columns)?;
        let of = |titles: usize| {
            let titles = std::iter::repeat_n(&head, titles).flatten();
            let cells = titles.chain(rows.iter().flatten());
            let mut all: Vec<_> = cells.flat_map(|cell| clusters(&cell.said, columns)).collect();
            all.sort_unstable();
            all
        };
        let mut shown = seen(&page);
        shown.sort_unstable();
        prop_assert!(shown == of(1) || shown == of(rows.len()), "{shown:?}");
    }

    #[test]
    fn running_text_keeps_every_character(
        text in "(\\PC|[a-z、。가-힣ー ]){0,80}",
        columns in COLUMNS,
    ) {
        // A cluster that is wider than the column is shown as one mark instead.
        let clean = sanitize::clean(&text);
        let shown = clean.graphemes(true).map(|one| if width(one) > columns { "?" } else { one });
        let expected: String = shown.collect();
        let rows = wrap_text(&text, columns);
        prop_assert_eq!(solid(&rows.concat()), solid(&expected));
        for row in rows {
            prop_assert!(width(&row) <= columns);
        }
    }
}
