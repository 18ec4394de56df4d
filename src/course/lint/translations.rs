//! Translated pages beside their source: the same parts in the same order, the same blocks, values
//! and conditions, and not older than it.

use std::collections::BTreeSet;

use super::Linter;
use super::schema::nearest;
use crate::course::diagnostic::Diagnostic;
use crate::course::model::CourseIndex;
use crate::course::page::place_of;
use crate::course::translation::{OPENING, Part, parts};
use elements::{Element, elements, tags};

mod elements;

/// Checks each page of each language that pages are translated to.
pub(super) fn check(linter: &mut Linter<'_>, index: &CourseIndex) {
    let Some((source, translations)) = index.pages.split_first() else { return };
    for language in translations {
        let files = linter.files;
        let names = |language: &str| -> BTreeSet<String> {
            let dir = format!("content/{language}");
            let pages = files.under(&dir).map(|(name, _)| name.to_owned());
            pages.filter(|name| !name.contains('/')).collect()
        };
        let (sources, pages) = (names(source), names(language));
        for name in sources.union(&pages) {
            let from = format!("content/{source}/{name}");
            let path = format!("content/{language}/{name}");
            match (sources.contains(name), pages.contains(name)) {
                (true, true) => compare_files(linter, &from, &path),
                // Numbered ones are said already: they belong to a module, or to none.
                _ if name.starts_with(|c: char| c.is_ascii_digit()) => {}
                (true, _) => linter.out.push(Diagnostic::of_file(
                    path,
                    "the page isn't translated",
                    format!("translate {from}, or take `{language}` out of `pages` in modules/course.yaml"),
                )),
                (false, _) => linter.out.push(Diagnostic::of_file(
                    path,
                    "the page translates nothing",
                    format!("write {from}, or remove it"),
                )),
            }
        }
    }
}

fn compare_files(linter: &mut Linter<'_>, from: &str, path: &str) {
    // What is no text is said where pages are read.
    let (Ok(source), Ok(text)) = (linter.files.text(from), linter.files.text(path)) else { return };
    let mut pair = Pair { from, source, path, text, out: &mut linter.out };
    pair.compare();
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
        let (sources, parts) = (parts(self.source), parts(self.text));
        let rank = |part: &Part<'_>| sources.iter().position(|source| source.id == part.id);
        let mut reached = 0;
        for (n, part) in parts.iter().enumerate() {
            if parts[..n].iter().any(|other| other.id == part.id) {
                let message = format!("a second heading {{#{}}}", part.id);
                self.say(part.range.start, message, "keep one".to_owned());
                continue;
            }
            let Some(at) = rank(part) else {
                self.extra(part, &sources);
                continue;
            };
            if at < reached {
                let message = format!("{} stands after {}", name(part), name(&sources[reached]));
                let remedy = format!("put the parts in the order of {}", self.from);
                self.say(part.range.start, message, remedy);
            }
            reached = reached.max(at);
            self.part(&sources[at], part);
        }
        for (at, source) in sources.iter().enumerate() {
            if !parts.iter().any(|part| part.id == source.id) {
                let next = parts.iter().find(|part| rank(part).is_some_and(|rank| rank > at));
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

    fn extra(&mut self, part: &Part<'_>, sources: &[Part<'_>]) {
        let message = format!("{} has no such part: `{}`", self.from, part.id);
        let near = nearest(part.id, sources.iter().map(|source| source.id));
        let remedy = near.map_or_else(
            || "take it out, or write it in the source too".to_owned(),
            |near| format!("did you mean `{near}`?"),
        );
        self.say(part.range.start, message, remedy);
    }

    /// Says that a part is missing: where the next one stands, or at the end.
    fn missing(&mut self, source: &Part<'_>, next: Option<&Part<'_>>) {
        let at = next.map_or(self.text.trim_end().len(), |part| part.range.start);
        let message = format!("{} is missing", name(source));
        let remedy = format!(
            "translate it here, from {}, under `## … {{#{}}}`",
            self.place(source.range.start),
            source.id
        );
        self.say(at, message, remedy);
    }

    /// What differs between a part and its source.
    fn part(&mut self, source: &Part<'_>, part: &Part<'_>) {
        let (theirs, ours) = (elements(source), elements(part));
        match theirs.iter().zip(&ours).position(|(their, our)| their.what != our.what) {
            None if theirs.len() == ours.len() => {
                for (their, our) in theirs.iter().zip(&ours) {
                    self.code(their, our);
                }
            }
            differs => {
                let at = differs.unwrap_or(theirs.len().min(ours.len()));
                self.structure(part, theirs.get(at), ours.get(at));
            }
        }
        self.values(source, part);
        self.conditions(source, part);
        self.age(source, part);
    }

    /// Says where a part first goes another way than its source.
    fn structure(&mut self, part: &Part<'_>, their: Option<&Element>, our: Option<&Element>) {
        let there = their.map(|their| format!("{} ({})", their.what, self.place(their.at)));
        let message = match (there, our) {
            (Some(there), Some(our)) => format!("here is {}, in the source {there}", our.what),
            (Some(there), None) => {
                format!("{} ends here, its source goes on with {there}", name(part))
            }
            (None, our) => {
                let what = our.map_or("", |our| our.what.as_str());
                format!("{what} that the source doesn't have")
            }
        };
        let at = our.map_or(part.range.start + part.text.trim_end().len(), |our| our.at);
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
    fn values(&mut self, source: &Part<'_>, part: &Part<'_>) {
        let of = |part| {
            tags(part).into_iter().filter(|tag| tag.text.starts_with("{{")).collect::<Vec<_>>()
        };
        let (theirs, ours) = (of(source), of(part));
        let names: BTreeSet<&str> =
            theirs.iter().chain(&ours).map(|tag| tag.text.as_str()).collect();
        for text in names {
            let count = |tags: &[elements::Tag]| tags.iter().filter(|tag| tag.text == text).count();
            let (there, here) = (count(&theirs), count(&ours));
            if there != here {
                let found = ours.iter().rfind(|tag| tag.text == text);
                let at = found.map_or(part.range.start, |tag| tag.at);
                let message =
                    format!("`{text}` is here {}, in the source {}", times(here), times(there));
                let remedy = format!("name the same values as {}", self.place(source.range.start));
                self.say(at, message, remedy);
            }
        }
    }

    /// Says where conditions first differ.
    fn conditions(&mut self, source: &Part<'_>, part: &Part<'_>) {
        let of = |part| {
            tags(part).into_iter().filter(|tag| tag.text.starts_with("{%")).collect::<Vec<_>>()
        };
        let (theirs, ours) = (of(source), of(part));
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
        let at = our.map_or(part.range.start + part.text.trim_end().len(), |our| our.at);
        self.say(at, message, "keep the source's conditions, in their order".to_owned());
    }

    /// Says when a part is older than its source.
    fn age(&mut self, source: &Part<'_>, part: &Part<'_>) {
        let there = self.place(source.range.start);
        let message = match part.stamp() {
            Some(stamp) if stamp == source.fingerprint() => return,
            Some(_) => format!("{} is older than its source ({there})", name(part)),
            None => {
                format!("{} has no stamp, so it may be older than its source ({there})", name(part))
            }
        };
        let remedy = format!(
            "make it say what the source says now, then: stepproof course stamp {}#{}",
            self.path, part.id
        );
        self.say(part.range.start, message, remedy);
    }
}

/// How a part is called.
fn name(part: &Part<'_>) -> String {
    match part.id {
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
