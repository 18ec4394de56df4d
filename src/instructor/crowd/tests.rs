//! An instructor's crowd from rows as a room gives them.

use std::collections::BTreeMap;

use super::*;
use crate::check::{AccountKind, State, Verdict};
use crate::progress::room::{Body, CheckNews, Here, Item, ModuleNews, Name};

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

fn here(step: &str, minute: i64) -> Option<Here> {
    Some(Here { step: step.to_owned(), since: at(minute) })
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

#[test]
fn a_row_is_seen_where_it_belongs() {
    let mut someone = item(7);
    someone.here = here("1d", 31);
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
