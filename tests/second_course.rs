//! Another course than the one in the program, whole: what a course may be, is data. The course is
//! tests/courses/lending-library: two languages, stacks with roles of their own, modules that begin at
//! 1, an optional step, and a module that needs another one's step.
#![expect(clippy::unwrap_used, clippy::panic, reason = "a test says what broke by panicking")]

#[cfg(unix)]
#[expect(clippy::allow_attributes, reason = "whether a part is used differs by test program")]
#[allow(dead_code, reason = "each test program uses its own part")]
mod pty;
#[expect(clippy::allow_attributes, reason = "whether a part is used differs by test program")]
#[allow(dead_code, unused_imports, unreachable_pub, reason = "each test program uses its own part")]
mod support;

use serde_json::Value;
use support::{Practice, Report, code, text};

const LIBRARY: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/courses/lending-library");

impl Practice {
    /// Runs the program with the library's course; it must succeed. Both streams.
    fn library(&self, args: &[&str]) -> String {
        let output = self.stepproof(&[args, &["--course", LIBRARY]].concat());
        assert_eq!(code(&output), 0, "{args:?}: {}", text(&output));
        text(&output)
    }

    /// What `verify` says of the library.
    fn verify_library(&self, args: &[&str]) -> Report {
        self.verify_with(&[args, &["--course", LIBRARY]].concat())
    }
}

#[test]
fn it_lints_and_holds_in_every_order_that_it_allows() {
    let practice = Practice::start();
    assert!(practice.library(&["course", "lint"]).contains("nothing wrong"));
    let output = practice.stepproof(&["course", "test", "--format", "json", "--course", LIBRARY]);
    let outcome: Value = serde_json::from_slice(&output.stdout).unwrap();
    let scenarios = outcome["scenarios"].as_array().unwrap();
    let wrong: Vec<&Value> =
        scenarios.iter().filter(|s| s["findings"] != Value::Array(Vec::new())).collect();
    assert!(wrong.is_empty() && outcome["holds"] == true, "{wrong:#?}\n{}", text(&output));
    let of = |kind: &str| scenarios.iter().filter(|s| s["scenario"] == kind).collect::<Vec<_>>();
    // Module 3 needs a step of module 2, so it never comes without or before it.
    let solved: Vec<String> = of("solved").iter().map(|s| s["modules"].to_string()).collect();
    assert_eq!(solved, ["[1]", "[1,2]", "[1,2,3]"], "each state once");
    assert_eq!((of("broken").len(), of("cleaned_up").len()), (8, 1));

    let wrong = practice.stepproof(&["course", "test", "--order", "3,2", "--course", LIBRARY]);
    assert_eq!(code(&wrong), 2);
    assert!(text(&wrong).contains("Name 2 before 3."), "{}", text(&wrong));
}

#[test]
fn it_is_solved_verified_planned_and_taken_down_on_the_practice_account() {
    let practice = Practice::start();
    let before = practice.verify_library(&[]);
    assert_eq!(before.code, 1);
    before.assert_fails("shelf-is-up", "LibraryShelf isn't in us-east-1 yet");
    assert_eq!(before.verdict("errors-are-watched"), "blocked");
    let next = practice.library(&["next", "--practice"]);
    assert!(next.contains("1a Put up the shelf"), "{next}");

    // What module 3 needs of module 2 is solved with it, and nothing else of it.
    practice.library(&["practice", "solve", "3"]);
    let half = practice.verify_library(&[]);
    assert_eq!(half.not_passing().len(), 1, "{:?}", half.not_passing());
    assert_eq!(half.verdict("desk-is-traced"), "fail");
    assert_eq!(half.code, 0, "the extra step isn't required");
    assert_eq!(half.json["course"]["id"], "lending-library");
    practice.library(&["practice", "solve", "2b"]);
    practice.verify_library(&[]).assert_proven();
    let japanese = practice.verify_library(&["--lang", "ja"]);
    assert!(japanese.message("errors-are-watched").contains("アラーム"));

    let status = practice.library(&["status", "--practice"]);
    assert!(status.contains("Running a small service calmly"), "{status}");
    practice.library(&["practice", "solve", "cleanup"]);
    practice.verify_library(&["--cleanup"]).assert_proven();
    assert!(practice.verify_library(&[]).passing().is_empty());
}

