//! Statuses of the course that ships, from journals.

use jiff::tz::TimeZone;

use super::*;
use crate::check::Verdict;
use crate::progress::{Entry, Verified};
use crate::report::Look;

fn at(minutes: i64) -> Timestamp {
    let nine: Timestamp = "2026-11-28T09:00:00Z".parse().unwrap();
    nine + jiff::SignedDuration::from_mins(minutes)
}

fn now() -> ZonedDateTime {
    at(60).to_zoned_datetime(TimeZone::UTC)
}

/// A learner who did module 0 and the first steps of module 1, and broke one step since.
fn entries(course: &Course, broken: &str) -> Vec<(Timestamp, Entry)> {
    let done = ["0a", "0b", "0c", "0d", "0e", "1a", "1b"];
    let verdicts = |steps: &[&str], verdict| {
        let steps = steps.iter().filter_map(|id| course.step(id));
        let checks = steps.flat_map(|(_, step)| &step.checks);
        let verdicts = checks.map(|check| (check.check.clone(), verdict)).collect();
        Entry::Verified(Verified {
            caller: String::new(),
            course_sha256: String::new(),
            verdicts,
            failures: std::collections::BTreeMap::new(),
        })
    };
    let opened = |step: &str| Entry::Opened { step: step.to_owned() };
    let mut entries = vec![(at(0), opened("0a")), (at(25), verdicts(&done[..5], Verdict::Pass))];
    entries.extend(done.iter().map(|step| (at(25), Entry::Proven { step: (*step).to_owned() })));
    entries.push((at(26), opened("1a")));
    entries.push((at(40), verdicts(&done[5..], Verdict::Pass)));
    if !broken.is_empty() {
        entries.push((at(41), verdicts(&[broken], Verdict::Fail)));
    }
    entries
}

/// What a learner's status is made of, an hour after the start.
struct Known {
    course: Course,
    standing: Standing,
    now: ZonedDateTime,
    ends: Option<Timestamp>,
}

impl Known {
    fn new(broken: &str, minutes: Option<i64>) -> Self {
        let course = Course::embedded().unwrap();
        let standing = Standing::new(&course, &entries(&course, broken));
        Self { course, standing, now: now(), ends: minutes.map(|minutes| at(60 + minutes)) }
    }

    fn asked(&self) -> Asked<'_> {
        Asked {
            course: &self.course,
            standing: &self.standing,
            account: Some((AccountKind::Practice, "000000000000".to_owned())),
            domains: Vec::new(),
            cleanup: false,
            now: &self.now,
            ends: self.ends,
            lang: Lang::En,
        }
    }
}

#[test]
fn the_next_step_goes_on_where_the_learner_stopped() {
    let next = Known::new("", Some(120)).asked().next();
    assert_eq!(next.time.minutes_left, Some(120));
    let next = next.next.unwrap();
    assert_eq!((next.step.as_str(), next.module, next.fits), ("1c", 1, true));
    assert_eq!(next.why, "module 1: 2 of 6 steps done");
}

#[test]
fn a_step_that_was_proven_and_failed_since_is_next_and_says_why() {
    let next = Known::new("0b", None).asked().next().next.unwrap();
    assert_eq!((next.step.as_str(), next.state), ("0b", State::Regressed));
    assert!(next.why.contains("failed when last checked"), "{}", next.why);
}

#[test]
fn minutes_are_planned_left_and_spent() {
    let status = Known::new("", Some(120)).asked().status();
    let minutes = |module: usize| status.modules[module].minutes;
    assert_eq!(minutes(0), Minutes { planned: 45, left: 0, spent: 25 });
    assert_eq!(minutes(1), Minutes { planned: 50, left: 40, spent: 15 });
    assert_eq!(status.modules[0].state, State::Done);
    assert_eq!(status.modules[2].locked, Some(Lock::Module(1)));
    assert_eq!(status.verified, Some(at(40).to_string()));
}

#[test]
fn people_read_the_map_the_plan_and_the_next_step() {
    let course = Course::embedded().unwrap();
    for lang in ["en", "ja"] {
        let look = Look { lang: lang.to_owned(), width: 80, colour: false };
        let status = Known::new("0b", Some(134)).asked().status();
        let text = status_human(&status, &course, &now(), &look);
        for line in text.lines() {
            let width = unicode_width::UnicodeWidthStr::width(line);
            assert!(width <= 80, "{width}: {line}");
        }
        if lang == "en" {
            for expected in [
                "practice account 000000000000 · last checked 09:41",
                "2:14 left · ends 12:14",
                "✘ 0 regressed",
                "Identity",
                " 1 2 of 6 ",
                "after 0",
                "Done by",
                "Next: 0b",
                "pauses of more than 30 min",
            ] {
                assert!(text.contains(expected), "no {expected:?} in\n{text}");
            }
        }
    }
}

#[test]
fn one_line_is_enough_for_a_prompt() {
    let look = Look { lang: "en".to_owned(), width: 80, colour: false };
    let line = next_short(&Known::new("", Some(45)).asked().next(), &look).unwrap();
    assert_eq!(line, "1c Create a client for the administrator · 5 min · 45 min left");
}

#[test]
fn a_minute_that_has_begun_counts_and_the_past_is_no_time() {
    let start = at(0);
    let seconds = |seconds| start + jiff::SignedDuration::from_secs(seconds);
    assert_eq!(minutes_until(seconds(60), start), 1);
    assert_eq!(minutes_until(seconds(61), start), 2);
    assert_eq!(minutes_until(start, start), 0);
    assert_eq!(minutes_until(start, seconds(500)), 0);
}
