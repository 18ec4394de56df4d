//! What must fit together: ids, steps, needs, languages, hints, breaks.

use std::collections::{BTreeMap, BTreeSet};

use super::schema::nearest;
use super::{File, Linter, ModuleFiles};
use crate::course::diagnostic::Diagnostic;
use crate::course::load::INDEX;
use crate::course::model::{Action, CheckFile, CheckSpec, CourseIndex, Manifest, StepSpec, Text};

/// Checks the index, the manifests and the checks against each other.
pub(super) fn check(
    linter: &mut Linter<'_>,
    index: &File<'_, CourseIndex>,
    modules: &[ModuleFiles<'_>],
) {
    check_index(linter, index);
    orphans(linter, &index.value);
    let known = Known::new(modules);
    for module in modules {
        if let Some(manifest) = &module.manifest {
            check_manifest(linter, index, module, manifest, &known);
        }
        if let Some(checks) = &module.checks {
            check_checks(linter, &index.value, module, checks, &known);
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

fn check_index(linter: &mut Linter<'_>, file: &File<'_, CourseIndex>) {
    let index = &file.value;
    let languages = &index.languages;
    if !is_slug(&index.id) {
        linter.out.push(file.at(&["id"], format!("`{}` is no id", index.id), "use a-z, 0-9 and -"));
    }
    if !languages.iter().any(|l| l == "en") {
        linter.out.push(file.at(
            &["languages"],
            "`en` is missing",
            "every course is written in English too",
        ));
    }
    text(linter, file, &["title"], &index.title, languages);
    for (n, page) in index.pages.iter().enumerate() {
        if !languages.contains(page) {
            let message = format!("`{page}` isn't in `languages`");
            linter.out.push(file.at(
                &["pages", &n.to_string()],
                message,
                "add it there, or take it out here",
            ));
        }
    }
    check_domains(linter, file);
    check_entries(linter, file);
    for (n, number) in index.first.iter().enumerate() {
        if !index.modules.iter().any(|m| m.number == *number) {
            linter.out.push(file.at(
                &["first", &n.to_string()],
                format!("there is no module {number}"),
                "name a module of `modules`",
            ));
        }
    }
}

fn check_domains(linter: &mut Linter<'_>, file: &File<'_, CourseIndex>) {
    let index = &file.value;
    for (n, domain) in index.domains.iter().enumerate() {
        let n = n.to_string();
        text(linter, file, &["domains", &n, "title"], &domain.title, &index.languages);
        if index.domains.iter().filter(|d| d.id == domain.id).count() > 1 {
            linter.out.push(file.at(
                &["domains", &n, "id"],
                format!("domain `{}` is there twice", domain.id),
                "rename one",
            ));
        }
    }
}

fn check_entries(linter: &mut Linter<'_>, file: &File<'_, CourseIndex>) {
    let index = &file.value;
    for (n, module) in index.modules.iter().enumerate() {
        let n = n.to_string();
        let at = |field| ["modules", n.as_str(), field];
        text(linter, file, &at("title"), &module.title, &index.languages);
        if !index.domains.iter().any(|d| d.id == module.domain) {
            let remedy = meant(
                &module.domain,
                index.domains.iter().map(|d| d.id.as_str()),
                "add it to `domains`",
            );
            linter.out.push(file.at(
                &at("domain"),
                format!("there is no domain `{}`", module.domain),
                remedy,
            ));
        }
        if !is_slug(&module.slug) {
            linter.out.push(file.at(
                &at("slug"),
                format!("`{}` is no slug", module.slug),
                "use a-z, 0-9 and -",
            ));
        }
        if index.modules.iter().filter(|m| m.number == module.number).count() > 1 {
            linter.out.push(file.at(
                &at("number"),
                format!("module {} is there twice", module.number),
                "renumber one",
            ));
        }
    }
}

/// Files of modules that the index doesn't name.
fn orphans(linter: &mut Linter<'_>, index: &CourseIndex) {
    let named: BTreeSet<String> =
        index.modules.iter().map(|m| format!("{}.yaml", m.file_stem())).collect();
    for dir in ["modules", "checks"] {
        for (name, _) in linter.files.under(dir) {
            let path = format!("{dir}/{name}");
            if path != INDEX && !named.contains(name) {
                let remedy =
                    "name it after a module of modules/course.yaml (NN-slug.yaml), or remove it";
                linter.out.push(Diagnostic::of_file(path, "belongs to no module", remedy));
            }
        }
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

fn check_checks(
    linter: &mut Linter<'_>,
    index: &CourseIndex,
    module: &ModuleFiles<'_>,
    file: &File<'_, CheckFile>,
    known: &Known<'_>,
) {
    let own: Vec<&str> =
        module.manifest.iter().flat_map(|m| &m.value.steps).map(|s| s.id.as_str()).collect();
    for (n, check) in file.value.0.iter().enumerate() {
        let n = n.to_string();
        let at = |field| [n.as_str(), field];
        if !is_slug(&check.check) {
            linter.out.push(file.at(
                &at("check"),
                format!("`{}` is no name of a check", check.check),
                "use a-z, 0-9 and -",
            ));
        }
        if !own.contains(&check.step.as_str()) {
            let message = format!("module {} has no step `{}`", module.entry.number, check.step);
            let remedy = meant(&check.step, own.iter().copied(), "name a step of its manifest");
            linter.out.push(file.at(&at("step"), message, remedy));
        }
        if check.offenders.is_none() && check.expect.is_none() {
            let message = format!("`{}` has neither `offenders` nor `expect`", check.check);
            linter.out.push(file.at(
                &at("check"),
                message,
                "say what must come out empty, or true",
            ));
        }
        if check.each.is_some() && check.offenders.is_none() {
            linter.out.push(file.at_key(&at("each"), "`each` without `offenders`", "take it out"));
        }
        text(linter, file, &at("fail"), &check.fail, &index.languages);
        if let Some(pass) = &check.pass {
            text(linter, file, &at("pass"), pass, &index.languages);
        }
        for (i, case) in check.cases.iter().enumerate() {
            text(
                linter,
                file,
                &[&n, "cases", &i.to_string(), "fail"],
                &case.fail,
                &index.languages,
            );
        }
        hints(linter, file, index, &n, check);
        breaks(linter, file, index, &n, check, known);
    }
}

fn hints(
    linter: &mut Linter<'_>,
    file: &File<'_, CheckFile>,
    index: &CourseIndex,
    n: &str,
    check: &CheckSpec,
) {
    let rungs = check.hints.get("en").map_or(0, Vec::len);
    for language in &index.languages {
        match check.hints.get(language) {
            None => {
                let remedy = format!("add `{language}:` with {rungs} hints");
                linter.out.push(file.at(
                    &[n, "hints"],
                    format!("no hints in `{language}`"),
                    remedy,
                ));
            }
            Some(list) if list.is_empty() => {
                linter.out.push(file.at(
                    &[n, "hints", language],
                    "no hint",
                    "say where, what, and the command",
                ));
            }
            Some(list) if list.len() != rungs && rungs > 0 => {
                let message = format!("{} hints in `{language}`, {rungs} in `en`", list.len());
                linter.out.push(file.at(
                    &[n, "hints", language],
                    message,
                    "give every language the same ladder",
                ));
            }
            Some(list) => {
                for i in
                    list.iter().enumerate().filter(|(_, hint)| hint.trim().is_empty()).map(|e| e.0)
                {
                    linter.out.push(file.at(
                        &[n, "hints", language, &i.to_string()],
                        "an empty hint",
                        "write it, or take it out",
                    ));
                }
            }
        }
    }
    for language in check.hints.keys().filter(|l| !index.languages.contains(l)) {
        let message = format!("`{language}` is no language of this course");
        linter.out.push(file.at_key(
            &[n, "hints", language],
            message,
            "add it to `languages` in modules/course.yaml",
        ));
    }
}

fn breaks(
    linter: &mut Linter<'_>,
    file: &File<'_, CheckFile>,
    index: &CourseIndex,
    n: &str,
    check: &CheckSpec,
    known: &Known<'_>,
) {
    if check.breaks.is_empty() {
        let message =
            format!("nothing breaks `{}`: a check that can't fail proves nothing", check.check);
        linter.out.push(file.at(
            &[n, "breaks"],
            message,
            "add a change to the solved account that must turn it red",
        ));
    }
    for (i, change) in check.breaks.iter().enumerate() {
        let i = i.to_string();
        if change.actions.is_empty() {
            linter.out.push(file.at(
                &[n, "breaks", &i, "do"],
                "a break that does nothing",
                "add an action",
            ));
        }
        actions(linter, file, index, &[n, "breaks", &i, "do"], &change.actions);
        for (j, also) in change.also.iter().enumerate() {
            let at = [n, "breaks", &i, "also", &j.to_string()];
            if *also == check.check {
                linter.out.push(file.at(
                    &at,
                    "a check turns red by its own break anyway",
                    "take it out",
                ));
            } else if !known.checks.contains(also.as_str()) {
                let remedy =
                    meant(also, known.checks.iter().copied(), "name a check of the course");
                linter.out.push(file.at(&at, format!("there is no check `{also}`"), remedy));
            }
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
