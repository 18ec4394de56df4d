//! A plan in words.

use jiff::{SignedDuration, ZonedDateTime};

use crate::course::{Course, Leg, Lock, Plan, Why};
use crate::i18n::{Words, clock, fill};

/// What a plan says of the end.
#[derive(Debug, Clone, Copy)]
pub struct End<'a> {
    /// What the clock says now.
    pub now: &'a ZonedDateTime,
    /// Minutes that are kept.
    pub reserve: u32,
    /// Whether the clean-up is in them.
    pub cleanup: bool,
}

/// What a plan says: the order and when it is done, what is kept for the end, what is left out and
/// why. `end` is none where there is no end.
pub fn plan_lines(
    plan: &Plan,
    course: &Course,
    words: &Words,
    end: Option<End<'_>>,
) -> Vec<String> {
    let kept = |end: End<'_>| {
        let text = if end.cleanup { words.plan_kept_cleanup } else { words.plan_kept };
        fill(text, &[&words.span(end.reserve)])
    };
    let mut lines = Vec::new();
    let order = order(plan, course).join(words.comma);
    match (end, plan.spare) {
        _ if plan.legs.is_empty() && too_long(plan).next().is_none() => {
            lines.push(words.plan_all_done.to_owned());
        }
        (Some(end), Some(_)) if plan.legs.is_empty() => {
            lines.push(fill(words.plan_none, &[&kept(end)]));
        }
        (Some(end), Some(spare)) => {
            let (by, spare) = (done_by(plan.minutes, end.now), words.span(spare));
            lines.push(fill(words.plan_by, &[&order, &by, &spare, &kept(end)]));
        }
        _ => {
            lines.push(fill(words.plan_endless, &[&order, &words.span(plan.minutes)]));
            lines.push(words.plan_no_end.to_owned());
        }
    }
    let short: Vec<String> = too_long(plan)
        .map(|(module, over)| fill(words.plan_short, &[&module.to_string(), &over.to_string()]))
        .collect();
    if !short.is_empty() {
        lines.push(fill(words.plan_too_long, &[&short.join(words.comma)]));
    }
    if !plan.extra.is_empty() {
        lines.push(fill(words.plan_extra, &[&plan.extra.join(words.comma)]));
    }
    let unwritten = plan.left_out.iter().filter(|out| out.why == Why::NotWritten);
    let unwritten: Vec<String> = unwritten.map(|out| out.module.to_string()).collect();
    if !unwritten.is_empty() {
        lines.push(fill(words.plan_unwritten, &[&unwritten.join(words.comma)]));
    }
    lines
}

/// When minutes of work from now on are done.
pub fn done_by(minutes: u32, now: &ZonedDateTime) -> String {
    let work = SignedDuration::from_mins(minutes.into());
    clock(now.timestamp().saturating_add(work).unwrap_or(now.timestamp()), now)
}

/// What a module waits for.
pub fn lock_line(lock: &Lock, words: &Words) -> String {
    match lock {
        Lock::Module(number) => fill(words.locked, &[&number.to_string()]),
        Lock::Step(id) => fill(words.locked_step, &[id]),
    }
}

fn too_long(plan: &Plan) -> impl Iterator<Item = (u8, u32)> {
    plan.left_out.iter().filter_map(|out| match out.why {
        Why::ShortBy(over) => Some((out.module, over)),
        Why::NotWritten => None,
    })
}

/// `0`, `1`, `3a 3b`, `4`: modules that are finished by number, others by the steps that are needed.
fn order(plan: &Plan, course: &Course) -> Vec<String> {
    let name = |leg: &Leg| {
        let all = course.module(leg.module).is_some_and(|m| m.steps.len() == leg.steps.len());
        if leg.finishes || all { leg.module.to_string() } else { leg.steps.join(" ") }
    };
    plan.legs.iter().map(name).collect()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use jiff::Timestamp;
    use jiff::tz::TimeZone;

    use super::*;
    use crate::course::Wish;
    use crate::i18n::Lang;

    fn now() -> ZonedDateTime {
        let at: Timestamp = "2026-11-28T09:00:00Z".parse().unwrap();
        at.to_zoned_datetime(TimeZone::UTC)
    }

    fn lines(wish: &Wish, lang: Lang) -> String {
        let course = Course::embedded().unwrap();
        let now = now();
        let reserve = wish.reserve;
        let end = wish.minutes.map(|_| End { now: &now, reserve, cleanup: reserve > 10 });
        plan_lines(&course.plan(wish), &course, lang.words(), end).join("\n")
    }

    #[test]
    fn a_plan_says_the_order_when_it_is_done_and_what_is_left_out() {
        let wish = Wish { minutes: Some(110), reserve: 10, ..Wish::default() };
        let text = lines(&wish, Lang::En);
        assert!(
            text.starts_with("In this order: 0, 1. Done by 10:35; 5 min to spare, 10 min kept"),
            "{text}"
        );
        assert!(text.contains("Too long, by so many minutes: 2 (15)"), "{text}");
        let text = lines(&wish, Lang::Ja);
        assert!(text.starts_with("順番: 0、1。10:35 に完了し、5 分余ります。"), "{text}");
    }

    #[test]
    fn time_for_the_clean_up_is_kept_where_it_is_wished_for() {
        let course = Course::embedded().unwrap();
        let reserve = course.reserve(true);
        assert!(reserve > course.reserve(false));
        let wish = Wish { minutes: Some(180), reserve, ..Wish::default() };
        assert!(lines(&wish, Lang::En).contains("kept to clean up and to take your journal home"));
    }

    #[test]
    fn without_time_for_anything_or_anything_to_do_it_says_so() {
        let wish = Wish { minutes: Some(20), reserve: 10, ..Wish::default() };
        assert!(lines(&wish, Lang::En).starts_with("No module can be finished"));
        let course = Course::embedded().unwrap();
        let done: BTreeSet<String> = course.steps().map(|(_, step)| step.spec.id.clone()).collect();
        let wish = Wish { done, minutes: Some(60), reserve: 10, ..Wish::default() };
        let text = lines(&wish, Lang::En);
        assert!(text.starts_with("All of it is done."), "{text}");
        assert!(!text.contains("kept"), "{text}");
    }

    #[test]
    fn without_an_end_it_says_how_long_all_of_it_takes() {
        let text = lines(&Wish::default(), Lang::En);
        assert!(text.contains("That takes") && text.contains("--ends 11:40"), "{text}");
    }
}
