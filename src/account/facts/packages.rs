//! Function packages: what they depend on, and what they hold of it.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use futures_util::future::try_join_all;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use tokio::sync::Semaphore;

use super::archive::{Archive, Unreadable};
use super::dependencies::{self, Unused, Vulnerable};
use super::lambda::{Function, Functions};
use super::logins::{self, Code};
use super::tls::{self, Tls};
use crate::account::fact::{CannotLook, FactError, Known, Reason};
use crate::account::reader::{Reader, known};

/// Lambda itself takes no larger zipped package from a bucket than this unzipped.
const MOST_BYTES: usize = 250 * 1024 * 1024;
/// Packages in memory at once, over all accounts that a process looks at.
static IN_MEMORY: Semaphore = Semaphore::const_new(6);

/// The packages of the stack's functions.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
pub(crate) struct Packages {
    /// The packages, one a function.
    pub(super) packages: Vec<Package>,
}

/// A function's deployed package.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
pub(crate) struct Package {
    /// The function's logical id in the stack.
    pub(super) logical: String,
    /// When the function was last changed, RFC 3339.
    pub(super) changed: Option<String>,
    /// Dependencies that its package.json declares, with the declared version.
    dependencies: BTreeMap<String, String>,
    /// Declared dependencies that it doesn't hold. AWS SDK clients don't count: the runtime brings
    /// them. A function with layers may find the rest there, so nothing is missing then.
    missing: Vec<String>,
    /// All packages under node_modules, with their version.
    installed: BTreeMap<String, String>,
    /// Packages that its own code imports.
    imports: Vec<String>,
    /// How its code logs in to the database.
    pub(super) login: Code,
    /// How its code connects to the database.
    pub(super) tls: Tls,
    /// Dependencies that are declared or installed, and that no code uses.
    pub(super) unused: Vec<Unused>,
    /// Installed packages with published vulnerabilities, also deeper in node_modules.
    pub(super) vulnerable: Vec<Vulnerable>,
    /// Why nothing can be said of its vulnerabilities; null when it can.
    pub(super) unseen: Option<String>,
}

pub(crate) async fn packages(reader: &Reader, facts: &Known) -> Result<Packages, FactError> {
    let functions: Functions = known(facts, "functions")?;
    // Functions with the same code are read once.
    let mut same: Vec<Vec<&Function>> = Vec::new();
    for function in &functions.functions {
        match same.iter_mut().find(|group| {
            let first = group[0];
            !function.code_sha256.is_empty() && first.code_sha256 == function.code_sha256
        }) {
            Some(group) => group.push(function),
            None => same.push(vec![function]),
        }
    }
    let archives = try_join_all(same.iter().map(|group| archive(reader, group[0]))).await?;
    let mut packages: Vec<Package> = same
        .iter()
        .zip(&archives)
        .flat_map(|(group, archive)| {
            group.iter().map(|function| package(function, archive, reader.account.region()))
        })
        .collect();
    packages.sort_by(|one, other| one.logical.cmp(&other.logical));
    Ok(Packages { packages })
}

/// A function's package.
pub(super) async fn archive(
    reader: &Reader,
    function: &Function,
) -> Result<Arc<Archive>, FactError> {
    // The semaphore is never closed.
    let _permit = IN_MEMORY.acquire().await;
    let bytes = download(reader, &function.name).await?;
    // Unpacking takes milliseconds to seconds of computing: not on the threads that answer keys.
    let read = tokio::task::spawn_blocking(move || Archive::read(&bytes)).await;
    match read {
        Ok(Ok(archive)) => Ok(Arc::new(archive)),
        Ok(Err(Unreadable::TooLarge)) => {
            Err(trouble(Reason::Service, &function.logical, "is too large"))
        }
        _ => Err(trouble(Reason::Service, &function.logical, "can't be unpacked")),
    }
}

async fn download(reader: &Reader, function: &str) -> Result<Vec<u8>, FactError> {
    let unread = |reason| trouble(reason, function, "can't be downloaded");
    let location = reader.vault().packages.get(function).cloned();
    let location = location.ok_or_else(|| unread(Reason::Service))?;
    // reqwest's errors hold the address, which is signed and so a secret: none is passed on.
    let request = reader.account.http().get(location.expose()).timeout(Duration::from_mins(1));
    let broken = |error: reqwest::Error| {
        unread(if error.is_timeout() { Reason::Timeout } else { Reason::Network })
    };
    let mut answer = request.send().await.map_err(broken)?;
    if !answer.status().is_success() {
        return Err(unread(Reason::Service));
    }
    let mut bytes = Vec::new();
    while let Some(chunk) = answer.chunk().await.map_err(broken)? {
        if bytes.len() + chunk.len() > MOST_BYTES {
            return Err(trouble(Reason::Service, function, "is too large"));
        }
        bytes.extend_from_slice(&chunk);
    }
    Ok(bytes)
}

fn package(function: &Function, archive: &Archive, region: &str) -> Package {
    let has_layers = !function.layers.is_empty();
    let dependencies: BTreeMap<String, String> = archive.manifest["dependencies"]
        .as_object()
        .into_iter()
        .flatten()
        .map(|(name, version)| (name.clone(), version.as_str().unwrap_or_default().to_owned()))
        .collect();
    let outer = |path: &str| {
        let name = path.strip_prefix("node_modules/")?;
        (!name.contains("node_modules/")).then(|| name.to_owned())
    };
    let installed: BTreeMap<String, String> = archive
        .modules
        .iter()
        .filter_map(|(path, module)| Some((outer(path)?, module.version.clone())))
        .collect();
    let missing = dependencies
        .keys()
        .filter(|name| {
            !has_layers
                && !name.starts_with("@aws-sdk/")
                && !installed.contains_key(*name)
                && !archive.bundled.contains(*name)
        })
        .cloned()
        .collect();
    Package {
        logical: function.logical.clone(),
        changed: function.changed.clone(),
        dependencies,
        missing,
        installed,
        imports: archive.imports.iter().cloned().collect(),
        login: logins::code(archive),
        tls: tls::code(archive, function, region),
        unused: dependencies::unused(archive),
        vulnerable: dependencies::vulnerable(archive),
        unseen: dependencies::unseen(archive, has_layers),
    }
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
    use super::super::archive::tests::zipped;
    use super::super::lambda;
    use super::*;

    #[test]
    fn a_declared_module_that_is_not_in_the_package_is_missing() {
        let bytes = zipped(&[
            (
                "package.json",
                r#"{"dependencies":{"mysql2":"^3","@aws-sdk/client-s3":"^3","@a/b":"1"}}"#,
            ),
            ("node_modules/@a/b/package.json", r#"{"version":"1.2.0"}"#),
            ("node_modules/@a/b/node_modules/mysql2/package.json", "{}"),
        ]);
        let archive = Archive::read(&bytes).unwrap();
        let package = |layers: &[&str]| {
            let mut function = lambda::tests::function("F");
            function.layers = layers.iter().map(|&arn| arn.to_owned()).collect();
            package(&function, &archive, "us-east-1")
        };
        assert_eq!(package(&[]).missing, ["mysql2"]);
        assert_eq!(
            package(&[]).installed,
            BTreeMap::from([("@a/b".to_owned(), "1.2.0".to_owned())])
        );
        assert!(package(&["arn"]).missing.is_empty());
    }
}
