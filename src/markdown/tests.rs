//! What a reader sees of a Markdown text.

use proptest::prelude::*;

mod pages;
mod plain;
mod properties;

use super::*;

/// A fluent in-memory rendering: `Render::of(md).columns(40).lines()`.
struct Render {
    document: Document,
    columns: usize,
}

impl Render {
    fn of(markdown: &str) -> Self {
        Self { document: parse(markdown), columns: 80 }
    }

    fn columns(mut self, columns: usize) -> Self {
        self.columns = columns;
        self
    }

    fn page(&self) -> Page {
        layout(&self.document, self.columns, &Labels::default())
    }

    fn lines(&self) -> Vec<String> {
        self.page().rows.iter().map(|row| row.text().trim_end().to_owned()).collect()
    }
}

#[track_caller]
fn shows(markdown: &str, columns: usize, expected: &[&str]) {
    assert_eq!(Render::of(markdown).columns(columns).lines(), expected);
}

#[test]
fn the_character_that_ratatui_lost_is_there() {
    let lines = Render::of("…結合後，這個 vault 不只是記事本").columns(30).lines();
    assert!(lines.concat().contains("vault"), "{lines:?}");
}

#[test]
fn an_emoji_in_two_columns_does_not_panic() {
    shows("a🌞b", 2, &["a", "🌞", "b"]);
    shows("a🌞b", 1, &["a", "?", "b"]);
}

#[test]
fn no_line_begins_with_a_japanese_comma_or_full_stop() {
    let text = "認証と認可を設定します。次に、トークンを取得し、「API」を呼び出してください。キャッシュも確認。";
    for columns in 8..60 {
        for line in Render::of(text).columns(columns).lines() {
            let first = line.chars().next().unwrap_or('x');
            assert!(!"、。」ッャュー".contains(first), "{columns}: {line}");
        }
    }
}

#[test]
fn korean_words_and_inline_code_stay_whole() {
    shows("보안 그룹을 설정합니다", 12, &["보안 그룹을", "설정합니다"]);
    shows("Now run `aws s3 ls` again", 14, &["Now run", "aws s3 ls", "again"]);
    // Code wider than the column breaks where its words end.
    shows(
        "`aws deploy --template-file x.yaml` now",
        24,
        &["aws deploy", "--template-file x.yaml", "now"],
    );
    shows("`한국어코드`", 4, &["한국", "어코", "드"]);
}

#[test]
fn a_line_end_in_japanese_source_is_no_space() {
    shows("認証を\n設定する and\nthen", 80, &["認証を設定する and then"]);
    shows("開く。\nAPI を（\nAPI\n）呼ぶ", 80, &["開く。API を（API）呼ぶ"]);
}

#[test]
fn lists_hang_and_nest() {
    let text = "1. Open the template and edit it\n2. Deploy\n   - once\n   - twice\n";
    shows(
        text,
        20,
        &["1. Open the template", "   and edit it", "2. Deploy", "   - once", "   - twice"],
    );
    shows("- [x] done\n- [ ] open", 80, &["[x] done", "[ ] open"]);
    shows("9. a\n10. b", 80, &[" 9. a", "10. b"]);
}

#[test]
fn alerts_say_what_they_are() {
    shows("> [!WARNING]\n> Costs money.", 80, &["│ Warning", "│ Costs money."]);
    shows("> plain\n>\n> two", 80, &["│ plain", "│", "│ two"]);
}

#[test]
fn headings_keep_their_anchor() {
    let page = Render::of("# Title\n\ntext\n\n## Step {#1d}\n").columns(12).page();
    assert_eq!(page.anchors, [(5, "1d".to_owned())]);
    assert_eq!(page.rows[1].text(), "─".repeat(12));
    assert_eq!(page.rows[5].text(), "Step ───────");
}

