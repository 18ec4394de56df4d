//! One learner's result for GitHub Classroom's autograding reporter: JSON, as base64.
//!
//! While something could not be decided, the largest score is 0: the reporter then records no grade,
//! where it would otherwise record too low a one. The tests still say what passes and what doesn't.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};

use super::sheet::{Learner, Row, Sheet, one_line};
use super::words;
use crate::check::Verdict;

/// A learner's result, as the reporter takes it.
pub fn github(sheet: &Sheet<'_>, learner: &Learner<'_>) -> String {
    STANDARD.encode(result(sheet, learner).to_string())
}

fn result(sheet: &Sheet<'_>, learner: &Learner<'_>) -> Value {
    let points = learner.points(sheet.weights);
    let rows = learner.rows(sheet.weights);
    let is_final = !rows.iter().any(|row| row.is_open() && !row.is_extra());
    let max_score = points.filter(|_| is_final).map_or(0.0, |points| points.possible);
    // Extra credit that isn't proven costs nothing.
    let told = |row: &&Row<'_>| !row.is_extra() || row.check.verdict == Verdict::Pass;
    let tests: Vec<Value> = match learner.result {
        Ok(_) => rows.iter().filter(told).map(|row| test(sheet, row, is_final)).collect(),
        Err(trouble) => {
            let name = words::access(sheet.lang);
            let message =
                format!("{} {}", words::tell_instructor(sheet.lang), one_line(&trouble.message));
            vec![entry(name, "error", 0.0, &message, "", 0.0)]
        }
    };
    let has = |status: &str| tests.iter().any(|test| test["status"] == status);
    let status = ["fail", "error"].into_iter().find(|status| has(status)).unwrap_or("pass");
    json!({ "version": 1, "status": status, "max_score": max_score, "tests": tests })
}

fn test(sheet: &Sheet<'_>, row: &Row<'_>, is_final: bool) -> Value {
    let status = match row.check.verdict {
        Verdict::Pass => "pass",
        _ if row.is_open() => "error",
        _ => "fail",
    };
    let score = if status == "pass" && is_final { row.worth } else { 0.0 };
    let message = one_line(&row.check.message);
    entry(&row.title(sheet), status, score, &message, &row.file(), row.check.seconds)
}

fn entry(
    name: &str,
    status: &str,
    score: f64,
    message: &str,
    filename: &str,
    duration: f64,
) -> Value {
    json!({
        "name": name,
        "status": status,
        "score": score,
        "message": message,
        "test_code": "",
        "filename": filename,
        "line_no": 0,
        "duration": duration,
    })
}
