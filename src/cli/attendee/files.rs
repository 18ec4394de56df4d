//! Changes to files of the learner's app, and the way back.
//!
//! What was there before a change is kept in `STEPPROOF_HOME/undo`, one file a change, so that it
//! can be taken back after a restart too.

use std::path::{Path, PathBuf};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

use crate::cli::whole;
use crate::tui::{EditKind, EditPlan, Refusal};

/// Changes that can be taken back.
const KEPT: usize = 50;

/// What was there before a change.
#[derive(Debug, Serialize, Deserialize)]
struct Record {
    step: String,
    file: String,
    path: PathBuf,
    /// Base64; none where there was no file.
    before: Option<String>,
    /// SHA-256 of what the change made of it, hexadecimal.
    after: Option<String>,
}

/// Where a file of the app is: in the app, whatever links say.
pub(super) fn place(app: &Path, file: &str) -> Result<PathBuf, Refusal> {
    let gone = || Refusal::NoDirectory(app.to_owned());
    let root = app.canonicalize().map_err(|_| gone())?;
    let path = root.join(file);
    // The part that exists; the rest is made of plain names.
    let mut known = path.as_path();
    while known.symlink_metadata().is_err() {
        known = known.parent().ok_or_else(gone)?;
    }
    let outside = || Refusal::Outside(path.clone());
    let real = known.canonicalize().map_err(|_| outside())?;
    if !real.starts_with(&root) {
        return Err(outside());
    }
    let rest = path.strip_prefix(known).map_err(|_| outside())?;
    Ok(if rest.as_os_str().is_empty() { real } else { real.join(rest) })
}

/// A file's bytes; none where there is no such file.
pub(super) fn read(path: &Path) -> Result<Option<Vec<u8>>, Refusal> {
    match std::fs::read(path) {
        Ok(bytes) => Ok(Some(bytes)),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(Refusal::CannotRead(path.to_owned(), error.to_string())),
    }
}

/// Changes a file as shown, if it still is what was shown.
pub(super) fn edit(home: &Path, plan: &EditPlan) -> Result<(), Refusal> {
    let path = &plan.path;
    if read(path)? != plan.before {
        return Err(Refusal::Changed(path.clone()));
    }
    let failed = |error: std::io::Error| Refusal::CannotWrite(path.clone(), error.to_string());
    if path.metadata().is_ok_and(|metadata| metadata.permissions().readonly()) {
        return Err(failed(std::io::ErrorKind::PermissionDenied.into()));
    }
    // Record the change: killed in between, what was there is still known.
    let kept = match plan.kind {
        EditKind::Undo => None,
        EditKind::Change | EditKind::Write => Some(keep(home, plan).map_err(failed)?),
    };
    let done = match &plan.after {
        Some(bytes) => {
            let parent = path.parent().unwrap_or(path);
            std::fs::create_dir_all(parent).and_then(|()| whole::write(path, bytes))
        }
        None => std::fs::remove_file(path),
    };
    match (&done, plan.kind) {
        (Ok(()), EditKind::Undo) => forget(home, plan),
        (Err(_), _) => drop(kept.map(std::fs::remove_file)),
        (Ok(()), _) => {}
    }
    done.map_err(failed)
}

/// What taking a change back would do: the newest one of a file, or of any file of the app.
pub(super) fn undo(home: &Path, app: &Path, file: Option<&str>) -> Result<EditPlan, Refusal> {
    let root = app.canonicalize().map_err(|_| Refusal::NothingToUndo)?;
    let mut changes = kept(home);
    changes.retain(|(_, change)| change.path.starts_with(&root));
    let mut stale = None;
    while !changes.is_empty() {
        let own = changes.iter().rposition(|(_, change)| Some(change.file.as_str()) == file);
        let (at, change) = changes.remove(own.unwrap_or(changes.len() - 1));
        let now = read(&change.path)?;
        let before = change.before.as_ref().map(|text| STANDARD.decode(text)).transpose();
        let Ok(before) = before else { continue };
        if hash(now.as_deref()) == change.after {
            return Ok(EditPlan::undo((change.step, change.file, change.path), now, before));
        }
        // Killed before the change was made, or taken back by other means: nothing is left to do.
        if now == before {
            let _ = std::fs::remove_file(at);
            continue;
        }
        stale = Some(change.path);
        break;
    }
    Err(stale.map_or(Refusal::NothingToUndo, Refusal::ChangedSince))
}

