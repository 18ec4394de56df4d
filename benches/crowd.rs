//! The crowd of an event of 5,000: applying a refresh, its numbers, sorting, and the page.

use std::hint::black_box;
use std::sync::Arc;

use criterion::{BatchSize, Criterion, criterion_group, criterion_main};
use futures_util::FutureExt as _;
use jiff::{SignedDuration, Timestamp, tz::TimeZone};
use stepproof::course::Course;
use stepproof::i18n::Lang;
use stepproof::instructor::crowd::{Crowd, Filter, Only, Order};
use stepproof::instructor::demo::Demo;
use stepproof::progress::room::{Cursor, Room, Row};
use stepproof::report::journal::Look;
use stepproof::report::room::{Page, csv, html};

const ATTENDEES: usize = 5_000;
const CHANGED: usize = 400;

fn at(minute: i64) -> Timestamp {
    Timestamp::UNIX_EPOCH + SignedDuration::from_mins(minute)
}

/// What changed in an event of 5,000 up to a minute.
fn rows(course: &Arc<Course>, minute: i64, since: Cursor) -> (Vec<Row>, Cursor) {
    let now = move || at(minute);
    let demo = Demo::new(Arc::clone(course), ATTENDEES, 1, at(0), now);
    let changes = demo.changes(since).now_or_never().expect("it waits for nothing");
    let changes = changes.expect("it is in memory");
    (changes.rows, changes.next)
}

/// Bytes of this process in memory; 0 where the system doesn't say.
fn resident() -> usize {
    let statm = std::fs::read_to_string("/proc/self/statm").unwrap_or_default();
    let pages = statm.split(' ').nth(1).and_then(|pages| pages.parse::<usize>().ok());
    pages.unwrap_or(0) * 4096
}

fn crowd(bench: &mut Criterion) {
    let course = Arc::new(Course::embedded().expect("the embedded course"));
    let (all, cursor) = rows(&course, 90, Cursor::default());
    let (mut changed, _) = rows(&course, 105, cursor);
    assert!(changed.len() >= CHANGED, "{} changes", changed.len());
    changed.truncate(CHANGED);
    // Allocated beside the rows, of which nothing is freed meanwhile.
    let copy = all.clone();
    let before = resident();
    let mut crowd = Crowd::new(Arc::clone(&course));
    crowd.take(copy, at(90));
    let kept = resident().saturating_sub(before);
    println!("memory: at most {} bytes an attendee more than the rows took", kept / ATTENDEES);
    bench.bench_function("take 5,000 rows at once", |b| {
        let fresh = || (Crowd::new(Arc::clone(&course)), all.clone());
        b.iter_batched(
            fresh,
            |(mut crowd, rows)| {
                crowd.take(rows, at(90));
                crowd
            },
            BatchSize::LargeInput,
        );
    });
    bench.bench_function("take 400 changed rows of 5,000", |b| {
        let before = || (crowd.clone(), changed.clone());
        b.iter_batched(
            before,
            |(mut crowd, rows)| {
                crowd.take(rows, at(105));
                crowd
            },
            BatchSize::LargeInput,
        );
    });
    bench.bench_function("a minute passes", |b| b.iter(|| crowd.tick(black_box(at(91)))));
    bench.bench_function("checks that fail, help queue", |b| {
        b.iter(|| (crowd.failing().len(), crowd.help_queue().len()));
    });
    for order in Order::ALL {
        bench.bench_function(&format!("sort by {order:?}"), |b| {
            b.iter(|| crowd.listed(black_box(order), &Filter::default()));
        });
    }
    bench.bench_function("search among those who are stuck", |b| {
        let filter = Filter { text: "an 1d".to_owned(), only: Some(Only::Stuck) };
        b.iter(|| crowd.listed(Order::Stuck, black_box(&filter)));
    });
    let snapshot = crowd.snapshot(Lang::En);
    bench.bench_function("snapshot", |b| b.iter(|| crowd.snapshot(Lang::En)));
    bench.bench_function("its table", |b| b.iter(|| csv(black_box(&snapshot))));
    let look = Look { lang: "en".to_owned(), zone: TimeZone::UTC, now: at(90) };
    let page = Page { look, ends: Some(at(180)), names: false, every: 10 };
    bench.bench_function("its page", |b| b.iter(|| html(black_box(&snapshot), &page)));
}

/// A minute of 200 changes a second, as the dashboard reads it: every two seconds what changed.
fn busy(bench: &mut Criterion) {
    let course = Arc::new(Course::embedded().expect("the embedded course"));
    let second = Arc::new(std::sync::atomic::AtomicI64::new(0));
    let of = Arc::clone(&second);
    let now =
        move || at(0) + SignedDuration::from_secs(of.load(std::sync::atomic::Ordering::Relaxed));
    let demo = Demo::new(Arc::clone(&course), ATTENDEES, 1, at(0), now);
    // At this speed the event tells about 200 changes a real second.
    let (faster, opened) = (8, 60 * 60);
    bench.bench_function("the demonstration tells two seconds at 200 changes a second", |b| {
        second.store(opened, std::sync::atomic::Ordering::Relaxed);
        let mut cursor =
            demo.changes(Cursor::at(opened)).now_or_never().expect("at once").expect("rows").next;
        let mut told = (0, 0);
        b.iter(|| {
            let next = cursor.number() + 2 * faster;
            let next = if next > opened + 3_600 { opened } else { next };
            cursor = if next == opened { Cursor::at(opened) } else { cursor };
            second.store(next, std::sync::atomic::Ordering::Relaxed);
            let changes = demo.changes(cursor).now_or_never().expect("at once").expect("rows");
            cursor = changes.next;
            told = (told.0 + changes.rows.len(), told.1 + 1);
            changes.rows.len()
        });
        println!("{} rows a refresh", told.0 / told.1.max(1));
    });
}

criterion_group! {
    name = benches;
    config = Criterion::default().sample_size(20);
    targets = crowd, busy
}
criterion_main!(benches);
