//! An instructor's crowd from rows as a room gives them.

mod properties;
mod stuck;

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::*;
use crate::check::{AccountKind, State, Verdict};
use crate::i18n::Lang;
use crate::progress::room::{Body, CheckNews, Here, Item, ModuleNews, Name};
use crate::report::grade::{Outcome, Trouble};

fn course() -> Arc<Course> {
    static COURSE: std::sync::OnceLock<Arc<Course>> = std::sync::OnceLock::new();
    Arc::clone(COURSE.get_or_init(|| Arc::new(Course::embedded().unwrap())))
}

fn at(minutes: i64) -> Timestamp {
    Timestamp::from_second(1_800_000_000 + minutes * 60).unwrap()
}

fn account(number: usize) -> String {
    format!("{number:012}")
}

/// Somebody who joined at minute 0 and did nothing yet.
fn item(number: usize) -> Item {
    Item {
        name: Name { name: format!("Attendee {number}"), joined: at(0) },
        account: account(number),
        kind: AccountKind::Practice,
        course: course().index.id.clone(),
        here: None,
        modules: BTreeMap::new(),
        checks: BTreeMap::new(),
        help: None,
    }
}

fn row(item: Item, version: u64, minute: i64) -> Row {
    let account = item.account.clone();
    Row { account, version, changed: at(minute), body: Body::Here(Box::new(item)) }
}

fn module(state: State, done: usize, minutes: u32, minute: i64) -> ModuleNews {
    ModuleNews { state, done, minutes, at: at(minute) }
}

fn here(step: &str, minute: i64) -> Here {
    Here { step: step.to_owned(), since: at(minute) }
}

/// A check that failed so often, always for the same reason.
fn fails(times: u32, same: u32, offender: &str, minute: i64) -> CheckNews {
    CheckNews {
        verdict: Some(Verdict::Fail),
        failed: times,
        failed_ever: times,
        message: format!("Still wrong: {offender}"),
        offenders: vec![offender.to_owned()],
        same,
        ..CheckNews::new(at(minute))
    }
}

/// A crowd of one, at a minute.
fn one(item: Item, changed: i64, now: i64) -> Crowd {
    let mut crowd = Crowd::new(course());
    crowd.take(vec![row(item, 1, changed)], at(now));
    crowd
}

/// Somebody at step 1d since minute 30, last heard of at that minute.
fn at_step(changed: i64) -> Item {
    let mut someone = item(1);
    someone.here = Some(here("1d", 30));
    let minutes = u32::try_from(changed - 20).unwrap_or(0);
    someone.modules.insert(1, module(State::InProgress, 3, minutes, changed));
    someone
}

#[test]
fn a_row_is_seen_where_it_belongs() {
    let mut someone = item(7);
    someone.here = Some(here("1d", 31));
    someone.modules.insert(0, module(State::Done, 5, 29, 30));
    someone.modules.insert(1, module(State::InProgress, 3, 14, 44));
    someone.modules.insert(99, module(State::Done, 9, 9, 9));
    someone
        .checks
        .insert("every-method-has-an-authorizer".to_owned(), fails(1, 1, "GET /capes", 44));
    someone.checks.insert("of-another-course".to_owned(), fails(9, 9, "x", 44));
    let crowd = one(someone, 44, 46);
    let [seen] = crowd.attendees() else { panic!("one attendee") };
    assert_eq!((seen.name.as_str(), seen.presence), ("Attendee 7", Presence::Here));
    assert_eq!((seen.steps_done(), seen.modules_done(), seen.minutes()), (8, 1, 43));
    let place = seen.place.unwrap();
    assert_eq!((&*crowd.outline().steps[place.step].id, place.since), ("1d", at(31)));
    assert_eq!(seen.stuck, []);
    assert_eq!(crowd.funnel()[1], Funnel { working: 1, ..Funnel::default() });
    let failing = crowd.failing();
    assert_eq!(failing.len(), 1, "what the course doesn't have is left out: {failing:?}");
    assert_eq!(failing[0].offender, Some(("GET /capes".into(), 1)));
    assert_eq!(crowd.find(&account(7)), Some(0));
}

