//! Which rooms this machine's learners are in, and under which name: `STEPPROOF_HOME/rooms.json`.

use std::sync::{Mutex, PoisonError};

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::check::AccountKind;
use crate::cli::{Context, Error, output};
use crate::course::Course;
use crate::progress::room::{Code, Item, Name, shown_name};
use crate::progress::{Entry, Learner};

/// Whoever changes the file has it alone: a room is left while its desk visits it.
static CHANGING: Mutex<()> = Mutex::new(());

/// A learner who agreed to tell a room. Each is in one room at most.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Member {
    course: String,
    kind: AccountKind,
    account: String,
    /// The room, as `room join` takes it.
    pub(super) room: String,
    /// The account that the room knows the learner by, where it is another than the one that is
    /// worked in: on a table, a practice account's learner comes with an AWS account.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    seat: Option<String>,
    /// The name that was chosen, and when.
    pub(super) name: Name,
    /// When the last message was sent that was shown.
    #[serde(default)]
    pub(super) heard: Option<Timestamp>,
    /// Wants to leave, and the room couldn't be told yet: nothing more is sent.
    #[serde(default)]
    pub(super) leaving: bool,
}

impl Member {
    pub(super) fn new(learner: &Learner, room: String, name: Name) -> Self {
        let Learner { course, kind, account } = learner.clone();
        Self { course, kind, account, room, seat: None, name, heard: None, leaving: false }
    }

    /// The same, known to the room by this account.
    pub(super) fn known_as(mut self, account: String) -> Self {
        self.seat = (account != self.account).then_some(account);
        self
    }

    /// The account that the room knows the learner by: the key of their row.
    pub(super) fn account(&self) -> &str {
        self.seat.as_ref().unwrap_or(&self.account)
    }

    /// The room's short name: its code without where its table is, or its file's name.
    pub(super) fn short_name(&self) -> String {
        if let Ok(code) = self.room.parse::<Code>() {
            return code.room;
        }
        let file = std::path::Path::new(&self.room).file_stem();
        file.map_or_else(|| self.room.clone(), |file| shown_name(&file.to_string_lossy()))
    }

    /// What the room is told of the learner's entries.
    pub(super) fn item(
        &self,
        course: &Course,
        learner: &Learner,
        entries: &[(Timestamp, Entry)],
    ) -> Item {
        let item = Item::new(course, learner, self.name.clone(), entries);
        Item { account: self.account().to_owned(), ..item }
    }

    fn is(&self, learner: &Learner) -> bool {
        (&self.course, self.kind, &self.account)
            == (&learner.course, learner.kind, &learner.account)
    }
}

fn path(context: &Context) -> std::path::PathBuf {
    context.home.join("rooms.json")
}

/// What can't be read is nobody's consent.
fn all(context: &Context) -> Vec<Member> {
    let text = std::fs::read_to_string(path(context)).unwrap_or_default();
    serde_json::from_str(&text).unwrap_or_default()
}

/// The room that a learner is in.
pub(super) fn of(context: &Context, learner: &Learner) -> Option<Member> {
    all(context).into_iter().find(|member| member.is(learner))
}

/// Notes that messages were shown, the last of which was sent at that time. Who left meanwhile, left.
///
/// # Errors
/// It can't be written.
pub(super) fn heard(context: &Context, learner: &Learner, last: Timestamp) -> Result<(), Error> {
    let _alone = CHANGING.lock().unwrap_or_else(PoisonError::into_inner);
    match of(context, learner) {
        Some(member) => write(context, learner, Some(&Member { heard: Some(last), ..member })),
        None => Ok(()),
    }
}

/// Notes the room that a learner is in; none for no room.
///
/// # Errors
/// It can't be written.
pub(super) fn note(
    context: &Context,
    learner: &Learner,
    member: Option<&Member>,
) -> Result<(), Error> {
    let _alone = CHANGING.lock().unwrap_or_else(PoisonError::into_inner);
    write(context, learner, member)
}

fn write(context: &Context, learner: &Learner, member: Option<&Member>) -> Result<(), Error> {
    let mut members = all(context);
    members.retain(|other| !other.is(learner));
    members.extend(member.cloned());
    context.make_home()?;
    let text = serde_json::to_string(&members)
        .map_err(|error| Error::usage(format!("cannot write JSON: {error}")))?;
    output::file(&path(context), &text)
}
