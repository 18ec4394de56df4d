//! The API key and its usage plan: who is counted, and how much is left.

use serde::{Deserialize, Serialize};

use super::Exchange;
use super::refuse::Refusal;
use crate::practice::services::apigateway::plans::{Key, Plan, Throttle};

/// Collection of buckets, by `{plan}/{key}/{method}`.
const BUCKETS: &str = "gateway:bucket";

/// What is left of a limit.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
struct Bucket {
    /// Requests.
    left: f64,
    /// Unix time in milliseconds when that was so.
    at: i64,
}

impl Bucket {
    /// The bucket with one request less; none where it is empty.
    fn draw(self, limit: Throttle, now: i64) -> Option<Self> {
        #[expect(clippy::cast_precision_loss, reason = "limits and pauses fit in 53 bits")]
        let (holds, pause) = (limit.burst_limit as f64, (now - self.at).max(0) as f64 / 1000.0);
        let left = (self.left + pause * limit.rate_limit).min(holds);
        (left >= 1.0).then_some(Self { left: left - 1.0, at: now })
    }
}

/// Counts the request on the caller's key, or refuses it.
pub(super) fn check(exchange: &mut Exchange<'_, '_>) -> Result<(), Refusal> {
    if !exchange.method.api_key_required {
        return Ok(());
    }
    let header = exchange.request.header("x-api-key");
    let value = if exchange.api.api_key_source == "AUTHORIZER" {
        exchange.usage_key.as_deref().unwrap_or("")
    } else {
        header
    };
    let tx = exchange.tx;
    let mut keys = Key::all(tx)?.into_iter();
    let key = keys.find(|key| key.enabled && key.value == value).ok_or(Refusal::InvalidApiKey)?;
    let (api, stage) = (&exchange.api.id, &exchange.stage.stage_name);
    let mut plans = Plan::all(tx)?.into_iter();
    let plan = plans
        .find(|plan| plan.keys.contains(&key.id) && plan.stage(api, stage).is_some())
        .ok_or(Refusal::InvalidApiKey)?;
    if let Some(quota) = &plan.quota
        && plan.used(tx, &key.id)? >= quota.limit
    {
        return Err(Refusal::QuotaExceeded);
    }
    // A method's own limit stands in the plan's place.
    let method = format!("{}/{}", exchange.resource, exchange.method.http_method);
    let own = plan.stage(api, stage).and_then(|stage| stage.throttle.get(&method).copied());
    let (limit, name) = match own {
        Some(limit) => (Some(limit), method.as_str()),
        None => (plan.throttle, "*"),
    };
    if let Some(limit) = limit {
        let id = format!("{}/{}/{name}", plan.id, key.id);
        let now = tx.now().as_millisecond();
        #[expect(clippy::cast_precision_loss, reason = "limits fit in 53 bits")]
        let full = Bucket { left: limit.burst_limit as f64, at: now };
        let bucket = tx.get::<Bucket>(BUCKETS, &id)?.unwrap_or(full);
        let rest = bucket.draw(limit, now).ok_or(Refusal::Throttled)?;
        tx.put(BUCKETS, &id, &rest)?;
    }
    plan.count(tx, &key.id)?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    const LIMIT: Throttle = Throttle { burst_limit: 2, rate_limit: 1.0 };

    #[test]
    fn a_bucket_gives_what_it_holds_and_fills_again() {
        let full = Bucket { left: 2.0, at: 0 };
        let empty = full.draw(LIMIT, 0).and_then(|rest| rest.draw(LIMIT, 0)).expect("two");
        assert_eq!(empty.draw(LIMIT, 500), None);
        assert!(empty.draw(LIMIT, 1000).is_some());
        // It never holds more than its burst.
        let later = empty.draw(LIMIT, 60_000).expect("full again");
        assert!((later.left - 1.0).abs() < f64::EPSILON);
    }

    #[test]
    fn a_rate_of_nothing_never_fills() {
        let empty = Bucket { left: 0.0, at: 0 };
        assert_eq!(empty.draw(Throttle { burst_limit: 2, rate_limit: 0.0 }, 60_000), None);
    }
}
