//! The journal as commands use it: trouble with it is said once and stops nothing.

use std::sync::Arc;

use super::context::Context;
use super::output;
use crate::check::AccountKind;
use crate::course::Course;
use crate::progress::{Journal, JournalError, Learner};

/// An open journal and whose progress it takes.
#[derive(Debug, Clone)]
pub(super) struct Record {
    journal: Arc<Journal>,
    learner: Learner,
}

/// Opens the journal; none where it can't be, which is said on stderr.
pub(super) async fn open_journal(
    context: &Context,
    course: &Course,
    kind: AccountKind,
    account: &str,
) -> Option<Record> {
    if account.is_empty() {
        return None;
    }
    if let Err(error) = context.make_home() {
        output::complain(&error);
        return None;
    }
    let path = context.home.join("journal.sqlite");
    // Another run may hold it for a moment: not on the threads that answer keys.
    let opened = tokio::task::spawn_blocking(move || Journal::open(&path)).await.ok()?;
    let journal = opened.map_err(|error| say(&error)).ok()?;
    let learner = Learner { course: course.index.id.clone(), kind, account: account.to_owned() };
    Some(Record { journal: Arc::new(journal), learner })
}

impl Record {
    /// Reads or writes; none where that failed, which is said on stderr.
    pub(super) async fn run<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Journal, &Learner) -> Result<T, JournalError> + Send + 'static,
    ) -> Option<T> {
        let Self { journal, learner } = self.clone();
        let done = tokio::task::spawn_blocking(move || work(&journal, &learner)).await.ok()?;
        done.map_err(|error| say(&error)).ok()
    }
}

fn say(error: &JournalError) {
    output::words(&format!("stepproof: {error}\n{}", error.remedy()));
}
