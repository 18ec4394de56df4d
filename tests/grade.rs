//! `grade` from outside: a roster of practice accounts in mixed states.
#![expect(clippy::unwrap_used, clippy::panic, reason = "a test says what broke by panicking")]

#[expect(clippy::allow_attributes, reason = "whether a part is used differs by test program")]
#[allow(dead_code, unused_imports, unreachable_pub, reason = "each test program uses its own part")]
mod support;

#[path = "grade/access.rs"]
mod access;
#[path = "grade/formats.rs"]
mod formats;
#[path = "grade/many.rs"]
mod many;
#[path = "grade/readers.rs"]
mod readers;
#[path = "grade/trust.rs"]
mod trust;

use std::process::{Output, Stdio};
use std::time::Duration;

use serde_json::{Value, json};
use support::{Practice, code, text};

/// Solved: module 0.
const SET_UP: &str = "111111111111";
/// Solved: modules 0 and 1.
const AUTHENTICATED: &str = "222222222222";
/// Nothing is in it.
const EMPTY: &str = "333333333333";
/// Its caller may do nothing.
const DENIED: &str = "444444444444";
/// Its functions can't be read.
const HALF_DENIED: &str = "555555555555";
/// It asks for slower calls.
const THROTTLED: &str = "666666666666";

const ROSTER: &str = "\u{feff}name,account\r\n\
    佐藤 花子,222222222222\r\n\
    \"Doe, Jo\",111111111111\r\n\
    Throttled,666666666666\r\n\
    Denied,444444444444\r\n\
    Half,555555555555\r\n\
    ,333333333333\r\n";

/// The room, without faults.
fn room() -> Practice {
    let practice = Practice::start();
    for (account, module) in
        [(SET_UP, "0"), (AUTHENTICATED, "0"), (AUTHENTICATED, "1"), (HALF_DENIED, "0")]
    {
        let mut command = practice.command(&["practice", "solve", module]);
        let output = command.env("AWS_ACCESS_KEY_ID", account).output().unwrap();
        assert_eq!(code(&output), 0, "{}", text(&output));
    }
    practice.file("roster.csv", ROSTER);
    practice
}

fn trouble(practice: &Practice) {
    practice.fault(&json!([
        { "action": "*", "fault": "access_denied", "account": DENIED },
        { "action": "lambda:*", "fault": "access_denied", "account": HALF_DENIED },
        { "action": "*", "fault": "throttling", "account": THROTTLED },
    ]));
}

fn grade(practice: &Practice, args: &[&str]) -> Output {
    let all = [&["grade", "--practice", "--roster", "roster.csv"], args].concat();
    practice.command(&all).current_dir(practice.path()).output().unwrap()
}

fn json_of(output: &Output) -> Value {
    serde_json::from_slice(&output.stdout).unwrap_or_else(|_| panic!("{}", text(output)))
}

/// The record of an account.
fn of<'a>(grades: &'a Value, account: &str) -> &'a Value {
    let mut accounts = grades["accounts"].as_array().unwrap().iter();
    accounts.find(|record| record["account"] == account).unwrap()
}

fn earned(grades: &Value, account: &str) -> u64 {
    of(grades, account)["report"]["score"]["earned"].as_u64().unwrap()
}

