//! Strict readers of the formats for graders: they panic where a reader of that format would refuse
//! the file, or read something else than was meant.

use std::collections::BTreeMap;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use quick_xml::Reader;
use quick_xml::events::{BytesStart, Event};
use serde_json::Value;

/// What a test came to, and what is said about it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Test {
    /// The name, as its reader shows it.
    pub(super) name: String,
    /// In the format's own word; for JUnit that of the child, or `passed`.
    pub(super) result: String,
    /// What a reader shows beside it.
    pub(super) message: String,
}

/// A suite of JUnit or a subtest of TAP.
#[derive(Debug, Clone, Default)]
pub(super) struct Suite {
    pub(super) name: String,
    pub(super) properties: BTreeMap<String, String>,
    pub(super) tests: Vec<Test>,
}

/// No reader of text takes these.
fn assert_printable(text: &str) {
    let bad =
        |c: char| c.is_control() && !matches!(c, '\n' | '\r') || "\u{fffe}\u{ffff}".contains(c);
    assert!(!text.contains(bad), "{text:?}");
}

fn attributes(element: &BytesStart<'_>) -> BTreeMap<String, String> {
    let read = element.attributes().map(|attribute| {
        let attribute = attribute.unwrap();
        let value = quick_xml::escape::unescape(&attribute.value).unwrap().into_owned();
        (attribute.key.as_ref().to_owned(), value)
    });
    read.collect()
}

/// JUnit XML, with its counts checked.
pub(super) fn junit(xml: &str) -> Vec<Suite> {
    assert!(xml.starts_with("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites "), "{xml}");
    assert_printable(xml);
    let mut reader = Reader::from_str(xml);
    let mut open: Vec<String> = Vec::new();
    let mut suites: Vec<Suite> = Vec::new();
    let mut promised = Vec::new();
    loop {
        let event = reader.read_event().unwrap();
        let (element, empty) = match &event {
            Event::Eof => break,
            Event::End(_) => {
                open.pop().unwrap();
                continue;
            }
            Event::Start(element) => (element, false),
            Event::Empty(element) => (element, true),
            _ => continue,
        };
        let name = element.name().as_ref().to_owned();
        let parent = open.last().map_or("", String::as_str).to_owned();
        let found = attributes(element);
        element_read(&name, &parent, &found, &mut suites, &mut promised);
        if !empty {
            open.push(name);
        }
    }
    assert!(open.is_empty(), "{open:?} isn't closed");
    check_counts(&promised, &suites);
    suites
}

fn element_read(
    name: &str,
    parent: &str,
    found: &BTreeMap<String, String>,
    suites: &mut Vec<Suite>,
    promised: &mut Vec<BTreeMap<String, String>>,
) {
    match (name, parent) {
        ("testsuites", "") => promised.push(found.clone()),
        ("testsuite", "testsuites") => {
            promised.push(found.clone());
            suites.push(Suite { name: found["name"].clone(), ..Suite::default() });
        }
        ("properties", "testsuite") => {}
        ("property", "properties") => {
            let suite = suites.last_mut().unwrap();
            suite.properties.insert(found["name"].clone(), found["value"].clone());
        }
        ("testcase", "testsuite") => {
            assert!(found["time"].parse::<f64>().is_ok() && !found["classname"].is_empty());
            let (name, result) = (found["name"].clone(), "passed".to_owned());
            let test = Test { name, result, message: String::new() };
            suites.last_mut().unwrap().tests.push(test);
        }
        ("failure" | "error" | "skipped", "testcase") => {
            let test = suites.last_mut().unwrap().tests.last_mut().unwrap();
            assert_eq!(test.result, "passed", "one child");
            assert_eq!(found.contains_key("type"), name != "skipped");
            name.clone_into(&mut test.result);
            test.message.clone_from(&found["message"]);
        }
        _ => panic!("{name} in {parent}"),
    }
}

