//! What must fit together: ids, steps, needs, languages, hints, breaks.

mod actions;
mod checks;
mod index;
mod reflection;

use std::collections::{BTreeMap, BTreeSet};

use actions::actions;

use super::schema::nearest;
use super::{File, Linter, PartFiles};
use crate::course::model::{CheckSpec, CourseIndex, Manifest, StepSpec, Text};
use crate::course::part::PartId;

/// Checks the index, the manifests and the checks against each other.
pub(super) fn check(
    linter: &mut Linter<'_>,
    index: &File<'_, CourseIndex>,
    parts: &[PartFiles<'_>],
) {
    index::check(linter, index);
    index::orphans(linter, &index.value);
    let known = Known::new(parts);
    for part in parts {
        if let Some(manifest) = &part.manifest {
            check_manifest(linter, index, part, manifest, &known);
            reflection::check(linter, &index.value, part, manifest);
        }
        if let Some(checks) = &part.checks {
            checks::check(linter, &index.value, part, checks, &known);
        }
    }
    duplicates(linter, parts);
    circles(linter, parts);
}

/// Names that others refer to.
struct Known<'a> {
    /// Steps by id: whether they are the clean-up's, and what the manifest says of them.
    steps: BTreeMap<&'a str, (bool, &'a StepSpec)>,
    checks: BTreeSet<&'a str>,
    /// Whether every manifest and check file parsed, so that a name not found doesn't exist.
    proves: BTreeSet<&'a str>,
}

impl<'a> Known<'a> {
    fn new(parts: &'a [PartFiles<'a>]) -> Self {
        let steps = parts.iter().flat_map(|part| {
            let steps = part.manifest.iter().flat_map(|manifest| &manifest.value.steps);
            steps.map(|step| (step.id.as_str(), (part.id == PartId::Cleanup, step)))
        });
        let checks: Vec<&CheckSpec> =
            parts.iter().filter_map(|p| p.checks.as_ref()).flat_map(|c| &c.value.0).collect();
        Self {
            steps: steps.collect(),
            checks: checks.iter().map(|c| c.check.as_str()).collect(),
            proves: checks.iter().filter(|c| !c.optional).map(|c| c.step.as_str()).collect(),
        }
    }
}

/// `did you mean …?`, or what to do otherwise.
fn meant<'n>(name: &str, known: impl IntoIterator<Item = &'n str>, otherwise: &str) -> String {
    nearest(name, known)
        .map_or_else(|| otherwise.to_owned(), |near| format!("did you mean `{near}`?"))
}

/// Whether a text is made as ids and names are: of a-z, 0-9 and `-`.
pub fn is_slug(text: &str) -> bool {
    !text.is_empty()
        && text.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-')
}

/// Says which languages a text lacks.
fn text<T>(
    linter: &mut Linter<'_>,
    file: &File<'_, T>,
    path: &[&str],
    text: &Text,
    languages: &[String],
) {
    for language in languages {
        if text.0.get(language).is_none_or(|t| t.trim().is_empty()) {
            let remedy = format!("add `{language}:` with the translation");
            linter.out.push(file.at(path, format!("no text in `{language}`"), remedy));
        }
    }
    for language in text.0.keys().filter(|l| !languages.contains(l)) {
        let message = format!("`{language}` is no language of this course");
        let remedy = meant(
            language,
            languages.iter().map(String::as_str),
            "add it to `languages` in modules/course.yaml",
        );
        linter.out.push(file.at_key(&[path, &[language]].concat(), message, remedy));
    }
}

fn check_manifest(
    linter: &mut Linter<'_>,
    index: &File<'_, CourseIndex>,
    part: &PartFiles<'_>,
    file: &File<'_, Manifest>,
    known: &Known<'_>,
) {
    check_number(linter, part, file);
    if file.value.steps.is_empty() {
        linter.out.push(file.at(
            &["steps"],
            "a module without steps",
            "add a step, or remove the file",
        ));
    }
    let letters = match part.id {
        PartId::Module(number) => number.to_string(),
        PartId::Cleanup => "c".to_owned(),
    };
    for (n, step) in file.value.steps.iter().enumerate() {
        let n = n.to_string();
        let at = |field| ["steps", n.as_str(), field];
        let letter = step.id.strip_prefix(&letters).unwrap_or_default();
        if letter.len() != 1 || !letter.starts_with(|c: char| c.is_ascii_lowercase()) {
            let message = format!("`{}` is no step of {}", step.id, part.name());
            let remedy = format!("use {letters} and a letter: {letters}a");
            linter.out.push(file.at(&at("id"), message, remedy));
        }
        text(linter, file, &at("title"), &step.title, &index.value.languages);
        if !known.proves.contains(step.id.as_str()) {
            let message = format!("no required check proves step {}", step.id);
            let remedy = format!("add one to checks/{}.yaml", part.stem);
            linter.out.push(file.at(&at("id"), message, remedy));
        }
        needs(linter, part, file, (&n, step), known);
        actions(linter, file, &index.value, &at("solve"), &step.solve);
    }
}

