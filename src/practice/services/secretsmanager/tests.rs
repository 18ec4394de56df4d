use serde_json::{Value, json};

use super::*;
use crate::practice::store::{Scope, Store};
use crate::practice::wire::ReplyBody;

fn with_account(work: impl FnOnce(&Tx<'_>)) {
    let store = Store::in_memory().expect("a store");
    let scope = Scope { account: "000000000000".to_owned(), region: "us-east-1".to_owned() };
    store
        .transact(&scope, |tx| {
            work(tx);
            Ok(())
        })
        .expect("the store works");
}

fn ask(tx: &Tx<'_>, operation: &str, input: Value) -> Result<Value, Fault> {
    let call = Call {
        service: "secretsmanager".to_owned(),
        operation: operation.to_owned(),
        input,
        method: "POST".to_owned(),
        access_key: String::new(),
        body: Vec::new(),
        headers: std::collections::BTreeMap::new(),
        endpoint: String::new(),
    };
    call_service(tx, &call)
}

fn call_service(tx: &Tx<'_>, call: &Call) -> Result<Value, Fault> {
    Ok(match super::call(tx, call)?.body {
        ReplyBody::Members(members) => members,
        _ => Value::Null,
    })
}

fn stages(tx: &Tx<'_>) -> Value {
    ask(tx, "DescribeSecret", json!({"SecretId": "s"})).expect("there")["VersionIdsToStages"]
        .clone()
}

#[test]
fn labels_move_with_new_values_and_the_last_is_kept() {
    with_account(|tx| {
        let (one, two) = ("1".repeat(36), "2".repeat(36));
        let create = json!({"Name": "s", "SecretString": "a", "ClientRequestToken": one});
        let made = ask(tx, "CreateSecret", create).expect("made");
        let arn = made["ARN"].as_str().expect("an ARN").to_owned();
        assert!(arn.starts_with("arn:aws:secretsmanager:us-east-1:000000000000:secret:s-"));
        let put = json!({"SecretId": arn, "SecretString": "b", "ClientRequestToken": two});
        ask(tx, "PutSecretValue", put).expect("put");
        assert_eq!(stages(tx)[&one], json!(["AWSPREVIOUS"]));
        assert_eq!(stages(tx)[&two], json!(["AWSCURRENT"]));
        let value = ask(tx, "GetSecretValue", json!({"SecretId": "s"})).expect("read");
        assert_eq!(value["SecretString"], "b");
        let remove =
            json!({"SecretId": "s", "VersionStage": "AWSCURRENT", "RemoveFromVersionId": two});
        let refused = ask(tx, "UpdateSecretVersionStage", remove).expect_err("refused");
        assert_eq!(refused.code, "InvalidParameterException");
        let again = json!({"SecretId": "s", "SecretString": "c", "ClientRequestToken": two});
        let refused = ask(tx, "PutSecretValue", again).expect_err("refused");
        assert_eq!(refused.code, "ResourceExistsException");
    });
}

#[test]
fn descriptions_and_lists_hold_no_value() {
    with_account(|tx| {
        ask(tx, "CreateSecret", json!({"Name": "s", "SecretString": "v4lue"})).expect("made");
        for (operation, input) in [
            ("DescribeSecret", json!({"SecretId": "s"})),
            ("ListSecrets", json!({})),
            ("ListSecretVersionIds", json!({"SecretId": "s"})),
        ] {
            let answer = ask(tx, operation, input).expect("answered").to_string();
            assert!(answer.contains("AWSCURRENT") && !answer.contains("v4lue"), "{answer}");
        }
        let kept = resource::get(tx, SECRET, "s").expect("read");
        assert!(!format!("{kept:?}").contains("v4lue"));
    });
}

#[test]
fn a_deleted_secret_keeps_its_name_until_it_is_restored_or_forced_away() {
    with_account(|tx| {
        let named = json!({"SecretId": "s"});
        ask(tx, "CreateSecret", json!({"Name": "s", "SecretString": "a"})).expect("made");
        ask(tx, "DeleteSecret", json!({"SecretId": "s", "RecoveryWindowInDays": 7})).expect("gone");
        assert!(
            ask(tx, "DescribeSecret", named.clone()).expect("there")["DeletedDate"].is_number()
        );
        assert_eq!(
            ask(tx, "GetSecretValue", named.clone()).expect_err("refused").code,
            "InvalidRequestException"
        );
        assert!(ask(tx, "CreateSecret", json!({"Name": "s", "SecretString": "b"})).is_err());
        assert_eq!(ask(tx, "ListSecrets", json!({})).expect("listed")["SecretList"], json!([]));
        let all = ask(tx, "ListSecrets", json!({"IncludePlannedDeletion": true})).expect("listed");
        assert_eq!(all["SecretList"][0]["Name"], "s");
        ask(tx, "RestoreSecret", named.clone()).expect("restored");
        assert_eq!(ask(tx, "GetSecretValue", named.clone()).expect("read")["SecretString"], "a");
        let force = json!({"SecretId": "s", "ForceDeleteWithoutRecovery": true});
        ask(tx, "DeleteSecret", force).expect("gone");
        assert_eq!(
            ask(tx, "DescribeSecret", named).expect_err("gone").code,
            "ResourceNotFoundException"
        );
    });
}

#[test]
fn a_password_has_each_kind_of_character_and_none_that_is_excluded() {
    let wanted = json!({"PasswordLength": 20, "ExcludeCharacters": "/@\"'\\"});
    let password = random(&wanted).expect("a password");
    assert_eq!(password.len(), 20);
    assert!(!password.contains(['/', '@', '"', '\'', '\\']));
    assert!(password.contains(|c: char| c.is_ascii_digit()));
    assert!(password.contains(|c: char| c.is_ascii_punctuation()));
    assert!(random(&json!({"PasswordLength": 3})).is_err(), "four kinds don't fit");
}

#[test]
fn rotation_needs_a_function_that_lets_itself_be_invoked() {
    with_account(|tx| {
        ask(tx, "CreateSecret", json!({"Name": "s", "SecretString": "a"})).expect("made");
        let refused = ask(tx, "RotateSecret", json!({"SecretId": "s"})).expect_err("refused");
        assert_eq!(refused.code, "InvalidRequestException");
        let arn = "arn:aws:lambda:us-east-1:000000000000:function:R";
        let rotate = json!({"SecretId": "s", "RotationLambdaARN": arn});
        let refused = ask(tx, "RotateSecret", rotate).expect_err("refused");
        assert_eq!(refused.code, "AccessDeniedException");
    });
}
