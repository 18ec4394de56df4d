//! The room: its messages, what it would be told, what the instructor is shown with a request for
//! help.

use jiff::Timestamp;

use crate::i18n::{clock, fill};
use crate::markdown::{Span, Tone};
use crate::tui::model::Model;
use crate::tui::room::{HelpPlan, JoinPlan, help_label, said};

use super::{Rows, bold};

/// The room's short name.
pub(super) fn name(model: &Model) -> &str {
    model.room.news.member.as_ref().map_or("", |member| member.room.as_str())
}

/// The room that the learner is in, and the messages that stand.
pub(super) fn rows(model: &Model, page: &mut Rows) {
    let (words, news) = (model.words(), &model.room.news);
    let name = news.member.as_ref().map_or("", |member| member.name.as_str());
    page.text(&fill(words.room_as, &[name]), Tone::Text);
    if let Some(trouble) = &news.trouble {
        page.hanging(&Span::new("! ", bold(Tone::Warning)), &trouble.said(words), Tone::Warning);
    }
    page.heading(words.room_messages);
    if news.messages.is_empty() {
        page.text(words.room_no_messages, Tone::Text);
    }
    for message in news.messages.iter().rev() {
        let until = fill(words.room_message_until, &[&at(model, message.expires)]);
        page.hanging(&Span::new(until, Tone::Dim), &said(message, words), Tone::Text);
    }
    page.heading(words.room_help);
    match (help_label(model), &model.past.help) {
        (Some(label), Some(help)) => page.text(&format!("{}: {label}", help.step), Tone::Text),
        _ => page.text(words.room_how_to_ask, Tone::Text),
    }
    page.gap();
    page.text(words.room_how_to_leave, Tone::Dim);
}

/// A time of day where the learner is.
fn at(model: &Model, time: Timestamp) -> String {
    clock(time, &model.time.zoned())
}

/// What a room would be told.
pub(super) fn consent(model: &Model, plan: &JoinPlan, page: &mut Rows) {
    let words = model.words();
    page.text(words.consent_intro, bold(Tone::Text));
    page.gap();
    // As it is: a row a line, which scrolls sideways.
    let bar = if model.theme.ascii { "| " } else { "│ " };
    for line in &plan.sent {
        page.code(vec![Span::new(bar, Tone::Dim)], vec![Span::new(line.clone(), Tone::Text)]);
    }
    page.gap();
    page.text(words.consent_note, Tone::Text);
}

/// What the instructor would be shown.
pub(super) fn help(model: &Model, plan: &HelpPlan, page: &mut Rows) {
    let words = model.words();
    let step = model.course.as_ref().and_then(|course| course.step(&plan.step));
    let title = step.map_or("", |(_, step)| step.spec.title.get(model.lang.tag()));
    page.text(&format!("{} {title}", plan.step), bold(Tone::Heading));
    page.gap();
    if plan.shown {
        page.text(words.help_shown, Tone::Text);
        page.gap();
        exactly(&plan.evidence, page);
        return;
    }
    page.text(words.help_not_shown, Tone::Text);
    if plan.evidence.is_empty() {
        page.gap();
        page.text(words.help_nothing, Tone::Text);
    }
}

/// What the instructor is shown.
pub(super) fn help_open(model: &Model, page: &mut Rows) {
    let (words, Some(help)) = (model.words(), &model.past.help) else { return };
    page.text(&help_label(model).unwrap_or_default(), bold(Tone::Text));
    page.gap();
    if help.evidence.is_empty() {
        page.text(words.help_open_not_shown, Tone::Text);
        return;
    }
    page.text(words.help_open_shown, Tone::Text);
    page.gap();
    exactly(&help.evidence, page);
}

/// Lines as the instructor reads them.
fn exactly(lines: &[String], page: &mut Rows) {
    for line in lines {
        page.hanging(&Span::new("  ", Tone::Text), line, Tone::Text);
    }
}
