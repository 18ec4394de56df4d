//! The learner's copy of the app: where a flag says, else this directory, else what was written
//! from here, else the practice account's own copy.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use super::Open;
use crate::check::AccountKind;
use crate::cli::practice::app_dir::app_dir;
use crate::cli::{Context, app, whole};
use crate::course::Course;

/// The file that tells a copy of the app from any other directory.
fn marker(course: &Course) -> Option<String> {
    let files = course.files.under(app::APP).map(|(path, _)| path);
    let names: Vec<&str> = files.filter(|path| !path.contains('/')).collect();
    let template = names.iter().find(|name| **name == "template.yaml");
    template.or(names.first()).map(|name| (*name).to_owned())
}

/// The copy of the app, where one is known.
pub(super) fn find(
    context: &Context,
    flag: Option<&Path>,
    course: &Course,
    open: Option<&Open>,
) -> Option<PathBuf> {
    if let Some(flag) = flag {
        return Some(std::path::absolute(flag).unwrap_or_else(|_| flag.to_owned()));
    }
    let here = std::env::current_dir().ok();
    let Some(marker) = marker(course) else { return here };
    let is_copy = |dir: &PathBuf| dir.join(&marker).is_file();
    let practice = open
        .filter(|open| open.session.kind() == AccountKind::Practice)
        .map(|open| app_dir(context, &open.account, course));
    let written = open.and_then(|open| remembered(context).remove(&key(open, course)));
    let offered = offer(course);
    [here, written, practice, offered].into_iter().flatten().find(is_copy)
}

/// Where a copy of the app would be written.
pub(super) fn offer(course: &Course) -> Option<PathBuf> {
    Some(std::env::current_dir().ok()?.join(&course.index.id))
}

/// Remembers where the copy for an account was written. Where that isn't possible, a later start
/// from another directory asks again.
pub(super) fn remember(context: &Context, open: &Open, course: &Course, dir: &Path) {
    let mut copies = remembered(context);
    copies.insert(key(open, course), dir.to_owned());
    if let Ok(text) = serde_json::to_vec(&copies)
        && context.make_home().is_ok()
    {
        let _ = whole::write(&path(context), &text);
    }
}

/// `STEPPROOF_HOME/apps.json`: the copies by account and course.
fn path(context: &Context) -> PathBuf {
    context.home.join("apps.json")
}

fn remembered(context: &Context) -> BTreeMap<String, PathBuf> {
    let bytes = std::fs::read(path(context)).unwrap_or_default();
    serde_json::from_slice(&bytes).unwrap_or_default()
}

fn key(open: &Open, course: &Course) -> String {
    let kind = match open.session.kind() {
        AccountKind::Practice => "practice",
        AccountKind::Aws => "aws",
    };
    format!("{kind} {} {}", open.account, course.index.id)
}
