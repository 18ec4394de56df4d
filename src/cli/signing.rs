//! `--sign`: a grader's key signs what is written to a file.

use std::io::IsTerminal;
use std::path::{Path, PathBuf};

use super::{Error, output};
use crate::report::signature::{Key, KeyError, KeyFile};

/// How a signature's file ends; `ssh-keygen` calls it so too.
const ENDING: &str = "sig";

/// Arguments of commands whose result can be signed.
#[derive(Debug, clap::Args)]
pub(super) struct Sign {
    /// Sign the file of --output with this private SSH key; the signature is written beside it, F.sig
    ///
    /// An Ed25519 or ECDSA P-256 key in OpenSSH's format. `stepproof report verify` and
    /// `ssh-keygen -Y verify -n stepproof` tell whether the file is what was signed.
    #[arg(long = "sign", value_name = "KEY", requires = "output")]
    key: Option<PathBuf>,
}

impl Sign {
    /// The key, asked for its passphrase if it wants one; none where nothing is to be signed.
    ///
    /// # Errors
    /// The key can't be read or opened.
    pub(super) fn open(&self) -> Result<Option<Key>, Error> {
        let Some(path) = &self.key else { return Ok(None) };
        let shown = path.display();
        let bytes = std::fs::read(path)
            .map_err(|error| Error::usage(format!("cannot read the key {shown}: {error}")))?;
        let failed = |error: KeyError| {
            Error::usage(format!("cannot sign with {shown}: {error}")).with_remedy(remedy(&error))
        };
        let file = KeyFile::read(&bytes).map_err(failed)?;
        let passphrase = if file.is_locked() { ask(path)? } else { String::new() };
        file.open(&passphrase).map(Some).map_err(failed)
    }
}

/// The signature's file of a file.
pub(super) fn beside(path: &Path) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(".");
    name.push(ENDING);
    name.into()
}

/// Signs a file that was written.
///
/// # Errors
/// It can't be read any more, or the signature can't be written.
pub(super) fn sign(key: Option<&Key>, path: &Path) -> Result<(), Error> {
    let Some(key) = key else { return Ok(()) };
    let bytes = std::fs::read(path)
        .map_err(|error| Error::usage(format!("cannot sign {}: {error}", path.display())))?;
    output::file(&beside(path), &signature(key, &bytes)?)
}

/// The signature of some bytes.
///
/// # Errors
/// The key is damaged.
pub(super) fn signature(key: &Key, bytes: &[u8]) -> Result<String, Error> {
    key.sign(bytes).map_err(|error| Error::usage(format!("cannot sign: {error}")))
}

fn ask(path: &Path) -> Result<String, Error> {
    let shown = path.display();
    if !std::io::stdin().is_terminal() {
        return Err(Error::usage(format!("{shown} wants a passphrase, and there is no terminal"))
            .with_remedy(
                "Run it in a terminal, or without --sign and sign the file afterwards: \
                 ssh-keygen -Y sign -n stepproof -f KEY FILE",
            ));
    }
    rpassword::prompt_password(format!("Passphrase of {shown}: "))
        .map_err(|error| Error::usage(format!("cannot ask for the passphrase: {error}")))
}

fn remedy(error: &KeyError) -> &'static str {
    match error {
        KeyError::NoKey => {
            "Name the private key, without .pub. `ssh-keygen -t ed25519 -f KEY` makes one."
        }
        KeyError::Kind(_) => {
            "Use an Ed25519 or ECDSA P-256 key (`ssh-keygen -t ed25519 -f KEY` makes one), or sign \
             the file afterwards: ssh-keygen -Y sign -n stepproof -f KEY FILE"
        }
        KeyError::Passphrase => "Run it again with the key's passphrase.",
        KeyError::Damaged => "Use another key, or a copy of this one.",
    }
}
