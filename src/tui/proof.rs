//! The proof pane's rows: steps with their verdicts, and what is known of the step that is read.

use crate::check::{CheckResult, Verdict};
use crate::course::{CheckSpec, Step};
use crate::i18n::fill;
use crate::markdown::{Face, Row, Span, Tone, layout, parse, sanitize, width, wrap_text};

use super::model::Model;
use super::standing::StepStatus;
use super::theme::Theme;
use super::update::{hints, next_hint};

/// Spans of a step among others on a row.
const COMPACT_SPANS: usize = 3;
/// A pane with fewer rows than steps and this many names its steps on one line.
const DETAIL_ROWS: usize = 8;

/// The pane's rows, before scrolling.
pub(super) fn rows(model: &Model, columns: usize, height: usize) -> Vec<Row> {
    let Some(part) = model.open_part() else { return Vec::new() };
    let mut rows = Vec::new();
    if part.steps.len() + DETAIL_ROWS > height {
        compact_steps(model, part.steps, columns, &mut rows);
    } else {
        for step in part.steps {
            step_rows(model, step, columns, &mut rows);
        }
        rows.push(Row::default());
    }
    if let Some(step) = model.step() {
        detail(model, step, columns, &mut rows);
    }
    rows
}

/// The step at a row and column of the pane, before scrolling.
pub(super) fn step_at(
    model: &Model,
    (columns, height): (usize, usize),
    (row, column): (usize, usize),
) -> Option<String> {
    let steps = model.open_part()?.steps;
    let mut rows = Vec::new();
    let id = |step: &Step| step.spec.id.clone();
    if steps.len() + DETAIL_ROWS <= height {
        let here = steps.iter().find(|step| {
            step_rows(model, step, columns, &mut rows);
            rows.len() > row
        });
        return here.map(id);
    }
    compact_steps(model, steps, columns, &mut rows);
    let before: usize = rows.get(..row)?.iter().map(|row| row.spans.len()).sum();
    let mut end = 0;
    let span = rows.get(row)?.spans.iter().position(|span| {
        end += span.width();
        column < end
    })?;
    steps.get((before + span) / COMPACT_SPANS).map(id)
}

fn is_read(model: &Model, step: &Step) -> bool {
    model.step().is_some_and(|read| read.spec.id == step.spec.id)
}

fn step_rows(model: &Model, step: &Step, columns: usize, rows: &mut Vec<Row>) {
    let status = model.status(step);
    let read = is_read(model, step);
    let sign = Span::new(model.theme.sign(status), bold(Theme::verdict_tone(status)));
    let mark = Span::new(if read { "> " } else { "  " }, bold(Tone::Text));
    let id = format!(" {} ", step.spec.id);
    let face = Face { bold: read, ..Face::default() };
    let indent = mark.width() + sign.width() + width(&id);
    let room = columns.saturating_sub(indent).max(1);
    for (index, line) in
        wrap_text(step.spec.title.get(model.lang.tag()), room).into_iter().enumerate()
    {
        let line = Span::new(line, face);
        let spans = if index == 0 {
            vec![mark.clone(), sign.clone(), Span::new(id.clone(), face), line]
        } else {
            vec![Span::new(" ".repeat(indent), Tone::Text), line]
        };
        rows.push(Row { spans, ..Row::default() });
    }
}

/// `✓ 0a  ✗ 0b  > 0c`, on as many rows as it takes.
fn compact_steps(model: &Model, steps: &[Step], columns: usize, rows: &mut Vec<Row>) {
    let mut row = Row::default();
    for step in steps {
        let status = model.status(step);
        let marker = if is_read(model, step) { ">" } else { " " };
        let face = Face { bold: is_read(model, step), ..Face::default() };
        let spans: [_; COMPACT_SPANS] = [
            Span::new(marker, bold(Tone::Text)),
            Span::new(model.theme.sign(status), bold(Theme::verdict_tone(status))),
            Span::new(format!("{}  ", step.spec.id), face),
        ];
        if row.width() + spans.iter().map(Span::width).sum::<usize>() > columns + 2 {
            rows.push(std::mem::take(&mut row));
        }
        row.spans.extend(spans);
    }
    rows.push(row);
}

fn detail(model: &Model, step: &Step, columns: usize, rows: &mut Vec<Row>) {
    let words = model.words();
    let status = model.status(step);
    let title = step.spec.title.get(model.lang.tag());
    let optional =
        if step.spec.optional { format!(" ({})", words.optional) } else { String::new() };
    push_text(
        rows,
        &format!("{} {title}{optional}", step.spec.id),
        bold(Tone::Heading),
        0,
        columns,
    );
    let results = model.results.get(&step.spec.id);
    // Each check's verdict stands below; the step's own word is for what they don't say.
    if matches!(status, StepStatus::ProvenBefore | StepStatus::Regressed) {
        let word = match status {
            StepStatus::Regressed => regressed(model, &step.spec.id),
            _ => Theme::word(status, words).to_owned(),
        };
        let word = format!("{} {word}", model.theme.sign(status));
        push_text(rows, word.trim_start(), bold(Theme::verdict_tone(status)), 0, columns);
    }
    if status == StepStatus::Unknown {
        push_text(rows, words.not_checked, Tone::Text.into(), 0, columns);
    }
    let mut said = None;
    for check in &step.checks {
        let result = results.and_then(|all| all.iter().find(|r| r.check == check.check));
        // What keeps one check from looking keeps others too: once is enough.
        let message = result.filter(|r| r.verdict != Verdict::Fail).map(|r| r.message.as_str());
        let repeats = message.is_some() && message == said;
        said = message;
        if let Some(result) = result.filter(|_| !repeats) {
            verdict(model, result, columns, rows);
        }
        ladder(model, check, result, columns, rows);
    }
}

