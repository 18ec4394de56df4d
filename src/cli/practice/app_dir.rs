//! The practice copies of the app: one for each course and practice account.

use std::path::PathBuf;

use crate::cli::Context;
use crate::course::Course;

/// The practice copy of the course's app. That of the course in the program has the short name.
pub(in crate::cli) fn app_dir(context: &Context, account: &str, course: &Course) -> PathBuf {
    let short = short_name(account);
    let name = match context.global.course {
        None => short,
        Some(_) => format!("{short}-{}", plain(&course.index.id)),
    };
    context.home.join(name)
}

/// The copies that are there for an account, whatever their courses.
pub(super) fn app_dirs(context: &Context, account: &str) -> Vec<PathBuf> {
    let short = short_name(account);
    let is_copy = |name: &str| {
        name.strip_prefix(&short).is_some_and(|rest| rest.is_empty() || rest.starts_with('-'))
    };
    let entries = std::fs::read_dir(&context.home).into_iter().flatten().flatten();
    let mut dirs: Vec<PathBuf> = entries
        .filter(|entry| entry.file_name().to_str().is_some_and(is_copy))
        .map(|entry| entry.path())
        .filter(|path| path.is_dir())
        .collect();
    dirs.sort();
    dirs
}

fn short_name(account: &str) -> String {
    format!("practice-app-{account}")
}

/// An id that wasn't linted must not lead out of the data directory.
fn plain(id: &str) -> String {
    id.chars().map(|c| if c.is_ascii_alphanumeric() || c == '-' { c } else { '_' }).collect()
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;
    use crate::cli::Global;

    fn context(home: &Path, course: Option<&str>) -> Context {
        let global = Global { course: course.map(PathBuf::from), ..Global::default() };
        Context { global, home: home.to_owned(), lang: "en".to_owned() }
    }

    #[test]
    fn each_course_has_a_copy_of_its_own_and_reset_finds_them_all() {
        let home = tempfile::tempdir().unwrap();
        let mut course = Course::embedded().unwrap();
        let own = app_dir(&context(home.path(), None), "000000000000", &course);
        course.index.id = "../../etc".to_owned();
        let other = app_dir(&context(home.path(), Some("library")), "000000000000", &course);
        assert_eq!(other.parent(), Some(home.path()), "{}", other.display());
        for dir in [&own, &other, &home.path().join("practice-app-0000000000001")] {
            std::fs::create_dir(dir).unwrap();
        }
        assert_eq!(app_dirs(&context(home.path(), None), "000000000000"), [own, other]);
    }
}
