//! Which attendees are shown, and in which order.

use std::cmp::{Ordering, Reverse};

use super::Crowd;
use super::attendee::{Attendee, Presence};

/// An order of attendees. What is alike is in the order of names, then of accounts.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
pub enum Order {
    /// Who is stuck first, by severity.
    #[default]
    Stuck,
    /// Who has the least done first.
    Progress,
    /// By name.
    Name,
    /// By account.
    Account,
    /// Of whom was heard last first.
    News,
    /// By the step where they are.
    Where,
}

/// Who is shown.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Filter {
    /// Every word of it must be in the name or the account, or be the step where they are.
    pub text: String,
    /// Only these.
    pub only: Option<Only>,
}

/// A part of the attendees.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Only {
    /// Who is stuck.
    Stuck,
    /// Who waits for help.
    Help,
    /// Who is working on a module, by its place in [`Outline::columns`](super::Outline::columns):
    /// begun, and not done.
    Module(usize),
    /// Of whom the room and the sweep say different things.
    Disagree,
    /// On the roster and not in the room.
    Expected,
}

impl Order {
    /// All of them, for a key that goes through them.
    pub const ALL: [Self; 6] =
        [Self::Stuck, Self::Progress, Self::Name, Self::Account, Self::News, Self::Where];

    /// The next one.
    #[must_use]
    pub fn next(self) -> Self {
        let at = Self::ALL.iter().position(|order| *order == self).unwrap_or(0);
        Self::ALL[(at + 1) % Self::ALL.len()]
    }

    fn compare(self, one: &Attendee, other: &Attendee) -> Ordering {
        let by_name = || one.name_key.cmp(&other.name_key);
        let first = match self {
            Self::Stuck => stuck_first(one).cmp(&stuck_first(other)).then_with(by_name),
            Self::Progress => progress(one).cmp(&progress(other)).then_with(by_name),
            Self::Name => by_name(),
            Self::Account => Ordering::Equal,
            Self::News => other.news.cmp(&one.news).then_with(by_name),
            Self::Where => place(one).cmp(&place(other)).then_with(by_name),
        };
        first.then_with(|| one.account.cmp(&other.account))
    }
}

/// Who isn't stuck comes behind all who are, and who isn't in the room behind those.
fn stuck_first(one: &Attendee) -> (bool, (usize, Reverse<u32>)) {
    let severity = one.stuck.first().map_or((usize::MAX, Reverse(0)), super::Stuck::severity);
    (!one.is_here(), severity)
}

/// Who isn't in the room comes last.
fn progress(one: &Attendee) -> (bool, usize) {
    (!one.is_here(), one.steps_done())
}

/// Who is nowhere comes last.
fn place(one: &Attendee) -> (bool, usize) {
    (one.place.is_none(), one.place.map_or(0, |place| place.step))
}

impl Crowd {
    /// The attendees to show, by their places in [`Crowd::attendees`].
    pub fn listed(&self, order: Order, filter: &Filter) -> Vec<usize> {
        let words: Vec<String> = filter.text.split_whitespace().map(str::to_lowercase).collect();
        let all = self.attendees();
        let shown = |at: &usize| {
            let one = &all[*at];
            filter.only.is_none_or(|only| is_of(one, only))
                && words.iter().all(|word| self.is_named(one, word))
        };
        let mut places: Vec<usize> = (0..all.len()).filter(shown).collect();
        places.sort_unstable_by(|one, other| order.compare(&all[*one], &all[*other]));
        places
    }

    fn is_named(&self, one: &Attendee, word: &str) -> bool {
        let step = || one.place.map(|place| &*self.outline().steps[place.step].id);
        let roster = || one.roster.as_ref().is_some_and(|name| name.to_lowercase().contains(word));
        one.name_key.contains(word)
            || one.account.contains(word)
            || step() == Some(word)
            || roster()
    }
}

fn is_of(one: &Attendee, only: Only) -> bool {
    match only {
        Only::Stuck => !one.stuck.is_empty(),
        Only::Help => one.open_help().is_some(),
        Only::Module(column) => one
            .cells
            .get(column)
            .is_some_and(|cell| cell.begun && cell.state != crate::check::State::Done),
        Only::Disagree => !one.disagreements.is_empty(),
        Only::Expected => one.presence == Presence::Expected,
    }
}