/// When a step was last proven, and whether the app was deployed since: what was proven may be
/// gone with that.
fn regressed(model: &Model, step: &str) -> String {
    let words = model.words();
    let Some(&proven) = model.past.last_proof.get(step) else { return words.regressed.to_owned() };
    let text = fill(words.regressed_at, &[&model.time.shown(proven)]);
    match model.deployed.filter(|&deployed| deployed > proven) {
        Some(deployed) => {
            let since = fill(words.regressed_deployed, &[&model.time.shown(deployed)]);
            format!("{text} {since}")
        }
        None => text,
    }
}

/// The word for a waiting check: how long its window is still open, where that is known.
fn waiting(model: &Model, check: &str) -> String {
    let words = model.words();
    let Some(wait) = model.waits.get(check) else { return words.waiting.to_owned() };
    let left = wait.ends.saturating_sub(model.time.running);
    if left.is_zero() {
        return words.waiting_over.to_owned();
    }
    fill(words.waiting_left, &[&super::time::minutes(left)])
}

fn verdict(model: &Model, result: &CheckResult, columns: usize, rows: &mut Vec<Row>) {
    let words = model.words();
    let status = StepStatus::Judged(result.verdict);
    let text = match result.without_countdown(model.lang.tag()).trim() {
        message if result.verdict == Verdict::Waiting => {
            format!("{}: {message}", waiting(model, &result.check))
        }
        // What was proven speaks for itself behind its sign.
        message if result.verdict == Verdict::Pass && !message.is_empty() => message.to_owned(),
        "" => format!("{}: {}", Theme::word(status, words), result.check),
        message => format!("{}: {message}", Theme::word(status, words)),
    };
    rows.push(Row::default());
    let sign =
        Span::new(format!("{} ", model.theme.sign(status)), bold(Theme::verdict_tone(status)));
    let room = columns.saturating_sub(2).max(1);
    for (index, line) in wrap_text(&text, room).into_iter().enumerate() {
        let lead = if index == 0 { sign.clone() } else { Span::new("  ", Tone::Text) };
        rows.push(Row { spans: vec![lead, Span::new(line, Tone::Text)], ..Row::default() });
    }
    // The message may name the offenders already; the list is the same one, a line each.
    if result.verdict != Verdict::Pass {
        for offender in &result.offenders {
            push_hanging(rows, "  - ", offender, Tone::Text.into(), columns);
        }
        for (label, value) in &result.evidence {
            let value = match value {
                serde_json::Value::String(text) => text.clone(),
                other => other.to_string(),
            };
            push_hanging(rows, "    ", &format!("{label}: {value}"), Tone::Dim.into(), columns);
        }
    }
}

/// The hints that are open, and how to open the next.
fn ladder(
    model: &Model,
    check: &CheckSpec,
    result: Option<&CheckResult>,
    columns: usize,
    rows: &mut Vec<Row>,
) {
    // What was unlocked stays readable, also once the check passes.
    let passes = result.is_some_and(|result| result.verdict == Verdict::Pass);
    let words = model.words();
    let hints = hints(model, check);
    let open = model.open_hints(&check.check).min(hints.len());
    let all = hints.len().to_string();
    let rungs = [words.hint_where, words.hint_what, words.hint_command];
    for (index, hint) in hints.iter().take(open).enumerate() {
        let mut label = fill(words.hint, &[&(index + 1).to_string(), &all]);
        if hints.len() == rungs.len() {
            label = format!("{label}, {}", rungs[index]);
        }
        push_text(rows, &label, bold(Tone::Notice), 2, columns);
        let labels = model.theme.labels(words);
        let room = columns.saturating_sub(2).max(1);
        for mut row in layout(&parse(hint), room, &labels).rows {
            row.code = None;
            row.spans.insert(0, Span::new("  ", Tone::Text));
            rows.push(row);
        }
    }
    // The key unlocks one check's hint: it stands there, and nowhere else.
    let next = next_hint(model).is_some_and(|(name, ..)| name == check.check);
    if !passes && result.is_some() && next && open < hints.len() {
        let more = fill(words.hint_more, &[&(open + 1).to_string(), &all]);
        push_text(rows, &more, Tone::Dim.into(), 2, columns);
    }
}

fn bold(tone: Tone) -> Face {
    Face { tone, bold: true, ..Face::default() }
}

fn push_text(rows: &mut Vec<Row>, text: &str, face: Face, indent: usize, columns: usize) {
    push_hanging(rows, &" ".repeat(indent), text, face, columns);
}

/// Text with a lead on its first row and as much indent on the others.
fn push_hanging(rows: &mut Vec<Row>, lead: &str, text: &str, face: Face, columns: usize) {
    let indent = lead.len();
    let room = columns.saturating_sub(indent).max(1);
    for (index, line) in wrap_text(text, room).into_iter().enumerate() {
        let lead = if index == 0 { lead.to_owned() } else { " ".repeat(indent) };
        let spans = vec![Span::new(lead, Tone::Dim), Span::new(line, face)];
        rows.push(Row { spans, ..Row::default() });
    }
}

/// A text on one row: cut at the room there is, with `..` where something is missing.
pub(crate) fn clip(text: &str, room: usize) -> String {
    let text = sanitize::clean_line(text);
    if width(&text) <= room {
        return text;
    }
    let mut out = String::new();
    let mut used = 0;
    for cluster in unicode_segmentation::UnicodeSegmentation::graphemes(text.as_str(), true) {
        used += width(cluster);
        if used + 2 > room {
            break;
        }
        out.push_str(cluster);
    }
    out.push_str(&".."[..room.min(2)]);
    out
}