#[test]
fn stacks_may_have_other_names_by_role() {
    let practice = Practice::start();
    let mine = ["--stack", "shelf=MyShelf", "--stack", "app=MyDesk"];
    practice.library(&[&["practice", "solve", "1"], &mine[..]].concat());
    let report = practice.verify_library(&[&["--module", "1"], &mine[..]].concat());
    report.assert_proven();
    assert!(report.message("shelf-is-up").contains("MyShelf"));
    assert_eq!(practice.verify_library(&["--module", "1"]).code, 1, "its own names aren't there");

    let output = practice.stepproof(&["next", "--course", LIBRARY, "--stack", "init=MyStack"]);
    assert_eq!(code(&output), 2);
    assert!(text(&output).contains("Its roles: app, shelf."), "{}", text(&output));
    let output = practice.stepproof(&["next", "--course", LIBRARY, "--stack", "shelf"]);
    assert_eq!(code(&output), 2);
    assert!(text(&output).contains("app=MyStack"), "{}", text(&output));
}

/// One practice account, two courses: neither takes the other's application or progress for its own.
#[test]
fn two_courses_live_beside_each_other() {
    let practice = Practice::solved(&["0"]);
    practice.library(&["practice", "solve", "1"]);
    practice.verify_with(&["--module", "0"]).assert_proven();
    practice.verify_library(&["--module", "1"]).assert_proven();
    let next = practice.library(&["next", "--practice"]);
    assert!(next.contains("2a Let the desk give up in time"), "{next}");
    assert!(practice.app().join("setup.yaml").is_file());

    let reset = practice.stepproof(&["practice", "reset", "--yes"]);
    assert_eq!(code(&reset), 0, "{}", text(&reset));
    let left: Vec<String> = std::fs::read_dir(practice.path())
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .filter(|name| name.starts_with("practice-app"))
        .collect();
    assert!(left.is_empty(), "{left:?}");
}

#[test]
fn a_checker_is_asked_for_no_more_than_the_course_reads() {
    let practice = Practice::start();
    let policy: Value = serde_json::from_str(&practice.library(&["policy"])).unwrap();
    let services: Vec<&str> = policy["Statement"]
        .as_array()
        .unwrap()
        .iter()
        .map(|statement| statement["Sid"].as_str().unwrap())
        .collect();
    // IAM tells whether a stack that isn't there is in another region.
    assert_eq!(services, ["ReadCloudformation", "ReadIam", "ReadLambda"]);
}

#[test]
#[cfg(unix)]
fn its_pages_are_read_in_both_languages() {
    let home = pty::home();
    let arguments = ["--practice", "--course", LIBRARY];
    let mut session = pty::Session::start(&home, (120, 40), &arguments, &[]);
    session.wait_for("Running a small service calmly");
    session.wait_for("A library lends books");
    session.press("l");
    session.wait_for("小さなサービスを落ち着いて運用する");
    session.wait_for("図書館は本を貸します");
    session.press("q");
    assert_eq!(session.exit_code(), 0);
}

/// As a learner types it, with the AWS CLI.
#[test]
fn its_instructions_lead_to_its_solutions() {
    let practice = Practice::start();
    let mut command = practice.command(&["course", "test", "--execute", "--course", LIBRARY]);
    let output = command.env("PATH", support::path_with_aws()).output().unwrap();
    assert_eq!(code(&output), 0, "{}", text(&output));
    assert!(text(&output).contains("instructions run: 1, 2, 3 "), "{}", text(&output));
}
