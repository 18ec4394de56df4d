//! Amazon Inspector: whether it scans the account's functions, how far it is, what it has found.

mod findings;

use aws_sdk_inspector2::operation::list_coverage::ListCoverageOutput;
use aws_sdk_inspector2::types as sdk;
use jiff::{SignedDuration, Timestamp};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::lambda::{Function, Functions};
use super::sts::Caller;
use super::{regional, time};
use crate::account::call::{CallError, Operation};
use crate::account::fact::{CannotLook, FactError, Known, Reason, clip};
use crate::account::reader::{Reader, known};

pub(crate) use findings::{Findings, findings};

/// Amazon Inspector takes so many values of one filter.
const MOST_NAMES: usize = 10;
/// Inspector scans functions that were invoked or updated in this time.
const ELIGIBLE: SignedDuration = SignedDuration::from_hours(90 * 24);

/// Amazon Inspector's state in the account and region.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
pub(crate) struct Inspector {
    /// Of the account: `ENABLED`, `ENABLING`, `DISABLED`, `DISABLING`, `SUSPENDED`, `SUSPENDING`.
    status: String,
    /// Of Lambda standard scanning (packages), in the same words. Null where the region offers none.
    standard: Option<String>,
    /// Of Lambda code scanning, in the same words. Null where the region offers none.
    code: Option<String>,
    /// Why the account has its state; empty when there is nothing to say.
    reason: String,
    /// When this was read, RFC 3339.
    read: String,
}

impl Inspector {
    /// Whether it scans functions, or is about to: then it costs.
    pub(super) fn scans(&self) -> bool {
        let on = |state: &Option<String>| {
            state.as_deref().is_some_and(|state| state == "ENABLED" || state == "ENABLING")
        };
        on(&self.standard) || on(&self.code)
    }
}

/// Lambda standard scanning, where the region offers it.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
pub(crate) struct Scanning {
    /// Of the account: `ENABLED`, `ENABLING`, `DISABLED`, `DISABLING`, `SUSPENDED`, `SUSPENDING`.
    account: String,
    /// Of this kind of scanning, in the same words.
    status: String,
    /// It is on: the account's state and this one are `ENABLED`.
    enabled: bool,
    /// It is being switched on: no state stands against it.
    enabling: bool,
    /// Why the account has its state; empty when there is nothing to say.
    reason: String,
    /// When this was read, RFC 3339.
    read: String,
}

/// What Amazon Inspector covers of the stack.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
pub(crate) struct Coverage {
    /// The stack's functions.
    functions: Vec<Covered>,
    /// The region offers Lambda code scanning.
    code_offered: bool,
    /// When this was read, RFC 3339.
    read: String,
}

/// How far the scans of one function are.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
pub(crate) struct Covered {
    /// The function's logical id in the stack.
    logical: String,
    /// The scan of its packages.
    standard: Scan,
    /// The scan of its code.
    code: Scan,
}

/// One scan.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
pub(crate) struct Scan {
    /// `scanned`; `pending`: the first scan is still to come; `refused`: Inspector doesn't scan it;
    /// `unlisted`: Inspector hasn't listed it yet; `expired`: neither listed nor changed in 90 days.
    state: String,
    /// Inspector's reason: `SUCCESSFUL`, `PENDING_INITIAL_SCAN`, `UNSUPPORTED_RUNTIME`,
    /// `EXCLUDED_BY_TAG`; empty when it lists nothing.
    reason: String,
    /// When it was last scanned, RFC 3339.
    at: Option<String>,
}

pub(crate) async fn inspector(reader: &Reader, facts: &Known) -> Result<Inspector, FactError> {
    let caller: Caller = known(facts, "caller")?;
    let account = &reader.account;
    let request = account.clients().inspector.batch_get_account_status();
    let request = request.account_ids(&caller.account).send();
    let operation = Operation("inspector2", "BatchGetAccountStatus");
    let answer = account.call(operation, request).await.map_err(|error| away(reader, error))?;
    if let Some(failed) = answer.failed_accounts().first() {
        let why = clip(failed.error_message(), 240);
        let message = format!("Amazon Inspector doesn't tell its state: {why}");
        return Err(cannot(Reason::Service, message, "Verify again in a minute."));
    }
    let Some(found) = answer.accounts().first() else {
        let message = "Amazon Inspector doesn't know the account.".to_owned();
        return Err(cannot(Reason::Service, message, "Verify again in a minute."));
    };
    let word = |state: &sdk::State| state.status().as_str().to_owned();
    let state = found.state();
    let resources = found.resource_state();
    Ok(Inspector {
        status: state.map(word).unwrap_or_default(),
        standard: resources.and_then(sdk::ResourceState::lambda).map(word),
        code: resources.and_then(sdk::ResourceState::lambda_code).map(word),
        reason: state.map(|state| clip(state.error_message(), 240)).unwrap_or_default(),
        read: Timestamp::now().to_string(),
    })
}

