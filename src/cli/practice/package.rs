//! Packages a template's local code as `aws cloudformation package` does: one zip archive a
//! directory, named by its hash, so that unchanged code is no change of the stack.

use std::collections::BTreeMap;
use std::io::{Cursor, Write};
use std::path::{Path, PathBuf};

use serde_json::{Map, Value, json};
use sha2::{Digest, Sha256};
use zip::ZipWriter;
use zip::write::SimpleFileOptions;

/// An archive and the name that it gets in the bucket.
#[derive(Debug)]
pub(super) struct Package {
    /// SHA-256 of the archive, hexadecimal.
    pub(super) key: String,
    /// The archive.
    pub(super) bytes: Vec<u8>,
}

/// The template's places that name local code: JSON pointers, and the directory.
pub(super) fn local_code(template: &Value) -> Vec<(String, String)> {
    let mut found = Vec::new();
    let mut note = |pointer: String, value: Option<&Value>| {
        if let Some(Value::String(path)) = value
            && !path.starts_with("s3://")
        {
            found.push((pointer, path.clone()));
        }
    };
    note("/Globals/Function/CodeUri".into(), template.pointer("/Globals/Function/CodeUri"));
    for (name, resource) in template["Resources"].as_object().into_iter().flatten() {
        let member = match resource["Type"].as_str() {
            Some("AWS::Serverless::Function") => "CodeUri",
            Some("AWS::Lambda::Function") => "Code",
            _ => continue,
        };
        let escaped = name.replace('~', "~0").replace('/', "~1");
        let pointer = format!("/Resources/{escaped}/Properties/{member}");
        note(pointer, resource["Properties"].get(member));
    }
    found
}

/// What takes the local directory's place in the template.
pub(super) fn uploaded(pointer: &str, bucket: &str, key: &str) -> Value {
    if pointer.ends_with("/Code") {
        json!({ "S3Bucket": bucket, "S3Key": key })
    } else {
        Value::from(format!("s3://{bucket}/{key}"))
    }
}

/// Packs a directory.
///
/// # Errors
/// It isn't there, or can't be read.
pub(super) fn pack(dir: &Path) -> Result<Package, String> {
    let mut files = BTreeMap::new();
    collect(dir, Path::new(""), &mut files)
        .map_err(|error| format!("cannot read {}: {error}", dir.display()))?;
    if files.is_empty() {
        return Err(format!("{} holds no code", dir.display()));
    }
    let lock = lock(dir)?;
    if dir.join("node_modules").is_dir() {
        prune(&mut files, &lock);
    } else {
        files.extend(placeholders(&lock));
    }
    let bytes =
        archive(&files).map_err(|error| format!("cannot pack {}: {error}", dir.display()))?;
    let key = crate::practice::random::lower_hex(&Sha256::digest(&bytes));
    Ok(Package { key, bytes })
}

fn collect(
    root: &Path,
    under: &Path,
    files: &mut BTreeMap<PathBuf, Vec<u8>>,
) -> std::io::Result<()> {
    for entry in std::fs::read_dir(root.join(under))? {
        let entry = entry?;
        let path = under.join(entry.file_name());
        // As the CLI does: links are followed.
        let kind = std::fs::metadata(entry.path())?;
        if kind.is_dir() {
            collect(root, &path, files)?;
        } else {
            files.insert(path, std::fs::read(entry.path())?);
        }
    }
    Ok(())
}

/// The lock file's packages by their place; none without a lock file.
fn lock(dir: &Path) -> Result<Map<String, Value>, String> {
    let path = dir.join("package-lock.json");
    let Ok(text) = std::fs::read_to_string(&path) else { return Ok(Map::new()) };
    let mut lock: Value = serde_json::from_str(&text)
        .map_err(|error| format!("{} is no JSON: {error}", path.display()))?;
    Ok(lock
        .get_mut("packages")
        .and_then(Value::as_object_mut)
        .map(std::mem::take)
        .unwrap_or_default())
}

/// Leaves out installed modules that the lock file has lost: what `npm prune` would remove, which
/// nobody runs here.
fn prune(files: &mut BTreeMap<PathBuf, Vec<u8>>, lock: &Map<String, Value>) {
    if lock.is_empty() {
        return;
    }
    files.retain(|path, _| {
        let path = path.to_string_lossy().replace('\\', "/");
        let Some((before, inside)) = path.rsplit_once("node_modules/") else { return true };
        let parts = if inside.starts_with('@') { 2 } else { 1 };
        let name: Vec<&str> = inside.split('/').take(parts).collect();
        inside.starts_with('.')
            || lock.contains_key(&format!("{before}node_modules/{}", name.join("/")))
    });
}

