//! In which order modules can be done: each after those whose steps its own steps need.

use std::collections::{BTreeMap, BTreeSet};

use super::model::{Course, StepSpec};

/// Which modules each module needs.
#[derive(Debug, Clone, Default)]
pub struct ModuleNeeds(BTreeMap<u8, BTreeSet<u8>>);

impl ModuleNeeds {
    /// From the steps of all modules, each with its module's number.
    pub(super) fn new(steps: &[(u8, &StepSpec)]) -> Self {
        let home: BTreeMap<&str, u8> =
            steps.iter().map(|(module, step)| (step.id.as_str(), *module)).collect();
        let mut needs: BTreeMap<u8, BTreeSet<u8>> = BTreeMap::new();
        for (module, step) in steps {
            let others = step.needs.iter().filter_map(|need| home.get(need.as_str()).copied());
            needs.entry(*module).or_default().extend(others.filter(|other| other != module));
        }
        Self(needs)
    }

    /// The modules that a module needs, directly or by way of others.
    pub fn of(&self, module: u8) -> BTreeSet<u8> {
        let mut found = BTreeSet::new();
        let mut open = vec![module];
        while let Some(next) = open.pop() {
            for need in self.0.get(&next).into_iter().flatten() {
                if *need != module && found.insert(*need) {
                    open.push(*need);
                }
            }
        }
        found
    }

    /// The modules in this order, but each behind those of them that it needs.
    pub fn sorted(&self, order: &[u8]) -> Vec<u8> {
        let mut left = order.to_vec();
        let mut sorted = Vec::with_capacity(left.len());
        while !left.is_empty() {
            let free = |module: &u8| self.of(*module).iter().all(|need| !left.contains(need));
            // Modules that need steps of each other have no order: they stay as they stood.
            let next = left.iter().position(free).unwrap_or(0);
            sorted.push(left.remove(next));
        }
        sorted
    }
}

impl Course {
    /// Which modules each module needs.
    pub fn module_needs(&self) -> ModuleNeeds {
        let steps = self.steps().map(|(module, step)| (module.entry.number, &step.spec));
        ModuleNeeds::new(&steps.collect::<Vec<_>>())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn needs(pairs: &[(u8, &[u8])]) -> ModuleNeeds {
        ModuleNeeds(pairs.iter().map(|(of, on)| (*of, on.iter().copied().collect())).collect())
    }

    #[test]
    fn a_module_comes_behind_what_it_needs_and_otherwise_stays() {
        let needs = needs(&[(4, &[3]), (3, &[2])]);
        assert_eq!(needs.of(4), BTreeSet::from([2, 3]));
        assert_eq!(needs.sorted(&[5, 4, 3, 2]), [5, 2, 3, 4]);
        assert_eq!(needs.sorted(&[4, 5]), [4, 5], "what isn't in the order can't come before");
    }

    #[test]
    fn modules_that_need_each_other_end_somewhere() {
        assert_eq!(needs(&[(2, &[3]), (3, &[2])]).sorted(&[3, 2]), [3, 2]);
    }

    #[test]
    fn the_embedded_course_can_be_done_in_any_order_behind_its_first_modules() {
        let course = Course::embedded().unwrap();
        let needs = course.module_needs();
        for module in &course.modules {
            let of = needs.of(module.entry.number);
            assert!(of.iter().all(|need| course.index.first.contains(need)), "{of:?}");
        }
    }
}