/// The numbers that the elements promise are those of what they hold.
fn check_counts(promised: &[BTreeMap<String, String>], suites: &[Suite]) {
    let all: Vec<&Test> = suites.iter().flat_map(|suite| &suite.tests).collect();
    let each = suites.iter().map(|suite| suite.tests.iter().collect());
    let held: Vec<Vec<&Test>> = std::iter::once(all).chain(each).collect();
    assert_eq!(promised.len(), held.len());
    for (promised, held) in promised.iter().zip(held) {
        let of =
            |result: &str| held.iter().filter(|test| test.result == result).count().to_string();
        assert_eq!(promised["tests"], held.len().to_string());
        assert_eq!(promised["failures"], of("failure"));
        assert_eq!(promised["errors"], of("error"));
        assert_eq!(promised["skipped"], of("skipped"));
        let time = &promised["timestamp"];
        assert!(
            time.len() == 19 && format!("{time}Z").parse::<jiff::Timestamp>().is_ok(),
            "{time}"
        );
    }
}

/// A stream of TAP 14: its test points, and its subtests before them.
pub(super) fn tap(text: &str) -> (Vec<Test>, Vec<Suite>) {
    assert_printable(text);
    let mut lines = text.lines();
    assert_eq!(lines.next(), Some("TAP version 14"));
    let (mut inner, mut outer): (Vec<&str>, Vec<&str>) = (Vec::new(), Vec::new());
    let mut suites: Vec<Suite> = Vec::new();
    for line in lines {
        if let Some(line) = line.strip_prefix("    ").filter(|_| !in_block(&outer)) {
            inner.push(line);
            continue;
        }
        if !inner.is_empty() {
            suites.last_mut().unwrap().tests = points(&std::mem::take(&mut inner));
        }
        match line.strip_prefix("# Subtest: ") {
            Some(name) => suites.push(Suite { name: plain(name), ..Suite::default() }),
            None => outer.push(line),
        }
    }
    assert!(inner.is_empty(), "a subtest ends with its test point");
    (points(&outer), suites)
}

/// Whether the last of these lines stands in a YAML block.
fn in_block(lines: &[&str]) -> bool {
    let begins = lines.iter().rposition(|line| *line == "  ---");
    begins.is_some_and(|at| !lines[at..].contains(&"  ..."))
}

/// A plan, then test points in order, each with its diagnostic.
fn points(lines: &[&str]) -> Vec<Test> {
    let plan: usize = lines[0].strip_prefix("1..").unwrap().parse().unwrap();
    let mut tests: Vec<Test> = Vec::new();
    let mut yaml: Option<String> = None;
    for line in &lines[1..] {
        match (&mut yaml, *line) {
            (None, "  ---") => yaml = Some(String::new()),
            (Some(text), "  ...") => {
                let values: Value = serde_yaml::from_str(text).unwrap();
                let message = values["message"].as_str().unwrap_or_default();
                message.clone_into(&mut tests.last_mut().unwrap().message);
                yaml = None;
            }
            (Some(text), line) => {
                text.push_str(line.strip_prefix("  ").unwrap());
                text.push('\n');
            }
            // Comments: what the result rests on.
            (None, line) if line.starts_with("# ") => {
                assert!(!line.contains(" # ") && line.contains(": "), "{line}");
            }
            (None, line) => tests.push(point(line, tests.len() + 1)),
        }
    }
    assert_eq!(tests.len(), plan);
    tests
}

fn point(line: &str, number: usize) -> Test {
    let (ok, rest) = match line.strip_prefix("not ") {
        Some(rest) => (false, rest),
        None => (true, line),
    };
    let rest = rest.strip_prefix(&format!("ok {number} - ")).unwrap_or_else(|| panic!("{line}"));
    let (name, directive) = rest.split_once(" # ").map_or((rest, ""), |(name, rest)| (name, rest));
    let result = match (ok, directive.split(' ').next().unwrap()) {
        (true, "") => "ok",
        (false, "") => "not ok",
        (false, "TODO") => "todo",
        (false, "SKIP") => "skip",
        _ => panic!("{line}"),
    };
    Test { name: plain(name), result: result.to_owned(), message: String::new() }
}

fn plain(text: &str) -> String {
    text.replace("\\#", "#").replace("\\\\", "\\")
}

fn tests_of(result: &Value, status: &str, message: &str) -> Vec<Test> {
    let text = |test: &Value, field: &str| test[field].as_str().unwrap().to_owned();
    let test = |test: &Value| Test {
        name: text(test, "name"),
        result: text(test, status),
        message: text(test, message),
    };
    result["tests"].as_array().unwrap().iter().map(test).collect()
}

