use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};
use rusqlite::Connection;
use serde_json::{Value, json};

use super::contract::{ONE, OTHER, about, at, holds, item, judged};
use super::wire::decode;
use super::*;
use crate::check::{AccountKind, State, Verdict};
use crate::course::Course;
use crate::progress::{Entry, Failure, Learner, Verified};

fn name() -> Name {
    item(ONE).name
}

fn derived(entries: &[(Timestamp, Entry)]) -> Item {
    let course = Course::embedded().unwrap();
    let learner = Learner {
        course: course.index.id.clone(),
        kind: AccountKind::Aws,
        account: ONE.to_owned(),
    };
    Item::new(&course, &learner, name(), entries)
}

fn verified(verdicts: &[(&str, Verdict)]) -> Entry {
    let verdicts = verdicts.iter().map(|(check, v)| ((*check).to_owned(), *v)).collect();
    let (caller, course_sha256) = ("arn:aws:iam::1:user/me".to_owned(), String::new());
    Entry::Verified(Verified { caller, course_sha256, verdicts, failures: BTreeMap::new() })
}

/// The only required check of a step of module 1, and that step.
fn a_step() -> (String, String) {
    let course = Course::embedded().unwrap();
    let lone = |step: &crate::course::Step| {
        let mut required = step.checks.iter().filter(|check| !check.optional);
        let first = required.next()?.check.clone();
        required.next().is_none().then_some(first)
    };
    let mut steps = course.steps().filter(|(module, _)| module.entry.number == 1);
    let found = steps.find_map(|(_, step)| Some((step.spec.id.clone(), lone(step)?)));
    found.expect("a step with one check")
}

#[tokio::test]
async fn a_room_in_a_file_holds_to_the_contract() {
    let home = tempfile::tempdir().unwrap();
    let path = home.path().join("room.sqlite");
    let about = about();
    let room = SqliteRoom::create(&path, &about).unwrap();
    holds(&room, &about).await;
    let again = SqliteRoom::open(&path).unwrap();
    assert_eq!(again.row(OTHER).await.unwrap(), room.row(OTHER).await.unwrap());
    let taken = SqliteRoom::create(&path, &about).unwrap_err();
    assert_eq!(taken, RoomError::Taken { path });
}

#[test]
fn what_was_missed_while_offline_is_in_what_is_sent_next() {
    let (step, check) = a_step();
    let opened = (at(0), Entry::Opened { step: step.clone() });
    let failed = |minute| (at(minute), verified(&[(&check, Verdict::Fail)]));
    let hint = (at(6), Entry::Hint { check: check.clone(), open: 2 });
    let help = (at(8), Entry::HelpAsked { step: step.clone(), evidence: vec![] });
    let unsure = (at(9), verified(&[(&check, Verdict::CannotTell)]));
    let stuck = derived(&[opened, failed(4), hint, failed(7), help, unsure]);
    assert_eq!(stuck.here, Some(Here { step: step.clone(), since: at(0) }));
    let expected = CheckNews {
        verdict: Some(Verdict::CannotTell),
        failed: 2,
        failed_ever: 2,
        hints: 2,
        ..CheckNews::new(at(9))
    };
    assert_eq!(stuck.checks, BTreeMap::from([(check.clone(), expected)]));
    assert_eq!(stuck.modules.keys().collect::<Vec<_>>(), [&1]);
    assert_eq!((stuck.modules[&1].minutes, stuck.modules[&1].done), (9, 0));
    assert_eq!(stuck.help.as_ref().map(|help| help.over), Some(None));
    let text = encode(Some(&stuck));
    assert!(!text.contains("arn:"), "who looked is nobody's business: {text}");
}

