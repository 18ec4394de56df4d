//! `verify` from outside: the program against practice accounts of its own.
#![expect(clippy::unwrap_used, clippy::panic, reason = "a test says what broke by panicking")]

#[expect(clippy::allow_attributes, reason = "whether a part is used differs by test program")]
#[allow(dead_code, unused_imports, unreachable_pub, reason = "each test program uses its own part")]
mod support;

#[path = "verify/status.rs"]
mod status;

use std::path::Path;
use std::process::Stdio;

use serde_json::{Value, json};
use stepproof::account::catalog;
use stepproof::course::{Course, PartId};
use support::{Practice, Report, code, text};

#[test]
fn an_empty_account_fails_with_what_to_do() {
    let report = Practice::start().verify_with(&["--module", "0"]);
    assert_eq!(report.code, 1);
    let message = report.check("setup-stack-complete")["message"].as_str().unwrap();
    assert!(message.contains("Secure-Serverless isn't in us-east-1"), "{message}");
    assert_eq!(report.check("app-stack-complete")["verdict"], "blocked");
    assert_eq!(report.json["account"], "000000000000");
    assert_eq!(report.json["kind"], "practice");
}

#[test]
fn a_change_set_that_was_not_executed_deploys_nothing() {
    let practice = Practice::start();
    practice.file("t.yaml", "Resources: {Vpc: {Type: 'AWS::EC2::VPC'}}");
    let change_set = |practice: &Practice, stack: &str| {
        let made = practice.deploy(stack, "t.yaml", &["--no-execute-changeset"]);
        assert!(made.good(), "{}", made.text);
        assert_eq!(practice.status(stack), "REVIEW_IN_PROGRESS");
    };
    change_set(&practice, "Secure-Serverless");
    let said = "isn't deployed yet: a change set was made, but not executed";
    let report = practice.verify(&["0"]);
    report.assert_fails("setup-stack-complete", said);
    assert!(report.passing().is_empty(), "{:?}", report.passing());

    let practice = Practice::solved(&["0"]);
    practice.file("t.yaml", "Resources: {Vpc: {Type: 'AWS::EC2::VPC'}}");
    for (stack, check) in [
        ("CustomizeUnicorns", "app-stack-complete"),
        ("Secure-Serverless-Database", "database-stack-complete"),
    ] {
        practice.ok(&["cloudformation", "delete-stack", "--stack-name", stack]);
        change_set(&practice, stack);
        practice.verify(&["0"]).assert_fails(check, said);
    }
    let held = practice.verify(&["0", "1"]);
    assert_eq!(held.passing(), ["setup-stack-complete", "database-cluster-available"]);
}

#[test]
fn the_insecure_account_shows_its_open_methods_and_writes_nothing() {
    let practice = Practice::solved(&["0"]);
    let report = practice.verify_with(&["--module", "0"]);
    report.assert_proven();
    let report = practice.verify_with(&["--module", "1"]);
    assert_eq!(report.code, 1);
    let open = report.check("every-method-is-deployed-closed");
    assert_eq!(open["verdict"], "fail");
    assert_eq!(open["offenders"].as_array().unwrap().len(), 9, "{open}");
    let called = report.check("anonymous-calls-are-refused");
    assert_eq!(called["verdict"], "fail");
    // No hardening check holds before its module.
    let held = report.passing();
    assert!(held.is_empty(), "{held:?}");
    let (_, rows) = practice.http("GET", &practice.address("customizations"), &[], None);
    assert_eq!(rows, "[]", "the probes order nothing");
}

