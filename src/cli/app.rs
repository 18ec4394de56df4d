//! `stepproof app DIR`: writes the starter application.

use std::path::{Component, Path, PathBuf};

use super::{Context, Error, Exit, Outcome, output};
use crate::course::CourseFiles;

/// Where the application is in the course.
pub(super) const APP: &str = "content/app";

/// Arguments of `app`.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// The directory to write; must not exist, or be empty
    dir: PathBuf,
}

pub(super) fn run(args: &Args, context: &Context) -> Outcome {
    let files = match &context.global.course {
        Some(dir) => CourseFiles::load(dir).map_err(|error| Error::usage(error.to_string()))?,
        None => CourseFiles::embedded(),
    };
    let count = write_from(&files, &args.dir)?;
    output::words(&format!(
        "Wrote the starter application, {count} files, to {}.",
        output::printable(&args.dir.display().to_string())
    ));
    Ok(Exit::Proven)
}

/// Writes a course's application; how many files it has.
pub(super) fn write_from(files: &CourseFiles, dir: &Path) -> Result<usize, Error> {
    let app: Vec<(&Path, &[u8])> =
        files.under(APP).map(|(path, bytes)| (Path::new(path), bytes)).collect();
    if app.is_empty() {
        return Err(Error::usage("the course holds no starter application (content/app)"));
    }
    write(dir, &app)?;
    Ok(app.len())
}

/// Writes into a fresh directory beside the target and renames it, so that an interrupted run
/// leaves no half application behind.
pub(super) fn write(dir: &Path, files: &[(&Path, &[u8])]) -> Result<(), Error> {
    if std::fs::read_dir(dir).is_ok_and(|mut entries| entries.next().is_some()) || dir.is_file() {
        return Err(Error::usage(format!("{} is not empty", dir.display()))
            .with_remedy("Give a directory that doesn't exist yet; nothing is overwritten."));
    }
    let failed = |error: std::io::Error| {
        Error::usage(format!("cannot write the application to {}: {error}", dir.display()))
    };
    let name = dir.file_name().ok_or_else(|| Error::usage("give the directory a name"))?;
    let parent = dir.parent().filter(|parent| !parent.as_os_str().is_empty());
    let parent = parent.unwrap_or(Path::new("."));
    std::fs::create_dir_all(parent).map_err(failed)?;
    let fresh = parent.join(format!(".{}.{}", name.to_string_lossy(), std::process::id()));
    let done = fill(&fresh, files).and_then(|()| {
        // An empty directory is replaced by the rename.
        std::fs::rename(&fresh, dir)
    });
    if done.is_err() {
        let _ = std::fs::remove_dir_all(&fresh);
    }
    done.map_err(failed)
}

fn fill(dir: &Path, files: &[(&Path, &[u8])]) -> std::io::Result<()> {
    std::fs::create_dir(dir)?;
    for (path, bytes) in files {
        if path.components().any(|part| !matches!(part, Component::Normal(_))) {
            continue;
        }
        let to = dir.join(path);
        if let Some(parent) = to.parent() {
            std::fs::create_dir_all(parent)?;
        }
        std::fs::write(to, bytes)?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_directory_with_something_in_it_is_left_alone() {
        let home = tempfile::tempdir().unwrap();
        let dir = home.path().join("app");
        let files: [(&Path, &[u8]); 1] = [(Path::new("api/parts.js"), b"x")];
        write(&dir, &files).unwrap();
        assert_eq!(std::fs::read(dir.join("api/parts.js")).unwrap(), b"x");
        std::fs::write(dir.join("api/parts.js"), b"mine").unwrap();
        let error = write(&dir, &files).unwrap_err();
        assert!(error.message.contains("not empty"), "{error}");
        assert_eq!(std::fs::read(dir.join("api/parts.js")).unwrap(), b"mine");
        let left: Vec<_> = std::fs::read_dir(home.path()).unwrap().collect();
        assert_eq!(left.len(), 1, "nothing half written stays behind");
    }
}
