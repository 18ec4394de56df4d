//! `stepproof course lint`: everything that is wrong with a course, or its JSON schemas anew.

use std::path::{Path, PathBuf};

use schemars::schema_for;
use serde_json::Value;

use super::super::{Context, Error, Exit, Outcome, output};
use crate::account::catalog;
use crate::course::{Catalogue, CourseFiles, lint, schemas};
use crate::progress::export_schema;
use crate::report::grade::Grades;
use crate::report::room::Snapshot;
use crate::report::status::NextReport;
use crate::report::{self, Status, WeightFile};
use crate::tui::KeyFile;

/// Arguments of `course lint`.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// Write the JSON schemas of the course's files, the reports, the journal and keys into a directory,
    /// and stop
    #[arg(long, value_name = "DIR")]
    write_schemas: Option<PathBuf>,
}

pub(super) fn run(args: &Args, context: &Context) -> Outcome {
    if let Some(dir) = &args.write_schemas {
        return write_schemas(dir);
    }
    let files = match &context.global.course {
        Some(dir) => CourseFiles::load(dir).map_err(|e| Error::usage(e.to_string()))?,
        None => CourseFiles::embedded(),
    };
    match lint(&files, &catalogue()) {
        Ok(()) => {
            output::words(&format!("{} files, nothing wrong.", files.iter().count()));
            Ok(Exit::Proven)
        }
        Err(wrong) => {
            output::data(&wrong.to_string())?;
            output::words(&match wrong.0.len() {
                1 => "1 thing is wrong.".to_owned(),
                n => format!("{n} things are wrong."),
            });
            Ok(Exit::Usage)
        }
    }
}

/// The facts that a course may name.
pub(super) fn catalogue() -> Catalogue {
    Catalogue::new(catalog().iter().map(|spec| (spec.name.to_owned(), (spec.schema)().to_value())))
}

/// The committed schemas: file name and contents.
fn schema_files() -> Vec<(String, String)> {
    let text = |schema: &Value| format!("{schema:#}\n");
    let mut files: Vec<(String, String)> =
        schemas().map(|(name, schema)| (format!("{name}.json"), text(schema))).collect();
    files.push(("report.json".to_owned(), text(&report::schema().to_value())));
    files.push(("grades.json".to_owned(), text(&schema_for!(Grades<'_>).to_value())));
    files.push(("weights.json".to_owned(), text(&schema_for!(WeightFile).to_value())));
    files.push(("status.json".to_owned(), text(&schema_for!(Status).to_value())));
    files.push(("next.json".to_owned(), text(&schema_for!(NextReport).to_value())));
    files.push(("journal.json".to_owned(), text(&export_schema().to_value())));
    files.push(("room.json".to_owned(), text(&schema_for!(Snapshot).to_value())));
    files.push(("keys.json".to_owned(), text(&schema_for!(KeyFile).to_value())));
    files
}

fn write_schemas(dir: &Path) -> Outcome {
    let cannot = |e: std::io::Error| {
        Error::usage(format!("cannot write schemas to {}: {e}", dir.display()))
            .with_remedy("Name a directory that you can write to.")
    };
    std::fs::create_dir_all(dir).map_err(cannot)?;
    for (name, text) in schema_files() {
        std::fs::write(dir.join(name), text).map_err(cannot)?;
    }
    Ok(Exit::Proven)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_committed_schemas_are_those_of_the_types() {
        let dir = Path::new(env!("CARGO_MANIFEST_DIR")).join("modules/schema");
        for (name, text) in schema_files() {
            let committed = std::fs::read_to_string(dir.join(&name)).unwrap_or_default();
            assert!(
                committed == text,
                "modules/schema/{name} has drifted: \
                 run `stepproof course lint --write-schemas modules/schema` and commit it"
            );
        }
    }

    #[test]
    fn the_embedded_course_is_clean() {
        if let Err(wrong) = lint(&CourseFiles::embedded(), &catalogue()) {
            panic!("\n{wrong}\n");
        }
    }
}
