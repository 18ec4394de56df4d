//! The crowd: what an instructor knows of a room. Pure data, kept up to date by what changed.
//!
//! What the room says are claims; what a sweep read is the proof. Both stand apart, and where they
//! differ is listed.

mod age;
mod attendee;
mod export;
mod list;
mod outline;
mod proof;
mod series;
mod stuck;
#[cfg(test)]
mod tests;
mod totals;

use std::collections::HashMap;
use std::sync::Arc;

use jiff::Timestamp;

pub use age::{LONGEST, minutes_since};
pub use attendee::{Attendee, Cell, Claim, Place, Presence, Said, StepClaim};
pub use list::{Filter, Only, Order};
pub use outline::{Column, Outline, OutlineCheck, OutlineStep};
pub use proof::{Differs, Disagreement, Proof, StepProof};
pub use series::Sample;
pub use stuck::Stuck;
pub use totals::{FailingCheck, Funnel};

use crate::course::Course;
use crate::progress::room::{Help, Row};
use crate::report::grade::Record;
use crate::report::room::Totals;
use series::Series;
use totals::Sums;

/// All attendees of a room and of a roster.
#[derive(Debug, Clone)]
pub struct Crowd {
    course: Arc<Course>,
    outline: Outline,
    attendees: Vec<Attendee>,
    by_account: HashMap<String, usize>,
    sums: Sums,
    series: Series,
    now: Timestamp,
}

/// A request for help.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct HelpLine<'a> {
    /// Whose it is: the place in [`Crowd::attendees`].
    pub attendee: usize,
    /// The request: its step, and the evidence that they agreed to show.
    pub help: &'a Help,
    /// How long it has waited; until it was over, if it is.
    pub minutes: u32,
}

impl Crowd {
    /// Nobody yet.
    pub fn new(course: Arc<Course>) -> Self {
        let outline = Outline::new(&course);
        Self {
            sums: Sums::new(&outline),
            course,
            outline,
            attendees: Vec::new(),
            by_account: HashMap::new(),
            series: Series::new(),
            now: Timestamp::UNIX_EPOCH,
        }
    }

    /// Takes what changed in the room. A row that was taken before changes nothing.
    pub fn take(&mut self, rows: Vec<Row>, now: Timestamp) {
        self.now = now;
        // Time may have passed, and a roster been read, before the room first told anything.
        let first = !rows.is_empty() && self.attendees.iter().all(|one| one.row.is_none());
        for row in rows {
            let at = self.place_of(&row.account);
            if self.attendees[at].row != Some((row.version, row.changed)) {
                let (course, outline) = (&self.course.index.id, &self.outline);
                self.sums.remove(&self.attendees[at]);
                let one = &mut self.attendees[at];
                one.read(row, course, outline, now);
                one.disagreements = proof::disagreements(one, outline);
                self.sums.add(one);
            }
        }
        if first {
            self.series.begin(&self.attendees, now);
        }
        self.tick(now);
    }

    /// Time passes: some are stuck by now.
    pub fn tick(&mut self, now: Timestamp) {
        self.now = now;
        for one in &mut self.attendees {
            one.stuck = stuck::reasons(one, &self.outline, now);
        }
        self.sums.totals.stuck = self.attendees.iter().filter(|one| !one.stuck.is_empty()).count();
        self.series.note(&self.sums.totals, now);
    }

    /// Takes what a sweep read of an account.
    pub fn prove(&mut self, record: &Record) {
        let at = self.place_of(&record.account);
        self.sums.remove(&self.attendees[at]);
        let one = &mut self.attendees[at];
        one.proof = Some(Proof::new(record, one.proof.take(), &self.outline, self.now));
        one.disagreements = proof::disagreements(one, &self.outline);
        self.sums.add(one);
    }

    /// Takes a roster: names and accounts. Who isn't in the room yet is expected.
    pub fn expect<'a>(&mut self, roster: impl IntoIterator<Item = (&'a str, &'a str)>) {
        for (name, account) in roster {
            let at = self.place_of(account);
            let one = &mut self.attendees[at];
            let unnamed = one.name == one.account;
            one.roster = Some(name.to_owned());
            if unnamed {
                one.call(None);
            }
        }
    }

    /// The course that the crowd works on.
    pub fn course(&self) -> &Arc<Course> {
        &self.course
    }

    /// The course's modules, steps and checks by their places.
    pub fn outline(&self) -> &Outline {
        &self.outline
    }

    /// The time of the last refresh: what durations are told for.
    pub fn now(&self) -> Timestamp {
        self.now
    }

    /// All attendees. Each keeps its place; new ones come at the end.
    pub fn attendees(&self) -> &[Attendee] {
        &self.attendees
    }

    /// The place of an account.
    pub fn find(&self, account: &str) -> Option<usize> {
        self.by_account.get(account).copied()
    }

    /// How many attendees are where.
    pub fn totals(&self) -> &Totals {
        &self.sums.totals
    }

    /// Where attendees stand in each module, in the order of [`Outline::columns`].
    pub fn funnel(&self) -> &[Funnel] {
        &self.sums.funnel
    }

    /// The checks that fail now, the most frequent first.
    pub fn failing(&self) -> Vec<FailingCheck> {
        self.sums.failing()
    }

    /// Progress over time, oldest first.
    pub fn series(&self) -> &[Sample] {
        self.series.samples()
    }

    /// Requests for help: the open ones, oldest first, then those that are over, the latest first.
    pub fn help_queue(&self) -> Vec<HelpLine<'_>> {
        let asks = |(attendee, one): (usize, &'_ Attendee)| one.help.is_some().then_some(attendee);
        let places = self.attendees.iter().enumerate().filter_map(asks);
        let line = |attendee: usize| {
            let help = self.attendees[attendee].help.as_ref()?;
            let minutes = minutes_since(help.asked, help.over.unwrap_or(self.now));
            Some(HelpLine { attendee, help, minutes })
        };
        let mut lines: Vec<HelpLine<'_>> = places.filter_map(line).collect();
        let account = |line: &HelpLine<'_>| &self.attendees[line.attendee].account;
        lines.sort_by(|one, other| {
            let over = |line: &HelpLine<'_>| line.help.over;
            let asked = one.help.asked.cmp(&other.help.asked);
            let order = match (over(one), over(other)) {
                (None, None) => asked,
                (Some(first), Some(second)) => second.cmp(&first).then(asked),
                (first, second) => first.is_some().cmp(&second.is_some()),
            };
            order.then_with(|| account(one).cmp(account(other)))
        });
        lines
    }

    /// Where the room and the sweep say different things, with the place of whom it is about: the
    /// gravest first.
    pub fn disagreements(&self) -> Vec<(usize, Disagreement)> {
        let of = |(at, one): (usize, &Attendee)| {
            one.disagreements.iter().map(move |differs| (at, *differs)).collect::<Vec<_>>()
        };
        let mut all: Vec<(usize, Disagreement)> =
            self.attendees.iter().enumerate().flat_map(of).collect();
        all.sort_by_key(|(at, one)| (one.differs, *at, one.step));
        all
    }

    /// The place of an account, which gets one if it has none.
    fn place_of(&mut self, account: &str) -> usize {
        if let Some(at) = self.by_account.get(account) {
            return *at;
        }
        let at = self.attendees.len();
        self.attendees.push(Attendee::new(account.to_owned(), &self.outline));
        self.by_account.insert(account.to_owned(), at);
        self.sums.add(&self.attendees[at]);
        at
    }
}
