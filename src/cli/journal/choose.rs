//! Whose journal is meant: by flags, else the account that was worked in last.

use super::{Args, FILE, trouble};
use crate::check::AccountKind;
use crate::cli::{Context, Error, output, session};
use crate::course::Course;
use crate::progress::{Journal, Learner};

/// The journal, and the learner that is meant. Who else is in it is said on stderr.
///
/// # Errors
/// Nothing is recorded, or the journal can't be read.
pub(super) fn recorded(
    args: &Args,
    context: &Context,
    course: &Course,
) -> Result<(Journal, Learner), Error> {
    let path = context.home.join(FILE);
    if !path.exists() {
        return Err(nothing());
    }
    let journal = Journal::open(&path).map_err(|error| trouble(&error))?;
    let learners = journal.learners(&course.index.id).map_err(|error| trouble(&error))?;
    if learners.is_empty() {
        return Err(nothing());
    }
    let wanted = Wanted::new(args, context);
    let Some(found) = learners.iter().find(|learner| wanted.fits(learner)).cloned() else {
        return Err(Error::usage("nothing is recorded of that account")
            .with_remedy(format!("Recorded is: {}.", names(&learners))));
    };
    let others: Vec<Learner> = learners.into_iter().filter(|other| *other != found).collect();
    if !others.is_empty() && args.account.is_none() {
        let (name, others) = (name(&found), names(&others));
        output::words(&format!(
            "This is the journal of {name}. Also recorded: {others}; --account N chooses."
        ));
    }
    Ok((journal, found))
}

fn nothing() -> Error {
    Error::usage("nothing is recorded yet for this course").with_remedy(
        "Open a step with `stepproof`, or run `stepproof verify`. `--import F` brings a journal from another machine.",
    )
}

/// What the flags say of the account.
pub(super) struct Wanted {
    kind: Option<AccountKind>,
    account: Option<String>,
}

impl Wanted {
    pub(super) fn new(args: &Args, context: &Context) -> Self {
        let global = &context.global;
        let aws = global.profile.is_some().then_some(AccountKind::Aws);
        let practice = global.practice.then(session::practice_account);
        Self {
            kind: if global.practice { Some(AccountKind::Practice) } else { aws },
            account: args.account.clone().or(practice),
        }
    }

    pub(super) fn fits(&self, learner: &Learner) -> bool {
        self.kind.is_none_or(|kind| kind == learner.kind)
            && self.account.as_ref().is_none_or(|account| *account == learner.account)
    }
}

/// An account in words.
pub(super) fn name(learner: &Learner) -> String {
    match learner.kind {
        AccountKind::Practice => format!("practice account {}", learner.account),
        AccountKind::Aws => format!("AWS account {}", learner.account),
    }
}

/// Accounts in words.
pub(super) fn names(learners: &[Learner]) -> String {
    learners.iter().map(name).collect::<Vec<_>>().join(", ")
}
