//! Module 9: plans and keys made by hand, the public workshop's own limits, and plans that count
//! nothing.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use crate::support::Practice;

/// A plan with these limits, before no stage.
fn plan(practice: &Practice, limits: &Value) -> String {
    let made = practice.rest("apigateway", "POST", "/usageplans", Some(limits));
    made["id"].as_str().unwrap().to_owned()
}

fn attach(practice: &Practice, plan: &str, api: &str, stage: &str) {
    let value = format!("{api}:{stage}");
    let operations = json!({ "patchOperations": [
        { "op": "add", "path": "/apiStages", "value": value }]});
    practice.rest("apigateway", "PATCH", &format!("/usageplans/{plan}"), Some(&operations));
}

/// A key in a plan: its id.
fn key(practice: &Practice, plan: &str, key: &Value) -> String {
    let made = practice.rest("apigateway", "POST", "/apikeys", Some(key));
    let join = json!({ "keyId": made["id"], "keyType": "API_KEY" });
    practice.rest("apigateway", "POST", &format!("/usageplans/{plan}/keys"), Some(&join));
    made["id"].as_str().unwrap().to_owned()
}

/// Sets whether the drafted methods ask for a key, but for one path.
fn ask_for_keys(practice: &Practice, api: &str, but: &str) {
    let path = format!("/restapis/{api}/resources?embed=methods&limit=500");
    let answer = practice.rest("apigateway", "GET", &path, None);
    for resource in answer["item"].as_array().unwrap() {
        let methods = resource["resourceMethods"].as_object().into_iter().flatten();
        for verb in methods.map(|method| method.0).filter(|verb| *verb != "OPTIONS") {
            if resource["path"] == but {
                continue;
            }
            let id = resource["id"].as_str().unwrap();
            let path = format!("/restapis/{api}/resources/{id}/methods/{verb}");
            let operations = json!({ "patchOperations": [
                { "op": "replace", "path": "/apiKeyRequired", "value": "true" }]});
            practice.rest("apigateway", "PATCH", &path, Some(&operations));
        }
    }
}

/// The public workshop's plan.
fn workshop() -> Value {
    json!({ "name": "Basic", "throttle": { "rateLimit": 1.0, "burstLimit": 1 },
        "quota": { "limit": 100, "period": "MONTH" } })
}

#[test]
fn the_workshops_plan_made_by_hand_passes_once_it_is_deployed() {
    let practice = Practice::solved(&["0", "1"]);
    let api = practice.api_id();
    practice.verify(&["9"]).assert_fails("plan-is-on-the-stage", "no usage plan");

    let plan = plan(&practice, &workshop());
    practice.verify(&["9"]).assert_fails("plan-is-on-the-stage", "Basic");
    attach(&practice, &plan, &api, "dev");
    practice.verify(&["9"]).assert_fails("partner-has-a-key", "no key");
    key(&practice, &plan, &json!({ "name": "any name", "enabled": true }));
    ask_for_keys(&practice, &api, "/partners");
    practice
        .verify(&["9"])
        .assert_fails("partner-methods-ask-for-a-key", "Configured, but not deployed");

    practice.deploy_api(&api);
    let report = practice.verify(&["9"]);
    for check in [
        "plan-is-on-the-stage",
        "plan-limits-rate-and-quota",
        "partner-has-a-key",
        "partner-methods-ask-for-a-key",
        "call-without-a-key-is-refused",
        "key-opens-the-methods",
        "burst-is-throttled",
    ] {
        assert_eq!(report.verdict(check), "pass", "{check}: {}", report.message(check));
    }
    report.assert_fails("key-comes-from-the-token", "x-api-key");
}

#[test]
fn a_plan_of_another_stage_counts_nothing_here() {
    let practice = Practice::solved(&["0", "1"]);
    let api = practice.api_id();
    practice.ok(&[
        "apigateway",
        "create-deployment",
        "--rest-api-id",
        &api,
        "--stage-name",
        "test",
    ]);
    let plan = plan(&practice, &workshop());
    attach(&practice, &plan, &api, "test");
    let report = practice.verify(&["9"]);
    report.assert_fails("plan-is-on-the-stage", "another stage");
    assert_ne!(report.verdict("plan-limits-rate-and-quota"), "pass");
}

#[test]
fn a_disabled_key_opens_nothing() {
    let practice = Practice::solved(&["0", "1", "9a", "9b", "9c"]);
    let keys = practice.rest("apigateway", "GET", "/apikeys", None);
    let id = keys["item"][0]["id"].as_str().unwrap();
    assert!(keys["item"][0].get("value").is_none(), "values are shown on demand alone");
    let operations = json!({ "patchOperations": [
        { "op": "replace", "path": "/enabled", "value": "false" }]});
    practice.rest("apigateway", "PATCH", &format!("/apikeys/{id}"), Some(&operations));
    let calls = practice.fact("key_calls");
    assert_eq!(calls["with_key"]["outcome"], "forbidden", "{calls}");
    // Just deployed, a key may still be on its way: no pass, and perhaps a wait.
    let report = practice.verify(&["9"]);
    assert!(["fail", "waiting"].contains(&report.verdict("key-opens-the-methods")));
    assert_eq!(report.verdict("partner-has-a-key"), "pass");
}

