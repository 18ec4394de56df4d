//! `verify` from outside: the program against practice accounts of its own.
#![expect(clippy::unwrap_used, clippy::panic, reason = "a test says what broke by panicking")]

use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, Output, Stdio};

use serde_json::{Value, json};
use stepproof::account::catalog;
use stepproof::course::Course;
use tempfile::TempDir;

/// A data directory with a practice account in it; its server ends with it.
struct Practice {
    home: TempDir,
    server: Option<Child>,
    endpoint: String,
}

impl Practice {
    /// A practice account that is solved up to some modules.
    fn solved(modules: &[&str]) -> Self {
        let mut practice = Self::empty();
        for module in modules {
            let output = practice.run(&["practice", "solve", module]);
            assert_eq!(code(&output), 0, "solve {module}: {}", text(&output));
        }
        practice.serve();
        practice
    }

    fn empty() -> Self {
        let home = tempfile::tempdir().unwrap();
        Self { home, server: None, endpoint: String::new() }
    }

    /// Serves it from a process of its own, so that faults can be set.
    fn serve(&mut self) {
        let mut server = self
            .command(&["practice", "start"])
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut line = String::new();
        BufReader::new(server.stderr.take().unwrap()).read_line(&mut line).unwrap();
        let at = line.find("http://").unwrap_or_else(|| panic!("no address in {line}"));
        let address = line[at..].split_whitespace().next().unwrap();
        address.trim_end_matches('.').clone_into(&mut self.endpoint);
        self.server = Some(server);
    }

    fn faults(&self, faults: &Value) {
        let client = reqwest::Client::new();
        let request = client.post(format!("{}/_practice/faults", self.endpoint)).json(faults);
        let status = runtime().block_on(request.send()).unwrap().status();
        assert!(status.is_success(), "{status}");
    }

    fn command(&self, args: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_stepproof"));
        command.args(args).env("STEPPROOF_HOME", self.home.path()).env("LC_ALL", "C");
        for name in ["AWS_PROFILE", "AWS_REGION", "AWS_ACCESS_KEY_ID", "AWS_ENDPOINT_URL"] {
            command.env_remove(name);
        }
        command
    }

    fn run(&self, args: &[&str]) -> Output {
        self.command(args).output().unwrap()
    }

    /// Verifies and gives the exit code and the report.
    fn verify(&self, args: &[&str]) -> (i32, Value) {
        let all = [&["verify", "--practice", "--format", "json"], args].concat();
        let output = self.run(&all);
        let report = serde_json::from_slice(&output.stdout)
            .unwrap_or_else(|error| panic!("{error}: {}", text(&output)));
        (code(&output), report)
    }
}

impl Drop for Practice {
    fn drop(&mut self) {
        if let Some(mut server) = self.server.take() {
            let _ = server.kill();
            let _ = server.wait();
        }
    }
}

fn runtime() -> tokio::runtime::Runtime {
    tokio::runtime::Runtime::new().unwrap()
}

fn code(output: &Output) -> i32 {
    output.status.code().unwrap()
}

fn text(output: &Output) -> String {
    String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr)
}

fn checks(report: &Value) -> Vec<&Value> {
    report["modules"]
        .as_array()
        .unwrap()
        .iter()
        .flat_map(|module| module["steps"].as_array().unwrap())
        .flat_map(|step| step["checks"].as_array().unwrap())
        .collect()
}

fn check<'a>(report: &'a Value, name: &str) -> &'a Value {
    checks(report)
        .into_iter()
        .find(|check| check["check"] == name)
        .unwrap_or_else(|| panic!("no {name}"))
}

fn not_passing(report: &Value) -> Vec<String> {
    checks(report)
        .into_iter()
        .filter(|check| check["verdict"] != "pass")
        .map(|check| format!("{} {}: {}", check["check"], check["verdict"], check["message"]))
        .collect()
}

#[test]
fn an_empty_account_fails_with_what_to_do() {
    let (code, report) = Practice::empty().verify(&["--module", "0"]);
    assert_eq!(code, 1);
    let message = check(&report, "setup-stack-complete")["message"].as_str().unwrap();
    assert!(message.contains("Secure-Serverless isn't in us-east-1"), "{message}");
    assert_eq!(check(&report, "app-stack-complete")["verdict"], "blocked");
    assert_eq!(report["account"], "000000000000");
    assert_eq!(report["kind"], "practice");
}

