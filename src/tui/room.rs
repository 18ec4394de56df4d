//! The room that the learner is in: what the instructor says, and whether the room can be told
//! anything. None of it takes keys or focus, or moves the page.

mod help;
mod join;

use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;
use tokio::sync::mpsc::UnboundedSender;

use crate::i18n::{Words, fill};
use crate::progress::room::Message;

use super::backend::{Trouble, Work};
use super::clock;
use super::model::{Account, Model, Sheet, SheetKind};
use super::msg::Effect;
use super::time::Time;
use super::update::{complain, notify};

pub use help::HelpPlan;
pub(super) use help::{ask, ask_or_take_back, show_or_hide, take_back};
pub use join::{Field, JoinAsk, JoinForm};
pub(super) use join::{paste, press, previewed, submit};

/// How long a new message stands in full.
const IN_FULL: Duration = Duration::from_mins(1);
/// How long trouble is said.
const SAID: Duration = Duration::from_mins(3);
/// New messages that stand in full at once.
const AT_ONCE: usize = 3;

/// What is known of the learner's room.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct RoomNews {
    /// The room; none where the learner is in none.
    pub member: Option<Membership>,
    /// The messages that haven't gone, oldest first.
    pub messages: Vec<Message>,
    /// When the last one was sent that was shown in an earlier session.
    pub heard: Option<Timestamp>,
    /// When the event ends, as the room says.
    pub ends: Option<Timestamp>,
    /// What is wrong.
    pub trouble: Option<RoomTrouble>,
    /// Whether the room knows all that was recorded.
    pub told: bool,
}

/// Where the learner is, and as whom.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Membership {
    /// The room's short name.
    pub room: String,
    /// The name that the learner chose.
    pub name: String,
    /// The learner has left, and the room couldn't be told yet.
    pub leaving: bool,
}

/// What can be wrong with a room. None of it stops anything.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RoomTrouble {
    /// It can't be read or written: why.
    Unreachable(String),
    /// It takes nothing more.
    Closed,
    /// The learner left it on another machine.
    LeftElsewhere,
    /// A newer version of stepproof wrote what stands there.
    Newer,
    /// Its time is over, and all that was in it is thrown away.
    Expired,
}

impl RoomTrouble {
    /// Whether it is the same trouble, in whatever words.
    pub(super) fn is(&self, other: &Self) -> bool {
        std::mem::discriminant(self) == std::mem::discriminant(other)
    }

    /// What it means, in a sentence or two.
    pub(super) fn said(&self, words: &Words) -> String {
        match self {
            Self::Unreachable(why) => {
                fill(words.room_unreachable, &[why.trim_end_matches(['.', '。'])])
            }
            Self::Closed => words.room_closed.to_owned(),
            Self::LeftElsewhere => words.room_left.to_owned(),
            Self::Newer => words.room_newer.to_owned(),
            Self::Expired => words.room_expired.to_owned(),
        }
    }
}

/// What the learner would tell a room by joining it, shown before anything is sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct JoinPlan {
    /// The room's short name.
    pub room: String,
    /// The name to be shown.
    pub name: String,
    /// Exactly what is sent, a line each.
    pub sent: Vec<String>,
}

/// What came of leaving.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Leave {
    /// The room keeps nothing.
    Done,
    /// The room can't be reached; it is told as soon as it can be.
    Later,
}

/// What is to be done with rooms.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RoomEffect {
    /// Follow the open account's room from now on.
    Watch,
    /// Find out what a room, by its code or file, would be told by joining it under a name.
    Preview(String, String),
    /// Join as it was shown.
    Join(JoinPlan),
    /// Leave the room.
    Leave,
}

/// What came of it.
#[derive(Debug)]
pub enum RoomMsg {
    /// Something is new.
    News(RoomNews),
    /// What a room would be told.
    Previewed(Result<JoinPlan, Trouble>),
    /// The learner has joined, or not.
    Joined(JoinPlan, Result<(), Trouble>),
    /// The learner has left, or not.
    Left(Result<Leave, Trouble>),
}

/// The rooms of the rest of the program.
pub trait Rooms: Send + Sync + 'static {
    /// Tells the open account's room what is recorded, and listens to it, until another account is
    /// opened. Says only what is new.
    fn watch(self: Arc<Self>, news: UnboundedSender<RoomNews>) -> Work<()>;

    /// What a room, by its code or file, would be told by joining it under a name.
    fn preview(self: Arc<Self>, room: String, name: String) -> Work<JoinPlan>;

    /// Joins a room as it was shown last.
    fn join(self: Arc<Self>, plan: JoinPlan) -> Work<()>;

    /// Leaves the room, and takes back what it was told.
    fn leave(self: Arc<Self>) -> Work<Leave>;
}

