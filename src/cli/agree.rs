//! Asking before something is done that can't be taken back.

use std::io::{BufRead as _, IsTerminal as _};

use super::error::Error;
use super::output;

/// Asks on the terminal; without one nobody can agree.
pub(super) fn agreed(question: &str) -> Result<bool, Error> {
    let stdin = std::io::stdin();
    if !stdin.is_terminal() {
        return Err(Error::usage("nobody is here to agree").with_remedy("Add --yes."));
    }
    output::words(&format!("{question} Type yes:"));
    let mut answer = String::new();
    stdin
        .lock()
        .read_line(&mut answer)
        .map_err(|error| Error::usage(format!("cannot read the answer: {error}")))?;
    Ok(answer.trim().eq_ignore_ascii_case("yes"))
}
