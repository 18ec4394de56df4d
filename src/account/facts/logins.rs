//! How the code of deployed packages logs in to the database: with a password that it holds, or
//! with one that it asks AWS Secrets Manager for.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::archive::Archive;
use super::dependencies::grouped;
use super::lambda::Functions;
use super::packages::Packages;
use super::source::{Kind, Token, tokens};
use crate::account::fact::{FactError, Known, clip};
use crate::account::reader::{Reader, known};

/// The functions of the application that ask the database.
pub(super) const ASKING: [&str; 4] = [
    "CustomUnicornAnalyticsFunction",
    "CustomizeUnicornFunction",
    "ManagePartnerFunction",
    "UnicornPartsFunction",
];
/// The password that the setup stack gives the database.
const FIRST_PASSWORD: &str = "Corp123!";
/// Places that are named of one package.
const MOST_PLACES: usize = 5;
/// How code asks for a secret's value: the SDK's command and method, AWS's extension for Lambda,
/// Powertools' parameters.
const ASKS: [&str; 4] = [
    "getsecretvalue",
    "get_secret_value",
    "secretsmanager/get",
    "@aws-lambda-powertools/parameters/secrets",
];

/// How the functions that ask the database log in.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
pub(crate) struct Logins {
    /// The functions, those with the same code together.
    groups: Vec<Group>,
    /// Variables of a function's environment that look like a password, as `FUNCTION: NAME`.
    variables: Vec<String>,
}

/// Functions with the same way to log in.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
pub(crate) struct Group {
    /// Logical ids of the functions.
    functions: Vec<String>,
    /// When the last of them was changed, RFC 3339.
    changed: Option<String>,
    /// What the code does.
    code: Code,
}

/// How a package's code logs in.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub(crate) struct Code {
    /// Where a password stands in it, as `database.js:9`; never the password.
    passwords: Vec<String>,
    /// It asks AWS Secrets Manager for a secret's value.
    asks: bool,
}

pub(crate) async fn logins(_: &Reader, facts: &Known) -> Result<Logins, FactError> {
    let mut packages: Packages = known(facts, "packages")?;
    packages.packages.retain(|package| ASKING.contains(&package.logical.as_str()));
    let groups = grouped(&packages, |package| vec![package.login.clone()])
        .into_iter()
        .flat_map(|(codes, functions, changed)| {
            codes.into_iter().map(move |code| Group {
                functions: functions.clone(),
                changed: changed.clone(),
                code,
            })
        })
        .collect();
    let Functions { functions } = known(facts, "functions")?;
    let variables = functions
        .iter()
        .filter(|function| ASKING.contains(&function.logical.as_str()))
        .flat_map(|function| {
            let names = function.environment.iter().filter(|name| means_password(name));
            names.map(|name| format!("{}: {}", function.logical, clip(name, 64)))
        })
        .collect();
    Ok(Logins { groups, variables })
}

/// How the package's own code and settings log in.
pub(super) fn code(archive: &Archive) -> Code {
    let mut code = Code::default();
    for (path, text) in &archive.texts {
        let tokens = tokens(text);
        code.asks |= tokens.iter().any(|token| asks(&token.kind));
        let mut lines = written(&tokens);
        let addresses = tokens.iter().filter(
            |token| matches!(&token.kind, Kind::Text { text, plain: true, .. } if names_login(text)),
        );
        lines.extend(addresses.map(|token| token.line));
        // Also in a comment: who reads the package has it.
        let first = text.lines().enumerate().filter(|(_, line)| line.contains(FIRST_PASSWORD));
        lines.extend(first.map(|(at, _)| at + 1));
        lines.sort_unstable();
        lines.dedup();
        code.passwords.extend(lines.iter().map(|line| format!("{}:{line}", clip(path, 64))));
    }
    code.passwords.truncate(MOST_PLACES);
    code
}

