//! The time line: what is recorded, put together so that a person can read it.

use std::collections::BTreeSet;

use jiff::Timestamp;

use crate::check::Verdict;
use crate::course::{Course, PartId};
use crate::progress::{Entry, Log, part_of, worked};

/// Something on the time line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Moment {
    /// When.
    pub at: Timestamp,
    /// The part of the course that was worked on.
    pub part: Option<PartId>,
    /// What.
    pub happened: Happened,
}

/// What happened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Happened {
    /// A step was opened for the first time.
    Opened(String),
    /// Steps were proven, for the first time or again.
    Proven(Vec<String>),
    /// Steps that had been proven failed.
    Regressed(Vec<String>),
    /// A verification: how many checks pass, of how many, and which steps were looked at.
    Verified {
        /// Required checks that pass.
        passed: usize,
        /// Required checks.
        all: usize,
        /// The steps, in order.
        steps: Vec<String>,
        /// How many times in a row it came to the same.
        times: usize,
    },
    /// A hint was unlocked: the step, and how many are open for that check.
    Hint(String, usize),
    /// A step was skipped.
    Skipped(String),
    /// A skipped step was taken up again.
    Resumed(String),
    /// Help was asked for at a step.
    HelpAsked(String),
    /// Help was no longer needed at a step.
    HelpOver(String),
    /// The answer of a question was revealed: its place in the module, from 1.
    Revealed(usize),
    /// Commands of a page were run.
    Ran {
        /// The step that they stand in; empty outside of the steps.
        step: String,
        /// The first line of the commands.
        command: String,
        /// How they ended.
        outcome: Outcome,
    },
    /// A file of the learner's app was changed from a page.
    Changed {
        /// The step that the change stands in; empty outside of the steps.
        step: String,
        /// Path in the app directory.
        file: String,
        /// Whether an earlier change was taken back.
        undone: bool,
    },
    /// Events were imported from another journal.
    Imported(usize),
}

/// How commands ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// With an exit code.
    Exit(i32),
    /// The learner ended them.
    Stopped,
    /// A signal ended them.
    Signal,
}

/// The time line of a log. What names no step or check of this course is left out, and counted.
pub(super) fn moments(course: &Course, log: &Log) -> (Vec<Moment>, usize) {
    let mut line = Line { course, moments: Vec::new(), here: None, known: Known::default() };
    let mut foreign = 0;
    for (at, entry) in &log.entries {
        line.here = part_of(course, entry).or(line.here);
        if !line.take(*at, entry) {
            foreign += 1;
        }
    }
    (line.moments, foreign)
}

struct Line<'a> {
    course: &'a Course,
    moments: Vec<Moment>,
    here: Option<PartId>,
    known: Known,
}

/// What the line has told already.
#[derive(Default)]
struct Known {
    opened: BTreeSet<String>,
    proven: BTreeSet<String>,
    broken: BTreeSet<String>,
}

