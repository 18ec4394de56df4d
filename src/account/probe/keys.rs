//! Calls with a partner's token, with and without its API key; and one small burst.

use std::sync::Arc;

use futures_util::future::try_join_all;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::calls::Call;
use super::tokens::Exchanges;
use super::{Probe, api_address, patient};
use crate::account::fact::{CannotLook, FactError, Known, Reason};
use crate::account::facts::apigateway::Deployment;
use crate::account::facts::cloudformation::AppStack;
use crate::account::facts::usage_plans::{PlanKeys, PlanUsage, UsagePlans};
use crate::account::facts::validation::Validation;
use crate::account::reader::{Reader, known};
use crate::account::secret::Secret;

/// The method that is called with and without a key.
const LIST: Probe = Probe { verb: "GET", path: "/glasses" };
/// Lists that a burst may be sent to, in the order of preference.
const LISTS: [&str; 4] = ["/capes", "/horns", "/glasses", "/socks"];
/// A list whose limit lets more requests through at once isn't tried.
const HIGHEST_BURST: i32 = 8;
/// Requests of a burst beyond those that the limit lets through.
const BEYOND: i32 = 4;
/// A burst isn't sent where it would take a good part of what is left of the quota.
const LEAST_REMAINING: i64 = 40;

/// What a partner gets with and without its key.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
pub(crate) struct KeyCalls {
    /// Where the deployed API takes the key from: `HEADER` or `AUTHORIZER`.
    key_source: String,
    /// GET /glasses with a partner's token alone, or null where no partner has a token.
    without_key: Option<Call>,
    /// The same with a key of the stage's plan in the header, or null where there is none.
    with_key: Option<Call>,
}

/// What came of a burst.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
pub(crate) struct Burst {
    /// The list that was asked for: one that asks for a key. Or empty.
    path: String,
    /// Requests that its limit lets through at once, or null where nothing limits such a list.
    limit: Option<i32>,
    /// Requests that the key could still send before the burst, or null without a quota.
    remaining: Option<i64>,
    /// Requests that were sent at once; 0 where the limit is too high to try.
    sent: usize,
    /// How many were answered.
    answered: usize,
    /// How many got 429 for their rate.
    throttled: usize,
    /// How many got 429 because the quota is used up.
    quota_exceeded: usize,
    /// How many were refused with 403.
    forbidden: usize,
    /// How the first of the others was answered (`unauthorized`, `app_error`…), or empty.
    otherwise: String,
}

pub(crate) async fn calls(reader: &Reader, facts: &Known) -> Result<KeyCalls, FactError> {
    reader.may_probe()?;
    let stack: AppStack = known(facts, "app_stack")?;
    let exchanges: Exchanges = known(facts, "token_exchange")?;
    let validation: Validation = known(facts, "validation")?;
    let base = api_address(reader, &stack)?;
    let key_source = validation.key_source;
    let Some((client, token)) = partner(reader, &exchanges) else {
        return Ok(KeyCalls { key_source, without_key: None, with_key: None });
    };
    let without_key = patient(LIST.send_patiently(reader, &base, &token, None).await?)?;
    let with_key = match reader.key_for(&client) {
        // A quota that is used up is the check's to tell, not an obstacle.
        Some(key) => Some(LIST.send_patiently(reader, &base, &token, Some(&*key)).await?),
        None => None,
    };
    Ok(KeyCalls { key_source, without_key: Some(without_key), with_key })
}

/// The first of the partners that got a token.
fn partner(reader: &Reader, exchanges: &Exchanges) -> Option<(String, Arc<Secret>)> {
    let client = *exchanges.callers(reader).first()?;
    let token = reader.vault().tokens.get(client).cloned()?;
    Some((client.clone(), token))
}

