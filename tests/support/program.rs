//! The program under test, and the AWS CLI.

use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::sync::LazyLock;

use serde_json::Value;
use stepproof::account::Target;
use stepproof::cli::course::execute::{Workplace, steps};
use stepproof::cli::course::values::{AccountValues, names};
use stepproof::course::{Course, PartId};

use super::report::Report;
use super::{ACCOUNT, Practice, REGION};

/// What a command of the AWS CLI came to.
pub struct Ended {
    /// Its exit code.
    pub code: Option<i32>,
    /// Both streams, standard output first.
    pub text: String,
}

impl Ended {
    /// Whether it succeeded.
    pub fn good(&self) -> bool {
        self.code == Some(0)
    }

    /// Its answer, which must be JSON.
    pub fn json(&self) -> Value {
        assert!(self.good(), "{}", self.text);
        serde_json::from_str(&self.text).unwrap_or_else(|_| panic!("no JSON: {}", self.text))
    }
}

/// The exit code.
pub fn code(output: &Output) -> i32 {
    output.status.code().unwrap()
}

/// Both streams, standard output first.
pub fn text(output: &Output) -> String {
    String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr)
}

/// The program over a data directory, untouched by the environment that the tests run in.
pub fn stepproof(home: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_stepproof"));
    clean(&mut command);
    command.env("STEPPROOF_HOME", home).env("LC_ALL", "C");
    command
}

fn clean(command: &mut Command) {
    for (name, _) in std::env::vars_os() {
        let text = name.to_string_lossy();
        // Where the CLI finds certificates is the machine's business, not an account's.
        let foreign = text.starts_with("AWS_") && text != "AWS_CA_BUNDLE";
        let proxy = text.to_ascii_lowercase().ends_with("_proxy");
        if foreign || proxy || text.starts_with("STEPPROOF_") {
            command.env_remove(&name);
        }
    }
}

/// The AWS CLI: the machine's, else the one that CI installs.
static AWS: LazyLock<PathBuf> = LazyLock::new(|| {
    let has = Command::new("aws").arg("--version").output().is_ok_and(|run| run.status.success());
    if has {
        return PathBuf::from("aws");
    }
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join(".ci/venv");
    let target = Path::new(env!("CARGO_TARGET_TMPDIR")).parent().unwrap();
    let output = Command::new(script).env("CARGO_TARGET_DIR", target).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    Path::new(String::from_utf8(output.stdout).unwrap().trim()).join("aws")
});

/// A PATH with the AWS CLI; where the machine has none, CI's is used.
pub fn path_with_aws() -> String {
    let found = AWS.parent().unwrap_or(Path::new("")).display();
    format!("{found}:{}", std::env::var("PATH").unwrap_or_default())
}

impl Practice {
    /// The program over this data directory.
    pub fn command(&self, args: &[&str]) -> Command {
        let mut command = stepproof(self.path());
        command.args(args);
        command
    }

    /// Runs the program.
    pub fn stepproof(&self, args: &[&str]) -> Output {
        self.command(args).output().unwrap()
    }

    /// Verifies modules (`5`), steps (`5b`) and the clean-up (`cleanup`); all modules without any.
    pub fn verify(&self, what: &[&str]) -> Report {
        let number = |name: &str| name.bytes().all(|byte| byte.is_ascii_digit());
        let flags = what.iter().flat_map(|name| match *name {
            "cleanup" => vec!["--cleanup"],
            name if number(name) => vec!["--module", name],
            name => vec!["--step", name],
        });
        self.verify_with(&flags.collect::<Vec<_>>())
    }

    /// Verifies with these arguments.
    pub fn verify_with(&self, args: &[&str]) -> Report {
        let all = [&["verify", "--practice", "--format", "json"], args].concat();
        Report::of(&self.stepproof(&all))
    }

    /// A fact, as `stepproof facts NAME` reads it.
    pub fn fact(&self, name: &str) -> Value {
        let output = self.stepproof(&["facts", name, "--practice"]);
        assert_eq!(code(&output), 0, "{}", text(&output));
        serde_json::from_slice(&output.stdout).unwrap()
    }

    /// Runs the blocks of some steps of a part's page as written, in the practice copy of the app.
    pub fn run_page(&self, part: PartId, wanted: &[&str]) {
        let course = Course::embedded().unwrap();
        let target = Target::practice(&self.endpoint(), ACCOUNT, names(&course));
        let mut place = Workplace::new(&self.app(), &self.endpoint(), ACCOUNT, REGION);
        place.environment.push(("PATH".to_owned(), path_with_aws()));
        let all: Vec<u8> = course.modules.iter().map(|module| module.entry.number).collect();
        self.block_on(async {
            let mut values = AccountValues::connect(&course, target).await.unwrap();
            let wanted = |step: &str| wanted.contains(&step);
            let ran = steps(&course, part, &all, wanted, &place, &mut values).await;
            ran.unwrap_or_else(|error| panic!("{error}"));
        });
    }

    /// Runs the AWS CLI against the account.
    pub fn aws(&self, words: &[&str]) -> Ended {
        self.aws_as(ACCOUNT, words)
    }

    /// Runs the AWS CLI with another access key, which names another account.
    pub fn aws_as(&self, key: &str, words: &[&str]) -> Ended {
        let mut command = Command::new(&*AWS);
        clean(&mut command);
        // Version 1 of the CLI leaves AWS_ENDPOINT_URL aside for RDS and SQS (it puts the name of
        // their old certificates in its place), but not the option; `cloudformation package`
        // uploads to S3 without looking at the option.
        let output = command
            .args(words)
            .args(["--endpoint-url", &self.endpoint()])
            .current_dir(self.path())
            .env("AWS_ENDPOINT_URL", self.endpoint())
            .env("AWS_ACCESS_KEY_ID", key)
            .env("AWS_SECRET_ACCESS_KEY", "practice")
            .env("AWS_DEFAULT_REGION", REGION)
            .env("AWS_DEFAULT_OUTPUT", "json")
            .env("AWS_PAGER", "")
            .env("AWS_MAX_ATTEMPTS", "1")
            .env("AWS_CONFIG_FILE", "/dev/null")
            .env("AWS_SHARED_CREDENTIALS_FILE", "/dev/null")
            .output()
            .unwrap();
        Ended { code: output.status.code(), text: text(&output) }
    }

    /// Runs the AWS CLI, which must succeed; its output.
    pub fn ok(&self, words: &[&str]) -> String {
        let ended = self.aws(words);
        assert!(ended.good(), "aws {}: {}", words.join(" "), ended.text);
        ended.text.trim().to_owned()
    }
}
