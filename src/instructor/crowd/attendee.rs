//! One attendee: what the room says of them, what a sweep read, and what that comes to.

use std::sync::Arc;

use jiff::Timestamp;

use super::age::{Clock, LONGEST};
use super::outline::Outline;
use super::proof::{Disagreement, Proof};
use super::stuck::Stuck;
use crate::check::{AccountKind, State, Verdict};
use crate::progress::room::{Body, CheckNews, Help, Item, Row, Unreadable};

/// An attendee.
#[derive(Debug, Clone, PartialEq)]
pub struct Attendee {
    /// The account's 12 digits: who it is.
    pub account: String,
    /// The name that they chose in the room; the roster's, or the account, where they didn't.
    pub name: String,
    /// The roster's name; none of who isn't on it.
    pub roster: Option<String>,
    /// Whether they are in the room.
    pub presence: Presence,
    /// Practice or AWS, as they say.
    pub kind: Option<AccountKind>,
    /// When they chose their name.
    pub joined: Option<Timestamp>,
    /// What they say of each module, in the order of [`Outline::columns`].
    pub cells: Vec<Cell>,
    /// The step whose instructions they opened last.
    pub place: Option<Place>,
    /// When the room last heard from them.
    pub news: Option<Timestamp>,
    /// Their last request for help, also one that is over.
    pub help: Option<Help>,
    /// What they say of checks, in the order of [`Outline::checks`].
    pub claims: Vec<Claim>,
    /// What a sweep read; none before one.
    pub proof: Option<Proof>,
    /// Where the room and the sweep say different things, the gravest first.
    pub disagreements: Vec<Disagreement>,
    /// Why they are stuck, the most severe first; empty while they aren't.
    pub stuck: Vec<Stuck>,
    /// The row that all this was read from: its version and its time.
    pub(super) row: Option<(u64, Timestamp)>,
    /// What the name is sorted and searched by.
    pub(super) name_key: Box<str>,
}

/// Whether somebody is in the room.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Presence {
    /// On the roster, and not in the room.
    Expected,
    /// In the room.
    Here,
    /// They left, and took along all that the room knew.
    Left,
    /// In the room, with something that can't be read.
    Unreadable(Unreadable),
    /// In the room, and working on another course.
    OtherCourse,
}

/// What an attendee says of a module.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Cell {
    /// Where it stands.
    pub state: State,
    /// Whether anything was done in it. A look at the whole course begins no module.
    pub begun: bool,
    /// Required steps that are done.
    pub done: usize,
    /// Minutes worked on it, without pauses.
    pub minutes: u32,
    /// When something last happened in it.
    pub at: Option<Timestamp>,
}

/// Where an attendee is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Place {
    /// The step's place in [`Outline::steps`].
    pub step: usize,
    /// Since when.
    pub since: Timestamp,
}

/// What an attendee says of a check.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Claim {
    /// The check's place in [`Outline::checks`].
    pub check: usize,
    /// What it came to when it was last judged; none where only a hint was opened.
    pub verdict: Option<Verdict>,
    /// How often it has failed since it last passed.
    pub failed: u32,
    /// How often it has failed at all.
    pub failed_ever: u32,
    /// How often in a row the first offender was the same.
    pub same: u32,
    /// Hints that are open.
    pub hints: usize,
    /// When it was last judged, or its last hint opened.
    pub at: Timestamp,
    /// What it said when it last failed; none once it passes.
    pub said: Option<Box<Said>>,
}

/// What a failing check says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Said {
    /// Its message; may be empty.
    pub message: Arc<str>,
    /// What was wrong, one line each: the first few.
    pub offenders: Vec<Arc<str>>,
}

/// What an attendee says of a step.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct StepClaim {
    /// Where it stands: never regressed, which the room says of modules alone.
    pub state: State,
    /// When it was last judged.
    pub at: Option<Timestamp>,
}

impl Cell {
    const EMPTY: Self =
        Self { state: State::NotStarted, begun: false, done: 0, minutes: 0, at: None };
}

impl Claim {
    /// Whether it fails now.
    pub fn fails(&self) -> bool {
        self.verdict == Some(Verdict::Fail)
    }

    /// The first thing that was wrong.
    pub fn offender(&self) -> Option<&Arc<str>> {
        self.said.as_ref()?.offenders.first()
    }

    fn new(check: usize, news: CheckNews, clock: Clock) -> Self {
        let said = (!news.message.is_empty() || !news.offenders.is_empty()).then(|| {
            let offenders = news.offenders.into_iter().map(Arc::from).collect();
            Box::new(Said { message: news.message.into(), offenders })
        });
        Self {
            check,
            verdict: news.verdict,
            failed: news.failed,
            failed_ever: news.failed_ever,
            same: news.same,
            hints: news.hints,
            at: clock.read(news.at),
            said,
        }
    }
}

impl Attendee {
    /// Of whom nothing is known yet.
    pub(super) fn new(account: String, outline: &Outline) -> Self {
        let mut attendee = Self {
            name: account.clone(),
            account,
            roster: None,
            presence: Presence::Expected,
            kind: None,
            joined: None,
            cells: vec![Cell::EMPTY; outline.columns.len()],
            place: None,
            news: None,
            help: None,
            claims: Vec::new(),
            proof: None,
            disagreements: Vec::new(),
            stuck: Vec::new(),
            row: None,
            name_key: Box::default(),
        };
        attendee.call(None);
        attendee
    }

