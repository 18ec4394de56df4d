//! Translated pages beside their source: the same sections in the same order, the same blocks, values
//! and conditions, and not older than it.

use std::collections::BTreeSet;

use super::Linter;
use super::schema::nearest;
use crate::course::diagnostic::Diagnostic;
use crate::course::model::CourseIndex;
use crate::course::page::place_of;
use crate::course::translation::{OPENING, PageSection, sections};
use elements::{Element, elements, tags};

mod elements;

/// Checks each page of each language that pages are translated to. Pages that are missing, or that
/// belong to nothing, are said where pages are read; so is what is no text.
pub(super) fn check(linter: &mut Linter<'_>, index: &CourseIndex) {
    let Some((source, translations)) = index.pages.split_first() else { return };
    let files = linter.files;
    for language in translations {
        for (name, _) in files.under(&format!("content/{source}")) {
            let from = format!("content/{source}/{name}");
            let path = format!("content/{language}/{name}");
            if let (Ok(source), Ok(text)) = (files.text(&from), files.text(&path)) {
                let out = &mut linter.out;
                Pair { from: &from, source, path: &path, text, out }.compare();
            }
        }
    }
}

/// A translated page and its source.
struct Pair<'a> {
    from: &'a str,
    source: &'a str,
    path: &'a str,
    text: &'a str,
    out: &'a mut Vec<Diagnostic>,
}