/// The room, as the interface shows it.
#[derive(Debug, Clone, Default)]
pub struct RoomView {
    /// What is known.
    pub news: RoomNews,
    /// Whether anything was heard of this room.
    known: bool,
    /// Messages that are new and stand in full, and since when.
    fresh: Vec<Message>,
    fresh_since: Duration,
    /// Trouble is said since then.
    trouble_since: Option<Duration>,
    /// The message that stands was taken off the status line.
    dismissed: bool,
}

impl RoomView {
    /// Messages that are new, oldest first.
    pub(super) fn fresh(&self) -> &[Message] {
        &self.fresh
    }

    /// Takes the messages in that weren't there before; whether some are new.
    fn take_messages(&mut self, news: &RoomNews) -> bool {
        let room = |news: &RoomNews| news.member.as_ref().map(|member| member.room.clone());
        if room(&self.news) != room(news) {
            self.known = false;
            self.fresh.clear();
        }
        let before = &self.news.messages;
        let unheard = |message: &Message| news.heard.is_none_or(|heard| message.sent > heard);
        let is_new = |message: &&Message| {
            if self.known { !before.contains(message) } else { unheard(message) }
        };
        let new: Vec<Message> = news.messages.iter().filter(is_new).cloned().collect();
        self.known = news.member.is_some();
        self.fresh.retain(|message| news.messages.contains(message));
        let some = !new.is_empty();
        self.fresh.extend(new);
        some
    }
}

/// What of the room stands on the screen; nothing where the learner is in none.
pub(super) fn seen(model: &Model) -> Option<(Option<Banner>, Option<String>, Option<String>)> {
    let none = model.room.news == RoomNews::default();
    (!none).then(|| (banner(model), standing(model), label(model)))
}

/// Changes the room; draws only where that shows.
fn change(model: &mut Model, change: impl FnOnce(&mut RoomView)) {
    let before = seen(model);
    change(&mut model.room);
    let sheet = matches!(&model.sheet, Some(Sheet { kind: SheetKind::Room, .. }));
    model.dirty |= sheet || before != seen(model);
}

/// Takes what is new.
fn news(model: &mut Model, news: RoomNews) -> Vec<Effect> {
    let running = model.time.running;
    let ends = news.ends;
    let mut some = false;
    change(model, |room| {
        some = room.take_messages(&news);
        if some {
            (room.fresh_since, room.dismissed) = (running, false);
        }
        let before = room.news.trouble.as_ref();
        let same = |trouble: &RoomTrouble| before.is_some_and(|before| before.is(trouble));
        match &news.trouble {
            Some(trouble) if !same(trouble) => room.trouble_since = Some(running),
            Some(_) => {}
            None => room.trouble_since = None,
        }
        room.news = news;
    });
    if some {
        // News of before makes room; trouble stays.
        model.notice = model.notice.take().filter(|notice| notice.trouble);
    }
    clock::room_ends(model, ends)
}

/// Takes the time: messages go by themselves, and what was new no longer is.
pub(super) fn tick(model: &mut Model) {
    let Time { running, wall, .. } = model.time;
    // What stands in the way of reading takes nothing off the time for it.
    let covered = model.sheet.is_some() || model.palette.is_some() || model.join.is_some();
    let room = &mut model.room;
    room.news.messages.retain(|message| message.expires > wall);
    room.fresh.retain(|message| message.expires > wall);
    if covered {
        room.fresh_since = running;
    } else if running.saturating_sub(room.fresh_since) >= IN_FULL {
        room.fresh.clear();
    }
    room.trouble_since.take_if(|since| running.saturating_sub(*since) >= SAID);
}

/// Takes what came of something with rooms.
pub(super) fn answered(model: &mut Model, msg: RoomMsg) -> Vec<Effect> {
    match msg {
        RoomMsg::News(told) => return news(model, told),
        RoomMsg::Previewed(plan) => previewed(model, plan),
        RoomMsg::Joined(plan, Ok(())) => notify(model, fill(model.words().joined, &[&plan.room])),
        RoomMsg::Left(Ok(Leave::Done)) => notify(model, model.words().left_room.to_owned()),
        RoomMsg::Left(Ok(Leave::Later)) => notify(model, model.words().left_room_later.to_owned()),
        RoomMsg::Joined(_, Err(trouble)) | RoomMsg::Left(Err(trouble)) => complain(model, &trouble),
    }
    Vec::new()
}

