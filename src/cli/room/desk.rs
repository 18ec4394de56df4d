//! Beside the terminal interface: tells the learner's room what is recorded, and listens to it.
//! Trouble with it stops nothing: what couldn't be told is told with the next visit.

use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;

use super::entrance::take_back;
use super::member::{self, Member};
use super::{Who, address, open};
use crate::cli::{Context, Error};
use crate::course::Course;
use crate::progress::room::{Address, Item, Message, Room, RoomError, Told, update};
use crate::progress::{Journal, Learner};
use crate::tui::{Membership, RoomNews, RoomTrouble};

/// How long until a room is visited again: soon enough for what the instructor says.
const PAUSE: Duration = Duration::from_secs(5);
/// The same at most, while something is wrong.
const LONGEST: Duration = Duration::from_mins(1);
/// A table's door is kept open for so many visits: a minute. What the room is for may change, and
/// credentials are renewed.
const VISITS: u32 = 12;

/// A learner's dealings with their room.
#[derive(Debug)]
pub(in crate::cli) struct Desk {
    context: Context,
    course: Arc<Course>,
    journal: Arc<Journal>,
    learner: Learner,
    door: Option<Door>,
    /// Something was recorded that the room may not know.
    untold: bool,
    /// Visits in a row that met trouble.
    failures: u32,
    /// None while the learner is in no room: then there is nothing to visit.
    pause: Option<Duration>,
    left_elsewhere: bool,
    heard: Option<Timestamp>,
    messages: Vec<Message>,
    ends: Option<Timestamp>,
}

/// An open room.
#[derive(Debug)]
struct Door {
    address: String,
    room: Arc<dyn Room>,
    /// Visits until it is opened anew.
    visits: u32,
}

impl Desk {
    pub(in crate::cli) fn new(
        context: &Context,
        course: Arc<Course>,
        journal: Arc<Journal>,
        learner: Learner,
    ) -> Self {
        Self {
            context: context.clone(),
            course,
            journal,
            learner,
            door: None,
            untold: false,
            failures: 0,
            pause: None,
            left_elsewhere: false,
            heard: None,
            messages: Vec::new(),
            ends: None,
        }
    }

    /// How long until the next visit; none where there is no room to visit.
    pub(in crate::cli) fn pause(&self) -> Option<Duration> {
        self.pause
    }

    /// Tells the room what may be new to it, and gives what is known of it afterwards. `recorded`
    /// says that something was recorded, or that the learner joined or left.
    pub(in crate::cli) async fn visit(&mut self, recorded: bool) -> RoomNews {
        self.untold |= recorded;
        let Some(member) = self.member().await else { return self.nowhere() };
        if self.pause.is_none() {
            // Just joined, or just started.
            (self.heard, self.left_elsewhere) = (member.heard, false);
        }
        let outcome = if member.leaving {
            self.leave(&member).await
        } else {
            self.tell_and_listen(&member).await
        };
        let gone = member.leaving && outcome.is_ok();
        if gone || outcome == Err(RoomTrouble::LeftElsewhere) {
            self.left_elsewhere = !gone;
            return self.nowhere();
        }
        let trouble = outcome.err();
        if trouble.is_some() {
            tracing::warn!(?trouble, "the room");
            self.door = None;
        }
        self.failures = if trouble.is_some() { self.failures + 1 } else { 0 };
        self.pause = Some((PAUSE * 2_u32.pow(self.failures.min(8))).min(LONGEST));
        let Member { name, leaving, .. } = &member;
        let (room, name) = (member.short_name(), name.name.clone());
        RoomNews {
            member: Some(Membership { room, name, leaving: *leaving }),
            messages: self.messages.clone(),
            heard: self.heard,
            ends: self.ends,
            trouble,
            told: !self.untold,
        }
    }

    /// The learner is in no room.
    fn nowhere(&mut self) -> RoomNews {
        (self.door, self.pause, self.ends) = (None, None, None);
        self.messages.clear();
        self.failures = 0;
        let trouble = self.left_elsewhere.then_some(RoomTrouble::LeftElsewhere);
        RoomNews { trouble, told: true, ..RoomNews::default() }
    }

