//! `stepproof course test` as an author runs it.
#![expect(clippy::unwrap_used, clippy::panic, reason = "a test says what broke by panicking")]

use std::path::Path;
use std::process::{Command, Output};

use serde_json::Value;

fn course_test(arguments: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_stepproof"));
    let home = tempfile::tempdir().unwrap();
    command.env_remove("STEPPROOF_COURSE").env("STEPPROOF_HOME", home.path());
    command.args(["course", "test"]).args(arguments).output().unwrap()
}

fn scenarios(output: &Output) -> Vec<Value> {
    let outcome: Value = serde_json::from_slice(&output.stdout)
        .unwrap_or_else(|error| panic!("{error}: {}", String::from_utf8_lossy(&output.stderr)));
    outcome["scenarios"].as_array().unwrap().clone()
}

#[test]
fn the_embedded_course_holds() {
    let output = course_test(&["--format", "json"]);
    let scenarios = scenarios(&output);
    let wrong: Vec<&Value> = scenarios
        .iter()
        .filter(|one| one["findings"] != Value::Array(Vec::new()) || one["error"].is_string())
        .collect();
    assert!(wrong.is_empty(), "{wrong:#?}");
    assert_eq!(output.status.code(), Some(0));
    let broken = scenarios.iter().filter(|one| one["scenario"] == "broken").count();
    assert!(broken > 0 && scenarios.len() > broken, "{} scenarios", scenarios.len());
}

/// A check that always holds, as an author might write by mistake.
#[test]
fn a_check_that_cannot_fail_is_found() {
    let course = tempfile::tempdir().unwrap();
    for part in ["modules", "checks", "content"] {
        copy(&Path::new(env!("CARGO_MANIFEST_DIR")).join(part), &course.path().join(part));
    }
    let file = course.path().join("checks/00-initial-setup.yaml");
    let text = std::fs::read_to_string(&file).unwrap();
    // Every package is an offender or none is; now none ever is.
    let offending = "offenders: packages.packages.filter(";
    assert!(text.contains(offending), "the check has another expression");
    let text = text.replace(offending, "offenders: packages.packages.filter(p, false).filter(");
    std::fs::write(&file, text).unwrap();

    let dir = course.path().to_str().unwrap();
    let output = course_test(&["--module", "0", "--format", "json", "--course", dir]);
    assert_eq!(output.status.code(), Some(1));
    let found: Vec<String> = scenarios(&output)
        .iter()
        .flat_map(|one| one["findings"].as_array().unwrap().clone())
        .filter(|finding| finding["found"] == "pass")
        .map(|finding| finding["check"].as_str().unwrap().to_owned())
        .collect();
    assert!(found.contains(&"dependencies-packaged".to_owned()), "{found:?}");
}

#[test]
fn a_module_that_the_course_lacks_is_refused_by_name() {
    let output = course_test(&["--module", "42"]);
    assert_eq!(output.status.code(), Some(2));
    let words = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(words.contains("no written module 42") && words.contains("0, 1"), "{words}");
}

fn copy(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).unwrap();
    for entry in std::fs::read_dir(from).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap();
        if name == "node_modules" {
            continue;
        }
        if path.is_dir() {
            copy(&path, &to.join(name));
        } else {
            std::fs::copy(&path, to.join(name)).unwrap();
        }
    }
}