#[test]
fn a_room_in_mixed_states_is_graded_each_account_for_itself() {
    let practice = room();
    trouble(&practice);
    let output = grade(&practice, &["--format", "json"]);
    let grades = json_of(&output);
    assert_eq!(code(&output), 1, "{}", text(&output));
    let accounts = grades["accounts"].as_array().unwrap();
    let order: Vec<&str> = accounts.iter().map(|one| one["account"].as_str().unwrap()).collect();
    assert_eq!(order, [AUTHENTICATED, SET_UP, THROTTLED, DENIED, HALF_DENIED, EMPTY]);
    assert_eq!(accounts[0]["name"], "佐藤 花子");
    assert_eq!(accounts[5]["name"], EMPTY, "without a name the number stands for it");

    assert_eq!(earned(&grades, EMPTY), 0);
    assert!(earned(&grades, SET_UP) > 0);
    assert!(earned(&grades, AUTHENTICATED) > earned(&grades, SET_UP));
    for (account, reason) in [(DENIED, "access_denied"), (THROTTLED, "throttled")] {
        let record = of(&grades, account);
        assert_eq!(record["trouble"]["reason"], reason, "{record}");
        assert!(record.get("report").is_none(), "never a zero: {record}");
    }
    let half = of(&grades, HALF_DENIED)["report"].to_string();
    assert!(half.contains("cannot_tell") && half.contains("lambda:"), "{half}");

    // One account alone says the same.
    let mut verify = practice.command(&["verify", "--practice", "--format", "json"]);
    let alone = json_of(&verify.env("AWS_ACCESS_KEY_ID", AUTHENTICATED).output().unwrap());
    assert_eq!(alone["account"], AUTHENTICATED);
    let swept = &of(&grades, AUTHENTICATED)["report"];
    assert_eq!(alone["score"], swept["score"]);
    assert_eq!(alone["course"], swept["course"]);

    let csv = text(&grade(&practice, &["--format", "gradebook"]));
    let lines: Vec<&str> = csv.lines().collect();
    assert_eq!(lines.len(), 7, "{csv}");
    assert!(lines[2].starts_with("\"Doe, Jo\",111111111111,us-east-1,fail,"), "{csv}");
    assert!(lines[3].starts_with("Throttled,666666666666,,cannot_tell,,,,,,,throttled,"), "{csv}");

    let table = text(&grade(&practice, &["--lang", "en"]));
    for part in ["✘ 佐藤 花子", "? Half", "0 of 6 proven · 3 not yet · 3 could not be told"]
    {
        assert!(table.contains(part), "{part} in\n{table}");
    }
}

#[test]
fn a_sweep_goes_on_where_it_left_off() {
    let practice = room();
    trouble(&practice);
    let results = ["--results", "room.jsonl", "--format", "json"];
    let first = json_of(&grade(&practice, &results));
    let kept = std::fs::read_to_string(practice.path().join("room.jsonl")).unwrap();
    let kept: Vec<Value> = kept.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let mut accounts = first["accounts"].clone();
    for account in accounts.as_array_mut().unwrap() {
        account.as_object_mut().unwrap().remove("points");
    }
    assert_eq!(Value::from(kept), accounts, "in the roster's order, and without points");

    let again = grade(&practice, &results);
    assert_eq!(code(&again), 2);
    assert!(text(&again).contains("--resume"), "{}", text(&again));

    practice.fault(&json!([]));
    let second = json_of(&grade(&practice, &[&results[..], &["--resume"]].concat()));
    let started = |grades: &Value, account: &str| of(grades, account)["report"]["started"].clone();
    for account in [SET_UP, AUTHENTICATED, EMPTY] {
        assert_eq!(started(&first, account), started(&second, account), "not read again");
    }
    for account in [DENIED, HALF_DENIED, THROTTLED] {
        assert_ne!(started(&first, account), started(&second, account), "{account} is read");
        assert_ne!(started(&second, account), Value::Null);
    }
    assert_eq!(earned(&second, HALF_DENIED), earned(&second, SET_UP));
}

