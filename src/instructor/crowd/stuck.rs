//! Who is stuck, and why: from what the room says of an attendee and the time since.
//!
//! Who left, is done, or has not begun is not stuck.

use std::sync::Arc;

use jiff::Timestamp;

use super::age::minutes_since;
use super::attendee::Attendee;
use super::outline::Outline;
use crate::check::State;
use crate::i18n::{Lang, fill};
use crate::progress::PAUSE;

/// On a step for so many times what is planned for it: too long.
const TIMES_PLANNED: u32 = 2;
/// Less than this on a step is never too long: a short step's plan says little.
const LONG_LEAST: u32 = 15;
/// A check that failed so often since it last passed.
const MANY_FAILED: u32 = 4;
/// The same thing found wrong so often in a row.
const SAME_AGAIN: u32 = 3;
/// No news for so long: longer than the journal takes for a pause.
const SILENT: u32 = 40;

/// Why somebody is stuck. The order is the severity: the first is the most severe.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Stuck {
    /// They asked for help.
    Help {
        /// The step that it is about.
        step: Arc<str>,
        /// How long they have waited.
        minutes: u32,
    },
    /// The same thing was found wrong again and again.
    Same {
        /// The check that finds it.
        check: Arc<str>,
        /// How often in a row.
        times: u32,
        /// What is wrong.
        offender: Arc<str>,
    },
    /// A check fails again and again.
    Failing {
        /// The check.
        check: Arc<str>,
        /// How often since it last passed.
        times: u32,
    },
    /// Longer on a step than it takes.
    Long {
        /// The step.
        step: Arc<str>,
        /// How long, without pauses.
        minutes: u32,
        /// How long it takes.
        planned: u32,
    },
    /// Nothing was heard of them, in the middle of a step.
    Silent {
        /// How long.
        minutes: u32,
    },
}

/// A reason's sentence, in each language.
struct Words {
    help: &'static str,
    same: &'static str,
    failing: &'static str,
    long: &'static str,
    silent: &'static str,
}

const EN: Words = Words {
    help: "asked for help with {}, {} min ago",
    same: "{} times the same: {} ({})",
    failing: "{} failed {} times",
    long: "{} min on {}, planned {}",
    silent: "no news for {} min",
};

const JA: Words = Words {
    help: "{} について質問中、{} 分経過",
    same: "同じ指摘が {} 回: {} ({})",
    failing: "{} が {} 回不合格",
    long: "{} 分経過: {} (予定 {} 分)",
    silent: "{} 分間更新なし",
};

impl Stuck {
    /// How severe it is, the most severe first: the kind, then how much of it.
    pub fn severity(&self) -> (usize, std::cmp::Reverse<u32>) {
        let (rank, much) = match self {
            Self::Help { minutes, .. } => (0, *minutes),
            Self::Same { times, .. } => (1, *times),
            Self::Failing { times, .. } => (2, *times),
            Self::Long { minutes, .. } => (3, *minutes),
            Self::Silent { minutes } => (4, *minutes),
        };
        (rank, std::cmp::Reverse(much))
    }

    /// The kind, for programs: `help`, `same_offender`, `failing`, `long`, `silent`.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Help { .. } => "help",
            Self::Same { .. } => "same_offender",
            Self::Failing { .. } => "failing",
            Self::Long { .. } => "long",
            Self::Silent { .. } => "silent",
        }
    }

    /// The reason, in a line.
    pub fn line(&self, lang: Lang) -> String {
        let words = match lang {
            Lang::En => &EN,
            Lang::Ja => &JA,
        };
        match self {
            Self::Help { step, minutes } => fill(words.help, &[step, &minutes.to_string()]),
            Self::Same { check, times, offender } => {
                fill(words.same, &[&times.to_string(), offender, check])
            }
            Self::Failing { check, times } => fill(words.failing, &[check, &times.to_string()]),
            Self::Long { step, minutes, planned } => {
                fill(words.long, &[&minutes.to_string(), step, &planned.to_string()])
            }
            Self::Silent { minutes } => fill(words.silent, &[&minutes.to_string()]),
        }
    }
}

/// Why an attendee is stuck at that time: each kind once, the most severe first.
pub(super) fn reasons(attendee: &Attendee, outline: &Outline, now: Timestamp) -> Vec<Stuck> {
    if !attendee.is_here() || attendee.is_done() || !attendee.has_begun() {
        return Vec::new();
    }
    let help = attendee.open_help().map(|help| Stuck::Help {
        step: help.step.as_str().into(),
        minutes: minutes_since(help.asked, now),
    });
    let (same, failing) = failing(attendee, outline);
    let mut reasons: Vec<Stuck> = help.into_iter().chain(same).chain(failing).collect();
    let Some(place) = attendee.place else { return reasons };
    let step = &outline.steps[place.step];
    if attendee.step_claim(outline, place.step).state == State::Done {
        return reasons;
    }
    let quiet = attendee.news.map_or(0, |news| minutes_since(news, now));
    let paused = i64::from(quiet) > PAUSE.as_mins();
    // Not longer than was worked on the module, and what may have been worked since.
    let since = if paused { 0 } else { quiet };
    let worked = step.column.map_or(0, |column| attendee.cells[column].minutes) + since;
    let minutes = minutes_since(place.since, now).min(worked);
    if minutes > LONG_LEAST.max(step.minutes * TIMES_PLANNED) {
        reasons.push(Stuck::Long { step: Arc::clone(&step.id), minutes, planned: step.minutes });
    }
    if quiet > SILENT {
        reasons.push(Stuck::Silent { minutes: quiet });
    }
    reasons
}

/// The worst check that finds the same again, and the worst other one that fails. Those of steps
/// that weren't reached yet fail for everyone who verifies a whole module.
fn failing(attendee: &Attendee, outline: &Outline) -> (Option<Stuck>, Option<Stuck>) {
    let (mut same, mut failing) = (None, None);
    let (mut most_same, mut most_failed) = (SAME_AGAIN - 1, MANY_FAILED - 1);
    let mut reached = None;
    for claim in attendee.claims.iter().filter(|claim| claim.fails()) {
        if claim.same < SAME_AGAIN && claim.failed < MANY_FAILED {
            continue;
        }
        let last = *reached.get_or_insert_with(|| last_reached(attendee, outline));
        let check = &outline.checks[claim.check];
        let is_reached = last.is_some_and(|last| {
            check.step <= last && outline.steps[check.step].column == outline.steps[last].column
        });
        if !is_reached {
            continue;
        }
        let name = || Arc::clone(&check.name);
        match claim.offender().filter(|_| claim.same >= SAME_AGAIN) {
            Some(offender) if claim.same > most_same => {
                most_same = claim.same;
                let offender = Arc::clone(offender);
                same = Some(Stuck::Same { check: name(), times: claim.same, offender });
            }
            None if claim.failed > most_failed => {
                most_failed = claim.failed;
                failing = Some(Stuck::Failing { check: name(), times: claim.failed });
            }
            _ => {}
        }
    }
    (same, failing)
}

/// The step that an attendee has got to: where they are, or where nothing says that, the first open
/// step of the module that they were last heard of in.
fn last_reached(attendee: &Attendee, outline: &Outline) -> Option<usize> {
    if let Some(place) = attendee.place {
        return Some(place.step);
    }
    let begun = attendee.cells.iter().enumerate().filter(|(_, cell)| cell.begun);
    let (column, _) = begun.max_by_key(|(_, cell)| cell.at)?;
    let mut steps = outline.columns[column].steps.clone();
    steps.find(|step| attendee.step_claim(outline, *step).state != State::Done)
}
