use super::outline::{MARK_CLOSE, MARK_OPEN};
use super::*;

const PAGE: &str = "\
# Zero

Why it matters.

## First `step` {#0a}

{% if done(\"7\") %}Secret.{% else %}Password.{% endif %}

```sh run
curl {{ api_url }}socks
```

1. In a list:

   ```json file=payload.json
   {\"a\": \"{{ region }}\"}
   ```

```text
## No heading {#0x}
```

## Look back {#look-back}

Safe.
";

fn values() -> Values {
    Values::from([
        ("api_url".to_owned(), ValueState::Unknown { step: "0d".to_owned() }),
        ("region".to_owned(), ValueState::Known("us-east-1".to_owned())),
    ])
}

fn ids(list: &[&str]) -> BTreeSet<String> {
    list.iter().map(|id| (*id).to_owned()).collect()
}

fn render(source: &str, done: &[&str]) -> Result<RenderedPage, Diagnostic> {
    Page::new("p.md", source).render(&values(), &ids(done), &ids(&["7", "0a"]))
}

#[test]
fn a_page_splits_into_opening_steps_and_look_back() {
    let page = render(PAGE, &[]).unwrap();
    let kinds: Vec<(&SectionKind, &str, usize)> =
        page.sections.iter().map(|s| (&s.kind, s.title.as_str(), s.line)).collect();
    let step = SectionKind::Step("0a".to_owned());
    let expected = [
        (&SectionKind::Opening, "Zero", 1),
        (&step, "First step", 5),
        (&SectionKind::LookBack, "Look back", 23),
    ];
    assert_eq!(kinds, expected);
    assert_eq!(page.title, "Zero");
    assert!(page.sections[1].markdown.starts_with("## First `step` \n"), "the id doesn't show");
    let outline = Page::new("p", PAGE);
    let ids: Vec<&str> = outline.headings.iter().map(|h| h.0.as_str()).collect();
    assert_eq!(ids, ["0a", "look-back"], "a heading in a block is none");
}

#[test]
fn blocks_are_typed_exact_and_know_their_line() {
    let page = render(PAGE, &[]).unwrap();
    let blocks = &page.step("0a").unwrap().blocks;
    let kinds: Vec<(&BlockKind, usize)> = blocks.iter().map(|b| (&b.kind, b.line)).collect();
    let json = BlockKind::JsonFile { file: "payload.json".to_owned() };
    let text = BlockKind::Shown("text".to_owned());
    assert_eq!(kinds, [(&BlockKind::ShRun, 9), (&json, 15), (&text, 19)]);
    assert_eq!(blocks[1].source, "{\"a\": \"us-east-1\"}\n", "without the list's indentation");
    assert_eq!(blocks[0].unknown(), Some("api_url: step 0d"));
    assert_eq!(blocks[1].unknown(), None);
}

#[test]
fn no_mark_comes_out() {
    let page = render(PAGE, &["7"]).unwrap();
    for section in &page.sections {
        assert!(!section.markdown.contains([MARK_OPEN, MARK_CLOSE]), "{:?}", section.markdown);
        assert!(!section.title.contains([MARK_OPEN, MARK_CLOSE]));
    }
}

#[test]
fn the_learner_sees_the_variant_that_applies() {
    let text = |done: &[&str]| render(PAGE, done).unwrap().sections[1].markdown.clone();
    assert!(text(&[]).contains("Password.") && !text(&[]).contains("Secret."));
    assert!(text(&["7"]).contains("Secret.") && !text(&["7"]).contains("Password."));
}

#[test]
fn a_tag_at_the_end_of_a_text_leaves_the_line_end() {
    let page = "# T\n\nOne.{% if done(\"7\") %} Two.{% endif %}\n\nThree.\n{% if done(\"7\") %}\nFour.\n{% endif %}\n```sh\na{% if done(\"7\") %} b{% endif %}\nc\n```\n";
    for (done, text, code) in [
        (&["7"][..], "# T\n\nOne. Two.\n\nThree.\nFour.\n", "a b\nc\n"),
        (&[], "# T\n\nOne.\n\nThree.\n", "a\nc\n"),
    ] {
        let section = render(page, done).unwrap().sections.remove(0);
        assert_eq!(section.markdown, format!("{text}```sh\n{code}```\n"));
        assert_eq!(section.blocks[0].source, code);
    }
}

#[test]
fn a_placeholder_names_its_step_in_the_page_s_language() {
    let page = Page::new("content/ja/p.md", "# T\n\n{{ api_url }}\n");
    let page = page.render(&values(), &ids(&[]), &ids(&[])).unwrap();
    assert!(page.sections[0].markdown.contains("⟨api_url: ステップ 0d⟩"));
}

#[test]
fn wrong_names_have_their_place() {
    let error = render("# T\n\nCall {{ api_ulr }} now.\n", &[]).unwrap_err();
    assert_eq!((error.line, error.column), (3, 9));
    assert_eq!(error.message, "there is no value `api_ulr`");
    let error = render("# T\n\n{% if done(\"9\") %}x{% endif %}\n", &[]).unwrap_err();
    assert_eq!(error.line, 3);
    assert!(error.message.contains("no step or module `9`"), "{}", error.message);
    assert_eq!(render("# T\n\n{% if %}\n", &[]).unwrap_err().line, 3);
}

#[test]
fn info_strings() {
    let diff = BlockKind::DiffApply { file: "a/b.yaml".to_owned() };
    assert_eq!(BlockKind::parse("diff apply=a/b.yaml"), Ok(diff));
    assert_eq!(BlockKind::parse(""), Ok(BlockKind::Shown(String::new())));
    assert_eq!(BlockKind::parse("sh"), Ok(BlockKind::Sh));
    for wrong in
        ["sh runn", "diff apply=../x", "diff apply=/x", "json file=", "sh run twice", "a=b"]
    {
        assert!(BlockKind::parse(wrong).is_err(), "{wrong}");
    }
}

#[test]
fn a_placeholder_speaks_the_pages_language() {
    let render = |path: &str| {
        let page = Page::new(path, "# T\n\n{{ api_url }}\n");
        page.render(&values(), &ids(&[]), &ids(&[])).unwrap().sections[0].markdown.clone()
    };
    assert!(render("content/en/00-t.md").contains("⟨api_url: step 0d⟩"));
    assert!(render("content/ja/00-t.md").contains("⟨api_url: ステップ 0d⟩"));
}
