//! What the interface shows beside the page, in words: the choice of the account, the steps with
//! their verdicts, hints, the map, the results of a search, where the learner is.

use std::collections::BTreeSet;
use std::ops::Range;

use crate::check::{CheckResult, Verdict};
use crate::course::{CheckSpec, Course, PartId, Step};
use crate::i18n::{Words, clock, fill};
use crate::markdown::{PlainLine, parse, plain};
use crate::tui::backend::Scope;
use crate::tui::map::MapView;
use crate::tui::model::{Account, Chooser, Model};
use crate::tui::room;
use crate::tui::search::Search;
use crate::tui::standing::StepStatus;
use crate::tui::theme::Theme;
use crate::tui::unknown;
use crate::tui::update::{hints, next_hint};
use crate::tui::view::map::{facts, module_of, plan, until};

use super::page::{part_name, step_name};

/// Results of a search that are said at once.
const HITS: usize = 20;
/// Characters of the text before and after what was found.
const AROUND: usize = 40;
/// Columns that what belongs to a line stands in by.
const INDENT: usize = 2;

fn under(text: impl Into<String>) -> PlainLine {
    PlainLine { indent: INDENT, ..PlainLine::new(text) }
}

/// The accounts to choose from, by number.
pub(super) fn chooser(chooser: &Chooser, words: &Words) -> Vec<PlainLine> {
    let mut lines = vec![PlainLine::new(words.choose_title), PlainLine::new(words.choose_intro)];
    let mut say = |number: usize, name: &str, note: &str| {
        lines.push(PlainLine::new(format!("{number}. {name}. {note}")));
    };
    say(1, words.choose_practice, words.choose_practice_note);
    let profiles = chooser.profiles.as_deref().unwrap_or_default();
    for (index, name) in profiles.iter().enumerate() {
        let name = match name {
            Some(name) => fill(words.choose_profile, &[name]),
            None => words.choose_environment.to_owned(),
        };
        say(index + 2, &name, words.choose_profile_note);
    }
    if profiles.is_empty() {
        lines.push(PlainLine::new(words.choose_no_profiles));
    }
    lines.push(PlainLine::new(fill(words.p_choose, &[&chooser.len().to_string()])));
    lines
}

/// The question before a solution runs.
pub(super) fn question(steps: &[String], said: &[String], words: &Words) -> Vec<PlainLine> {
    let mut lines = vec![
        PlainLine::new(fill(words.solve_title, &[&steps.join(words.comma)])),
        PlainLine::new(words.solve_intro),
    ];
    lines.extend(said.iter().map(|line| {
        let text = line.trim_start();
        let indent = line.len() - text.len();
        PlainLine { indent, ..PlainLine::new(text) }
    }));
    lines.push(PlainLine::new(words.p_answer));
    lines
}

/// The account that is open, as a sentence.
pub(super) fn account(model: &Model) -> String {
    let words = model.words();
    match &model.account {
        Account::None | Account::Failed(_) => words.account_none.to_owned(),
        Account::Opening(_) => words.account_opening.to_owned(),
        Account::Open(info) => {
            let kind = if model.is_practice() { words.practice } else { "AWS" };
            fill(words.p_account, &[&format!("{kind} {}", info.account), &info.region])
        }
    }
}

/// The time that is left, as sentences; none where no end is known.
fn time(model: &Model) -> Option<Vec<String>> {
    let (words, now) = (model.words(), model.clock.now.as_ref()?);
    let mut said = Vec::new();
    if let (Some(ends), Some(left)) = (model.clock.ends, model.clock.left()) {
        let at = clock(ends, now);
        said.push(if left == 0 {
            fill(words.warn_over, &[&at])
        } else {
            fill(words.p_time_left, &[&span(left, words), &at])
        });
    }
    if let Some(expires) = model.clock.expires {
        said.push(fill(words.p_credentials, &[&clock(expires, now)]));
    }
    (!said.is_empty()).then_some(said)
}

/// A length of time as it is spoken: `2 h 14 min`.
fn span(minutes: u32, words: &Words) -> String {
    if minutes < 60 {
        return words.span(minutes);
    }
    fill(words.p_hours, &[&(minutes / 60).to_string(), &(minutes % 60).to_string()])
}

/// Where the learner is: course, account, time; module and step where they are asked for.
pub(super) fn location(model: &Model, asked: bool) -> Vec<PlainLine> {
    let words = model.words();
    let course = model.course.as_ref();
    let mut said: Vec<String> = Vec::new();
    said.extend(course.map(|course| course.index.title.get(model.lang.tag()).to_owned()));
    said.push(account(model));
    if asked {
        said.push(part_name(model, model.part));
        let step = model.step().filter(|step| model.page.step.as_ref() == Some(&step.spec.id));
        said.extend(step.map(|step| step_name(model, step)));
    }
    let end = asked.then(|| vec![words.p_no_end.to_owned()]);
    said.extend(time(model).or(end).into_iter().flatten());
    said.extend(room::label(model).filter(|_| asked));
    said.extend(asked.then(|| model.journal_trouble.clone()).flatten().map(|trouble| {
        let said = fill(words.journal_trouble, &[&trouble]);
        fill(words.p_trouble, &[&said])
    }));
    said.into_iter().map(PlainLine::new).collect()
}

