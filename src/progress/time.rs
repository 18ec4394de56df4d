//! How long was worked on each module, as far as the journal can tell.

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};

use super::journal::{Entry, Log};
use crate::course::Course;

/// A gap between two events that is longer than this is a break, not work.
pub const BREAK: SignedDuration = SignedDuration::from_mins(60);

/// Time worked by module. What lies between two events counts for the module of the earlier one.
pub fn time_spent(course: &Course, log: &Log) -> BTreeMap<u8, SignedDuration> {
    let mut spent = BTreeMap::new();
    let mut here = None;
    for pair in log.entries.windows(2) {
        let [(from, entry), (to, _)] = pair else { continue };
        here = module_of(course, entry).or(here);
        if let (Some(module), Some(gap)) = (here, worked(*from, *to)) {
            *spent.entry(module).or_default() += gap;
        }
    }
    if let Some((_, entry)) = log.entries.last() {
        // The last event needs no time, but its module was worked on.
        if let Some(module) = module_of(course, entry) {
            spent.entry(module).or_default();
        }
    }
    spent
}

/// The time between two events; none where the clock went back, or where it was a break.
pub fn worked(from: Timestamp, to: Timestamp) -> Option<SignedDuration> {
    let gap = to.duration_since(from);
    (!gap.is_negative() && gap <= BREAK).then_some(gap)
}

/// The module that an event tells of, where it is one.
pub fn module_of(course: &Course, entry: &Entry) -> Option<u8> {
    let number = |step: &str| Some(course.step(step)?.0.entry.number);
    match entry {
        Entry::Opened { step }
        | Entry::Proven { step }
        | Entry::Skipped { step }
        | Entry::Resumed { step }
        | Entry::HelpAsked { step } => number(step),
        Entry::Hint { check, .. } => number(&course.check(check)?.0.spec.id),
        Entry::Revealed { module, .. } => course.module(*module).map(|module| module.entry.number),
        Entry::Verified(verified) => {
            let module = |check: &String| number(&course.check(check)?.0.spec.id);
            let mut modules = verified.verdicts.keys().filter_map(module);
            let first = modules.next()?;
            modules.all(|other| other == first).then_some(first)
        }
        Entry::Imported { .. } => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::Verdict;
    use crate::progress::Verified;

    fn spent(events: &[(i64, Entry)]) -> Vec<(u8, i64)> {
        let course = Course::embedded().unwrap();
        let at = |minute: i64| Timestamp::from_second(minute * 60).unwrap();
        let entries = events.iter().map(|(minute, entry)| (at(*minute), entry.clone())).collect();
        let spent = time_spent(&course, &Log { entries, unread: 0 });
        spent.into_iter().map(|(module, time)| (module, time.as_mins())).collect()
    }

    fn opened(step: &str) -> Entry {
        Entry::Opened { step: step.to_owned() }
    }

    fn verified(checks: &[&str]) -> Entry {
        let verdicts = checks.iter().map(|check| ((*check).to_owned(), Verdict::Fail)).collect();
        let (caller, course_sha256) = (String::new(), String::new());
        Entry::Verified(Verified { caller, course_sha256, verdicts })
    }

    #[test]
    fn time_counts_for_the_module_that_was_open() {
        let events =
            [(0, opened("0a")), (20, opened("0d")), (30, opened("1a")), (75, opened("4a"))];
        assert_eq!(spent(&events), [(0, 30), (1, 45), (4, 0)]);
    }

    #[test]
    fn a_verification_of_everything_leaves_the_module_as_it_is() {
        let course = Course::embedded().unwrap();
        let checks: Vec<&str> =
            course.steps().flat_map(|(_, s)| &s.checks).map(|c| c.check.as_str()).collect();
        let events = [(0, opened("1a")), (10, verified(&checks)), (15, opened("0a"))];
        assert_eq!(spent(&events), [(0, 0), (1, 15)]);
    }

    #[test]
    fn breaks_and_clocks_that_go_back_are_no_work() {
        let events = [
            (0, opened("0a")),
            (5, opened("0b")),
            (200, opened("0c")),
            (100, opened("0d")),
            (110, opened("0e")),
        ];
        assert_eq!(spent(&events), [(0, 15)]);
    }

    #[test]
    fn what_is_not_of_this_course_is_left_out() {
        let events = [(0, opened("99z")), (5, verified(&["no-such-check"])), (9, opened("0a"))];
        assert_eq!(spent(&events), [(0, 0)]);
    }
}
