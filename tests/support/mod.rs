//! The harness of whole-program tests: practice accounts of their own, reached through the program,
//! the unmodified AWS CLI and HTTP, as a learner reaches them.

mod apis;
mod app;
mod program;
mod report;
mod stacks;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use serde_json::{Value, json};
use stepproof::practice::store::Store;
use stepproof::practice::{Options, Running, serve};
use tokio::runtime::Runtime;

pub use {
    program::{Ended, code, path_with_aws, stepproof, text},
    report::Report,
};

/// The practice account that is used where a test names no other.
pub const ACCOUNT: &str = "000000000000";
/// The region that everything happens in.
pub const REGION: &str = "us-east-1";

/// Files of a data directory, by their path in it.
type Files = BTreeMap<PathBuf, Vec<u8>>;

/// Solved states that this test program made already, by what was solved.
static SOLVED: Mutex<BTreeMap<Vec<String>, Arc<Files>>> = Mutex::new(BTreeMap::new());

/// A data directory with a practice account in it, served until it is dropped.
pub struct Practice {
    home: tempfile::TempDir,
    runtime: Runtime,
    server: Option<Running>,
    http: reqwest::Client,
}

impl Practice {
    /// An empty account.
    pub fn start() -> Self {
        Self::over(tempfile::tempdir().unwrap())
    }

    /// An account on which modules or steps were solved, in this order. Each state is made once a
    /// test program, and then copied.
    pub fn solved(targets: &[&str]) -> Self {
        let home = tempfile::tempdir().unwrap();
        write(home.path(), &solved(targets));
        Self::over(home)
    }

    /// The accounts that a data directory holds.
    pub fn over(home: tempfile::TempDir) -> Self {
        let runtime = Runtime::new().unwrap();
        let store = Store::open(&home.path().join("practice.sqlite")).unwrap();
        let options = Options { store, port: 0, faults: Vec::new() };
        let server = runtime.block_on(serve(options)).unwrap();
        let notice = json!({ "pid": std::process::id(), "port": server.port });
        std::fs::write(home.path().join("practice.json"), notice.to_string()).unwrap();
        let http = reqwest::Client::builder().no_proxy().build().unwrap();
        Self { home, runtime, server: Some(server), http }
    }

    /// The same accounts, served anew.
    pub fn restart(mut self) -> Self {
        self.stop();
        let home = std::mem::replace(&mut self.home, tempfile::tempdir().unwrap());
        Self::over(home)
    }

    fn stop(&mut self) {
        if let Some(server) = self.server.take() {
            self.runtime.block_on(server.stop());
        }
    }

    /// The data directory; the AWS CLI runs in it.
    pub fn path(&self) -> &Path {
        self.home.path()
    }

    /// The practice copy of the app, once something is solved.
    pub fn app(&self) -> PathBuf {
        self.path().join(format!("practice-app-{ACCOUNT}"))
    }

    /// `http://127.0.0.1:PORT`
    pub fn endpoint(&self) -> String {
        self.server.as_ref().unwrap().endpoint()
    }

    /// Writes a file in the data directory.
    pub fn file(&self, name: &str, text: &str) {
        let path = self.path().join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    }

    /// Waits for a future.
    pub fn block_on<F: Future>(&self, future: F) -> F::Output {
        self.runtime.block_on(future)
    }

    /// Solves modules or steps, as a learner would who has the program alone.
    pub fn solve(&self, targets: &[&str]) {
        let output = self.stepproof(&[&["practice", "solve"], targets].concat());
        assert_eq!(code(&output), 0, "solve {targets:?}: {}", text(&output));
    }

    /// Puts faults in force: `[{"action": "lambda:*", "fault": "throttling"}]`.
    pub fn fault(&self, faults: &Value) {
        self.control("faults", faults);
    }

    /// Sets the accounts' clock so many seconds ahead.
    pub fn set_ahead(&self, seconds: i32) {
        self.control("clock", &json!({ "ahead": seconds }));
    }

    /// Sets how a service of the account behaves: `inspector`, `{"seconds": 5}`.
    pub fn pace(&self, service: &str, settings: &Value) {
        let mut settings = settings.clone();
        settings["account"] = ACCOUNT.into();
        self.control(service, &settings);
    }

    fn control(&self, what: &str, settings: &Value) {
        let url = format!("{}/_practice/{what}", self.endpoint());
        let (status, text) = self.http("POST", &url, &[], Some(settings));
        assert_eq!(status, 200, "{text}");
    }

