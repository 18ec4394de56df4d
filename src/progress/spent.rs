//! How long a learner has worked on each module, from the journal alone.
//!
//! The time between two entries goes to the module of the first one. A longer time than [`PAUSE`]
//! was a pause, or sleep, and counts for nothing; so does a clock that was set back.

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};

use super::journal::Entry;
use crate::course::{Course, PartId};

/// What is longer than this was a pause. Longer than the longest step takes.
pub const PAUSE: SignedDuration = SignedDuration::from_mins(30);

/// Minutes worked on each module and on the clean-up, rounded. Entries are in the order of the
/// journal.
pub fn spent(course: &Course, entries: &[(Timestamp, Entry)]) -> BTreeMap<PartId, u32> {
    let mut seconds: BTreeMap<PartId, i64> = BTreeMap::new();
    let mut before: Option<(Timestamp, PartId)> = None;
    for (at, entry) in entries {
        let since = before.and_then(|(since, part)| Some((worked(since, *at)?, part)));
        if let Some((time, part)) = since.filter(|(time, _)| time.is_positive()) {
            *seconds.entry(part).or_default() += time.as_secs();
        }
        // A verification of everything says nothing about where the learner is.
        let part = part_of(course, entry).or(before.map(|(_, part)| part));
        before = part.map(|part| (*at, part));
    }
    let minutes = |seconds: i64| u32::try_from((seconds + 30) / 60).unwrap_or(0);
    seconds.into_iter().map(|(part, seconds)| (part, minutes(seconds))).collect()
}

/// The time between two entries; none where it was a pause, or where the clock was set back.
pub fn worked(from: Timestamp, to: Timestamp) -> Option<SignedDuration> {
    let time = to.duration_since(from);
    (!time.is_negative() && time <= PAUSE).then_some(time)
}

/// The one part of the course that an entry is about.
pub fn part_of(course: &Course, entry: &Entry) -> Option<PartId> {
    let of_step = |id: &str| course.step(id).map(|(part, _)| part.id);
    let of_check = |name: &str| course.check(name).and_then(|(step, _)| of_step(&step.spec.id));
    match entry {
        Entry::Opened { step }
        | Entry::Proven { step }
        | Entry::Skipped { step }
        | Entry::Resumed { step }
        | Entry::HelpAsked { step, .. }
        | Entry::HelpOver { step }
        | Entry::Ran { step, .. }
        | Entry::Changed { step, .. } => of_step(step),
        Entry::Hint { check, .. } => of_check(check),
        Entry::Revealed { module, .. } => course.module(*module).map(|module| module.part().id),
        Entry::Imported { .. } => None,
        Entry::Verified(verified) => {
            let mut parts = verified.verdicts.keys().filter_map(|check| of_check(check));
            let first = parts.next()?;
            parts.all(|other| other == first).then_some(first)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::Verdict;
    use crate::progress::Verified;

    fn at(minutes: i64) -> Timestamp {
        Timestamp::from_second(1_800_000_000 + minutes * 60).unwrap()
    }

    fn minutes(modules: &[(u8, u32)]) -> BTreeMap<PartId, u32> {
        modules.iter().map(|(module, minutes)| (PartId::Module(*module), *minutes)).collect()
    }

    fn opened(step: &str) -> Entry {
        Entry::Opened { step: step.to_owned() }
    }

    fn verified(course: &Course, modules: &[u8]) -> Entry {
        let steps = course.steps().filter(|(module, _)| modules.contains(&module.entry.number));
        let checks = steps.flat_map(|(_, step)| &step.checks);
        let verdicts = checks.map(|check| (check.check.clone(), Verdict::Pass)).collect();
        let (caller, course_sha256) = (String::new(), String::new());
        Entry::Verified(Verified { caller, course_sha256, verdicts, failures: BTreeMap::new() })
    }

    #[test]
    fn time_goes_to_the_module_where_the_learner_was() {
        let course = Course::embedded().unwrap();
        let entries = [
            (at(0), opened("0a")),
            (at(12), verified(&course, &[0])),
            (at(14), opened("1a")),
            (at(20), opened("1b")),
            (at(25), verified(&course, &[0, 1, 2])),
            (at(30), opened("0e")),
        ];
        assert_eq!(spent(&course, &entries), minutes(&[(0, 14), (1, 16)]));
    }

    #[test]
    fn pauses_and_a_clock_that_is_set_back_count_for_nothing() {
        let course = Course::embedded().unwrap();
        let entries = [
            (at(0), opened("0a")),
            (at(30), opened("0b")),
            (at(61), opened("0c")),
            (at(5), opened("0d")),
            (at(15), opened("0e")),
        ];
        assert_eq!(spent(&course, &entries), minutes(&[(0, 40)]));
        assert!(spent(&course, &[(at(0), opened("0a"))]).is_empty());
        assert!(spent(&course, &[]).is_empty());
    }

    #[test]
    fn the_clean_up_is_no_module_and_takes_time_too() {
        let course = Course::embedded().unwrap();
        let entries = [(at(0), opened("ca")), (at(7), opened("0a"))];
        assert_eq!(spent(&course, &entries), BTreeMap::from([(PartId::Cleanup, 7)]));
    }

    #[test]
    fn steps_of_another_version_of_the_course_are_left_out() {
        let course = Course::embedded().unwrap();
        let entries = [(at(0), opened("99a")), (at(5), opened("0a")), (at(9), opened("99b"))];
        assert_eq!(spent(&course, &entries), minutes(&[(0, 4)]));
    }
}
