//! The map: modules by domain, where each one stands, and what still fits into the time.

use std::collections::{BTreeMap, BTreeSet};

use crate::course::{Course, Module, PartId, Plan, Step, Wish};

use super::action::Action;
use super::model::{Account, Model};
use super::msg::Effect;
use super::standing::StepStatus;
use super::update::open_part;

/// The map while it is open.
#[derive(Debug, Clone)]
pub struct MapView {
    /// The marked module, or the clean-up.
    pub marked: PartId,
    /// Which modules are shown.
    pub filter: Filter,
    /// What fits.
    pub plan: Plan,
}

/// What the learner wants to plan for; it stays when the map is closed.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Goals {
    /// Ids of the domains; none for all.
    pub domains: BTreeSet<String>,
    /// Whether time is kept for the clean-up.
    pub cleanup: bool,
}

/// Which modules the map shows.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Filter {
    /// All of them.
    #[default]
    All,
    /// Those that aren't done.
    Open,
    /// Those of the plan, in its order.
    Fits,
    /// Those that are done.
    Done,
    /// Those of the chosen domains.
    Chosen,
}

impl Filter {
    const ORDER: [Self; 5] = [Self::All, Self::Open, Self::Fits, Self::Done, Self::Chosen];

    fn next(self) -> Self {
        let at = Self::ORDER.iter().position(|&filter| filter == self).unwrap_or(0);
        Self::ORDER[(at + 1) % Self::ORDER.len()]
    }
}

impl Model {
    /// What a plan of this session is made for.
    pub fn wish(&self) -> Wish {
        let steps = self.course.iter().flat_map(|course| course.steps());
        let done = steps.filter(|(_, step)| self.holds(step));
        Wish {
            done: done.map(|(_, step)| step.spec.id.clone()).collect(),
            skipped: self.past.skipped.clone(),
            domains: self.goals.domains.clone(),
            here: match self.part {
                PartId::Module(number) => Some(number),
                PartId::Cleanup => None,
            },
            minutes: self.clock.left(),
            reserve: self.course.as_ref().map_or(0, |course| course.reserve(self.goals.cleanup)),
        }
    }

    /// Whether a step was proven and nothing contradicts it. A look that told nothing (expired
    /// credentials) takes no proof away.
    fn holds(&self, step: &Step) -> bool {
        let unsure = StepStatus::Judged(crate::check::Verdict::CannotTell);
        self.is_done(step)
            || (self.status(step) == unsure && self.past.proven.contains(&step.spec.id))
    }

    /// What the map shows, in its order: modules, and last the clean-up.
    pub fn mapped(&self) -> Vec<PartId> {
        let (Some(course), Some(map)) = (&self.course, &self.map) else { return Vec::new() };
        if map.filter == Filter::Fits {
            let legs = map.plan.legs.iter().filter(|leg| leg.finishes);
            let order = legs.map(|leg| leg.module.into());
            return order.chain(self.goals.cleanup.then_some(PartId::Cleanup)).collect();
        }
        let shown = |id: &PartId| {
            let chosen = match id {
                PartId::Module(number) => {
                    course.module(*number).is_some_and(|module| self.goals.have(module))
                }
                PartId::Cleanup => self.goals.cleanup,
            };
            match map.filter {
                Filter::All | Filter::Fits => true,
                Filter::Open => !self.part_done(*id),
                Filter::Done => self.part_done(*id),
                Filter::Chosen => chosen,
            }
        };
        self.listed().into_iter().filter(shown).collect()
    }

    /// Whether all required steps of a module or the clean-up are done.
    fn part_done(&self, id: PartId) -> bool {
        let part = self.course.as_ref().and_then(|course| course.part(id));
        part.is_some_and(|part| {
            let (done, all) = self.done_of(part.steps);
            all > 0 && done == all
        })
    }
}

impl Goals {
    /// Whether a module is planned for.
    pub fn have(&self, module: &Module) -> bool {
        self.domains.is_empty() || self.domains.contains(&module.entry.domain)
    }
}

/// Opens the map, or closes it.
pub(super) fn toggle(model: &mut Model) -> Vec<Effect> {
    if model.map.take().is_some() || model.course.is_none() {
        return Vec::new();
    }
    let (marked, filter, plan) = (model.part, Filter::All, Plan::default());
    model.map = Some(MapView { marked, filter, plan });
    plan_anew(model);
    match model.account {
        Account::Open(_) => vec![Effect::ReadSpent],
        _ => Vec::new(),
    }
}

/// Takes the minutes worked on each module and on the clean-up.
pub(super) fn spent(model: &mut Model, spent: BTreeMap<PartId, u32>) -> Vec<Effect> {
    model.dirty |= model.map.is_some() && model.spent != spent;
    model.spent = spent;
    Vec::new()
}

/// Plans again where the map is open: something that the plan rests on has changed.
pub(super) fn plan_anew(model: &mut Model) {
    let (Some(_), Some(course)) = (&model.map, &model.course) else { return };
    let plan = course.plan(&model.wish());
    if let Some(map) = &mut model.map {
        map.plan = plan;
    }
    model.dirty = true;
}

/// Takes an action while the map is open.
pub(super) fn act(model: &mut Model, action: Action) -> Vec<Effect> {
    let shown = model.mapped();
    let Some(map) = &mut model.map else { return Vec::new() };
    match action {
        Action::Map | Action::Close => model.map = None,
        Action::Open => {
            let part = map.marked;
            if shown.contains(&part) {
                model.map = None;
                super::place::leave(model);
                return open_part(model, part);
            }
        }
        Action::Filter => {
            map.filter = map.filter.next();
            let shown = model.mapped();
            mark(model, &shown, |at| at);
        }
        Action::Domain => {
            choose(&mut model.goals, map.marked, model.course.as_deref());
            plan_anew(model);
        }
        Action::Down
        | Action::Up
        | Action::HalfDown
        | Action::HalfUp
        | Action::PageDown
        | Action::PageUp
        | Action::Top
        | Action::Bottom => {
            let last = shown.len().saturating_sub(1);
            mark(model, &shown, |at| super::actions::moved(at, action, 10, last));
        }
        _ => {}
    }
    Vec::new()
}

/// Plans for the marked module's domain, or no longer; keeps time for the clean-up, or no longer.
fn choose(goals: &mut Goals, marked: PartId, course: Option<&Course>) {
    let PartId::Module(number) = marked else {
        goals.cleanup = !goals.cleanup;
        return;
    };
    let module = course.and_then(|course| course.module(number));
    if let Some(domain) = module.map(|module| module.entry.domain.clone())
        && !goals.domains.remove(&domain)
    {
        goals.domains.insert(domain);
    }
}

/// Marks another one of those that are shown: from the marked one, or the first.
fn mark(model: &mut Model, shown: &[PartId], to: impl FnOnce(usize) -> usize) {
    let Some(map) = &mut model.map else { return };
    let at = shown.iter().position(|&part| part == map.marked);
    if let Some(&part) = shown.get(at.map_or(0, to)) {
        map.marked = part;
    }
}