/// Whether the learner is in a room that takes what they say.
pub(super) fn is_in_room(model: &Model) -> bool {
    model.room.news.member.as_ref().is_some_and(|member| !member.leaving)
}

/// Opens the room's window, or the form to join one.
pub(super) fn open(model: &mut Model) -> Vec<Effect> {
    if is_in_room(model) {
        // All of it is there to be read.
        change(model, |room| room.fresh.clear());
        model.sheet = Some(Sheet::new(SheetKind::Room));
        return Vec::new();
    }
    match &model.account {
        Account::Open(_) if model.plain => notify(model, model.words().room_none.to_owned()),
        Account::Open(_) => model.join = Some(JoinForm::default()),
        _ => notify(model, model.words().no_account_yet.to_owned()),
    }
    Vec::new()
}

/// Asks whether to leave the room.
pub(super) fn ask_to_leave(model: &mut Model) -> Vec<Effect> {
    if is_in_room(model) {
        model.sheet = Some(Sheet::new(SheetKind::LeaveRoom));
    } else {
        notify(model, model.words().room_none.to_owned());
    }
    Vec::new()
}

/// Leaves the room. A request for help goes along.
pub(super) fn leave(model: &mut Model) -> Vec<Effect> {
    let mut effects = take_back(model);
    model.notice = None;
    effects.push(Effect::Room(RoomEffect::Leave));
    effects
}

/// Takes what the room says off the status line; whether there was something.
pub(super) fn dismiss(model: &mut Model) -> bool {
    let shown = banner(model).is_some() || standing(model).is_some();
    if shown {
        change(model, |room| {
            room.fresh.clear();
            room.trouble_since = None;
            room.dismissed = true;
        });
    }
    shown
}

/// What stands above the status line for a while.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Banner {
    /// Trouble, rather than messages.
    pub(super) trouble: bool,
    /// A paragraph each.
    pub(super) texts: Vec<String>,
}

/// New messages in full, else trouble that wasn't said before.
pub(super) fn banner(model: &Model) -> Option<Banner> {
    let (room, words) = (&model.room, model.words());
    if room.fresh.is_empty() {
        let trouble = room.news.trouble.as_ref().filter(|_| room.trouble_since.is_some())?;
        return Some(Banner { trouble: true, texts: vec![trouble.said(words)] });
    }
    let more = room.fresh.len().saturating_sub(AT_ONCE);
    let mut texts: Vec<String> =
        room.fresh[more..].iter().map(|message| said(message, words)).collect();
    if let Some(last) = texts.last_mut().filter(|_| more > 0) {
        *last = fill(words.message_more, &[last, &more.to_string()]);
    }
    Some(Banner { trouble: false, texts })
}

/// The last message that stands, and how many others do, once it isn't new any more.
pub(super) fn standing(model: &Model) -> Option<String> {
    let (room, words) = (&model.room, model.words());
    if room.dismissed || !room.fresh.is_empty() {
        return None;
    }
    let (last, others) = room.news.messages.split_last()?;
    let text = said(last, words);
    Some(match others.len() {
        0 => text,
        others => fill(words.message_more, &[&text, &others.to_string()]),
    })
}

/// A message, and whom it is for.
pub(super) fn said(message: &Message, words: &Words) -> String {
    let to = if message.to.is_some() { words.message_you } else { words.message_all };
    fill(to, &[&message.text])
}

/// Which room the learner is in, and whether they wait for help.
pub(super) fn label(model: &Model) -> Option<String> {
    let (news, words) = (&model.room.news, model.words());
    let Membership { room, name, leaving } = news.member.as_ref()?;
    if *leaving {
        return Some(fill(words.room_label_leaving, &[room]));
    }
    let place = match &news.trouble {
        Some(RoomTrouble::Unreachable(_)) => fill(words.room_label_away, &[room]),
        _ => fill(words.room_label, &[room, name]),
    };
    Some(match help_label(model) {
        Some(help) => format!("{help} · {place}"),
        None => place,
    })
}

/// How long ago help was asked for, where it still is.
pub(super) fn help_label(model: &Model) -> Option<String> {
    let (help, words) = (model.past.help.as_ref()?, model.words());
    let now = model.clock.now.as_ref().map_or(model.time.wall, jiff::ZonedDateTime::timestamp);
    let minutes = u32::try_from(now.duration_since(help.asked).as_mins()).unwrap_or(0);
    let label = match minutes {
        0 => words.help_now.to_owned(),
        minutes => fill(words.help_ago, &[&words.span(minutes)]),
    };
    let told = model.room.news.told;
    Some(if told { label } else { fill(words.help_unsent, &[&label]) })
}
