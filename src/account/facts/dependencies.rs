//! What the deployed packages hold that no code uses, and what of it has a published vulnerability.

use std::collections::{BTreeMap, BTreeSet};

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::archive::Archive;
use super::packages::{Package, Packages};
use crate::account::fact::{CannotLook, FactError, Known, Reason};
use crate::account::reader::{Reader, known};
use crate::advisories;

/// Dependencies that are deployed though no code uses them.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
pub(crate) struct Dependencies {
    /// The functions, those with the same unused dependencies together.
    groups: Vec<UnusedGroup>,
}

/// Functions with the same unused dependencies.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
pub(crate) struct UnusedGroup {
    /// Logical ids of the functions.
    functions: Vec<String>,
    /// When the last of them was changed, RFC 3339.
    changed: Option<String>,
    /// The unused dependencies; empty when all are used.
    unused: Vec<Unused>,
    /// package.json doesn't name any of them any more, but they are in node_modules still.
    leftover: bool,
}

/// A dependency that no code of the package imports, and nothing that it imports needs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub(crate) struct Unused {
    /// The npm package's name.
    pub(super) name: String,
    /// Installed version; empty when it is declared but not installed.
    pub(super) version: String,
    /// package.json names it. Otherwise it is only installed.
    pub(super) declared: bool,
}

/// Deployed packages with published vulnerabilities.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
pub(crate) struct Vulnerabilities {
    /// The functions, those with the same vulnerable packages together.
    groups: Vec<VulnerableGroup>,
}

/// Functions with the same vulnerable packages.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
pub(crate) struct VulnerableGroup {
    /// Logical ids of the functions.
    functions: Vec<String>,
    /// When the last of them was changed, RFC 3339.
    changed: Option<String>,
    /// The vulnerable packages; empty when none is known to be.
    vulnerable: Vec<Vulnerable>,
}

/// An installed version of a package with published vulnerabilities.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub(crate) struct Vulnerable {
    /// The npm package's name.
    pub(super) name: String,
    /// Installed version.
    pub(super) version: String,
    /// CVE numbers.
    pub(super) advisories: Vec<String>,
    /// The worst severity: `critical`, `high`, `medium`, `low`.
    pub(super) severity: String,
    /// The first later version that nothing is published against; null when there is none.
    pub(super) fixed: Option<String>,
    /// Dependencies of package.json that bring it.
    pub(super) through: Vec<String>,
    /// package.json names it, or something that needs it. Otherwise it is only installed.
    pub(super) declared: bool,
}

pub(crate) async fn dependencies(_: &Reader, facts: &Known) -> Result<Dependencies, FactError> {
    let packages: Packages = known(facts, "packages")?;
    let groups = grouped(&packages, |package| package.unused.clone())
        .into_iter()
        .map(|(unused, functions, changed)| UnusedGroup {
            functions,
            changed,
            leftover: !unused.is_empty() && unused.iter().all(|unused| !unused.declared),
            unused,
        })
        .collect();
    Ok(Dependencies { groups })
}

pub(crate) async fn vulnerabilities(
    _: &Reader,
    facts: &Known,
) -> Result<Vulnerabilities, FactError> {
    let packages: Packages = known(facts, "packages")?;
    if let Some(package) = packages.packages.iter().find(|package| package.unseen.is_some()) {
        let why = package.unseen.as_deref().unwrap_or_default();
        return Err(FactError::CannotLook(CannotLook {
            reason: Reason::Service,
            message: format!("The package of {} {why}.", package.logical),
            remedy: "Deploy it with its node_modules or its source map, then verify again."
                .to_owned(),
        }));
    }
    let groups = grouped(&packages, |package| package.vulnerable.clone())
        .into_iter()
        .map(|(vulnerable, functions, changed)| VulnerableGroup { functions, changed, vulnerable })
        .collect();
    Ok(Vulnerabilities { groups })
}

