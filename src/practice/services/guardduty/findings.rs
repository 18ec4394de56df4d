//! Findings: samples are made, found by criteria, read, archived.

use serde_json::{Value, json};

use super::{detector, rejected};
use crate::practice::policy::fits;
use crate::practice::random;
use crate::practice::store::Tx;
use crate::practice::wire::{Answer, Call, Fault, Reply, iso};

const FINDINGS: &str = "guardduty:finding";
/// Findings that are read or archived at once.
const BATCH: usize = 50;
/// Name of the function that samples are about.
const FUNCTION: &str = "GeneratedFindingLambdaFunctionName";

/// A type of finding: its name, and what a sample of it says.
struct Kind {
    name: &'static str,
    title: &'static str,
    remote: &'static str,
}

/// The types that are about functions.
const KINDS: [Kind; 7] = [
    Kind {
        name: "Backdoor:Lambda/C&CActivity.B",
        title: "is calling a command and control server",
        remote: "198.51.100.10",
    },
    Kind {
        name: "CryptoCurrency:Lambda/BitcoinTool.B",
        title: "is calling an address of a cryptocurrency network",
        remote: "198.51.100.20",
    },
    Kind {
        name: "Trojan:Lambda/BlackholeTraffic",
        title: "is calling an address that swallows what it is sent",
        remote: "198.51.100.30",
    },
    Kind {
        name: "Trojan:Lambda/DropPoint",
        title: "is calling an address where stolen data is collected",
        remote: "198.51.100.40",
    },
    Kind {
        name: "UnauthorizedAccess:Lambda/MaliciousIPCaller.Custom",
        title: "is calling an address of your own threat list",
        remote: "198.51.100.50",
    },
    Kind {
        name: "UnauthorizedAccess:Lambda/TorClient",
        title: "is calling an entry of the Tor network",
        remote: "198.51.100.60",
    },
    Kind {
        name: "UnauthorizedAccess:Lambda/TorRelay",
        title: "is calling the Tor network as one of its relays",
        remote: "198.51.100.70",
    },
];

/// Forgets all findings.
pub(super) fn forget(tx: &Tx<'_>) -> Result<(), Fault> {
    for (id, _) in tx.list::<Value>(FINDINGS)? {
        tx.delete(FINDINGS, &id)?;
    }
    Ok(())
}

/// `CreateSampleFindings`: one of each wanted type, all types where none is named.
pub(super) fn create(tx: &Tx<'_>, call: &Call) -> Answer {
    let detector = detector::find(tx, call)?.id;
    let wanted = call.texts("findingTypes");
    let unknown = wanted.iter().find(|name| !KINDS.iter().any(|kind| kind.name == **name));
    if let Some(unknown) = unknown {
        return Err(Fault::not_implemented("guardduty", &format!("samples of {unknown}")));
    }
    for kind in
        KINDS.iter().filter(|kind| wanted.is_empty() || wanted.iter().any(|w| w == kind.name))
    {
        // A second sample of the same type counts the first one up.
        let known =
            tx.list::<Value>(FINDINGS)?.into_iter().find(|(_, one)| one["type"] == kind.name);
        let (id, finding) = match known {
            Some((id, mut finding)) => {
                let count = finding["service"]["count"].as_u64().unwrap_or(1);
                finding["service"]["count"] = (count + 1).into();
                finding["service"]["archived"] = false.into();
                finding["service"]["eventLastSeen"] = iso(tx.now()).into();
                finding["updatedAt"] = iso(tx.now()).into();
                (id, finding)
            }
            None => sample(tx, &detector, kind),
        };
        tx.put(FINDINGS, &id, &finding)?;
    }
    Ok(Reply::ok(json!({})))
}

fn sample(tx: &Tx<'_>, detector: &str, kind: &Kind) -> (String, Value) {
    let (account, region) = (&tx.scope().account, &tx.scope().region);
    let id = random::hex(32);
    let at = iso(tx.now());
    let title = format!("[SAMPLE] The Lambda function {FUNCTION} {}.", kind.title);
    let mut finding = json!({
        "schemaVersion": "2.0", "id": id, "accountId": account, "region": region,
        "partition": "aws", "type": kind.name, "severity": 8.0, "title": title,
        "description": title, "createdAt": at, "updatedAt": at,
        "arn": tx.arn("guardduty", &format!("detector/{detector}/finding/{id}")),
    });
    finding["resource"] = json!({ "resourceType": "Lambda", "lambdaDetails": function(tx) });
    finding["service"] = json!({
        "serviceName": "guardduty", "detectorId": detector, "count": 1, "archived": false,
        "eventFirstSeen": at, "eventLastSeen": at, "resourceRole": "ACTOR",
        "featureName": "LambdaNetworkLogs",
        "additionalInfo": { "type": "default", "value": "{\"sample\":true}" },
        "action": {
            "actionType": "NETWORK_CONNECTION", "networkConnectionAction": connection(kind.remote),
        },
    });
    (id, finding)
}

