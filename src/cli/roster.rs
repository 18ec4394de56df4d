//! The accounts of a roster, ready to be read: for `grade` and for the dashboard.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use super::server::{self, Server};
use super::{Context, Error, profiles, session};
use crate::account::{Source, Target};
use crate::check::{Asked, LONGEST_FACT};
use crate::course::Course;
use crate::instructor::roster::{self, Access, Entry, Form, Known};
use crate::instructor::sweep::{Accounts, Place, Sweep};

/// How long one account may take.
const ACCOUNT_TIMEOUT: Duration = Duration::from_mins(5);

/// A roster's accounts, and the sweep over them.
pub(super) struct Roster {
    pub(super) sweep: Sweep,
    pub(super) places: Vec<Arc<Place>>,
    pub(super) accounts: Accounts,
    /// Serves the practice accounts as long as they may be read.
    _server: Option<Server>,
}

impl Roster {
    /// Reads a roster's file. No account is read yet.
    ///
    /// # Errors
    /// It can't be read, or something in it is wrong.
    pub(super) async fn open(
        path: &Path,
        context: &Context,
        course: &Arc<Course>,
        jobs: usize,
        probes: bool,
    ) -> Result<Self, Error> {
        let entries = read(path, context, course)?;
        let server = if context.global.practice {
            Some(server::find_or_serve(context).await?)
        } else {
            None
        };
        let place = |entry| Arc::new(place(entry, context, course, server.as_ref()));
        let places = entries.into_iter().map(place).collect();
        let sweep = Sweep {
            asked: Asked::all(course),
            course: Arc::clone(course),
            lang: context.lang.clone(),
            jobs,
            account_timeout: ACCOUNT_TIMEOUT,
            fact_timeout: LONGEST_FACT,
        };
        Ok(Self { sweep, places, accounts: Accounts::new(probes), _server: server })
    }
}

/// Reads the file.
fn read(path: &Path, context: &Context, course: &Course) -> Result<Vec<Entry>, Error> {
    let name = path.display().to_string();
    let form = Form::of(&name).ok_or_else(|| {
        Error::usage(format!("{name} is no roster"))
            .with_remedy("A roster's name ends in .csv, .yaml or .yml.")
    })?;
    let bytes = std::fs::read(path)
        .map_err(|error| Error::usage(format!("cannot read the roster {name}: {error}")))?;
    let known = Known {
        stacks: course.index.stacks.keys().cloned().collect(),
        profiles: (!context.global.practice).then(profiles::names),
    };
    roster::read(&name, &bytes, form, &known)
        .map_err(|wrong| Error::usage(format!("the roster is wrong\n{wrong}")))
}

/// Where a learner's account is, under which names.
fn place(entry: Entry, context: &Context, course: &Course, server: Option<&Server>) -> Place {
    let global = &context.global;
    let mut names = session::names(context, course);
    names.stacks.extend(entry.stacks);
    let mut target = match server {
        Some(server) => Target::practice(&server.endpoint(), &entry.account, names),
        None => Target {
            source: source(entry.access, global.profile.clone()),
            region: None,
            names,
            api_url: global.api_url.clone(),
            token_url: global.token_url.clone(),
        },
    };
    target.region = entry.region.or_else(|| global.region.clone());
    Place { name: entry.name, account: entry.account, target }
}

/// The grader's own credentials are those of `--profile`.
fn source(access: Access, own: Option<String>) -> Source {
    match access {
        Access::Own => Source::Aws { profile: own, role: None },
        Access::Profile(profile) => Source::Aws { profile: Some(profile), role: None },
        Access::Role(role) => Source::Aws { profile: own, role: Some(role) },
    }
}
