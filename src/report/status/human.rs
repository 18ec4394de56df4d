//! A status for people: the map, the plan, the next step.

use jiff::{Timestamp, ZonedDateTime};
use unicode_width::UnicodeWidthStr;

use super::{Minutes, ModuleStatus, NextReport, NextStep, Status, Time};
use crate::check::State;
use crate::course::{Course, Lock};
use crate::i18n::{Lang, Words, clock, fill};
use crate::progress::PAUSE;
use crate::report::human::{Look, Page, Paint};
use crate::report::{End, plan_lines, words};

/// Columns of a module's state.
const STATE: usize = 16;
/// Columns of each number of minutes.
const MINUTES: usize = 6;

/// A status as text. Domains come from the course; times are shown beside the clock `now`.
pub fn status_human(status: &Status, course: &Course, now: &ZonedDateTime, look: &Look) -> String {
    let lang = Lang::from_tag(&look.lang);
    let said = lang.words();
    let mut page = Page::new(look);
    page.line("", "", course.index.title.get(lang.tag()), Paint::Bold);
    page.line("", "", &account(status, now, lang), Paint::Plain);
    if let Some(time) = time(&status.time, said, now) {
        page.line("", "", &time, Paint::Bold);
    }
    page.text.push('\n');
    let head = format!(
        "    {}{}{}{}",
        left(said.map_state, STATE),
        right(said.map_minutes, MINUTES),
        right(said.map_left, MINUTES),
        right(said.map_spent, MINUTES),
    );
    page.line("", "", head.trim_end(), Paint::Dim);
    for domain in &course.index.domains {
        let mut of_domain = status.modules.iter().filter(|m| m.domain == domain.id).peekable();
        if of_domain.peek().is_some() {
            page.line("", "", domain.title.get(lang.tag()), Paint::Bold);
        }
        of_domain.for_each(|one| module(&mut page, one, said));
    }
    if let Some(cleanup) = &status.cleanup {
        let count = [cleanup.done, cleanup.required].map(|count| count.to_string());
        let state = fill(said.proof_count, &[&count[0], &count[1]]);
        let first = format!("    {}", fields(&state, &cleanup.minutes));
        row(&mut page, &first, &cleanup.title, Paint::Plain);
    }
    page.text.push('\n');
    if !status.domains.is_empty() {
        let chosen = course.index.domains.iter().filter(|d| status.domains.contains(&d.id));
        let titles: Vec<&str> = chosen.map(|domain| domain.title.get(lang.tag())).collect();
        let only = fill(said.plan_domains, &[&titles.join(said.comma)]);
        page.line("", "  ", &only, Paint::Plain);
    }
    let Time { reserve, cleanup, .. } = status.time;
    let end = status.time.ends.as_ref().map(|_| End { now, reserve, cleanup });
    for line in plan_lines(&status.plan, course, said, end) {
        page.line("", "  ", &line, Paint::Plain);
    }
    if status.modules.iter().any(|module| module.minutes.spent > 0) {
        let pause = said.span(u32::try_from(PAUSE.as_mins()).unwrap_or(0));
        page.line("", "  ", &fill(said.status_pauses, &[&pause]), Paint::Dim);
    }
    let next = match &status.next {
        Some(next) => fill(said.next_step, &[&step(next, said)]),
        None => said.next_none.to_owned(),
    };
    page.line("", "  ", &next, Paint::Bold);
    page.text
}

/// The next step as text: what, then why. None when everything is done.
pub fn next_human(report: &NextReport, now: &ZonedDateTime, look: &Look) -> Option<String> {
    let words = Lang::from_tag(&look.lang).words();
    let next = report.next.as_ref()?;
    let mut page = Page::new(look);
    page.line("", "  ", &step(next, words), Paint::Bold);
    page.line("  ", "  ", &next.why, Paint::Plain);
    if !next.fits {
        page.line("  ", "  ", words.next_no_fit, Paint::Plain);
    }
    if let Some(time) = time(&report.time, words, now) {
        page.line("  ", "  ", &time, Paint::Plain);
    }
    Some(page.text)
}

