//! What a grader can rely on: signatures, and that nothing a learner wrote decides.

use std::path::Path;
use std::process::{Command, Output, Stdio};

use serde_json::Value;
use ssh_key::private::{Ed25519Keypair, KeypairData};
use ssh_key::{LineEnding, PrivateKey};
use stepproof::check::{AccountKind, Verdict};
use stepproof::course::Course;
use stepproof::progress::{Entry, Journal, Learner, Verified};

use super::{AUTHENTICATED, EMPTY, SET_UP, grade, json_of, room};
use crate::support::{Practice, code, text};

/// Writes a pair of keys: `NAME` and `NAME.pub`.
fn keys(practice: &Practice, name: &str, seed: u8) {
    let pair = KeypairData::Ed25519(Ed25519Keypair::from_seed(&[seed; 32]));
    let key = PrivateKey::new(pair, format!("{name}@example.org")).unwrap();
    practice.file(name, &key.to_openssh(LineEnding::LF).unwrap());
    practice.file(&format!("{name}.pub"), &key.public_key().to_openssh().unwrap());
}

fn verify_report(practice: &Practice, args: &[&str]) -> Output {
    let all = [&["report", "verify"], args].concat();
    practice.command(&all).current_dir(practice.path()).output().unwrap()
}

#[test]
fn a_signed_report_is_what_the_grader_wrote_and_no_byte_else() {
    let practice = room();
    keys(&practice, "grader", 1);
    keys(&practice, "learner", 2);
    let written = ["--format", "json", "--output", "grades.json", "--sign", "grader"];
    let output = grade(&practice, &written);
    assert_eq!(code(&output), 1, "{}", text(&output));

    let good = verify_report(&practice, &["grades.json", "--signers", "grader.pub"]);
    assert_eq!(code(&good), 0, "{}", text(&good));
    for part in
        ["Good signature by grader@example.org (ssh-ed25519 SHA256:", "0 of 6 proven", "the same"]
    {
        assert!(text(&good).contains(part), "{part} in\n{}", text(&good));
    }

    // A better grade than was given.
    let report = practice.path().join("grades.json");
    let bytes = std::fs::read_to_string(&report).unwrap();
    let better = bytes.replacen("\"verdict\":\"fail\"", "\"verdict\":\"pass\"", 1);
    assert_ne!(better, bytes);
    std::fs::write(&report, better).unwrap();
    let forged = verify_report(&practice, &["grades.json", "--signers", "grader.pub"]);
    assert_eq!(code(&forged), 1);
    assert!(text(&forged).contains("was changed after signing"), "{}", text(&forged));
    std::fs::write(&report, &bytes).unwrap();

    let other = verify_report(&practice, &["grades.json", "--signers", "learner.pub"]);
    assert_eq!(code(&other), 1);
    assert!(text(&other).contains("none of the signers'"), "{}", text(&other));

    std::fs::remove_file(practice.path().join("grades.json.sig")).unwrap();
    let unsigned = verify_report(&practice, &["grades.json", "--signers", "grader.pub"]);
    assert_eq!(code(&unsigned), 2);
    assert!(text(&unsigned).contains("Get both from the grader"), "{}", text(&unsigned));
}

#[test]
fn each_file_of_a_directory_has_its_signature() {
    let practice = room();
    keys(&practice, "grader", 1);
    let to = ["--format", "gradescope", "--output", "results", "--sign", "grader"];
    grade(&practice, &to);
    for account in [AUTHENTICATED, SET_UP, EMPTY] {
        let file = format!("results/{account}.json");
        let good = verify_report(&practice, &[&file, "--signers", "grader.pub", "--lang", "ja"]);
        assert_eq!(code(&good), 0, "{}", text(&good));
        assert!(text(&good).contains("署名は有効です"), "{}", text(&good));
    }
}

