//! The three panes: modules, page, proof.

use ratatui::layout::Rect;
use ratatui::style::Modifier;

use crate::course::{Course, Module, Part, PartId};
use crate::i18n::fill;
use crate::markdown::{Face, Row, Span, Tone, width, wrap_text};
use crate::tui::action::Action;
use crate::tui::find::columns;
use crate::tui::model::Model;
use crate::tui::proof::{self, clip};
use crate::tui::standing::StepStatus;
use crate::tui::theme::Theme;

use super::areas::below_title;
use super::paint::Painter;

/// A line of the module list.
#[derive(Clone)]
enum Line<'a> {
    Gap,
    Domain(&'a str),
    /// A module or the clean-up, and a line of its title; the first one carries number and state.
    Part {
        part: Part<'a>,
        title: String,
        first: bool,
    },
}

/// Columns left of a module's title: mark, sign, number.
const TITLE_AT: usize = 5;

pub(super) fn modules(painter: &mut Painter<'_>, model: &Model, area: Rect, focused: bool) {
    painter.title(area, model.words().modules, "", focused);
    let Some(course) = &model.course else { return };
    let text = below_title(area);
    let marked = marked(model);
    let about = about(model, marked, text.width.into());
    let (lines, rows) = seen_lines(model, course, &about, text);
    for (y, line) in (text.y..text.y + rows).zip(&lines) {
        let row = Rect { y, height: 1, ..text };
        match line {
            Line::Gap => {}
            Line::Domain(title) => {
                let title = clip(title, row.width.into());
                painter.face(row.x, y, row.width, &title, Tone::Dim);
            }
            Line::Part { part, title, first } => {
                let reversed = focused && part.id == marked;
                part_line(painter, model, *part, (title, *first), row, reversed);
            }
        }
    }
    for (y, line) in (text.y + rows + 1..text.bottom()).zip(about) {
        painter.face(text.x, y, text.width, &line, Tone::Text);
    }
}

/// The marked module, or the clean-up.
fn marked(model: &Model) -> PartId {
    model.listed().get(model.cursor).copied().unwrap_or(model.part)
}

/// The lines of the list from the first one that is seen, and how many rows there are for them.
fn seen_lines<'a>(
    model: &Model,
    course: &'a Course,
    about: &[String],
    text: Rect,
) -> (Vec<Line<'a>>, u16) {
    let marked = marked(model);
    let rows = text.height.saturating_sub(u16::try_from(about.len() + 1).unwrap_or(4));
    let mut lines = module_lines(model, course, text.width.into(), rows.into());
    let at = lines
        .iter()
        .position(|line| matches!(line, Line::Part { part, first: true, .. } if part.id == marked))
        .unwrap_or(0);
    let first = (at + 2).saturating_sub(rows.into()).min(lines.len().saturating_sub(rows.into()));
    lines.drain(..first);
    (lines, rows)
}

/// The module or clean-up at a row of the screen.
pub(super) fn part_at(model: &Model, area: Rect, y: u16) -> Option<PartId> {
    let text = below_title(area);
    let about = about(model, marked(model), text.width.into());
    let (lines, rows) = seen_lines(model, model.course.as_ref()?, &about, text);
    let row = y.checked_sub(text.y).filter(|row| *row < rows)?;
    match lines.get(usize::from(row))? {
        Line::Part { part, .. } => Some(part.id),
        Line::Gap | Line::Domain(_) => None,
    }
}

/// The list, as roomy as the rows allow: titles in full and domains apart, else a line each,
/// else without the domains.
fn module_lines<'a>(
    model: &Model,
    course: &'a Course,
    columns: usize,
    rows: usize,
) -> Vec<Line<'a>> {
    let list = |apart: bool, domains: bool, full: bool| {
        let mut lines = Vec::new();
        let add = |lines: &mut Vec<Line<'a>>, part: Part<'a>| {
            let titles = titles(model, part, columns, full).into_iter().enumerate();
            lines.extend(titles.map(|(at, title)| Line::Part { part, title, first: at == 0 }));
        };
        for domain in &course.index.domains {
            if apart && !lines.is_empty() {
                lines.push(Line::Gap);
            }
            if domains {
                lines.push(Line::Domain(domain.title.get(model.lang.tag())));
            }
            for module in course.modules.iter().filter(|m| m.entry.domain == domain.id) {
                add(&mut lines, module.part());
            }
        }
        if let Some(cleanup) = &course.cleanup {
            if apart {
                lines.push(Line::Gap);
            }
            add(&mut lines, cleanup.part());
        }
        lines
    };
    let roomy = [(true, true, true), (false, true, true), (false, true, false)];
    let fits = |lines: &Vec<Line<'_>>| lines.len() <= rows;
    let found = roomy.into_iter().map(|(a, d, f)| list(a, d, f)).find(fits);
    found.unwrap_or_else(|| list(false, false, false))
}