pub(crate) async fn standard(reader: &Reader, facts: &Known) -> Result<Scanning, FactError> {
    let inspector: Inspector = known(facts, "inspector")?;
    scanning(reader, &inspector, inspector.standard.as_deref(), "functions")
}

pub(crate) async fn code(reader: &Reader, facts: &Known) -> Result<Scanning, FactError> {
    let inspector: Inspector = known(facts, "inspector")?;
    scanning(reader, &inspector, inspector.code.as_deref(), "the code of functions")
}

fn scanning(
    reader: &Reader,
    inspector: &Inspector,
    status: Option<&str>,
    what: &str,
) -> Result<Scanning, FactError> {
    let Some(status) = status else {
        let region = reader.account.region();
        let message = format!("Amazon Inspector doesn't scan {what} in region {region}.");
        return Err(cannot(Reason::Region, message, "Skip the step, or work in another region."));
    };
    let on = |status: &str| status == "ENABLED";
    let coming = |status: &str| status == "ENABLED" || status == "ENABLING";
    let enabled = on(&inspector.status) && on(status);
    Ok(Scanning {
        account: inspector.status.clone(),
        status: status.to_owned(),
        enabled,
        enabling: !enabled && coming(&inspector.status) && coming(status),
        reason: inspector.reason.clone(),
        read: inspector.read.clone(),
    })
}

pub(crate) async fn coverage(reader: &Reader, facts: &Known) -> Result<Coverage, FactError> {
    let (functions, caller) = scanned(facts)?;
    let mut rows = Vec::new();
    for some in functions.chunks(MOST_NAMES) {
        rows.extend(covered(reader, some, &caller).await?);
    }
    let now = Timestamp::now();
    let functions = functions
        .iter()
        .map(|function| Covered {
            logical: function.logical.clone(),
            standard: scan(&rows, function, &sdk::ScanType::Package, now),
            code: scan(&rows, function, &sdk::ScanType::Code, now),
        })
        .collect();
    let inspector: Inspector = known(facts, "inspector")?;
    Ok(Coverage { functions, code_offered: inspector.code.is_some(), read: now.to_string() })
}

/// The functions to ask for, and the account: none while Inspector is off, because then it has
/// nothing to say.
fn scanned(facts: &Known) -> Result<(Vec<Function>, String), FactError> {
    let inspector: Inspector = known(facts, "inspector")?;
    let caller: Caller = known(facts, "caller")?;
    let functions: Functions = known(facts, "functions")?;
    Ok((if inspector.scans() { functions.functions } else { Vec::new() }, caller.account))
}

async fn covered(
    reader: &Reader,
    functions: &[Function],
    owner: &str,
) -> Result<Vec<sdk::CoveredResource>, FactError> {
    let account = &reader.account;
    let equals = |value: &str| {
        sdk::CoverageStringFilter::builder()
            .comparison(sdk::CoverageStringComparison::Equals)
            .value(value)
            .build()
            .ok()
    };
    let criteria = sdk::CoverageFilterCriteria::builder()
        .set_account_id(equals(owner).map(|filter| vec![filter]))
        .set_resource_type(equals("AWS_LAMBDA_FUNCTION").map(|filter| vec![filter]))
        .set_lambda_function_name(functions.iter().map(|one| equals(&one.name)).collect())
        .build();
    let mut rows = Vec::new();
    let mut token: Option<String> = None;
    loop {
        let request = account.clients().inspector.list_coverage().max_results(200);
        let request = request.filter_criteria(criteria.clone()).set_next_token(token.take());
        let operation = Operation("inspector2", "ListCoverage");
        let answer: ListCoverageOutput =
            account.call(operation, request.send()).await.map_err(|error| away(reader, error))?;
        rows.extend_from_slice(answer.covered_resources());
        token = answer.next_token().filter(|token| !token.is_empty()).map(ToOwned::to_owned);
        if token.is_none() {
            return Ok(rows);
        }
    }
}

