//! `stepproof room`: nothing is sent without consent, what was missed comes later, and who leaves
//! takes it all back.
#![expect(clippy::unwrap_used, clippy::panic, reason = "a test says what broke by panicking")]

#[expect(clippy::allow_attributes, reason = "whether a part is used differs by test program")]
#[allow(dead_code, unused_imports, unreachable_pub, reason = "each test program uses its own part")]
mod support;

use std::net::TcpListener;
use std::path::Path;
use std::process::Output;

use serde_json::{Value, json};
use stepproof::practice::policy::{Context, Decision, evaluate};
use stepproof::progress::room::{Body, Cursor, Item, Room, Row, SqliteRoom};
use support::{ACCOUNT, Practice, code, stepproof, text};

/// Makes a room in a file.
fn make(home: &Path) -> String {
    let file = home.join("room.sqlite").display().to_string();
    let made = stepproof(home).args(["room", "create", "--file", &file]).output().unwrap();
    assert_eq!(code(&made), 0, "{}", text(&made));
    file
}

fn rows(practice: &Practice, file: &str) -> Vec<Row> {
    let room = SqliteRoom::open(Path::new(file)).unwrap();
    practice.block_on(room.changes(Cursor::default())).unwrap().rows
}

/// The only attendee's item.
fn told(practice: &Practice, file: &str) -> Item {
    match rows(practice, file).as_slice() {
        [Row { account, body: Body::Here(item), .. }] if account == ACCOUNT => *item.clone(),
        rows => panic!("one attendee: {rows:?}"),
    }
}

#[test]
fn nothing_is_sent_without_consent() {
    let practice = Practice::start();
    let file = make(practice.path());
    let join = ["room", "join", &file, "--practice", "--name", "Kai"];
    let asked = practice.stepproof(&join);
    assert_eq!(code(&asked), 2, "nobody is here to agree: {}", text(&asked));
    let shown = practice.stepproof(&[&join[..], &["--show"]].concat());
    assert_eq!(code(&shown), 0, "{}", text(&shown));
    let item: Value = serde_json::from_slice(&shown.stdout).unwrap();
    assert_eq!(item["attendee"]["name"], "Kai");
    practice.verify(&["0a"]);
    assert_eq!(rows(&practice, &file), [], "not by a verification either");
}

#[test]
fn a_room_is_told_what_was_shown_and_then_what_changes() {
    let practice = Practice::solved(&["0"]);
    let file = make(practice.path());
    let join = ["room", "join", &file, "--practice", "--name", "Kai", "--yes"];
    let joined = practice.stepproof(&join);
    assert_eq!(code(&joined), 0, "{}", text(&joined));
    let shown: Value = serde_json::from_slice(&joined.stdout).unwrap();
    let item = told(&practice, &file);
    assert_eq!(serde_json::to_value(&item).unwrap(), shown["attendee"]);
    assert!(item.checks.is_empty());

    practice.verify(&["0"]).assert_proven();
    let item = told(&practice, &file);
    assert_eq!((item.modules[&0].done, item.name.name.as_str()), (5, "Kai"));

    // While the room is away, work goes on; then the room hears of all of it.
    let away = format!("{file}.away");
    std::fs::rename(&file, &away).unwrap();
    let output = practice.stepproof(&["verify", "--practice", "--module", "1"]);
    assert_eq!(code(&output), 1, "the verdict is the account's: {}", text(&output));
    assert!(text(&output).contains("The room was not told"), "{}", text(&output));
    std::fs::rename(&away, &file).unwrap();
    practice.verify(&["0"]);
    let item = told(&practice, &file);
    assert!(item.modules.contains_key(&1) && item.checks.values().any(|check| check.failed == 1));
}

