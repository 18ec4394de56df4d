//! The room's numbers: kept up to date with every attendee that changes, so that nobody counts five
//! thousand attendees again.

use std::collections::HashMap;
use std::sync::Arc;

use super::attendee::{Attendee, Claim, Presence};
use super::outline::Outline;
use crate::check::State;
use crate::report::room::Totals;

/// How many attendees of those in the room stand where in a module.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Funnel {
    /// Not begun.
    pub not_begun: usize,
    /// Begun, and not done.
    pub working: usize,
    /// Done.
    pub done: usize,
    /// Was done, and fails now.
    pub regressed: usize,
}

/// A check that fails for somebody now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FailingCheck {
    /// The check's place in [`Outline::checks`].
    pub check: usize,
    /// Attendees for whom it fails now.
    pub attendees: usize,
    /// What is wrong most often, and for how many.
    pub offender: Option<(Arc<str>, usize)>,
    /// What it says most often, and to how many.
    pub message: Option<(Arc<str>, usize)>,
}

/// Which texts were said how often.
type Tally = HashMap<Arc<str>, usize>;

/// What fails, by check.
#[derive(Debug, Clone, Default)]
struct Failing {
    attendees: usize,
    offenders: Tally,
    messages: Tally,
}

/// All numbers that attendees add up to.
#[derive(Debug, Clone)]
pub(super) struct Sums {
    pub(super) totals: Totals,
    pub(super) funnel: Vec<Funnel>,
    failing: Vec<Failing>,
}

impl Sums {
    pub(super) fn new(outline: &Outline) -> Self {
        Self {
            totals: Totals::default(),
            funnel: vec![Funnel::default(); outline.columns.len()],
            failing: vec![Failing::default(); outline.checks.len()],
        }
    }

    /// Counts an attendee in.
    pub(super) fn add(&mut self, attendee: &Attendee) {
        self.count(attendee, |number, by| *number += by);
        for claim in attendee.claims.iter().filter(|claim| claim.fails()) {
            self.failing[claim.check].add(claim);
        }
    }

    /// Counts an attendee out who was counted in as they are.
    pub(super) fn remove(&mut self, attendee: &Attendee) {
        self.count(attendee, |number, by| *number = number.saturating_sub(by));
        for claim in attendee.claims.iter().filter(|claim| claim.fails()) {
            self.failing[claim.check].remove(claim);
        }
    }

    fn count(&mut self, attendee: &Attendee, change: impl Fn(&mut usize, usize)) {
        let totals = &mut self.totals;
        change(
            match attendee.presence {
                Presence::Here => &mut totals.here,
                Presence::Left => &mut totals.left,
                Presence::Expected => &mut totals.expected,
                Presence::Unreadable(_) | Presence::OtherCourse => &mut totals.unreadable,
            },
            1,
        );
        change(&mut totals.stuck, usize::from(!attendee.stuck.is_empty()));
        change(&mut totals.disagree, usize::from(!attendee.disagreements.is_empty()));
        change(&mut totals.swept, usize::from(attendee.proof.is_some()));
        if !attendee.is_here() {
            return;
        }
        change(&mut totals.begun, usize::from(attendee.has_begun()));
        change(&mut totals.help, usize::from(attendee.open_help().is_some()));
        change(&mut totals.steps_done, attendee.steps_done());
        change(&mut totals.modules_done, attendee.modules_done());
        for (cell, funnel) in attendee.cells.iter().zip(&mut self.funnel) {
            let place = match cell.state {
                State::Done => &mut funnel.done,
                State::Regressed => &mut funnel.regressed,
                State::InProgress | State::NotStarted if cell.begun => &mut funnel.working,
                State::InProgress | State::NotStarted => &mut funnel.not_begun,
            };
            change(place, 1);
        }
    }

    /// The checks that fail, the most frequent first.
    pub(super) fn failing(&self) -> Vec<FailingCheck> {
        let most = |tally: &Tally| {
            let most = tally.iter().max_by(|(one, times), (other, others)| {
                times.cmp(others).then_with(|| other.cmp(one))
            });
            most.map(|(text, times)| (Arc::clone(text), *times))
        };
        let fails = self.failing.iter().enumerate().filter(|(_, failing)| failing.attendees > 0);
        let mut list: Vec<FailingCheck> = fails
            .map(|(check, failing)| FailingCheck {
                check,
                attendees: failing.attendees,
                offender: most(&failing.offenders),
                message: most(&failing.messages),
            })
            .collect();
        list.sort_by_key(|failing| (std::cmp::Reverse(failing.attendees), failing.check));
        list
    }
}

impl Failing {
    fn add(&mut self, claim: &Claim) {
        self.attendees += 1;
        for (offends, text) in texts(claim) {
            *self.tally(offends).entry(Arc::clone(text)).or_default() += 1;
        }
    }

    fn remove(&mut self, claim: &Claim) {
        self.attendees = self.attendees.saturating_sub(1);
        for (offends, text) in texts(claim) {
            let tally = self.tally(offends);
            if let Some(times) = tally.get_mut(text) {
                *times -= 1;
                if *times == 0 {
                    tally.remove(text);
                }
            }
        }
    }

    fn tally(&mut self, offends: bool) -> &mut Tally {
        if offends { &mut self.offenders } else { &mut self.messages }
    }
}

/// What a failing check found, each thing once (true), and what it says (false).
fn texts(claim: &Claim) -> impl Iterator<Item = (bool, &Arc<str>)> {
    claim.said.iter().flat_map(|said| {
        let offenders = said.offenders.iter().enumerate();
        let offenders = offenders.filter(|(at, text)| !said.offenders[..*at].contains(text));
        let message = Some(&said.message).filter(|message| !message.is_empty());
        offenders.map(|(_, text)| (true, text)).chain(message.map(|text| (false, text)))
    })
}
