//! A room of 500 accounts in mixed states, graded in each format; every file is read back by its
//! reader, and every reader gives each learner the same points.

use std::collections::BTreeMap;
use std::path::Path;
use std::process::Command;

use serde_json::{Value, json};

use super::{code, readers, text};
use crate::support::Practice;

const ACCOUNTS: usize = 500;
/// So many are throttled, and as many more can't be accessed.
const TENTH: usize = ACCOUNTS / 10;

/// A room as `benches/sweep.py` makes it.
fn room() -> Practice {
    let home = tempfile::tempdir().unwrap();
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("benches/sweep.py");
    let mut command = Command::new("python3");
    command.arg(script).args([env!("CARGO_BIN_EXE_stepproof"), &ACCOUNTS.to_string(), "--room"]);
    let output = command.arg(home.path()).output().unwrap();
    assert!(output.status.success(), "{}", text(&output));
    Practice::over(home)
}

fn number(at: usize) -> String {
    format!("{:012}", 200_000_000_001 + at)
}

/// Grades into a file or a directory of the data directory, and reads the accounts that have a final
/// result no more.
fn grade(practice: &Practice, format: &str, output: &str) {
    let all = ["grade", "--practice", "--roster", "roster.csv", "--jobs", "12"];
    let more = ["--results", "all.jsonl", "--resume", "--format", format, "--output", output];
    let mut command = practice.command(&[&all[..], &more].concat());
    let done = command.current_dir(practice.path()).output().unwrap();
    assert_eq!(code(&done), 1, "{format}: {}", text(&done));
}

/// The points by account; none where the account wasn't read.
type Points = BTreeMap<String, Option<f64>>;

/// As JUnit, the gradebook and CSV say it.
fn points_of_texts(practice: &Practice) -> [Points; 3] {
    let read = |name: &str| std::fs::read_to_string(practice.path().join(name)).unwrap();
    let suites = readers::junit(&read("grades.xml"));
    let properties = suites.iter().map(|suite| &suite.properties);
    let of = |of: &BTreeMap<String, String>| {
        let points = of.get("points.earned").map(|text| text.parse().unwrap());
        (of["account"].clone(), points)
    };
    let junit = properties.map(of).collect();
    let book = readers::csv(&read("book.csv"));
    let of = |row: &BTreeMap<String, String>| (row["account"].clone(), row["earned"].parse().ok());
    let book = book.iter().map(of).collect();
    let mut sums = Points::new();
    for row in readers::csv(&read("checks.csv")) {
        let sum = sums.entry(row["account"].clone()).or_default();
        if !row["check"].is_empty() && row["extra"] == "false" {
            *sum = Some(sum.unwrap_or_default() + row["earned"].parse().unwrap_or(0.0));
        }
    }
    [junit, book, sums]
}

/// As the files of a directory say it.
fn points_of_files(practice: &Practice) -> [Points; 2] {
    let (mut scope, mut classroom) = (Points::new(), Points::new());
    for account in (0..ACCOUNTS).map(number) {
        let read = |name: String| std::fs::read_to_string(practice.path().join(name)).unwrap();
        let (visible, hidden, earned, _) =
            readers::gradescope(&read(format!("scope/{account}.json")));
        assert!(!visible.is_empty());
        scope.insert(account.clone(), hidden.is_empty().then_some(earned));
        let (status, _, earned, possible) =
            readers::github(&read(format!("classroom/{account}.txt")));
        let graded = possible > 0.0;
        assert_eq!(status == "error", !graded, "{account}");
        classroom.insert(account, graded.then_some(earned));
    }
    [scope, classroom]
}

#[test]
#[ignore = "reads 500 accounts; run by `.ci/run many`"]
fn five_hundred_accounts_have_the_same_points_in_every_format() {
    let practice = room();
    let fault = |at: usize| {
        let fault = if at < TENTH { "throttling" } else { "access_denied" };
        json!({ "action": "*", "fault": fault, "account": number(at) })
    };
    practice.fault(&(0..2 * TENTH).map(fault).collect());
    grade(&practice, "json", "grades.json");
    for (format, output) in [
        ("junit", "grades.xml"),
        ("tap", "grades.tap"),
        ("csv", "checks.csv"),
        ("gradebook", "book.csv"),
        ("gradescope", "scope"),
        ("github", "classroom"),
    ] {
        grade(&practice, format, output);
    }
    let grades = std::fs::read(practice.path().join("grades.json")).unwrap();
    let grades: Value = serde_json::from_slice(&grades).unwrap();
    let accounts = grades["accounts"].as_array().unwrap();
    let of = |one: &Value| {
        let account = one["account"].as_str().unwrap().to_owned();
        (account, one["points"]["earned"].as_f64())
    };
    let truth: Points = accounts.iter().map(of).collect();
    assert_eq!(truth.len(), ACCOUNTS);
    let (untold, told): (Vec<usize>, Vec<usize>) =
        (0..ACCOUNTS).partition(|at| truth[&number(*at)].is_none());
    assert_eq!(untold, (0..2 * TENTH).collect::<Vec<_>>(), "never a zero, and nobody else's");
    let kinds: std::collections::BTreeSet<String> =
        told.iter().map(|at| format!("{:?}", truth[&number(*at)])).collect();
    assert!(kinds.len() >= 4, "mixed states: {kinds:?}");

    let (points, suites) =
        readers::tap(&std::fs::read_to_string(practice.path().join("grades.tap")).unwrap());
    assert_eq!((points.len(), suites.len()), (ACCOUNTS, ACCOUNTS - 2 * TENTH));
    assert_eq!(points.iter().filter(|point| point.result == "skip").count(), 2 * TENTH);
    let passed = points.iter().filter(|point| point.result == "ok").count();
    assert_eq!(json!(passed), grades["summary"]["proven"]);
    for said in points_of_texts(&practice).iter().chain(&points_of_files(&practice)) {
        assert_eq!(*said, truth);
    }
}