fn assert_fields(object: &Value, allowed: &[&str]) {
    for field in object.as_object().unwrap().keys() {
        assert!(allowed.contains(&field.as_str()), "{field} in {object}");
    }
}

/// Gradescope's results: the tests that a learner sees, the hidden ones, points and all points.
pub(super) fn gradescope(text: &str) -> (Vec<Test>, Vec<Test>, f64, f64) {
    let result: Value = serde_json::from_str(text).unwrap();
    let top =
        ["visibility", "stdout_visibility", "execution_time", "output", "tests", "extra_data"];
    assert_fields(&result, &top);
    assert!(result["execution_time"].is_number());
    let basis = result["extra_data"].as_object().unwrap();
    assert!(basis.values().all(Value::is_string) && basis.contains_key("course.sha256"));
    let tests = result["tests"].as_array().unwrap();
    let fields = ["name", "score", "max_score", "status", "output", "number", "tags", "visibility"];
    for test in tests {
        assert_fields(test, &fields);
        assert!(["passed", "failed"].contains(&test["status"].as_str().unwrap()), "{test}");
        assert!(["visible", "hidden"].contains(&test["visibility"].as_str().unwrap()), "{test}");
        assert_printable(test["output"].as_str().unwrap());
    }
    let sum = |field: &str| tests.iter().map(|test| test[field].as_f64().unwrap()).sum();
    let all = tests_of(&result, "status", "output");
    let (mut visible, mut hidden) = (Vec::new(), Vec::new());
    for (test, read) in tests.iter().zip(all) {
        if test["visibility"] == "hidden" { hidden.push(read) } else { visible.push(read) }
    }
    (visible, hidden, sum("score"), sum("max_score"))
}

/// GitHub Classroom's result: its status, the tests, points and all points.
pub(super) fn github(text: &str) -> (String, Vec<Test>, f64, f64) {
    let json = STANDARD.decode(text.trim_end()).unwrap();
    let result: Value = serde_json::from_slice(&json).unwrap();
    assert_fields(&result, &["version", "status", "max_score", "tests"]);
    assert_eq!(result["version"], 1);
    let tests = result["tests"].as_array().unwrap();
    let fields =
        ["name", "status", "score", "message", "test_code", "filename", "line_no", "duration"];
    for test in tests {
        assert_fields(test, &fields);
        assert_eq!(test.as_object().unwrap().len(), fields.len(), "{test}");
        assert!(["pass", "fail", "error"].contains(&test["status"].as_str().unwrap()), "{test}");
    }
    let points = tests.iter().map(|test| test["score"].as_f64().unwrap()).sum();
    let status = result["status"].as_str().unwrap().to_owned();
    (status, tests_of(&result, "status", "message"), points, result["max_score"].as_f64().unwrap())
}

/// CSV as RFC 4180 has it: rows by column. No field may be taken for a formula.
pub(super) fn csv(text: &str) -> Vec<BTreeMap<String, String>> {
    assert_printable(text);
    assert!(text.ends_with("\r\n"));
    let mut rows: Vec<Vec<String>> = vec![vec![String::new()]];
    let (mut quoted, mut letters) = (false, text.chars().peekable());
    while let Some(letter) = letters.next() {
        let row = rows.last_mut().unwrap();
        match letter {
            '"' if quoted && letters.next_if_eq(&'"').is_some() => {
                row.last_mut().unwrap().push('"');
            }
            '"' => quoted = !quoted,
            ',' if !quoted => row.push(String::new()),
            '\r' if !quoted => {
                assert_eq!(letters.next(), Some('\n'));
                rows.push(vec![String::new()]);
            }
            letter => row.last_mut().unwrap().push(letter),
        }
    }
    assert!(!quoted);
    rows.pop();
    let header = rows.remove(0);
    let row = |fields: Vec<String>| {
        assert_eq!(fields.len(), header.len(), "{fields:?}");
        for field in &fields {
            assert!(!field.trim_start().starts_with(['=', '+', '-', '@']), "a formula: {field}");
        }
        header.iter().cloned().zip(fields).collect()
    };
    rows.into_iter().map(row).collect()
}
