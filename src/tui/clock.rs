//! The time that is left: until the event ends, and until the account's credentials expire.
//!
//! Everything is computed from the wall clock whenever it is told, so that a machine that slept or
//! whose clock was set shows the truth at once.

use jiff::{SignedDuration, Timestamp, ZonedDateTime};

use crate::i18n::{Words, clock as shown, fill};
use crate::report::status::minutes_until;

use super::model::Model;
use super::msg::Effect;

/// Minutes before the end at which it is said.
const EVENT: &[u32] = &[0, 5, 10, 30];
/// Minutes before the credentials' expiry at which it is said.
const CREDENTIALS: &[u32] = &[0, 5, 15];
/// From so many minutes before the end on, the header shows it as urgent.
const URGENT: u32 = 10;
/// How long a warning stands above the footer.
const WARNING: SignedDuration = SignedDuration::from_mins(3);

/// What is known of the time.
#[derive(Debug, Clone, Default)]
pub struct Clock {
    /// The wall clock, as it was told last.
    pub now: Option<ZonedDateTime>,
    /// When the event ends: as this machine was told, else as the room says.
    pub ends: Option<Timestamp>,
    own: Option<Timestamp>,
    room: Option<Timestamp>,
    /// When the credentials expire.
    pub expires: Option<Timestamp>,
    /// The expiry at which the provider was asked once more, and whether it held to it: one that
    /// renews credentials by itself gives others, and there is nothing to warn of.
    asked: Option<(Timestamp, bool)>,
    event: Watch,
    credentials: Watch,
}

/// A warning: which one is due, and since when.
#[derive(Debug, Clone, Default)]
struct Watch {
    stage: Option<u32>,
    since: Option<Timestamp>,
}

/// What the header says of the time, the longest form first.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Label {
    pub(super) forms: Vec<String>,
    pub(super) urgent: bool,
}

impl Watch {
    fn see(&mut self, left: Option<u32>, stages: &[u32], now: Timestamp) {
        let stage = left.and_then(|left| stages.iter().copied().find(|&stage| left <= stage));
        if stage != self.stage {
            self.stage = stage;
            self.since = stage.map(|_| now);
        }
    }

    /// The warning that is to be said now.
    fn said(&self, now: Timestamp) -> Option<u32> {
        let age = now.duration_since(self.since?);
        self.stage.filter(|_| !age.is_negative() && age < WARNING)
    }
}

impl Clock {
    /// Whole minutes until the event ends; 0 once it is over.
    pub fn left(&self) -> Option<u32> {
        Some(minutes_until(self.ends?, self.now.as_ref()?.timestamp()))
    }

    fn credentials_left(&self) -> Option<u32> {
        Some(minutes_until(self.expires?, self.now.as_ref()?.timestamp()))
    }

    /// Minutes until credentials expire that nothing renews.
    fn running_out(&self) -> Option<u32> {
        let held = self.asked.filter(|(at, held)| *held && Some(*at) == self.expires);
        held.and(self.credentials_left())
    }

    pub(super) fn label(&self, words: &Words) -> Option<Label> {
        let now = self.now.as_ref()?;
        let mut long = Vec::new();
        let mut short = Vec::new();
        let mut urgent = false;
        if let (Some(left), Some(ends)) = (self.left(), self.ends) {
            let ends = shown(ends, now);
            if left == 0 {
                short.push(fill(words.time_over, &[&ends]));
                long.clone_from(&short);
            } else {
                short.push(fill(words.time_left, &[&words.span(left)]));
                long.clone_from(&short);
                long.push(fill(words.time_ends, &[&ends]));
            }
            urgent = left <= URGENT;
        }
        let sooner = self.expires.filter(|expires| self.ends.is_none_or(|ends| *expires < ends));
        if let (Some(_), Some(left)) = (sooner, self.credentials_left()) {
            let soon = self.running_out().is_some_and(|left| left <= CREDENTIALS[2]);
            let said = if left == 0 && soon {
                words.credentials_over.to_owned()
            } else {
                fill(words.credentials_left, &[&words.span(left)])
            };
            long.push(said.clone());
            if soon || short.is_empty() {
                short = vec![said];
            }
            urgent |= soon;
        }
        let mark = if urgent { "! " } else { "" };
        let form = |parts: Vec<String>| format!("{mark}{}", parts.join(" · "));
        let forms = vec![form(long), form(short)];
        (forms[0].len() > mark.len()).then_some(Label { forms, urgent })
    }

    /// A sentence that stands above the footer for a while, and takes neither keys nor focus.
    pub(super) fn warning(&self, words: &Words) -> Option<String> {
        let [event, credentials] = self.warnings(words);
        credentials.or(event)
    }

