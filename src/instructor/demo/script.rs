//! What an attendee does, minute by minute, fixed by the seed and their place.

use std::cmp::Reverse;
use std::collections::BTreeSet;
use std::ops::Range;

use super::random::Random;
use crate::course::Course;
use crate::instructor::crowd::Outline;

/// How long the event takes, in seconds.
pub(super) const LASTS: u32 = 180 * 60;
/// The break that everyone takes.
const BREAK: Range<u32> = 80 * 60..95 * 60;
/// Which attendees are somebody special, where there are so many.
const LIAR: usize = 3;
const HOSTILE: usize = 6;
const NEWER: usize = 9;

/// Something that an attendee does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Act {
    /// When, in seconds since the event began.
    pub(super) at: u32,
    /// When the room knows: later where they were offline.
    pub(super) told: u32,
    /// What.
    pub(super) what: What,
}

/// What an attendee does. Steps by their places in [`Outline::steps`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum What {
    /// Joins the room.
    Join,
    /// Opens a step.
    Open(usize),
    /// Verifies a step, and it fails: which of its faults, and what is found first.
    Fail(usize, usize, usize),
    /// Verifies a step, and it passes.
    Pass(usize),
    /// Says that a step passes, though it was never done.
    Lie(usize),
    /// Opens the next hint of the step's fault.
    Hint(usize, usize, usize),
    /// Asks for help with a step: which of its faults, and what is found first.
    Help(usize, usize, usize),
    /// Leaves the room.
    Leave,
}

/// What is odd about an attendee.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// Nothing.
    Honest,
    /// Says that they are done with what they never did.
    Liar,
    /// Wrote what they please into their item.
    Hostile,
    /// Uses a newer stepproof.
    Newer,
}

/// An attendee's event.
#[derive(Debug, Clone)]
pub(super) struct Script {
    /// What is odd about them.
    pub(super) kind: Kind,
    /// What they do, in the order that the room is told.
    pub(super) acts: Vec<Act>,
}

/// The course as a script needs it.
#[derive(Debug, Clone)]
pub(super) struct Stage {
    /// Modules that come first, by their places.
    first: Vec<usize>,
    /// The other ones.
    rest: Vec<usize>,
    /// Required steps of each module, by their places, with their minutes.
    steps: Vec<Vec<(usize, u32)>>,
    /// How many ways each step has to fail.
    faults: Vec<usize>,
}

impl Stage {
    pub(super) fn new(course: &Course, outline: &Outline, faults: Vec<usize>) -> Self {
        let first: Vec<usize> =
            course.index.first.iter().filter_map(|number| outline.column(*number)).collect();
        let rest = (0..outline.columns.len()).filter(|column| !first.contains(column)).collect();
        let steps = outline.columns.iter().map(|column| {
            let steps = column.steps.clone().map(|step| (step, &outline.steps[step]));
            let required = steps.filter(|(_, step)| !step.optional);
            required.map(|(at, step)| (at, step.minutes)).collect()
        });
        Self { first, rest, steps: steps.collect(), faults }
    }
}

impl Script {
    /// Of an attendee by their place.
    pub(super) fn new(stage: &Stage, seed: u64, one: usize) -> Self {
        let kind = match one {
            LIAR => Kind::Liar,
            HOSTILE => Kind::Hostile,
            NEWER => Kind::Newer,
            _ => Kind::Honest,
        };
        let mut random = Random::new(seed, u64::try_from(one).unwrap_or(0));
        let late = if random.percent(6) { 30 } else { 9 };
        let joins = random.between(0, late * 60) + 1;
        let mut player = Player {
            pace: random.between(45, 125),
            weakness: random.between(8, 55),
            now: joins,
            acts: vec![Act { at: joins, told: joins, what: What::Join }],
            random,
            stage,
        };
        player.play(kind);
        Self { kind, acts: player.told() }
    }

    /// The acts that the room knows of at a second of the event.
    pub(super) fn until(&self, second: u32) -> &[Act] {
        let many = self.acts.partition_point(|act| act.told <= second);
        &self.acts[..many]
    }

    /// The steps that the account proves at a second of the event.
    pub(super) fn proven(&self, second: u32) -> BTreeSet<usize> {
        let mut acts: Vec<&Act> = self.acts.iter().filter(|act| act.at <= second).collect();
        acts.sort_by_key(|act| act.at);
        let mut proven = BTreeSet::new();
        for act in acts {
            match act.what {
                What::Pass(step) => drop(proven.insert(step)),
                What::Fail(step, ..) => drop(proven.remove(&step)),
                _ => {}
            }
        }
        proven
    }
}

struct Player<'a> {
    /// Of a hundred: how much of the planned time they take.
    pace: u32,
    /// In a hundred: how often they take a wrong turn.
    weakness: u32,
    now: u32,
    acts: Vec<Act>,
    random: Random,
    stage: &'a Stage,
}

