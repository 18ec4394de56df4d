//! Search over all pages: the results while a word is typed, and the way from one to the next.

use std::collections::BTreeSet;
use std::ops::Range;
use std::sync::Arc;

use crossterm::event::{KeyCode, KeyEvent};

use crate::course::{Course, PartId, Values};
use crate::i18n::{Lang, Words};
use crate::markdown::{Labels, layout};

use super::find::{Folded, Query, passages};
use super::line;
use super::model::Model;
use super::msg::Effect;
use super::questions;
use super::section::sections;
use super::update::{open_part, with_page};

/// More results than this are as good as none.
pub(super) const MOST: usize = 300;
/// Wide enough that few lines break.
const COLUMNS: usize = 240;

/// A search while it lasts.
#[derive(Debug, Clone, Default)]
pub struct Search {
    /// What is typed.
    pub text: String,
    /// All text of all pages; none until it is read.
    pub(super) index: Option<Arc<Index>>,
    /// What was found, in the order of the course.
    pub(super) hits: Vec<Hit>,
    /// There are more.
    pub(super) more: bool,
    /// The marked one.
    pub(super) at: usize,
    /// Whether the list of results is open, so that keys are letters.
    pub listed: bool,
}

/// What the pages say, in one language, with the learner's values.
#[derive(Debug)]
pub struct Index {
    sections: Vec<Place>,
    passages: Vec<Entry>,
}

/// A section of a page.
#[derive(Debug)]
pub(super) struct Place {
    pub(super) part: PartId,
    pub(super) section: usize,
    /// `1d Ask for a token on every method`.
    pub(super) title: String,
}

#[derive(Debug)]
struct Entry {
    place: usize,
    text: String,
    folded: Folded,
}

/// What was found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Hit {
    /// Index of its section.
    pub(super) place: usize,
    passage: usize,
    bytes: Range<usize>,
    /// How many stand before it in its section.
    nth: usize,
}

/// What an index is made of.
#[derive(Debug, Clone)]
pub struct IndexRequest {
    course: Arc<Course>,
    lang: Lang,
    words: &'static Words,
    values: Values,
    done: BTreeSet<String>,
    /// Answers that were revealed: module and question.
    revealed: BTreeSet<(u8, String)>,
}

impl PartialEq for IndexRequest {
    fn eq(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.course, &other.course)
            && (self.lang, &self.values) == (other.lang, &other.values)
            && (&self.done, &self.revealed) == (&other.done, &other.revealed)
    }
}

impl Eq for IndexRequest {}

impl IndexRequest {
    /// Reads all pages. Takes some milliseconds: not on the thread that answers keys.
    pub fn build(&self) -> Index {
        let mut index = Index { sections: Vec::new(), passages: Vec::new() };
        let lang = self.lang.tag();
        for part in self.course.parts() {
            // A page that can't be rendered says so when it is opened.
            let page = self.course.render(part.id, lang, &self.values, &self.done);
            let Some(mut page) = page.ok().flatten() else { continue };
            let said = (self.lang, self.words);
            questions::append(&self.course, part.id, &self.revealed, said, &mut page);
            let mut heading = String::new();
            for (at, section) in sections(&page, false).iter().enumerate() {
                let title = match section.step.as_deref().and_then(|id| self.course.step(id)) {
                    Some((_, step)) => {
                        format!("{} {}", step.spec.id, step.spec.title.get(lang))
                    }
                    None if at == 0 => numbered(part.id, part.title.get(lang)),
                    // A section without a heading goes on with the one before.
                    None if section.title.is_empty() => heading.clone(),
                    None => numbered(part.id, &section.title),
                };
                heading.clone_from(&title);
                let place = index.sections.len();
                index.sections.push(Place { part: part.id, section: at, title });
                let rows = layout(&section.document, COLUMNS, &Labels::default()).rows;
                index.passages.extend(passages(&rows).into_iter().map(|passage| {
                    let folded = Folded::new(&passage.text);
                    Entry { place, text: passage.text, folded }
                }));
            }
        }
        index
    }
}

/// A title behind its module's number.
fn numbered(part: PartId, title: &str) -> String {
    match part {
        PartId::Module(number) => format!("{number} {title}"),
        PartId::Cleanup => title.to_owned(),
    }
}

impl Search {
    /// Finds what is typed.
    fn find(&mut self) {
        self.hits.clear();
        self.more = false;
        let (Some(index), Some(query)) = (&self.index, Query::new(&self.text)) else { return };
        let mut counted = (usize::MAX, 0);
        for (passage, entry) in index.passages.iter().enumerate() {
            for bytes in entry.folded.find(&query) {
                if self.hits.len() == MOST {
                    self.more = true;
                    return;
                }
                let nth = if counted.0 == entry.place { counted.1 + 1 } else { 0 };
                counted = (entry.place, nth);
                self.hits.push(Hit { place: entry.place, passage, bytes, nth });
            }
        }
    }

    /// The section of a hit.
    pub(super) fn place(&self, hit: &Hit) -> Option<&Place> {
        self.index.as_ref()?.sections.get(hit.place)
    }

    /// The text around a hit, and the hit's bytes in it.
    pub(super) fn excerpt(&self, hit: &Hit) -> (&str, Range<usize>) {
        let entry = self.index.as_ref().and_then(|index| index.passages.get(hit.passage));
        (entry.map_or("", |entry| entry.text.as_str()), hit.bytes.clone())
    }
}

/// Opens the search, or its list again.
pub(super) fn open(model: &mut Model) -> Vec<Effect> {
    if model.course.is_none() {
        return Vec::new();
    }
    model.notice = None;
    if let Some(search) = &mut model.search {
        search.listed = true;
        return Vec::new();
    }
    model.search = Some(Search { listed: true, ..Search::default() });
    read_pages(model)
}