fn asks(kind: &Kind) -> bool {
    let (Kind::Word(text) | Kind::Text { text, .. }) = kind else { return false };
    let text = text.to_ascii_lowercase();
    ASKS.iter().any(|word| text.contains(word))
}

fn means_password(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    ["password", "passwd", "passphrase"].iter().any(|word| name.contains(word))
}

/// Whether a text is an address that names a user and a password: `mysql://user:password@host`.
fn names_login(text: &str) -> bool {
    let authority = text.split_once("://").map(|(_, rest)| rest.split(['/', '?', '#']).next());
    let login = authority.flatten().and_then(|authority| authority.rsplit_once('@'));
    let password = login.and_then(|(login, _)| login.split_once(':'));
    password.is_some_and(|(_, password)| !password.is_empty())
}

/// Lines on which a text is given to something that is called a password.
fn written(tokens: &[Token]) -> Vec<usize> {
    const GIVES: [&str; 6] = [":", "=", "??", "||", "??=", "||="];
    let mut lines = Vec::new();
    for (at, token) in tokens.iter().enumerate() {
        let (Kind::Word(name) | Kind::Text { text: name, .. }) = &token.kind else { continue };
        if !means_password(name) {
            continue;
        }
        let after = &tokens[at + 1..];
        let signs: String = after
            .iter()
            .map_while(|token| match token.kind {
                Kind::Sign(sign) => Some(sign),
                _ => None,
            })
            .take(4)
            .collect();
        let value = after.get(signs.chars().count()).map(|token| &token.kind);
        // Words with spaces between them are a message about a password.
        if GIVES.contains(&signs.as_str())
            && matches!(value, Some(Kind::Text { text, plain: true, .. })
                if !text.is_empty() && !text.contains(char::is_whitespace))
        {
            lines.push(token.line);
        }
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::super::archive::tests::zipped;
    use super::*;

    fn of(files: &[(&str, &str)]) -> Code {
        code(&Archive::read(&zipped(files)).unwrap())
    }

    #[test]
    fn a_password_is_found_wherever_it_is_given() {
        for text in [
            "const c = { user: 'admin',\n password: \"s3cret\" };",
            "const c = {};\nc.password = 's3cret';",
            "let a;\nconst password = process.env.PASSWORD ?? 's3cret';",
            "{\n\"dbPassword\": \"s3cret\"}",
            "\n// was Corp123! once",
            "connect(\n'mysql://admin:s3cret@database:3306/unicorns');",
        ] {
            let found = of(&[("database.js", text)]);
            assert_eq!(found.passwords, ["database.js:2"], "{text}");
        }
        assert_eq!(of(&[("config.json", "{\"password\":\"x\"}")]).passwords, ["config.json:1"]);
    }

    #[test]
    fn other_mentions_of_passwords_are_none() {
        for text in [
            "const { username, password } = JSON.parse(s);",
            "run({ user: username, password });",
            "if (password === 'x') throw new Error('password: no such');",
            "// password: 'example'",
            "log(`password: ${'x'}`); const m = { password: 'The password is wrong' };",
            "c = { password: process.env.PASSWORD, passwordLength: 32, password: '' };",
            "connect(`mysql://${user}:${secret}@database`); fetch('https://host:3306/a@b:c');",
            "open('mysql://admin@database'); send('mailto:a:b@example.com');",
        ] {
            assert_eq!(of(&[("a.js", text)]).passwords, Vec::<String>::new(), "{text}");
        }
        let module = ("node_modules/mysql/index.js", "x = { password: 'test' };");
        assert_eq!(of(&[module]), Code::default());
    }

    #[test]
    fn code_asks_when_it_says_so_outside_comments() {
        assert!(of(&[("a.js", "send(new GetSecretValueCommand({}))")]).asks);
        assert!(of(&[("a.js", "await client.getSecretValue({}).promise()")]).asks);
        assert!(of(&[("a.js", "fetch('http://localhost:2773/secretsmanager/get?x')")]).asks);
        assert!(!of(&[("a.js", "// getSecretValue comes later")]).asks);
    }
}
