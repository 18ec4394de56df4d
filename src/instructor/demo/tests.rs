use std::sync::atomic::{AtomicI64, Ordering};

use super::*;
use crate::instructor::crowd::{Attendee, Crowd, Differs, Presence, Stuck};
use crate::progress::room::contract;

fn course() -> Arc<Course> {
    static COURSE: std::sync::OnceLock<Arc<Course>> = std::sync::OnceLock::new();
    Arc::clone(COURSE.get_or_init(|| Arc::new(Course::embedded().unwrap())))
}

fn began() -> Timestamp {
    Timestamp::from_second(1_800_000_000).unwrap()
}

fn at(minute: i64) -> Timestamp {
    began() + SignedDuration::from_mins(minute)
}

/// A demonstration at a minute that the test moves.
fn demo(attendees: usize, seed: u64) -> (Demo, Arc<AtomicI64>) {
    let minute = Arc::new(AtomicI64::new(0));
    let of = Arc::clone(&minute);
    let demo =
        Demo::new(course(), attendees, seed, began(), move || at(of.load(Ordering::Relaxed)));
    (demo, minute)
}

fn crowd_at(attendees: usize, seed: u64, minute: i64) -> (Crowd, Demo) {
    let (demo, now) = demo(attendees, seed);
    now.store(minute, Ordering::Relaxed);
    let mut crowd = Crowd::new(course());
    crowd.take(rows(&demo, Cursor::default()).rows, at(minute));
    (crowd, demo)
}

fn rows(demo: &Demo, since: Cursor) -> Changes {
    futures_executor(demo.changes(since)).unwrap()
}

fn futures_executor<T>(future: BoxFuture<'_, T>) -> T {
    tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(future)
}

#[tokio::test]
async fn an_empty_demonstration_is_a_room_like_any_other() {
    let demo = Demo::new(course(), 0, 1, Timestamp::now(), Timestamp::now);
    let about = demo.about().await.unwrap();
    contract::holds(&demo, &about).await;
}

#[test]
fn a_minute_is_the_same_whenever_it_is_opened() {
    let (fresh, _) = crowd_at(60, 4, 90);
    let (demo, minute) = demo(60, 4);
    let (mut followed, mut cursor) = (Crowd::new(course()), Cursor::default());
    for now in 0..=90 {
        minute.store(now, Ordering::Relaxed);
        let changes = rows(&demo, cursor);
        cursor = changes.next;
        followed.take(changes.rows, at(now));
    }
    assert_eq!(fresh.totals(), followed.totals());
    // The clock of the one who means no good says what it pleases.
    for one in fresh.attendees().iter().filter(|one| one.account != account(6)) {
        let same = followed.find(&one.account).expect("who is there at minute 90 came before");
        let same = &followed.attendees()[same];
        assert_eq!((&one.cells, &one.claims, one.place), (&same.cells, &same.claims, same.place));
    }
    let (again, _) = crowd_at(60, 4, 90);
    assert_eq!(again.attendees(), fresh.attendees());
    let (other, _) = crowd_at(60, 5, 90);
    assert_ne!(other.attendees(), fresh.attendees(), "another seed is another event");
}

#[test]
fn an_event_has_everything_that_an_instructor_meets() {
    let (crowd, _) = crowd_at(160, 1, 110);
    let totals = crowd.totals();
    assert!(totals.here > 140 && totals.left > 0 && totals.unreadable == 1, "{totals:?}");
    assert!((10..90).contains(&totals.stuck), "{totals:?}");
    assert!((2..40).contains(&totals.help), "{totals:?}");
    let funnel = crowd.funnel();
    assert!(funnel[0].done > 90 && funnel[1].done > 15 && funnel[1].working > 15, "{funnel:?}");
    assert!(funnel.iter().skip(2).all(|module| module.not_begun > 30), "{funnel:?}");
    assert!(funnel.iter().any(|module| module.regressed > 0), "{funnel:?}");
    let failing = crowd.failing();
    assert!(failing.len() > 8, "{failing:?}");
    assert!(failing.iter().filter(|one| one.offender.is_some()).count() > 3, "{failing:?}");
    let codes: BTreeSet<&str> =
        crowd.attendees().iter().flat_map(|one| &one.stuck).map(Stuck::code).collect();
    assert_eq!(codes, ["failing", "help", "long", "same_offender", "silent"].into());
    let queue = crowd.help_queue();
    assert!(queue.iter().any(|line| !line.help.evidence.is_empty()), "some agree to show it");
    assert!(queue.iter().any(|line| line.help.evidence.is_empty()), "some don't");
}

#[test]
fn the_sweep_finds_the_one_who_lies_and_accuses_few_others() {
    let (mut crowd, demo) = crowd_at(40, 1, 100);
    for record in demo.records("en") {
        crowd.prove(&record);
    }
    let lies = |one: &Attendee| {
        one.disagreements.iter().filter(|one| one.differs == Differs::NotProven).count()
    };
    let liars: Vec<_> = crowd.attendees().iter().filter(|one| lies(one) > 8).collect();
    assert_eq!(liars.len(), 1, "{liars:?}");
    assert_eq!(liars[0].account, account(3));
    let troubled = crowd.attendees().iter().filter_map(|one| one.proof.as_ref());
    assert_eq!(troubled.filter(|proof| proof.trouble.is_some()).count(), 1);
    let expected = crowd.attendees().iter().filter(|one| one.presence == Presence::Expected);
    assert_eq!(expected.count(), 2, "on the roster, and never came");
}

#[test]
fn names_are_told_apart() {
    let names: BTreeSet<String> = (0..160).map(|one| people::name(one).0).collect();
    assert!(names.len() > 150, "{}", names.len());
    let all: Vec<String> = (0..5_000).map(|one| people::name(one).0).collect();
    assert!(all.iter().all(|name| !name.is_empty() && name.chars().count() <= 40));
}

#[test]
fn the_clock_goes_as_fast_as_it_is_told() {
    let clock = DemoClock::new(at(500), 90, 60.0);
    assert_eq!(clock.began(), at(410));
    assert_eq!(clock.at(at(500)), at(500));
    assert_eq!(clock.at(at(501)), at(560));
    assert_eq!(clock.at(at(499)), at(500), "a real clock that was set back");
    assert!(DemoClock::new(at(0), 0, f64::NAN).at(at(1)) >= at(0));
    assert!(DemoClock::new(at(0), 0, f64::MAX).at(at(1)) >= at(0));
}