#[test]
fn what_stays_wrong_is_counted_until_something_else_is_or_it_passes() {
    let (_, check) = a_step();
    let run = |offenders: &[&str]| {
        let verdict = if offenders.is_empty() { Verdict::Pass } else { Verdict::Fail };
        let Entry::Verified(mut run) = verified(&[(&check, verdict)]) else { unreachable!() };
        let offenders: Vec<String> = offenders.iter().map(|line| (*line).to_owned()).collect();
        if verdict == Verdict::Fail {
            let message = format!("Still open:\u{1b}[2J {}", offenders.join(", "));
            run.failures.insert(check.clone(), Failure { message, offenders });
        }
        Entry::Verified(run)
    };
    let mut entries = Vec::new();
    let mut then = |minute, offenders: &[&str]| {
        entries.push((at(minute), run(offenders)));
        let news = derived(&entries).checks[&check].clone();
        (news.same, news.failed, news.failed_ever, news.message, news.offenders)
    };
    let lines = |lines: &[&str]| lines.iter().map(|line| (*line).to_owned()).collect::<Vec<_>>();
    let open = "Still open: GET /a, b, c, d".to_owned();
    assert_eq!(then(1, &["GET /a", "b", "c", "d"]), (1, 1, 1, open, lines(&["GET /a", "b", "c"])));
    let open = "Still open: GET /a".to_owned();
    assert_eq!(then(2, &["GET /a"]), (2, 2, 2, open, lines(&["GET /a"])));
    let open = "Still open: b".to_owned();
    assert_eq!(then(3, &["b"]), (1, 3, 3, open, lines(&["b"])));
    assert_eq!(then(4, &[]), (0, 0, 3, String::new(), lines(&[])));
}

#[test]
fn help_is_over_once_the_step_is_proven() {
    let (step, check) = a_step();
    let proven = derived(&[
        (at(0), Entry::HelpAsked { step: step.clone(), evidence: vec![] }),
        (at(5), verified(&[(&check, Verdict::Fail)])),
        (at(9), verified(&[(&check, Verdict::Pass)])),
        (at(9), Entry::Proven { step }),
    ]);
    assert_eq!(proven.help.unwrap().over, Some(at(9)));
    assert_eq!(proven.checks[&check].failed, 0);
    assert_eq!((proven.modules[&1].state, proven.modules[&1].done), (State::InProgress, 1));
}