    /// Sends a request, with a JSON body if any: status and body.
    pub fn http(
        &self,
        method: &str,
        url: &str,
        headers: &[(&str, &str)],
        json: Option<&Value>,
    ) -> (u16, String) {
        let body = json.map(Value::to_string).unwrap_or_default();
        let kind = json.map(|_| ("content-type", "application/json"));
        let headers: Vec<_> = headers.iter().copied().chain(kind).collect();
        self.send(method, url, &headers, body.as_bytes())
    }

    /// Sends a request as it is: status and body.
    pub fn send(
        &self,
        method: &str,
        url: &str,
        headers: &[(&str, &str)],
        body: &[u8],
    ) -> (u16, String) {
        let (status, _, text) = self.exchange(method, url, headers, body);
        (status, text)
    }

    /// The same: status, error type as AWS names it in a header (or nothing), and body.
    pub fn exchange(
        &self,
        method: &str,
        url: &str,
        headers: &[(&str, &str)],
        body: &[u8],
    ) -> (u16, String, String) {
        let mut request = self.http.request(method.parse().unwrap(), url).body(body.to_vec());
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        self.block_on(async {
            let answer = request.send().await.unwrap();
            let kind = answer.headers().get("x-amzn-errortype").map(|kind| kind.to_str().unwrap());
            let kind = kind.unwrap_or_default().to_owned();
            (answer.status().as_u16(), kind, answer.text().await.unwrap())
        })
    }

    /// Calls an operation of a service that speaks REST with JSON, as the console does; its answer.
    pub fn rest(&self, service: &str, method: &str, path: &str, json: Option<&Value>) -> Value {
        let url = format!("{}{path}", self.endpoint());
        let headers = [("authorization", signature(service))];
        let headers: Vec<_> = headers.iter().map(|(name, value)| (*name, value.as_str())).collect();
        let (status, text) = self.http(method, &url, &headers, json);
        assert!((200..300).contains(&status), "{method} {path}: {status} {text}");
        serde_json::from_str(&text).unwrap_or_default()
    }

    /// Calls an operation of a service that speaks JSON by target: `DynamoDB_20120810.PutItem`.
    pub fn target(&self, service: &str, target: &str, json: &Value) -> Value {
        let signature = signature(service);
        let headers = [("authorization", signature.as_str()), ("x-amz-target", target)];
        let (status, text) = self.http("POST", &self.endpoint(), &headers, Some(json));
        assert_eq!(status, 200, "{target}: {text}");
        serde_json::from_str(&text).unwrap_or_default()
    }
}

impl Drop for Practice {
    fn drop(&mut self) {
        self.stop();
    }
}

/// A signature's header of the account. The practice account reads whose it is, and verifies nothing.
pub fn signature(service: &str) -> String {
    format!(
        "AWS4-HMAC-SHA256 Credential={ACCOUNT}/20260101/{REGION}/{service}/aws4_request, \
         SignedHeaders=host, Signature=0"
    )
}

/// The files of a solved state: made from the state before its last target.
fn solved(targets: &[&str]) -> Arc<Files> {
    // One at a time: whoever needs the same state waits for it.
    let mut known = SOLVED.lock().unwrap_or_else(PoisonError::into_inner);
    let key = |until: usize| -> Vec<String> {
        targets[..until].iter().map(|target| (*target).to_owned()).collect()
    };
    let mut state = Arc::<Files>::default();
    for until in 1..=targets.len() {
        if let Some(found) = known.get(&key(until)) {
            state = Arc::clone(found);
            continue;
        }
        let home = tempfile::tempdir().unwrap();
        write(home.path(), &state);
        let mut command = program::stepproof(home.path());
        let output = command.args(["practice", "solve", targets[until - 1]]).output().unwrap();
        assert_eq!(code(&output), 0, "solve {}: {}", targets[until - 1], text(&output));
        let mut files = Files::new();
        read(home.path(), home.path(), &mut files);
        state = Arc::new(files);
        known.insert(key(until), Arc::clone(&state));
    }
    state
}

fn read(root: &Path, dir: &Path, files: &mut Files) {
    for entry in std::fs::read_dir(dir).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            read(root, &path, files);
        } else {
            let name = path.strip_prefix(root).unwrap().to_owned();
            files.insert(name, std::fs::read(&path).unwrap());
        }
    }
}

fn write(root: &Path, files: &Files) {
    for (name, bytes) in files {
        let path = root.join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, bytes).unwrap();
    }
}
