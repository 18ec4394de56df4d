//! `stepproof room create`.

use std::path::{Path, PathBuf};

use jiff::{SignedDuration, Timestamp};

use super::folder;
use crate::cli::journal::account;
use crate::cli::{Context, Error, Exit, Outcome, ends, output, session};
use crate::progress::room::{About, Access, Code, Guests, SqliteRoom, Table};

/// Arguments of `room create`.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// After how many hours everything in the room is thrown away
    #[arg(long, value_name = "H", default_value_t = 24, value_parser = clap::value_parser!(u16).range(1..=720), conflicts_with = "table")]
    hours: u16,
    /// The room's file [default: in the data directory, named by its code]
    #[arg(long, value_name = "F", conflicts_with = "table")]
    file: Option<PathBuf>,
    /// Print the CloudFormation template of a DynamoDB table for an event
    #[arg(long, requires = "guests")]
    table: bool,
    /// An account that may join; may be given several times
    #[arg(long = "account", value_name = "N", value_parser = account, requires = "table", group = "guests")]
    accounts: Vec<String>,
    /// A file with the accounts that may join, one a line
    #[arg(long, value_name = "F", requires = "table", group = "guests")]
    accounts_file: Option<PathBuf>,
    /// All accounts of this AWS organization may join: o-…
    #[arg(long, value_name = "ID", value_parser = organization, requires = "table", group = "guests")]
    organization: Option<String>,
    /// Let attendees in through a role, where a table's own policy can't be used
    #[arg(long, requires = "table")]
    role: bool,
    /// Write the template to a file instead of stdout
    #[arg(long, value_name = "F", requires = "table")]
    output: Option<PathBuf>,
}

pub(super) fn run(args: &Args, context: &Context) -> Outcome {
    let mut random = [0_u8; 8];
    aws_lc_rs::rand::fill(&mut random)
        .map_err(|_| Error::usage("the operating system has no random source"))?;
    let code = Code::fresh(random, None);
    if args.table { template(args, code) } else { local(args, context, &code) }
}

fn local(args: &Args, context: &Context, code: &Code) -> Outcome {
    let about = about(args.hours, context)?;
    let (path, named) = if let Some(file) = &args.file {
        // With its directory: a bare name would be taken for a code.
        let path = std::path::absolute(file).unwrap_or_else(|_| file.clone());
        let named = output::quoted(&path.display().to_string());
        (path, named)
    } else {
        context.make_home()?;
        let folder = folder(context);
        std::fs::create_dir_all(&folder).map_err(|error| {
            Error::usage(format!("cannot make {}: {error}", folder.display()))
                .with_remedy("Name a file with --file.")
        })?;
        (code.file(&folder), code.to_string())
    };
    SqliteRoom::create(&path, &about)?;
    output::data(&named)?;
    output::words(&format!(
        "The room is open for {} hours.\n\
         Join:           stepproof room join {named} --name NAME\n\
         Say something:  stepproof room message {named} TEXT\n\
         End:            stepproof room close {named}",
        args.hours
    ));
    Ok(Exit::Proven)
}

/// What a room is for that is kept for so many hours.
pub(super) fn about(hours: u16, context: &Context) -> Result<About, Error> {
    let course = session::course(context)?;
    let expires = Timestamp::now() + SignedDuration::from_hours(hours.into());
    let ends = ends::given(context)?;
    if ends.is_some_and(|ends| ends > expires) {
        return Err(Error::usage("the room would be thrown away before the event ends")
            .with_remedy("Give it more --hours."));
    }
    Ok(About { course: course.index.id, expires, ends })
}

fn template(args: &Args, code: Code) -> Outcome {
    if let Some(file) = &args.output {
        output::check(file)?;
    }
    let access = if args.role { Access::Role } else { Access::Policy };
    let table = Table { room: code.room, guests: guests(args)?, access };
    let text = table.template().map_err(|error| {
        Error::usage(error.to_string())
            .with_remedy("Name their organization with --organization, or make several rooms.")
    })?;
    match &args.output {
        Some(file) => output::file(file, &text)?,
        None => output::data(&text)?,
    }
    let template = args.output.as_deref().map_or("FILE".into(), Path::to_string_lossy);
    let capability = if args.role { " --capabilities CAPABILITY_NAMED_IAM" } else { "" };
    output::words(&format!(
        "Make the table in your own account:\n\
         aws cloudformation deploy --stack-name {} --template-file {}{capability}\n\
         Its output Code is the room's code. Then let attendees in:\n\
         stepproof room open CODE",
        table.name(),
        output::quoted(&template),
    ));
    Ok(Exit::Proven)
}

fn guests(args: &Args) -> Result<Guests, Error> {
    if let Some(id) = &args.organization {
        return Ok(Guests::Organization(id.clone()));
    }
    let Some(file) = &args.accounts_file else {
        return Ok(Guests::accounts(args.accounts.iter().cloned()));
    };
    let text = std::fs::read_to_string(file)
        .map_err(|error| Error::usage(format!("cannot read {}: {error}", file.display())))?;
    let mut accounts = Vec::new();
    for (number, line) in text.lines().enumerate() {
        let line = line.trim();
        if line.is_empty() || line.starts_with('#') {
            continue;
        }
        accounts.push(account(line).map_err(|why| {
            Error::usage(format!("{} line {}: {why}", file.display(), number + 1))
                .with_remedy("Write one account a line: 12 digits and nothing else.")
        })?);
    }
    if accounts.is_empty() {
        return Err(Error::usage(format!("{} names no account", file.display()))
            .with_remedy("Write one account a line: 12 digits and nothing else."));
    }
    Ok(Guests::accounts(accounts))
}

fn organization(text: &str) -> Result<String, String> {
    let rest = text.strip_prefix("o-").unwrap_or_default();
    let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit();
    if (10..=32).contains(&rest.len()) && rest.chars().all(plain) {
        return Ok(text.to_owned());
    }
    Err("an organization's id looks like o-abcdefghij".to_owned())
}
