//! What the interface records in the journal, and what it takes from there.

use std::sync::{Arc, PoisonError};

use tokio::sync::mpsc::UnboundedSender;
use tokio_util::sync::CancellationToken;

use super::{Rest, Session};
use crate::check::Report;
use crate::course::Course;
use crate::i18n::Lang;
use crate::progress::{self, Journal, JournalError, Learner, Standing};
use crate::tui::{Entry, Past, Progress, Scope, Trouble};

/// The journal, and whose progress it takes.
#[derive(Clone)]
pub(super) struct Record {
    pub(super) journal: Arc<Journal>,
    pub(super) learner: Learner,
}

impl Record {
    /// Reads or writes, off the threads that answer keys.
    pub(super) async fn run<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Journal, &Learner) -> Result<T, JournalError> + Send + 'static,
    ) -> Result<T, Trouble> {
        let Self { journal, learner } = self.clone();
        match tokio::task::spawn_blocking(move || work(&journal, &learner)).await {
            Ok(done) => done.map_err(|error| trouble(&error)),
            Err(_) => Err(Trouble::new("the journal failed", "")),
        }
    }
}

fn trouble(error: &JournalError) -> Trouble {
    Trouble::new(error.to_string(), error.remedy())
}

impl Rest {
    pub(super) async fn open_journal(
        &self,
        course: &Course,
        session: &Session,
        account: &str,
    ) -> Result<Record, Trouble> {
        self.context.make_home()?;
        let path = self.context.home.join("journal.sqlite");
        let opened = tokio::task::spawn_blocking(move || Journal::open(&path)).await;
        let journal = opened
            .map_err(|_| Trouble::new("the journal failed", ""))?
            .map_err(|error| trouble(&error))?;
        let learner = Learner {
            course: course.index.id.clone(),
            kind: session.kind(),
            account: account.to_owned(),
        };
        Ok(Record { journal: Arc::new(journal), learner })
    }

    /// Whether a report says something else than what was recorded last.
    fn is_news(&self, report: &Report) -> bool {
        let mut recorded = self.recorded.lock().unwrap_or_else(PoisonError::into_inner);
        let checks = report.steps().flat_map(|step| &step.checks);
        checks.fold(false, |news, check| {
            let before = recorded.insert(check.check.clone(), check.verdict);
            news || before != Some(check.verdict)
        })
    }

    /// Verifies and records. A cancelled run is no result; what is looked at again because a settle
    /// window is open is recorded only where it came out otherwise.
    pub(super) async fn verify_and_record(
        &self,
        scope: Scope,
        again: bool,
        lang: Lang,
        progress: UnboundedSender<Progress>,
        cancel: CancellationToken,
    ) -> Result<Report, Trouble> {
        let report = self.check(scope, lang, progress.clone(), cancel.clone()).await?;
        if !cancel.is_cancelled()
            && (self.is_news(&report) || !again)
            && let Ok(record) = &self.opened()?.journal
        {
            let copy = report.clone();
            let written = record.run(move |journal, learner| journal.record_report(learner, &copy));
            match written.await {
                Ok(()) => self.news.notify_one(),
                Err(trouble) => drop(progress.send(Progress::NotRecorded(trouble))),
            }
        }
        Ok(report)
    }

    /// Where the learner stands by the journal.
    pub(super) async fn standing(&self) -> Result<Standing, Trouble> {
        let course = self.course_read()?;
        let open = self.opened()?;
        let record = open.journal.as_ref().map_err(Clone::clone)?;
        let read = move |journal: &Journal, learner: &Learner| {
            Ok(Standing::new(&course, &journal.log(learner)?.entries))
        };
        record.run(read).await
    }

    pub(super) async fn read_past(&self) -> Result<Past, Trouble> {
        let standing = self.standing().await?;
        Ok(Past {
            regressed: standing.regressed(),
            here: standing.here,
            proven: standing.history.first_proof.into_keys().collect(),
            last_proof: standing.history.last_proof,
            skipped: standing.history.skipped,
            hints: standing.history.hints,
            revealed: standing.revealed,
            help: standing.help,
        })
    }

    pub(super) async fn write(&self, entry: Entry) -> Result<(), Trouble> {
        let open = self.opened()?;
        let record = open.journal.as_ref().map_err(Clone::clone)?;
        let entry = match entry {
            Entry::Opened(step) => progress::Entry::Opened { step },
            Entry::Hint { check, open, .. } => progress::Entry::Hint { check, open },
            Entry::Ran { step, command, code, stopped, millis } => {
                progress::Entry::Ran { step, command, code, stopped, millis }
            }
            Entry::Changed { step, file, undone } => {
                progress::Entry::Changed { step, file, undone }
            }
            Entry::HelpAsked { step, evidence } => progress::Entry::HelpAsked { step, evidence },
            Entry::HelpOver(step) => progress::Entry::HelpOver { step },
            Entry::Revealed { module, question } => progress::Entry::Revealed { module, question },
        };
        record.run(move |journal, learner| journal.record(learner, &[entry])).await?;
        self.news.notify_one();
        Ok(())
    }
}
