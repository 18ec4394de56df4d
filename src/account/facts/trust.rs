//! Whom code trusts when it connects: authorities in files of its package, of its runtime, of its
//! driver. Judged by the certificates that are really there.

use jiff::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::archive::Archive;
use super::lambda::Function;
use crate::account::fact::clip;
use crate::certificates::{self, Certificate};

/// Where Lambda's Node.js keeps Amazon's authorities, up to date.
const RUNTIME_FILE: &str = "/var/runtime/ca-cert.pem";
/// The first release of the runtime that keeps them there, and doesn't trust them by itself.
const FIRST_WITH_FILE: u32 = 20;
/// Where a package lies in a function.
const TASK: &str = "/var/task/";
/// The day on which the last authority of mysql's list ended; its last release, 2.18.1, is of 2020.
const MYSQL_ENDED: &str = "2024-08-22";

/// Authorities that code trusts.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub(crate) struct Trust {
    /// What it is: a file's name, `"Amazon RDS" of mysql`.
    pub(super) name: String,
    /// `valid`: an authority of Amazon RDS in this region is among them, and valid today.
    /// `expired`: none of them is valid any more. `foreign`: some are, but none is of Amazon RDS in
    /// this region. `missing`: the package holds no such file, or no certificate is in it.
    pub(super) state: State,
    /// How many certificates were found in it; null where AWS keeps it.
    pub(super) certificates: Option<usize>,
    /// The last day of the one that is valid longest: `2061-05-25`.
    pub(super) ends: Option<String>,
}

/// Whether authorities are of use.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub(super) enum State {
    Valid,
    Expired,
    Foreign,
    Missing,
}

/// What is looked at, and when.
pub(super) struct Place<'a> {
    pub(super) archive: &'a Archive,
    pub(super) function: &'a Function,
    pub(super) region: &'a str,
    pub(super) now: Timestamp,
}

/// Authorities in a file: of the runtime or of the package. An error says why it can't be seen.
pub(super) fn file(place: &Place<'_>, path: &str) -> Result<Trust, String> {
    let name = path.rsplit('/').next().unwrap_or(path);
    if path == RUNTIME_FILE && node_release(place) >= FIRST_WITH_FILE {
        return Ok(kept_by_aws(path));
    }
    if path.starts_with('/') && !path.starts_with(TASK) {
        return Err(format!("trusts the file {}, which isn't in it", clip(path, 64)));
    }
    let ends = format!("/{name}");
    let own = |path: &&String| !path.contains("node_modules/");
    let mut files = place.archive.certificates.iter().filter(|(path, _)| own(path));
    match files.find(|(path, _)| *path == name || path.ends_with(&ends)) {
        Some((path, found)) => Ok(judged(place, path, found)),
        None if !place.function.layers.is_empty() => {
            Err(format!("trusts the file {}, which may be in a layer", clip(path, 64)))
        }
        None => Ok(judged(place, path, &[])),
    }
}

/// Authorities that stand in the code.
pub(super) fn inline(place: &Place<'_>, text: &str) -> Trust {
    judged(place, "the code's own", &certificates::all(text))
}

/// Authorities that an installed npm package brings.
pub(super) fn module(place: &Place<'_>, package: &str) -> Result<Trust, String> {
    let of = format!("node_modules/{package}/");
    let files = place.archive.certificates.iter().filter(|(path, _)| path.contains(&of));
    let found: Vec<Certificate> = files.flat_map(|(_, found)| found.clone()).collect();
    if found.is_empty() {
        return Err(format!("trusts the list of {package}, which isn't in it"));
    }
    Ok(judged(place, package, &found))
}

/// A list that mysql has under a name: one alone, and nobody keeps it up to date.
pub(super) fn mysql(place: &Place<'_>, name: &str) -> Trust {
    let name = format!("{:?} of mysql", clip(name, 32));
    let mut files = place.archive.certificates.iter();
    let list = files.find(|(path, _)| path.contains("node_modules/mysql/"));
    match list {
        Some((_, found)) if name.contains("Amazon RDS") => judged(place, &name, found),
        // Where only the module's place is known, its last release is.
        None if name.contains("Amazon RDS") => Trust {
            name,
            state: State::Expired,
            certificates: Some(0),
            ends: Some(MYSQL_ENDED.to_owned()),
        },
        _ => judged(place, &name, &[]),
    }
}

/// What Node.js trusts by itself: before release 20, Lambda's has Amazon's authorities among it.
pub(super) fn runtime(place: &Place<'_>) -> Trust {
    let name = "Node.js's own list";
    if node_release(place) < FIRST_WITH_FILE {
        return kept_by_aws(name);
    }
    Trust { name: name.to_owned(), state: State::Foreign, certificates: None, ends: None }
}

fn kept_by_aws(name: &str) -> Trust {
    Trust { name: name.to_owned(), state: State::Valid, certificates: None, ends: None }
}

fn judged(place: &Place<'_>, name: &str, found: &[Certificate]) -> Trust {
    let valid: Vec<&Certificate> = found.iter().filter(|one| one.is_valid(place.now)).collect();
    let state = if found.is_empty() {
        State::Missing
    } else if valid.is_empty() {
        State::Expired
    } else if valid.iter().any(|one| one.is_of_rds(place.region)) {
        State::Valid
    } else {
        State::Foreign
    };
    let last = found.iter().map(|one| one.ends).max();
    Trust {
        name: clip(name, 64),
        state,
        certificates: Some(found.len()),
        ends: last.map(|end| end.strftime("%Y-%m-%d").to_string()),
    }
}

/// The release of a function's Node.js: 22 of `nodejs22.x`.
fn node_release(place: &Place<'_>) -> u32 {
    let digits = place.function.runtime.trim_start_matches("nodejs").split('.').next();
    digits.and_then(|digits| digits.parse().ok()).unwrap_or(FIRST_WITH_FILE)
}
