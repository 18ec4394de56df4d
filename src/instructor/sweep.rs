//! The sweep: verifies many accounts at the same time, each for itself.
//!
//! Each account has a session of its own (clients, retry partitions, limits), a task of its own and a
//! time limit. What goes wrong in one, a defect of this program included, is that account's trouble
//! and no other's.

#[cfg(test)]
mod tests;

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use futures_util::future::BoxFuture;
use tokio::sync::mpsc::{self, UnboundedSender};
use tokio::task::{Id, JoinSet};
use tokio_util::sync::CancellationToken;

use crate::account::{Account, Network, Reader, Source, Target};
use crate::check::{
    self, AccountKind, Asked, CannotLook, FactError, Facts, History, Reason, Report, VerifyRequest,
};
use crate::course::Course;
use crate::report::grade::{Outcome, Record, Trouble};

/// The fact that says whose credentials are used.
const CALLER: &str = "caller";

/// An account to verify.
#[derive(Debug, Clone)]
pub struct Place {
    /// How the roster calls the learner.
    pub name: String,
    /// The account that the credentials must lead to.
    pub account: String,
    /// How it is reached.
    pub target: Target,
}

/// What is verified, and within which bounds.
#[derive(Debug, Clone)]
pub struct Sweep {
    /// The course.
    pub course: Arc<Course>,
    /// The steps to judge in each account.
    pub asked: Asked,
    /// Language of messages: `en`, `ja`.
    pub lang: String,
    /// Accounts at the same time.
    pub jobs: usize,
    /// How long one account may take.
    pub account_timeout: Duration,
    /// How long one fact may take.
    pub fact_timeout: Duration,
}

/// What happens during a sweep, in order.
#[derive(Debug, Clone)]
pub enum Event {
    /// An account is being read.
    Began {
        /// Its place, from 0.
        at: usize,
    },
    /// An account has a result. One that isn't reached before the sweep is cancelled has none.
    Done {
        /// Its place, from 0.
        at: usize,
        /// The result.
        record: Arc<Record>,
    },
}

/// A session with an account.
pub struct Opened {
    /// Where its facts come from.
    pub facts: Arc<dyn Facts>,
    /// The region that is read.
    pub region: String,
}

/// Opens accounts.
pub trait Door: Send + Sync {
    /// Opens a session with an account.
    fn open<'a>(&'a self, target: &'a Target) -> BoxFuture<'a, Result<Opened, CannotLook>>;
}

/// The accounts themselves, over connections that they share.
#[derive(Debug, Clone)]
pub struct Accounts {
    probes: bool,
    network: Network,
}

impl Accounts {
    /// With `probes`, requests may be sent to the learners' APIs.
    pub fn new(probes: bool) -> Self {
        Self { probes, network: Network::default() }
    }
}

impl Door for Accounts {
    fn open<'a>(&'a self, target: &'a Target) -> BoxFuture<'a, Result<Opened, CannotLook>> {
        Box::pin(async move {
            let account = Account::connect_over(target.clone(), &self.network).await?;
            let region = account.region().to_owned();
            Ok(Opened { facts: Arc::new(Reader::new(&account, self.probes)), region })
        })
    }
}

impl Sweep {
    /// Verifies the places: a record for each, in their order. When it is cancelled, what was read
    /// until then stays, and the rest has that as its trouble. Nobody has to listen to the events.
    /// Must be called inside a tokio runtime.
    pub async fn run(
        &self,
        places: &[Arc<Place>],
        door: Arc<dyn Door>,
        events: UnboundedSender<Event>,
        cancel: CancellationToken,
    ) -> Vec<Arc<Record>> {
        let mut records: Vec<Option<Arc<Record>>> = vec![None; places.len()];
        let mut waiting = places.iter().enumerate();
        let mut running = JoinSet::new();
        let mut seats: HashMap<Id, usize> = HashMap::new();
        loop {
            while running.len() < self.jobs.max(1)
                && !cancel.is_cancelled()
                && let Some((at, place)) = waiting.next()
            {
                let _ = events.send(Event::Began { at });
                let (sweep, place) = (self.clone(), Arc::clone(place));
                let (door, cancel) = (Arc::clone(&door), cancel.clone());
                let visit = async move { sweep.visit(&place, &*door, &cancel).await };
                seats.insert(running.spawn(visit).id(), at);
            }
            let Some(done) = running.join_next_with_id().await else { break };
            let (id, result) = match done {
                Ok((id, result)) => (id, result),
                Err(broken) => (broken.id(), Err(defect())),
            };
            let Some(at) = seats.remove(&id) else { continue };
            let record = Arc::new(self.record(&places[at], result));
            records[at] = Some(Arc::clone(&record));
            let _ = events.send(Event::Done { at, record });
        }
        let rest = |(at, record): (usize, Option<Arc<Record>>)| {
            record.unwrap_or_else(|| Arc::new(self.record(&places[at], Err(cancelled()))))
        };
        records.into_iter().enumerate().map(rest).collect()
    }

