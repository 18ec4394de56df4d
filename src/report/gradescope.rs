//! One learner's result as Gradescope's `results.json`: a test for each check, with points.
//!
//! Gradescope knows passed and failed only. What could not be graded costs nothing and is no test
//! that failed by itself: one visible test tells the learner to tell the instructor, and a hidden one
//! for each cause tells the instructor what to do. Extra credit that is proven adds to the score.

use serde_json::{Value, json};

use super::sheet::{Learner, Row, Sheet, number, one_line};
use super::words;
use crate::check::Verdict;

/// A learner's file.
pub fn gradescope(sheet: &Sheet<'_>, learner: &Learner<'_>) -> Value {
    let (seconds, mut tests, causes) = match learner.result {
        Ok(report) => {
            let rows = learner.rows(sheet.weights);
            let tests: Vec<Value> = rows.iter().filter_map(|row| test(sheet, row)).collect();
            let open = rows.iter().filter(|row| row.is_open() && !row.is_extra());
            let cause = |row: &Row<'_>| (row.title(sheet), one_line(&row.check.message));
            (report.seconds, tests, open.map(cause).collect::<Vec<_>>())
        }
        Err(trouble) => {
            let title = words::access(sheet.lang).to_owned();
            (0.0, Vec::new(), vec![(title, one_line(&trouble.message))])
        }
    };
    if !causes.is_empty() {
        let name = words::not_graded(sheet.lang, causes.len());
        let output = words::tell_instructor(sheet.lang);
        tests.push(untold(&name, output, "visible"));
        tests.extend(causes.iter().map(|(name, cause)| untold(name, cause, "hidden")));
    }
    json!({
        "execution_time": seconds,
        "visibility": "visible",
        "stdout_visibility": "hidden",
        "output": summary(sheet, learner),
        "tests": tests,
        "extra_data": basis(sheet, learner),
    })
}

/// What the result rests on. Gradescope keeps it with the submission.
fn basis(sheet: &Sheet<'_>, learner: &Learner<'_>) -> Value {
    sheet.basis(learner).iter().map(|(name, value)| (*name, one_line(value))).collect()
}

/// None for what is told elsewhere, and for extra credit that isn't proven.
fn test(sheet: &Sheet<'_>, row: &Row<'_>) -> Option<Value> {
    let passed = row.check.verdict == Verdict::Pass;
    if row.is_open() && !row.is_extra() || row.is_extra() && !passed {
        return None;
    }
    let mut tags = vec![one_line(row.slug)];
    if row.is_extra() {
        tags.push(words::extra(sheet.lang).to_owned());
    }
    let details = row.details();
    let output = match (one_line(&row.check.message), details.as_str()) {
        (message, "") => message,
        (message, details) => format!("{message}\n{details}"),
    };
    Some(json!({
        "name": row.title(sheet),
        "number": one_line(&row.step.step),
        "score": if passed { row.worth } else { 0.0 },
        "max_score": if row.is_extra() { 0.0 } else { row.worth },
        "status": if passed { "passed" } else { "failed" },
        "output": output,
        "tags": tags,
        "visibility": "visible",
    }))
}

/// A test that costs nothing.
fn untold(name: &str, output: &str, visibility: &str) -> Value {
    json!({
        "name": name,
        "score": 0.0,
        "max_score": 0.0,
        "status": "failed",
        "output": output,
        "visibility": visibility,
    })
}

fn summary(sheet: &Sheet<'_>, learner: &Learner<'_>) -> String {
    let title = one_line(sheet.course.index.title.get(sheet.lang));
    let points = learner.points(sheet.weights).map_or_else(String::new, |points| {
        format!(
            " · {}",
            words::points(sheet.lang, &number(points.earned), &number(points.possible))
        )
    });
    format!("{title} · {}{points}", learner.title())
}
