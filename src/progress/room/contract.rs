//! What every backend must hold to. Each gives [`holds`] a fresh room.

use std::collections::BTreeMap;

use futures_util::future::join_all;
use jiff::{SignedDuration, Timestamp};

use super::*;
use crate::check::{AccountKind, State, Verdict};

pub(super) const ONE: &str = "111111111111";
pub(super) const OTHER: &str = "222222222222";

pub(super) fn at(minutes: i64) -> Timestamp {
    Timestamp::from_second(1_800_000_000 + minutes * 60).unwrap()
}

/// What a fresh room is for.
pub(crate) fn about() -> About {
    let expires = Timestamp::now() + SignedDuration::from_hours(1);
    About { course: "c".to_owned(), expires, ends: Some(at(120)) }
}

pub(super) fn item(account: &str) -> Item {
    Item {
        name: Name { name: "青い unicorn".to_owned(), joined: at(0) },
        account: account.to_owned(),
        kind: AccountKind::Practice,
        course: "c".to_owned(),
        here: Some(Here { step: "1d".to_owned(), since: at(3) }),
        modules: BTreeMap::from([(
            1,
            ModuleNews { state: State::InProgress, done: 2, minutes: 14, at: at(4) },
        )]),
        checks: BTreeMap::from([("methods".to_owned(), judged(4, Verdict::Fail))]),
        help: Some(Help {
            step: "1d".to_owned(),
            asked: at(5),
            over: None,
            evidence: vec!["GET /socks is open".to_owned()],
        }),
    }
}

pub(super) fn judged(minute: i64, verdict: Verdict) -> CheckNews {
    let failed = u32::from(verdict == Verdict::Fail);
    CheckNews { verdict: Some(verdict), failed, failed_ever: failed, ..CheckNews::new(at(minute)) }
}

/// The contract, over a room that was just made for [`about`].
pub(crate) async fn holds(room: &dyn Room, about: &About) {
    assert_eq!(room.about().await.unwrap(), *about);
    nobody_is_in_a_fresh_room(room).await;
    what_was_told_can_be_read(room).await;
    only_changes_need_to_be_read(room).await;
    a_late_writer_is_told_what_stands(room).await;
    writers_of_one_attendee_lose_nothing(room).await;
    who_leaves_takes_everything_along(room).await;
    messages_reach_whom_they_are_for_and_go(room).await;
    a_closed_room_takes_nothing_more(room).await;
}

async fn nobody_is_in_a_fresh_room(room: &dyn Room) {
    assert_eq!(room.changes(Cursor::default()).await.unwrap().rows, []);
    assert_eq!(room.row(ONE).await.unwrap(), None);
    assert_eq!(room.messages(ONE, at(0)).await.unwrap(), []);
    assert_eq!(update(room, &item(ONE)).await.unwrap(), Told::HasLeft, "nobody joined");
    assert_eq!(leave(room, ONE).await.unwrap(), Told::HasLeft);
    assert_eq!(room.row(ONE).await.unwrap(), None);
}

async fn what_was_told_can_be_read(room: &dyn Room) {
    for account in [ONE, OTHER] {
        assert_eq!(join(room, &item(account)).await.unwrap(), Told::Sent);
    }
    let row = room.row(ONE).await.unwrap().unwrap();
    assert_eq!(row.body, Body::Here(Box::new(item(ONE))));
    assert!(Timestamp::now().duration_since(row.changed) < SignedDuration::from_mins(1));
    assert_eq!(update(room, &item(ONE)).await.unwrap(), Told::Nothing, "it is known");
    assert_eq!(room.row(ONE).await.unwrap(), Some(row));
}

async fn only_changes_need_to_be_read(room: &dyn Room) {
    let all = room.changes(Cursor::default()).await.unwrap();
    assert_eq!(accounts(&all), [ONE, OTHER]);
    let mut news = item(OTHER);
    news.here = Some(Here { step: "2a".to_owned(), since: at(30) });
    assert_eq!(update(room, &news).await.unwrap(), Told::Sent);
    let changes = room.changes(all.next).await.unwrap();
    let row = changes.rows.iter().find(|row| row.account == OTHER).expect("what changed");
    assert_eq!(row.body, Body::Here(Box::new(news)));
}

