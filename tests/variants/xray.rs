//! Module 11: tracing switched on by hand, by halves, elsewhere; rules and destinations that keep
//! traces away; traces that are late.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use crate::support::{Practice, REGION};

const FUNCTIONS: &str = "functions-are-traced";
const STAGE: &str = "stage-is-traced";
const REQUESTS: &str = "requests-are-traced";

fn start() -> Practice {
    Practice::solved(&["0", "1"])
}

fn traced() -> Practice {
    Practice::solved(&["0", "1", "11"])
}

/// Seconds until a trace shows.
fn delay(practice: &Practice, seconds: u32) {
    practice.pace("xray", &json!({ "seconds": seconds }));
}

/// Makes a sampling rule with these rates for a service.
fn rule(practice: &Practice, name: &str, service: &str, rate: f64, reservoir: u8) {
    let rule = json!({ "SamplingRule": { "RuleName": name, "Priority": 10, "FixedRate": rate,
        "ReservoirSize": reservoir, "ResourceARN": "*", "ServiceName": service,
        "ServiceType": "*", "Host": "*", "HTTPMethod": "*", "URLPath": "*", "Version": 1 } });
    practice.rest("xray", "POST", "/CreateSamplingRule", Some(&rule));
}

/// Switches the stage's tracing on or off, as the console does.
fn trace_stage(practice: &Practice, on: bool) {
    let operation = format!("op=replace,path=/tracingEnabled,value={on}");
    let api = practice.api_id();
    let words = ["apigateway", "update-stage", "--rest-api-id", &api, "--stage-name", "dev"];
    practice.ok(&[&words[..], &["--patch-operations", &operation]].concat());
}

/// Summaries of the traces of this hour.
fn summaries(practice: &Practice) -> Vec<Value> {
    let now = jiff::Timestamp::now().as_second();
    let window = json!({ "StartTime": now - 3600, "EndTime": now + 5 });
    let answer = practice.rest("xray", "POST", "/TraceSummaries", Some(&window));
    answer["TraceSummaries"].as_array().unwrap().clone()
}

/// Calls the API without a token.
fn call(practice: &Practice) {
    assert_eq!(practice.call("GET", "socks", "a-guess", None).0, 401);
}

#[test]
fn tracing_switched_on_by_hand_counts_where_the_roles_may_write_traces() {
    let practice = start();
    practice.verify(&["11"]).assert_fails(FUNCTIONS, "No function is traced");
    let functions = practice.fact("functions");
    for function in functions["functions"].as_array().unwrap() {
        let name = function["name"].as_str().unwrap();
        if name == "CustomUnicornAnalyticsFunction" {
            continue;
        }
        let words = ["lambda", "update-function-configuration", "--function-name", name];
        let words = [&words[..], &["--tracing-config", "Mode=Active"]].concat();
        let refused = practice.aws(&words);
        assert!(refused.text.contains("PutTraceSegments"), "{}", refused.text);
        let role = function["role"].as_str().unwrap().rsplit('/').next().unwrap();
        let policy = "arn:aws:iam::aws:policy/AWSXrayWriteOnlyAccess";
        let attach = ["iam", "attach-role-policy", "--role-name", role, "--policy-arn", policy];
        practice.ok(&attach);
        practice.ok(&words);
    }
    trace_stage(&practice, true);
    practice.verify(&["11"]).assert_proven();
}

#[test]
fn a_traced_stage_before_functions_that_are_not_is_half_the_module() {
    let practice = start();
    let traced = "Resources.UnicornApi.Properties.TracingEnabled".to_owned();
    practice.deploy_app(&BTreeMap::from([(traced, json!(true))]));
    let report = practice.verify(&["11"]);
    report.assert_fails(FUNCTIONS, "PassThrough");
    assert_eq!(report.verdict(STAGE), "pass");
    assert_eq!(report.verdict(REQUESTS), "blocked");
}

#[test]
fn functions_traces_of_their_own_are_no_traces_of_the_stage() {
    let practice = traced();
    trace_stage(&practice, false);
    let before = summaries(&practice).len();
    // No reservoir of this second is left over from before.
    practice.set_ahead(2);
    call(&practice);
    let all = summaries(&practice);
    assert_eq!(all.len(), before + 1, "{all:?}");
    assert_eq!(all.last().unwrap()["EntryPoint"]["Type"], "AWS::Lambda");
    practice.set_ahead(0);
    let report = practice.verify(&["11"]);
    assert_eq!(report.verdict(FUNCTIONS), "pass");
    report.assert_fails(STAGE, "isn't traced");
    assert_eq!(report.verdict(REQUESTS), "blocked");
}

#[test]
fn what_is_drafted_or_on_another_stage_traces_nothing() {
    let practice = start();
    practice.edit("template.yaml", |text| {
        text.replace("  Function:\n", "  Function:\n    Tracing: Active\n")
            .replace("      StageName: dev\n", "      StageName: dev\n      TracingEnabled: true\n")
    });
    let api = practice.api_id();
    let words = ["apigateway", "create-deployment", "--rest-api-id", &api];
    practice.ok(&[&words[..], &["--stage-name", "test", "--tracing-enabled"]].concat());
    let report = practice.verify(&["11"]);
    report.assert_fails(FUNCTIONS, "No function");
    report.assert_fails(STAGE, "dev");
    practice.deploy_app(&BTreeMap::new());
    practice.verify(&["11"]).assert_proven();
}