#[cfg(unix)]
#[test]
fn an_interrupted_sweep_reports_and_keeps_what_it_has() {
    let practice = Practice::start();
    practice.file("roster.csv", "account\n111111111111\n333333333333\n444444444444\n");
    practice.fault(&json!([
        { "action": "*", "fault": "latency", "account": EMPTY, "milliseconds": 100_000 },
    ]));
    let path = practice.path().join("room.jsonl");
    let args = ["grade", "--practice", "--roster", "roster.csv", "--jobs", "1", "--format", "json"];
    let mut command = practice.command(&args);
    command.args(["--results", "room.jsonl"]).current_dir(practice.path());
    let child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    practice.block_on(async {
        let kept = async {
            while !std::fs::read_to_string(&path).is_ok_and(|text| text.ends_with('\n')) {
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
        };
        tokio::time::timeout(Duration::from_mins(1), kept).await.unwrap();
    });
    let pid = child.id().to_string();
    let sent = std::process::Command::new("kill").args(["-INT", &pid]).status().unwrap();
    assert!(sent.success());
    let output = child.wait_with_output().unwrap();
    assert_eq!(code(&output), 1, "{}", text(&output));
    let stderr = String::from_utf8_lossy(&output.stderr);
    assert!(stderr.contains("accounts not read: 2") && stderr.contains("--resume"), "{stderr}");
    let grades = json_of(&output);
    assert_eq!(earned(&grades, "111111111111"), 0, "an empty account that was read");
    for account in [EMPTY, DENIED] {
        assert_eq!(of(&grades, account)["trouble"]["reason"], "cancelled");
    }
    practice.fault(&json!([]));
    let second = grade(&practice, &["--results", "room.jsonl", "--resume", "--format", "json"]);
    assert_eq!(earned(&json_of(&second), EMPTY), 0, "it is read now: {}", text(&second));
}

/// Against an endpoint that answers as AWS does, with roles.
#[test]
fn a_role_leads_to_its_account_and_a_wrong_account_is_never_read() {
    let practice = room();
    practice.file(
        "roles.yaml",
        "- name: Ann\n  account: 222222222222\n  role: arn:aws:iam::222222222222:role/grader\n  \
           external_id: sesame-7\n\
         - name: Own\n  account: \"000000000000\"\n\
         - name: Astray\n  account: \"111111111111\"\n",
    );
    let run = || {
        let args = ["grade", "--roster", "roles.yaml", "--region", "us-east-1", "--no-probes"];
        let mut command = practice.command(&args);
        command
            .args(["--format", "json"])
            .current_dir(practice.path())
            .env("AWS_ENDPOINT_URL", practice.endpoint())
            .env("AWS_ACCESS_KEY_ID", "000000000000")
            .env("AWS_SECRET_ACCESS_KEY", "practice")
            .env("AWS_CONFIG_FILE", "/dev/null")
            .env("AWS_SHARED_CREDENTIALS_FILE", "/dev/null")
            .output()
            .unwrap()
    };
    let output = run();
    let grades = json_of(&output);
    assert!(earned(&grades, AUTHENTICATED) > 0, "{grades}");
    assert_eq!(of(&grades, AUTHENTICATED)["report"]["kind"], "aws");
    assert_eq!(earned(&grades, "000000000000"), 0);
    let astray = &of(&grades, SET_UP)["trouble"];
    assert_eq!(astray["reason"], "wrong_account");
    let message = astray["message"].as_str().unwrap();
    assert!(message.contains("000000000000") && message.contains(SET_UP), "{message}");
    assert!(!text(&output).contains("sesame-7"), "an external id is nobody's business");

    practice.fault(&json!([{ "action": "sts:AssumeRole", "fault": "access_denied" }]));
    let grades = json_of(&run());
    let refused = &of(&grades, AUTHENTICATED)["trouble"];
    assert_eq!(refused["reason"], "access_denied", "{refused}");
    assert!(refused["message"].as_str().unwrap().contains("trust policy"), "{refused}");
    assert_eq!(earned(&grades, "000000000000"), 0, "and the others are read");
}

#[test]
fn a_roster_that_is_wrong_is_told_before_anything_is_read() {
    let practice = Practice::start();
    practice.file("roster.csv", "name,account\nAnn,11111111111\n");
    let output = grade(&practice, &[]);
    assert_eq!(code(&output), 2);
    let said = text(&output);
    assert!(said.contains("roster.csv:2:5") && said.contains("2 | Ann,11111111111"), "{said}");
    let args = ["grade", "--practice", "--roster", "nobody.csv"];
    let output = practice.command(&args).current_dir(practice.path()).output().unwrap();
    assert_eq!(code(&output), 2);
    assert!(text(&output).contains("cannot read the roster nobody.csv"), "{}", text(&output));
    practice.file("roster.txt", "x");
    let args = ["grade", "--practice", "--roster", "roster.txt"];
    let output = practice.command(&args).current_dir(practice.path()).output().unwrap();
    assert!(text(&output).contains(".csv, .yaml or .yml"), "{}", text(&output));
}
