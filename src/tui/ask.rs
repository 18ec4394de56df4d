//! What a line of text can ask for and a key can't: a place by its name, a text to search for, a
//! line of a list by its number. `--plain` is read this way.

use crate::course::{Course, PartId};
use crate::i18n::fill;

use super::actions::verify;
use super::backend::Scope;
use super::map::{Filter, plan_anew};
use super::model::Model;
use super::msg::Effect;
use super::page::Mark;
use super::place::{go_to_step, leave};
use super::room::{self, JoinAsk};
use super::search;
use super::update::{notify, open_account, open_part, perform};

/// One of them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Ask {
    /// Go to a step (`1d`), a module (`1`) or the `cleanup`.
    Go(String),
    /// The same, at the start: there is no place to go back to.
    Begin(String),
    /// Verify one of these, without going there.
    Verify(String),
    /// Open the account with this number in the list, counted from 0.
    Choose(usize),
    /// Show these modules on the map that is open.
    Filter(Filter),
    /// Plan for a domain, or no longer; `cleanup` keeps time for the clean-up.
    Domain(String),
    /// Search for a text.
    Search(String),
    /// Go to the result with this number, counted from 0.
    Hit(usize),
    /// Do what the code block with this number on the page is for, counted from 0: ask to run it, to
    /// apply it, to write it.
    Perform(usize),
    /// Join a room.
    Join(JoinAsk),
    /// What was noticed has been said.
    Heard,
}

/// A place that was asked for by name.
enum Place {
    Part(PartId),
    Step(String),
}

/// Takes one of them.
pub(super) fn take(model: &mut Model, ask: Ask) -> Vec<Effect> {
    model.dirty = true;
    match ask {
        Ask::Go(name) => match place(model, &name) {
            Some(place) => {
                leave(model);
                model.notice = None;
                go(model, place)
            }
            None => Vec::new(),
        },
        Ask::Begin(name) => match place(model, &name) {
            Some(place) => go(model, place),
            None => Vec::new(),
        },
        Ask::Verify(name) => match place(model, &name) {
            Some(Place::Step(id)) => verify(model, Scope::Step(id)),
            Some(Place::Part(PartId::Module(number))) => verify(model, Scope::Module(number)),
            Some(Place::Part(PartId::Cleanup)) => verify(model, Scope::Cleanup),
            None => Vec::new(),
        },
        Ask::Choose(index) => {
            let Some(chooser) = &mut model.chooser else { return Vec::new() };
            chooser.cursor = index.min(chooser.len() - 1);
            let choice = chooser.choice();
            open_account(model, choice)
        }
        Ask::Filter(filter) => {
            if let Some(map) = &mut model.map {
                map.filter = filter;
            }
            Vec::new()
        }
        Ask::Domain(name) => {
            domain(model, &name);
            Vec::new()
        }
        Ask::Search(text) => search::ask(model, &text),
        Ask::Hit(index) => search::choose(model, index),
        Ask::Perform(index) => {
            model.page.mark = Some(Mark::Code(index));
            perform(model)
        }
        Ask::Join(ask) => room::submit(model, ask),
        Ask::Heard => {
            model.notice = None;
            Vec::new()
        }
    }
}

/// The place of this name; says so where there is none.
fn place(model: &mut Model, name: &str) -> Option<Place> {
    let found = model.course.as_ref().and_then(|course| find(course, name));
    if found.is_none() {
        notify(model, fill(model.words().p_no_place, &[name]));
    }
    found
}

fn find(course: &Course, name: &str) -> Option<Place> {
    if let Ok(number) = name.parse::<u8>() {
        return course.module(number).map(|module| Place::Part(module.part().id));
    }
    let name = name.to_lowercase();
    if course.step(&name).is_some() {
        return Some(Place::Step(name));
    }
    let cleanup = course.cleanup.as_ref().filter(|cleanup| cleanup.entry.slug == name);
    cleanup.map(|cleanup| Place::Part(cleanup.part().id))
}

/// Whether a course has a step or part of this name.
pub fn has_place(course: &Course, name: &str) -> bool {
    find(course, name).is_some()
}

fn go(model: &mut Model, place: Place) -> Vec<Effect> {
    match place {
        Place::Part(part) => open_part(model, part),
        Place::Step(id) => go_to_step(model, &id),
    }
}

/// Plans for a domain by its id or title, or no longer.
fn domain(model: &mut Model, name: &str) {
    let Some(course) = model.course.clone() else { return };
    let domains = &course.index.domains;
    let wanted = name.to_lowercase();
    let called = |id: &str, title: &str| id == wanted || title.to_lowercase() == wanted;
    let lang = model.lang.tag();
    let found = domains.iter().find(|domain| called(&domain.id, domain.title.get(lang)));
    let goals = &mut model.goals;
    if let Some(domain) = found {
        if !goals.domains.remove(&domain.id) {
            goals.domains.insert(domain.id.clone());
        }
    } else if course.cleanup.as_ref().is_some_and(|cleanup| cleanup.entry.slug == wanted) {
        goals.cleanup = !goals.cleanup;
    } else {
        let words = model.words();
        let names: Vec<&str> = domains.iter().map(|domain| domain.id.as_str()).collect();
        notify(model, fill(words.p_no_domain, &[name, &names.join(words.comma)]));
    }
    plan_anew(model);
}
