//! A small valid course, and what a change in one place comes to.

use std::collections::BTreeMap;

use serde_json::json;

use crate::course::CourseFiles;
use crate::course::diagnostic::Diagnostic;
use crate::course::lint::{Catalogue, lint};

pub(super) const COURSE: &str = "\
id: t
title: { en: T, ja: T }
languages: [en, ja]
pages: [en]
stacks: { app: App }
stage: dev
first: [0]
domains:
  - { id: d, title: { en: D, ja: D } }
modules:
  - { number: 0, slug: zero, title: { en: Z, ja: Z }, domain: d, minutes: 1 }
  - { number: 1, slug: one, title: { en: O, ja: O }, domain: d, minutes: 1 }
values:
  api_url: { facts: [api], value: api.url, step: 0a }
";
pub(super) const MODULE: &str = "\
module: 0
attack:
  before: { en: Anybody., ja: 誰でも。 }
  after: { en: Nobody with `curl`., ja: 誰も。 }
steps:
  - id: 0a
    title: { en: A, ja: A }
    minutes: 1
    solve:
      - deploy: { template: template.yaml, stack: app }
      - http: { method: POST, url: \"{{ api_url }}\", save: { id: /id } }
      - http: { method: GET, url: \"{{ endpoint }}/{{ id }}\" }
  - id: 0b
    title: { en: B, ja: B }
    minutes: 1
    needs: [0a]
questions:
  - { id: why, ask: { en: Why?, ja: なぜ }, answer: { en: So., ja: だから } }
  - { id: how, ask: { en: How?, ja: どう }, answer: { en: Thus., ja: こう } }
";
pub(super) const CHECKS: &str = r#"- check: up
  step: 0a
  facts: [api]
  expect: api.url != null
  settle: { within: 60s, since: api.changed }
  evidence: { url: api.url }
  cases:
    - { when: api.count == 0, fail: { en: None, ja: なし } }
  fail: { en: "It is {{ api.url }}", ja: まだ }
  hints: { en: [where, what], ja: [どこ, 何] }
  breaks:
    - name: gone
      do:
        - delete_stack: app
      also: [closed]
- check: closed
  step: 0b
  facts: [api]
  offenders: >-
    api.methods.filter(m,
      m.verb != "OPTIONS" && m.auth == "NONE")
  each: "{{ verb }} {{ it.auth }}"
  fail: { en: "Open: {{ offenders | join(', ') }}", ja: 公開 }
  hints: { en: [where, what], ja: [どこ, 何] }
  breaks:
    - name: open
      do:
        - file: { path: template.yaml, contents: x }
"#;
pub(super) const PAGE: &str = "\
# Zero

Why.

## First {#0a}

Call `{{ api_url }}`.

```diff apply=template.yaml
--- a/template.yaml
+++ b/template.yaml
@@ -1,2 +1,2 @@
 A: 1
-B: 2
+B: 3
```

## Second {#0b}

{% if done(\"0a\") %}
```sh run
curl {{ api_url }}
```
{% endif %}

## Look back {#look-back}

Safe.
";
pub(super) const APP: &str = "A: 1\nB: 2\n";

pub(super) const CLEANUP: &str = "\
steps:
  - id: ca
    title: { en: A, ja: A }
    minutes: 7
    solve:
      - each:
          list: { http: { method: GET, url: \"{{ endpoint }}\" } }
          items: /items
          save: { left: /id }
          do:
            - http: { method: DELETE, url: \"{{ endpoint }}/{{ left }}\" }
      - empty_bucket: { stack: app, bucket: Left }
";
pub(super) const CLEANUP_CHECKS: &str = "\
- check: gone
  step: ca
  facts: [api]
  expect: api.url == null
  fail: { en: Left, ja: 残り }
  hints: { en: [where, what], ja: [どこ, 何] }
  breaks:
    - name: back
      do:
        - file: { path: template.yaml, contents: x }
";
pub(super) const CLEANUP_PAGE: &str = "\
# Clean-up

## Away {#ca}

{% if done(\"0\") %}All of it.{% endif %}

## Look back {#look-back}

Clean.
";

pub(super) const INDEX_FILE: &str = "modules/course.yaml";
pub(super) const MANIFEST_FILE: &str = "modules/00-zero.yaml";
pub(super) const CHECK_FILE: &str = "checks/00-zero.yaml";
pub(super) const PAGE_FILE: &str = "content/en/00-zero.md";

/// A course's files by path.
pub(super) type Files = BTreeMap<&'static str, String>;

pub(super) fn files() -> Files {
    BTreeMap::from([
        (INDEX_FILE, COURSE.to_owned()),
        (MANIFEST_FILE, MODULE.to_owned()),
        (CHECK_FILE, CHECKS.to_owned()),
        (PAGE_FILE, PAGE.to_owned()),
        ("content/app/template.yaml", APP.to_owned()),
    ])
}

pub(super) fn catalogue() -> Catalogue {
    let schema = json!({
        "type": "object",
        "required": ["url", "count", "changed", "methods"],
        "properties": {
            "url": { "type": ["string", "null"] },
            "count": { "type": "integer" },
            "changed": { "anyOf": [{ "type": "string" }, { "type": "null" }] },
            "methods": { "type": "array", "items": { "$ref": "#/$defs/Method" } },
            "tags": { "type": "object", "additionalProperties": { "type": "string" } },
        },
        "$defs": { "Method": {
            "type": "object",
            "properties": { "verb": { "type": "string" }, "auth": { "type": "string" } },
        } },
    });
    Catalogue::new([("api".to_owned(), schema), ("pool".to_owned(), json!({}))])
}

pub(super) fn run(files: Files) -> Vec<Diagnostic> {
    lint(&CourseFiles::from_pairs(files), &catalogue()).err().map_or(Vec::new(), |e| e.0)
}

/// Changes one file in one place: what is said of it, and whether this is among it at the mark.
#[track_caller]
fn change(
    mut files: Files,
    file: &'static str,
    from: &str,
    to: &str,
    message: &str,
) -> (Vec<String>, bool) {
    let text = files.get_mut(file).unwrap();
    assert_eq!(text.matches(from).count(), 1, "`{from}` is there once in {file}");
    *text = text.replace(from, to);
    let at = text.find('‸').unwrap_or_else(|| panic!("no mark in `{to}`"));
    let place = crate::course::page::place_of(text, at);
    *text = text.replace('‸', "");
    let found = run(files);
    let wanted = |d: &Diagnostic| {
        d.path == file && (d.line, d.column) == place && d.message.contains(message)
    };
    (found.iter().map(ToString::to_string).collect(), found.iter().any(wanted))
}

/// Changes one file in one place and asks for exactly this diagnostic at the mark.
#[track_caller]
pub(super) fn broken(file: &'static str, from: &str, to: &str, message: &str) {
    broken_in(files(), file, from, to, message);
}

/// [`broken`], in another course.
#[track_caller]
pub(super) fn broken_in(files: Files, file: &'static str, from: &str, to: &str, message: &str) {
    let (shown, found) = change(files, file, from, to, message);
    assert!(found, "no `{message}` at the mark of `{to}` in\n{}", shown.join("\n"));
    assert_eq!(shown.len(), 1, "and nothing else:\n{}", shown.join("\n"));
}

/// Like [`broken`], where one change has several consequences: this one must be among them.
#[track_caller]
pub(super) fn also_broken(file: &'static str, from: &str, to: &str, message: &str) {
    let (shown, found) = change(files(), file, from, to, message);
    assert!(found, "no `{message}` at the mark of `{to}` in\n{}", shown.join("\n"));
}
