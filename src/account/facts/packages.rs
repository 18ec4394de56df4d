//! Function packages: what they depend on, and what they hold of it.

use std::collections::{BTreeMap, BTreeSet};
use std::io::{Cursor, Read};
use std::time::Duration;

use futures_util::future::try_join_all;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use zip::ZipArchive;

use super::lambda::{Function, Functions};
use crate::account::fact::{CannotLook, FactError, Known, Reason};
use crate::account::reader::{Reader, known};

/// Lambda itself takes no larger zipped package from a bucket than this unzipped.
const MOST_BYTES: usize = 250 * 1024 * 1024;
/// The largest package.json that is read.
const MOST_MANIFEST_BYTES: u64 = 1024 * 1024;

/// The packages of the stack's functions.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
pub(crate) struct Packages {
    /// The packages, one a function.
    packages: Vec<Package>,
}

/// A function's deployed package.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
pub(crate) struct Package {
    /// The function's logical id in the stack.
    logical: String,
    /// Dependencies that its package.json declares, with the declared version.
    dependencies: BTreeMap<String, String>,
    /// Declared dependencies that it doesn't hold. AWS SDK clients don't count: the runtime brings
    /// them. A function with layers may find the rest there, so nothing is missing then.
    missing: Vec<String>,
    /// All packages under node_modules, with their version.
    installed: BTreeMap<String, String>,
}

pub(crate) async fn packages(reader: &Reader, facts: &Known) -> Result<Packages, FactError> {
    let functions: Functions = known(facts, "functions")?;
    let readings = functions.functions.iter().map(|function| package(reader, function));
    Ok(Packages { packages: try_join_all(readings).await? })
}

async fn package(reader: &Reader, function: &Function) -> Result<Package, FactError> {
    let bytes = download(reader, &function.name).await?;
    let logical = function.logical.clone();
    let has_layers = !function.layers.is_empty();
    let unreadable = trouble(Reason::Service, &function.logical, "can't be unpacked");
    // Unpacking takes milliseconds to seconds of computing: not on the threads that answer keys.
    tokio::task::spawn_blocking(move || inspect(logical, has_layers, bytes))
        .await
        .ok()
        .flatten()
        .ok_or(unreadable)
}

async fn download(reader: &Reader, function: &str) -> Result<Vec<u8>, FactError> {
    let unread = |reason| trouble(reason, function, "can't be downloaded");
    let location = reader.vault().packages.get(function).cloned();
    let location = location.ok_or_else(|| unread(Reason::Service))?;
    // reqwest's errors hold the address, which is signed and so a secret: none is passed on.
    let request = reader.account.http().get(location.expose()).timeout(Duration::from_mins(1));
    let mut answer = request.send().await.map_err(|_| unread(Reason::Network))?;
    if !answer.status().is_success() {
        return Err(unread(Reason::Service));
    }
    let mut bytes = Vec::new();
    while let Some(chunk) = answer.chunk().await.map_err(|_| unread(Reason::Network))? {
        if bytes.len() + chunk.len() > MOST_BYTES {
            return Err(trouble(Reason::Service, function, "is too large"));
        }
        bytes.extend_from_slice(&chunk);
    }
    Ok(bytes)
}

fn inspect(logical: String, has_layers: bool, bytes: Vec<u8>) -> Option<Package> {
    let mut archive = ZipArchive::new(Cursor::new(bytes)).ok()?;
    let names: BTreeSet<String> = archive
        .file_names()
        .filter_map(|name| name.ok().map(std::borrow::Cow::into_owned))
        .collect();
    let manifest = read(&mut archive, "package.json").unwrap_or_default();
    let dependencies: BTreeMap<String, String> = manifest["dependencies"]
        .as_object()
        .into_iter()
        .flatten()
        .map(|(name, version)| (name.clone(), version.as_str().unwrap_or_default().to_owned()))
        .collect();
    let installed: BTreeMap<String, String> = names
        .iter()
        .filter_map(|path| module_of(path))
        .map(|name| {
            let manifest = read(&mut archive, &format!("node_modules/{name}/package.json"));
            let version = manifest.unwrap_or_default()["version"].as_str().map(ToOwned::to_owned);
            (name.to_owned(), version.unwrap_or_default())
        })
        .collect();
    let missing = dependencies
        .keys()
        .filter(|name| {
            !has_layers && !name.starts_with("@aws-sdk/") && !installed.contains_key(*name)
        })
        .cloned()
        .collect();
    Some(Package { logical, dependencies, missing, installed })
}

/// `name` or `@scope/name` in `node_modules/NAME/package.json`; nested copies don't count.
fn module_of(path: &str) -> Option<&str> {
    let name = path.strip_prefix("node_modules/")?.strip_suffix("/package.json")?;
    let parts = name.split('/').count();
    let most = if name.starts_with('@') { 2 } else { 1 };
    (parts == most).then_some(name)
}

fn read(archive: &mut ZipArchive<Cursor<Vec<u8>>>, path: &str) -> Option<serde_json::Value> {
    let file = archive.by_name(path).ok()?;
    let mut text = String::new();
    file.take(MOST_MANIFEST_BYTES).read_to_string(&mut text).ok()?;
    serde_json::from_str(&text).ok()
}

fn trouble(reason: Reason, function: &str, what: &str) -> FactError {
    FactError::CannotLook(CannotLook {
        reason,
        message: format!("The package of {function} {what}."),
        remedy: "Verify again in a minute.".to_owned(),
    })
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use super::*;

    fn archive(files: &[(&str, &str)]) -> Vec<u8> {
        let mut zip = zip::ZipWriter::new(Cursor::new(Vec::new()));
        for (path, text) in files {
            zip.start_file(*path, zip::write::SimpleFileOptions::default()).unwrap();
            zip.write_all(text.as_bytes()).unwrap();
        }
        zip.finish().unwrap().into_inner()
    }

    #[test]
    fn a_declared_module_that_is_not_in_the_package_is_missing() {
        let package = |layers| {
            let bytes = archive(&[
                (
                    "package.json",
                    r#"{"dependencies":{"mysql2":"^3","@aws-sdk/client-s3":"^3","@a/b":"1"}}"#,
                ),
                ("node_modules/@a/b/package.json", r#"{"version":"1.2.0"}"#),
                ("node_modules/@a/b/node_modules/mysql2/package.json", "{}"),
            ]);
            inspect("F".to_owned(), layers, bytes).unwrap()
        };
        assert_eq!(package(false).missing, ["mysql2"]);
        assert_eq!(
            package(false).installed,
            BTreeMap::from([("@a/b".to_owned(), "1.2.0".to_owned())])
        );
        assert!(package(true).missing.is_empty());
        assert!(inspect("F".to_owned(), false, b"no zip".to_vec()).is_none());
    }
}
