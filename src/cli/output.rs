//! Writing: data to stdout, words to stderr. A reader that closed the pipe ends the output, not
//! the program.

use std::io::{BufWriter, ErrorKind, IsTerminal, Write};
use std::path::{Component, Path};

use super::error::Error;
use super::whole;
use crate::course::is_safe;

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

/// Writes what comes piece by piece to a file, or to stdout.
pub(super) fn pieces(
    path: Option<&Path>,
    write: impl FnOnce(&mut dyn Write) -> std::io::Result<()>,
) -> Result<(), Error> {
    let Some(path) = path else {
        let mut stdout = BufWriter::new(std::io::stdout().lock());
        return quiet_when_closed(write(&mut stdout).and_then(|()| stdout.flush()));
    };
    whole::write_with(path, write)
        .map_err(|error| Error::usage(format!("cannot write {}: {error}", path.display())))
}

/// Writes a text to a file, with a line end.
pub(super) fn file(path: &Path, text: &str) -> Result<(), Error> {
    let mut bytes = Vec::with_capacity(text.len() + 1);
    write_line(&mut bytes, text)
        .and_then(|()| whole::write(path, &bytes))
        .map_err(|error| Error::usage(format!("cannot write {}: {error}", path.display())))
}

/// Refuses a directory that holds something, before work is done for it.
pub(super) fn check_directory(dir: &Path) -> Result<(), Error> {
    let full = std::fs::read_dir(dir).is_ok_and(|mut entries| entries.next().is_some());
    if full || dir.is_file() {
        let what = if full { "is not empty" } else { "is a file" };
        return Err(Error::usage(format!("{} {what}", dir.display()))
            .with_remedy("Give a directory that doesn't exist yet; nothing is overwritten."));
    }
    Ok(())
}

/// Writes a directory whole or not at all: beside it first, then renamed. It must not be there, or be
/// empty.
pub(super) fn directory(dir: &Path, files: &[(&Path, &[u8])]) -> Result<(), Error> {
    check_directory(dir)?;
    let failed = |error: std::io::Error| {
        Error::usage(format!("cannot write to {}: {error}", dir.display()))
            .with_remedy("Give a directory where you can write.")
    };
    let name = dir.file_name().ok_or_else(|| Error::usage("give the directory a name"))?;
    let parent = dir.parent().filter(|parent| !parent.as_os_str().is_empty());
    let parent = parent.unwrap_or(Path::new("."));
    std::fs::create_dir_all(parent).map_err(failed)?;
    let fresh = parent.join(format!(".{}.{}", name.to_string_lossy(), std::process::id()));
    let done = fill(&fresh, files).and_then(|()| {
        // An empty directory is replaced by the rename.
        std::fs::rename(&fresh, dir)
    });
    if done.is_err() {
        let _ = std::fs::remove_dir_all(&fresh);
    }
    done.map_err(failed)
}

fn fill(dir: &Path, files: &[(&Path, &[u8])]) -> std::io::Result<()> {
    std::fs::create_dir(dir)?;
    for (path, bytes) in files {
        if path.components().any(|part| !matches!(part, Component::Normal(_))) {
            continue;
        }
        let to = dir.join(path);
        if let Some(parent) = to.parent() {
            std::fs::create_dir_all(parent)?;
        }
        std::fs::write(to, bytes)?;
    }
    Ok(())
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

/// A word as a shell takes it.
pub(super) fn quoted(word: &str) -> String {
    if is_safe(word) { word.to_owned() } else { format!("'{}'", word.replace('\'', r"'\''")) }
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn commands_can_be_pasted() {
        assert_eq!(quoted("courses/queues"), "courses/queues");
        assert_eq!(quoted("my course's"), r"'my course'\''s'");
    }

    #[test]
    fn a_directory_with_something_in_it_is_left_alone() {
        let home = tempfile::tempdir().unwrap();
        let dir = home.path().join("app");
        let files: [(&Path, &[u8]); 1] = [(Path::new("api/parts.js"), b"x")];
        directory(&dir, &files).unwrap();
        assert_eq!(std::fs::read(dir.join("api/parts.js")).unwrap(), b"x");
        std::fs::write(dir.join("api/parts.js"), b"mine").unwrap();
        let error = directory(&dir, &files).unwrap_err();
        assert!(error.message.contains("not empty"), "{error}");
        assert_eq!(std::fs::read(dir.join("api/parts.js")).unwrap(), b"mine");
        let file = dir.join("api/parts.js");
        let error = directory(&file, &files).unwrap_err();
        assert!(error.message.contains("is a file"), "{error}");
        let error = directory(&file.join("below"), &files).unwrap_err();
        assert!(error.message.contains("cannot write to") && !error.remedy.is_empty(), "{error}");
        let left: Vec<_> = std::fs::read_dir(home.path()).unwrap().collect();
        assert_eq!(left.len(), 1, "nothing half written stays behind");
    }
}
