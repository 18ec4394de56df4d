//! Random passwords, within the bounds that a caller sets.

use serde_json::Value;

use super::invalid_parameter;
use crate::practice::properties::{flag, number, text};
use crate::practice::random;
use crate::practice::wire::Fault;

const KINDS: [(&str, &str); 5] = [
    ("ExcludeLowercase", "abcdefghijklmnopqrstuvwxyz"),
    ("ExcludeUppercase", "ABCDEFGHIJKLMNOPQRSTUVWXYZ"),
    ("ExcludeNumbers", "0123456789"),
    ("ExcludePunctuation", "!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~"),
    ("IncludeSpace", " "),
];

/// A password as `GetRandomPassword` and `GenerateSecretString` describe it: with a character of
/// each kind, unless `RequireEachIncludedType` is false.
///
/// # Errors
/// Everything is excluded, or the length is none.
pub fn random(wanted: &Value) -> Result<String, Fault> {
    let length = number(wanted, "PasswordLength").unwrap_or(32);
    let length = usize::try_from(length)
        .ok()
        .filter(|length| (1..=4096).contains(length))
        .ok_or_else(|| invalid_parameter("PasswordLength must be between 1 and 4096."))?;
    let excluded = text(wanted, "ExcludeCharacters");
    let kinds: Vec<String> = KINDS
        .iter()
        .filter(|(name, _)| flag(wanted, name) == (*name == "IncludeSpace"))
        .map(|(_, letters)| letters.chars().filter(|c| !excluded.contains(*c)).collect())
        .filter(|letters: &String| !letters.is_empty())
        .collect();
    let alphabet = kinds.concat();
    if alphabet.is_empty() {
        return Err(invalid_parameter("All characters of the password are excluded."));
    }
    let each = wanted.get("RequireEachIncludedType").is_none_or(|each| each != false);
    if each && length < kinds.len() {
        return Err(invalid_parameter("The password is too short for a character of each type."));
    }
    loop {
        let password = random::of(alphabet.as_bytes(), length);
        let has = |kind: &String| password.chars().any(|letter| kind.contains(letter));
        if !each || kinds.iter().all(has) {
            return Ok(password);
        }
    }
}
