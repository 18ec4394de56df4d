//! `stepproof facts`: the catalogue of facts, or one fact's value.

use std::fmt::Write;
use std::sync::Arc;

use tokio_util::sync::CancellationToken;

use super::{Context, Error, Exit, Outcome, output, session};
use crate::account::{FactKind, FactSpec, Reader, catalog};
use crate::check::{self, LONGEST_FACT};

/// Arguments of `facts`.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// The fact to read; without it, all facts are listed
    name: Option<String>,
    /// Print the JSON schema of the fact's value instead of reading it
    #[arg(long, requires = "name")]
    schema: bool,
    /// Send no requests to the API
    #[arg(long)]
    no_probes: bool,
}

pub(super) async fn run(args: Args, context: &Context) -> Outcome {
    let Some(name) = &args.name else {
        output::data(&listing(catalog()))?;
        return Ok(Exit::Proven);
    };
    let spec = catalog().iter().find(|spec| spec.name == name).ok_or_else(|| {
        let names: Vec<&str> = catalog().iter().map(|spec| spec.name).collect();
        Error::usage(format!("there is no fact {name}"))
            .with_remedy(format!("There are: {}.", names.join(", ")))
    })?;
    if args.schema {
        output::data(&pretty(&(spec.schema)())?)?;
        return Ok(Exit::Proven);
    }
    let course = session::course(context)?;
    let session = session::open(context, &course).await?;
    let reader = Arc::new(Reader::new(&session.account, !args.no_probes));
    let cancel = CancellationToken::new();
    let mut read = check::read(reader, [name.clone()], LONGEST_FACT, cancel).await;
    match read.remove(name) {
        Some(Ok(value)) => {
            output::data(&pretty(&*value)?)?;
            Ok(Exit::Proven)
        }
        Some(Err(error)) => Err(error.into()),
        None => Err(Error::usage(format!("{name} was not read"))),
    }
}

fn pretty(value: &impl serde::Serialize) -> Result<String, Error> {
    serde_json::to_string_pretty(value)
        .map_err(|error| Error::usage(format!("cannot write JSON: {error}")))
}

/// One paragraph a fact: name, kind, what it reads, fields, actions.
fn listing(specs: &[FactSpec]) -> String {
    let mut text = String::new();
    for spec in specs {
        let kind = match spec.kind {
            FactKind::Config => "configuration",
            FactKind::Code => "function packages",
            FactKind::Probe => "requests to the API",
        };
        // Writing to a String doesn't fail.
        let _ = writeln!(text, "{} ({kind})\n  {}", spec.name, spec.doc);
        let _ = writeln!(text, "  fields: {}", fields(spec).join(", "));
        if !spec.actions.is_empty() {
            let _ = writeln!(text, "  actions: {}", spec.actions.join(", "));
        }
        if !spec.needs.is_empty() {
            let _ = writeln!(text, "  rests on: {}", spec.needs.join(", "));
        }
        text.push('\n');
    }
    text.truncate(text.trim_end().len());
    text
}

fn fields(spec: &FactSpec) -> Vec<String> {
    let schema = (spec.schema)();
    let properties = schema.get("properties").and_then(serde_json::Value::as_object);
    properties.into_iter().flatten().map(|(name, _)| name.clone()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_listing_names_fields_and_actions_of_every_fact() {
        let text = listing(catalog());
        assert!(text.contains("app_stack (configuration)"), "{text}");
        assert!(text.contains("resources"), "the flattened stack's own fields are there: {text}");
        assert!(text.contains("actions: cognito-idp:DescribeUserPoolDomain"), "{text}");
        for spec in catalog() {
            assert!(!fields(spec).is_empty(), "{} has no fields", spec.name);
        }
    }
}