/// Whether a resource's id is the function's ARN, with or without a version.
fn is_of(id: &str, function: &Function) -> bool {
    id.strip_prefix(function.arn.as_str()).is_some_and(|rest| rest.is_empty() || rest == ":$LATEST")
}

fn scan(
    rows: &[sdk::CoveredResource],
    function: &Function,
    kind: &sdk::ScanType,
    now: Timestamp,
) -> Scan {
    let row = rows.iter().find(|row| row.scan_type() == kind && is_of(row.resource_id(), function));
    let Some(status) = row.and_then(sdk::CoveredResource::scan_status) else {
        let changed: Option<Timestamp> =
            function.changed.as_deref().and_then(|time| time.parse().ok());
        let old = changed.is_some_and(|changed| now.duration_since(changed) > ELIGIBLE);
        let state = if old { "expired" } else { "unlisted" };
        return Scan { state: state.to_owned(), reason: String::new(), at: None };
    };
    let reason = status.reason().as_str();
    let state = match reason {
        "PENDING_INITIAL_SCAN" | "SCAN_IN_PROGRESS" | "PENDING_REVIVAL_SCAN" => "pending",
        "SUCCESSFUL" if *status.status_code() == sdk::ScanStatusCode::Active => "scanned",
        _ => "refused",
    };
    Scan {
        state: state.to_owned(),
        reason: reason.to_owned(),
        at: time(row.and_then(sdk::CoveredResource::last_scanned_at)),
    }
}

/// A region that doesn't offer Inspector.
fn away(reader: &Reader, error: CallError) -> FactError {
    regional(reader, error, "Amazon Inspector")
}

fn cannot(reason: Reason, message: String, remedy: &str) -> FactError {
    FactError::CannotLook(CannotLook { reason, message, remedy: remedy.to_owned() })
}

#[cfg(test)]
mod tests {
    use super::super::lambda;
    use super::*;

    fn function(changed: &str) -> Function {
        let mut function = lambda::tests::function("Parts");
        function.changed = Some(changed.to_owned());
        function
    }

    fn row(code: sdk::ScanStatusCode, reason: sdk::ScanStatusReason) -> sdk::CoveredResource {
        let status = sdk::ScanStatus::builder().status_code(code).reason(reason).build().unwrap();
        sdk::CoveredResource::builder()
            .resource_type(sdk::CoverageResourceType::AwsLambdaFunction)
            .resource_id("arn:aws:lambda:us-east-1:1:function:Parts:$LATEST")
            .account_id("1")
            .scan_type(sdk::ScanType::Package)
            .scan_status(status)
            .build()
            .unwrap()
    }

    #[test]
    fn a_scan_to_come_is_told_from_one_that_never_comes() {
        use sdk::ScanStatusReason as Why;
        let now: Timestamp = "2026-11-23T12:00:00Z".parse().unwrap();
        let fresh = function("2026-11-23T11:00:00.000Z");
        let state = |row: &[sdk::CoveredResource], function: &Function, kind: sdk::ScanType| {
            scan(row, function, &kind, now).state
        };
        let package = sdk::ScanType::Package;
        let (active, inactive) = (sdk::ScanStatusCode::Active, sdk::ScanStatusCode::Inactive);
        for (code, reason, expected) in [
            (active.clone(), Why::Successful, "scanned"),
            (active.clone(), Why::PendingInitialScan, "pending"),
            (inactive.clone(), Why::PendingInitialScan, "pending"),
            (active, Why::ScanInProgress, "pending"),
            (inactive.clone(), Why::Successful, "refused"),
            (inactive.clone(), Why::UnsupportedRuntime, "refused"),
            (inactive, Why::ExcludedByTag, "refused"),
        ] {
            let row = row(code, reason.clone());
            assert_eq!(state(&[row], &fresh, package.clone()), expected, "{reason}");
        }
        let row = row(sdk::ScanStatusCode::Active, Why::Successful);
        assert_eq!(state(&[row], &fresh, sdk::ScanType::Code), "unlisted");
        assert_eq!(state(&[], &function("2026-01-01T00:00:00.000Z"), package), "expired");
        let mut other = fresh;
        other.arn = "arn:aws:lambda:us-east-1:1:function:Part".into();
        assert!(!is_of("arn:aws:lambda:us-east-1:1:function:Parts", &other));
    }
}
