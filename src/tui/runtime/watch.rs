//! The interface's clock.

use std::time::{Duration, Instant};

use jiff::Timestamp;
use jiff::tz::TimeZone;

use crate::tui::time::Time;

/// The interface's clock.
pub(crate) struct Watch {
    began: Instant,
    zone: TimeZone,
}

impl Watch {
    pub(crate) fn new() -> Self {
        Self { began: Instant::now(), zone: TimeZone::system() }
    }

    pub(crate) fn now(&self) -> Time {
        let (running, wall) = (self.began.elapsed(), Timestamp::now());
        Time { running, wall, zone: self.zone.clone() }
    }

    /// How long until the time has to be told again: to the next minute, or a second where seconds
    /// are counted. Counted anew each time: a machine that slept, or whose clock was set, is right
    /// again within a minute, and with the next key.
    pub(crate) fn pause(&self, counts: bool) -> Duration {
        if counts {
            return Duration::from_secs(1);
        }
        let now = self.now().zoned();
        let seconds = now.second().unsigned_abs().into();
        let into = Duration::new(seconds, now.subsec_nanosecond().unsigned_abs());
        Duration::from_mins(1).saturating_sub(into) + Duration::from_millis(1)
    }
}