/// The function that samples are about. It doesn't exist.
fn function(tx: &Tx<'_>) -> Value {
    json!({
        "functionName": FUNCTION, "functionVersion": "$LATEST",
        "functionArn": tx.arn("lambda", &format!("function:{FUNCTION}")),
        "description": "A function that doesn't exist", "revisionId": random::uuid(),
        "role": format!("arn:aws:iam::{}:role/GeneratedFindingLambdaRole", tx.scope().account),
        "vpcConfig": {
            "vpcId": "GeneratedFindingVPCId", "subnetIds": ["GeneratedFindingSubnetId"],
            "securityGroups": [{ "groupId": "GeneratedFindingSecurityId",
                "groupName": "GeneratedFindingSecurityGroupName" }],
        },
    })
}

/// What the function did.
fn connection(remote: &str) -> Value {
    json!({
        "connectionDirection": "OUTBOUND", "blocked": false, "protocol": "TCP",
        "localPortDetails": { "port": 39_677, "portName": "Unknown" },
        "remotePortDetails": { "port": 443, "portName": "HTTPS" },
        "localIpDetails": { "ipAddressV4": "10.0.2.17" },
        "remoteIpDetails": {
            "ipAddressV4": remote,
            "country": { "countryName": "GeneratedFindingCountryName" },
            "city": { "cityName": "GeneratedFindingCityName" },
            "organization": { "asn": "0", "asnOrg": "GeneratedFindingASNOrg",
                "isp": "GeneratedFindingISP", "org": "GeneratedFindingORG" },
        },
    })
}

/// `ListFindings`: ids of what meets all criteria.
pub(super) fn list(tx: &Tx<'_>, call: &Call) -> Answer {
    detector::find(tx, call)?;
    let mut found = Vec::new();
    for (_, finding) in tx.list::<Value>(FINDINGS)? {
        if meets(&finding, call)? {
            found.push(finding);
        }
    }
    let sort = call.input.get("sortCriteria");
    if let Some(field) = sort.and_then(|sort| sort["attributeName"].as_str()) {
        found.sort_by_key(|finding| part(finding, field).map(Value::to_string));
        if sort.is_some_and(|sort| sort["orderBy"] == "DESC") {
            found.reverse();
        }
    }
    let number = |member: &str| call.number(member).and_then(|n| usize::try_from(n).ok());
    let start = number("nextToken").unwrap_or(0).min(found.len());
    let end = (start + number("maxResults").unwrap_or(BATCH).clamp(1, BATCH)).min(found.len());
    let ids: Vec<&Value> = found[start..end].iter().map(|finding| &finding["id"]).collect();
    let next = if end < found.len() { end.to_string() } else { String::new() };
    Ok(Reply::ok(json!({ "findingIds": ids, "nextToken": next })))
}

/// A part of a finding by the name that criteria give it: `resource.resourceType`.
fn part<'a>(finding: &'a Value, field: &str) -> Option<&'a Value> {
    finding.pointer(&format!("/{}", field.replace('.', "/")))
}

/// Whether a finding meets all of a call's criteria.
fn meets(finding: &Value, call: &Call) -> Result<bool, Fault> {
    let criteria = call.input.pointer("/findingCriteria/criterion").and_then(Value::as_object);
    for (field, conditions) in criteria.into_iter().flatten() {
        let value = part(finding, field).unwrap_or(&Value::Null);
        let text = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
        for (condition, wanted) in conditions.as_object().into_iter().flatten() {
            let any = |test: &dyn Fn(&str) -> bool| {
                wanted.as_array().into_iter().flatten().filter_map(Value::as_str).any(test)
            };
            let number = || value.as_f64().zip(wanted.as_f64());
            let met = match condition.as_str() {
                "equals" | "eq" => any(&|wanted| wanted == text),
                "notEquals" | "neq" => !any(&|wanted| wanted == text),
                "matches" => any(&|wanted| fits(wanted, &text)),
                "greaterThanOrEqual" | "gte" => number().is_some_and(|(own, least)| own >= least),
                "lessThanOrEqual" | "lte" => number().is_some_and(|(own, most)| own <= most),
                other => return Err(rejected(format!("the condition {other} is invalid"))),
            };
            if !met {
                return Ok(false);
            }
        }
    }
    Ok(true)
}

/// The ids that a call names.
fn named(call: &Call) -> Result<Vec<String>, Fault> {
    let ids = call.texts("findingIds");
    if ids.is_empty() || ids.len() > BATCH {
        return Err(rejected(format!("findingIds must be 1 to {BATCH}")));
    }
    Ok(ids)
}

/// `GetFindings`.
pub(super) fn get(tx: &Tx<'_>, call: &Call) -> Answer {
    detector::find(tx, call)?;
    let mut findings = Vec::new();
    for id in named(call)? {
        findings.extend(tx.get::<Value>(FINDINGS, &id)?);
    }
    Ok(Reply::ok(json!({ "findings": findings })))
}

/// `ArchiveFindings`.
pub(super) fn archive(tx: &Tx<'_>, call: &Call) -> Answer {
    detector::find(tx, call)?;
    for id in named(call)? {
        if let Some(mut finding) = tx.get::<Value>(FINDINGS, &id)? {
            finding["service"]["archived"] = true.into();
            tx.put(FINDINGS, &id, &finding)?;
        }
    }
    Ok(Reply::ok(json!({})))
}
