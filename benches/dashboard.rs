//! Frames of the instructor's dashboard with 5,000 attendees at 140×45: drawn, from a key to the
//! frame, and from a refresh of 400 changed rows to the frame. The figures to reach are p99 5 ms a
//! frame and 50 ms a refresh; every duration is taken one by one, and the slowest hundredth is what
//! is printed.

use std::collections::BTreeMap;
use std::hint::black_box;
use std::sync::Arc;
use std::time::{Duration, Instant};

use jiff::{SignedDuration, Timestamp};
use ratatui::Terminal;
use ratatui::backend::TestBackend;
use stepproof::check::{AccountKind, State, Verdict};
use stepproof::course::Course;
use stepproof::i18n::Lang;
use stepproof::instructor::crowd::Crowd;
use stepproof::instructor::dashboard::{
    Action, Bindings, Model, Msg, Setting, draw, settle, update,
};
use stepproof::progress::room::{
    Body, Changes, CheckNews, Cursor, Here, Item, ModuleNews, Name, Row,
};
use stepproof::tui::{KeyMap, Theme, Time};

const ATTENDEES: usize = 5_000;
const CHANGES: usize = 400;
const SIZE: (u16, u16) = (140, 45);
const FRAMES: usize = 2_000;
const REFRESHES: usize = 200;

fn main() {
    let course = Arc::new(Course::embedded().expect("the embedded course"));
    let began: Timestamp = "2026-11-28T09:00:00Z".parse().expect("a time");
    let mut model = model(&course);
    let wall = began + SignedDuration::from_mins(100);
    let time = Time { wall, running: Duration::from_hours(1), ..Time::default() };
    tell(&mut model, Msg::Time(time));
    let all = (0..ATTENDEES).map(|number| row(&course, number, 1, began));
    refresh(&mut model, all.collect());
    let mut terminal = Terminal::new(TestBackend::new(SIZE.0, SIZE.1)).expect("in memory");
    let mut frame = |model: &Model| {
        terminal.draw(|frame| draw(frame, black_box(model))).expect("in memory");
    };
    say("draw the map", FRAMES, |_| frame(&model));
    for (what, action) in [
        ("a line down, and the map", Action::Down),
        ("a page down, and the map", Action::PageDown),
        ("another order, and the map", Action::Sort),
        ("other attendees, and the map", Action::Filter),
    ] {
        say(what, FRAMES / 4, |_| {
            tell(&mut model, Msg::Act(action));
            frame(&model);
        });
        tell(&mut model, Msg::Act(Action::Top));
    }
    let changed = |round: usize| -> Vec<Row> {
        let version = u64::try_from(round + 2).unwrap_or(2);
        (0..CHANGES)
            .map(|at| row(&course, (round * CHANGES + at * 7) % ATTENDEES, version, began))
            .collect()
    };
    say("400 changed rows, and the map", REFRESHES, |round| {
        refresh(&mut model, changed(round));
        frame(&model);
    });
    for (what, action) in [
        ("draw the room's page", Action::Room),
        ("draw the help queue", Action::Queue),
        ("draw the claims", Action::Claims),
    ] {
        tell(&mut model, Msg::Act(action));
        say(what, FRAMES / 4, |_| frame(&model));
    }
}

/// Does something some times, and says how long the median and the slowest hundredth took.
fn say(what: &str, times: usize, mut work: impl FnMut(usize)) {
    let mut took: Vec<Duration> = (0..times)
        .map(|round| {
            let began = Instant::now();
            work(round);
            began.elapsed()
        })
        .collect();
    took.sort_unstable();
    let at = |share: usize| took.get(times * share / 100).copied().unwrap_or_default();
    println!("{what:<32} median {:>9.3?}  p99 {:>9.3?}", at(50), at(99));
}

fn model(course: &Arc<Course>) -> Model {
    let setting = Setting {
        course: Arc::clone(course),
        room: Some("K7QM3XPT".into()),
        roster: Some(std::collections::BTreeSet::new()),
        crowd: Crowd::new(Arc::clone(course)),
        page: None,
        ends: None,
        clock: None,
    };
    let theme = Theme { colour: true, ascii: false, hyperlinks: false };
    Model::new(setting, theme, Lang::En, SIZE, Bindings::new(KeyMap::default()))
}

fn tell(model: &mut Model, msg: Msg) {
    drop(update(model, msg));
    settle(model);
}

fn refresh(model: &mut Model, rows: Vec<Row>) {
    tell(model, Msg::Changes(Ok(Changes { rows, next: Cursor::default() })));
}

/// An attendee somewhere in the course; every fifth fails at something again and again.
fn row(course: &Course, number: usize, version: u64, began: Timestamp) -> Row {
    let minute = |minutes: usize| {
        began + SignedDuration::from_mins(i64::try_from(minutes).unwrap_or_default())
    };
    let at = 20 + (number + usize::try_from(version).unwrap_or(0)) % 70;
    let modules: Vec<_> = course.modules.iter().filter(|module| module.is_written()).collect();
    let here = modules[(number * 5) % modules.len()];
    let step = &here.steps[number % here.steps.len()];
    let done = modules.iter().take(number % 4).map(|module| {
        let news = ModuleNews {
            state: State::Done,
            done: module.steps.len(),
            minutes: 20,
            at: minute(at),
        };
        (module.entry.number, news)
    });
    let mut checks = BTreeMap::new();
    if let Some(check) = step.checks.first().filter(|_| number % 5 == 0) {
        let mut news = CheckNews::new(minute(at));
        news.verdict = Some(Verdict::Fail);
        (news.failed, news.failed_ever, news.same) = (4, 5, 3);
        news.message = "Still open to anyone.".into();
        news.offenders = vec![format!("GET /capes/{}", number % 11)];
        checks.insert(check.check.clone(), news);
    }
    let account = format!("2222{number:08}");
    let item = Item {
        name: Name { name: format!("Attendee {number}"), joined: began },
        account: account.clone(),
        kind: AccountKind::Aws,
        course: course.index.id.clone(),
        here: Some(Here { step: step.spec.id.clone(), since: minute(at) }),
        modules: done.collect(),
        checks,
        help: None,
    };
    Row { account, version, changed: minute(at), body: Body::Here(Box::new(item)) }
}
