//! AWS STS: who looks.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::text;
use crate::account::call::Operation;
use crate::account::fact::{FactError, Known};
use crate::account::reader::Reader;

/// Who looks, at which account and region, and under which names.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
pub(crate) struct Caller {
    /// The account's 12 digits.
    pub(super) account: String,
    /// ARN of the caller.
    arn: String,
    /// The region that is read.
    pub(super) region: String,
    /// Names of the course's stacks here, by role: `init`, `database`, `app`.
    stacks: BTreeMap<String, String>,
    /// Name of the API's stage here.
    stage: String,
}

/// Whose credentials the run has.
#[derive(Debug)]
pub(crate) struct Identity {
    account: String,
    arn: String,
}

pub(crate) async fn caller(reader: &Reader, _: &Known) -> Result<Caller, FactError> {
    let account = &reader.account;
    let identity = reader.identity.get_or_try_init(|| ask(reader)).await?;
    Ok(Caller {
        account: identity.account.clone(),
        arn: identity.arn.clone(),
        region: account.region().to_owned(),
        stacks: account.target().names.stacks.clone(),
        stage: account.target().names.stage.clone(),
    })
}

async fn ask(reader: &Reader) -> Result<Identity, FactError> {
    let account = &reader.account;
    let request = account.clients().sts.get_caller_identity().send();
    let answer = account.call(Operation("sts", "GetCallerIdentity"), request).await?;
    Ok(Identity { account: text(answer.account()), arn: text(answer.arn()) })
}
