//! One broken course for each rule: a small valid course, changed in one place. In a change, `‸`
//! marks the place that the diagnostic must point at.

mod small;
mod translations;

use proptest::prelude::*;

use small::*;

#[test]
fn the_small_course_is_clean() {
    let found: Vec<String> = run(files()).iter().map(ToString::to_string).collect();
    assert!(found.is_empty(), "{}", found.join("\n"));
}

#[test]
fn fields() {
    broken(INDEX_FILE, "stage: dev", "stage: dev\n‸stagee: x", "unknown field `stagee`");
    broken(MANIFEST_FILE, "    needs: [0a]", "    ‸neds: [0a]", "unknown field `neds`");
    broken(CHECK_FILE, "evidence: {", "‸evidense: {", "unknown field `evidense`");
    broken(CHECK_FILE, "- check: up\n  step: 0a", "- ‸check: up", "`step` is missing");
    broken(MANIFEST_FILE, "needs: [0a]", "needs: ‸0a", "a list");
    broken(MANIFEST_FILE, "- deploy: { template", "- ‸deplo: { template", "unknown field `deplo`");
    broken(CHECK_FILE, "within: 60s", "within: ‸60", "is not a time");
}

#[test]
fn several_wrong_fields_are_all_named() {
    let mut files = files();
    let text = files.get_mut(INDEX_FILE).unwrap();
    *text = format!("{text}one: 1\ntwo: 2\n");
    let found: Vec<String> = run(files).into_iter().map(|d| d.message).collect();
    assert_eq!(found, ["unknown field `one`", "unknown field `two`"]);
}

#[test]
fn broken_yaml_is_one_diagnostic_with_its_place() {
    let mut files = files();
    files.insert(CHECK_FILE, "- check: up\n  step: [0a\n".to_owned());
    let found = run(files);
    assert!(found.iter().any(|d| d.path == CHECK_FILE && d.line >= 2), "{found:?}");
}

#[test]
fn the_index() {
    broken(INDEX_FILE, "id: t\n", "id: ‸T T\n", "is no id");
    also_broken(INDEX_FILE, "pages: [en]", "pages: [en, ‸fr]", "`fr` isn't in `languages`");
    broken(INDEX_FILE, "first: [0]", "first: [0, ‸7]", "there is no module 7");
    broken(
        INDEX_FILE,
        "{ en: O, ja: O }, domain: d",
        "{ en: O, ja: O }, domain: ‸e",
        "there is no domain `e`",
    );
    broken(INDEX_FILE, "title: { en: D, ja: D }", "title: ‸{ en: D }", "no text in `ja`");
    broken(INDEX_FILE, "step: 0a }", "step: ‸0x }", "there is no step `0x`");
    broken(
        INDEX_FILE,
        "facts: [api], value: api.url",
        "facts: [‸apy], value: dyn(null)",
        "there is no fact `apy`",
    );
    broken(INDEX_FILE, "value: api.url", "value: ‸api.methods", "comes out as a list");
}

#[test]
fn attack_and_questions() {
    broken(
        MANIFEST_FILE,
        "before: { en: Anybody., ja: 誰でも。 }",
        "before: ‸{ en: Anybody. }",
        "no text in `ja`",
    );
    broken(MANIFEST_FILE, "id: how", "id: ‸why", "question `why` is there twice");
    broken(MANIFEST_FILE, "id: why", "id: ‸Why", "`Why` is no id");
    also_broken(MANIFEST_FILE, "answer: { en: So.", "‸anser: { en: So.", "unknown field `anser`");
    broken(
        MANIFEST_FILE,
        "ask: { en: Why?",
        "ask: { en: ‸\"# Why\"",
        "more than a paragraph in `en`",
    );
    for more in ["a\\n\\nb", "- a", "a\\n```\\nb", "a <b>b</b>", "> a"] {
        let to = format!("answer: {{ en: ‸\"{more}\"");
        broken(MANIFEST_FILE, "answer: { en: Thus.", &to, "more than a paragraph in `en`");
    }
}