#[test]
fn a_message_is_shown_once_and_who_leaves_takes_everything_back() {
    let practice = Practice::start();
    let file = make(practice.path());
    let none = practice.stepproof(&["room", "message", &file, "Hello", "--to", ACCOUNT]);
    assert_eq!(code(&none), 2, "nobody is in the room: {}", text(&none));
    let join = ["room", "join", &file, "--practice", "--name", "Kai", "--yes"];
    assert_eq!(code(&practice.stepproof(&join)), 0);
    assert_eq!(code(&practice.stepproof(&["room", "message", &file, "Break until 10:40"])), 0);
    let verify = || text(&practice.stepproof(&["verify", "--practice", "--step", "0a"]));
    assert!(verify().contains("The instructor says to all: Break until 10:40"));
    assert!(!verify().contains("The instructor says"), "once is enough");

    assert_eq!(code(&practice.stepproof(&["room", "close", &file])), 0);
    let late = practice.stepproof(&["room", "message", &file, "Hello"]);
    assert_eq!(code(&late), 3, "the room is closed: {}", text(&late));
    let left = practice.stepproof(&["room", "leave", "--practice"]);
    assert_eq!(code(&left), 0, "{}", text(&left));
    assert_eq!(rows(&practice, &file)[0].body, Body::Left);
    assert!(!verify().contains("room"), "it is none of its business any more");
    let again = practice.stepproof(&["room", "leave", "--practice"]);
    assert_eq!(code(&again), 2, "{}", text(&again));
}

#[test]
fn a_room_knows_when_the_event_ends() {
    let practice = Practice::start();
    let file = practice.path().join("r.sqlite").display().to_string();
    let create = ["room", "create", "--file", &file, "--ends", "3h"];
    let short = practice.stepproof(&[&create[..], &["--hours", "2"]].concat());
    assert_eq!(code(&short), 2, "{}", text(&short));
    assert!(text(&short).contains("Give it more --hours."), "{}", text(&short));
    assert_eq!(code(&practice.stepproof(&create)), 0);
    let room = SqliteRoom::open(Path::new(&file)).unwrap();
    let ends = practice.block_on(room.about()).unwrap().ends.unwrap();
    let minutes = ends.duration_since(jiff::Timestamp::now()).as_mins();
    assert!((178..=180).contains(&minutes), "{minutes}");
    assert!(!practice.path().join("event.json").exists(), "it is the room's end, not this one's");
}

#[test]
fn the_template_of_a_table_is_for_the_accounts_that_were_named() {
    let home = tempfile::tempdir().unwrap();
    let run = |args: &[&str]| stepproof(home.path()).args(args).output().unwrap();
    let open = run(&["room", "create", "--table"]);
    assert_eq!(code(&open), 2, "a table for nobody: {}", text(&open));
    let list = home.path().join("accounts.txt").display().to_string();
    std::fs::write(&list, "# Monday\n111122223333\n\n444455556666\n").unwrap();
    let made = run(&["room", "create", "--table", "--accounts-file", &list]);
    assert_eq!(code(&made), 0, "{}", text(&made));
    let template: Value = serde_json::from_slice(&made.stdout).unwrap();
    let table = &template["Resources"]["Room"]["Properties"];
    let statement = &table["ResourcePolicy"]["PolicyDocument"]["Statement"][0];
    let accounts = &statement["Condition"]["StringEquals"]["aws:PrincipalAccount"];
    assert_eq!(*accounts, serde_json::json!(["111122223333", "444455556666"]));
    std::fs::write(&list, "111122223333\n4444\n").unwrap();
    let wrong = run(&["room", "create", "--table", "--accounts-file", &list]);
    assert_eq!(code(&wrong), 2);
    assert!(text(&wrong).contains("accounts.txt line 2: an account has 12 digits"));
}

