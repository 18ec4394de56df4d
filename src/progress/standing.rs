//! Where a learner stands by the journal alone: what the account proved when it was last asked.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;

use super::journal::{Entry, history};
use super::spent::spent;
use crate::check::{History, State, Verdict};
use crate::course::{Course, Module, PartId, Step};

/// What the journal says of a course in one account.
#[derive(Debug, Clone, Default)]
pub struct Standing {
    /// Each step of the course, the clean-up's too.
    pub steps: BTreeMap<String, StepStanding>,
    /// The step whose instructions were opened last.
    pub here: Option<String>,
    /// When the account was last asked.
    pub verified: Option<Timestamp>,
    /// Minutes worked on each module and on the clean-up.
    pub spent: BTreeMap<PartId, u32>,
    /// Answers that were revealed: module and question.
    pub revealed: BTreeSet<(u8, String)>,
    /// The request for help that isn't over.
    pub help: Option<HelpRequest>,
    /// First proofs, skipped steps, unlocked hints.
    pub history: History,
}

/// A request for help that isn't over.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HelpRequest {
    /// The step that it is about.
    pub step: String,
    /// When help was asked for.
    pub asked: Timestamp,
    /// What the learner agreed to show.
    pub evidence: Vec<String>,
}

/// What the journal says of a step.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StepStanding {
    /// Where it stands by the last verdicts of its required checks.
    pub state: State,
    /// Left out on purpose.
    pub skipped: bool,
    /// When it was first proven.
    pub first_proof: Option<Timestamp>,
}

impl Standing {
    /// Derives it from the journal's entries, oldest first.
    pub fn new(course: &Course, entries: &[(Timestamp, Entry)]) -> Self {
        let history = history(entries.to_vec());
        let mut verdicts: BTreeMap<&str, Verdict> = BTreeMap::new();
        let (mut here, mut verified, mut revealed) = (None, None, BTreeSet::new());
        let mut help: Option<HelpRequest> = None;
        for (at, entry) in entries {
            match entry {
                Entry::Opened { step } => here = Some(step.clone()),
                Entry::Revealed { module, question } => {
                    revealed.insert((*module, question.clone()));
                }
                Entry::Verified(run) => {
                    verified = Some(*at);
                    verdicts.extend(run.verdicts.iter().map(|(check, v)| (check.as_str(), *v)));
                }
                Entry::HelpAsked { step, evidence } => {
                    let (step, asked, evidence) = (step.clone(), *at, evidence.clone());
                    help = Some(HelpRequest { step, asked, evidence });
                }
                Entry::HelpOver { step } | Entry::Proven { step } => {
                    help = help.filter(|help| help.step != *step);
                }
                _ => {}
            }
        }
        let step = |step: &Step| StepStanding {
            state: state(step, &verdicts, history.first_proof.contains_key(&step.spec.id)),
            skipped: history.skipped.contains(&step.spec.id),
            first_proof: history.first_proof.get(&step.spec.id).copied(),
        };
        let steps = course.parts().flat_map(|part| part.steps);
        let steps = steps.map(|one| (one.spec.id.clone(), step(one))).collect();
        Self { steps, here, verified, spent: spent(course, entries), revealed, help, history }
    }

    /// Where a step stands.
    pub fn step(&self, step: &Step) -> State {
        self.steps.get(&step.spec.id).map_or(State::NotStarted, |step| step.state)
    }

    /// Where a module stands, by its steps.
    pub fn module(&self, module: &Module) -> State {
        let (done, required) = module.count(&self.done());
        if module.required().any(|step| self.step(step) == State::Regressed) {
            State::Regressed
        } else if required > 0 && done == required {
            State::Done
        } else if module.steps.iter().any(|step| self.step(step) != State::NotStarted) {
            State::InProgress
        } else {
            State::NotStarted
        }
    }

    /// Steps that were proven and that nothing contradicted since.
    pub fn done(&self) -> BTreeSet<String> {
        self.with_state(State::Done)
    }

    /// Steps that were proven and failed when they were last looked at.
    pub fn regressed(&self) -> BTreeSet<String> {
        self.with_state(State::Regressed)
    }

    fn with_state(&self, state: State) -> BTreeSet<String> {
        let steps = self.steps.iter().filter(|(_, step)| step.state == state);
        steps.map(|(id, _)| id.clone()).collect()
    }
}