/// The functions by what was found in their packages, with the newest change of a group.
pub(super) fn grouped<T: PartialEq>(
    packages: &Packages,
    found: impl Fn(&Package) -> Vec<T>,
) -> Vec<(Vec<T>, Vec<String>, Option<String>)> {
    let mut groups: Vec<(Vec<T>, Vec<String>, Option<String>)> = Vec::new();
    for package in &packages.packages {
        let found = found(package);
        let name = package.logical.clone();
        match groups.iter_mut().find(|(same, ..)| *same == found) {
            Some((_, functions, changed)) => {
                functions.push(name);
                *changed = changed.take().max(package.changed.clone());
            }
            None => groups.push((found, vec![name], package.changed.clone())),
        }
    }
    groups
}

/// What package.json declares, by group.
const DECLARED: [&str; 4] =
    ["dependencies", "devDependencies", "optionalDependencies", "peerDependencies"];

/// The modules of a package as a graph.
struct Tree<'a> {
    archive: &'a Archive,
    declared: BTreeSet<&'a str>,
    /// Declared to be deployed: no development dependency.
    runtime: BTreeSet<&'a str>,
}

impl<'a> Tree<'a> {
    fn new(archive: &'a Archive) -> Self {
        let names = |group: &str| {
            archive.manifest[group].as_object().into_iter().flatten().map(|(name, _)| name.as_str())
        };
        Self {
            archive,
            declared: DECLARED.iter().flat_map(|group| names(group)).collect(),
            runtime: names("dependencies").collect(),
        }
    }

    /// Modules that the package's own code can import, by path.
    fn outer(&self) -> impl Iterator<Item = &'a str> {
        let paths = self.archive.modules.keys().map(String::as_str);
        paths.filter(|path| path.matches("node_modules/").count() == 1 && !path.contains("/."))
    }

    fn named(&self, name: &str) -> impl Iterator<Item = &'a str> {
        self.outer().filter(move |path| {
            path.rsplit_once("node_modules/").is_some_and(|(_, inside)| inside == name)
        })
    }

    /// Where Node.js finds what a module requires: beside it, or further out.
    fn resolve(&self, from: &str, name: &str) -> Option<&'a str> {
        let place = |directory: &str| {
            let path = format!("{directory}node_modules/{name}");
            self.archive.modules.get_key_value(&path).map(|(path, _)| path.as_str())
        };
        let mut found = place(&format!("{from}/"));
        let mut rest = from;
        while let (None, Some(at)) = (found, rest.rfind("node_modules/")) {
            found = place(&rest[..at]);
            rest = rest[..at].trim_end_matches('/');
        }
        found
    }

    /// The modules and all that they need.
    fn reach(&self, from: impl Iterator<Item = &'a str>) -> BTreeSet<&'a str> {
        let mut open: Vec<&str> = from.collect();
        let mut reached = BTreeSet::new();
        while let Some(path) = open.pop() {
            if reached.insert(path) {
                let requires = self.archive.modules[path].requires.iter();
                open.extend(requires.filter_map(|name| self.resolve(path, name)));
            }
        }
        reached
    }

    fn used(&self) -> BTreeSet<&'a str> {
        self.reach(self.archive.imports.iter().flat_map(|name| self.named(name)))
    }

    fn unused(&self, path: &str, declared: bool) -> Unused {
        let module = &self.archive.modules[path];
        Unused { name: module.name.clone(), version: module.version.clone(), declared }
    }
}

