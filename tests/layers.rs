//! The arrows between the layers point one way, and views do no I/O. Read from the sources, because
//! the compiler doesn't forbid a module of one crate to name another.
#![expect(clippy::unwrap_used, reason = "a test says what broke by panicking")]

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

/// Which other layers each layer may name.
const ARROWS: &[(&str, &[&str])] = &[
    ("account", &["course"]),
    ("check", &["account", "course"]),
    ("course", &[]),
    ("i18n", &["course"]),
    // The dashboard is made of the parts of the attendee's interface.
    (
        "instructor",
        &["account", "check", "course", "i18n", "markdown", "progress", "report", "tui"],
    ),
    ("markdown", &["course", "i18n"]),
    ("practice", &["course"]),
    ("progress", &["account", "check", "course", "markdown"]),
    ("report", &["check", "course", "i18n", "progress"]),
    ("tui", &["account", "check", "course", "i18n", "markdown", "progress", "report"]),
];

/// What a view or a pure function must not name.
const IO: &[&str] = &[
    "aws_",
    "Instant::now",
    "reqwest",
    "rusqlite",
    "std::env::var",
    "std::fs",
    "std::io::stdout",
    "std::net",
    "std::process",
    "std::thread",
    "Timestamp::now",
    "tokio",
];

#[test]
fn layers_name_only_the_layers_below_them() {
    let mut wrong = Vec::new();
    for (layer, may) in ARROWS {
        for file in sources(layer) {
            for named in layers_named(&code(&file)) {
                if named != *layer && !may.contains(&named.as_str()) {
                    wrong.push(format!("{} names crate::{named}", file.display()));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "arrows against the grain:\n{}", wrong.join("\n"));
}

#[test]
fn every_layer_has_its_arrows_here() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let layers: BTreeSet<String> = std::fs::read_dir(root)
        .unwrap()
        .map(|entry| entry.unwrap())
        .filter(|entry| entry.path().is_dir())
        .map(|entry| entry.file_name().into_string().unwrap())
        .filter(|name| name != "cli")
        .collect();
    let known: BTreeSet<String> = ARROWS.iter().map(|(layer, _)| (*layer).to_owned()).collect();
    assert_eq!(layers, known);
}

#[test]
fn checks_know_no_service() {
    for file in sources("check") {
        let code = code(&file);
        for name in ["aws_sdk_", "aws_config", "aws_smithy", "reqwest"] {
            assert!(!code.contains(name), "{} names {name}", file.display());
        }
    }
}

#[test]
fn views_and_updates_do_no_io() {
    let views = |file: &PathBuf| {
        let path = file.to_string_lossy().replace('\\', "/");
        // The loop behind `--plain` reads and writes; what it shows doesn't.
        let plain = path.contains("/tui/plain/") && !path.ends_with("/run.rs");
        let pure = ["/tui/view", "/tui/update", "/dashboard/view", "/dashboard/update"];
        let view = pure.iter().any(|part| path.contains(part));
        path.contains("/markdown/") || view || plain
    };
    let layers = ["markdown", "tui", "instructor"].into_iter().flat_map(sources);
    for file in layers.filter(views) {
        let code = code(&file);
        for name in IO {
            assert!(!code.contains(name), "{} names {name}", file.display());
        }
    }
}

/// Rust files of a layer, at any depth.
fn sources(layer: &str) -> Vec<PathBuf> {
    let mut folders = vec![Path::new(env!("CARGO_MANIFEST_DIR")).join("src").join(layer)];
    let mut files = Vec::new();
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(&folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                files.push(path);
            }
        }
    }
    assert!(!files.is_empty(), "no sources of {layer}");
    files
}

/// A file without comments and without its unit tests, which stand last and may name anything.
fn code(file: &Path) -> String {
    let text = std::fs::read_to_string(file).unwrap();
    let shipped = text.split("#[cfg(test)]\nmod ").next().unwrap_or_default();
    shipped.lines().map(|line| line.split("//").next().unwrap_or_default()).fold(
        String::new(),
        |mut code, line| {
            code.push_str(line);
            code.push('\n');
            code
        },
    )
}

/// The layers in `crate::a::…` and `crate::{a::…, b}`.
fn layers_named(code: &str) -> BTreeSet<String> {
    let mut named = BTreeSet::new();
    for rest in code.split("crate::").skip(1) {
        if let Some(group) = rest.strip_prefix('{') {
            named.extend(group_heads(group));
        } else {
            named.insert(head(rest));
        }
    }
    named.retain(|name| ARROWS.iter().any(|(layer, _)| layer == name) || name == "cli");
    named
}

/// The first name of each path in a brace group, nested groups skipped.
fn group_heads(group: &str) -> Vec<String> {
    let mut heads = Vec::new();
    let (mut depth, mut fresh) = (0, true);
    for (at, letter) in group.char_indices() {
        match letter {
            '{' => depth += 1,
            '}' if depth == 0 => break,
            '}' => depth -= 1,
            ',' if depth == 0 => fresh = true,
            letter if fresh && depth == 0 && !letter.is_whitespace() => {
                heads.push(head(&group[at..]));
                fresh = false;
            }
            _ => {}
        }
    }
    heads
}

fn head(path: &str) -> String {
    path.chars().take_while(|letter| letter.is_alphanumeric() || *letter == '_').collect()
}

#[test]
fn names_are_found_in_every_form() {
    let code = "use crate::check::{Verdict, x};\nuse crate::{course::{a, b}, practice};\nlet y = crate::account::read();";
    let named: Vec<String> = layers_named(code).into_iter().collect();
    assert_eq!(named, ["account", "check", "course", "practice"]);
}
