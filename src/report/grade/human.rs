//! The records as a table for people.

use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

use super::super::human::{Look, Page, Paint, mark};
use super::super::{sheet::number, words};
use super::{Graded, Grades, Record};
use crate::check::{State, Verdict};
use crate::course::{Course, visible};

/// Columns of the longest name that is shown whole.
const LONGEST_NAME: usize = 24;

/// A row for each account, then how many came to what.
pub fn human(grades: &Grades<'_>, course: &Course, look: &Look) -> String {
    let lang = look.lang.as_str();
    let mut page = Page::new(look);
    page.line("", "", course.index.title.get(lang), Paint::Bold);
    page.text.push('\n');
    let names: Vec<String> = grades.accounts.iter().map(|one| name(one.record)).collect();
    let widest = names.iter().map(|name| name.width()).max().unwrap_or_default();
    for (one, name) in grades.accounts.iter().zip(&names) {
        let pad = " ".repeat(widest - name.width());
        row(&mut page, one, &format!("{name}{pad}"), course, lang);
    }
    page.text.push('\n');
    let summary = words::summary(lang, grades.summary, grades.seconds);
    page.line("", "", &summary, Paint::Bold);
    page.text
}

fn row(page: &mut Page<'_>, one: &Graded<'_>, name: &str, course: &Course, lang: &str) {
    let (record, verdict) = (one.record, one.record.verdict());
    let points = one.points.map_or_else(String::new, |points| {
        let extra =
            if points.extra > 0.0 { format!("+{}", number(points.extra)) } else { String::new() };
        format!("{}/{}{extra}", number(points.earned), number(points.possible))
    });
    let passes = one.points.and_then(|points| points.passes);
    let passes =
        passes.map_or_else(String::new, |passes| format!(" · {}", words::passes(lang, passes)));
    let text =
        format!("{name}  {}  {points:>7}  {}{passes}", record.account, said(record, course, lang));
    page.line(&format!(" {} ", mark(verdict)), "   ", &text, Paint::Of(verdict));
    if let Some(trouble) = record.trouble() {
        page.line("     ", "     ", &visible(&trouble.message), Paint::Plain);
    }
}

/// What came of an account, in a few words.
fn said(record: &Record, course: &Course, lang: &str) -> String {
    let verdict = words::verdict(lang, record.verdict());
    match (record.verdict(), record.report(), record.undecided()) {
        (Verdict::Fail, Some(report), undecided) => {
            let open = report.steps().find(|step| !step.optional && step.state != State::Done);
            let next = open.map(|step| {
                let title = course.step(&step.step).map_or("", |(_, s)| s.spec.title.get(lang));
                words::next(lang, &step.step, title)
            });
            let unsure = undecided.filter(|count| *count > 0);
            let unsure = unsure.map(|count| words::undecided(lang, count));
            next.into_iter().chain(unsure).collect::<Vec<_>>().join(" · ")
        }
        (Verdict::Waiting | Verdict::CannotTell, Some(_), Some(count)) => {
            format!("{verdict} · {}", words::undecided(lang, count))
        }
        _ => verdict.to_owned(),
    }
}

/// The name, in at most [`LONGEST_NAME`] columns.
fn name(record: &Record) -> String {
    let name = visible(&record.name);
    if name.width() <= LONGEST_NAME {
        return name;
    }
    let (mut short, mut width) = (String::new(), 1);
    for letter in name.chars() {
        width += letter.width().unwrap_or_default();
        if width > LONGEST_NAME {
            break;
        }
        short.push(letter);
    }
    short + "…"
}