/// A look that told nothing (expired credentials) takes no proof away; a failed one does.
fn state(step: &Step, verdicts: &BTreeMap<&str, Verdict>, proven: bool) -> State {
    let required = step.checks.iter().filter(|check| !check.optional);
    let last: Vec<Verdict> =
        required.filter_map(|check| verdicts.get(check.check.as_str()).copied()).collect();
    let has = |verdict| last.contains(&verdict);
    if proven && (has(Verdict::Fail) || has(Verdict::Blocked)) {
        State::Regressed
    } else if proven && !has(Verdict::Waiting) {
        State::Done
    } else if proven || has(Verdict::Pass) || has(Verdict::Waiting) {
        State::InProgress
    } else {
        State::NotStarted
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::progress::Verified;

    fn verified(verdicts: &[(&str, Verdict)]) -> Entry {
        let verdicts = verdicts.iter().map(|(check, v)| ((*check).to_owned(), *v)).collect();
        let (caller, course_sha256) = (String::new(), String::new());
        Entry::Verified(Verified { caller, course_sha256, verdicts, failures: BTreeMap::new() })
    }

    fn standing(entries: &[Entry]) -> Standing {
        let course = Course::embedded().unwrap();
        let minutes = (1_800_000_000..).step_by(60);
        let times = minutes.map(|second| Timestamp::from_second(second).unwrap());
        let entries: Vec<_> = times.zip(entries.iter().cloned()).collect();
        Standing::new(&course, &entries)
    }

    /// The required checks of the first step that has two of them, and that step.
    fn two_checks() -> (String, Vec<String>) {
        let course = Course::embedded().unwrap();
        let checks = |step: &Step| {
            let required = step.checks.iter().filter(|check| !check.optional);
            required.map(|check| check.check.clone()).collect::<Vec<String>>()
        };
        let found = course.steps().find(|(_, step)| checks(step).len() > 1);
        let (_, step) = found.expect("a step with two checks");
        (step.spec.id.clone(), checks(step))
    }

    #[test]
    fn a_step_stands_where_its_last_verdicts_put_it() {
        let (id, checks) = two_checks();
        let proven = Entry::Proven { step: id.clone() };
        let all = |verdict| {
            let list: Vec<(&str, Verdict)> = checks.iter().map(|c| (c.as_str(), verdict)).collect();
            verified(&list)
        };
        let one = |verdict| verified(&[(checks[0].as_str(), verdict)]);
        let cases = [
            (vec![], State::NotStarted),
            (vec![all(Verdict::Fail)], State::NotStarted),
            (vec![one(Verdict::Pass)], State::InProgress),
            (vec![all(Verdict::Waiting)], State::InProgress),
            (vec![all(Verdict::Pass), proven.clone()], State::Done),
            (vec![all(Verdict::Pass), proven.clone(), all(Verdict::CannotTell)], State::Done),
            (vec![all(Verdict::Pass), proven.clone(), all(Verdict::Waiting)], State::InProgress),
            (vec![all(Verdict::Pass), proven.clone(), one(Verdict::Fail)], State::Regressed),
            (
                vec![all(Verdict::Pass), proven.clone(), one(Verdict::Fail), one(Verdict::Pass)],
                State::Done,
            ),
        ];
        for (entries, expected) in cases {
            assert_eq!(standing(&entries).steps[&id].state, expected, "{entries:?}");
        }
    }

    #[test]
    fn what_was_opened_last_and_left_out_on_purpose_is_known() {
        let step = |id: &str| id.to_owned();
        let standing = standing(&[
            Entry::Opened { step: step("0a") },
            Entry::Opened { step: step("1d") },
            Entry::Skipped { step: step("0c") },
        ]);
        assert_eq!(standing.here.as_deref(), Some("1d"));
        assert!(standing.steps["0c"].skipped && !standing.steps["0a"].skipped);
        assert_eq!(standing.verified, None);
    }

    #[test]
    fn a_request_for_help_lasts_until_the_step_is_proven_or_it_is_taken_back() {
        let step = |id: &str| id.to_owned();
        let ask = |id: &str| Entry::HelpAsked { step: step(id), evidence: vec![] };
        let open = |entries: &[Entry]| standing(entries).help.map(|help| help.step);
        assert_eq!(open(&[ask("1d"), Entry::Proven { step: step("1c") }]), Some(step("1d")));
        assert_eq!(open(&[ask("1c"), ask("1d")]), Some(step("1d")), "the last one counts");
        for over in [Entry::Proven { step: step("1d") }, Entry::HelpOver { step: step("1d") }] {
            assert_eq!(open(&[ask("1d"), over]), None);
        }
    }
}
