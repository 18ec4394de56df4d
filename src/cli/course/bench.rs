//! A practice account of the test's own: a server over a store in a temporary directory, and the
//! learner's app directory.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use jiff::{Span, Timestamp};
use tokio_util::sync::CancellationToken;

use crate::account::{Account, Reader, Target};
use crate::check::{AccountKind, Asked, History, Report, VerifyRequest, verify};
use crate::cli::output;
use crate::cli::practice::act::{Place, act};
use crate::cli::practice::solve::solve;
use crate::course::{Action, Course, CourseFiles, PartId};
use crate::practice::store::Store;
use crate::practice::{Options, Running, serve};

use super::values::names;

/// The account, in a store that holds no other.
pub(super) const ACCOUNT: &str = "000000000000";
/// The region that everything happens in.
pub(super) const REGION: &str = "us-east-1";
const STORE: &str = "practice.sqlite";
const APP: &str = "app";

/// Why a scenario can't be played. The text is for the course's author.
pub(super) type Trouble = String;

/// A served practice account and its app directory.
#[derive(Debug)]
pub(super) struct Bench {
    dir: tempfile::TempDir,
    server: Running,
}

impl Bench {
    /// An empty account, and the starter application.
    pub(super) async fn new(files: &CourseFiles) -> Result<Self, Trouble> {
        let dir = temporary()?;
        let app: Vec<(&Path, &[u8])> =
            files.under("content/app").map(|(path, bytes)| (Path::new(path), bytes)).collect();
        output::directory(&dir.path().join(APP), &app).map_err(|error| error.to_string())?;
        Self::open(dir).await
    }

    /// An account in the same state as this one, that can be changed on its own.
    pub(super) async fn copy(&self) -> Result<Self, Trouble> {
        let dir = temporary()?;
        snapshot(&self.dir.path().join(STORE), &dir.path().join(STORE))?;
        copy_files(&self.app(), &dir.path().join(APP))?;
        Self::open(dir).await
    }

    async fn open(dir: tempfile::TempDir) -> Result<Self, Trouble> {
        let store = Store::open(&dir.path().join(STORE)).map_err(|error| error.to_string())?;
        let options = Options { store, port: 0, faults: Vec::new() };
        let server = serve(options).await.map_err(|error| error.to_string())?;
        Ok(Self { dir, server })
    }

    /// The app directory.
    pub(super) fn app(&self) -> PathBuf {
        self.dir.path().join(APP)
    }

    pub(super) fn endpoint(&self) -> String {
        self.server.endpoint()
    }

    /// The account as checks read it.
    pub(super) fn target(&self, course: &Course) -> Target {
        Target::practice(&self.endpoint(), ACCOUNT, names(course))
    }

    /// Brings a part to its solved state, as `practice solve` does.
    pub(super) async fn solve(
        &self,
        course: &Course,
        files: &CourseFiles,
        part: PartId,
    ) -> Result<(), Trouble> {
        let steps: Vec<String> = course
            .part(part)
            .into_iter()
            .flat_map(|part| part.steps.iter().map(|step| step.spec.id.clone()))
            .collect();
        let cancel = CancellationToken::new();
        let place = self.place(course);
        solve(&place, course, files, &steps, &cancel, &mut |_| {})
            .await
            .map_err(|error| error.to_string())
    }

    /// Does a break's actions.
    pub(super) async fn act(&self, course: &Course, actions: &[Action]) -> Result<(), Trouble> {
        act(&self.place(course), course, actions, &mut |_| {}).await
    }

    fn place(&self, course: &Course) -> Place {
        Place {
            endpoint: self.endpoint(),
            account: ACCOUNT.to_owned(),
            region: REGION.to_owned(),
            app: self.app(),
            names: names(course),
        }
    }

    /// Verifies all written modules, and the clean-up where it is wanted. The clock stands a day
    /// ahead, so that no settle window is open: what fails, fails.
    pub(super) async fn verify(&self, course: &Course, cleanup: bool) -> Result<Report, Trouble> {
        let account = Account::connect(self.target(course)).await.map_err(|e| e.to_string())?;
        let reader = Arc::new(Reader::new(&account, true));
        let mut asked = Asked::all(course);
        if cleanup {
            asked = asked.and_cleanup(course).map_err(|error| error.to_string())?;
        }
        let mut request = VerifyRequest::new(
            asked,
            ACCOUNT,
            "course test",
            AccountKind::Practice,
            account.region(),
        );
        request.clock = Arc::new(tomorrow);
        let (events, _) = tokio::sync::mpsc::unbounded_channel();
        let cancel = CancellationToken::new();
        Ok(verify(request, reader, course, &History::default(), events, cancel).await)
    }
}

fn tomorrow() -> Timestamp {
    let now = Timestamp::now();
    now.checked_add(Span::new().hours(24)).unwrap_or(now)
}

fn temporary() -> Result<tempfile::TempDir, Trouble> {
    tempfile::tempdir().map_err(|error| format!("cannot make a temporary directory: {error}"))
}

/// Copies a store that is in use, as of one moment.
fn snapshot(from: &Path, to: &Path) -> Result<(), Trouble> {
    let copied = rusqlite::Connection::open(from)
        .and_then(|store| store.execute("VACUUM INTO ?1", [to.to_string_lossy()]));
    copied.map(|_| ()).map_err(|error| format!("cannot copy the practice account: {error}"))
}

/// Copies a directory with everything in it.
fn copy_files(from: &Path, to: &Path) -> Result<(), Trouble> {
    let failed = |error: std::io::Error| format!("cannot copy {}: {error}", from.display());
    std::fs::create_dir_all(to).map_err(failed)?;
    for entry in std::fs::read_dir(from).map_err(failed)? {
        let entry = entry.map_err(failed)?;
        let (source, target) = (entry.path(), to.join(entry.file_name()));
        if entry.file_type().map_err(failed)?.is_dir() {
            copy_files(&source, &target)?;
        } else {
            std::fs::copy(&source, &target).map_err(failed)?;
        }
    }
    Ok(())
}