/// Where npm hasn't run, each dependency of the lock file is stood for by its package.json: nothing
/// in the practice account asks more of an installed dependency.
fn placeholders(lock: &Map<String, Value>) -> BTreeMap<PathBuf, Vec<u8>> {
    const SAME: [&str; 4] = ["version", "dependencies", "optionalDependencies", "peerDependencies"];
    lock.iter()
        .filter(|(place, entry)| place.starts_with("node_modules/") && entry["dev"] != true)
        .map(|(place, entry)| {
            let name = place.rsplit("node_modules/").next().unwrap_or(place);
            let mut description = json!({ "name": name });
            for member in SAME {
                if let Some(value) = entry.get(member) {
                    description[member] = value.clone();
                }
            }
            (Path::new(place).join("package.json"), description.to_string().into_bytes())
        })
        .collect()
}

/// The same files always give the same bytes: in order, with one fixed time.
fn archive(files: &BTreeMap<PathBuf, Vec<u8>>) -> Result<Vec<u8>, Box<dyn std::error::Error>> {
    let mut archive = ZipWriter::new(Cursor::new(Vec::new()));
    let options = SimpleFileOptions::default()
        .last_modified_time(zip::DateTime::default())
        .unix_permissions(0o644);
    for (path, contents) in files {
        archive.start_file(path.to_string_lossy().replace('\\', "/"), options)?;
        archive.write_all(contents)?;
    }
    Ok(archive.finish()?.into_inner())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(bytes: &[u8]) -> Vec<String> {
        let archive = zip::ZipArchive::new(Cursor::new(bytes)).unwrap();
        archive.file_names().map(|name| name.unwrap().into_owned()).collect()
    }

    #[test]
    fn a_directory_is_packed_with_its_locked_dependencies() {
        let dir = tempfile::tempdir().unwrap();
        std::fs::create_dir(dir.path().join("lib")).unwrap();
        std::fs::write(dir.path().join("lib/db.mjs"), "1").unwrap();
        let lock = r#"{"packages": {"": {}, "node_modules/mysql2": {"version": "3.0.0"},
            "node_modules/a/node_modules/@x/b": {"version": "1.0.0"},
            "node_modules/eslint": {"version": "9.0.0", "dev": true}}}"#;
        std::fs::write(dir.path().join("package-lock.json"), lock).unwrap();
        let first = pack(dir.path()).unwrap();
        assert_eq!(
            names(&first.bytes),
            [
                "lib/db.mjs",
                "node_modules/a/node_modules/@x/b/package.json",
                "node_modules/mysql2/package.json",
                "package-lock.json"
            ]
        );
        assert_eq!(first.key, pack(dir.path()).unwrap().key);
        std::fs::write(dir.path().join("lib/db.mjs"), "2").unwrap();
        assert_ne!(first.key, pack(dir.path()).unwrap().key);
    }

    #[test]
    fn what_npm_installed_is_taken_as_it_is() {
        let dir = tempfile::tempdir().unwrap();
        let lock = r#"{"packages": {"node_modules/mysql2": {"version": "3.0.0"}}}"#;
        std::fs::write(dir.path().join("package-lock.json"), lock).unwrap();
        std::fs::create_dir(dir.path().join("node_modules")).unwrap();
        assert_eq!(names(&pack(dir.path()).unwrap().bytes), ["package-lock.json"]);
    }

    #[test]
    fn what_the_lock_file_has_lost_is_left_out() {
        let dir = tempfile::tempdir().unwrap();
        let lock = r#"{"packages": {"node_modules/mysql2": {"version": "3.0.0"}}}"#;
        std::fs::write(dir.path().join("package-lock.json"), lock).unwrap();
        for module in ["mysql2", "minimatch", "@a/b"] {
            let module = dir.path().join("node_modules").join(module);
            std::fs::create_dir_all(&module).unwrap();
            std::fs::write(module.join("package.json"), "{}").unwrap();
        }
        let kept = ["node_modules/mysql2/package.json", "package-lock.json"];
        assert_eq!(names(&pack(dir.path()).unwrap().bytes), kept);
    }

    #[test]
    fn only_local_code_is_packed() {
        let template = json!({ "Resources": {
            "A": { "Type": "AWS::Serverless::Function", "Properties": { "CodeUri": "api" } },
            "B": { "Type": "AWS::Serverless::Function", "Properties": { "CodeUri": "s3://b/k" } },
            "C": { "Type": "AWS::Lambda::Function", "Properties": { "Code": { "ZipFile": "x" } } },
        }});
        let places = local_code(&template);
        assert_eq!(places, [("/Resources/A/Properties/CodeUri".to_owned(), "api".to_owned())]);
    }
}
