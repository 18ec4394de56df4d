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
    /// Requests to an API ([`INVOKE`]), to a token endpoint ([`TOKEN`]) and for a package
    /// ([`DOWNLOAD`]) are no calls of AWS's: they are hit where they are named, in whatever account.
    pub action: String,
    /// What happens.
    pub fault: Kind,
    /// Only in this account; in all without it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub account: Option<String>,
    /// How many calls go by before it hits the first.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub after: Option<u32>,
    /// How many calls it hits; all without it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub times: Option<u32>,
    /// Length of a [`Kind::Latency`], in milliseconds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub milliseconds: Option<u64>,
    /// Items in each page of [`Kind::SmallPages`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub items: Option<usize>,
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
    /// The access key was deleted, or replaced by another.
    InvalidToken,
    /// The secret key isn't the access key's.
    WrongSignature,
    /// Something that isn't AWS answers 200 with a page of its own, as a hotel's network does.
    Malformed,
    /// The connection breaks in the middle of the answer.
    Reset,
    /// The answer comes late.
    Latency,
    /// The call is taken, and never answered.
    Hang,
    /// The answer comes a byte a second.
    Trickle,
    /// Lists come a few items at a time, each page with the token of the next.
    SmallPages,
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
    /// None at all.
    Hang,
    /// The whole answer, a byte a second.
    Trickle,
}

/// A request to a learner's API.
pub const INVOKE: &str = "execute-api:Invoke";
/// A request to a token endpoint.
pub const TOKEN: &str = "oauth2:Token";
/// A request for a function's package, at the address that AWS Lambda gave.
pub const DOWNLOAD: &str = "package:Download";

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
    /// Answer lists so many items at a time.
    pub items: Option<usize>,
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
            let alone = matches!(spec.fault, Kind::Latency | Kind::SmallPages);
            if !spec.hits(account, action) || (effect.instead.is_some() && !alone) {
                continue;
            }
            match (&mut spec.after, &mut spec.times) {
                (Some(left), _) if *left > 0 => {
                    *left -= 1;
                    continue;
                }
                (_, Some(0)) => continue,
                (_, Some(left)) => *left -= 1,
                (_, None) => {}
            }
            match spec.fault {
                Kind::Latency => {
                    let length = Duration::from_millis(spec.milliseconds.unwrap_or(50));
                    effect.delay = (effect.delay + length).min(LONGEST);
                }
                Kind::SmallPages => effect.items = Some(spec.items.unwrap_or(1).max(1)),
                other => effect.instead = other.instead(caller, action),
            }
        }
        effect
    }
}

impl Spec {
    fn hits(&self, account: &str, action: &str) -> bool {
        let pattern = self.action.to_ascii_lowercase();
        let action = action.to_ascii_lowercase();
        let elsewhere = [INVOKE, TOKEN, DOWNLOAD].iter().any(|it| it.eq_ignore_ascii_case(&action));
        if elsewhere {
            return pattern == action;
        }
        let named = self.account.as_deref().is_none_or(|only| only == account);
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
            Self::InvalidToken => auth::unknown(),
            Self::WrongSignature => Fault::new(
                403,
                "SignatureDoesNotMatch",
                "The request signature we calculated does not match the signature you provided. \
                 Check your AWS Secret Access Key and signing method.",
            ),
            Self::Malformed => return Some(Instead::Malformed),
            Self::Reset => return Some(Instead::Reset),
            Self::Hang => return Some(Instead::Hang),
            Self::Trickle => return Some(Instead::Trickle),
            Self::Latency | Self::SmallPages => return None,
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
        let action = action.to_owned();
        let (account, after, times, milliseconds, items) = (None, None, None, None, None);
        Spec { action, fault, account, after, times, milliseconds, items }
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
    fn a_fault_lets_some_calls_by_and_leaves_an_api_alone_that_it_does_not_name() {
        let faults = Faults::new(vec![Spec { after: Some(1), ..spec("*", Kind::ExpiredToken) }]);
        let strike = |action| faults.strike("000000000000", "me", action).instead.is_some();
        assert_eq!([(); 3].map(|()| strike("iam:GetRole")), [false, true, true]);
        assert!(!strike(INVOKE));
        faults.set(vec![spec(INVOKE, Kind::Hang)]);
        assert!(strike(INVOKE) && !strike(TOKEN));
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
