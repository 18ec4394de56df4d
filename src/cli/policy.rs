//! `stepproof policy`: the IAM policy that a checker of the course needs, derived from the facts that
//! the course names; alone, or in a role for a grader in another account.

use std::collections::BTreeSet;

use super::journal::account;
use super::{Context, Error, Exit, Outcome, output, session};
use crate::account::{FactSpec, ROLE, catalog, policy, role_template};
use crate::check::Asked;
use crate::course::Course;

/// Arguments of `policy`.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// Only for the checks of this module and of the steps that they need; may be given several times
    ///
    /// Without it: for everything that the course reads, pages and clean-up included.
    #[arg(long = "module", value_name = "N")]
    modules: Vec<u8>,
    /// With --module: for the clean-up's checks as well
    #[arg(long, requires = "modules")]
    cleanup: bool,
    /// How it is written
    #[arg(long, value_enum, default_value_t)]
    format: Format,
    /// Of a role: the account that may assume it
    #[arg(long, value_name = "N", value_parser = account, required_if_eq("format", "cloudformation"))]
    principal: Option<String>,
    /// Of a role: what must be said to assume it, a text that is hard to guess
    #[arg(long, value_name = "ID", value_parser = external_id, required_if_eq("format", "cloudformation"))]
    external_id: Option<String>,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, clap::ValueEnum)]
enum Format {
    /// An IAM policy
    #[default]
    Json,
    /// A template for the learner's account: a role with the policy, for --principal
    Cloudformation,
}

pub(super) fn run(args: &Args, context: &Context) -> Outcome {
    let course = session::course(context)?;
    let facts = closed(wanted(args, &course)?);
    let policy = policy(&facts);
    let role = (args.principal.as_deref(), args.external_id.as_deref());
    let document = match (args.format, role) {
        (Format::Cloudformation, (Some(principal), Some(external_id))) => {
            role_template(&policy, principal, external_id)
        }
        _ => policy,
    };
    let text = serde_json::to_string_pretty(&document)
        .map_err(|error| Error::usage(format!("cannot write JSON: {error}")))?;
    output::data(&text)?;
    if args.format == Format::Cloudformation {
        output::words(&format!(
            "In the learner's account:\n\
             aws cloudformation deploy --stack-name {ROLE} --template-file FILE \
             --capabilities CAPABILITY_NAMED_IAM\n\
             In the roster: role arn:aws:iam::ACCOUNT:role/{ROLE}, and the external id."
        ));
    }
    Ok(Exit::Proven)
}

/// The facts that are named: by the checks of the modules that are asked for and of the steps that
/// these need, or by everything in the course.
fn wanted<'a>(args: &Args, course: &'a Course) -> Result<BTreeSet<&'a str>, Error> {
    let usage = |error: crate::check::UnknownSelection| Error::usage(error.to_string());
    if args.modules.is_empty() {
        let checks = course.parts().flat_map(|part| part.steps).flat_map(|step| &step.checks);
        let named = checks.flat_map(|check| &check.facts).map(String::as_str);
        return Ok(named.chain(course.value_facts()).collect());
    }
    let mut asked = Asked::select(course, &args.modules, &[]).map_err(usage)?;
    if args.cleanup {
        asked = asked.and_cleanup(course).map_err(usage)?;
    }
    let mut open: Vec<&str> = asked.steps().collect();
    let (mut steps, mut wanted) = (BTreeSet::new(), BTreeSet::new());
    while let Some(id) = open.pop() {
        let Some((_, step)) = course.step(id).filter(|(_, step)| steps.insert(&step.spec.id))
        else {
            continue;
        };
        open.extend(step.spec.needs.iter().map(String::as_str));
        wanted.extend(step.checks.iter().flat_map(|check| &check.facts).map(String::as_str));
    }
    Ok(wanted)
}

/// Facts by name, and those that they rest on.
fn closed(mut wanted: BTreeSet<&str>) -> Vec<FactSpec> {
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

/// As IAM takes it.
fn external_id(text: &str) -> Result<String, String> {
    let plain = |c: char| c.is_ascii_alphanumeric() || "_+=,.@:/-".contains(c);
    if (2..=1224).contains(&text.len()) && text.chars().all(plain) {
        return Ok(text.to_owned());
    }
    Err("an external id has 2 to 1224 letters, digits and _+=,.@:/-".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::course::CourseFiles;

    fn all() -> Args {
        let (principal, external_id) = (None, None);
        Args { modules: Vec::new(), cleanup: false, format: Format::Json, principal, external_id }
    }

    fn names(args: &Args, course: &Course) -> Vec<&'static str> {
        closed(wanted(args, course).unwrap()).iter().map(|fact| fact.name).collect()
    }

    #[test]
    fn a_course_asks_for_what_its_own_facts_need() {
        let index = "id: t\ntitle: {}\nlanguages: []\npages: []\nstacks: {}\nstage: dev\nfirst: []\n\
                     domains: []\nmodules: []\nvalues:\n  v: { facts: [functions], value: f.v, step: 0d }\n";
        let files = CourseFiles::from_pairs([("modules/course.yaml", index)]);
        let small = Course::from_files(files).unwrap();
        assert_eq!(names(&all(), &small), ["functions", "app_stack"], "and what that rests on");
        let embedded = names(&all(), &Course::embedded().unwrap());
        assert!(embedded.contains(&"web_acl") && embedded.contains(&"left_keys"), "{embedded:?}");
    }

    #[test]
    fn a_module_asks_for_its_own_facts_and_for_those_of_the_steps_it_needs() {
        let course = Course::embedded().unwrap();
        let of = |module: u8, cleanup: bool| {
            names(&Args { modules: vec![module], cleanup, ..all() }, &course)
        };
        let zero = of(0, false);
        assert!(!zero.contains(&"web_acl") && !zero.contains(&"left_keys"), "{zero:?}");
        let ten = of(10, false);
        assert!(ten.contains(&"web_acl") && ten.contains(&"app_stack"), "{ten:?}");
        assert!(of(10, true).contains(&"left_keys"));
        assert!(wanted(&Args { modules: vec![77], ..all() }, &course).is_err());
    }

    #[test]
    fn an_external_id_is_one_that_iam_takes() {
        assert!(external_id("sesame-7").is_ok());
        for bad in ["", "x", "with space", "\"}", "é2"] {
            assert!(external_id(bad).is_err(), "{bad}");
        }
    }
}