/// The open part's steps, with the verdicts of what is open.
pub(super) fn steps(model: &Model) -> Vec<PlainLine> {
    let Some(part) = model.open_part() else { return Vec::new() };
    let mut lines = vec![PlainLine::new(part_name(model, part.id))];
    lines.extend(part.steps.iter().flat_map(|step| verdicts(model, step)));
    lines
}

/// The verdicts of what was verified.
pub(super) fn verified(model: &Model, scope: &Scope) -> Vec<PlainLine> {
    let Some(course) = &model.course else { return Vec::new() };
    let of = |id: PartId| course.part(id).map_or(&[][..], |part| part.steps);
    match scope {
        Scope::Step(id) => {
            course.step(id).map(|(_, step)| verdicts(model, step)).unwrap_or_default()
        }
        Scope::Module(number) => {
            of((*number).into()).iter().flat_map(|step| verdicts(model, step)).collect()
        }
        Scope::Cleanup => {
            of(PartId::Cleanup).iter().flat_map(|step| verdicts(model, step)).collect()
        }
        Scope::All => course.modules.iter().flat_map(|module| summary(model, module)).collect(),
    }
}

/// A module in a line, and the steps of it that aren't done where it was begun.
fn summary(model: &Model, module: &crate::course::Module) -> Vec<PlainLine> {
    let words = model.words();
    let (done, all) = model.done_of(&module.steps);
    let count = fill(words.p_progress, &[&done.to_string(), &all.to_string()]);
    let name = part_name(model, module.part().id);
    let mut lines = vec![PlainLine::new(format!("{}{count}", fill(words.p_named, &[&name])))];
    if done > 0 {
        let open = module.steps.iter().filter(|step| !model.is_done(step));
        lines.extend(open.flat_map(|step| verdicts(model, step)));
    }
    lines
}

/// A step's state, and what its checks say as far as they don't pass.
fn verdicts(model: &Model, step: &Step) -> Vec<PlainLine> {
    let words = model.words();
    let name = step_name(model, step);
    let word = Theme::word(model.status(step), words);
    let mut lines = vec![PlainLine::new(fill(words.p_step, &[&name, word]))];
    let mut said = BTreeSet::new();
    for result in model.results.get(&step.spec.id).into_iter().flatten() {
        // What keeps one check from looking keeps others too: once is enough.
        let repeats = result.verdict != Verdict::Fail && !said.insert(result.message.as_str());
        if !repeats {
            lines.extend(verdict(result, words));
        }
    }
    let read = model.step().is_some_and(|read| read.spec.id == step.spec.id);
    if let Some((check, _, number)) = next_hint(model).filter(|_| read && lines.len() > 1) {
        let spec = step.checks.iter().find(|spec| spec.check == check);
        let all = spec.map_or(0, |spec| hints(model, spec).len()).to_string();
        lines.push(under(fill(words.hint_more, &[&number.to_string(), &all])));
    }
    lines
}

fn verdict(result: &CheckResult, words: &Words) -> Vec<PlainLine> {
    let word = Theme::word(StepStatus::Judged(result.verdict), words);
    let message = match result.message.trim() {
        "" => result.check.as_str(),
        message => message,
    };
    let mut lines = vec![under(format!("{}{message}", fill(words.p_named, &[word])))];
    if result.verdict != Verdict::Pass {
        // Messages name most offenders; the rest gets lines of its own.
        let others = result.offenders.iter().filter(|one| !result.message.contains(one.as_str()));
        lines.extend(others.map(|one| under(format!("{}{one}", words.p_item))));
        lines.extend(result.evidence.iter().map(|(label, value)| {
            let value = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
            under(format!("{}{value}", fill(words.p_named, &[label])))
        }));
    }
    lines
}

/// A check's hint in words, counted from 1.
pub(super) fn hint(model: &Model, check: &CheckSpec, number: usize) -> Vec<PlainLine> {
    let words = model.words();
    let hints = hints(model, check);
    let Some(text) = hints.get(number - 1) else { return Vec::new() };
    let label = fill(words.hint, &[&number.to_string(), &hints.len().to_string()]);
    let mut lines = plain(&parse(text), words, 1);
    let label = fill(words.p_named, &[&label]);
    match lines.first_mut().filter(|line| !line.code) {
        Some(first) => first.text.insert_str(0, &label),
        None => lines.insert(0, PlainLine::new(label.trim_end())),
    }
    lines
}