/// What is declared or installed, and not imported, nor needed by what is. Of what is only
/// installed, the modules that bring the others.
pub(super) fn unused(archive: &Archive) -> Vec<Unused> {
    let tree = Tree::new(archive);
    let used = tree.used();
    let mut found = Vec::new();
    for name in &tree.declared {
        let installed: Vec<&str> = tree.named(name).collect();
        if archive.imports.contains(*name) || installed.iter().any(|path| used.contains(path)) {
            continue;
        }
        found.extend(installed.iter().map(|path| tree.unused(path, true)));
        // Not installed, a development dependency is no part of the package.
        if installed.is_empty() && tree.runtime.contains(name) {
            let name = (*name).to_owned();
            found.push(Unused { name, version: String::new(), declared: true });
        }
    }
    let declared = tree.reach(tree.declared.iter().flat_map(|name| tree.named(name)));
    let mut left: BTreeSet<&str> =
        tree.outer().filter(|path| !used.contains(path) && !declared.contains(path)).collect();
    while !left.is_empty() {
        // Modules may need each other: the one that brings most stands for them, the first of several.
        let brings = |path: &&str| left.intersection(&tree.reach(std::iter::once(*path))).count();
        let Some(root) = left.iter().rev().copied().max_by_key(brings) else { break };
        found.push(tree.unused(root, false));
        let reached = tree.reach(std::iter::once(root));
        left.retain(|path| !reached.contains(path));
    }
    found
}

/// The installed modules with published vulnerabilities, nested ones too.
pub(super) fn vulnerable(archive: &Archive) -> Vec<Vulnerable> {
    let tree = Tree::new(archive);
    let brought: BTreeMap<&str, BTreeSet<&str>> =
        tree.declared.iter().map(|name| (*name, tree.reach(tree.named(name)))).collect();
    let mut found: BTreeMap<(&str, &str), Vulnerable> = BTreeMap::new();
    for (path, module) in &archive.modules {
        let published = advisories::against(&module.name, &module.version);
        let Some(worst) = published.iter().map(|advisory| advisory.severity).max_by_key(rank)
        else {
            continue;
        };
        let through = brought.iter().filter(|(_, reached)| reached.contains(path.as_str()));
        let through: BTreeSet<String> = through.map(|(name, _)| (*name).to_owned()).collect();
        let entry = found.entry((&module.name, &module.version)).or_insert_with(|| Vulnerable {
            name: module.name.clone(),
            version: module.version.clone(),
            advisories: published.iter().map(|advisory| advisory.id.to_owned()).collect(),
            severity: worst.to_owned(),
            fixed: advisories::fixed(&module.name, &module.version),
            through: Vec::new(),
            declared: false,
        });
        entry.declared |= !through.is_empty();
        let all: BTreeSet<String> = entry.through.drain(..).chain(through).collect();
        entry.through = all.into_iter().collect();
    }
    found.into_values().collect()
}

fn rank(severity: &&str) -> usize {
    ["low", "medium", "high", "critical"].iter().position(|known| known == severity).unwrap_or(0)
}

/// Why nothing can be said of a package's vulnerabilities.
pub(super) fn unseen(archive: &Archive, has_layers: bool) -> Option<String> {
    if archive.opaque {
        return Some("is a bundle that doesn't say what it holds".to_owned());
    }
    let unversioned = archive
        .modules
        .values()
        .filter(|module| module.version.is_empty())
        .map(|module| &module.name)
        .chain(&archive.bundled);
    if let Some(name) = unversioned.into_iter().find(|name| advisories::concerns(name)) {
        return Some(format!("holds {name}, but doesn't say which version"));
    }
    let elsewhere = archive.imports.iter().find(|name| {
        has_layers && advisories::concerns(name) && Tree::new(archive).named(name).next().is_none()
    });
    elsewhere.map(|name| format!("takes {name} from a layer, which isn't read"))
}

#[cfg(test)]
mod tests {
    use super::super::archive::tests::zipped;
    use super::*;

    const MANIFEST: &str = r#"{"dependencies":{"mysql":"^2","minimatch":"^2","babel-core":"^6"}}"#;