#[test]
fn a_key_that_cannot_sign_is_told_before_any_account_is_read() {
    let practice = Practice::start();
    keys(&practice, "grader", 1);
    practice.file("text", "no key");
    let key = PrivateKey::from_openssh(std::fs::read(practice.path().join("grader")).unwrap());
    let kdf = ssh_key::Kdf::Bcrypt { salt: vec![7; 16], rounds: 1 };
    let locked = key.unwrap().encrypt_with(ssh_key::Cipher::Aes256Ctr, kdf, 42, "open sesame");
    practice.file("locked", &locked.unwrap().to_openssh(LineEnding::LF).unwrap());
    for (key, what) in [
        ("missing", "cannot read the key"),
        ("text", "without .pub"),
        ("grader.pub", "without .pub"),
        ("locked", "ssh-keygen -Y sign -n stepproof"),
    ] {
        let all = ["verify", "--practice", "--output", "report.txt", "--sign", key];
        let mut command = practice.command(&all);
        let output = command.current_dir(practice.path()).stdin(Stdio::null()).output().unwrap();
        assert_eq!(code(&output), 2, "{key}: {}", text(&output));
        assert!(text(&output).contains(what), "{key}: {}", text(&output));
        assert!(!practice.path().join("report.txt").exists());
    }
    let alone = practice.stepproof(&["verify", "--practice", "--sign", "grader"]);
    assert_eq!(code(&alone), 2);
    assert!(text(&alone).contains("--output"), "{}", text(&alone));
}

/// Everything that decides about a learner: verdicts, states and points.
fn decided(report: &Value) -> Value {
    let mut modules = report["modules"].clone();
    for module in modules.as_array_mut().unwrap() {
        for step in module["steps"].as_array_mut().unwrap() {
            for check in step["checks"].as_array_mut().unwrap() {
                let kept = ["check", "verdict", "message", "offenders"];
                let check = check.as_object_mut().unwrap();
                check.retain(|name, _| kept.contains(&name.as_str()));
            }
        }
    }
    serde_json::json!({ "score": report["score"], "modules": modules })
}

/// A journal in which everything is proven, seen by the account's own caller.
fn forge(practice: &Practice, account: &str) {
    let course = Course::embedded().unwrap();
    let (id, sha256) = (course.index.id.clone(), course.sha256.clone());
    let learner = Learner { course: id, kind: AccountKind::Practice, account: account.to_owned() };
    let checks = course.steps().flat_map(|(_, step)| &step.checks);
    let verdicts = checks.map(|check| (check.check.clone(), Verdict::Pass)).collect();
    let caller = format!("arn:aws:iam::{account}:user/practice");
    let mut entries = vec![Entry::Verified(Verified {
        caller,
        course_sha256: sha256,
        verdicts,
        failures: std::collections::BTreeMap::new(),
    })];
    entries.extend(course.steps().map(|(_, s)| Entry::Proven { step: s.spec.id.clone() }));
    let journal = Journal::open(&practice.path().join("journal.sqlite")).unwrap();
    journal.record(&learner, &entries).unwrap();
}

#[test]
fn a_forged_journal_changes_nothing_in_a_graders_report() {
    let practice = room();
    let honest = json_of(&grade(&practice, &["--format", "json"]));
    for account in [EMPTY, SET_UP, AUTHENTICATED] {
        forge(&practice, account);
    }
    let after = json_of(&grade(&practice, &["--format", "json"]));
    let all = |grades: &Value| -> Vec<Value> {
        let accounts = grades["accounts"].as_array().unwrap().iter();
        accounts.map(|one| decided(&one["report"])).collect()
    };
    assert_eq!(all(&after), all(&honest));
    assert_eq!(after["summary"], honest["summary"]);

    // The learner's own run takes up from the journal what was proven before, and nothing else.
    let mut verify = practice.command(&["verify", "--practice", "--format", "json"]);
    let output = verify.env("AWS_ACCESS_KEY_ID", SET_UP).output().unwrap();
    assert_eq!(code(&output), 1, "{}", text(&output));
    let own = json_of(&output);
    let swept = &super::of(&honest, SET_UP)["report"];
    assert_eq!(own["score"], swept["score"]);
    assert!(own.to_string().contains("\"state\":\"regressed\""), "the journal was read");
    let verdicts = |report: &Value| -> Vec<Value> {
        let modules = report["modules"].as_array().unwrap().iter();
        let steps = modules.flat_map(|module| module["steps"].as_array().unwrap());
        let checks = steps.flat_map(|step| step["checks"].as_array().unwrap());
        checks.filter(|check| check["verdict"] == "pass").map(|c| c["check"].clone()).collect()
    };
    assert_eq!(verdicts(&own), verdicts(swept));
}

