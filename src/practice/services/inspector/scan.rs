//! What a scan of a function package sees: installed modules, and code that gives itself away.

use std::io::{Cursor, Read};

use serde_json::Value;

/// The largest file that is scanned.
const LARGEST: u64 = 1_000_000;

/// An installed module.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Module {
    /// Its package.json in the package.
    pub(super) path: String,
    pub(super) name: String,
    pub(super) version: String,
}

/// Code that a detector recognises.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Flaw {
    pub(super) file: String,
    /// From 1.
    pub(super) line: usize,
    pub(super) detector: &'static Detector,
}

/// A kind of flaw.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Detector {
    pub(super) id: &'static str,
    pub(super) name: &'static str,
    pub(super) cwe: &'static str,
    pub(super) severity: &'static str,
    pub(super) description: &'static str,
}

static CREDENTIALS: Detector = Detector {
    id: "javascript/hardcoded-credentials@v1.0",
    name: "Hardcoded credentials",
    cwe: "CWE-798",
    severity: "CRITICAL",
    description: "A password stands in the code. Whoever reads the code can use it.",
};

static INJECTION: Detector = Detector {
    id: "javascript/sql-injection@v1.0",
    name: "SQL injection",
    cwe: "CWE-89",
    severity: "HIGH",
    description: "SQL is put together from values. A value may bring SQL of its own.",
};

/// What a package's scan finds. A file that can't be read is left out.
pub(super) fn scan(package: &[u8]) -> (Vec<Module>, Vec<Flaw>) {
    let (mut modules, mut flaws) = (Vec::new(), Vec::new());
    let Ok(mut archive) = zip::ZipArchive::new(Cursor::new(package)) else {
        return (modules, flaws);
    };
    for index in 0..archive.len() {
        let Ok(file) = archive.by_index(index) else { continue };
        let Ok(path) = file.name().map(|name| name.trim_start_matches("./").to_owned()) else {
            continue;
        };
        let installed = path.contains("node_modules/");
        let source = [".js", ".mjs", ".cjs"].iter().any(|ending| path.ends_with(ending));
        if (installed && !path.ends_with("/package.json")) || (!installed && !source) {
            continue;
        }
        let mut text = String::new();
        if file.take(LARGEST).read_to_string(&mut text).is_err() {
            continue;
        }
        if installed {
            modules.extend(module(path, &text));
        } else {
            flaws.extend(flawed(&path, &text));
        }
    }
    modules.sort_by(|one, other| one.path.cmp(&other.path));
    flaws.sort_by(|one, other| (&one.file, one.line).cmp(&(&other.file, other.line)));
    (modules, flaws)
}

fn module(path: String, manifest: &str) -> Option<Module> {
    let (_, inside) = path.rsplit_once("node_modules/")?;
    let name = inside.strip_suffix("/package.json")?.to_owned();
    let manifest: Value = serde_json::from_str(manifest).ok()?;
    let version = manifest["version"].as_str()?.to_owned();
    Some(Module { path, name, version })
}

fn flawed(file: &str, source: &str) -> Vec<Flaw> {
    let flaw = |line: usize, detector| Flaw { file: file.to_owned(), line: line + 1, detector };
    let mut found = Vec::new();
    for (at, line) in source.lines().enumerate() {
        let code = line.trim_start();
        if code.starts_with("//") || code.starts_with('*') {
            continue;
        }
        if password(code) {
            found.push(flaw(at, &CREDENTIALS));
        }
    }
    found.extend(statements(source).into_iter().map(|at| flaw(at, &INJECTION)));
    found
}

/// `password: "…"` with a text, not a name.
fn password(line: &str) -> bool {
    let Some((_, rest)) = line.split_once("password") else { return false };
    let rest = rest.trim_start_matches(['"', '\'']).trim_start();
    let Some(rest) = rest.strip_prefix([':', '=']) else { return false };
    let mut letters = rest.trim_start().chars();
    let quote = letters.next();
    matches!(quote, Some('"' | '\'')) && letters.next().is_some_and(|next| Some(next) != quote)
}

/// Lines where a template text begins that is SQL and takes values in.
fn statements(source: &str) -> Vec<usize> {
    let mut found = Vec::new();
    // Every second part stands between backticks.
    let mut line = 0;
    for (index, part) in source.split('`').enumerate() {
        let first = part.split_whitespace().next().unwrap_or("");
        let sql = ["SELECT", "INSERT", "UPDATE", "DELETE"].contains(&first);
        if index % 2 == 1 && sql && part.contains("${") {
            found.push(line);
        }
        line += part.matches('\n').count();
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn flaws_are_found_on_their_lines_and_sound_code_has_none() {
        let source = "const a = {\n  password: \"Corp123!\",\n};\nquery(\n  `INSERT INTO t\n   VALUES (${x})`,\n);\nquery(`DELETE FROM t`);\n";
        let found: Vec<(usize, &str)> =
            flawed("a.js", source).iter().map(|flaw| (flaw.line, flaw.detector.cwe)).collect();
        assert_eq!(found, [(2, "CWE-798"), (5, "CWE-89")]);
        let sound = "// password: \"old\"\nconst a = { password: secret.password, user: \"\" };\nquery(\"SELECT 1\", [x]);\nlog(`hello ${x}`);\n";
        assert_eq!(flawed("a.js", sound), []);
    }

    #[test]
    fn modules_are_found_at_every_depth() {
        let path = "node_modules/a/node_modules/@b/c/package.json".to_owned();
        let found = module(path, r#"{"version":"1.0.0"}"#).expect("a module");
        assert_eq!((found.name.as_str(), found.version.as_str()), ("@b/c", "1.0.0"));
    }
}
