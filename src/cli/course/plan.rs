//! Which scenarios the course's test plays: the states, their orders, and the breaks.

use std::collections::BTreeSet;

use super::test::{has_cleanup, written};
use crate::cli::Error;
use crate::course::{Course, ModuleNeeds};

/// What to play.
#[derive(Debug)]
pub(super) struct Plan {
    /// Run the instructions instead of applying the solutions.
    pub(super) execute: bool,
    /// The modules that come first.
    pub(super) first: Vec<u8>,
    /// Modules that are done alone after those, each behind what it needs of others.
    pub(super) alone: Vec<Vec<u8>>,
    /// Orders of the modules after the first ones. The breaks are done to the end of the first.
    pub(super) orders: Vec<Vec<u8>>,
    /// Modules whose breaks are played.
    pub(super) breaks: Vec<u8>,
    /// Whether the clean-up is done to the end of the first order, and its breaks after it.
    pub(super) cleanup: bool,
}

impl Plan {
    /// Everything, or what flags ask for.
    ///
    /// # Errors
    /// An order names a module twice, or before one that it needs.
    pub(super) fn new(
        course: &Course,
        execute: bool,
        modules: Vec<u8>,
        order: Vec<u8>,
        cleanup: bool,
    ) -> Result<Self, Error> {
        let all: Vec<u8> = written(course).map(|module| module.entry.number).collect();
        let comes_first = |number: &u8| course.index.first.contains(number);
        let mut first = course.index.first.clone();
        first.retain(|number| all.contains(number));
        let rest: Vec<u8> = all.iter().copied().filter(|number| !comes_first(number)).collect();
        let needs = course.module_needs();
        let rest = needs.sorted(&rest);
        let alone = |module: &u8| {
            let own: Vec<u8> = needs.of(*module).into_iter().chain([*module]).collect();
            needs.sorted(&own).into_iter().filter(|number| !comes_first(number)).collect()
        };
        let mut plan = Self {
            execute,
            first,
            alone: Vec::new(),
            orders: Vec::new(),
            breaks: Vec::new(),
            cleanup,
        };
        if !order.is_empty() {
            let order: Vec<u8> = order.into_iter().filter(|number| !comes_first(number)).collect();
            possible(&needs, &order, &rest)?;
            plan.orders = vec![order];
        } else if !modules.is_empty() || cleanup {
            plan.alone = rest.iter().filter(|number| modules.contains(number)).map(alone).collect();
            // Breaks are done to the wholly solved account, whatever module they belong to.
            if !execute || cleanup {
                plan.orders = vec![rest];
            }
            if !execute {
                plan.breaks = modules;
            }
        } else {
            plan.orders = if execute { vec![rest.clone()] } else { orders(&rest, &needs) };
            plan.breaks = if execute { Vec::new() } else { all };
            plan.alone = rest.iter().map(alone).collect();
            plan.cleanup = has_cleanup(course);
        }
        Ok(plan)
    }
}

/// Refuses an order that names a module twice, or without or before another that it needs.
fn possible(needs: &ModuleNeeds, order: &[u8], rest: &[u8]) -> Result<(), Error> {
    let once: BTreeSet<&u8> = order.iter().collect();
    if once.len() < order.len() {
        return Err(Error::usage("an order names a module twice").with_remedy("Name it once."));
    }
    for (n, module) in order.iter().enumerate() {
        let needed = needs.of(*module);
        let lacks = |need: &&u8| rest.contains(need) && !order[..n].contains(need);
        if let Some(need) = needed.iter().find(lacks) {
            return Err(Error::usage(format!("module {module} needs module {need}"))
                .with_remedy(format!("Name {need} before {module}.")));
        }
    }
    Ok(())
}

/// Up to three different orders: as numbered, backwards, and from the middle; each module behind
/// what it needs.
fn orders(modules: &[u8], needs: &ModuleNeeds) -> Vec<Vec<u8>> {
    let mut backwards = modules.to_vec();
    backwards.reverse();
    let mut middle = modules.to_vec();
    middle.rotate_left(modules.len() / 2);
    if middle.len() > 3 {
        middle.swap(0, 1);
    }
    let mut orders = vec![modules.to_vec()];
    for order in [needs.sorted(&backwards), needs.sorted(&middle)] {
        if !orders.contains(&order) {
            orders.push(order);
        }
    }
    orders
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn orders_differ_and_hold_every_module() {
        let orders = |modules: &[u8]| orders(modules, &ModuleNeeds::default());
        assert_eq!(orders(&[2]), [[2]]);
        assert_eq!(orders(&[2, 3]), [[2, 3], [3, 2]]);
        assert_eq!(orders(&[2, 3, 4, 5, 6]), [[2, 3, 4, 5, 6], [6, 5, 4, 3, 2], [5, 4, 6, 2, 3]]);
        assert_eq!(orders(&[]), [Vec::<u8>::new()]);
    }

    #[test]
    fn no_order_puts_a_module_before_what_it_needs() {
        let second = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/courses/lending-library");
        let course = Course::load(second.as_ref()).unwrap();
        let needs = course.module_needs();
        assert_eq!(orders(&[2, 3], &needs), [[2, 3]]);
        let plan = |order: &[u8]| Plan::new(&course, false, Vec::new(), order.to_vec(), false);
        assert_eq!(plan(&[1, 2, 3]).unwrap().orders, [[2, 3]], "what comes first is done anyway");
        assert_eq!(plan(&[]).unwrap().alone, [vec![2], vec![2, 3]]);
        for wrong in [&[3][..], &[3, 2], &[2, 2]] {
            assert!(plan(wrong).unwrap_err().remedy.starts_with("Name "), "{wrong:?}");
        }
    }
}
