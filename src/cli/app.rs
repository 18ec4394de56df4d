//! `stepproof app DIR`: writes the starter application.

use std::path::{Path, PathBuf};

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
    output::directory(dir, &app)?;
    Ok(app.len())
}
