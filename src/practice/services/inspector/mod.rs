//! Amazon Inspector: scanning of functions, switched on and off, with the delay that the first
//! scans take. Findings come from what the deployed packages really hold.

mod finding;
mod scan;

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::practice::protocol::rest::Route;
use crate::practice::resource::{self, Resource};
use crate::practice::services::lambda;
use crate::practice::store::Tx;
use crate::practice::wire::{Answer, Call, Fault, Reply, epoch};

/// Paths and their operations.
pub const ROUTES: &[Route] = &[
    Route::new("POST", "/enable", "Enable"),
    Route::new("POST", "/disable", "Disable"),
    Route::new("POST", "/status/batch/get", "BatchGetAccountStatus"),
    Route::new("POST", "/coverage/list", "ListCoverage"),
    Route::new("POST", "/findings/list", "ListFindings"),
    Route::new("POST", "/accountpermissions/list", "ListAccountPermissions"),
    Route::new("POST", "/delegatedadminaccounts/get", "GetDelegatedAdminAccount"),
];

const STATE: &str = "inspector";
const PACE: &str = "inspector-pace";
/// Seconds until a first scan is done. On AWS it takes minutes.
const SECONDS: u32 = 8;
/// Regions where Inspector scans the code of functions.
const CODE_REGIONS: [&str; 10] = [
    "ap-northeast-1",
    "ap-southeast-1",
    "ap-southeast-2",
    "eu-central-1",
    "eu-north-1",
    "eu-west-1",
    "eu-west-2",
    "us-east-1",
    "us-east-2",
    "us-west-2",
];
/// Runtimes whose functions are scanned, by how their names begin.
const RUNTIMES: [&str; 6] = ["nodejs", "python", "java", "go1.x", "dotnet", "ruby"];

/// Answers the service's calls.
pub fn call(tx: &Tx<'_>, call: &Call) -> Answer {
    match call.operation.as_str() {
        "Enable" => enable(tx, call),
        "Disable" => disable(tx, call),
        "BatchGetAccountStatus" => {
            own_account(tx, call)?;
            let state = State::of(tx)?;
            Ok(Reply::ok(json!({ "accounts": [state.described(tx)], "failedAccounts": [] })))
        }
        "ListCoverage" => list_coverage(tx, call),
        "ListFindings" => finding::list(tx, call),
        "ListAccountPermissions" => Ok(Reply::ok(json!({ "permissions": [
            { "service": "LAMBDA", "operation": "ENABLE_SCANNING" },
            { "service": "LAMBDA", "operation": "DISABLE_SCANNING" },
        ]}))),
        "GetDelegatedAdminAccount" => match State::of(tx)?.administrator {
            Some(account) => Ok(Reply::ok(json!({
                "delegatedAdmin": { "accountId": account, "relationshipStatus": "ENABLED" },
            }))),
            None => Err(Fault::new(
                404,
                "ResourceNotFoundException",
                "Delegated administrator account does not exist for this organization",
            )),
        },
        _ => Err(call.unknown()),
    }
}

/// How long first scans take in an account, whether AWS has suspended scanning, and who administers
/// it: what a test or a rehearsal sets.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Pace {
    /// The account.
    pub account: String,
    /// Seconds until a first scan is done.
    #[serde(default)]
    pub seconds: u32,
    /// Scanning is suspended, as AWS does with an account that is.
    #[serde(default)]
    pub suspended: bool,
    /// The account that administers Inspector for the organization.
    #[serde(default)]
    pub administrator: Option<String>,
}

/// Sets an account's pace.
pub fn set_pace(tx: &Tx<'_>, pace: &Pace) -> Result<(), Fault> {
    tx.global().put(PACE, "pace", pace)
}

/// When each kind of scanning was switched on; none when it is off.
#[derive(Debug, Default, Serialize, Deserialize)]
struct Stored {
    standard: Option<Timestamp>,
    code: Option<Timestamp>,
}

/// The state of an account in a region.
#[derive(Debug)]
struct State {
    stored: Stored,
    delay: SignedDuration,
    suspended: bool,
    administrator: Option<String>,
    now: Timestamp,
}

impl State {
    fn of(tx: &Tx<'_>) -> Result<Self, Fault> {
        let pace: Option<Pace> = tx.global().get(PACE, "pace")?;
        let seconds = pace.as_ref().map_or(SECONDS, |pace| pace.seconds);
        Ok(Self {
            stored: tx.get(STATE, "state")?.unwrap_or_default(),
            delay: SignedDuration::from_secs(i64::from(seconds)),
            suspended: pace.as_ref().is_some_and(|pace| pace.suspended),
            administrator: pace.and_then(|pace| pace.administrator),
            now: tx.now(),
        })
    }

