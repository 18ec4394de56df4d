//! Messages: to all or to one, asked about before they are sent, and shown until they go.

use jiff::SignedDuration;

use super::{notify, warn};
use crate::i18n::fill;
use crate::instructor::dashboard::model::{Draft, Model, Sheet};
use crate::instructor::dashboard::msg::Effect;
use crate::instructor::dashboard::prompt::{self, Purpose};
use crate::instructor::dashboard::view::said;
use crate::progress::room::{Message, RoomError};

/// Minutes after which a message may go.
const LIFETIMES: [i64; 6] = [5, 10, 15, 30, 60, 120];
/// Messages that are remembered.
const KEPT: usize = 20;

/// Begins to type a message, to all or to the marked attendee.
pub(in super::super) fn begin_to_say(model: &mut Model, to_all: bool) -> Vec<Effect> {
    if !may_say(model) {
        return Vec::new();
    }
    let to = if to_all {
        None
    } else {
        let Some(to) = whom(model) else { return Vec::new() };
        Some(to)
    };
    prompt::open(model, Purpose::Say(to), String::new())
}

/// Says that somebody is on the way to the marked attendee, who asks for help.
pub(in super::super) fn attend(model: &mut Model) -> Vec<Effect> {
    if !may_say(model) {
        return Vec::new();
    }
    let asked = model.marked().and_then(|attendee| Some(attendee.open_help()?.asked));
    let Some(asked) = asked else {
        notify(model, model.words().attend_none.to_owned());
        return Vec::new();
    };
    let Some(to) = whom(model) else { return Vec::new() };
    let text = model.words().attend_text.to_owned();
    let draft = Draft { to: Some(to), text, minutes: LIFETIMES[1], answers: Some(asked) };
    model.sheet = Some(Sheet::Send(draft));
    Vec::new()
}

fn may_say(model: &mut Model) -> bool {
    if model.room.is_none() {
        notify(model, model.words().no_room.to_owned());
    }
    model.room.is_some()
}

/// The marked attendee; says why there is none.
fn whom(model: &mut Model) -> Option<(String, String)> {
    let words = model.words();
    let found = match model.marked() {
        Some(attendee) if attendee.is_here() => {
            Ok((attendee.account.clone(), attendee.name.clone()))
        }
        Some(attendee) => Err(fill(words.not_here, &[&attendee.name])),
        None => Err(words.none_marked.to_owned()),
    };
    found.map_err(|why| notify(model, why)).ok()
}

/// Lets a message go later, or earlier.
pub(super) fn change_lifetime(draft: &mut Draft, longer: bool) {
    let at = LIFETIMES.iter().position(|minutes| *minutes >= draft.minutes).unwrap_or(0);
    let at = if longer { (at + 1).min(LIFETIMES.len() - 1) } else { at.saturating_sub(1) };
    draft.minutes = LIFETIMES[at];
}

/// Sends what was agreed to.
pub(super) fn send(model: &mut Model, draft: Draft) -> Vec<Effect> {
    let sent = model.time.wall;
    let Ok(expires) = sent.checked_add(SignedDuration::from_mins(draft.minutes)) else {
        return Vec::new();
    };
    let to = draft.to.map(|(account, _)| account);
    if let (Some(account), Some(asked)) = (&to, draft.answers) {
        model.attended.insert((account.clone(), asked));
    }
    notify(model, model.words().sending.to_owned());
    vec![Effect::Post(Message { to, text: draft.text, sent, expires })]
}

/// Takes whether a message was sent.
pub(super) fn said(
    model: &mut Model,
    message: Message,
    outcome: Result<(), RoomError>,
) -> Vec<Effect> {
    let words = model.words();
    match outcome {
        Ok(()) => {
            let goes = model.time.shown(message.expires);
            let text = match &message.to {
                None => fill(words.sent_all, &[&goes]),
                Some(account) => {
                    let at = model.crowd.find(account);
                    let name = at.map_or(account, |at| &model.crowd.attendees()[at].name);
                    fill(words.sent_one, &[name, &goes])
                }
            };
            notify(model, text);
            model.said.push(message);
            let over = model.said.len().saturating_sub(KEPT);
            model.said.drain(..over);
        }
        Err(trouble) => {
            model.polling.closed |= trouble == RoomError::Closed;
            if let Some(account) = &message.to {
                model.attended.retain(|(other, _)| other != account);
            }
            let why = said::room_trouble(words, &trouble);
            warn(model, said::sentences(words.not_sent, &why));
        }
    }
    Vec::new()
}
