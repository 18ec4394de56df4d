//! `ListFindings`: what the scans that are done have found.

use jiff::Timestamp;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use super::scan::{self, Flaw, Module};
use super::{State, matches};
use crate::advisories::{self, Advisory};
use crate::practice::random::lower_hex;
use crate::practice::resource::{self, Resource};
use crate::practice::services::lambda;
use crate::practice::store::Tx;
use crate::practice::wire::{Answer, Call, Reply, epoch};

/// The severities, worst first.
const SEVERITIES: [&str; 4] = ["CRITICAL", "HIGH", "MEDIUM", "LOW"];

/// Answers `ListFindings`.
pub(super) fn list(tx: &Tx<'_>, call: &Call) -> Answer {
    let state = State::of(tx)?;
    let mut findings = Vec::new();
    for function in resource::all(tx, lambda::FUNCTION)? {
        let Some(package) = lambda::package(tx, &function.id)? else { continue };
        let standard = state.standard(&function).and_then(|(.., at)| at);
        let code = state.code(&function).and_then(|(.., at)| at);
        if standard.is_none() && code.is_none() {
            continue;
        }
        let (modules, flaws) = scan::scan(&package);
        if let Some(at) = standard {
            findings.extend(vulnerable(tx, &function, &modules, at));
        }
        if let Some(at) = code {
            findings.extend(flaws.iter().map(|flaw| flawed(tx, &function, flaw, at)));
        }
    }
    let mut wanted = Vec::new();
    for finding in findings {
        if matches(call, &|filter| compared(&finding, filter))? {
            wanted.push(finding);
        }
    }
    if call.input["sortCriteria"]["field"] == "SEVERITY" {
        wanted.sort_by_key(|finding| {
            SEVERITIES.iter().position(|known| finding["severity"] == *known)
        });
        if call.input["sortCriteria"]["sortOrder"] == "ASC" {
            wanted.reverse();
        }
    }
    Ok(page(call, &wanted))
}

/// `maxResults` findings from where `nextToken` says.
fn page(call: &Call, findings: &[Value]) -> Reply {
    let number = |member: &str| call.number(member).and_then(|n| usize::try_from(n).ok());
    let start = number("nextToken").unwrap_or(0).min(findings.len());
    let end = (start + number("maxResults").unwrap_or(100).clamp(1, 100)).min(findings.len());
    let mut answer = json!({ "findings": findings[start..end] });
    if end < findings.len() {
        answer["nextToken"] = json!(end.to_string());
    }
    Reply::ok(answer)
}

/// What a filter compares with.
fn compared(finding: &Value, filter: &str) -> Option<String> {
    let pointer = match filter {
        "awsAccountId" => "/awsAccountId",
        "findingArn" => "/findingArn",
        "findingStatus" => "/status",
        "findingType" => "/type",
        "severity" => "/severity",
        "title" => "/title",
        "resourceType" => "/resources/0/type",
        "resourceId" => "/resources/0/id",
        "lambdaFunctionName" => "/resources/0/details/awsLambdaFunction/functionName",
        "vulnerabilityId" => "/packageVulnerabilityDetails/vulnerabilityId",
        "codeVulnerabilityDetectorName" => "/codeVulnerabilityDetails/detectorName",
        _ => return None,
    };
    Some(finding.pointer(pointer).and_then(Value::as_str).unwrap_or("").to_owned())
}

fn vulnerable(tx: &Tx<'_>, function: &Resource, modules: &[Module], at: Timestamp) -> Vec<Value> {
    let mut found: Vec<(&'static Advisory, Vec<&Module>)> = Vec::new();
    for module in modules {
        for advisory in advisories::against(&module.name, &module.version) {
            match found.iter_mut().find(|(known, _)| *known == advisory) {
                Some((_, modules)) => modules.push(module),
                None => found.push((advisory, vec![module])),
            }
        }
    }
    found.iter().map(|(advisory, modules)| package(tx, function, advisory, modules, at)).collect()
}

fn package(
    tx: &Tx<'_>,
    function: &Resource,
    advisory: &Advisory,
    modules: &[&Module],
    at: Timestamp,
) -> Value {
    let title = format!("{} - {}", advisory.id, advisory.package);
    let fixed = |module: &Module| advisories::fixed(&module.name, &module.version);
    let mut finding = common(tx, function, "PACKAGE_VULNERABILITY", &title, at);
    finding["severity"] = json!(advisory.severity.to_ascii_uppercase());
    finding["description"] = json!(advisory.title);
    let mendable = modules.iter().filter(|module| fixed(module).is_some()).count();
    finding["fixAvailable"] = json!(match mendable {
        0 => "NO",
        some if some == modules.len() => "YES",
        _ => "PARTIAL",
    });
    let packages: Vec<Value> = modules
        .iter()
        .map(|module| {
            json!({
                "name": module.name, "version": module.version, "packageManager": "NPM",
                "filePath": module.path,
                "fixedInVersion": fixed(module).unwrap_or_else(|| "NotAvailable".to_owned()),
            })
        })
        .collect();
    let address = format!("https://nvd.nist.gov/vuln/detail/{}", advisory.id);
    finding["packageVulnerabilityDetails"] = json!({
        "vulnerabilityId": advisory.id, "source": "NVD", "sourceUrl": address,
        "vendorSeverity": advisory.severity.to_ascii_uppercase(), "cvss": [],
        "referenceUrls": [address], "relatedVulnerabilities": [], "vulnerablePackages": packages,
    });
    finding
}

fn flawed(tx: &Tx<'_>, function: &Resource, flaw: &Flaw, at: Timestamp) -> Value {
    let detector = flaw.detector;
    let title = format!("{} - {}", detector.cwe, detector.name);
    let key = format!("{title}{}{}", flaw.file, flaw.line);
    let mut finding = common(tx, function, "CODE_VULNERABILITY", &key, at);
    finding["title"] = json!(title);
    finding["severity"] = json!(detector.severity);
    finding["description"] = json!(detector.description);
    finding["codeVulnerabilityDetails"] = json!({
        "detectorId": detector.id, "detectorName": detector.name, "cwes": [detector.cwe],
        "detectorTags": ["security"], "referenceUrls": [],
        "filePath": {
            "fileName": flaw.file.rsplit('/').next(), "filePath": flaw.file,
            "startLine": flaw.line, "endLine": flaw.line,
        },
    });
    finding
}

/// What findings of all kinds have; the same finding always has the same ARN.
fn common(tx: &Tx<'_>, function: &Resource, kind: &str, title: &str, at: Timestamp) -> Value {
    let arn = function.attribute("Arn");
    let hash = lower_hex(&Sha256::digest(format!("{arn}{kind}{title}")));
    json!({
        "findingArn": tx.arn("inspector2", &format!("finding/{}", &hash[..32])),
        "awsAccountId": tx.scope().account, "type": kind, "title": title, "status": "ACTIVE",
        "firstObservedAt": epoch(at), "lastObservedAt": epoch(at), "updatedAt": epoch(at),
        "remediation": { "recommendation": { "text": "None Provided" } },
        "resources": [{
            "type": "AWS_LAMBDA_FUNCTION", "id": format!("{arn}:$LATEST"), "partition": "aws",
            "region": tx.scope().region, "tags": {},
            "details": { "awsLambdaFunction": {
                "functionName": function.id, "runtime": super::runtime(function),
                "codeSha256": function.attribute("CodeSha256"), "version": "$LATEST",
                "executionRoleArn": function.text("Role"), "packageType": "ZIP",
                "architectures": ["X86_64"], "lastModifiedAt": epoch(function.changed),
            }},
        }],
    })
}
