//! `stepproof room`: rooms, where an instructor sees how far everybody is who agrees to that.

mod create;
mod host;
mod join;
mod member;
mod tell;

use std::path::PathBuf;

pub(super) use tell::{after_verify, in_background};

use super::{Context, Error, Outcome};
use crate::progress::room::{Address, Room, SqliteRoom};

/// Arguments of `room`.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, clap::Subcommand)]
enum Command {
    /// For instructors: make a room on this machine, or print the template of an event's table
    Create(create::Args),
    /// Enter a room; shows exactly what it will be told, and asks before anything is sent
    Join(join::JoinArgs),
    /// Leave the room, and take back all that it was told
    Leave(join::LeaveArgs),
    /// For instructors: say something to all, or to one
    Message(host::MessageArgs),
    /// For instructors: take no more news and messages
    Close(host::CloseArgs),
}

pub(super) async fn run(args: Args, context: &Context) -> Outcome {
    match args.command {
        Command::Create(args) => create::run(&args, context),
        Command::Join(args) => join::join(args, context).await,
        Command::Leave(args) => join::leave(&args, context).await,
        Command::Message(args) => host::message(&args, context).await,
        Command::Close(args) => host::close(&args, context).await,
    }
}

/// Where rooms of this machine lie that no file was named for.
fn folder(context: &Context) -> PathBuf {
    context.home.join("rooms")
}

/// Who comes through the door.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::cli) enum Who {
    /// By the role of a table that has one, to what is theirs.
    Attendee,
    /// With the table owner's own credentials, to all of it.
    Instructor,
}

/// The room that a code or a path names, and how it is named from any directory.
///
/// # Errors
/// It is neither, or the room can't be had.
#[expect(clippy::unused_async, reason = "a table's configuration is read without blocking")]
pub(in crate::cli) async fn open(
    text: &str,
    _who: Who,
    context: &Context,
) -> Result<(Box<dyn Room>, String), Error> {
    let address = Address::parse(text, &folder(context)).map_err(|error| {
        Error::usage(format!("{error}: {text}")).with_remedy(
            "A code looks like K7QM3XPT. A file's name ends in .sqlite or has a / in it.",
        )
    })?;
    match address {
        Address::File(path) => {
            let path = std::path::absolute(&path).unwrap_or(path);
            let room = SqliteRoom::open(&path)?;
            Ok((Box::new(room), path.display().to_string()))
        }
        Address::Table(code) => Err(Error::usage(format!(
            "the room {code} is a DynamoDB table, which this version can't reach"
        ))
        .with_remedy("Ask the instructor for a room in a file.")),
    }
}
