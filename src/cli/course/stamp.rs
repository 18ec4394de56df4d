//! `stepproof course stamp`: says that translated pages are as new as their source.

use std::path::{Path, PathBuf};

use super::super::{Context, Error, Exit, Outcome, output};
use crate::course::{CourseFiles, stamp};

/// Arguments of `course stamp`.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples, in the course's directory:
  stepproof --course . course stamp content/ja/05-input-validation.md#5b
  stepproof --course . course stamp content/ja/*.md")]
pub(super) struct Args {
    /// Translated pages; with #ID one section of a page: a step's id, opening, or look-back
    #[arg(required = true, value_name = "PAGE[#ID]")]
    pages: Vec<String>,
}

pub(super) fn run(args: &Args, context: &Context) -> Outcome {
    let Some(dir) = &context.global.course else {
        return Err(Error::usage("stamps are written into the course's files, and none are named")
            .with_remedy("Name their directory: --course DIR."));
    };
    for page in &args.pages {
        let (page, section) = match page.split_once('#') {
            Some((page, section)) => (page, Some(section)),
            None => (page.as_str(), None),
        };
        // Read anew for each: a page may be named twice, for two of its sections.
        let files = CourseFiles::load(dir).map_err(|e| Error::usage(e.to_string()))?;
        let path = in_course(dir, page);
        let stamped = stamp(&files, &path, section).map_err(|e| Error::usage(e.to_string()))?;
        if stamped.changed > 0 {
            output::file(&dir.join(&path), &stamped.text)?;
        }
        output::words(&match stamped.changed {
            0 => format!("{path}: nothing to stamp."),
            1 => format!("{path}: 1 section stamped."),
            n => format!("{path}: {n} sections stamped."),
        });
    }
    Ok(Exit::Proven)
}

/// A page's path in the course, also where it is named from the working directory.
fn in_course(dir: &Path, page: &str) -> String {
    let full = |path: &Path| -> Option<PathBuf> { path.canonicalize().ok() };
    let inside = || {
        let (root, file) = (full(dir)?, full(Path::new(page))?);
        Some(file.strip_prefix(root).ok()?.to_str()?.to_owned())
    };
    if dir.join(page).is_file() {
        return page.to_owned();
    }
    inside().unwrap_or_else(|| page.to_owned())
}
