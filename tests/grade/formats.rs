//! The formats for graders, read back by their readers' own rules.

use std::collections::BTreeMap;
use std::path::Path;

use serde_json::{Value, json};
use stepproof::check::Report;
use stepproof::course::Course;
use stepproof::report::grade::{Grades, Outcome, Record, Trouble};
use stepproof::report::{self, Learner, Sheet, Weights};

use super::readers::{self, Test};

/// What nobody may put into a file that others read: escape sequences, ends of lines and of elements,
/// directives, characters that XML can't hold, a formula.
const HOSTILE: &str = "=cmd|'/C calc'!A1,\"x\" ]]></testcase><b>&amp;\u{1b}[31m\u{0}\u{ffff}\u{202e}\
                       \r\nnot ok 7 \\# TODO # SKIP \u{85}é";

fn check(name: &str, verdict: &str, optional: bool, because: Option<&str>) -> Value {
    let mut check = json!({
        "check": name, "verdict": verdict, "message": format!("About {name}. {HOSTILE}"),
        "hint": HOSTILE, "offenders": [HOSTILE, "GET /socks"], "evidence": {}, "seconds": 0.25,
    });
    if optional {
        check["optional"] = json!(true);
    }
    if let Some(because) = because {
        check["blocked_by"] = json!({ "step": "0a", "because": because });
    }
    check
}

/// A record with a check of every verdict.
fn every_verdict() -> Record {
    let steps = json!([
        { "step": "1a", "optional": false, "state": "in_progress", "checks": [
            check("passes", "pass", false, None),
            check("fails", "fail", false, None),
            check("waits", "waiting", false, None),
            check("blocked-by-failure", "blocked", false, Some("fail")),
            check("blocked-by-doubt", "blocked", false, Some("cannot_tell")),
            check("untold", "cannot_tell", false, None),
            check("skipped", "skipped", false, None),
            check("extra-proven", "pass", true, None),
            check("extra-open", "fail", true, None),
        ] },
    ]);
    let report: Report = serde_json::from_value(json!({
        "schema": 1, "tool": "stepproof", "course": { "id": "c", "sha256": "0" },
        "account": "111111111111", "caller": "arn:aws:sts::111111111111:assumed-role/g/s",
        "kind": "aws", "region": "us-east-1", "started": "2026-11-28T09:00:00.5Z", "seconds": 1.5,
        "api_calls": 3, "score": { "earned": 1, "possible": 7 },
        "modules": [{ "module": 1, "slug": "authentication", "state": "in_progress", "steps": steps }],
    }))
    .unwrap();
    record("111111111111", Outcome::Report(Box::new(report)))
}

fn no_access() -> Record {
    let message = format!("Ask for the role. {HOSTILE}");
    record(
        "222222222222",
        Outcome::Trouble(Trouble { reason: "access_denied".to_owned(), message }),
    )
}

fn record(account: &str, outcome: Outcome) -> Record {
    let (name, account) = (HOSTILE.to_owned(), account.to_owned());
    Record { name, account, stacks: BTreeMap::new(), stage: "dev".to_owned(), outcome }
}

