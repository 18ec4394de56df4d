//! Reads facts: each at most once, those that rest on nothing unread at the same time.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;
use std::time::{Duration, Instant};

use serde_json::Value;
use tokio::task::{Id, JoinSet};
use tokio_util::sync::CancellationToken;

use crate::account::{CannotLook, FactError, FactSpec, Facts, Known, Reason};

/// A fact's value, or why there is none.
pub type Outcome = Result<Arc<Value>, FactError>;

/// Reads some facts and everything that they rest on. Every one of them is in the answer.
///
/// Must be called inside a tokio runtime.
pub async fn read(
    facts: Arc<dyn Facts>,
    wanted: impl IntoIterator<Item = String> + Send,
    timeout: Duration,
    cancel: CancellationToken,
) -> BTreeMap<String, Outcome> {
    let mut reader = Reader::new(facts, wanted.into_iter().collect(), timeout, cancel);
    while !reader.next().await.is_empty() {}
    reader.outcomes
}

/// One run's readings.
pub(super) struct Reader {
    facts: Arc<dyn Facts>,
    /// Facts that aren't read yet, with what they rest on.
    waiting: BTreeMap<String, Vec<String>>,
    running: JoinSet<(String, Outcome)>,
    names: HashMap<Id, String>,
    timeout: Duration,
    /// How long the run may take, and when that is over.
    end: Option<(Duration, tokio::time::Instant)>,
    cancel: CancellationToken,
    /// When each fact was asked for, and how long it took.
    pub(super) times: BTreeMap<String, (Instant, Duration)>,
    /// What came of each fact so far.
    pub(super) outcomes: BTreeMap<String, Outcome>,
    /// Facts with an outcome that [`Reader::next`] hasn't told yet.
    fresh: Vec<String>,
}

impl Reader {
    pub(super) fn new(
        facts: Arc<dyn Facts>,
        wanted: BTreeSet<String>,
        timeout: Duration,
        cancel: CancellationToken,
    ) -> Self {
        let mut this = Self {
            facts,
            waiting: BTreeMap::new(),
            running: JoinSet::new(),
            names: HashMap::new(),
            timeout,
            end: None,
            cancel,
            times: BTreeMap::new(),
            outcomes: BTreeMap::new(),
            fresh: Vec::new(),
        };
        this.want(wanted);
        this
    }

    /// Ends the run so long from now: what isn't read by then has no value.
    pub(super) fn end_after(&mut self, longest: Duration) {
        // A time that no clock can hold is none.
        let end = tokio::time::Instant::now().checked_add(longest);
        self.end = end.map(|end| (longest, end));
    }

    /// How many facts this run reads.
    pub(super) fn total(&self) -> usize {
        self.waiting.len() + self.outcomes.len()
    }

    /// A fact's declaration.
    pub(super) fn spec(&self, name: &str) -> Option<&FactSpec> {
        self.facts.catalog().iter().find(|spec| spec.name == name)
    }

    /// Takes up facts and what they rest on.
    fn want(&mut self, wanted: BTreeSet<String>) {
        let needs: HashMap<&str, &[&str]> =
            self.facts.catalog().iter().map(|spec| (spec.name, spec.needs)).collect();
        let mut unknown = Vec::new();
        let mut open: Vec<String> = wanted.into_iter().collect();
        while let Some(name) = open.pop() {
            if self.waiting.contains_key(&name) {
                continue;
            }
            match needs.get(name.as_str()) {
                Some(needs) => {
                    let needs: Vec<String> = needs.iter().map(|&n| n.to_owned()).collect();
                    open.extend(needs.iter().cloned());
                    self.waiting.insert(name, needs);
                }
                None => unknown.push(name),
            }
        }
        for name in unknown {
            let error = course_error(format!("there is no fact `{name}`"));
            self.settle(name, Err(error));
        }
    }

    /// Waits until at least one more fact has an outcome; empty when all have one.
    pub(super) async fn next(&mut self) -> Vec<String> {
        loop {
            self.start_ready();
            if !self.fresh.is_empty() {
                return std::mem::take(&mut self.fresh);
            }
            if self.running.is_empty() {
                if self.waiting.is_empty() {
                    return Vec::new();
                }
                self.give_up_rest(&|name| {
                    course_error(format!("the facts that `{name}` rests on rest on each other"))
                });
                continue;
            }
            let cancel = self.cancel.clone();
            let end = self.end;
            let over = async {
                match end {
                    Some((longest, end)) => {
                        tokio::time::sleep_until(end).await;
                        longest
                    }
                    None => std::future::pending().await,
                }
            };
            tokio::select! {
                biased;
                () = cancel.cancelled() => self.break_off(&cancelled()),
                longest = over => self.break_off(&out_of_time(longest)),
                Some(done) = self.running.join_next_with_id() => self.take(done),
            }
        }
    }