/// A module's manifest repeats the module's number; the clean-up has none.
fn check_number(linter: &mut Linter<'_>, part: &PartFiles<'_>, file: &File<'_, Manifest>) {
    let (message, remedy) = match (file.value.module, part.id) {
        (Some(said), PartId::Module(number)) if said != number => (
            format!("this says module {said}, its name says {number}"),
            format!("write {number}, or rename the file"),
        ),
        (None, PartId::Module(number)) => {
            ("`module` is missing".to_owned(), format!("add `module: {number}`"))
        }
        (Some(_), PartId::Cleanup) => {
            ("the clean-up is no module".to_owned(), "take the number out".to_owned())
        }
        _ => return,
    };
    linter.out.push(file.at(&["module"], message, remedy));
}

/// What a step needs must exist, and be able to stand beside it: the clean-up takes away what the
/// modules' steps prove.
fn needs(
    linter: &mut Linter<'_>,
    part: &PartFiles<'_>,
    file: &File<'_, Manifest>,
    (n, step): (&str, &StepSpec),
    known: &Known<'_>,
) {
    for (i, need) in step.needs.iter().enumerate() {
        let at = ["steps", n, "needs", &i.to_string()];
        match known.steps.get(need.as_str()) {
            None => {
                let remedy = meant(need, known.steps.keys().copied(), "name a step of a manifest");
                linter.out.push(file.at(&at, format!("there is no step `{need}`"), remedy));
            }
            Some((cleanup, _)) if *cleanup != (part.id == PartId::Cleanup) => {
                let message = format!("`{need}` can't be proven while `{}` is", step.id);
                let remedy = "the clean-up needs steps of its own alone, and no module needs one";
                linter.out.push(file.at(&at, message, remedy));
            }
            Some(_) => {}
        }
    }
}

/// Steps and checks with a name that is taken.
fn duplicates(linter: &mut Linter<'_>, parts: &[PartFiles<'_>]) {
    let mut steps = BTreeSet::new();
    let mut checks = BTreeSet::new();
    for part in parts {
        if let Some(file) = &part.manifest {
            for (n, step) in file.value.steps.iter().enumerate() {
                if !steps.insert(&step.id) {
                    let at = ["steps", &n.to_string(), "id"];
                    linter.out.push(file.at(
                        &at,
                        format!("step `{}` is there twice", step.id),
                        "rename one",
                    ));
                }
            }
        }
        if let Some(file) = &part.checks {
            for (n, check) in file.value.0.iter().enumerate() {
                if !checks.insert(&check.check) {
                    let at = [&n.to_string(), "check"];
                    linter.out.push(file.at(
                        &at,
                        format!("check `{}` is there twice", check.check),
                        "rename one",
                    ));
                }
            }
        }
    }
}

/// Steps that need each other: neither could ever be judged.
fn circles(linter: &mut Linter<'_>, parts: &[PartFiles<'_>]) {
    let files = || parts.iter().filter_map(|part| part.manifest.as_ref());
    let needs: BTreeMap<&str, &[String]> =
        files().flat_map(|f| &f.value.steps).map(|s| (s.id.as_str(), s.needs.as_slice())).collect();
    let reaches_itself = |start: &str| {
        let mut seen = BTreeSet::new();
        let mut open: Vec<&str> = vec![start];
        while let Some(id) = open.pop() {
            for need in needs.get(id).copied().unwrap_or_default() {
                if need == start {
                    return true;
                }
                if seen.insert(need.as_str()) {
                    open.push(need);
                }
            }
        }
        false
    };
    for file in files() {
        for (n, step) in file.value.steps.iter().enumerate().filter(|(_, s)| reaches_itself(&s.id))
        {
            let at = ["steps", &n.to_string(), "needs"];
            linter.out.push(file.at(
                &at,
                format!("step `{}` needs itself, by way of others", step.id),
                "take one need out of the circle",
            ));
        }
    }
}
