//! When the event ends: as it is given, and as it is remembered for terminals opened later.

use std::path::PathBuf;

use jiff::civil::{DateTime, Time};
use jiff::{SignedDuration, Timestamp, ZonedDateTime};
use serde::{Deserialize, Serialize};

use super::context::Context;
use super::error::Error;
use super::output;

/// An end longer ago than this was another event's.
const STALE: SignedDuration = SignedDuration::from_hours(8);
/// The longest time that can be given as a duration.
const LONGEST: SignedDuration = SignedDuration::from_hours(240);

/// `STEPPROOF_HOME/event.json`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Remembered {
    ends: Timestamp,
    /// As it was given: the same duration, given again, doesn't begin anew.
    given: String,
}

/// Complains about an end that can't be understood, before anything else happens.
///
/// # Errors
/// The flag or the variable holds no time.
pub(super) fn check(context: &Context) -> Result<(), Error> {
    match &context.global.ends {
        Some(text) => parse(text, &ZonedDateTime::now()).map(drop),
        None => Ok(()),
    }
}

/// The event's end as the flag or the variable says, for somebody else: nothing is remembered.
///
/// # Errors
/// They hold no time.
pub(super) fn given(context: &Context) -> Result<Option<Timestamp>, Error> {
    let ends = context.global.ends.as_deref().map(|text| parse(text, &ZonedDateTime::now()));
    ends.transpose().map(Option::flatten)
}

/// The event's end, as the flag, the environment or an earlier start says; none where none does.
///
/// # Errors
/// The flag or the variable holds no time.
pub(super) fn ends(context: &Context) -> Result<Option<Timestamp>, Error> {
    resolve(context, &ZonedDateTime::now())
}

fn resolve(context: &Context, now: &ZonedDateTime) -> Result<Option<Timestamp>, Error> {
    let remembered = recall(context);
    let ends = match &context.global.ends {
        None => remembered.map(|event| event.ends),
        Some(text) => {
            let running = |event: &Remembered| event.given == *text && event.ends > now.timestamp();
            let same = |event: &Remembered| duration(text).is_some() && running(event);
            if let Some(event) = remembered.filter(same) {
                Some(event.ends)
            } else {
                let ends = parse(text, now)?;
                remember(context, ends, text);
                ends
            }
        }
    };
    Ok(ends.filter(|ends| now.timestamp().duration_since(*ends) < STALE))
}

fn path(context: &Context) -> PathBuf {
    context.home.join("event.json")
}

/// What can't be read is not known.
fn recall(context: &Context) -> Option<Remembered> {
    let text = std::fs::read_to_string(path(context)).ok()?;
    serde_json::from_str(&text).ok()
}

/// Remembers an end for later starts, or forgets it. Where that isn't possible, it has to be given
/// again.
fn remember(context: &Context, ends: Option<Timestamp>, given: &str) {
    let Some(ends) = ends else {
        let _ = std::fs::remove_file(path(context));
        return;
    };
    let event = Remembered { ends, given: given.to_owned() };
    if let Ok(text) = serde_json::to_string(&event)
        && context.make_home().is_ok()
    {
        let _ = output::file(&path(context), &text);
    }
}

/// `11:40`, `2026-11-28T11:40`, the same with an offset, `2h30m`; or `none`.
fn parse(text: &str, now: &ZonedDateTime) -> Result<Option<Timestamp>, Error> {
    let text = text.trim();
    if text == "none" {
        return Ok(None);
    }
    let zone = now.time_zone();
    let found = if let Some(time) = duration(text) {
        now.timestamp().checked_add(time).ok().map(whole_minute)
    } else if let Some(time) = clock(text) {
        nearest(time, now)
    } else if let Ok(at) = text.parse::<Timestamp>() {
        Some(at)
    } else {
        // A date alone is no time.
        let dated = text.contains(':').then(|| text.parse::<DateTime>().ok()).flatten();
        dated.and_then(|at| zone.to_timestamp(at).ok())
    };
    found.map(Some).ok_or_else(|| {
        Error::usage(format!("`{text}` is no time at which an event ends")).with_remedy(
            "Give --ends (or STEPPROOF_ENDS) a local time (11:40), a date and time \
             (2026-11-28T11:40+09:00), or how long it still takes (2h30m); none forgets it.",
        )
    })
}

/// `2h30m`, `2h`, `45m`.
fn duration(text: &str) -> Option<SignedDuration> {
    let (hours, rest) = match text.split_once('h') {
        Some((hours, rest)) => (number(hours)?, rest),
        None => (0, text),
    };
    let minutes = match rest.strip_suffix('m') {
        Some(minutes) => number(minutes)?,
        None if rest.is_empty() && text.ends_with('h') => 0,
        None => return None,
    };
    let time = SignedDuration::from_mins(hours * 60 + minutes);
    (time.is_positive() && time <= LONGEST).then_some(time)
}

/// `11:40`, `9:05`.
fn clock(text: &str) -> Option<Time> {
    let (hour, minute) = text.split_once(':')?;
    let minute = Some(minute).filter(|minute| minute.len() == 2).and_then(number)?;
    let hour = Some(hour).filter(|hour| hour.len() <= 2).and_then(number)?;
    Time::new(i8::try_from(hour).ok()?, i8::try_from(minute).ok()?, 0, 0).ok()
}