fn accounts(changes: &Changes) -> Vec<&str> {
    let mut accounts: Vec<&str> = changes.rows.iter().map(|row| row.account.as_str()).collect();
    accounts.sort_unstable();
    accounts
}

async fn a_late_writer_is_told_what_stands(room: &dyn Room) {
    let stands = room.row(ONE).await.unwrap().unwrap();
    for seen in [0, stands.version + 1] {
        let put = room.put(ONE, seen, None).await.unwrap();
        assert_eq!(put, Put::Stale(Some(stands.clone())), "seen {seen}");
    }
    let put = room.put("333333333333", 1, None).await.unwrap();
    assert_eq!(put, Put::Stale(None), "what was seen was never there");
    assert_eq!(room.row(ONE).await.unwrap(), Some(stands));
}

async fn writers_of_one_attendee_lose_nothing(room: &dyn Room) {
    let writer = |number: i64| {
        let mut news = item(ONE);
        news.checks = BTreeMap::from([(format!("check-{number}"), judged(number, Verdict::Pass))]);
        async move { update(room, &news).await }
    };
    for told in join_all((0..6).map(writer)).await {
        assert_eq!(told.unwrap(), Told::Sent);
    }
    let Body::Here(told) = room.row(ONE).await.unwrap().unwrap().body else {
        panic!("somebody is there");
    };
    let checks: Vec<&str> = told.checks.keys().map(String::as_str).collect();
    let all = ["check-0", "check-1", "check-2", "check-3", "check-4", "check-5", "methods"];
    assert_eq!(checks, all);
}

async fn who_leaves_takes_everything_along(room: &dyn Room) {
    let seen = room.changes(Cursor::default()).await.unwrap().next;
    assert_eq!(leave(room, ONE).await.unwrap(), Told::Sent);
    let changes = room.changes(seen).await.unwrap();
    let row = changes.rows.iter().find(|row| row.account == ONE).expect("that somebody left");
    assert_eq!(row.body, Body::Left);
    assert_eq!(update(room, &item(ONE)).await.unwrap(), Told::HasLeft, "they said so");
    assert_eq!(room.row(ONE).await.unwrap().unwrap().body, Body::Left);
    assert_eq!(join(room, &item(ONE)).await.unwrap(), Told::Sent, "and may come back");
    let row = room.row(ONE).await.unwrap().unwrap();
    assert_eq!(row.body, Body::Here(Box::new(item(ONE))), "without what was before");
}

async fn messages_reach_whom_they_are_for_and_go(room: &dyn Room) {
    let message = |to: Option<&str>, text: &str, sent: i64, expires: i64| Message {
        to: to.map(str::to_owned),
        text: text.to_owned(),
        sent: at(sent),
        expires: at(expires),
    };
    let (all, one) = (message(None, "休憩 15 min", 0, 20), message(Some(ONE), "Well done", 1, 10));
    for message in [&all, &one] {
        room.post(message).await.unwrap();
    }
    assert_eq!(room.messages(ONE, at(2)).await.unwrap(), [all.clone(), one]);
    for (account, minute) in [(OTHER, 2), (ONE, 10)] {
        let found = room.messages(account, at(minute)).await.unwrap();
        assert_eq!(found, std::slice::from_ref(&all), "{account} at {minute}");
    }
    assert_eq!(room.messages(ONE, at(20)).await.unwrap(), []);
    room.post(&message(None, "a\u{1b}[2Jb\nc", 30, 40)).await.unwrap();
    assert_eq!(room.messages(ONE, at(31)).await.unwrap()[0].text, "ab c");
}

async fn a_closed_room_takes_nothing_more(room: &dyn Room) {
    let before = room.row(ONE).await.unwrap();
    room.close().await.unwrap();
    let mut news = item(ONE);
    news.name.joined = at(90);
    assert_eq!(join(room, &news).await, Err(RoomError::Closed));
    let (sent, expires) = (at(0), at(1));
    let message = Message { to: None, text: "late".to_owned(), sent, expires };
    assert_eq!(room.post(&message).await, Err(RoomError::Closed));
    assert_eq!(room.row(ONE).await.unwrap(), before, "it can still be read");
    assert_eq!(leave(room, ONE).await.unwrap(), Told::Sent, "nobody is kept in it");
    assert_eq!(room.row(ONE).await.unwrap().unwrap().body, Body::Left);
}