#[test]
fn help_tells_what_was_agreed_to_and_may_be_taken_back() {
    let (step, _) = a_step();
    let line = format!("GET /a\u{1b}[2J {}", "x".repeat(900));
    let evidence = std::iter::repeat_n(line, 50).chain([String::new()]).collect();
    let asked = (at(3), Entry::HelpAsked { step: step.clone(), evidence });
    let help = derived(std::slice::from_ref(&asked)).help.unwrap();
    assert_eq!((help.evidence.len(), help.over), (20, None));
    assert!(help.evidence.iter().all(|line| line.starts_with("GET /a x") && line.len() == 400));
    let other = (at(4), Entry::HelpOver { step: "0a".to_owned() });
    let over = (at(5), Entry::HelpOver { step: step.clone() });
    assert_eq!(
        derived(&[asked.clone(), other.clone()]).help.unwrap().over,
        None,
        "of another step"
    );
    let done = derived(&[asked, other, over]).help.unwrap();
    assert_eq!((done.over, done.evidence.len()), (Some(at(5)), 20));
    let before = (at(-1), Entry::HelpAsked { step, evidence: vec![] });
    assert_eq!(derived(&[before]).help, None, "before they joined");
    let old: Entry = serde_json::from_str(r#"{"event":"help_asked","step":"1a"}"#).unwrap();
    assert_eq!(old, Entry::HelpAsked { step: "1a".to_owned(), evidence: vec![] });
}

#[test]
fn another_version_of_the_course_and_an_empty_journal_tell_nothing() {
    let nothing = derived(&[]);
    let other = derived(&[
        (at(0), Entry::Opened { step: "99a".to_owned() }),
        (at(1), verified(&[("no-such-check", Verdict::Fail)])),
        (at(2), Entry::Hint { check: "no-such-check".to_owned(), open: 1 }),
        (at(3), Entry::HelpAsked { step: "99a".to_owned(), evidence: vec![] }),
    ]);
    assert_eq!(other, nothing);
    assert!(nothing.here.is_none() && nothing.modules.is_empty() && nothing.checks.is_empty());
}

#[test]
fn of_two_machines_the_later_news_stay() {
    let (mut old, mut new) = (item(ONE), item(ONE));
    old.checks.insert("methods".to_owned(), CheckNews { hints: 3, ..judged(1, Verdict::Fail) });
    old.checks.insert("domain".to_owned(), judged(9, Verdict::Pass));
    new.checks.insert("domain".to_owned(), judged(8, Verdict::Fail));
    new.here = None;
    new.name = Name { name: "Kai".to_owned(), joined: at(60) };
    new.help.as_mut().unwrap().over = Some(at(61));
    let expected = Item {
        checks: BTreeMap::from([
            ("domain".to_owned(), judged(9, Verdict::Pass)),
            ("methods".to_owned(), CheckNews { hints: 3, ..judged(4, Verdict::Fail) }),
        ]),
        here: old.here.clone(),
        ..new.clone()
    };
    assert_eq!(new.clone().with_news_of(&old), expected);
    assert_eq!(old.with_news_of(&new), expected, "whoever of them writes");
}

#[test]
fn what_is_sent_reads_the_same() {
    assert_eq!(decode(ONE, &encode(Some(&item(ONE)))), Body::Here(Box::new(item(ONE))));
    assert_eq!(decode(ONE, &encode(None)), Body::Left);
}

#[test]
fn a_hostile_item_is_shown_as_unreadable() {
    let good: Value = serde_json::from_str(&encode(Some(&item(ONE)))).unwrap();
    let with = |pointer: &str, value: Value| {
        let mut bad = good.clone();
        *bad.pointer_mut(pointer).unwrap() = value;
        bad.to_string()
    };
    let foreign = [
        String::new(),
        "null".to_owned(),
        "{}".to_owned(),
        "[".repeat(10_000),
        "\u{1b}[2J".to_owned(),
        with("/format", json!("1")),
        with("/format", json!(-1)),
        with("/attendee", json!([1])),
        with("/attendee/name", json!({ "a": 1 })),
        with("/attendee/account", json!(OTHER)),
        with("/attendee/joined", json!("yesterday")),
        with("/attendee/here/step", json!("1d\u{1b}[31m")),
        with("/attendee/help/step", json!("")),
        with("/attendee/course", json!("x".repeat(200))),
        with("/attendee/modules", json!({ "999": {} })),
        with("/attendee/modules/1/minutes", json!(-5)),
        with("/attendee/modules/1/state", json!("won")),
        with("/attendee/checks", json!({ "a\nb": judged(1, Verdict::Pass) })),
        with("/attendee/checks/methods/verdict", json!(7)),
        with("/attendee/checks/methods/failed", json!(1e30)),
    ];
    for text in foreign {
        let body = decode(ONE, &text);
        assert_eq!(body, Body::Unreadable(Unreadable::Foreign), "{text:.200}");
    }
    let many: BTreeMap<String, CheckNews> =
        (0..501).map(|n| (format!("c{n}"), judged(1, Verdict::Pass))).collect();
    let body = decode(ONE, &with("/attendee/checks", json!(many)));
    assert_eq!(body, Body::Unreadable(Unreadable::Foreign));
    let long = with("/attendee/name", json!("x".repeat(100_000)));
    assert_eq!(decode(ONE, &long), Body::Unreadable(Unreadable::TooLong));
    let newer = r#"{"format":2,"attendee":"of another shape"}"#;
    assert_eq!(decode(ONE, newer), Body::Unreadable(Unreadable::Newer { format: 2 }));
}

#[test]
fn free_text_is_cleaned_and_cut() {
    let mut hostile = item(ONE);
    hostile.name.name = format!("\u{1b}]0;title\u{7}  Kai\n\u{202e}{}", "あ".repeat(300));
    hostile.help.as_mut().unwrap().evidence =
        std::iter::repeat_n(format!("GET /\u{9b}31msocks{}", "x".repeat(900)), 50).collect();
    let Body::Here(read) = decode(ONE, &encode(Some(&hostile))) else {
        panic!("it is sound but for its texts");
    };
    assert_eq!(read.name.name, format!("Kai {}", "あ".repeat(36)));
    let evidence = read.help.unwrap().evidence;
    assert_eq!(evidence.len(), 20);
    assert!(evidence.iter().all(|line| line.starts_with("GET /socksx") && line.len() == 400));
}

#[tokio::test]
async fn hostile_rows_do_not_hide_the_others() {
    let home = tempfile::tempdir().unwrap();
    let path = home.path().join("room.sqlite");
    let room = SqliteRoom::create(&path, &about()).unwrap();
    assert_eq!(join(&room, &item(ONE)).await.unwrap(), Told::Sent);
    let raw = Connection::open(&path).unwrap();
    raw.execute_batch(
        "INSERT INTO attendee VALUES
            ('222222222222', -1, 11, 'never', CAST(x'ff1b5b324a' AS TEXT)),
            ('333333333333', 1, 12, '', printf('%.*c', 300000, 'x')),
            (CAST(x'1b5b33316d41' AS TEXT), 1, 13, '', '{}'),
            ('444444444444', 1, 14, '', '{\"format\":9}');
         UPDATE room SET change = 14",
    )
    .unwrap();
    let rows = room.changes(Cursor::default()).await.unwrap().rows;
    let read: Vec<(&str, &Body)> =
        rows.iter().map(|row| (row.account.as_str(), &row.body)).collect();
    let unreadable = Body::Unreadable;
    let here = Body::Here(Box::new(item(ONE)));
    assert_eq!(
        read,
        [
            (ONE, &here),
            (OTHER, &unreadable(Unreadable::Foreign)),
            ("333333333333", &unreadable(Unreadable::TooLong)),
            ("A", &unreadable(Unreadable::Foreign)),
            ("444444444444", &unreadable(Unreadable::Newer { format: 9 })),
        ]
    );
    let newer = join(&room, &item("444444444444")).await.unwrap_err();
    assert_eq!(newer, RoomError::NewerItem { format: 9 }, "what a newer version wrote stays");
    assert_eq!(join(&room, &item("333333333333")).await.unwrap(), Told::Sent, "damage is mended");
}

#[test]
fn a_file_that_is_no_room_is_left_as_it_is() {
    let home = tempfile::tempdir().unwrap();
    let path = home.path().join("j");
    assert_eq!(SqliteRoom::open(&path).unwrap_err(), RoomError::Missing { path: path.clone() });
    drop(crate::progress::Journal::open(&path).unwrap());
    let foreign = RoomError::Foreign { path: path.clone() };
    assert_eq!(SqliteRoom::open(&path).unwrap_err(), foreign, "a journal");
    let bytes = b"not a database, but long enough to be taken for one".repeat(40);
    std::fs::write(&path, &bytes).unwrap();
    assert_eq!(SqliteRoom::open(&path).unwrap_err(), foreign);
    assert_eq!(std::fs::read(&path).unwrap(), bytes);
    let path = home.path().join("newer");
    drop(SqliteRoom::create(&path, &about()).unwrap());
    Connection::open(&path).unwrap().pragma_update(None, "user_version", 7).unwrap();
    assert_eq!(SqliteRoom::open(&path).unwrap_err(), RoomError::Newer { path, found: 7 });
}

#[tokio::test]
async fn a_room_that_has_expired_holds_nobody() {
    let home = tempfile::tempdir().unwrap();
    let path = home.path().join("room.sqlite");
    let about = about();
    let room = SqliteRoom::create(&path, &about).unwrap();
    assert_eq!(join(&room, &item(ONE)).await.unwrap(), Told::Sent);
    let over = About { expires: Timestamp::now() - SignedDuration::from_secs(1), ..about };
    let raw = Connection::open(&path).unwrap();
    raw.execute("UPDATE room SET about = ?", [serde_json::to_string(&over).unwrap()]).unwrap();
    let room = SqliteRoom::open(&path).unwrap();
    assert_eq!(room.changes(Cursor::default()).await.unwrap().rows, []);
    assert_eq!(join(&room, &item(ONE)).await, Err(RoomError::Closed));
}

#[test]
fn a_code_reads_as_people_type_it() {
    let folder = std::path::Path::new("rooms");
    let here = Address::File(folder.join("K7QM3XPT.sqlite"));
    for text in ["K7QM3XPT", " k7qm-3xpt ", "K7QM 3XPT"] {
        assert_eq!(Address::parse(text, folder), Ok(here.clone()), "{text}");
    }
    let table = Address::parse("k7qm3xpt@111111111111.us-east-1", folder).unwrap();
    let Address::Table(code, place) = table else { panic!("a table: {table:?}") };
    assert_eq!(code.to_string(), "K7QM3XPT@111111111111.us-east-1");
    assert!(!place.role);
    let role: Code = "k7qm3xpt@111111111111.US-east-1.Role".parse().unwrap();
    assert!(role.table.as_ref().unwrap().role);
    assert_eq!(role.to_string(), "K7QM3XPT@111111111111.us-east-1.role");
    assert_eq!(Address::parse("./K7QM3XPT", folder), Ok(Address::File("./K7QM3XPT".into())));
    let bad = ["", "K7QM", "K7QM3XP0", "K7QM3XPT@1.us", "K7QM3XPT@111111111111.", "日本語日本"];
    let hosts = ["K7QM3XPT@111111111111.evil.example", "K7QM3XPT@111111111111.us-east-1.role.role"];
    for bad in bad.into_iter().chain(hosts) {
        assert_eq!(Address::parse(bad, folder), Err(BadAddress), "{bad}");
    }
    assert_eq!(Code::fresh([0, 30, 31, 32, 255, 1, 2, 3], None).to_string().len(), 8);
}

fn table(guests: Guests, access: Access) -> Result<Value, TooMany> {
    let table = Table { room: "K7QM3XPT".to_owned(), guests, access };
    table.template().map(|text| serde_json::from_str(&text).unwrap())
}

fn guests(count: u64) -> Guests {
    Guests::accounts((0..count).map(|n| format!("{:012}", 111_111_111_111 + n)))
}

/// Every statement holds to one partition, never lets a table be scanned, and names its guests.
#[test]
fn an_attendees_account_may_write_its_own_partition_alone() {
    let template = table(guests(2), Access::Policy).unwrap();
    let properties = &template["Resources"]["Room"]["Properties"];
    let statements =
        properties["ResourcePolicy"]["PolicyDocument"]["Statement"].as_array().unwrap();
    for statement in statements {
        let condition = &statement["Condition"];
        assert_eq!(condition["StringEquals"]["aws:PrincipalAccount"], json!([ONE, "111111111112"]));
        assert_eq!(condition["Null"]["dynamodb:LeadingKeys"], "false");
        let own = condition["ForAllValues:StringEquals"]["dynamodb:LeadingKeys"]
            == json!(["${aws:PrincipalAccount}"]);
        let actions = statement["Action"].as_array().unwrap();
        let writes = actions.contains(&json!("dynamodb:PutItem"));
        assert_eq!(writes, own, "{statement}");
        for action in actions {
            let known = ["dynamodb:GetItem", "dynamodb:Query", "dynamodb:PutItem"];
            assert!(known.contains(&action.as_str().unwrap()), "{action}");
        }
    }
    assert_eq!(statements.len(), 2);
    assert_eq!(properties["TimeToLiveSpecification"]["Enabled"], true);
    assert_eq!(properties["GlobalSecondaryIndexes"][0]["KeySchema"][1]["AttributeName"], "changed");
    let code = &template["Outputs"]["Code"]["Value"]["Fn::Sub"];
    assert_eq!(code, "K7QM3XPT@${AWS::AccountId}.${AWS::Region}");
}

#[test]
fn the_role_gives_a_session_the_partition_of_the_account_that_asks() {
    let template = table(guests(2), Access::Role).unwrap();
    let resources = &template["Resources"];
    assert!(resources["Room"]["Properties"]["ResourcePolicy"].is_null());
    let role = &resources["AttendeeRole"]["Properties"];
    let who = &role["AssumeRolePolicyDocument"]["Statement"][0]["Condition"]["StringEquals"];
    assert_eq!(who["aws:RequestTag/account"], "${aws:PrincipalAccount}");
    assert_eq!(who["aws:PrincipalAccount"], json!([ONE, "111111111112"]));
    let own = &role["Policies"][0]["PolicyDocument"]["Statement"][0]["Condition"];
    let keys = &own["ForAllValues:StringEquals"]["dynamodb:LeadingKeys"];
    assert_eq!(keys, &json!(["${aws:PrincipalTag/account}"]));
}

#[test]
fn more_accounts_than_a_policy_takes_are_refused_and_an_organization_is_not() {
    assert!(table(guests(160), Access::Policy).is_ok());
    for (access, at_least) in [(Access::Policy, 600), (Access::Role, 100)] {
        let most = table(guests(5_000), access).unwrap_err().most;
        let most = u64::try_from(most).unwrap();
        assert!(most >= at_least && table(guests(most), access).is_ok(), "{most}: {access:?}");
        assert!(table(guests(most + 1), access).is_err(), "{most}: {access:?}");
        let organization = Guests::Organization("o-abcdefghij".to_owned());
        assert!(table(organization, access).is_ok());
    }
}