/// The unlocked hints of the step that is read.
pub(super) fn open_hints(model: &Model) -> Vec<PlainLine> {
    let checks = model.step().map_or(&[][..], |step| &step.checks);
    let open = |check: &CheckSpec| {
        (1..=model.open_hints(&check.check)).flat_map(|n| hint(model, check, n)).collect::<Vec<_>>()
    };
    let lines: Vec<PlainLine> = checks.iter().flat_map(open).collect();
    if lines.is_empty() { vec![PlainLine::new(model.words().p_hints_none)] } else { lines }
}

/// The values of the open page that aren't known yet.
pub(super) fn values(model: &Model) -> Vec<PlainLine> {
    let names: BTreeSet<&str> = model.page.unknowns.iter().map(|one| one.name.as_str()).collect();
    if names.is_empty() {
        return vec![PlainLine::new(model.words().value_none)];
    }
    names.into_iter().map(|name| PlainLine::new(unknown::said(model, name))).collect()
}

/// The map: modules by domain, and the plan.
pub(super) fn map(model: &Model, course: &Course, map: &MapView) -> Vec<PlainLine> {
    let words = model.words();
    let wish = model.wish();
    let done = course.modules.iter().filter(|module| model.module_done(module)).count();
    let counts = [done, course.modules.len()].map(|count| count.to_string());
    let count = fill(words.map_count, &[&counts[0], &counts[1]]);
    let mut lines = vec![PlainLine::new(count)];
    let shown = model.mapped();
    if shown.is_empty() {
        lines.push(PlainLine::new(words.map_nothing));
    }
    let mut above = None;
    for id in shown {
        let module = module_of(course, id);
        let domain = module.map(|module| module.entry.domain.as_str());
        let domain = course.index.domains.iter().find(|entry| Some(entry.id.as_str()) == domain);
        if let Some(domain) = domain.filter(|domain| above != Some(&domain.id)) {
            let title = domain.title.get(model.lang.tag());
            lines.push(PlainLine::new(format!("{}{title}", words.p_heading)));
        }
        above = domain.map(|domain| &domain.id);
        lines.push(PlainLine::new(part_name(model, id)));
        lines.extend(part_facts(model, course, map, id).into_iter().map(under));
    }
    lines.push(PlainLine::new(format!("{}{}", words.p_heading, words.plan_title)));
    lines.extend(plan(model, course, map, &wish).into_iter().map(PlainLine::new));
    lines
}

fn part_facts(model: &Model, course: &Course, map: &MapView, id: PartId) -> Vec<String> {
    let words = model.words();
    let Some(part) = course.part(id) else { return Vec::new() };
    let (done, all) = model.done_of(part.steps);
    let state = if all > 0 && done == all {
        words.module_state_done.to_owned()
    } else {
        fill(words.p_progress, &[&done.to_string(), &all.to_string()])
    };
    let mut said: Vec<String> = part.is_written().then_some(state).into_iter().collect();
    let Some(module) = module_of(course, id) else {
        let text = if model.goals.cleanup { words.cleanup_kept } else { words.cleanup_offer };
        said.push(fill(text, &[&span(part.minutes.into(), words)]));
        return said;
    };
    said.push(facts(model, course, module, &model.wish()));
    let until = until(model, map, module.entry.number);
    if until == words.map_too_long {
        said.push(until);
    } else if !until.is_empty() {
        said.push(format!("{}{until}", fill(words.p_named, &[words.map_until])));
    }
    said
}

/// The results of a search, by number.
pub(super) fn hits(search: &Search, words: &Words) -> Vec<PlainLine> {
    if search.hits.is_empty() {
        return vec![PlainLine::new(words.search_none)];
    }
    let all = search.hits.len().to_string();
    let head = if search.hits.len() > HITS {
        fill(words.p_found_most, &[&all, &HITS.to_string()])
    } else {
        fill(words.p_found, &[&all])
    };
    let mut lines = vec![PlainLine::new(head)];
    for (index, hit) in search.hits.iter().take(HITS).enumerate() {
        let title = search.place(hit).map_or("", |place| place.title.as_str());
        let (text, found) = search.excerpt(hit);
        let number = (index + 1).to_string();
        lines.push(PlainLine::new(fill(words.p_hit, &[&number, title, around(text, &found)])));
    }
    lines
}

/// The text around what was found, cut between words where there are any.
fn around<'t>(text: &'t str, found: &Range<usize>) -> &'t str {
    let before = text.get(..found.start).unwrap_or_default();
    let after = text.get(found.end..).unwrap_or_default();
    let start = before.char_indices().rev().take(AROUND).last().map_or(found.start, |(at, _)| at);
    let start = match before.get(start..).and_then(|cut| cut.find(' ')) {
        Some(space) if start > 0 => start + space + 1,
        _ => start,
    };
    let end = after.char_indices().nth(AROUND).map_or(text.len(), |(at, _)| found.end + at);
    let end = match text.get(found.end..end).and_then(|cut| cut.rfind(' ')) {
        Some(space) if end < text.len() => found.end + space,
        _ => end,
    };
    text.get(start..end).unwrap_or(text)
}
