//! Rebuilds the crate when a file of the embedded course appears, changes or goes.

use std::fs;
use std::path::Path;

/// Directories of the starter app's own development that are no part of the course.
const SKIPPED: [&str; 3] = ["node_modules", "tests", "test"];

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    for root in ["modules", "checks", "content"] {
        watch(Path::new(root));
    }
}

/// Names a directory to cargo, which looks at everything below it; or, where something below it
/// is no part of the course (`npm install` must not cost a rebuild), what else is in it.
fn watch(dir: &Path) {
    if !has_skipped(dir) {
        println!("cargo::rerun-if-changed={}", dir.display());
        return;
    }
    for entry in fs::read_dir(dir).into_iter().flatten().flatten() {
        let path = entry.path();
        if is_skipped(&path) {
            continue;
        }
        if path.is_dir() {
            watch(&path);
        } else {
            println!("cargo::rerun-if-changed={}", path.display());
        }
    }
}

fn has_skipped(dir: &Path) -> bool {
    fs::read_dir(dir).into_iter().flatten().flatten().any(|entry| {
        let path = entry.path();
        is_skipped(&path) || (path.is_dir() && has_skipped(&path))
    })
}

fn is_skipped(path: &Path) -> bool {
    path.file_name().is_some_and(|name| {
        let name = name.to_string_lossy();
        name.starts_with('.') || SKIPPED.contains(&name.as_ref())
    })
}
