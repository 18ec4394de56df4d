//! `stepproof journal --export` and `--import`: the journal on another machine.

use std::io::Read;
use std::path::Path;

use super::choose::{Wanted, name, names};
use super::{Args, FILE, check_output, choose, trouble};
use crate::cli::{Context, Error, Exit, Outcome, output};
use crate::course::Course;
use crate::progress::{Export, Journal, Learner, Merged};

/// A larger file is no export of ours.
const LARGEST: u64 = 64 * 1024 * 1024;
/// The name that stands for stdin and stdout.
const STREAM: &str = "-";

pub(super) fn export(args: &Args, file: &Path, context: &Context, course: &Course) -> Outcome {
    let stream = file.as_os_str() == STREAM;
    if !stream {
        check_output(file, context)?;
    }
    let (journal, learner) = choose::recorded(args, context, course)?;
    let export = journal.export(&learner).map_err(|error| trouble(&error))?;
    let text = serde_json::to_string_pretty(&export)
        .map_err(|error| Error::usage(format!("cannot write JSON: {error}")))?;
    if stream {
        output::data(&text)?;
    } else {
        output::file(file, &text)?;
        let (events, name) = (events(export.events.len()), name(&learner));
        output::words(&format!("Exported {events} of {name} to {}.", file.display()));
    }
    Ok(Exit::Proven)
}

pub(super) fn import(args: &Args, file: &Path, context: &Context, course: &Course) -> Outcome {
    let text = read(file)?;
    let export = Export::parse(&text, &course.index.id).map_err(|error| {
        Error::usage(format!("{}: {}", shown(file), brief(&error.to_string())))
            .with_remedy(error.remedy())
    })?;
    let learner = export.learner();
    if !Wanted::new(args, context).fits(&learner) {
        let message = format!("{} is the journal of {}", shown(file), name(&learner));
        return Err(Error::usage(message).with_remedy(
            "Nothing was imported. Name that account, or none: accounts stay apart.",
        ));
    }
    context.make_home()?;
    let journal = Journal::open(&context.home.join(FILE)).map_err(|error| trouble(&error))?;
    let merged = journal.import(&export).map_err(|error| trouble(&error))?;
    output::words(&said(merged, &learner));
    let others = journal.learners(&course.index.id).map_err(|error| trouble(&error))?;
    let others: Vec<Learner> = others.into_iter().filter(|other| *other != learner).collect();
    if !others.is_empty() {
        output::words(&format!("What is recorded of {} stays apart.", names(&others)));
    }
    Ok(Exit::Proven)
}

fn said(merged: Merged, learner: &Learner) -> String {
    let name = name(learner);
    match merged {
        Merged { added: 0, known: 0 } => format!("The journal of {name} is empty."),
        Merged { added: 0, known } => {
            format!("Nothing new: {} of {name} are in the journal already.", events(known))
        }
        Merged { added, known: 0 } => format!("Imported {} of {name}.", events(added)),
        Merged { added, known } => {
            format!("Imported {} of {name}; {} were there already.", events(added), events(known))
        }
    }
}

fn events(count: usize) -> String {
    if count == 1 { "1 event".to_owned() } else { format!("{count} events") }
}

fn read(file: &Path) -> Result<String, Error> {
    let cannot = |why: String| {
        Error::usage(format!("cannot read {}: {why}", shown(file)))
            .with_remedy("Nothing was imported.")
    };
    let mut bytes = Vec::new();
    let read = if file.as_os_str() == STREAM {
        std::io::stdin().lock().take(LARGEST + 1).read_to_end(&mut bytes)
    } else {
        std::fs::File::open(file).and_then(|open| open.take(LARGEST + 1).read_to_end(&mut bytes))
    };
    read.map_err(|error| cannot(error.to_string()))?;
    if bytes.len() as u64 > LARGEST {
        return Err(cannot("it is larger than 64 MB, so it is no export of a journal".to_owned()));
    }
    String::from_utf8(bytes)
        .map_err(|_| cannot("it is no text, so it is no export of a journal".to_owned()))
}

fn shown(file: &Path) -> String {
    if file.as_os_str() == STREAM { "stdin".to_owned() } else { file.display().to_string() }
}

/// The beginning of a message that may quote a foreign file.
fn brief(message: &str) -> String {
    const LONGEST: usize = 300;
    match message.char_indices().nth(LONGEST) {
        Some((at, _)) => format!("{}…", &message[..at]),
        None => message.to_owned(),
    }
}