pub(crate) async fn burst(reader: &Reader, facts: &Known) -> Result<Burst, FactError> {
    reader.may_probe()?;
    let stack: AppStack = known(facts, "app_stack")?;
    let exchanges: Exchanges = known(facts, "token_exchange")?;
    let UsagePlans { plans, .. } = known(facts, "usage_plans")?;
    let PlanKeys { keys, .. } = known(facts, "plan_keys")?;
    let usage: PlanUsage = known(facts, "plan_usage")?;
    let deployment: Deployment = known(facts, "deployment")?;
    let base = api_address(reader, &stack)?;
    let mut burst = Burst {
        path: String::new(),
        limit: None,
        remaining: None,
        sent: 0,
        answered: 0,
        throttled: 0,
        quota_exceeded: 0,
        forbidden: 0,
        otherwise: String::new(),
    };
    let Some((client, token)) = partner(reader, &exchanges) else { return Ok(burst) };
    let Some((id, key)) = reader.key_with_id_for(&client) else { return Ok(burst) };
    let plan = keys.iter().find(|known| known.id == id).map(|known| known.plan.clone());
    let Some(plan) = plans.iter().find(|known| Some(&known.id) == plan.as_ref()) else {
        return Ok(burst);
    };
    let of_list = |path: &&str| {
        // Calls are counted where the method asks for a key, and nowhere else.
        if !deployment.asks_for_a_key("GET", path) {
            return None;
        }
        let own = plan.methods.iter().find(|limit| limit.verb == "GET" && limit.path == *path);
        own.map(|limit| limit.burst).or(plan.burst)
    };
    let lowest = LISTS.iter().filter_map(|path| Some((of_list(path)?, *path)));
    // The first of equals: `min_by_key` keeps it.
    let Some((limit, path)) = lowest.min_by_key(|(limit, _)| *limit) else { return Ok(burst) };
    path.clone_into(&mut burst.path);
    burst.limit = Some(limit);
    if limit > HIGHEST_BURST {
        return Ok(burst);
    }
    burst.remaining = usage.keys.iter().find(|key| key.key == id).map(|key| key.remaining);
    if let Some(left) = burst.remaining.filter(|left| (1..LEAST_REMAINING).contains(left)) {
        return Err(too_little_left(left));
    }
    let probe = Probe { verb: "GET", path };
    let count = usize::try_from(limit.max(2) + BEYOND).unwrap_or_default();
    // Limits are counted on many servers: one burst may get past them, two hardly do.
    for _ in 0..2 {
        let sent = (0..count).map(|_| probe.send_once(reader, &base, &token, Some(&*key)));
        let calls = try_join_all(sent).await?;
        burst.note(&calls);
        // Where nothing is answered, the limit isn't what stops the caller.
        let refused = burst.throttled + burst.quota_exceeded + burst.forbidden;
        if refused > 0 || burst.answered == 0 {
            return Ok(burst);
        }
    }
    Err(not_counted(burst.sent))
}

impl Burst {
    fn note(&mut self, calls: &[Call]) {
        let of = |outcome: &str| calls.iter().filter(|call| call.outcome() == outcome).count();
        self.sent += calls.len();
        self.answered += of("answered");
        self.throttled += of("throttled");
        self.quota_exceeded += of("quota_exceeded");
        self.forbidden += of("forbidden");
        let counted = ["answered", "throttled", "quota_exceeded", "forbidden"];
        let other = calls.iter().map(Call::outcome).find(|outcome| !counted.contains(outcome));
        if let Some(other) = other.filter(|_| self.otherwise.is_empty()) {
            other.clone_into(&mut self.otherwise);
        }
    }
}

fn too_little_left(left: i64) -> FactError {
    FactError::CannotLook(CannotLook {
        reason: Reason::NotProbed,
        message: format!("No burst was sent: the key's quota has only {left} requests left."),
        remedy: "Wait for the next period, or raise the plan's quota.".to_owned(),
    })
}

fn not_counted(sent: usize) -> FactError {
    FactError::CannotLook(CannotLook {
        reason: Reason::Service,
        message: format!("Of {sent} requests in two bursts none got 429."),
        remedy: "AWS keeps these limits as well as it can, no better; a new plan takes a minute. \
                 Verify again."
            .to_owned(),
    })
}
