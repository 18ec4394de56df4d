//! From the course and what is recorded to the parts of the page.

use std::collections::{BTreeMap, BTreeSet};

use super::model::{DomainLine, PartLine, PartPage, QuestionPart};
use super::production::production;
use super::steps::{Recorded, StepPart, StepState};
use crate::check::State;
use crate::course::{
    Attack, Course, Module, Part, PartId, Question, SectionKind, Step, UNKNOWN_CLOSE, UNKNOWN_OPEN,
};
use crate::progress::Standing;

/// What parts of the page are made from.
pub(super) struct Builder<'a> {
    pub(super) course: &'a Course,
    pub(super) standing: &'a Standing,
    pub(super) steps: &'a BTreeMap<String, Recorded>,
    pub(super) lang: &'a str,
}

impl Builder<'_> {
    /// Progress by domain.
    pub(super) fn domains(&self) -> Vec<DomainLine> {
        let modules = |domain: &str| {
            let of = self.course.modules.iter().filter(|module| module.entry.domain == domain);
            of.filter(|module| module.is_written()).map(|module| self.line(module.part())).collect()
        };
        let domains = self.course.index.domains.iter();
        let lines = domains.map(|domain| DomainLine {
            title: domain.title.get(self.lang).to_owned(),
            modules: modules(&domain.id),
        });
        lines.filter(|line| !line.modules.is_empty()).collect()
    }

    /// What was begun, and the modules that were not.
    pub(super) fn parts(&self) -> (Vec<PartPage>, Vec<PartLine>) {
        let done = self.done();
        let written = self.course.parts().filter(|part| part.is_written());
        let (begun, rest): (Vec<_>, Vec<_>) = written.partition(|part| self.is_begun(*part));
        let parts = begun.into_iter().map(|part| self.part(part, &done));
        let rest = rest.into_iter().filter(|part| part.id != PartId::Cleanup);
        (parts.collect(), rest.map(|part| self.line(part)).collect())
    }

    fn is_begun(&self, part: Part<'_>) -> bool {
        self.standing.spent.contains_key(&part.id)
            || part.steps.iter().any(|step| self.state(step) != StepState::Untouched)
    }

    /// Where a part stands.
    pub(super) fn line(&self, part: Part<'_>) -> PartLine {
        let required = part.steps.iter().filter(|step| !step.spec.optional);
        let states: Vec<StepState> = required.map(|step| self.state(step)).collect();
        let proven = states.iter().filter(|state| **state == StepState::Proven).count();
        let state = if states.contains(&StepState::Regressed) {
            State::Regressed
        } else if proven == states.len() && proven > 0 {
            State::Done
        } else if self.is_begun(part) {
            State::InProgress
        } else {
            State::NotStarted
        };
        let title = part.title.get(self.lang).to_owned();
        let name = match part.id {
            PartId::Module(number) => format!("{number} {title}"),
            PartId::Cleanup => title.clone(),
        };
        PartLine {
            id: part.id,
            name,
            title,
            minutes: part.minutes,
            state,
            proven,
            steps: states.len(),
            before: self.attack(part.id).map(|attack| attack.before.get(self.lang).to_owned()),
        }
    }

    fn state(&self, step: &Step) -> StepState {
        self.steps.get(&step.spec.id).map_or(StepState::Untouched, |recorded| recorded.state)
    }

    fn module(&self, id: PartId) -> Option<&Module> {
        match id {
            PartId::Module(number) => self.course.module(number),
            PartId::Cleanup => None,
        }
    }

    fn attack(&self, id: PartId) -> Option<&Attack> {
        self.module(id)?.attack.as_ref()
    }

    /// What `done("…")` in a page is answered from.
    fn done(&self) -> BTreeSet<String> {
        let proven = self.steps.iter().filter(|(_, step)| step.state == StepState::Proven);
        let modules = self.course.modules.iter();
        let done = modules.filter(|module| self.line(module.part()).state == State::Done);
        let numbers = done.map(|module| module.entry.number.to_string());
        proven.map(|(id, _)| id.clone()).chain(numbers).collect()
    }

    fn part(&self, part: Part<'_>, done: &BTreeSet<String>) -> PartPage {
        let required = part.steps.iter().filter(|step| !step.spec.optional);
        let required: Vec<&Recorded> =
            required.filter_map(|step| self.steps.get(&step.spec.id)).collect();
        let line = self.line(part);
        let proven_at = required.iter().filter_map(|step| step.proven).max();
        let steps = part.steps.iter().filter_map(|step| {
            Some(StepPart::new(step, self.steps.get(&step.spec.id)?, self.lang))
        });
        let questions = self.module(part.id).map_or(&[][..], |module| &module.questions);
        PartPage {
            spent: self.standing.spent.get(&part.id).copied().unwrap_or(0),
            after: self.attack(part.id).map(|attack| attack.after.get(self.lang).to_owned()),
            failed_at: required.iter().filter_map(|step| step.failed).min(),
            proven_at: proven_at.filter(|_| line.state == State::Done),
            steps: steps.collect(),
            questions: questions.iter().map(|q| self.question(part.id, q)).collect(),
            production: self.production(part.id, done),
            line,
        }
    }

    fn question(&self, part: PartId, question: &Question) -> QuestionPart {
        let revealed = &self.standing.revealed;
        let open = |number| revealed.contains(&(number, question.id.clone()));
        QuestionPart {
            ask: question.ask.get(self.lang).to_owned(),
            answer: question.answer.get(self.lang).to_owned(),
            revealed: matches!(part, PartId::Module(number) if open(number)),
        }
    }

    fn production(&self, part: PartId, done: &BTreeSet<String>) -> Option<String> {
        let values = self.course.values(&BTreeMap::new());
        // A page that can't be rendered says so where it is read; here it just says nothing.
        let page = self.course.render(part, self.lang, &values, done).ok().flatten()?;
        let back = page.sections.iter().find(|section| section.kind == SectionKind::LookBack)?;
        production(&back.markdown.replace([UNKNOWN_OPEN, UNKNOWN_CLOSE], ""))
    }
}