#[test]
fn one_function_that_only_passes_traces_through_is_named() {
    let practice = traced();
    let words = ["lambda", "update-function-configuration", "--function-name"];
    let mode = ["UnicornPartsFunction", "--tracing-config", "Mode=PassThrough"];
    practice.ok(&[words, mode].concat());
    let report = practice.verify(&["11"]);
    report.assert_fails(FUNCTIONS, "UnicornPartsFunction (PassThrough)");
    assert_eq!(report.offenders(FUNCTIONS).len(), 1);
    // The analytics function answers nobody.
    let practice = traced();
    let mode = ["CustomUnicornAnalyticsFunction", "--tracing-config", "Mode=PassThrough"];
    practice.ok(&[words, mode].concat());
    practice.verify(&["11"]).assert_proven();
}

#[test]
fn a_sampling_rule_of_nothing_is_named_whether_or_not_there_are_older_traces() {
    let practice = traced();
    practice.verify(&["11"]).assert_proven();
    rule(&practice, "Silence", "CustomizeUnicorns/*", 0.0, 0);
    practice.verify(&["11"]).assert_fails(REQUESTS, "Silence");

    let practice = start();
    rule(&practice, "Silence", "CustomizeUnicorns/dev", 0.0, 0);
    practice.solve(&["11"]);
    practice.verify(&["11"]).assert_fails(REQUESTS, "Silence");
    assert!(summaries(&practice).iter().all(|one| one["EntryPoint"]["Type"] == "AWS::Lambda"));
}

#[test]
fn rules_about_other_services_and_rules_that_record_are_no_trouble() {
    let practice = traced();
    rule(&practice, "Others", "Another/*", 0.0, 0);
    rule(&practice, "Everything", "*", 1.0, 0);
    practice.verify(&["11"]).assert_proven();
}

#[test]
fn with_transaction_search_nobody_can_tell_unless_all_is_indexed() {
    let practice = start();
    practice.ok(&["xray", "update-trace-segment-destination", "--destination", "CloudWatchLogs"]);
    practice.solve(&["11"]);
    let report = practice.verify(&["11"]);
    assert_eq!(report.verdict(REQUESTS), "cannot_tell", "{}", report.check(REQUESTS));
    let said = report.message(REQUESTS);
    assert!(said.contains("Transaction Search") && said.contains("update-indexing-rule"), "{said}");
    let all = r#"{"Probabilistic": {"DesiredSamplingPercentage": 100}}"#;
    practice.ok(&["xray", "update-indexing-rule", "--name", "Default", "--rule", all]);
    practice.verify(&["11"]).assert_proven();
}

#[test]
fn a_trace_that_is_late_is_waited_for() {
    let practice = traced();
    delay(&practice, 600);
    let report = practice.verify(&["11"]);
    assert_eq!(report.verdict(REQUESTS), "waiting", "{}", report.check(REQUESTS));
    assert_eq!(report.code, 3, "nothing has failed");
    delay(&practice, 0);
    practice.verify(&["11"]).assert_proven();
}

#[test]
fn a_trace_shows_the_whole_way_of_a_call() {
    let practice = traced();
    let token = practice.partner_token();
    let url = practice.address("socks");
    let id = "1-58406520-a006649127e371903a2de979";
    let header = format!("Root={id};Sampled=1");
    let headers = [("authorization", token.as_str()), ("x-amzn-trace-id", &header)];
    assert_eq!(practice.exchange("GET", &url, &headers, b"").0, 200);
    let words = ["xray", "batch-get-traces", "--trace-ids", id];
    let trace = practice.aws(&words).json()["Traces"][0].clone();
    let segments: Vec<Value> = trace["Segments"]
        .as_array()
        .unwrap()
        .iter()
        .map(|segment| serde_json::from_str(segment["Document"].as_str().unwrap()).unwrap())
        .collect();
    let stage = &segments[0];
    assert_eq!(stage["name"], "CustomizeUnicorns/dev");
    assert_eq!(stage["http"]["response"]["status"], 200);
    let api = practice.api_id();
    let arn = format!("arn:aws:apigateway:{REGION}::/restapis/{api}/stages/dev");
    assert_eq!(stage["resource_arn"], arn);
    let parts: Vec<&Value> = stage["subsegments"].as_array().unwrap().iter().collect();
    let services: Vec<&Value> =
        segments.iter().filter(|segment| segment["origin"] == "AWS::Lambda").collect();
    let names: Vec<&Value> = services.iter().map(|segment| &segment["name"]).collect();
    assert_eq!(names, ["CustomAuthorizerFunction", "UnicornPartsFunction"]);
    for (part, service) in parts.iter().zip(&services) {
        assert_eq!(part["id"], service["parent_id"]);
    }
    // Who says that a call isn't recorded is obeyed.
    let quiet = id.replace("58406520", "58406521");
    let header = format!("Root={quiet};Sampled=0");
    practice.exchange("GET", &url, &[("x-amzn-trace-id", &header)], b"");
    let words = ["xray", "batch-get-traces", "--trace-ids", &quiet];
    assert_eq!(practice.aws(&words).json()["Traces"], json!([]));
}

#[test]
fn without_permission_or_requests_the_proof_cannot_tell() {
    let practice = traced();
    practice.fault(&json!([{ "action": "xray:GetTraceSummaries", "fault": "access_denied" }]));
    let report = practice.verify(&["11"]);
    assert_eq!(report.verdict(REQUESTS), "cannot_tell");
    assert!(report.message(REQUESTS).contains("xray:GetTraceSummaries"));
    practice.fault(&json!([]));
    let report = practice.verify_with(&["--module", "11", "--no-probes"]);
    assert_eq!(report.verdict(STAGE), "pass");
    assert_eq!(report.verdict(REQUESTS), "cannot_tell");
}
