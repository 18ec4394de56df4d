//! A room in a DynamoDB table, on two emulators that we did not write: ministack and moto.
//!
//! `cargo test --test dynamo -- --ignored`; installs them under the target directory.
//!
//! What they can't show: neither puts the template's resource policy or its time-to-live into
//! effect, and neither knows `dynamodb:LeadingKeys`, so **on neither is an attendee kept out of
//! another's partition**. On ministack another account reaches the table by its role alone; moto's
//! callers are all of one account. That the policies say what they should is worked out by the
//! practice account's IAM in `tests/room.rs`; nothing of it was tried on AWS.
#![expect(clippy::unwrap_used, clippy::panic, reason = "a test says what broke by panicking")]
#![cfg(unix)]

#[path = "../../src/progress/room/contract.rs"]
mod contract;
mod emulator;
#[path = "../support/process.rs"]
mod process;
#[expect(clippy::allow_attributes, reason = "whether a part is used differs by test program")]
#[allow(dead_code, unused_imports, unreachable_pub, reason = "each test program uses its own part")]
#[path = "../support/mod.rs"]
mod support;

use std::collections::HashMap;

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::types::AttributeValue;
use contract::{ONE, OTHER, about, holds, item};
use emulator::Emulator;
use futures_util::future::join_all;
use jiff::{SignedDuration, Timestamp};
use stepproof::check;
use stepproof::progress::room::*;
use support::Practice;

/// A key that names no practice account: its learner works in the one of all.
const KEY: &str = "AKIAIOSFODNN7EXAMPLE";
/// Whose news come late.
const SLOW: &str = "777777777777";
/// moto's only account.
const MOTO: &str = "123456789012";

#[tokio::test(flavor = "multi_thread")]
#[ignore = "installs and starts ministack; .ci/run runs it"]
async fn a_table_on_ministack() {
    let emulator = Emulator::ministack().await;
    on_a_table(&emulator).await;
    // Another account comes through the role; its learner works in the practice account of that
    // name, and is known by the account of the credentials.
    let (code, place) = emulator.table(true);
    assert!(place.role);
    an_event(&emulator, &code, (ONE, ONE)).await;
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "installs and starts moto; .ci/run runs it"]
async fn a_table_on_moto() {
    let emulator = Emulator::moto().await;
    on_a_table(&emulator).await;
    let (code, _) = emulator.table(true);
    an_event(&emulator, &code, (KEY, MOTO)).await;
}

async fn on_a_table(emulator: &Emulator) {
    let (code, place) = emulator.table(false);
    let config = emulator.owner().await;
    let room = DynamoRoom::with(&code, &place, &config);
    let about = about();
    let not_open = RoomError::Table(TableError::NotOpen { room: code.to_string() });
    assert_eq!(room.about().await, Err(not_open.clone()));
    assert_eq!(room.close().await, Err(not_open.clone()));
    assert_eq!(join(&room, &item(ONE)).await, Err(not_open));
    room.open(&about).await.unwrap();
    let client = Client::new(&config);
    hostile_items_hide_nobody(&room, &client, &code).await;
    a_crowd_is_read_whole_and_then_only_what_changed(&room, &client, &code).await;
    let opened = TableError::Opened { room: code.to_string() };
    assert_eq!(room.open(&about).await, Err(RoomError::Table(opened)));
    clear(&client, &code).await;
    room.open(&about).await.unwrap();
    holds(&DynamoRoom::with(&code, &place, &config), &about).await;
    a_table_that_is_not_there_is_named(emulator, &place);
}

type Attributes = HashMap<String, AttributeValue>;

fn text(text: &str) -> AttributeValue {
    AttributeValue::S(text.to_owned())
}

fn number(number: i64) -> AttributeValue {
    AttributeValue::N(number.to_string())
}

fn attributes<const N: usize>(account: &str, more: [(&str, AttributeValue); N]) -> Attributes {
    let key = [("account", text(account)), ("what", text("progress"))];
    key.into_iter().chain(more).map(|(name, value)| (name.to_owned(), value)).collect()
}