#[test]
fn steps() {
    broken(MANIFEST_FILE, "needs: [0a]", "needs: [‸0x]", "there is no step `0x`");
    broken(MANIFEST_FILE, "title: { en: B, ja: B }", "title: ‸{ en: B }", "no text in `ja`");
    broken(MANIFEST_FILE, "module: 0", "module: ‸3", "this says module 3");
    broken(
        MANIFEST_FILE,
        "{ template: template.yaml",
        "{ template: ‸templat.yaml",
        "there is no template `templat.yaml`",
    );
    broken(MANIFEST_FILE, "stack: app", "stack: ‸ap", "there is no stack `ap`");
    broken(MANIFEST_FILE, "{{ endpoint }}/", "{{ ‸endpont }}/", "there is no `endpont` here");
    broken(MANIFEST_FILE, "needs: [0a]", "needs: ‸[0b, 0a]", "needs itself");
}

#[test]
fn checks() {
    also_broken(CHECK_FILE, "step: 0b", "step: ‸0x", "module 0 has no step `0x`");
    also_broken(CHECK_FILE, "check: closed", "check: ‸Closed", "is no name of a check");
    also_broken(CHECK_FILE, "check: closed", "check: ‸up", "check `up` is there twice");
    also_broken(MANIFEST_FILE, "- id: 0b", "- id: ‸0a", "step `0a` is there twice");
    also_broken(MANIFEST_FILE, "- id: 0b", "- id: ‸2b", "`2b` is no step of module 0");
    also_broken(MANIFEST_FILE, "- id: 0b", "- id: ‸0c", "no required check proves step 0c");
    broken(
        CHECK_FILE,
        "- check: up\n  step: 0a\n  facts: [api]\n  expect: api.url != null\n",
        "- check: ‸up\n  step: 0a\n  facts: [api]\n",
        "neither",
    );
    broken(
        CHECK_FILE,
        "  expect: api.url != null\n",
        "  expect: api.url != null\n  ‸each: x\n",
        "`each` without",
    );
    broken(CHECK_FILE, "also: [closed]", "also: [‸closd]", "there is no check `closd`");
    broken(CHECK_FILE, "also: [closed]", "also: [‸up]", "its own break");
    broken(CHECK_FILE, "path: template.yaml", "path: ‸../x", "no path inside");
    broken(
        CHECK_FILE,
        "  breaks:\n    - name: open\n      do:\n        - file: { path: template.yaml, contents: x }\n",
        "  breaks: ‸[]\n",
        "a check that can't fail proves nothing",
    );
    broken(CHECK_FILE, "do:\n        - delete_stack: app", "do: ‸[]", "does nothing");
    broken(CHECK_FILE, "fail: { en: None, ja: なし }", "fail: ‸{ en: None }", "no text in `ja`");
    broken(
        CHECK_FILE,
        "公開 }\n  hints: { en: [where, what], ja: [どこ, 何] }",
        "公開 }\n  hints: { en: [where, what], ja: ‸[どこ] }",
        "1 hints in `ja`, 2 in `en`",
    );
    broken(
        CHECK_FILE,
        "公開 }\n  hints: { en: [where, what], ja: [どこ, 何] }",
        "公開 }\n  hints: ‸{ en: [where, what] }",
        "no hints in `ja`",
    );
    broken(CHECK_FILE, "ja: まだ }", "ja: まだ, ‸fr: x }", "`fr` is no language");
}

#[test]
fn names_in_actions() {
    let http =
        |what: &str| format!("method: GET, url: \"{{{{ endpoint }}}}/{{{{ id }}}}\", {what} }}");
    let from = "method: GET, url: \"{{ endpoint }}/{{ id }}\" }";
    for what in [
        "json: { a: [{ b: \"{{ ‸nobody }}\" }] }",
        "form: { a: \"{{ ‸nobody }}\" }",
        "headers: { a: \"{{ ‸nobody }}\" }",
    ] {
        broken(MANIFEST_FILE, from, &http(what), "there is no `nobody` here");
    }
    for what in ["parameters: { A: \"{{ ‸nobody }}\" }", "with: { A.B: { C: \"{{ ‸nobody }}\" } }"]
    {
        let to = format!("stack: app, {what} }}");
        broken(MANIFEST_FILE, "stack: app }", &to, "there is no `nobody` here");
    }
    broken(
        CHECK_FILE,
        "contents: x }",
        "contents: \"{{ ‸nobody }}\" }",
        "there is no `nobody` here",
    );
    broken(
        CHECK_FILE,
        "delete_stack: app",
        "delete_stack: \"{{ ‸nobody }}\"",
        "there is no `nobody`",
    );
}

