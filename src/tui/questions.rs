//! Questions at a module's end: sections of their own behind the look back. An answer stands there
//! once its key has revealed it.

use std::collections::BTreeSet;

use crate::course::{Course, Module, PartId, RenderedPage, Section, SectionKind};
use crate::i18n::{Lang, Words, fill};

use super::backend::Entry;
use super::model::{Account, Model};
use super::msg::Effect;
use super::update::{notify, render_page, with_page};

/// A module; the clean-up asks nothing.
fn module_of(course: &Course, part: PartId) -> Option<&Module> {
    match part {
        PartId::Module(number) => course.module(number),
        PartId::Cleanup => None,
    }
}

fn open_module(model: &Model) -> Option<&Module> {
    module_of(model.course.as_ref()?, model.part)
}

/// Adds a module's questions to its page, with the answers that were revealed.
pub(super) fn append(
    course: &Course,
    part: PartId,
    revealed: &BTreeSet<(u8, String)>,
    (lang, words): (Lang, &Words),
    page: &mut RenderedPage,
) {
    let Some(module) = module_of(course, part) else { return };
    let lang = lang.tag();
    for (index, question) in module.questions.iter().enumerate() {
        let title = if index == 0 { words.questions } else { "" };
        let heading = if index == 0 { format!("## {title}\n\n") } else { String::new() };
        let key = (module.entry.number, question.id.clone());
        let answer = if revealed.contains(&key) {
            format!("**{}** {}", words.answer, question.answer.get(lang))
        } else {
            format!("*{}*", words.answer_hidden)
        };
        let number = index + 1;
        page.sections.push(Section {
            kind: SectionKind::LookBack,
            title: title.to_owned(),
            line: 0,
            translated: true,
            markdown: format!("{heading}**{number}.** {}\n\n{answer}\n", question.ask.get(lang)),
            blocks: Vec::new(),
        });
    }
}

/// The first hidden answer: the question's place, and how many questions there are.
pub(super) fn hidden(model: &Model) -> Option<(usize, usize)> {
    let module = open_module(model)?;
    let number = module.entry.number;
    let hidden = |id: &str| !model.past.revealed.contains(&(number, id.to_owned()));
    let place = module.questions.iter().position(|question| hidden(&question.id))?;
    Some((place, module.questions.len()))
}

/// Goes to the next question whose answer is hidden; if it is in view, reveals the answer.
pub(super) fn reveal(model: &mut Model) -> Vec<Effect> {
    let Some((place, all)) = hidden(model) else {
        notify(model, model.words().answer_none.to_owned());
        return Vec::new();
    };
    let from_end = all - place;
    let mut in_view = false;
    with_page(model, |page, view| in_view = page.bring_into_view(from_end, view));
    if !in_view {
        notify(model, fill(model.words().answer_next, &[&(place + 1).to_string()]));
        return Vec::new();
    }
    let Some(module) = open_module(model) else { return Vec::new() };
    let (module, question) = (module.entry.number, module.questions[place].id.clone());
    model.past.revealed.insert((module, question.clone()));
    let mut effects = render_page(model, true);
    with_page(model, |page, view| {
        page.bring_into_view(from_end, view);
    });
    model.notice = None;
    if let Account::Open(_) = model.account {
        effects.push(Effect::Record(Entry::Revealed { module, question }));
    }
    effects
}