impl Pair<'_> {
    fn compare(&mut self) {
        let (sources, sections) = (sections(self.source), sections(self.text));
        let rank =
            |section: &PageSection<'_>| sources.iter().position(|source| source.id == section.id);
        let mut reached = 0;
        for (n, section) in sections.iter().enumerate() {
            if sections[..n].iter().any(|other| other.id == section.id) {
                let message = format!("a second heading {{#{}}}", section.id);
                self.say(section.range.start, message, "keep one".to_owned());
                continue;
            }
            let Some(at) = rank(section) else {
                self.extra(section, &sources);
                continue;
            };
            if at < reached {
                let message = format!("{} stands after {}", name(section), name(&sources[reached]));
                let remedy = format!("put the sections in the order of {}", self.from);
                self.say(section.range.start, message, remedy);
            }
            reached = reached.max(at);
            self.section(&sources[at], section);
        }
        for (at, source) in sources.iter().enumerate() {
            if !sections.iter().any(|section| section.id == source.id) {
                let next =
                    sections.iter().find(|section| rank(section).is_some_and(|rank| rank > at));
                self.missing(source, next);
            }
        }
    }

    fn say(&mut self, at: usize, message: String, remedy: String) {
        let place = place_of(self.text, at);
        self.out.push(Diagnostic::at(self.path, self.text, place, message, remedy));
    }

    /// `content/en/00-x.md:12`, for a byte of the source.
    fn place(&self, at: usize) -> String {
        format!("{}:{}", self.from, place_of(self.source, at).0)
    }

    fn extra(&mut self, section: &PageSection<'_>, sources: &[PageSection<'_>]) {
        let message = format!("{} has no such section: `{}`", self.from, section.id);
        let near = nearest(section.id, sources.iter().map(|source| source.id));
        let remedy = near.map_or_else(
            || "take it out, or write it in the source too".to_owned(),
            |near| format!("did you mean `{near}`?"),
        );
        self.say(section.range.start, message, remedy);
    }

    /// Says that a section is missing: where the next one stands, or at the end.
    fn missing(&mut self, source: &PageSection<'_>, next: Option<&PageSection<'_>>) {
        let at = next.map_or(self.text.trim_end().len(), |section| section.range.start);
        let message = format!("{} is missing", name(source));
        let remedy = format!(
            "translate it here, from {}, under `## … {{#{}}}`",
            self.place(source.range.start),
            source.id
        );
        self.say(at, message, remedy);
    }

    /// What differs between a section and its source.
    fn section(&mut self, source: &PageSection<'_>, section: &PageSection<'_>) {
        let (theirs, ours) = (elements(source), elements(section));
        match theirs.iter().zip(&ours).position(|(their, our)| their.what != our.what) {
            None if theirs.len() == ours.len() => {
                for (their, our) in theirs.iter().zip(&ours) {
                    self.code(their, our);
                }
            }
            differs => {
                let at = differs.unwrap_or(theirs.len().min(ours.len()));
                self.structure(section, theirs.get(at), ours.get(at));
            }
        }
        self.values(source, section);
        self.conditions(source, section);
        self.age(source, section);
    }

    /// Says where a section first goes another way than its source.
    fn structure(
        &mut self,
        section: &PageSection<'_>,
        their: Option<&Element>,
        our: Option<&Element>,
    ) {
        let there = their.map(|their| format!("{} ({})", their.what, self.place(their.at)));
        let message = match (there, our) {
            (Some(there), Some(our)) => format!("here is {}, in the source {there}", our.what),
            (Some(there), None) => {
                format!("{} ends here, its source goes on with {there}", name(section))
            }
            (None, our) => {
                let what = our.map_or("", |our| our.what.as_str());
                format!("{what} that the source doesn't have")
            }
        };
        let at = our.map_or(section.range.start + section.text.trim_end().len(), |our| our.at);
        let remedy = "give each paragraph, list item, table row, note and block of the source one of its own, in the same order";
        self.say(at, message, remedy.to_owned());
    }

    /// Says where a block that must be the same differs.
    fn code(&mut self, their: &Element, our: &Element) {
        let (Some(theirs), Some(ours)) = (&their.code, &our.code) else { return };
        if theirs == ours {
            return;
        }
        let line = theirs.lines().zip(ours.lines()).take_while(|(their, our)| their == our).count();
        let there = theirs.lines().nth(line).unwrap_or("the block's end");
        let (first, _) = place_of(self.source, their.at);
        let message = format!("the source has here ({}:{}): {there}", self.from, first + 1 + line);
        let remedy = "copy the block from the source: what is run or written must be the same in every language";
        let place = (place_of(self.text, our.at).0 + 1 + line, 1);
        self.out.push(Diagnostic::at(self.path, self.text, place, message, remedy));
    }

    /// Says which values are there more or less often than in the source.
    fn values(&mut self, source: &PageSection<'_>, section: &PageSection<'_>) {
        let of = |section| {
            tags(section).into_iter().filter(|tag| tag.text.starts_with("{{")).collect::<Vec<_>>()
        };
        let (theirs, ours) = (of(source), of(section));
        let names: BTreeSet<&str> =
            theirs.iter().chain(&ours).map(|tag| tag.text.as_str()).collect();
        for text in names {
            let count = |tags: &[elements::Tag]| tags.iter().filter(|tag| tag.text == text).count();
            let (there, here) = (count(&theirs), count(&ours));
            if there != here {
                let found = ours.iter().rfind(|tag| tag.text == text);
                let at = found.map_or(section.range.start, |tag| tag.at);
                let message =
                    format!("`{text}` is here {}, in the source {}", times(here), times(there));
                let remedy = format!("name the same values as {}", self.place(source.range.start));
                self.say(at, message, remedy);
            }
        }
    }

    /// Says where conditions first differ.
    fn conditions(&mut self, source: &PageSection<'_>, section: &PageSection<'_>) {
        let of = |section| {
            tags(section).into_iter().filter(|tag| tag.text.starts_with("{%")).collect::<Vec<_>>()
        };
        let (theirs, ours) = (of(source), of(section));
        let same =
            theirs.iter().zip(&ours).take_while(|(their, our)| their.text == our.text).count();
        let (their, our) = (theirs.get(same), ours.get(same));
        if their.is_none() && our.is_none() {
            return;
        }
        let message = match (their, our) {
            (Some(their), _) => {
                format!("the source has `{}` here ({})", their.text, self.place(their.at))
            }
            (None, _) => "a condition that the source doesn't have".to_owned(),
        };
        let at = our.map_or(section.range.start + section.text.trim_end().len(), |our| our.at);
        self.say(at, message, "keep the source's conditions, in their order".to_owned());
    }

    /// Says when a section is older than its source.
    fn age(&mut self, source: &PageSection<'_>, section: &PageSection<'_>) {
        let there = self.place(source.range.start);
        let message = match section.stamp() {
            Some(stamp) if stamp == source.fingerprint() => return,
            Some(_) => format!("{} is older than its source ({there})", name(section)),
            None => {
                format!(
                    "{} has no stamp, so it may be older than its source ({there})",
                    name(section)
                )
            }
        };
        let remedy = format!(
            "make it say what the source says now, then: stepproof course stamp {}#{}",
            self.path, section.id
        );
        self.say(section.range.start, message, remedy);
    }
}

/// How a section is called.
fn name(section: &PageSection<'_>) -> String {
    match section.id {
        OPENING => "the opening".to_owned(),
        "look-back" => "the look back".to_owned(),
        id => format!("step {id}"),
    }
}

fn times(count: usize) -> String {
    match count {
        0 => "not once".to_owned(),
        1 => "once".to_owned(),
        n => format!("{n} times"),
    }
}
