//! Signatures of reports, as OpenSSH makes them (`PROTOCOL.sshsig` of its source): whoever has a
//! grader's public key tells with [`Signers::verify`], or with `ssh-keygen -Y verify -n stepproof`,
//! whether a report is what the grader wrote.

mod contents;
mod signers;
#[cfg(test)]
mod tests;
mod words;

use ssh_key::{Algorithm, EcdsaCurve, HashAlg, LineEnding, PrivateKey, SshSig};

pub use contents::Contents;
pub use signers::{BadSigners, Doubt, Signer, Signers};
pub use words::not_json;

/// What the signatures are for: one made for something else, such as a Git commit, is none of a report.
pub const NAMESPACE: &str = "stepproof";

/// Why a key can't sign, or a text is no signature.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum KeyError {
    /// Not in OpenSSH's format.
    #[error("it holds no private key of OpenSSH's")]
    NoKey,
    /// A kind of key that isn't known here, or whose private part is in a device.
    #[error("keys of the kind {0} can't sign here")]
    Kind(String),
    /// The passphrase doesn't open it.
    #[error("the passphrase is wrong")]
    Passphrase,
    /// The key's own data are wrong.
    #[error("the key is damaged")]
    Damaged,
}

/// A grader's private key, as it stands in a file. It may want a passphrase.
#[derive(Debug)]
pub struct KeyFile(PrivateKey);

/// A grader's private key, ready to sign. It is overwritten in memory when it is dropped.
#[derive(Debug)]
pub struct Key(PrivateKey);

impl KeyFile {
    /// Reads a file that begins with `-----BEGIN OPENSSH PRIVATE KEY-----`.
    ///
    /// # Errors
    /// It is something else, or of a kind that can't sign here.
    pub fn read(text: &[u8]) -> Result<Self, KeyError> {
        let key = PrivateKey::from_openssh(text).map_err(|error| match error {
            ssh_key::Error::AlgorithmUnsupported { algorithm } => kind(&algorithm),
            _ => KeyError::NoKey,
        })?;
        match key.algorithm() {
            Algorithm::Ed25519 | Algorithm::Ecdsa { curve: EcdsaCurve::NistP256 } => Ok(Self(key)),
            other => Err(kind(&other)),
        }
    }

    /// Whether it wants a passphrase.
    pub fn is_locked(&self) -> bool {
        self.0.is_encrypted()
    }

    /// The key; the passphrase is not looked at where it wants none.
    ///
    /// # Errors
    /// The passphrase is wrong, or the file is damaged.
    pub fn open(self, passphrase: &str) -> Result<Key, KeyError> {
        if !self.is_locked() {
            return Ok(Key(self.0));
        }
        self.0.decrypt(passphrase).map(Key).map_err(|error| match error {
            ssh_key::Error::Crypto => KeyError::Passphrase,
            _ => KeyError::Damaged,
        })
    }
}

impl Key {
    /// The signature of a file's bytes, as a text to write beside it.
    ///
    /// # Errors
    /// The key's own data are wrong.
    pub fn sign(&self, bytes: &[u8]) -> Result<String, KeyError> {
        let signature = self.0.sign(NAMESPACE, HashAlg::Sha512, bytes);
        let text = signature.and_then(|signature| signature.to_pem(LineEnding::LF));
        text.map_err(|_| KeyError::Damaged)
    }
}

fn kind(algorithm: &Algorithm) -> KeyError {
    KeyError::Kind(algorithm.to_string())
}

/// A file that holds no signature.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("it holds no signature of OpenSSH's")]
pub struct NoSignature;

/// A signature as it stands in a file.
#[derive(Debug)]
pub struct Signature(SshSig);

impl Signature {
    /// Reads a file that begins with `-----BEGIN SSH SIGNATURE-----`.
    ///
    /// # Errors
    /// It is something else.
    pub fn read(text: &[u8]) -> Result<Self, NoSignature> {
        SshSig::from_pem(text).map(Self).map_err(|_| NoSignature)
    }
}