#[test]
fn claims_and_proof_are_told_apart() {
    let mut crowd = Crowd::new(course());
    let roster = [("Ana", account(1)), ("Ben", account(2)), ("Cy", account(3))];
    crowd.expect(roster.iter().map(|(name, account)| (*name, account.as_str())));
    let mut claims = item(1);
    claims.modules.insert(0, module(State::Done, 5, 20, 30));
    let mut quiet = item(2);
    quiet.here = Some(here("0a", 5));
    crowd.take(vec![row(claims, 1, 30), row(quiet, 1, 5)], at(60));
    assert_eq!(crowd.attendees()[2].presence, Presence::Expected);
    assert_eq!(crowd.attendees()[2].name, "Cy");
    assert_eq!(crowd.totals().expected, 1);
    crowd.prove(&record(1, 40, Verdict::Fail));
    crowd.prove(&record(2, 40, Verdict::Pass));
    crowd.prove(&record(3, 40, Verdict::Fail));
    let all = crowd.disagreements();
    let differs: Vec<(usize, Differs)> = all.iter().map(|(at, one)| (*at, one.differs)).collect();
    let expected: Vec<(usize, Differs)> =
        [(0, Differs::NotProven); 5].into_iter().chain([(1, Differs::NotClaimed); 5]).collect();
    assert_eq!(differs, expected);
    assert_eq!((all[0].1.claimed, all[0].1.read), (Some(at(30)), at(40)));
    assert_eq!((crowd.totals().disagree, crowd.totals().swept), (2, 3));
    let proof = crowd.attendees()[1].proof.as_ref().unwrap();
    assert_eq!(proof.module(crowd.outline(), 0), (5, 5));
    // A claim that is newer than the look may be true by now.
    crowd.prove(&record(1, 20, Verdict::Fail));
    assert!(crowd.attendees()[0].disagreements.iter().all(|one| one.differs == Differs::Newer));
    for unsure in [Verdict::CannotTell, Verdict::Waiting, Verdict::Skipped] {
        crowd.prove(&record(1, 50, unsure));
        assert_eq!(crowd.attendees()[0].disagreements, [], "{unsure:?} accuses nobody");
    }
    let trouble = Trouble { reason: "access_denied".to_owned(), message: "no".to_owned() };
    crowd.prove(&Record { outcome: Outcome::Trouble(trouble), ..record(2, 55, Verdict::Pass) });
    let proof = crowd.attendees()[1].proof.as_ref().unwrap();
    assert!(proof.trouble.is_some());
    assert_eq!((proof.read, proof.steps.len()), (Some(at(40)), 5), "trouble takes no proof away");
}

/// What a sweep read of module 0 at a minute: all checks came to the same.
fn record(number: usize, minute: i64, verdict: Verdict) -> Record {
    let check = |check: &str| {
        json!({ "check": check, "verdict": verdict, "message": "m", "hint": "", "offenders": [],
            "evidence": {}, "seconds": 0.1 })
    };
    let course = course();
    let state = if verdict == Verdict::Pass { State::Done } else { State::NotStarted };
    let steps: Vec<Value> = course.modules[0]
        .steps
        .iter()
        .map(|step| {
            let checks: Vec<Value> = step.checks.iter().map(|spec| check(&spec.check)).collect();
            json!({ "step": step.spec.id, "optional": false, "state": state, "checks": checks })
        })
        .collect();
    let module = json!({ "module": 0, "slug": "initial-setup", "state": state, "steps": steps });
    serde_json::from_value(json!({
        "name": "N", "account": account(number), "stacks": {}, "stage": "dev",
        "report": { "schema": 1, "tool": "t", "course": { "id": course.index.id, "sha256": "" },
            "account": account(number), "caller": "", "kind": "aws", "region": "r",
            "started": at(minute).to_string(), "seconds": 1.0, "api_calls": 1,
            "score": { "earned": 0, "possible": 0 }, "modules": [module] },
    }))
    .unwrap()
}

