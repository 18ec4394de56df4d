//! `stepproof room join` and `stepproof room leave`.

use jiff::Timestamp;
use serde_json::Value;

use super::member::{self, Member};
use super::{Who, address, open, table, tell};
use crate::check::AccountKind;
use crate::cli::agree::agreed;
use crate::cli::journal::{Record, open_journal};
use crate::cli::{Context, Error, Exit, Outcome, output, session, status};
use crate::course::Course;
use crate::progress::Learner;
use crate::progress::room::{self, Address, Item, LONGEST_NAME, Name, Told, encode, shown_name};

/// Arguments of `room join`.
#[derive(Debug, clap::Args)]
pub(super) struct JoinArgs {
    /// The room's code, or the file of a room on this machine
    room: String,
    /// The name that the room shows: any that you like
    #[arg(long, value_name = "NAME", value_parser = name)]
    name: String,
    /// Agree without being asked
    #[arg(long)]
    yes: bool,
    /// Only show what would be sent
    #[arg(long, conflicts_with = "yes")]
    show: bool,
}

/// Arguments of `room leave`.
#[derive(Debug, clap::Args)]
pub(super) struct LeaveArgs {}

pub(super) async fn join(args: JoinArgs, context: &Context) -> Outcome {
    let course = session::course(context)?;
    let record = record(context, &course).await?;
    let learner = record.learner();
    let (room, address) = open(&args.room, Who::Attendee, context).await?;
    let about = room.about().await?;
    if about.course != learner.course {
        let message = format!("the room is for the course `{}`", shown_name(&about.course));
        return Err(Error::usage(message)
            .with_remedy("Nothing was sent. Name that course's directory with --course."));
    }
    let before = member::of(context, learner);
    refuse_a_second_room(before.as_ref(), &address)?;
    let name = Name { name: args.name, joined: Timestamp::now() };
    let seat = seat(&address, learner, context).await?;
    let member = Member::new(learner, address, name).known_as(seat);
    let item = tell::item(&course, &record, &member)
        .await
        .ok_or_else(|| Error::unsure("nothing was sent: the journal can't be read"))?;
    show(&item)?;
    if args.show {
        return Ok(Exit::Proven);
    }
    if !args.yes && !agreed("Send it?")? {
        output::words("Nothing was sent.");
        return Ok(Exit::NotProven);
    }
    // Noted first: what the room knows, `leave` can take back.
    member::note(context, learner, Some(&member))?;
    if let Err(error) = room::join(room.as_ref(), &item).await {
        member::note(context, learner, before.as_ref())?;
        return Err(error.into());
    }
    output::words("You are in the room. `stepproof room leave` takes back all that it was told.");
    Ok(Exit::Proven)
}

pub(super) async fn leave(_args: &LeaveArgs, context: &Context) -> Outcome {
    let course = session::course(context)?;
    let record = record(context, &course).await?;
    let learner = record.learner();
    let Some(mut member) = member::of(context, learner) else {
        return Err(Error::usage("this account is in no room"));
    };
    // From now on nothing is sent, whether or not the room can be told.
    member.leaving = true;
    member::note(context, learner, Some(&member))?;
    let left = match open(&member.room, Who::Attendee, context).await {
        Ok((room, _)) => room::leave(room.as_ref(), member.account()).await.map_err(Error::from),
        Err(error) => Err(error),
    };
    match left {
        Ok(Told::Sent | Told::Nothing | Told::HasLeft) => {
            member::note(context, learner, None)?;
            output::words(
                "You have left the room. It keeps nothing of yours but the account's number.",
            );
            Ok(Exit::Proven)
        }
        Err(error) => {
            output::words("Nothing more is sent. What was sent before is still in the room:");
            Err(error)
        }
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

/// The journal of the account that is worked in.
async fn record(context: &Context, course: &Course) -> Result<Record, Error> {
    let (kind, account) = status::account(context).ok_or_else(|| {
        Error::usage("no account was opened yet").with_remedy(
            "Run `stepproof verify` once, or name the practice account with --practice.",
        )
    })?;
    open_journal(context, course, kind, &account)
        .await
        .ok_or_else(|| Error::unsure("the room can't be told anything without the journal"))
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

/// Exactly what is sent goes to stdout, in many rows; what it is, to stderr.
fn show(item: &Item) -> Result<(), Error> {
    let sent: Value = serde_json::from_str(&encode(Some(item)))
        .map_err(|error| Error::usage(format!("cannot write JSON: {error}")))?;
    output::words("This is all that the room will be told, and later what has changed of it:");
    output::data(&format!("{sent:#}"))?;
    output::words(
        "Everyone who runs the room can read it. Of a check that fails, it is told the message and \
         what is wrong. No commands and no files are sent.",
    );
    Ok(())
}

/// A name as it is shown, or why not.
fn name(text: &str) -> Result<String, String> {
    let shown = shown_name(text);
    if !shown.is_empty() && shown == text.trim() {
        return Ok(shown);
    }
    Err(format!("a name has 1 to {LONGEST_NAME} characters on one line"))
}
