//! What still fits: an order through the modules that ends in time.
//!
//! A plan goes by the course's own minutes and order: the modules that come first, what a step
//! `needs`, then any. It takes the module that is worked on, then those that are begun, then the
//! rest in the course's order, and keeps each one that can still be finished, with everything that
//! it needs. So nothing that it leaves out would fit into the time that it has to spare.

use std::collections::BTreeSet;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::model::{Course, Module, Step};

/// Minutes that a plan keeps for the end, to take the journal home.
const HOME: u32 = 10;

/// What a plan is made for.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Wish {
    /// Steps that are proven and still hold.
    pub done: BTreeSet<String>,
    /// Steps that the learner leaves out on purpose. They are planned only where others need them.
    pub skipped: BTreeSet<String>,
    /// Ids of the chosen domains; none for all.
    pub domains: BTreeSet<String>,
    /// The module that is worked on: it goes on, where it isn't done.
    pub here: Option<u8>,
    /// Minutes until the end; none where there is no end.
    pub minutes: Option<u32>,
    /// Minutes of them that are kept for the end.
    pub reserve: u32,
}

/// An order that finishes in time, and what it leaves out.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Plan {
    /// The order.
    pub legs: Vec<Leg>,
    /// Optional steps that fit into the time to spare, in order.
    pub extra: Vec<String>,
    /// Chosen modules that aren't in the order.
    pub left_out: Vec<LeftOut>,
    /// Minutes of all legs.
    pub minutes: u32,
    /// Minutes that neither the legs nor the end take; none where there is no end.
    pub spare: Option<u32>,
}

/// Steps of one module, done one after the other.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Leg {
    /// The module's number.
    pub module: u8,
    /// Its steps, in order.
    pub steps: Vec<String>,
    /// Minutes of these steps.
    pub minutes: u32,
    /// Minutes from now until they are done.
    pub until: u32,
    /// Whether the module is done then. Else it only brings what another one needs.
    pub finishes: bool,
}

/// A module that isn't in a plan.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct LeftOut {
    /// The module's number.
    pub module: u8,
    /// Minutes that it takes, with what it needs.
    pub minutes: u32,
    /// Why it isn't in the plan.
    pub why: Why,
}

/// Why a module isn't in a plan.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Why {
    /// It has no instructions yet.
    NotWritten,
    /// It takes so many minutes more than are left.
    ShortBy(u32),
}

/// What keeps a module from being begun.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Lock {
    /// A module that comes first.
    Module(u8),
    /// A step that all of its open steps rest on.
    Step(String),
}

/// The next step to do.
#[derive(Debug, Clone)]
pub struct Next<'a> {
    /// Its module.
    pub module: &'a Module,
    /// The step.
    pub step: &'a Step,
    /// Why this one.
    pub because: Because,
    /// Whether its module can be finished in the time.
    pub fits: bool,
}

/// Why a step is the next one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Because {
    /// Its module comes before all others.
    ComesFirst,
    /// Its module is begun.
    Begun {
        /// Required steps that are done.
        done: usize,
        /// All required steps.
        all: usize,
    },
    /// Another step needs it.
    NeededBy(String),
    /// Its module is the next one of the course's order.
    Order,
}

impl Module {
    /// The steps that the module isn't done without.
    pub fn required(&self) -> impl Iterator<Item = &Step> + Clone {
        self.steps.iter().filter(|step| !step.spec.optional)
    }

    /// Required steps done, and all of them.
    pub fn count(&self, done: &BTreeSet<String>) -> (usize, usize) {
        let holds = |step: &&Step| done.contains(&step.spec.id);
        (self.required().filter(holds).count(), self.required().count())
    }

    /// Minutes of what is still to do of the module.
    pub fn minutes_left(&self, wish: &Wish) -> u32 {
        if !self.is_written() {
            return self.entry.minutes.into();
        }
        self.open(wish).map(|step| u32::from(step.spec.minutes)).sum()
    }

    /// Required steps that are neither done nor left out on purpose.
    fn open<'a>(&'a self, wish: &'a Wish) -> impl Iterator<Item = &'a Step> {
        let closed = |id: &String| wish.done.contains(id) || wish.skipped.contains(id);
        self.required().filter(move |step| !closed(&step.spec.id))
    }
}

impl Course {
    /// Minutes that a plan keeps for the end: to take the journal home, and where it is wished for,
    /// to clean up. The account of an event is deleted as a whole, and needs no clean-up.
    pub fn reserve(&self, cleanup: bool) -> u32 {
        let entry = self.cleanup.as_ref().filter(|_| cleanup).map(|cleanup| &cleanup.entry);
        HOME + entry.map_or(0, |entry| u32::from(entry.minutes))
    }