#[test]
fn attendees_are_sorted_filtered_and_found() {
    let mut crowd = Crowd::new(course());
    let mut rows = Vec::new();
    for (number, name, step, done) in [
        (1, "Élise Øst", "1d", 3),
        (2, "佐藤 葵", "0b", 1),
        (3, "ben", "0b", 9),
        (4, "Zoë", "1a", 0),
    ] {
        let mut someone = item(number);
        someone.name.name = name.to_owned();
        someone.here = Some(here(step, 30));
        someone.modules.insert(1, module(State::InProgress, done, 5, 40));
        rows.push(row(someone, 1, 40 + i64::try_from(number).unwrap()));
    }
    let Body::Here(item) = &mut rows[3].body else { panic!("somebody") };
    item.help = Some(Help { step: "1a".to_owned(), asked: at(40), over: None, evidence: vec![] });
    crowd.take(rows, at(45));
    crowd.expect([("Never Came", "000000000009")]);
    let all = Filter::default();
    let order = |order| crowd.listed(order, &all);
    assert_eq!(order(Order::Name), [2, 4, 3, 0, 1]);
    assert_eq!(order(Order::Account), [0, 1, 2, 3, 4]);
    assert_eq!(order(Order::Stuck)[0], 3, "who asks for help first");
    assert_eq!(order(Order::Progress), [3, 1, 0, 2, 4], "who isn't here last");
    assert_eq!(order(Order::News), [3, 2, 1, 0, 4]);
    assert_eq!(order(Order::Where), [2, 1, 3, 0, 4]);
    let find =
        |text: &str, only| crowd.listed(Order::Account, &Filter { text: text.to_owned(), only });
    assert_eq!(find("0B", None), [1, 2], "by step");
    assert_eq!(find("øst élise", None), [0]);
    assert_eq!(find("佐藤", None), [1]);
    assert_eq!(find("000000000003", None), [2]);
    assert_eq!(find("", Some(Only::Help)), [3]);
    assert_eq!(find("", Some(Only::Stuck)), [3]);
    assert_eq!(find("ben", Some(Only::Module(1))), [2]);
    assert_eq!(find("", Some(Only::Module(99))), [0; 0]);
    assert_eq!(find("", Some(Only::Expected)), [4]);
    assert_eq!(Order::ALL.map(Order::next)[5], Order::Stuck);
}

#[test]
fn what_fails_is_grouped_by_what_is_wrong() {
    let mut crowd = Crowd::new(course());
    let failing = |number, offender: &str| {
        let mut someone = item(number);
        someone.here = Some(here("1d", 30));
        someone
            .checks
            .insert("every-method-has-an-authorizer".to_owned(), fails(1, 1, offender, 40));
        someone
    };
    let offenders = ["GET /capes", "GET /socks", "GET /capes"];
    let rows = offenders.iter().enumerate().map(|(n, text)| row(failing(n, text), 1, 40));
    crowd.take(rows.collect(), at(41));
    let [found] = &crowd.failing()[..] else { panic!("one check") };
    assert_eq!((found.attendees, &found.offender), (3, &Some(("GET /capes".into(), 2))));
    assert_eq!(found.message, Some(("Still wrong: GET /capes".into(), 2)));
    let mut passes = failing(0, "");
    for news in passes.checks.values_mut() {
        *news = CheckNews { verdict: Some(Verdict::Pass), ..CheckNews::new(at(50)) };
    }
    crowd.take(vec![row(passes, 2, 50), row(failing(2, "GET /socks"), 2, 50)], at(51));
    let [found] = &crowd.failing()[..] else { panic!("one check") };
    assert_eq!((found.attendees, &found.offender), (2, &Some(("GET /socks".into(), 2))));
}

#[test]
fn what_was_before_the_first_news_is_drawn_too() {
    let mut someone = item(1);
    someone.modules.insert(0, module(State::Done, 5, 20, 30));
    let mut crowd = Crowd::new(course());
    crowd.tick(at(59));
    crowd.take(Vec::new(), at(60));
    crowd.take(vec![row(someone, 1, 30)], at(60));
    let done: Vec<usize> = crowd.series().iter().map(|sample| sample.modules_done).collect();
    assert_eq!(done.len(), 61, "a sample a minute since somebody joined");
    assert_eq!((done[29], done[30], done[60]), (0, 1, 1));
    crowd.take(Vec::new(), at(61));
    assert_eq!(crowd.series().len(), 62);
}

#[test]
fn another_courses_attendee_is_seen_and_not_counted() {
    let mut other = at_step(44);
    other.course = "another".to_owned();
    let crowd = one(other, 44, 100);
    let seen = &crowd.attendees()[0];
    assert_eq!((seen.presence, seen.name.as_str()), (Presence::OtherCourse, "Attendee 1"));
    assert_eq!((seen.steps_done(), crowd.totals().here, crowd.totals().unreadable), (0, 0, 1));
}
