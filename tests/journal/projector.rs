//! The room's page for the projector, in a real browser: without colour, without names, and it
//! renews itself.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use jiff::{SignedDuration, Timestamp, tz::TimeZone};
use serde_json::json;
use stepproof::course::Course;
use stepproof::i18n::Lang;
use stepproof::instructor::crowd::Crowd;
use stepproof::instructor::demo::Demo;
use stepproof::progress::room::{Cursor, Room};
use stepproof::report::journal::Look;
use stepproof::report::room::{Page, html};
use tempfile::TempDir;

use super::browser::{Browser, CONTRAST, OUTSIDE, TOUCHING, WINDOWS};

fn at(minute: i64) -> Timestamp {
    Timestamp::from_second(1_800_000_000).unwrap() + SignedDuration::from_mins(minute)
}

/// A demonstration of so many attendees, as the projector shows it.
fn page(attendees: usize, minute: i64, lang: Lang, names: bool, every: u32) -> String {
    let course = Arc::new(Course::embedded().unwrap());
    let demo = Demo::new(Arc::clone(&course), attendees, 1, at(0), move || at(minute));
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let changes = runtime.block_on(demo.changes(Cursor::default())).unwrap();
    let mut crowd = Crowd::new(course);
    crowd.take(changes.rows, at(minute));
    let look = Look { lang: lang.tag().to_owned(), zone: TimeZone::UTC, now: at(minute) };
    let page = Page { look, ends: Some(at(180)), names, every };
    html(&crowd.snapshot(lang), &page)
}

fn write(dir: &TempDir, html: &str) -> PathBuf {
    let (file, fresh) = (dir.path().join("room.html"), dir.path().join("fresh"));
    std::fs::write(&fresh, html).unwrap();
    std::fs::rename(&fresh, &file).unwrap();
    file
}

#[test]
#[ignore = "needs Chromium and its driver; .ci/run browser"]
fn browser_shows_the_room_in_every_window() {
    let (dir, browser) = (tempfile::tempdir().unwrap(), Browser::start());
    let beamer = ("beamer", (1920, 1080));
    for (lang, names, attendees) in
        [(Lang::En, false, 80), (Lang::Ja, true, 24), (Lang::En, true, 24), (Lang::En, false, 900)]
    {
        let file = write(&dir, &page(attendees, 110, lang, names, 600));
        for (name, size) in WINDOWS.into_iter().chain([beamer]) {
            for scheme in ["light", "dark"] {
                browser.open(&file, size, scheme);
                let at = format!("room-{}-{attendees}-{name}-{scheme}", lang.tag());
                browser.screenshot(&at);
                let loaded = browser
                    .script("return performance.getEntriesByType('resource').map(e => e.name)");
                assert_eq!(loaded, json!([]), "{at}: a page that loads something");
                let excess = "return document.documentElement.scrollWidth - innerWidth";
                assert!(browser.script(excess).as_i64().unwrap() <= 0, "{at}: too wide");
                let contrast = browser.script(CONTRAST);
                assert!(contrast[0].as_f64().unwrap() >= 4.5, "{at}: hard to read: {contrast}");
            }
        }
        assert_eq!(browser.script(OUTSIDE), json!([]), "{attendees}: outside of its picture");
        assert_eq!(browser.script(TOUCHING), json!([]), "{attendees}: texts over each other");
    }
}

#[test]
#[ignore = "needs Chromium and its driver; .ci/run browser"]
fn browser_tells_states_apart_without_colour_and_reads_pictures_out() {
    let (dir, browser) = (tempfile::tempdir().unwrap(), Browser::start());
    let file = write(&dir, &page(24, 110, Lang::En, false, 600));
    browser.open(&file, (1280, 900), "light");
    // In the legend and in the map, each state is filled in its own way, by a pattern that exists.
    let fills = browser.script(
        "return [...document.querySelectorAll('.legend rect')].map(cell => {
            const fill = getComputedStyle(cell).fill;
            const pattern = fill.match(/#(\\w+)/);
            return pattern ? document.getElementById(pattern[1]).tagName : fill === 'none' ? 'empty' : 'full';
        })",
    );
    assert_eq!(fills, json!(["full", "pattern", "pattern", "empty"]));
    let pictures = browser.elements("svg[role=img]");
    assert_eq!(pictures.len(), 3, "map, funnel, progress over time");
    for picture in pictures {
        let (_, label) = browser.role_and_name(&picture);
        assert!(label.len() > 15, "it has a name: {label}");
    }
    let ticks = browser.elements("svg[role=img] path.on").len();
    assert!(ticks > 10, "what is done is ticked: {ticks}");
}

#[test]
#[ignore = "needs Chromium and its driver; .ci/run browser"]
fn browser_renews_the_room_by_itself() {
    let (dir, browser) = (tempfile::tempdir().unwrap(), Browser::start());
    let tiles = "return document.querySelector('.tiles').textContent";
    let file = write(&dir, &page(24, 60, Lang::En, false, 1));
    browser.open(&file, (1280, 900), "light");
    let before = browser.script(tiles);
    write(&dir, &page(24, 120, Lang::En, false, 1));
    let renewed = browser.wait(Duration::from_secs(30), || browser.script(tiles) != before);
    assert!(renewed, "still {before}");
}