    /// A module's step by its id. What isn't a module's is planned by nobody.
    fn module_step(&self, id: &str) -> Option<(&Module, &Step)> {
        self.steps().find(|(_, step)| step.spec.id == id)
    }

    /// An order through the chosen modules that finishes in the time.
    pub fn plan(&self, wish: &Wish) -> Plan {
        Planner::new(self, wish).plan()
    }

    /// The next step to do: the first one of the plan, or where nothing can be finished any more,
    /// of the plan without an end. None when everything is done.
    pub fn next_step(&self, wish: &Wish) -> Option<Next<'_>> {
        let planned = self.plan(wish);
        if planned.legs.is_empty() {
            let endless = Wish { minutes: None, ..wish.clone() };
            let plan = self.plan(&endless);
            return self.first_of(&plan, &endless, false);
        }
        self.first_of(&planned, wish, true)
    }

    fn first_of(&self, plan: &Plan, wish: &Wish, fits: bool) -> Option<Next<'_>> {
        let (module, step) = self.module_step(plan.legs.first()?.steps.first()?)?;
        let (done, all) = module.count(&wish.done);
        let needing = || {
            let steps = plan.legs.iter().flat_map(|leg| &leg.steps);
            let mut steps = steps.filter_map(|id| self.module_step(id));
            let found = steps.find(|(_, other)| other.spec.needs.contains(&step.spec.id));
            found.map(|(_, other)| other.spec.id.clone())
        };
        let chosen = is_chosen(wish, module);
        let because = if done > 0 {
            Because::Begun { done, all }
        } else if self.index.first.contains(&module.entry.number) {
            Because::ComesFirst
        } else if let Some(id) = needing().filter(|_| !chosen) {
            Because::NeededBy(id)
        } else {
            Because::Order
        };
        Some(Next { module, step, because, fits })
    }

    /// What keeps a module from being begun; none where one of its open steps can be.
    pub fn locked(&self, module: &Module, wish: &Wish) -> Option<Lock> {
        let before = self.before(module.entry.number).iter();
        let mut before = before.filter_map(|&number| self.module(number));
        if let Some(first) = before.find(|first| first.open(wish).next().is_some()) {
            return Some(Lock::Module(first.entry.number));
        }
        let mut lock = None;
        for step in module.open(wish) {
            let need = step.spec.needs.iter().find(|need| !wish.done.contains(*need))?;
            lock.get_or_insert_with(|| Lock::Step(need.clone()));
        }
        lock
    }

    /// The modules that have to be done before this one.
    fn before(&self, number: u8) -> &[u8] {
        let first = &self.index.first;
        let index = first.iter().position(|&other| other == number);
        &first[..index.unwrap_or(first.len())]
    }
}

fn is_chosen(wish: &Wish, module: &Module) -> bool {
    wish.domains.is_empty() || wish.domains.contains(&module.entry.domain)
}

struct Planner<'a> {
    course: &'a Course,
    wish: &'a Wish,
    planned: BTreeSet<&'a str>,
    legs: Vec<Leg>,
    used: u32,
    budget: Option<u32>,
}

impl<'a> Planner<'a> {
    fn new(course: &'a Course, wish: &'a Wish) -> Self {
        let budget = wish.minutes.map(|minutes| minutes.saturating_sub(wish.reserve));
        Self { course, wish, planned: BTreeSet::new(), legs: Vec::new(), used: 0, budget }
    }

    fn plan(mut self) -> Plan {
        let mut waiting = self.goals();
        // One that was too long may fit once another one brings what it needs.
        loop {
            let before = waiting.len();
            waiting.retain(|module| !self.take(module));
            if waiting.len() == before {
                break;
            }
        }
        let left_out = self.left_out(&waiting);
        for at in 0..self.legs.len() {
            let module = self.course.module(self.legs[at].module);
            let planned = |step: &Step| self.planned.contains(step.spec.id.as_str());
            let finishes = module.is_some_and(|module| module.open(self.wish).all(planned));
            let last = self.legs[at + 1..].iter().all(|leg| leg.module != self.legs[at].module);
            self.legs[at].finishes = finishes && last;
        }
        let minutes = self.used;
        let extra = self.extra();
        let spare = self.budget.map(|budget| budget - self.used);
        Plan { legs: self.legs, extra, left_out, minutes, spare }
    }

