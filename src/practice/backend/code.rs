//! What a function's package tells: whether Node.js could load its handler, and which of the
//! starter app's functions it is.

use std::collections::{BTreeMap, BTreeSet};
use std::io::{Cursor, Read};

use serde_json::{Value, json};

/// Largest source file that is read.
const LARGEST_SOURCE: u64 = 1_000_000;

/// A package's own files as text, and the dependencies that are installed in it.
#[derive(Debug, Default)]
pub(super) struct Package {
    pub(super) files: BTreeMap<String, String>,
    /// What each file imports.
    imports: BTreeMap<String, Vec<String>>,
    installed: BTreeSet<String>,
}

/// Which of the starter app's functions a handler is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Behaviour {
    Parts,
    Customizations,
    Partners,
    Analytics,
    Authorizer,
    Database,
    /// Changes the database's password for Secrets Manager.
    Rotation,
    /// The authorizer of an API-linked policy store.
    PermissionAuthorizer,
}

/// A handler that can't be loaded: the runtime's error.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct LoadError {
    kind: &'static str,
    message: String,
}

impl LoadError {
    /// The error object that an invocation answers with.
    pub(super) fn payload(&self) -> Value {
        json!({"errorType": self.kind, "errorMessage": self.message, "trace": []})
    }
}

impl Package {
    /// Reads a zip archive. A file that can't be read counts as missing.
    pub(super) fn read(archive: &[u8]) -> Self {
        let mut package = Self::default();
        let Ok(mut archive) = zip::ZipArchive::new(Cursor::new(archive)) else { return package };
        for index in 0..archive.len() {
            let Ok(file) = archive.by_index(index) else { continue };
            let Ok(name) = file.name().map(|name| name.trim_start_matches("./").to_owned()) else {
                continue;
            };
            if let Some(dependency) = dependency(&name) {
                package.installed.insert(dependency);
                continue;
            }
            let text = [".js", ".mjs", ".cjs", ".json", ".sql", ".pem", ".crt", ".cer"]
                .iter()
                .any(|ending| name.ends_with(ending));
            if name.starts_with("node_modules/") || !text {
                continue;
            }
            let mut content = String::new();
            if file.take(LARGEST_SOURCE).read_to_string(&mut content).is_ok() {
                package.add(name, content);
            }
        }
        package
    }

    fn add(&mut self, name: String, content: String) {
        self.imports.insert(name.clone(), imported(&content));
        self.files.insert(name, content);
    }

    /// Adds the dependencies that a layer brings: `nodejs/node_modules/…`, also of one release
    /// (`nodejs/node22/node_modules/…`).
    pub(super) fn add_layer(&mut self, archive: &[u8]) {
        let Ok(archive) = zip::ZipArchive::new(Cursor::new(archive)) else { return };
        for name in archive.file_names() {
            let Some(rest) = name.as_deref().ok().and_then(|name| name.strip_prefix("nodejs/"))
            else {
                continue;
            };
            let rest = match rest.split_once('/') {
                Some((release, rest)) if release != "node_modules" => rest,
                _ => rest,
            };
            self.installed.extend(dependency(rest));
        }
    }

    /// A package of files, for tests.
    #[cfg(test)]
    pub(super) fn of(files: &[(&str, &str)], installed: &[&str]) -> Self {
        let installed = installed.iter().map(|name| (*name).to_owned()).collect();
        let mut package = Self { installed, ..Self::default() };
        for (name, text) in files {
            package.add((*name).to_owned(), (*text).to_owned());
        }
        package
    }

    /// The first file with that ending.
    pub(super) fn ending(&self, ending: &str) -> Option<&str> {
        self.files.iter().find(|(name, _)| name.ends_with(ending)).map(|(_, text)| text.as_str())
    }

    /// Whether any own source holds the text.
    pub(super) fn mentions(&self, text: &str) -> bool {
        self.files.values().any(|file| file.contains(text))
    }