fn number(text: &str) -> Option<i64> {
    let digits = !text.is_empty() && text.len() <= 4 && text.bytes().all(|b| b.is_ascii_digit());
    if digits { text.parse().ok() } else { None }
}

/// When the clock shows this time: the next time, unless it did so within the last hours.
fn nearest(time: Time, now: &ZonedDateTime) -> Option<Timestamp> {
    let days = [now.yesterday().ok()?, now.clone(), now.tomorrow().ok()?];
    let times = days.iter().filter_map(|day| day.with().time(time).build().ok());
    let mut times = times.map(|at| at.timestamp());
    times.find(|at| now.timestamp().duration_since(*at) < STALE)
}

/// The minute that clocks show, so that two hours begin with 2:00.
fn whole_minute(at: Timestamp) -> Timestamp {
    let seconds = at.as_second();
    Timestamp::from_second(seconds - seconds.rem_euclid(60)).unwrap_or(at)
}

#[cfg(test)]
mod tests {
    use jiff::tz::TimeZone;

    use super::*;

    fn now(text: &str) -> ZonedDateTime {
        let zone = TimeZone::fixed(jiff::tz::offset(9));
        text.parse::<DateTime>().unwrap().to_zoned_datetime(zone).unwrap()
    }

    fn shown(text: &str, at: &str) -> String {
        let now = now(at);
        let ends = parse(text, &now).unwrap().unwrap();
        ends.to_zoned_datetime(now.time_zone().clone()).datetime().to_string()
    }

    #[test]
    fn an_end_is_understood_as_people_say_it() {
        let morning = "2026-11-28T09:10:20";
        for (text, expected) in [
            ("11:40", "2026-11-28T11:40:00"),
            ("9:05", "2026-11-28T09:05:00"),
            ("00:30", "2026-11-29T00:30:00"),
            ("2h30m", "2026-11-28T11:40:00"),
            ("2h", "2026-11-28T11:10:00"),
            ("45m", "2026-11-28T09:55:00"),
            ("2026-11-28T11:40", "2026-11-28T11:40:00"),
            ("2026-11-28 11:40", "2026-11-28T11:40:00"),
            ("2026-11-28T02:40:00Z", "2026-11-28T11:40:00"),
            ("2026-11-28T11:40+09:00", "2026-11-28T11:40:00"),
        ] {
            assert_eq!(shown(text, morning), expected, "{text}");
        }
    }

    #[test]
    fn a_clock_time_that_has_just_passed_is_not_tomorrows() {
        assert_eq!(shown("11:40", "2026-11-28T11:45"), "2026-11-28T11:40:00");
        assert_eq!(shown("23:50", "2026-11-29T00:10"), "2026-11-28T23:50:00");
        assert_eq!(shown("11:40", "2026-11-28T20:00"), "2026-11-29T11:40:00");
    }

    #[test]
    fn what_is_no_time_is_refused_with_what_to_give() {
        let now = now("2026-11-28T09:10");
        for text in [
            "",
            "soon",
            "25:00",
            "11:4",
            "1:60",
            "-2h",
            "0m",
            "h",
            "m",
            "2h30",
            "99999h",
            "2026-11-28",
        ] {
            let error = parse(text, &now).unwrap_err();
            assert!(error.remedy.contains("11:40"), "{text}: {error}");
        }
    }

    fn context(home: &std::path::Path, ends: Option<&str>) -> Context {
        let global = crate::cli::Global { ends: ends.map(str::to_owned), ..Default::default() };
        Context { global, home: home.join("data"), lang: "en".into() }
    }

    #[test]
    fn a_terminal_opened_later_knows_the_end() {
        let home = tempfile::tempdir().unwrap();
        let at = |ends, time| resolve(&context(home.path(), ends), &now(time)).unwrap();
        let end = at(Some("2h"), "2026-11-28T09:00");
        assert_eq!(at(None, "2026-11-28T09:30"), end);
        assert_eq!(at(Some("2h"), "2026-11-28T10:00"), end, "the same words don't begin anew");
        let longer = at(Some("3h"), "2026-11-28T10:00");
        assert_ne!(longer, end);
        let again = at(Some("3h"), "2026-11-28T13:30");
        assert_ne!(again, longer, "once it is over, they do");
        assert_eq!(at(None, "2026-11-28T18:00"), again, "what is over is over");
        assert_eq!(at(None, "2026-11-29T09:00"), None, "and gone on another day");
        at(Some("11:40"), "2026-11-29T09:00");
        assert_eq!(at(Some("none"), "2026-11-29T09:01"), None);
        assert_eq!(at(None, "2026-11-29T09:02"), None);
    }

    #[test]
    fn a_damaged_file_is_no_end() {
        let home = tempfile::tempdir().unwrap();
        let context = context(home.path(), None);
        context.make_home().unwrap();
        std::fs::write(path(&context), "{").unwrap();
        assert_eq!(resolve(&context, &now("2026-11-28T09:00")).unwrap(), None);
    }
}