#[test]
fn a_fact_that_is_not_read() {
    let from = "step: 0b\n  facts: [api]";
    let message = "`closed` doesn't read the fact `pool`";
    broken(CHECK_FILE, from, "step: 0b\n  facts: [api, ‸pool]", message);
}

#[test]
fn a_hunk_whose_lines_stand_twice() {
    let mut files = files();
    files.insert("content/app/template.yaml", "A: 1\nB: 2\nA: 1\nB: 2\n".to_owned());
    let found = run(files);
    assert_eq!(found.len(), 1, "{found:?}");
    assert!(found[0].message.contains("stand at 2 places: A: 1 | B: 2"), "{}", found[0].message);
}

/// Two modules that change the same line: each alone fits, but not one after the other.
#[test]
fn diffs_that_do_not_apply_in_every_order() {
    let mut files = files();
    let course = files.get_mut(INDEX_FILE).unwrap();
    *course = course.replace(
        "values:",
        "  - { number: 2, slug: two, title: { en: O, ja: O }, domain: d, minutes: 1 }\nvalues:",
    );
    let module = |n: u8| {
        format!("module: {n}\nsteps:\n  - {{ id: {n}a, title: {{ en: A, ja: A }}, minutes: 1 }}\n")
    };
    let checks = |n: u8| {
        let up = CHECKS.split("- check: closed").next().unwrap();
        up.replace("check: up", &format!("check: up{n}"))
            .replace("0a", &format!("{n}a"))
            .replace("      also: [closed]\n", "")
    };
    let page = |n: u8, diff: &str| {
        format!(
            "# N\n\nWhy.\n\n## A {{#{n}a}}\n\n```diff apply=template.yaml\n--- a\n+++ b\n{diff}```\n\n\
             ## Look back {{#look-back}}\n\nSafe.\n"
        )
    };
    // The first adds the line that the second needs.
    let one = page(1, "@@ -2 +2,2 @@\n B: 3\n+C: 1\n");
    let two = page(2, "@@ -3 +3 @@\n-C: 1\n+C: 2\n");
    files.insert("modules/01-one.yaml", module(1));
    files.insert("modules/02-two.yaml", module(2));
    files.insert("checks/01-one.yaml", checks(1));
    files.insert("checks/02-two.yaml", checks(2));
    files.insert("content/en/01-one.md", one);
    files.insert("content/en/02-two.md", two);
    let found = run(files);
    let shown: Vec<String> = found.iter().map(ToString::to_string).collect();
    assert_eq!(found.len(), 1, "{}", shown.join("\n"));
    assert_eq!(found[0].path, "content/en/02-two.md");
    assert!(
        found[0].message.starts_with("after modules 0: the diff doesn't apply"),
        "{}",
        shown[0]
    );
}

