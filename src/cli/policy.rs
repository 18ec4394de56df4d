//! `stepproof policy`: the IAM policy that a checker of the course needs, derived from the facts that
//! the course names.

use std::collections::BTreeSet;

use super::{Context, Error, Exit, Outcome, output, session};
use crate::account::{FactSpec, catalog, policy};
use crate::course::Course;

/// Arguments of `policy`.
#[derive(Debug, clap::Args)]
pub(super) struct Args {}

pub(super) fn run(_args: &Args, context: &Context) -> Outcome {
    let course = session::course(context)?;
    let text = serde_json::to_string_pretty(&policy(&facts(&course)))
        .map_err(|error| Error::usage(format!("cannot write JSON: {error}")))?;
    output::data(&text)?;
    Ok(Exit::Proven)
}

/// The facts that the course's checks and values read, and those that they rest on.
fn facts(course: &Course) -> Vec<FactSpec> {
    let checks = course.parts().flat_map(|part| part.steps).flat_map(|step| &step.checks);
    let mut wanted: BTreeSet<&str> =
        checks.flat_map(|check| &check.facts).map(String::as_str).collect();
    wanted.extend(course.value_facts());
    // A fact comes after those that it rests on.
    let mut facts = Vec::new();
    for fact in catalog().iter().rev() {
        if wanted.contains(fact.name) {
            wanted.extend(fact.needs);
            facts.push(fact.clone());
        }
    }
    facts
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::course::CourseFiles;

    #[test]
    fn a_course_asks_for_what_its_own_facts_need() {
        let index = "id: t\ntitle: {}\nlanguages: []\npages: []\nstacks: {}\nstage: dev\nfirst: []\n\
                     domains: []\nmodules: []\nvalues:\n  v: { facts: [functions], value: f.v, step: 0d }\n";
        let files = CourseFiles::from_pairs([("modules/course.yaml", index)]);
        let small = Course::from_files(files).unwrap();
        let names = |course: &Course| facts(course).iter().map(|f| f.name).collect::<Vec<_>>();
        assert_eq!(names(&small), ["functions", "app_stack"], "and what that rests on");
        let embedded = names(&Course::embedded().unwrap());
        assert!(embedded.contains(&"web_acl") && embedded.contains(&"left_keys"), "{embedded:?}");
    }
}
