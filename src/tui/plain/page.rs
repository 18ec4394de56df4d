//! The open page in words: the part that is read, its code blocks, its values.

use crate::course::{PartId, Step};
use crate::i18n::fill;
use crate::markdown::{CodeBlock, PlainLine, code_title, plain, unknown};
use crate::report::lock_line;
use crate::tui::language::falls_back;
use crate::tui::model::Model;
use crate::tui::section::Section;
use crate::tui::standing::StepStatus;
use crate::tui::theme::Theme;
use crate::tui::view::map::module_of;

/// What of a page is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Reading {
    /// The step that the state is at, or the opening above the first one.
    Here,
    /// The same, the opening before the first step included.
    FromOpening,
    /// What stands behind the last step.
    LookBack,
    /// One of its sections.
    Section(usize),
    /// All of it.
    All,
}

/// A part's name: `Module 1: …`, or the clean-up's title.
pub(super) fn part_name(model: &Model, id: PartId) -> String {
    let part = model.course.as_ref().and_then(|course| course.part(id));
    let title = part.map_or("", |part| part.title.get(model.lang.tag()));
    match id {
        PartId::Module(number) => fill(model.words().p_module, &[&number.to_string(), title]),
        PartId::Cleanup => title.to_owned(),
    }
}

/// What is to be known before a part is read: name, minutes, how far it is, what it waits for.
pub(super) fn introduction(model: &Model) -> Vec<PlainLine> {
    let words = model.words();
    let (Some(course), Some(part)) = (&model.course, model.open_part()) else { return Vec::new() };
    let mut lines = vec![PlainLine::new(part_name(model, part.id))];
    if !part.is_written() || model.page.is_empty() {
        let line = match part.id {
            PartId::Module(number) => fill(words.no_page, &[&number.to_string()]),
            PartId::Cleanup => words.not_written.to_owned(),
        };
        lines.push(PlainLine::new(line));
        return lines;
    }
    let (done, all) = model.done_of(part.steps);
    let minutes = fill(words.minutes, &[&part.minutes.to_string()]);
    let progress = fill(words.p_progress, &[&done.to_string(), &all.to_string()]);
    lines.push(PlainLine::new(format!("{minutes}{}{progress}", words.comma)));
    let lock = module_of(course, part.id).and_then(|module| course.locked(module, &model.wish()));
    if let Some(lock) = lock.filter(|_| done < all) {
        lines.push(PlainLine::new(lock_line(&lock, words)));
    }
    lines
}

/// A part of the page in words.
pub(super) fn read(model: &Model, reading: Reading) -> Vec<PlainLine> {
    let words = model.words();
    let mut lines: Vec<PlainLine> = Vec::new();
    if falls_back(model) {
        lines.push(PlainLine::new(words.english_only));
    }
    let mut first_code = 1;
    for (index, section) in model.page.sections.iter().enumerate() {
        if is_read(model, section, index, reading) {
            if !lines.is_empty() {
                lines.push(PlainLine::default());
            }
            lines.extend(plain(&section.document, words, first_code));
        }
        first_code += section.document.codes.len();
    }
    lines
}

fn is_read(model: &Model, section: &Section, index: usize, reading: Reading) -> bool {
    let here = section.step == model.page.step;
    let opening = index == 0 && section.step.is_none();
    match reading {
        Reading::Here => here && (section.step.is_some() || opening),
        Reading::FromOpening => (here && section.step.is_some()) || opening,
        Reading::LookBack => index > 0 && section.step.is_none(),
        Reading::Section(section) => index == section,
        Reading::All => true,
    }
}

/// Where the step that is read stands.
pub(super) fn state(model: &Model) -> Option<String> {
    let words = model.words();
    let id = model.page.step.as_deref()?;
    let step = model.open_part()?.steps.iter().find(|step| step.spec.id == id)?;
    let status = model.status(step);
    let said = fill(words.p_state, &[id, Theme::word(status, words)]);
    let ask = if status == StepStatus::Unknown { words.p_to_verify } else { "" };
    Some(format!("{said} {ask}").trim_end().to_owned())
}

/// `0a Deploy the stack`.
pub(super) fn step_name(model: &Model, step: &Step) -> String {
    let title = step.spec.title.get(model.lang.tag());
    let optional = format!("{}({})", model.words().comma, model.words().optional);
    let optional = if step.spec.optional { optional } else { String::new() };
    format!("{} {title}{optional}", step.spec.id)
}

/// The code blocks of the open page with their numbers, and whether they are in what is read.
pub(super) fn codes(model: &Model) -> impl Iterator<Item = (usize, &CodeBlock, bool)> {
    let sections = model.page.sections.iter().enumerate();
    let all = sections.flat_map(|(index, section)| {
        let here = is_read(model, section, index, Reading::Here);
        section.document.codes.iter().map(move |code| (code, here))
    });
    all.enumerate().map(|(index, (code, here))| (index + 1, code, here))
}

/// A code block alone, exactly as it stands on the page; or why not.
pub(super) fn code(model: &Model, number: usize) -> Result<Vec<PlainLine>, String> {
    let words = model.words();
    let found = codes(model).find(|(at, ..)| *at == number);
    let (_, code, _) = found.ok_or_else(|| fill(words.p_no_code, &[&number.to_string()]))?;
    if let Some(missing) = code.missing.first() {
        return Err(fill(words.copy_missing, &[unknown(&code.text[missing.clone()])]));
    }
    Ok(code.text.lines().map(PlainLine::code).collect())
}

/// The code blocks of what is read, a line each.
pub(super) fn code_list(model: &Model) -> Vec<PlainLine> {
    let words = model.words();
    let line = |(number, code, _): (usize, &CodeBlock, bool)| {
        let first = code.text.lines().next().unwrap_or_default().trim();
        PlainLine::new(format!("{} {first}", code_title(code, number, words)))
    };
    let mut lines: Vec<PlainLine> = codes(model).filter(|(.., here)| *here).map(line).collect();
    let head = if lines.is_empty() { words.copy_none } else { words.p_codes };
    lines.insert(0, PlainLine::new(head));
    lines
}
