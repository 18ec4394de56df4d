//! The transform against AWS's own translator, on the course's templates and our fixture.
//! Needs a Python with `aws-sam-translator` (1.115.0 was the one compared with): its path in
//! `STEPPROOF_SAM_PYTHON`, then `cargo test --test sam_translator -- --ignored`.

#![expect(clippy::unwrap_used, reason = "a test stops at what it did not expect")]

use std::collections::BTreeMap;
use std::io::Write as _;
use std::process::{Command, Stdio};

use regex::Regex;
use serde_json::Value;
use stepproof::practice::template::{parameters, parse, sam};

const SCRIPT: &str = r"
import json, sys
from samtranslator.translator.transform import transform
class Loader:
    def load(self):
        return {}
json.dump(transform(json.load(sys.stdin), {}, Loader()), sys.stdout)
";

fn theirs(python: &str, template: &Value) -> Value {
    let mut child = Command::new(python)
        .args(["-c", SCRIPT])
        .env("AWS_DEFAULT_REGION", "us-east-1")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("the Python of STEPPROOF_SAM_PYTHON starts");
    child.stdin.take().unwrap().write_all(template.to_string().as_bytes()).unwrap();
    let output = child.wait_with_output().unwrap();
    assert!(output.status.success());
    serde_json::from_slice(&output.stdout).unwrap()
}

/// Deployments end in a hash of a Python dictionary's text: its order can't be ours.
fn without_hashes(template: &Value) -> Value {
    let text = template.to_string();
    let text = Regex::new("Deployment[0-9a-f]{10}").unwrap().replace_all(&text, "Deployment");
    let text = Regex::new("deployment id: [0-9a-f]{40}").unwrap().replace_all(&text, "id");
    serde_json::from_str(&text).unwrap()
}

/// Local code, as `aws cloudformation package` would have put it into S3.
fn packaged(template: &mut Value) {
    for resource in template["Resources"].as_object_mut().unwrap().values_mut() {
        let Some(properties) = resource.get_mut("Properties") else { continue };
        for key in ["CodeUri", "ContentUri"] {
            if let Some(uri) = properties.get_mut(key)
                && uri.as_str().is_some_and(|uri| !uri.starts_with("s3://"))
            {
                *uri = "s3://bucket/code.zip".into();
            }
        }
    }
}

#[test]
#[ignore = "needs aws-sam-translator in the Python of STEPPROOF_SAM_PYTHON"]
fn makes_what_the_translator_makes() {
    let python = std::env::var("STEPPROOF_SAM_PYTHON").expect("STEPPROOF_SAM_PYTHON");
    let extra = std::env::var("STEPPROOF_SAM_TEMPLATES").unwrap_or_default();
    let own = [
        "content/app/template.yaml",
        "content/app/database.yaml",
        "tests/fixtures/templates/serverless.yaml",
    ];
    for path in own.into_iter().chain(extra.split(':').filter(|path| !path.is_empty())) {
        let mut template = parse(&std::fs::read_to_string(path).unwrap()).unwrap();
        if template.get("Transform").is_none() {
            continue;
        }
        packaged(&mut template);
        let texts = parameters::resolve(&template, &BTreeMap::new(), &BTreeMap::new()).unwrap();
        let ours = sam::transform(&template, &parameters::values(&template, &texts)).unwrap();
        let (ours, theirs) = (without_hashes(&ours), without_hashes(&theirs(&python, &template)));
        let (left, right) = (&ours["Resources"], &theirs["Resources"]);
        let names = |all: &Value| {
            let mut names: Vec<_> = all.as_object().unwrap().keys().cloned().collect();
            names.sort();
            names
        };
        assert_eq!(names(left), names(right), "{path}");
        for (name, resource) in right.as_object().unwrap() {
            assert_eq!(&left[name], resource, "{path}: {name}");
        }
    }
}