    /// Loads a handler as the Node.js runtime does: its module, the modules that it imports, and
    /// the exported function.
    pub(super) fn load(&self, handler: &str) -> Result<Option<Behaviour>, LoadError> {
        let (module, function) = handler.rsplit_once('.').unwrap_or((handler, ""));
        let file = [".js", ".mjs", ".cjs"]
            .iter()
            .map(|ending| format!("{module}{ending}"))
            .find(|name| self.files.contains_key(name))
            .ok_or_else(|| LoadError {
                kind: "Runtime.ImportModuleError",
                message: format!("Error: Cannot find module '{module}'"),
            })?;
        let mut seen = BTreeSet::new();
        self.follow(&file, &mut seen)?;
        let source = &self.files[&file];
        let exported = !function.is_empty()
            && source.contains(function)
            && (source.contains("export") || source.contains("exports."));
        if !exported {
            return Err(LoadError {
                kind: "Runtime.HandlerNotFound",
                message: format!("{handler} is undefined or not exported"),
            });
        }
        Ok(self.behaviour(module, source))
    }

    /// Checks that everything that a file imports is there, and what those import in turn.
    fn follow(&self, file: &str, seen: &mut BTreeSet<String>) -> Result<(), LoadError> {
        if !seen.insert(file.to_owned()) {
            return Ok(());
        }
        for wanted in self.imports.get(file).into_iter().flatten() {
            if wanted.starts_with('.') {
                let path = join(file, wanted);
                let found = [path.clone(), format!("{path}.js"), format!("{path}.json")]
                    .into_iter()
                    .find(|name| self.files.contains_key(name));
                match found {
                    Some(name) => self.follow(&name, seen)?,
                    None => return Err(missing(&format!("module '/var/task/{path}'"), file)),
                }
            } else if !is_built_in(wanted) && !self.installed.contains(package_of(wanted)) {
                return Err(missing(&format!("package '{}'", package_of(wanted)), file));
            }
        }
        Ok(())
    }

    /// Sources of the handler's module and of what it imports.
    pub(super) fn reached(&self, handler: &str) -> Vec<&str> {
        let module = handler.rsplit_once('.').map_or(handler, |(module, _)| module);
        let start = [".js", ".mjs", ".cjs"].map(|ending| format!("{module}{ending}"));
        let mut seen = BTreeSet::new();
        for file in start.iter().filter(|file| self.files.contains_key(*file)) {
            // What can't be loaded doesn't get this far.
            let _ = self.follow(file, &mut seen);
        }
        seen.iter().filter_map(|file| self.files.get(file)).map(String::as_str).collect()
    }

    fn behaviour(&self, module: &str, source: &str) -> Option<Behaviour> {
        let stem = module.rsplit('/').next().unwrap_or(module).to_ascii_lowercase();
        if speaks(source, "finishSecret") && speaks(source, "AWSPENDING") {
            Some(Behaviour::Rotation)
        } else if source.contains("sAuthorizedWithToken") {
            Some(Behaviour::PermissionAuthorizer)
        } else if source.contains("policyDocument") || source.contains("methodArn") {
            Some(Behaviour::Authorizer)
        } else if stem.contains("analytic") {
            Some(Behaviour::Analytics)
        } else if stem.contains("partner") {
            Some(Behaviour::Partners)
        } else if stem.contains("custom") {
            Some(Behaviour::Customizations)
        } else if stem.contains("part") {
            Some(Behaviour::Parts)
        } else if self.ending(".sql").is_some() {
            Some(Behaviour::Database)
        } else {
            None
        }
    }
}

fn missing(what: &str, file: &str) -> LoadError {
    LoadError {
        kind: "Runtime.ImportModuleError",
        message: format!("Error: Cannot find {what} imported from /var/task/{file}"),
    }
}

/// The dependency whose `package.json` a file is: `node_modules/@scope/name/package.json`.
fn dependency(path: &str) -> Option<String> {
    let name = path.strip_prefix("node_modules/")?.strip_suffix("/package.json")?;
    let parts = name.split('/').count();
    (parts == if name.starts_with('@') { 2 } else { 1 }).then(|| name.to_owned())
}

/// The package of a specifier: `@aws-sdk/lib-dynamodb`, `mysql2` of `mysql2/promise`.
pub(super) fn package_of(specifier: &str) -> &str {
    let slashes = usize::from(specifier.starts_with('@'));
    match specifier.match_indices('/').nth(slashes) {
        Some((at, _)) => &specifier[..at],
        None => specifier,
    }
}

