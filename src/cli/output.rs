//! Writing: data to stdout, words to stderr. A reader that closed the pipe ends the output, not
//! the program.

use std::io::{ErrorKind, IsTerminal, Write};
use std::path::Path;

use super::error::Error;
use super::whole;

/// Writes data to stdout, with a line end.
pub(super) fn data(text: &str) -> Result<(), Error> {
    quiet_when_closed(write_line(&mut std::io::stdout().lock(), text))
}

/// Writes words to stderr, with a line end. Nobody may be listening; that is no error.
pub(super) fn words(text: &str) {
    let _ = write_line(&mut std::io::stderr().lock(), text);
}

/// Shows a word on the terminal's current row instead of the one before; an empty one clears it.
pub(super) fn status(word: &str) {
    let mut stderr = std::io::stderr().lock();
    let _ = write!(stderr, "\r\x1b[K{word}").and_then(|()| stderr.flush());
}

/// Refuses a file that can't be written before work is done for it.
pub(super) fn check(path: &Path) -> Result<(), Error> {
    let parent = path.parent().filter(|parent| !parent.as_os_str().is_empty());
    let parent = parent.unwrap_or(Path::new("."));
    if path.is_dir() || !parent.is_dir() {
        return Err(Error::usage(format!("cannot write {}", path.display()))
            .with_remedy("Name a file in a directory that exists."));
    }
    Ok(())
}

/// Writes a text to a file, with a line end.
pub(super) fn file(path: &Path, text: &str) -> Result<(), Error> {
    let mut bytes = Vec::with_capacity(text.len() + 1);
    write_line(&mut bytes, text)
        .and_then(|()| whole::write(path, &bytes))
        .map_err(|error| Error::usage(format!("cannot write {}: {error}", path.display())))
}

/// Says on stderr what went wrong and what to do next.
pub(super) fn complain(error: &Error) {
    words(&format!("stepproof: {}", printable(&error.to_string())));
}

/// Whether stdout takes colour: a terminal, and NO_COLOR isn't set (to anything but nothing).
pub(super) fn coloured() -> bool {
    std::io::stdout().is_terminal()
        && std::env::var_os("NO_COLOR").is_none_or(|value| value.is_empty())
        && std::env::var_os("TERM").is_none_or(|value| value != "dumb")
}

/// Control characters (an account's answer may hold escape sequences) shown as `�`.
pub(super) fn printable(text: &str) -> String {
    text.chars()
        .map(|c| if c.is_control() && c != '\n' { char::REPLACEMENT_CHARACTER } else { c })
        .collect()
}

fn write_line(to: &mut impl Write, text: &str) -> std::io::Result<()> {
    to.write_all(text.as_bytes())?;
    if !text.ends_with('\n') {
        to.write_all(b"\n")?;
    }
    to.flush()
}

fn quiet_when_closed(result: std::io::Result<()>) -> Result<(), Error> {
    match result {
        Err(error) if error.kind() != ErrorKind::BrokenPipe => {
            Err(Error::usage(format!("cannot write to stdout: {error}")))
        }
        _ => Ok(()),
    }
}
