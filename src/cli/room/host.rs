//! `stepproof room message` and `stepproof room close`.

use jiff::{SignedDuration, Timestamp};

use super::{Who, open};
use crate::cli::journal::account;
use crate::cli::{Context, Error, Exit, Outcome, output};
use crate::progress::room::Message;

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
