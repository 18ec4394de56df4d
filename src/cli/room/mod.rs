//! `stepproof room`: rooms, where an instructor sees how far everybody is who agrees to that.

mod create;
mod desk;
mod entrance;
mod host;
mod join;
mod member;
mod table;
mod tell;

use std::path::PathBuf;

pub(super) use desk::Desk;
pub(super) use entrance::{Entrance, NotLeft, leave};
pub(super) use tell::after_verify;

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
    /// For instructors: let attendees into an event's table, once its stack is there
    Open(host::OpenArgs),
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
        Command::Open(args) => host::open_table(&args, context).await,
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
pub(in crate::cli) async fn open(
    text: &str,
    who: Who,
    context: &Context,
) -> Result<(Box<dyn Room>, String), Error> {
    match address(text, context)? {
        Address::File(path) => {
            let path = std::path::absolute(&path).unwrap_or(path);
            let room = SqliteRoom::open(&path)?;
            Ok((Box::new(room), path.display().to_string()))
        }
        Address::Table(code, place) => {
            let room = table::reach(&code, &place, who, context).await?;
            Ok((Box::new(room), code.to_string()))
        }
    }
}

fn address(text: &str, context: &Context) -> Result<Address, Error> {
    Address::parse(text, &folder(context)).map_err(|error| {
        Error::usage(format!("{error}: {text}")).with_remedy(
            "A code looks like K7QM3XPT, or K7QM3XPT@111122223333.us-east-1 for a table. A file's \
             name ends in .sqlite or has a / in it.",
        )
    })
}