#[test]
fn expressions() {
    broken(
        CHECK_FILE,
        "expect: api.url != null",
        "expect: api.‸ulr != null",
        "there is no field `ulr`",
    );
    broken(CHECK_FILE, "m.auth == \"NONE\"", "m.‸aut == \"NONE\"", "there is no field `aut`");
    broken(CHECK_FILE, "expect: api.url != null", "expect: ‸apy.url != null", "there is no `apy`");
    broken(
        CHECK_FILE,
        "expect: api.url != null",
        "expect: ‸pool.x != null",
        "the fact `pool` isn't listed",
    );
    broken(CHECK_FILE, "expect: api.url != null", "expect: ‸api.url", "comes out as a text");
    broken(CHECK_FILE, "since: api.changed", "since: ‸api.count", "comes out as a number");
    broken(CHECK_FILE, "since: api.changed", "since: api.‸chnged", "there is no field `chnged`");
    broken(CHECK_FILE, "when: api.count == 0", "when: ‸api.count", "comes out as a number");
    broken(
        CHECK_FILE,
        "evidence: { url: api.url }",
        "evidence: { url: api.‸x }",
        "there is no field `x`",
    );
    broken(
        CHECK_FILE,
        "offenders: >-\n    api.methods.filter(m,\n      m.verb != \"OPTIONS\" && m.auth == \"NONE\")\n  each: \"{{ verb }} {{ it.auth }}\"",
        "offenders: ‸api.methods.exists(m, m.auth == \"NONE\")",
        "comes out as true or false",
    );
    broken(
        CHECK_FILE,
        "\"{{ verb }} {{ it.auth }}\"",
        "\"{{ ‸verbb }} {{ it.auth }}\"",
        "there is no `verbb` here",
    );
    broken(CHECK_FILE, "It is {{ api.url }}", "It is {{ ‸api.ulr }}", "there is no `api.ulr` here");
    broken(CHECK_FILE, "It is {{ api.url }}", "It is {{ ‸pool.x }}", "there is no `pool.x` here");
    also_broken(CHECK_FILE, "expect: api.url != null", "expect: api.url != ‸)", "this is no CEL");
    also_broken(CHECK_FILE, "It is {{ api.url }}", "It is {{ api.url %‸}", "this is no template");
}

#[test]
fn what_is_right_stays_unsaid() {
    for source in [
        "size(api.methods) > 0 && api.methods.all(m, m.auth in ['A', 'B'])",
        "has(api.url) && api.url.startsWith('https')",
        "api.tags['x'] == 'y' || api.tags.anything == 'z'",
        "api.methods.map(m, m.verb).filter(v, v == 'GET').size() == 1",
        "api.changed == null || timestamp(api.changed) > timestamp('2026-01-01T00:00:00Z')",
        "(api.methods.filter(m, m.verb == 'GET').map(m, m.auth) + [null])[0] != null",
        "api.methods.exists_one(m, m.verb == 'GET') ? true : api.count > 1",
        "'x' in api.tags && api.methods[0].verb.lowerAscii() == 'get'",
    ] {
        let mut files = files();
        let text = files.get_mut(CHECK_FILE).unwrap();
        *text = text.replace("expect: api.url != null", &format!("expect: {source:?}"));
        let found: Vec<String> = run(files).iter().map(ToString::to_string).collect();
        assert!(found.is_empty(), "{source}\n{}", found.join("\n"));
    }
}

#[test]
fn the_page() {
    also_broken(PAGE_FILE, "## Second {#0b}", "‸## Second {#0c}", "the manifest has no step `0c`");
    broken(
        PAGE_FILE,
        "## Second {#0b}",
        "‸## First {#0a}\n\n## Second {#0b}",
        "a second heading {#0a}",
    );
    broken(
        PAGE_FILE,
        "## Look back {#look-back}\n\nSafe.",
        "## Look back\n\n‸Safe.",
        "no look back",
    );
    broken(PAGE_FILE, "```sh run", "```‸sh rum", "`sh rum` is no kind of block");
    broken(
        PAGE_FILE,
        "Call `{{ api_url }}`",
        "Call `{{ ‸api_ulr }}`",
        "there is no value `api_ulr`",
    );
    broken(PAGE_FILE, "done(\"0a\")", "‸done(\"0x\")", "there is no step or module `0x`");
    broken(
        PAGE_FILE,
        "```diff apply=template.yaml",
        "‸```diff apply=templat.yaml",
        "there is no content/app/templat.yaml",
    );
    broken(PAGE_FILE, "```diff apply=template.yaml", "```‸diff apply=../x.yaml", "no path inside");
    broken(
        PAGE_FILE,
        "```diff apply=template.yaml\n--- a/template.yaml\n+++ b/template.yaml\n@@ -1,2 +1,2 @@\n A: 1",
        "‸```diff apply=template.yaml\n--- a/template.yaml\n+++ b/template.yaml\n@@ -1,2 +1,2 @@\n A: 9",
        "the diff doesn't apply",
    );
}