#[test]
fn a_quota_that_is_used_up_is_told_from_a_rate() {
    let practice = Practice::solved(&["0", "1", "9a", "9b", "9c"]);
    let quota = BTreeMap::from([(
        "Resources.BasicPlan.Properties.Quota".to_owned(),
        json!({ "Limit": 1, "Period": "DAY" }),
    )]);
    practice.deploy_app(&quota);
    let token = practice.partner_token();
    let keys = practice.rest("apigateway", "GET", "/apikeys?includeValues=true", None);
    let key = keys["item"][0]["value"].as_str().unwrap().to_owned();
    let url = practice.address("socks");
    let call = || {
        let headers = [("authorization", token.as_str()), ("x-api-key", key.as_str())];
        practice.exchange("GET", &url, &headers, b"")
    };
    // Facts that were read before have sent nothing: the first call is the quota's only one.
    assert_eq!(call().0, 200);
    let (status, kind, body) = call();
    assert_eq!((status, kind.as_str()), (429, "LimitExceededException"), "{body}");
    practice.verify(&["9"]).assert_fails("key-opens-the-methods", "quota");
    // A day later the period is another.
    practice.set_ahead(86_400);
    let token = practice.partner_token();
    let headers = [("authorization", token.as_str()), ("x-api-key", key.as_str())];
    assert_eq!(practice.exchange("GET", &url, &headers, b"").0, 200);
}

#[test]
fn a_bucket_fills_again_as_the_clock_moves() {
    let practice = Practice::solved(&["0", "1", "9a", "9b", "9c"]);
    let token = practice.partner_token();
    let keys = practice.rest("apigateway", "GET", "/apikeys?includeValues=true", None);
    let key = keys["item"][0]["value"].as_str().unwrap().to_owned();
    let url = practice.address("capes");
    let headers = [("authorization", token.as_str()), ("x-api-key", key.as_str())];
    let statuses: Vec<u16> =
        (0..12).map(|_| practice.exchange("GET", &url, &headers, b"").0).collect();
    assert!(statuses.contains(&429), "{statuses:?}");
    practice.set_ahead(60);
    assert_eq!(practice.exchange("GET", &url, &headers, b"").0, 200);
}

#[test]
fn no_value_of_a_key_is_ever_shown() {
    let practice = Practice::solved(&["0", "1", "9"]);
    let keys = practice.rest("apigateway", "GET", "/apikeys?includeValues=true", None);
    assert!(keys["item"][0]["value"].as_str().is_some());
    for fact in ["plan_keys", "plan_usage", "key_calls", "burst_calls"] {
        let shown = practice.fact(fact);
        assert!(shown.pointer("/keys/0/value").is_none(), "{fact}: {shown}");
    }
}

#[test]
fn one_call_a_second_stops_no_other_modules_proof() {
    let practice = Practice::solved(&["0", "1", "3", "5", "9"]);
    let plan = practice.fact("usage_plans")["plans"][0]["id"].as_str().unwrap().to_owned();
    let slow = json!({ "patchOperations": [
        { "op": "replace", "path": "/throttle/rateLimit", "value": "1" },
        { "op": "replace", "path": "/throttle/burstLimit", "value": "1" }]});
    practice.rest("apigateway", "PATCH", &format!("/usageplans/{plan}"), Some(&slow));
    practice.verify(&["1", "3", "5"]).assert_proven();
}

#[test]
fn a_newer_partner_without_a_key_hides_nothing_that_is_proven() {
    let practice = Practice::solved(&["0", "1", "3", "5", "9"]);
    practice.set_ahead(60);
    let client = practice.register("Newcomer");
    // It orders with a key, which is then gone.
    let plan = practice.fact("usage_plans")["plans"][0]["id"].as_str().unwrap().to_owned();
    let own = json!({ "name": "Newcomer", "value": client, "enabled": true });
    let id = key(&practice, &plan, &own);
    let token = practice.token_of(&client);
    practice.order(&token);
    practice.rest("apigateway", "DELETE", &format!("/apikeys/{id}"), None);
    assert_eq!(practice.call("GET", "socks", &token, None).0, 403);

    assert_eq!(practice.fact("token_exchange")["partners"][0]["client"], client.as_str());
    // Modules 1, 7 and 8 rest on these calls.
    let calls = practice.fact("scope_separation")["partner"].clone();
    assert_eq!(calls[0]["outcome"], "answered", "{calls}");
    let report = practice.verify(&["1", "3", "5", "9"]);
    report.assert_proven();
    assert_eq!(report.verdict("key-comes-from-the-token"), "pass");
}
