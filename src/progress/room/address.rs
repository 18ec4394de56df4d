//! How a room is named to those who join it.

use std::fmt;
use std::path::{Path, PathBuf};
use std::str::FromStr;

use crate::account::check_region;

/// What can't be mistaken for each other when it is read from a projector.
const ALPHABET: &[u8] = b"23456789ABCDEFGHJKMNPQRSTUVWXYZ";
/// How a code ends whose table is reached through a role.
const ROLE: &str = ".role";
/// Letters of a room's own name.
const LENGTH: usize = 8;

/// A room's code: `K7QM3XPT` for a room on this machine, `K7QM3XPT@111122223333.us-east-1` for a
/// table in that account and region, `K7QM3XPT@111122223333.us-east-1.role` where attendees reach
/// it through its role.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Code {
    /// The room's own name, in capitals.
    pub room: String,
    /// Where its table is; none for a room on this machine.
    pub table: Option<Place>,
}

/// Where a room's table is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    /// The account's 12 digits.
    pub account: String,
    /// The region.
    pub region: String,
    /// Whether attendees reach it through its role.
    pub role: bool,
}

/// Where a room is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Address {
    /// A file on this machine.
    File(PathBuf),
    /// A DynamoDB table.
    Table(Code, Place),
}

/// This is neither a room's code nor a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("this is no room's code, and no file")]
pub struct BadAddress;

impl Code {
    /// A code with a fresh name, from random bytes.
    pub fn fresh(random: [u8; LENGTH], table: Option<Place>) -> Self {
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
            Some(place) => write!(f, "@{place}"),
            None => Ok(()),
        }
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { account, region, role } = self;
        write!(f, "{account}.{region}{}", if *role { ROLE } else { "" })
    }
}

impl FromStr for Place {
    type Err = BadAddress;

    fn from_str(text: &str) -> Result<Self, BadAddress> {
        let text = text.to_ascii_lowercase();
        let (text, role) = match text.strip_suffix(ROLE) {
            Some(text) => (text, true),
            None => (text.as_str(), false),
        };
        let (account, region) = text.split_once('.').ok_or(BadAddress)?;
        if !is_account(account) || check_region(region).is_err() {
            return Err(BadAddress);
        }
        Ok(Self { account: account.to_owned(), region: region.to_owned(), role })
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
        let table = table.map(str::parse).transpose()?;
        Ok(Self { room, table })
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
        Ok(match code.table.clone() {
            Some(place) => Self::Table(code, place),
            None => Self::File(code.file(folder)),
        })
    }
}

/// Whether a text is an AWS account's number.
pub(super) fn is_account(text: &str) -> bool {
    text.len() == 12 && text.bytes().all(|byte| byte.is_ascii_digit())
}