#[test]
fn a_report_names_who_looked_at_what_and_what_was_probed() {
    let practice = Practice::solved(&["0"]);
    let report = practice.verify_with(&[]).json;
    for (name, part) in [
        ("account", "000000000000"),
        ("caller", "arn:aws"),
        ("tool", "stepproof "),
        ("region", "us-east-1"),
        ("started", "T"),
        ("kind", "practice"),
    ] {
        assert!(report[name].as_str().unwrap().contains(part), "{name}: {}", report[name]);
    }
    assert_eq!(report["course"]["sha256"].as_str().unwrap().len(), 64);
    let probed = report["probed"].as_array().unwrap();
    assert!(probed.iter().all(|one| one["address"].as_str().unwrap().starts_with("http://127.")));
    let sent: u64 = probed.iter().map(|one| one["requests"].as_u64().unwrap()).sum();
    assert!(sent > 8, "{probed:?}");
    let quiet = practice.verify_with(&["--no-probes"]).json;
    assert_eq!(quiet["probed"], serde_json::json!([]));
}

fn openssh(dir: &Path, words: &[&str], input: Option<&Path>) -> Output {
    let mut command = Command::new("ssh-keygen");
    command.args(words).current_dir(dir).stdin(Stdio::null());
    if let Some(input) = input {
        command.stdin(std::fs::File::open(input).unwrap());
    }
    command.output().expect("OpenSSH's ssh-keygen")
}

/// Keys that OpenSSH makes sign here, and OpenSSH says whose signature it is; and the other way round.
#[test]
#[ignore = "needs OpenSSH; run by `.ci/run openssh`"]
fn openssh_and_stepproof_read_each_others_signatures() {
    let practice = Practice::start();
    let dir = practice.path();
    let report = dir.join("report.json");
    for (kind, bits) in [("ed25519", "256"), ("ecdsa", "256")] {
        let made = ["-q", "-t", kind, "-b", bits, "-N", "", "-C", "grader@example.org", "-f", kind];
        assert!(openssh(dir, &made, None).status.success());
        let args = ["verify", "--practice", "--format", "json", "--module", "0"];
        let args = [&args[..], &["--output", "report.json", "--sign", kind]].concat();
        let output = practice.command(&args).current_dir(dir).output().unwrap();
        assert_eq!(code(&output), 1, "{}", text(&output));
        let public = std::fs::read_to_string(dir.join(format!("{kind}.pub"))).unwrap();
        practice.file("allowed", &format!("grader@example.org namespaces=\"stepproof\" {public}"));

        let check = ["-Y", "verify", "-f", "allowed", "-I", "grader@example.org"];
        let check = [&check[..], &["-n", "stepproof", "-s", "report.json.sig"]].concat();
        let theirs = openssh(dir, &check, Some(&report));
        assert!(theirs.status.success(), "{kind}: {}", text(&theirs));
        let ours = verify_report(&practice, &["report.json", "--signers", "allowed"]);
        assert_eq!(code(&ours), 0, "{kind}: {}", text(&ours));

        std::fs::remove_file(dir.join("report.json.sig")).unwrap();
        let sign =
            openssh(dir, &["-Y", "sign", "-n", "stepproof", "-f", kind, "report.json"], None);
        assert!(sign.status.success(), "{kind}: {}", text(&sign));
        let ours = verify_report(&practice, &["report.json", "--signers", "allowed"]);
        assert_eq!(code(&ours), 0, "{kind}: {}", text(&ours));

        let commit = openssh(dir, &["-Y", "sign", "-n", "git", "-f", kind, "allowed"], None);
        assert!(commit.status.success(), "{kind}: {}", text(&commit));
        let other = ["allowed", "--signers", "allowed"];
        assert_eq!(code(&verify_report(&practice, &other)), 1, "{kind}: made for something else");
    }
    assert!(openssh(dir, &["-q", "-t", "rsa", "-N", "", "-f", "rsa"], None).status.success());
    let args = ["verify", "--practice", "--output", "report.txt", "--sign", "rsa"];
    let output = practice.command(&args).current_dir(dir).output().unwrap();
    assert_eq!(code(&output), 2);
    assert!(text(&output).contains("ssh-keygen -t ed25519"), "{}", text(&output));
}
