//! Telling a room what is new. Trouble with it stops nothing: what is sent is derived from the
//! journal, so the next time tells everything.

use jiff::Timestamp;

use super::member::{self, Member};
use super::{Who, open};
use crate::cli::journal::Record;
use crate::cli::{Context, Error, output};
use crate::course::Course;
use crate::progress::room::{Item, Message, Room, Told, update};
use crate::progress::{Journal, Learner};

/// After a verification: tells the learner's room, if there is one, and shows what the instructor
/// says. Trouble is said on stderr.
pub(in crate::cli) async fn after_verify(context: &Context, course: &Course, record: &Record) {
    let learner = record.learner();
    let Some(member) = member::of(context, learner).filter(|member| !member.leaving) else {
        return;
    };
    let Some(item) = item(course, record, &member).await else { return };
    if let Err(error) = tell_and_listen(context, learner, &member, &item).await {
        output::words(&format!("The room was not told: {error}\nIt is told everything next time."));
    }
}

/// What a room is told of a learner; none where the journal can't be read, which is said on stderr.
async fn item(course: &Course, record: &Record, member: &Member) -> Option<Item> {
    let entries = record.run(Journal::entries).await?;
    Some(member.item(course, record.learner(), &entries))
}

async fn tell_and_listen(
    context: &Context,
    learner: &Learner,
    member: &Member,
    item: &Item,
) -> Result<(), Error> {
    let (room, _) = open(&member.room, Who::Attendee, context).await?;
    match tell(context, learner, room.as_ref(), item).await? {
        Told::Sent | Told::Nothing => listen(context, learner, member, room.as_ref()).await,
        Told::HasLeft => {
            output::words("You have left the room on another machine. It is told nothing more.");
            Ok(())
        }
    }
}

/// A room that was left on another machine is forgotten here too.
async fn tell(
    context: &Context,
    learner: &Learner,
    room: &dyn Room,
    item: &Item,
) -> Result<Told, Error> {
    let told = update(room, item).await?;
    if told == Told::HasLeft {
        member::note(context, learner, None)?;
    }
    Ok(told)
}

/// Shows messages, each once.
async fn listen(
    context: &Context,
    learner: &Learner,
    member: &Member,
    room: &dyn Room,
) -> Result<(), Error> {
    let messages = room.messages(member.account(), Timestamp::now()).await?;
    let is_new = |message: &&Message| member.heard.is_none_or(|heard| message.sent > heard);
    let new: Vec<&Message> = messages.iter().filter(is_new).collect();
    for message in &new {
        let whom = if message.to.is_some() { "you" } else { "all" };
        output::words(&format!("The instructor says to {whom}: {}", message.text));
    }
    if let Some(last) = new.iter().map(|message| message.sent).max() {
        member::heard(context, learner, last)?;
    }
    Ok(())
}