/// The module that a part is; none for the clean-up, which waits for nothing.
fn module_of<'m>(model: &'m Model, part: Part<'_>) -> Option<&'m Module> {
    match part.id {
        PartId::Module(number) => model.course.as_ref()?.module(number),
        PartId::Cleanup => None,
    }
}

/// The module that has to be done before this part.
fn locked_by(model: &Model, part: Part<'_>) -> Option<u8> {
    module_of(model, part).and_then(|module| model.locked_by(module))
}

/// Whether all required steps of a part are done.
fn is_done(model: &Model, part: Part<'_>) -> bool {
    let (done, all) = model.done_of(part.steps);
    all > 0 && done == all
}

/// What stands at the right of a part: how far it is, or what it waits for.
fn part_state(model: &Model, part: Part<'_>) -> String {
    let (proven, all) = model.done_of(part.steps);
    match locked_by(model, part) {
        _ if !part.is_written() || is_done(model, part) => String::new(),
        Some(first) if proven == 0 => fill(model.words().after, &[&first.to_string()]),
        _ => format!("{proven}/{all}"),
    }
}

/// A part's title, broken between words or cut where its state leaves no room.
fn titles(model: &Model, part: Part<'_>, columns: usize, full: bool) -> Vec<String> {
    let state = part_state(model, part);
    let room = columns.saturating_sub(TITLE_AT + width(&state) + usize::from(!state.is_empty()));
    let title = part.title.get(model.lang.tag());
    // Japanese breaks anywhere; other words stay whole.
    let torn = title.split(' ').any(|word| word.is_ascii() && width(word) > room);
    if full && !torn { wrap_text(title, room.max(1)) } else { vec![clip(title, room)] }
}

fn part_line(
    painter: &mut Painter<'_>,
    model: &Model,
    part: Part<'_>,
    (title, first): (&str, bool),
    row: Rect,
    reversed: bool,
) {
    let open = part.id == model.part;
    let now = part.is_written() && locked_by(model, part).is_none();
    let tone = if now { Tone::Text } else { Tone::Dim };
    let mut style = painter.theme.face(Face { tone, bold: open, ..Face::default() });
    if reversed {
        style = style.add_modifier(ratatui::style::Modifier::REVERSED);
        painter.text(row.x, row.y, row.width, &" ".repeat(row.width.into()), style);
    }
    let at = u16::try_from(TITLE_AT).unwrap_or(0).min(row.width);
    painter.text(row.x + at, row.y, row.width - at, title, style);
    if !first {
        return;
    }
    let mark = if open { ">" } else { " " };
    painter.text(row.x, row.y, row.width, &format!("{mark} {:>2}", number(part.id)), style);
    if is_done(model, part) {
        let status = StepStatus::Judged(crate::check::Verdict::Pass);
        let face = Face { bold: true, ..Theme::verdict_tone(status).into() };
        let sign = painter.theme.sign(status);
        let sign_style = painter.theme.face(face);
        let sign_style = if reversed { style } else { sign_style };
        painter.text(row.x + 1, row.y, 1, sign, sign_style);
    }
    let right = part_state(model, part);
    let columns = u16::try_from(width(&right)).unwrap_or(0).min(row.width);
    painter.text(row.right() - columns, row.y, columns, &right, style);
}

/// A module's number; nothing for the clean-up.
fn number(id: PartId) -> String {
    match id {
        PartId::Module(number) => number.to_string(),
        PartId::Cleanup => String::new(),
    }
}

/// A part's title behind its number.
fn numbered(model: &Model, part: Part<'_>) -> String {
    format!("{} {}", number(part.id), part.title.get(model.lang.tag())).trim_start().to_owned()
}

