//! Results as JUnit XML: a test suite for each learner, a test case for each check.
//!
//! A check that fails is a failure; what could not be told, or judged for an error of the course, is
//! an error; what is blocked, skipped or waiting is skipped, and so is extra credit that isn't proven.

use std::fmt::Write;

use super::sheet::{Learner, Row, Sheet, number, one_line};
use super::words;
use crate::check::Verdict;

/// What a test case holds: nothing where it passed.
enum Child {
    Passed,
    Failure,
    Error,
    Skipped,
}

/// A test suite, and how many of its cases came to what.
#[derive(Default)]
struct Suite {
    cases: String,
    tests: usize,
    failures: usize,
    errors: usize,
    skipped: usize,
    seconds: f64,
}

/// All learners' results.
pub fn junit(sheet: &Sheet<'_>) -> String {
    let suites: Vec<Suite> = sheet.learners.iter().map(|one| suite(sheet, one)).collect();
    let mut all = Suite { seconds: sheet.seconds, ..Suite::default() };
    for suite in &suites {
        all.tests += suite.tests;
        all.failures += suite.failures;
        all.errors += suite.errors;
        all.skipped += suite.skipped;
    }
    let mut xml = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n".to_owned();
    let title = sheet.course.index.title.get(sheet.lang);
    let _ = writeln!(xml, "<testsuites {}>", all.attributes(title, sheet.started));
    for (learner, suite) in sheet.learners.iter().zip(&suites) {
        let started = learner.result.map_or(sheet.started, |report| report.started.as_str());
        let attributes = suite.attributes(&learner.title(), started);
        let _ = writeln!(xml, "  <testsuite {attributes}>\n    <properties>");
        for (name, value) in properties(sheet, learner) {
            let _ = writeln!(
                xml,
                "      <property name=\"{name}\" value=\"{}\"/>",
                escaped(&one_line(&value))
            );
        }
        let _ = writeln!(xml, "    </properties>\n{}  </testsuite>", suite.cases);
    }
    xml + "</testsuites>\n"
}

fn properties(sheet: &Sheet<'_>, learner: &Learner<'_>) -> Vec<(&'static str, String)> {
    let mut properties = sheet.basis(learner);
    if let Some(points) = learner.points(sheet.weights) {
        properties.push(("points.earned", number(points.earned)));
        properties.push(("points.undecided", number(points.undecided)));
        properties.push(("points.possible", number(points.possible)));
        properties.push(("points.extra", number(points.extra)));
        properties.extend(points.passes.map(|passes| ("passes", passes.to_string())));
    }
    properties
}

fn suite(sheet: &Sheet<'_>, learner: &Learner<'_>) -> Suite {
    let mut suite = Suite::default();
    match learner.result {
        Ok(report) => {
            suite.seconds = report.seconds;
            for row in learner.rows(sheet.weights) {
                let class = format!("{}.{}", row.slug, row.step.step);
                let attributes = format!(
                    "name=\"{}\" classname=\"{}\" time=\"{:.3}\" file=\"{}\"",
                    escaped(&row.title(sheet)),
                    escaped(&class),
                    row.check.seconds,
                    escaped(&row.file()),
                );
                let message = one_line(&row.check.message);
                let (kind, details) = (row.verdict(), row.details());
                suite.case(&attributes, &child(&row), kind, &message, &details);
            }
        }
        Err(trouble) => {
            let name = escaped(words::access(sheet.lang));
            let attributes = format!("name=\"{name}\" classname=\"account\" time=\"0.000\"");
            let message = one_line(&trouble.message);
            suite.case(&attributes, &Child::Error, &trouble.reason, &message, "");
        }
    }
    suite
}

fn child(row: &Row<'_>) -> Child {
    match row.check.verdict {
        Verdict::Pass => Child::Passed,
        _ if row.check.course_error => Child::Error,
        _ if row.is_extra() => Child::Skipped,
        Verdict::Fail => Child::Failure,
        Verdict::CannotTell => Child::Error,
        Verdict::Blocked | Verdict::Skipped | Verdict::Waiting => Child::Skipped,
    }
}

impl Suite {
    fn attributes(&self, name: &str, started: &str) -> String {
        // Readers want a time without a zone; it is UTC.
        let timestamp: String = started.chars().take("2026-11-28T09:00:00".len()).collect();
        format!(
            "name=\"{}\" tests=\"{}\" failures=\"{}\" errors=\"{}\" skipped=\"{}\" time=\"{:.3}\" \
             timestamp=\"{}\"",
            escaped(&one_line(name)),
            self.tests,
            self.failures,
            self.errors,
            self.skipped,
            self.seconds,
            escaped(&one_line(&timestamp)),
        )
    }

    fn case(&mut self, attributes: &str, child: &Child, kind: &str, message: &str, text: &str) {
        self.tests += 1;
        let (message, kind) = (escaped(message), escaped(&one_line(kind)));
        let (element, attributes_of) = match child {
            Child::Passed => {
                let _ = writeln!(self.cases, "    <testcase {attributes}/>");
                return;
            }
            Child::Skipped => {
                self.skipped += 1;
                ("skipped", format!("message=\"{kind}: {message}\""))
            }
            Child::Failure => {
                self.failures += 1;
                ("failure", format!("message=\"{message}\" type=\"{kind}\""))
            }
            Child::Error => {
                self.errors += 1;
                ("error", format!("message=\"{message}\" type=\"{kind}\""))
            }
        };
        let text = escaped(text);
        let _ = writeln!(
            self.cases,
            "    <testcase {attributes}>\n      <{element} {attributes_of}>{text}</{element}>\n    \
             </testcase>"
        );
    }
}

/// For text and quoted attributes. Control characters are gone already.
fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}
