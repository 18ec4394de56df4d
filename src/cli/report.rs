//! `stepproof report`: what can be told of a report that was written before.

use std::path::{Path, PathBuf};

use jiff::Timestamp;

use super::{Context, Error, Exit, Outcome, output, session, signing};
use crate::check::CourseId;
use crate::report::signature::{Contents, Signature, Signers, not_json};

/// Arguments of `report`.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, clap::Subcommand)]
enum Command {
    /// Tell whether a report is what a grader signed, and what it says
    ///
    /// Exit codes: 0 the signature is good; 1 it isn't, or isn't a signer's; 2 wrong usage.
    Verify(VerifyArgs),
}

#[derive(Debug, clap::Args)]
struct VerifyArgs {
    /// The report, as `verify` or `grade` wrote it with --sign, in any format
    file: PathBuf,
    /// Whose signatures count: a file with the grader's public keys, or OpenSSH's allowed signers
    #[arg(long, value_name = "F")]
    signers: PathBuf,
    /// The signature [default: FILE.sig]
    #[arg(long, value_name = "F")]
    signature: Option<PathBuf>,
}

pub(super) fn run(args: &Args, context: &Context) -> Outcome {
    let Command::Verify(args) = &args.command;
    verify(args, context)
}

fn verify(args: &VerifyArgs, context: &Context) -> Outcome {
    let report = read(&args.file, "the report")?;
    let beside = signing::beside(&args.file);
    let path = args.signature.as_deref().unwrap_or(&beside);
    let signature = Signature::read(&read(path, "the signature")?)
        .map_err(|error| wrong("the signature", path, &error))?;
    let text = String::from_utf8(read(&args.signers, "the signers")?)
        .map_err(|_| wrong("the signers", &args.signers, &"it is no text"))?;
    let signers =
        Signers::read(&text).map_err(|error| wrong("the signers", &args.signers, &error))?;
    let lang = &context.lang;
    match signers.verify(&report, &signature, Timestamp::now()) {
        Ok(signer) => {
            output::data(&signer.good(lang))?;
            output::data(&contents(&report, context)?)?;
            Ok(Exit::Proven)
        }
        Err(doubt) => {
            output::data(&doubt.told(lang))?;
            Ok(Exit::NotProven)
        }
    }
}

/// What the report says of itself, a line each.
fn contents(report: &[u8], context: &Context) -> Result<String, Error> {
    let Some(contents) = Contents::read(report) else {
        return Ok(not_json(&context.lang).to_owned());
    };
    let course = session::course(context)?;
    let own = CourseId { id: course.index.id.clone(), sha256: course.sha256.clone() };
    Ok(contents.lines(&context.lang, &own).join("\n"))
}

fn read(path: &Path, what: &str) -> Result<Vec<u8>, Error> {
    std::fs::read(path).map_err(|error| {
        let error = Error::usage(format!("cannot read {what} {}: {error}", path.display()));
        match what {
            "the signature" => error.with_remedy(
                "A signature lies beside its report, with .sig after its name. Get both from the \
                 grader, or name the signature with --signature.",
            ),
            _ => error,
        }
    })
}

fn wrong(what: &str, path: &Path, why: &dyn std::fmt::Display) -> Error {
    Error::usage(format!("{what} {} can't be used: {why}", path.display()))
}