/// What is to be said of the marked part: title, time, why it has to wait.
fn about(model: &Model, marked: PartId, columns: usize) -> Vec<String> {
    let words = model.words();
    let Some(part) = model.course.as_ref().and_then(|course| course.part(marked)) else {
        return Vec::new();
    };
    let mut lines = wrap_text(&numbered(model, part), columns);
    lines.truncate(3);
    let mut facts = vec![fill(words.minutes, &[&part.minutes.to_string()])];
    if !part.is_written() {
        facts.push(words.not_written.to_owned());
    } else if is_done(model, part) {
        facts.push(words.module_state_done.to_owned());
    } else if let Some(first) = locked_by(model, part) {
        facts.push(fill(words.locked, &[&first.to_string()]));
    }
    lines.extend(wrap_text(&facts.join(", "), columns));
    lines
}

pub(super) fn page(painter: &mut Painter<'_>, model: &Model, area: Rect, focused: bool) {
    let words = model.words();
    let text = below_title(area);
    let Some(part) = model.open_part() else {
        painter.title(area, "", "", focused);
        if model.course.is_none() && model.notice.is_none() {
            painter.face(text.x, text.y, text.width, words.reading_course, Tone::Dim);
        }
        return;
    };
    let mut title = numbered(model, part);
    let read = model.page.step.as_ref();
    let step = read.and_then(|id| part.steps.iter().find(|step| step.spec.id == *id));
    if let Some(step) = step {
        title = format!("{} {}", step.spec.id, step.spec.title.get(model.lang.tag()));
    }
    let mut percent = place(model, text.height.into());
    if crate::tui::language::falls_back(model) {
        percent = format!("{}  {percent}", words.english_only);
    }
    painter.title(area, &title, percent.trim_end(), focused);
    if model.page.is_empty() {
        let line = match part.id {
            PartId::Module(number) => fill(words.no_page, &[&number.to_string()]),
            PartId::Cleanup => words.not_written.to_owned(),
        };
        for (y, line) in (text.y..text.bottom()).zip(wrap_text(&line, text.width.into())) {
            painter.face(text.x, y, text.width, &line, Tone::Text);
        }
        return;
    }
    let (columns, _) = super::areas::text_of_page(model.size, model.focus());
    let text = Rect { width: columns.min(text.width), ..text };
    let visible = model.page.rows.iter().enumerate().skip(model.page.scroll);
    let mut labelled = false;
    for (y, (index, row)) in (text.y..text.bottom()).zip(visible) {
        let line = Rect { y, height: 1, ..text };
        let marked = row.code.is_some_and(|code| Some(code.block) == model.page.code());
        let heavy = marked.then(|| heavy(row, painter.theme.ascii));
        marked_row(painter, model, line, index, heavy.as_ref().unwrap_or(row));
        if marks_keys(model, index, row) && !labelled {
            labelled = true;
            key_label(painter, model, line);
        }
    }
}

/// A row of the page, with what was found on it, the marked value that isn't known yet, and the
/// marked link.
fn marked_row(painter: &mut Painter<'_>, model: &Model, line: Rect, index: usize, row: &Row) {
    let page = &model.page;
    let first = page
        .found
        .partition_point(|found| found.parts.last().is_none_or(|(last, _)| *last < index));
    let here = page.found[first..].iter().enumerate().take_while(|(_, one)| one.row() <= index);
    let mut looks: Vec<(std::ops::Range<usize>, Modifier)> = Vec::new();
    for (nth, found) in here {
        let current = page.found_at == Some(first + nth);
        let look = if current { Modifier::REVERSED } else { Modifier::UNDERLINED };
        let parts = found.parts.iter().filter(|(row, _)| *row == index);
        looks.extend(parts.map(|(_, bytes)| (columns(row, bytes), look | Modifier::BOLD)));
    }
    let unknown = page.marked_unknown().filter(|unknown| unknown.row == index);
    let link = page.marked_spans(index).map(|span| span..span + 1);
    for spans in unknown.map(|unknown| unknown.spans.clone()).into_iter().chain(link) {
        let wide = |spans: &[Span]| -> usize { spans.iter().map(Span::width).sum() };
        let before = wide(&row.spans[..spans.start]);
        looks.push((before..before + wide(&row.spans[spans]), Modifier::REVERSED));
    }
    if looks.is_empty() {
        painter.row(line, row, page.sideways);
        return;
    }
    // A link is one cell to the terminal: its look can't change within.
    let theme = Theme { hyperlinks: false, ..*painter.theme };
    let mut painter = Painter { buffer: painter.buffer, theme: &theme };
    painter.row(line, row, page.sideways);
    for (columns, look) in looks {
        painter.look(line, row, page.sideways, &columns, look);
    }
}

