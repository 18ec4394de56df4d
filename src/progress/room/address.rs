//! How a room is named to those who join it.

use std::fmt;
use std::path::{Path, PathBuf};
use std::str::FromStr;

/// What can't be mistaken for each other when it is read from a projector.
const ALPHABET: &[u8] = b"23456789ABCDEFGHJKMNPQRSTUVWXYZ";
/// Letters of a room's own name.
const LENGTH: usize = 8;

/// A room's code: `K7QM3XPT` for a room on this machine, `K7QM3XPT@111122223333.us-east-1` for a
/// table in that account and region.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Code {
    /// The room's own name, in capitals.
    pub room: String,
    /// The account and region of its table; none for a room on this machine.
    pub table: Option<(String, String)>,
}

/// Where a room is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Address {
    /// A file on this machine.
    File(PathBuf),
    /// A DynamoDB table.
    Table(Code),
}

/// This is neither a room's code nor a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("this is no room's code, and no file")]
pub struct BadAddress;

impl Code {
    /// A code with a fresh name, from random bytes.
    pub fn fresh(random: [u8; LENGTH], table: Option<(String, String)>) -> Self {
        // 256 isn't a multiple of 31: some letters come a little more often, which is no matter for
        // a name that isn't a secret.
        let letter = |byte: u8| char::from(ALPHABET[usize::from(byte) % ALPHABET.len()]);
        Self { room: random.map(letter).iter().collect(), table }
    }

    /// The file of a room on this machine.
    pub fn file(&self, folder: &Path) -> PathBuf {
        folder.join(format!("{}.sqlite", self.room))
    }
}

impl fmt::Display for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.room)?;
        match &self.table {
            Some((account, region)) => write!(f, "@{account}.{region}"),
            None => Ok(()),
        }
    }
}

impl FromStr for Code {
    type Err = BadAddress;

    /// As people type it: also in small letters, and in groups.
    fn from_str(text: &str) -> Result<Self, BadAddress> {
        let (room, table) = match text.trim().split_once('@') {
            Some((room, table)) => (room, Some(table)),
            None => (text.trim(), None),
        };
        let room = room.replace(['-', ' '], "").to_ascii_uppercase();
        if room.len() != LENGTH || !room.bytes().all(|letter| ALPHABET.contains(&letter)) {
            return Err(BadAddress);
        }
        let table = table.map(|table| {
            let (account, region) = table.split_once('.').ok_or(BadAddress)?;
            let region = region.to_ascii_lowercase();
            let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
            let sound = is_account(account) && !region.is_empty() && region.chars().all(plain);
            sound.then(|| (account.to_owned(), region)).ok_or(BadAddress)
        });
        Ok(Self { room, table: table.transpose()? })
    }
}

impl Address {
    /// From a code, or from the path of a file; rooms on this machine lie in `folder`.
    ///
    /// # Errors
    /// It is neither.
    pub fn parse(text: &str, folder: &Path) -> Result<Self, BadAddress> {
        let is_path = text.contains(['/', '\\']) || text.ends_with(".sqlite");
        if is_path {
            return Ok(Self::File(PathBuf::from(text)));
        }
        let code: Code = text.parse()?;
        Ok(if code.table.is_some() { Self::Table(code) } else { Self::File(code.file(folder)) })
    }
}

/// Whether a text is an AWS account's number.
pub(super) fn is_account(text: &str) -> bool {
    text.len() == 12 && text.bytes().all(|byte| byte.is_ascii_digit())
}