impl Line<'_> {
    /// Takes an event; whether this course knows what it tells of.
    fn take(&mut self, at: Timestamp, entry: &Entry) -> bool {
        let is_step = |step: &String| self.course.step(step).is_some();
        match entry {
            Entry::Opened { step } if is_step(step) => {
                if self.known.opened.insert(step.clone()) {
                    self.push(at, Happened::Opened(step.clone()));
                }
            }
            Entry::Proven { step } if is_step(step) => self.proven(at, step),
            Entry::Skipped { step } if is_step(step) => {
                self.push(at, Happened::Skipped(step.clone()));
            }
            Entry::Resumed { step } if is_step(step) => {
                self.push(at, Happened::Resumed(step.clone()));
            }
            Entry::HelpAsked { step, .. } if is_step(step) => {
                self.push(at, Happened::HelpAsked(step.clone()));
            }
            Entry::HelpOver { step } if is_step(step) => {
                self.push(at, Happened::HelpOver(step.clone()));
            }
            Entry::Hint { check, open } => {
                let Some((step, check)) = self.course.check(check) else { return false };
                let most = check.hints.values().map(Vec::len).max().unwrap_or(0);
                self.push(at, Happened::Hint(step.spec.id.clone(), (*open).min(most)));
            }
            Entry::Verified(verified) => return self.verified(at, &verified.verdicts),
            Entry::Revealed { module, question } => {
                let questions = self.course.module(*module).map(|module| &module.questions);
                let place =
                    questions.and_then(|all| all.iter().position(|other| other.id == *question));
                let Some(place) = place else { return false };
                self.push(at, Happened::Revealed(place + 1));
            }
            Entry::Ran { step, command, code, stopped, .. } if step.is_empty() || is_step(step) => {
                let outcome = match code {
                    _ if *stopped => Outcome::Stopped,
                    Some(code) => Outcome::Exit(*code),
                    None => Outcome::Signal,
                };
                let (step, command) = (step.clone(), command.clone());
                self.push(at, Happened::Ran { step, command, outcome });
            }
            Entry::Changed { step, file, undone } if step.is_empty() || is_step(step) => {
                let (step, file) = (step.clone(), file.clone());
                self.push(at, Happened::Changed { step, file, undone: *undone });
            }
            Entry::Imported { events, .. } => self.push(at, Happened::Imported(*events)),
            Entry::Opened { .. }
            | Entry::Proven { .. }
            | Entry::Skipped { .. }
            | Entry::Resumed { .. }
            | Entry::HelpAsked { .. }
            | Entry::HelpOver { .. }
            | Entry::Ran { .. }
            | Entry::Changed { .. } => return false,
        }
        true
    }

    fn push(&mut self, at: Timestamp, happened: Happened) {
        self.moments.push(Moment { at, part: self.here, happened });
    }

    /// A step's proof is recorded at each verification: news only the first time, or after a failure.
    fn proven(&mut self, at: Timestamp, step: &str) {
        let again = self.known.broken.remove(step);
        if !self.known.proven.insert(step.to_owned()) && !again {
            return;
        }
        let part = self.course.step(step).map(|(part, _)| part.id);
        if let Some(Moment { at: then, part: of, happened: Happened::Proven(steps) }) =
            self.moments.last_mut()
            && (*then, *of) == (at, part)
        {
            steps.push(step.to_owned());
            return;
        }
        self.moments.push(Moment { at, part, happened: Happened::Proven(vec![step.to_owned()]) });
    }

    fn verified(
        &mut self,
        at: Timestamp,
        verdicts: &std::collections::BTreeMap<String, Verdict>,
    ) -> bool {
        let (mut passed, mut all) = (0, 0);
        let (mut steps, mut broken) = (Vec::new(), Vec::new());
        for step in self.course.parts().flat_map(|part| part.steps) {
            let required = step.checks.iter().filter(|check| !check.optional);
            let judged: Vec<Verdict> =
                required.filter_map(|check| verdicts.get(&check.check).copied()).collect();
            if judged.is_empty() {
                continue;
            }
            let id = &step.spec.id;
            steps.push(id.clone());
            all += judged.len();
            passed += judged.iter().filter(|verdict| **verdict == Verdict::Pass).count();
            let fails = judged.contains(&Verdict::Fail);
            if fails && self.known.proven.contains(id) && self.known.broken.insert(id.clone()) {
                broken.push(id.clone());
            }
        }
        if steps.is_empty() {
            return false;
        }
        self.judged(at, passed, all, steps);
        if !broken.is_empty() {
            self.push(at, Happened::Regressed(broken));
        }
        true
    }

    /// The same outcome several times in a row, without a break, is told once.
    fn judged(&mut self, at: Timestamp, passed: usize, all: usize, steps: Vec<String>) {
        if let Some(Moment { at: then, happened: last, .. }) = self.moments.last_mut()
            && let Happened::Verified { passed: p, all: a, steps: s, times } = last
            && (*p, *a) == (passed, all)
            && *s == steps
            && worked(*then, at).is_some()
        {
            *times += 1;
            return;
        }
        self.push(at, Happened::Verified { passed, all, steps, times: 1 });
    }
}
