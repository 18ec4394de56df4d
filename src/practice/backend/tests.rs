use serde_json::{Value, json};

use super::code::Package;
use super::*;
use crate::practice::resource::{self, Desired};
use crate::practice::store::{Scope, Store};

const SCHEMA: &str = include_str!("../../../content/app/database/schema.sql");
const HOST: &str = "c.cluster-x.us-east-1.rds.amazonaws.com";

fn with_account<T>(work: impl FnOnce(&Tx<'_>) -> T) -> T {
    let store = Store::in_memory().expect("a store");
    let scope = Scope { account: "000000000000".to_owned(), region: "us-east-1".to_owned() };
    store
        .transact(&scope, |tx| {
            put(tx, "AWS::RDS::DBCluster", "c", &json!({}), Some(("Endpoint.Address", HOST)));
            Ok(work(tx))
        })
        .expect("the store works")
}

fn put(tx: &Tx<'_>, kind: &str, id: &str, properties: &Value, attribute: Option<(&str, &str)>) {
    let desired = Desired { properties, stack: None, logical: None };
    let mut made = Resource::new(tx, kind, id, &desired);
    if let Some((name, value)) = attribute {
        made = made.with(name, value);
    }
    resource::put(tx, &made).expect("stored");
}

fn function(tx: &Tx<'_>, name: &str, handler: &str, changes: &Value) -> Resource {
    let mut properties = json!({
        "Handler": handler, "Role": "arn:aws:iam::000000000000:role/R",
        "VpcConfig": {"SubnetIds": ["subnet-1"]},
        "Environment": {"Variables": {"DATABASE_HOST": HOST}}});
    for (key, value) in changes.as_object().into_iter().flatten() {
        properties[key] = value.clone();
    }
    put(tx, "AWS::Lambda::Function", name, &properties, None);
    resource::get(tx, "AWS::Lambda::Function", name).expect("read").expect("there")
}

fn app(handler: &str) -> Package {
    let source = "import mysql from 'mysql';\nexport async function handler(event) {}";
    Package::of(&[(handler, source)], &["mysql"])
}

fn set_up(tx: &Tx<'_>) -> Invocation {
    let source = "import mysql from 'mysql2/promise';\nexport async function handler() {}";
    let package = Package::of(&[("index.js", source), ("schema.sql", SCHEMA)], &["mysql2"]);
    let function = function(tx, "Setup", "index.handler", &json!({}));
    invoke_package(tx, &function, &package, &Value::Null).expect("no fault")
}

/// Status and body of a call of an app function.
fn call(tx: &Tx<'_>, file: &str, event: &Value) -> (i64, Value) {
    let handler = format!("{}.handler", file.trim_end_matches(".js"));
    let function = function(tx, file, &handler, &json!({}));
    let done = invoke_package(tx, &function, &app(file), event).expect("no fault");
    assert_eq!(done.error, None, "{}", done.payload);
    let body = done.payload["body"].as_str().expect("a body");
    (
        done.payload["statusCode"].as_i64().expect("a status"),
        serde_json::from_str(body).expect("JSON"),
    )
}

fn list(tx: &Tx<'_>, path: &str) -> (i64, Value) {
    call(tx, "parts.js", &json!({"httpMethod": "GET", "resource": path}))
}

fn order(tx: &Tx<'_>, cape: &str) -> (i64, Value) {
    let body = json!({"name": "Ink", "imageUrl": "https://x/y.png", "sock": "1", "horn": 2,
        "glasses": "3", "cape": cape});
    call(
        tx,
        "customizations.js",
        &json!({"httpMethod": "POST", "resource": "/customizations", "body": body.to_string()}),
    )
}

fn read(tx: &Tx<'_>, id: &str) -> (i64, Value) {
    call(
        tx,
        "customizations.js",
        &json!({"httpMethod": "GET", "resource": "/customizations/{id}",
            "pathParameters": {"id": id}}),
    )
}

#[test]
fn tables_exist_only_after_the_setup_function_ran() {
    with_account(|tx| {
        assert_eq!(list(tx, "/socks"), (500, json!({"message": "Error listing parts"})));
        let done = set_up(tx);
        assert_eq!(
            done.payload,
            json!({"database": "unicorn_customization",
                "rows": {"Companies": 1, "Socks": 2, "Horns": 8, "Glasses": 7, "Capes": 4}})
        );
        let (status, socks) = list(tx, "/socks");
        assert_eq!(status, 200);
        assert_eq!(socks[1], json!({"ID": 2, "NAME": "Branded", "PRICE": 25}));
        assert_eq!(set_up(tx).payload, done.payload, "it may run again");
    });
}

#[test]
fn customizations_are_made_read_and_removed() {
    with_account(|tx| {
        set_up(tx);
        assert_eq!(order(tx, "4"), (200, json!({"customUnicornId": 1})));
        let (status, row) = read(tx, "1");
        assert_eq!((status, &row["NAME"], &row["CAPE"]), (200, &json!("Ink"), &json!(4)));
        assert_eq!(read(tx, "2"), (404, json!({"message": "No such customization"})));
        assert_eq!(order(tx, "99").0, 500, "there is no such cape");
        let event = json!({"httpMethod": "DELETE", "resource": "/customizations/{id}",
            "pathParameters": {"id": "1"}});
        assert_eq!(call(tx, "customizations.js", &event), (200, json!({"deleted": 1})));
        assert_eq!(call(tx, "customizations.js", &event).0, 404);
    });
}

#[test]
fn injected_statements_run() {
    with_account(|tx| {
        set_up(tx);
        let (status, _) =
            order(tx, "2); INSERT INTO Socks (NAME,PRICE) VALUES ('Bad color', 10000.00");
        assert_eq!(status, 200);
        assert_eq!(list(tx, "/socks").1[2], json!({"ID": 3, "NAME": "Bad color", "PRICE": 10000}));
        assert_eq!(read(tx, "0 OR 1=1").0, 200);
        assert_eq!(read(tx, "1; drop table Custom_Unicorns;").0, 200);
        assert_eq!(read(tx, "1").0, 500, "the table is gone");
    });
}

#[test]
fn injected_statements_reach_no_file_and_no_endless_loop() {
    with_account(|tx| {
        set_up(tx);
        let directory = tempfile::tempdir().expect("a directory");
        let file = directory.path().join("stolen");
        let path = file.display();
        for attack in [
            format!("1; ATTACH DATABASE '{path}' AS x; CREATE TABLE x.t (a INT)"),
            format!("1; VACUUM INTO '{path}'"),
            format!("1; SELECT 1 INTO OUTFILE '{path}'"),
            "1; SELECT load_extension('/lib/x.so')".to_owned(),
            "1; SELECT readfile('/etc/passwd')".to_owned(),
            "1; PRAGMA writable_schema = 1".to_owned(),
            "1; SELECT * FROM pragma_database_list".to_owned(),
            "1; CREATE VIRTUAL TABLE v USING fts5(x)".to_owned(),
            "1; WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i+1 FROM n) SELECT count(*) FROM n"
                .to_owned(),
            "1; SELECT hex(zeroblob(2000000000))".to_owned(),
        ] {
            let answer = (500, json!({"message": "Error customizing unicorn"}));
            assert_eq!(read(tx, &attack), answer, "{attack}");
        }
        assert!(!file.exists());
        assert_eq!(list(tx, "/socks").0, 200, "the database still works");
    });
}

#[test]
fn what_is_missing_in_package_or_configuration_fails_as_on_aws() {
    with_account(|tx| {
        set_up(tx);
        let event = json!({"httpMethod": "GET", "resource": "/socks"});
        let source = "import mysql from 'mysql';\nexport async function handler(event) {}";
        let bare = Package::of(&[("parts.js", source)], &[]);
        let parts = function(tx, "P", "parts.handler", &json!({}));
        let done = invoke_package(tx, &parts, &bare, &event).expect("no fault");
        assert_eq!(done.error, Some("Unhandled"));
        assert!(done.payload["errorMessage"].as_str().is_some_and(|m| m.contains("'mysql'")));
        for changes in [
            json!({"VpcConfig": null}),
            json!({"Environment": {"Variables": {"DATABASE_HOST": "cluster-xxxxxxx"}}}),
            json!({"Environment": null}),
        ] {
            let parts = function(tx, "P", "parts.handler", &changes);
            let done = invoke_package(tx, &parts, &app("parts.js"), &event).expect("no fault");
            assert_eq!(done.payload["statusCode"], 500, "{changes}");
        }
    });
}

#[test]
fn a_partner_needs_a_role_that_may_make_it() {
    with_account(|tx| {
        set_up(tx);
        let event = json!({"httpMethod": "POST", "resource": "/partners",
            "body": "{\"name\": \"Acme\"}"});
        let answer = call(tx, "partners.js", &event);
        assert_eq!(answer, (500, json!({"message": "Error registering the partner"})));
        let again = call(tx, "partners.js", &event);
        assert_eq!(again, answer, "the name isn't taken");
        let nameless = json!({"httpMethod": "POST", "resource": "/partners", "body": "[1"});
        assert_eq!(call(tx, "partners.js", &nameless).0, 400);
    });
}

proptest::proptest! {
    #![proptest_config(proptest::prelude::ProptestConfig::with_cases(64))]
    #[test]
    fn no_text_of_a_caller_makes_the_account_fail(id in "\\PC{0,60}") {
        with_account(|tx| {
            set_up(tx);
            let (status, _) = read(tx, &id);
            assert!([200, 404, 500].contains(&status));
        });
    }
}