#[test]
fn a_table_that_is_out_of_reach_is_told_with_what_to_do() {
    let home = tempfile::tempdir().unwrap();
    let run = |room: &str, environment: &[(&str, &str)]| {
        let mut command = stepproof(home.path());
        command.env("HOME", home.path()).env("AWS_EC2_METADATA_DISABLED", "true");
        command.envs(environment.iter().copied()).args(["room", "open", room]);
        command.output().unwrap()
    };
    let says = |output: &Output, exit: i32, words: [&str; 2]| {
        let said = text(output);
        assert_eq!(code(output), exit, "{said}");
        assert!(words.iter().all(|words| said.contains(words)), "{said}");
    };
    says(&run("K7QM3XPT", &[]), 2, ["only a table", "K7QM3XPT@111122223333.us-east-1"]);
    says(&run("K7QM3XPT@1.us-east-1", &[]), 2, ["no room's code", "K7QM3XPT@111122223333"]);
    let table = "k7qm-3xpt@111122223333.us-east-1";
    says(&run(table, &[]), 3, ["no AWS credentials were found", "--profile"]);
    let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let endpoint = format!("http://127.0.0.1:{port}");
    let keys = [("AWS_ACCESS_KEY_ID", "AKIAX"), ("AWS_SECRET_ACCESS_KEY", "x")];
    let nobody = [keys[0], keys[1], ("AWS_ENDPOINT_URL_DYNAMODB", endpoint.as_str())];
    says(&run(table, &nobody), 3, ["can't be reached", "unset AWS_ENDPOINT_URL"]);
}

/// A template with these flags.
fn template(flags: &[&str]) -> Value {
    let home = tempfile::tempdir().unwrap();
    let base = ["room", "create", "--table", "--account", ONE, "--account", OTHER];
    let made = stepproof(home.path()).args([&base[..], flags].concat()).output().unwrap();
    assert_eq!(code(&made), 0, "{}", text(&made));
    serde_json::from_slice(&made.stdout).unwrap()
}

const ONE: &str = "111111111111";
const OTHER: &str = "222222222222";

/// What a policy says to a call of an account on a partition; on none, where the call names none.
fn decides(policy: &Value, action: &str, who: Context, partition: Option<&str>) -> Decision {
    let mut policy = policy.clone();
    for statement in policy["Statement"].as_array_mut().unwrap() {
        // The table, by functions that only CloudFormation works out.
        statement["Resource"] = json!("table");
    }
    let mut context = who;
    if let Some(partition) = partition {
        context.set("dynamodb:LeadingKeys", vec![partition.to_owned()]);
    }
    evaluate([&policy], action, "table", Some(&context)).decision
}

/// No emulator puts these policies into effect, and they were never tried on AWS. This is what the
/// practice account's IAM makes of them.
#[test]
fn an_attendee_reaches_their_own_partition_and_what_is_for_all() {
    let table = template(&[]);
    let table = &table["Resources"]["Room"]["Properties"]["ResourcePolicy"]["PolicyDocument"];
    let role = template(&["--role"]);
    let role = &role["Resources"]["AttendeeRole"]["Properties"];
    let inside = &role["Policies"][0]["PolicyDocument"];
    for (policy, key) in [(table, "aws:PrincipalAccount"), (inside, "aws:PrincipalTag/account")] {
        let says = |who: &str, action: &str, partition: Option<&str>| {
            let action = format!("dynamodb:{action}");
            decides(policy, &action, Context::of([(key, who)]), partition) == Decision::Allow
        };
        for action in ["GetItem", "Query", "PutItem"] {
            assert!(says(ONE, action, Some(ONE)), "{key} {action}");
            assert!(!says(ONE, action, Some(OTHER)), "{key} {action}: another's");
            assert!(!says(ONE, action, None), "{key} {action}: no partition");
            let reads = action != "PutItem";
            assert_eq!(says(ONE, action, Some("everyone")), reads, "{key} {action}");
        }
        for action in ["Scan", "BatchGetItem", "UpdateItem", "DeleteItem", "PutResourcePolicy"] {
            assert!(!says(ONE, action, Some(ONE)), "{key} {action}");
        }
    }
    let stranger = Context::of([("aws:PrincipalAccount", "333333333333")]);
    let refused = decides(table, "dynamodb:PutItem", stranger, Some("333333333333"));
    assert_eq!(refused, Decision::ImplicitDeny, "not a guest");

    let trust = &role["AssumeRolePolicyDocument"];
    let takes = |who: &str, tag: &str| {
        let who = Context::of([("aws:PrincipalAccount", who), ("aws:RequestTag/account", tag)]);
        decides(trust, "sts:AssumeRole", who, None) == Decision::Allow
    };
    assert!(takes(ONE, ONE));
    assert!(!takes(ONE, OTHER), "in another's name");
    assert!(!takes("333333333333", "333333333333"), "not a guest");
}
