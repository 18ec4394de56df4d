//! Which calls the accounts were sent since the server began, for those who must know that a program
//! calls nothing else: `GET /_practice/calls`.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

/// Calls that are told apart in one account, so that a loop over names can't fill the memory.
const MOST: usize = 2000;

/// Numbers of calls by account and call.
#[derive(Debug, Default)]
pub(super) struct Log(Mutex<BTreeMap<String, BTreeMap<String, u32>>>);

impl Log {
    /// Notes a call: its IAM action, and for API Gateway, whose actions are HTTP verbs, the path.
    pub(super) fn note(&self, account: &str, action: &str, path: &str) {
        let call = if action.starts_with("apigateway:") {
            format!("{action} {path}")
        } else {
            action.to_owned()
        };
        let mut log = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let calls = log.entry(account.to_owned()).or_default();
        if calls.len() < MOST || calls.contains_key(&call) {
            let count = calls.entry(call).or_default();
            *count = count.saturating_add(1);
        }
    }

    /// Forgets all calls.
    pub(super) fn clear(&self) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clear();
    }

    /// All calls.
    pub(super) fn get(&self) -> BTreeMap<String, BTreeMap<String, u32>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}
