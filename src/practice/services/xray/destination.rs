//! Where traces are sent: to X-Ray, or with Transaction Search to Amazon CloudWatch Logs, of which
//! X-Ray then indexes a share.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::invalid;
use crate::practice::store::Tx;
use crate::practice::wire::{Answer, Call, Fault, Reply, epoch};

const DESTINATION: &str = "xray:destination";
const LOGS: &str = "CloudWatchLogs";
const XRAY: &str = "XRay";

/// Where traces are sent.
#[derive(Debug, Clone, Serialize, Deserialize)]
struct Destination {
    /// `XRay` or `CloudWatchLogs`.
    name: String,
    /// How many of a hundred traces are indexed, where they are sent to CloudWatch Logs.
    share: f64,
    /// Traces that were sent to CloudWatch Logs.
    sent: u32,
    /// When the share was last changed.
    changed: Timestamp,
}

impl Destination {
    fn of(tx: &Tx<'_>) -> Result<Self, Fault> {
        let fresh =
            || Self { name: XRAY.to_owned(), share: 1.0, sent: 0, changed: Timestamp::UNIX_EPOCH };
        Ok(tx.get(DESTINATION, "destination")?.unwrap_or_else(fresh))
    }

    fn save(&self, tx: &Tx<'_>) -> Result<(), Fault> {
        tx.put(DESTINATION, "destination", self)
    }

    fn reply(&self) -> Reply {
        Reply::ok(json!({ "Destination": self.name, "Status": "ACTIVE" }))
    }

    fn rule(&self) -> Value {
        json!({ "Name": "Default", "ModifiedAt": epoch(self.changed), "Rule": { "Probabilistic": {
            "DesiredSamplingPercentage": self.share, "ActualSamplingPercentage": self.share } } })
    }
}

/// Counts a trace on its way; whether X-Ray indexes it. Of a hundred, the last ones are.
///
/// # Errors
/// The practice account's own.
pub(super) fn indexes(tx: &Tx<'_>) -> Result<bool, Fault> {
    let mut destination = Destination::of(tx)?;
    if destination.name == XRAY {
        return Ok(true);
    }
    let left = 100.0 - f64::from(destination.sent % 100);
    destination.sent = destination.sent.wrapping_add(1);
    destination.save(tx)?;
    Ok(left <= destination.share)
}

pub(super) fn get(tx: &Tx<'_>) -> Answer {
    Ok(Destination::of(tx)?.reply())
}

pub(super) fn update(tx: &Tx<'_>, call: &Call) -> Answer {
    let wanted = call.text("Destination");
    if ![XRAY, LOGS].contains(&wanted) {
        return Err(invalid(format!("{wanted} is no destination")));
    }
    let mut destination = Destination::of(tx)?;
    wanted.clone_into(&mut destination.name);
    destination.save(tx)?;
    Ok(destination.reply())
}

pub(super) fn indexing(tx: &Tx<'_>) -> Answer {
    Ok(Reply::ok(json!({ "IndexingRules": [Destination::of(tx)?.rule()] })))
}

pub(super) fn update_indexing(tx: &Tx<'_>, call: &Call) -> Answer {
    if call.text("Name") != "Default" {
        return Err(Fault::new(404, "ResourceNotFoundException", "No such indexing rule"));
    }
    let share = call.input.pointer("/Rule/Probabilistic/DesiredSamplingPercentage");
    let share = share.and_then(Value::as_f64).filter(|share| (0.0..=100.0).contains(share));
    let mut destination = Destination::of(tx)?;
    destination.share = share.ok_or_else(|| invalid("DesiredSamplingPercentage is 0 to 100"))?;
    destination.changed = tx.now();
    destination.save(tx)?;
    Ok(Reply::ok(json!({ "IndexingRule": destination.rule() })))
}