#[test]
fn the_solved_account_passes_and_no_secret_is_seen_anywhere() {
    let practice = Practice::solved(&["all"]);
    let verify = |args: &[&str]| {
        let mut command = practice.command(args);
        command.env("STEPPROOF_LOG", "trace").output().unwrap()
    };
    let output = verify(&["verify", "--practice", "--format", "json"]);
    let report = Report::of(&output);
    report.assert_proven();
    let calls = report.json["api_calls"].as_u64().unwrap();
    assert!(calls <= 60, "{calls} calls");
    let mut seen = text(&output);
    seen.push_str(&text(&verify(&["verify", "--practice", "--lang", "ja"])));
    for fact in catalog() {
        seen.push_str(&text(&verify(&["facts", fact.name, "--practice"])));
    }
    for entry in std::fs::read_dir(practice.path()).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        if name.starts_with("journal") || name.starts_with("stepproof") {
            seen.push_str(&String::from_utf8_lossy(&std::fs::read(&path).unwrap()));
        }
    }
    assert!(seen.contains("call"), "the log was written");
    for secret in client_secrets(&practice) {
        assert!(!seen.contains(&secret), "a client's secret is shown");
    }
    assert!(!seen.contains("eyJ"), "a token is shown");
    assert!(!seen.contains("X-Amz-Signature"), "a signed address is shown");
}

/// Secrets of all clients.
fn client_secrets(practice: &Practice) -> Vec<String> {
    let pool = practice.fact("user_pool")["id"].clone();
    let clients = practice.fact("user_pool_clients");
    let clients = clients["clients"].as_array().unwrap();
    assert!(clients.len() >= 2, "administrator and partner: {clients:?}");
    let id = |client: &Value| client["id"].as_str().unwrap().to_owned();
    let secret = |client| practice.client_secret(pool.as_str().unwrap(), &id(client));
    clients.iter().map(secret).collect()
}

/// Actions that are only asked for where the configuration makes it necessary.
const SOMETIMES: [&str; 17] = [
    "cloudformation:DescribeStackEvents",
    "cognito-idp:AdminListGroupsForUser",
    "cognito-idp:ListUsers",
    "iam:GetPolicy",
    "iam:GetPolicyVersion",
    "iam:ListRoles",
    "lambda:GetFunctionConfiguration",
    "lambda:GetPolicy",
    "rds:DescribeDBClusterParameterGroups",
    "rds:DescribeDBInstances",
    "secretsmanager:GetResourcePolicy",
    "secretsmanager:ListSecrets",
    "verifiedpermissions:ListIdentitySources",
    "verifiedpermissions:ListPolicyStores",
    "wafv2:GetRuleGroup",
    "xray:GetSamplingRules",
    "xray:GetTraceSegmentDestination",
];

