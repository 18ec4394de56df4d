//! A translated page, changed in one place; or its source, so that it is older.

use proptest::prelude::*;

use super::small::*;
use crate::course::{CourseFiles, stamp};

const FILE: &str = "content/ja/00-zero.md";
const TRANSLATION: &str = "\
# 零

理由です。

## 一つ目 {#0a}

`{{ api_url }}` を呼び出します。

```diff apply=template.yaml
--- a/template.yaml
+++ b/template.yaml
@@ -1,2 +1,2 @@
 A: 1
-B: 2
+B: 3
```

## 二つ目 {#0b}

{% if done(\"0a\") %}
```sh run
curl {{ api_url }}
```
{% endif %}

## 振り返り {#look-back}

安全です。
";

/// The small course in two languages.
fn translated() -> Files {
    let mut files = files();
    let index = COURSE.replace("pages: [en]", "pages: [en, ja]");
    files.insert(INDEX_FILE, index);
    files.insert(FILE, TRANSLATION.to_owned());
    let stamped = stamp(&CourseFiles::from_pairs(files.clone()), FILE, None).unwrap();
    files.insert(FILE, stamped.text);
    files
}

#[track_caller]
fn wrong(from: &str, to: &str, message: &str) {
    broken_in(translated(), FILE, from, to, message);
}

#[test]
fn the_small_course_in_two_languages_is_clean() {
    let found: Vec<String> = run(translated()).iter().map(ToString::to_string).collect();
    assert!(found.is_empty(), "{}", found.join("\n"));
}

#[test]
fn a_step_that_is_missing_is_named_where_it_belongs() {
    let page = translated()[FILE].clone();
    let step = &page[page.find("## 二つ目").unwrap()..page.find("## 振り返り").unwrap()];
    wrong(step, "‸", "step 0b is missing");
    let end = &page[page.find("\n\n## 振り返り").unwrap()..];
    wrong(end, "‸", "the look back is missing");
}

#[test]
fn sections_that_the_source_does_not_have() {
    wrong("## 振り返り", "‸## 三つ目 {#0c}\n\n## 振り返り", "has no such section: `0c`");
    wrong("## 振り返り", "‸## また {#0a}\n\n## 振り返り", "a second heading {#0a}");
    let mut files = translated();
    let page = files[FILE].clone();
    let (first, second) = (page.find("## 一つ目").unwrap(), page.find("## 二つ目").unwrap());
    let last = page.find("## 振り返り").unwrap();
    let moved = [&page[..first], &page[second..last], &page[first..second], &page[last..]].concat();
    files.insert(FILE, moved);
    let found = run(files);
    assert_eq!(found.len(), 1, "{found:?}");
    assert_eq!(found[0].message, "step 0a stands after step 0b");
}

#[test]
fn blocks_are_those_of_the_source() {
    wrong("+B: 3", "‸+B: 4", "the source has here (content/en/00-zero.md:15): +B: 3");
    wrong("+B: 3\n", "+B: 3\n‸+C: 4\n", "the block's end");
    wrong("```sh run", "‸```sh", "here is a block `sh`, in the source a block `sh run`");
}

#[test]
fn every_paragraph_has_its_own() {
    wrong("安全です。", "安全です。\n\n‸おまけ。", "a paragraph that the source doesn't have");
    wrong(
        "理由です。",
        "‸- 理由です。",
        "here is a list, in the source a paragraph (content/en/00-zero.md:3)",
    );
    wrong("\n\n安全です。\n", "‸", "the look back ends here, its source goes on with a paragraph");
}

#[test]
fn values_and_conditions_are_those_of_the_source() {
    wrong(
        "`{{ api_url }}` を",
        "`{{ api_url }}‸{{ api_url }}` を",
        "is here 2 times, in the source once",
    );
    let condition = "the source has `{% if done(\"0a\") %}` here (content/en/00-zero.md:20)";
    wrong("{% if done(\"0a\") %}", "‸{% if done(\"0b\") %}", condition);
    let gone = "`{{ api_url }}` is here not once, in the source once";
    let page = translated()[FILE].clone();
    let step = &page[page.find("## 一つ目").unwrap()..page.find("を呼び出します").unwrap()];
    wrong(step, &format!("‸{}", step.replace("{{ api_url }}", "URL")), gone);
}

#[test]
fn a_section_is_older_when_its_source_changes() {
    let mut files = translated();
    let source = PAGE.replace("Call `", "First call `").replace("+B: 3", "+B: 3\n+C: 1");
    files.insert(PAGE_FILE, source);
    let found: Vec<String> = run(files).iter().map(ToString::to_string).collect();
    let older: Vec<&String> = found.iter().filter(|text| text.contains("older")).collect();
    assert_eq!(older.len(), 1, "{}", found.join("\n"));
    assert!(older[0].contains("step 0a is older than its source (content/en/00-zero.md:5)"));
    assert!(older[0].contains("stepproof course stamp content/ja/00-zero.md#0a"), "{}", older[0]);
}

#[test]
fn a_section_without_a_stamp() {
    let page = translated()[FILE].clone();
    let stamp = page.lines().nth(1).unwrap().to_owned() + "\n";
    assert!(stamp.starts_with("<!-- source: "));
    wrong(&format!("# 零\n{stamp}"), "‸# 零\n", "the opening has no stamp");
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 100, ..ProptestConfig::default() })]

    /// Whatever happens to a translation, lint answers; it doesn't panic.
    #[test]
    fn a_damaged_translation_is_answered(at in 0..900_usize, len in 0..40_usize, put in "[ -~\n#`{}%é]{0,6}") {
        let mut files = translated();
        let text = files.get_mut(FILE).unwrap();
        let from = text.floor_char_boundary(at.min(text.len()));
        let to = text.floor_char_boundary((from + len).min(text.len())).max(from);
        text.replace_range(from..to, &put);
        let _ = run(files);
    }
}
