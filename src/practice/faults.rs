//! Faults on demand: what a rehearsal or a test asks the practice account to do wrong. They live in
//! the server's memory, are set at `POST /_practice/faults`, and go first-come over every call.

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::auth;
use super::wire::Fault;

/// One thing to do wrong.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Spec {
    /// IAM action: `cognito-idp:DescribeUserPool`, `lambda:*`, `*`. Case matters in none of it.
    pub action: String,
    /// What happens.
    pub fault: Kind,
    /// Only in this account; in all without it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub account: Option<String>,
    /// How many calls it hits; all without it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub times: Option<u32>,
    /// Length of a [`Kind::Latency`], in milliseconds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub milliseconds: Option<u64>,
}

/// What can go wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// The caller lacks the permission.
    AccessDenied,
    /// Too many calls.
    Throttling,
    /// The service fails: 500.
    ServerError,
    /// The service can't be had: 503.
    Unavailable,
    /// The credentials are past their time.
    ExpiredToken,
    /// Something that isn't AWS answers 200 with a page of its own, as a hotel's network does.
    Malformed,
    /// The connection breaks in the middle of the answer.
    Reset,
    /// The answer comes late.
    Latency,
}

/// What is answered instead.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Instead {
    /// An error of the service.
    Fault(Fault),
    /// A page that isn't AWS's.
    Malformed,
    /// Half an answer.
    Reset,
}

/// The faults in force.
#[derive(Debug, Default)]
pub struct Faults(Mutex<Vec<Spec>>);

/// What the faults in force do to one call.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Effect {
    /// Wait so long first.
    pub delay: Duration,
    /// Then answer this instead.
    pub instead: Option<Instead>,
}

/// Longest latency, so that a mistyped one can't hang a caller for hours.
const LONGEST: Duration = Duration::from_mins(2);

impl Faults {
    /// These faults from the start.
    pub fn new(specs: Vec<Spec>) -> Self {
        Self(Mutex::new(specs))
    }

    /// Replaces the faults in force.
    pub fn set(&self, specs: Vec<Spec>) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = specs;
    }

    /// The faults in force.
    pub fn get(&self) -> Vec<Spec> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// What becomes of a call that needs `action`; counts it.
    pub fn strike(&self, account: &str, caller: &str, action: &str) -> Effect {
        let mut effect = Effect::default();
        let mut specs = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        for spec in specs.iter_mut() {
            if !spec.hits(account, action)
                || (effect.instead.is_some() && spec.fault != Kind::Latency)
            {
                continue;
            }
            match &mut spec.times {
                Some(0) => continue,
                Some(left) => *left -= 1,
                None => {}
            }
            if spec.fault == Kind::Latency {
                let length = Duration::from_millis(spec.milliseconds.unwrap_or(50));
                effect.delay = (effect.delay + length).min(LONGEST);
            } else {
                effect.instead = spec.fault.instead(caller, action);
            }
        }
        effect
    }
}

impl Spec {
    fn hits(&self, account: &str, action: &str) -> bool {
        let named = self.account.as_deref().is_none_or(|only| only == account);
        let pattern = self.action.to_ascii_lowercase();
        let action = action.to_ascii_lowercase();
        let matches = match pattern.strip_suffix('*') {
            Some(prefix) => action.starts_with(prefix),
            None => action == pattern,
        };
        named && matches
    }
}

impl Kind {
    fn instead(self, caller: &str, action: &str) -> Option<Instead> {
        Some(Instead::Fault(match self {
            Self::AccessDenied => denied(caller, action),
            Self::Throttling => Fault::new(400, "Throttling", "Rate exceeded"),
            Self::ServerError => Fault::new(
                500,
                "InternalFailure",
                "We encountered an internal error. Please try again.",
            ),
            Self::Unavailable => {
                Fault::new(503, "ServiceUnavailable", "Service is unavailable. Please try again.")
            }
            Self::ExpiredToken => auth::expired(),
            Self::Malformed => return Some(Instead::Malformed),
            Self::Reset => return Some(Instead::Reset),
            Self::Latency => return None,
        }))
    }
}

/// What AWS says to a caller without the permission.
pub fn denied(caller: &str, action: &str) -> Fault {
    Fault::new(
        403,
        "AccessDenied",
        format!(
            "User: {caller} is not authorized to perform: {action} on resource: * because no \
             identity-based policy allows the {action} action"
        ),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn spec(action: &str, fault: Kind) -> Spec {
        Spec { action: action.to_owned(), fault, account: None, times: None, milliseconds: None }
    }

    #[test]
    fn a_fault_hits_its_action_and_account_as_often_as_asked() {
        let faults = Faults::new(vec![Spec {
            account: Some("111122223333".to_owned()),
            times: Some(1),
            ..spec("lambda:Get*", Kind::Throttling)
        }]);
        assert_eq!(faults.strike("000000000000", "me", "lambda:GetFunction"), Effect::default());
        assert_eq!(faults.strike("111122223333", "me", "lambda:ListFunctions"), Effect::default());
        let hit = faults.strike("111122223333", "me", "lambda:GetFunction");
        assert!(matches!(hit.instead, Some(Instead::Fault(fault)) if fault.code == "Throttling"));
        assert_eq!(faults.strike("111122223333", "me", "lambda:GetFunction"), Effect::default());
    }

    #[test]
    fn latency_adds_up_and_goes_with_another_fault() {
        let slow =
            |milliseconds| Spec { milliseconds: Some(milliseconds), ..spec("*", Kind::Latency) };
        let faults = Faults::new(vec![slow(20), spec("iam:GetRole", Kind::AccessDenied), slow(30)]);
        let effect = faults.strike("000000000000", "me", "iam:GetRole");
        assert_eq!(effect.delay, Duration::from_millis(50));
        let Some(Instead::Fault(fault)) = effect.instead else { panic!("nothing else is said") };
        assert!(fault.message.contains("iam:GetRole"));
    }
}
