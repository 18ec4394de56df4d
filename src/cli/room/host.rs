//! `stepproof room message` and `stepproof room close`.

use jiff::{SignedDuration, Timestamp};

use super::create::about;
use super::{Who, address, open, table};
use crate::cli::journal::account;
use crate::cli::{Context, Error, Exit, Outcome, output};
use crate::progress::room::{Address, Message};

/// Arguments of `room open`.
#[derive(Debug, clap::Args)]
pub(super) struct OpenArgs {
    /// The room's code, as its stack's output says it
    room: String,
    /// After how many hours everything in the room may be thrown away
    #[arg(long, value_name = "H", default_value_t = 24, value_parser = clap::value_parser!(u16).range(1..=720))]
    hours: u16,
}

/// Arguments of `room message`.
#[derive(Debug, clap::Args)]
pub(super) struct MessageArgs {
    /// The room's code, or the file of a room on this machine
    room: String,
    /// What to say: one line
    text: String,
    /// Only to this account
    #[arg(long, value_name = "N", value_parser = account)]
    to: Option<String>,
    /// After how many minutes it goes by itself
    #[arg(long, value_name = "M", default_value_t = 15, value_parser = clap::value_parser!(u16).range(1..=1440))]
    minutes: u16,
}

/// Arguments of `room close`.
#[derive(Debug, clap::Args)]
pub(super) struct CloseArgs {
    /// The room's code, or the file of a room on this machine
    room: String,
}

/// Says in a table what its room is for; before that, nobody can join.
pub(super) async fn open_table(args: &OpenArgs, context: &Context) -> Outcome {
    let Address::Table(code, place) = address(&args.room, context)? else {
        return Err(Error::usage("only a table needs to be opened").with_remedy(
            "A room on this machine is open from the start. A table's code looks like \
             K7QM3XPT@111122223333.us-east-1.",
        ));
    };
    let about = about(args.hours, context)?;
    let room = table::reach(&code, &place, Who::Instructor, context).await?;
    room.open(&about).await?;
    output::words(&format!(
        "The room is open for {} hours.\n\
         Join:           stepproof room join {code} --name NAME\n\
         Say something:  stepproof room message {code} TEXT\n\
         End:            stepproof room close {code}, then delete its stack",
        args.hours
    ));
    Ok(Exit::Proven)
}

pub(super) async fn message(args: &MessageArgs, context: &Context) -> Outcome {
    let text = args.text.trim().to_owned();
    if text.is_empty() {
        return Err(Error::usage("the message is empty").with_remedy("Nothing was sent."));
    }
    let (room, _) = open(&args.room, Who::Instructor, context).await?;
    if let Some(to) = &args.to
        && room.row(to).await?.is_none()
    {
        return Err(Error::usage(format!("account {to} is not in the room"))
            .with_remedy("Nothing was sent."));
    }
    let sent = Timestamp::now();
    let expires = sent + SignedDuration::from_mins(args.minutes.into());
    let message = Message { to: args.to.clone(), text, sent, expires };
    room.post(&message).await?;
    output::words(&format!("Sent. It goes by itself in {} minutes.", args.minutes));
    Ok(Exit::Proven)
}

pub(super) async fn close(args: &CloseArgs, context: &Context) -> Outcome {
    let (room, _) = open(&args.room, Who::Instructor, context).await?;
    room.close().await?;
    output::words("The room is closed. What it holds can be read until it expires.");
    Ok(Exit::Proven)
}
