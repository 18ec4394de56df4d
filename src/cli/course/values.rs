//! The values of an account that instructions run against.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::account::{Account, CannotLook, Facts, Known, Names, Reader, Target};
use crate::course::{Course, Values};

use super::execute::CurrentValues;

/// Reads the course's values from an account, each time anew.
#[derive(Debug)]
pub struct AccountValues<'a> {
    course: &'a Course,
    account: Account,
}

impl<'a> AccountValues<'a> {
    /// Opens a session with the account.
    ///
    /// # Errors
    /// The target's region can't be one.
    pub async fn connect(course: &'a Course, target: Target) -> Result<Self, CannotLook> {
        Ok(Self { course, account: Account::connect(target).await? })
    }
}

impl CurrentValues for AccountValues<'_> {
    async fn values(&mut self) -> Values {
        let reader = Reader::new(&self.account, false);
        let mut known = Known::new();
        for name in in_order(&reader, self.course) {
            // What can't be read yet stays unknown, and a block that needs it says so.
            if let Ok(value) = reader.read(name, &known).await {
                known.insert(name.to_owned(), Arc::new(value));
            }
        }
        self.course.values(&known)
    }
}

/// The facts that the course's values rest on, each after those that it needs itself.
fn in_order<'a>(reader: &'a Reader, course: &'a Course) -> Vec<&'a str> {
    let needs: BTreeMap<&str, &[&str]> =
        reader.catalog().iter().map(|fact| (fact.name, fact.needs)).collect();
    let mut order = Vec::new();
    let mut waiting: Vec<&str> = course.value_facts().into_iter().collect();
    while let Some(name) = waiting.pop() {
        order.retain(|known| *known != name);
        order.push(name);
        waiting.extend(needs.get(name).copied().unwrap_or_default());
    }
    order.reverse();
    order
}

/// The course's own names for stacks and stage.
pub fn names(course: &Course) -> Names {
    Names { stacks: course.index.stacks.clone(), stage: course.index.stage.clone() }
}