#[test]
fn the_insecure_account_shows_its_open_methods_and_writes_nothing() {
    let practice = Practice::solved(&["0"]);
    let (code, report) = practice.verify(&["--module", "0"]);
    assert_eq!((code, not_passing(&report)), (0, Vec::new()));
    let (code, report) = practice.verify(&["--module", "1"]);
    assert_eq!(code, 1);
    let open = check(&report, "every-method-is-deployed-closed");
    assert_eq!(open["verdict"], "fail");
    assert_eq!(open["offenders"].as_array().unwrap().len(), 9, "{open}");
    let called = check(&report, "anonymous-calls-are-refused");
    assert_eq!(called["verdict"], "fail");
    // No hardening check holds before its module.
    let held: Vec<&Value> =
        checks(&report).into_iter().filter(|check| check["verdict"] == "pass").collect();
    assert!(held.is_empty(), "{held:?}");
    let api = report_fact(&practice, "api")["url"].as_str().unwrap().to_owned();
    let rows = runtime().block_on(async {
        let get = |url: String| async move { reqwest::get(url).await?.json::<Value>().await };
        get(format!("{api}customizations")).await.unwrap()
    });
    assert_eq!(rows, json!([]), "the probes order nothing");
}

fn report_fact(practice: &Practice, name: &str) -> Value {
    let output = practice.run(&["facts", name, "--practice"]);
    assert_eq!(code(&output), 0, "{}", text(&output));
    serde_json::from_slice(&output.stdout).unwrap()
}

