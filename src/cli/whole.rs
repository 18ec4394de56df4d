//! Files that are written as a whole or not at all.

use std::io::{BufWriter, Write};
use std::path::Path;

/// Writes a file: beside it first, then renamed over it. A file that is replaced keeps its mode.
///
/// # Errors
/// What the system says; the file is then as it was.
pub(super) fn write(path: &Path, contents: &[u8]) -> std::io::Result<()> {
    write_with(path, |file| file.write_all(contents))
}

/// As [`write`], where nothing is yet.
///
/// # Errors
/// As [`write`]; or something is there, which stays.
pub(super) fn write_new(path: &Path, contents: &[u8]) -> std::io::Result<()> {
    // The name is taken first: nobody else's file is written over meanwhile.
    std::fs::File::create_new(path)?;
    write(path, contents).inspect_err(|_| {
        let _ = std::fs::remove_file(path);
    })
}

/// As [`write`], with contents that come piece by piece.
///
/// # Errors
/// As [`write`].
pub(super) fn write_with(
    path: &Path,
    contents: impl FnOnce(&mut dyn Write) -> std::io::Result<()>,
) -> std::io::Result<()> {
    let mut name = std::ffi::OsString::from(".");
    name.push(path.file_name().unwrap_or_default());
    name.push(format!(".{}.tmp", std::process::id()));
    let fresh = path.with_file_name(name);
    let write = || -> std::io::Result<()> {
        let mut file = BufWriter::new(std::fs::File::create(&fresh)?);
        contents(&mut file)?;
        let file = file.into_inner().map_err(std::io::IntoInnerError::into_error)?;
        if let Ok(before) = std::fs::metadata(path) {
            file.set_permissions(before.permissions())?;
        }
        file.sync_all()?;
        std::fs::rename(&fresh, path)
    };
    write().inspect_err(|_| {
        let _ = std::fs::remove_file(&fresh);
    })
}

#[cfg(test)]
#[cfg(unix)]
mod tests {
    use std::os::unix::fs::PermissionsExt as _;

    use super::*;

    #[test]
    fn a_file_that_is_replaced_keeps_its_mode_and_leaves_nothing_beside_it() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("run.sh");
        write(&path, b"one").unwrap();
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o750)).unwrap();
        write(&path, b"two").unwrap();
        assert_eq!(std::fs::read(&path).unwrap(), b"two");
        assert_eq!(std::fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o750);
        assert_eq!(std::fs::read_dir(dir.path()).unwrap().count(), 1);
        assert!(write(&dir.path().join("no/such/file"), b"x").is_err());
        assert!(write_new(&path, b"three").is_err());
        assert_eq!(std::fs::read(&path).unwrap(), b"two", "what is there stays");
        write_new(&dir.path().join("new"), b"x").unwrap();
        assert_eq!(std::fs::read_dir(dir.path()).unwrap().count(), 2);
    }
}