    /// Switching on takes a quarter of the time that a first scan takes.
    fn status(&self, since: Option<Timestamp>) -> &'static str {
        match since {
            None => "DISABLED",
            Some(_) if self.suspended => "SUSPENDED",
            Some(since) if self.now.duration_since(since) < self.delay / 4 => "ENABLING",
            Some(_) => "ENABLED",
        }
    }

    fn described(&self, tx: &Tx<'_>) -> Value {
        let state = |status: &str| json!({ "status": status, "errorCode": "", "errorMessage": "" });
        let standard = self.status(self.stored.standard);
        let mut resources = json!({
            "ec2": state("DISABLED"), "ecr": state("DISABLED"), "lambda": state(standard),
        });
        if offers_code(tx) {
            resources["lambdaCode"] = state(self.status(self.stored.code));
        }
        json!({
            "accountId": tx.scope().account, "state": state(standard), "resourceState": resources,
        })
    }

    /// The first scan of a function, once scanning is on and the function is there.
    fn first_scan(&self, since: Option<Timestamp>, function: &Resource) -> Option<Timestamp> {
        since.map(|since| since.max(function.created).saturating_add(self.delay).unwrap_or(since))
    }

    /// Status and reason of a function's scan, and when it was done; none while scanning is off.
    fn scan(
        &self,
        since: Option<Timestamp>,
        function: &Resource,
        exclusion: &str,
    ) -> Option<(&'static str, &'static str, Option<Timestamp>)> {
        let first = self.first_scan(since, function)?;
        let runtime = function.text("Runtime");
        let tags = function.properties.get("Tags").and_then(Value::as_array);
        let excluded = tags.into_iter().flatten().any(|tag| {
            let names = ["InspectorExclusion", "InspectorCodeExclusion"];
            names.iter().any(|name| tag["Key"] == *name) && tag["Value"] == exclusion
        });
        Some(if excluded {
            ("INACTIVE", "EXCLUDED_BY_TAG", None)
        } else if !RUNTIMES.iter().any(|known| runtime.starts_with(known)) {
            ("INACTIVE", "UNSUPPORTED_RUNTIME", None)
        } else if self.suspended || self.now < first {
            ("ACTIVE", "PENDING_INITIAL_SCAN", None)
        } else {
            ("ACTIVE", "SUCCESSFUL", Some(first.max(function.changed)))
        })
    }

    fn standard(
        &self,
        function: &Resource,
    ) -> Option<(&'static str, &'static str, Option<Timestamp>)> {
        self.scan(self.stored.standard, function, "LambdaStandardScanning")
    }

    fn code(&self, function: &Resource) -> Option<(&'static str, &'static str, Option<Timestamp>)> {
        self.scan(self.stored.code, function, "LambdaCodeScanning")
    }
}

fn offers_code(tx: &Tx<'_>) -> bool {
    CODE_REGIONS.contains(&tx.scope().region.as_str())
}

fn invalid(message: impl Into<String>) -> Fault {
    Fault::new(400, "ValidationException", message)
}

/// Refuses accounts that the caller doesn't administer.
fn own_account(tx: &Tx<'_>, call: &Call) -> Result<(), Fault> {
    let own = tx.scope().account.as_str();
    let named = call.input.get("accountIds").and_then(Value::as_array);
    match named.into_iter().flatten().find(|id| id.as_str() != Some(own)) {
        Some(other) => Err(Fault::new(
            403,
            "AccessDeniedException",
            format!("The account {other} is no member of this account's organization"),
        )),
        None => Ok(()),
    }
}

/// The kinds of scanning that a call names.
fn resource_types(call: &Call) -> Result<Vec<&str>, Fault> {
    let named = call.input.get("resourceTypes").and_then(Value::as_array);
    let types: Vec<&str> = named.into_iter().flatten().filter_map(Value::as_str).collect();
    let known = ["LAMBDA", "LAMBDA_CODE", "EC2", "ECR", "CODE_REPOSITORY"];
    if let Some(unknown) = types.iter().find(|kind| !known.contains(kind)) {
        return Err(invalid(format!("{unknown} is no resource type")));
    }
    if let Some(other) = types.iter().find(|kind| !kind.starts_with("LAMBDA")) {
        return Err(Fault::not_implemented("inspector2", &format!("scanning of {other}")));
    }
    Ok(types)
}

