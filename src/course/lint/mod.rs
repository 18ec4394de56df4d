//! `stepproof course lint`: everything that is wrong with a course, each with its place.
//!
//! - [`shape`]: unknown and missing fields, against the files' own JSON schemas
//! - [`structure`]: ids, steps, languages, hints, breaks: what must fit together
//! - [`expressions`]: CEL and templates, against the facts' schemas
//! - [`pages`]: headings, blocks, diffs, values
//! - [`translations`]: translated pages beside their source

mod expressions;
mod infer;
mod pages;
mod schema;
mod schemas;
mod shape;
mod structure;
#[cfg(test)]
mod tests;
mod translations;
mod tree;

use std::collections::BTreeMap;

use serde::de::DeserializeOwned;
use serde_json::Value;

pub(crate) use schema::nearest;
pub use schemas::schemas;
pub use structure::is_slug;

use super::diagnostic::{CourseError, Diagnostic};
use super::files::CourseFiles;
use super::load::{INDEX, parse_text};
use super::model::{CheckFile, CourseIndex, Manifest};
use super::part::PartId;
use tree::Node;

/// The facts that a course may name, with their JSON schemas.
#[derive(Debug, Clone, Default)]
pub struct Catalogue(BTreeMap<String, Value>);

impl Catalogue {
    /// Facts by name.
    pub fn new(facts: impl IntoIterator<Item = (String, Value)>) -> Self {
        Self(facts.into_iter().collect())
    }

    fn get(&self, name: &str) -> Option<&Value> {
        self.0.get(name)
    }

    fn names(&self) -> impl Iterator<Item = &str> {
        self.0.keys().map(String::as_str)
    }
}

/// Checks a whole course.
///
/// # Errors
/// Every diagnostic, in the order of files and lines.
pub fn lint(files: &CourseFiles, catalogue: &Catalogue) -> Result<(), CourseError> {
    let mut linter = Linter { files, catalogue, out: Vec::new(), unread: false };
    if let Some(index) = linter.read::<CourseIndex>(INDEX, "course") {
        let parts = linter.parts(&index.value);
        // What refers to a file that doesn't parse can't be judged: first things first.
        if linter.unread {
            return CourseError::from_list(linter.out);
        }
        structure::check(&mut linter, &index, &parts);
        expressions::check(&mut linter, &index, &parts);
        pages::check(&mut linter, &index, &parts);
        translations::check(&mut linter, &index.value);
    }
    CourseError::from_list(linter.out)
}

/// A lint under way.
struct Linter<'a> {
    files: &'a CourseFiles,
    catalogue: &'a Catalogue,
    out: Vec<Diagnostic>,
    /// Whether a file could not be parsed.
    unread: bool,
}

/// A parsed file with its tree.
struct File<'a, T> {
    path: String,
    text: &'a str,
    tree: Node,
    value: T,
}

/// The files of a module or the clean-up, as far as they exist and parse.
struct PartFiles<'a> {
    id: PartId,
    /// What the files are called: `01-authentication`, `cleanup`.
    stem: String,
    manifest: Option<File<'a, Manifest>>,
    checks: Option<File<'a, CheckFile>>,
}

impl PartFiles<'_> {
    /// How messages call it.
    fn name(&self) -> String {
        match self.id {
            PartId::Module(number) => format!("module {number}"),
            PartId::Cleanup => "the clean-up".to_owned(),
        }
    }
}

impl<'a> Linter<'a> {
    fn parts(&mut self, index: &CourseIndex) -> Vec<PartFiles<'a>> {
        let modules = index.modules.iter().map(|m| (PartId::Module(m.number), m.file_stem()));
        let cleanup = index.cleanup.iter().map(|c| (PartId::Cleanup, c.slug.clone()));
        let mut parts = Vec::new();
        for (id, stem) in modules.chain(cleanup) {
            let (manifest, checks) =
                (format!("modules/{stem}.yaml"), format!("checks/{stem}.yaml"));
            let exists = |path: &str| self.files.get(path).is_some();
            let (has_manifest, has_checks) = (exists(&manifest), exists(&checks));
            let manifest = if has_manifest { self.read(&manifest, "module") } else { None };
            let checks = if has_checks { self.read(&checks, "checks") } else { None };
            parts.push(PartFiles { id, stem, manifest, checks });
        }
        parts
    }

    /// Reads a file, and says everything that is wrong with its shape.
    fn read<T: DeserializeOwned>(&mut self, path: &str, schema: &str) -> Option<File<'a, T>> {
        let text = match self.files.text(path) {
            Ok(text) => text,
            Err(error) => {
                self.out.push(error);
                return None;
            }
        };
        let tree = Node::parse(text);
        let before = self.out.len();
        if let Some(tree) = &tree {
            let schemas = schemas::by_name();
            shape::check(path, text, tree, schema::Schema::new(&schemas[schema]), &mut self.out);
        }
        match (parse_text(path, text), tree) {
            (Ok(value), Some(tree)) => Some(File { path: path.to_owned(), text, tree, value }),
            (Err(error), _) => {
                self.unread = true;
                // The shape's diagnostics say it better, and say all of it.
                if self.out.len() == before {
                    self.out.push(error);
                }
                None
            }
            (Ok(_), None) => None,
        }
    }
}

impl<T> File<'_, T> {
    /// A diagnostic about the value at a path.
    fn at(
        &self,
        path: &[&str],
        message: impl Into<String>,
        remedy: impl Into<String>,
    ) -> Diagnostic {
        Diagnostic::at(&self.path, self.text, self.tree.place_of(path), message, remedy)
    }

    /// A diagnostic about the key at a path.
    fn at_key(
        &self,
        path: &[&str],
        message: impl Into<String>,
        remedy: impl Into<String>,
    ) -> Diagnostic {
        Diagnostic::at(&self.path, self.text, self.tree.place_of_key(path), message, remedy)
    }

    /// A diagnostic about a character of the text at a path.
    fn inside(
        &self,
        path: &[&str],
        offset: usize,
        message: impl Into<String>,
        remedy: impl Into<String>,
    ) -> Diagnostic {
        let place = self.tree.place_inside(self.text, path, offset);
        Diagnostic::at(&self.path, self.text, place, message, remedy)
    }
}