/// The small course with a clean-up, changed by texts in its files; what is said of it.
fn with_cleanup(changes: &[(&str, &str)]) -> Vec<String> {
    let mut files = files();
    files.insert(
        INDEX_FILE,
        COURSE.to_owned() + "cleanup: { slug: cleanup, title: { en: C, ja: C }, minutes: 1 }\n",
    );
    files.insert("modules/cleanup.yaml", CLEANUP.to_owned());
    files.insert("checks/cleanup.yaml", CLEANUP_CHECKS.to_owned());
    files.insert("content/en/cleanup.md", CLEANUP_PAGE.to_owned());
    for (from, to) in changes {
        let changed = files.values_mut().filter(|text| text.contains(from));
        assert_eq!(changed.map(|text| *text = text.replace(from, to)).count(), 1, "{from}");
    }
    run(files).iter().map(ToString::to_string).collect()
}

#[test]
fn the_clean_up_is_checked_like_a_module() {
    let said = |changes: &[(&str, &str)]| with_cleanup(changes).join("\n");
    assert_eq!(said(&[]), "");
    for (from, to, message) in [
        ("slug: cleanup", "slug: 01-cleanup", "would be another file's name"),
        ("slug: cleanup", "slug: Clean up", "is no slug"),
        (
            "title: { en: C, ja: C }, minutes: 1 }\n",
            "title: { en: C }, minutes: 1 }\n",
            "no text in `ja`",
        ),
        ("steps:\n  - id: ca", "module: 2\nsteps:\n  - id: ca", "the clean-up is no module"),
        ("  - id: ca", "  - id: 2a", "`2a` is no step of the clean-up"),
        ("minutes: 7", "minutes: 7\n    needs: [0a]", "`0a` can't be proven while `ca` is"),
        ("    needs: [0a]\n", "    needs: [0a, ca]\n", "`ca` can't be proven while `0b` is"),
        ("bucket: Left", "bucket: \"{{ nothing }}\"", "there is no `nothing` here"),
        ("stack: app, bucket", "stack: ap, bucket", "there is no stack `ap`"),
        (
            "list: { http: { method: GET, url: \"{{ endpoint }}\" } }",
            "list: { delete_stack: app }",
            "this answers with no list",
        ),
        ("{{ left }}", "{{ lost }}", "there is no `lost` here"),
        ("check: gone", "check: up", "check `up` is there twice"),
        ("{#ca}", "{#cb}", "no heading for step ca"),
        ("Clean.", "{{ done(\"ca\") }}", "there is no step or module `ca`"),
        ("step: 0a }\n", "step: ca }\n", "there is no step `ca`"),
    ] {
        let said = said(&[(from, to)]);
        assert!(said.contains(message), "{from} -> {to}: no {message:?} in\n{said}");
    }
    broken(MANIFEST_FILE, "module: 0\nattack:", "‸attack:", "`module` is missing");
}

#[test]
fn files_that_belong_to_nothing() {
    for path in ["modules/09-lost.yaml", "checks/09-lost.yaml", "content/en/09-lost.md"] {
        let mut files = files();
        files.insert(path, "x".to_owned());
        let found = run(files);
        assert!(
            found.iter().any(|d| d.path == path && d.message.contains("belongs to no")),
            "{found:?}"
        );
    }
    let mut files = files();
    files.remove(PAGE_FILE);
    let found = run(files);
    assert_eq!(found.len(), 1);
    assert!(
        found[0]
            .to_string()
            .starts_with("content/en/00-zero.md: the page of module 0 doesn't exist")
    );
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 100, ..ProptestConfig::default() })]

    /// Whatever happens to a file, lint answers; it doesn't panic.
    #[test]
    fn a_damaged_course_is_answered(file in 0..4_usize, at in 0..2_000_usize, len in 0..12_usize, put in "[ -~\n‸\u{1b}é]{0,6}") {
        let mut files = files();
        let name = [INDEX_FILE, MANIFEST_FILE, CHECK_FILE, PAGE_FILE][file];
        let text = files.get_mut(name).unwrap();
        let from = text.floor_char_boundary(at.min(text.len()));
        let to = text.floor_char_boundary((from + len).min(text.len())).max(from);
        text.replace_range(from..to, &put);
        let shown = run(files).iter().map(ToString::to_string).collect::<String>();
        let escaped = shown.contains(char::from(27));
        prop_assert!(!escaped);
    }
}
