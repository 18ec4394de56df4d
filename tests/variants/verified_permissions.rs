//! Module 3: policy stores that protect nothing, and what the right one does.

use serde_json::{Value, json};

use crate::support::Practice;

const STORE: &str = "VerifiedPermissions";

fn solved() -> Practice {
    Practice::solved(&["0", "1", "3"])
}

fn avp(practice: &Practice, operation: &str, input: &Value) -> Value {
    practice.target("verifiedpermissions", &format!("{STORE}.{operation}"), input)
}

fn store_id(practice: &Practice) -> String {
    practice.fact("policy_store")["id"].as_str().unwrap().to_owned()
}

/// A statement of Cedar as a static policy of the application's store.
fn add_policy(practice: &Practice, statement: &str) {
    let input = json!({"policyStoreId": store_id(practice),
        "definition": {"static": {"statement": statement}}});
    avp(practice, "CreatePolicy", &input);
}

/// A second client of the company of the first partner: its token.
fn second_client(practice: &Practice) -> String {
    let pool = practice.fact("user_pool")["id"].as_str().unwrap().to_owned();
    let company = practice.fact("partners")["partners"][0]["company"].clone();
    let made = practice.ok(&[
        "cognito-idp",
        "create-user-pool-client",
        "--user-pool-id",
        &pool,
        "--client-name",
        "Report",
        "--generate-secret",
        "--allowed-o-auth-flows",
        "client_credentials",
        "--allowed-o-auth-flows-user-pool-client",
        "--allowed-o-auth-scopes",
        "WildRydes/CustomizeUnicorn",
        "--output",
        "json",
    ]);
    let made: Value = serde_json::from_str(&made).unwrap();
    let id = made["UserPoolClient"]["ClientId"].as_str().unwrap();
    practice.target(
        "dynamodb",
        "DynamoDB_20120810.PutItem",
        &json!({
        "TableName": "CustomizeUnicorns-WildRydePartners",
        "Item": {"ClientID": {"S": id}, "CompanyID": {"S": company}}}),
    );
    practice.token_of(id)
}

#[test]
fn another_client_of_the_company_deletes_an_order_before_and_not_after() {
    for (practice, wanted) in [(Practice::solved(&["0", "1"]), 200), (solved(), 403)] {
        let owner = practice.partner_token();
        let report = second_client(&practice);
        let path = format!("customizations/{}", practice.order(&owner));
        assert_eq!(practice.call("GET", &path, &report, None).0, wanted);
        assert_eq!(practice.call("DELETE", &path, &report, None).0, wanted);
        let left = if wanted == 200 { 404 } else { 200 };
        assert_eq!(practice.call("GET", &path, &owner, None).0, left);
        assert_eq!(practice.call("DELETE", &path, &owner, None).0, left);
        if wanted == 403 {
            practice.verify(&["3"]).assert_proven();
        }
    }
}

#[test]
fn cancelling_a_unicorn_takes_its_policy_along() {
    let practice = solved();
    let count = || practice.fact("policies")["policies"].as_array().unwrap().len();
    let before = count();
    let owner = practice.partner_token();
    let id = practice.order(&owner);
    assert_eq!(count(), before + 1);
    let path = format!("customizations/{id}");
    assert_eq!(practice.call("DELETE", &path, &owner, None).0, 200);
    assert_eq!(count(), before);
}

#[test]
fn a_store_that_nobody_asks_proves_nothing() {
    let practice = Practice::solved(&["0", "1"]);
    let store =
        avp(&practice, "CreatePolicyStore", &json!({"validationSettings": {"mode": "STRICT"}}));
    let store = store["policyStoreId"].clone();
    let applies = json!({"appliesTo": {"principalTypes": ["User"], "resourceTypes": ["Unicorn"]}});
    let schema = json!({"WildRydes": {"entityTypes": {"User": {}, "Unicorn": {}},
        "actions": {"GetUnicorn": applies, "DeleteUnicorn": applies}}});
    avp(
        &practice,
        "PutSchema",
        &json!({"policyStoreId": store,
        "definition": {"cedarJson": schema.to_string()}}),
    );
    avp(
        &practice,
        "CreatePolicyTemplate",
        &json!({"policyStoreId": store, "statement":
        "permit (principal == ?principal, action in [WildRydes::Action::\"GetUnicorn\", \
         WildRydes::Action::\"DeleteUnicorn\"], resource == ?resource);"}),
    );
    let report = practice.verify(&["3"]);
    assert_eq!(report.code, 1);
    assert_eq!(report.verdict("rule-is-written"), "pass");
    report.assert_fails("something-asks-the-store", "no function asks");
    assert_ne!(report.verdict("others-are-refused"), "pass");
}

#[test]
fn a_function_that_asks_a_deleted_store_fails_closed_and_is_named() {
    let practice = solved();
    let store = store_id(&practice);
    practice.ok(&["verifiedpermissions", "delete-policy-store", "--policy-store-id", &store]);
    let report = practice.verify(&["3"]);
    assert_eq!(report.code, 1);
    report.assert_fails("policy-store-describes-the-app", &store);
    assert_eq!(practice.call("GET", "customizations/1", &practice.partner_token(), None).0, 500);
}

#[test]
fn a_policy_for_everybody_fails_in_decision_and_behaviour() {
    let practice = solved();
    add_policy(&practice, "permit (principal, action, resource);");
    let report = practice.verify(&["3"]);
    assert_eq!(report.code, 1);
    report.assert_fails("stranger-is-denied", "anybody");
    report.assert_fails("others-are-refused", "no policy gives");
}

#[test]
fn a_store_without_validation_is_a_warning() {
    let practice = solved();
    let off = json!({"policyStoreId": store_id(&practice), "validationSettings": {"mode": "OFF"}});
    avp(&practice, "UpdatePolicyStore", &off);
    let report = practice.verify(&["3"]);
    assert_eq!(report.code, 0);
    assert_eq!(report.verdict("policy-store-validates"), "fail");
}

#[test]
fn the_change_in_the_code_alone_protects_nothing_until_it_is_deployed() {
    let practice = solved();
    // The code of before, deployed; the new code on the learner's disk.
    let new = std::fs::read_to_string(practice.app().join("api/permissions.js")).unwrap();
    practice.edit("api/permissions.js", |_| {
        "export const may = async () => true;\nexport const grant = async () => {};\n\
         export const revoke = async () => {};\n"
            .to_owned()
    });
    practice.deploy_app(&std::collections::BTreeMap::new());
    practice.edit("api/permissions.js", |_| new.clone());
    let report = practice.verify(&["3"]);
    assert_eq!(report.code, 1);
    assert_eq!(report.verdict("stranger-is-denied"), "pass");
    report.assert_fails("others-are-refused", "no policy gives");
}

#[test]
fn what_may_not_be_read_cannot_be_told() {
    let practice = solved();
    for (action, check) in [
        ("verifiedpermissions:GetPolicyStore", "policy-store-describes-the-app"),
        ("verifiedpermissions:ListPolicies", "rule-is-written"),
        ("verifiedpermissions:IsAuthorized", "stranger-is-denied"),
    ] {
        practice.fault(&json!([{"action": action, "fault": "access_denied"}]));
        let report = practice.verify(&["3"]);
        assert_eq!(report.code, 3, "{action}");
        assert_eq!(report.verdict(check), "cannot_tell", "{action}");
        assert!(report.message(check).contains(action), "{}", report.message(check));
    }
    practice.fault(&json!([]));
    practice.verify(&["3"]).assert_proven();
}
