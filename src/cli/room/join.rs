//! `stepproof room join` and `stepproof room leave`.

use super::entrance::{self, Entrance, NotLeft};
use crate::cli::agree::agreed;
use crate::cli::journal::{Record, open_journal};
use crate::cli::{Context, Error, Exit, Outcome, output, session, status};
use crate::course::Course;
use crate::i18n::Lang;
use crate::progress::Journal;
use crate::progress::room::{LONGEST_NAME, shown_name};

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
    let entries = record.run(Journal::entries).await;
    let entries =
        entries.ok_or_else(|| Error::unsure("nothing was sent: the journal can't be read"))?;
    let whose = (learner, entries.as_slice());
    let entrance = Entrance::find(context, &course, whose, &args.room, args.name).await?;
    let words = Lang::from_tag(&context.lang).words();
    // Exactly what is sent goes to stdout; what it is, to stderr.
    output::words(words.consent_intro);
    output::data(&entrance.sent()?)?;
    output::words(words.consent_note);
    if args.show {
        return Ok(Exit::Proven);
    }
    if !args.yes && !agreed("Send it?")? {
        output::words("Nothing was sent.");
        return Ok(Exit::NotProven);
    }
    entrance.enter(context, learner).await?;
    output::words("You are in the room. `stepproof room leave` takes back all that it was told.");
    Ok(Exit::Proven)
}

pub(super) async fn leave(_args: &LeaveArgs, context: &Context) -> Outcome {
    let course = session::course(context)?;
    let record = record(context, &course).await?;
    match entrance::leave(context, record.learner()).await {
        Ok(()) => {
            output::words(Lang::from_tag(&context.lang).words().left_room);
            Ok(Exit::Proven)
        }
        Err(NotLeft::Nowhere) => Err(Error::usage("this account is in no room")),
        Err(NotLeft::Untold(error)) => {
            output::words("Nothing more is sent. What was sent before is still in the room:");
            Err(error)
        }
    }
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

/// A name as it is shown, or why not.
fn name(text: &str) -> Result<String, String> {
    let shown = shown_name(text);
    if !shown.is_empty() && shown == text.trim() {
        return Ok(shown);
    }
    Err(format!("a name has 1 to {LONGEST_NAME} characters on one line"))
}