fn table(code: &Code) -> String {
    format!("stepproof-room-{}", code.room)
}

async fn clear(client: &Client, code: &Code) {
    let mut pages = client.scan().table_name(table(code)).into_paginator().items().send();
    while let Some(found) = pages.next().await {
        let mut found = found.unwrap();
        let mut key = |name: &str| found.remove(name).unwrap();
        let (account, what) = (key("account"), key("what"));
        let delete = client.delete_item().table_name(table(code));
        delete.key("account", account).key("what", what).send().await.unwrap();
    }
}

/// What attendees can write into their own partitions.
async fn hostile_items_hide_nobody(room: &DynamoRoom, client: &Client, code: &Code) {
    let never = number(i64::MAX);
    let huge = text(&"x".repeat(300_000));
    let index = |shard: &str| [("shard", text(shard)), ("changed", never.clone())];
    let [shard, changed] = index("3");
    let hostile = [
        attributes("333333333331", []),
        attributes("333333333332", [("version", text("1")), ("body", number(1))]),
        attributes("333333333333", [("version", number(1)), ("body", huge), shard, changed]),
        attributes("333333333334", [("version", number(-7)), ("body", text("\u{1b}[2J"))]),
        attributes("333333333335", [("body", AttributeValue::L(vec![])), ("x", text("y"))]),
    ];
    for hostile in &hostile {
        let put = client.put_item().table_name(table(code)).set_item(Some(hostile.clone()));
        put.send().await.unwrap();
    }
    let letter = HashMap::from([
        ("account".to_owned(), text(ONE)),
        ("what".to_owned(), text("message#zzz")),
        ("text".to_owned(), number(1)),
    ]);
    client.put_item().table_name(table(code)).set_item(Some(letter)).send().await.unwrap();
    assert_eq!(join(room, &item(ONE)).await.unwrap(), Told::Sent);
    let all = room.changes(Cursor::default()).await.unwrap();
    assert_eq!(all.rows.len(), hostile.len() + 1, "{:?}", all.rows);
    for row in &all.rows {
        let expected = match row.account.as_str() {
            ONE => Body::Here(Box::new(item(ONE))),
            "333333333333" => Body::Unreadable(Unreadable::TooLong),
            _ => Body::Unreadable(Unreadable::Foreign),
        };
        assert_eq!(row.body, expected, "{}", row.account);
    }
    // A stamp of the far future doesn't take the reader there.
    assert_eq!(join(room, &item(OTHER)).await.unwrap(), Told::Sent);
    let then = room.changes(all.next).await.unwrap();
    assert_eq!(accounts(&then.rows), [OTHER]);
    assert_eq!(room.messages(ONE, Timestamp::now()).await.unwrap(), []);
    for account in ["333333333331", "333333333332", "333333333333", "333333333334"] {
        let told = join(room, &item(account)).await.unwrap();
        assert_eq!(told, Told::Sent, "damage is mended: {account}");
    }
}

/// More than one request for rows takes, with two readers.
async fn a_crowd_is_read_whole_and_then_only_what_changed(
    room: &DynamoRoom,
    client: &Client,
    code: &Code,
) {
    let seen = room.changes(Cursor::default()).await.unwrap().next;
    let crowd: Vec<String> = (0..230).map(|n| format!("{:012}", 500_000_000_000_u64 + n)).collect();
    for some in crowd.chunks(20) {
        let joining = some.iter().map(|account| async { join(room, &item(account)).await });
        for told in join_all(joining).await {
            assert_eq!(told.unwrap(), Told::Sent);
        }
    }
    let came = room.changes(seen).await.unwrap();
    assert_eq!(accounts(&came.rows), crowd);
    let quiet = room.changes(came.next).await.unwrap();
    assert_eq!(quiet.rows, []);
    // Stamped before the last reading, and there only now: who wrote it was slow.
    let stamp = number((Timestamp::now() - SignedDuration::from_secs(15)).as_millisecond());
    let slow = attributes(SLOW, [("shard", text("7")), ("changed", stamp), ("version", number(1))]);
    client.put_item().table_name(table(code)).set_item(Some(slow)).send().await.unwrap();
    let quiet = room.changes(quiet.next).await.unwrap();
    assert_eq!(accounts(&quiet.rows), [SLOW]);
    let other = room.changes(Cursor::default()).await.unwrap();
    assert!(other.rows.len() > crowd.len());
    assert_eq!(leave(room, &crowd[7]).await.unwrap(), Told::Sent);
    let left = room.changes(other.next).await.unwrap();
    assert_eq!((accounts(&left.rows), &left.rows[0].body), (vec![crowd[7].as_str()], &Body::Left));
    // The first reader's turn again: it is told at least what it doesn't know.
    let left = room.changes(quiet.next).await.unwrap();
    assert!(accounts(&left.rows).contains(&crowd[7].as_str()));
}

