//! What must fit together: ids, steps, needs, languages, hints, breaks.

mod checks;
mod index;
mod reflection;

use std::collections::{BTreeMap, BTreeSet};

use super::schema::nearest;
use super::{File, Linter, ModuleFiles};
use crate::course::model::{Action, CheckSpec, CourseIndex, Manifest, StepSpec, Text};

/// Checks the index, the manifests and the checks against each other.
pub(super) fn check(
    linter: &mut Linter<'_>,
    index: &File<'_, CourseIndex>,
    modules: &[ModuleFiles<'_>],
) {
    index::check(linter, index);
    index::orphans(linter, &index.value);
    let known = Known::new(modules);
    for module in modules {
        if let Some(manifest) = &module.manifest {
            check_manifest(linter, index, module, manifest, &known);
            reflection::check(linter, &index.value, manifest);
        }
        if let Some(checks) = &module.checks {
            checks::check(linter, &index.value, module, checks, &known);
        }
    }
    duplicates(linter, modules);
    circles(linter, modules);
}

/// Names that others refer to.
struct Known<'a> {
    steps: BTreeMap<&'a str, &'a StepSpec>,
    checks: BTreeSet<&'a str>,
    /// Whether every manifest and check file parsed, so that a name not found doesn't exist.
    proves: BTreeSet<&'a str>,
}

impl<'a> Known<'a> {
    fn new(modules: &'a [ModuleFiles<'a>]) -> Self {
        let steps = modules.iter().filter_map(|m| m.manifest.as_ref()).flat_map(|m| &m.value.steps);
        let checks: Vec<&CheckSpec> =
            modules.iter().filter_map(|m| m.checks.as_ref()).flat_map(|c| &c.value.0).collect();
        Self {
            steps: steps.map(|s| (s.id.as_str(), s)).collect(),
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

fn is_slug(text: &str) -> bool {
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
    module: &ModuleFiles<'_>,
    file: &File<'_, Manifest>,
    known: &Known<'_>,
) {
    let number = module.entry.number;
    if file.value.module != number {
        let message = format!("this says module {}, its name says {number}", file.value.module);
        linter.out.push(file.at(
            &["module"],
            message,
            format!("write {number}, or rename the file"),
        ));
    }
    if file.value.steps.is_empty() {
        linter.out.push(file.at(
            &["steps"],
            "a module without steps",
            "add a step, or remove the file",
        ));
    }
    for (n, step) in file.value.steps.iter().enumerate() {
        let n = n.to_string();
        let at = |field| ["steps", n.as_str(), field];
        let letter = step.id.strip_prefix(&number.to_string()).unwrap_or_default();
        if letter.len() != 1 || !letter.starts_with(|c: char| c.is_ascii_lowercase()) {
            let message = format!("`{}` is no step of module {number}", step.id);
            linter.out.push(file.at(
                &at("id"),
                message,
                format!("use {number} and a letter: {number}a"),
            ));
        }
        text(linter, file, &at("title"), &step.title, &index.value.languages);
        if !known.proves.contains(step.id.as_str()) {
            let message = format!("no required check proves step {}", step.id);
            let remedy = format!("add one to checks/{}.yaml", module.entry.file_stem());
            linter.out.push(file.at(&at("id"), message, remedy));
        }
        for (i, need) in step.needs.iter().enumerate() {
            if !known.steps.contains_key(need.as_str()) {
                let remedy = meant(need, known.steps.keys().copied(), "name a step of a manifest");
                let at = ["steps", n.as_str(), "needs", &i.to_string()];
                linter.out.push(file.at(&at, format!("there is no step `{need}`"), remedy));
            }
        }
        actions(linter, file, &index.value, &at("solve"), &step.solve);
    }
}

fn actions<T>(
    linter: &mut Linter<'_>,
    file: &File<'_, T>,
    index: &CourseIndex,
    path: &[&str],
    actions: &[Action],
) {
    for (n, action) in actions.iter().enumerate() {
        let n = n.to_string();
        match action {
            Action::Deploy { template, stack, .. } => {
                if linter.files.get(&format!("content/app/{template}")).is_none() {
                    let at = [path, &[&n, "deploy", "template"]].concat();
                    let known: Vec<&str> = linter.files.under("content/app").map(|f| f.0).collect();
                    let remedy = meant(template, known, "name a file of content/app/");
                    linter.out.push(file.at(
                        &at,
                        format!("there is no template `{template}`"),
                        remedy,
                    ));
                }
                let known = index.stacks.keys().chain(index.stacks.values());
                if !known.clone().any(|s| s == stack) {
                    let at = [path, &[&n, "deploy", "stack"]].concat();
                    let remedy = meant(
                        stack,
                        index.stacks.keys().map(String::as_str),
                        "name a stack of `stacks` in modules/course.yaml",
                    );
                    linter.out.push(file.at(&at, format!("there is no stack `{stack}`"), remedy));
                }
            }
            Action::File { path: name, .. } => {
                let inside = |part: &str| !part.is_empty() && part != "." && part != "..";
                if !name.split('/').all(inside) || name.contains('\\') {
                    let at = [path, &[&n, "file", "path"]].concat();
                    linter.out.push(file.at(
                        &at,
                        format!("`{name}` is no path inside the app directory"),
                        "use a relative path without `..`",
                    ));
                }
            }
            Action::Dependencies { dir, .. } => {
                if linter.files.get(&format!("content/app/{dir}/package-lock.json")).is_none() {
                    let at = [path, &[&n, "dependencies", "dir"]].concat();
                    linter.out.push(file.at(
                        &at,
                        format!("there is no package-lock.json in `{dir}`"),
                        "name a directory of content/app/ that has one",
                    ));
                }
            }
            Action::DeleteStack(_) | Action::Http { .. } => {}
        }
    }
}

/// Steps and checks with a name that is taken.
fn duplicates(linter: &mut Linter<'_>, modules: &[ModuleFiles<'_>]) {
    let mut steps = BTreeSet::new();
    let mut checks = BTreeSet::new();
    for module in modules {
        if let Some(file) = &module.manifest {
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
        if let Some(file) = &module.checks {
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
fn circles(linter: &mut Linter<'_>, modules: &[ModuleFiles<'_>]) {
    let files = || modules.iter().filter_map(|m| m.manifest.as_ref());
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