/// What the runtime brings along: Node's own modules and the AWS SDK.
fn is_built_in(specifier: &str) -> bool {
    const NODE: [&str; 20] = [
        "assert",
        "buffer",
        "child_process",
        "crypto",
        "dns",
        "events",
        "fs",
        "http",
        "https",
        "module",
        "net",
        "os",
        "path",
        "process",
        "querystring",
        "stream",
        "tls",
        "url",
        "util",
        "zlib",
    ];
    specifier.starts_with("node:")
        || specifier.starts_with("@aws-sdk/")
        || specifier.starts_with("@smithy/")
        || NODE.contains(&package_of(specifier))
}

pub(super) fn is_comment(line: &str) -> bool {
    line.starts_with("//") || line.starts_with('*') || line.starts_with("/*")
}

/// Whether a line of the source that is no comment holds the text.
pub(super) fn speaks(source: &str, text: &str) -> bool {
    source.lines().map(str::trim_start).any(|line| !is_comment(line) && line.contains(text))
}

/// Specifiers of a module's imports: `import … from "x"`, `import "x"`, `require("x")`. Lines that
/// are comments don't count.
pub(super) fn imported(source: &str) -> Vec<String> {
    let mut all = Vec::new();
    for line in source.lines().map(str::trim_start) {
        if is_comment(line) {
            continue;
        }
        let statement = line.starts_with("import ") || line.starts_with("export ");
        let from = [" from ", "}from ", "import "]
            .iter()
            .find_map(|before| line.rfind(before).map(|at| &line[at + before.len()..]));
        let from = from.filter(|_| statement || line.starts_with('}'));
        let require = line.find("require(").map(|at| &line[at + "require(".len()..]);
        all.extend([from, require].into_iter().flatten().filter_map(quoted));
    }
    all
}

/// The text in quotes that begins here.
fn quoted(text: &str) -> Option<String> {
    let text = text.trim_start();
    let quote = text.chars().next().filter(|c| ['"', '\''].contains(c))?;
    let (inner, _) = text[1..].split_once(quote)?;
    Some(inner.to_owned())
}

/// A relative specifier's path from the package's root.
fn join(file: &str, specifier: &str) -> String {
    let mut parts: Vec<&str> = file.split('/').collect();
    parts.pop();
    for part in specifier.split('/') {
        match part {
            "." => {}
            ".." => {
                parts.pop();
            }
            part => parts.push(part),
        }
    }
    parts.join("/")
}

#[cfg(test)]
mod tests {
    use super::*;

    const PARTS: &str =
        "import { query } from \"./database.js\";\nexport async function handler(event) {}\n";
    const DATABASE: &str = "import mysql from \"mysql\";\n";

    #[test]
    fn a_handler_loads_when_all_it_imports_is_there() {
        let files = [("parts.js", PARTS), ("database.js", DATABASE)];
        let package = Package::of(&files, &["mysql"]);
        assert_eq!(package.load("parts.handler"), Ok(Some(Behaviour::Parts)));
        let error = Package::of(&files, &[]).load("parts.handler").expect_err("no mysql");
        assert_eq!(
            error.message,
            "Error: Cannot find package 'mysql' imported from /var/task/database.js"
        );
        let error =
            Package::of(&files[..1], &["mysql"]).load("parts.handler").expect_err("no file");
        assert!(error.message.contains("/var/task/database.js"), "{}", error.message);
        assert_eq!(
            package.load("other.handler").expect_err("no file").kind,
            "Runtime.ImportModuleError"
        );
        assert_eq!(
            package.load("parts.main").expect_err("no export").kind,
            "Runtime.HandlerNotFound"
        );
    }

    #[test]
    fn imports_are_found_in_both_module_systems_and_not_in_comments() {
        let source = "import a, {\n  b,\n} from 'a/deep';\nimport \"b\";\nconst c = require('c');\n// import d from 'd';\n * require('e')\n";
        assert_eq!(imported(source), ["a/deep", "b", "c"]);
        assert_eq!(package_of("@scope/name/deep"), "@scope/name");
    }
}
