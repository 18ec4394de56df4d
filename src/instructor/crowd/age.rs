//! How long ago something was, by clocks that can't be trusted: an attendee's may be fast, slow, or
//! years off, and whoever writes an item may write any time.

use jiff::{SignedDuration, Timestamp};

/// An event takes a day at most. What seems longer ago is told as a day.
pub const LONGEST: u32 = 24 * 60;

/// Whole minutes since a time: 0 where it lies ahead, [`LONGEST`] at most.
pub fn minutes_since(at: Timestamp, now: Timestamp) -> u32 {
    let minutes = now.duration_since(at).as_mins().clamp(0, LONGEST.into());
    u32::try_from(minutes).unwrap_or(0)
}

/// A room lasts so long at most: nothing in it is older.
const OLDEST: SignedDuration = SignedDuration::from_hours(720);

/// Brings an item's times onto the clock of who reads it.
#[derive(Debug, Clone, Copy)]
pub(super) struct Clock {
    /// How far the writer's clock is ahead, as far as that can be seen.
    ahead: SignedDuration,
    now: Timestamp,
}

impl Clock {
    /// What was written can't have been written later than it is read. How far a clock is behind
    /// can't be seen: the news may be old.
    pub(super) fn new(written: Timestamp, now: Timestamp) -> Self {
        Self { ahead: written.duration_since(now).max(SignedDuration::ZERO), now }
    }

    /// A time of the item, by the reader's clock: never in the future, never before there was a
    /// room.
    pub(super) fn read(self, at: Timestamp) -> Timestamp {
        let oldest = self.now.checked_sub(OLDEST).unwrap_or(Timestamp::MIN);
        at.checked_sub(self.ahead).unwrap_or(at).max(oldest).min(self.now)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(minutes: i64) -> Timestamp {
        Timestamp::from_second(1_800_000_000 + minutes * 60).unwrap()
    }

    #[test]
    fn durations_are_never_negative_or_absurd() {
        assert_eq!(minutes_since(at(3), at(10)), 7);
        assert_eq!(minutes_since(at(11), at(10)), 0);
        assert_eq!(minutes_since(Timestamp::MIN, Timestamp::MAX), LONGEST);
        assert_eq!(minutes_since(Timestamp::MAX, Timestamp::MIN), 0);
    }

    #[test]
    fn a_fast_clock_is_set_back_for_all_that_it_timed() {
        let clock = Clock::new(at(40), at(30));
        assert_eq!(clock.read(at(40)), at(30));
        assert_eq!(clock.read(at(25)), at(15));
        assert_eq!(clock.read(at(90)), at(30), "later than its own item");
        let clock = Clock::new(at(10), at(30));
        assert_eq!(clock.read(at(10)), at(10), "old news");
        let clock = Clock::new(Timestamp::MAX, at(30));
        assert_eq!(clock.read(Timestamp::MAX), at(30));
        assert_eq!(clock.read(Timestamp::MIN), at(30) - OLDEST);
    }
}
