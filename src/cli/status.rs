//! `stepproof status` and `stepproof next`: where the learner stands by the journal, and what comes
//! next. Neither calls the account, unless `status --verify` asks for it.

use std::path::Path;

use jiff::ZonedDateTime;

use super::attendee::chosen;
use super::{Context, Error, Exit, Outcome, accounts, ends, output, session, verify};
use crate::check::AccountKind;
use crate::course::Course;
use crate::i18n::Lang;
use crate::progress::{Journal, Learner, Standing};
use crate::report::{self, Look, status};
use crate::tui::Choice;

/// Arguments of `status`.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// Plan for this domain only, such as identity; may be given several times
    #[arg(long = "domain", value_name = "D")]
    domains: Vec<String>,
    /// Keep time for the clean-up; the account of an event needs none
    #[arg(long)]
    cleanup: bool,
    /// How the status is written
    #[arg(long, value_enum, default_value_t)]
    format: Format,
    /// Check every module against the account first
    #[arg(long)]
    verify: bool,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, clap::ValueEnum)]
enum Format {
    /// Text for people
    #[default]
    Human,
    /// For programs
    Json,
}

/// Arguments of `next`.
#[derive(Debug, clap::Args)]
pub(super) struct NextArgs {
    /// Only steps for this domain, such as identity; may be given several times
    #[arg(long = "domain", value_name = "D")]
    domains: Vec<String>,
    /// Keep time for the clean-up; the account of an event needs none
    #[arg(long)]
    cleanup: bool,
    /// How the step is written
    #[arg(long, value_enum, default_value_t)]
    format: NextFormat,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, clap::ValueEnum)]
enum NextFormat {
    /// Text for people
    #[default]
    Human,
    /// One line, for a shell's prompt
    Short,
    /// For programs
    Json,
}

pub(super) async fn run(args: Args, context: &Context) -> Outcome {
    let course = session::course(context)?;
    check_domains(&course, &args.domains)?;
    // What was said of the end is refused before minutes of work.
    ends::check(context)?;
    if args.verify {
        let (practice, profile) = match choice(context) {
            Choice::Practice => (true, None),
            Choice::Profile(profile) => (false, profile),
        };
        let session = session::open_as(context, &course, practice, profile).await?;
        verify::all(context, &course, &session).await;
    }
    let found = Found::new(context, course)?;
    let status = found.asked(context, args.domains, args.cleanup).status();
    let text = match args.format {
        Format::Human => status::status_human(&status, &found.course, &found.now, &look(context)),
        Format::Json => json(&status)?,
    };
    output::data(&text)?;
    Ok(Exit::Proven)
}

pub(super) fn next(args: NextArgs, context: &Context) -> Outcome {
    let course = session::course(context)?;
    check_domains(&course, &args.domains)?;
    let found = Found::new(context, course)?;
    let report = found.asked(context, args.domains, args.cleanup).next();
    let look = look(context);
    let text = match args.format {
        NextFormat::Human => status::next_human(&report, &found.now, &look),
        NextFormat::Short => status::next_short(&report, &look),
        NextFormat::Json => Some(json(&report)?),
    };
    if let Some(text) = text {
        output::data(&text)?;
    }
    if report.next.is_some() {
        return Ok(Exit::Proven);
    }
    output::words(Lang::from_tag(&context.lang).words().next_none);
    Ok(Exit::NothingLeft)
}

fn json(what: &impl serde::Serialize) -> Result<String, Error> {
    report::json(what).map_err(|error| Error::usage(format!("cannot write JSON: {error}")))
}

fn check_domains(course: &Course, domains: &[String]) -> Result<(), Error> {
    let known: Vec<&str> = course.index.domains.iter().map(|domain| domain.id.as_str()).collect();
    match domains.iter().find(|domain| !known.contains(&domain.as_str())) {
        Some(domain) => Err(Error::usage(format!("the course has no domain `{domain}`"))
            .with_remedy(format!("Its domains: {}.", known.join(", ")))),
        None => Ok(()),
    }
}

/// What this machine knows without calling anyone.
struct Found {
    course: Course,
    standing: Standing,
    account: Option<(AccountKind, String)>,
    now: ZonedDateTime,
    ends: Option<jiff::Timestamp>,
}

impl Found {
    fn new(context: &Context, course: Course) -> Result<Self, Error> {
        let ends = ends::ends(context)?;
        let account = account(context);
        let path = context.home.join("journal.sqlite");
        let standing = match &account {
            Some((kind, account)) => standing(&path, &course, *kind, account)?,
            None => Standing::new(&course, &[]),
        };
        Ok(Self { course, standing, account, now: ZonedDateTime::now(), ends })
    }

    fn asked(&self, context: &Context, domains: Vec<String>, cleanup: bool) -> status::Asked<'_> {
        status::Asked {
            course: &self.course,
            standing: &self.standing,
            account: self.account.clone(),
            domains,
            cleanup,
            now: &self.now,
            ends: self.ends,
            lang: Lang::from_tag(&context.lang),
        }
    }
}

/// What the flags name, or the choice of the last start; else what the AWS tools would take.
fn choice(context: &Context) -> Choice {
    chosen(context).unwrap_or(Choice::Profile(None))
}

/// The account that this leads to; none where none was opened.
pub(super) fn account(context: &Context) -> Option<(AccountKind, String)> {
    match choice(context) {
        Choice::Practice => Some((AccountKind::Practice, session::practice_account())),
        Choice::Profile(profile) => {
            let account = accounts::known(context, profile.as_deref())?;
            Some((AccountKind::Aws, account))
        }
    }
}

/// What the journal says; a journal that isn't there yet says nothing.
fn standing(
    path: &Path,
    course: &Course,
    kind: AccountKind,
    account: &str,
) -> Result<Standing, Error> {
    if !path.exists() {
        return Ok(Standing::new(course, &[]));
    }
    let learner = Learner { course: course.index.id.clone(), kind, account: account.to_owned() };
    let entries = Journal::open(path).and_then(|journal| journal.entries(&learner));
    let entries = entries.map_err(|error| {
        Error::unsure(error.to_string()).with_remedy("What was proven can't be told without it.")
    })?;
    Ok(Standing::new(course, &entries))
}

fn look(context: &Context) -> Look {
    verify::look(context, false)
}