/// The next step on one line, for a shell's prompt: `1d Ask for a token · 15 min · 2:14 left`.
pub fn next_short(report: &NextReport, look: &Look) -> Option<String> {
    let words = Lang::from_tag(&look.lang).words();
    let next = report.next.as_ref()?;
    let mut line = step(next, words);
    if let Some(minutes) = report.time.minutes_left {
        line = format!("{line} · {}", fill(words.time_left, &[&words.span(minutes)]));
    }
    Some(line)
}

fn step(next: &NextStep, words: &Words) -> String {
    format!("{} {} · {}", next.step, next.title, words.span(next.minutes))
}

fn account(status: &Status, now: &ZonedDateTime, lang: Lang) -> String {
    let said = lang.words();
    let Some(kind) = status.kind else { return said.status_no_account.to_owned() };
    let checked = status.verified.as_ref().and_then(|at| at.parse::<Timestamp>().ok());
    let checked = match checked {
        Some(at) => fill(said.status_checked, &[&clock(at, now)]),
        None => said.status_never.to_owned(),
    };
    format!("{} · {checked}", words::account(lang.tag(), kind, &status.account))
}

fn time(time: &Time, words: &Words, now: &ZonedDateTime) -> Option<String> {
    let ends = clock(time.ends.as_ref()?.parse().ok()?, now);
    let left = time.minutes_left?;
    if left == 0 {
        return Some(fill(words.time_over, &[&ends]));
    }
    let left = fill(words.time_left, &[&words.span(left)]);
    Some(format!("{left} · {}", fill(words.time_ends, &[&ends])))
}

fn module(page: &mut Page<'_>, module: &ModuleStatus, words: &Words) {
    let sign = match module.state {
        State::Done => '✔',
        State::Regressed => '✘',
        State::InProgress | State::NotStarted => ' ',
    };
    let fields = fields(&state(module, words), &module.minutes);
    let paint = if module.written { Paint::Plain } else { Paint::Dim };
    row(page, &format!("{sign}{:>2} {fields}", module.module), &module.title, paint);
}

/// State and minutes, in columns.
fn fields(state: &str, minutes: &Minutes) -> String {
    let numbers = [minutes.planned, minutes.left, minutes.spent];
    let numbers = numbers.map(|minutes| right(&minutes.to_string(), MINUTES)).concat();
    format!("{}{numbers}  ", left(state, STATE))
}

fn row(page: &mut Page<'_>, first: &str, title: &str, paint: Paint) {
    page.line(first, &" ".repeat(first.width()), title, paint);
}

fn state(module: &ModuleStatus, words: &Words) -> String {
    let count =
        || fill(words.proof_count, &[&module.done.to_string(), &module.required.to_string()]);
    match (&module.locked, module.state) {
        _ if !module.written => words.map_unwritten.to_owned(),
        (_, State::Done) => words.module_state_done.to_owned(),
        (_, State::Regressed) => words.map_regressed.to_owned(),
        (Some(Lock::Module(number)), State::NotStarted) => {
            fill(words.after, &[&number.to_string()])
        }
        (Some(Lock::Step(id)), State::NotStarted) => fill(words.after, &[id]),
        (_, State::InProgress) => count(),
        (None, State::NotStarted) => words.state_not_started.to_owned(),
    }
}

/// A text in so many columns, cut where it is wider.
fn left(text: &str, columns: usize) -> String {
    let spaces = columns.saturating_sub(text.width());
    format!("{text}{}", " ".repeat(spaces))
}

fn right(text: &str, columns: usize) -> String {
    let spaces = columns.saturating_sub(text.width());
    format!("{}{text}", " ".repeat(spaces))
}
