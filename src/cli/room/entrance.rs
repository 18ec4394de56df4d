//! Entering a room and leaving it, from the shell and from the terminal interface.

use jiff::Timestamp;
use serde_json::Value;

use super::member::{self, Member};
use super::{Who, address, open, table};
use crate::check::AccountKind;
use crate::cli::{Context, Error};
use crate::course::Course;
use crate::progress::room::{self, Address, Item, Name, Room, Told, encode, shown_name};
use crate::progress::{Entry, Learner};

/// A room that a learner may enter, and what it would be told.
#[derive(Debug)]
pub(in crate::cli) struct Entrance {
    room: Box<dyn Room>,
    member: Member,
    before: Option<Member>,
    item: Item,
}

impl Entrance {
    /// Finds a room. Nothing is sent.
    ///
    /// # Errors
    /// It can't be had, it is for another course, or the learner is in another one.
    pub(in crate::cli) async fn find(
        context: &Context,
        course: &Course,
        (learner, entries): (&Learner, &[(Timestamp, Entry)]),
        room: &str,
        name: String,
    ) -> Result<Self, Error> {
        let (room, address) = open(room, Who::Attendee, context).await?;
        let about = room.about().await?;
        if about.course != learner.course {
            let message = format!("the room is for the course `{}`", shown_name(&about.course));
            return Err(Error::usage(message)
                .with_remedy("Nothing was sent. Name that course's directory with --course."));
        }
        let before = member::of(context, learner);
        refuse_a_second_room(before.as_ref(), &address)?;
        let name = Name { name, joined: Timestamp::now() };
        let seat = seat(&address, learner, context).await?;
        let member = Member::new(learner, address, name).known_as(seat);
        let item = member.item(course, learner, entries);
        Ok(Self { room, member, before, item })
    }

    /// The room's short name.
    pub(in crate::cli) fn short_name(&self) -> String {
        self.member.short_name()
    }

    /// Exactly what is sent, in many rows.
    ///
    /// # Errors
    /// It is no JSON, which can't be.
    pub(in crate::cli) fn sent(&self) -> Result<String, Error> {
        let sent: Value = serde_json::from_str(&encode(Some(&self.item)))
            .map_err(|error| Error::usage(format!("cannot write JSON: {error}")))?;
        Ok(format!("{sent:#}"))
    }

    /// Enters, and sends what was shown.
    ///
    /// # Errors
    /// The room takes nothing, or can't be written. The learner is then where they were before.
    pub(in crate::cli) async fn enter(
        &self,
        context: &Context,
        learner: &Learner,
    ) -> Result<(), Error> {
        // Noted first: what the room knows, `leave` can take back.
        member::note(context, learner, Some(&self.member))?;
        if let Err(error) = room::join(self.room.as_ref(), &self.item).await {
            member::note(context, learner, self.before.as_ref())?;
            return Err(error.into());
        }
        Ok(())
    }
}

/// The account that a room knows the learner by. On a table it is the one of their AWS credentials:
/// only its partition is theirs.
async fn seat(room: &str, learner: &Learner, context: &Context) -> Result<String, Error> {
    let Address::Table(_, place) = address(room, context)? else {
        return Ok(learner.account.clone());
    };
    let caller = table::login(Who::Attendee, context)?.account(&place).await?;
    if learner.kind == AccountKind::Aws && caller != learner.account {
        let message = format!(
            "the credentials are for account {caller}, and the journal is account {}'s",
            learner.account
        );
        return Err(Error::usage(message).with_remedy(
            "Nothing was sent. Run `stepproof verify` once with these credentials, or name others \
             with --profile.",
        ));
    }
    Ok(caller)
}

fn refuse_a_second_room(member: Option<&Member>, address: &str) -> Result<(), Error> {
    match member {
        // Who wants to leave a room that can't be told may go to another.
        Some(member) if member.room != address && !member.leaving => {
            Err(Error::usage(format!("this account is in the room {} already", member.room))
                .with_remedy("Nothing was sent. Leave that room first: stepproof room leave"))
        }
        _ => Ok(()),
    }
}

/// What keeps a learner from leaving.
#[derive(Debug)]
pub(in crate::cli) enum NotLeft {
    /// They are in no room.
    Nowhere,
    /// Nothing more is sent, but the room can't be told: why.
    Untold(Error),
}

/// Leaves the learner's room, and takes back what it was told.
///
/// # Errors
/// There is none, or it can't be told.
pub(in crate::cli) async fn leave(context: &Context, learner: &Learner) -> Result<(), NotLeft> {
    let Some(mut member) = member::of(context, learner) else { return Err(NotLeft::Nowhere) };
    // From now on nothing is sent, whether or not the room can be told.
    member.leaving = true;
    member::note(context, learner, Some(&member)).map_err(NotLeft::Untold)?;
    take_back(context, learner, &member).await.map_err(NotLeft::Untold)
}

/// Takes back what a room was told that the learner has left.
pub(super) async fn take_back(
    context: &Context,
    learner: &Learner,
    member: &Member,
) -> Result<(), Error> {
    let (room, _) = open(&member.room, Who::Attendee, context).await?;
    match room::leave(room.as_ref(), member.account()).await? {
        Told::Sent | Told::Nothing | Told::HasLeft => member::note(context, learner, None),
    }
}
