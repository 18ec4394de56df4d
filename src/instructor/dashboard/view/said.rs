//! What is said in words: trouble with a room, orders, parts of the attendees.

use crate::check::{State, Verdict};
use crate::i18n::{DashboardWords, fill};
use crate::instructor::crowd::{Only, Order, Outline, Presence};
use crate::instructor::dashboard::model::Model;
use crate::progress::room::{RoomError, Unreadable};
use crate::tui::Trouble;
use crate::tui::kit;

/// A sentence after another one; Japanese puts no space between them.
pub(in crate::instructor::dashboard) fn sentences(first: &str, next: &str) -> String {
    let space = if first.ends_with('。') || next.is_empty() { "" } else { " " };
    format!("{first}{space}{next}")
}

/// Trouble with a room, and what to do about it.
pub(in crate::instructor::dashboard) fn room_trouble(
    words: &DashboardWords,
    trouble: &RoomError,
) -> String {
    match trouble {
        RoomError::Missing { .. } => words.trouble_missing.to_owned(),
        RoomError::Foreign { .. } => words.trouble_foreign.to_owned(),
        RoomError::Newer { .. } | RoomError::NewerItem { .. } => words.trouble_newer.to_owned(),
        RoomError::Closed => words.room_closed.to_owned(),
        RoomError::Busy => words.trouble_busy.to_owned(),
        other => {
            let trouble = Trouble::new(other.to_string(), other.advice());
            fill(words.trouble_other, &[&kit::one_line(&trouble)])
        }
    }
}

/// An order's name.
pub(super) fn order(words: &DashboardWords, order: Order) -> &'static str {
    match order {
        Order::Stuck => words.order_stuck,
        Order::Progress => words.order_progress,
        Order::Name => words.order_name,
        Order::Account => words.order_account,
        Order::News => words.order_news,
        Order::Where => words.order_where,
    }
}

/// Who is shown.
pub(super) fn filter(model: &Model) -> String {
    let words = model.words();
    let only = match model.list.filter.only {
        None => words.only_all.to_owned(),
        Some(Only::Stuck) => words.only_stuck.to_owned(),
        Some(Only::Help) => words.only_help.to_owned(),
        Some(Only::Disagree) => words.only_disagree.to_owned(),
        Some(Only::Expected) => words.only_expected.to_owned(),
        Some(Only::Module(at)) => {
            let column = model.crowd.outline().columns.get(at);
            let number = column.map_or(String::new(), |column| column.number.to_string());
            fill(words.only_module, &[&number])
        }
    };
    let text = model.list.filter.text.trim();
    if text.is_empty() { only } else { format!("{only} \"{text}\"") }
}

/// Why an attendee has no news, where they have none.
pub(super) fn presence(words: &DashboardWords, presence: Presence) -> Option<&'static str> {
    match presence {
        Presence::Here => None,
        Presence::Expected => Some(words.presence_expected),
        Presence::Left => Some(words.presence_left),
        Presence::OtherCourse => Some(words.presence_other),
        Presence::Unreadable(Unreadable::Newer { .. }) => Some(words.presence_newer),
        Presence::Unreadable(Unreadable::TooLong) => Some(words.presence_long),
        Presence::Unreadable(Unreadable::Foreign) => Some(words.presence_foreign),
    }
}

/// Where something stands, as the room says.
pub(super) fn state(words: &DashboardWords, state: State) -> &'static str {
    match state {
        State::NotStarted => words.state_not_begun,
        State::InProgress => words.state_working,
        State::Done => words.state_done,
        State::Regressed => words.state_regressed,
    }
}

/// What the sweep found.
pub(super) fn proof(words: &DashboardWords, verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Pass => words.proof_pass,
        Verdict::Fail => words.proof_fail,
        Verdict::Waiting => words.proof_waiting,
        Verdict::Blocked | Verdict::Skipped => words.proof_blocked,
        Verdict::CannotTell => words.proof_unsure,
    }
}

/// A step's number and title.
pub(super) fn step(model: &Model, id: &str) -> String {
    let title = model.course.step(id).map(|(_, step)| step.spec.title.get(model.lang.tag()));
    format!("{id} {}", title.unwrap_or_default()).trim_end().to_owned()
}

/// A step's id, by its place.
pub(super) fn step_id(outline: &Outline, step: usize) -> &str {
    outline.steps.get(step).map_or("", |step| &step.id)
}

/// Whether terminals may not agree on the columns of a text: where letters join their neighbours.
pub(in crate::instructor::dashboard) fn is_joined(text: &str) -> bool {
    let joins = |letter: char| {
        matches!(letter, '\u{900}'..='\u{eff}' | '\u{1000}'..='\u{109f}' | '\u{1780}'..='\u{17ff}'
            | '\u{200d}' | '\u{fe0f}')
    };
    text.chars().any(joins)
}
