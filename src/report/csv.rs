//! Results as tables for spreadsheets and programs (RFC 4180): a line for each learner's check, or a
//! line for each learner.

use super::grade::verdict_of;
use super::sheet::{Learner, Row, Sheet, code, number, one_line};
use crate::check::{State, Verdict};

const CHECKS: &str =
    "name,account,region,module,step,check,verdict,extra,earned,possible,message,offenders,hint";
const LEARNERS: &str = "name,account,region,verdict,earned,possible,undecided,extra,passes,next,\
                        reason,message";

/// A line for each check of each learner, after a header. What could not be decided has no points:
/// an empty field. A learner whose account could not be read has one line, without a check.
pub fn csv(sheet: &Sheet<'_>) -> String {
    let lines = sheet.learners.iter().flat_map(|learner| match learner.result {
        Ok(_) => {
            let rows = learner.rows(sheet.weights);
            rows.iter().map(|row| check(learner, row)).collect()
        }
        Err(trouble) => {
            let verdict = code(Verdict::CannotTell).to_owned();
            let mut fields = vec![one_line(learner.name), learner.account.to_owned()];
            fields.extend(["", "", "", ""].map(str::to_owned));
            fields.push(verdict);
            fields.extend(["", "", ""].map(str::to_owned));
            fields.push(one_line(&trouble.message));
            fields.extend(["", ""].map(str::to_owned));
            vec![fields]
        }
    });
    table(CHECKS, lines)
}

/// A line for each learner, after a header. An account that was not read has no points: an empty
/// field.
pub fn gradebook(sheet: &Sheet<'_>) -> String {
    table(LEARNERS, sheet.learners.iter().map(|one| learner(sheet, one)))
}

fn check(learner: &Learner<'_>, row: &Row<'_>) -> Vec<String> {
    let passed = row.check.verdict == Verdict::Pass;
    let earned = if passed { row.worth } else { 0.0 };
    let offenders: Vec<String> = row.check.offenders.iter().map(|one| one_line(one)).collect();
    vec![
        one_line(learner.name),
        learner.account.to_owned(),
        learner.result.map_or_else(|_| String::new(), |report| report.region.clone()),
        row.module.map_or_else(|| row.slug.to_owned(), |module| module.to_string()),
        row.step.step.clone(),
        row.check.check.clone(),
        row.verdict().to_owned(),
        row.is_extra().to_string(),
        if row.is_open() { String::new() } else { number(earned) },
        number(row.worth),
        one_line(&row.check.message),
        offenders.join("\n"),
        one_line(&row.check.hint),
    ]
}

fn learner(sheet: &Sheet<'_>, learner: &Learner<'_>) -> Vec<String> {
    let (name, account) = (one_line(learner.name), learner.account.to_owned());
    let report = match learner.result {
        Ok(report) => report,
        Err(trouble) => {
            let mut fields = vec![name, account, String::new()];
            fields.push(code(Verdict::CannotTell).to_owned());
            fields.extend(["", "", "", "", "", ""].map(str::to_owned));
            fields.extend([trouble.reason.clone(), one_line(&trouble.message)]);
            return fields;
        }
    };
    let of = |points: fn(super::Points) -> f64| {
        learner.points(sheet.weights).map_or_else(String::new, |all| number(points(all)))
    };
    let passes = learner.points(sheet.weights).and_then(|points| points.passes);
    let next = report.steps().find(|step| !step.optional && step.state != State::Done);
    vec![
        name,
        account,
        report.region.clone(),
        code(verdict_of(report)).to_owned(),
        of(|points| points.earned),
        of(|points| points.possible),
        of(|points| points.undecided),
        of(|points| points.extra),
        passes.map_or_else(String::new, |passes| passes.to_string()),
        next.map_or_else(String::new, |step| step.step.clone()),
        String::new(),
        String::new(),
    ]
}

fn table(header: &str, lines: impl Iterator<Item = Vec<String>>) -> String {
    let mut text = header.to_owned() + "\r\n";
    for fields in lines {
        let fields: Vec<String> = fields.iter().map(|field| quoted(&shown(field))).collect();
        text.push_str(&fields.join(","));
        text.push_str("\r\n");
    }
    text
}

/// A text that no spreadsheet takes for a formula.
pub(super) fn shown(text: &str) -> String {
    let begins = text.trim_start();
    // Some read the full-width signs as the narrow ones.
    if begins.starts_with(['=', '+', '-', '@', '＝', '＋', '－', '＠']) {
        format!("'{text}")
    } else {
        text.to_owned()
    }
}

/// A field as it is written.
pub(super) fn quoted(field: &str) -> String {
    if field.contains([',', '"', '\n', '\r']) {
        format!("\"{}\"", field.replace('"', "\"\""))
    } else {
        field.to_owned()
    }
}
