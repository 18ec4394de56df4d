//! The room as a whole: how many are where, progress over time, what fails most.

use super::said;
use crate::i18n::{clock, fill};
use crate::instructor::crowd::{Funnel, Sample};
use crate::instructor::dashboard::model::Model;
use crate::markdown::{Face, Row, Span, Tone, width};
use crate::tui::kit::{Rows, bold, clip};

/// Checks that are listed.
const MOST: usize = 8;
/// Rows of the chart.
const CHART: usize = 6;
/// Columns of the longest title of a module.
const TITLE: usize = 30;
/// Columns of the numbers behind a bar.
const NUMBERS: usize = 20;

/// The page's rows for some columns of text.
pub(super) fn rows(model: &Model, columns: usize) -> Vec<Row> {
    let mut page = Rows { rows: Vec::new(), columns };
    numbers(model, &mut page);
    funnel(model, &mut page);
    failing(model, &mut page);
    chart(model, &mut page);
    messages(model, &mut page);
    page.rows
}

fn numbers(model: &Model, page: &mut Rows) {
    let (words, totals) = (model.words(), model.crowd.totals());
    page.heading(words.heading_room);
    let count = |template: &str, count: usize| fill(template, &[&count.to_string()]);
    let mut who =
        vec![count(words.count_here, totals.here), count(words.count_begun, totals.begun)];
    for (number, template) in [
        (totals.expected, words.count_expected),
        (totals.left, words.count_left),
        (totals.unreadable, words.count_unreadable),
    ] {
        if number > 0 {
            who.push(count(template, number));
        }
    }
    page.text(&who.join(model.common().comma), Tone::Text);
    let what = [
        count(words.count_stuck, totals.stuck),
        count(words.count_help, totals.help),
        count(words.count_modules, totals.modules_done),
        count(words.count_steps, totals.steps_done),
    ];
    page.text(&what.join(model.common().comma), Tone::Text);
    if model.roster.is_some() {
        let swept =
            [count(words.count_swept, totals.swept), count(words.count_differ, totals.disagree)];
        page.text(&swept.join(model.common().comma), Tone::Text);
    }
    if let (Some(left), Some(ends)) = (model.left(), model.ends) {
        let ends = clock(ends, &model.time.zoned());
        page.text(&fill(words.ends_at, &[&model.common().span(left), &ends]), Tone::Text);
    }
}

/// A bar a module: done, working, regressed, not begun.
fn funnel(model: &Model, page: &mut Rows) {
    let words = model.words();
    page.heading(words.heading_funnel);
    page.text(words.funnel_legend, Tone::Dim);
    let room = page.columns.saturating_sub(4 + NUMBERS);
    let title = TITLE.min(room / 2);
    let bar = room.saturating_sub(title + 1);
    for (column, funnel) in model.crowd.outline().columns.iter().zip(model.crowd.funnel()) {
        let module = model.course.module(column.number);
        let name = module.map_or("", |module| module.entry.title.get(model.lang.tag()));
        let name = clip(name, title);
        let space = " ".repeat(title.saturating_sub(width(&name)) + 1);
        let mut spans = vec![Span::new(format!("{:>3} {name}{space}", column.number), Tone::Text)];
        spans.extend(parts(*funnel, bar));
        let numbers = format!(
            " {:>4} {:>4} {:>4} {:>4}",
            funnel.done, funnel.working, funnel.regressed, funnel.not_begun
        );
        spans.push(Span::new(clip(&numbers, NUMBERS), Tone::Text));
        page.rows.push(Row { spans, ..Row::default() });
    }
}

/// The parts of a bar of some columns, in the order of the numbers beside it.
fn parts(funnel: Funnel, columns: usize) -> Vec<Span> {
    let Funnel { not_begun, working, done, regressed } = funnel;
    let all = not_begun + working + done + regressed;
    let parts = [
        ("#", bold(Tone::Added), done),
        ("=", bold(Tone::Notice), working),
        ("x", bold(Tone::Warning), regressed),
        (".", Tone::Dim.into(), not_begun.max(usize::from(all == 0))),
    ];
    let (mut sum, mut filled) = (0, 0);
    let part = |(sign, face, count): (&str, Face, usize)| {
        sum += count;
        let end = sum * columns / all.max(1);
        let part = Span::new(sign.repeat(end - filled), face);
        filled = end;
        part
    };
    parts.into_iter().map(part).collect()
}

