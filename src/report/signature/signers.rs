//! Whose signatures count: public keys, or OpenSSH's file of allowed signers.

use jiff::Timestamp;
use jiff::civil::DateTime;
use jiff::tz::TimeZone;
use ssh_key::authorized_keys::ConfigOpts;
use ssh_key::public::KeyData;
use ssh_key::{Error, HashAlg, PublicKey};

use super::{NAMESPACE, Signature, words};

/// Whose signatures count.
#[derive(Debug)]
pub struct Signers(Vec<Entry>);

/// One line of the file.
#[derive(Debug)]
struct Entry {
    name: String,
    key: KeyData,
    /// For what the key may sign; anything where nothing is said.
    namespaces: Option<Vec<String>>,
    /// Whether it only vouches for certificates, which aren't known here.
    only_certificates: bool,
    after: Option<Timestamp>,
    before: Option<Timestamp>,
}

/// Who signed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Signer {
    /// As the file of signers calls the key: its principals, or the comment of a public key.
    pub name: String,
    /// The key's kind and fingerprint: `ssh-ed25519 SHA256:…`.
    pub key: String,
}

/// Why a signature doesn't count.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Doubt {
    /// The file isn't what was signed.
    Changed,
    /// The signature was made for something else: for what.
    Purpose(String),
    /// The key isn't among the signers'.
    Unknown(Signer),
    /// The key is there, but may not sign this, or not now.
    NotAllowed(Signer),
    /// A kind of key that can't be verified here.
    Kind(Signer),
}

/// A line that is no public key and no allowed signer.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("line {line}: {what}")]
pub struct BadSigners {
    /// The line, from 1; 0 for the file.
    pub line: usize,
    /// What is wrong with it.
    pub what: &'static str,
}

impl Signers {
    /// Reads public keys (`ssh-ed25519 AAAA… me@example.org`) or allowed signers
    /// (`me@example.org namespaces="stepproof" ssh-ed25519 AAAA…`), one a line.
    ///
    /// # Errors
    /// A line is something else, or has an option that isn't known: nobody is trusted by a guess.
    pub fn read(text: &str) -> Result<Self, BadSigners> {
        let mut entries = Vec::new();
        for (at, line) in text.lines().enumerate() {
            let line = line.trim();
            if !line.is_empty() && !line.starts_with('#') {
                let bad = |what| BadSigners { line: at + 1, what };
                entries.push(Entry::read(line).map_err(bad)?);
            }
        }
        if entries.is_empty() {
            return Err(BadSigners { line: 0, what: "there is no public key in it" });
        }
        Ok(Self(entries))
    }

    /// Who signed these bytes.
    ///
    /// # Errors
    /// Why the signature doesn't count at this time.
    pub fn verify(
        &self,
        bytes: &[u8],
        Signature(signature): &Signature,
        now: Timestamp,
    ) -> Result<Signer, Doubt> {
        let key = PublicKey::from(signature.public_key().clone());
        let named = |name: &str| Signer {
            name: name.to_owned(),
            key: format!("{} {}", key.algorithm(), key.fingerprint(HashAlg::Sha256)),
        };
        if signature.namespace() != NAMESPACE {
            return Err(Doubt::Purpose(signature.namespace().to_owned()));
        }
        match key.verify(NAMESPACE, bytes, signature) {
            Ok(()) => {}
            Err(Error::AlgorithmUnsupported { .. }) => return Err(Doubt::Kind(named(""))),
            Err(_) => return Err(Doubt::Changed),
        }
        let same: Vec<&Entry> =
            self.0.iter().filter(|entry| entry.key == *key.key_data()).collect();
        let Some(first) = same.first() else { return Err(Doubt::Unknown(named(""))) };
        match same.iter().find(|entry| entry.allows(now)) {
            Some(entry) => Ok(named(&entry.name)),
            None => Err(Doubt::NotAllowed(named(&first.name))),
        }
    }
}

impl Entry {
    fn read(line: &str) -> Result<Self, &'static str> {
        let words = words_of(line);
        let key = |from: usize| {
            let two = words.get(from..from + 2)?;
            PublicKey::from_openssh(&two.join(" ")).ok()
        };
        let (at, key) = (0..3)
            .find_map(|at| Some((at, key(at)?)))
            .ok_or("there is no public key in it, such as: ssh-ed25519 AAAA…")?;
        let name = if at == 0 { words.get(2).copied().unwrap_or_default() } else { words[0] };
        let mut entry = Self {
            name: name.trim_matches('"').to_owned(),
            key: key.key_data().clone(),
            namespaces: None,
            only_certificates: false,
            after: None,
            before: None,
        };
        if at == 2 {
            let options = ConfigOpts::new(words[1]).map_err(|_| "its options can't be read")?;
            for option in options.iter() {
                entry.option(option)?;
            }
        }
        Ok(entry)
    }

    fn option(&mut self, option: &str) -> Result<(), &'static str> {
        let (name, value) = option.split_once('=').unwrap_or((option, ""));
        let value = value.trim_matches('"');
        match name.to_ascii_lowercase().as_str() {
            "cert-authority" => self.only_certificates = true,
            "namespaces" => self.namespaces = Some(value.split(',').map(str::to_owned).collect()),
            "valid-after" => self.after = Some(time(value)?),
            "valid-before" => self.before = Some(time(value)?),
            _ => return Err("it has an option that isn't known"),
        }
        Ok(())
    }

    fn allows(&self, now: Timestamp) -> bool {
        let namespace = self.namespaces.as_ref();
        namespace.is_none_or(|some| some.iter().any(|one| one == NAMESPACE || one == "*"))
            && !self.only_certificates
            && self.after.is_none_or(|after| now >= after)
            && self.before.is_none_or(|before| now <= before)
    }
}

/// The parts between blanks that stand outside quotes.
fn words_of(line: &str) -> Vec<&str> {
    let mut quoted = false;
    let outside = |c: char| {
        quoted ^= c == '"';
        !quoted && c.is_whitespace()
    };
    line.split(outside).filter(|word| !word.is_empty()).collect()
}

/// `20261129`, `202611290930` or `20261129093000`; in this computer's time zone, or UTC with a `Z`.
fn time(text: &str) -> Result<Timestamp, &'static str> {
    let (digits, zone) = match text.strip_suffix('Z') {
        Some(digits) => (digits, TimeZone::UTC),
        None => (text, TimeZone::system()),
    };
    let whole = format!("{digits:0<14}");
    let is_whole = matches!(digits.len(), 8 | 12 | 14);
    let read = DateTime::strptime("%Y%m%d%H%M%S", &whole).ok().filter(|_| is_whole);
    let read = read.and_then(|time| zone.to_timestamp(time).ok());
    read.ok_or("its time isn't written as 20261231 or 202612312359Z")
}

impl Signer {
    /// In a sentence.
    fn told(&self) -> String {
        if self.name.is_empty() {
            self.key.clone()
        } else {
            format!("{} ({})", self.name, self.key)
        }
    }

    /// That the signature counts, for people.
    pub fn good(&self, lang: &str) -> String {
        words::good(lang, &self.told())
    }
}

impl Doubt {
    /// Why it doesn't count and what to do, for people.
    pub fn told(&self, lang: &str) -> String {
        match self {
            Self::Changed => words::changed(lang).to_owned(),
            Self::Purpose(purpose) => words::purpose(lang, purpose),
            Self::Unknown(signer) => words::unknown(lang, &signer.key),
            Self::NotAllowed(signer) => words::not_allowed(lang, &signer.told()),
            Self::Kind(signer) => words::kind(lang, &signer.key),
        }
    }
}
