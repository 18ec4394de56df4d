//! The course as a crowd sees it: modules, steps and checks by their places, so that five thousand
//! attendees are counted without comparing names.

use std::collections::HashMap;
use std::ops::Range;
use std::sync::Arc;

use crate::course::{Course, PartId};

/// Modules, steps and checks in the course's order.
#[derive(Debug, Clone)]
pub struct Outline {
    /// The written modules: one column each.
    pub columns: Vec<Column>,
    /// All steps, the clean-up's too.
    pub steps: Vec<OutlineStep>,
    /// All checks, the clean-up's too.
    pub checks: Vec<OutlineCheck>,
    by_number: HashMap<u8, usize>,
    by_step: HashMap<Arc<str>, usize>,
    by_check: HashMap<Arc<str>, usize>,
}

/// A module.
#[derive(Debug, Clone)]
pub struct Column {
    /// Its number.
    pub number: u8,
    /// Required steps.
    pub required: usize,
    /// Minutes that are planned for it.
    pub minutes: u32,
    /// Its steps, by their places in [`Outline::steps`].
    pub steps: Range<usize>,
}

/// A step.
#[derive(Debug, Clone)]
pub struct OutlineStep {
    /// `1d`.
    pub id: Arc<str>,
    /// Its module's place in [`Outline::columns`]; none of the clean-up.
    pub column: Option<usize>,
    /// Minutes that are planned for it.
    pub minutes: u32,
    /// Extra credit.
    pub optional: bool,
    /// The checks that must pass, by their places in [`Outline::checks`].
    pub required: Vec<usize>,
}

/// A check.
#[derive(Debug, Clone)]
pub struct OutlineCheck {
    /// Its name.
    pub name: Arc<str>,
    /// Its step's place in [`Outline::steps`].
    pub step: usize,
}

impl Outline {
    /// Of a course.
    pub fn new(course: &Course) -> Self {
        let mut outline = Self {
            columns: Vec::new(),
            steps: Vec::new(),
            checks: Vec::new(),
            by_number: HashMap::new(),
            by_step: HashMap::new(),
            by_check: HashMap::new(),
        };
        for part in course.parts().filter(|part| part.is_written()) {
            let column = matches!(part.id, PartId::Module(_)).then_some(outline.columns.len());
            let first = outline.steps.len();
            for step in part.steps {
                let at = outline.steps.len();
                let required = outline.add_checks(at, step);
                let id: Arc<str> = step.spec.id.as_str().into();
                outline.by_step.insert(Arc::clone(&id), at);
                let (minutes, optional) = (step.spec.minutes.into(), step.spec.optional);
                outline.steps.push(OutlineStep { id, column, minutes, optional, required });
            }
            if let PartId::Module(number) = part.id {
                outline.by_number.insert(number, outline.columns.len());
                let steps = first..outline.steps.len();
                outline.columns.push(Column {
                    number,
                    required: part.steps.iter().filter(|step| !step.spec.optional).count(),
                    minutes: part.minutes.into(),
                    steps,
                });
            }
        }
        outline
    }

    /// Adds a step's checks; the places of those that must pass.
    fn add_checks(&mut self, step: usize, of: &crate::course::Step) -> Vec<usize> {
        let mut required = Vec::new();
        for check in &of.checks {
            let at = self.checks.len();
            let name: Arc<str> = check.check.as_str().into();
            self.by_check.insert(Arc::clone(&name), at);
            self.checks.push(OutlineCheck { name, step });
            if !check.optional {
                required.push(at);
            }
        }
        required
    }

    /// The place of a module.
    pub fn column(&self, number: u8) -> Option<usize> {
        self.by_number.get(&number).copied()
    }

    /// The place of a step.
    pub fn step(&self, id: &str) -> Option<usize> {
        self.by_step.get(id).copied()
    }

    /// The place of a check.
    pub fn check(&self, name: &str) -> Option<usize> {
        self.by_check.get(name).copied()
    }
}
