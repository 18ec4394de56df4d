//! From files to a typed [`Course`]: strict parsing, one diagnostic a file at least.

use std::collections::BTreeMap;
use std::path::Path;

use serde::de::DeserializeOwned;
use serde_yaml::{Error as YamlError, MessageFormatter, UserMessageFormatter};

use super::diagnostic::{CourseError, Diagnostic};
use super::files::CourseFiles;
use super::model::{
    Attack, CheckFile, CheckSpec, Course, CourseIndex, Manifest, Module, Question, Step,
};
use super::page::Page;
use super::part::Cleanup;

/// The course's index.
pub(super) const INDEX: &str = "modules/course.yaml";

impl Course {
    /// The course that the binary holds.
    ///
    /// # Errors
    /// Never for a released binary: the course's own test refuses it.
    pub fn embedded() -> Result<Self, CourseError> {
        Self::from_files(CourseFiles::embedded())
    }

    /// The course in a directory.
    ///
    /// # Errors
    /// When files are missing or wrong; every file that can't be read is named.
    pub fn load(dir: &Path) -> Result<Self, CourseError> {
        Self::from_files(CourseFiles::load(dir)?)
    }

    /// The course in some files.
    ///
    /// # Errors
    /// When files are missing or wrong; every file that can't be read is named. What parses but
    /// doesn't fit together is [`lint`](super::lint)'s to find.
    pub fn from_files(files: CourseFiles) -> Result<Self, CourseError> {
        let index: CourseIndex = parse(&files, INDEX)?;
        let mut wrong = Vec::new();
        let mut modules = Vec::new();
        for entry in &index.modules {
            match read_part(&files, &index, &entry.file_stem()) {
                Ok(Read { steps, attack, questions, pages }) => {
                    let entry = entry.clone();
                    modules.push(Module { entry, steps, attack, questions, pages });
                }
                Err(error) => wrong.extend(error.0),
            }
        }
        let mut cleanup = None;
        if let Some(entry) = &index.cleanup {
            match read_part(&files, &index, &entry.slug) {
                Ok(Read { steps, pages, .. }) => {
                    cleanup = Some(Cleanup { entry: entry.clone(), steps, pages });
                }
                Err(error) => wrong.extend(error.0),
            }
        }
        CourseError::from_list(wrong)?;
        modules.sort_by_key(|m| m.entry.number);
        Ok(Self { sha256: files.sha256(), index, modules, cleanup, files })
    }
}

/// What the files of a module or the clean-up say.
struct Read {
    steps: Vec<Step>,
    attack: Option<Attack>,
    questions: Vec<Question>,
    pages: BTreeMap<String, Page>,
}

/// The steps and the pages of a module or the clean-up.
fn read_part(files: &CourseFiles, index: &CourseIndex, stem: &str) -> Result<Read, CourseError> {
    let manifest = format!("modules/{stem}.yaml");
    let checks = format!("checks/{stem}.yaml");
    let mut wrong = Vec::new();
    let mut keep = |error: Diagnostic| wrong.push(error);
    let mut steps: Vec<Step> = Vec::new();
    let (mut attack, mut questions) = (None, Vec::new());
    if files.get(&manifest).is_some() {
        match parse::<Manifest>(files, &manifest) {
            Ok(manifest) => {
                steps.extend(manifest.steps.into_iter().map(|spec| Step { spec, checks: vec![] }));
                (attack, questions) = (manifest.attack, manifest.questions);
            }
            Err(error) => keep(error),
        }
    }
    if files.get(&checks).is_some() {
        match parse::<CheckFile>(files, &checks) {
            Ok(CheckFile(list)) => attach(&mut steps, list),
            Err(error) => keep(error),
        }
    }
    let mut pages = BTreeMap::new();
    for lang in &index.pages {
        let path = format!("content/{lang}/{stem}.md");
        if files.get(&path).is_none() {
            continue;
        }
        match files.text(&path) {
            Ok(text) => drop(pages.insert(lang.clone(), Page::new(&path, text))),
            Err(error) => keep(error),
        }
    }
    CourseError::from_list(wrong)?;
    Ok(Read { steps, attack, questions, pages })
}

/// Gives each step its checks. A check of an unknown step proves nothing; lint names it.
fn attach(steps: &mut [Step], checks: Vec<CheckSpec>) {
    for check in checks {
        if let Some(step) = steps.iter_mut().find(|s| s.spec.id == check.step) {
            step.checks.push(check);
        }
    }
}

/// Parses one YAML file strictly.
pub(super) fn parse<T: DeserializeOwned>(files: &CourseFiles, path: &str) -> Result<T, Diagnostic> {
    let text = files.text(path)?;
    parse_text(path, text)
}

/// Parses YAML text strictly.
pub(crate) fn parse_text<T: DeserializeOwned>(path: &str, text: &str) -> Result<T, Diagnostic> {
    serde_yaml::from_str_with_options(text, options()).map_err(|e| of_yaml(path, text, &e))
}

/// Duplicate keys are refused, and an error's text doesn't repeat the file.
pub(super) fn options() -> serde_yaml::Options {
    let mut options = serde_yaml::Options::default();
    options.with_snippet = false;
    options
}

pub(super) fn of_yaml(path: &str, text: &str, error: &YamlError) -> Diagnostic {
    let message = UserMessageFormatter.format_message(error.without_snippet()).into_owned();
    let place = error.location().map_or((1, 1), |at| {
        (usize::try_from(at.line()).unwrap_or(1), usize::try_from(at.column()).unwrap_or(1))
    });
    let remedy = "see the file's JSON schema in modules/schema/ for what may stand here";
    Diagnostic::at(path, text, place, message, remedy)
}