/// How far the page is scrolled, as the percentage of it that was seen.
fn place(model: &Model, height: usize) -> String {
    let all = model.page.rows.len();
    if all <= height {
        return String::new();
    }
    let seen = (model.page.scroll + height).min(all);
    format!("{}%", seen * 100 / all)
}

/// Whether a row is the frame of the marked code block.
fn marks_keys(model: &Model, index: usize, row: &Row) -> bool {
    let frame = row
        .code
        .is_some_and(|code| Some(code.block) == model.page.code() && code.fixed == row.spans.len());
    // A line of code without text has nothing to scroll either.
    let neighbour = |index: Option<usize>| {
        index.and_then(|i| model.page.rows.get(i)).and_then(|r| r.code).map(|code| code.block)
    };
    let block = model.page.code();
    frame && (neighbour(index.checked_sub(1)) != block || neighbour(Some(index + 1)) != block)
}

/// A row of the marked block: its frame is heavy, which needs no colour to be seen.
fn heavy(row: &Row, ascii: bool) -> Row {
    let mut row = row.clone();
    let Some(code) = row.code else { return row };
    let Some(frame) = code.fixed.checked_sub(1).and_then(|last| row.spans.get_mut(last)) else {
        return row;
    };
    let strong = |sign: char| match sign {
        '┌' => '┏',
        '└' => '┗',
        '─' => '━',
        '│' => '┃',
        '+' | '|' if ascii => '#',
        '-' if ascii => '=',
        other => other,
    };
    // The title between the corner and the rule may hold such signs of its own.
    let first = frame.text.chars().take(2).map(strong);
    let rest: String = frame.text.chars().skip(2).collect();
    let title = rest.trim_end_matches(['─', '-']);
    let rule = rest[title.len()..].chars().map(strong);
    frame.text = first.chain(title.chars()).chain(rule).collect();
    frame.face = Face { bold: true, ..Tone::Notice.into() };
    row
}

/// The keys that mean something on the marked block, on its frame.
fn key_label(painter: &mut Painter<'_>, model: &Model, line: Rect) {
    let words = model.words();
    let named = |action, name: &str| Some(format!("{} {name}", model.keys.first(action)?));
    let does = super::performs(model).and_then(|does| named(Action::Perform, does));
    let keys: Vec<String> = does.into_iter().chain(named(Action::Copy, words.f_copy)).collect();
    if keys.is_empty() {
        return;
    }
    let text = format!(" {} ", keys.join("  "));
    let columns = u16::try_from(width(&text)).unwrap_or(0);
    if columns + 8 < line.width {
        let face = Face { bold: true, ..Tone::Notice.into() };
        painter.face(line.right() - columns - 1, line.y, columns, &text, face);
    }
}

pub(super) fn proof(painter: &mut Painter<'_>, model: &Model, area: Rect, focused: bool) {
    let words = model.words();
    let count = model.open_part().filter(|part| part.is_written()).map(|part| {
        let (done, all) = model.done_of(part.steps);
        fill(words.proof_count, &[&done.to_string(), &all.to_string()])
    });
    painter.title(area, words.proof, &count.unwrap_or_default(), focused);
    let text = below_title(area);
    let rows = proof::rows(model, text.width.into(), text.height.into());
    let scroll = model.proof_scroll.min(rows.len().saturating_sub(1));
    let more = rows.len() > scroll + usize::from(text.height);
    for (y, row) in (text.y..text.bottom()).zip(rows.iter().skip(scroll)) {
        painter.row(Rect { y, height: 1, ..text }, row, 0);
    }
    painter.more(text.right(), text.y..text.bottom(), scroll > 0, more);
}
