//! The course's index: its languages, domains and modules, and files that it doesn't name.

use std::collections::BTreeSet;

use super::{is_slug, meant, text};
use crate::course::diagnostic::Diagnostic;
use crate::course::lint::{File, Linter};
use crate::course::load::INDEX;
use crate::course::model::{CourseIndex, ModuleEntry};

pub(super) fn check(linter: &mut Linter<'_>, file: &File<'_, CourseIndex>) {
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
    check_cleanup(linter, file);
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
        slug(linter, file, &at("slug"), &module.slug);
        if index.modules.iter().filter(|m| m.number == module.number).count() > 1 {
            linter.out.push(file.at(
                &at("number"),
                format!("module {} is there twice", module.number),
                "renumber one",
            ));
        }
    }
}

fn check_cleanup(linter: &mut Linter<'_>, file: &File<'_, CourseIndex>) {
    let Some(cleanup) = &file.value.cleanup else { return };
    text(linter, file, &["cleanup", "title"], &cleanup.title, &file.value.languages);
    slug(linter, file, &["cleanup", "slug"], &cleanup.slug);
    // Its files stand beside the modules': `01-…` and `course` are taken.
    if cleanup.slug == "course" || cleanup.slug.starts_with(|c: char| c.is_ascii_digit()) {
        let message = format!("`{}` would be another file's name", cleanup.slug);
        linter.out.push(file.at(&["cleanup", "slug"], message, "use a word such as `cleanup`"));
    }
}

fn slug(linter: &mut Linter<'_>, file: &File<'_, CourseIndex>, path: &[&str], slug: &str) {
    if !is_slug(slug) {
        linter.out.push(file.at(path, format!("`{slug}` is no slug"), "use a-z, 0-9 and -"));
    }
}

/// Files of modules that the index doesn't name.
pub(super) fn orphans(linter: &mut Linter<'_>, index: &CourseIndex) {
    let stems = index.modules.iter().map(ModuleEntry::file_stem);
    let stems = stems.chain(index.cleanup.iter().map(|cleanup| cleanup.slug.clone()));
    let named: BTreeSet<String> = stems.map(|stem| format!("{stem}.yaml")).collect();
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