/// Searches for a text at once, and lists what is found.
pub(super) fn ask(model: &mut Model, text: &str) -> Vec<Effect> {
    let effects = open(model);
    type_in(model, line::paste("", text));
    effects
}

/// Goes to a result by its number; the list stays.
pub(super) fn choose(model: &mut Model, index: usize) -> Vec<Effect> {
    let Some(search) = &mut model.search else { return Vec::new() };
    search.at = index.min(search.hits.len().saturating_sub(1));
    let effects = go(model);
    if let Some(search) = &mut model.search {
        search.listed = true;
    }
    effects
}

/// Asks for the pages' text, where a search goes on: at its start, and when it has changed.
pub(super) fn read_pages(model: &mut Model) -> Vec<Effect> {
    let (Some(_), Some(course)) = (&model.search, model.course.clone()) else { return Vec::new() };
    let (values, done) = (model.values.clone(), model.done_ids());
    let revealed = model.past.revealed.clone();
    let (lang, words) = (model.lang, model.words());
    vec![Effect::Index(IndexRequest { course, lang, words, values, done, revealed })]
}

/// Takes the pages' text.
pub(super) fn read(model: &mut Model, index: Arc<Index>) -> Vec<Effect> {
    let Some(search) = &mut model.search else { return Vec::new() };
    search.index = Some(index);
    let first = search.hits.is_empty();
    search.find();
    search.at = search.at.min(search.hits.len().saturating_sub(1));
    if first {
        mark_nearest(model);
    }
    model.dirty = true;
    Vec::new()
}

/// Takes a key while the list is open; none where it means something else there.
pub(super) fn press(model: &mut Model, key: &KeyEvent) -> Option<Vec<Effect>> {
    if model.chooser.is_some() || model.keys.leaves_text(key) {
        return None;
    }
    let search = model.search.as_mut().filter(|search| search.listed)?;
    let last = search.hits.len().saturating_sub(1);
    let mut text = search.text.clone();
    match key.code {
        // Back to the results on the pages, where some were gone to.
        KeyCode::Esc if model.page.query.is_some() => search.listed = false,
        KeyCode::Esc => return Some(close(model)),
        KeyCode::Enter => return Some(go(model)),
        KeyCode::Down | KeyCode::Tab => search.at = (search.at + 1).min(last),
        KeyCode::Up | KeyCode::BackTab => search.at = search.at.saturating_sub(1),
        KeyCode::PageDown => search.at = (search.at + 10).min(last),
        KeyCode::PageUp => search.at = search.at.saturating_sub(10),
        _ => match line::edit(&search.text, key) {
            Some(typed) => text = typed,
            None => return Some(Vec::new()),
        },
    }
    model.dirty = true;
    type_in(model, text);
    Some(Vec::new())
}

/// Takes what is pasted into the search.
pub(super) fn paste(model: &mut Model, pasted: &str) -> Vec<Effect> {
    let open = model.search.as_ref().filter(|search| search.listed);
    let Some(search) = open else { return Vec::new() };
    let text = line::paste(&search.text, pasted);
    model.dirty = true;
    type_in(model, text);
    Vec::new()
}

fn type_in(model: &mut Model, text: String) {
    let Some(search) = &mut model.search else { return };
    if text == search.text {
        return;
    }
    search.text = text;
    search.find();
    mark_nearest(model);
}

/// Marks the first result from the place on that is read; the first of all where none is below.
fn mark_nearest(model: &mut Model) {
    let here = (model.part, model.page.anchor().section);
    let Some(search) = &mut model.search else { return };
    let place = |hit: &Hit| {
        let place = search.index.as_ref().and_then(|index| index.sections.get(hit.place));
        place.map(|place| (place.part, place.section))
    };
    search.at = search.hits.iter().position(|hit| place(hit) >= Some(here)).unwrap_or(0);
}

/// Goes to the marked result, or closes the list where there is none.
pub(super) fn go(model: &mut Model) -> Vec<Effect> {
    let Some(search) = &mut model.search else { return Vec::new() };
    if search.hits.is_empty() {
        return if search.text.trim().is_empty() { close(model) } else { Vec::new() };
    }
    search.listed = false;
    model.map = None;
    if model.page.query.is_none() {
        super::place::leave(model);
    }
    show(model)
}

/// Goes to the next or the previous result, around the ends.
pub(super) fn step(model: &mut Model, forward: bool) -> Vec<Effect> {
    let Some(search) = &mut model.search else { return Vec::new() };
    let count = search.hits.len();
    if count == 0 {
        return Vec::new();
    }
    search.at = (search.at + if forward { 1 } else { count - 1 }) % count;
    show(model)
}

/// Shows the marked result on its page.
fn show(model: &mut Model) -> Vec<Effect> {
    let Some(search) = &model.search else { return Vec::new() };
    let Some(hit) = search.hits.get(search.at) else { return Vec::new() };
    let Some(place) = search.place(hit) else { return Vec::new() };
    let (part, section, nth) = (place.part, place.section, hit.nth);
    let query = Query::new(&search.text);
    model.pane = super::model::Pane::Page;
    model.notice = None;
    let effects = if part == model.part { Vec::new() } else { open_part(model, part) };
    with_page(model, |page, view| {
        if page.query != query {
            page.search(query);
        }
        page.go_to_found(section, nth, view);
    });
    effects
}

/// Whether results are gone through on the pages.
pub(super) fn is_active(model: &Model) -> bool {
    model.search.as_ref().is_some_and(|search| !search.listed)
}

/// Ends the search, marks and all.
pub(super) fn close(model: &mut Model) -> Vec<Effect> {
    model.search = None;
    model.page.search(None);
    model.dirty = true;
    Vec::new()
}
