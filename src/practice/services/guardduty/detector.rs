//! Detectors: made, suspended, removed. What is kept are the CloudFormation type's properties; the
//! API's members are the same names with a small first letter.

use serde_json::{Map, Value, json};

use super::{decreed, findings, rejected};
use crate::practice::properties::flag;
use crate::practice::random;
use crate::practice::resource::{self, Desired, Provider, Resource, Updated};
use crate::practice::store::Tx;
use crate::practice::wire::{Answer, Call, Fault, Reply, epoch, iso};

const DETECTOR: &str = "AWS::GuardDuty::Detector";
/// Network logs of functions: Lambda Protection.
const LAMBDA: &str = "LAMBDA_NETWORK_LOGS";
/// What every detector that isn't suspended looks at.
const FOUNDATION: [&str; 3] = ["CLOUD_TRAIL", "DNS_LOGS", "FLOW_LOGS"];
/// What can be switched on and off, and whether a new detector has it on.
const FEATURES: [(&str, bool); 6] = [
    ("S3_DATA_EVENTS", true),
    ("EKS_AUDIT_LOGS", true),
    ("EBS_MALWARE_PROTECTION", true),
    ("RDS_LOGIN_EVENTS", true),
    (LAMBDA, true),
    ("RUNTIME_MONITORING", false),
];

/// `AWS::GuardDuty::Detector`.
#[derive(Debug)]
pub struct Detector;

impl Provider for Detector {
    fn kind(&self) -> &'static str {
        DETECTOR
    }

    fn create(&self, tx: &Tx<'_>, desired: &Desired<'_>) -> Result<Resource, Fault> {
        if !resource::all(tx, DETECTOR)?.is_empty() {
            return Err(rejected("a detector already exists for the current account"));
        }
        if desired.properties.get("Enable").is_none() {
            return Err(rejected("the parameter enable is required but missing"));
        }
        let id = random::hex(32);
        let made = Resource::new(tx, DETECTOR, id.as_str(), desired).with("Id", id);
        let made = with_features(made, desired.properties.get("Features"))?;
        resource::put(tx, &made)?;
        Ok(made)
    }

    fn update(&self, tx: &Tx<'_>, old: &Resource, desired: &Desired<'_>) -> Result<Updated, Fault> {
        let changed = old.changed_to(tx, desired);
        // What the template no longer speaks of stays as it is.
        let changed = with_features(changed, desired.properties.get("Features"))?;
        resource::put(tx, &changed)?;
        Ok(Updated::InPlace)
    }

    fn delete(&self, tx: &Tx<'_>, old: &Resource) -> Result<(), Fault> {
        findings::forget(tx)?;
        resource::forget(tx, old)
    }
}

/// The detector with features switched as a list says: `[{"Name": "…", "Status": "…"}]`.
fn with_features(mut detector: Resource, list: Option<&Value>) -> Result<Resource, Fault> {
    for feature in list.and_then(Value::as_array).into_iter().flatten() {
        let text = |name: &str| feature.get(name).and_then(Value::as_str).unwrap_or("");
        let (name, status) = (text("Name"), text("Status"));
        if !FEATURES.iter().any(|(known, _)| *known == name)
            || !["ENABLED", "DISABLED"].contains(&status)
        {
            return Err(rejected(format!("an invalid feature is specified: {name} {status}")));
        }
        detector = detector.with(name, status);
    }
    Ok(detector)
}

/// The detector of the call's id.
pub(super) fn find(tx: &Tx<'_>, call: &Call) -> Result<Resource, Fault> {
    resource::get(tx, DETECTOR, call.text("detectorId"))?
        .ok_or_else(|| rejected("the input detectorId is not owned by the current account"))
}

pub(super) fn list(tx: &Tx<'_>) -> Answer {
    let all = resource::all(tx, DETECTOR)?;
    let ids: Vec<&str> = all.iter().map(|detector| detector.id.as_str()).collect();
    Ok(Reply::ok(json!({ "detectorIds": ids })))
}

pub(super) fn create(tx: &Tx<'_>, call: &Call) -> Answer {
    let properties = pascal(&call.input);
    let desired = Desired { properties: &properties, stack: None, logical: None };
    Ok(Reply::ok(json!({ "detectorId": Detector.create(tx, &desired)?.id })))
}

pub(super) fn get(tx: &Tx<'_>, call: &Call) -> Answer {
    let detector = find(tx, call)?;
    let decreed = decreed(tx)?;
    let at = epoch(detector.changed);
    let word = |on: bool| if on { "ENABLED" } else { "DISABLED" };
    let mut features: Vec<Value> = FOUNDATION
        .iter()
        .map(|name| json!({ "name": name, "status": "ENABLED", "updatedAt": at }))
        .collect();
    for (name, default) in FEATURES {
        let own = match detector.attribute(name) {
            "" => word(default),
            status => status,
        };
        let mut feature = json!({ "name": name, "status": own, "updatedAt": at });
        if let (LAMBDA, Some(on)) = (name, decreed) {
            feature["status"] = word(on).into();
            feature["managedBy"] = "GUARDDUTY_POLICY".into();
        }
        features.push(feature);
    }
    let frequency = match detector.text("FindingPublishingFrequency") {
        "" => "SIX_HOURS",
        frequency => frequency,
    };
    let role = format!(
        "arn:aws:iam::{}:role/aws-service-role/guardduty.amazonaws.com/AWSServiceRoleForAmazonGuardDuty",
        tx.scope().account
    );
    Ok(Reply::ok(json!({
        "createdAt": iso(detector.created), "updatedAt": iso(detector.changed),
        "status": word(flag(&detector.properties, "Enable")), "serviceRole": role,
        "findingPublishingFrequency": frequency, "features": features, "tags": {},
    })))
}

pub(super) fn update(tx: &Tx<'_>, call: &Call) -> Answer {
    let detector = find(tx, call)?;
    let given = pascal(&call.input);
    let features = given.get("Features");
    let named = |wanted: &str| {
        let list = features.and_then(Value::as_array);
        list.into_iter().flatten().any(|feature| feature["Name"] == wanted)
    };
    let suspends = given.get("Enable").is_some_and(|enable| enable == false);
    if decreed(tx)?.is_some() && (suspends || named(LAMBDA)) {
        return Err(rejected("a policy of the organization manages the detector"));
    }
    let mut changed = with_features(detector, features)?;
    for name in ["Enable", "FindingPublishingFrequency"] {
        if let Some(value) = given.get(name) {
            changed.properties[name] = value.clone();
        }
    }
    changed.changed = tx.now();
    resource::put(tx, &changed)?;
    Ok(Reply::ok(json!({})))
}

pub(super) fn delete(tx: &Tx<'_>, call: &Call) -> Answer {
    let detector = find(tx, call)?;
    if decreed(tx)?.is_some() {
        return Err(rejected("a policy of the organization manages the detector"));
    }
    Detector.delete(tx, &detector)?;
    Ok(Reply::ok(json!({})))
}

/// Members as a template writes them.
fn pascal(value: &Value) -> Value {
    match value {
        Value::Array(items) => items.iter().map(pascal).collect(),
        Value::Object(members) => members
            .iter()
            .map(|(name, value)| {
                let mut letters = name.chars();
                let first = letters.next().map(|first| first.to_ascii_uppercase());
                (first.into_iter().chain(letters).collect::<String>(), pascal(value))
            })
            .collect::<Map<_, _>>()
            .into(),
        other => other.clone(),
    }
}