impl Player<'_> {
    fn play(&mut self, kind: Kind) {
        let mut rest = self.stage.rest.clone();
        self.random.shuffle(&mut rest);
        let order: Vec<usize> = self.stage.first.iter().copied().chain(rest).collect();
        let leaves = self.random.percent(4).then(|| self.random.between(50, 150) * 60);
        for (done, module) in order.into_iter().enumerate() {
            if kind == Kind::Liar && done > 0 {
                self.lie();
                break;
            }
            self.module(module);
            if self.now > LASTS || leaves.is_some_and(|leaves| self.now > leaves) {
                break;
            }
        }
        if let Some(at) = leaves {
            self.acts.retain(|act| act.at < at);
            self.acts.push(Act { at, told: at, what: What::Leave });
        }
    }

    fn module(&mut self, module: usize) {
        let steps = self.stage.steps[module].clone();
        for (step, minutes) in &steps {
            self.act(What::Open(*step));
            self.step(*step, *minutes);
            if self.now > LASTS {
                return;
            }
        }
        // A later deployment undoes what was proven.
        if self.random.percent(7)
            && let Some((step, minutes)) = steps.last().copied()
            && self.stage.faults[step] > 0
        {
            self.pass_time(3, 8);
            let fault = self.random_fault(step);
            self.act(What::Fail(step, fault, 0));
            self.work(minutes / 2 + 2);
            self.act(What::Pass(step));
        }
    }

    fn step(&mut self, step: usize, minutes: u32) {
        self.work(minutes);
        let mut tries = 0;
        let mut fault = self.random_fault(step);
        let mut found = self.random.place(4);
        // A few meet something that they don't get past for long.
        let hard = self.random.percent(3);
        while self.stage.faults[step] > 0
            && ((hard && tries < 7) || (tries < 5 && self.random.percent(self.weakness)))
        {
            self.act(What::Fail(step, fault, found));
            tries += 1;
            if tries >= 2 && self.random.percent(70) {
                self.pass_time(0, 1);
                self.act(What::Hint(step, fault, tries - 1));
            }
            if tries == 3 && (hard || self.random.percent(45)) {
                self.act(What::Help(step, fault, found));
            }
            self.pass_time(if hard { 4 } else { 1 }, if hard { 9 } else { 5 });
            if !hard && self.random.percent(35) {
                (fault, found) = (self.random_fault(step), self.random.place(4));
            }
        }
        self.act(What::Pass(step));
        self.pass_time(0, 1);
    }

    /// Claims four more modules within minutes.
    fn lie(&mut self) {
        for module in self.stage.first.iter().skip(1).chain(self.stage.rest.iter().take(3)) {
            for (step, _) in self.stage.steps[*module].clone() {
                self.act(What::Open(step));
                self.act(What::Lie(step));
                self.now += 20;
            }
        }
    }

    fn random_fault(&mut self, step: usize) -> usize {
        self.random.place(self.stage.faults[step])
    }

    /// Works on what is planned for so many minutes.
    fn work(&mut self, minutes: u32) {
        let share = self.random.between(60, 140);
        self.now += minutes * 60 * self.pace / 100 * share / 100;
        // Somebody calls, or the coffee is good.
        if self.random.percent(2) {
            self.pass_time(20, 90);
        }
        if BREAK.contains(&self.now) {
            self.now = BREAK.end + self.random.between(0, 180);
        }
    }

    fn pass_time(&mut self, least: u32, most: u32) {
        self.now += self.random.between(least * 60, most * 60) + 5;
    }

    fn act(&mut self, what: What) {
        self.acts.push(Act { at: self.now, told: self.now, what });
    }

    /// The acts in the order that the room is told; some are offline for a while, and catch up.
    fn told(mut self) -> Vec<Act> {
        if self.random.percent(5) {
            let from = self.random.between(20, 130) * 60;
            let until = from + self.random.between(15, 40) * 60;
            for act in &mut self.acts {
                let offline = (from..until).contains(&act.at);
                if offline && !matches!(act.what, What::Join | What::Leave) {
                    act.told = until;
                }
            }
        }
        self.acts.retain(|act| act.at <= LASTS);
        // Stable: what is told at once stays in its order. Who leaves says nothing more.
        self.acts.sort_by_key(|act| act.told);
        if let Some(end) = self.acts.iter().position(|act| act.what == What::Leave) {
            self.acts.truncate(end + 1);
        }
        self.acts.shrink_to_fit();
        self.acts
    }
}

/// When which attendee is told of, the first first.
pub(super) fn timetable(scripts: &[Script]) -> Vec<(u32, usize)> {
    let acts = scripts.iter().enumerate();
    let mut all: Vec<(u32, usize)> =
        acts.flat_map(|(one, script)| script.acts.iter().map(move |act| (act.told, one))).collect();
    all.sort_unstable_by_key(|(told, one)| (*told, Reverse(*one)));
    all
}