fn directory(home: &Path) -> PathBuf {
    home.join("undo")
}

/// Keeps what is there before a change.
fn keep(home: &Path, plan: &EditPlan) -> std::io::Result<PathBuf> {
    let directory = directory(home);
    let mut builder = std::fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(&directory)?;
    let change = Record {
        step: plan.step.clone(),
        file: plan.file.clone(),
        path: plan.path.clone(),
        before: plan.before.as_ref().map(|bytes| STANDARD.encode(bytes)),
        after: hash(plan.after.as_deref()),
    };
    let names = names(&directory);
    for old in names.iter().rev().skip(KEPT - 1) {
        let _ = std::fs::remove_file(directory.join(format!("{old}.json")));
    }
    // Numbers, not times: a clock may jump.
    let number = names.last().map_or(1, |last| last + 1);
    let path = directory.join(format!("{number}.json"));
    whole::write(&path, &serde_json::to_vec(&change)?)?;
    Ok(path)
}

/// Forgets the change that was taken back.
fn forget(home: &Path, undone: &EditPlan) {
    let after = hash(undone.before.as_deref());
    let own = |change: &Record| change.path == undone.path && change.after == after;
    if let Some((at, _)) = kept(home).into_iter().rfind(|(_, change)| own(change)) {
        let _ = std::fs::remove_file(at);
    }
}

/// The changes that can be taken back, oldest first. One that can't be read is left out.
fn kept(home: &Path) -> Vec<(PathBuf, Record)> {
    let directory = directory(home);
    let records = names(&directory).into_iter().filter_map(|number| {
        let path = directory.join(format!("{number}.json"));
        let change = serde_json::from_slice(&std::fs::read(&path).ok()?).ok()?;
        Some((path, change))
    });
    records.collect()
}

/// The numbers of the records, sorted.
fn names(directory: &Path) -> Vec<u64> {
    let entries = std::fs::read_dir(directory).into_iter().flatten().flatten();
    let number =
        |entry: std::fs::DirEntry| entry.file_name().to_str()?.strip_suffix(".json")?.parse().ok();
    let mut names: Vec<u64> = entries.filter_map(number).collect();
    names.sort_unstable();
    names
}