    fn archive(manifest: &str, modules: &[(&str, &str)], code: &str) -> Archive {
        let mut files = vec![("package.json".to_owned(), manifest.to_owned())];
        files.push(("index.js".to_owned(), code.to_owned()));
        for (path, described) in modules {
            let path = path.replace('>', "/node_modules/");
            files.push((format!("node_modules/{path}/package.json"), (*described).to_owned()));
        }
        let files: Vec<(&str, &str)> = files.iter().map(|(a, b)| (&**a, &**b)).collect();
        Archive::read(&zipped(&files)).unwrap()
    }

    const MODULES: [(&str, &str); 7] = [
        ("mysql", r#"{"version":"2.18.1","dependencies":{"sqlstring":"2"}}"#),
        ("sqlstring", r#"{"version":"2.3.1"}"#),
        ("minimatch", r#"{"version":"2.0.10"}"#),
        (
            "babel-core",
            r#"{"version":"6.26.3","dependencies":{"minimatch":"3","json5":"0","babel-register":"6"}}"#,
        ),
        ("babel-core>minimatch", r#"{"version":"3.1.5"}"#),
        ("babel-register", r#"{"version":"6.26.0","dependencies":{"babel-core":"6"}}"#),
        ("json5", r#"{"version":"0.5.1"}"#),
    ];

    fn names(unused: &[Unused]) -> Vec<(&str, bool)> {
        unused.iter().map(|unused| (unused.name.as_str(), unused.declared)).collect()
    }

    #[test]
    fn what_no_code_imports_is_unused() {
        let found = unused(&archive(MANIFEST, &MODULES, "import mysql from 'mysql';"));
        assert_eq!(names(&found), [("babel-core", true), ("minimatch", true)]);
        let code = "import mysql from 'mysql'; import 'minimatch'; require('babel-core/x');";
        assert_eq!(unused(&archive(MANIFEST, &MODULES, code)), []);
    }

    #[test]
    fn what_is_only_left_in_node_modules_is_named_by_what_brings_it() {
        let manifest = r#"{"dependencies":{"mysql":"^2"}}"#;
        let found = unused(&archive(manifest, &MODULES, "import 'mysql';"));
        assert_eq!(names(&found), [("babel-core", false), ("minimatch", false)]);
    }

    #[test]
    fn a_development_dependency_counts_when_it_is_deployed() {
        let manifest = r#"{"dependencies":{"mysql":"^2"},"devDependencies":{"minimatch":"^2"}}"#;
        assert_eq!(unused(&archive(manifest, &MODULES[..2], "import 'mysql';")), []);
        let found = unused(&archive(manifest, &MODULES[..3], "import 'mysql';"));
        assert_eq!(names(&found), [("minimatch", true)]);
    }

    #[test]
    fn vulnerable_versions_are_found_where_they_are_and_by_what_brings_them() {
        let found = vulnerable(&archive(MANIFEST, &MODULES, "import 'mysql';"));
        let short: Vec<_> =
            found.iter().map(|v| (&*v.name, &*v.version, v.through.join(","))).collect();
        assert_eq!(
            short,
            [
                ("json5", "0.5.1", "babel-core".to_owned()),
                ("minimatch", "2.0.10", "minimatch".to_owned())
            ]
        );
        assert_eq!(found[1].fixed.as_deref(), Some("3.1.4"));
        let upgraded = [("minimatch", r#"{"version":"10.2.5"}"#)];
        assert_eq!(vulnerable(&archive(MANIFEST, &upgraded, "")), []);
    }

    #[test]
    fn what_cant_be_seen_is_not_called_sound() {
        let quiet = archive("{}", &MODULES[..2], "import 'mysql';");
        assert_eq!(unseen(&quiet, true), None);
        let bundle = archive("{}", &[], "// node_modules/minimatch/index.js\nvar a;");
        assert!(unseen(&bundle, false).unwrap().contains("minimatch"));
        let layered = archive("{}", &[], "import 'minimatch';");
        assert!(unseen(&layered, true).unwrap().contains("layer"));
        let unversioned = archive("{}", &[("json5", "{}")], "");
        assert!(unseen(&unversioned, false).is_some());
    }
}
