//! Takes dependencies from a package.json and its package-lock.json, and adds some, as npm does: but
//! without npm and its registry. Enough to package for the practice account, where a lock file's
//! entry stands for the module.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use serde_json::{Map, Value, json};

use crate::cli::whole;

/// Changes the manifest and the lock file of a directory.
///
/// # Errors
/// One of them can't be read or written, or is no JSON.
pub(super) fn change(
    dir: &Path,
    remove: &[String],
    add: &BTreeMap<String, String>,
) -> Result<(), String> {
    let (manifest_path, lock_path) = (dir.join("package.json"), dir.join("package-lock.json"));
    let (mut manifest, mut lock) = (read(&manifest_path)?, read(&lock_path)?);
    let mut declared = object(&mut manifest["dependencies"]);
    declared.retain(|name, _| !remove.contains(name));
    for (name, version) in add {
        declared.insert(name.clone(), json!(version));
    }
    manifest["dependencies"] = Value::Object(declared.clone());
    let mut packages = object(&mut lock["packages"]);
    if let Some(root) = packages.get_mut("") {
        root["dependencies"] = Value::Object(declared);
    }
    for (name, version) in add {
        packages.insert(format!("node_modules/{name}"), json!({ "version": version }));
    }
    let needed = needed(&packages);
    packages.retain(|path, _| path.is_empty() || needed.contains(path));
    lock["packages"] = Value::Object(packages);
    for (path, value) in [(manifest_path, manifest), (lock_path, lock)] {
        let text = serde_json::to_string_pretty(&value).unwrap_or_default() + "\n";
        whole::write(&path, text.as_bytes())
            .map_err(|error| format!("cannot write {}: {error}", path.display()))?;
    }
    Ok(())
}

fn read(path: &Path) -> Result<Value, String> {
    let text = std::fs::read_to_string(path)
        .map_err(|error| format!("cannot read {}: {error}", path.display()))?;
    let value: Value = serde_json::from_str(&text)
        .map_err(|error| format!("{} is no JSON: {error}", path.display()))?;
    if value.is_object() { Ok(value) } else { Err(format!("{} is no object", path.display())) }
}

fn object(value: &mut Value) -> Map<String, Value> {
    match value.take() {
        Value::Object(members) => members,
        _ => Map::new(),
    }
}

/// The paths of all modules that the root needs, directly or not.
fn needed(packages: &Map<String, Value>) -> BTreeSet<String> {
    let mut open = vec![String::new()];
    let mut needed = BTreeSet::new();
    while let Some(path) = open.pop() {
        let Some(entry) = packages.get(&path) else { continue };
        let mut groups = vec!["dependencies", "optionalDependencies", "peerDependencies"];
        if path.is_empty() {
            groups.push("devDependencies");
        }
        for group in groups {
            for (name, _) in entry[group].as_object().into_iter().flatten() {
                let found = resolve(packages, &path, name);
                open.extend(found.filter(|place| needed.insert(place.clone())));
            }
        }
    }
    needed
}

/// Where Node.js finds what a module requires: beside it, or further out.
fn resolve(packages: &Map<String, Value>, from: &str, name: &str) -> Option<String> {
    let mut from = from;
    loop {
        let slash = if from.is_empty() { "" } else { "/" };
        let place = format!("{from}{slash}node_modules/{name}");
        if packages.contains_key(&place) {
            return Some(place);
        }
        if from.is_empty() {
            return None;
        }
        from = from.rfind("node_modules/").map_or("", |at| from[..at].trim_end_matches('/'));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LOCK: &str = r#"{"packages": {
        "": {"dependencies": {"a": "1", "b": "1"}, "devDependencies": {"d": "1"}},
        "node_modules/a": {"version": "1.0.0", "dependencies": {"c": "1", "x": "1"}},
        "node_modules/a/node_modules/c": {"version": "1.0.0"},
        "node_modules/x": {"version": "1.0.0"},
        "node_modules/b": {"version": "1.0.0", "dependencies": {"c": "2"}},
        "node_modules/c": {"version": "2.0.0", "peerDependencies": {"x": "1"}},
        "node_modules/d": {"version": "1.0.0", "dev": true}}}"#;

    fn paths(dir: &Path) -> Vec<String> {
        let lock = read(&dir.join("package-lock.json")).unwrap();
        lock["packages"].as_object().unwrap().keys().cloned().collect()
    }

    #[test]
    fn what_nothing_needs_any_more_goes_too() {
        let dir = tempfile::tempdir().unwrap();
        std::fs::write(dir.path().join("package-lock.json"), LOCK).unwrap();
        std::fs::write(dir.path().join("package.json"), r#"{"dependencies":{"a":"1","b":"1"}}"#)
            .unwrap();
        change(dir.path(), &["a".into()], &BTreeMap::new()).unwrap();
        let rest = ["", "node_modules/x", "node_modules/b", "node_modules/c", "node_modules/d"];
        assert_eq!(paths(dir.path()), rest);
        change(dir.path(), &["b".into()], &[("e".into(), "3.0.0".into())].into()).unwrap();
        assert_eq!(paths(dir.path()), ["", "node_modules/d", "node_modules/e"]);
        let manifest = read(&dir.path().join("package.json")).unwrap();
        assert_eq!(manifest["dependencies"], json!({ "e": "3.0.0" }));
    }

    #[test]
    fn a_broken_file_is_named_and_nothing_is_written() {
        let dir = tempfile::tempdir().unwrap();
        std::fs::write(dir.path().join("package.json"), "{}").unwrap();
        std::fs::write(dir.path().join("package-lock.json"), "[]").unwrap();
        let error = change(dir.path(), &[], &BTreeMap::new()).unwrap_err();
        assert!(error.contains("package-lock.json is no object"), "{error}");
        assert_eq!(std::fs::read_to_string(dir.path().join("package.json")).unwrap(), "{}");
    }
}