    /// Reads an account until it is read, its time is over, or the sweep is cancelled.
    async fn visit(
        &self,
        place: &Place,
        door: &dyn Door,
        cancel: &CancellationToken,
    ) -> Result<Report, CannotLook> {
        tokio::select! {
            biased;
            result = self.verify(place, door) => result,
            () = cancel.cancelled() => Err(cancelled()),
            () = tokio::time::sleep(self.account_timeout) => Err(too_slow(self.account_timeout)),
        }
    }

    async fn verify(&self, place: &Place, door: &dyn Door) -> Result<Report, CannotLook> {
        let Opened { facts, region } = door.open(&place.target).await?;
        let caller = self.caller(place, &facts).await?;
        let kind = kind(&place.target);
        let mut request =
            VerifyRequest::new(self.asked.clone(), &place.account, &caller, kind, &region);
        request.lang.clone_from(&self.lang);
        request.fact_timeout = self.fact_timeout;
        // Progress is told by account; and a learner's journal has no say in what is proven.
        let (events, _) = mpsc::unbounded_channel();
        let history = History::default();
        let never = CancellationToken::new();
        Ok(check::verify(request, facts, &self.course, &history, events, never).await)
    }

    /// Who looks, once it is known that the credentials lead to the place's account.
    async fn caller(&self, place: &Place, facts: &Arc<dyn Facts>) -> Result<String, CannotLook> {
        let (facts, never) = (Arc::clone(facts), CancellationToken::new());
        let read = check::read(facts, [CALLER.to_owned()], self.fact_timeout, never).await;
        let caller = match read.get(CALLER) {
            Some(Ok(caller)) => caller,
            Some(Err(FactError::CannotLook(cannot))) => return Err(cannot.clone()),
            _ => return Err(defect()),
        };
        let text = |name: &str| caller[name].as_str().unwrap_or_default();
        if text("account") != place.account {
            return Err(wrong_account(text("account"), place));
        }
        Ok(text("arn").to_owned())
    }

    fn record(&self, place: &Place, result: Result<Report, CannotLook>) -> Record {
        let names = &place.target.names;
        Record {
            name: place.name.clone(),
            account: place.account.clone(),
            stacks: names.stacks.clone(),
            stage: names.stage.clone(),
            outcome: match result {
                Ok(report) => Outcome::Report(Box::new(report)),
                Err(cannot) => Outcome::Trouble(Trouble::of(&self.lang, &cannot)),
            },
        }
    }

    /// Whether an earlier record is this sweep's answer for a place: a final one, of the same account
    /// under the same names, by this version of the program and of the course, for the same steps.
    pub fn is_answered_by(&self, record: &Record, place: &Place) -> bool {
        let Some(report) = record.report().filter(|_| record.is_final()) else { return false };
        let names = &place.target.names;
        let tool = concat!("stepproof ", env!("CARGO_PKG_VERSION"));
        let mut asked: Vec<&str> = self.asked.steps().collect();
        let mut judged: Vec<&str> = report.steps().map(|step| step.step.as_str()).collect();
        asked.sort_unstable();
        judged.sort_unstable();
        record.account == place.account
            && report.account == place.account
            && record.stacks == names.stacks
            && record.stage == names.stage
            && report.kind == kind(&place.target)
            && place.target.region.as_ref().is_none_or(|region| *region == report.region)
            && report.tool == tool
            && report.course.sha256 == self.course.sha256
            && asked == judged
    }
}

fn kind(target: &Target) -> AccountKind {
    match target.source {
        Source::Practice { .. } => AccountKind::Practice,
        Source::Aws { .. } => AccountKind::Aws,
    }
}

fn wrong_account(found: &str, place: &Place) -> CannotLook {
    let found = if found.is_empty() { "an unknown account" } else { found };
    CannotLook {
        reason: Reason::WrongAccount,
        message: format!("The credentials lead to {found}, not to {}.", place.account),
        remedy: "Give the learner's role or profile in the roster, or mend the account's number."
            .to_owned(),
    }
}

fn cancelled() -> CannotLook {
    CannotLook {
        reason: Reason::Cancelled,
        message: "The sweep was cancelled before this account was read.".to_owned(),
        remedy: "Run it again.".to_owned(),
    }
}

fn too_slow(limit: Duration) -> CannotLook {
    CannotLook {
        reason: Reason::Timeout,
        message: format!("Reading the account took longer than {} s.", limit.as_secs()),
        remedy: "Check the network, then run it again.".to_owned(),
    }
}

fn defect() -> CannotLook {
    CannotLook {
        reason: Reason::Defect,
        message: "Reading the account broke off: a defect in stepproof.".to_owned(),
        remedy: "Report it, with what `stepproof facts` says.".to_owned(),
    }
}
