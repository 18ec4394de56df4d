//! Progress over time: a sample a minute as the news come, in bounded memory.

use jiff::{SignedDuration, Timestamp};

use super::attendee::Attendee;
use crate::check::State;
use crate::report::room::Totals;

/// More samples are thinned out: then every second one goes, and samples come half as often.
const MOST: usize = 360;
/// The first distance between samples.
const FIRST: SignedDuration = SignedDuration::from_mins(1);

/// The room at a time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Sample {
    /// When.
    pub at: Timestamp,
    /// Attendees in the room.
    pub here: usize,
    /// Modules that are done, of all in the room together.
    pub modules_done: usize,
    /// Required steps that are done; none before this dashboard was opened, which the news of that
    /// time don't tell.
    pub steps_done: Option<usize>,
    /// Attendees who are stuck; none before this dashboard was opened.
    pub stuck: Option<usize>,
}

/// The samples, oldest first.
#[derive(Debug, Clone)]
pub(super) struct Series {
    samples: Vec<Sample>,
    apart: SignedDuration,
}

impl Series {
    pub(super) fn new() -> Self {
        Self { samples: Vec::new(), apart: FIRST }
    }

    pub(super) fn samples(&self) -> &[Sample] {
        &self.samples
    }

    /// What happened before the first news came, as far as it says so itself: who joined when, and
    /// when modules were done.
    pub(super) fn begin(&mut self, attendees: &[Attendee], now: Timestamp) {
        *self = Self::new();
        let here = attendees.iter().filter(|attendee| attendee.is_here());
        let joined: Vec<Timestamp> = here.clone().filter_map(|one| one.joined).collect();
        let cells = here.flat_map(|attendee| &attendee.cells);
        let done: Vec<Timestamp> =
            cells.filter(|cell| cell.state == State::Done).filter_map(|cell| cell.at).collect();
        // An event is a day at most: an older time is a wrong clock's.
        let day = now.checked_sub(SignedDuration::from_hours(24)).unwrap_or(now);
        let Some(first) = joined.iter().chain(&done).filter(|at| **at > day).min().copied() else {
            return;
        };
        let minutes = now.duration_since(first).as_mins();
        let most = i64::try_from(MOST / 2).unwrap_or(1);
        while minutes / self.apart.as_mins().max(1) > most {
            self.apart += self.apart;
        }
        let until = |times: &[Timestamp], end| times.iter().filter(|at| **at <= end).count();
        let mut at = first;
        while at < now {
            self.samples.push(Sample {
                at,
                here: until(&joined, at),
                modules_done: until(&done, at),
                steps_done: None,
                stuck: None,
            });
            let Ok(next) = at.checked_add(self.apart) else { break };
            at = next;
        }
    }

    /// Notes where the room stands. Within the distance of the sample before, the newer one stands.
    pub(super) fn note(&mut self, totals: &Totals, now: Timestamp) {
        let sample = Sample {
            at: now,
            here: totals.here,
            modules_done: totals.modules_done,
            steps_done: Some(totals.steps_done),
            stuck: Some(totals.stuck),
        };
        match self.samples.last().map(|last| last.at) {
            // The instructor's clock was set back.
            Some(last) if now < last => return,
            Some(last) => {
                // The last but one says where this stretch began.
                let begun = self.samples.iter().rev().nth(1).map(|sample| sample.at);
                let fresh = begun.is_none_or(|begun| last.duration_since(begun) >= self.apart);
                if !fresh {
                    self.samples.pop();
                }
                self.samples.push(sample);
            }
            None => self.samples.push(sample),
        }
        if self.samples.len() > MOST {
            let mut even = false;
            self.samples.retain(|_| {
                even = !even;
                even
            });
            self.apart += self.apart;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn samples_are_a_minute_apart_and_bounded() {
        let mut series = Series::new();
        let second = |second: i64| Timestamp::from_second(1_800_000_000 + second).unwrap();
        for at in 0..600 {
            let totals = Totals { steps_done: usize::try_from(at).unwrap(), ..Totals::default() };
            series.note(&totals, second(at * 2));
        }
        assert!((20..=22).contains(&series.samples().len()), "{}", series.samples().len());
        assert_eq!(series.samples().last().unwrap().steps_done, Some(599));
        for minute in 20..3_000 {
            series.note(&Totals::default(), second(minute * 60));
        }
        assert!(series.samples().len() <= MOST);
        assert!(series.samples().is_sorted_by_key(|sample| sample.at));
        assert_eq!(series.samples()[0].at, second(0), "the beginning stays");
        assert_eq!(series.samples().last().unwrap().at, second(2_999 * 60));
    }

    #[test]
    fn a_clock_that_is_set_back_adds_nothing() {
        let mut series = Series::new();
        series.note(&Totals::default(), Timestamp::from_second(1_000).unwrap());
        series.note(&Totals::default(), Timestamp::from_second(10).unwrap());
        assert_eq!(series.samples().len(), 1);
    }
}
