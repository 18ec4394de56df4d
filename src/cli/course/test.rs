//! `stepproof course test`: the course proves itself on practice accounts of its own. With
//! `--execute` the states are reached by running the instructions as written.

use std::time::Instant;

use crate::cli::{Context, Error, Exit, output, session};
use crate::course::{Course, Module, Part, PartId};

use super::outcome::{Outcome, Scenario, line};
use super::plan::Plan;
use super::play::Play;

/// Arguments of `course test`.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// Reach the solved states by running the instructions with the AWS CLI
    #[arg(long)]
    execute: bool,
    /// Only this module alone, and its breaks; may be given several times
    #[arg(long = "module", value_name = "N")]
    modules: Vec<u8>,
    /// Only the clean-up after all modules, and its breaks; with --module, as well as those
    #[arg(long, conflicts_with = "order")]
    cleanup: bool,
    /// Only these modules one after the other, after those that come first: 5,2,3
    #[arg(long, value_name = "N,N…", value_delimiter = ',', conflicts_with = "modules")]
    order: Vec<u8>,
    /// How the result is written
    #[arg(long, value_enum, default_value_t)]
    format: Format,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, clap::ValueEnum)]
enum Format {
    #[default]
    Human,
    Json,
}

/// Runs the test and writes what it found.
pub(super) async fn run(args: Args, context: &Context) -> crate::cli::Outcome {
    let course = session::course(context)?;
    let files = session::files(context)?;
    refuse_unknown(&course, args.modules.iter().chain(&args.order))?;
    if args.cleanup && !has_cleanup(&course) {
        return Err(Error::usage("this course has no clean-up"));
    }
    let plan = Plan::new(&course, args.execute, args.modules, args.order, args.cleanup)?;
    let began = Instant::now();
    let human = args.format == Format::Human;
    let mut tell = |scenario: &Scenario| {
        if human { output::data(&output::printable(&line(scenario))) } else { Ok(()) }
    };
    let scenarios = Play::new(&course, &files, plan).run(&mut tell).await?;
    let outcome = Outcome::new(scenarios, began.elapsed().as_secs_f64());
    if human {
        output::data(&outcome.summary())?;
    } else {
        output::data(&serde_json::to_string_pretty(&outcome).unwrap_or_default())?;
    }
    Ok(if outcome.holds { Exit::Proven } else { Exit::NotProven })
}

fn refuse_unknown<'a>(course: &Course, modules: impl Iterator<Item = &'a u8>) -> Result<(), Error> {
    for number in modules {
        if course.module(*number).is_none_or(|module| !module.is_written()) {
            let written: Vec<String> =
                written(course).map(|m| m.entry.number.to_string()).collect();
            return Err(Error::usage(format!("there is no written module {number}"))
                .with_remedy(format!("Modules that can be tested: {}.", written.join(", "))));
        }
    }
    Ok(())
}

/// Whether the course has a clean-up that is written.
pub(super) fn has_cleanup(course: &Course) -> bool {
    course.part(PartId::Cleanup).is_some_and(Part::is_written)
}

/// The modules that have a manifest.
pub(super) fn written(course: &Course) -> impl Iterator<Item = &Module> {
    course.modules.iter().filter(|module| module.is_written())
}
