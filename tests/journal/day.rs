//! A learner's afternoon as an export, and machines that take it.

use std::path::Path;
use std::process::{Output, Stdio};

use serde_json::{Value, json};
use stepproof::course::Course;
use tempfile::TempDir;

use super::support::stepproof;

/// A data directory without any account.
pub(crate) struct Machine {
    home: TempDir,
}

impl Machine {
    pub(crate) fn new() -> Self {
        Self { home: tempfile::tempdir().unwrap() }
    }

    pub(crate) fn path(&self) -> &Path {
        self.home.path()
    }

    /// Runs the program, with times in UTC.
    pub(crate) fn run(&self, args: &[&str]) -> Output {
        stepproof(self.path()).args(args).env("TZ", "UTC").output().unwrap()
    }

    /// Runs the program with something on its stdin.
    pub(crate) fn run_with(&self, args: &[&str], input: &[u8]) -> Output {
        let file = self.path().join("stdin");
        std::fs::write(&file, input).unwrap();
        let mut command = stepproof(self.path());
        command.args(args).stdin(std::fs::File::open(&file).unwrap());
        command.stdout(Stdio::piped()).output().unwrap()
    }

    /// Imports an export.
    pub(crate) fn import(&self, export: &Value) -> Output {
        self.run_with(&["journal", "--import", "-"], export.to_string().as_bytes())
    }
}

/// An event at a minute of the afternoon.
fn event(minute: u32, what: &Value) -> Value {
    json!({ "at": format!("2026-03-12T{:02}:{:02}:00Z", 13 + minute / 60, minute % 60), "what": what })
}

/// A verification of steps: all checks pass, or those of the named steps fail.
fn verified(course: &Course, steps: &[&str], failing: &[&str]) -> Value {
    let of = course.steps().filter(|(_, step)| steps.contains(&step.spec.id.as_str()));
    let verdicts: serde_json::Map<String, Value> = of
        .flat_map(|(_, step)| step.checks.iter().map(move |check| (step, check)))
        .map(|(step, check)| {
            let fails = failing.contains(&step.spec.id.as_str());
            (check.check.clone(), json!(if fails { "fail" } else { "pass" }))
        })
        .collect();
    let caller = "arn:aws:iam::111122223333:user/attendee";
    json!({ "event": "verified", "caller": caller, "course_sha256": "", "verdicts": verdicts })
}

/// Modules 0 and 4 done, 1 nearly, 5 open again, hints, a skipped step, a request for help.
pub(crate) fn afternoon() -> Value {
    let course = Course::embedded().unwrap();
    let mut events = Vec::new();
    let opened = |minute, step: &str| event(minute, &json!({ "event": "opened", "step": step }));
    let check = |step: &str| course.step(step).unwrap().1.checks[0].check.clone();
    let proves = |minute, steps: &[&str], failing: &[&str]| {
        let mut all = vec![event(minute, &verified(&course, steps, failing))];
        let proven = steps.iter().filter(|step| !failing.contains(step));
        all.extend(proven.map(|step| event(minute, &json!({ "event": "proven", "step": step }))));
        all
    };
    events.extend([opened(2, "0a"), opened(19, "0b"), opened(22, "0c")]);
    events.extend(proves(24, &["0a", "0b", "0c"], &["0b"]));
    events.extend(proves(27, &["0b"], &[]));
    events.push(opened(28, "0d"));
    events.extend(proves(34, &["0d"], &[]));
    events.push(opened(35, "0e"));
    events.extend(proves(46, &["0a", "0b", "0c", "0d", "0e"], &[]));
    for (minute, step) in [(48, "1a"), (55, "1b"), (61, "1c"), (64, "1d")] {
        events.push(opened(minute, step));
    }
    events.extend(proves(63, &["1a", "1b", "1c"], &[]));
    events.extend(proves(75, &["1d"], &["1d"]));
    let hint = |minute, step: &str, open: usize| {
        event(minute, &json!({ "event": "hint", "check": check(step), "open": open }))
    };
    events.extend([hint(77, "1d", 1), hint(83, "1d", 2)]);
    events.extend(proves(81, &["1d"], &["1d"]));
    events.push(event(85, &json!({ "event": "help_asked", "step": "1d" })));
    events.extend(proves(93, &["1d"], &[]));
    events.push(opened(94, "1e"));
    events.extend(proves(103, &["1e"], &[]));
    events.push(event(105, &json!({ "event": "skipped", "step": "1f" })));
    events.extend([opened(107, "4a"), opened(115, "4b")]);
    events.extend(proves(119, &["4a", "4b"], &[]));
    for question in ["brought-along", "never-called"] {
        let what = json!({ "event": "revealed", "module": 4, "question": question });
        events.push(event(121, &what));
    }
    events.push(opened(123, "5a"));
    events.extend(proves(136, &["5a"], &[]));
    events.extend(proves(141, &["5b"], &[]));
    events.extend(proves(158, &["5a", "5b"], &["5a"]));
    events.sort_by_key(|event| event["at"].as_str().unwrap().to_owned());
    json!({
        "schema": 1, "tool": "stepproof 0.1.0", "course": course.index.id, "kind": "aws",
        "account": "111122223333", "events": events,
    })
}