    /// The modules to finish, in the order in which they are tried.
    fn goals(&self) -> Vec<&'a Module> {
        let (course, wish) = (self.course, self.wish);
        let open = |module: &&Module| is_chosen(wish, module) && module.open(wish).next().is_some();
        let mut goals: Vec<&Module> = course.modules.iter().filter(open).collect();
        let begun =
            |module: &Module| module.steps.iter().any(|step| wish.done.contains(&step.spec.id));
        goals.sort_by_key(|module| (wish.here != Some(module.entry.number), !begun(module)));
        goals
    }

    /// Plans a module with all that it needs, if there is time for it.
    fn take(&mut self, module: &'a Module) -> bool {
        let steps = self.missing(module);
        let minutes = minutes(&steps);
        if self.budget.is_some_and(|budget| self.used + minutes > budget) {
            return false;
        }
        for (module, step) in steps {
            self.append(module, step);
        }
        true
    }

    fn append(&mut self, module: &'a Module, step: &'a Step) {
        let minutes = u32::from(step.spec.minutes);
        self.used += minutes;
        self.planned.insert(&step.spec.id);
        let number = module.entry.number;
        match self.legs.last_mut().filter(|leg| leg.module == number) {
            Some(leg) => {
                leg.steps.push(step.spec.id.clone());
                leg.minutes += minutes;
                leg.until = self.used;
            }
            None => self.legs.push(Leg {
                module: number,
                steps: vec![step.spec.id.clone()],
                minutes,
                until: self.used,
                finishes: false,
            }),
        }
    }

    /// The steps that aren't done or planned, and without which the module can't be done.
    fn missing(&self, module: &'a Module) -> Vec<(&'a Module, &'a Step)> {
        let mut steps = Vec::new();
        let mut seen = BTreeSet::new();
        for step in module.open(self.wish) {
            self.require(module, step, &mut seen, &mut steps);
        }
        steps
    }

    fn require(
        &self,
        module: &'a Module,
        step: &'a Step,
        seen: &mut BTreeSet<&'a str>,
        steps: &mut Vec<(&'a Module, &'a Step)>,
    ) {
        let id = step.spec.id.as_str();
        // Steps that need each other are the course's error; they are planned once.
        if self.wish.done.contains(id) || self.planned.contains(id) || !seen.insert(id) {
            return;
        }
        for first in self.course.before(module.entry.number) {
            let Some(first) = self.course.module(*first) else { continue };
            for step in first.open(self.wish) {
                self.require(first, step, seen, steps);
            }
        }
        for need in &step.spec.needs {
            if let Some((module, step)) = self.course.module_step(need) {
                self.require(module, step, seen, steps);
            }
        }
        steps.push((module, step));
    }

    fn left_out(&self, waiting: &[&'a Module]) -> Vec<LeftOut> {
        let chosen = self.course.modules.iter().filter(|module| is_chosen(self.wish, module));
        chosen
            .filter_map(|module| {
                let number = module.entry.number;
                if !module.is_written() {
                    let minutes = module.entry.minutes.into();
                    return Some(LeftOut { module: number, minutes, why: Why::NotWritten });
                }
                waiting.iter().find(|other| other.entry.number == number)?;
                let minutes = minutes(&self.missing(module));
                let over = (self.used + minutes).saturating_sub(self.budget.unwrap_or(u32::MAX));
                Some(LeftOut { module: number, minutes, why: Why::ShortBy(over) })
            })
            .collect()
    }

    /// Optional steps for those who are faster: of modules that are done by then.
    fn extra(&self) -> Vec<String> {
        let Some(budget) = self.budget else { return Vec::new() };
        let mut done = self.wish.done.clone();
        done.extend(self.planned.iter().map(|&id| id.to_owned()));
        let mut used = self.used;
        let mut extra = Vec::new();
        for module in self.course.modules.iter().filter(|module| is_chosen(self.wish, module)) {
            if module.required().any(|step| !done.contains(&step.spec.id)) {
                continue;
            }
            for step in module.steps.iter().filter(|step| step.spec.optional) {
                let id = &step.spec.id;
                let minutes = u32::from(step.spec.minutes);
                let ready = step.spec.needs.iter().all(|need| done.contains(need));
                let closed = done.contains(id) || self.wish.skipped.contains(id);
                if ready && !closed && used + minutes <= budget {
                    used += minutes;
                    done.insert(id.clone());
                    extra.push(id.clone());
                }
            }
        }
        extra
    }
}

fn minutes(steps: &[(&Module, &Step)]) -> u32 {
    steps.iter().map(|(_, step)| u32::from(step.spec.minutes)).sum()
}

#[cfg(test)]
mod tests;
