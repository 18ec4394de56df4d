//! The time, as the runtime tells it: nothing else in the interface looks at a clock.

use std::time::Duration;

use jiff::tz::TimeZone;
use jiff::{Timestamp, ZonedDateTime};

/// The time now.
#[derive(Debug, Clone)]
pub struct Time {
    /// Since the interface began. Never jumps: what counts down rests on it.
    pub running: Duration,
    /// The time of day. May jump; is only shown.
    pub wall: Timestamp,
    /// The learner's time zone.
    pub zone: TimeZone,
}

impl Default for Time {
    fn default() -> Self {
        Self { running: Duration::ZERO, wall: Timestamp::UNIX_EPOCH, zone: TimeZone::UTC }
    }
}

impl Time {
    /// The time of day where the learner is.
    pub fn zoned(&self) -> ZonedDateTime {
        self.wall.to_zoned_datetime(self.zone.clone())
    }

    /// A time of today as `10:32`, any other with its date.
    pub fn shown(&self, at: Timestamp) -> String {
        let local = |time: Timestamp| time.to_zoned_datetime(self.zone.clone());
        let (at, now) = (local(at), local(self.wall));
        let format = if at.date() == now.date() { "%H:%M" } else { "%Y-%m-%d %H:%M" };
        at.strftime(format).to_string()
    }

    /// A time of day to the second.
    pub fn exact(&self, at: Timestamp) -> String {
        at.to_zoned_datetime(self.zone.clone()).strftime("%H:%M:%S").to_string()
    }
}

/// A length of time as `0:07`, `12:30` or `1:02:30`.
pub(super) fn minutes(time: Duration) -> String {
    let seconds = time.as_secs();
    let (hours, minutes, seconds) = (seconds / 3600, seconds / 60 % 60, seconds % 60);
    match hours {
        0 => format!("{minutes}:{seconds:02}"),
        hours => format!("{hours}:{minutes:02}:{seconds:02}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn another_day_is_named() {
        let wall = "2026-03-01T12:00:00Z".parse().unwrap();
        let time = Time { wall, ..Time::default() };
        assert_eq!(time.shown("2026-03-01T10:32:11Z".parse().unwrap()), "10:32");
        assert_eq!(time.shown("2026-02-28T10:32:11Z".parse().unwrap()), "2026-02-28 10:32");
        assert_eq!(time.exact("2026-02-28T10:32:11Z".parse().unwrap()), "10:32:11");
    }

    #[test]
    fn lengths_are_short() {
        for (seconds, shown) in [(7, "0:07"), (750, "12:30"), (3750, "1:02:30")] {
            assert_eq!(minutes(Duration::from_secs(seconds)), shown);
        }
    }
}