    /// Stops reading: nothing else gets a value.
    fn break_off(&mut self, why: &FactError) {
        self.running.abort_all();
        self.running = JoinSet::new();
        let asked: Vec<String> = self.names.drain().map(|(_, name)| name).collect();
        for name in asked {
            self.settle(name, Err(why.clone()));
        }
        self.give_up_rest(&|_| why.clone());
    }

    fn take(&mut self, done: Result<(Id, (String, Outcome)), tokio::task::JoinError>) {
        match done {
            Ok((id, (name, outcome))) => {
                self.names.remove(&id);
                self.settle(name, outcome);
            }
            Err(error) => {
                if let Some(name) = self.names.remove(&error.id()) {
                    let broken = CannotLook {
                        reason: Reason::Defect,
                        message: format!("reading `{name}` broke off: a defect in stepproof"),
                        remedy: "Report it, with what `stepproof facts` says.".to_owned(),
                    };
                    self.settle(name, Err(FactError::CannotLook(broken)));
                }
            }
        }
    }

    /// Starts every fact whose needs are read. One whose needs have no value gets their error.
    fn start_ready(&mut self) {
        while let Some(name) = self.ready() {
            let needs = self.waiting.remove(&name).unwrap_or_default();
            let mut known = Known::new();
            let mut error: Option<FactError> = None;
            for need in needs {
                match &self.outcomes[&need] {
                    Ok(value) => drop(known.insert(need, Arc::clone(value))),
                    // What couldn't be looked at outweighs what isn't there: it may be there.
                    Err(e @ FactError::CannotLook(_)) => error = Some(e.clone()),
                    Err(e) => error = error.or_else(|| Some(e.clone())),
                }
            }
            self.times.insert(name.clone(), (Instant::now(), Duration::ZERO));
            match error {
                Some(error) => self.settle(name, Err(error)),
                None if self.cancel.is_cancelled() => self.settle(name, Err(cancelled())),
                None => self.start(name, known),
            }
        }
    }

    fn ready(&self) -> Option<String> {
        let ready = |needs: &Vec<String>| needs.iter().all(|need| self.outcomes.contains_key(need));
        self.waiting.iter().find(|(_, needs)| ready(needs)).map(|(name, _)| name.clone())
    }

    fn start(&mut self, name: String, known: Known) {
        let facts = Arc::clone(&self.facts);
        let timeout = self.timeout;
        let task_name = name.clone();
        let handle = self.running.spawn(async move {
            let outcome = match tokio::time::timeout(timeout, facts.read(&task_name, &known)).await
            {
                Ok(outcome) => outcome.map(Arc::new),
                Err(_) => Err(FactError::CannotLook(CannotLook {
                    reason: Reason::Timeout,
                    message: format!("no answer for `{task_name}` in {} s", timeout.as_secs()),
                    remedy: "Check the network, then verify again.".to_owned(),
                })),
            };
            (task_name, outcome)
        });
        self.names.insert(handle.id(), name);
    }

    fn settle(&mut self, name: String, outcome: Outcome) {
        if let Some((asked, took)) = self.times.get_mut(&name) {
            *took = asked.elapsed();
        }
        self.fresh.push(name.clone());
        self.outcomes.insert(name, outcome);
    }

    fn give_up_rest(&mut self, why: &dyn Fn(&str) -> FactError) {
        for (name, _) in std::mem::take(&mut self.waiting) {
            let error = why(&name);
            self.settle(name, Err(error));
        }
    }
}

fn course_error(message: String) -> FactError {
    let remedy = "Run `stepproof course lint`, or tell the course's author.".to_owned();
    FactError::CannotLook(CannotLook { reason: Reason::Course, message, remedy })
}

fn out_of_time(longest: Duration) -> FactError {
    FactError::CannotLook(CannotLook {
        reason: Reason::Timeout,
        message: format!("the {} s that a verification may take are over", longest.as_secs()),
        remedy: "Verify again, one module at a time.".to_owned(),
    })
}

fn cancelled() -> FactError {
    FactError::CannotLook(CannotLook {
        reason: Reason::Cancelled,
        message: "cancelled before it was read".to_owned(),
        remedy: "Verify again.".to_owned(),
    })
}
