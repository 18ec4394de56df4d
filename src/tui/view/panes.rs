//! The three panes: modules, page, proof.

use ratatui::layout::Rect;

use crate::course::Module;
use crate::i18n::fill;
use crate::markdown::{Face, Row, Tone, width, wrap_text};
use crate::tui::model::{Model, StepStatus};
use crate::tui::proof::{self, clip};

use super::areas::below_title;
use super::paint::Painter;

/// A line of the module list.
enum Line<'a> {
    Domain(&'a str),
    Module(&'a Module),
}

pub(super) fn modules(painter: &mut Painter<'_>, model: &Model, area: Rect, focused: bool) {
    let words = model.words();
    painter.title(area, words.modules, "", focused);
    let Some(course) = &model.course else { return };
    let text = below_title(area);
    let listed = model.listed();
    let marked = listed.get(model.cursor).copied().unwrap_or(model.module);
    let about = about(model, marked, text.width.into());
    let rows = text.height.saturating_sub(u16::try_from(about.len() + 1).unwrap_or(4));
    let mut lines = Vec::new();
    for domain in &course.index.domains {
        lines.push(Line::Domain(domain.title.get(model.lang.tag())));
        let modules = course.modules.iter().filter(|m| m.entry.domain == domain.id);
        lines.extend(modules.map(Line::Module));
    }
    let at = lines
        .iter()
        .position(|line| matches!(line, Line::Module(module) if module.entry.number == marked))
        .unwrap_or(0);
    let first = (at + 2).saturating_sub(rows.into()).min(lines.len().saturating_sub(rows.into()));
    for (y, line) in (text.y..text.y + rows).zip(lines.iter().skip(first)) {
        let row = Rect { y, height: 1, ..text };
        match line {
            Line::Domain(title) => {
                let title = clip(title, row.width.into());
                painter.face(row.x, y, row.width, &title, Tone::Dim);
            }
            Line::Module(module) => {
                module_line(painter, model, module, row, focused && module.entry.number == marked);
            }
        }
    }
    for (y, line) in (text.y + rows + 1..text.bottom()).zip(about) {
        painter.face(text.x, y, text.width, &line, Tone::Text);
    }
}

fn module_line(painter: &mut Painter<'_>, model: &Model, module: &Module, row: Rect, marked: bool) {
    let number = module.entry.number;
    let open = number == model.module;
    let done = model.module_done(module);
    let (proven, all) = model.done_of(module);
    let locked = model.locked_by(module);
    let right = match locked {
        _ if !module.is_written() || done => String::new(),
        Some(first) if proven == 0 => fill(model.words().after, &[&first.to_string()]),
        _ => format!("{proven}/{all}"),
    };
    let status =
        if done { StepStatus::Judged(crate::check::Verdict::Pass) } else { StepStatus::Unknown };
    let sign = painter.theme.sign(status);
    let mark = if open { ">" } else { " " };
    let room = usize::from(row.width).saturating_sub(width(&right) + 6);
    let title = clip(module.entry.title.get(model.lang.tag()), room);
    let tone = if module.is_written() && locked.is_none() { Tone::Text } else { Tone::Dim };
    let face = Face { tone, bold: open, ..Face::default() };
    let mut style = painter.theme.face(face);
    if marked {
        style = style.add_modifier(ratatui::style::Modifier::REVERSED);
        painter.text(row.x, row.y, row.width, &" ".repeat(row.width.into()), style);
    }
    let left = format!("{mark}{sign}{number:>2} {title}");
    painter.text(row.x, row.y, row.width, &left, style);
    let columns = u16::try_from(width(&right)).unwrap_or(0).min(row.width);
    painter.text(row.right() - columns, row.y, columns, &right, style);
}

/// What is to be said of the marked module: title, time, why it has to wait.
fn about(model: &Model, number: u8, columns: usize) -> Vec<String> {
    let words = model.words();
    let Some(module) = model.course.as_ref().and_then(|course| course.module(number)) else {
        return Vec::new();
    };
    let title = module.entry.title.get(model.lang.tag());
    let mut lines = wrap_text(&format!("{number} {title}"), columns);
    lines.truncate(3);
    let mut facts = vec![fill(words.minutes, &[&module.entry.minutes.to_string()])];
    if !module.is_written() {
        facts.push(words.not_written.to_owned());
    } else if model.module_done(module) {
        facts.push(words.module_state_done.to_owned());
    } else if let Some(first) = model.locked_by(module) {
        facts.push(fill(words.locked, &[&first.to_string()]));
    }
    lines.extend(wrap_text(&facts.join(", "), columns));
    lines
}

pub(super) fn page(painter: &mut Painter<'_>, model: &Model, area: Rect, focused: bool) {
    let words = model.words();
    let text = below_title(area);
    let Some(module) = model.open_module() else {
        painter.title(area, "", "", focused);
        if model.course.is_none() && model.notice.is_none() {
            painter.face(text.x, text.y, text.width, words.reading_course, Tone::Dim);
        }
        return;
    };
    let lang = model.lang.tag();
    let mut title = format!("{} {}", module.entry.number, module.entry.title.get(lang));
    let read = model.page.step.as_ref();
    let step = read.and_then(|id| module.steps.iter().find(|step| step.spec.id == *id));
    if let Some(step) = step {
        title = format!("{} {}", step.spec.id, step.spec.title.get(lang));
    }
    let mut percent = place(model, text.height.into());
    if crate::tui::update::falls_back(model) {
        percent = format!("{}  {percent}", words.english_only);
    }
    painter.title(area, &title, percent.trim_end(), focused);
    if model.page.is_empty() {
        let line = fill(words.no_page, &[&module.entry.number.to_string()]);
        for (y, line) in (text.y..text.bottom()).zip(wrap_text(&line, text.width.into())) {
            painter.face(text.x, y, text.width, &line, Tone::Text);
        }
        return;
    }
    let (columns, _) = super::areas::text_of_page(model.size, model.pane);
    let text = Rect { width: columns.min(text.width), ..text };
    let visible = model.page.rows.iter().enumerate().skip(model.page.scroll);
    let mut labelled = false;
    for (y, (index, row)) in (text.y..text.bottom()).zip(visible) {
        let line = Rect { y, height: 1, ..text };
        painter.row(line, row, model.page.sideways);
        if marks_copy(model, index, row) && !labelled {
            labelled = true;
            copy_label(painter, model, line);
        }
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
fn marks_copy(model: &Model, index: usize, row: &Row) -> bool {
    let frame = row
        .code
        .is_some_and(|code| Some(code.block) == model.page.code && code.fixed == row.spans.len());
    // A line of code without text has nothing to scroll either.
    let neighbour = |index: Option<usize>| {
        index.and_then(|i| model.page.rows.get(i)).and_then(|r| r.code).map(|code| code.block)
    };
    let block = model.page.code;
    frame && (neighbour(index.checked_sub(1)) != block || neighbour(Some(index + 1)) != block)
}

fn copy_label(painter: &mut Painter<'_>, model: &Model, line: Rect) {
    let text = format!(" c {} ", model.words().f_copy);
    let columns = u16::try_from(width(&text)).unwrap_or(0);
    if columns + 8 < line.width {
        let face = Face { bold: true, ..Tone::Notice.into() };
        painter.face(line.right() - columns - 1, line.y, columns, &text, face);
    }
}

pub(super) fn proof(painter: &mut Painter<'_>, model: &Model, area: Rect, focused: bool) {
    let words = model.words();
    let count = model.open_module().filter(|module| module.is_written()).map(|module| {
        let (done, all) = model.done_of(module);
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
    if more {
        let sign = if painter.theme.ascii { "v" } else { "▾" };
        painter.face(text.right() - 1, text.bottom() - 1, 1, sign, Tone::Notice);
    }
}