#[test]
fn without_a_permission_its_checks_cannot_tell_and_name_it() {
    let practice = Practice::solved(&["all"]);
    let course = Course::embedded().unwrap();
    // What the clean-up alone rests on isn't read for modules; its own test denies that.
    let takes = |action: &str, cleanup: bool| {
        let parts = course.parts().filter(|part| (part.id == PartId::Cleanup) == cleanup);
        let mut checks = parts.flat_map(|part| part.steps).flat_map(|step| &step.checks);
        checks.any(|check| check.facts.iter().any(|fact| rests_on(fact, action)))
    };
    let all = catalog().iter().flat_map(|fact| fact.actions.iter().copied());
    let mut actions: Vec<&str> =
        all.filter(|action| !takes(action, true) || takes(action, false)).collect();
    actions.sort_unstable();
    actions.dedup();
    let mut wrong = Vec::new();
    for action in actions.into_iter().filter(|action| !SOMETIMES.contains(action)) {
        practice.fault(&json!([{ "action": action, "fault": "access_denied" }]));
        let report = practice.verify_with(&[]);
        if action == "sts:GetCallerIdentity" {
            continue;
        }
        // Without a required check that rests on it, the rest is proven.
        let required = course.steps().filter(|(_, step)| !step.spec.optional).any(|(_, step)| {
            let mut checks = step.checks.iter().filter(|check| !check.optional);
            checks.any(|check| check.facts.iter().any(|fact| rests_on(fact, action)))
        });
        let expected = if required { 3 } else { 0 };
        if report.code != expected {
            wrong.push(format!("{action}: exit code {}: {:?}", report.code, report.not_passing()));
        }
        for spec in course.steps().flat_map(|(_, step)| &step.checks) {
            let result = report.check(&spec.check);
            let verdict = result["verdict"].as_str().unwrap();
            // Without looking, a step that needs one which could not be looked at is blocked.
            let blocked = result["blocked_by"]["because"] == "cannot_tell";
            let named = result["message"].as_str().unwrap().contains(action);
            let good = if spec.facts.iter().any(|fact| rests_on(fact, action)) {
                blocked || (verdict == "cannot_tell" && named)
            } else {
                verdict != "fail"
            };
            if !good {
                wrong.push(format!("{action}: {result}"));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// Whether reading the fact takes the action, itself or through what it rests on.
fn rests_on(fact: &str, action: &str) -> bool {
    let spec = catalog().iter().find(|spec| spec.name == fact).unwrap();
    // `packages` declares the action whose answer it uses.
    spec.actions.contains(&action) || spec.needs.iter().any(|need| rests_on(need, action))
}

#[test]
fn trouble_with_the_account_is_told_with_its_remedy() {
    let practice = Practice::solved(&["0"]);
    practice.fault(&json!([{ "action": "*", "fault": "expired_token" }]));
    let report = practice.verify_with(&["--module", "0"]);
    assert_eq!(report.code, 3);
    let result = report.check("setup-stack-complete");
    assert_eq!(result["verdict"], "cannot_tell");
    assert!(result["message"].as_str().unwrap().contains("expired"), "{result}");
    // A few slow answers are retried.
    practice.fault(&json!([{ "action": "*", "fault": "throttling", "times": 2 }]));
    let report = practice.verify_with(&["--module", "0"]);
    report.assert_proven();
    practice.fault(&json!([]));
    let report = practice.verify_with(&["--step", "0e", "--no-probes"]);
    assert_eq!(report.code, 3);
    assert_eq!(report.check("part-lists-answer")["verdict"], "cannot_tell");
}

#[test]
fn wrong_usage_is_told_in_words_and_exits_with_2() {
    let practice = Practice::start();
    let cases: [(&[&str], &str); 9] = [
        (&["verify", "--practice", "--module", "99"], "there is no module 99"),
        (&["verify", "--practice", "--step", "1z"], "there is no step 1z"),
        (
            &["verify", "--practice", "--cleanup", "--step", "cz"],
            "there is no step cz; there are ca",
        ),
        (&["verify", "--practice", "--format", "xunit"], "xunit"),
        (&["verify", "--practice", "--frmat", "json"], "--frmat"),
        (&["verify", "--practice", "--lang", "fr"], "fr"),
        (&["verify", "--practice", "--output", "/no/such/dir/f"], "/no/such/dir/f"),
        (&["verify", "--practice", "--course", "/no/such/course"], "/no/such/course"),
        (&["facts", "no_such_fact"], "there is no fact no_such_fact"),
    ];
    for (args, says) in cases {
        let output = practice.stepproof(args);
        assert_eq!(code(&output), 2, "{args:?}: {}", text(&output));
        let words = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(words.contains(says), "{args:?}: {words}");
        assert!(output.stdout.is_empty(), "{args:?} writes no data");
    }
}

#[test]
fn without_region_or_network_the_program_says_so() {
    let practice = Practice::start();
    let aws = |extra: &[(&str, &str)]| {
        let mut command = practice.command(&["verify", "--module", "0", "--format", "json"]);
        command
            .env("AWS_EC2_METADATA_DISABLED", "true")
            .env("AWS_CONFIG_FILE", practice.path().join("none"))
            .env("AWS_SHARED_CREDENTIALS_FILE", practice.path().join("none"));
        command.envs(extra.iter().copied()).output().unwrap()
    };
    let output = aws(&[]);
    assert_eq!(code(&output), 3, "{}", text(&output));
    assert!(text(&output).contains("--region"), "{}", text(&output));
    let output = aws(&[("AWS_REGION", "us-east-1")]);
    assert_eq!(code(&output), 3, "{}", text(&output));
    assert!(text(&output).contains("No AWS credentials were found"), "{}", text(&output));
    let output = aws(&[
        ("AWS_REGION", "us-east-1"),
        ("AWS_ACCESS_KEY_ID", "AKIDEXAMPLE"),
        ("AWS_SECRET_ACCESS_KEY", "wJalrXUtnFEMI"),
        ("AWS_ENDPOINT_URL", "http://127.0.0.1:9"),
    ]);
    assert_eq!(code(&output), 3, "{}", text(&output));
    assert!(text(&output).contains("can't be reached"), "{}", text(&output));
    assert!(!text(&output).contains("wJalrXUtnFEMI"), "the secret key is shown");
}

#[test]
fn one_service_may_have_an_endpoint_of_its_own_but_never_a_practice_accounts() {
    let (here, there) = (Practice::start(), Practice::start());
    there.ok(&["guardduty", "create-detector", "--enable"]);
    let config = format!(
        "[profile both]\nregion = us-east-1\nendpoint_url = {}\nservices = others\n\
         [services others]\nguardduty =\n  endpoint_url = {}\n",
        here.endpoint(),
        there.endpoint(),
    );
    here.file("config", &config);
    let detector = |args: &[&str], extra: &[(&str, String)]| {
        let output = here
            .command(&[&["facts", "detector"], args].concat())
            .env("AWS_ACCESS_KEY_ID", "000000000000")
            .env("AWS_SECRET_ACCESS_KEY", "practice")
            .env("AWS_CONFIG_FILE", here.path().join("config"))
            .env("AWS_SHARED_CREDENTIALS_FILE", "/dev/null")
            .envs(extra.iter().cloned())
            .output()
            .unwrap();
        let none = text(&output).contains("there is no GuardDuty detector");
        assert_ne!(output.status.success(), none, "{}", text(&output));
        output.status.success()
    };
    let variables = [
        ("AWS_REGION", "us-east-1".to_owned()),
        ("AWS_ENDPOINT_URL", here.endpoint()),
        ("AWS_ENDPOINT_URL_GUARDDUTY", there.endpoint()),
    ];
    assert!(!detector(&[], &variables[..2]));
    assert!(detector(&[], &variables));
    assert!(detector(&["--profile", "both"], &[]));
    assert!(!detector(&["--practice"], &variables), "a practice account is read whole");
}

#[test]
fn a_locked_or_damaged_journal_stops_no_verification_and_is_kept() {
    let practice = Practice::start();
    let journal = practice.path().join("journal.sqlite");
    std::fs::write(&journal, b"no journal at all, but somebody's notes").unwrap();
    let output = practice.stepproof(&["verify", "--practice", "--module", "0", "--format", "json"]);
    assert_eq!(code(&output), 1, "{}", text(&output));
    assert!(serde_json::from_slice::<Value>(&output.stdout).is_ok());
    let words = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(words.contains("not recorded") && words.contains("mv "), "{words}");
    assert_eq!(std::fs::read(&journal).unwrap(), b"no journal at all, but somebody's notes");
}

#[test]
fn a_reader_that_closes_the_pipe_meets_no_panic() {
    let practice = Practice::start();
    let mut child =
        practice.command(&["facts"]).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    drop(child.stdout.take());
    let output = child.wait_with_output().unwrap();
    assert!(!text(&output).contains("panicked"), "{}", text(&output));
    assert_eq!(code(&output), 0);
}

#[test]
fn a_result_file_is_written_whole_and_replaces_the_one_before() {
    let practice = Practice::start();
    let file = practice.path().join("result.json");
    std::fs::write(&file, "older").unwrap();
    let path = file.to_str().unwrap();
    let args = ["verify", "--practice", "--module", "0", "--format", "json", "--output", path];
    let output = practice.stepproof(&args);
    assert_eq!(code(&output), 1, "{}", text(&output));
    assert!(output.stdout.is_empty());
    let report: Value = serde_json::from_slice(&std::fs::read(&file).unwrap()).unwrap();
    assert_eq!(report["schema"], 1);
    assert!(leftovers(practice.path()).is_empty());
}

fn leftovers(dir: &Path) -> Vec<String> {
    std::fs::read_dir(dir)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().to_string_lossy().into_owned())
        .filter(|name| Path::new(name).extension().is_some_and(|e| e == "tmp"))
        .collect()
}

#[test]
fn the_report_fits_its_schema() {
    let report = Practice::start().verify(&["0", "cleanup"]).json;
    assert!(report["cleanup"]["steps"].is_array());
    let schema = serde_json::to_value(stepproof::report::schema()).unwrap();
    let validator = jsonschema::validator_for(&schema).unwrap();
    let errors: Vec<String> = validator.iter_errors(&report).map(|e| e.to_string()).collect();
    assert!(errors.is_empty(), "{errors:?}");
}