/// The checks that fail for most, with what is wrong most often.
fn failing(model: &Model, page: &mut Rows) {
    let (words, outline) = (model.words(), model.crowd.outline());
    page.heading(words.heading_fails_most);
    let failing = model.crowd.failing();
    if failing.is_empty() {
        page.text(words.fails_none, Tone::Text);
    }
    for one in failing.into_iter().take(MOST) {
        let check = &outline.checks[one.check];
        let step = said::step_id(outline, check.step);
        let lead = Span::new(format!("{:>4}  ", one.attendees), bold(Tone::Warning));
        page.hanging(&lead, &format!("{step} {}", check.name), bold(Tone::Text));
        let indent = Span::new(" ".repeat(6), Tone::Text);
        if let Some((message, _)) = &one.message {
            page.hanging(&indent, message, Tone::Text);
        }
        if let Some((offender, times)) = &one.offender {
            let text = fill(words.offender_most, &[offender, &times.to_string()]);
            page.hanging(&indent, &text, Tone::Text);
        }
    }
}

/// Modules done over time, as columns.
fn chart(model: &Model, page: &mut Rows) {
    let words = model.words();
    let series = model.crowd.series();
    let (Some(first), Some(last)) = (series.first(), series.last()) else { return };
    page.heading(words.heading_progress);
    let top = series.iter().map(|sample| sample.modules_done).max().unwrap_or(0);
    if top == 0 || last.at <= first.at {
        page.text(words.progress_none, Tone::Text);
        return;
    }
    let label = width(&top.to_string()).max(4);
    let columns = page.columns.saturating_sub(label + 2).clamp(1, 100);
    let values = over_time(series, columns);
    for row in (0..CHART).rev() {
        let head = if row + 1 == CHART { top.to_string() } else { String::new() };
        let filled = |value: &usize| value * CHART > row * top && *value > 0;
        let bar: String =
            values.iter().map(|value| if filled(value) { '#' } else { ' ' }).collect();
        let spans = vec![
            Span::new(format!("{head:>label$} |"), Tone::Dim),
            Span::new(bar.trim_end(), bold(Tone::Added)),
        ];
        page.rows.push(Row { spans, ..Row::default() });
    }
    let (from, to) = (model.time.shown(first.at), model.time.shown(last.at));
    let gap = columns.saturating_sub(width(&from) + width(&to)).max(1);
    let axis = format!("{} {from}{}{to}", " ".repeat(label + 1), " ".repeat(gap));
    page.rows.push(Row {
        spans: vec![Span::new(clip(&axis, page.columns), Tone::Dim)],
        ..Row::default()
    });
}

/// How many modules were done, at evenly spaced times.
fn over_time(series: &[Sample], columns: usize) -> Vec<usize> {
    let (Some(first), Some(last)) = (series.first(), series.last()) else { return Vec::new() };
    let (first, last) = (first.at.as_second(), last.at.as_second());
    let mut samples = series.iter().peekable();
    let mut value = 0;
    let step = |column: usize| {
        let (column, columns) =
            (i64::try_from(column).unwrap_or(0), i64::try_from(columns).unwrap_or(1));
        first + (last - first) * (column + 1) / columns
    };
    let mut at_column = |column| {
        while let Some(sample) = samples.next_if(|sample| sample.at.as_second() <= step(column)) {
            value = sample.modules_done;
        }
        value
    };
    (0..columns).map(&mut at_column).collect()
}

/// What is said to the room at the moment.
fn messages(model: &Model, page: &mut Rows) {
    let words = model.words();
    let said: Vec<_> = model.said.iter().filter(|said| said.expires > model.time.wall).collect();
    if said.is_empty() {
        return;
    }
    page.heading(words.heading_said);
    for message in said {
        let whom = match &message.to {
            None => words.to_all.to_owned(),
            Some(account) => {
                let at = model.crowd.find(account);
                at.map_or(account, |at| &model.crowd.attendees()[at].name).clone()
            }
        };
        let until = model.time.shown(message.expires);
        page.text(&fill(words.said_line, &[&whom, &until, &message.text]), Tone::Text);
    }
}
