//! `stepproof keys`: which key does what in the terminal interface, as a file that can be changed.

use std::io::ErrorKind;

use super::{Context, Error, Exit, Outcome, output};
use crate::i18n::Lang;
use crate::tui::KeyMap;

/// The file's name in the data directory.
const FILE: &str = "keys.yaml";

/// Arguments of `keys`.
#[derive(Debug, clap::Args)]
pub(super) struct Args {}

pub(super) fn run(_args: &Args, context: &Context) -> Outcome {
    output::data(&read(context)?.to_yaml(Lang::from_tag(&context.lang)))?;
    Ok(Exit::Proven)
}

/// The keys: of the file that is named, else of the one in the data directory, else the defaults.
///
/// # Errors
/// The file can't be read, or something in it is wrong.
pub(super) fn read(context: &Context) -> Result<KeyMap, Error> {
    let named = context.global.keys.as_ref();
    let path = named.cloned().unwrap_or_else(|| context.home.join(FILE));
    let mut keys = match std::fs::read_to_string(&path) {
        Ok(text) => KeyMap::read(&path.display().to_string(), &text)
            .map_err(|wrong| Error::usage(format!("the key file is wrong\n{wrong}")))?,
        Err(error) if error.kind() == ErrorKind::NotFound && named.is_none() => KeyMap::default(),
        Err(error) => {
            let message = format!("cannot read the key file {}: {error}", path.display());
            return Err(Error::usage(message)
                .with_remedy("`stepproof keys` prints the keys as such a file."));
        }
    };
    keys.mouse &= !context.global.no_mouse;
    Ok(keys)
}