#[test]
fn tables_shrink_and_then_become_records() {
    let text = "| Route | Answer |\n|---|--:|\n| GET /capes | 200 |\n| DELETE /it | 401 |\n";
    shows(
        text,
        40,
        &[
            "Route      │ Answer",
            "───────────┼───────",
            "GET /capes │    200",
            "DELETE /it │    401",
        ],
    );
    shows(
        text,
        12,
        &[
            "Route:",
            "  GET /capes",
            "Answer:",
            "  200",
            "────────",
            "Route:",
            "  DELETE /it",
            "Answer:",
            "  401",
        ],
    );
}

#[test]
fn code_is_never_wrapped_and_copies_exactly() {
    let text =
        "```sh run\naws cloudformation deploy --stack-name a-very-long-name\n\techo done\n```";
    let render = Render::of(text).columns(20);
    assert_eq!(
        render.lines(),
        [
            "┌─ shell ───────────",
            "│ aws cloudformation deploy --stack-name a-very-long-name",
            "│     echo done",
            "└───────────────────",
        ]
    );
    let code = &render.document.codes[0];
    assert_eq!(code.text, "aws cloudformation deploy --stack-name a-very-long-name\n\techo done\n");
    assert!(code.has("run") && code.language() == "sh");
    assert_eq!(render.page().rows[1].code, Some(CodeRow { block: 0, fixed: 1 }));
}

#[test]
fn placeholders_are_marked_without_colour() {
    let text =
        "Call \u{e000}api_url, step 0d\u{e001} now.\n\n```sh\ncurl \u{e000}api_url\u{e001}/x\n```";
    let render = Render::of(text);
    assert_eq!(render.lines()[0], "Call <api_url, step 0d> now.");
    let code = &render.document.codes[0];
    assert_eq!(code.text, "curl <api_url>/x\n");
    assert_eq!(code.missing.first(), Some(&(5..14)));
    assert_eq!(code.missing.len(), 1);
    let row = &render.page().rows[3];
    assert_eq!(row.spans[2], Span::new("<api_url>", Tone::Placeholder));
}

#[test]
fn links_are_numbered_and_listed_once() {
    shows(
        "See [the docs](https://a.example/x), [again](https://a.example/x), [here](#1d) and <https://b.example>.",
        100,
        &[
            "See the docs[1], again[1], here and https://b.example.",
            "",
            "Links",
            "[1] https://a.example/x",
        ],
    );
}

#[test]
fn comments_are_not_shown_and_escapes_never_are() {
    shows("a <!-- note --> b\n\n<!-- todo\nmore -->\n\nc\u{1b}[31md", 80, &["a  b", "", "cd"]);
    let rows = Render::of("&#27;[31m `\u{9b}31m`").lines();
    assert!(!rows.concat().chars().any(char::is_control), "{rows:?}");
}

#[test]
fn code_is_coloured_by_meaning() {
    let document = parse(
        "```yaml\nkey: \"text\" # why\n```\n```diff apply=a.yaml\n@@ x\n-old\n+new\n same\n```\n```nope\nx\n```",
    );
    let yaml = highlight(&document.codes[0]);
    let tones: Vec<Tone> = yaml[0].iter().map(|token| token.tone).collect();
    assert!(tones.contains(&Tone::Literal) && tones.contains(&Tone::Comment), "{tones:?}");
    let diff = highlight(&document.codes[1]);
    let tones: Vec<Option<Tone>> = diff.iter().map(|l| l.first().map(|t| t.tone)).collect();
    assert_eq!(tones, [Some(Tone::Comment), Some(Tone::Removed), Some(Tone::Added), None]);
    assert_eq!(highlight(&document.codes[2]), [vec![]]);
}

/// What is coloured in a block: the text and its meaning, line by line.
fn coloured(language: &str, text: &str) -> Vec<(String, Tone)> {
    let code = CodeBlock { info: language.into(), text: text.into(), ..CodeBlock::default() };
    let lines = highlight(&code);
    let of = |(line, tokens): (&str, Vec<Token>)| {
        tokens.into_iter().map(|t| (line[t.range].to_owned(), t.tone)).collect::<Vec<_>>()
    };
    text.lines().zip(lines).flat_map(of).collect()
}