fn accounts(rows: &[Row]) -> Vec<&str> {
    let mut accounts: Vec<&str> = rows.iter().map(|row| row.account.as_str()).collect();
    accounts.sort_unstable();
    accounts
}

fn a_table_that_is_not_there_is_named(emulator: &Emulator, place: &Place) {
    let (exit, said) = emulator.instructor(&["room", "close", &format!("ZZZZZZZZ@{place}")]);
    assert_eq!(exit, 3, "{said}");
    let expected = format!(
        "there is no table of this room in account {}, region us-east-1, asked at http://127",
        place.account
    );
    assert!(said.contains(&expected) && said.contains("unset AWS_ENDPOINT_URL"), "{said}");
}

/// The instructor's and an attendee's commands, from the first to the last. The attendee's access
/// key leads to the account that the room knows them by.
async fn an_event(emulator: &Emulator, code: &Code, (key, seat): (&str, &str)) {
    let name = code.to_string();
    let practice = tokio::task::block_in_place(Practice::start);
    let learner = |args: &[&str]| emulator.learner(&practice, key, args);
    let join = ["room", "join", &name, "--name", "Kai", "--yes"];
    let (exit, said) = learner(&join);
    assert_eq!(exit, 3, "{said}");
    assert!(said.contains("isn't open") && said.contains("stepproof room open"), "{said}");

    let (exit, said) = emulator.instructor(&["room", "open", &name]);
    assert_eq!(exit, 0, "{said}");
    assert!(said.contains(&format!("stepproof room join {name} --name NAME")), "{said}");
    let (exit, said) = emulator.instructor(&["room", "open", &name]);
    assert!(exit == 3 && said.contains("was opened before"), "{exit}: {said}");

    let (exit, said) = learner(&join);
    assert_eq!(exit, 0, "{said}");
    assert!(said.contains(&format!("\"account\": \"{seat}\"")), "what was sent is shown: {said}");
    let (exit, said) = emulator.instructor(&["room", "message", &name, "Hi Kai", "--to", seat]);
    assert_eq!(exit, 0, "{said}");
    let (_, said) = learner(&["verify", "--step", "0a"]);
    assert!(said.contains("The instructor says to you: Hi Kai"), "{said}");
    let place = code.table.clone().unwrap();
    let room = DynamoRoom::with(code, &place, &emulator.owner().await);
    let rows = room.changes(Cursor::default()).await.unwrap().rows;
    let [Row { account, body: Body::Here(told), .. }] = rows.as_slice() else {
        panic!("one attendee: {rows:?}");
    };
    assert_eq!((account.as_str(), told.name.name.as_str()), (seat, "Kai"));
    assert_eq!(told.kind, check::AccountKind::Practice);
    assert!(!told.checks.is_empty(), "what was verified");

    let (exit, said) = emulator.instructor(&["room", "close", &name]);
    assert_eq!(exit, 0, "{said}");
    let (_, said) = learner(&["verify", "--step", "0b"]);
    assert!(said.contains("the room is closed"), "{said}");
    let (exit, said) = learner(&["room", "leave"]);
    assert_eq!(exit, 0, "{said}");
    assert_eq!(room.row(seat).await.unwrap().unwrap().body, Body::Left);
    tokio::task::block_in_place(|| drop(practice));
}