    /// Gives them a name: their own, the roster's, or the account.
    pub(super) fn call(&mut self, chosen: Option<String>) {
        let chosen = chosen.filter(|name| !name.is_empty());
        self.name = chosen.or_else(|| self.roster.clone()).unwrap_or_else(|| self.account.clone());
        self.name_key = self.name.to_lowercase().into();
    }

    /// Takes what the room holds of them now, instead of what it held before.
    pub(super) fn read(&mut self, row: Row, course: &str, outline: &Outline, now: Timestamp) {
        let clock = Clock::new(row.changed, now);
        let mut fresh = Self::new(std::mem::take(&mut self.account), outline);
        fresh.roster = self.roster.take();
        fresh.proof = self.proof.take();
        fresh.row = Some((row.version, row.changed));
        fresh.news = Some(clock.read(row.changed));
        let mut chosen = None;
        fresh.presence = match row.body {
            Body::Left => Presence::Left,
            Body::Unreadable(why) => Presence::Unreadable(why),
            Body::Here(item) => {
                let same = item.course == course;
                chosen = Some(item.name.name.clone());
                fresh.joined = Some(clock.read(item.name.joined));
                fresh.kind = Some(item.kind);
                if same {
                    fresh.tell(*item, outline, clock);
                }
                if same { Presence::Here } else { Presence::OtherCourse }
            }
        };
        // Who left or can't be read keeps the name that they were known by.
        let known = matches!(fresh.presence, Presence::Unreadable(_) | Presence::Left);
        let before = self.row.is_some() && known;
        fresh.call(chosen.or_else(|| before.then(|| std::mem::take(&mut self.name))));
        *self = fresh;
    }

    /// What belongs to no module, step or check of the course is left out.
    fn tell(&mut self, item: Item, outline: &Outline, clock: Clock) {
        self.place = item.here.and_then(|here| {
            Some(Place { step: outline.step(&here.step)?, since: clock.read(here.since) })
        });
        let here = self.place.and_then(|place| outline.steps[place.step].column);
        for (number, news) in item.modules {
            let Some(at) = outline.column(number) else { continue };
            let minutes = news.minutes.min(LONGEST);
            self.cells[at] = Cell {
                state: news.state,
                begun: news.state != State::NotStarted || minutes > 0,
                done: news.done.min(outline.columns[at].required),
                minutes,
                at: Some(clock.read(news.at)),
            };
        }
        if let Some(here) = here {
            self.cells[here].begun = true;
        }
        let claim = |(name, news): (String, CheckNews)| {
            Some(Claim::new(outline.check(&name)?, news, clock))
        };
        self.claims = item.checks.into_iter().filter_map(claim).collect();
        self.claims.sort_unstable_by_key(|claim| claim.check);
        self.claims.shrink_to_fit();
        self.help = item.help.filter(|help| outline.step(&help.step).is_some()).map(|mut help| {
            help.asked = clock.read(help.asked);
            help.over = help.over.map(|over| clock.read(over));
            help
        });
    }

    /// Whether the room tells something of them.
    pub fn is_here(&self) -> bool {
        self.presence == Presence::Here
    }

    /// Whether they have begun.
    pub fn has_begun(&self) -> bool {
        self.cells.iter().any(|cell| cell.begun)
            || self.place.is_some()
            || self.open_help().is_some()
    }

    /// Whether every module of the course is done, as they say.
    pub fn is_done(&self) -> bool {
        !self.cells.is_empty() && self.cells.iter().all(|cell| cell.state == State::Done)
    }

    /// Required steps that are done, as they say.
    pub fn steps_done(&self) -> usize {
        self.cells.iter().map(|cell| cell.done).sum()
    }

    /// Modules that are done, as they say.
    pub fn modules_done(&self) -> usize {
        self.cells.iter().filter(|cell| cell.state == State::Done).count()
    }

    /// Minutes worked, without pauses.
    pub fn minutes(&self) -> u32 {
        self.cells.iter().map(|cell| cell.minutes).sum()
    }

    /// Hints that are open.
    pub fn hints(&self) -> usize {
        self.claims.iter().map(|claim| claim.hints).fold(0, usize::saturating_add)
    }

    /// The request for help that waits for somebody.
    pub fn open_help(&self) -> Option<&Help> {
        self.help.as_ref().filter(|help| help.over.is_none())
    }

    /// What they say of a check, by its place.
    pub fn claim(&self, check: usize) -> Option<&Claim> {
        let at = self.claims.binary_search_by_key(&check, |claim| claim.check).ok()?;
        self.claims.get(at)
    }

    /// What they say of a step, by its place.
    pub fn step_claim(&self, outline: &Outline, step: usize) -> StepClaim {
        let of = &outline.steps[step];
        let claims = || of.required.iter().filter_map(|check| self.claim(*check));
        let passes = claims().filter(|claim| claim.verdict == Some(Verdict::Pass)).count();
        let at = claims().map(|claim| claim.at).max();
        let module = of.column.map(|column| self.cells[column]);
        let whole = module.filter(|cell| cell.state == State::Done && !of.optional);
        if !of.required.is_empty() && passes == of.required.len() {
            StepClaim { state: State::Done, at }
        } else if let Some(cell) = whole {
            StepClaim { state: State::Done, at: cell.at }
        } else if at.is_some() {
            StepClaim { state: State::InProgress, at }
        } else {
            StepClaim { state: State::NotStarted, at: None }
        }
    }
}
