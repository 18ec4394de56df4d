//! The records as a table for spreadsheets and programs (RFC 4180).

use super::{Grades, Record};
use crate::check::State;

const HEADER: &str = "name,account,region,verdict,earned,possible,undecided,next,reason,message";

/// A line for each account, after a header. What was not read has no points: an empty field.
pub fn csv(grades: &Grades<'_>) -> String {
    let mut text = HEADER.to_owned() + "\r\n";
    for record in &grades.accounts {
        text.push_str(&line(record));
        text.push_str("\r\n");
    }
    text
}

fn line(record: &Record) -> String {
    let report = record.report();
    let trouble = record.trouble();
    let number = |number: Option<u32>| number.map(|number| number.to_string()).unwrap_or_default();
    let verdict = serde_json::to_value(record.verdict()).unwrap_or_default();
    let next = report
        .and_then(|report| report.steps().find(|step| !step.optional && step.state != State::Done));
    let fields = [
        shown(&record.name),
        record.account.clone(),
        report.map(|report| report.region.clone()).unwrap_or_default(),
        verdict.as_str().unwrap_or_default().to_owned(),
        number(report.map(|report| report.score.earned)),
        number(report.map(|report| report.score.possible)),
        record.undecided().map(|count| count.to_string()).unwrap_or_default(),
        next.map(|step| step.step.clone()).unwrap_or_default(),
        trouble.map(|trouble| trouble.reason.clone()).unwrap_or_default(),
        trouble.map(|trouble| shown(&trouble.message)).unwrap_or_default(),
    ];
    fields.map(|field| quoted(&field)).join(",")
}

/// A text that no spreadsheet takes for a formula.
pub(in crate::report) fn shown(text: &str) -> String {
    if text.starts_with(['=', '+', '-', '@', '\t', '\r']) {
        format!("'{text}")
    } else {
        text.to_owned()
    }
}

/// A field as it is written.
pub(in crate::report) fn quoted(field: &str) -> String {
    if field.contains([',', '"', '\n', '\r']) {
        format!("\"{}\"", field.replace('"', "\"\""))
    } else {
        field.to_owned()
    }
}