#[test]
fn the_solved_account_passes_and_no_secret_is_seen_anywhere() {
    let practice = Practice::solved(&["all"]);
    let verify = |args: &[&str]| {
        let mut command = practice.command(args);
        command.env("STEPPROOF_LOG", "trace").output().unwrap()
    };
    let output = verify(&["verify", "--practice", "--format", "json"]);
    let report: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!((code(&output), not_passing(&report)), (0, Vec::new()));
    assert!(report["api_calls"].as_u64().unwrap() <= 60, "{} calls", report["api_calls"]);
    let mut seen = text(&output);
    seen.push_str(&text(&verify(&["verify", "--practice", "--lang", "ja"])));
    for fact in catalog() {
        seen.push_str(&text(&verify(&["facts", fact.name, "--practice"])));
    }
    for entry in std::fs::read_dir(practice.home.path()).unwrap() {
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

/// Secrets of all clients, asked for as a program with AWS's protocol would.
fn client_secrets(practice: &Practice) -> Vec<String> {
    let pool = report_fact(practice, "user_pool")["id"].clone();
    let clients = report_fact(practice, "user_pool_clients");
    let clients = clients["clients"].as_array().unwrap();
    assert!(clients.len() >= 2, "administrator and partner: {clients:?}");
    let config = aws_sdk_cognitoidentityprovider::Config::builder()
        .behavior_version_latest()
        .endpoint_url(&practice.endpoint)
        .region(aws_sdk_cognitoidentityprovider::config::Region::new("us-east-1"))
        .credentials_provider(aws_sdk_cognitoidentityprovider::config::Credentials::new(
            "000000000000",
            "practice",
            None,
            None,
            "test",
        ))
        .build();
    let cognito = aws_sdk_cognitoidentityprovider::Client::from_conf(config);
    runtime().block_on(async {
        let mut secrets = Vec::new();
        for client in clients {
            let answer = cognito
                .describe_user_pool_client()
                .user_pool_id(pool.as_str().unwrap())
                .client_id(client["id"].as_str().unwrap())
                .send()
                .await
                .unwrap();
            secrets.push(answer.user_pool_client().unwrap().client_secret().unwrap().to_owned());
        }
        secrets
    })
}

/// Actions that are only asked for where the configuration makes it necessary.
const SOMETIMES: [&str; 3] =
    ["cloudformation:DescribeStackEvents", "lambda:GetFunctionConfiguration", "lambda:GetPolicy"];

#[test]
fn without_a_permission_its_checks_cannot_tell_and_name_it() {
    let practice = Practice::solved(&["all"]);
    let course = Course::embedded().unwrap();
    let mut actions: Vec<&str> =
        catalog().iter().flat_map(|fact| fact.actions.iter().copied()).collect();
    actions.sort_unstable();
    actions.dedup();
    for action in actions.into_iter().filter(|action| !SOMETIMES.contains(action)) {
        practice.faults(&json!([{ "action": action, "fault": "access_denied" }]));
        let (code, report) = practice.verify(&[]);
        if action == "sts:GetCallerIdentity" {
            continue;
        }
        assert_eq!(code, 3, "{action}: {:?}", not_passing(&report));
        for (_, step) in course.steps() {
            for spec in &step.checks {
                let result = check(&report, &spec.check);
                if spec.facts.iter().any(|fact| rests_on(fact, action)) {
                    assert_eq!(result["verdict"], "cannot_tell", "{action}: {result}");
                    assert!(
                        result["message"].as_str().unwrap().contains(action),
                        "{action} is not named: {result}"
                    );
                } else {
                    assert_ne!(result["verdict"], "fail", "{action}: {result}");
                }
            }
        }
    }
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
    practice.faults(&json!([{ "action": "*", "fault": "expired_token" }]));
    let (code, report) = practice.verify(&["--module", "0"]);
    assert_eq!(code, 3);
    let result = check(&report, "setup-stack-complete");
    assert_eq!(result["verdict"], "cannot_tell");
    assert!(result["message"].as_str().unwrap().contains("expired"), "{result}");
    // A few slow answers are retried.
    practice.faults(&json!([{ "action": "*", "fault": "throttling", "times": 2 }]));
    let (code, report) = practice.verify(&["--module", "0"]);
    assert_eq!((code, not_passing(&report)), (0, Vec::new()));
    practice.faults(&json!([]));
    let (code, report) = practice.verify(&["--module", "0", "--region", "eu-west-1"]);
    assert_eq!(code, 1);
    assert_eq!(report["region"], "eu-west-1");
    let (code, report) = practice.verify(&["--step", "0e", "--no-probes"]);
    assert_eq!(code, 3);
    assert_eq!(check(&report, "part-lists-answer")["verdict"], "cannot_tell");
}

#[test]
fn wrong_usage_is_told_in_words_and_exits_with_2() {
    let practice = Practice::empty();
    let cases: [(&[&str], &str); 8] = [
        (&["verify", "--practice", "--module", "99"], "there is no module 99"),
        (&["verify", "--practice", "--step", "1z"], "there is no step 1z"),
        (&["verify", "--practice", "--format", "junit"], "junit"),
        (&["verify", "--practice", "--frmat", "json"], "--frmat"),
        (&["verify", "--practice", "--lang", "fr"], "fr"),
        (&["verify", "--practice", "--output", "/no/such/dir/f"], "/no/such/dir/f"),
        (&["verify", "--practice", "--course", "/no/such/course"], "/no/such/course"),
        (&["facts", "no_such_fact"], "there is no fact no_such_fact"),
    ];
    for (args, says) in cases {
        let output = practice.run(args);
        assert_eq!(code(&output), 2, "{args:?}: {}", text(&output));
        let words = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(words.contains(says), "{args:?}: {words}");
        assert!(output.stdout.is_empty(), "{args:?} writes no data");
    }
}

#[test]
fn without_region_or_network_the_program_says_so() {
    let practice = Practice::empty();
    let aws = |extra: &[(&str, &str)]| {
        let mut command = practice.command(&["verify", "--module", "0", "--format", "json"]);
        command
            .env("AWS_EC2_METADATA_DISABLED", "true")
            .env("AWS_CONFIG_FILE", practice.home.path().join("none"))
            .env("AWS_SHARED_CREDENTIALS_FILE", practice.home.path().join("none"));
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
fn a_locked_or_damaged_journal_stops_no_verification_and_is_kept() {
    let practice = Practice::empty();
    let journal = practice.home.path().join("journal.sqlite");
    std::fs::write(&journal, b"no journal at all, but somebody's notes").unwrap();
    let output = practice.run(&["verify", "--practice", "--module", "0", "--format", "json"]);
    assert_eq!(code(&output), 1, "{}", text(&output));
    assert!(serde_json::from_slice::<Value>(&output.stdout).is_ok());
    let words = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(words.contains("not recorded") && words.contains("mv "), "{words}");
    assert_eq!(std::fs::read(&journal).unwrap(), b"no journal at all, but somebody's notes");
}

#[test]
fn a_reader_that_closes_the_pipe_meets_no_panic() {
    let practice = Practice::empty();
    let mut child =
        practice.command(&["facts"]).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    drop(child.stdout.take());
    let output = child.wait_with_output().unwrap();
    assert!(!text(&output).contains("panicked"), "{}", text(&output));
    assert_eq!(code(&output), 0);
}

#[test]
fn a_result_file_is_written_whole_and_replaces_the_one_before() {
    let practice = Practice::empty();
    let file = practice.home.path().join("result.json");
    std::fs::write(&file, "older").unwrap();
    let path = file.to_str().unwrap();
    let args = ["verify", "--practice", "--module", "0", "--format", "json", "--output", path];
    let output = practice.run(&args);
    assert_eq!(code(&output), 1, "{}", text(&output));
    assert!(output.stdout.is_empty());
    let report: Value = serde_json::from_slice(&std::fs::read(&file).unwrap()).unwrap();
    assert_eq!(report["schema"], 1);
    assert!(leftovers(practice.home.path()).is_empty());
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
    let (_, report) = Practice::empty().verify(&[]);
    let schema = serde_json::to_value(stepproof::report::schema()).unwrap();
    let validator = jsonschema::validator_for(&schema).unwrap();
    let errors: Vec<String> = validator.iter_errors(&report).map(|e| e.to_string()).collect();
    assert!(errors.is_empty(), "{errors:?}");
}
