//! The account and course that a command works with.

use super::context::Context;
use super::error::Error;
use super::profiles;
use super::server::{self, Server};
use crate::account::{Account, Names, Source, Target};
use crate::check::AccountKind;
use crate::course::{Course, CourseFiles};

/// The practice account where nothing else is said.
const PRACTICE_ACCOUNT: &str = "000000000000";

/// An open account. Dropping it ends a practice server of this process.
#[derive(Debug)]
pub(super) struct Session {
    /// The account.
    pub(super) account: Account,
    /// The practice server, where the account is a practice account.
    pub(super) server: Option<Server>,
}

impl Session {
    /// Practice or AWS.
    pub(super) fn kind(&self) -> AccountKind {
        if self.account.is_practice() { AccountKind::Practice } else { AccountKind::Aws }
    }
}

/// The course that the flags name: the embedded one, or a directory.
///
/// # Errors
/// The course's files are wrong; the message holds all diagnostics. Or a flag names a stack that the
/// course doesn't have.
pub(super) fn course(context: &Context) -> Result<Course, Error> {
    let course = match &context.global.course {
        Some(dir) => Course::load(dir),
        None => Course::embedded(),
    }
    .map_err(|error| {
        Error::usage(format!("the course can't be used\n{error}"))
            .with_remedy("`stepproof course lint` says all that is wrong with it.")
    })?;
    let known = &course.index.stacks;
    match context.global.stacks.iter().find(|(role, _)| !known.contains_key(role)) {
        None => Ok(course),
        Some((role, _)) => {
            let roles: Vec<&str> = known.keys().map(String::as_str).collect();
            Err(Error::usage(format!("--stack: this course has no stack with the role {role}"))
                .with_remedy(format!("Its roles: {}.", roles.join(", "))))
        }
    }
}

/// The files of that course.
///
/// # Errors
/// The directory can't be read.
pub(super) fn files(context: &Context) -> Result<CourseFiles, Error> {
    match &context.global.course {
        Some(dir) => CourseFiles::load(dir).map_err(|error| Error::usage(error.to_string())),
        None => Ok(CourseFiles::embedded()),
    }
}

/// Opens the account that the flags name.
///
/// # Errors
/// The practice server can't be had, or no region is set.
pub(super) async fn open(context: &Context, course: &Course) -> Result<Session, Error> {
    let profile = context.global.profile.clone();
    open_as(context, course, context.global.practice, profile).await
}

/// Opens the practice account, or an AWS account through a profile.
///
/// # Errors
/// As [`open`].
pub(super) async fn open_as(
    context: &Context,
    course: &Course,
    practice: bool,
    profile: Option<String>,
) -> Result<Session, Error> {
    let server = if practice {
        Some(server::find_or_serve(context).await?)
    } else {
        profiles::check(profile.as_deref())?;
        None
    };
    let names = names(context, course);
    let mut target = match &server {
        Some(server) => Target::practice(&server.endpoint(), &practice_account(), names),
        None => Target {
            source: Source::Aws { profile, role: None },
            region: None,
            names,
            api_url: None,
            token_url: None,
        },
    };
    let global = &context.global;
    target.region = global.region.clone();
    // A practice account's own addresses are the only ones that answer for it.
    if server.is_none() {
        target.api_url = global.api_url.clone();
        target.token_url = global.token_url.clone();
    }
    Ok(Session { account: Account::connect(target).await?, server })
}

/// Stack names and stage: the course's, replaced by flags and environment.
pub(super) fn names(context: &Context, course: &Course) -> Names {
    let global = &context.global;
    let mut stacks = course.index.stacks.clone();
    let given = [
        ("init", &global.stack_init),
        ("database", &global.stack_database),
        ("app", &global.stack_app),
    ];
    for (role, name) in given {
        if let Some(name) = name {
            stacks.insert(role.to_owned(), name.clone());
        }
    }
    stacks.extend(global.stacks.iter().cloned());
    Names { stacks, stage: global.stage.clone().unwrap_or_else(|| course.index.stage.clone()) }
}

/// The practice account that is meant: a 12-digit access key id in the environment names one.
pub(super) fn practice_account() -> String {
    std::env::var("AWS_ACCESS_KEY_ID")
        .ok()
        .filter(|id| id.len() == 12 && id.chars().all(|c| c.is_ascii_digit()))
        .unwrap_or_else(|| PRACTICE_ACCOUNT.to_owned())
}