fn hash(bytes: Option<&[u8]>) -> Option<String> {
    use std::fmt::Write as _;
    let digest = Sha256::digest(bytes?);
    Some(digest.iter().fold(String::new(), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    }))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tui::Fit;

    const DIFF: &str = "--- a\n+++ b\n@@ -1,2 +1,3 @@\n one\n+and a half\n two\n";

    struct Desk {
        home: tempfile::TempDir,
        app: tempfile::TempDir,
    }

    impl Desk {
        fn new() -> Self {
            let desk =
                Self { home: tempfile::tempdir().unwrap(), app: tempfile::tempdir().unwrap() };
            desk.write("template.yaml", b"one\r\ntwo\r\n");
            desk
        }

        fn path(&self, file: &str) -> PathBuf {
            self.app.path().join(file)
        }

        fn write(&self, file: &str, bytes: &[u8]) {
            std::fs::write(self.path(file), bytes).unwrap();
        }

        fn bytes(&self, file: &str) -> Vec<u8> {
            std::fs::read(self.path(file)).unwrap()
        }

        fn plan(&self) -> EditPlan {
            let path = place(self.app.path(), "template.yaml").unwrap();
            let before = read(&path).unwrap().unwrap();
            EditPlan::change(("1a".into(), "template.yaml".into(), path), before, DIFF).unwrap()
        }

        fn edit(&self, plan: &EditPlan) -> Result<(), Refusal> {
            edit(self.home.path(), plan)
        }

        fn undo(&self) -> Result<EditPlan, Refusal> {
            undo(self.home.path(), self.app.path(), None)
        }
    }

    #[test]
    fn a_change_is_taken_back_byte_for_byte() {
        let desk = Desk::new();
        desk.edit(&desk.plan()).unwrap();
        assert_eq!(desk.bytes("template.yaml"), b"one\r\nand a half\r\ntwo\r\n");
        assert_eq!(desk.plan().fit, Fit::There);
        let back = desk.undo().unwrap();
        desk.edit(&back).unwrap();
        assert_eq!(desk.bytes("template.yaml"), b"one\r\ntwo\r\n");
        assert_eq!(desk.undo(), Err(Refusal::NothingToUndo));
    }

    #[test]
    fn changes_are_taken_back_from_the_last_one_on() {
        let desk = Desk::new();
        let path = place(desk.app.path(), "new/order.json").unwrap();
        let wrote = EditPlan::write(("1f".into(), "new/order.json".into(), path), None, "{}\n");
        desk.edit(&desk.plan()).unwrap();
        desk.edit(&wrote.unwrap()).unwrap();
        assert_eq!(desk.bytes("new/order.json"), b"{}\n");
        let own = undo(desk.home.path(), desk.app.path(), Some("template.yaml")).unwrap();
        assert_eq!(own.file, "template.yaml", "the file that is asked for goes first");
        desk.edit(&desk.undo().unwrap()).unwrap();
        assert!(!desk.path("new/order.json").exists());
        desk.edit(&desk.undo().unwrap()).unwrap();
        assert_eq!(desk.bytes("template.yaml"), b"one\r\ntwo\r\n");
    }

    #[test]
    fn what_was_changed_since_is_left_alone() {
        let desk = Desk::new();
        let plan = desk.plan();
        desk.write("template.yaml", b"one\r\n\r\ntwo\r\n");
        assert!(matches!(desk.edit(&plan), Err(Refusal::Changed(_))));
        desk.write("template.yaml", b"one\r\ntwo\r\n");
        desk.edit(&desk.plan()).unwrap();
        desk.write("template.yaml", b"mine\n");
        assert!(matches!(desk.undo(), Err(Refusal::ChangedSince(_))));
        assert_eq!(desk.bytes("template.yaml"), b"mine\n");
    }

    #[test]
    fn only_so_many_changes_are_kept() {
        let desk = Desk::new();
        for _ in 0..KEPT + 3 {
            desk.edit(&desk.plan()).unwrap();
            desk.write("template.yaml", b"one\r\ntwo\r\n");
        }
        assert_eq!(kept(desk.home.path()).len(), KEPT);
    }

    #[cfg(unix)]
    #[test]
    fn a_link_out_of_the_app_is_not_followed() {
        let desk = Desk::new();
        let other = tempfile::tempdir().unwrap();
        std::fs::write(other.path().join("mine"), "mine").unwrap();
        std::os::unix::fs::symlink(other.path(), desk.path("out")).unwrap();
        std::os::unix::fs::symlink(other.path().join("none"), desk.path("dangling")).unwrap();
        for file in ["out/mine", "out/new", "dangling"] {
            assert!(matches!(place(desk.app.path(), file), Err(Refusal::Outside(_))), "{file}");
        }
        std::fs::create_dir(desk.path("api")).unwrap();
        std::os::unix::fs::symlink(desk.path("api"), desk.path("in")).unwrap();
        assert!(place(desk.app.path(), "in/new.js").is_ok());
        assert!(matches!(place(&desk.path("gone"), "x"), Err(Refusal::NoDirectory(_))));
    }

    #[cfg(unix)]
    #[test]
    fn a_file_that_is_read_only_stays_as_it_is() {
        use std::os::unix::fs::PermissionsExt as _;
        let desk = Desk::new();
        let mode = std::fs::Permissions::from_mode(0o444);
        std::fs::set_permissions(desk.path("template.yaml"), mode).unwrap();
        assert!(matches!(desk.edit(&desk.plan()), Err(Refusal::CannotWrite(..))));
        assert_eq!(desk.undo(), Err(Refusal::NothingToUndo));
    }
}