    async fn member(&self) -> Option<Member> {
        let (context, learner) = (self.context.clone(), self.learner.clone());
        let read = tokio::task::spawn_blocking(move || member::of(&context, &learner));
        read.await.ok().flatten()
    }

    async fn leave(&self, member: &Member) -> Result<(), RoomTrouble> {
        let left = take_back(&self.context, &self.learner, member).await;
        left.map_err(|error| unreachable(&error))
    }

    async fn tell_and_listen(&mut self, member: &Member) -> Result<(), RoomTrouble> {
        let room = self.door(member).await?;
        let told = if self.untold { self.tell(room.as_ref(), member).await } else { Ok(()) };
        match &told {
            Ok(()) => self.untold = false,
            // The instructor may still be heard.
            Err(RoomTrouble::Closed | RoomTrouble::Newer) => {}
            Err(_) => return told,
        }
        let messages = room.messages(member.account(), Timestamp::now()).await;
        self.messages = messages.map_err(trouble)?;
        let last = self.messages.iter().map(|message| message.sent).max();
        if let Some(last) = last.filter(|last| member.heard.is_none_or(|heard| *last > heard)) {
            // Should that fail, they are new again with the next start.
            let _ = member::heard(&self.context, &self.learner, last);
        }
        told
    }

    /// Tells the room what is in the journal.
    async fn tell(&self, room: &dyn Room, member: &Member) -> Result<(), RoomTrouble> {
        let item = self.item(member).await?;
        match update(room, &item).await.map_err(trouble)? {
            Told::Sent | Told::Nothing => Ok(()),
            Told::HasLeft => {
                if self.member().await.as_ref() != Some(member) {
                    // From here, just now: the next visit knows.
                    return Ok(());
                }
                let _ = member::note(&self.context, &self.learner, None);
                Err(RoomTrouble::LeftElsewhere)
            }
        }
    }

    async fn item(&self, member: &Member) -> Result<Item, RoomTrouble> {
        let (journal, learner) = (Arc::clone(&self.journal), self.learner.clone());
        let (course, member) = (Arc::clone(&self.course), member.clone());
        let read = tokio::task::spawn_blocking(move || {
            let entries = journal.entries(&learner).map_err(|error| error.to_string())?;
            Ok(member.item(&course, &learner, &entries))
        });
        let item = read.await.unwrap_or_else(|error| Err(error.to_string()));
        item.map_err(RoomTrouble::Unreachable)
    }

    /// The room, which is opened where it isn't open, or was for long.
    async fn door(&mut self, member: &Member) -> Result<Arc<dyn Room>, RoomTrouble> {
        let kept = self.door.as_mut().filter(|door| door.address == member.room);
        if let Some(door) = kept.filter(|door| door.visits > 0) {
            door.visits -= 1;
            return Ok(Arc::clone(&door.room));
        }
        let opened = open(&member.room, Who::Attendee, &self.context).await;
        let room: Arc<dyn Room> = opened.map_err(|error| unreachable(&error))?.0.into();
        let about = room.about().await.map_err(trouble)?;
        self.ends = about.ends;
        if about.expires <= Timestamp::now() {
            self.messages.clear();
            return Err(RoomTrouble::Expired);
        }
        // A file that is removed stays readable to who has it open: each visit opens it anew.
        let address = address(&member.room, &self.context);
        let visits = if matches!(address, Ok(Address::Table(..))) { VISITS } else { 0 };
        self.door = Some(Door { address: member.room.clone(), room: Arc::clone(&room), visits });
        Ok(room)
    }
}

fn trouble(error: RoomError) -> RoomTrouble {
    match error {
        RoomError::Closed => RoomTrouble::Closed,
        RoomError::Newer { .. } | RoomError::NewerItem { .. } => RoomTrouble::Newer,
        error => RoomTrouble::Unreachable(error.to_string()),
    }
}

fn unreachable(error: &Error) -> RoomTrouble {
    RoomTrouble::Unreachable(error.message.clone())
}