    /// What is to be said of the event's end, and of the credentials' expiry.
    pub(super) fn warnings(&self, words: &Words) -> [Option<String>; 2] {
        let Some(now) = &self.now else { return [None, None] };
        let said = |watch: &Watch| watch.said(now.timestamp());
        let event = said(&self.event).zip(self.ends).map(|(stage, at)| {
            let at = shown(at, now);
            if stage == 0 {
                return fill(words.warn_over, &[&at]);
            }
            let text = if stage > URGENT { words.warn_ends } else { words.warn_soon };
            fill(text, &[&words.span(self.left().unwrap_or(0)), &at])
        });
        let credentials = said(&self.credentials).zip(self.expires).map(|(stage, at)| {
            let at = shown(at, now);
            if stage == 0 {
                return fill(words.warn_credentials_over, &[&at]);
            }
            let left = words.span(self.credentials_left().unwrap_or(0));
            fill(words.warn_credentials, &[&left, &at])
        });
        [event, credentials]
    }

    /// Which of these are due, so that each one is said once.
    pub(super) fn due(&self) -> [Option<u32>; 2] {
        [&self.event, &self.credentials].map(|watch| watch.stage)
    }

    /// Takes what is said at the moment away.
    pub(super) fn dismiss(&mut self) {
        self.event.since = None;
        self.credentials.since = None;
    }

    /// Knows nothing of credentials: another account is opened.
    pub(super) fn forget_credentials(&mut self) {
        self.expires = None;
        self.asked = None;
        self.credentials = Watch::default();
    }

    /// What this machine was told counts, unless that is over and the room knows a later end.
    fn choose(&mut self) {
        let now = self.now.as_ref().map(ZonedDateTime::timestamp);
        let over = |at: &Timestamp| now.is_some_and(|now| *at <= now);
        let own = self.own.filter(|own| !over(own) || self.room.is_none_or(|room| room <= *own));
        self.ends = own.or(self.room);
    }

    fn see(&mut self) {
        let Some(now) = self.now.as_ref().map(ZonedDateTime::timestamp) else { return };
        let (left, running_out) = (self.left(), self.running_out());
        self.event.see(left, EVENT, now);
        self.credentials.see(running_out, CREDENTIALS, now);
    }
}

/// Takes the wall clock's time.
pub(super) fn tick(model: &mut Model, now: ZonedDateTime) -> Vec<Effect> {
    change(model, |clock| clock.now = Some(now))
}

/// Takes the event's end, as this machine was told.
pub(super) fn ends(model: &mut Model, ends: Option<Timestamp>) -> Vec<Effect> {
    change(model, |clock| {
        clock.own = ends;
        clock.choose();
    })
}

/// Takes the event's end, as the room says.
pub(super) fn room_ends(model: &mut Model, ends: Option<Timestamp>) -> Vec<Effect> {
    if model.clock.room == ends {
        return Vec::new();
    }
    change(model, |clock| {
        clock.room = ends;
        clock.choose();
    })
}

/// Takes the credentials' expiry, from their use, or because the provider was asked once more.
pub(super) fn expiry(model: &mut Model, at: Option<Timestamp>, again: bool) -> Vec<Effect> {
    change(model, |clock| {
        clock.expires = at;
        if let (true, Some(at), Some((asked, _))) = (again, at, clock.asked) {
            clock.asked = (at == asked).then_some((at, true));
        }
    })
}

/// Changes the clock; draws only where that shows, and asks the provider when it is time to.
fn change(model: &mut Model, change: impl FnOnce(&mut Clock)) -> Vec<Effect> {
    let words = model.words();
    let seen = |clock: &Clock| (clock.label(words), clock.warning(words));
    let before = (seen(&model.clock), model.clock.left());
    change(&mut model.clock);
    model.clock.see();
    let after = (seen(&model.clock), model.clock.left());
    if before.0 != after.0 {
        model.dirty = true;
    }
    if after.0.1.is_some() && before.0.1.is_none() {
        // News of before makes room; trouble stays.
        model.notice = model.notice.take().filter(|notice| notice.trouble);
    }
    if before.1 != after.1 {
        super::map::plan_anew(model);
    }
    ask_again(&mut model.clock).into_iter().collect()
}

fn ask_again(clock: &mut Clock) -> Option<Effect> {
    let (expires, left) = (clock.expires?, clock.credentials_left()?);
    let asked = clock.asked.is_some_and(|(at, _)| at == expires);
    if left > CREDENTIALS[2] || asked {
        return None;
    }
    clock.asked = Some((expires, false));
    Some(Effect::ReadExpiry(true))
}
