//! One run's source of facts.

use std::collections::{BTreeMap, HashMap};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use reqwest::{Method, RequestBuilder};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;
use tokio::sync::OnceCell;

use super::catalog;
use super::fact::{
    CannotLook, FactError, FactKind, FactSpec, Facts, Known, Probed, Reading, Reason,
};
use super::facts::elsewhere::Elsewhere;
use super::facts::sts::Identity;
use super::probe;
use super::secret::Secret;
use super::session::Account;

/// A source of facts for one run over one account. What the run learns that is secret lives here,
/// in memory, until the run is dropped.
#[derive(Debug)]
pub struct Reader {
    pub(super) account: Account,
    probes: bool,
    calls_before: u32,
    /// Who looks. It is asked for before the run's first fact too, and doesn't change in a run.
    pub(super) identity: OnceCell<Identity>,
    /// Whether the course seems to be in another region; asked for where a stack is missing.
    pub(super) elsewhere: OnceCell<Elsewhere>,
    /// Whose turn it is to call an API again that asks for slower calls.
    turns: tokio::sync::Mutex<()>,
    vault: Mutex<Vault>,
    /// How many requests were sent to which address.
    probed: Mutex<BTreeMap<String, u32>>,
    /// Whether a probe was refused as firewalls refuse.
    forbidden: AtomicBool,
    /// The first trouble that every other call would meet too (credentials, network).
    hopeless: Mutex<Option<CannotLook>>,
}

/// A run's secrets.
#[derive(Debug, Default)]
pub(super) struct Vault {
    /// Client secrets by client id.
    pub(super) clients: HashMap<String, Arc<Secret>>,
    /// Presigned addresses of function packages, by function name.
    pub(super) packages: HashMap<String, Arc<Secret>>,
    /// Access tokens by client id.
    pub(super) tokens: HashMap<String, Arc<Secret>>,
    /// Values of the API keys of the stage's usage plans, with the keys' ids.
    pub(super) api_keys: Vec<(String, Arc<Secret>)>,
}

impl Reader {
    /// Starts a run. Without `probes`, facts that would send requests to the learner's API can't
    /// be read.
    pub fn new(account: &Account, probes: bool) -> Self {
        Self {
            account: account.clone(),
            probes,
            calls_before: account.calls(),
            identity: OnceCell::new(),
            elsewhere: OnceCell::new(),
            turns: tokio::sync::Mutex::default(),
            vault: Mutex::default(),
            probed: Mutex::default(),
            forbidden: AtomicBool::new(false),
            hopeless: Mutex::default(),
        }
    }

    /// Held by the probe that calls a throttled API again.
    pub(super) fn turns(&self) -> &tokio::sync::Mutex<()> {
        &self.turns
    }

    /// Notes that a probe was refused as firewalls refuse.
    pub(super) fn note_forbidden(&self) {
        self.forbidden.store(true, Ordering::Relaxed);
    }

    /// The run's secrets.
    pub(super) fn vault(&self) -> MutexGuard<'_, Vault> {
        self.vault.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The API key that a client sends: the one whose value is the client's id, else the first.
    pub(super) fn key_for(&self, client: &str) -> Option<Arc<Secret>> {
        self.key_with_id_for(client).map(|(_, key)| key)
    }

    /// As [`Reader::key_for`], with the key's id.
    pub(super) fn key_with_id_for(&self, client: &str) -> Option<(String, Arc<Secret>)> {
        let vault = self.vault();
        let own = vault.api_keys.iter().find(|(_, key)| key.expose() == client);
        own.or(vault.api_keys.first()).cloned()
    }

    /// Whether there is an API key whose value is the client's id.
    pub(super) fn has_own_key(&self, client: &str) -> bool {
        self.vault().api_keys.iter().any(|(_, key)| key.expose() == client)
    }

    /// A request to an address of the learner's own, or below it. It is noted as sent.
    pub(super) fn probe(&self, method: Method, address: &str, below: &str) -> RequestBuilder {
        let mut probed = self.probed.lock().unwrap_or_else(PoisonError::into_inner);
        *probed.entry(address.to_owned()).or_default() += 1;
        self.account.http().request(method, format!("{address}{below}"))
    }

    /// Refuses when requests to the learner's API are switched off.
    pub(super) fn may_probe(&self) -> Result<(), FactError> {
        if self.probes {
            return Ok(());
        }
        Err(FactError::CannotLook(CannotLook {
            reason: Reason::NotProbed,
            message: "No requests are sent to the API (--no-probes).".to_owned(),
            remedy: "Verify without --no-probes.".to_owned(),
        }))
    }

    async fn run<'a>(&'a self, name: &'a str, known: &'a Known) -> Result<Value, FactError> {
        if let Some(cannot) = self.hopeless().clone() {
            return Err(FactError::CannotLook(cannot));
        }
        let Some(entry) = catalog::find(name) else {
            return Err(no_such_fact(name));
        };
        let read = async {
            let value = (entry.read)(self, known).await?;
            if entry.spec.kind == FactKind::Probe && self.forbidden.load(Ordering::Relaxed) {
                probe::let_in(self, known).await?;
            }
            Ok(value)
        };
        let result = read.await;
        if let Err(FactError::CannotLook(cannot)) = &result
            && matches!(
                cannot.reason,
                Reason::NoCredentials | Reason::BadCredentials | Reason::Network
            )
            && entry.spec.kind == FactKind::Config
        {
            self.hopeless().get_or_insert_with(|| cannot.clone());
        }
        result
    }

    fn hopeless(&self) -> MutexGuard<'_, Option<CannotLook>> {
        self.hopeless.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Facts for Reader {
    fn catalog(&self) -> &[FactSpec] {
        catalog::catalog()
    }

    fn read<'a>(&'a self, name: &'a str, known: &'a Known) -> Reading<'a> {
        Box::pin(self.run(name, known))
    }

    fn api_calls(&self) -> u32 {
        self.account.calls().wrapping_sub(self.calls_before)
    }

    fn probed(&self) -> Vec<Probed> {
        let probed = self.probed.lock().unwrap_or_else(PoisonError::into_inner);
        let each = probed.iter();
        each.map(|(address, requests)| Probed { address: address.clone(), requests: *requests })
            .collect()
    }
}

/// A fact that was declared as a need, as its type.
pub(super) fn known<T: DeserializeOwned>(known: &Known, name: &str) -> Result<T, FactError> {
    known
        .get(name)
        .ok_or_else(|| no_such_fact(name))
        .and_then(|value| T::deserialize(&**value).map_err(|_| no_such_fact(name)))
}

/// A fact's value as checks see it: control characters that the account returned are gone.
pub(super) fn value<T: Serialize>(fact: &T) -> Result<Value, FactError> {
    let mut value = serde_json::to_value(fact).map_err(|error| {
        FactError::CannotLook(CannotLook {
            reason: Reason::Defect,
            message: format!("A fact can't be written as JSON: {error}."),
            remedy: "This is an error in stepproof; report it.".to_owned(),
        })
    })?;
    clean(&mut value);
    Ok(value)
}

fn clean(value: &mut Value) {
    match value {
        Value::String(text) if text.chars().any(char::is_control) => {
            *text = text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
        }
        Value::Array(items) => items.iter_mut().for_each(clean),
        Value::Object(fields) => fields.values_mut().for_each(clean),
        _ => {}
    }
}

fn no_such_fact(name: &str) -> FactError {
    FactError::CannotLook(CannotLook {
        reason: Reason::Course,
        message: format!("There is no fact `{name}`."),
        remedy: "`stepproof facts` lists the facts; mend the course's check.".to_owned(),
    })
}
