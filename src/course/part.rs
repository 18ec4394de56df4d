//! The parts of a course: its numbered modules, and the clean-up, which is none of them. What has a
//! page and steps is treated alike; progress, order and the score of a course are its modules'.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::model::{Course, Module, Step, Text};
use super::page::Page;

/// Names a part of a course.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum PartId {
    /// The module of that number.
    Module(u8),
    /// The clean-up.
    Cleanup,
}

impl From<u8> for PartId {
    fn from(number: u8) -> Self {
        Self::Module(number)
    }
}

/// The clean-up's line in `course.yaml`.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct CleanupEntry {
    /// Names the files: `modules/slug.yaml`, `checks/slug.yaml`, `content/LANG/slug.md`.
    pub slug: String,
    /// The page's title.
    pub title: Text,
    /// Honest working time in minutes, waiting included.
    pub minutes: u16,
}

/// The clean-up: a page and checks for everything that the course made. It is asked for by name,
/// and counts neither as progress nor in the score of the modules.
#[derive(Debug, Clone)]
pub struct Cleanup {
    /// The line in `course.yaml`.
    pub entry: CleanupEntry,
    /// Steps in order; empty while there is no manifest.
    pub steps: Vec<Step>,
    /// The pages by language.
    pub pages: BTreeMap<String, Page>,
}

/// What has a page and steps: a module, or the clean-up.
#[derive(Debug, Clone, Copy)]
pub struct Part<'a> {
    /// Which one it is.
    pub id: PartId,
    /// Its slug.
    pub slug: &'a str,
    /// Its title.
    pub title: &'a Text,
    /// Honest working time in minutes, waiting included.
    pub minutes: u16,
    /// Steps in order; empty while it isn't written.
    pub steps: &'a [Step],
    /// Its pages by language.
    pub pages: &'a BTreeMap<String, Page>,
}

impl<'a> Part<'a> {
    /// Whether it has a manifest, so that it can be worked on.
    pub fn is_written(self) -> bool {
        !self.steps.is_empty()
    }

    /// Its page in a language, or in the first language that it is written in.
    pub fn page(self, lang: &str) -> Option<&'a Page> {
        self.pages.get(lang).or_else(|| self.pages.get("en")).or_else(|| self.pages.values().next())
    }
}

impl Module {
    /// The module as a part of its course.
    pub fn part(&self) -> Part<'_> {
        Part {
            id: PartId::Module(self.entry.number),
            slug: &self.entry.slug,
            title: &self.entry.title,
            minutes: self.entry.minutes,
            steps: &self.steps,
            pages: &self.pages,
        }
    }
}

impl Cleanup {
    /// The clean-up as a part of its course.
    pub fn part(&self) -> Part<'_> {
        Part {
            id: PartId::Cleanup,
            slug: &self.entry.slug,
            title: &self.entry.title,
            minutes: self.entry.minutes,
            steps: &self.steps,
            pages: &self.pages,
        }
    }
}

impl Course {
    /// All parts: the modules in order, then the clean-up.
    pub fn parts(&self) -> impl Iterator<Item = Part<'_>> {
        self.modules.iter().map(Module::part).chain(self.cleanup.iter().map(Cleanup::part))
    }

    /// A part by its id.
    pub fn part(&self, id: impl Into<PartId>) -> Option<Part<'_>> {
        let id = id.into();
        self.parts().find(|part| part.id == id)
    }

    /// A step of any part by its id, with its part.
    pub fn step(&self, id: &str) -> Option<(Part<'_>, &Step)> {
        self.parts()
            .flat_map(|part| part.steps.iter().map(move |step| (part, step)))
            .find(|(_, step)| step.spec.id == id)
    }
}