fn enable(tx: &Tx<'_>, call: &Call) -> Answer {
    own_account(tx, call)?;
    let types = resource_types(call)?;
    if types.is_empty() {
        return Err(invalid("resourceTypes is required"));
    }
    let mut state = State::of(tx)?;
    if types.contains(&"LAMBDA_CODE") && !offers_code(tx) {
        let region = &tx.scope().region;
        let message = format!("Lambda code scanning is not supported in {region}");
        return Err(Fault::new(403, "AccessDeniedException", message));
    }
    if types.contains(&"LAMBDA") {
        state.stored.standard.get_or_insert(state.now);
    }
    if types.contains(&"LAMBDA_CODE") {
        if state.stored.standard.is_none() {
            return Err(invalid("Lambda code scanning requires Lambda standard scanning"));
        }
        state.stored.code.get_or_insert(state.now);
    }
    answer_switched(tx, &state)
}

fn disable(tx: &Tx<'_>, call: &Call) -> Answer {
    own_account(tx, call)?;
    let types = resource_types(call)?;
    let mut state = State::of(tx)?;
    // Without types, all. Code scanning doesn't go on without standard scanning.
    let all = types.is_empty() || types.contains(&"LAMBDA");
    if all {
        state.stored.standard = None;
    }
    if all || types.contains(&"LAMBDA_CODE") {
        state.stored.code = None;
    }
    answer_switched(tx, &state)
}

fn answer_switched(tx: &Tx<'_>, state: &State) -> Answer {
    tx.put(STATE, "state", &state.stored)?;
    let standard = state.status(state.stored.standard);
    let mut resources = json!({ "ec2": "DISABLED", "ecr": "DISABLED", "lambda": standard });
    if offers_code(tx) {
        resources["lambdaCode"] = json!(state.status(state.stored.code));
    }
    let account = json!({
        "accountId": tx.scope().account, "status": standard, "resourceStatus": resources,
    });
    Ok(Reply::ok(json!({ "accounts": [account], "failedAccounts": [] })))
}

fn list_coverage(tx: &Tx<'_>, call: &Call) -> Answer {
    let state = State::of(tx)?;
    let mut rows = Vec::new();
    for function in resource::all(tx, lambda::FUNCTION)? {
        for (kind, scan) in
            [("PACKAGE", state.standard(&function)), ("CODE", state.code(&function))]
        {
            let Some((code, reason, at)) = scan else { continue };
            let id = format!("{}:$LATEST", function.attribute("Arn"));
            let wanted = matches(call, &|filter| match filter {
                "accountId" => Some(tx.scope().account.clone()),
                "resourceType" => Some("AWS_LAMBDA_FUNCTION".to_owned()),
                "resourceId" => Some(id.clone()),
                "lambdaFunctionName" => Some(function.id.clone()),
                "lambdaFunctionRuntime" => Some(runtime(&function)),
                "scanType" => Some(kind.to_owned()),
                "scanStatusCode" => Some(code.to_owned()),
                "scanStatusReason" => Some(reason.to_owned()),
                _ => None,
            })?;
            if !wanted {
                continue;
            }
            let mut row = json!({
                "resourceType": "AWS_LAMBDA_FUNCTION", "resourceId": id,
                "accountId": tx.scope().account, "scanType": kind,
                "scanStatus": { "statusCode": code, "reason": reason },
                "resourceMetadata": { "lambdaFunction": {
                    "functionName": function.id, "runtime": runtime(&function),
                    "functionTags": {}, "layers": [],
                }},
            });
            if let Some(at) = at {
                row["lastScannedAt"] = epoch(at);
            }
            rows.push(row);
        }
    }
    Ok(Reply::ok(json!({ "coveredResources": rows })))
}

/// `NODEJS_22_X`, as Inspector spells `nodejs22.x`.
fn runtime(function: &Resource) -> String {
    let name = function.text("Runtime");
    let letters = name.find(|c: char| c.is_ascii_digit()).unwrap_or(name.len());
    let (word, version) = name.split_at(letters);
    format!("{}_{}", word.to_ascii_uppercase(), version.replace('.', "_").to_ascii_uppercase())
}

/// Whether something meets a call's `filterCriteria`: one value of each filter. `value` gives what
/// a filter compares with, and none for a filter that isn't known here.
fn matches(call: &Call, value: &dyn Fn(&str) -> Option<String>) -> Result<bool, Fault> {
    let filters = call.input.get("filterCriteria").and_then(Value::as_object);
    for (name, alternatives) in filters.into_iter().flatten() {
        let Some(own) = value(name) else {
            return Err(Fault::not_implemented("inspector2", &format!("the filter {name}")));
        };
        let met = alternatives.as_array().into_iter().flatten().any(|filter| {
            let wanted = filter["value"].as_str().unwrap_or("");
            match filter["comparison"].as_str() {
                Some("EQUALS") => own == wanted,
                Some("PREFIX") => own.starts_with(wanted),
                Some("NOT_EQUALS") => own != wanted,
                _ => false,
            }
        });
        if !met {
            return Ok(false);
        }
    }
    Ok(true)
}
