//! The map: modules by domain, where each one stands, and what still fits into the time.

use std::collections::{BTreeMap, BTreeSet};

use crate::course::{Course, Module, Plan, RESERVE, Step, Wish};

use super::action::Action;
use super::model::{Account, Model, StepStatus};
use super::msg::Effect;
use super::update::open_module;

/// The map while it is open.
#[derive(Debug, Clone, Default)]
pub struct MapView {
    /// The marked module's number.
    pub marked: u8,
    /// Which modules are shown.
    pub filter: Filter,
    /// Ids of the domains that are planned for; none for all.
    pub domains: BTreeSet<String>,
    /// What fits.
    pub plan: Plan,
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
    pub fn wish(&self, domains: &BTreeSet<String>) -> Wish {
        let steps = self.course.iter().flat_map(|course| course.steps());
        let done = steps.filter(|(_, step)| self.holds(step));
        Wish {
            done: done.map(|(_, step)| step.spec.id.clone()).collect(),
            skipped: self.past.skipped.clone(),
            domains: domains.clone(),
            here: Some(self.module),
            minutes: self.clock.left(),
            reserve: RESERVE,
        }
    }

    /// Whether a step was proven and nothing contradicts it. A look that told nothing (expired
    /// credentials) takes no proof away.
    fn holds(&self, step: &Step) -> bool {
        let unsure = StepStatus::Judged(crate::check::Verdict::CannotTell);
        self.is_done(step)
            || (self.status(step) == unsure && self.past.proven.contains(&step.spec.id))
    }

    /// The modules that the map shows, in its order.
    pub fn mapped(&self) -> Vec<u8> {
        let (Some(course), Some(map)) = (&self.course, &self.map) else { return Vec::new() };
        if map.filter == Filter::Fits {
            let mut order: Vec<u8> = map.plan.legs.iter().map(|leg| leg.module).collect();
            order.dedup();
            return order;
        }
        let shown = |number: &u8| {
            course.module(*number).is_some_and(|module| match map.filter {
                Filter::All | Filter::Fits => true,
                Filter::Open => !self.module_done(module),
                Filter::Done => self.module_done(module),
                Filter::Chosen => map.is_chosen(module),
            })
        };
        self.listed().into_iter().filter(shown).collect()
    }
}

impl MapView {
    /// Whether a module is planned for.
    pub fn is_chosen(&self, module: &Module) -> bool {
        self.domains.is_empty() || self.domains.contains(&module.entry.domain)
    }
}

/// Opens the map, or closes it.
pub(super) fn toggle(model: &mut Model) -> Vec<Effect> {
    if model.map.take().is_some() || model.course.is_none() {
        return Vec::new();
    }
    model.map = Some(MapView { marked: model.module, ..MapView::default() });
    plan_anew(model);
    match model.account {
        Account::Open(_) => vec![Effect::ReadSpent],
        _ => Vec::new(),
    }
}

/// Takes the minutes worked on each module.
pub(super) fn spent(model: &mut Model, spent: BTreeMap<u8, u32>) -> Vec<Effect> {
    model.dirty |= model.map.is_some() && model.spent != spent;
    model.spent = spent;
    Vec::new()
}

/// Plans again where the map is open: something that the plan rests on has changed.
pub(super) fn plan_anew(model: &mut Model) {
    let (Some(map), Some(course)) = (&model.map, &model.course) else { return };
    let plan = plan(model, course, &map.domains);
    if let Some(map) = &mut model.map {
        map.plan = plan;
    }
    model.dirty = true;
}

fn plan(model: &Model, course: &Course, domains: &BTreeSet<String>) -> Plan {
    course.plan(&model.wish(domains))
}

/// Takes an action while the map is open.
pub(super) fn act(model: &mut Model, action: Action) -> Vec<Effect> {
    let shown = model.mapped();
    let Some(map) = &mut model.map else { return Vec::new() };
    match action {
        Action::Map | Action::Close => model.map = None,
        Action::Open => {
            let number = map.marked;
            if shown.contains(&number) {
                model.map = None;
                super::place::leave(model);
                return open_module(model, number);
            }
        }
        Action::Filter => {
            map.filter = map.filter.next();
            let shown = model.mapped();
            mark(model, &shown, |at| at);
        }
        Action::Domain => {
            let module = model.course.as_ref().and_then(|course| course.module(map.marked));
            if let Some(domain) = module.map(|module| module.entry.domain.clone())
                && !map.domains.remove(&domain)
            {
                map.domains.insert(domain);
            }
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

/// Marks another one of the modules that are shown: from the marked one, or the first.
fn mark(model: &mut Model, shown: &[u8], to: impl FnOnce(usize) -> usize) {
    let Some(map) = &mut model.map else { return };
    let at = shown.iter().position(|&number| number == map.marked);
    if let Some(&number) = shown.get(at.map_or(0, to)) {
        map.marked = number;
    }
}
