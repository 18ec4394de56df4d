//! What Amazon Inspector has found in the stack's functions.

use std::collections::BTreeMap;

use aws_sdk_inspector2::operation::list_findings::ListFindingsOutput;
use aws_sdk_inspector2::types as sdk;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{away, is_of, scanned};
use crate::account::call::Operation;
use crate::account::fact::{FactError, Known, clip};
use crate::account::facts::lambda::Function;
use crate::account::reader::Reader;

/// Findings that are read: the worst come first.
const MOST_READ: usize = 300;

/// Findings that are shown.
const MOST_FINDINGS: usize = 40;

/// What Amazon Inspector has found in the stack's functions.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
pub(crate) struct Findings {
    /// The active findings, the worst first; the same one in several functions stands once.
    findings: Vec<Finding>,
    /// There are more than these.
    more: bool,
}

/// A finding.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
pub(crate) struct Finding {
    /// `CVE-2022-3517 - minimatch`
    title: String,
    /// `CRITICAL`, `HIGH`, `MEDIUM`, `LOW`, `INFORMATIONAL`, `UNTRIAGED`.
    severity: String,
    /// `package` or `code`.
    kind: String,
    /// The package and its version, or the file and its line.
    place: String,
    /// Logical ids of the functions.
    functions: Vec<String>,
}

pub(crate) async fn findings(reader: &Reader, facts: &Known) -> Result<Findings, FactError> {
    let (functions, owner) = scanned(facts)?;
    let account = &reader.account;
    let equals = |value: &str| {
        let filter = sdk::StringFilter::builder().comparison(sdk::StringComparison::Equals);
        filter.value(value).build().ok().map(|filter| vec![filter])
    };
    let criteria = sdk::FilterCriteria::builder()
        .set_aws_account_id(equals(&owner))
        .set_resource_type(equals("AWS_LAMBDA_FUNCTION"))
        .set_finding_status(equals("ACTIVE"))
        .build();
    let worst_first = sdk::SortCriteria::builder()
        .field(sdk::SortField::Severity)
        .sort_order(sdk::SortOrder::Desc)
        .build()
        .ok();
    let mut found = Found::default();
    let mut token: Option<String> = None;
    let mut read = 0;
    while !functions.is_empty() && read < MOST_READ {
        let request = account.clients().inspector.list_findings().max_results(100);
        let request = request.filter_criteria(criteria.clone()).set_next_token(token.take());
        let request = request.set_sort_criteria(worst_first.clone()).send();
        let operation = Operation("inspector2", "ListFindings");
        let answer: ListFindingsOutput =
            account.call(operation, request).await.map_err(|error| away(reader, error))?;
        answer.findings().iter().for_each(|finding| found.note(finding, &functions));
        read += answer.findings().len();
        token = answer.next_token().filter(|token| !token.is_empty()).map(ToOwned::to_owned);
        if token.is_none() {
            break;
        }
    }
    let mut findings = found.ordered();
    let more = token.is_some() || findings.len() > MOST_FINDINGS;
    findings.truncate(MOST_FINDINGS);
    Ok(Findings { findings, more })
}

/// Findings by severity, title and place.
#[derive(Debug, Default)]
struct Found(BTreeMap<(usize, String, String), Finding>);

impl Found {
    fn note(&mut self, finding: &sdk::Finding, functions: &[Function]) {
        let logical: Vec<String> = functions
            .iter()
            .filter(|one| finding.resources().iter().any(|found| is_of(found.id(), one)))
            .map(|one| one.logical.clone())
            .collect();
        if logical.is_empty() {
            return;
        }
        let title = clip(finding.title().unwrap_or_default(), 160);
        let severity = finding.severity().as_str().to_owned();
        let (kind, place) = place(finding);
        let worst = ["CRITICAL", "HIGH", "MEDIUM", "LOW", "INFORMATIONAL"];
        let rank = worst.iter().position(|known| *known == severity).unwrap_or(worst.len());
        let entry = self.0.entry((rank, title.clone(), place.clone())).or_insert_with(|| Finding {
            title,
            severity,
            kind: kind.to_owned(),
            place,
            functions: Vec::new(),
        });
        for name in logical {
            if !entry.functions.contains(&name) {
                entry.functions.push(name);
            }
        }
        entry.functions.sort();
    }

    fn ordered(self) -> Vec<Finding> {
        self.0.into_values().collect()
    }
}

/// What kind of finding it is, and where the trouble sits.
fn place(finding: &sdk::Finding) -> (&'static str, String) {
    if let Some(code) = finding.code_vulnerability_details() {
        let place = code
            .file_path()
            .map(|file| format!("{}:{}", file.file_path(), file.start_line()))
            .unwrap_or_default();
        return ("code", clip(&place, 120));
    }
    let packages = finding
        .package_vulnerability_details()
        .map(sdk::PackageVulnerabilityDetails::vulnerable_packages)
        .unwrap_or_default();
    let mut names: Vec<String> = packages
        .iter()
        .map(|package| format!("{} {}", package.name(), package.version()))
        .collect();
    names.dedup();
    ("package", clip(&names.join(", "), 120))
}