fn colours(language: &str, text: &str, expected: &[(&str, Tone)]) {
    let found = coloured(language, text);
    let found: Vec<(&str, Tone)> =
        found.iter().map(|(text, tone)| (text.as_str(), *tone)).collect();
    assert_eq!(found, expected, "{text}");
}

#[test]
fn commands_strings_and_variables_of_a_shell_are_told_apart() {
    let text =
        "URL=$(aws x --query 'a\nb') # why\nif [ -n \"$URL\" ]; then curl $URL/a#b \\\n  --x; fi";
    let expected = [
        ("aws", Tone::Name),
        ("'a", Tone::Literal),
        ("b'", Tone::Literal),
        ("# why", Tone::Comment),
        ("if", Tone::Keyword),
        ("\"$URL\"", Tone::Literal),
        ("then", Tone::Keyword),
        ("curl", Tone::Name),
        ("$URL", Tone::Number),
        ("fi", Tone::Keyword),
    ];
    colours("sh run", text, &expected);
}

#[test]
fn keys_and_values_of_data_are_told_apart() {
    let json = "{\"a:b\": [\"c\", 12, true]}";
    let expected = [
        ("\"a:b\"", Tone::Name),
        ("\"c\"", Tone::Literal),
        ("12", Tone::Number),
        ("true", Tone::Number),
    ];
    colours("json", json, &expected);
    let yaml = "Type: AWS::Lambda::Function\nurl: http://x#y # no";
    colours("yaml", yaml, &[("Type", Tone::Name), ("url", Tone::Name), ("# no", Tone::Comment)]);
}

#[test]
fn comments_and_strings_of_code_go_on_over_lines() {
    let script = "const a = `x\ny` /* b\nc */ + f(1)";
    let expected = [
        ("const", Tone::Keyword),
        ("`x", Tone::Literal),
        ("y`", Tone::Literal),
        ("/* b", Tone::Comment),
        ("c */", Tone::Comment),
        ("f", Tone::Name),
        ("1", Tone::Number),
    ];
    colours("js", script, &expected);
    colours("sql", "SELECT a -- b", &[("SELECT", Tone::Keyword), ("-- b", Tone::Comment)]);
}

proptest! {
    #[test]
    fn colours_of_any_text_lie_in_its_lines_in_order(
        text in "[a\"'`$(){}#/*:=\\\\\n é日🌞-]{0,60}",
        language in prop::sample::select(vec!["sh", "js", "py", "sql", "cedar", "yaml", "json", "toml"]),
    ) {
        let code = CodeBlock { info: language.into(), text: text.clone(), ..CodeBlock::default() };
        let lines = highlight(&code);
        prop_assert_eq!(lines.len(), text.lines().count());
        for (line, tokens) in text.lines().zip(lines) {
            let mut end = 0;
            for token in tokens {
                prop_assert!(token.range.start >= end && !token.range.is_empty());
                prop_assert!(line.get(token.range.clone()).is_some());
                end = token.range.end;
            }
        }
    }
}

#[test]
fn a_place_survives_another_width() {
    let text = (0..60)
        .fold(String::new(), |text, n| text + &format!("Paragraph {n} has a few words.\n\n"));
    let wide = Render::of(&text).columns(80).page();
    let narrow = Render::of(&text).columns(20).page();
    let row = wide.rows.iter().position(|row| row.text().contains("Paragraph 41 ")).unwrap();
    let found = narrow.row_at(wide.rows[row].source.start);
    assert!(narrow.rows[found].text().contains("Paragraph 41"), "{:?}", narrow.rows[found]);
}

#[test]
fn a_cluster_wider_than_the_column_is_one_mark() {
    assert_eq!(wrap_text("\u{1b170}\u{9c7}", 2), ["?"]);
    assert_eq!(wrap_text("\u{1f260}\u{113cc}", 1), ["?"]);
}

#[test]
fn what_stands_beside_a_comment_is_shown() {
    shows("<!-- for authors --> Read on.", 40, &["Read on."]);
    shows("<div>a <!-- b\nc --> d\n<!-- e -->\n</div>", 40, &["<div>a  d", "</div>"]);
    shows("<!-- for authors -->", 40, &[]);
}
