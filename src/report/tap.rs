//! Results as a stream of the Test Anything Protocol, version 14: a test point for each check; where
//! there is a roster, a subtest for each learner.
//!
//! What isn't proven is never `ok`. The protocol has no word for an error: what could not be told is
//! skipped, as is what is blocked or was skipped; what waits, and extra credit that isn't proven, is
//! still to do. Neither counts as a failure.

use std::fmt::Write;

use super::sheet::{Learner, Row, Sheet, one_line};
use super::words;
use crate::check::{Report, Verdict};
use crate::report::grade::verdict_of;

/// One account's stream, or one with a subtest for each learner of a roster.
pub fn tap(sheet: &Sheet<'_>) -> String {
    let mut text = "TAP version 14\n".to_owned();
    if let [learner] = sheet.learners.as_slice()
        && learner.name.is_empty()
        && let Ok(report) = learner.result
    {
        points(&mut text, "", sheet, learner, report);
        return text;
    }
    let _ = writeln!(text, "1..{}", sheet.learners.len());
    for (at, learner) in sheet.learners.iter().enumerate() {
        subtest(&mut text, at + 1, sheet, learner);
    }
    text
}

fn subtest(text: &mut String, at: usize, sheet: &Sheet<'_>, learner: &Learner<'_>) {
    let title = escaped(&learner.title());
    match learner.result {
        Ok(report) => {
            let _ = writeln!(text, "# Subtest: {title}");
            points(text, "    ", sheet, learner, report);
            let verdict = verdict_of(report);
            let said = words::verdict(sheet.lang, verdict);
            let _ = writeln!(text, "{}", point(at, &title, verdict, false, said));
        }
        Err(trouble) => {
            let reason = escaped(&one_line(&trouble.message));
            let _ = writeln!(text, "{}", point(at, &title, Verdict::CannotTell, false, &reason));
            let values = [("reason", trouble.reason.as_str()), ("message", &trouble.message)];
            diagnostic(text, "", &values, &[]);
        }
    }
}

/// A plan; what the result rests on, as comments; and the checks.
fn points(
    text: &mut String,
    indent: &str,
    sheet: &Sheet<'_>,
    learner: &Learner<'_>,
    report: &Report,
) {
    let rows = learner.rows(sheet.weights);
    if rows.is_empty() {
        let _ = writeln!(text, "{indent}1..0 # {}", escaped(&one_line(&report.account)));
        return;
    }
    let _ = writeln!(text, "{indent}1..{}", rows.len());
    for (name, value) in sheet.basis(learner) {
        let _ = writeln!(text, "{indent}# {name}: {}", one_line(&value));
    }
    for (at, row) in rows.iter().enumerate() {
        let title = escaped(&row.title(sheet));
        let said = reason(row, sheet.lang);
        let point = point(at + 1, &title, row.check.verdict, row.is_extra(), &said);
        let _ = writeln!(text, "{indent}{point}");
        if row.check.verdict != Verdict::Pass {
            let values = [
                ("verdict", row.verdict()),
                ("message", &row.check.message),
                ("hint", &row.check.hint),
            ];
            diagnostic(text, indent, &values, &row.check.offenders);
        }
    }
}

/// Why a check has a directive, in a few words; the message stands below.
fn reason(row: &Row<'_>, lang: &str) -> String {
    let verdict = words::verdict(lang, row.check.verdict);
    if row.is_extra() { format!("{}: {verdict}", words::extra(lang)) } else { verdict.to_owned() }
}

fn point(at: usize, title: &str, verdict: Verdict, extra: bool, reason: &str) -> String {
    let directive = match verdict {
        Verdict::Pass => return format!("ok {at} - {title}"),
        Verdict::Fail if !extra => return format!("not ok {at} - {title}"),
        Verdict::Fail | Verdict::Waiting => "TODO",
        Verdict::Blocked | Verdict::CannotTell | Verdict::Skipped => "SKIP",
    };
    format!("not ok {at} - {title} # {directive} {reason}")
}

/// A YAML block. Its texts are written as JSON writes them, which YAML reads.
fn diagnostic(text: &mut String, indent: &str, values: &[(&str, &str)], offenders: &[String]) {
    let quoted = |value: &str| serde_json::Value::from(one_line(value)).to_string();
    let _ = writeln!(text, "{indent}  ---");
    for (name, value) in values.iter().filter(|(_, value)| !value.is_empty()) {
        let _ = writeln!(text, "{indent}  {name}: {}", quoted(value));
    }
    if !offenders.is_empty() {
        let _ = writeln!(text, "{indent}  offenders:");
    }
    for offender in offenders {
        let _ = writeln!(text, "{indent}    - {}", quoted(offender));
    }
    let _ = writeln!(text, "{indent}  ...");
}

/// A text on one line, in which no directive begins.
fn escaped(text: &str) -> String {
    text.replace('\\', "\\\\").replace('#', "\\#")
}