/// Does something with a sheet of two learners.
fn with_sheet<T>(weights: &str, run: impl Fn(&Sheet<'_>) -> T) -> T {
    let course = Course::embedded().unwrap();
    let weights = match weights {
        "" => Weights::default(),
        text => Weights::read("weights.yaml", text.as_bytes(), &course).unwrap(),
    };
    let records = [every_verdict(), no_access()];
    let started = "2026-11-28T09:00:00.123Z".to_owned();
    let grades = Grades::new(&course, started, 2.0, &weights, &records);
    run(&grades.sheet(&course, &weights, "en"))
}

/// The results by check.
fn results(tests: &[Test]) -> Vec<(&str, &str)> {
    let name = |test: &'_ Test| test.name.rsplit(": ").next().map_or(0, str::len);
    tests
        .iter()
        .map(|test| (&test.name[test.name.len() - name(test)..], test.result.as_str()))
        .collect()
}

#[test]
fn junit_says_failure_error_and_skipped() {
    let suites = readers::junit(&with_sheet("", report::junit));
    assert_eq!(
        results(&suites[0].tests),
        [
            ("passes", "passed"),
            ("fails", "failure"),
            ("waits", "skipped"),
            ("blocked-by-failure", "skipped"),
            ("blocked-by-doubt", "skipped"),
            ("untold", "error"),
            ("skipped", "skipped"),
            ("extra-proven", "passed"),
            ("extra-open", "skipped"),
        ]
    );
    assert!(suites[0].tests[1].message.contains("About fails. =cmd|'/C calc'!A1,\"x\" ]]></test"));
    assert_eq!(suites[0].properties["points.earned"], "1");
    assert_eq!(suites[1].tests.len(), 1);
    assert_eq!(suites[1].tests[0].result, "error");
    assert!(suites[1].tests[0].message.starts_with("Ask for the role."));
    assert!(!suites[1].properties.contains_key("points.earned"), "never a zero");
}

#[test]
fn tap_calls_nothing_ok_that_is_not_proven() {
    let (points, suites) = readers::tap(&with_sheet("", report::tap));
    let all: Vec<&str> = points.iter().map(|test| test.result.as_str()).collect();
    assert_eq!(all, ["not ok", "skip"]);
    assert!(points[1].message.starts_with("Ask for the role."), "{points:?}");
    assert_eq!(suites.len(), 1, "no subtest of an account that wasn't read");
    assert!(suites[0].name.contains("not ok 7 \\# TODO # SKIP"), "{}", suites[0].name);
    assert_eq!(
        results(&suites[0].tests),
        [
            ("passes", "ok"),
            ("fails", "not ok"),
            ("waits", "todo"),
            ("blocked-by-failure", "skip"),
            ("blocked-by-doubt", "skip"),
            ("untold", "skip"),
            ("skipped", "skip"),
            ("extra-proven", "ok"),
            ("extra-open", "todo"),
        ]
    );
    assert!(suites[0].tests[1].message.starts_with("About fails."));
}

#[test]
fn gradescope_hides_the_cause_and_takes_no_points_for_what_was_not_graded() {
    let weights = "{ default: 2, extra: 0.5 }";
    let files = with_sheet(weights, |sheet| {
        let file = |one: &Learner<'_>| report::gradescope(sheet, one).to_string();
        sheet.learners.iter().map(file).collect::<Vec<_>>()
    });
    let (visible, hidden, earned, possible) = readers::gradescope(&files[0]);
    assert_eq!(
        results(&visible),
        [
            ("passes", "passed"),
            ("fails", "failed"),
            ("blocked-by-failure", "failed"),
            ("skipped", "failed"),
            ("extra-proven", "passed"),
            ("3 things could not be graded", "failed"),
        ]
    );
    assert_eq!((earned, possible), (2.5, 8.0));
    let causes: Vec<&str> = results(&hidden).into_iter().map(|(name, _)| name).collect();
    assert_eq!(causes, ["waits", "blocked-by-doubt", "untold"]);
    let (visible, hidden, _, possible) = readers::gradescope(&files[1]);
    assert!(visible[0].message.contains("Tell your instructor"), "{visible:?}");
    assert!(hidden[0].message.starts_with("Ask for the role."), "{hidden:?}");
    assert!(possible.abs() < f64::EPSILON, "nothing that counts as lost");
}

#[test]
fn github_classroom_records_no_grade_while_something_is_not_decided() {
    let files = with_sheet("", |sheet| {
        let file = |one: &Learner<'_>| report::github(sheet, one);
        sheet.learners.iter().map(file).collect::<Vec<_>>()
    });
    let (status, tests, points, all) = readers::github(&files[0]);
    assert_eq!((status.as_str(), points, all), ("fail", 0.0, 0.0));
    assert_eq!(
        results(&tests),
        [
            ("passes", "pass"),
            ("fails", "fail"),
            ("waits", "error"),
            ("blocked-by-failure", "fail"),
            ("blocked-by-doubt", "error"),
            ("untold", "error"),
            ("skipped", "fail"),
            ("extra-proven", "pass"),
        ]
    );
    let (status, tests, _, all) = readers::github(&files[1]);
    assert_eq!((status.as_str(), all), ("error", 0.0));
    assert!(tests[0].message.contains("Ask for the role."), "{tests:?}");
}

#[test]
fn a_spreadsheet_gets_no_formula_and_no_points_for_what_was_not_decided() {
    let rows = readers::csv(&with_sheet("", report::csv));
    assert_eq!(rows.len(), 10, "nine checks, and a learner without access");
    let points: Vec<(&str, &str)> =
        rows.iter().map(|row| (row["check"].as_str(), row["earned"].as_str())).collect();
    assert_eq!(
        points,
        [
            ("passes", "1"),
            ("fails", "0"),
            ("waits", ""),
            ("blocked-by-failure", "0"),
            ("blocked-by-doubt", ""),
            ("untold", ""),
            ("skipped", "0"),
            ("extra-proven", "0"),
            ("extra-open", "0"),
            ("", ""),
        ]
    );
    assert_eq!(rows[9]["verdict"], "cannot_tell");
    assert!(rows[9]["message"].starts_with("Ask for the role."));
    let book = readers::csv(&with_sheet("{ pass_mark: 50 }", report::gradebook));
    let of = |row: usize| {
        ["verdict", "earned", "possible", "undecided", "passes"].map(|c| book[row][c].as_str())
    };
    assert_eq!(of(0), ["fail", "1", "7", "3", ""], "three more would reach it");
    assert_eq!(of(1), ["cannot_tell", "", "", "", ""]);
    assert_eq!(book[1]["reason"], "access_denied");
}

#[test]
fn weights_name_the_narrowest_and_the_mark_waits_for_what_is_open() {
    let points = |weights: &str| {
        with_sheet(weights, |sheet| sheet.learners[0].points(sheet.weights).unwrap())
    };
    let found = points("{ pass_mark: 60, default: 0.1, modules: { 1: 3 } }");
    assert_eq!((found.earned, found.undecided, found.possible), (3.0, 9.0, 21.0));
    assert_eq!(found.passes, Some(false), "9 more would not reach 12.6");
    let found = points("{ pass_mark: 10, modules: { 1: 3 }, steps: { 1a: 0.1 } }");
    assert_eq!((found.earned, found.possible, found.extra), (0.1, 0.7, 0.1));
    assert_eq!(found.passes, Some(true));
    let alone = with_sheet("", |sheet| sheet.learners[1].points(sheet.weights));
    assert_eq!(alone, None);
}

#[test]
fn weights_that_are_wrong_are_told_with_their_place() {
    let course = Course::embedded().unwrap();
    let wrong =
        |text: &str| Weights::read("w.yaml", text.as_bytes(), &course).unwrap_err().to_string();
    for (text, expected) in [
        ("pass_mark: 101\n", "w.yaml:1:12: 101 can't be used here"),
        ("default: 1\nsteps:\n  1d: -1\n", "w.yaml:3:7: -1 can't be used here"),
        (
            "checks: { anonymous-call-are-refused: 2 }\n",
            "did you mean `anonymous-calls-are-refused`?",
        ),
        ("modules:\n  77: 2\n", "w.yaml:2:3: the course has no module `77`"),
        ("default: .nan\n", "w.yaml:1:10"),
        ("default: 0.125\n", "at most two decimals"),
        ("step: { 1d: 2 }\n", "w.yaml:1:1"),
        ("steps: [1]\n", "w.yaml:1:8"),
        ("default: 1\ndefault: 2\n", "w.yaml:2:1"),
    ] {
        let said = wrong(text);
        assert!(said.contains(expected), "{text}: {said}");
    }
    let bytes = b"\xff\xfe";
    assert!(Weights::read("w.yaml", bytes, &course).unwrap_err().to_string().contains("UTF-8"));
}

#[test]
fn a_roster_is_graded_in_each_format_and_every_file_is_read_back() {
    let practice = super::room();
    super::trouble(&practice);
    practice.file("weights.yaml", "pass_mark: 10\nmodules: { 0: 2 }\nextra: 0.5\n");
    let run = |format: &str, more: &[&str]| {
        let output = super::grade(
            &practice,
            &[&["--format", format, "--weights", "weights.yaml"], more].concat(),
        );
        assert_eq!(super::code(&output), 1, "{format}: {}", super::text(&output));
        String::from_utf8(output.stdout).unwrap()
    };
    let grades: Value = serde_json::from_str(&run("json", &[])).unwrap();
    let schema = serde_json::to_value(schemars::schema_for!(Grades<'_>)).unwrap();
    let validator = jsonschema::validator_for(&schema).unwrap();
    let errors: Vec<String> = validator.iter_errors(&grades).map(|e| e.to_string()).collect();
    assert!(errors.is_empty(), "{errors:?}");
    let solved = super::of(&grades, super::AUTHENTICATED)["points"].clone();
    assert_eq!(solved["passes"], true, "{solved}");
    assert!(super::of(&grades, super::DENIED).get("points").is_none(), "never a zero");

    let suites = readers::junit(&run("junit", &[]));
    let errors =
        |suite: &readers::Suite| suite.tests.iter().filter(|t| t.result == "error").count();
    assert_eq!(suites.iter().map(errors).collect::<Vec<_>>()[..4], [0, 0, 1, 1]);
    assert_eq!(
        suites[0].properties["points.earned"],
        solved["earned"].to_string().trim_end_matches(".0")
    );
    let (points, _) = readers::tap(&run("tap", &[]));
    let all: Vec<&str> = points.iter().map(|test| test.result.as_str()).collect();
    assert_eq!(all, ["not ok", "not ok", "skip", "skip", "skip", "not ok"]);
    let rows = readers::csv(&run("csv", &[]));
    assert!(
        rows.iter().any(|row| row["account"] == super::HALF_DENIED && row["earned"].is_empty())
    );
    assert_eq!(readers::csv(&run("gradebook", &[])).len(), 6);

    run("gradescope", &["--output", "scope"]);
    run("github", &["--output", "classroom"]);
    let read = |path: &str| std::fs::read_to_string(practice.path().join(Path::new(path))).unwrap();
    for account in [super::AUTHENTICATED, super::DENIED] {
        let (_, hidden, earned, _) = readers::gradescope(&read(&format!("scope/{account}.json")));
        let (_, _, classroom, all) = readers::github(&read(&format!("classroom/{account}.txt")));
        if account == super::DENIED {
            assert!(hidden[0].message.contains("not authorized") || !hidden[0].message.is_empty());
            assert_eq!((earned, all), (0.0, 0.0));
        } else {
            assert!(hidden.is_empty(), "{hidden:?}");
            assert!(earned >= solved["earned"].as_f64().unwrap());
            assert_eq!(json!(all), solved["possible"]);
            assert!(classroom >= solved["earned"].as_f64().unwrap());
        }
    }
    let again = super::grade(&practice, &["--format", "github", "--output", "classroom"]);
    assert_eq!(super::code(&again), 2, "nothing is overwritten");
    let nowhere = super::grade(&practice, &["--format", "gradescope"]);
    assert!(super::text(&nowhere).contains("--output a directory"), "{}", super::text(&nowhere));
}

#[test]
fn one_account_is_verified_in_each_format() {
    let practice = super::room();
    practice.file("weights.yaml", "pass_mark: 90\n");
    let run = |format: &str| {
        let args = ["verify", "--practice", "--module", "0", "--format", format, "--weights"];
        let mut command = practice.command(&[&args[..], &["weights.yaml"]].concat());
        command.current_dir(practice.path()).env("AWS_ACCESS_KEY_ID", super::SET_UP);
        let output = command.output().unwrap();
        assert_eq!(super::code(&output), 0, "{format}: {}", super::text(&output));
        String::from_utf8(output.stdout).unwrap()
    };
    let report: Value = serde_json::from_str(&run("json")).unwrap();
    assert_eq!(report["points"]["passes"], true, "{}", report["points"]);
    let schema = serde_json::to_value(report::schema()).unwrap();
    assert!(jsonschema::validator_for(&schema).unwrap().is_valid(&report));
    let suites = readers::junit(&run("junit"));
    assert_eq!(suites[0].name, super::SET_UP);
    let (points, suites) = readers::tap(&run("tap"));
    assert!(suites.is_empty() && points.iter().all(|test| test.result == "ok"), "{points:?}");
    let (visible, hidden, earned, possible) = readers::gradescope(&run("gradescope"));
    assert!(hidden.is_empty() && visible.len() == points.len() && earned >= possible);
    let (status, _, earned, possible) = readers::github(&run("github"));
    assert_eq!((status.as_str(), earned), ("pass", possible));
    assert_eq!(readers::csv(&run("csv")).len(), points.len());
    assert_eq!(readers::csv(&run("gradebook"))[0]["passes"], "true");
    assert!(run("human").contains("reaches the pass mark"));
}
